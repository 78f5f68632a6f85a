//! Lines that come again and again on purpose: a question put to several people, a refrain, a clause of each section, a label of each entry.
//!
//! Three or more copies with other text between them are structure; if the text between them is the same each time, a block comes again, as
//! in a carousel. Copies are structure as well, however few, where they have a place of their own: a quoted post below the name of who
//! wrote it, an answer below its question, all that stands below a heading.

use foldhash::HashSet;
use xxhash_rust::xxh3::xxh3_64;

use crate::page::document::Page;
use crate::page::label::Label;
use crate::text::shape;
use crate::text::words::{Tokens, tokenize};

/// The units of a page in order, so that what stands between two of them can be compared.
pub struct Order<'a> {
    page: &'a Page,
    lines: Vec<u32>,
    /// A hash of each beginning of the page, and the powers that take one from another.
    sums: Vec<u64>,
    powers: Vec<u64>,
}

const BASE: u64 = 0xD6E8_FEB8_6659_FD93;

impl<'a> Order<'a> {
    /// Reads the units of a page that have no label yet.
    pub fn new(page: &'a Page, headlines: &[Label]) -> Self {
        let gone: HashSet<u32> = page.labels.iter().chain(headlines).map(|label| label.unit).collect();
        let mut order = Order { page, lines: Vec::new(), sums: vec![0], powers: vec![1] };
        let mut tokens = Tokens::default();
        for line in page.units().filter(|line| !gone.contains(line)) {
            tokenize(page.text(line), &mut tokens);
            if !tokens.is_empty() {
                let hash = xxh3_64(&tokens.bytes);
                let sum = order.sums[order.lines.len()].wrapping_mul(BASE).wrapping_add(hash);
                order.powers.push(order.powers[order.lines.len()].wrapping_mul(BASE));
                order.sums.push(sum);
                order.lines.push(line);
            }
        }
        order
    }

    fn place(&self, line: u32) -> usize {
        self.lines.partition_point(|&l| l < line)
    }

    /// The unit at a place, whatever its length, as a hash.
    fn hash(&self, at: usize) -> u64 {
        self.sums[at + 1].wrapping_sub(self.sums[at].wrapping_mul(BASE))
    }

    fn same(&self, a: Option<usize>, b: Option<usize>) -> bool {
        let hash = |at: Option<usize>| at.filter(|&at| at < self.lines.len()).map(|at| self.hash(at));
        hash(a) == hash(b)
    }

    fn text(&self, at: usize) -> &str {
        self.page.text(self.lines[at])
    }

    /// Whether a rule knows a unit, though it leaves it in doubt where it stands: what may be furniture introduces nothing.
    fn is_known(&self, at: usize) -> bool {
        self.page.hits.binary_search_by_key(&self.lines[at], |(unit, _)| *unit).is_ok()
    }

    /// Whether copies that follow one another, given by the first and last line, have a place of their own, to which they belong: below
    /// a line that announces them, or as all that stands below a heading. `original` is the unit that the first of them repeats; what
    /// stands in front of that is another line.
    pub fn is_introduced(&self, first: u32, last: u32, original: u32) -> bool {
        let (from, to) = (self.place(first), self.place(last) + 1);
        let Some(above) = from.checked_sub(1) else { return false };
        if self.same(Some(above), self.place(original).checked_sub(1)) {
            return false;
        }
        let ends = to >= self.lines.len() || asks(self.text(to)) || !shape::is_prose(self.text(to));
        announces(self.text(above)) || asks(self.text(above)) || (ends && heads(self.text(above)) && !self.is_known(above))
    }

    /// Whether a copy is a question to which another answer is given.
    pub fn is_asked_again(&self, copy: u32, original: u32) -> bool {
        let (a, b) = (self.place(copy), self.place(original));
        asks(self.text(a)) && !self.same(Some(a + 1), Some(b + 1))
    }

    /// Whether nothing stands between two units.
    pub fn follows(&self, first: u32, second: u32) -> bool {
        self.place(first) + 1 == self.place(second)
    }

    /// Returns what stands between two units, as a hash; `None` if nothing does.
    fn between(&self, first: u32, second: u32) -> Option<u64> {
        let (from, to) = (self.place(first) + 1, self.place(second));
        (from < to).then(|| self.sums[to].wrapping_sub(self.sums[from].wrapping_mul(self.powers[to - from])))
    }

    /// Tells which copies of a unit, given by their lines, come for the sake of structure: all but those with nothing before them that is
    /// not a copy itself, if the copies are structure; none but the first if they are not.
    pub fn kept(&self, copies: &[u32]) -> Vec<bool> {
        if copies.len() < 3 {
            return (0..copies.len()).map(|i| i == 0).collect();
        }
        let pairs = || copies.windows(2).map(|pair| (pair[0], pair[1]));
        let gaps: Vec<Option<u64>> = pairs().map(|(a, b)| self.between(a, b)).collect();
        let kinds: HashSet<u64> = gaps.iter().copied().flatten().collect();
        let structure = kinds.len() >= 2;
        std::iter::once(true).chain(gaps.iter().map(|gap| structure && gap.is_some())).collect()
    }
}

/// Whether a text says what stands below it: without it, that would hang in the air.
pub fn announces(text: &str) -> bool {
    text.trim_end().ends_with([':', '：'])
}

/// Whether a text may be a heading: short, and no sentence but for one that trails off, as *Eva wrote...* does.
fn heads(text: &str) -> bool {
    asks(text) || (!shape::is_prose(text) && (!shape::ends_sentence(text) || text.ends_with("...") || text.ends_with('…')))
}

fn asks(text: &str) -> bool {
    text.trim_end_matches(shape::closes).ends_with(['?', '？', '؟'])
}
