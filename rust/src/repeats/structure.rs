//! Lines that come again and again on purpose: a question put to several people, a refrain, a clause of each section, a label of each entry.
//!
//! Three or more copies with other text between them are structure, unless they are parts of a block that comes again: a quoted post, the
//! terms of a form, a carousel. Then a paragraph next to them comes again too, or the text between them is the same each time.

use foldhash::HashSet;
use xxhash_rust::xxh3::xxh3_64;

use crate::page::document::Page;
use crate::page::label::Label;
use crate::text::words::{Tokens, tokenize};

/// The units of a page in order, so that what stands between two of them can be compared.
pub struct Order {
    lines: Vec<u32>,
    /// A hash of each; 0 for those that are too short to go.
    words: Vec<u64>,
    /// A hash of each beginning of the page, and the powers that take one from another.
    sums: Vec<u64>,
    powers: Vec<u64>,
}

const BASE: u64 = 0xD6E8_FEB8_6659_FD93;

impl Order {
    /// Reads the units of a page that have no label yet. `long` tells by their lines which of them are long enough to go.
    pub fn new(page: &Page, headlines: &[Label], long: impl Fn(u32) -> bool) -> Self {
        let gone: HashSet<u32> = page.labels.iter().chain(headlines).map(|label| label.unit).collect();
        let mut order = Order { lines: Vec::new(), words: Vec::new(), sums: vec![0], powers: vec![1] };
        let mut tokens = Tokens::default();
        for line in page.units().filter(|line| !gone.contains(line)) {
            tokenize(page.text(line), &mut tokens);
            if !tokens.is_empty() {
                let hash = xxh3_64(&tokens.bytes);
                let sum = order.sums[order.lines.len()].wrapping_mul(BASE).wrapping_add(hash);
                order.words.push(if long(line) { hash } else { 0 });
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

    /// Returns what stands between two units, as a hash; `None` if nothing does.
    fn between(&self, first: u32, second: u32) -> Option<u64> {
        let (from, to) = (self.place(first) + 1, self.place(second));
        (from < to).then(|| self.sums[to].wrapping_sub(self.sums[from].wrapping_mul(self.powers[to - from])))
    }

    /// Whether the paragraph before, or the one behind, is the same at two places.
    fn in_a_block(&self, first: u32, second: u32) -> bool {
        let (a, b) = (self.place(first), self.place(second));
        let same = |a: Option<&u64>, b: Option<&u64>| a.is_some_and(|hash| *hash != 0 && b == Some(hash));
        same(self.words.get(a + 1), self.words.get(b + 1)) || (a > 0 && same(self.words.get(a - 1), self.words.get(b - 1)))
    }

    /// Tells which copies of a unit, given by their lines, come for the sake of structure: all but those with nothing before them that is
    /// not a copy itself, if the copies are structure; none but the first if they are not.
    pub fn kept(&self, copies: &[u32]) -> Vec<bool> {
        let pairs = || copies.windows(2).map(|pair| (pair[0], pair[1]));
        let gaps: Vec<Option<u64>> = pairs().map(|(a, b)| self.between(a, b)).collect();
        let kinds: HashSet<u64> = gaps.iter().copied().flatten().collect();
        let blocks = pairs().filter(|&(a, b)| self.in_a_block(a, b)).count();
        let structure = kinds.len() >= 2 && blocks * 2 <= gaps.len();
        std::iter::once(true).chain(gaps.iter().map(|gap| structure && gap.is_some())).collect()
    }
}
