//! Repeats inside a document: nothing that was said is lost.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use arbitrary::{Result, Unstructured};
use textclean_native::page::document::{Cut, Page};
use textclean_native::page::label::Cause;
use textclean_native::repeats::units::Matching;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::clean::{self, Choice};
use crate::{pages, words};

/// Datelines that pages have.
const DATELINES: [&str; 2] = ["BERLIN (dpa) - ", "HAMBURG, March 5 (Reuters) - "];
/// Tokens of a dateline or byline at most.
const DATELINE: usize = 16;
/// Tokens of a stretch that stands between two others: five words, of which some may be signs.
const STRETCH: usize = 2;

/// What goes as verbatim, near or contained stands in what stays.
pub fn check(data: &[u8]) {
    // Bytes that run out end what is made, they are no failure.
    let _ = try_check(&mut Unstructured::new(data));
}

fn try_check(bytes: &mut Unstructured<'_>) -> Result<()> {
    let options = bytes.arbitrary::<u8>()?;
    let matching = if options & 7 == 7 { Matching::Loose } else { Matching::Strict };
    // Kinds of rules and of the model go or stay; repeats go.
    let drop = if options & 8 == 0 { 0b1_1100_0000_0000 } else { u64::MAX };
    let mode = None;
    let choice = Choice { unwrap: options & 16 == 0, mode, matching: Some(matching), templates: false, drop };
    let source = pages::page(bytes)?;
    // What repeats may go as furniture in a later round; DESIGN.md says what becomes of the repeat then.
    let strict = matching == Matching::Strict && drop != u64::MAX;
    let mut read = Reading::default();
    let batch = clean::rest(&[&source], choice, |batch| {
        let page = &batch.pages()[0];
        if strict {
            read.assert_repeats(page);
        }
        read.remember(page);
    });
    let page = &batch.pages()[0];
    let account = textclean_native::page::account::account(page);
    clean::assert_accounted(&source, &page.render(), &account, choice);
    let bytes: Vec<usize> = source.char_indices().map(|(at, _)| at).chain([source.len()]).collect();
    for (start, _, _, cause, score, witness, _) in &account.0 {
        let text = read.last(bytes[*start]);
        if !is_repeat(*cause) && *cause != Cause::Headline.number() {
            continue;
        }
        // What was in front of a witness may have been cut, marks of a tag may not: its unit begins somewhere in it.
        let kept: Vec<&str> = witness.iter().flat_map(|(start, end)| read.all(bytes[*start]..bytes[*end])).collect();
        assert!(!kept.is_empty() && *score > 0.0, "{text:?} is said nowhere else");
        // Of stretches of stretches, each cut as its end shows and without its dateline, no more than most words can be looked for.
        if strict && is_repeat(*cause) {
            let words: HashSet<String> =
                kept.iter().flat_map(|text| words::tokens(text).iter().map(str::to_owned).collect::<Vec<_>>()).collect();
            let said = words::tokens(text);
            let found = said.iter().filter(|word| words.contains(*word)).count();
            assert!(found > 0 && said.len() - found <= DATELINE.max(said.len() / 5), "{text:?} is not said by {kept:#?}");
        }
    }
    Ok(())
}

fn is_repeat(cause: u32) -> bool {
    [Cause::Exact, Cause::Near, Cause::Contained].iter().any(|named| named.number() == cause)
}

/// How units read in each round, by where they begin: a cut may part what was put together. The last is how it read when it was cut.
#[derive(Default)]
struct Reading {
    texts: BTreeMap<usize, Vec<String>>,
    checked: HashSet<usize>,
}

impl Reading {
    fn remember(&mut self, page: &Page) {
        for unit in page.units() {
            let seen = self.texts.entry(page.span(unit).range().start).or_default();
            if seen.last().is_none_or(|last| last != page.text(unit)) {
                seen.push(page.text(unit).to_owned());
            }
        }
    }

    fn last(&self, start: usize) -> &str {
        self.texts[&start].last().expect("a text for each place")
    }

    fn all(&self, within: Range<usize>) -> impl Iterator<Item = &str> {
        self.texts.range(within).flat_map(|(_, texts)| texts).map(String::as_str)
    }

    /// What went as a repeat in the last round stands in the units that were its witnesses then.
    fn assert_repeats(&mut self, page: &Page) {
        for Cut { span, label } in &page.cuts {
            if !self.checked.insert(span.range().start) || !is_repeat(label.cause.number()) {
                continue;
            }
            let text = self.last(span.range().start);
            let kept: Vec<&str> = label.witness.iter().map(|span| self.last(span.range().start)).collect();
            assert!(is_said(text, &kept), "{text:?} is not said by its witnesses {kept:#?}");
        }
    }
}

/// Whether all tokens of a text, but those of a dateline, stand in stretches of the texts that stay. A dateline that stood inside may be lost,
/// since what covered it there may have gone for a text without it.
fn is_said(text: &str, kept: &[&str]) -> bool {
    let without = |text: &str| DATELINES.iter().fold(text.to_owned(), |text, dateline| text.replace(dateline, ""));
    let bare: Vec<String> = kept.iter().map(|text| without(text)).collect();
    is_said_so(text, kept) || is_said_so(&without(text), &bare)
}

fn is_said_so(text: &str, kept: &[impl AsRef<str>]) -> bool {
    let said = read(text);
    let kept: Vec<Vec<Word>> = kept.iter().map(|text| read(text.as_ref())).collect();
    if kept.contains(&said) {
        return true;
    }
    let most = DATELINE.min(said.len().saturating_sub(1));
    (0..=most).any(|start| is_covered(&said[start..], &kept))
}

/// Whether tokens are stretches of the others, one behind the other. Every place that can be reached is tried.
fn is_covered(said: &[Word], kept: &[Vec<Word>]) -> bool {
    let mut reached = vec![false; said.len() + 1];
    reached[0] = true;
    for at in 0..said.len() {
        if !reached[at] {
            continue;
        }
        for other in kept {
            for from in 0..other.len() {
                let (mut length, mut slips) = (0, 0);
                while at + length < said.len() && from + length < other.len() {
                    let (mine, its) = (&said[at + length], &other[from + length]);
                    // The last word may be half a word.
                    let cut = at + length + 1 == said.len() && its.whole.starts_with(&mine.whole);
                    slips += usize::from(!same_letters(mine, its) && !cut);
                    if slips > 1 || !(cut || is_spelt_alike(mine, its)) {
                        break;
                    }
                    length += 1;
                    let whole = at + length == said.len() || from + length == other.len();
                    if length >= STRETCH || whole {
                        reached[at + length] = true;
                    }
                }
            }
        }
    }
    reached[said.len()]
}

/// A token, and its letters without accents.
#[derive(PartialEq)]
struct Word {
    whole: String,
    bare: Vec<char>,
}

/// Reads letters, marks and digits: a sign that spells letters (`™`) is a sign.
fn read(text: &str) -> Vec<Word> {
    let text: String = text.chars().map(|c| if c.is_alphanumeric() || is_combining_mark(c) { c } else { ' ' }).collect();
    let word = |token: &str| Word { whole: token.to_owned(), bare: token.nfkd().filter(|c| !is_combining_mark(*c)).collect() };
    words::tokens(&text).iter().map(word).collect()
}

fn same_letters(one: &Word, other: &Word) -> bool {
    one.bare == other.bare
}

/// Whether two words differ by no more than accents, or by one letter of a long word. Numbers never do.
fn is_spelt_alike(one: &Word, other: &Word) -> bool {
    let (one, other) = (&one.bare, &other.bare);
    if one == other {
        return true;
    }
    if one.len().min(other.len()) < 4 || one.len().abs_diff(other.len()) > 1 || one.iter().chain(other).any(|c| c.is_numeric()) {
        return false;
    }
    let head = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let tail = one[head..].iter().rev().zip(other[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (left, right) = (one.len() - head - tail, other.len() - head - tail);
    // One letter put in, left out, changed, or two that changed places.
    left.max(right) <= 1 || (left == 2 && right == 2 && one[head] == other[head + 1] && one[head + 1] == other[head])
}
