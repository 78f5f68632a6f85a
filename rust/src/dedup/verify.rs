//! Exact comparison of two texts: their shingle sets, byte for byte.
//!
//! Hashes sort the shingles and find equal ones fast, but they decide nothing: where two hashes agree the bytes are compared. So a reported similarity
//! is that of the texts, whatever collides, and nobody can craft a text that is dropped for one it does not resemble.

use crate::dedup::numbers::numbers;
use crate::text::shingle::shingle_hashes;
use crate::text::words::{Tokens, tokenize};

/// The shingle set of one text: a reusable buffer.
#[derive(Debug, Default)]
pub struct ShingleSet {
    tokens: Tokens,
    hashes: Vec<u64>,
    /// Hash and first token of each distinct shingle, sorted by hash.
    members: Vec<(u64, u32)>,
    ngram_size: usize,
    numbers: String,
}

impl ShingleSet {
    /// Fills the set from a text, dropping what it held.
    pub fn fill(&mut self, text: &str, ngram_size: usize) {
        tokenize(text, &mut self.tokens);
        shingle_hashes(&self.tokens, ngram_size, &mut self.hashes);
        self.ngram_size = ngram_size.min(self.tokens.len());
        self.members.clear();
        self.members.extend(self.hashes.iter().zip(0..).map(|(hash, at)| (*hash, at)));
        self.members.sort_unstable();
        self.drop_repeats();
        numbers(&self.tokens, &mut self.numbers);
    }

    /// Whether both texts say the same numbers in the same order.
    pub fn has_numbers_of(&self, other: &Self) -> bool {
        self.numbers == other.numbers
    }

    /// Returns the number of distinct shingles.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether the text has no token.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The bytes of a member.
    fn bytes(&self, member: (u64, u32)) -> &[u8] {
        self.tokens.run(member.1 as usize, self.ngram_size)
    }

    /// Keeps one member of each shingle. Members of one hash stand together; those that differ from the first are rare enough for a scan.
    fn drop_repeats(&mut self) {
        let mut kept = 0;
        let mut group = 0;
        for at in 0..self.members.len() {
            let member = self.members[at];
            if kept == 0 || self.members[group].0 != member.0 {
                group = kept;
            }
            let known = self.members[group..kept].iter().any(|other| self.bytes(*other) == self.bytes(member));
            if !known {
                self.members[kept] = member;
                kept += 1;
            }
        }
        self.members.truncate(kept);
    }

    /// Returns the number of shingles that both sets hold.
    pub fn overlap(&self, other: &Self) -> usize {
        let (mut i, mut j, mut count) = (0, 0, 0);
        while i < self.members.len() && j < other.members.len() {
            let (a, b) = (self.members[i], other.members[j]);
            if a.0 != b.0 {
                i += usize::from(a.0 < b.0);
                j += usize::from(b.0 < a.0);
            } else if self.bytes(a) == other.bytes(b) {
                count += 1;
                i += 1;
                j += 1;
            } else {
                let (shared, i_end, j_end) = self.overlap_of_group(i, other, j);
                count += shared;
                (i, j) = (i_end, j_end);
            }
        }
        count
    }

    /// The overlap of two groups whose hashes collide, and where the groups end.
    #[cold]
    fn overlap_of_group(&self, i: usize, other: &Self, j: usize) -> (usize, usize, usize) {
        let hash = self.members[i].0;
        let end = |members: &[(u64, u32)], from: usize| from + members[from..].iter().take_while(|m| m.0 == hash).count();
        let (i_end, j_end) = (end(&self.members, i), end(&other.members, j));
        let held = |a: &&(u64, u32)| other.members[j..j_end].iter().any(|b| self.bytes(**a) == other.bytes(*b));
        (self.members[i..i_end].iter().filter(held).count(), i_end, j_end)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn set(text: &str, n: usize) -> ShingleSet {
        let mut set = ShingleSet::default();
        set.fill(text, n);
        set
    }

    fn naive(text: &str, n: usize) -> HashSet<String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        if words.is_empty() {
            return HashSet::new();
        }
        words.windows(n.min(words.len())).map(|w| w.join(" ")).collect()
    }

    #[test]
    fn repeats_count_once() {
        assert_eq!(set("a a a a a", 2).len(), 1);
        assert_eq!(set("a b a b a", 2).len(), 2);
        assert!(set("...", 2).is_empty());
    }

    #[test]
    fn colliding_hashes_are_told_apart_by_their_bytes() {
        let (mut one, mut two) = (set("a b c d", 1), set("c d e f", 1));
        for set in [&mut one, &mut two] {
            set.members.iter_mut().for_each(|m| m.0 = 7);
            set.members.sort_unstable();
        }
        assert_eq!(one.overlap(&two), 2);
        one.members.extend_from_within(..);
        one.drop_repeats();
        assert_eq!(one.len(), 4);
    }

    proptest! {
        #[test]
        fn same_as_naive(a in "([a-c] ){0,30}", b in "([a-c] ){0,30}", n in 1usize..5) {
            let (one, two) = (set(&a, n), set(&b, n));
            let (x, y) = (naive(&a, n), naive(&b, n));
            prop_assert_eq!(one.len(), x.len());
            prop_assert_eq!(one.overlap(&two), x.intersection(&y).count());
        }
    }
}
