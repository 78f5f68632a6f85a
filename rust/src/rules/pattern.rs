//! Patterns of rules, as small programs.
//!
//! A class like `\p{L}` is hundreds of ranges of UTF-8, and `[\p{L} ]{2,60}` sixty times as many: to compile that takes milliseconds. But a
//! pattern tells few characters apart. Those that it does not are one *symbol* here, a byte, and the pattern is written over its symbols:
//! then even a counted class is one range, and a program is ready in microseconds. What engine runs it is the business of `regex-automata`;
//! none of them backtracks, and no line takes longer than its length times the size of the program.

use std::collections::HashMap;

use regex_automata::hybrid::dfa::{Cache, Config, DFA};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::{Anchored, Input, meta};
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, HirKind, Look, Repetition};

use crate::rules::literals;

/// A pattern that judges whole lines.
pub struct Pattern {
    alphabet: Alphabet,
    /// The pattern with its counts taken off: it matches more, its automaton is small, and nearly all lines that come this far end here.
    rough: DFA,
    /// The pattern, if it counts. Where in a run of sixty letters it is, an automaton needs many states to remember; a simulation does not.
    exact: Option<meta::Regex>,
    backwards: bool,
}

/// What a thread keeps for the patterns that it tries.
#[derive(Default)]
pub struct Memory {
    /// The parts of automata that were needed so far, by number of the pattern.
    parts: Vec<Option<Box<Cache>>>,
    questions: u32,
    symbols: Vec<u8>,
}

impl Memory {
    fn part(&mut self, number: usize) -> &mut Option<Box<Cache>> {
        self.questions = (self.questions + 1) % QUESTIONS;
        if self.questions == 0 && self.parts.iter().flatten().map(|part| part.memory_usage()).sum::<usize>() > MAX_PARTS {
            self.parts.clear();
        }
        if number >= self.parts.len() {
            self.parts.resize_with(number + 1, || None);
        }
        &mut self.parts[number]
    }
}

/// A program larger than this, in bytes, is not run here.
const MAX_PROGRAM: usize = 1 << 20;
/// Bytes of the part of an automaton that is kept. When it grows beyond that it is made anew, and texts that need more wait for it again and again.
const MAX_PART: usize = 1 << 21;
/// Bytes of all parts that a thread keeps, looked at after so many questions. News need a few megabytes; texts can be made to need more.
const MAX_PARTS: usize = 1 << 26;
const QUESTIONS: u32 = 1 << 12;

impl Pattern {
    /// Makes the pattern, if it can be read here and means the same as to the engine that decides on all others. Lines are read from the end
    /// where they sooner show that they do not match; `begins`: they are known to begin as the pattern does.
    pub fn new(pattern: &str, begins: bool) -> Option<Self> {
        let (hir, _) = literals::parse(pattern).filter(|(_, alike)| *alike)?;
        Self::of(&hir, begins)
    }

    /// Makes the pattern without its open stretches: each takes at most [`CLOSED`] characters.
    pub fn closed(pattern: &str, begins: bool) -> Option<Self> {
        let (hir, _) = literals::parse(pattern).filter(|(_, alike)| *alike)?;
        Self::of(&close(&hir), begins)
    }

    fn of(hir: &Hir, begins: bool) -> Option<Self> {
        let alphabet = Alphabet::of(hir)?;
        let head = if begins { LETTERS } else { width(hir, false) };
        let backwards = width(hir, true) < head;
        let (rough, exact) = (alphabet.spell(hir, backwards, true), alphabet.spell(hir, backwards, false));
        let exact = if exact == rough { None } else { Some(simulation(exact)?) };
        Some(Pattern { alphabet, rough: automaton(rough)?, exact, backwards })
    }

    /// Whether it matches the whole line. `number` is its own in this memory.
    pub fn matches(&self, line: &str, number: usize, memory: &mut Memory) -> bool {
        let part = memory.part(number).get_or_insert_with(|| Box::new(self.rough.create_cache()));
        let symbols = self.symbols(line);
        let could = if self.backwards { could_match(&self.rough, part, symbols.rev()) } else { could_match(&self.rough, part, symbols) };
        could && self.exact.as_ref().is_none_or(|exact| self.exactly(exact, line, &mut memory.symbols))
    }

    fn symbols<'a>(&'a self, line: &'a str) -> impl DoubleEndedIterator<Item = u8> + 'a {
        line.chars().map(|c| self.alphabet.symbol(c))
    }

    fn exactly(&self, exact: &meta::Regex, line: &str, symbols: &mut Vec<u8>) -> bool {
        symbols.clear();
        symbols.extend(self.symbols(line));
        if self.backwards {
            symbols.reverse();
        }
        exact.is_match(&symbols[..])
    }
}

/// Walks the automaton; most lines leave it within a few symbols.
fn could_match(automaton: &DFA, part: &mut Cache, symbols: impl Iterator<Item = u8>) -> bool {
    const UNLIMITED: &str = "no limit to making parts anew is set, and no byte makes the automaton give up";
    let mut state = automaton.start_state_forward(part, &Input::new("").anchored(Anchored::Yes)).expect(UNLIMITED);
    for symbol in symbols {
        state = automaton.next_state(part, state, symbol).expect(UNLIMITED);
        if state.is_dead() {
            return false;
        }
    }
    automaton.next_eoi_state(part, state).expect(UNLIMITED).is_match()
}

/// The pattern as an automaton that is made while it runs.
fn automaton(hir: Hir) -> Option<DFA> {
    let small = thompson::Config::new().utf8(false).which_captures(WhichCaptures::None).nfa_size_limit(Some(MAX_PROGRAM));
    let program = thompson::Compiler::new().configure(small).build_from_hir(&whole(hir)).ok()?;
    let config = Config::new().cache_capacity(MAX_PART).skip_cache_capacity_check(true);
    DFA::builder().configure(config).build_from_nfa(program).ok()
}

/// The pattern as a program whose threads are followed together.
fn simulation(hir: Hir) -> Option<meta::Regex> {
    let config = meta::Config::new().hybrid(false).dfa(false).onepass(false).auto_prefilter(false).utf8_empty(false);
    let config = config.which_captures(WhichCaptures::None).nfa_size_limit(Some(MAX_PROGRAM));
    meta::Builder::new().configure(config).build_from_hir(&whole(hir)).ok()
}

/// A stretch of any letters that is longer is open: it has room for what a reporter goes on with.
pub const CLOSED: u32 = 9;
/// A class with more letters than this holds any word.
const WIDE: usize = 20;

/// Whether a repetition is an open stretch.
fn is_open(repetition: &Repetition) -> bool {
    let long = repetition.max.is_none_or(|max| max > CLOSED);
    long && matches!(repetition.sub.kind(), HirKind::Class(class) if is_wide(class))
}

fn is_wide(class: &Class) -> bool {
    let letters = |(first, last): (u32, u32)| (first..=last.min(first + 0x200)).filter_map(char::from_u32).filter(|c| c.is_alphabetic());
    ranges(class).into_iter().flat_map(letters).nth(WIDE).is_some()
}

/// Whether a pattern has an open stretch.
pub fn has_open(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Repetition(repetition) => is_open(repetition) || has_open(&repetition.sub),
        HirKind::Capture(capture) => has_open(&capture.sub),
        HirKind::Concat(subs) | HirKind::Alternation(subs) => subs.iter().any(has_open),
        _ => false,
    }
}

fn close(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Repetition(repetition) if is_open(repetition) && repetition.min > CLOSED => Hir::fail(),
        HirKind::Repetition(repetition) => {
            let max = if is_open(repetition) { Some(CLOSED) } else { repetition.max };
            Hir::repetition(Repetition { max, sub: Box::new(close(&repetition.sub)), ..*repetition })
        }
        HirKind::Capture(capture) => close(&capture.sub),
        HirKind::Concat(subs) => Hir::concat(subs.iter().map(close).collect()),
        HirKind::Alternation(subs) => Hir::alternation(subs.iter().map(close).collect()),
        _ => hir.clone(),
    }
}

/// As many small letters as there are: who takes all of them tells little.
const LETTERS: usize = 26;

/// How many of the small letters and marks of ASCII a match can have at its beginning, or at its end, after what may be missing there.
fn width(hir: &Hir, end: bool) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => LETTERS,
        HirKind::Literal(_) => 1,
        HirKind::Class(class) => {
            let ranges = ranges(class);
            (b' '..=b'~').filter(|c| !c.is_ascii_uppercase() && ranges.iter().any(|&(a, b)| (a..=b).contains(&u32::from(*c)))).count()
        }
        HirKind::Repetition(repetition) => width(&repetition.sub, end),
        HirKind::Capture(capture) => width(&capture.sub, end),
        HirKind::Alternation(subs) => subs.iter().map(|sub| width(sub, end)).max().unwrap_or(LETTERS),
        HirKind::Concat(subs) => {
            let needed = |sub: &&Hir| sub.properties().minimum_len() != Some(0);
            let first = if end { subs.iter().rev().find(needed) } else { subs.iter().find(needed) };
            first.map_or(LETTERS, |sub| width(sub, end))
        }
    }
}

fn whole(hir: Hir) -> Hir {
    Hir::concat(vec![Hir::look(Look::Start), hir, Hir::look(Look::End)])
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
