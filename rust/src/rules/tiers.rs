//! Which rules may match a line, by their literals, in tiers of line length.
//!
//! May list a rule that does not match, never leaves out one that does.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::rules::fold;
use crate::rules::literals::{Anchors, MAX_LITERAL, WINDOW};

/// The rules that may judge lines of some lengths. Most rules are about short lines and most of the text stands in long ones.
pub struct Tier {
    /// Code points of the longest line of this tier.
    pub longest: usize,
    heads: Literals,
    tails: Literals,
    /// Of literals in ASCII; of all. Most windows are ASCII, and the first automaton has an eighth of the size of the second.
    inner: [Parts; 2],
    /// Rules without literals.
    pub always: Vec<u16>,
}

/// Where one tier ends and the next begins, in code points.
pub const TIERS: [usize; 3] = [120, 300, usize::MAX];

impl Tier {
    /// Makes the tier for lines of more than `over` code points, up to `longest`, of the literals and the longest line of each rule.
    pub fn new<'a>(over: usize, longest: usize, rules: impl Iterator<Item = (&'a Anchors, u32)>) -> Self {
        let (mut heads, mut tails, mut inner, mut always) = (vec![], vec![], vec![], vec![]);
        for (i, (found, _)) in rules.enumerate().filter(|(_, (_, max_chars))| *max_chars as usize > over) {
            let i = u16::try_from(i).expect("the caller bounds the number of rules");
            if found.head.is_empty() && found.tail.is_empty() && found.inner.is_empty() {
                always.push(i);
            }
            heads.extend(found.head.iter().map(|l| (l.clone().into_bytes(), i)));
            tails.extend(found.tail.iter().map(|l| (l.bytes().rev().collect(), i)));
            inner.extend(found.inner.iter().map(|l| (l.clone(), i)));
        }
        inner.sort();
        inner.dedup();
        let ascii = inner.iter().filter(|(literal, _)| literal.is_ascii()).cloned().collect();
        Tier { longest, heads: Literals::new(heads), tails: Literals::new(tails), inner: [Parts::new(ascii), Parts::new(inner)], always }
    }

    /// Adds to `found` the rules of which a literal stands where a match would have it, and those without literals; some more than once.
    /// Never leaves out a rule that matches. `text` is scratch space.
    pub fn find(&self, stripped: &str, text: &mut String, found: &mut Vec<u16>) {
        fold::fold_head(stripped, MAX_LITERAL, text);
        self.heads.find(text.bytes(), found);
        if !self.inner[1].entries.is_empty() {
            fold::fold_tail(stripped, WINDOW, text);
            self.inner[usize::from(!text.is_ascii())].find(text, found);
        }
        fold::fold_tail(fold::without_closing(stripped), MAX_LITERAL, text);
        self.tails.find(text.bytes().rev(), found);
        found.extend(&self.always);
    }
}

const FEW: &str = "the literals of a rule set are far below the automaton's limits";

/// An automaton over whole texts, and the rule behind each of its patterns. It is built when it is first asked.
struct Parts {
    entries: Vec<(String, u16)>,
    automaton: OnceLock<AhoCorasick>,
}

impl Parts {
    fn new(entries: Vec<(String, u16)>) -> Self {
        Parts { entries, automaton: OnceLock::new() }
    }

    fn build(&self) -> AhoCorasick {
        let literals = self.entries.iter().map(|(literal, _)| literal);
        AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(literals).expect(FEW)
    }

    /// The rules of the literals that `text` holds.
    fn find(&self, text: &str, found: &mut Vec<u16>) {
        let automaton = self.automaton.get_or_init(|| self.build());
        found.extend(automaton.find_overlapping_iter(text).map(|m| self.entries[m.pattern().as_usize()].1));
    }
}

/// Literals in their order, and the rule behind each: a trie of which each node is a stretch of the list. An automaton would take a tenth of a
/// second to build, at the first call of each process.
struct Literals {
    /// The first eight bytes of each, the first byte highest.
    heads: Vec<u64>,
    /// All bytes, and where each literal ends.
    bytes: Vec<u8>,
    ends: Vec<u32>,
    rule: Vec<u16>,
    /// Where the literals with each first byte begin.
    first: [u32; 257],
}

impl Literals {
    fn new(mut entries: Vec<(Vec<u8>, u16)>) -> Self {
        entries.sort_unstable();
        entries.dedup();
        let head = |literal: &[u8]| (0..8).fold(0, |head, i| head << 8 | u64::from(literal.get(i).copied().unwrap_or(0)));
        let starting_below = |byte: usize| entries.partition_point(|(literal, _)| usize::from(literal[0]) < byte) as u32;
        let mut literals = Literals {
            heads: entries.iter().map(|(literal, _)| head(literal)).collect(),
            bytes: Vec::with_capacity(entries.iter().map(|(literal, _)| literal.len()).sum()),
            ends: Vec::with_capacity(entries.len()),
            rule: entries.iter().map(|(_, rule)| *rule).collect(),
            first: std::array::from_fn(starting_below),
        };
        for (literal, _) in &entries {
            literals.bytes.extend_from_slice(literal);
            literals.ends.push(u32::try_from(literals.bytes.len()).expect(FEW));
        }
        literals
    }

    fn start(&self, i: usize) -> usize {
        if i == 0 { 0 } else { self.ends[i - 1] as usize }
    }

    fn len(&self, i: usize) -> usize {
        self.ends[i] as usize - self.start(i)
    }

    /// The rules of the literals that `text` begins with. Most lines leave the list within a few bytes.
    fn find(&self, text: impl Iterator<Item = u8>, found: &mut Vec<u16>) {
        let (mut from, mut to) = (0, self.rule.len());
        for (depth, byte) in text.enumerate() {
            // Here all from `from` to `to` are longer than `depth` and begin with what was read.
            (from, to) = match depth {
                0 => (self.first[usize::from(byte)] as usize, self.first[usize::from(byte) + 1] as usize),
                _ => self.with(from, to, depth, byte),
            };
            while from < to && self.len(from) == depth + 1 {
                found.push(self.rule[from]);
                from += 1;
            }
            if from == to {
                return;
            }
        }
    }

    /// Those of a stretch of literals that have `byte` at a place.
    fn with(&self, from: usize, to: usize, place: usize, byte: u8) -> (usize, usize) {
        if place < 8 {
            let (heads, shift) = (&self.heads[from..to], 56 - 8 * place);
            let start = heads.partition_point(|head| ((head >> shift) as u8) < byte);
            return (from + start, from + start + heads[start..].partition_point(|head| (head >> shift) as u8 == byte));
        }
        let at = |i: usize| self.bytes[self.start(i) + place];
        let start = partition_point(from, to, |i| at(i) < byte);
        (start, partition_point(start, to, |i| at(i) == byte))
    }
}

/// The first number from `from` on, up to `to`, for which `holds` does not; it holds for all before.
fn partition_point(mut from: usize, mut to: usize, holds: impl Fn(usize) -> bool) -> usize {
    while from < to {
        let middle = from.midpoint(to);
        if holds(middle) { from = middle + 1 } else { to = middle }
    }
    from
}
