//! What a site repeats on its pages: a table of lines for each source, filled page by page.
//!
//! A line is evidence of a template if pages that tell *different* stories have it. So a page brings a sketch of its running text, a line keeps
//! the first pages that it was counted for, and another page counts only if it tells another story than each of these.
//!
//! Memory is bounded. When the tables have grown too large, the largest lose the lines that least speaks for (lossy counting: Manku and Motwani
//! 2002), and the source notes by how much a count may be short from then on. So a source with few pages keeps all it has while one with a
//! million pays.

use std::collections::HashMap;
use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::sync::Arc;

use crate::page::document::Page;
use crate::sites::key::Mask;
use crate::sites::place::{Element, Outline};
use crate::sites::site::{BYTES, Doc, LineEvidence, Site, SiteLine, fair_bound};
use crate::sites::story::{Common, Sketch};
use crate::text::shape;
use crate::text::shingle::shingle_hashes;

/// Tokens of running text that a page needs beside a line to be evidence for it, and at least half as many as the line has: with less nobody
/// can say that it tells another story. A story cut down to its first paragraph has its headline beside it.
const OTHER: usize = 8;
/// Tokens in a shingle of a sketch.
const NGRAM_SIZE: usize = 2;
/// The longest line that can be a template, in bytes: a page that is one line is a page.
pub const LONGEST: usize = 4096;
/// The longest name of a source, in bytes: names are not counted in, and whoever makes pages may choose them.
pub const LONGEST_NAME: usize = 4096;

/// Learns from pages, one after the other; the result depends on their order and on nothing else.
pub struct Learner {
    /// Tables by source.
    pub sites: HashMap<String, Site>,
    pub(super) bytes: usize,
    /// Room for lines and pages, in bytes.
    pub most: usize,
    /// Pages seen.
    pub pages: u64,
    scratch: Scratch,
}

impl Learner {
    /// Makes a learner with room for `most` bytes of lines and pages.
    pub fn new(most: usize) -> Self {
        Learner { sites: HashMap::new(), bytes: 0, most, pages: 0, scratch: Scratch::default() }
    }

    /// Returns the bytes of lines and pages held, about.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds a page, normalized, of a source; without one, or with one of a name that is too long, it counts as a page and teaches nothing.
    pub fn add(&mut self, page: &Page, source: Option<&str>, date: Option<&str>) {
        self.pages += 1;
        let Some(source) = source.filter(|name| name.len() <= LONGEST_NAME) else { return };
        if !self.sites.contains_key(source) {
            self.sites.insert(source.to_owned(), Site::default());
        }
        let site = self.sites.get_mut(source).expect("it was just put there");
        let before = site.bytes();
        site.documents += 1;
        self.scratch.read(page);
        self.scratch.count(page, site, self.pages - 1, date);
        self.bytes = self.bytes + site.bytes() - before;
        if self.bytes > self.most {
            self.forget();
        }
    }

    /// Brings the tables down to half of what they may hold, by a bound on all alike: small ones stay whole.
    fn forget(&mut self) {
        let mut sizes: Vec<usize> = self.sites.values().map(Site::bytes).collect();
        let bound = fair_bound(&mut sizes, self.most / 2);
        self.sites.values_mut().filter(|site| site.bytes() > bound).for_each(|site| site.forget(bound));
        self.bytes = self.sites.values().map(Site::bytes).sum();
    }
}

/// A line of the page at hand.
struct PageLine {
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
    seen: Vec<PageLine>,
    elements: Vec<Element>,
    /// Comparisons of the page at hand with others, by their numbers.
    common: HashMap<u64, Common>,
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
            // A short first line is a headline, whatever mark it ends with.
            if prose || (!self.seen.is_empty() && shape::ends_sentence(text) && !text.ends_with(':')) {
                shingle_hashes(&self.mask.tokens, NGRAM_SIZE, &mut self.shingles);
                self.hashes.extend(self.shingles.iter().map(|hash| *hash as u32));
            }
            let hashes = start..self.hashes.len();
            self.elements.push(Element::new(key, prose));
            let tokens = if hashes.is_empty() { 0 } else { self.mask.tokens.len() };
            self.seen.push(PageLine { key, unit, tokens, long: text.len() > LONGEST, hashes });
        }
    }

    /// Counts the page for each of its lines, each line once.
    fn count(&mut self, page: &Page, site: &mut Site, number: u64, date: Option<&str>) {
        let (sketch, tokens) = self.sketch(site);
        let doc = site.doc(sketch, Outline::new(&self.elements), number, date);
        let mut grown = 0;
        for i in 0..self.seen.len() {
            let line = &self.seen[i];
            let established = site.lines.get(&line.key).is_some_and(SiteLine::is_established);
            let other = if established { tokens } else { tokens.saturating_sub(line.tokens) };
            if other >= OTHER.max(line.tokens / 2) && !line.long {
                grown += self.count_line(i, page.text(line.unit), site, &doc);
            }
        }
        site.grow(grown);
    }

    /// Makes the sketch of the running text that is not yet known to be templates; returns its tokens too.
    fn sketch(&mut self, site: &Site) -> (Sketch, usize) {
        self.sketch.clear();
        self.keys.clear();
        let mut tokens = 0;
        for line in &self.seen {
            let established = site.lines.get(&line.key).is_some_and(SiteLine::is_established);
            if !established && line.tokens > 0 {
                let number = self.keys.len() as u32;
                self.sketch.extend(self.hashes[line.hashes.clone()].iter().map(|hash| (*hash, number)));
                self.keys.push(line.key);
                tokens += line.tokens;
            }
        }
        (Sketch::new(&mut self.sketch, &self.keys), tokens)
    }

    /// Counts the page for its line `i`, which reads `text`; returns the bytes that the site takes more.
    fn count_line(&mut self, i: usize, text: &str, site: &mut Site, doc: &Arc<Doc>) -> usize {
        match site.lines.entry(self.seen[i].key) {
            Vacant(place) => {
                place.insert(SiteLine::Once(doc.clone()));
                BYTES.0
            }
            Occupied(mut place) => match place.get_mut() {
                SiteLine::Once(first) => {
                    let first = first.clone();
                    if !self.is_other(i, doc, std::slice::from_ref(&first)) {
                        return 0;
                    }
                    let mut entry = LineEvidence::new(&first);
                    let grown = entry.add(doc, text);
                    place.insert(SiteLine::Many(Box::new(entry)));
                    BYTES.1 + grown
                }
                SiteLine::Many(entry) => {
                    if entry.seen.1 != doc.number && self.is_other(i, doc, &entry.kept) {
                        return entry.add(doc, text);
                    }
                    0
                }
            },
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
