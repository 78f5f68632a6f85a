//! Which texts can repeat another, or be repeated, at all: those that share enough keys with others.
//!
//! Of two texts that reach the threshold the prefixes share a key, and prefixes that are longer by `n` share `n` more. Stock phrases make many
//! texts share a key or two with some other; few share a dozen. So where texts are too many to be looked at in one go, it is noted of each key
//! whether it was seen, and whether it was seen twice, in some bits a key, and what has too few that were seen twice is left out. That takes
//! two passes over the texts, since to keep all keys would take the memory that is missing.

use crate::dedup::digest::{Block, DigestScratch, Settings, digest_batch, in_order, sample, worthwhile};
use crate::dedup::jaccard::Threshold;
use crate::dedup::numbering::prefetch;
use crate::dedup::texts::source::{Source, TextBatch};
use crate::workers::{Interrupted, Stop, stream};

/// Keys that are looked at beyond the prefix.
const MORE: usize = 12;

/// Returns the places in `order` of the texts that may repeat another or be repeated; `settings` with exact comparison.
pub fn sift(source: &(impl Source + ?Sized), order: &[u32], settings: &Settings, stop: Stop<'_>) -> Result<Vec<u32>, Interrupted> {
    let (shingle_order, keys, bytes) = sample(source, order, settings, stop)?;
    let workers = if settings.workers == 0 { worthwhile(bytes) } else { settings.workers };
    let prefix = |size: usize| size.min(settings.threshold.prefix(size) + MORE);
    let digest =
        |scratch: &mut DigestScratch, batch: &TextBatch<'_>| digest_batch(scratch, batch, &shingle_order, settings, prefix, |_| false);
    let keys = keys + order.len() * MORE;
    let (mut seen, mut twice) = (Bloom::new(keys), Bloom::new(keys / 2));
    let note = |block: Block| {
        for (i, key) in block.keys.iter().enumerate() {
            block.keys.get(i + AHEAD).into_iter().for_each(|key| seen.expect(*key));
            if seen.insert(*key) {
                twice.insert(*key);
            }
        }
    };
    stream(workers, in_order(source, order), digest, note, stop)?;
    let shared = |scratch: &mut DigestScratch, batch: &TextBatch<'_>| {
        let block = digest(scratch, batch);
        let count = |text| block.keys_of(text).iter().filter(|key| twice.has(**key)).count();
        (0..block.ends.len()).map(|text| count(text) >= needed(block.sizes[text] as usize, settings.threshold)).collect::<Vec<_>>()
    };
    let (mut place, mut found) = (0, Vec::new());
    let take = |shared: Vec<bool>| {
        found.extend((place..).zip(&shared).filter(|(_, shared)| **shared).map(|(place, _)| place));
        place += shared.len() as u32;
    };
    stream(workers, in_order(source, order), shared, take, stop)?;
    Ok(found)
}

/// How many keys of a text with so many shingles stand in the longer prefix of any text that it reaches the threshold with: the least of their
/// common shingles, which are in both prefixes as far as these go. The other text may be as much smaller as the threshold lets it be, and
/// of a small text the prefix is all there is.
fn needed(size: usize, threshold: Threshold) -> usize {
    threshold.least_share(threshold.least_share(size)).clamp(1, 1 + MORE)
}

/// How many keys ahead memory is asked for.
const AHEAD: usize = 16;

/// A set of keys that may have members that were never put in, about three of a hundred: a split block Bloom filter (Apache Parquet's, after F. Putze,
/// P. Sanders and J. Singler, *Cache-, hash- and space-efficient Bloom filters*, 2007).
struct Bloom {
    blocks: Vec<[u32; 8]>,
}

/// Bits for each key.
const BITS: usize = 8;
/// One odd number for each word of a block.
const SALT: [u32; 8] = [0x47B6_137B, 0x4497_4D91, 0x8824_AD5B, 0xA2B7_289D, 0x7054_95C7, 0x2DF1_424B, 0x9EFC_4947, 0x5C6B_FB31];

impl Bloom {
    /// For so many keys.
    fn new(keys: usize) -> Self {
        Bloom { blocks: vec![[0; 8]; keys * BITS / 256 + 1] }
    }

    /// The block of a key, and its bit in each word.
    fn place(&self, key: u32) -> (usize, [u32; 8]) {
        let hash = u64::from(key).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let block = (u128::from(hash) * self.blocks.len() as u128) >> 64;
        (block as usize, SALT.map(|salt| 1 << (key.wrapping_mul(salt) >> 27)))
    }

    fn expect(&self, key: u32) {
        prefetch(&self.blocks[self.place(key).0]);
    }

    fn has(&self, key: u32) -> bool {
        let (block, bits) = self.place(key);
        self.blocks[block].iter().zip(bits).all(|(word, bit)| word & bit != 0)
    }

    /// Puts a key in; whether it was there.
    fn insert(&mut self, key: u32) -> bool {
        let (block, bits) = self.place(key);
        let mut there = true;
        for (word, bit) in self.blocks[block].iter_mut().zip(bits) {
            there &= *word & bit != 0;
            *word |= bit;
        }
        there
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dedup::decide::{KEPT, find_repeats};
    use crate::dedup::digest::Method;
    use crate::dedup::jaccard::Threshold;

    /// What repeats another and what it repeats is among those found, most of the others are not, and looking at these alone gives the same.
    #[test]
    fn finds_all_that_repeats() {
        let text = |start: usize| (0..30).map(|i| format!("w{}", start + i)).collect::<Vec<_>>().join(" ");
        let mut texts: Vec<String> = (0..4000).map(|i| text(i * 100)).collect();
        for i in (0..4000).step_by(37) {
            texts.push(if i % 2 == 0 { texts[i].clone() } else { texts[i].replacen(' ', " other ", 1) });
        }
        let settings = Settings {
            threshold: Threshold::new(0.8).unwrap(),
            ngram_size: 3,
            min_words: 5,
            same_numbers: false,
            method: Method::Exact,
            workers: 2,
        };
        let order: Vec<u32> = (0..texts.len() as u32).collect();
        let all = find_repeats(&texts[..], &order, &settings, &|| false).unwrap();
        let found = sift(&texts[..], &order, &settings, &|| false).unwrap();
        let some = find_repeats(&texts[..], &found, &settings, &|| false).unwrap();
        assert_eq!((&some.witness, &some.similarity), (&all.witness, &all.similarity));
        assert!(all.witness.iter().filter(|witness| **witness != KEPT).count() > 100);
        assert!(found.len() < texts.len() / 4, "{} of {}", found.len(), texts.len());
    }
}
