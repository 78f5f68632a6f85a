//! Patterns of rules, as small programs.
//!
//! A class like `\p{L}` is hundreds of ranges of UTF-8, and `[\p{L} ]{2,60}` sixty times as many: to compile that takes milliseconds. But a
//! pattern tells few characters apart. Those that it does not are one *symbol* here, a byte, and the pattern is written over its symbols:
//! then even a counted class is one range, and a program is ready in microseconds. What engine runs it is the business of `regex-automata`;
//! none of them backtracks, and no line takes longer than its length times the size of the program.

use std::collections::HashMap;

use regex_automata::meta;
use regex_automata::nfa::thompson::WhichCaptures;
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, HirKind, Look, Repetition};

use crate::literals;

/// A pattern that judges whole lines.
pub struct Pattern {
    alphabet: Alphabet,
    /// The pattern with its counts taken off: it matches more, its automaton is small, and nearly all lines that come this far end here.
    rough: meta::Regex,
    /// The pattern, if it counts. Where in a run of sixty letters it is, an automaton needs many states to remember; a simulation does not.
    exact: Option<meta::Regex>,
    backwards: bool,
}

/// A program larger than this, in bytes, is not run here.
const MAX_PROGRAM: usize = 1 << 20;

impl Pattern {
    /// The pattern, if it can be read here and means the same as to the engine that decides on all others. `backwards`: lines are read from
    /// their ends, where those that a pattern like `.{2,200}photo: reuters` does not match differ at once.
    pub fn new(pattern: &str, backwards: bool) -> Option<Self> {
        let hir = literals::parse(pattern).filter(|_| is_common(pattern.as_bytes()))?;
        let alphabet = Alphabet::of(&hir)?;
        let (rough, exact) = (alphabet.spell(&hir, backwards, true), alphabet.spell(&hir, backwards, false));
        let exact = if exact == rough { None } else { Some(program(exact, false)?) };
        Some(Pattern { alphabet, rough: program(rough, true)?, exact, backwards })
    }

    /// Whether it matches the whole line; `symbols` is a buffer.
    pub fn matches(&self, line: &str, symbols: &mut Vec<u8>) -> bool {
        symbols.clear();
        symbols.extend(line.chars().map(|c| self.alphabet.symbol(c)));
        if self.backwards {
            symbols.reverse();
        }
        self.rough.is_match(&symbols[..]) && self.exact.as_ref().is_none_or(|exact| exact.is_match(&symbols[..]))
    }
}

/// A program for whole lines, as an automaton that is made while it runs or as a simulation.
fn program(hir: Hir, automaton: bool) -> Option<meta::Regex> {
    let whole = Hir::concat(vec![Hir::look(Look::Start), hir, Hir::look(Look::End)]);
    let config = meta::Config::new().utf8_empty(false).which_captures(WhichCaptures::None).nfa_size_limit(Some(MAX_PROGRAM));
    meta::Builder::new().configure(config.hybrid(automaton)).build_from_hir(&whole).ok()
}

/// A set of code points, as ranges with both ends.
type Set = Vec<(u32, u32)>;
/// Code points that a pattern cannot tell apart are one symbol.
struct Alphabet {
    sets: HashMap<Set, usize>,
    /// Of each symbol, the sets that it is in, a bit each.
    members: Vec<Box<[u64]>>,
    ascii: [u8; 128],
    /// Where a run of code points of one symbol begins; the last ends nowhere.
    runs: Vec<(u32, u8)>,
}

impl Alphabet {
    /// The symbols of a pattern; `None` if they are too many, or there is something that no alphabet can spell.
    fn of(hir: &Hir) -> Option<Self> {
        let mut sets = HashMap::new();
        collect(hir, &mut sets)?;
        let mut edges: Vec<(u32, usize)> = Vec::new();
        for (set, &number) in &sets {
            edges.extend(set.iter().flat_map(|&(first, last)| [(first, number), (last + 1, number)]));
        }
        edges.sort_unstable();
        let mut now = vec![0; sets.len().div_ceil(64)].into_boxed_slice();
        let mut members = vec![now.clone()];
        let mut known = HashMap::from([(now.clone(), 0)]);
        let mut runs = vec![(0, 0)];
        for group in edges.chunk_by(|a, b| a.0 == b.0) {
            group.iter().for_each(|(_, set)| now[set / 64] ^= 1 << (set % 64));
            let symbol = *known.entry(now.clone()).or_insert_with(|| {
                members.push(now.clone());
                members.len() - 1
            });
            runs.push((group[0].0, u8::try_from(symbol).ok()?));
        }
        let mut alphabet = Alphabet { sets, members, ascii: [0; 128], runs };
        alphabet.ascii = std::array::from_fn(|c| alphabet.search(c as u32));
        Some(alphabet)
    }

    fn symbol(&self, c: char) -> u8 {
        self.ascii.get(c as usize).copied().unwrap_or_else(|| self.search(c as u32))
    }

    fn search(&self, c: u32) -> u8 {
        self.runs[self.runs.partition_point(|run| run.0 <= c) - 1].1
    }

    /// The pattern in symbols; `roughly`: without counting.
    fn spell(&self, hir: &Hir, backwards: bool, roughly: bool) -> Hir {
        let spell = |hir: &Hir| self.spell(hir, backwards, roughly);
        match hir.kind() {
            HirKind::Literal(literal) => {
                let mut symbols: Vec<u8> = characters(&literal.0).map(|c| self.symbol(c)).collect();
                if backwards {
                    symbols.reverse();
                }
                Hir::literal(symbols)
            }
            HirKind::Class(class) => self.class(&ranges(class)),
            HirKind::Repetition(repetition) => {
                let (min, max) = match (repetition.min, repetition.max) {
                    (min, max @ Some(0 | 1)) => (min, max),
                    (min, _) if roughly => (min.min(1), None),
                    counted => counted,
                };
                Hir::repetition(Repetition { min, max, greedy: repetition.greedy, sub: Box::new(spell(&repetition.sub)) })
            }
            HirKind::Capture(capture) => spell(&capture.sub),
            HirKind::Concat(subs) if backwards => Hir::concat(subs.iter().rev().map(spell).collect()),
            HirKind::Concat(subs) => Hir::concat(subs.iter().map(spell).collect()),
            HirKind::Alternation(subs) => Hir::alternation(subs.iter().map(spell).collect()),
            HirKind::Empty | HirKind::Look(_) => Hir::empty(),
        }
    }

    fn class(&self, set: &Set) -> Hir {
        let number = self.sets[set];
        let symbols = (0..self.members.len()).filter(|&symbol| self.members[symbol][number / 64] >> (number % 64) & 1 != 0);
        Hir::class(Class::Bytes(ClassBytes::new(symbols.map(|symbol| ClassBytesRange::new(symbol as u8, symbol as u8)))))
    }
}

/// Whether the other engine, too, takes the pattern for what this one does: there `(?` has more meanings, `a++` does not give back what it
/// took, and a bracket in a class is one.
fn is_common(pattern: &[u8]) -> bool {
    let (mut at, mut class) = (0, false);
    while at < pattern.len() {
        match pattern[at..] {
            [b'\\', ..] => at += 1,
            [b'[', ..] if class => return false,
            [b'[', ..] => class = true,
            [b']', ..] => class = false,
            [b'(', b'?', next, ..] if !class && next != b':' => return false,
            [b'*' | b'+' | b'?' | b'}', b'+', ..] if !class => return false,
            _ => {}
        }
        at += 1;
    }
    true
}

/// All sets that a pattern tells apart, numbered; `None` if it looks at more than characters (a word's edge).
fn collect(hir: &Hir, sets: &mut HashMap<Set, usize>) -> Option<()> {
    let mut add = |set: Set| {
        let number = sets.len();
        sets.entry(set).or_insert(number);
    };
    match hir.kind() {
        HirKind::Empty => {}
        HirKind::Look(_) => return None,
        HirKind::Literal(literal) => characters(&literal.0).for_each(|c| add(vec![(c as u32, c as u32)])),
        HirKind::Class(class) => add(ranges(class)),
        HirKind::Repetition(repetition) => collect(&repetition.sub, sets)?,
        HirKind::Capture(capture) => collect(&capture.sub, sets)?,
        HirKind::Concat(subs) | HirKind::Alternation(subs) => subs.iter().try_for_each(|sub| collect(sub, sets))?,
    }
    Some(())
}

fn characters(literal: &[u8]) -> impl Iterator<Item = char> {
    // Patterns over bytes that are no UTF-8 are refused by the parser.
    std::str::from_utf8(literal).unwrap_or_default().chars()
}

fn ranges(class: &Class) -> Set {
    match class {
        Class::Unicode(class) => class.ranges().iter().map(|r| (r.start() as u32, r.end() as u32)).collect(),
        Class::Bytes(class) => class.ranges().iter().map(|r| (u32::from(r.start()), u32::from(r.end()))).collect(),
    }
}
