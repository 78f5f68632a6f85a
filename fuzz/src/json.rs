//! Records of JSON: the same members as a whole parser finds, and strings that come back.

use serde_json::Value;
use textclean_native::json::{ACTING, object, string, text};

/// What is an object here is one to a whole parser, and the other way round; texts come back as they were.
pub fn check(data: &[u8]) {
    let (options, line) = crate::options_and_text(data);
    let parsed: Option<Value> = serde_json::from_str(&line).ok().filter(Value::is_object);
    match (object(&line), parsed) {
        (Some(found), Some(parsed)) => {
            let mut at = 0;
            for (name, place) in &found.members {
                assert!(at <= place.start && place.start < place.end && place.end <= found.end, "{place:?} behind {at}");
                let value: Value = serde_json::from_str(&line[place.clone()]).expect("a value stands there");
                let last = found.members.iter().rev().find(|(other, _)| other == name).is_some_and(|(_, other)| other == place);
                // Of doubled names the last one counts.
                assert!(!last || parsed[name] == value, "{name:?} is {value} here, {} there", parsed[name]);
                assert_eq!(text(&line[place.clone()]).as_deref(), value.as_str());
                at = place.end;
            }
            let mut names: Vec<&String> = found.members.iter().map(|(name, _)| name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), parsed.as_object().map_or(0, serde_json::Map::len));
            assert_eq!(line[found.end..].trim_start_matches([' ', '\t', '\n', '\r', ',']).chars().next(), Some('}'));
        }
        // Numbers too large for a float, surrogates that are alone, and values that are very deep, only one of the two takes.
        (None, Some(_)) => assert!(line.bytes().filter(|b| matches!(b, b'[' | b'{')).count() >= 500, "{line:?} is an object"),
        (Some(_), None) => {
            let odd = ["e", "E", "\\u"].iter().any(|mark| line.contains(mark)) || line.len() > 300;
            assert!(odd, "{line:?} is no object");
        }
        (None, None) => {}
    }
    let ascii = options & 1 != 0;
    let written = string(&line, ascii);
    assert_eq!(serde_json::from_str::<String>(&written).ok().as_deref(), Some(&*line), "the text does not come back");
    let acts = |c: char| ACTING.iter().any(|(first, last)| (*first..=*last).contains(&u32::from(c)));
    assert!(!written.contains(acts), "{written:?} holds a character that acts");
    assert!(!ascii || written.is_ascii());
}
