//! What a site repeats on its pages: a table of lines for each source, filled page by page.
//!
//! A line is evidence of a template if pages that tell *different* stories have it. So a page brings a sketch of its running text, a line keeps
//! the first [`KEPT`] pages that it was counted for, and another page counts only if it is near none of these.
//!
//! Memory is bounded by the number of lines in the tables. When there are too many, the largest tables lose the lines that least speaks for (lossy
//! counting: Manku and Motwani 2002), and the source notes by how much a count may be short from then on. So a source with few pages keeps all
//! it has while one with a million pays.

use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;
use std::sync::Arc;

use crate::mask::Mask;
use crate::outline::{Element, Outline, Zones};
use crate::page::Page;
use crate::shape;
use crate::shingle::shingle_hashes;
use crate::sketch::{Common, Sketch};

/// Pages that a line keeps to compare others with; after so many it counts every page that is near none of them.
pub const KEPT: usize = 16;
/// A line with so many pages is known to be a template and takes no part in telling stories apart.
const ESTABLISHED: u32 = 5;
/// Tokens of running text that a page needs beside a line to be evidence for it, and at least half as many as the line has: with less nobody
/// can say that it tells another story. A story cut down to its first paragraph has its headline beside it.
const OTHER: usize = 6;
/// Tokens in a shingle of a sketch.
const NGRAM_SIZE: usize = 3;
/// Sample lines of an entry.
const SAMPLES: usize = 3;
/// The longest line that can be a template, in bytes: a page that is one line is a page.
const LONGEST: usize = 4096;

/// A page that lines were counted for.
#[derive(Debug)]
pub struct Doc {
    sketch: Sketch,
    /// Its lines.
    pub outline: Outline,
    number: u64,
    date: Option<Box<str>>,
}

/// What is known of a line that several pages have.
#[derive(Debug)]
pub struct Entry {
    /// Pages it was counted for.
    pub documents: u32,
    kept: Vec<Arc<Doc>>,
    /// Numbers of the first and the last page that has it.
    pub seen: (u64, u64),
    /// The least and the greatest date of these pages.
    pub dates: Option<(Box<str>, Box<str>)>,
    /// How it reads on some of them.
    pub samples: Vec<Box<str>>,
}

enum Line {
    /// One page has it: most lines stay so.
    Once(Arc<Doc>),
    Many(Box<Entry>),
}

impl Line {
    /// What speaks for keeping it: pages, then how late it was seen.
    fn weight(&self) -> (u32, u64) {
        match self {
            Line::Once(doc) => (1, doc.number),
            Line::Many(entry) => (entry.documents, entry.seen.1),
        }
    }
}

/// The lines of one source.
#[derive(Default)]
pub struct Site {
    /// Pages seen.
    pub documents: u64,
    /// By how much a count may be short, since lines were forgotten.
    pub short: u64,
    lines: HashMap<u64, Line>,
}

/// A line of several pages.
pub struct Found<'a> {
    /// What was counted.
    pub entry: &'a Entry,
    /// Of the pages kept, those in which it stood at the top, inside, at the bottom.
    pub profile: [u32; 3],
    /// The lines that stand right above and right below it on nearly all these pages, by their places in the list.
    pub beside: [Option<usize>; 2],
}

impl Site {
    /// The lines of several pages, in the order of their keys, and where they stood.
    pub fn found(&self) -> Vec<Found<'_>> {
        let mut entries: Vec<(u64, &Entry)> = Vec::new();
        for (key, line) in &self.lines {
            if let Line::Many(entry) = line {
                entries.push((*key, entry));
            }
        }
        entries.sort_unstable_by_key(|(key, _)| *key);
        let places: HashMap<u64, usize> = entries.iter().enumerate().map(|(i, (key, _))| (key & !1, i)).collect();
        let mut zones: HashMap<u64, Zones> = HashMap::new();
        let repeated = |key| places.contains_key(&key);
        let mut found = Vec::with_capacity(entries.len());
        for &(key, entry) in &entries {
            let (mut profile, mut above, mut below) = ([0; 3], HashMap::new(), HashMap::new());
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
}

/// What `total` pages have in common but for one of five.
fn usual(tally: &HashMap<Option<usize>, usize>, total: usize) -> Option<usize> {
    tally.iter().find(|(_, count)| **count * 5 >= total * 4).and_then(|(line, _)| *line)
}

/// A line of the page at hand.
struct Seen {
    key: u64,
    unit: u32,
    /// Of running text.
    tokens: usize,
    /// Whether it is too long to be a template.
    long: bool,
    /// Where its shingles stand in [`Scratch::hashes`]; empty if it is no running text.
    hashes: std::ops::Range<usize>,
}

#[derive(Default)]
struct Scratch {
    mask: Mask,
    shingles: Vec<u64>,
    hashes: Vec<u32>,
    sketch: Vec<(u32, u32)>,
    keys: Vec<u64>,
    seen: Vec<Seen>,
    elements: Vec<Element>,
    /// Comparisons of the page at hand with others, by their numbers.
    common: HashMap<u64, Common>,
}

/// Learns from pages, one after the other; the result depends on their order and on nothing else.
pub struct Learner {
    /// Tables by source.
    pub sites: HashMap<String, Site>,
    lines: usize,
    most: usize,
    pages: u64,
    scratch: Scratch,
}

impl Learner {
    /// With room for `most` lines in all tables together.
    pub fn new(most: usize) -> Self {
        Learner { sites: HashMap::new(), lines: 0, most, pages: 0, scratch: Scratch::default() }
    }

    /// Lines held.
    pub fn lines(&self) -> usize {
        self.lines
    }

    /// Adds a page, normalized, of a source; `None` counts as a page and teaches nothing.
    pub fn add(&mut self, page: &Page, source: Option<&str>, date: Option<&str>) {
        self.pages += 1;
        let Some(source) = source else { return };
        if !self.sites.contains_key(source) {
            self.sites.insert(source.to_owned(), Site::default());
        }
        let site = self.sites.get_mut(source).expect("it was just put there");
        let before = site.lines.len();
        site.documents += 1;
        self.scratch.read(page);
        self.scratch.count(page, site, self.pages - 1, date);
        self.lines += site.lines.len() - before;
        if self.lines > self.most {
            self.forget();
        }
    }

    /// Brings the tables down to half of what they may hold, by a bound on all alike: small ones stay whole.
    fn forget(&mut self) {
        let mut sizes: Vec<usize> = self.sites.values().map(|site| site.lines.len()).collect();
        let bound = fair_bound(&mut sizes, self.most / 2);
        for site in self.sites.values_mut().filter(|site| site.lines.len() > bound) {
            let mut weights: Vec<_> = site.lines.iter().map(|(key, line)| (line.weight(), *key)).collect();
            let gone = weights.len() - bound;
            weights.select_nth_unstable(gone - 1);
            site.short += u64::from(weights[..gone].iter().map(|((documents, _), _)| *documents).max().unwrap_or(0));
            weights[..gone].iter().for_each(|(_, key)| drop(site.lines.remove(key)));
            site.lines.shrink_to_fit();
        }
        self.lines = self.sites.values().map(|site| site.lines.len()).sum();
    }
}

/// The largest bound such that sizes cut down to it sum to `total` at most.
fn fair_bound(sizes: &mut [usize], total: usize) -> usize {
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

impl Scratch {
    /// Keys and shingles of the lines of a page.
    fn read(&mut self, page: &Page) {
        self.seen.clear();
        self.hashes.clear();
        self.elements.clear();
        self.common.clear();
        for unit in page.units() {
            let text = page.text(unit);
            let Some(key) = self.mask.key(text) else { continue };
            let (prose, start) = (shape::is_prose(text), self.hashes.len());
            if prose || (shape::ends_sentence(text) && !text.ends_with(':')) {
                shingle_hashes(&self.mask.tokens, NGRAM_SIZE, &mut self.shingles);
                self.hashes.extend(self.shingles.iter().map(|hash| *hash as u32));
            }
            let hashes = start..self.hashes.len();
            self.elements.push(Element::new(key, prose));
            let tokens = if hashes.is_empty() { 0 } else { self.mask.tokens.len() };
            self.seen.push(Seen { key, unit, tokens, long: text.len() > LONGEST, hashes });
        }
    }

    /// Counts the page for each of its lines, each line once.
    fn count(&mut self, page: &Page, site: &mut Site, number: u64, date: Option<&str>) {
        self.sketch.clear();
        self.keys.clear();
        let mut text = 0;
        for line in &self.seen {
            let established = matches!(site.lines.get(&line.key), Some(Line::Many(entry)) if entry.documents >= ESTABLISHED);
            if !established && line.tokens > 0 {
                let number = self.keys.len() as u32;
                self.sketch.extend(self.hashes[line.hashes.clone()].iter().map(|hash| (*hash, number)));
                self.keys.push(line.key);
                text += line.tokens;
            }
        }
        let (sketch, outline) = (Sketch::new(&mut self.sketch, &self.keys), Outline::new(&self.elements));
        let doc = Arc::new(Doc { sketch, outline, number, date: date.map(Into::into) });
        for i in 0..self.seen.len() {
            let line = &self.seen[i];
            let established = matches!(site.lines.get(&line.key), Some(Line::Many(entry)) if entry.documents >= ESTABLISHED);
            let other = if established { text } else { text.saturating_sub(line.tokens) };
            if other < OTHER.max(line.tokens / 2) || line.long {
                continue;
            }
            match site.lines.entry(line.key) {
                Place::Vacant(place) => {
                    place.insert(Line::Once(doc.clone()));
                }
                Place::Occupied(mut place) => match place.get_mut() {
                    Line::Once(first) => {
                        let first = first.clone();
                        if self.is_other(i, &doc, std::slice::from_ref(&first)) {
                            let mut entry = Entry::new(&first);
                            entry.add(&doc, page.text(self.seen[i].unit));
                            place.insert(Line::Many(Box::new(entry)));
                        }
                    }
                    Line::Many(entry) => {
                        if entry.seen.1 != number && self.is_other(i, &doc, &entry.kept) {
                            entry.add(&doc, page.text(self.seen[i].unit));
                        }
                    }
                },
            }
        }
    }

    /// Whether the page at hand, line `i` aside, tells another story than each of these.
    fn is_other(&mut self, i: usize, doc: &Doc, kept: &[Arc<Doc>]) -> bool {
        let key = self.seen[i].key;
        kept.iter().all(|other| {
            let common = self.common.entry(other.number).or_insert_with(|| Common::of(&other.sketch, &doc.sketch));
            other.number != doc.number && common.differ(&other.sketch, &doc.sketch, key)
        })
    }
}

impl Entry {
    fn new(first: &Arc<Doc>) -> Self {
        let dates = first.date.clone().map(|date| (date.clone(), date));
        Entry { documents: 1, kept: vec![first.clone()], seen: (first.number, first.number), dates, samples: Vec::new() }
    }

    fn add(&mut self, doc: &Arc<Doc>, text: &str) {
        self.documents += 1;
        self.seen.1 = doc.number;
        if self.kept.len() < KEPT {
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
        }
    }
}

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
}
