//! The form of a line that rules see.
//!
//! A rule is written once, in lower case with straight quotes; pages write the same words in any case, with curly quotes, in
//! full-width forms, behind a bullet or before an arrow. Folding works character by character once the decoration at both ends is
//! gone, so the folded form of a line begins with the folded form of its beginning: [`crate::rules::candidates`] relies on that.

/// Bullets, arrows and lines that pages put before an entry.
fn leads(c: char) -> bool {
    c.is_whitespace() || matches!(c, '»' | '›' | '>' | '|' | '#' | '…') || is_ornament(c)
}

/// The same behind it, and the colon that opens a list.
fn trails(c: char) -> bool {
    c.is_whitespace() || matches!(c, '»' | '›' | '>' | '|' | '…' | ':' | '：') || is_ornament(c)
}

fn is_ornament(c: char) -> bool {
    matches!(
        c,
        '*' | '•'
            | '·'
            | '●'
            | '○'
            | '◦'
            | '▪'
            | '▫'
            | '■'
            | '□'
            | '◆'
            | '◇'
            | '►'
            | '▶'
            | '▷'
            | '▸'
            | '‣'
            | '→'
            | '➜'
            | '+'
            | '='
            | '~'
            | '_'
            | '-'
            | '–'
            | '—'
            | '✓'
            | '✔'
            | '★'
            | '☆'
            | '※'
            | '▼'
            | '▲'
            | '△'
            | '▽'
            | '↓'
            | '↑'
    )
}

/// Returns the line without the decoration at its ends.
pub fn strip(line: &str) -> &str {
    line.trim_start_matches(leads).trim_end_matches(trails)
}

/// Marks, as folded, that close a sentence or a bracket.
pub const CLOSING: &[u8] = b".)]!?\"' ";

/// Returns the line without what folds to [`CLOSING`] marks at its end.
pub fn without_closing(stripped: &str) -> &str {
    stripped.trim_end_matches(|c: char| match c {
        '\0'..='\x7F' => CLOSING.contains(&(c as u8)) || c == '`',
        '…' | '\u{3000}' | '\u{A0}' | '）' | '］' | '！' | '？' | '．' | '＂' | '＇' | '｀' => true,
        '‘' | '’' | '‚' | '‛' | 'ʼ' | '´' | '′' | '“' | '”' | '„' | '‟' | '«' | '»' | '″' => true,
        _ => false,
    })
}

/// Returns the folded form of a stripped line; `case` keeps capitals.
pub fn fold(stripped: &str, case: bool) -> String {
    let mut out = String::with_capacity(stripped.len());
    fold_to(stripped, case, &mut out);
    out
}

/// Does what [`fold`] does, into a buffer that it empties first.
pub fn fold_to(stripped: &str, case: bool, out: &mut String) {
    out.clear();
    fold_into(stripped, case, out);
}

fn fold_into(text: &str, case: bool, out: &mut String) {
    let mut rest = text;
    while !rest.is_empty() {
        // The one ASCII character that folds otherwise than to lower case is the backquote.
        let plain = rest.bytes().position(|b| b >= 0x80 || b == b'`').unwrap_or(rest.len());
        let from = out.len();
        out.push_str(&rest[..plain]);
        if !case {
            out[from..].make_ascii_lowercase();
        }
        let mut chars = rest[plain..].chars();
        if let Some(c) = chars.next() {
            fold_char(c, case, out);
        }
        rest = chars.as_str();
    }
}

/// Fills `out` with the first bytes of the folded form without case, at least `bytes` of them where the line has as many.
pub fn fold_head(stripped: &str, bytes: usize, out: &mut String) {
    let plain = stripped.as_bytes().get(..bytes).is_some_and(<[u8]>::is_ascii);
    let end = if plain { bytes } else { stripped.char_indices().nth(bytes).map_or(stripped.len(), |(at, _)| at) };
    out.clear();
    fold_into(&stripped[..end], false, out);
}

/// Fills `out` with the last bytes of the folded form without case, at least `bytes` of them where the line has as many.
pub fn fold_tail(stripped: &str, bytes: usize, out: &mut String) {
    // So many characters fold to at least as many bytes.
    let tail = stripped.len().saturating_sub(bytes);
    let plain = stripped.as_bytes()[tail..].is_ascii();
    let start = if plain { tail } else { stripped.char_indices().rev().nth(bytes).map_or(0, |(at, _)| at) };
    out.clear();
    fold_into(&stripped[start..], false, out);
}

#[inline]
fn fold_char(c: char, case: bool, out: &mut String) {
    match c {
        'A'..='Z' if !case => out.push(c.to_ascii_lowercase()),
        '\0'..='_' | 'a'..='\x7F' => out.push(c),
        '‘' | '’' | '‚' | '‛' | 'ʼ' | '`' | '´' | '′' => out.push('\''),
        '“' | '”' | '„' | '‟' | '«' | '»' | '″' => out.push('"'),
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => out.push('-'),
        '…' => out.push_str("..."),
        '\u{3000}' | '\u{A0}' => out.push(' '),
        '\u{FF01}'..='\u{FF5E}' => {
            let narrow = char::from_u32(c as u32 - 0xFEE0).unwrap_or(c);
            out.push(if case { narrow } else { narrow.to_ascii_lowercase() });
        }
        // Turkish writes four letters where others write two; rules are written with the dotted one.
        'İ' | 'ı' if !case => out.push('i'),
        _ if case => out.push(c),
        _ => out.extend(c.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Decoration goes, case and typography fold.
    #[test]
    fn folds() {
        assert_eq!(fold(strip("» “It’s” – Here… READ MORE →"), false), "\"it's\" - here... read more");
        assert_eq!(fold(strip("• By Ann O’Neil"), true), "By Ann O'Neil");
        assert_eq!(fold(strip("ＳＨＡＲＥ：YORUM YAZIN"), false), "share:yorum yazin");
        assert_eq!(strip("* * *"), "");
    }

    proptest! {
        /// Head and tail are what the whole begins and ends with.
        #[test]
        fn head_and_tail_agree_with_the_whole(line in "[aBİ…’ 日ﬁẞΣ.)）！»`-]{0,30}", bytes in 0usize..20) {
            let stripped = strip(&line);
            let whole = fold(stripped, false);
            let mut part = String::new();
            fold_head(stripped, bytes, &mut part);
            prop_assert!(whole.starts_with(&part) && part.len() >= bytes.min(whole.len()));
            let open = fold(without_closing(stripped), false);
            prop_assert_eq!(open, whole.trim_end_matches(|c: char| CLOSING.contains(&(c as u8)) && c.is_ascii()));
            fold_tail(stripped, bytes, &mut part);
            prop_assert!(whole.ends_with(&part) && part.len() >= bytes.min(whole.len()));
        }
    }
}
