//! The units of a page that can be repeats, with their shingles.

use crate::page::document::Page;
use crate::page::label::{Cause, Kind, Label};
use crate::repeats::shingle_table::ShingleTable;
use crate::text::lines::Span;
use crate::text::words::Tokens;

/// How alike two units must be for one to go as near or contained.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Matching {
    /// Everything that a unit says stands, in that order, in what stays.
    Strict,
    /// Nearly everything does.
    Loose,
}

/// The kinds that this room gives, and its thresholds.
#[derive(Clone, Copy, Debug)]
pub struct RepeatSettings {
    /// Kind of an exact repeat.
    pub exact: Kind,
    /// Kind of a near repeat.
    pub near: Kind,
    /// Kind of a contained repeat.
    pub contained: Kind,
    /// Units with fewer tokens are never touched.
    pub min_tokens: usize,
    /// Jaccard similarity from which a unit is a near repeat, where matching is loose.
    pub threshold: f32,
    /// How alike near and contained repeats are to what stays.
    pub matching: Matching,
}

/// Tokens a shingle: the project's choice for paragraphs.
pub const NGRAM: usize = 3;
/// A unit with a larger share of numbers among its tokens is a row of a table, whatever it looks like.
const NUMBERS: f32 = 0.12;

/// A unit's place in the table of shingles.
pub struct Unit {
    /// Its first line.
    pub line: u32,
    /// Its shingles are `hashes[from..to]`.
    pub from: usize,
    /// See `from`.
    pub to: usize,
    /// Whether it stays, as far as is known.
    pub kept: bool,
}

/// The units of a page that can be repeats, and what was found of them.
pub struct Repeats<'a> {
    /// The page.
    pub page: &'a Page,
    /// The units, in the order of the page.
    pub units: Vec<Unit>,
    /// Their shingles, one unit after the other.
    pub hashes: Vec<u64>,
    /// The labels that were found.
    pub labels: Vec<Label>,
}

impl Repeats<'_> {
    /// Takes up a unit, if it is long enough and no row of a table.
    pub fn add(&mut self, line: u32, tokens: &Tokens, min_tokens: usize) {
        let from = self.hashes.len();
        if tokens.len() >= min_tokens.max(NGRAM) && shingles(tokens, &mut self.hashes) {
            self.units.push(Unit { line, from, to: self.hashes.len(), kept: true });
        }
    }

    /// Lists the shingles of a unit, in order and with repeats.
    pub fn shingles(&self, number: usize) -> &[u64] {
        &self.hashes[self.units[number].from..self.units[number].to]
    }

    /// Lists the distinct shingles of a unit, sorted.
    pub fn set(&self, number: usize) -> Vec<u64> {
        let mut set = self.shingles(number).to_vec();
        set.sort_unstable();
        set.dedup();
        set
    }

    /// Returns how a unit reads.
    pub fn text(&self, number: usize) -> &str {
        self.page.text(self.units[number].line)
    }

    /// Returns where a unit stands in the source.
    pub fn span(&self, number: usize) -> Span {
        self.page.span(self.units[number].line)
    }

    /// Labels a unit, and takes it out of the table.
    pub fn drop(&mut self, number: usize, kind: Kind, cause: Cause, score: f32, witness: Vec<Span>, table: &mut ShingleTable) {
        self.units[number].kept = false;
        self.set(number).into_iter().for_each(|hash| table.remove(hash));
        self.labels.push(Label { unit: self.units[number].line, kind, cause, score, witness });
    }
}

/// Appends a hash of each run of [`NGRAM`] tokens; false, and nothing appended, if too many of the tokens are numbers. The hashes never
/// leave this module, so they are put together from the tokens' hashes, at a fraction of the cost of hashing the runs.
fn shingles(tokens: &Tokens, out: &mut Vec<u64>) -> bool {
    let from = out.len();
    let (mut before, mut last, mut numbers, mut start) = (0u64, 0u64, 0usize, 0usize);
    for (i, &end) in tokens.ends.iter().enumerate() {
        let token = &tokens.bytes[start..end as usize];
        numbers += usize::from(token[0].is_ascii_digit());
        let hash = xxhash_rust::xxh3::xxh3_64(token);
        if i + 1 >= NGRAM {
            let run = (before.rotate_left(17) ^ last).wrapping_mul(MIX).rotate_left(29) ^ hash;
            out.push((run ^ run >> 32).wrapping_mul(MIX));
        }
        (before, last) = (last, hash);
        // A space stands between two tokens.
        start = end as usize + 1;
    }
    let text = numbers as f32 <= NUMBERS * tokens.len() as f32;
    if !text {
        out.truncate(from);
    }
    text
}

const MIX: u64 = 0x9E37_79B9_7F4A_7C15;

/// Returns the Jaccard similarity of two sorted sets; 0 if their sizes alone keep it below `threshold`, so that one long set is not read for each of
/// many short ones.
pub fn jaccard(a: &[u64], b: &[u64], threshold: f32) -> f32 {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if (short.len() as f32) < threshold * long.len() as f32 {
        return 0.0;
    }
    let both = short.iter().filter(|h| long.binary_search(h).is_ok()).count();
    both as f32 / (a.len() + b.len() - both) as f32
}
