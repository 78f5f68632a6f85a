//! What a line says, without what changes from page to page: the key by which a site's lines are known again.
//!
//! The tokens of the line (`words.rs`), so that case, punctuation, width and white space do not matter; digits, dates and counters, addresses and
//! handles become a slot, written `0`, and slots beside each other are one. "Updated March 5, 2019" and "UPDATED: 12. Juni 2020" differ in
//! nothing but language: `updated 0` both.

use std::collections::HashSet;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use xxhash_rust::xxh3::xxh3_64;

use crate::text::words::{Tokens, tokenize};

/// The version of this definition of a key. Stored templates carry it: raise it with any change of what [`Mask::line`] gives.
pub const MASK_VERSION: u32 = 1;

/// Names of months and days, and their short forms, as tokens read: a slot in a line that has a number.
#[rustfmt::skip]
static DATE_WORDS: &[&str] = &[
    "abril", "agosto", "ağustos", "août", "apr", "april", "aprile", "aralık", "aug", "august", "augustus", "avril", "czerwca", "dec",
    "december", "décembre", "dez", "dezember", "dic", "dicembre", "diciembre", "dienstag", "dimanche", "dinsdag", "donderdag", "donnerstag",
    "ekim", "enero", "eylül", "feb", "febbraio", "febrero", "februar", "februari", "february", "fevereiro", "févr", "février", "fri", "friday",
    "freitag", "gennaio", "giugno", "grudnia", "haziran", "jan", "janeiro", "januar", "januari", "january", "janv", "janvier", "jeudi", "juil",
    "juillet", "juin", "jul", "juli", "julho", "julio", "july", "jun", "june", "junho", "juni", "junio", "kasım", "kwietnia", "lipca",
    "listopada", "luglio", "lundi", "lutego", "maart", "maggio", "mai", "maio", "maj", "maja", "mar", "march", "mardi", "marca", "março",
    "mars", "mart", "marzo", "may", "mayo", "mayıs", "mei", "mercredi", "mittwoch", "mon", "monday", "montag", "nisan", "nov", "november",
    "novembre", "noviembre", "novembro", "ocak", "oct", "october", "octobre", "octubre", "okt", "oktober", "ottobre", "outubro",
    "października", "sam", "samedi", "samstag", "sat", "saturday", "sep", "sept", "september", "septembre", "septiembre", "setembro",
    "settembre", "sierpnia", "sonntag", "stycznia", "sun", "sunday", "şubat", "temmuz", "thu", "thursday", "tue", "tuesday", "vendredi",
    "vrijdag", "wed", "wednesday", "woensdag", "września", "zaterdag", "zondag", "августа", "апреля", "грудня", "декабря", "жовтня",
    "июля", "июня", "квітня", "лютого", "липня", "листопада", "мая", "марта", "ноября", "октября", "сентября", "серпня", "січня",
    "травня", "февраля", "червня", "вересня", "березня", "января",
];

/// Returns the key of a masked form.
pub fn key(masked: &str) -> u64 {
    xxh3_64(masked.as_bytes())
}

/// Makes keys; a reusable buffer.
#[derive(Debug, Default)]
pub struct Mask {
    /// The tokens of the last line, addresses apart as they stand in it: digits and dates too.
    pub tokens: Tokens,
    masked: Vec<u8>,
    plain: String,
}

impl Mask {
    /// Returns the masked form of a line: tokens and slots, one space between two. `None` if no word is left: a separator, a number, a date.
    pub fn line(&mut self, line: &str) -> Option<&str> {
        if has_address(line) {
            without_addresses(line, &mut self.plain);
            tokenize(&self.plain, &mut self.tokens);
        } else {
            tokenize(line, &mut self.tokens);
        }
        self.masked.clear();
        let words = if has_digit(&self.tokens.bytes) { self.mask_tokens() } else { self.copy_tokens() };
        let masked = std::str::from_utf8(&self.masked).expect("tokens and slots are UTF-8");
        words.then_some(masked)
    }

    /// Returns the key of a line: the hash of its masked form.
    pub fn key(&mut self, line: &str) -> Option<u64> {
        self.line(line).map(key)
    }

    fn copy_tokens(&mut self) -> bool {
        self.masked.extend_from_slice(&self.tokens.bytes);
        !self.masked.is_empty()
    }

    fn mask_tokens(&mut self) -> bool {
        let (mut words, mut slot) = (false, false);
        for token in self.tokens.iter() {
            let start = self.masked.len();
            let word = push_masked(token, &mut self.masked);
            if !word && slot {
                self.masked.truncate(start);
                continue;
            }
            self.masked.push(b' ');
            (words, slot) = (words | word, !word);
        }
        self.masked.pop();
        words
    }
}

/// Appends a token, its digits as one `0` a run; a date word becomes a slot. Whether it is more than a slot.
fn push_masked(token: &str, out: &mut Vec<u8>) -> bool {
    if date_words().contains(token) {
        out.push(b'0');
        return false;
    }
    let (mut digits, mut word) = (false, false);
    for c in token.chars() {
        let digit = c.is_numeric();
        if !digit {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            word = true;
        } else if !digits {
            out.push(b'0');
        }
        digits = digit;
    }
    word
}

fn date_words() -> &'static HashSet<&'static str> {
    static WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| DATE_WORDS.iter().copied().collect());
    &WORDS
}

fn has_digit(bytes: &[u8]) -> bool {
    // Other scripts have digits too, and numbers that are no digits: looked for one by one.
    bytes.iter().any(u8::is_ascii_digit) || (!bytes.is_ascii() && std::str::from_utf8(bytes).is_ok_and(|s| s.contains(char::is_numeric)))
}

/// Whether some word of the line is an address: of a page, a mailbox, an account.
fn has_address(line: &str) -> bool {
    static MARKS: LazyLock<[Finder<'static>; 2]> = LazyLock::new(|| [Finder::new("://"), Finder::new("www.")]);
    let bytes = line.as_bytes();
    memchr::memchr(b'@', bytes).is_some() || MARKS.iter().any(|mark| mark.find(bytes).is_some())
}

fn without_addresses(line: &str, out: &mut String) {
    out.clear();
    for word in line.split_whitespace() {
        out.push_str(if has_address(word) { "0" } else { word });
        out.push(' ');
    }
}

/// Whether a slot may stand in the head of the masked form of a line that [`head_of_line`] gives a head: an address, or a date. May
/// over-report, never under-report.
pub fn may_have_slot(line: &str) -> bool {
    let gap = |c: char| if c.is_ascii() { !c.is_ascii_alphabetic() } else { is_quote(c.encode_utf8(&mut [0; 4]).as_bytes()) };
    // Four tokens and the spaces behind them are as long as a head, and the slot behind these belongs to it.
    let mut words = line.split(gap).filter(|word| !word.is_empty()).take(HEAD / 2 + 1);
    // What is not ASCII may read as anything: a full-width A is an a, and with *marc* before it a month.
    words.any(|word| !word.is_ascii() || date_words().contains(word.to_ascii_lowercase().as_str())) || has_address(line)
}

/// Bytes of a head.
const HEAD: usize = 8;

/// Returns the first bytes of a masked form, if they are plain letters and spaces; else `None`. The space before a slot belongs to it:
/// [`head_of_line`] sees none where the slot has no letter.
pub fn head_of_masked(masked: &str) -> Option<u64> {
    let (bytes, rest) = masked.as_bytes().split_at(masked.len().min(HEAD));
    let before_slot = bytes.ends_with(b" ") && rest.starts_with(b"0");
    (!before_slot && bytes.iter().all(|b| b.is_ascii_lowercase() || *b == b' ')).then(|| pack(bytes))
}

/// Whether a slot stands in the head of a masked form, or right behind it, whose space is then part of the head. May over-report.
pub fn has_slot_in_head(masked: &str) -> bool {
    masked.as_bytes()[..masked.len().min(HEAD + 1)].contains(&b'0')
}

/// Returns the head of a line without a look at the rest of it; `None` where that takes the tokenizer.
///
/// If the head of its masked form is plain, this is that head or `None`. If it is not, because a slot stands in it, this may be anything:
/// [`may_have_slot`] tells.
pub fn head_of_line(line: &str) -> Option<u64> {
    let (mut head, mut len, mut gap) = ([0; HEAD], 0, false);
    let mut rest = line.as_bytes();
    while let [byte, after @ ..] = rest {
        let quote = is_quote(rest);
        // A mark may belong to the letter before it.
        if (*byte >= 0x80 && !quote) || byte.is_ascii_digit() {
            return None;
        }
        if len == HEAD {
            break;
        }
        rest = if quote { &rest[3..] } else { after };
        if !byte.is_ascii_alphabetic() {
            gap = len > 0;
            continue;
        }
        for byte in [b' ', byte.to_ascii_lowercase()].into_iter().skip(usize::from(!gap)).take(HEAD - len) {
            head[len] = byte;
            len += 1;
        }
        gap = false;
    }
    Some(pack(&head[..len]))
}

/// Whether a dash or a curly quote comes next: not ASCII, and not part of any word.
fn is_quote(bytes: &[u8]) -> bool {
    matches!(bytes, [0xE2, 0x80, 0x93..=0x96 | 0x98..=0x9F, ..])
}

fn pack(bytes: &[u8]) -> u64 {
    let mut all = [0; HEAD];
    all[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(all)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masked(line: &str) -> Option<String> {
        Mask::default().line(line).map(str::to_owned)
    }

    /// What changes from page to page is a slot; slots beside each other are one.
    #[test]
    fn slots() {
        assert_eq!(masked("Updated: March 5, 2019 at 10:30").as_deref(), Some("updated 0 at 0"));
        assert_eq!(masked("UPDATED 12. Juni 2020 at 9").as_deref(), Some("updated 0 at 0"));
        assert_eq!(
            masked("Follow @one and mail a.b@example.org or see https://example.org/7").as_deref(),
            Some("follow 0 and mail 0 or see 0")
        );
        assert_eq!(masked("1,204 comments").as_deref(), Some("0 comments"));
        assert_eq!(masked("\u{663}\u{664} \u{62a}\u{639}").as_deref(), Some("0 \u{62a}\u{639}"));
        assert_eq!(masked("You may march on").as_deref(), Some("you may march on"));
    }

    /// A line of which nothing but slots and signs is left has no key.
    #[test]
    fn no_words() {
        for line in ["", "* * *", "___", "12:30", "March 5, 2019", "@somebody", "\u{2022}"] {
            assert_eq!(masked(line), None, "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn a_head_is_never_wrong(line in "([a-zA-Z]{1,4}|[ .,:'-]|march |marc\u{ff21}|may|\u{201c}|\u{2019}|\u{2014}|www\\.|@|://|[0-9]|\u{e9}|\u{301}|\u{663}|\u{65e5}){0,12}") {
            let mut mask = Mask::default();
            if let Some(masked) = mask.line(&line) {
                match (head_of_masked(masked), head_of_line(&line)) {
                    (Some(true_head), Some(head)) => prop_assert_eq!(true_head, head),
                    (None, Some(_)) => prop_assert!(may_have_slot(&line)),
                    _ => {}
                }
            }
        }
    }
}
