//! The decision: which texts go, and which kept text each of them repeats.
//!
//! In the given order, a text goes if an earlier kept text has Jaccard similarity at or above the threshold; the earliest such text is its witness. Only
//! kept texts are indexed, so neither chains nor crowds arise: a template with a million near copies is one entry, and each copy meets that one.

use crate::digest::{Digests, EXEMPT, Method, Settings, digest};
use crate::jaccard::similarity;
use crate::prefix::{Counts, may_reach};
use crate::source::{Batch, Source};
use crate::table::{Hashed, Numbering};
use crate::verify::ShingleSet;
use crate::workers::{Interrupted, Stop};

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
    /// Pairs compared exactly.
    pub verified: usize,
}

/// Finds what repeats among the texts of `source`, taken in the given order (each number at most once).
pub fn find_repeats(
    source: &(impl Source + ?Sized),
    order: &[u32],
    settings: &Settings,
    stop: Stop<'_>,
) -> Result<Repeats, Interrupted> {
    let digests = digest(source, order, settings, stop)?;
    let mut decision = Decision::new(source, order, settings, &digests);
    decision.run(stop)?;
    Ok(decision.spread(source.len()))
}

/// A kept text in a posting list.
#[derive(Clone, Copy, Default)]
struct Posting {
    text: u32,
    /// Its distinct shingles.
    size: u32,
    /// Those from this key on.
    rest: u32,
}

/// A key of a text that another text has too.
#[derive(Clone, Copy)]
struct Entry {
    /// The posting list of the key.
    list: u32,
    /// The distinct shingles of the text from this key on.
    rest: u32,
}

/// The posting lists of keys that more than one text has, with room for every text under every such key.
struct Index {
    entries: Vec<Entry>,
    ends: Vec<usize>,
    starts: Vec<u32>,
    filled: Vec<u32>,
    postings: Vec<Posting>,
}

impl Index {
    /// An empty index.
    fn new(digests: &Digests) -> Self {
        let (mut entries, mut ends, mut counts) = number_keys(digests);
        let mut kept = 0;
        let mut start = 0;
        for end in &mut ends {
            for at in start..*end {
                entries[kept] = entries[at];
                kept += usize::from(counts[entries[at].list as usize] > 1);
            }
            start = *end;
            *end = kept;
        }
        entries.truncate(kept);
        let mut end = 0;
        for count in &mut counts {
            let room = if *count > 1 { *count } else { 0 };
            *count = end;
            end += room;
        }
        Self {
            entries,
            ends,
            filled: vec![0; counts.len()],
            starts: counts,
            postings: vec![Posting::default(); end as usize],
        }
    }

    /// The keys of `text` that other texts have too, in order.
    fn entries(&self, text: usize) -> &[Entry] {
        let start = if text == 0 { 0 } else { self.ends[text - 1] };
        &self.entries[start..self.ends[text]]
    }

    /// The kept texts that have the key of a list.
    #[inline]
    fn postings(&self, list: u32) -> &[Posting] {
        let start = self.starts[list as usize] as usize;
        &self.postings[start..start + self.filled[list as usize] as usize]
    }

    /// Adds a kept text under its keys.
    fn insert(&mut self, text: u32, size: u32) {
        let start = if text == 0 {
            0
        } else {
            self.ends[text as usize - 1]
        };
        for at in start..self.ends[text as usize] {
            let Entry { list, rest } = self.entries[at];
            let filled = &mut self.filled[list as usize];
            self.postings[(self.starts[list as usize] + *filled) as usize] =
                Posting { text, size, rest };
            *filled += 1;
        }
    }
}

/// Numbers the keys that probably more than one text has: the entries of all texts, where those of each end, and how many have each number.
fn number_keys(digests: &Digests) -> (Vec<Entry>, Vec<usize>, Vec<u32>) {
    let mut live = Counts::new(digests.all_keys().len());
    digests
        .all_keys()
        .iter()
        .for_each(|key| live.add(key.bits()));
    let (mut ids, mut counts) = (Numbering::default(), Vec::new());
    let (mut entries, mut ends) = (Vec::new(), Vec::with_capacity(digests.len()));
    for text in 0..digests.len() {
        for (key, at) in digests.keys(text).iter().zip(0..) {
            if live.get(key.bits()) > 1 {
                let (list, new) = ids.insert(*key);
                if new {
                    counts.push(0u32);
                }
                counts[list as usize] += 1;
                // With bands sizes are unknown, all 0, and so is what is left of them.
                entries.push(Entry {
                    list,
                    rest: digests.sizes[text].saturating_sub(at),
                });
            }
        }
        ends.push(entries.len());
    }
    (entries, ends, counts)
}

/// Texts whose shingle sets are remembered between comparisons, and the length from which one is not.
const REMEMBERED: usize = 256;
const LONG: usize = 1 << 16;

/// Shingle sets by text, made on demand.
struct Sets<'a, S: Source + ?Sized> {
    source: &'a S,
    order: &'a [u32],
    first: &'a [u32],
    ngram_size: usize,
    batch: Batch<'a>,
    slots: Vec<(u32, ShingleSet)>,
}

impl<'a, S: Source + ?Sized> Sets<'a, S> {
    fn fill(&mut self, text: u32, set: &mut ShingleSet) -> usize {
        self.batch.clear();
        let unit = self.order[self.first[text as usize] as usize];
        self.source.load(&[unit], &mut self.batch);
        set.fill(self.batch.get(0), self.ngram_size);
        self.batch.get(0).len()
    }

    /// The overlap of `set` with the set of `text`, and the size of the latter.
    fn compare(&mut self, set: &ShingleSet, text: u32) -> (usize, usize) {
        let slot = text as usize % REMEMBERED;
        let (holder, mut other) =
            std::mem::replace(&mut self.slots[slot], (EXEMPT, ShingleSet::default()));
        let mut length = 0;
        if holder != text {
            length = self.fill(text, &mut other);
        }
        let found = (set.overlap(&other), other.len());
        if length < LONG {
            self.slots[slot] = (text, other);
        }
        found
    }
}

/// The state of one pass over the distinct texts.
struct Decision<'a, S: Source + ?Sized> {
    order: &'a [u32],
    settings: &'a Settings,
    digests: &'a Digests,
    index: Index,
    sets: Sets<'a, S>,
    met: Vec<u32>,
    witness: Vec<u32>,
    similarity: Vec<f64>,
    verified: usize,
}

impl<'a, S: Source + ?Sized> Decision<'a, S> {
    fn new(source: &'a S, order: &'a [u32], settings: &'a Settings, digests: &'a Digests) -> Self {
        let slots = (0..REMEMBERED)
            .map(|_| (EXEMPT, ShingleSet::default()))
            .collect();
        let sets = Sets {
            source,
            order,
            first: &digests.first,
            ngram_size: settings.ngram_size,
            batch: Batch::default(),
            slots,
        };
        let count = digests.len();
        Self {
            order,
            settings,
            digests,
            index: Index::new(digests),
            sets,
            met: vec![KEPT; count],
            witness: vec![KEPT; count],
            similarity: vec![0.0; count],
            verified: 0,
        }
    }

    fn run(&mut self, stop: Stop<'_>) -> Result<(), Interrupted> {
        let (mut candidates, mut set) = (Vec::new(), ShingleSet::default());
        for text in 0..self.digests.len() as u32 {
            if text % 1024 == 0 && stop() {
                return Err(Interrupted);
            }
            self.candidates(text, &mut candidates);
            if !self.decide(text, &candidates, &mut set) {
                self.index.insert(text, self.digests.sizes[text as usize]);
            }
        }
        Ok(())
    }

    /// The kept texts that may reach the threshold with `text`, earliest first.
    ///
    /// The first key that two texts share bounds what they share at all: it and what either has after it. Keys are walked in order, so
    /// that bound is the first one met, and later ones are lower.
    fn candidates(&mut self, text: u32, out: &mut Vec<u32>) {
        out.clear();
        let (threshold, size) = (self.settings.threshold, self.digests.sizes[text as usize]);
        for entry in self.index.entries(text as usize) {
            for other in self.index.postings(entry.list) {
                let most = other.rest.min(entry.rest) as usize;
                if most < threshold.least_overlap((size + other.size) as usize) {
                    continue;
                }
                if std::mem::replace(&mut self.met[other.text as usize], text) != text
                    && self.may_reach(text, other.text)
                {
                    out.push(other.text);
                }
            }
        }
        out.sort_unstable();
    }

    fn may_reach(&self, one: u32, other: u32) -> bool {
        let (one, other) = (one as usize, other as usize);
        let digests = self.digests;
        let size = |i: usize| digests.sizes[i] as usize;
        matches!(self.settings.method, Method::Bands(_))
            || may_reach(
                self.settings.threshold,
                digests.keys(one),
                size(one),
                digests.keys(other),
                size(other),
            )
    }

    /// Whether `text` goes; the first candidate at the threshold is its witness.
    fn decide(&mut self, text: u32, candidates: &[u32], set: &mut ShingleSet) -> bool {
        if candidates.is_empty() {
            return false;
        }
        self.sets.fill(text, set);
        for candidate in candidates {
            let (overlap, size) = self.sets.compare(set, *candidate);
            self.verified += 1;
            if self.settings.threshold.reached(overlap, set.len() + size) {
                self.witness[text as usize] = *candidate;
                self.similarity[text as usize] = similarity(overlap, set.len() + size);
                return true;
            }
        }
        false
    }

    /// The answer for all texts: a verbatim repeat goes for what the first of its kind went for, or for that one itself.
    fn spread(self, texts: usize) -> Repeats {
        let mut repeats = Repeats {
            witness: vec![KEPT; texts],
            similarity: vec![0.0; texts],
            ..Repeats::default()
        };
        for (place, number) in self.digests.number.iter().enumerate() {
            if *number == EXEMPT {
                repeats.effort.exempt += 1;
                continue;
            }
            let (number, text) = (*number as usize, self.order[place] as usize);
            let first = self.digests.first[number] as usize;
            let (witness, similarity) = match self.witness[number] {
                KEPT if first == place => continue,
                KEPT => (first, 1.0),
                other => (
                    self.digests.first[other as usize] as usize,
                    self.similarity[number],
                ),
            };
            repeats.witness[text] = self.order[witness];
            repeats.similarity[text] = similarity;
        }
        repeats.effort.distinct = self.digests.len();
        repeats.effort.verified = self.verified;
        repeats
    }
}
