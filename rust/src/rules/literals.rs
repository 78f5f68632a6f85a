//! The literals that a pattern can't match without.
//!
//! `regex-syntax` lists the literals that the matches of a pattern begin or end with, as long as they are few. Rules are long lists of
//! alternatives, so here each alternative is asked for its own, at whichever end says more, and where neither end says anything, a
//! part near the end does. May list more than need be, never less: a line that a pattern matches has one of its literals.

use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{Class, Hir, HirKind};

use crate::rules::fold;

/// A longer literal, in code points, tells little more.
pub const MAX_LITERAL: usize = 8;
/// Literals of one end of one alternative, at most.
const LITERALS: usize = 250;
/// How far from its end a line is searched for inner literals, in code points.
pub const WINDOW: usize = 120;

/// Returns the pattern, if what it matches for the other engine it matches here; and whether it surely matches no more.
pub fn parse(pattern: &str) -> Option<(Hir, bool)> {
    let alike = reads_alike(pattern.as_bytes())?;
    Some((regex_syntax::parse(pattern).ok()?, alike))
}

/// Whether both engines take the pattern for the same; `None` if here it may not match what it matches there.
///
/// `\<` is a word's edge here and a `<` there; `&&`, `--` and `~~` in a class are set operations here, and a bracket opens another class;
/// `x{2, 3}` is a count here; and where a class begins with a bracket, the two do not agree on what follows. `(?` has more meanings there,
/// and `a++` does not give back what it took.
fn reads_alike(pattern: &[u8]) -> Option<bool> {
    let (mut at, mut class, mut alike) = (0, false, true);
    while at < pattern.len() {
        match pattern[at..] {
            [b'\\', b'<' | b'>', ..] => return None,
            [b'\\', ..] => at += 1,
            [b'[', b']', ..] | [b'[', b'^', b']', ..] if !class => return None,
            [b'[', b':', ..] if class => alike = false,
            [b'[', ..] if class => return None,
            [b'[', ..] => class = true,
            [b']', ..] => class = false,
            [b'{', ref rest @ ..] if !class && spaced(rest) => return None,
            [b'&', b'&', ..] | [b'-', b'-', ..] | [b'~', b'~', ..] if class => return None,
            [b'(', b'?', next, ..] if !class && next != b':' => alike = false,
            [b'*' | b'+' | b'?' | b'}', b'+', ..] if !class => alike = false,
            _ => {}
        }
        at += 1;
    }
    Some(alike)
}

/// Whether what a brace opens has white space in it.
fn spaced(rest: &[u8]) -> bool {
    rest.iter().take_while(|b| **b != b'}').any(u8::is_ascii_whitespace)
}

/// Returns the literals of a rule's pattern; none: every line is its candidate. Slow work, worth doing once and keeping.
///
/// `inner` are the literals that its author knows of.
pub fn literals(pattern: &str, inner: &[String]) -> Anchors {
    if !inner.is_empty() {
        let inner = inner.iter().map(|l| fold::fold(l, false)).collect();
        return Anchors { inner, ..Anchors::default() };
    }
    // What `regex-syntax` can't read (a look-around, say) the other engine may.
    let found = parse(pattern).and_then(|(hir, _)| anchors(&hir, DEPTH));
    let found = found.unwrap_or_default();
    Anchors {
        head: fewest(found.head, |a, b| a.starts_with(b)),
        tail: fewest(found.tail, |a, b| a.ends_with(b)),
        inner: fewest(found.inner, |a, b| a.contains(b)),
    }
}

/// The literals without those that another one `covers`.
fn fewest(mut literals: Vec<String>, covers: impl Fn(&str, &str) -> bool) -> Vec<String> {
    literals.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    literals.dedup();
    let mut kept: Vec<String> = Vec::new();
    for literal in literals {
        if !kept.iter().any(|k| covers(&literal, k)) {
            kept.push(literal);
        }
    }
    kept
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
    let near = |at: usize| longest_of(&subs[at + 1..]).is_some_and(|chars| chars < WINDOW - MAX_LITERAL);
    let literals = |at: usize| End::Head.literals(&subs[at]);
    let parts = (0..subs.len()).filter(|&at| near(at)).filter_map(literals);
    let best = parts.max_by_key(|found| found.iter().map(String::len).min())?;
    (best.iter().all(|l| l.len() >= 2)).then_some(Anchors { inner: best, ..Anchors::default() })
}

/// Code points of the longest match, if that is bounded.
fn longest(hir: &Hir) -> Option<usize> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(0),
        HirKind::Literal(literal) => Some(literal.0.len()),
        // An ellipsis folds to three dots.
        HirKind::Class(_) => Some(3),
        HirKind::Repetition(r) => {
            let each = if matches!(r.sub.kind(), HirKind::Class(_)) { 1 } else { longest(&r.sub)? };
            each.checked_mul(r.max? as usize)
        }
        HirKind::Capture(capture) => longest(&capture.sub),
        HirKind::Concat(subs) => longest_of(subs),
        HirKind::Alternation(subs) => subs.iter().map(longest).collect::<Option<Vec<_>>>()?.into_iter().max(),
    }
}

fn longest_of(sequence: &[Hir]) -> Option<usize> {
    sequence.iter().try_fold(0usize, |chars, sub| chars.checked_add(longest(sub)?))
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

/// Literals, folded without case, of which each match has at least one.
#[derive(Clone, Debug, Default)]
pub struct Anchors {
    /// It begins with it.
    pub head: Vec<String>,
    /// It ends with it, closing marks aside.
    pub tail: Vec<String>,
    /// It has it among its last [`WINDOW`] code points.
    pub inner: Vec<String>,
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
    fn better(head: Option<Vec<String>>, tail: Option<Vec<String>>) -> Option<Anchors> {
        match (shortest(&head), shortest(&tail)) {
            (0, 0) => None,
            (h, t) if h >= t => Some(Anchors { head: head?, ..Anchors::default() }),
            _ => Some(Anchors { tail: tail?, ..Anchors::default() }),
        }
    }
}

/// Length of the shortest literal, 0 if there is none.
fn shortest(found: &Option<Vec<String>>) -> usize {
    found.as_ref().and_then(|f| f.iter().map(String::len).min()).unwrap_or(0)
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
    fn literals(self, hir: &Hir) -> Option<Vec<String>> {
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

    fn of_concat(self, subs: &[Hir]) -> Option<Vec<String>> {
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

    fn union(self, parts: impl Iterator<Item = Option<Vec<String>>>) -> Option<Vec<String>> {
        Some(parts.collect::<Option<Vec<_>>>()?.concat())
    }

    fn extract(self, hir: &Hir) -> Option<Vec<String>> {
        let mut extractor = Extractor::new();
        extractor.kind(if matches!(self, End::Head) { ExtractKind::Prefix } else { ExtractKind::Suffix });
        extractor.limit_total(LITERALS).limit_class(12).limit_literal_len(4 * MAX_LITERAL);
        let found = extractor.extract(hir);
        let literals = found.literals()?;
        if literals.iter().any(|l| l.is_empty()) {
            return None;
        }
        literals.iter().map(|l| self.folded(l.as_bytes()).filter(|l| !l.is_empty())).collect()
    }

    fn folded(self, literal: &[u8]) -> Option<String> {
        let folded = fold::fold(self.whole_characters(literal)?, false);
        Some(match self {
            End::Head => folded.chars().take(MAX_LITERAL).collect(),
            End::Tail => {
                let end = folded.trim_end_matches(|c: char| c.is_ascii() && closes(&(c as u8)));
                end[end.char_indices().rev().nth(MAX_LITERAL - 1).map_or(0, |(at, _)| at)..].to_owned()
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
