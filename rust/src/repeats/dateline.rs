//! Datelines and bylines in front of a paragraph.

/// Bytes of a text in which a dateline must end, and its words.
const WIDTH: usize = 120;
const WORDS: usize = 12;

/// What stands before the names of authors.
const BY: [&str; 12] = ["by", "von", "par", "por", "di", "door", "de", "autor", "author", "przez", "автор", "af"];
/// Small words inside places and dates.
const SMALL: [&str; 14] = ["of", "de", "del", "da", "do", "la", "le", "di", "and", "und", "et", "y", "a", "am"];
/// Words of a name, at the most.
const NAME: usize = 4;

/// Lists the places, in bytes, where the text may begin behind a dateline or a byline.
pub fn ends(text: &str) -> Vec<usize> {
    let mut width = text.len().min(WIDTH);
    while !text.is_char_boundary(width) {
        width -= 1;
    }
    let head = &text[..width];
    let mut ends = Vec::new();
    ends.extend(behind_dash(head));
    ends.extend(behind_bracket(head));
    behind_names(head, &mut ends);
    ends
}

/// Behind the first dash, if what stands before it is a place, a date, an agency.
fn behind_dash(head: &str) -> Option<usize> {
    let dashes = head.char_indices().filter(|&(_, c)| matches!(c, '-' | '–' | '—' | '―'));
    let mut spaced = dashes.filter(|&(at, c)| c == '—' || head[..at].ends_with([' ', '-', ')']));
    let (at, dash) = spaced.find(|&(at, c)| head[at + c.len_utf8()..].starts_with([' ', '-', '\u{a0}']) || c == '—')?;
    let end = at + dash.len_utf8();
    let end = end + head[end..].len() - head[end..].trim_start_matches(['-', ' ']).len();
    is_dateline(head[..at].trim_end_matches([' ', '-'])).then_some(end)
}

/// Behind a bracket that ends a dateline, or is one.
fn behind_bracket(head: &str) -> Option<usize> {
    let (at, close) = head.char_indices().find(|(_, c)| matches!(c, ')' | '）' | '】' | ']'))?;
    let end = at + close.len_utf8();
    let full = head.starts_with(['【', '（']);
    (full || is_dateline(&head[..end])).then_some(end)
}

/// Whether a text is a place, a date, an agency in brackets: nothing else has a small letter in front, and there is more than one name.
fn is_dateline(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() || words.len() > WORDS {
        return false;
    }
    let bracketed = text.ends_with([')', ']', '）']) && text.contains(['(', '[', '（']);
    let capitals = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count() >= 3 && !word.chars().any(char::is_lowercase);
    let digit = |i: usize| words.get(i).is_some_and(|word| word.contains(|c: char| c.is_ascii_digit()));
    let placed = capitals(words[0]) && (words.len() == 1 || text.contains([',', '(', '/']));
    let dated = text.contains(',') && (0..words.len()).any(digit) && words[0].starts_with(char::is_uppercase);
    let fits = |(i, word): (usize, &&str)| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let small = bare.starts_with(char::is_lowercase);
        let inside = text[..word.as_ptr() as usize - text.as_ptr() as usize].contains(['(', '[']) || word.starts_with(['(', '[']);
        !small || inside || SMALL.contains(&bare) || digit(i + 1) || (i > 0 && digit(i - 1))
    };
    (bracketed || placed || dated) && words.iter().enumerate().all(fits)
}

/// Behind the names that follow a *by*.
fn behind_names(head: &str, ends: &mut Vec<usize>) {
    let mut words = head.split_whitespace();
    let by = words.next().map(str::to_lowercase).unwrap_or_default();
    if !BY.contains(&by.trim_end_matches(':')) {
        return;
    }
    for (i, word) in words.take(NAME).enumerate() {
        if !word.starts_with(char::is_uppercase) || word.contains(|c: char| c.is_numeric()) {
            return;
        }
        let end = word.as_ptr() as usize - head.as_ptr() as usize + word.len();
        if i > 0 {
            ends.push(end);
        }
        if word.ends_with(['.', '!', '?']) && word.chars().count() > 2 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(text: &str) -> Vec<&str> {
        ends(text).into_iter().map(|end| text[end..].trim_start()).collect()
    }

    #[test]
    fn datelines() {
        for front in
            ["(CNSNews.com) – ", "LONDON, May 3 (Reuters) - ", "PARIS, 3 mai — ", "WASHINGTON -- ", "Berlin (dpa) – ", "МОСКВА, 3 мая — "]
        {
            assert!(rest(&format!("{front}The ferry was late.")).contains(&"The ferry was late."), "{front}");
        }
        assert!(rest("By Ann Smith The ferry was late.").contains(&"The ferry was late."));
        assert!(rest("【東京】船は遅れた。").contains(&"船は遅れた。"));
    }

    #[test]
    fn other_fronts() {
        for front in ["It is not true – ", "Not in May – ", "Correction - ", "No. 5 - "] {
            assert_eq!(rest(&format!("{front}the ferry was late.")), Vec::<&str>::new(), "{front}");
        }
    }
}
