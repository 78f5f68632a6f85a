//! One pass over the texts: what each is known by from then on.
//!
//! A text becomes a fingerprint of its tokens and, unless an earlier text has the same fingerprint, a few keys by which it finds candidates: the prefix
//! of its shingle set, or the bands of its signature. The shingles themselves are not kept; verification makes them again for the few texts it sees.

use std::sync::RwLock;

use xxhash_rust::xxh3::xxh3_128;

use crate::dedup::jaccard::Threshold;
use crate::dedup::lsh::{Bands, Signer};
use crate::dedup::numbering::Numbering;
use crate::dedup::numbers::tag;
use crate::dedup::prefix::{Order, Prefixer, TwoBitCounts};
use crate::dedup::texts::source::{Source, TextBatch};
use crate::text::shingle::shingle_hashes;
use crate::text::words::{Tokens, tokenize};
use crate::workers::{Interrupted, Stop, stream};

/// One text of so many goes into the sample from which the order of shingles is learned.
const SAMPLE: usize = 64;
/// Bytes of text that one thread reads in a tenth of a second or more.
const FOR_ONE: usize = 32 << 20;
/// The number of a text that takes no part.
pub const EXEMPT: u32 = u32::MAX;

/// How candidates are found.
#[derive(Debug, Clone)]
pub enum Method {
    /// By the prefixes of shingle sets: every pair at the threshold is a candidate.
    Exact,
    /// By the bands of a signature: a pair at the threshold is a candidate with a probability.
    Bands(Bands),
}

/// What a search for repeats needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Least Jaccard similarity of a repeat.
    pub threshold: Threshold,
    /// Tokens in a shingle, at least 1.
    pub ngram_size: usize,
    /// Texts of fewer words take no part.
    pub min_words: usize,
    /// Whether texts with different numbers are no repeats.
    pub same_numbers: bool,
    /// How candidates are found.
    pub method: Method,
    /// Threads; 0 for as many as the corpus is worth. The result does not depend on it.
    pub workers: usize,
}

/// The distinct texts of a corpus, numbered in the order they came.
#[derive(Debug, Default)]
pub struct Digests {
    /// The distinct text that each place in the order holds, or `EXEMPT`.
    pub number: Vec<u32>,
    /// The place in the order where each distinct text came first.
    pub first: Vec<u32>,
    /// Threads to go on with.
    pub workers: usize,
    /// Distinct shingles of each distinct text; 0 where bands are used, which do not tell.
    pub sizes: Vec<u32>,
    /// The bitmap of each distinct text, see `prefix::bitmap`; likewise.
    pub bitmaps: Vec<u64>,
    keys: Vec<u32>,
    ends: Vec<usize>,
}

impl Digests {
    /// No texts yet, with room for `texts` that have `keys` keys in all. Memory that is not used is never touched; growing would copy.
    fn with_capacity(texts: usize, keys: usize, workers: usize) -> Self {
        Self {
            workers,
            number: Vec::with_capacity(texts),
            first: Vec::with_capacity(texts),
            sizes: Vec::with_capacity(texts),
            bitmaps: Vec::with_capacity(texts),
            keys: Vec::with_capacity(keys),
            ends: Vec::with_capacity(texts),
        }
    }

    /// Returns the number of distinct texts.
    pub fn len(&self) -> usize {
        self.first.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// Returns the keys of distinct text `i`, in any order.
    #[inline]
    pub fn keys(&self, i: usize) -> &[u32] {
        &self.keys[self.start(i)..self.ends[i]]
    }

    /// Returns where the keys of distinct text `i` start among all keys.
    #[inline]
    pub fn start(&self, i: usize) -> usize {
        if i == 0 { 0 } else { self.ends[i - 1] }
    }

    /// Returns all keys of all distinct texts.
    pub fn all_keys(&self) -> &[u32] {
        &self.keys
    }

    /// Takes in what a worker found, in the order of the texts.
    fn absorb(&mut self, block: &Block, seen: &mut Numbering<u128>) {
        let mut start = 0;
        for (i, fingerprint) in block.fingerprints.iter().enumerate() {
            let end = block.ends[i] as usize;
            let place = self.number.len() as u32;
            if *fingerprint == 0 {
                self.number.push(EXEMPT);
            } else {
                let (number, new) = seen.insert(*fingerprint);
                self.number.push(number);
                if new {
                    self.first.push(place);
                    self.sizes.push(block.sizes[i]);
                    self.bitmaps.push(block.bitmaps[i]);
                    self.keys.extend_from_slice(&block.keys[start..end]);
                    self.ends.push(self.keys.len());
                }
            }
            start = end;
        }
    }
}

/// What a worker found in a batch of texts.
#[derive(Default)]
pub struct Block {
    /// 128 bits that stand for the tokens; 0 for a text that takes no part.
    pub fingerprints: Vec<u128>,
    /// Distinct shingles of each text.
    pub sizes: Vec<u32>,
    bitmaps: Vec<u64>,
    /// The keys of all texts.
    pub keys: Vec<u32>,
    /// Where those of each end.
    pub ends: Vec<u32>,
}

impl Block {
    /// Returns the keys of a text.
    pub fn keys_of(&self, text: usize) -> &[u32] {
        let start = if text == 0 { 0 } else { self.ends[text - 1] };
        &self.keys[start as usize..self.ends[text] as usize]
    }
}

/// Scratch space of one worker.
#[derive(Default)]
pub struct DigestScratch {
    tokens: Tokens,
    hashes: Vec<u64>,
    prefixer: Prefixer,
    signer: Signer,
    numbers: String,
}

impl DigestScratch {
    /// Returns the fingerprint of a text and its distinct shingles.
    pub fn shingles(&mut self, text: &str, settings: &Settings) -> (u128, Vec<u64>) {
        tokenize(text, &mut self.tokens);
        self.shingle(settings);
        (fingerprint(&self.tokens), self.prefixer.distinct(&self.hashes).to_vec())
    }

    /// Makes the hashes of the shingles of the tokens.
    fn shingle(&mut self, settings: &Settings) {
        shingle_hashes(&self.tokens, settings.ngram_size, &mut self.hashes);
        if settings.same_numbers {
            tag(&self.tokens, &mut self.numbers, &mut self.hashes);
        }
    }
}

/// Digests the texts of `source` in the given order.
///
/// Texts of equal tokens share a number (128-bit hash). A text without tokens, or with fewer than `min_words` words, is exempt.
pub fn digest(source: &(impl Source + ?Sized), order: &[u32], settings: &Settings, stop: Stop<'_>) -> Result<Digests, Interrupted> {
    let (shingle_order, keys, bytes) = sample(source, order, settings, stop)?;
    let workers = if settings.workers == 0 { worthwhile(bytes) } else { settings.workers };
    let digests = Digests::with_capacity(order.len(), keys, workers);
    // Written to for a moment a batch; whoever finds it locked meanwhile makes keys that may not be needed.
    let known = RwLock::new((digests, Numbering::with_capacity(order.len())));
    stream(
        workers,
        in_order(source, order),
        |scratch, batch| {
            let known = |fingerprint| known.try_read().is_ok_and(|known| known.1.get(fingerprint).is_some());
            digest_batch(scratch, batch, &shingle_order, settings, |size| settings.threshold.prefix(size), known)
        },
        |block| {
            let (digests, seen) = &mut *known.write().expect("a panic ends all workers");
            digests.absorb(&block, seen);
        },
        stop,
    )?;
    Ok(known.into_inner().expect("a panic ends all workers").0)
}

/// Fills one batch after the other with the texts of `order`; says whether there was one.
pub fn in_order<'a>(source: &'a (impl Source + ?Sized), order: &'a [u32]) -> impl FnMut(&mut TextBatch<'a>) -> bool + Send {
    let mut left = order;
    move |batch| {
        batch.clear();
        if !left.is_empty() {
            left = &left[source.load(left, batch)..];
        }
        !batch.is_empty()
    }
}

/// Digests texts, with prefixes of such a length; of a text that is `known` to have come before, only the fingerprint is wanted.
pub fn digest_batch(
    scratch: &mut DigestScratch,
    batch: &TextBatch<'_>,
    order: &Order,
    settings: &Settings,
    prefix: impl Fn(usize) -> usize,
    known: impl Fn(u128) -> bool,
) -> Block {
    let mut out = Block::default();
    for text in batch.iter() {
        tokenize(text, &mut scratch.tokens);
        let fingerprint = if takes_part(text, &scratch.tokens, settings.min_words) { fingerprint(&scratch.tokens) } else { 0 };
        let (mut size, mut bitmap) = (0, 0);
        if fingerprint != 0 && !known(fingerprint) {
            scratch.shingle(settings);
            match &settings.method {
                Method::Exact => (size, bitmap) = scratch.prefixer.push(&scratch.hashes, order, &prefix, &mut out.keys),
                Method::Bands(bands) => bands.push(&scratch.hashes, &mut scratch.signer, &mut out.keys),
            }
        }
        out.fingerprints.push(fingerprint);
        out.sizes.push(size as u32);
        out.bitmaps.push(bitmap);
        out.ends.push(out.keys.len() as u32);
    }
    out
}

/// 128 bits that stand for the tokens; never 0.
fn fingerprint(tokens: &Tokens) -> u128 {
    xxh3_128(&tokens.bytes).max(1)
}

/// Whether a text is long enough: a word is a token or what stands between two spaces, whichever there are more of, so that neither a line of figures and
/// dashes nor one of Chinese counts as short.
fn takes_part(text: &str, tokens: &Tokens, min_words: usize) -> bool {
    !tokens.is_empty() && (tokens.len() >= min_words || text.split_whitespace().nth(min_words - 1).is_some())
}

/// Learns from some of the texts which shingles are common, and about how many keys and bytes all texts have.
pub fn sample(
    source: &(impl Source + ?Sized),
    order: &[u32],
    settings: &Settings,
    stop: Stop<'_>,
) -> Result<(Order, usize, usize), Interrupted> {
    if let Method::Bands(bands) = &settings.method {
        return Ok((Order::new(TwoBitCounts::new(0)), order.len() * bands.len(), usize::MAX));
    }
    let chosen: Vec<u32> = order.iter().copied().step_by(SAMPLE).collect();
    let (mut seen, mut hashes, mut keys, mut bytes) = (Numbering::default(), Vec::new(), 0, 0);
    let workers = if settings.workers == 0 { 1 } else { settings.workers };
    stream(
        workers,
        in_order(source, &chosen),
        |scratch: &mut DigestScratch, batch: &TextBatch<'_>| {
            batch.iter().map(|text| (scratch.shingles(text, settings), text.len())).collect::<Vec<_>>()
        },
        |found| {
            for ((fingerprint, shingles), length) in found {
                bytes += length;
                if !shingles.is_empty() && seen.insert(fingerprint).1 {
                    keys += settings.threshold.prefix(shingles.len());
                    // Each text of the sample counts once for a shingle.
                    hashes.extend_from_slice(&shingles);
                }
            }
        },
        stop,
    )?;
    let mut counts = TwoBitCounts::new(hashes.len());
    hashes.iter().for_each(|hash| counts.add(*hash));
    // A quarter more than the sample says.
    Ok((Order::new(counts), keys * SAMPLE * 5 / 4, bytes * SAMPLE))
}

/// Returns the threads for a corpus of about so many bytes: one a processor, but none with less than a tenth of a second to do. Threads share caches and
/// wait for each other, so two take more processor time than one.
pub fn worthwhile(bytes: usize) -> usize {
    std::thread::available_parallelism().map_or(1, |count| count.get()).min(1 + bytes / FOR_ONE)
}
