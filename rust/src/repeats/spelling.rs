//! The same word, spelt otherwise.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// How two words that are not the same differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Difference {
    /// In accents alone.
    Accents,
    /// In accents alone, and the accents make another word of it (*konnte*, *könnte*).
    TellingAccents,
    /// One letter of a long word, as in *organise* and *organize*.
    Letter,
    /// They are two words.
    Words,
}

/// Tells how two folded words differ.
pub fn difference(a: &str, b: &str) -> Difference {
    if a.is_ascii() && b.is_ascii() {
        return if one_letter(a, b) { Difference::Letter } else { Difference::Words };
    }
    let (bare, other) = (without_accents(a), without_accents(b));
    if bare != other {
        return if one_letter(a, b) { Difference::Letter } else { Difference::Words };
    }
    let tells = bare.chars().count() <= 3 || TELLING.contains(&bare.as_str()) || bare.ends_with('o');
    if tells { Difference::TellingAccents } else { Difference::Accents }
}

/// Whether a word has an accent.
pub fn has_accent(word: &str) -> bool {
    !word.is_ascii() && without_accents(word) != word
}

/// Words that an accent makes another word of, without it. Words of three letters and fewer (*à*, *où*, *dà*) and those that end in *o*
/// (*pasó*) count as such anyway.
const TELLING: [&str; 34] = [
    "konnte",
    "konnten",
    "wurde",
    "wurden",
    "musste",
    "mussten",
    "hatte",
    "hatten",
    "durfte",
    "durften",
    "mochte",
    "mochten",
    "brauchte",
    "brauchten",
    "ware",
    "waren",
    "schon",
    "fordern",
    "fordert",
    "forderte",
    "zahlen",
    "zahlt",
    "zahlte",
    "drucken",
    "druckt",
    "lauft",
    "schlagt",
    "tragt",
    "esta",
    "este",
    "pode",
    "papa",
    "marche",
    "peche",
];

/// Returns the word without its accents. Only Latin, Greek and Cyrillic letters lose theirs: elsewhere marks are letters.
fn without_accents(word: &str) -> String {
    let mut bare = String::with_capacity(word.len());
    let mut base = ' ';
    for c in word.nfd() {
        if !is_combining_mark(c) {
            base = c;
            bare.push(stroke(c));
        } else if !is_accented_script(base) || (base == 'и' && c == '\u{306}') {
            // The breve of й makes a letter of its own.
            bare.push(c);
        }
    }
    bare
}

fn is_accented_script(c: char) -> bool {
    matches!(c, 'a'..='z' | '\u{C0}'..='\u{24F}' | '\u{370}'..='\u{3FF}' | '\u{400}'..='\u{4FF}' | '\u{1E00}'..='\u{1FFF}')
}

/// Letters with a stroke have no accent that could be taken off.
fn stroke(c: char) -> char {
    match c {
        'ł' => 'l',
        'ø' => 'o',
        'đ' => 'd',
        'ı' => 'i',
        _ => c,
    }
}

/// Spellings that differ from country to country in one letter, inside a word: what stands here, and there, and how many letters stand
/// before it at least, so that no short word is meant (*mourning*, *stalling*).
const SPELLINGS: [(&str, &str, usize); 9] = [
    ("our", "or", 3),
    ("is", "iz", 3),
    ("ys", "yz", 3),
    ("ll", "l", 4),
    ("nce", "nse", 2),
    ("re", "er", 4),
    ("ae", "e", 0),
    ("oe", "e", 0),
    ("gement", "gment", 2),
];
/// The shorter of two words that are spelt in two ways has so many letters.
const LONG: usize = 5;
/// A slip of one letter is one in words of so many letters, with so many equal ones at either end: *contacted* is not *contracted*.
const SLIP: usize = 12;
const SLIP_ENDS: usize = 4;

fn one_letter(a: &str, b: &str) -> bool {
    let alphabetic = |word: &str| word.chars().all(|c| c.is_alphabetic());
    if a.len().min(b.len()) < LONG || a.len().abs_diff(b.len()) > 4 || a.len().max(b.len()) > 160 || !alphabetic(a) || !alphabetic(b) {
        return false;
    }
    SPELLINGS.iter().any(|&spelling| respelt(a, b, spelling) || respelt(b, a, spelling)) || is_slip(a, b)
}

/// Whether one place where `a` has the one spelling, and `b` the other, is all in which they differ.
fn respelt(a: &str, b: &str, (here, there, least): (&str, &str, usize)) -> bool {
    let places = a.match_indices(here).map(|(at, _)| at).filter(|&at| at >= least);
    // *Centre* and *center*: only at the end, or before a plural.
    let fits = |at: &usize| here != "re" || matches!(&a[at + 2..], "" | "s" | "d");
    let mut tried = places.filter(fits);
    tried.any(|at| {
        let tail = &a[at + here.len()..];
        b.len() == at + there.len() + tail.len() && b.starts_with(&a[..at]) && b[at..].starts_with(there) && b.ends_with(tail)
    })
}

fn is_slip(a: &str, b: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().min(b.len()) < SLIP || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let front = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let back = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    // All but one letter of the longer is accounted for.
    front >= SLIP_ENDS && back >= SLIP_ENDS && front + back + 1 >= a.len().max(b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_word() {
        let pairs = [
            ("organised", "organized"),
            ("colour", "color"),
            ("neighbourhood", "neighborhood"),
            ("travelling", "traveling"),
            ("defence", "defense"),
            ("theatre", "theater"),
            ("judgement", "judgment"),
            ("paediatric", "pediatric"),
            ("administration", "adminstration"),
        ];
        for (a, b) in pairs {
            assert_eq!((difference(a, b), difference(b, a)), (Difference::Letter, Difference::Letter), "{a} {b}");
        }
    }

    #[test]
    fn other_words() {
        let pairs = [
            ("million", "billion"),
            ("mourning", "morning"),
            ("counties", "countries"),
            ("contacted", "contracted"),
            ("typical", "atypical"),
            ("tuesday", "thursday"),
            ("keine", "seine"),
            ("employer", "employee"),
            ("candidato", "candidata"),
            ("immortality", "immorality"),
            ("2019", "2018"),
            ("が", "か"),
            ("мой", "мои"),
        ];
        for (a, b) in pairs {
            assert_eq!(difference(a, b), Difference::Words, "{a} {b}");
        }
    }

    #[test]
    fn accents() {
        assert_eq!(difference("café", "cafe"), Difference::Accents);
        assert_eq!(difference("łódź", "lodz"), Difference::Accents);
        assert_eq!(difference("könnte", "konnte"), Difference::TellingAccents);
        assert_eq!(difference("pasó", "paso"), Difference::TellingAccents);
        assert!(has_accent("zürich") && !has_accent("zurich") && !has_accent("日"));
    }
}
