//! The arithmetic of a Jaccard threshold: which overlaps reach it, and what follows for sizes and prefixes.
//!
//! The bounds are allowed to err on one side only: a pair that reaches the threshold always passes them.

/// Returns the Jaccard similarity of two sets with `overlap` members in common and `total` members counted in each (|A| + |B|).
///
/// The quotient is rounded once, so a pair at exactly 4/5 compares equal to the literal 0.8.
pub fn similarity(overlap: usize, total: usize) -> f64 {
    overlap as f64 / (total - overlap) as f64
}

/// A Jaccard threshold in (0, 1].
///
/// The bounds are products of a size and a factor in 32-bit fixed point, rounded down: the hot loops have no floating point, and a
/// bound is never too high.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    value: f64,
    share: u64,
    overlap: u64,
    /// The reverse of `overlap`, rounded up.
    total: u64,
}

/// A factor in (0, 1] as fixed point, a little below.
fn fixed(factor: f64) -> u64 {
    (factor * (1u64 << 32) as f64) as u64 - 1
}

/// The least whole number at or above `factor * size`, or one less where the factor's rounding shows.
#[inline]
fn scaled(factor: u64, size: usize) -> usize {
    ((factor * size as u64 + u64::from(u32::MAX)) >> 32) as usize
}

impl Threshold {
    /// The least threshold: below it everything resembles everything.
    pub const LEAST: f64 = 1e-6;

    /// Takes a threshold; `None` unless `LEAST` <= `value` <= 1.
    pub fn new(value: f64) -> Option<Self> {
        let new = || {
            let overlap = fixed(value / (1.0 + value));
            Self { value, share: fixed(value), overlap, total: u64::MAX / overlap + 1 }
        };
        (Self::LEAST..=1.0).contains(&value).then(new)
    }

    /// Returns the value as given.
    pub fn value(self) -> f64 {
        self.value
    }

    /// Whether a pair is a repeat. Exact: this is the decision, the rest are bounds for it.
    pub fn reached(self, overlap: usize, total: usize) -> bool {
        similarity(overlap, total) >= self.value
    }

    /// Returns a lower bound for the overlap of two sets of together `total` members that reach the threshold.
    #[inline]
    pub fn least_overlap(self, total: usize) -> usize {
        scaled(self.overlap, total)
    }

    /// Returns an upper bound for the members, both counted, of two sets that share at most `overlap` members and reach the threshold.
    #[inline]
    pub fn most_total(self, overlap: usize) -> usize {
        // Division would be exact, and slow.
        ((overlap as u128 * u128::from(self.total)) >> 32) as usize
    }

    /// Returns an upper bound for the members that only one has of two sets of together `total` members that reach the threshold.
    #[inline]
    pub fn most_apart(self, total: usize) -> usize {
        total.saturating_sub(2 * self.least_overlap(total))
    }

    /// Returns a lower bound for what a set of `size` members shares with any set at the threshold.
    #[inline]
    pub fn least_share(self, size: usize) -> usize {
        scaled(self.share, size)
    }

    /// Returns how many of the first members, in an order common to all sets, two sets at the threshold must meet in (Chaudhuri, Ganti and
    /// Kaushik 2006, "A primitive operator for similarity joins in data cleaning").
    pub fn prefix(self, size: usize) -> usize {
        if size == 0 { 0 } else { size - self.least_share(size) + 1 }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_threshold_is_above_zero_and_at_most_one() {
        assert!(Threshold::new(0.0).is_none() && Threshold::new(1.01).is_none() && Threshold::new(f64::NAN).is_none());
        assert_eq!(Threshold::new(1.0).unwrap().prefix(10), 1);
    }

    #[test]
    fn a_pair_at_the_threshold_reaches_it() {
        for (t, overlap, union) in [(0.8, 4, 5), (0.7, 7, 10), (0.9, 27, 30), (0.1, 3, 30), (1.0, 8, 8)] {
            assert!(Threshold::new(t).unwrap().reached(overlap, overlap + union));
        }
    }

    proptest! {
        #[test]
        fn bounds_never_exclude_a_repeat(percent in 1u32..=100, a in 1usize..500, b in 1usize..500, part in 0.0..1.0f64) {
            let threshold = Threshold::new(f64::from(percent) / 100.0).unwrap();
            let overlap = (a.min(b) as f64 * part) as usize;
            if threshold.reached(overlap, a + b) {
                prop_assert!(overlap >= threshold.least_overlap(a + b));
                prop_assert!(overlap >= threshold.least_share(a.max(b)));
                prop_assert!(a + b <= threshold.most_total(overlap));
                prop_assert!(a + b - 2 * overlap <= threshold.most_apart(a + b));
                prop_assert!(a - overlap < threshold.prefix(a));
            }
        }
    }
}
