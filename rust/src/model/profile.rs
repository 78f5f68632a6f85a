//! What a line looks like, in numbers that mean the same in every language: how long it is in words, how it begins and ends, what it
//! is made of. One pass over the characters.
//!
//! Scripts without spaces have no words to count, so their letters count as parts of one; scripts without case have no capitals, so their
//! words count as small. A line of a caseless script then looks like the same line of a cased one in lower case, which is how the line
//! model is taught to read it.

use crate::text::shape::{closes, is_unspaced};

/// The numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Profile {
    /// Words; a letter of a script without spaces is a part of one.
    pub words: f32,
    /// Characters.
    pub chars: f32,
    /// Letters and digits a word.
    pub word_length: f32,
    /// How it ends: 0 in a letter or anything else, 1 with a comma, 2 with a colon, 3 as a sentence, 4 with an ellipsis.
    pub end: f32,
    /// How it begins: 0 with a small letter, 1 with a capital, 2 with a digit, 3 with a caseless letter, 4 with anything else.
    pub start: f32,
    /// Commas and semicolons.
    pub commas: f32,
    /// Sentences that end before its end.
    pub stops: f32,
    /// Share of the words but the first that have a capital; -1 for a single word.
    pub capitals: f32,
    /// Words but the first that have none.
    pub small: f32,
    /// Share of the characters that are digits.
    pub digits: f32,
    /// Share of the characters that are marks of layout: bars, arrows, bullets.
    pub symbols: f32,
    /// Quotation marks.
    pub quotes: f32,
    /// Whether it holds an address: 1 of a page, 2 of a person.
    pub address: f32,
}

/// Words that a letter of an unspaced script counts for: Chinese words have under two characters, Thai ones four.
fn share_of_word(c: char) -> f32 {
    if matches!(c, '\u{E00}'..='\u{E7F}') { 0.25 } else { 0.6 }
}

/// Whether the character is a mark of layout.
fn is_symbol(c: char) -> bool {
    matches!(c, '|' | '/' | '[' | ']' | '{' | '}' | '<' | '>' | '=' | '_' | '@' | '#' | '*' | '+' | '~')
        || (!c.is_ascii() && matches!(c, '»' | '›' | '•' | '·' | '©' | '→' | '←' | '×' | '✓' | '▶' | '►' | '■' | '●' | '★'))
}

/// What is counted on the way through a line.
#[derive(Default)]
struct LineTally {
    chars: usize,
    alnum: usize,
    digits: usize,
    symbols: usize,
    quotes: usize,
    commas: usize,
    stops: usize,
    words: usize,
    unspaced: f32,
    capital: usize,
    small: usize,
    in_word: bool,
    /// A sentence has ended, and what was seen of it since: 1 its mark, 2 white space after that.
    stopped: u8,
}

impl LineTally {
    fn space(&mut self) {
        self.chars += 1;
        self.in_word = false;
        self.stopped += u8::from(self.stopped == 1);
    }

    fn see(&mut self, c: char) {
        self.chars += 1;
        let alnum = if c.is_ascii() { c.is_ascii_alphanumeric() } else { c.is_alphanumeric() };
        if alnum {
            self.letter(c);
            return;
        }
        self.in_word = false;
        match c {
            '.' | '!' | '?' | '؟' | '।' => self.stopped = 1,
            '。' | '！' | '？' => self.stops += 1,
            ',' | ';' | '，' | '、' | '،' | '；' => self.commas += 1,
            '"' | '“' | '”' | '„' | '«' | '「' | '」' => self.quotes += 1,
            '»' => (self.quotes, self.symbols) = (self.quotes + 1, self.symbols + 1),
            _ if closes(c) => self.symbols += usize::from(is_symbol(c)),
            _ => {
                self.stopped = 0;
                self.symbols += usize::from(is_symbol(c));
            }
        }
    }

    fn letter(&mut self, c: char) {
        self.stops += usize::from(self.stopped == 2);
        self.stopped = 0;
        self.alnum += 1;
        self.digits += usize::from(c.is_numeric());
        if !c.is_ascii() && is_unspaced(c) {
            self.unspaced += share_of_word(c);
            self.in_word = false;
        } else if !self.in_word {
            self.in_word = true;
            self.words += 1;
            if self.words > 1 {
                self.capital += usize::from(c.is_uppercase());
                self.small += usize::from(c.is_alphabetic() && !c.is_uppercase());
            }
        }
    }
}

/// How many small letters of ASCII stand at the head of these bytes, up to eight: found for all at once, since where a word ends no
/// processor can guess.
fn small_letters(bytes: &[u8]) -> usize {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let Some(head) = bytes.first_chunk() else {
        return bytes.iter().take_while(|b| b.is_ascii_lowercase()).count();
    };
    let eight = u64::from_le_bytes(*head);
    // The high bit of each byte: whether what is below it is at least `a`, and whether it is past `z`.
    let low = eight & (EACH * 0x7F);
    let (from_a, past_z) = (low + EACH * (0x80 - u64::from(b'a')), low + EACH * (0x7F - u64::from(b'z')));
    let others = !(from_a & !past_z & !eight) & (EACH * 0x80);
    others.trailing_zeros() as usize / 8
}

fn tally(line: &str) -> LineTally {
    let mut tally = LineTally::default();
    let mut rest = line;
    while !rest.is_empty() {
        // Most characters go on with a word, or end one.
        let run = if tally.in_word { small_letters(rest.as_bytes()) } else { 0 };
        (tally.chars, tally.alnum) = (tally.chars + run, tally.alnum + run);
        rest = &rest[run..];
        let mut chars = rest.chars();
        match chars.next().filter(|_| run < 8) {
            Some(' ') => tally.space(),
            Some(c) => tally.see(c),
            None => continue,
        }
        rest = chars.as_str();
    }
    tally
}

/// Returns the profile of a line, white space at its ends left out.
pub fn profile(line: &str) -> Profile {
    let tally = tally(line);
    let words = tally.words as f32 + tally.unspaced;
    let chars = tally.chars.max(1) as f32;
    let tail = tally.words.saturating_sub(1);
    Profile {
        words,
        chars: tally.chars as f32,
        word_length: tally.alnum as f32 / words.max(1.0),
        end: end(line),
        start: start(line),
        commas: tally.commas as f32,
        stops: tally.stops as f32,
        capitals: if tail > 0 { tally.capital as f32 / tail as f32 } else { -1.0 },
        small: tally.small as f32 + tally.unspaced,
        digits: tally.digits as f32 / chars,
        symbols: tally.symbols as f32 / chars,
        quotes: tally.quotes as f32,
        address: address(line),
    }
}

fn end(line: &str) -> f32 {
    let bare = line.trim_end_matches(closes);
    let bare = if bare.is_empty() { line } else { bare };
    match bare.chars().next_back() {
        Some('…') => 4.0,
        Some('.') if bare.ends_with("...") => 4.0,
        Some('.' | '!' | '?' | '。' | '！' | '？' | '؟' | '।' | '｡') => 3.0,
        Some(':' | '：') => 2.0,
        Some(',' | ';' | '،' | '、') => 1.0,
        _ => 0.0,
    }
}

fn start(line: &str) -> f32 {
    let first = line.trim_start_matches(['"', '“', '„', '«', '\'', '‘', '(', '「', '『']).chars().next();
    match first {
        Some(c) if c.is_lowercase() => 0.0,
        Some(c) if c.is_uppercase() => 1.0,
        Some(c) if c.is_numeric() => 2.0,
        Some(c) if c.is_alphabetic() => 3.0,
        _ => 4.0,
    }
}

fn address(line: &str) -> f32 {
    let bytes = line.as_bytes();
    let page = memchr::memmem::find(bytes, b"://").is_some() || memchr::memmem::find(bytes, b"www.").is_some();
    f32::from(page) + 2.0 * f32::from(memchr::memchr(b'@', bytes).is_some())
}

impl Profile {
    /// Whether the line reads as running text: a long sentence, or several short ones.
    pub fn is_prose(&self) -> bool {
        let sentence = self.words >= 12.0 && self.end >= 3.0;
        let several = self.words >= 10.0 && self.commas + self.stops >= 2.0;
        (sentence || several || self.words >= 25.0) && self.symbols < 0.05
    }

    /// Returns the line as it would look in a script without case.
    pub fn caseless(mut self) -> Self {
        self.small += if self.capitals > 0.0 { (self.capitals * (self.words - 1.0).max(0.0)).round() } else { 0.0 };
        self.capitals = self.capitals.min(0.0);
        self.start = if self.start < 2.0 { 3.0 } else { self.start };
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words, ends and sentences are counted in any script.
    #[test]
    fn scripts() {
        let latin = profile("He said no. “Why?” she asked, and left.");
        assert_eq!((latin.words, latin.end, latin.stops, latin.commas, latin.start), (8.0, 3.0, 2.0, 1.0, 1.0));
        let chinese = profile("他说不。然后他走了。");
        assert_eq!((chinese.words.round(), chinese.end, chinese.stops, chinese.capitals, chinese.start), (5.0, 3.0, 2.0, -1.0, 3.0));
    }

    /// A line without case is the same line in lower case.
    #[test]
    fn without_case() {
        let (title, lower) = (profile("The Latest News From Ann"), profile("the latest news from ann"));
        assert_eq!(title.caseless(), Profile { start: 3.0, ..lower });
    }
}
