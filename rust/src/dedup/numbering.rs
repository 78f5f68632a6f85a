//! A set that numbers its members in the order they came: 4 bytes a slot and no hashing beyond the members, which are hashes already.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// A member of a table: a hash, or part of one.
pub trait Hashed: Copy + Eq {
    /// Bits of which none is foreseeable by itself.
    fn bits(self) -> u64;
}

impl Hashed for u32 {
    fn bits(self) -> u64 {
        u64::from(self)
    }
}

impl Hashed for u128 {
    fn bits(self) -> u64 {
        self as u64
    }
}

/// Where members belong in a table of a power of two of slots. Hashes that anybody can compute are hashes that somebody can choose, here so that all
/// meet in one place; so each table multiplies them by a number of its own. No answer depends on it.
#[derive(Debug, Clone, Copy)]
struct Spread {
    multiplier: u64,
    shift: u32,
}

impl Spread {
    fn over(slots: usize) -> Self {
        Self { multiplier: RandomState::new().hash_one(slots) | 1, shift: 64 - slots.trailing_zeros() }
    }

    #[inline]
    fn slot(self, member: impl Hashed) -> usize {
        (member.bits().wrapping_mul(self.multiplier) >> self.shift) as usize
    }
}

const EMPTY: u32 = u32::MAX;

/// Members in the order of their arrival, with a linear-probing table of their numbers.
#[derive(Debug)]
pub struct Numbering<T> {
    members: Vec<T>,
    slots: Vec<u32>,
    spread: Spread,
}

impl<T: Hashed> Default for Numbering<T> {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl<T: Hashed> Numbering<T> {
    /// Makes an empty table with room for `members`, which then never moves.
    pub fn with_capacity(members: usize) -> Self {
        let slots = (members + members / 3 + 1).next_power_of_two().max(16);
        Self { members: Vec::with_capacity(members), slots: vec![EMPTY; slots], spread: Spread::over(slots) }
    }

    /// Returns the number of members.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Returns the number of `member`, if it came before.
    #[inline]
    pub fn get(&self, member: T) -> Option<u32> {
        let found = self.slots[self.slot(member)];
        (found != EMPTY).then_some(found)
    }

    /// Returns the number of `member`, and whether it is new.
    #[inline]
    pub fn insert(&mut self, member: T) -> (u32, bool) {
        let slot = self.slot(member);
        if self.slots[slot] != EMPTY {
            return (self.slots[slot], false);
        }
        let number = self.members.len() as u32;
        assert!(number < EMPTY, "4 billion members are too many for one table");
        self.slots[slot] = number;
        self.members.push(member);
        if self.members.len() * 4 > self.slots.len() * 3 {
            self.grow();
        }
        (number, true)
    }

    /// The slot that holds `member`, or the empty one where it belongs.
    #[inline]
    fn slot(&self, member: T) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = self.spread.slot(member);
        while self.slots[slot] != EMPTY && self.members[self.slots[slot] as usize] != member {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        self.spread.shift -= 1;
        self.slots = Vec::new();
        self.slots.resize(size, EMPTY);
        for (number, member) in self.members.iter().enumerate() {
            let mut slot = self.spread.slot(*member);
            while self.slots[slot] != EMPTY {
                slot = (slot + 1) & (size - 1);
            }
            self.slots[slot] = number as u32;
        }
    }
}

/// Counts members; each is known by its slot from then on. For more members than caches hold: a member is one access to memory, which
/// can be asked for before.
#[derive(Debug)]
pub struct Tally {
    slots: Vec<Slot>,
    spread: Spread,
}

/// A member and how often it came; not at all if the slot is free.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    member: u32,
    count: u32,
}

impl Tally {
    /// Makes an empty table for up to so many members.
    pub fn with_capacity(members: usize) -> Self {
        let slots = (members + 1).next_power_of_two().max(16);
        Self { slots: vec![Slot::default(); slots], spread: Spread::over(slots) }
    }

    /// Asks for the memory where `member` will be looked for.
    #[inline]
    pub fn expect(&self, member: u32) {
        prefetch(&self.slots[self.spread.slot(member)]);
    }

    /// Counts one sight of `member`; returns its slot, which never changes.
    ///
    /// # Panics
    /// If there is no room.
    #[inline]
    pub fn add(&mut self, member: u32) -> u32 {
        let mask = self.slots.len() - 1;
        let mut slot = self.spread.slot(member);
        for _ in 0..=mask {
            let Slot { member: other, count } = &mut self.slots[slot];
            if *count == 0 || *other == member {
                (*other, *count) = (member, *count + 1);
                return slot as u32;
            }
            slot = (slot + 1) & mask;
        }
        panic!("more members than there is room for");
    }

    /// Puts something else in the place of each count.
    pub fn replace_counts(&mut self, mut by: impl FnMut(u32) -> u32) {
        self.slots.iter_mut().for_each(|slot| slot.count = by(slot.count));
    }

    /// Returns what stands in the place of the count in a slot.
    #[inline]
    pub fn get(&self, slot: u32) -> u32 {
        self.slots[slot as usize].count
    }

    /// Asks for the memory of a slot.
    #[inline]
    pub fn expect_slot(&self, slot: u32) {
        prefetch(&self.slots[slot as usize]);
    }
}

/// Asks for the cache line of a value that will be read soon. Nothing but time depends on it.
#[inline]
pub fn prefetch<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint; it reads nothing, and the address is that of a live value.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(std::ptr::from_ref(value).cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn same_as_a_hash_map(members in proptest::collection::vec(0u32..300, 0..600)) {
            let (mut table, mut naive) = (Numbering::with_capacity(members.len() / 2), HashMap::new());
            for member in &members {
                let next = naive.len() as u32;
                let number = *naive.entry(*member).or_insert(next);
                prop_assert_eq!(table.insert(*member), (number, number == next));
            }
            prop_assert_eq!(table.len(), naive.len());
            for member in 0..300 {
                prop_assert_eq!(table.get(member), naive.get(&member).copied());
            }
        }

        #[test]
        fn a_tally_counts_as_a_hash_map_does(members in proptest::collection::vec(0u32..300, 0..600)) {
            let (mut tally, mut naive) = (Tally::with_capacity(members.len()), HashMap::new());
            let slots: Vec<u32> = members.iter().map(|member| tally.add(*member)).collect();
            members.iter().for_each(|member| *naive.entry(*member).or_insert(0) += 1);
            for (member, slot) in members.iter().zip(slots) {
                prop_assert_eq!(tally.get(slot), naive[member]);
            }
        }
    }
}
