//! Texts by what an index knows them by: their fingerprints, and the keys under which they are found.
//!
//! An index outlives the texts that it was made of, so the order of shingles by which it cut its prefixes is part of it: keys of two orders
//! do not meet.

use crate::dedup::digest::{Block, DigestScratch, Settings, digest_batch, in_order};
use crate::dedup::numbering::Numbering;
use crate::dedup::prefix::{Order, TwoBitCounts};
use crate::dedup::texts::source::{Source, TextBatch};
use crate::text::words::{Tokens, tokenize};
use crate::workers::{Interrupted, Stop, stream};

/// What an index knows of texts, one entry a text.
#[derive(Default)]
pub struct Keyed {
    /// 128 bits that stand for the tokens; 0 for a text that takes no part.
    pub fingerprints: Vec<u128>,
    /// Distinct shingles.
    pub sizes: Vec<u32>,
    /// Where the keys of each end.
    pub ends: Vec<u64>,
    /// The keys of all.
    pub keys: Vec<u32>,
}

/// Returns what an index with such an order knows of texts.
pub fn keyed(
    source: &(impl Source + ?Sized),
    texts: &[u32],
    order: &Order,
    settings: &Settings,
    stop: Stop<'_>,
) -> Result<Keyed, Interrupted> {
    let mut out = Keyed::default();
    let digest = |scratch: &mut DigestScratch, batch: &TextBatch<'_>| {
        digest_batch(scratch, batch, order, settings, |size| settings.threshold.prefix(size), |_| false)
    };
    let take = |block: Block| {
        let before = out.keys.len() as u64;
        out.fingerprints.extend_from_slice(&block.fingerprints);
        out.sizes.extend_from_slice(&block.sizes);
        out.ends.extend(block.ends.iter().map(|end| before + u64::from(*end)));
        out.keys.extend_from_slice(&block.keys);
    };
    stream(workers(settings), in_order(source, texts), digest, take, stop)?;
    Ok(out)
}

/// Learns from texts which shingles are common.
pub fn learn(source: &(impl Source + ?Sized), texts: &[u32], settings: &Settings, stop: Stop<'_>) -> Result<Order, Interrupted> {
    let (mut seen, mut hashes) = (Numbering::<u128>::default(), Vec::new());
    let shingles = |scratch: &mut DigestScratch, batch: &TextBatch<'_>| batch.iter().map(|text| scratch.shingles(text, settings)).collect();
    let take = |found: Vec<(u128, Vec<u64>)>| {
        for (fingerprint, shingles) in found {
            if seen.insert(fingerprint).1 {
                hashes.extend_from_slice(&shingles);
            }
        }
    };
    stream(workers(settings), in_order(source, texts), shingles, take, stop)?;
    let mut counts = TwoBitCounts::new(hashes.len());
    hashes.iter().for_each(|hash| counts.add(*hash));
    Ok(Order::new(counts))
}

/// Calls `take` with the tokens of each text, joined by one space.
pub fn for_each_said(source: &(impl Source + ?Sized), texts: &[u32], mut take: impl FnMut(&[u8])) {
    let (mut tokens, mut batch, mut next) = (Tokens::default(), TextBatch::default(), in_order(source, texts));
    while next(&mut batch) {
        for text in batch.iter() {
            tokenize(text, &mut tokens);
            take(&tokens.bytes);
        }
    }
}

/// One thread unless more are asked for: what is looked up comes in small batches, and storing it takes longer than reading it.
fn workers(settings: &Settings) -> usize {
    settings.workers.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dedup::digest::Method;
    use crate::dedup::jaccard::Threshold;

    fn settings() -> Settings {
        let threshold = Threshold::new(0.8).unwrap();
        Settings { threshold, ngram_size: 3, min_words: 3, same_numbers: true, method: Method::Exact, workers: 0 }
    }

    /// What is stored of a text, its tokens joined, has the same fingerprint and keys as the text.
    #[test]
    fn tokens_stand_for_the_text() {
        let texts = [
            "The Council, meeting on Tuesday — voted 7:2 to close the bridge.",
            "ﬁve o’clock İSTANBUL ǅ ß 東京は 50 % e\u{301}\u{301} \u{345}α",
            "ｆｕｌｌ ｗｉｄｔｈ 한국어 ไทย က်",
        ];
        let all: Vec<u32> = (0..texts.len() as u32).collect();
        let mut said = Vec::new();
        for_each_said(&texts[..], &all, |tokens| said.push(String::from_utf8(tokens.to_vec()).unwrap()));
        let order = learn(&texts[..], &all, &settings(), &|| false).unwrap();
        let [one, two] = [&texts.map(str::to_owned)[..], &said[..]].map(|from| keyed(from, &all, &order, &settings(), &|| false).unwrap());
        assert_eq!((one.fingerprints, one.sizes, one.ends, one.keys), (two.fingerprints, two.sizes, two.ends, two.keys));
    }
}
