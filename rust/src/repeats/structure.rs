//! Lines that come again and again on purpose: a question put to several people, a refrain, a clause of each section, a label of each entry.
//!
//! Three or more copies with other text between them are structure, unless it is the same text each time, as where a whole block comes again.

use std::collections::HashSet;

use xxhash_rust::xxh3::xxh3_64;

use crate::page::document::Page;
use crate::page::label::Label;
use crate::text::words::{Tokens, tokenize};

/// The units of a page in order, so that what stands between two of them can be compared.
pub struct Order {
    lines: Vec<u32>,
    /// A hash of each beginning of the page, and the powers that take one from another.
    sums: Vec<u64>,
    powers: Vec<u64>,
}

const BASE: u64 = 0xD6E8_FEB8_6659_FD93;

impl Order {
    /// Reads the units of a page that have no label yet.
    pub fn new(page: &Page, headlines: &[Label]) -> Self {
        let gone: HashSet<u32> = page.labels.iter().chain(headlines).map(|label| label.unit).collect();
        let mut order = Order { lines: Vec::new(), sums: vec![0], powers: vec![1] };
        let mut tokens = Tokens::default();
        for line in page.units().filter(|line| !gone.contains(line)) {
            tokenize(page.text(line), &mut tokens);
            if !tokens.is_empty() {
                let sum = order.sums[order.lines.len()].wrapping_mul(BASE).wrapping_add(xxh3_64(&tokens.bytes));
                order.powers.push(order.powers[order.lines.len()].wrapping_mul(BASE));
                order.sums.push(sum);
                order.lines.push(line);
            }
        }
        order
    }

    /// Returns what stands between two units, as a hash; `None` if nothing does.
    fn between(&self, first: u32, second: u32) -> Option<u64> {
        let place = |line: u32| self.lines.partition_point(|&l| l < line);
        let (from, to) = (place(first) + 1, place(second));
        (from < to).then(|| self.sums[to].wrapping_sub(self.sums[from].wrapping_mul(self.powers[to - from])))
    }

    /// Tells which copies of a unit, given by their lines, come for the sake of structure: all but those with nothing before them that is
    /// not a copy itself, if the copies are structure; none but the first if they are not.
    pub fn kept(&self, copies: &[u32]) -> Vec<bool> {
        let gaps: Vec<Option<u64>> = copies.windows(2).map(|pair| self.between(pair[0], pair[1])).collect();
        let kinds: HashSet<u64> = gaps.iter().copied().flatten().collect();
        let structure = kinds.len() >= 2;
        std::iter::once(true).chain(gaps.iter().map(|gap| structure && gap.is_some())).collect()
    }
}
