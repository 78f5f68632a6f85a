//! Which rules could match a line: the native half of rule matching.
//!
//! A rule's pattern must match a whole folded line. From each pattern the literals are taken that every match begins with, or ends
//! with, whichever says more (`regex-syntax` does the taking). A line that begins and ends with none of them is no rule's business;
//! for the few others the pattern is tried, here by an engine that never backtracks, and what it lets through is decided elsewhere.
//! May over-report, never under-reports.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use aho_corasick::automaton::Automaton;
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{AhoCorasick, Anchored, MatchKind};
use regex::{Regex, RegexBuilder};
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use crate::fold;

/// What this side needs to know of a rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The pattern; one that `regex-syntax` cannot read is a candidate for every line, or for those with a literal of `inner`.
    pub pattern: String,
    /// Literals of which each matching line has at least one among its last [`WINDOW`] code points; empty: not stated.
    pub inner: Vec<String>,
    /// Whether the pattern sees capitals.
    pub case: bool,
    /// Longest line it judges, in code points.
    pub max_chars: u32,
}

/// A longer literal tells no more.
const MAX_LITERAL: usize = 15;
/// Literals of one end of one alternative, at most.
const LITERALS: usize = 100;
/// How far from its end a line is searched for inner literals, in code points.
pub const WINDOW: usize = 300;
/// A pattern whose program is larger than this, in bytes, is not tried here.
const MAX_PROGRAM: usize = 1 << 20;

/// Finds the candidates among lines.
pub struct Prefilter {
    rules: Vec<Rule>,
    /// The patterns, compiled when first tried; `None`: not for this engine.
    patterns: Vec<OnceLock<Option<Regex>>>,
    tiers: Vec<Tier>,
    always: Vec<u16>,
}

/// The rules that may judge lines of some lengths. Most rules are about short lines and most of the text stands in long ones.
struct Tier {
    /// Code points of the longest line of this tier.
    longest: usize,
    heads: Literals,
    tails: Literals,
    inner: AhoCorasick,
    inner_rule: Vec<u16>,
    /// Rules without literals.
    always: Vec<u16>,
}

/// Where one tier ends and the next begins, in code points.
const TIERS: [usize; 3] = [120, 300, usize::MAX];

impl Tier {
    /// The tier of lines of more than `over` code points, up to `longest`.
    fn new(over: usize, longest: usize, rules: &[Rule], anchors: &[Anchors]) -> Self {
        let (mut heads, mut tails, mut inner, mut always) = (vec![], vec![], vec![], vec![]);
        for (i, (_, found)) in rules.iter().zip(anchors).enumerate().filter(|(_, (rule, _))| rule.max_chars as usize > over) {
            let i = u16::try_from(i).expect("the caller bounds the number of rules");
            if found.head.is_empty() && found.tail.is_empty() && found.inner.is_empty() {
                always.push(i);
            }
            heads.extend(found.head.iter().map(|l| (l.clone(), i)));
            tails.extend(found.tail.iter().map(|l| (l.iter().rev().copied().collect(), i)));
            inner.extend(found.inner.iter().map(|l| (l.clone(), i)));
        }
        inner.sort();
        inner.dedup();
        Tier {
            longest,
            heads: Literals::new(heads),
            tails: Literals::new(tails),
            inner: AhoCorasick::new(inner.iter().map(|(literal, _)| literal)).expect(FEW),
            inner_rule: inner.iter().map(|(_, rule)| *rule).collect(),
            always,
        }
    }

    fn find(&self, stripped: &str, text: &mut String, found: &mut Vec<u16>) {
        fold::fold_head(stripped, MAX_LITERAL, text);
        self.heads.find(text.bytes(), found);
        if !self.inner_rule.is_empty() {
            fold::fold_tail(stripped, WINDOW, text);
            found.extend(self.inner.find_overlapping_iter(text.as_str()).map(|m| self.inner_rule[m.pattern().as_usize()]));
        }
        fold::fold_tail(fold::without_closing(stripped), MAX_LITERAL, text);
        self.tails.find(text.bytes().rev(), found);
        found.extend(&self.always);
    }
}

const FEW: &str = "the literals of a rule set are far below the automaton's limits";

/// An automaton and the rule behind each of its patterns.
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

/// Buffers of [`Prefilter::candidates`], reused from line to line.
#[derive(Default)]
pub struct Scratch {
    text: String,
    /// The line as rules see it: without case, with case.
    folded: [String; 2],
    /// The rules found, each once, in order.
    pub found: Vec<u16>,
}

impl Prefilter {
    /// Builds the automata; at most 65,536 rules.
    pub fn new(rules: Vec<Rule>) -> Self {
        let anchors: Vec<Anchors> = rules.iter().map(literals).collect();
        let starts = [0].into_iter().chain(TIERS);
        let tiers: Vec<Tier> = starts.zip(TIERS).map(|(over, longest)| Tier::new(over, longest, &rules, &anchors)).collect();
        Prefilter {
            patterns: rules.iter().map(|_| OnceLock::new()).collect(),
            always: tiers.iter().flat_map(|tier| tier.always.iter().copied()).collect::<BTreeSet<_>>().into_iter().collect(),
            tiers,
            rules,
        }
    }

    /// Fills `scratch.found` with the rules that could match `line`.
    pub fn candidates(&self, line: &str, scratch: &mut Scratch) {
        scratch.found.clear();
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
                scratch.folded[usize::from(case)] = fold::fold(stripped, case);
            }
        }
        let folded = &scratch.folded;
        scratch.found.retain(|&i| self.could_match(i, &folded[usize::from(rule(&i).case)]));
    }

    fn could_match(&self, rule: u16, folded: &str) -> bool {
        let pattern = self.patterns[rule as usize].get_or_init(|| {
            let hir = regex_syntax::parse(&self.rules[rule as usize].pattern).ok()?;
            // A pattern that begins with anything (`.{2,200}\(photo: …\)`) is read from its end, where most lines fail at once.
            let start = if begins_anyhow(&hir) { "" } else { "^" };
            RegexBuilder::new(&format!("{start}(?:{})$", relax(&hir))).size_limit(MAX_PROGRAM).build().ok()
        });
        pattern.as_ref().is_none_or(|p| p.is_match(folded))
    }

    /// The line last asked about, as a rule sees it.
    pub fn folded<'a>(&self, rule: u16, scratch: &'a Scratch) -> &'a str {
        &scratch.folded[usize::from(self.rules[rule as usize].case)]
    }

    /// The rules that have no literal to find them by.
    pub fn unanchored(&self) -> &[u16] {
        &self.always
    }
}

/// Whether some alternative begins with a repetition of characters that may be any.
fn begins_anyhow(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Alternation(subs) => subs.iter().any(begins_anyhow),
        HirKind::Capture(capture) => begins_anyhow(&capture.sub),
        HirKind::Concat(subs) => subs.first().is_some_and(begins_anyhow),
        HirKind::Repetition(r) => r.max.is_none_or(|max| max > 8),
        _ => false,
    }
}

/// The pattern with its long counted repetitions uncounted: it matches more, and its program is a hundredth of the size.
fn relax(hir: &Hir) -> Hir {
    const COUNTED: u32 = 1;
    match hir.kind() {
        HirKind::Alternation(subs) => Hir::alternation(subs.iter().map(relax).collect()),
        HirKind::Concat(subs) => Hir::concat(subs.iter().map(relax).collect()),
        HirKind::Capture(capture) => relax(&capture.sub),
        HirKind::Repetition(r) => {
            let sub = Box::new(relax(&r.sub));
            let counted = r.min.max(r.max.unwrap_or(0)) <= COUNTED;
            let (min, max) = if counted { (r.min, r.max) } else { (r.min.min(1), None) };
            Hir::repetition(Repetition { min, max, greedy: r.greedy, sub })
        }
        _ => hir.clone(),
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

/// A literal of so many bytes is rare enough.
const ENOUGH: usize = 4;
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
    let head = End::Head.literals(hir);
    // A head this long says enough: no need to look for a better tail.
    let tail = if shortest(&head) >= ENOUGH { None } else { End::Tail.literals(hir) };
    Anchors::better(head, tail).or_else(|| inner(subs)).or_else(|| {
        // `(please )?(share|.{1,9} this)`: neither end has literals throughout, but each alternative written out has.
        let (at, choices) = subs.iter().enumerate().find_map(|(at, sub)| Some((at, choices(sub)?)))?;
        let written = choices.into_iter().map(|choice| Hir::concat([&subs[..at], &[choice], &subs[at + 1..]].concat()));
        Anchors::union(written.map(|hir| if depth == 0 { None } else { anchors(&hir, depth - 1) }))
    })
}

/// `.{2,240}\(photo: [^)]{2,60}\)`: neither end has literals, but a part of the sequence has, so near the end that it is seen.
fn inner(subs: &[Hir]) -> Option<Anchors> {
    let near = |at: usize| subs[at + 1..].iter().map(longest).sum::<Option<usize>>().is_some_and(|chars| chars + MAX_LITERAL < WINDOW);
    let literals = |at: usize| End::Head.literals(&subs[at]);
    let parts = (0..subs.len()).filter(|&at| near(at)).filter_map(literals);
    let best = parts.max_by_key(|found| found.iter().map(Vec::len).min())?;
    (best.iter().all(|l| l.len() >= 2)).then_some(Anchors { inner: best, ..Anchors::default() })
}

/// Code points of the longest match, if that is bounded.
fn longest(hir: &Hir) -> Option<usize> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(0),
        HirKind::Literal(literal) => Some(literal.0.len()),
        // An ellipsis folds to three dots.
        HirKind::Class(_) => Some(3),
        HirKind::Repetition(r) => Some(longest(&r.sub)? * r.max? as usize / if matches!(r.sub.kind(), HirKind::Class(_)) { 3 } else { 1 }),
        HirKind::Capture(capture) => longest(&capture.sub),
        HirKind::Concat(subs) => subs.iter().map(longest).sum(),
        HirKind::Alternation(subs) => subs.iter().map(longest).collect::<Option<Vec<_>>>()?.into_iter().max(),
    }
}

/// Marks that close a line; tails are looked for before them, so that `(reuters|afp)\)?\.?` ends in a name.
fn closes(byte: &u8) -> bool {
    fold::CLOSING.contains(byte)
}

/// Whether the pattern matches closing marks only, or nothing.
fn only_closes(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty => true,
        HirKind::Literal(literal) => literal.0.iter().all(closes),
        HirKind::Class(Class::Unicode(class)) => {
            class.ranges().iter().all(|r| (r.start()..=r.end()).all(|c| c.is_ascii() && closes(&(c as u8))))
        }
        HirKind::Repetition(r) => only_closes(&r.sub),
        HirKind::Capture(capture) => only_closes(&capture.sub),
        HirKind::Concat(subs) | HirKind::Alternation(subs) => subs.iter().all(only_closes),
        _ => false,
    }
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
            all.inner.extend(part.inner);
        }
        Some(all)
    }

    /// The end whose shortest literal is longer; a lone character says too little if there is another way.
    fn better(head: Option<Vec<Vec<u8>>>, tail: Option<Vec<Vec<u8>>>) -> Option<Anchors> {
        match (shortest(&head), shortest(&tail)) {
            (0, 0) => None,
            (h, t) if h >= t => Some(Anchors { head: head?, ..Anchors::default() }),
            _ => Some(Anchors { tail: tail?, ..Anchors::default() }),
        }
    }
}

/// Length of the shortest literal, 0 if there is none.
fn shortest(found: &Option<Vec<Vec<u8>>>) -> usize {
    found.as_ref().and_then(|f| f.iter().map(Vec::len).min()).unwrap_or(0)
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
            HirKind::Concat(subs) if matches!(self, End::Tail) && subs.last().is_some_and(only_closes) => {
                let count = subs.len() - subs.iter().rev().take_while(|sub| only_closes(sub)).count();
                self.literals(&Hir::concat(subs[..count].to_vec()))
            }
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
        extractor.limit_total(LITERALS).limit_class(12).limit_literal_len(MAX_LITERAL);
        let found = extractor.extract(hir);
        let literals = found.literals()?;
        if literals.iter().any(|l| l.is_empty()) {
            return None;
        }
        literals.iter().map(|l| self.folded(l.as_bytes()).filter(|l| !l.is_empty())).collect()
    }

    fn folded(self, literal: &[u8]) -> Option<Vec<u8>> {
        let folded = fold::fold(self.whole_characters(literal)?, false).into_bytes();
        Some(match self {
            End::Head => folded[..folded.len().min(MAX_LITERAL)].to_vec(),
            End::Tail => {
                let end = folded.len() - folded.iter().rev().take_while(|b| closes(b)).count();
                folded[end.saturating_sub(MAX_LITERAL)..end].to_vec()
            }
        })
    }

    /// The literal without the part of a character that the extractor may leave at its far end.
    fn whole_characters(self, literal: &[u8]) -> Option<&str> {
        let whole = match self {
            End::Head => match std::str::from_utf8(literal) {
                Ok(text) => text,
                Err(error) => std::str::from_utf8(&literal[..error.valid_up_to()]).ok()?,
            },
            End::Tail => {
                let start = literal.iter().position(|b| b & 0xC0 != 0x80)?;
                std::str::from_utf8(&literal[start..]).ok()?
            }
        };
        (!whole.is_empty()).then_some(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefilter(patterns: &[&str]) -> Prefilter {
        Prefilter::new(
            patterns
                .iter()
                .map(|p| Rule { pattern: (*p).to_owned(), inner: vec![], max_chars: 120, case: p.contains(r"\p{Lu}") })
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
        let rules = prefilter(&[r".{1,20}photo.{1,20}", r"(?=x)y"]);
        assert_eq!(rules.unanchored(), [0, 1]);
        assert_eq!(candidates(&rules, "anything"), [1]);
        assert_eq!(candidates(&rules, "a photo here"), [0, 1]);
    }
}
