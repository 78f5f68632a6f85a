//! How many units of a document have a shingle.

/// Counts, for each shingle, the units that have it: open addressing, sized once.
pub struct ShingleTable {
    slots: Vec<Slot>,
    mask: usize,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    hash: u64,
    /// Units with this shingle; 0: the slot is free.
    units: u32,
    last: u32,
}

impl ShingleTable {
    /// Makes a table with room for so many shingles.
    pub fn with_capacity(hashes: usize) -> Self {
        let size = (hashes + hashes / 3 + 1).next_power_of_two();
        ShingleTable { slots: vec![Slot::default(); size], mask: size - 1 }
    }

    fn slot(&self, hash: u64) -> usize {
        // The hash's own low bits choose the slot: XXH3 mixes them well.
        let mut at = hash as usize & self.mask;
        while self.slots[at].units != 0 && self.slots[at].hash != hash {
            at = (at + 1) & self.mask;
        }
        at
    }

    /// Notes that `unit` has the shingle; true if another unit had it before.
    pub fn add(&mut self, hash: u64, unit: u32) -> bool {
        let at = self.slot(hash);
        let slot = &mut self.slots[at];
        if slot.units == 0 {
            *slot = Slot { hash, units: 1, last: unit };
            return false;
        }
        if slot.last != unit {
            slot.units += 1;
            slot.last = unit;
        }
        slot.units > 1
    }

    /// Returns how many units have the shingle.
    pub fn units_with(&self, hash: u64) -> u32 {
        self.slots[self.slot(hash)].units
    }

    /// Counts one unit with the shingle less. A count stays at one at the least, so that the chain of slots stays whole.
    pub fn remove(&mut self, hash: u64) {
        let at = self.slot(hash);
        let units = &mut self.slots[at].units;
        *units = (*units - 1).max(1);
    }
}
