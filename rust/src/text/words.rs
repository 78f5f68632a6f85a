//! Text to tokens: NFKC of the whole text, full casefolding, then runs of letters, marks and numbers.
//!
//! A letter of a script written without spaces (Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar, Tibetan) is a token of its own, together with the
//! marks on it; everywhere else a token is a maximal run of letters, marks and numbers (Unicode categories L, M, N).
//!
//! Normalization is a property of the whole text, but it is local: a code point that no composition joins to the one before it starts a new stretch,
//! and almost every stretch is one code point whose answer stands in a table (`unicode_tables.rs`). Only the others, a base letter with loose combining marks
//! mostly, go through the normalizer. The result is the same as if everything were normalized, and a test compares them.

use unicode_normalization::UnicodeNormalization;

use crate::text::unicode_tables::{BLOCK, ENTRIES, FOLD, FOLDS, INDEX, JOINS_BACK, KIND, MARK, NONSTARTER, POOL, SEPARATOR, WORD};

/// The version of this definition of a token. Stored signatures carry it: raise it with any change of what `tokenize` returns.
pub const TOKENIZER_VERSION: u32 = 1;

/// The tokens of one text, joined by one space: a reusable buffer.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// The casefolded tokens with one space between two, UTF-8.
    pub bytes: Vec<u8>,
    /// Where each token ends in `bytes` (exclusive); the next one starts one byte later.
    pub ends: Vec<u32>,
    open: Open,
}

/// What the last byte written belongs to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Open {
    #[default]
    Nothing,
    Word,
    Solo,
}

impl Tokens {
    /// Returns the number of tokens.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether the text has no token.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Returns where token `i` starts in `bytes`.
    pub fn start(&self, i: usize) -> usize {
        if i == 0 { 0 } else { self.ends[i - 1] as usize + 1 }
    }

    /// Returns the bytes of tokens `i..i + n`, joined by one space.
    pub fn run(&self, i: usize, n: usize) -> &[u8] {
        &self.bytes[self.start(i)..self.ends[i + n - 1] as usize]
    }

    /// Returns the tokens as strings, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|i| std::str::from_utf8(self.run(i, 1)).expect("tokens are UTF-8"))
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.open = Open::Nothing;
    }

    /// Ends the open token, if any.
    #[inline]
    fn close(&mut self) {
        if self.open != Open::Nothing {
            self.ends.push(self.bytes.len() as u32);
            self.bytes.push(b' ');
            self.open = Open::Nothing;
        }
    }

    /// Appends one normalized and folded code point, given its UTF-8 and its token class.
    #[inline]
    fn push(&mut self, utf8: &[u8], kind: u16) {
        match kind {
            SEPARATOR => return self.close(),
            WORD => {
                if self.open == Open::Solo {
                    self.close();
                }
                self.open = Open::Word;
            }
            MARK => {
                if self.open == Open::Nothing {
                    self.open = Open::Word;
                }
            }
            _ => {
                self.close();
                self.open = Open::Solo;
            }
        }
        self.push_utf8(utf8);
    }

    /// Appends the one to four bytes of a code point.
    #[inline]
    fn push_utf8(&mut self, utf8: &[u8]) {
        self.bytes.reserve(4);
        let at = self.bytes.len();
        // SAFETY: room for four bytes was reserved, and a code point has no more. A call to copy so few would cost more than they do.
        unsafe {
            let place = self.bytes.as_mut_ptr().add(at);
            for (i, byte) in utf8.iter().take(4).enumerate() {
                *place.add(i) = *byte;
            }
            self.bytes.set_len(at + utf8.len().min(4));
        }
    }

    /// Appends every code point of an already normalized and folded string.
    fn push_folded(&mut self, folded: &[u8]) {
        for_each_char(folded, |utf8, char| self.push(utf8, entry(char) & KIND));
    }

    /// Appends one code point that stands for itself, or for its entry in the pool.
    #[inline]
    fn push_entry(&mut self, utf8: &[u8], entry: u16) {
        if entry & FOLD == 0 {
            self.push(utf8, entry & KIND);
        } else {
            let (at, len, _) = FOLDS[(entry & !FOLD) as usize];
            let folded = &POOL[at as usize..at as usize + len as usize];
            self.push_folded(folded);
        }
    }

    /// Appends a stretch whose code points normalization may join.
    #[cold]
    fn push_stretch(&mut self, stretch: &str) {
        let mut utf8 = [0; 4];
        for char in stretch.nfkc() {
            let bytes = char.encode_utf8(&mut utf8).as_bytes();
            self.push_entry(bytes, entry(char as u32));
        }
    }

    /// Appends ASCII text, one table look-up and no branch a byte.
    fn push_ascii(&mut self, run: &[u8]) {
        if self.open == Open::Solo && run.first().is_some_and(u8::is_ascii_alphanumeric) {
            self.close();
        }
        self.bytes.reserve(run.len() + 1);
        self.ends.reserve(run.len() / 2 + 2);
        let (mut at, mut count) = (self.bytes.len(), self.ends.len());
        let mut open = usize::from(self.open != Open::Nothing);
        let (bytes, ends) = (self.bytes.as_mut_ptr(), self.ends.as_mut_ptr());
        // SAFETY: a step writes one byte at `at` and one end at `count`, then moves `at` by at most one, so `at` stays within what was there plus
        // `run.len()`. `count` moves only where a token ends; two such steps have a step between them that opens a token, so it moves at most
        // `run.len() / 2 + 1` times. Both were reserved with one to spare for the write that is not counted.
        unsafe {
            for &byte in run {
                let folded = ASCII[byte as usize];
                let word = usize::from(folded != b' ');
                *bytes.add(at) = folded;
                *ends.add(count) = at as u32;
                at += word | open;
                count += open & (word ^ 1);
                open = word;
            }
            self.bytes.set_len(at);
            self.ends.set_len(count);
        }
        if !run.is_empty() {
            // A mark or letter may follow; a solitary letter stays open only if nothing was written after it.
            self.open = if open == 1 { Open::Word } else { Open::Nothing };
        }
    }
}

/// ASCII letters in lower case and digits; everything else a space.
static ASCII: [u8; 256] = {
    let mut table = [b' '; 256];
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_alphanumeric() {
            table[byte] = (byte as u8).to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

/// Fills `tokens` with the tokens of `text`, dropping what it held.
///
/// Time is linear in the text; the bytes may be longer than the text where a compatibility character stands for many (at most 18 for one).
///
/// # Panics
/// If the tokens take 4 GiB or more. Callers refuse a text that is not [`is_tokenizable`] before they come here.
pub fn tokenize(text: &str, tokens: &mut Tokens) {
    tokens.clear();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let run = ascii_prefix(&bytes[at..]);
        let stop = at + run;
        if run > 0 {
            // The last ASCII byte may be the base of a mark that follows.
            let held = usize::from(stop < bytes.len() && joins(entry(decode(bytes, stop).0)));
            tokens.push_ascii(&bytes[at..stop - held]);
            at = stop - held;
        }
        at = push_beyond_ascii(text, at, tokens);
    }
    tokens.close();
    tokens.bytes.pop();
    assert!(tokens.bytes.len() < u32::MAX as usize, "a text of 4 GiB or more cannot be tokenized");
}

/// The most bytes of a text whose tokens fit for sure, whatever it says: those of one code point may take eleven times as many.
const SURE: usize = u32::MAX as usize / 16;
/// Bytes that a code point may become where normalization and casefolding change it: 18 letters and what stands between.
const CHANGED: usize = 64;

/// Whether the tokens of a text surely take less than 4 GiB, so that [`tokenize`] takes it. Texts up to 256 MB always do.
pub fn is_tokenizable(text: &str) -> bool {
    text.len() <= SURE || most_bytes(text) < u32::MAX as usize
}

/// Bytes that the tokens of a text take at most.
fn most_bytes(text: &str) -> usize {
    let changed = |entry: u16| entry & FOLD != 0 || joins(entry);
    let most = |char: char| match entry(char as u32) {
        _ if char.is_ascii() => 1,
        entry if changed(entry) => CHANGED,
        // A letter that stands alone has a space on either side.
        _ => char.len_utf8() + 2,
    };
    text.chars().map(most).sum::<usize>() + 1
}

/// Appends code points from `at` up to the next plain ASCII byte; returns where that is.
fn push_beyond_ascii(text: &str, mut at: usize, tokens: &mut Tokens) -> usize {
    let bytes = text.as_bytes();
    if at == bytes.len() {
        return at;
    }
    let (char, mut len) = decode(bytes, at);
    let mut here = entry(char);
    loop {
        let after = at + len;
        let (next, next_len, there) = peek(bytes, after);
        if !joins(there) && !joins(here) {
            tokens.push_entry(&bytes[at..after], here);
            at = after;
        } else if is_settled_pair(here, there, bytes, after + next_len) {
            tokens.push_entry(&bytes[at..after], here);
            tokens.push_entry(&bytes[after..after + next_len], there);
            at = after + next_len;
            return at;
        } else {
            let stop = end_of_stretch(bytes, after);
            tokens.push_stretch(&text[at..stop]);
            return stop;
        }
        if next < 128 {
            return at;
        }
        (here, len) = (there, next_len);
    }
}

/// Whether a starter that stands for itself is followed by exactly one non-starter that composes with nothing: normalization leaves the two alone.
#[inline]
fn is_settled_pair(here: u16, there: u16, bytes: &[u8], after: usize) -> bool {
    here & FOLD == 0 && !joins(here) && there & FOLD == 0 && there & NONSTARTER != 0 && !joins(peek(bytes, after).2)
}

/// The first place from `at` on where a code point starts that nothing joins to what stands before.
fn end_of_stretch(bytes: &[u8], mut at: usize) -> usize {
    loop {
        let (_, len, there) = peek(bytes, at);
        if !joins(there) {
            return at;
        }
        at += len;
    }
}

/// Whether normalization may join the code point of this entry to the one before it.
#[inline]
fn joins(entry: u16) -> bool {
    const LOOKS_BACK: u16 = JOINS_BACK | NONSTARTER;
    if entry & FOLD == 0 { entry & LOOKS_BACK != 0 } else { u16::from(FOLDS[(entry & !FOLD) as usize].2) & LOOKS_BACK != 0 }
}

/// What the table says of a code point.
#[inline]
fn entry(char: u32) -> u16 {
    let block = INDEX[char as usize / BLOCK] as usize;
    ENTRIES[block * BLOCK + char as usize % BLOCK]
}

/// The code point at `at`, its length and its entry; at the end of the text an ASCII separator of length 0.
#[inline]
fn peek(bytes: &[u8], at: usize) -> (u32, usize, u16) {
    if at == bytes.len() || bytes[at] < 128 {
        // Of ASCII only the class matters here, and nothing ASCII joins back.
        return (0, usize::from(at < bytes.len()), SEPARATOR);
    }
    let (char, len) = decode(bytes, at);
    (char, len, entry(char))
}

/// The code point that starts at `at` and its length in bytes; the bytes are UTF-8.
#[inline]
fn decode(bytes: &[u8], at: usize) -> (u32, usize) {
    let low = |i: usize| u32::from(bytes[at + i] & 0x3f);
    let first = u32::from(bytes[at]);
    match first {
        0..0x80 => (first, 1),
        0x80..0xe0 => ((first & 0x1f) << 6 | low(1), 2),
        0xe0..0xf0 => ((first & 0xf) << 12 | low(1) << 6 | low(2), 3),
        _ => ((first & 7) << 18 | low(1) << 12 | low(2) << 6 | low(3), 4),
    }
}

/// Calls `each` with the UTF-8 and the code point of every character.
#[inline]
fn for_each_char(bytes: &[u8], mut each: impl FnMut(&[u8], u32)) {
    let mut at = 0;
    while at < bytes.len() {
        let (char, len) = decode(bytes, at);
        each(&bytes[at..at + len], char);
        at += len;
    }
}

/// The number of leading ASCII bytes.
#[inline]
fn ascii_prefix(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(block) = bytes.get(at..at + 32) {
        // One `or` over the block compiles to a vector operation.
        if block.iter().fold(0, |all, byte| all | byte) >= 128 {
            break;
        }
        at += 32;
    }
    at + bytes[at..].iter().position(|byte| *byte >= 128).unwrap_or(bytes.len() - at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut tokens = Tokens::default();
        tokenize(text, &mut tokens);
        tokens.iter().map(str::to_owned).collect()
    }

    /// The definition, word for word: normalize everything, fold everything, then group.
    fn naive(text: &str) -> Vec<String> {
        let mut tokens = Tokens::default();
        let normal: String = text.nfkc().collect();
        let mut utf8 = [0; 4];
        for char in normal.chars() {
            let bytes = char.encode_utf8(&mut utf8).as_bytes();
            tokens.push_entry(bytes, entry(char as u32));
        }
        tokens.close();
        tokens.bytes.pop();
        tokens.iter().map(str::to_owned).collect()
    }

    #[test]
    fn words_are_runs_of_letters_marks_and_numbers() {
        assert_eq!(words("Don't  stop: 3.5% of U.S. x_y"), ["don", "t", "stop", "3", "5", "of", "u", "s", "x", "y"]);
        assert_eq!(words("\u{201c}Curly\u{201d} \u{2014} caf\u{e9}\u{2026}"), ["curly", "caf\u{e9}"]);
        assert_eq!(words(""), Vec::<String>::new());
        assert_eq!(words(" \u{3000}...\u{2028}"), Vec::<String>::new());
    }

    #[test]
    fn casefolding_is_full() {
        assert_eq!(words("STRASSE stra\u{df}e \u{3a3}\u{3c2} \u{fb01}n"), ["strasse", "strasse", "\u{3c3}\u{3c3}", "fin"]);
        assert_eq!(words("\u{130}x"), ["i\u{307}x"]);
    }

    #[test]
    fn letters_of_spaceless_scripts_stand_alone_with_their_marks() {
        assert_eq!(words("\u{65e5}\u{672c}\u{8a9e}abc\u{304b}\u{3099}"), ["\u{65e5}", "\u{672c}", "\u{8a9e}", "abc", "\u{304c}"]);
        assert_eq!(words("\u{e01}\u{e34}\u{e48}a1\u{e02}"), ["\u{e01}\u{e34}\u{e48}", "a1", "\u{e02}"]);
    }

    #[test]
    fn loose_marks_compose() {
        assert_eq!(words("cafe\u{301} =\u{338} a"), ["caf\u{e9}", "a"]);
        assert_eq!(words("o\u{301}\u{323}x"), ["\u{1ecd}\u{301}x"]);
        assert_eq!(words("\u{1112}\u{1161}\u{11ab}"), ["\u{d55c}"]);
    }

    #[test]
    fn a_buffer_is_reusable() {
        let mut tokens = Tokens::default();
        tokenize("one two", &mut tokens);
        tokenize("\u{65e5}", &mut tokens);
        assert_eq!((tokens.bytes.as_slice(), tokens.ends.as_slice()), ("\u{65e5}".as_bytes(), &[3][..]));
    }

    #[test]
    fn a_text_that_grows_is_counted_as_it_grows() {
        for text in ["\u{fdfa}", "\u{33ff}\u{3316}", "a\u{65e5}", "\u{1fb7}\u{345}", "\u{130}"].map(|text| text.repeat(100)) {
            let mut tokens = Tokens::default();
            tokenize(&text, &mut tokens);
            assert!((tokens.bytes.len()..=32 * tokens.bytes.len()).contains(&most_bytes(&text)), "{text}");
        }
        assert_eq!(most_bytes("plain words"), "plain words".len() + 1);
    }

    proptest! {
        #[test]
        fn no_text_takes_more_than_is_counted(text in "(\\PC|[a-zA-Z .]|[\u{300}-\u{345}]|[\u{3040}-\u{33ff}]|[\u{fb50}-\u{fdff}]){0,40}") {
            let mut tokens = Tokens::default();
            tokenize(&text, &mut tokens);
            prop_assert!(tokens.bytes.len() <= most_bytes(&text));
        }

        #[test]
        fn same_as_normalizing_everything(text in "(\\PC|[a-zA-Z .=]|[\u{300}-\u{345}]|[\u{900}-\u{97f}]|[\u{e00}-\u{e7f}]|[\u{1100}-\u{11ff}\u{ac00}-\u{ac20}]|[\u{3040}-\u{30ff}]){0,40}") {
            // The normalizer may know code points that are younger than the table.
            let starts = |c: char| unicode_normalization::char::canonical_combining_class(c) == 0;
            let same = |c: char| (starts(c) || joins(entry(c as u32))) && words(&c.to_string()) == naive(&c.to_string());
            let known: String = text.chars().filter(|c| same(*c)).collect();
            prop_assert_eq!(words(&known), naive(&known));
        }

        #[test]
        fn ascii_is_split_on_anything_else(text in "[ -~]{0,80}") {
            let lower = text.to_ascii_lowercase();
            let expected: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).collect();
            prop_assert_eq!(words(&text), expected);
        }
    }
}
