//! The lines of one source, the pages that they were counted for, and what both take of memory.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::sites::place::{Outline, Zones};
use crate::sites::story::Sketch;

/// Pages that a line keeps to compare others with; after so many it counts every page that tells another story than all of them.
pub const KEPT: usize = 16;
/// Pages that it still keeps when memory is short.
const KEPT_WHEN_SHORT: usize = 1;
/// A line with so many pages is known to be a template and takes no part in telling stories apart.
const ESTABLISHED: u32 = 5;
/// Sample lines of an entry.
pub const SAMPLES: usize = 3;
/// Bytes of a date, of which an ISO date and time has 35: what is longer is cut, or dates would not be bounded in memory.
pub const MOST_DATE: usize = 64;
/// Bytes that a line takes in the table, a line of several pages beside, and a page beside its sketch and outline.
const LINE_BYTES: usize = 40;
const ENTRY_BYTES: usize = 300;
const DOC_BYTES: usize = 150;

/// A page that lines were counted for. It is gone with the last line that keeps it.
#[derive(Debug)]
pub struct Doc {
    /// By which it is told from other pages.
    pub sketch: Sketch,
    /// Its place among all pages.
    pub number: u64,
    pub(super) outline: Outline,
    pub(super) date: Option<Box<str>>,
    /// What the pages of its site take.
    bytes: Arc<AtomicUsize>,
}

impl Doc {
    fn size(&self) -> usize {
        DOC_BYTES + self.sketch.bytes() + self.outline.bytes()
    }
}

impl Drop for Doc {
    fn drop(&mut self) {
        self.bytes.fetch_sub(self.size(), Ordering::Relaxed);
    }
}

/// What is known of a line that several pages have.
#[derive(Debug)]
pub struct LineEvidence {
    /// Pages it was counted for.
    pub documents: u32,
    /// The first of them.
    pub kept: Vec<Arc<Doc>>,
    /// Pages no longer kept: with the line at the top, inside, at the bottom.
    pub(super) settled: [u32; 3],
    /// Numbers of the first and the last page that has it.
    pub seen: (u64, u64),
    /// The least and the greatest date of these pages.
    pub dates: Option<(Box<str>, Box<str>)>,
    /// How it reads on some of them.
    pub samples: Vec<Box<str>>,
}

impl LineEvidence {
    /// Makes the evidence of a line that one page has.
    pub fn new(first: &Arc<Doc>) -> Self {
        let dates = first.date.clone().map(|date| (date.clone(), date));
        let (kept, seen) = (vec![first.clone()], (first.number, first.number));
        LineEvidence { documents: 1, kept, settled: [0; 3], seen, dates, samples: Vec::new() }
    }

    /// Counts a page, on which the line reads so; returns the bytes that it takes more.
    pub fn add(&mut self, doc: &Arc<Doc>, text: &str) -> usize {
        self.documents += 1;
        self.seen.1 = doc.number;
        if self.kept.len() + (self.settled.iter().sum::<u32>() as usize) < KEPT {
            self.kept.push(doc.clone());
        }
        if let Some(date) = &doc.date {
            let (first, last) = self.dates.get_or_insert_with(|| (date.clone(), date.clone()));
            if date < first {
                *first = date.clone();
            }
            if date > last {
                *last = date.clone();
            }
        }
        if self.samples.len() < SAMPLES && self.samples.iter().all(|sample| **sample != *text) {
            self.samples.push(text.into());
            return text.len();
        }
        0
    }

    /// Bytes it takes, pages aside.
    pub fn bytes(&self) -> usize {
        ENTRY_BYTES + self.samples.iter().map(|sample| sample.len()).sum::<usize>()
    }
}

/// A line of a site.
pub enum SiteLine {
    /// One page has it: most lines stay so.
    Once(Arc<Doc>),
    /// Several have it.
    Many(Box<LineEvidence>),
}

impl SiteLine {
    /// Whether it is known to be a template.
    pub fn is_established(&self) -> bool {
        matches!(self, SiteLine::Many(entry) if entry.documents >= ESTABLISHED)
    }

    /// What speaks for keeping it: pages, then how late it was seen.
    fn weight(&self) -> (u32, u64) {
        match self {
            SiteLine::Once(doc) => (1, doc.number),
            SiteLine::Many(entry) => (entry.documents, entry.seen.1),
        }
    }

    /// Bytes it takes, pages aside.
    fn bytes(&self) -> usize {
        LINE_BYTES + if let SiteLine::Many(entry) = self { entry.bytes() } else { 0 }
    }
}

/// A line of several pages.
pub struct Found<'a> {
    /// What was counted.
    pub entry: &'a LineEvidence,
    /// Of the pages examined, those in which it stood at the top, inside, at the bottom.
    pub profile: [u32; 3],
    /// The lines that stand right above and right below it on nearly all pages kept, by their places in the list.
    pub beside: [Option<usize>; 2],
}

/// The lines of one source.
#[derive(Default)]
pub struct Site {
    /// Pages seen.
    pub documents: u64,
    /// By how much a count may be short, since lines were forgotten.
    pub short: u64,
    /// By key.
    pub lines: HashMap<u64, SiteLine>,
    /// What its pages take.
    docs: Arc<AtomicUsize>,
    /// What its lines take.
    held: usize,
}

impl Site {
    /// Makes a page of this site, whose bytes count as long as a line keeps it.
    pub fn doc(&self, sketch: Sketch, outline: Outline, number: u64, date: Option<&str>) -> Arc<Doc> {
        let date = date.map(|date| date[..boundary(date, MOST_DATE)].into());
        let doc = Doc { sketch, outline, number, date, bytes: self.docs.clone() };
        self.docs.fetch_add(doc.size(), Ordering::Relaxed);
        Arc::new(doc)
    }

    /// Returns the bytes it takes, about.
    pub fn bytes(&self) -> usize {
        self.held + self.docs.load(Ordering::Relaxed)
    }

    /// Notes that lines take so many bytes more.
    pub fn grow(&mut self, bytes: usize) {
        self.held += bytes;
    }

    /// Returns the lines of several pages, in the order of their keys, and where they stood.
    pub fn found(&self) -> Vec<Found<'_>> {
        let entries = self.entries();
        let places: HashMap<u64, usize> = entries.iter().enumerate().map(|(i, (key, _))| (key & !1, i)).collect();
        let mut zones: HashMap<u64, Zones> = HashMap::new();
        let repeated = |key| places.contains_key(&key);
        let mut found = Vec::with_capacity(entries.len());
        for &(key, entry) in &entries {
            let (mut profile, mut above, mut below) = (entry.settled, HashMap::new(), HashMap::new());
            for doc in &entry.kept {
                let zones = zones.entry(doc.number).or_insert_with(|| doc.outline.zones(repeated));
                profile[zones.of(key) as usize] += 1;
                for (tally, other) in [&mut above, &mut below].into_iter().zip(zones.beside(key)) {
                    *tally.entry(other.and_then(|key| places.get(&key).copied())).or_default() += 1;
                }
            }
            let beside = [above, below].map(|tally| usual(&tally, entry.kept.len()));
            found.push(Found { entry, profile, beside });
        }
        found
    }

    /// Returns the lines of several pages, in the order of their keys.
    pub fn entries(&self) -> Vec<(u64, &LineEvidence)> {
        let mut entries = Vec::new();
        for (key, line) in &self.lines {
            if let SiteLine::Many(entry) = line {
                entries.push((*key, &**entry));
            }
        }
        entries.sort_unstable_by_key(|(key, _)| *key);
        entries
    }

    /// Brings what it takes down to `bound` bytes: lines let go of most pages, then the lines go that least speaks for.
    pub fn forget(&mut self, bound: usize) {
        self.settle();
        debug_assert_eq!(self.held, self.lines.values().map(SiteLine::bytes).sum::<usize>());
        let mut weights: Vec<_> = self.lines.iter().map(|(key, line)| (line.weight(), *key)).collect();
        weights.sort_unstable();
        let mut most = 0;
        for ((documents, _), key) in weights {
            if self.bytes() <= bound {
                break;
            }
            if let Some(line) = self.lines.remove(&key) {
                self.held -= line.bytes();
                most = documents;
            }
        }
        self.short += u64::from(most);
        self.lines.shrink_to_fit();
    }

    /// Notes where the lines stood on the pages that they let go of.
    fn settle(&mut self) {
        let repeated: Vec<u64> = self.entries().into_iter().map(|(key, _)| key & !1).collect();
        let is_repeated = |key| repeated.binary_search(&key).is_ok();
        for (key, line) in &mut self.lines {
            if let SiteLine::Many(entry) = line {
                let gone = entry.kept.split_off(entry.kept.len().min(KEPT_WHEN_SHORT));
                gone.iter().for_each(|doc| entry.settled[doc.outline.zones(is_repeated).of(*key) as usize] += 1);
                entry.kept.shrink_to_fit();
            }
        }
    }
}

/// Returns the last place within the first `most` bytes at which the text can be cut.
fn boundary(text: &str, most: usize) -> usize {
    (0..=most.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// What `total` pages have in common but for one of five.
fn usual(tally: &HashMap<Option<usize>, usize>, total: usize) -> Option<usize> {
    tally.iter().find(|(_, count)| **count * 5 >= total * 4).and_then(|(line, _)| *line)
}

/// Returns the largest bound such that sizes cut down to it sum to `total` at most.
pub fn fair_bound(sizes: &mut [usize], total: usize) -> usize {
    sizes.sort_unstable();
    let mut left = total;
    for (i, size) in sizes.iter().enumerate() {
        let share = left / (sizes.len() - i);
        if *size > share {
            return share;
        }
        left -= size;
    }
    usize::MAX
}

/// What a line that one page has takes, and what it takes more once several have it.
pub const BYTES: (usize, usize) = (LINE_BYTES, ENTRY_BYTES);

#[cfg(test)]
mod tests {
    use super::*;

    /// Small tables stay whole, large ones share what is left.
    #[test]
    fn fair() {
        assert_eq!(fair_bound(&mut [10, 1, 10], 11), 5);
        assert_eq!(fair_bound(&mut [1, 2], 10), usize::MAX);
        assert_eq!(fair_bound(&mut [5, 5, 5], 2), 0);
    }

    /// A date is cut between two letters.
    #[test]
    fn long_dates() {
        let date = |text: &str| Site::default().doc(Sketch::default(), Outline::new(&[]), 0, Some(text)).date.clone();
        assert_eq!(date("2021-05-01").as_deref(), Some("2021-05-01"));
        assert_eq!(date(&format!("x{}", "é".repeat(40))), Some(format!("x{}", "é".repeat(31)).into()));
    }

    /// A page is counted as long as some line keeps it.
    #[test]
    fn pages_are_counted() {
        let site = Site::default();
        let doc = site.doc(Sketch::default(), Outline::new(&[]), 0, None);
        let entry = LineEvidence::new(&doc);
        assert!(site.bytes() >= DOC_BYTES);
        drop(doc);
        assert!(site.bytes() >= DOC_BYTES);
        drop(entry);
        assert_eq!(site.bytes(), 0);
    }
}
