//! The decision: which texts go, and which kept text each of them repeats.
//!
//! In the given order, a text goes if an earlier kept text has Jaccard similarity at or above the threshold; the earliest such text is its witness. Only
//! kept texts are indexed, so neither chains nor crowds arise: a template with a million near copies is one entry, and each copy meets that one.

use std::ops::Range;

use crate::dedup::digest::{Digests, EXEMPT, Method, Settings, digest};
use crate::dedup::index::{Index, Seeker};
use crate::dedup::jaccard::similarity;
use crate::dedup::prefix::may_reach;
use crate::dedup::texts::source::{Source, TextBatch};
use crate::dedup::verify::ShingleSet;
use crate::workers::{Interrupted, Patience, Pool, Stop, map_blocks};

/// Stands for "no witness": the text is kept.
pub const KEPT: u32 = u32::MAX;

/// The answer, one entry a text.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Repeats {
    /// The kept text that this one repeats, or `KEPT`.
    pub witness: Vec<u32>,
    /// The Jaccard similarity with the witness; 0 for what is kept.
    pub similarity: Vec<f64>,
    /// What it took.
    pub effort: Effort,
}

/// Counts of work done.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Effort {
    /// Texts too short to take part.
    pub exempt: usize,
    /// Texts with tokens of their own, verbatim repeats counted once.
    pub distinct: usize,
    /// Keys by which those are found.
    pub keys: usize,
    /// Pairs compared exactly.
    pub verified: usize,
}

/// Finds what repeats among the texts of `source`, taken in the given order (each number at most once).
pub fn find_repeats(source: &(impl Source + ?Sized), order: &[u32], settings: &Settings, stop: Stop<'_>) -> Result<Repeats, Interrupted> {
    let digests = digest(source, order, settings, stop)?;
    let context = Context { source, order, settings, digests: &digests };
    let (drops, verified) = context.decide(stop)?;
    let r = context.spread(&drops, verified);
    Ok(r)
}

/// Texts decided together: large enough to share among threads, small enough that few pairs lie within.
const BLOCK: usize = 1 << 13;
/// Texts of a block that a worker takes at once.
const PART: usize = 256;

/// Shingle sets remembered between comparisons, and the length in bytes from which one is not.
const REMEMBERED: usize = 64;
const LONG: usize = 1 << 16;

/// Scratch space of one thread.
struct Scratch<'a> {
    batch: TextBatch<'a>,
    candidates: Vec<u32>,
    /// Of each candidate, the keys it shares.
    shared: Vec<u32>,
    /// The sorted prefixes of two texts.
    prefixes: [Vec<u32>; 2],
    set: ShingleSet,
    /// Shingle sets by the number of their text.
    remembered: Vec<(u32, ShingleSet)>,
    verified: usize,
}

impl Default for Scratch<'_> {
    fn default() -> Self {
        let remembered = (0..REMEMBERED).map(|_| (EXEMPT, ShingleSet::default())).collect();
        Self {
            batch: TextBatch::default(),
            candidates: Vec::new(),
            shared: Vec::new(),
            prefixes: Default::default(),
            set: ShingleSet::default(),
            remembered,
            verified: 0,
        }
    }
}

/// A text that goes.
#[derive(Clone, Copy)]
struct Drop {
    text: u32,
    witness: u32,
    similarity: f64,
}

/// What does not change during the pass over the distinct texts.
struct Context<'a, S: Source + ?Sized> {
    source: &'a S,
    order: &'a [u32],
    settings: &'a Settings,
    digests: &'a Digests,
}

impl<'a, S: Source + ?Sized> Context<'a, S> {
    /// Decides on all distinct texts, in order: what goes, and how many pairs were compared.
    ///
    /// One worker takes one text after the other. Several compare a block of texts with all texts kept before it, in parallel; what is left of it is
    /// compared one after the other with the texts of the same block. The earliest witness is found either way.
    fn decide(&self, stop: Stop<'_>) -> Result<(Vec<Drop>, usize), Interrupted> {
        let workers = self.digests.workers;
        let mut index = Index::new(self.digests, self.settings.threshold, workers, stop)?;
        let (mut drops, mut verified, mut scratch, pool) = (Vec::new(), 0, Scratch::default(), Pool::default());
        if workers <= 1 {
            drops = self.one_by_one(&mut index, 0..self.digests.len() as u32, Vec::new(), &mut scratch, stop)?;
            return Ok((drops, scratch.verified));
        }
        for block in (0..self.digests.len()).step_by(BLOCK) {
            let texts = block..self.digests.len().min(block + BLOCK);
            let part = |scratch: &mut Scratch<'a>, part| self.against_earlier(&index, block + part * PART, texts.end, scratch);
            let (mut gone, parts) = (Vec::new(), texts.len().div_ceil(PART));
            for (found, compared) in map_blocks(workers, &pool, parts, part, stop)? {
                gone.extend(found);
                verified += compared;
            }
            drops.extend(self.one_by_one(&mut index, block as u32..texts.end as u32, gone, &mut scratch, stop)?);
        }
        Ok((drops, verified + scratch.verified))
    }

    /// The texts of a part that repeat a text kept before the block, and how many pairs were compared.
    fn against_earlier(&self, index: &Index, start: usize, end: usize, scratch: &mut Scratch<'a>) -> (Vec<Drop>, usize) {
        scratch.verified = 0;
        let texts = start as u32..end.min(start + PART) as u32;
        let found = texts
            .filter_map(|text| {
                index.expect(text);
                self.find(index, text, 0, scratch)
            })
            .collect();
        (found, scratch.verified)
    }

    /// Decides on texts of which some are already `gone`, comparing the others with each other, and indexes those that stay.
    fn one_by_one(
        &self,
        index: &mut Index,
        texts: Range<u32>,
        gone: Vec<Drop>,
        scratch: &mut Scratch<'a>,
        stop: Stop<'_>,
    ) -> Result<Vec<Drop>, Interrupted> {
        let (mut gone, mut patience, mut drops) = (gone.into_iter().peekable(), Patience::default(), Vec::new());
        let first = texts.start;
        for text in texts {
            if text % 16 == 0 && patience.is_over(stop) {
                return Err(Interrupted);
            }
            index.expect(text);
            match gone.next_if(|drop| drop.text == text).or_else(|| self.find(index, text, first, scratch)) {
                Some(drop) => drops.push(drop),
                None => index.insert(text, self.digests),
            }
        }
        Ok(drops)
    }

    /// The earliest kept text, from number `since` on, that `text` repeats.
    fn find(&self, index: &Index, text: u32, since: u32, scratch: &mut Scratch<'a>) -> Option<Drop> {
        self.candidates(index, text, since, scratch);
        if scratch.candidates.is_empty() {
            return None;
        }
        let (candidates, set) = (std::mem::take(&mut scratch.candidates), std::mem::take(&mut scratch.set));
        let found = self.verify(text, &candidates, set, scratch);
        scratch.candidates = candidates;
        found
    }

    /// The kept texts from number `since` on that may reach the threshold with `text`, earliest first.
    ///
    /// The first key that two texts share bounds what they share at all: it and what either has after it. A pair at the threshold passes
    /// there; at keys that come later the bound is lower, so looking at all of them admits no more.
    fn candidates(&self, index: &Index, text: u32, since: u32, scratch: &mut Scratch<'a>) {
        let out = &mut scratch.candidates;
        out.clear();
        let (threshold, size) = (self.settings.threshold, self.digests.sizes[text as usize]);
        let seeker = Seeker::new(self.digests, text, threshold);
        for (entry, others) in index.seek(text, seeker) {
            let later = others.iter().rev().take_while(|other| other.text >= since);
            out.extend(later.filter(|other| seeker.may_reach(entry, other)).map(|other| other.text));
        }
        out.sort_unstable();
        out.dedup();
        if out.is_empty() || matches!(self.settings.method, Method::Bands(_)) {
            return;
        }
        self.retain_sharing_enough(index, text, since, out, &mut scratch.shared);
        if out.is_empty() {
            return;
        }
        let [own, others] = &mut scratch.prefixes;
        self.sorted_prefix(text, own);
        out.retain(|other| {
            self.sorted_prefix(*other, others);
            may_reach(threshold, own, size as usize, others, self.digests.sizes[*other as usize] as usize)
        });
    }

    /// Leaves the candidates whose prefixes share as many keys with the prefix of `text` as they must: of two sets, all that the one whose prefix ends first
    /// can share beyond its prefix is what stands there.
    ///
    /// The postings were just read; what belongs to the candidates is anywhere in memory. A key that stands twice in both prefixes counts
    /// four times, so the count is never too low.
    fn retain_sharing_enough(&self, index: &Index, text: u32, since: u32, candidates: &mut Vec<u32>, shared: &mut Vec<u32>) {
        shared.clear();
        shared.resize(candidates.len(), 0);
        let bit = |text: u32| 1u64 << (text % 64);
        let some = candidates.iter().fold(0, |all, other| all | bit(*other));
        for (_, others) in index.look_up(text) {
            for other in others.iter().rev().take_while(|other| other.text >= since) {
                if some & bit(other.text) != 0
                    && let Ok(at) = candidates.binary_search(&other.text)
                {
                    shared[at] += 1;
                }
            }
        }
        let threshold = self.settings.threshold;
        let beyond = |size: u32| (size as usize).saturating_sub(threshold.prefix(size as usize));
        let size = self.digests.sizes[text as usize];
        let mut shared = shared.iter();
        candidates.retain(|other| {
            let (count, other) = (*shared.next().expect("one for each candidate"), self.digests.sizes[*other as usize]);
            count as usize + beyond(size).max(beyond(other)) >= threshold.least_overlap((size + other) as usize)
        });
    }

    fn sorted_prefix(&self, text: u32, out: &mut Vec<u32>) {
        out.clear();
        out.extend_from_slice(self.digests.keys(text as usize));
        out.sort_unstable();
    }

    /// The first of the candidates that reaches the threshold, with the same numbers if these count.
    fn verify(&self, text: u32, candidates: &[u32], mut set: ShingleSet, scratch: &mut Scratch<'a>) -> Option<Drop> {
        self.fill(text, &mut set, scratch);
        let found = candidates.iter().find_map(|witness| {
            let (overlap, size, fits) = self.compare(&set, *witness, scratch);
            scratch.verified += 1;
            let total = set.len() + size;
            let drop = || Drop { text, witness: *witness, similarity: similarity(overlap, total) };
            (fits && self.settings.threshold.reached(overlap, total)).then(drop)
        });
        scratch.set = set;
        found
    }

    /// The overlap of `set` with the set of `text`, the size of the latter, and whether their numbers allow a repeat.
    fn compare(&self, set: &ShingleSet, text: u32, scratch: &mut Scratch<'a>) -> (usize, usize, bool) {
        let slot = text as usize % REMEMBERED;
        let (holder, mut other) = std::mem::replace(&mut scratch.remembered[slot], (EXEMPT, ShingleSet::default()));
        let length = if holder == text { 0 } else { self.fill(text, &mut other, scratch) };
        let fits = !self.settings.same_numbers || set.has_numbers_of(&other);
        let found = (set.overlap(&other), other.len(), fits);
        if length < LONG {
            scratch.remembered[slot] = (text, other);
        }
        found
    }

    /// Makes the shingle set of a text; returns the length of the text in bytes.
    fn fill(&self, text: u32, set: &mut ShingleSet, scratch: &mut Scratch<'a>) -> usize {
        scratch.batch.clear();
        let place = self.digests.first[text as usize] as usize;
        self.source.load(&self.order[place..=place], &mut scratch.batch);
        let text = scratch.batch.get(0);
        set.fill(text, self.settings.ngram_size);
        text.len()
    }

    /// The answer for all texts: a verbatim repeat goes for what the first of its kind went for, or for that one itself.
    fn spread(&self, drops: &[Drop], verified: usize) -> Repeats {
        let (digests, texts) = (self.digests, self.source.len());
        let mut number_of_drop = vec![KEPT; digests.len()];
        for (drop, i) in drops.iter().zip(0..) {
            number_of_drop[drop.text as usize] = i;
        }
        let mut repeats = Repeats { witness: vec![KEPT; texts], similarity: vec![0.0; texts], ..Repeats::default() };
        for (number, place) in digests.number.iter().zip(0u32..) {
            if *number == EXEMPT {
                repeats.effort.exempt += 1;
                continue;
            }
            let first = digests.first[*number as usize];
            let (witness, similarity) = match number_of_drop[*number as usize] {
                KEPT if first == place => continue,
                KEPT => (first, 1.0),
                drop => (digests.first[drops[drop as usize].witness as usize], drops[drop as usize].similarity),
            };
            let text = self.order[place as usize] as usize;
            repeats.witness[text] = self.order[witness as usize];
            repeats.similarity[text] = similarity;
        }
        repeats.effort.distinct = digests.len();
        repeats.effort.keys = digests.all_keys().len();
        repeats.effort.verified = verified;
        repeats
    }
}
