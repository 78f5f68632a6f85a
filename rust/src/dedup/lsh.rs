//! Bands of a signature: two texts are candidates if one band of theirs is equal (Leskovec, Rajaraman and Ullman, "Mining of massive datasets", 3.4).
//!
//! With `bands` bands of `rows` values a pair of Jaccard similarity s becomes a candidate with probability 1 - (1 - s^rows)^bands. Which numbers to take
//! is the caller's choice; here they are only applied.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::dedup::minhash::Permutations;

/// How signatures are made and cut.
#[derive(Debug, Clone)]
pub struct Bands {
    permutations: Permutations,
    bands: usize,
    rows: usize,
}

/// Scratch space of one thread.
#[derive(Debug, Default)]
pub struct Signer {
    mixed: Vec<u32>,
    signature: Vec<u32>,
    bytes: Vec<u8>,
}

impl Bands {
    /// Takes permutations and how their values are cut into bands; `None` unless the bands fit the signature and none is empty.
    pub fn new(permutations: Permutations, bands: usize, rows: usize) -> Option<Self> {
        let fits = bands.checked_mul(rows).is_some_and(|used| used > 0 && used <= permutations.len());
        fits.then_some(Self { permutations, bands, rows })
    }

    /// Returns the number of bands: a text has as many keys.
    pub fn len(&self) -> usize {
        self.bands
    }

    /// Returns false: there is at least one band.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Appends one key a band, given the hashes of a text's shingles. Keys of different bands differ but for chance.
    pub fn push(&self, hashes: &[u64], signer: &mut Signer, out: &mut Vec<u32>) {
        self.permutations.sign(hashes, &mut signer.mixed, &mut signer.signature);
        for (band, rows) in signer.signature.chunks_exact(self.rows).take(self.bands).enumerate() {
            signer.bytes.clear();
            signer.bytes.extend(rows.iter().flat_map(|value| value.to_le_bytes()));
            out.push(xxh3_64_with_seed(&signer.bytes, band as u64) as u32);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_must_fit_the_signature() {
        let permutations = || Permutations::new(vec![1; 16], vec![0; 16]).unwrap();
        assert!(Bands::new(permutations(), 4, 4).is_some());
        assert!(Bands::new(permutations(), 4, 5).is_none());
        assert!(Bands::new(permutations(), 0, 5).is_none());
        assert!(Bands::new(permutations(), usize::MAX, 2).is_none());
    }

    #[test]
    fn equal_sets_share_every_band_and_bands_differ() {
        let bands = Bands::new(Permutations::new(vec![1; 16], vec![0; 16]).unwrap(), 8, 2).unwrap();
        let (mut signer, mut one, mut two) = (Signer::default(), Vec::new(), Vec::new());
        bands.push(&[3, 1, 2], &mut signer, &mut one);
        bands.push(&[1, 2, 3, 3], &mut signer, &mut two);
        assert_eq!(one, two);
        two.dedup();
        assert_eq!(two.len(), 8);
    }
}
