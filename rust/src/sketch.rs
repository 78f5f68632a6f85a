//! Whether two pages tell the same story, from a few numbers of each.
//!
//! A sketch is the least [`SIZE`] shingle hashes of the running text of a page (bottom-k: Broder 1997). Below the smaller of their two limits both
//! sketches are complete, so there the share of one in the other is an unbiased estimate of containment; a copy that was cut short is as much
//! contained in the whole one as the whole one in itself, where Jaccard similarity would see two texts.

/// Hashes in a sketch.
pub const SIZE: usize = 128;

/// See the module's head.
#[derive(Debug, Default)]
pub struct Sketch {
    /// Ascending, each once.
    hashes: Box<[u32]>,
    /// Up to here the sketch has every hash of the page.
    limit: u32,
}

impl Sketch {
    /// The sketch of a page with these hashes; they are put in another order.
    pub fn new(hashes: &mut Vec<u32>) -> Self {
        // Twice as many as are kept, since some repeat.
        let cut = hashes.len() > 2 * SIZE;
        if cut {
            hashes.select_nth_unstable(2 * SIZE - 1);
            hashes.truncate(2 * SIZE);
        }
        hashes.sort_unstable();
        hashes.dedup();
        let cut = cut || hashes.len() > SIZE;
        hashes.truncate(SIZE);
        let limit = if cut { hashes.last().copied().unwrap_or(0) } else { u32::MAX };
        Sketch { hashes: hashes.as_slice().into(), limit }
    }

    /// Whether the sketch has this hash.
    pub fn has(&self, hash: u32) -> bool {
        self.hashes.binary_search(&hash).is_ok()
    }

    fn below(&self, limit: u32) -> &[u32] {
        &self.hashes[..self.hashes.partition_point(|hash| *hash <= limit)]
    }
}

/// What two sketches have in common.
#[derive(Debug)]
pub struct Common {
    limit: u32,
    shared: Box<[u32]>,
    sizes: (usize, usize),
}

impl Common {
    /// Compares two sketches.
    pub fn of(one: &Sketch, other: &Sketch) -> Self {
        let limit = one.limit.min(other.limit);
        let (a, b) = (one.below(limit), other.below(limit));
        let shared = a.iter().copied().filter(|hash| b.binary_search(hash).is_ok()).collect();
        Common { limit, shared, sizes: (a.len(), b.len()) }
    }

    /// Whether, `own` aside, at least [`NEAR`] of the smaller page stands in the other. `own` are hashes of one line, each once, that both
    /// pages have; pages of which nothing is left then can't be told apart, and are near.
    pub fn near(&self, own: &[u32]) -> bool {
        let aside = own.iter().filter(|hash| **hash <= self.limit && self.shared.binary_search(hash).is_ok()).count();
        let smaller = self.sizes.0.min(self.sizes.1).saturating_sub(aside);
        (self.shared.len() - aside) as f32 >= NEAR * smaller as f32
    }
}

/// Containment from which two pages tell the same story. Of two copies with one word of ten changed in each, 0.53 of the shingles agree.
const NEAR: f32 = 0.4;

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(from: u32, to: u32) -> Sketch {
        Sketch::new(&mut (from..to).map(|i| i.wrapping_mul(0x9e37_79b9) ^ 0x5bd1_e995).collect())
    }

    /// A part is near the whole, whichever is shorter; strangers are not.
    #[test]
    fn containment() {
        let near = |one: &Sketch, other: &Sketch| Common::of(one, other).near(&[]);
        let whole = sketch(0, 2000);
        assert!(near(&whole, &sketch(0, 200)) && near(&sketch(1500, 2000), &whole) && near(&whole, &whole));
        assert!(!near(&whole, &sketch(2000, 4000)) && !near(&sketch(1900, 2400), &whole));
    }

    /// What the line itself says is no evidence that its pages are the same, and nothing is no evidence that they differ.
    #[test]
    fn own_words_aside() {
        let own: Vec<u32> = {
            let mut own: Vec<u32> = vec![1, 2, 3, 4];
            own.sort_unstable();
            own
        };
        let page = |other: u32| Sketch::new(&mut own.iter().copied().chain([other]).collect());
        assert!(Common::of(&page(10), &page(11)).near(&[]) && !Common::of(&page(10), &page(11)).near(&own));
        assert!(Common::of(&page(1), &page(1)).near(&own));
    }

    /// Repeats count once.
    #[test]
    fn repeats() {
        let twice = Sketch::new(&mut (0..200).chain(0..200).collect());
        assert!(twice.hashes.len() == SIZE && twice.limit == 127);
    }
}
