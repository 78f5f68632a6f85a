//! Which rules match a line.
//!
//! A rule's pattern must match a whole folded line. From each pattern the literals are taken that every match begins with, or ends
//! with, whichever says more (`regex-syntax` does the taking). A line that begins and ends with none of them is no rule's business;
//! for the few others the pattern is tried, here by engines that never backtrack (`pattern`). Rules whose patterns these don't read have
//! candidates, on which somebody else must decide.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{AhoCorasick, AhoCorasickKind, Anchored, MatchKind};
use xxhash_rust::xxh3::xxh3_64;

use crate::fold;
use crate::literals::{Anchors, MAX_LITERAL, WINDOW};
use crate::pattern::{Memory, Pattern};

/// What this side needs to know of a rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The pattern; one that `regex-syntax` cannot read is not tried here.
    pub pattern: String,
    /// Its literals (see [`crate::literals::literals`]); none: every line is its candidate.
    pub anchors: Anchors,
    /// Whether the pattern sees capitals.
    pub case: bool,
    /// Longest line it judges, in code points.
    pub max_chars: u32,
}

/// Finds the candidates among lines.
pub struct Prefilter {
    rules: Vec<Rule>,
    /// The patterns, compiled when first tried; `None`: not for this engine.
    patterns: Vec<OnceLock<Option<Pattern>>>,
    tiers: Vec<Tier>,
    always: Vec<u16>,
}

/// The rules that may judge lines of some lengths. Most rules are about short lines and most of the text stands in long ones.
struct Tier {
    /// Code points of the longest line of this tier.
    longest: usize,
    heads: Literals,
    tails: Literals,
    /// Of literals in ASCII; of all. Most windows are ASCII, and the first automaton has an eighth of the size of the second.
    inner: [Parts; 2],
    /// Rules without literals.
    always: Vec<u16>,
}

/// Where one tier ends and the next begins, in code points.
const TIERS: [usize; 3] = [120, 300, usize::MAX];

impl Tier {
    /// The tier of lines of more than `over` code points, up to `longest`.
    fn new(over: usize, longest: usize, rules: &[Rule]) -> Self {
        let (mut heads, mut tails, mut inner, mut always) = (vec![], vec![], vec![], vec![]);
        for (i, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.max_chars as usize > over) {
            let found = &rule.anchors;
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

    fn find(&self, stripped: &str, text: &mut String, found: &mut Vec<u16>) {
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

/// Short lines that were seen lately, and the rules that matched them: the furniture of a site comes with each of its pages, and a text may be
/// nothing but lines of a letter.
struct Seen {
    slots: Vec<(String, Vec<u16>)>,
}

/// Slots for lines seen, and bytes of the longest line that is kept: half a megabyte in all.
const SLOTS: usize = 1 << 12;
const MEMORABLE: usize = 64;

impl Default for Seen {
    fn default() -> Self {
        Seen { slots: vec![Default::default(); SLOTS] }
    }
}

impl Seen {
    /// Where a line is kept, if it is one to keep.
    fn place(line: &str) -> Option<usize> {
        (line.len() <= MEMORABLE).then(|| xxh3_64(line.as_bytes()) as usize % SLOTS)
    }

    fn find(&self, place: usize, line: &str) -> Option<&[u16]> {
        Some(&self.slots[place]).filter(|(seen, _)| seen == line && !line.is_empty()).map(|(_, found)| found.as_slice())
    }

    fn keep(&mut self, place: usize, line: &str, found: &[u16]) {
        let (seen, rules) = &mut self.slots[place];
        line.clone_into(seen);
        found.clone_into(rules);
    }
}

/// What [`Prefilter::candidates`] keeps from line to line. It belongs to one prefilter.
#[derive(Default)]
pub struct Scratch {
    text: String,
    /// The line as rules see it: without case, with case.
    folded: [String; 2],
    memory: Memory,
    seen: Seen,
    /// The rules found, each once, in order.
    pub found: Vec<u16>,
}

impl Prefilter {
    /// Builds the automata; at most 65,536 rules.
    pub fn new(rules: Vec<Rule>) -> Self {
        let starts = [0].into_iter().chain(TIERS);
        let tiers: Vec<Tier> = starts.zip(TIERS).map(|(over, longest)| Tier::new(over, longest, &rules)).collect();
        Prefilter {
            patterns: rules.iter().map(|_| OnceLock::new()).collect(),
            always: tiers.iter().flat_map(|tier| tier.always.iter().copied()).collect::<BTreeSet<_>>().into_iter().collect(),
            tiers,
            rules,
        }
    }

    /// Fills `scratch.found` with the rules that match `line`, or could.
    pub fn candidates(&self, line: &str, scratch: &mut Scratch) {
        scratch.found.clear();
        let place = Seen::place(line);
        if let Some(found) = place.and_then(|place| scratch.seen.find(place, line)) {
            scratch.found.extend_from_slice(found);
            return;
        }
        self.find(line, scratch);
        if let Some(place) = place {
            scratch.seen.keep(place, line, &scratch.found);
        }
    }

    fn find(&self, line: &str, scratch: &mut Scratch) {
        let stripped = fold::strip(line);
        if stripped.is_empty() {
            return;
        }
        let chars = stripped.chars().count();
        let tier = self.tiers.iter().find(|tier| chars <= tier.longest).expect("the last tier has no limit");
        tier.find(stripped, &mut scratch.text, &mut scratch.found);
        if !scratch.found.is_empty() {
            self.narrow(stripped, chars, scratch);
        }
    }

    /// Leaves of the rules found those that judge lines of this length and whose patterns match it.
    fn narrow(&self, stripped: &str, chars: usize, scratch: &mut Scratch) {
        // An ellipsis folds to three dots.
        let chars = if stripped.is_ascii() { chars } else { chars + 2 * stripped.matches('…').count() };
        let rule = |i: &u16| &self.rules[*i as usize];
        scratch.found.retain(|i| chars <= rule(i).max_chars as usize);
        scratch.found.sort_unstable();
        scratch.found.dedup();
        for case in [false, true] {
            if scratch.found.iter().any(|i| rule(i).case == case) {
                fold::fold_to(stripped, case, &mut scratch.folded[usize::from(case)]);
            }
        }
        let Scratch { folded, found, memory, .. } = scratch;
        found.retain(|&i| self.pattern(i).is_none_or(|p| p.matches(&folded[usize::from(rule(&i).case)], i, memory)));
    }

    fn pattern(&self, rule: u16) -> Option<&Pattern> {
        let number = usize::from(rule);
        self.patterns[number]
            .get_or_init(|| Pattern::new(&self.rules[number].pattern, !self.rules[number].anchors.head.is_empty()))
            .as_ref()
    }

    /// Whether a candidate of this rule is a line that it matches. If not, another engine must say so.
    pub fn decides(&self, rule: u16) -> bool {
        self.pattern(rule).is_some()
    }

    /// A line as a rule sees it.
    pub fn folded(&self, rule: u16, line: &str) -> String {
        fold::fold(fold::strip(line), self.rules[usize::from(rule)].case)
    }

    /// The rules that have no literal to find them by.
    pub fn unanchored(&self) -> &[u16] {
        &self.always
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::literals::literals;

    fn prefilter(patterns: &[&str]) -> Prefilter {
        Prefilter::new(
            patterns
                .iter()
                .map(|p| Rule { pattern: (*p).to_owned(), anchors: literals(p, &[]), case: p.contains(r"\p{Lu}"), max_chars: 120 })
                .collect(),
        )
    }

    fn candidates(prefilter: &Prefilter, line: &str) -> Vec<u16> {
        let mut scratch = Scratch::default();
        prefilter.candidates(line, &mut scratch);
        scratch.found
    }

    /// Rules are found by how their lines begin, or end, in any case and behind decoration.
    #[test]
    fn found_by_either_end() {
        let rules = prefilter(&["(leave|post) a (reply|comment)", "[0-9]{1,4} comments?", r"By \p{Lu}[\p{L} ]{2,30}", "ünïcode (à|é)"]);
        assert_eq!(candidates(&rules, "» LEAVE a Reply"), [0]);
        assert_eq!(candidates(&rules, "12 Comments"), [1]);
        assert_eq!(candidates(&rules, "By Ann Smith"), [2]);
        assert_eq!(candidates(&rules, "ÜNÏCODE É"), [3]);
        assert!(candidates(&rules, "Nothing of the kind").is_empty());
        assert!(candidates(&rules, &"leave a reply ".repeat(20)).is_empty());
        assert!(rules.unanchored().is_empty());
    }

    /// A pattern that neither begins nor ends with literals judges every line.
    #[test]
    fn without_literals_every_line_is_a_candidate() {
        let rules = prefilter(&[r".{1,20}[0-9].{1,20}", r"(?=x)y"]);
        assert_eq!(rules.unanchored(), [0, 1]);
        assert_eq!(candidates(&rules, "anything"), [1]);
        assert_eq!(candidates(&rules, "a 4 here"), [0, 1]);
    }
}
