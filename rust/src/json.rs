//! Records of JSON: where the members of an object stand, and texts as strings that are harmless wherever they are shown.

use std::fmt::{self, Write};
use std::ops::Range;

use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

/// Characters that act instead of standing for something: controls, invisible formatting (direction, joining, tags), line separators,
/// surrogates. U+200C and U+200D are not among them: scripts and emoji need them.
pub const ACTING: [(u32, u32); 17] = [
    (0x00, 0x1F),
    (0x7F, 0x9F),
    (0xAD, 0xAD),
    (0x61C, 0x61C),
    (0x180E, 0x180E),
    (0x200B, 0x200B),
    (0x200E, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0xD800, 0xDFFF),
    (0xFEFF, 0xFEFF),
    (0xFFF9, 0xFFFB),
    (0x1_3430, 0x1_343F),
    (0x1_BCA0, 0x1_BCA3),
    (0x1_D173, 0x1_D17A),
    (0xE_0000, 0xE_00FF),
    (0xE_01F0, 0xE_0FFF),
];

fn acts(c: char) -> bool {
    let c = c as u32;
    ACTING.get(ACTING.partition_point(|range| range.1 < c)).is_some_and(|range| range.0 <= c)
}

/// Whether a byte is a character that stands in a string as it is.
const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        plain[byte as usize] = byte != b'"' && byte != b'\\';
        byte += 1;
    }
    plain
};

/// Returns a text as a string of JSON that holds no acting character, and with `ascii` none beyond ASCII.
pub fn string(text: &str, ascii: bool) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16 + 2);
    out.push('"');
    let (mut at, mut kept) = (0, 0);
    while at < text.len() {
        if PLAIN[usize::from(text.as_bytes()[at])] {
            at += 1;
            continue;
        }
        let c = text[at..].chars().next().expect("a character begins here");
        if c.is_ascii() || ascii || acts(c) {
            out.push_str(&text[kept..at]);
            escape(c, &mut out);
            kept = at + c.len_utf8();
        }
        at += c.len_utf8();
    }
    out.push_str(&text[kept..]);
    out.push('"');
    out
}

fn escape(c: char, out: &mut String) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x08' => out.push_str("\\b"),
        '\x0C' => out.push_str("\\f"),
        _ => {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}").expect("a string takes everything");
            }
        }
    }
}

/// An object as it was written.
#[derive(Debug, Default, PartialEq)]
pub struct Object {
    /// Names of members and where, in bytes, their values stand, in order; doubled ones too.
    pub members: Vec<(String, Range<usize>)>,
    /// Where the last value ends, or the object begins.
    pub end: usize,
}

/// A value with more brackets than this is not looked at: who reads it later may not be able to go that deep.
const BRACKETS: usize = 500;

/// Returns the members of an object that stands alone on a line; `None` if it is none, or not one that every reader takes alike.
pub fn object(line: &str) -> Option<Object> {
    let mut deserializer = serde_json::Deserializer::from_str(line);
    let mut object = deserializer.deserialize_map(Members { line }).ok()?;
    deserializer.end().ok()?;
    object.end = object.members.last().map_or_else(|| line.find('{').map(|at| at + 1), |(_, value)| Some(value.end))?;
    Some(object)
}

/// Returns the string that stands as `value` in a line; `None` if it is no string, or has surrogates that are alone.
pub fn text(value: &str) -> Option<String> {
    serde_json::from_str(value).ok()
}

struct Members<'a> {
    line: &'a str,
}

impl<'a> Visitor<'a> for Members<'a> {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Object, A::Error> {
        let mut object = Object::default();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value::<&RawValue>()?.get();
            let nested = !value.starts_with('"') && value.bytes().filter(|b| matches!(b, b'[' | b'{')).take(BRACKETS).count() == BRACKETS;
            if nested {
                return Err(serde::de::Error::custom("too deep"));
            }
            let start = value.as_ptr() as usize - self.line.as_ptr() as usize;
            object.members.push((name, start..start + value.len()));
        }
        Ok(object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values stand where they were written, doubled names and odd numbers included.
    #[test]
    fn members() {
        let line = " {\"a\": 1e400 , \"b\\u0063\":\"x\\n\",\"a\":[{}] } ";
        let object = object(line).unwrap();
        let found: Vec<(&str, &str)> = object.members.iter().map(|(name, value)| (name.as_str(), &line[value.clone()])).collect();
        assert_eq!(found, [("a", "1e400"), ("bc", "\"x\\n\""), ("a", "[{}]")]);
        assert_eq!(&line[object.end..], " } ");
        assert_eq!(super::object("{}").unwrap().end, 1);
    }

    /// What not every reader takes is left to the slow reader.
    #[test]
    fn left() {
        let deep = format!("{{\"a\": {}1{}}}", "[".repeat(600), "]".repeat(600));
        for line in ["", "[]", "{\"a\":NaN}", "{\"a\":1} x", "{\"a\":1", &deep] {
            assert_eq!(object(line), None, "{line}");
        }
        assert_eq!(text("\"\\ud800\""), None);
    }

    /// What acts is escaped, and nothing else that need not be.
    #[test]
    fn strings() {
        assert_eq!(
            string("a\"\\\n\x1b\u{7f}\u{202e}é😀\u{200d}\u{e0100}", false),
            "\"a\\\"\\\\\\n\\u001b\\u007f\\u202eé😀\u{200d}\u{e0100}\""
        );
        assert_eq!(string("é😀~", true), "\"\\u00e9\\ud83d\\ude00~\"");
    }
}
