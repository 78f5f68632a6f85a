//! Which rules may match a line, by their literals: automata in tiers of line length.
//!
//! May list a rule that does not match, never leaves out one that does.

use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{AhoCorasick, AhoCorasickKind, Anchored, MatchKind};

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
    /// Builds the automata for lines of more than `over` code points, up to `longest`, of the literals and the longest line of each rule.
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
        if !self.inner[1].rule.is_empty() {
            fold::fold_tail(stripped, WINDOW, text);
            self.inner[usize::from(!text.is_ascii())].find(text, found);
        }
        fold::fold_tail(fold::without_closing(stripped), MAX_LITERAL, text);
        self.tails.find(text.bytes().rev(), found);
        found.extend(&self.always);
    }
}

const FEW: &str = "the literals of a rule set are far below the automaton's limits";

/// An automaton over whole texts, and the rule behind each of its patterns.
struct Parts {
    automaton: AhoCorasick,
    rule: Vec<u16>,
}

impl Parts {
    fn new(entries: Vec<(String, u16)>) -> Self {
        let literals = entries.iter().map(|(literal, _)| literal);
        let automaton = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(literals).expect(FEW);
        Parts { automaton, rule: entries.iter().map(|(_, rule)| *rule).collect() }
    }

    /// The rules of the literals that `text` holds.
    fn find(&self, text: &str, found: &mut Vec<u16>) {
        found.extend(self.automaton.find_overlapping_iter(text).map(|m| self.rule[m.pattern().as_usize()]));
    }
}

/// An automaton over the beginnings of texts, and the rule behind each of its patterns.
struct Literals {
    automaton: NFA,
    rule: Vec<u16>,
}

impl Literals {
    fn new(mut entries: Vec<(Vec<u8>, u16)>) -> Self {
        entries.sort();
        entries.dedup();
        let automaton = NFA::builder().match_kind(MatchKind::Standard).build(entries.iter().map(|(literal, _)| literal)).expect(FEW);
        Literals { automaton, rule: entries.into_iter().map(|(_, rule)| rule).collect() }
    }

    /// The rules of the literals that `text` begins with. Most lines leave the automaton within a few bytes.
    fn find(&self, text: impl Iterator<Item = u8>, found: &mut Vec<u16>) {
        let anchored = Anchored::Yes;
        let mut state = self.automaton.start_state(anchored).expect("built for both");
        for byte in text {
            state = self.automaton.next_state(anchored, state, byte);
            if self.automaton.is_special(state) {
                if self.automaton.is_dead(state) {
                    return;
                }
                if self.automaton.is_match(state) {
                    let matches = 0..self.automaton.match_len(state);
                    found.extend(matches.map(|i| self.rule[self.automaton.match_pattern(state, i).as_usize()]));
                }
            }
        }
    }
}
