//! Whether a line speaks as notices do: to the reader, of the site, in the few words that notices are made of.
//!
//! A pattern with an open stretch (`we use cookies .{0,200}`) says how a notice begins, and a reporter's sentence may begin so too. What
//! tells them apart is who speaks: a notice says "we" and "you" and never "he said". A `Voice` is that knowledge for one language, as lists
//! of words, which stand in the rule files.

use foldhash::HashSet;

/// The words of a language by which notices are known.
#[derive(Debug, Default)]
pub struct Voice {
    /// Whether words are told apart by spaces; if not, lists hold pieces of lines.
    pub spaced: bool,
    /// Whether a capital inside a sentence means a name, as it does not in German.
    pub capitals: bool,
    /// Words that address the reader.
    pub speaks: Words,
    /// Words that a notice never has, since somebody is told of.
    pub tells: Words,
    /// Pieces of a line that no prose has.
    pub sure: Vec<String>,
    /// Beginnings of the words that notices are made of.
    pub known: HashSet<String>,
}

/// A list of words; `*` at an end stands for any letters.
#[derive(Debug, Default)]
pub struct Words {
    whole: HashSet<String>,
    heads: Vec<String>,
    tails: Vec<String>,
}

impl Words {
    /// Takes the words as rule files have them.
    pub fn new(words: &[String]) -> Self {
        let mut list = Words::default();
        for word in words {
            if let Some(head) = word.strip_suffix('*') {
                list.heads.push(head.to_owned());
            } else if let Some(tail) = word.strip_prefix('*') {
                list.tails.push(tail.to_owned());
            } else {
                list.whole.insert(word.clone());
            }
        }
        list
    }

    /// Whether the list has a word.
    pub fn has(&self, word: &str) -> bool {
        self.whole.contains(word)
            || self.heads.iter().any(|head| word.starts_with(head.as_str()))
            || self.tails.iter().any(|tail| word.ends_with(tail.as_str()))
    }

    /// Whether a line has one of the words as a piece.
    fn in_line(&self, line: &str) -> bool {
        self.whole.iter().chain(&self.heads).chain(&self.tails).any(|piece| line.contains(piece.as_str()))
    }
}

/// Code points by which the forms of one word are taken for the same.
pub const KNOWN: usize = 5;
/// Words shorter than this are as common in notices as anywhere.
const LONG: usize = 4;
/// Of so many words of a notice one may be of another field; of a line that addresses nobody, of so many.
const STRANGE: usize = 12;
const STRANGE_UNADDRESSED: usize = 15;
/// The same where names can't be told and count as strange words.
const STRANGE_OR_NAME: usize = 9;
/// A line with fewer words and no mark of a sentence is a label or a heading.
const SENTENCE: usize = 9;

impl Voice {
    /// Whether `line`, folded with its capitals, speaks as notices do.
    pub fn is_notice(&self, line: &str) -> bool {
        let low = lower(line);
        let sure = self.sure.iter().filter_map(|piece| Some(low.rfind(piece.as_str())? + piece.len())).max();
        if !self.spaced {
            let speaks = sure.is_some() || self.speaks.in_line(&low) || low.split_whitespace().any(is_link);
            return !self.tells.in_line(&low) && speaks;
        }
        let words = words(line);
        if words.iter().any(|word| self.tells.has(&word.low)) {
            return false;
        }
        // What stands before a piece that no prose has may name anybody; what stands behind it goes on as notices do.
        let Some(sure) = sure else { return self.is_known(line, &words, false) };
        let rest: String = line.chars().skip(low[..sure].chars().count()).collect();
        self.is_known(&rest, &self::words(&rest), true)
    }

    /// Whether `line` may be a title, a name or a credit: any words may stand in one, but no sentence of prose that ends as one.
    pub fn is_title(&self, line: &str) -> bool {
        if !self.spaced {
            return !line.ends_with(['.', '。', '।']) || !self.tells.in_line(&lower(line));
        }
        !ends_with_word(line) || words(line).len() < SENTENCE || self.is_notice(line)
    }

    /// Whether a line is no sentence, or made of the words of notices and of names. `named`: somebody was named before, or is named first.
    fn is_known(&self, line: &str, words: &[Word], named: bool) -> bool {
        // Of a row of links the last may be a sentence.
        if let Some((_, last)) = line.rsplit_once(" | ") {
            return self.is_known(last, &self::words(last), named);
        }
        if !is_sentence(line, words.len()) {
            return true;
        }
        let capitals = words.iter().filter(|word| word.capital).count();
        let names = self.capitals && (named || capitals * 2 <= words.len());
        let strange = |word: &&Word| {
            let long = word.low.chars().count() >= LONG && !word.low.starts_with(|c: char| c.is_numeric());
            long && !(names && word.capital && (named || !word.first)) && !self.known.contains(key(&word.low))
        };
        let strange = words.iter().filter(strange).count();
        let addressed = named || words.iter().any(|word| self.speaks.has(&word.low)) || line.split_whitespace().any(is_link);
        let one_of = if self.capitals { STRANGE } else { STRANGE_OR_NAME };
        strange <= if addressed { (words.len() / one_of).max(1) } else { words.len() / STRANGE_UNADDRESSED }
    }
}

/// Whether a line ends with a word and a full stop, and not with "a.m.", an initial, dots or a bracket.
fn ends_with_word(line: &str) -> bool {
    let Some(said) = line.strip_suffix('.') else { return false };
    let last = said.rsplit(' ').next().unwrap_or(said);
    last.chars().count() > 1 && !last.contains('.') && !last.ends_with(')')
}

/// Returns the beginning by which a word is known.
pub fn key(word: &str) -> &str {
    &word[..word.char_indices().nth(KNOWN).map_or(word.len(), |(at, _)| at)]
}

/// A word of a line.
struct Word {
    low: String,
    capital: bool,
    /// Whether a sentence begins with it.
    first: bool,
}

fn words(line: &str) -> Vec<Word> {
    let mut found = Vec::new();
    let mut first = true;
    for piece in line.split_whitespace().filter(|piece| !is_link(piece)) {
        for word in piece.split(|c| !in_word(c)).filter(|word| !word.is_empty()) {
            found.push(Word { low: lower(word), capital: word.starts_with(char::is_uppercase), first });
            first = false;
        }
        first = first || piece.trim_end_matches(closes).ends_with(['.', '!', '?', ':']) || piece == "|";
    }
    found
}

/// A word without case, with the Turkish letters as rules see them.
pub fn lower(word: &str) -> String {
    word.chars().flat_map(|c| if matches!(c, 'ı' | 'İ') { 'i' } else { c }.to_lowercase()).collect()
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || ('\u{300}'..='\u{36f}').contains(&c)
}

fn closes(c: char) -> bool {
    matches!(c, '"' | '\'' | ')' | ']')
}

/// Whether a piece without spaces is an address of the web, an e-mail address or a handle.
fn is_link(piece: &str) -> bool {
    let piece = piece.trim_matches(|c: char| !c.is_alphanumeric() && c != '@');
    let host = || {
        let (site, end) = piece.split('/').next().unwrap_or(piece).rsplit_once('.')?;
        Some(site.len() >= 2 && (2..=6).contains(&end.len()) && end.bytes().all(|b| b.is_ascii_lowercase()))
    };
    piece.len() > 2 && (piece.contains('@') || piece.contains("://") || piece.starts_with("www.") || host() == Some(true))
}

/// Whether a line reads as a sentence, rather than as a label, a heading or a row of links.
fn is_sentence(line: &str, words: usize) -> bool {
    let ends = line.trim_end_matches(closes).ends_with(['.', '!', '?']);
    let inside = line.split_inclusive(' ').any(|piece| piece.ends_with(". ") || piece.ends_with(", ") || piece.ends_with("; "));
    words >= SENTENCE || ends || inside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(words: &str) -> Vec<String> {
        words.split(' ').map(str::to_owned).collect()
    }

    fn english() -> Voice {
        Voice {
            spaced: true,
            capitals: true,
            speaks: Words::new(&list("we you your our")),
            tells: Words::new(&list("says said he they")),
            sure: vec!["©".to_owned()],
            known: list("we use cooki to impro your exper site on this").into_iter().collect(),
        }
    }

    /// A notice is made of the words of notices; a name or one other word may be among them.
    #[test]
    fn notices() {
        let voice = english();
        assert!(voice.is_notice("We use cookies to improve your experience on this site."));
        assert!(voice.is_notice("We use cookies to improve your experience on Example Daily."));
        assert!(voice.is_notice("We use cookies to improve your breakfast."));
        assert!(voice.is_notice("© 2020 Somebody Else, Zedville."));
        assert!(!voice.is_notice("© 2020 Somebody, all the winds and waters."));
    }

    /// Who tells of others, or of other things, writes no notice.
    #[test]
    fn prose() {
        let voice = english();
        assert!(!voice.is_notice("We use cookies to improve your experience, he said."));
        assert!(!voice.is_notice("We use cookies as plates for cheese and ham."));
        assert!(!voice.is_notice("Cookies are as old as bread, and as sweet."));
    }

    /// A label is no sentence, and keeps what only sentences must have.
    #[test]
    fn labels() {
        let voice = english();
        assert!(voice.is_notice("Follow Somebody Else"));
        assert!(!voice.is_notice("Follow me, he said"));
    }

    /// A title may say anything, if it is no sentence.
    #[test]
    fn titles() {
        let voice = english();
        assert!(voice.is_title("Minister says that he will have to go home before the end of May"));
        assert!(!voice.is_title("A line below a picture, which says what can be seen in it."));
    }

    /// Where no spaces stand between words, pieces of the line speak.
    #[test]
    fn without_spaces() {
        let voice = Voice { speaks: Words::new(&list("您 请")), tells: Words::new(&list("表示")), ..Voice::default() };
        assert!(voice.is_notice("请您同意"));
        assert!(!voice.is_notice("专家表示，请您同意"));
        assert!(!voice.is_notice("同意"));
    }
}
