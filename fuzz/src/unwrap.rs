//! Hard-wrapped text: putting lines together changes nothing but white space and hyphens at line ends, and is done once.

use textclean_native::repair::paragraphs::for_each_paragraph;
use textclean_native::repair::unwrap::joins;

use crate::settle;

/// Unwrapping changes nothing else, nothing again, and paragraphs stand where they say.
pub fn check(data: &[u8]) {
    let (_, text) = crate::options_and_text(data);
    assert_paragraphs(&text);
    let whole = settle::normalized(&text, true);
    settle::assert_at_rest(&whole, true);
    // Lines that need repair are repaired again where they were joined, which may change more.
    let plain: String = text.chars().filter(|c| matches!(c, ' '..='%' | '\''..=';' | '='..='~' | '\n' | '\u{4e00}'..='\u{9fff}')).collect();
    let (joined, apart) = (settle::normalized(&plain, true), settle::normalized(&plain, false));
    assert_eq!(letters(&joined), letters(&apart), "unwrapping changes more than white space and hyphens");
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if let Some(joins) = joins(lines.len(), |i| lines[i], |i| lines[i].ends_with('\u{ad}')) {
        assert_eq!(joins.len() + 1, lines.len());
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect()
}

fn assert_paragraphs(text: &str) {
    let (mut byte, mut point) = (0, 0);
    for_each_paragraph(text, |paragraph| {
        let (bytes, chars) = (paragraph.bytes, paragraph.chars);
        assert!(byte <= bytes.start && bytes.start < bytes.end, "{bytes:?} behind {byte}");
        let between = &text[byte..bytes.start];
        assert!(between.chars().all(char::is_whitespace), "{between:?} is in no paragraph");
        let body = &text[bytes.clone()];
        assert_eq!(body.trim(), body);
        assert_eq!(chars.start, point + between.chars().count());
        assert_eq!(chars.end - chars.start, body.chars().count());
        (byte, point) = (bytes.end, chars.end);
    });
    assert!(text[byte..].chars().all(char::is_whitespace), "{:?} is in no paragraph", &text[byte..]);
}
