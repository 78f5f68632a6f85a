//! Paragraphs that a document says twice.
//!
//! *Exact*: the same tokens again; the later one goes. *Contained*: others that stay cover every part of it, as the parts of a stitched
//! teaser are covered by the paragraphs it was stitched from, or a pull quote by the paragraph it quotes. *Near*: the Jaccard similarity
//! of the shingle sets reaches the threshold and the same numbers stand in both.
//!
//! Containment runs both ways between a teaser and its paragraphs: each paragraph is contained in the teaser too. What goes is the copy
//! that draws on most others, so candidates are tried in that order, and each against what is left: once the teaser is gone nothing
//! covers the paragraphs any more.
//!
//! Only running text of `min_tokens` tokens or more can go: headings, items, dialogue and a chorus are short, and lists and tables that say
//! the same again (ingredients, scores) are mostly numbers or no sentences. One pass over a hash table of shingles tells of most documents
//! that there is nothing to look at; all else is linear in the document too.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::page::document::{Page, RepeatSearch};
use crate::page::label::{Cause, Kind, Label};
use crate::repeats::shingle_table::ShingleTable;
use crate::text::lines::Span;
use crate::text::shape;
use crate::text::words::{Tokens, tokenize};

/// The kinds that this module gives, and its thresholds.
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
    /// Jaccard similarity from which a unit is a near repeat.
    pub threshold: f32,
}

/// Tokens a shingle: the project's choice for paragraphs.
const NGRAM: usize = 3;
/// A unit with a larger share of numbers among its tokens is a row of a table, whatever it looks like.
const NUMBERS: f32 = 0.12;
/// Share of a unit's tokens that others must cover, and the longest run of tokens that none covers.
const COVERED: f32 = 0.95;
const MAX_GAP: usize = 3;
/// Shingles in a row that a copy shares with another unit at the least: five tokens.
const STRETCH: usize = 3;
/// One token changed changes three shingles: near repeats are looked for in units long enough to still be near.
const NEAR_TOKENS: usize = 20;

/// A unit's place in the table of shingles.
struct Unit {
    line: u32,
    /// Its shingles are `hashes[from..to]`.
    from: usize,
    to: usize,
    kept: bool,
}

struct Repeats<'a> {
    page: &'a Page,
    units: Vec<Unit>,
    hashes: Vec<u64>,
    labels: Vec<Label>,
}

/// Labels the repeats among the units of `page` that have no label yet; its title is never one of them.
pub fn label(page: &mut Page, settings: RepeatSettings) {
    let title = page.title;
    let nothing = RepeatSearch::FoundNone { title, units: page.units().count() - page.labels.len() };
    if page.repeat_search == nothing {
        return;
    }
    let mut found = headline_copies(page, title, settings);
    let skip = |unit: u32, found: &[Label]| Some(unit) == title || found.iter().any(|l| l.unit == unit);
    let mut repeats = Repeats { page, units: Vec::new(), hashes: Vec::new(), labels: Vec::new() };
    let mut labelled = page.labels.iter().map(|label| label.unit).peekable();
    let mut tokens = Tokens::default();
    for line in page.units() {
        while labelled.next_if(|&l| l < line).is_some() {}
        let text = page.text(line);
        if !shape::is_prose(text) || labelled.peek() == Some(&line) || skip(line, &found) {
            continue;
        }
        tokenize(text, &mut tokens);
        let from = repeats.hashes.len();
        if tokens.len() >= settings.min_tokens.max(NGRAM) && shingles(&tokens, &mut repeats.hashes) {
            repeats.units.push(Unit { line, from, to: repeats.hashes.len(), kept: true });
        }
    }
    repeats.find(settings);
    found.extend(repeats.labels);
    page.repeat_search = if found.is_empty() { nothing } else { RepeatSearch::Due };
    if !found.is_empty() {
        page.labels.extend(found);
        page.labels.sort_by_key(|label| label.unit);
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

/// So many lines below the title may be a copy of it, and so many copies a headline has at the most: in the path to the page, above the picture,
/// above the text.
const NEAR_TOP: usize = 512;
const COPIES: usize = 3;

/// Lines near the top that say the title again, alone or with the site's name behind it.
fn headline_copies(page: &Page, title: Option<u32>, settings: RepeatSettings) -> Vec<Label> {
    let Some(title) = title else { return Vec::new() };
    let headline = page.text(title);
    let label = |unit, kind, kept: u32| Label { unit, kind, cause: Cause::Headline, score: 1.0, witness: vec![page.span(kept)] };
    let (mut copies, mut beside, mut article) = (Vec::new(), true, false);
    // What has a label is not counted: it is gone when the result is read again, and the search must come as far then.
    let open = page.units_after(title).filter(|unit| page.labels.binary_search_by_key(unit, |l| l.unit).is_err());
    for unit in open.take(NEAR_TOP) {
        let text = page.text(unit);
        if same_words(text, headline) {
            copies.push((unit, beside));
        } else if with_site_name(headline, text) {
            return vec![label(title, settings.contained, unit)];
        } else if shape::is_prose(text) {
            article = true;
            break;
        } else {
            beside = false;
        }
    }
    // A line that comes again and again is an entry of a list, and no headline.
    if copies.len() > COPIES {
        return Vec::new();
    }
    // Where no prose follows, this may be a song whose refrain is its title: only the line right below is a copy then.
    let copies = copies.into_iter().filter(|(_, beside)| article || *beside);
    copies.map(|(unit, _)| label(unit, settings.exact, title)).collect()
}

fn same_words(a: &str, b: &str) -> bool {
    a.len().abs_diff(b.len()) <= a.len() / 2 && shape::letters(a).eq(shape::letters(b))
}

/// Whether `long` is `short`, a separator and a name.
fn with_site_name(long: &str, short: &str) -> bool {
    let Some(rest) = long.strip_prefix(short).filter(|_| short.split(' ').nth(2).is_some()) else { return false };
    let rest = rest.trim_start();
    rest.starts_with(['|', '-', '–', '—', '·', '•', '»', '«', ':', '/']) && shape::width(rest) <= 50
}

impl Repeats<'_> {
    fn find(&mut self, settings: RepeatSettings) {
        if self.units.len() < 2 {
            return;
        }
        let mut table = ShingleTable::with_capacity(self.hashes.len());
        let (mut run, mut longest) = (0, 0);
        for (number, unit) in self.units.iter().enumerate() {
            for &hash in &self.hashes[unit.from..unit.to] {
                run = if table.add(hash, number as u32) { run + 1 } else { 0 };
                longest = longest.max(run);
            }
        }
        // A copy, whole or in parts, says some stretch again. Stock phrases here and there are no copy.
        if longest < STRETCH {
            return;
        }
        let suspects = self.suspects(&table);
        if suspects.is_empty() {
            return;
        }
        self.exact(&suspects, &mut table, settings);
        self.contained(&suspects, &mut table, settings);
        self.near(&suspects, settings);
    }

    /// Units of which at least half the shingles stand in other units.
    fn suspects(&self, table: &ShingleTable) -> Vec<usize> {
        let half = |unit: &Unit| {
            let shingles = &self.hashes[unit.from..unit.to];
            shingles.iter().filter(|&&h| table.units_with(h) > 1).count() * 2 >= shingles.len()
        };
        (0..self.units.len()).filter(|&i| half(&self.units[i])).collect()
    }

    fn shingles(&self, number: usize) -> &[u64] {
        &self.hashes[self.units[number].from..self.units[number].to]
    }

    fn drop(&mut self, number: usize, kind: Kind, cause: Cause, score: f32, witness: Vec<Span>, table: &mut ShingleTable) {
        self.units[number].kept = false;
        self.set(number).into_iter().for_each(|hash| table.remove(hash));
        self.labels.push(Label { unit: self.units[number].line, kind, cause, score, witness });
    }

    fn exact(&mut self, suspects: &[usize], table: &mut ShingleTable, settings: RepeatSettings) {
        let mut first: HashMap<Vec<u64>, usize> = HashMap::new();
        for &number in suspects {
            let shingles = self.shingles(number).to_vec();
            match first.get(&shingles) {
                Some(&kept) => {
                    let witness = vec![self.page.span(self.units[kept].line)];
                    self.drop(number, settings.exact, Cause::Exact, 1.0, witness, table);
                }
                None => {
                    first.insert(shingles, number);
                }
            }
        }
    }

    fn contained(&mut self, suspects: &[usize], table: &mut ShingleTable, settings: RepeatSettings) {
        let covered = |this: &Self, number: usize, table: &ShingleTable| coverage(this.shingles(number), |h| table.units_with(h) > 1);
        let mut candidates: Vec<usize> =
            suspects.iter().copied().filter(|&n| self.units[n].kept && covered(self, n, table).is_some()).collect();
        if candidates.is_empty() {
            return;
        }
        let owners = Owners::of(self, &candidates);
        // What draws on most others first; then the shorter; then the later.
        candidates.sort_by_key(|&n| {
            let sources = owners.sources(self, n).len();
            (std::cmp::Reverse(if sources > 1 { sources } else { 1 }), self.shingles(n).len(), std::cmp::Reverse(n))
        });
        let mut dropped = Vec::new();
        for number in candidates {
            if let Some(score) = covered(self, number, table) {
                self.drop(number, settings.contained, Cause::Contained, score, Vec::new(), table);
                dropped.push(number);
            }
        }
        self.hold_to_what_stays(&dropped);
    }

    /// What covered a dropped unit may have been dropped after it: a unit that those that stay do not cover comes back, and the others
    /// are given their share and their witnesses among those that stay.
    fn hold_to_what_stays(&mut self, dropped: &[usize]) {
        let owners = Owners::of(self, dropped);
        let mut back = HashSet::new();
        for &number in dropped {
            if coverage(self.shingles(number), |hash| owners.has(hash)).is_none() {
                self.units[number].kept = true;
                back.insert(self.units[number].line);
            }
        }
        self.labels.retain(|label| !back.contains(&label.unit));
        let owners = if back.is_empty() { owners } else { Owners::of(self, dropped) };
        let by_line: HashMap<u32, usize> = dropped.iter().map(|&n| (self.units[n].line, n)).collect();
        let mut labels = std::mem::take(&mut self.labels);
        for label in labels.iter_mut().filter(|label| label.cause == Cause::Contained) {
            let number = by_line[&label.unit];
            label.score = coverage(self.shingles(number), |hash| owners.has(hash)).unwrap_or(label.score);
            label.witness = owners.sources(self, number).iter().map(|&n| self.page.span(self.units[n as usize].line)).collect();
        }
        self.labels = labels;
    }

    fn near(&mut self, suspects: &[usize], settings: RepeatSettings) {
        let long: Vec<usize> =
            suspects.iter().copied().filter(|&n| self.units[n].kept && self.shingles(n).len() + NGRAM > NEAR_TOKENS).collect();
        if long.len() < 2 {
            return;
        }
        let mut first = HashMap::new();
        let sets: HashMap<usize, Vec<u64>> = long.iter().map(|&number| (number, self.set(number))).collect();
        for number in long {
            let set = &sets[&number];
            let mut tally = HashMap::new();
            for hash in set {
                if let Some(&owner) = first.get(hash) {
                    *tally.entry(owner).or_insert(0usize) += 1;
                }
            }
            let best = tally.into_iter().max_by_key(|&(owner, count)| (count, std::cmp::Reverse(owner)));
            let twin = best.map(|(owner, _)| (owner, jaccard(set, &sets[&owner], settings.threshold)));
            let near = twin.filter(|&(owner, j)| j >= settings.threshold && self.same_numbers(number, owner));
            if let Some((owner, similarity)) = near {
                // The longer says more: it stays.
                let (kept, gone) = if self.shingles(number).len() > self.shingles(owner).len() { (number, owner) } else { (owner, number) };
                let witness = vec![self.page.span(self.units[kept].line)];
                let unit = self.units[gone].line;
                self.units[gone].kept = false;
                self.labels.push(Label { unit, kind: settings.near, cause: Cause::Near, score: similarity, witness });
                if gone == owner {
                    first.extend(set.iter().map(|&hash| (hash, number)));
                }
                continue;
            }
            for &hash in set {
                first.entry(hash).or_insert(number);
            }
        }
    }

    /// The distinct shingles of a unit, sorted.
    fn set(&self, number: usize) -> Vec<u64> {
        let mut set = self.shingles(number).to_vec();
        set.sort_unstable();
        set.dedup();
        set
    }

    /// Rows of a table and clauses of a law differ in their numbers alone; they are no repeats.
    fn same_numbers(&self, a: usize, b: usize) -> bool {
        let digits = |n: usize| self.page.text(self.units[n].line).chars().filter(|c| c.is_numeric()).collect::<Vec<_>>();
        digits(a) == digits(b)
    }
}

/// Jaccard similarity of two sorted sets; 0 if their sizes alone keep it below `threshold`, so that one long set is not read for each of
/// many short ones.
fn jaccard(a: &[u64], b: &[u64], threshold: f32) -> f32 {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    if (short.len() as f32) < threshold * long.len() as f32 {
        return 0.0;
    }
    let both = short.iter().filter(|h| long.binary_search(h).is_ok()).count();
    both as f32 / (a.len() + b.len() - both) as f32
}

/// The share of tokens that lie in a covered shingle, if that is nearly all and no gap is more than a few tokens.
fn coverage(shingles: &[u64], covered: impl Fn(u64) -> bool) -> Option<f32> {
    let tokens = shingles.len() + NGRAM - 1;
    let (mut missing, mut gap, mut widest, mut reach) = (0, 0, 0, 0);
    for at in 0..tokens {
        if shingles.get(at).is_some_and(|&hash| covered(hash)) {
            reach = at + NGRAM;
        }
        gap = if at < reach { 0 } else { gap + 1 };
        missing += usize::from(at >= reach);
        widest = widest.max(gap);
    }
    let share = 1.0 - missing as f32 / tokens as f32;
    (share >= COVERED && widest <= MAX_GAP).then_some(share)
}

/// For each shingle of some units, the first kept unit, and the next, that has it.
struct Owners {
    of: HashMap<u64, (u32, u32)>,
}

impl Owners {
    fn of(repeats: &Repeats, numbers: &[usize]) -> Self {
        const NONE: (u32, u32) = (u32::MAX, u32::MAX);
        let mut of: HashMap<u64, (u32, u32)> = numbers.iter().flat_map(|&n| repeats.shingles(n)).map(|&h| (h, NONE)).collect();
        for (number, unit) in repeats.units.iter().enumerate().filter(|(_, u)| u.kept) {
            for hash in &repeats.hashes[unit.from..unit.to] {
                if let Some((first, second)) = of.get_mut(hash) {
                    if *first == u32::MAX {
                        *first = number as u32;
                    } else if *second == u32::MAX && *first != number as u32 {
                        *second = number as u32;
                    }
                }
            }
        }
        Owners { of }
    }

    /// Whether a kept unit has this shingle.
    fn has(&self, hash: u64) -> bool {
        self.of[&hash].0 != u32::MAX
    }

    /// The other units that cover a good part of `number`, in order.
    fn sources(&self, repeats: &Repeats, number: usize) -> Vec<u32> {
        let mut tally = BTreeMap::new();
        for hash in repeats.shingles(number) {
            let (first, second) = self.of[hash];
            let owner = if first == number as u32 { second } else { first };
            if owner != u32::MAX {
                *tally.entry(owner).or_insert(0) += 1;
            }
        }
        let enough = |count: usize| count >= 3;
        tally.into_iter().filter(|&(_, count)| enough(count)).map(|(owner, _)| owner).collect()
    }
}
