//! What a unit says, word by word, and where in it sentences can begin and end.
//!
//! A word is a token; besides, signs that change what is said are words: of currencies, per cent, a minus, what stands between two digits.

use xxhash_rust::xxh3::xxh3_64;

use crate::text::words::{Tokens, tokenize};

/// A unit's words.
#[derive(Debug, Default)]
pub struct Said {
    /// A hash of each word.
    pub words: Vec<u64>,
    /// Where in the unit's text the stretch of letters begins that each word is of, in bytes.
    pub at: Vec<u32>,
    /// The words, one after the other, and where each ends.
    letters: String,
    ends: Vec<u32>,
    /// What stands before each word, and behind the last.
    seams: Vec<Seam>,
}

/// What stands between two words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Seam {
    /// A sentence, a quotation or what follows a dash can begin behind it.
    opens: bool,
    /// A sentence or a quotation ends before it.
    closes: bool,
    /// A sentence does.
    ends: bool,
    /// Dots say that something was left out.
    dots: bool,
}

impl Said {
    /// Reads a unit's text.
    pub fn new(text: &str) -> Self {
        let (mut said, mut tokens, mut end) = (Said::with_room_for(text), Tokens::default(), 0);
        for (start, word) in stretches(text) {
            said.between(text, end, start);
            if word.is_ascii() {
                // One token, whatever it is.
                said.push_ascii(word, start);
            } else {
                tokenize(word, &mut tokens);
                tokens.iter().for_each(|token| said.push(token, start));
            }
            end = start + word.len();
        }
        said.between(text, end, text.len());
        said
    }

    /// Makes one in which the words of most texts of this length have room.
    fn with_room_for(text: &str) -> Self {
        let words = text.len() / 4 + 2;
        Said {
            words: Vec::with_capacity(words),
            at: Vec::with_capacity(words),
            letters: String::with_capacity(text.len()),
            ends: Vec::with_capacity(words),
            seams: Vec::with_capacity(words),
        }
    }

    /// Returns the number of words.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Returns a word.
    pub fn word(&self, i: usize) -> &str {
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        &self.letters[start..self.ends[i] as usize]
    }

    /// Whether a sentence or a quotation can begin with a word.
    pub fn begins(&self, i: usize) -> bool {
        i == 0 || self.seams[i].opens
    }

    /// Whether a sentence or a quotation ends with a word, or the unit does.
    pub fn finishes(&self, i: usize) -> bool {
        i + 1 == self.len() || self.seams[i + 1].closes
    }

    /// Whether the unit shows that its beginning was cut: by dots or a small letter.
    pub fn is_cut_in_front(&self, text: &str) -> bool {
        self.seams.first().is_some_and(|seam| seam.dots) || text.chars().find(|c| c.is_alphanumeric()).is_some_and(char::is_lowercase)
    }

    /// Whether the unit shows that its end was cut: by dots, or by sentences of which the last has no end.
    pub fn trails_off(&self) -> bool {
        let Some((last, inside)) = self.seams.split_last() else { return false };
        last.dots || (!last.closes && inside.iter().skip(1).any(|seam| seam.ends))
    }

    /// Whether the unit ends no sentence, or with dots: its last word may be half a word.
    pub fn is_open(&self) -> bool {
        self.seams.last().is_some_and(|seam| seam.dots || !seam.closes)
    }

    /// Returns the first word that begins at this place of the text or behind it.
    pub fn word_at(&self, byte: usize) -> usize {
        self.at.partition_point(|&at| (at as usize) < byte)
    }

    fn push(&mut self, word: &str, at: usize) {
        let start = self.letters.len();
        self.letters.push_str(word);
        self.end_word(start, at);
    }

    fn push_ascii(&mut self, word: &str, at: usize) {
        let start = self.letters.len();
        self.letters.push_str(word);
        self.letters[start..].make_ascii_lowercase();
        self.end_word(start, at);
    }

    /// Takes the letters from `start` on for the next word.
    fn end_word(&mut self, start: usize, at: usize) {
        self.words.push(xxh3_64(&self.letters.as_bytes()[start..]));
        self.at.push(at as u32);
        self.ends.push(self.letters.len() as u32);
        self.seams.resize(self.words.len(), Seam::default());
    }

    /// Takes in what stands between two stretches of letters: signs that are words, and the marks around them.
    fn between(&mut self, text: &str, from: usize, to: usize) {
        let marks = &text[from..to];
        if marks == " " {
            self.seams.truncate(self.words.len());
            self.seams.push(Seam::default());
            return;
        }
        let near = (text[..from].chars().next_back(), text[to..].chars().next());
        let ends = ends_sentence(marks, to == text.len());
        let dots = marks.contains('…') || marks.contains("..");
        let seam = Seam { opens: ends || opens(marks), closes: ends || closes(marks), ends, dots };
        for (sign, word) in signs(marks, near) {
            self.seams.truncate(self.words.len());
            self.seams.push(seam);
            self.push(word.encode_utf8(&mut [0; 4]), from + sign);
        }
        // Words of one stretch have nothing between them; what was said of the seam stands before the next word.
        self.seams.truncate(self.words.len());
        self.seams.push(seam);
    }
}

/// Lists the stretches of letters, digits and marks on them, with where they begin.
fn stretches(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_mark = |c: char| !c.is_ascii() && unicode_normalization::char::is_combining_mark(c);
    let parts = text.split(move |c: char| !c.is_alphanumeric() && !is_mark(c)).filter(|part| !part.is_empty());
    parts.map(move |part| (part.as_ptr() as usize - text.as_ptr() as usize, part))
}

const ENDERS: [char; 10] = ['.', '!', '?', '…', ';', '。', '！', '？', '؟', '।'];
const QUOTES: [char; 12] = ['"', '“', '”', '„', '‟', '«', '»', '「', '」', '『', '』', '‹'];

fn opens(marks: &str) -> bool {
    let any = |c: char| QUOTES.contains(&c) || matches!(c, '(' | '[' | '（' | '【' | '|' | '•' | '·' | '—' | ':' | '：' | '\n' | '‘' | '*');
    marks.contains(any) || [" – ", " - ", " -- ", "】", "）"].iter().any(|dash| marks.contains(dash))
}

fn closes(marks: &str) -> bool {
    marks.contains(QUOTES) || (marks.contains(',') && marks.contains(['\'', '’']))
}

/// Whether a mark ends a sentence here: in front of white space or another mark, so that no point in a number or a name does.
fn ends_sentence(marks: &str, last: bool) -> bool {
    let Some((at, mark)) = marks.char_indices().find(|(_, c)| ENDERS.contains(c)) else { return false };
    let behind = &marks[at + mark.len_utf8()..];
    last || !behind.is_empty() || matches!(mark, '。' | '！' | '？' | '।')
}

/// Lists the signs among the marks between two words that are said themselves, with their places.
fn signs(marks: &str, (before, after): (Option<char>, Option<char>)) -> Vec<(usize, char)> {
    let digit = |c: Option<char>| c.is_some_and(char::is_numeric);
    let tight = |at: usize, c: char| (at == 0 && before.is_some()) || (at + c.len_utf8() == marks.len() && after.is_some());
    let mut signs = Vec::new();
    for (at, c) in marks.char_indices() {
        let lone = marks.len() == c.len_utf8() && digit(before) && digit(after);
        let led = at == 0 && before.is_none() || marks[..at].ends_with(|c: char| c.is_whitespace() || c == '(' || is_currency(c));
        match c {
            '%' | '‰' | '°' | '§' => signs.push((at, c)),
            c if is_currency(c) => signs.push((at, c)),
            '.' | ',' | '\'' | '’' if lone => signs.push((at, '.')),
            ':' | '/' if lone => signs.push((at, c)),
            '-' | '−' | '–' if lone => signs.push((at, '-')),
            '-' | '−' | '–' if led && at + c.len_utf8() == marks.len() && digit(after) => signs.push((at, '-')),
            '+' | '<' | '>' | '=' | '±' | '≤' | '≥' | '≈' | '~' | '#' | '@' | '&' | '×' if tight(at, c) => signs.push((at, c)),
            _ => {}
        }
    }
    signs
}

fn is_currency(c: char) -> bool {
    matches!(c, '$' | '¢' | '£' | '¤' | '¥' | '\u{20A0}'..='\u{20CF}' | '￥' | '＄')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let said = Said::new(text);
        (0..said.len()).map(|i| said.word(i).to_owned()).collect()
    }

    /// Signs that change what is said are words; marks that do not are none.
    #[test]
    fn signs_are_words() {
        assert_eq!(words("It cost $5.50, or 3 %!"), ["it", "cost", "$", "5", ".", "50", "or", "3", "%"]);
        assert_eq!(words("-4 to 3-1, “C#”"), ["-", "4", "to", "3", "-", "1", "c", "#"]);
        assert_eq!(words("a – b | c’s"), ["a", "b", "c", "s"]);
        assert!(Said::new(" – ").is_empty());
    }

    /// Sentences end at marks before white space; points in names and numbers end none.
    #[test]
    fn sentences() {
        let said = Said::new("It is 3.5 at example.com. “Yes,” he said; no");
        let finished: Vec<&str> = (0..said.len()).filter(|&i| said.finishes(i)).map(|i| said.word(i)).collect();
        assert_eq!(finished, ["com", "yes", "said", "no"]);
        assert!(said.is_open() && said.trails_off(), "the last sentence has no end");
        assert!(!Said::new("It is.").is_open() && Said::new("It is...").trails_off());
        assert!(Said::new("Water, oil, salt").is_open() && !Said::new("Water, oil, salt").trails_off(), "a list");
    }
}
