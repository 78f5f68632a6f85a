//! The index of kept texts: for each key that more than one text has, the kept texts that have it.

use crate::dedup::digest::Digests;
use crate::dedup::jaccard::Threshold;
use crate::dedup::numbering::{Tally, prefetch};
use crate::dedup::prefix::TwoBitCounts;
use crate::workers::{Interrupted, Pool, Stop, map_blocks};

/// A kept text in a posting list: 16 bytes that refute most pairs before their texts are touched.
#[derive(Clone, Copy, Debug, Default)]
pub struct Posting {
    bitmap: u64,
    /// The number of the text.
    pub text: u32,
    /// Its distinct shingles, at most `MOST`.
    size: u16,
    /// How large another text may be, given what this one has left from the key on; likewise.
    room: u16,
}

/// Stands for this many, or more.
const MOST: u16 = u16::MAX;

fn at_most(number: u32) -> u16 {
    u16::try_from(number).unwrap_or(MOST)
}

/// A key of a text that another text has too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedKey {
    /// The posting list of the key.
    list: u32,
    /// How large the text and another may be together, given what it has left from the key on.
    total: u32,
}

/// A text as it meets the postings of its keys.
#[derive(Clone, Copy, Debug)]
pub struct Seeker {
    threshold: Threshold,
    size: u32,
    bitmap: u64,
}

impl Seeker {
    /// Makes the seeker of a distinct text of `digests`.
    pub fn new(digests: &Digests, text: u32, threshold: Threshold) -> Self {
        Self { threshold, size: digests.sizes[text as usize], bitmap: digests.bitmaps[text as usize] }
    }

    /// Whether that may be so for any posting of a list.
    #[inline]
    fn may_meet(&self, entry: &SharedKey, list: &List) -> bool {
        list.filled > 0 && self.size + u32::from(list.least) <= entry.total && at_most(self.size) <= list.most
    }

    /// Whether the text may reach the threshold with one that has the same key. What they share from there on is at most what either has
    /// left; if the key is the first that they share, that is all they share. And they differ in as many members as their bitmaps do, or more.
    #[inline]
    pub fn may_reach(&self, entry: &SharedKey, other: &Posting) -> bool {
        let total = self.size + u32::from(other.size);
        let apart = || (self.bitmap ^ other.bitmap).count_ones() as usize <= self.threshold.most_apart(total as usize);
        total <= entry.total && at_most(self.size) <= other.room && (other.size == MOST || apart())
    }
}

/// The kept texts by their keys: each share has a part of the key space.
#[derive(Debug)]
pub struct Index {
    shares: Vec<Share>,
}

impl Index {
    /// Makes an index of no text, with room for the texts of `digests`, in as many shares as there are workers: each makes its own, and
    /// nothing is locked.
    pub fn new(digests: &Digests, threshold: Threshold, workers: usize, stop: Stop<'_>) -> Result<Self, Interrupted> {
        let shares = workers.next_power_of_two().min(64);
        let share = |_: &mut (), share| Share::new(digests, threshold, share, shares);
        Ok(Self { shares: map_blocks(workers, &Pool::default(), shares, share, stop)? })
    }

    /// Returns the keys of `text` that other texts have too, and for each the kept texts that have it, earliest first.
    #[inline]
    pub fn look_up(&self, text: u32) -> impl Iterator<Item = (&SharedKey, &[Posting])> {
        self.shares.iter().flat_map(move |share| share.entries(text).iter().map(|entry| (entry, share.postings(entry.list))))
    }

    /// Returns what [`Index::look_up`] does, without the keys whose texts all fail to reach the threshold with the one that seeks.
    #[inline]
    pub fn seek(&self, text: u32, seeker: Seeker) -> impl Iterator<Item = (&SharedKey, &[Posting])> {
        self.shares.iter().flat_map(move |share| {
            let entries = share.entries(text).iter().filter(move |entry| seeker.may_meet(entry, &share.lists[entry.list as usize]));
            entries.map(|entry| (entry, share.postings(entry.list)))
        })
    }

    /// Adds a kept text under its keys. Texts are added in order.
    pub fn insert(&mut self, text: u32, digests: &Digests) {
        let (size, bitmap) = (digests.sizes[text as usize], digests.bitmaps[text as usize]);
        self.shares.iter_mut().for_each(|share| share.insert(text, size, bitmap));
    }

    /// Asks for the memory that looking up texts soon after `text` will read.
    #[inline]
    pub fn expect(&self, text: u32) {
        self.shares.iter().for_each(|share| share.expect(text as usize));
    }
}

/// How many texts ahead memory is asked for.
const AHEAD: usize = 8;
/// How many keys ahead, when they are counted.
const KEYS_AHEAD: usize = 16;

/// Where the posting list of a key stands, and how much of it is filled.
#[derive(Clone, Copy, Debug)]
struct List {
    start: u32,
    filled: u32,
    /// The least size and the most room of its postings: a crowd of like size that is refuted is refuted at once.
    least: u16,
    most: u16,
}

impl List {
    fn at(start: u32) -> Self {
        Self { start, filled: 0, least: MOST, most: 0 }
    }
}

/// The part of the index for one part of the key space: posting lists with room for every text that has their key, filled as texts are kept.
#[derive(Debug)]
pub struct Share {
    entries: Vec<SharedKey>,
    /// Where the entries of each text end.
    ends: Vec<u32>,
    /// One for each key, and one that ends the last.
    lists: Vec<List>,
    postings: Vec<Posting>,
}

impl Share {
    fn new(digests: &Digests, threshold: Threshold, share: usize, shares: usize) -> Self {
        let mut found = Found::new(digests.all_keys(), share, shares);
        let lists = std::mem::take(&mut found.lists);
        let (entries, ends) = found.entries(digests, threshold);
        let room = lists[lists.len() - 1].start as usize;
        Self { entries, ends, lists, postings: vec![Posting::default(); room] }
    }

    #[inline]
    fn entries(&self, text: u32) -> &[SharedKey] {
        &self.entries[self.range(text as usize)]
    }

    #[inline]
    fn postings(&self, list: u32) -> &[Posting] {
        let List { start, filled, .. } = self.lists[list as usize];
        &self.postings[start as usize..(start + filled) as usize]
    }

    fn insert(&mut self, text: u32, size: u32, bitmap: u64) {
        for at in self.range(text as usize) {
            let SharedKey { list, total } = self.entries[at];
            let (end, list) = (self.lists[list as usize + 1].start, &mut self.lists[list as usize]);
            let place = list.start + list.filled;
            if place < end {
                let posting = Posting { bitmap, text, size: at_most(size), room: at_most(total.saturating_sub(size)) };
                self.postings[place as usize] = posting;
                list.filled += 1;
                list.least = list.least.min(posting.size);
                list.most = list.most.max(posting.room);
            }
        }
    }

    #[inline]
    fn expect(&self, text: usize) {
        if text + 2 * AHEAD < self.ends.len() {
            self.entries[self.range(text + 2 * AHEAD)].iter().for_each(|entry| prefetch(&self.lists[entry.list as usize]));
            for entry in &self.entries[self.range(text + AHEAD)] {
                // They are read from the end. Of a list without room for any there is no entry.
                let List { start, filled, .. } = self.lists[entry.list as usize];
                prefetch(&self.postings[start as usize]);
                prefetch(&self.postings[(start + filled.max(1) - 1) as usize]);
            }
        }
    }

    #[inline]
    fn range(&self, text: usize) -> std::ops::Range<usize> {
        let start = if text == 0 { 0 } else { self.ends[text - 1] };
        start as usize..self.ends[text] as usize
    }
}

/// The keys of a share that more than one text has.
struct Found {
    /// Where they stand among all keys, and for each its slot in the table. A few keys that only one text has are among them.
    places: Vec<u32>,
    slots: Vec<u32>,
    /// The number of the list for the key in each slot, or `NONE`.
    numbers: Tally,
    lists: Vec<List>,
}

/// Stands for a key that only one text has.
const NONE: u32 = u32::MAX;

impl Found {
    fn new(keys: &[u32], share: usize, shares: usize) -> Self {
        let places = shared_places(keys, share, shares);
        let (mut numbers, mut slots) = (Tally::with_capacity(places.len()), Vec::with_capacity(places.len()));
        for (i, place) in places.iter().enumerate() {
            if let Some(soon) = places.get(i + KEYS_AHEAD) {
                numbers.expect(keys[*soon as usize]);
            }
            slots.push(numbers.add(keys[*place as usize]));
        }
        let (mut lists, mut start) = (Vec::new(), 0);
        numbers.replace_counts(|count| {
            if count < 2 {
                return NONE;
            }
            lists.push(List::at(start));
            // Nobody comes after the last text with a key, so it need not be found.
            start += count - 1;
            lists.len() as u32 - 1
        });
        lists.push(List::at(start));
        Self { places, slots, numbers, lists }
    }

    /// What each text has of them, and where that ends. All else is given back before the postings need room.
    fn entries(self, digests: &Digests, threshold: Threshold) -> (Vec<SharedKey>, Vec<u32>) {
        let mut entries = Vec::with_capacity(self.places.len());
        let mut ends = Vec::with_capacity(digests.len());
        let (mut at, mut start, mut sorted) = (0, 0, Vec::new());
        for text in 0..digests.len() {
            let end = start + digests.keys(text).len() as u32;
            let mut rest = Rest::new(digests, text, &mut sorted);
            while let Some(place) = self.places.get(at).filter(|place| **place < end) {
                if let Some(soon) = self.slots.get(at + KEYS_AHEAD) {
                    self.numbers.expect_slot(*soon);
                }
                let list = self.numbers.get(self.slots[at]);
                if list != NONE {
                    let total = threshold.most_total(rest.from((place - start) as usize) as usize);
                    entries.push(SharedKey { list, total: u32::try_from(total).unwrap_or(u32::MAX) });
                }
                at += 1;
            }
            ends.push(entries.len() as u32);
            start = end;
        }
        (entries, ends)
    }
}

/// Where the keys of a share stand that more than one text has, and some others. Two filters of a few bits a key leave hardly any others.
fn shared_places(keys: &[u32], share: usize, shares: usize) -> Vec<u32> {
    // The low bits of a key are those of a hash.
    let mine = |key: u32| key as usize & (shares - 1) == share;
    let mut places;
    let mut once = TwoBitCounts::new(keys.len() / shares);
    if shares == 1 {
        keys.iter().for_each(|key| once.add(spread(*key)));
        places = places_of(keys, |key| once.get(spread(key)) > 1);
    } else {
        places = places_of(keys, mine);
        places.iter().for_each(|place| once.add(spread(keys[*place as usize])));
        retain(&mut places, |place| once.get(spread(keys[place as usize])) > 1);
    }
    drop(once);
    let mut twice = TwoBitCounts::new(places.len());
    places.iter().for_each(|place| twice.add(remix(keys[*place as usize])));
    retain(&mut places, |place| twice.get(remix(keys[place as usize])) > 1);
    places
}

/// The places of the keys that are wanted. Which they are is random, so there is no branch on it.
fn places_of(keys: &[u32], wanted: impl Fn(u32) -> bool) -> Vec<u32> {
    let mut places = vec![0; keys.len()];
    let mut count = 0;
    for (key, place) in keys.iter().zip(0..) {
        places[count] = place;
        count += usize::from(wanted(*key));
    }
    places.truncate(count);
    places.shrink_to_fit();
    places
}

/// Leaves the places that are wanted, likewise.
fn retain(places: &mut Vec<u32>, wanted: impl Fn(u32) -> bool) {
    let mut count = 0;
    for at in 0..places.len() {
        let place = places[at];
        places[count] = place;
        count += usize::from(wanted(place));
    }
    places.truncate(count);
    places.shrink_to_fit();
}

/// The bits of a key that address the first filter. Keys are grouped by their top bits; one odd multiplication spreads them.
fn spread(key: u32) -> u64 {
    u64::from(key).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Others, for the second.
fn remix(key: u32) -> u64 {
    spread(key).rotate_left(32).wrapping_mul(0xff51_afd7_ed55_8ccd)
}

/// Prefixes up to this length are counted through, longer ones sorted once.
const SHORT: usize = 256;

/// What a text has left from a key on: its distinct shingles but for those before the key. With bands sizes are unknown, all 0, and so is this.
struct Rest<'a> {
    keys: &'a [u32],
    size: u32,
    sorted: &'a mut Vec<u32>,
}

impl<'a> Rest<'a> {
    fn new(digests: &'a Digests, text: usize, sorted: &'a mut Vec<u32>) -> Self {
        sorted.clear();
        Self { keys: digests.keys(text), size: digests.sizes[text], sorted }
    }

    fn from(&mut self, at: usize) -> u32 {
        let key = self.keys[at];
        if self.keys.len() <= SHORT {
            let before: u32 = self.keys.iter().map(|other| u32::from(*other < key)).sum();
            return self.size.saturating_sub(before);
        }
        if self.sorted.is_empty() {
            self.sorted.extend_from_slice(self.keys);
            self.sorted.sort_unstable();
        }
        self.size.saturating_sub(self.sorted.partition_point(|other| *other < key) as u32)
    }
}
