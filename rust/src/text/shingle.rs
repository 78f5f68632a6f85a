//! Tokens to shingles: the runs of `ngram_size` consecutive tokens, as hashes of their bytes.
//!
//! A shingle is its tokens joined by one space, UTF-8; its hash is XXH3-64 of those bytes, and the public 32-bit hash is the low half of that. XXH3 is
//! the same on every machine, frozen since 2020, and on strings of 20 to 40 bytes about as fast as reading them.

use xxhash_rust::xxh3::xxh3_64;

use crate::text::words::Tokens;

/// Returns the 32-bit hash of one shingle: what a signature is made of.
#[inline]
pub fn shingle_hash(shingle: &[u8]) -> u32 {
    xxh3_64(shingle) as u32
}

/// Fills `hashes` with the 64-bit hash of every run of `ngram_size` tokens, in order and with repeats.
///
/// A text of fewer tokens is one shingle, a text without tokens has none. `shingle_hash` of a shingle is the low half of its hash here.
///
/// # Panics
/// If `ngram_size` is 0.
pub fn shingle_hashes(tokens: &Tokens, ngram_size: usize, hashes: &mut Vec<u64>) {
    hashes.clear();
    let (bytes, ends) = (tokens.bytes.as_slice(), tokens.ends.as_slice());
    if ends.len() <= ngram_size {
        if !ends.is_empty() {
            hashes.push(xxh3_64(bytes));
        }
        return;
    }
    let mut start = 0;
    hashes.extend(ends.windows(ngram_size).map(|window| {
        let hash = xxh3_64(&bytes[start..window[ngram_size - 1] as usize]);
        start = window[0] as usize + 1;
        hash
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words::tokenize;

    fn hashes(text: &str, n: usize) -> Vec<u64> {
        let (mut tokens, mut out) = (Tokens::default(), Vec::new());
        tokenize(text, &mut tokens);
        shingle_hashes(&tokens, n, &mut out);
        out
    }

    #[test]
    fn a_shingle_is_its_tokens_joined_by_one_space() {
        let expected = ["the quick brown", "quick brown fox"].map(|s| xxh3_64(s.as_bytes()));
        assert_eq!(hashes("The quick, brown -- FOX", 3), expected);
    }

    #[test]
    fn a_short_text_is_one_shingle_and_an_empty_one_has_none() {
        assert_eq!(hashes("Two words", 5), [xxh3_64(b"two words")]);
        assert_eq!(hashes("a b c", 3), [xxh3_64(b"a b c")]);
        assert!(hashes("...", 1).is_empty());
    }

    #[test]
    fn the_public_hash_is_the_low_half_and_never_changes() {
        assert_eq!(shingle_hash(b"a b c"), hashes("a b c", 3)[0] as u32);
        assert_eq!(xxh3_64(b""), 0x2d06_8005_38d3_94c2);
    }
}
