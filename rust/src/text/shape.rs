//! The shape of a line: how wide it looks, how it ends, whether it reads as prose.

/// Returns the columns that a line takes: two for the scripts that fill them.
pub fn width(text: &str) -> usize {
    // The greatest byte says which characters there can be, and is found without reading any.
    match text.bytes().fold(0, u8::max) {
        0..0x80 => text.len(),
        0x80..FIRST_WIDE => text.chars().count(),
        _ => text.chars().map(columns).sum(),
    }
}

/// No character of two columns begins with a byte below this.
const FIRST_WIDE: u8 = 0xE3;

fn columns(c: char) -> usize {
    1 + usize::from(is_unspaced(c) && !matches!(c, '\u{E00}'..='\u{E7F}'))
}

/// Whether a character belongs to a script that puts no space between words.
pub fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{E00}'..='\u{E7F}' | '\u{3000}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
}

/// Whether a character is a quote or bracket that may follow the end of a sentence.
pub fn closes(c: char) -> bool {
    matches!(c, '"' | '\'' | '”' | '’' | '»' | ')' | ']' | '」' | '』')
}

/// Lists letters and digits in lower case: what two lines have in common that differ in marks and white space alone.
pub fn letters(line: &str) -> impl Iterator<Item = char> {
    line.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
}

/// Whether the line closes with a mark that ends a sentence, quotes and brackets aside.
pub fn ends_sentence(line: &str) -> bool {
    let end = line.trim_end_matches(closes);
    end.ends_with(['.', '!', '?', ':', ';', '…', '。', '！', '？', '؟', '।'])
}

/// A line this wide that ends a sentence is prose; one of `PROSE_ANYWAY` is whatever its end.
const PROSE_WIDTH: usize = 60;
const PROSE_ANYWAY: usize = 200;

/// Whether a line reads as running text rather than as a heading, a label or an item.
pub fn is_prose(line: &str) -> bool {
    // A column takes one byte to four, so most lines need no counting.
    if line.len() < PROSE_WIDTH || line.len() >= PROSE_ANYWAY * 4 {
        return line.len() >= PROSE_WIDTH;
    }
    let sentence = ends_sentence(line);
    if sentence && line.len() >= PROSE_WIDTH * 4 {
        return true;
    }
    width(line) >= if sentence { PROSE_WIDTH } else { PROSE_ANYWAY }
}

/// The widest line that is still a label, in columns.
const SHORT_WIDTH: usize = 60;

/// Whether a line is short and no sentence.
pub fn is_short(line: &str) -> bool {
    line.len() <= SHORT_WIDTH * 4 && !ends_sentence(line) && width(line) <= SHORT_WIDTH
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CJK characters fill two columns.
    #[test]
    fn widths() {
        assert_eq!((width("abc"), width("é"), width("日本"), width("ไทย")), (3, 1, 4, 3));
    }

    /// What the bytes of a text say of its width is what its characters say.
    #[test]
    fn bytes_tell_widths() {
        for c in ('\0'..=char::MAX).filter(|c| columns(*c) == 2) {
            assert!(c.encode_utf8(&mut [0; 4]).as_bytes()[0] >= FIRST_WIDE, "{c:?}");
        }
    }

    /// A sentence ends at its mark, whatever quote or bracket follows.
    #[test]
    fn ends() {
        assert!(ends_sentence("He said “no.”") && ends_sentence("終わり。」") && !ends_sentence("The Latest"));
    }
}
