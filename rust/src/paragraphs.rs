//! The paragraphs of a document: where each stands.

use std::ops::Range;

/// A stretch of a document, in bytes of its UTF-8 and in code points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// `[start, end)` in bytes.
    pub bytes: Range<usize>,
    /// `[start, end)` in code points.
    pub chars: Range<usize>,
}

/// Calls `each` with every paragraph of `text`, in order: a line that holds more than white space, without the white space around it.
///
/// Lines end at CR, LF, VT, FF, NEL, U+2028 and U+2029.
pub fn for_each_paragraph(text: &str, mut each: impl FnMut(Paragraph)) {
    let (mut start, mut chars) = (0, 0);
    for line in text.split(['\r', '\n', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']) {
        let body = line.trim_start();
        let (lead, body) = (line.len() - body.len(), body.trim_end());
        let lead_chars = count(&line[..lead]);
        if !body.is_empty() {
            let (at, first) = (start + lead, chars + lead_chars);
            each(Paragraph { bytes: at..at + body.len(), chars: first..first + count(body) });
        }
        start += line.len();
        chars += count(line);
        // The separator: one code point of one to three bytes.
        if let Some(end) = text[start..].chars().next() {
            start += end.len_utf8();
            chars += 1;
        }
    }
}

fn count(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn spans_hold_the_lines(text in "([a\u{e9}\u{1f600} \\t]|\\n|\\r|\u{2028}|\u{85}){0,60}") {
            let mut found = Vec::new();
            for_each_paragraph(&text, |p| found.push(p));
            let chars: Vec<char> = text.chars().collect();
            let by_bytes: Vec<&str> = found.iter().map(|p| &text[p.bytes.clone()]).collect();
            let by_chars: Vec<String> = found.iter().map(|p| chars[p.chars.clone()].iter().collect()).collect();
            let naive: Vec<&str> =
                text.split(['\n', '\r', '\u{2028}', '\u{85}']).map(str::trim).filter(|line| !line.is_empty()).collect();
            prop_assert_eq!(&by_bytes, &naive);
            prop_assert_eq!(&by_chars, &naive);
        }
    }
}
