//! Prefixes of shingle sets: the few shingles by which an exact join finds every pair.
//!
//! Put the shingles of all texts in one common order. Two sets that reach a Jaccard threshold must share one of their first few members
//! (`Threshold::prefix`), so indexing those few and looking up those few misses nothing. Any order is right. The order here is by hash, which spreads
//! the cost evenly, after one correction: shingles that many texts hold ("told the associated press") go last, or their posting lists would grow with
//! the corpus and the join with its square. Which are common is learned from a sample; a sample that misleads costs time, never a pair.

use crate::dedup::jaccard::Threshold;

/// Bits of a key below its rank.
const PLACE: u32 = 30;

/// Two bits for each of a power of two of slots, counting up to three.
#[derive(Debug, Clone)]
pub struct TwoBitCounts {
    words: Vec<u64>,
    shift: u32,
}

impl TwoBitCounts {
    /// Makes room for about `members` distinct members, two to four for each.
    pub fn new(members: usize) -> Self {
        let slots = (members * 2).next_power_of_two().max(64);
        Self { words: vec![0; slots / 32], shift: 64 - slots.trailing_zeros() }
    }

    /// Takes counts as [`TwoBitCounts::to_bytes`] gave them; `None` if these are none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let slots = bytes.len() * 4;
        let words = || bytes.chunks_exact(8).map(|word| u64::from_le_bytes(word.try_into().expect("eight bytes"))).collect();
        (slots >= 64 && slots.is_power_of_two()).then(|| Self { words: words(), shift: 64 - slots.trailing_zeros() })
    }

    /// Returns the counts as they are stored, on any machine: a power of two of bytes, 16 or more.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// Counts one sight of a hash whose high bits are well mixed.
    #[inline]
    pub fn add(&mut self, hash: u64) {
        let (word, bit) = self.slot(hash);
        let seen = self.words[word] >> bit & 3;
        self.words[word] += u64::from(seen < 3) << bit;
    }

    /// Returns how often a hash was seen: never too low, 3 for three or more.
    #[inline]
    pub fn get(&self, hash: u64) -> u8 {
        let (word, bit) = self.slot(hash);
        (self.words[word] >> bit & 3) as u8
    }

    #[inline]
    fn slot(&self, hash: u64) -> (usize, u32) {
        let slot = hash >> self.shift;
        ((slot / 32) as usize, (slot % 32) as u32 * 2)
    }
}

/// The common order of all shingles.
#[derive(Debug)]
pub struct Order {
    sample: TwoBitCounts,
}

impl Order {
    /// Makes an order from a sample of shingle sets, each a slice of distinct hashes.
    pub fn new(sample: TwoBitCounts) -> Self {
        Self { sample }
    }

    /// Returns the sample.
    pub fn sample(&self) -> &TwoBitCounts {
        &self.sample
    }

    /// Returns the place of a shingle, given its hash: first by how many texts of the sample hold it (0, 1, 2, more), then by the hash.
    ///
    /// Shingles may share a place; sets of places are therefore multisets.
    #[inline]
    pub fn key(&self, hash: u64) -> u32 {
        // The sample is addressed by the high bits: take others.
        u32::from(self.sample.get(hash)) << PLACE | (hash as u32 & ((1 << PLACE) - 1))
    }
}

/// Sets over this size are sorted to find their repeats.
const SMALL: usize = 4096;
/// Suspected repeats up to this number are looked up one by one.
const FEW: usize = 16;

/// Makes prefixes: scratch space of one thread.
#[derive(Debug, Default)]
pub struct Prefixer {
    /// The bitmap, or the table.
    bits: Vec<u64>,
    suspects: Vec<u32>,
    distinct: Vec<u64>,
    keys: Vec<u32>,
    first: Vec<u32>,
}

impl Prefixer {
    /// Appends the prefix of a set to `out`, in any order, given the hashes of its shingles with repeats; `length` gives the length of the prefix for a
    /// number of distinct shingles. Returns that number, and the bitmap of the shingles.
    pub fn push(&mut self, hashes: &[u64], order: &Order, length: impl Fn(usize) -> usize, out: &mut Vec<u32>) -> (usize, u64) {
        let mut keys = std::mem::take(&mut self.keys);
        keys.clear();
        let distinct = self.distinct(hashes);
        keys.extend(distinct.iter().map(|hash| order.key(*hash)));
        let bitmap = bitmap(distinct);
        self.keys = keys;
        let size = self.keys.len();
        out.extend_from_slice(self.least(length(size)));
        (size, bitmap)
    }

    /// Returns the hashes without repeats.
    ///
    /// Few texts repeat a shingle, and a bitmap with 64 bits for each tells most of those that do not.
    pub fn distinct<'a>(&'a mut self, hashes: &'a [u64]) -> &'a [u64] {
        if hashes.len() > SMALL {
            self.distinct.clear();
            self.distinct.extend_from_slice(hashes);
            self.distinct.sort_unstable();
            self.distinct.dedup();
            return &self.distinct;
        }
        let suspects = self.suspect(hashes);
        if suspects > FEW {
            self.distinct_by_table(hashes);
            return &self.distinct;
        }
        self.suspects.truncate(suspects);
        self.suspects.retain(|i| hashes[..*i as usize].contains(&hashes[*i as usize]));
        if self.suspects.is_empty() {
            return hashes;
        }
        self.distinct.clear();
        let mut start = 0;
        for repeat in &self.suspects {
            self.distinct.extend_from_slice(&hashes[start..*repeat as usize]);
            start = *repeat as usize + 1;
        }
        self.distinct.extend_from_slice(&hashes[start..]);
        &self.distinct
    }

    /// Fills `distinct` by way of a table with linear probing, at most half full. Small sets only: of a large one somebody may choose the
    /// shingles so that they meet in one slot.
    fn distinct_by_table(&mut self, hashes: &[u64]) {
        let mask = (hashes.len() * 2).next_power_of_two() - 1;
        self.bits.clear();
        self.bits.resize(mask + 1, 0);
        self.distinct.clear();
        // A hash of 0 would look like an empty slot: it is held apart.
        if hashes.contains(&0) {
            self.distinct.push(0);
        }
        for hash in hashes.iter().filter(|hash| **hash != 0) {
            let mut slot = (hash >> 32) as usize & mask;
            while self.bits[slot] != 0 && self.bits[slot] != *hash {
                slot = (slot + 1) & mask;
            }
            if self.bits[slot] == 0 {
                self.bits[slot] = *hash;
                self.distinct.push(*hash);
            }
        }
    }

    /// Notes the hashes whose bit an earlier one has set; returns how many.
    fn suspect(&mut self, hashes: &[u64]) -> usize {
        let words = hashes.len().next_power_of_two();
        self.bits.clear();
        self.bits.resize(words, 0);
        self.suspects.resize(self.suspects.len().max(hashes.len()), 0);
        // Slices of their own: the compiler sees that none moves while another is written.
        let (bits, suspects) = (&mut self.bits[..words], &mut self.suspects[..hashes.len()]);
        let mut count = 0;
        for (hash, i) in hashes.iter().zip(0..) {
            let word = &mut bits[(hash >> 32) as usize & (words - 1)];
            suspects[count] = i;
            count += (*word >> (hash >> 58) & 1) as usize;
            *word |= 1 << (hash >> 58);
        }
        count
    }

    /// The `count` least keys, in any order: few sets are ever merged, so sorting them all would be most of the work.
    fn least(&mut self, count: usize) -> &[u32] {
        // Keys of one rank are spread evenly, so a cut a little above the share that is asked for holds enough of them.
        let common = 1 << PLACE;
        let rare = self.keys.iter().map(|key| usize::from(*key < common)).sum::<usize>();
        let wanted = count as f64 + 2.0 * (count as f64).sqrt() + 2.0;
        if wanted < rare as f64 {
            let cut = (f64::from(common) * wanted / rare as f64) as u32;
            let under = self.take_under(cut);
            if under >= count {
                return select(&mut self.first[..under], count);
            }
        }
        select(&mut self.keys, count)
    }

    /// Copies the keys under `cut` to `first`; returns how many. Which they are is random, so there is no branch on it.
    fn take_under(&mut self, cut: u32) -> usize {
        self.first.resize(self.first.len().max(self.keys.len()), 0);
        let first = &mut self.first[..self.keys.len()];
        let mut count = 0;
        for key in &self.keys {
            first[count] = *key;
            count += usize::from(*key < cut);
        }
        count
    }
}

/// The `count` least of `keys`.
fn select(keys: &mut [u32], count: usize) -> &[u32] {
    if 0 < count && count < keys.len() {
        keys.select_nth_unstable(count - 1);
    }
    &keys[..count]
}

/// 64 bits, each the parity of the members that fall on it: as many bits differ between two sets as members do, or fewer (Sandes, Teodoro and
/// Melo 2020, "Bitmap filter: speeding up exact set similarity joins with bitwise operations").
fn bitmap(distinct: &[u64]) -> u64 {
    distinct.iter().fold(0, |bits, hash| bits ^ 1 << (hash >> 58))
}

/// Whether two sets may reach the threshold, given their sizes and sorted prefixes.
///
/// Never false for a pair that does. It walks the two prefixes as a merge would: what either set has seen without a partner lowers the
/// overlap it can still reach (the positional filter of Xiao, Wang, Lin and Yu 2008, "Efficient similarity joins for near duplicate
/// detection").
pub fn may_reach(threshold: Threshold, a: &[u32], a_size: usize, b: &[u32], b_size: usize) -> bool {
    let least = threshold.least_overlap(a_size + b_size);
    if least > a_size.min(b_size) {
        return false;
    }
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        let (x, y) = (a[i], b[j]);
        shared += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
        if i - shared > a_size - least || j - shared > b_size - least {
            return false;
        }
    }
    shared + (a_size - i).min(b_size - j) >= least
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn prefix(set: &HashSet<u64>, order: &Order, threshold: Threshold) -> Vec<u32> {
        let (mut out, hashes) = (Vec::new(), set.iter().copied().collect::<Vec<_>>());
        assert_eq!(Prefixer::default().push(&hashes, order, |size| threshold.prefix(size), &mut out).0, set.len());
        out.sort_unstable();
        out
    }

    #[test]
    fn counts_stop_at_three_and_never_miss() {
        let mut counts = TwoBitCounts::new(100);
        for hash in (0..100u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15)) {
            for expected in 1..=4u8 {
                counts.add(hash);
                assert!(counts.get(hash) >= expected.min(3));
            }
        }
    }

    #[test]
    fn repeats_do_not_count_as_size() {
        let mut out = Vec::new();
        let order = Order::new(TwoBitCounts::new(1));
        assert_eq!(Prefixer::default().push(&[5, 5, 9, 5], &order, |_| 1, &mut out).0, 2);
        assert_eq!(out, [5]);
    }

    #[test]
    fn large_sets_and_many_repeats_lose_their_repeats_too() {
        let order = Order::new(TwoBitCounts::new(1));
        for (length, distinct) in [(10_000u64, 10_000), (10_000, 70), (300, 100), (100, 3)] {
            let hashes: Vec<u64> = (0..length).map(|i| (i % distinct).wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect();
            let (size, _) = Prefixer::default().push(&hashes, &order, |size| size / 2 + 1, &mut Vec::new());
            assert_eq!(size as u64, distinct);
        }
    }

    proptest! {
        #[test]
        fn a_pair_at_the_threshold_shares_a_key_and_passes(
            common in proptest::collection::hash_set(0u64..1000, 0..60),
            a in proptest::collection::hash_set(0u64..1000, 0..20),
            b in proptest::collection::hash_set(0u64..1000, 0..20),
            frequent in proptest::collection::vec(0u64..1000, 0..200),
            percent in 30u32..=100,
        ) {
            let threshold = Threshold::new(f64::from(percent) / 100.0).unwrap();
            let mut sample = TwoBitCounts::new(10);
            let spread = |i: &u64| i.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            frequent.iter().for_each(|i| (0..3).for_each(|_| sample.add(spread(i))));
            let order = Order::new(sample);
            // Keys of few bits, so that shingles share a place.
            let hash = |i: &u64| spread(i) & 0xffff_ffff_0000_01ff;
            let x: HashSet<u64> = common.union(&a).map(hash).collect();
            let y: HashSet<u64> = common.union(&b).map(hash).collect();
            let overlap = x.intersection(&y).count();
            if !x.is_empty() && !y.is_empty() && threshold.reached(overlap, x.len() + y.len()) {
                let (p, q) = (prefix(&x, &order, threshold), prefix(&y, &order, threshold));
                prop_assert!(p.iter().any(|key| q.contains(key)));
                prop_assert!(may_reach(threshold, &p, x.len(), &q, y.len()));
            }
        }
    }
}
