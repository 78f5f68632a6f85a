//! The paragraphs of a document: where each stands.

use std::ops::Range;

use crate::repair::unwrap::{Join, joins};

/// A stretch of a document, in bytes of its UTF-8 and in code points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paragraph {
    /// `[start, end)` in bytes.
    pub bytes: Range<usize>,
    /// `[start, end)` in code points.
    pub chars: Range<usize>,
}

/// Line ends, as for any text: CR, LF, VT, FF, U+2028 and U+2029.
const ENDS: [char; 6] = ['\r', '\n', '\u{b}', '\u{c}', '\u{2028}', '\u{2029}'];
/// Lines that are looked at together, at most; more are taken as several blocks, so that a text of nothing but lines needs little memory.
const BLOCK: usize = 1 << 12;

/// Calls `each` with every paragraph of `text`, in order: a line that holds more than white space, without the white space around it, or the lines over
/// which a program has filled one paragraph (see `unwrap`), from the start of the first to the end of the last.
pub fn for_each_paragraph(text: &str, mut each: impl FnMut(Paragraph)) {
    let (mut start, mut chars, mut before, mut block) = (0, 0, None, Vec::new());
    for line in text.split(ENDS) {
        let body = line.trim_start();
        let (lead, body) = (line.len() - body.len(), body.trim_end());
        let lead_chars = count(&line[..lead]);
        let end = text[start + line.len()..].chars().next();
        // Nothing stands between CR and LF, not even a blank line.
        let blank = body.is_empty() && !(line.is_empty() && before == Some('\r') && end == Some('\n'));
        if !body.is_empty() {
            let (at, first) = (start + lead, chars + lead_chars);
            block.push(Paragraph { bytes: at..at + body.len(), chars: first..first + count(body) });
        }
        if blank || block.len() == BLOCK {
            put_together(text, &mut block, &mut each);
        }
        start += line.len() + end.map_or(0, char::len_utf8);
        chars += count(line) + usize::from(end.is_some());
        before = end;
    }
    put_together(text, &mut block, &mut each);
}

/// Calls `each` with the paragraphs of a block of lines, and empties it.
fn put_together(text: &str, block: &mut Vec<Paragraph>, each: &mut impl FnMut(Paragraph)) {
    let line = |i: usize| &text[block[i].bytes.clone()];
    let joins = joins(block.len(), line, |i| line(i).ends_with('\u{ad}')).unwrap_or_default();
    let mut joins = joins.into_iter().chain(std::iter::repeat(Join::Break));
    let mut open: Option<Paragraph> = None;
    for line in block.drain(..) {
        let paragraph = match open.take() {
            Some(first) => Paragraph { bytes: first.bytes.start..line.bytes.end, chars: first.chars.start..line.chars.end },
            None => line,
        };
        match joins.next() {
            Some(Join::Break) | None => each(paragraph),
            Some(_) => open = Some(paragraph),
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

    const WRAPPED: &str = "The committee met on Tuesday to discuss the new proposals for the\r\n\
                           h\u{e4}rbour, which had been delayed.\r\n\
                           In the afternoon the members of the board walked along the old quay\r\n\
                           and looked at the sheds that are going to be pulled down next year\r\n\
                           if the money is found.";

    fn paragraphs(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        for_each_paragraph(text, |p| found.push(p));
        let chars: Vec<char> = text.chars().collect();
        for p in &found {
            assert_eq!(chars[p.chars.clone()].iter().collect::<String>(), text[p.bytes.clone()]);
        }
        found.into_iter().map(|p| &text[p.bytes]).collect()
    }

    #[test]
    fn a_paragraph_that_a_program_filled_is_one() {
        let text = format!("Title\n\n{WRAPPED}\r\n\r\n  The end.");
        let found = paragraphs(&text);
        assert_eq!(found.len(), 4);
        assert!(found[1].ends_with("delayed.") && found[2].starts_with("In the") && found[2].ends_with("found."));
    }

    #[test]
    fn a_block_without_end_is_taken_in_parts() {
        let text = "short\n".repeat(3 * BLOCK + 1);
        assert_eq!(paragraphs(&text).len(), 3 * BLOCK + 1);
    }

    proptest! {
        #[test]
        fn spans_hold_the_lines(text in "([a\u{e9}\u{1f600} \\t]|\\n|\\r|\u{2028}|\u{85}){0,60}") {
            let mut found = Vec::new();
            for_each_paragraph(&text, |p| found.push(p));
            let chars: Vec<char> = text.chars().collect();
            let by_bytes: Vec<&str> = found.iter().map(|p| &text[p.bytes.clone()]).collect();
            let by_chars: Vec<String> = found.iter().map(|p| chars[p.chars.clone()].iter().collect()).collect();
            let naive: Vec<&str> =
                text.split(['\n', '\r', '\u{2028}']).map(str::trim).filter(|line| !line.is_empty()).collect();
            prop_assert_eq!(&by_bytes, &naive);
            prop_assert_eq!(&by_chars, &naive);
        }
    }
}
