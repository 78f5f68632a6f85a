//! Which kept units have a shingle.

use std::collections::BTreeMap;

use foldhash::HashMap;

use crate::repeats::units::Repeats;

/// Shingles that are a good part of a unit.
const GOOD_PART: usize = 3;

/// For each shingle of some units, the first kept unit, and the next, that has it.
pub struct Owners {
    of: HashMap<u64, (u32, u32)>,
}

impl Owners {
    /// Looks up the owners of the shingles of some units.
    pub fn of(repeats: &Repeats, numbers: &[usize]) -> Self {
        const NONE: (u32, u32) = (u32::MAX, u32::MAX);
        let mut of: HashMap<u64, (u32, u32)> = numbers.iter().flat_map(|&n| repeats.shingles(n)).map(|&h| (h, NONE)).collect();
        for (number, unit) in repeats.units.iter().enumerate().filter(|(_, u)| u.kept) {
            for hash in &repeats.hashes[unit.from..unit.to] {
                if let Some((first, second)) = of.get_mut(hash) {
                    if *first == u32::MAX {
                        *first = number as u32;
                    } else if *second == u32::MAX && *first != number as u32 {
                        *second = number as u32;
                    }
                }
            }
        }
        Owners { of }
    }

    /// Whether a kept unit has this shingle.
    pub fn has(&self, hash: u64) -> bool {
        self.of[&hash].0 != u32::MAX
    }

    /// Lists the other units that cover a good part of `number`, in order.
    pub fn sources(&self, repeats: &Repeats, number: usize) -> Vec<u32> {
        self.that_have(repeats, number, GOOD_PART)
    }

    /// Lists the units that say what `number` says, which others cover: those that cover a good part, or all if each covers little.
    pub fn witnesses(&self, repeats: &Repeats, number: usize) -> Vec<u32> {
        let most = self.sources(repeats, number);
        if most.is_empty() { self.that_have(repeats, number, 1) } else { most }
    }

    fn that_have(&self, repeats: &Repeats, number: usize, least: usize) -> Vec<u32> {
        let mut tally = BTreeMap::new();
        for hash in repeats.shingles(number) {
            let (first, second) = self.of[hash];
            let owner = if first == number as u32 { second } else { first };
            if owner != u32::MAX {
                *tally.entry(owner).or_insert(0) += 1;
            }
        }
        tally.into_iter().filter(|&(_, count)| count >= least).map(|(owner, _)| owner).collect()
    }
}
