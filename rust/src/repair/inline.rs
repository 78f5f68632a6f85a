//! Inline elements on lines of their own: text in which links and emphasis were put on lines by a program, in the middle of a sentence.
//!
//! A line that begins with a comma or a full stop cannot be but the rest of the line above. Where a text has several such lines, a short line
//! in mid-sentence between two others is a link or an emphasis, and belongs to both. Elsewhere no line is put back: lists, menus, verse and
//! headlines have lines that begin small, and none that begins with a comma.

use crate::text::shape::{ends_sentence, is_unspaced, width};

/// So many lines of a text begin with a mark that closes before lines that begin small count as the rest of others.
pub const SEVERAL: usize = 2;
/// The widest inline element, in columns.
const ELEMENT: usize = 80;
/// A paragraph that a link leads on is at least this wide.
const PROSE: usize = 60;

/// Whether `next` begins with a mark that can only close what `line`, right above it, has begun.
pub fn closes(line: &str, next: &str) -> bool {
    let mut chars = next.chars();
    let (first, second) = (chars.next(), chars.next());
    let stands_alone = second.is_none_or(|c| c == ' ' || matches!(c, '"' | '”' | '»' | '’' | ')'));
    let ends_in_word = line.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ')' | ']' | '"' | '”' | '»' | '’' | '\'' | '%' | '…'));
    match first {
        Some(',' | '.' | ';' | '!' | '?') => stands_alone && ends_in_word,
        Some('、' | '，' | '。') => ends_in_word,
        Some(')') => second.is_none_or(|c| matches!(c, ' ' | ',' | '.' | ';')) && ends_in_word && !line.ends_with(')'),
        Some('’' | '\'') => second == Some('s') && next[first.map_or(0, char::len_utf8) + 1..].starts_with(' ') && ends_in_word,
        _ => false,
    }
}

/// Returns which lines of a block are the rest of the line above (`count - 1` entries): those that `sure` names; links in mid-sentence, with what goes on
/// behind them; and lines that begin small below running text. What comes of them must still read as a paragraph.
pub fn links<'a>(count: usize, line: impl Fn(usize) -> &'a str, sure: &[bool]) -> Vec<bool> {
    let mut links = sure.to_vec();
    for i in 0..count.saturating_sub(1) {
        let (above, this) = (line(i), line(i + 1));
        if !leads_in(above) {
            continue;
        }
        let between = i + 2 < count && is_element(this) && (sure[i + 1] || goes_on(line(i + 2)));
        if between {
            (links[i], links[i + 1]) = (true, true);
        }
        links[i] |= goes_on(this) && width(above) >= PROSE;
    }
    links
}

/// Whether a line stops in mid-sentence, before a word that is to come.
fn is_open(line: &str) -> bool {
    !ends_sentence(line)
        && line.ends_with(|c: char| c.is_alphanumeric() || matches!(c, ',' | '(' | '„' | '“' | '«' | '’' | ')' | '—' | '–'))
}

/// Whether a line begins in mid-sentence.
fn goes_on(line: &str) -> bool {
    line.starts_with(char::is_lowercase)
}

/// Whether `above` reads as the beginning of a sentence of running text that a link interrupts: it stops in mid-sentence, at a small word or a comma.
fn leads_in(above: &str) -> bool {
    let last = above.rsplit(' ').next().unwrap_or(above);
    is_open(above) && above.contains(' ') && (last.starts_with(char::is_lowercase) || above.ends_with([',', '(', '„', '“', '«']))
}

/// Whether a line can be a link or an emphasis.
fn is_element(line: &str) -> bool {
    !ends_sentence(line) && line.len() <= ELEMENT * 4 && width(line) <= ELEMENT
}

/// Whether what lines would make together is running text: then those that begin small are put back. `closed` says that one of them begins with a
/// mark that closes, so that it need not be long.
pub fn is_paragraph(text: &str, closed: bool) -> bool {
    ends_sentence(text) && (closed || width(text) >= PROSE)
}

/// Whether a space stands between two such lines.
pub fn is_spaced(line: &str, next: &str) -> bool {
    let (last, first) = (line.chars().next_back(), next.chars().next());
    let unspaced = last.is_some_and(is_unspaced) && first.is_some_and(is_unspaced);
    !unspaced && !closes(line, next) && !line.ends_with(['(', '„', '«', '“'])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A mark that closes, and lines that begin with one and are no rest of anything.
    #[test]
    fn rests_of_lines() {
        for (line, next, rest) in [
            ("said Ann Smith", ", who was there.", true),
            ("in Leeds", ".", true),
            ("the council (Leeds", ") said", true),
            ("Ann", "’s house is old", true),
            ("It ends here.", ". . .", false),
            ("Languages", ".NET and others", false),
            ("a smile", ":)", false),
            ("one", "two", false),
            ("Yes", "...and then", false),
        ] {
            assert_eq!(closes(line, next), rest, "{line} | {next}");
        }
    }
}
