//! MinHash signatures, bit for bit those of datasketch's scheme `affine32`.
//!
//! A 32-bit shingle hash goes once through the finalizer of MurmurHash3; value k of the signature is then the minimum over the shingles of
//! `a[k] * hash + b[k]` modulo 2^32, `a[k]` odd (Broder 1997, "On the resemblance and containment of documents"; the permutations are datasketch's and
//! come in as arguments). Repeated shingles change nothing, so nobody has to remove them first.

/// The permutations of a signature.
#[derive(Debug, Clone)]
pub struct Permutations {
    a: Vec<u32>,
    b: Vec<u32>,
}

/// Permutations whose minima are held in registers together.
const LANES: usize = 32;

impl Permutations {
    /// Takes the factors and summands of permutations; `None` unless there are as many `a` as `b`, at least one, and every `a` is odd.
    pub fn new(a: Vec<u32>, b: Vec<u32>) -> Option<Self> {
        (a.len() == b.len() && !a.is_empty() && a.iter().all(|a| a % 2 == 1)).then_some(Self { a, b })
    }

    /// Returns the number of values in a signature.
    pub fn len(&self) -> usize {
        self.a.len()
    }

    /// Returns false: a signature has at least one value.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Fills `signature` from shingle hashes, of which the low half counts; `mixed` is scratch space. Without shingles every value is `u32::MAX`.
    pub fn sign(&self, hashes: &[u64], mixed: &mut Vec<u32>, signature: &mut Vec<u32>) {
        mixed.clear();
        mixed.extend(hashes.iter().map(|hash| finalize(*hash as u32)));
        signature.clear();
        signature.resize(self.len(), u32::MAX);
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            return unsafe { self.minima_avx2(mixed, signature) };
        }
        self.minima(mixed, signature);
    }

    /// The same loop, compiled for processors with AVX2: eight values an instruction where the baseline has none for 32-bit products.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn minima_avx2(&self, mixed: &[u32], signature: &mut [u32]) {
        self.minima(mixed, signature);
    }

    #[inline(always)]
    fn minima(&self, mixed: &[u32], signature: &mut [u32]) {
        let whole = self.len() / LANES * LANES;
        for at in (0..whole).step_by(LANES) {
            let a: &[u32; LANES] = self.a[at..at + LANES].try_into().expect("a slice of LANES values");
            let b: &[u32; LANES] = self.b[at..at + LANES].try_into().expect("a slice of LANES values");
            let mut least = [u32::MAX; LANES];
            for hash in mixed {
                for k in 0..LANES {
                    least[k] = least[k].min(a[k].wrapping_mul(*hash).wrapping_add(b[k]));
                }
            }
            signature[at..at + LANES].copy_from_slice(&least);
        }
        for ((value, a), b) in signature.iter_mut().zip(&self.a).zip(&self.b).skip(whole) {
            let values = mixed.iter().map(|hash| a.wrapping_mul(*hash).wrapping_add(*b));
            *value = values.min().unwrap_or(u32::MAX);
        }
    }
}

/// The finalizer of MurmurHash3, 32 bits (Appleby 2011).
fn finalize(hash: u32) -> u32 {
    let hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    let hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn permutations_are_paired_and_odd() {
        assert!(Permutations::new(vec![2], vec![0]).is_none());
        assert!(Permutations::new(vec![1, 3], vec![0]).is_none());
        assert!(Permutations::new(vec![], vec![]).is_none());
    }

    proptest! {
        #[test]
        fn each_value_is_a_minimum(hashes in proptest::collection::vec(any::<u64>(), 0..50), pairs in proptest::collection::vec(any::<(u32, u32)>(), 1..100)) {
            let (a, b): (Vec<u32>, Vec<u32>) = pairs.iter().map(|(a, b)| (a | 1, *b)).unzip();
            let (mut mixed, mut signature) = (Vec::new(), Vec::new());
            Permutations::new(a.clone(), b.clone()).unwrap().sign(&hashes, &mut mixed, &mut signature);
            for k in 0..a.len() {
                let value = |h: &u64| (u64::from(a[k]) * u64::from(finalize(*h as u32)) + u64::from(b[k])) as u32;
                prop_assert_eq!(signature[k], hashes.iter().map(value).min().unwrap_or(u32::MAX));
            }
        }
    }
}
