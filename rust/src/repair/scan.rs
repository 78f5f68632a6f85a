//! The proof that ftfy leaves a line alone.
//!
//! ftfy repairs well and slowly; most lines need none of it. [`Scanner::may_change`] may over-report (the line then goes to ftfy,
//! which decides) and never under-reports: where it says no, `ftfy.fix_and_explain` returns the line as it is. It follows ftfy's own
//! list of steps: entities, mojibake, C1 and other control characters, ligatures, NFC, and, only if asked, quotes and widths.
//! Line ends and surrogates are the caller's: a line holds none of the first, and is never asked about with the second.

use std::sync::Arc;

use regex::Regex;
use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::text::foreign::non_ascii;
use crate::text::lines::fact;

/// What ftfy was asked to do beyond its repairs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// Straighten curly quotes.
    pub quotes: bool,
    /// Narrow full-width and widen half-width forms.
    pub width: bool,
}

/// Holds ftfy's mojibake pattern; clones share it.
#[derive(Clone)]
pub struct Scanner {
    badness: Arc<Regex>,
}

impl Scanner {
    /// Takes ftfy's `BADNESS_RE` in the syntax of this crate's engine.
    pub fn new(badness: &str) -> Result<Self, regex::Error> {
        Ok(Scanner { badness: Arc::new(Regex::new(badness)?) })
    }

    /// False only if ftfy would return `line` unchanged; `facts` are what [`crate::text::lines::split`] saw in it.
    pub fn may_change(&self, line: &str, facts: u8, asked: Asked) -> bool {
        if facts & fact::CONTROL != 0 || (facts & fact::AMPERSAND != 0 && has_entity(line.as_bytes())) {
            return true;
        }
        facts & fact::NON_ASCII != 0 && self.non_ascii_may_change(line, asked)
    }

    fn non_ascii_may_change(&self, line: &str, asked: Asked) -> bool {
        let mut seen = 0;
        for c in non_ascii(line) {
            seen |= trait_of(c, asked);
        }
        seen & CHANGED != 0
            || (seen & UNSURE != 0 && is_nfc_quick(line.chars()) != IsNormalized::Yes)
            || (seen & LOUD != 0 && self.badness.is_match(line))
    }
}

/// ftfy changes this character wherever it stands.
const CHANGED: u8 = 1;
/// It takes part in mojibake as ftfy sees it.
const LOUD: u8 = 2;
/// It may compose with its neighbours, or be out of order.
const UNSURE: u8 = 4;

fn trait_of(c: char, asked: Asked) -> u8 {
    match c {
        // Punctuation that mojibake needs other characters beside: a line with these alone is never bad.
        '\u{A0}' | '\u{AD}' | '·' | '–' | '—' | '…' | '«' | '»' | '©' | '®' | '™' | '•' => 0,
        '\u{2BC}' | '\u{2018}'..='\u{201F}' => u8::from(asked.quotes) * CHANGED,
        '\u{132}' | '\u{133}' | '\u{149}' | '\u{1C4}'..='\u{1CC}' | '\u{1F1}'..='\u{1F3}' => CHANGED,
        '\u{FB00}'..='\u{FB06}' => CHANGED,
        '\u{206A}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFC}' => CHANGED,
        '\u{3000}' | '\u{FF01}'..='\u{FFEF}' => u8::from(asked.width) * CHANGED,
        '\u{80}'..='\u{2FF}' => LOUD,
        '\u{388}'..='\u{482}' | '\u{48A}'..='\u{52F}' => LOUD,
        '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205E}' | '\u{20A0}'..='\u{20BF}' => LOUD,
        '\u{2190}'..='\u{2328}' | '\u{232B}'..='\u{2ADB}' | '\u{F8FF}' => LOUD,
        '\u{FFFD}' => LOUD,
        // Letters without decomposition and without class, and composed ones that are already composed.
        '\u{5D0}'..='\u{5EA}' | '\u{621}'..='\u{64A}' | '\u{660}'..='\u{66F}' | '\u{671}'..='\u{6D3}' => 0,
        '\u{E01}'..='\u{E30}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202F}' | '\u{2060}'..='\u{2064}' => 0,
        '\u{3001}'..='\u{3029}' | '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FE}' => 0,
        '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{1F300}'..='\u{1FAFF}' => 0,
        '\u{300}'.. => UNSURE | LOUD,
        _ => 0,
    }
}

/// A word has a few marks on a letter; so many in a row are a prank.
const MANY_MARKS: usize = 64;

/// Returns the line in NFC, marks in order, if it has a long run of combining marks; else as it is.
pub fn calm_marks(line: &str) -> String {
    let mut run = 0;
    for c in line.chars() {
        run = if canonical_combining_class(c) == 0 { 0 } else { run + 1 };
        if run > MANY_MARKS {
            return line.nfc().collect();
        }
    }
    line.to_owned()
}

/// Whether `&#?[0-9A-Za-z]{1,24};` occurs.
fn has_entity(line: &[u8]) -> bool {
    memchr::memchr_iter(b'&', line).any(|at| {
        let name = &line[at + 1..];
        let name = name.strip_prefix(b"#").unwrap_or(name);
        let end = name.iter().take(25).position(|b| !b.is_ascii_alphanumeric());
        matches!(end, Some(n) if n > 0 && name[n] == b';')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entity has one to 24 letters or digits and a semicolon.
    #[test]
    fn entities() {
        for (line, has) in [
            ("a &amp; b", true),
            ("&#39;", true),
            ("AT&T; x", true),
            ("R&D, A & B", false),
            ("&;", false),
            ("&#;", false),
            ("&abcdefghijklmnopqrstuvwx;", true),
            ("&abcdefghijklmnopqrstuvwxy;", false),
            ("&", false),
        ] {
            assert_eq!(has_entity(line.as_bytes()), has, "{line}");
        }
    }

    /// Every character that passes as inert is its own NFC and never composes with the one before it.
    #[test]
    fn sure_characters_are_stable_under_nfc() {
        for c in '\u{80}'..='\u{10FFFF}' {
            if trait_of(c, Asked::default()) & (UNSURE | CHANGED) == 0 {
                assert_eq!(is_nfc_quick([c].into_iter()), IsNormalized::Yes, "{:04X}", c as u32);
                assert_eq!(unicode_normalization::char::canonical_combining_class(c), 0, "{:04X}", c as u32);
            }
        }
    }
}
