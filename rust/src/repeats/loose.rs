//! Loose matching: a unit goes if nearly everything that it says stands in what stays.
//!
//! *Contained*: others cover nearly every token of it, with no gap of more than a few. *Near*: the Jaccard similarity of the shingle sets
//! reaches the threshold and the same numbers stand in both.

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use crate::page::label::{Cause, Label};
use crate::repeats::owners::Owners;
use crate::repeats::shingle_table::ShingleTable;
use crate::repeats::units::{NGRAM, RepeatSettings, Repeats, jaccard};

/// Share of a unit's tokens that others must cover, and the longest run of tokens that none covers.
const COVERED: f32 = 0.95;
const MAX_GAP: usize = 3;
/// One token changed changes three shingles: near repeats are looked for in units long enough to still be near.
const NEAR_TOKENS: usize = 20;

/// Labels what repeats among the suspects.
pub fn find(repeats: &mut Repeats, suspects: &[usize], table: &mut ShingleTable, settings: RepeatSettings) {
    repeats.exact(suspects, table, settings);
    repeats.contained(suspects, table, settings);
    repeats.near(suspects, settings);
}

impl Repeats<'_> {
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
            label.witness = owners.witnesses(self, number).iter().map(|&n| self.page.span(self.units[n as usize].line)).collect();
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

    /// Rows of a table and clauses of a law differ in their numbers alone; they are no repeats.
    fn same_numbers(&self, a: usize, b: usize) -> bool {
        let digits = |n: usize| self.page.text(self.units[n].line).chars().filter(|c| c.is_numeric()).collect::<Vec<_>>();
        digits(a) == digits(b)
    }
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
