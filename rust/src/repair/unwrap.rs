//! Hard-wrapped text: which line ends were put in by a program to fit a width, and are no one's.
//!
//! A program that fills lines breaks before the first word that does not fit. So in a wrapped block each line that does not end a
//! paragraph would overflow if it took the next line's first word, and many such lines stop in mid-sentence. Headlines, verse, lists
//! and code fail one of the two. The decision looks at one block (lines without a blank line between) and nothing else, so cutting
//! lines elsewhere cannot change it.

use std::ops::Range;

use foldhash::{HashSet, HashSetExt};

use crate::text::shape::{ends_sentence, is_unspaced, width};

/// The narrowest and widest margin, in columns, that counts as a page width.
const MARGIN: Range<usize> = 40..121;
/// Two lines alone are little evidence: the first must be at least this wide.
const LONE_WIDTH: usize = 55;

/// Words that join two words of which one lacks a part, at the place where the hyphen of the first stands: no word is cut so that they are its rest.
const CONJUNCTIONS: [&str; 34] = [
    "und",
    "oder",
    "bis",
    "bzw.",
    "bzw",
    "beziehungsweise",
    "sowie",
    "respektive",
    "and",
    "nor",
    "through",
    "versus",
    "y",
    "e",
    "o",
    "u",
    "i",
    "och",
    "eller",
    "samt",
    "ili",
    "oraz",
    "lub",
    "albo",
    "czy",
    "oppure",
    "nebo",
    "tai",
    "sekä",
    "vai",
    "или",
    "и",
    "та",
    "або",
];
/// Such words that may also be the last syllable of a word that was cut, and small words by one of which a text shows the language in which they are one.
const SYLLABLES: [(&str, &[&str]); 11] = [
    ("en", &["de", "het", "van", "een", "en"]),
    ("of", &["het", "van", "een", "of"]),
    ("to", &["the", "to"]),
    ("or", &["the", "or"]),
    ("et", &["le", "la", "les", "des", "et"]),
    ("ou", &["le", "les", "des", "que", "os", "ou"]),
    ("og", &["det", "er", "og"]),
    ("ja", &["on", "ei", "ja"]),
    ("a", &["se", "je", "na", "a"]),
    ("és", &["a", "az", "és"]),
    ("ve", &["bir", "bu", "ve"]),
];

/// How a line of a wrapped block meets the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Join {
    /// The paragraph ends here.
    Break,
    /// They are one sentence: a space between.
    Space,
    /// No space: the script uses none.
    Nothing,
    /// A word was cut at a hyphen: the two halves are one word.
    Hyphen,
}

/// Returns how each line of a block meets the next (`count - 1` entries); `None` if the block is not wrapped. `line` gives the lines by their
/// places from 0 on, `ends_soft` whether one ended in a soft hyphen.
pub fn joins<'a>(count: usize, line: impl Fn(usize) -> &'a str, ends_soft: impl Fn(usize) -> bool) -> Option<Vec<Join>> {
    let margin = margin(count, &line)?;
    let mut joins = Vec::with_capacity(count - 1);
    let (mut full, mut running, mut lower, mut ragged) = (0, 0, 0, 0);
    for i in 0..count - 1 {
        let (this, next) = (line(i), line(i + 1));
        if looks_like_code(this) {
            return None;
        }
        if is_token(this) && is_token(next) {
            // One URL, path or hash a line: no margin did that.
            return None;
        }
        let overflows = width(this) + 1 + first_word_width(next) > margin;
        if !overflows && this.ends_with(['-', '\u{2010}']) && join(this, next, false) == Join::Hyphen {
            // What stands behind a hyphen and begins small belongs to it, whatever the margin: no one else ends lines so.
            (full, running, lower) = (full + 1, running + 1, lower + 1);
            joins.push(Join::Hyphen);
            continue;
        }
        if !overflows || starts_item(next) || answers(this, next) {
            // A line that had room for the next word and stops in mid-sentence was not filled by a program.
            ragged += usize::from(!overflows && !ends_sentence(this));
            joins.push(Join::Break);
            continue;
        }
        full += 1;
        if !ends_sentence(this) {
            running += 1;
            lower += usize::from(continues(next));
        }
        joins.push(join(this, next, ends_soft(i)));
    }
    // Two lines in three are filled, one in three of these stops in mid-sentence, and most of what follows those starts small.
    let wrapped = full * 3 >= (count - 1) * 2 && running * 3 >= full && running > 0 && lower * 2 >= running && ragged * 4 <= full;
    let enough = count > 2 || (margin >= LONE_WIDTH && lower == 1);
    (wrapped && enough && !is_list(count, &line)).then_some(joins)
}

/// Whether the lines are alike as those of a list, a log, a glossary or verse are, and those of a filled paragraph are not.
fn is_list<'a>(count: usize, line: &impl Fn(usize) -> &'a str) -> bool {
    let (mut same_start, mut labels, mut marks, mut sentences, mut inside, mut cased) = (0, 0, 0, false, false, false);
    for i in 0..count {
        let this = line(i);
        cased |= this.contains(char::is_lowercase);
        inside |= holds_sentence_end(this);
        sentences |= ends_sentence(this);
        labels += usize::from(is_labelled(this));
        if i > 0 {
            same_start += usize::from(starts_alike(line(i - 1), this));
            marks += usize::from(line(i - 1).ends_with([',', ';']));
        }
    }
    let fragments = cased && !sentences && !inside;
    let many = |found: usize, of: usize| count >= 3 && found * 3 >= of * 2;
    fragments || many(labels, count) || (many(marks, count - 1) && !inside) || (count >= 3 && same_start * 2 >= count - 1)
}

/// Whether a sentence ends inside a line.
fn holds_sentence_end(line: &str) -> bool {
    line.split(' ').rev().skip(1).any(|word| ends_sentence(word) && word.chars().filter(|c| c.is_alphabetic()).nth(2).is_some())
}

/// Whether two lines begin with the same two words.
fn starts_alike(one: &str, other: &str) -> bool {
    let start = |line: &str| line.match_indices(' ').nth(1).map(|(at, _)| at);
    start(one).is_some_and(|at| start(other) == Some(at) && one[..at] == other[..at])
}

/// Whether a line begins with a word or two and a colon, as those of logs, glossaries and plays do.
fn is_labelled(line: &str) -> bool {
    line.split(' ').take(2).any(|word| word.ends_with(':') && word.len() > 1)
}

/// Whether a line closes what somebody says and the next one opens what somebody says.
fn answers(this: &str, next: &str) -> bool {
    this.ends_with(['"', '”', '»', '’', '“']) && next.starts_with(['"', '“', '«', '„', '‘', '»'])
}

/// Whether a line is one token that is no word: a URL, a path, an address, a hash, a tag.
fn is_token(line: &str) -> bool {
    let unspaced = || line.chars().any(is_unspaced);
    let shape = || line.contains(['/', '@', '_', '#', '\\', '=']) || line.bytes().any(|b| b.is_ascii_digit());
    !line.contains(' ') && line.len() > 3 && !unspaced() && shape() || starts_token(line)
}

/// Whether a line begins with a URL behind a number or a bullet, and holds nothing else.
fn starts_token(line: &str) -> bool {
    let mut words = line.split(' ');
    let first = words.next().unwrap_or("");
    !first.contains(char::is_alphabetic) && words.next().is_some_and(|word| word.contains("://")) && words.next().is_none()
}

/// The widest line, if it is a plausible margin.
fn margin<'a>(count: usize, line: &impl Fn(usize) -> &'a str) -> Option<usize> {
    if count < 2 {
        return None;
    }
    let mut widest = 0;
    for i in 0..count {
        let text = line(i);
        if text.len() >= MARGIN.end * 4 {
            return None;
        }
        widest = widest.max(width(text));
        if widest >= MARGIN.end {
            return None;
        }
    }
    MARGIN.contains(&widest).then_some(widest)
}

fn first_word_width(line: &str) -> usize {
    match line.chars().next() {
        Some(c) if is_unspaced(c) => 2,
        _ => width(line.split(' ').next().unwrap_or(line)),
    }
}

/// Whether a line that starts so goes on with a sentence: no capital, where the script has capitals.
fn continues(line: &str) -> bool {
    let letter = line.chars().find(|c| c.is_alphanumeric());
    letter.is_some_and(|c| !c.is_uppercase())
}

/// A bullet or a number that begins a list item.
fn starts_item(line: &str) -> bool {
    if line.starts_with(['•', '*', '·', '▪', '◦', '‣', '>', '|', '#'])
        || line.starts_with("- ")
        || line.starts_with("– ")
        || line.starts_with("— ")
    {
        return true;
    }
    is_numbered(line) || is_timed(line)
}

/// `1. `, `12) `, `(a) `, `(iv) `, `b) `, `[3] `, `§ 4`: the number of a clause or an item.
fn is_numbered(line: &str) -> bool {
    if line.starts_with('§') {
        return true;
    }
    let inner = line.trim_start_matches(['(', '[']);
    let number = inner.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (number, rest) = inner.split_at(number);
    let digits = !number.is_empty() && number.len() <= 3 && number.bytes().all(|b| b.is_ascii_digit());
    let roman = number.len() <= 4 && number.bytes().all(|b| b"ivxIVX".contains(&b));
    let letter = number.len() == 1 || (roman && !number.is_empty());
    let closed = rest.starts_with(") ") || rest.starts_with("] ");
    (digits && (closed || rest.starts_with(". "))) || (letter && closed)
}

/// A time or a date in digits, as at the start of a line of a log: `12:30`, `[12:30:01]`, `2024-01-05`.
fn is_timed(line: &str) -> bool {
    let first = line.split(' ').next().unwrap_or("").trim_matches(['[', ']', '(', ')']);
    let parted = |mark: char| first.split(mark).count() >= 2 && first.split(mark).all(|part| !part.is_empty() && part.len() <= 4);
    let digits = first.len() >= 4
        && first.starts_with(|c: char| c.is_ascii_digit())
        && first.bytes().all(|b| b.is_ascii_digit() || b":-.T,Z".contains(&b));
    digits && (parted(':') || first.matches('-').count() == 2)
}

/// Statements, and records of data: a quoted name and a colon, or nothing but a bracket's contents.
fn looks_like_code(line: &str) -> bool {
    line.ends_with(['{', '}', '[', ';', '\\'])
        || line.starts_with(['{', '}', '['])
        || line.starts_with("//")
        || [" = ", "();", "=>", "\": ", "\":\""].iter().any(|part| line.contains(part))
}

fn join(this: &str, next: &str, soft: bool) -> Join {
    let mut end = this.chars().rev();
    let (last, before) = (end.next(), end.next());
    let first = next.chars().next();
    if soft && last != Some('-') && first.is_some_and(char::is_alphabetic) {
        return Join::Nothing;
    }
    match (before, last, first) {
        (Some(before), Some('-' | '\u{2010}'), Some(first)) if before.is_alphabetic() && first.is_lowercase() => Join::Hyphen,
        (_, Some(last), Some(first)) if is_unspaced(last) && is_unspaced(first) => Join::Nothing,
        _ => Join::Space,
    }
}

/// The words of a page, to tell a word that was cut from a compound that was written with a hyphen.
pub struct Vocabulary {
    words: HashSet<u64>,
}

impl Vocabulary {
    /// Collects the words of these lines, but the halves at line ends that are in question.
    pub fn new<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut words = HashSet::new();
        let mut cut = false;
        for line in lines {
            let mut tokens = line.split(' ').skip(usize::from(cut)).peekable();
            cut = line.ends_with(['-', '\u{2010}']);
            while let Some(token) = tokens.next() {
                if !cut || tokens.peek().is_some() {
                    words.insert(word(token));
                }
            }
        }
        Vocabulary { words }
    }

    /// Whether the hyphen at the end of `left` stands for a part of a word that is still to come: "Vor- und Nachteile", "pre- and post-war".
    pub fn suspends(&self, left: &str, right: &str) -> bool {
        let stem = left.rsplit(' ').next().unwrap_or("").trim_end_matches(['-', '\u{2010}']);
        let next = right.split(' ').next().unwrap_or("");
        if CONJUNCTIONS.contains(&next) {
            return true;
        }
        // These end words too: "Frau-en", "doct-or". The language says which it is.
        let Some((_, language)) = SYLLABLES.iter().find(|(syllable, _)| *syllable == next) else { return false };
        let has = |text: &str| self.words.contains(&word(text));
        !has(&format!("{stem}{next}")) && language.iter().any(|word| has(word))
    }

    /// Whether the hyphen between `left`, which ends in it, and `right` is part of the word: the page has the compound, or both its
    /// parts as words, and not the joined word.
    pub fn keeps_hyphen(&self, left: &str, right: &str) -> bool {
        let left = left.rsplit(' ').next().unwrap_or("");
        let right = right.split(' ').next().unwrap_or("");
        let stem = left.trim_end_matches(['-', '\u{2010}']);
        let has = |text: &str| self.words.contains(&word(text));
        has(&format!("{left}{right}")) || (!has(&format!("{stem}{right}")) && has(stem) && has(right))
    }
}

/// A word's hash, without case and without the marks around it.
fn word(token: &str) -> u64 {
    let token = token.trim_matches(|c: char| !c.is_alphanumeric());
    xxhash_rust::xxh3::xxh3_64(token.to_lowercase().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> Option<Vec<Join>> {
        let lines: Vec<_> = text.lines().collect();
        joins(lines.len(), |i| lines[i], |_| false)
    }

    /// Text filled to a margin is wrapped; a word cut at its end is one word.
    #[test]
    fn filled_paragraph() {
        use Join::*;
        let text = "The committee met on Tuesday to discuss the new proposals for the\n\
                    harbour, which had been delayed since the spring by a lack of infor-\n\
                    mation about the cost of the work and about who was going to pay\n\
                    forward for it.";
        assert_eq!(joined(text), Some(vec![Space, Hyphen, Space]));
    }

    /// A short line that ends a sentence ends the paragraph.
    #[test]
    fn paragraphs_without_a_blank_line() {
        use Join::*;
        let text = "The committee met on Tuesday to discuss the new proposals for the\n\
                    harbour, which had been delayed.\n\
                    In the afternoon the members of the board walked along the old quay\n\
                    and looked at the sheds that are going to be pulled down next year\n\
                    if the money is found.";
        assert_eq!(joined(text), Some(vec![Space, Break, Space, Space]));
    }

    /// A hyphen at a line end stays where the page writes the compound, or both words of it, elsewhere.
    #[test]
    fn compounds_keep_their_hyphen() {
        let words = Vocabulary::new(["a well-known case of infor-", "mation, a long", "term"].into_iter());
        assert!(words.keeps_hyphen("the Well-", "known, and"));
        assert!(words.keeps_hyphen("a long-", "term plan"));
        assert!(!words.keeps_hyphen("no infor-", "mation."));
    }

    /// Headlines of like length, verse, code and lists are left alone.
    #[test]
    fn left_alone() {
        for text in [
            "Ministers to Meet on Harbour Funding After Months of Delay, Say\nResidents Complain About Noise From Works at the Old Quayside\nCouncil Approves New Budget With Cuts to Libraries and Parks\nMayor Says She Will Not Stand Again at the Next Local Election",
            "Tyger Tyger, burning bright,\nIn the forests of the night;\nWhat immortal hand or eye,\nCould frame thy fearful symmetry?",
            "def wrapped(block_of_lines, margin_in_columns = 72, evidence = 3):\n    return [line for line in block_of_lines if len(line) > margin_in_columns]\nprint(wrapped([]))",
            "* the first item of a list that is long enough to be a full line\n* the second item of a list that is long enough to be a full line\n* the third item of a list that is long enough to be a full line",
            "one line that is by itself and as long as a line of wrapped text is",
        ] {
            assert_eq!(joined(text), None, "{text}");
        }
    }
}
