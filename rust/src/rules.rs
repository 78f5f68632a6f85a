//! Which rules could match a line: the native half of rule matching.
//!
//! A rule's pattern must match a whole folded line. From each pattern the literals are taken that every match begins with, or ends
//! with, whichever says more (`regex-syntax` does the taking). A line that begins and ends with none of them is no rule's business;
//! for the few others the pattern itself decides, elsewhere. May over-report, never under-reports.

use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Hir, HirKind};

use crate::fold;

/// What this side needs to know of a rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The pattern; one that `regex-syntax` cannot read is a candidate for every line, or for those with a literal of `inner`.
    pub pattern: String,
    /// Literals of which each matching line has at least one; empty: not stated.
    pub inner: Vec<String>,
    /// Longest line it judges, in code points.
    pub max_chars: u32,
}

/// A longer literal tells no more.
const MAX_LITERAL: usize = 40;

/// Finds the candidates among lines.
pub struct Prefilter {
    rules: Vec<Rule>,
    heads: Literals,
    tails: Literals,
    inner: Literals,
    /// Rules without literals.
    always: Vec<u16>,
    longest: usize,
    longest_inner: usize,
}

/// An automaton and the rule behind each of its patterns.
struct Literals {
    automaton: NFA,
    rule: Vec<u16>,
}

impl Literals {
    fn new(mut entries: Vec<(Vec<u8>, u16)>) -> Self {
        entries.sort();
        entries.dedup();
        let automaton = NFA::builder()
            .match_kind(MatchKind::Standard)
            .build(entries.iter().map(|(literal, _)| literal))
            .expect("the literals of a rule set are far below the automaton's limits");
        Literals { automaton, rule: entries.into_iter().map(|(_, rule)| rule).collect() }
    }

    /// The rules of the literals that `text` begins with or, unanchored, holds. Most lines leave the anchored automaton within a few
    /// bytes.
    fn find(&self, text: impl Iterator<Item = u8>, anchored: Anchored, found: &mut Vec<u16>) {
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

/// Buffers of [`Prefilter::candidates`], reused from line to line.
#[derive(Default)]
pub struct Scratch {
    text: String,
    /// The rules found, each once, in order.
    pub found: Vec<u16>,
}

impl Prefilter {
    /// Builds the automata; at most 65,536 rules.
    pub fn new(rules: Vec<Rule>) -> Self {
        let (mut heads, mut tails, mut inner, mut always) = (vec![], vec![], vec![], vec![]);
        for (i, rule) in rules.iter().enumerate() {
            let i = u16::try_from(i).expect("the caller bounds the number of rules");
            let found = literals(rule);
            if found.head.is_empty() && found.tail.is_empty() && found.inner.is_empty() {
                always.push(i);
            }
            heads.extend(found.head.into_iter().map(|l| (l, i)));
            tails.extend(found.tail.into_iter().map(|l| (l.into_iter().rev().collect(), i)));
            inner.extend(found.inner.into_iter().map(|l| (l, i)));
        }
        let longest = |some: &dyn Fn(usize) -> bool| {
            rules.iter().enumerate().filter(|(i, _)| some(*i)).map(|(_, r)| r.max_chars as usize).max().unwrap_or(0)
        };
        let has_inner: Vec<u16> = inner.iter().map(|(_, i)| *i).collect();
        Prefilter {
            longest: longest(&|_| true),
            longest_inner: longest(&|i| has_inner.contains(&(i as u16))),
            heads: Literals::new(heads),
            tails: Literals::new(tails),
            inner: Literals::new(inner),
            always,
            rules,
        }
    }

    /// Fills `scratch.found` with the rules that could match `line`.
    pub fn candidates(&self, line: &str, scratch: &mut Scratch) {
        scratch.found.clear();
        // A folded character has at most four bytes before folding.
        if line.len() > self.longest.saturating_mul(4) + 64 {
            return;
        }
        let stripped = fold::strip(line);
        if stripped.is_empty() {
            return;
        }
        fold::fold_head(stripped, MAX_LITERAL, &mut scratch.text);
        self.heads.find(scratch.text.bytes(), Anchored::Yes, &mut scratch.found);
        fold::fold_tail(stripped, MAX_LITERAL, &mut scratch.text);
        self.tails.find(scratch.text.bytes().rev(), Anchored::Yes, &mut scratch.found);
        if stripped.len() <= self.longest_inner * 4 {
            let text = fold::fold(stripped, false);
            self.inner.find(text.bytes(), Anchored::No, &mut scratch.found);
        }
        scratch.found.extend(&self.always);
        if scratch.found.is_empty() {
            return;
        }
        let chars = stripped.chars().map(|c| if c == '…' { 3 } else { 1 }).sum::<u32>();
        scratch.found.retain(|&i| chars <= self.rules[i as usize].max_chars);
        scratch.found.sort_unstable();
        scratch.found.dedup();
    }

    /// The rules that have no literal to find them by.
    pub fn unanchored(&self) -> &[u16] {
        &self.always
    }
}

fn literals(rule: &Rule) -> Anchors {
    if !rule.inner.is_empty() {
        let inner = rule.inner.iter().map(|l| fold::fold(l, false).into_bytes()).collect();
        return Anchors { inner, ..Anchors::default() };
    }
    // What `regex-syntax` can't read (a look-around, say) the other engine may.
    let found = regex_syntax::parse(&rule.pattern).ok().and_then(|hir| anchors(&hir, DEPTH));
    found.unwrap_or_default()
}

/// How deep alternatives inside a sequence are multiplied out.
const DEPTH: u32 = 4;

/// The literals one of which each match has at its head or at its tail, alternative by alternative; `None` if they cannot be listed.
fn anchors(hir: &Hir, depth: u32) -> Option<Anchors> {
    let subs = match hir.kind() {
        HirKind::Alternation(subs) => return Anchors::union(subs.iter().map(|sub| anchors(sub, depth))),
        HirKind::Capture(capture) => return anchors(&capture.sub, depth),
        HirKind::Concat(subs) => subs.as_slice(),
        _ => &[],
    };
    Anchors::better(End::Head.literals(hir), End::Tail.literals(hir)).or_else(|| {
        // `(please )?(share|.{1,9} this)`: neither end has literals throughout, but each alternative written out has.
        let (at, choices) = subs.iter().enumerate().find_map(|(at, sub)| Some((at, choices(sub)?)))?;
        let written = choices.into_iter().map(|choice| Hir::concat([&subs[..at], &[choice], &subs[at + 1..]].concat()));
        Anchors::union(written.map(|hir| if depth == 0 { None } else { anchors(&hir, depth - 1) }))
    })
}

fn choices(hir: &Hir) -> Option<Vec<Hir>> {
    match hir.kind() {
        HirKind::Capture(capture) => choices(&capture.sub),
        HirKind::Alternation(subs) => Some(subs.clone()),
        HirKind::Repetition(r) if r.min == 0 && r.max == Some(1) => Some(vec![(*r.sub).clone(), Hir::empty()]),
        _ => None,
    }
}

/// Literals that matches begin with, and literals that they end with.
#[derive(Default)]
struct Anchors {
    head: Vec<Vec<u8>>,
    tail: Vec<Vec<u8>>,
    inner: Vec<Vec<u8>>,
}

impl Anchors {
    fn union(parts: impl Iterator<Item = Option<Anchors>>) -> Option<Anchors> {
        let mut all = Anchors::default();
        for part in parts {
            let part = part?;
            all.head.extend(part.head);
            all.tail.extend(part.tail);
        }
        Some(all)
    }

    /// The end whose shortest literal is longer; a lone character says too little if there is another way.
    fn better(head: Option<Vec<Vec<u8>>>, tail: Option<Vec<Vec<u8>>>) -> Option<Anchors> {
        let shortest = |found: &Option<Vec<Vec<u8>>>| found.as_ref().and_then(|f| f.iter().map(Vec::len).min()).unwrap_or(0);
        match (shortest(&head), shortest(&tail)) {
            (0, 0) => None,
            (h, t) if h >= t => Some(Anchors { head: head?, ..Anchors::default() }),
            _ => Some(Anchors { tail: tail?, ..Anchors::default() }),
        }
    }
}

/// One end of a pattern.
#[derive(Clone, Copy)]
enum End {
    Head,
    Tail,
}

impl End {
    /// The literals, folded without case, one of which each match has at this end; `None` if they cannot be listed.
    ///
    /// The extractor gives up on a whole pattern once its alternatives are too many taken together, so alternatives are taken one by
    /// one, and where even one has too many continuations its first part will do.
    fn literals(self, hir: &Hir) -> Option<Vec<Vec<u8>>> {
        match hir.kind() {
            HirKind::Alternation(subs) => self.union(subs.iter().map(|sub| self.literals(sub))),
            HirKind::Capture(capture) => self.literals(&capture.sub),
            HirKind::Concat(subs) => self.extract(hir).or_else(|| self.of_concat(subs)),
            HirKind::Repetition(repetition) if repetition.min > 0 => self.extract(hir).or_else(|| self.literals(&repetition.sub)),
            _ => self.extract(hir),
        }
    }

    fn of_concat(self, subs: &[Hir]) -> Option<Vec<Vec<u8>>> {
        let (first, rest) = match self {
            End::Head => subs.split_first()?,
            End::Tail => subs.split_last()?,
        };
        let optional = first.properties().minimum_len() == Some(0);
        if !optional {
            return self.literals(first);
        }
        let HirKind::Repetition(repetition) = first.kind() else { return None };
        self.union([self.literals(&repetition.sub), self.literals(&Hir::concat(rest.to_vec()))].into_iter())
    }

    fn union(self, parts: impl Iterator<Item = Option<Vec<Vec<u8>>>>) -> Option<Vec<Vec<u8>>> {
        Some(parts.collect::<Option<Vec<_>>>()?.concat())
    }

    fn extract(self, hir: &Hir) -> Option<Vec<Vec<u8>>> {
        let mut extractor = Extractor::new();
        extractor.kind(if matches!(self, End::Head) { ExtractKind::Prefix } else { ExtractKind::Suffix });
        extractor.limit_total(400).limit_class(12);
        let found = extractor.extract(hir);
        let literals = found.literals()?;
        if literals.iter().any(|l| l.is_empty()) {
            return None;
        }
        literals.iter().map(|l| self.folded(l.as_bytes())).collect()
    }

    fn folded(self, literal: &[u8]) -> Option<Vec<u8>> {
        // The extractor cuts inside a character only where a class made it list bytes.
        let text = std::str::from_utf8(literal).ok()?;
        let folded = fold::fold(text, false).into_bytes();
        Some(match self {
            End::Head => folded[..folded.len().min(MAX_LITERAL)].to_vec(),
            End::Tail => folded[folded.len().saturating_sub(MAX_LITERAL)..].to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefilter(patterns: &[&str]) -> Prefilter {
        Prefilter::new(patterns.iter().map(|p| Rule { pattern: (*p).to_owned(), inner: vec![], max_chars: 120 }).collect())
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
        let rules = prefilter(&[r".{1,20}photo.{1,20}", r"(?=x)y"]);
        assert_eq!(rules.unanchored(), [0, 1]);
        assert_eq!(candidates(&rules, "anything"), [0, 1]);
    }
}
