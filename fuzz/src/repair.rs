//! Repair of one line: what is tidy stays so, and the scan never passes over what a repair would change.

use std::sync::LazyLock;

use regex::Regex;
use textclean_native::repair::code;
use textclean_native::repair::scan::{Asked, calm_marks};
use textclean_native::repair::{html, inline, markup, tidy};
use textclean_native::text::{lines, shape, surrogates};
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::settle;

/// Every function on a line keeps its promise for the lines of the text.
pub fn check(data: &[u8]) {
    let (options, text) = crate::options_and_text(data);
    let asked = Asked { quotes: options & 1 != 0, width: options & 2 != 0 };
    assert_replaced(data);
    let split = lines::split(&text);
    for span in &split.spans {
        check_line(&text[span.range()], asked);
    }
    check_text(&text, &split);
}

fn check_line(line: &str, asked: Asked) {
    let facts = lines::facts(line);
    if !settle::scanner().may_change(line, facts, asked) {
        assert_left_alone(line, asked);
    }
    assert!(settle::scanner().may_change(line, facts, asked) || !settle::scanner().may_change(line, facts, Asked::default()));
    assert_eq!(tidy::tidy(line, facts), tidy::tidy(line, 0xFF), "facts say only where not to look");
    let tidied = settle::tidied(line);
    assert_eq!(settle::tidied(&tidied), tidied, "tidying what is tidy");
    assert!(is_part(&tidied, line), "{tidied:?} is not made of {line:?}");
    let code = tidy::verbatim(line);
    assert_eq!(tidy::verbatim(&code), code, "what is verbatim");
    let plain = tidy::tidy_characters(line);
    assert_eq!(tidy::tidy_characters(&plain), plain);
    if let Some(escaped) = markup::escape(&plain) {
        assert_ne!(escaped, plain, "nothing was escaped");
        assert!(markup::escape(&escaped).is_none(), "what is escaped reads as a tag still: {escaped:?}");
    }
    let repaired = settle::repaired(line);
    assert_eq!(settle::repaired(&repaired), repaired, "repairing what is repaired");
    assert_eq!(calm_marks(line).nfc().collect::<String>(), line.nfc().collect::<String>());
    assert!(shape::width(line) <= 2 * line.chars().count());
    let html = html::text(line, html::Html::Fragment);
    assert!(html.len() <= line.len() + 1, "{html:?} is longer than {line:?}");
}

/// What ftfy does is not called for: no entity, no control, nothing decomposed, no ligature, no mojibake.
fn assert_left_alone(line: &str, asked: Asked) {
    static ENTITY: LazyLock<Regex> = LazyLock::new(|| Regex::new("&#?[0-9A-Za-z]{1,24};").expect("a pattern"));
    static BAD: LazyLock<Regex> = LazyLock::new(|| Regex::new(settle::MOJIBAKE).expect("a pattern"));
    static STRANGE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            "[\\x00-\\x08\\x0e-\\x1f\\x7f\u{fb00}-\u{fb06}\u{132}\u{133}\u{149}\u{1c4}-\u{1cc}\u{1f1}-\u{1f3}\u{feff}\u{206a}-\u{206f}]",
        )
        .expect("a pattern")
    });
    static QUOTES: LazyLock<Regex> = LazyLock::new(|| Regex::new("[\u{2bc}\u{2018}-\u{201f}]").expect("a pattern"));
    static WIDE: LazyLock<Regex> = LazyLock::new(|| Regex::new("[\u{3000}\u{ff01}-\u{ffef}]").expect("a pattern"));
    for pattern in [&ENTITY, &BAD, &STRANGE] {
        assert!(!pattern.is_match(line), "the scan passes over {line:?}");
    }
    assert!(is_nfc(line), "the scan passes over {line:?}, which is not composed");
    assert!(!asked.quotes || !QUOTES.is_match(line), "the scan passes over {line:?}");
    assert!(!asked.width || !WIDE.is_match(line), "the scan passes over {line:?}");
}

/// Whether all characters of `part` but spaces stand in `whole`, in their order.
fn is_part(part: &str, whole: &str) -> bool {
    let mut left = whole.chars();
    part.chars().filter(|c| *c != ' ').all(|c| left.any(|other| other == c))
}

/// Functions on all lines of a text: what they return stands in order and inside it.
fn check_text(text: &str, split: &lines::Split) {
    let all: Vec<&str> = split.spans.iter().map(|span| &text[span.range()]).collect();
    let line = |i: usize| code::Line { text: all[i], after_blank: false, uneven: true, foreign: true };
    let mut at = 0;
    for range in code::stretches(all.len(), line) {
        assert!(at <= range.start && range.start < range.end && range.end as usize <= all.len(), "{range:?} behind {at}");
        at = range.end;
    }
    if all.len() > 1 {
        let sure: Vec<bool> = all.windows(2).map(|two| inline::closes(two[0], two[1])).collect();
        let links = inline::links(all.len(), |i| all[i], &sure);
        assert!(links.len() == sure.len() && sure.iter().zip(&links).all(|(sure, link)| link | !sure), "what is sure is linked");
    }
    for html in [html::Html::Fragment, html::Html::Document] {
        let mut at = 0;
        for span in html::split(text, html).spans {
            let range = span.range();
            assert!(at <= range.start && range.start < range.end, "{range:?} behind {at}");
            // A span that parts a character ends the program here.
            at = range.start + text[range].len();
        }
    }
}

/// Surrogates in UTF-8 become replacement characters of the same length, in bytes and in code points.
fn assert_replaced(data: &[u8]) {
    let (mut bytes, mut points) = (Vec::new(), 0);
    for pair in data.chunks_exact(2) {
        let unit = u32::from(u16::from_le_bytes([pair[0], pair[1]]));
        match char::from_u32(unit) {
            Some(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            None => bytes.extend([0xE0 | (unit >> 12) as u8, 0x80 | (unit >> 6 & 0x3F) as u8, 0x80 | (unit & 0x3F) as u8]),
        }
        points += 1;
    }
    let replaced = surrogates::replaced(bytes.clone());
    assert_eq!((replaced.len(), replaced.chars().count()), (bytes.len(), points));
}
