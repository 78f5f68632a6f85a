//! The index of kept texts: for each key that more than one text has, the kept texts that have it.

use crate::digest::Digests;
use crate::prefix::Counts;
use crate::table::{Hashed, Numbering};
use crate::workers::{Interrupted, Pool, Stop, map_blocks};

/// A kept text in a posting list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Posting {
    /// The number of the text.
    pub text: u32,
    /// Its distinct shingles.
    pub size: u32,
    /// Those from this key on.
    pub rest: u32,
}

/// A key of a text that another text has too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The posting list of the key.
    pub list: u32,
    /// The distinct shingles of the text from this key on.
    pub rest: u32,
}

/// Posting lists with room for every text that has their key, filled as texts are kept.
#[derive(Debug)]
pub struct Index {
    entries: Vec<Entry>,
    ends: Vec<usize>,
    starts: Vec<u32>,
    filled: Vec<u32>,
    postings: Vec<Posting>,
}

impl Index {
    /// An index of no text, ready for those of `digests`.
    pub fn new(digests: &Digests, workers: usize, stop: Stop<'_>) -> Result<Self, Interrupted> {
        // Each worker numbers the keys of its share of the key space, so tables are small and nothing is locked.
        let shares = workers.next_power_of_two().min(64);
        let shares = map_blocks(workers, &Pool::default(), shares, |_: &mut (), share| Share::new(digests, share, shares), stop, || ())?;
        let mut starts = Vec::with_capacity(shares.iter().map(|share| share.counts.len()).sum());
        let mut bases = Vec::with_capacity(shares.len());
        let mut room = 0;
        for share in &shares {
            bases.push(starts.len() as u32);
            for count in &share.counts {
                starts.push(room);
                // Nobody comes after the last text with a key, so it need not be found.
                room += count - 1;
            }
        }
        starts.push(room);
        let (entries, ends) = merge(digests, &shares, &bases);
        drop(shares);
        let filled = vec![0; starts.len() - 1];
        Ok(Self { entries, ends, filled, starts, postings: vec![Posting::default(); room as usize] })
    }

    /// The keys of `text` that other texts have too.
    pub fn entries(&self, text: u32) -> &[Entry] {
        &self.entries[self.range(text)]
    }

    /// The kept texts that have the key of a list, earliest first.
    #[inline]
    pub fn postings(&self, list: u32) -> &[Posting] {
        let start = self.starts[list as usize] as usize;
        &self.postings[start..start + self.filled[list as usize] as usize]
    }

    /// Adds a kept text under its keys. Texts are added in order.
    pub fn insert(&mut self, text: u32, size: u32) {
        for at in self.range(text) {
            let Entry { list, rest } = self.entries[at];
            let (start, end) = (self.starts[list as usize], self.starts[list as usize + 1]);
            let filled = &mut self.filled[list as usize];
            if start + *filled < end {
                self.postings[(start + *filled) as usize] = Posting { text, size, rest };
                *filled += 1;
            }
        }
    }

    fn range(&self, text: u32) -> std::ops::Range<usize> {
        let text = text as usize;
        let start = if text == 0 { 0 } else { self.ends[text - 1] };
        start..self.ends[text]
    }
}

/// The shared keys in one part of the key space.
struct Share {
    /// Which keys, by their place among all keys, and their number here.
    found: Vec<(u32, u32)>,
    /// How many texts have each.
    counts: Vec<u32>,
}

impl Share {
    fn new(digests: &Digests, share: usize, shares: usize) -> Self {
        let keys = digests.all_keys();
        let mine = |key: u32| key.bits() as usize & (shares - 1) == share;
        // Two filters of a few bits a key leave hardly any key to the table that is not shared.
        let mut once = Counts::new(keys.len() / shares);
        keys.iter().filter(|key| mine(**key)).for_each(|key| once.add(key.bits()));
        let mut places = places_of(keys, |key| mine(key) && once.get(key.bits()) > 1);
        let mut twice = Counts::new(places.len());
        places.iter().for_each(|place| twice.add(remix(keys[*place as usize])));
        places.retain(|place| twice.get(remix(keys[*place as usize])) > 1);
        let (mut numbers, mut counts) = (Numbering::with_capacity(places.len() / 2), Vec::new());
        let mut found = Vec::with_capacity(places.len());
        for place in places {
            let (number, new) = numbers.insert(keys[place as usize]);
            if new {
                counts.push(0);
            }
            counts[number as usize] += 1;
            found.push((place, number));
        }
        let mut share = Self { found, counts };
        share.drop_single();
        share
    }

    /// Leaves the keys that more than one text has, and numbers them anew: the counting of live keys errs upwards.
    fn drop_single(&mut self) {
        let mut next = 0;
        let renumbered: Vec<u32> = self
            .counts
            .iter()
            .map(|count| {
                if *count > 1 {
                    next += 1;
                    next - 1
                } else {
                    u32::MAX
                }
            })
            .collect();
        self.found.retain_mut(|(_, number)| {
            *number = renumbered[*number as usize];
            *number != u32::MAX
        });
        self.found.shrink_to_fit();
        self.counts.retain(|count| *count > 1);
    }
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

/// Other bits of a key than those that address the first filter.
fn remix(key: u32) -> u64 {
    key.bits().rotate_left(32).wrapping_mul(0xff51_afd7_ed55_8ccd)
}

/// Brings what the shares found into the order of the texts: all entries, and where those of each text end.
fn merge(digests: &Digests, shares: &[Share], bases: &[u32]) -> (Vec<Entry>, Vec<usize>) {
    let mut entries = Vec::with_capacity(shares.iter().map(|share| share.found.len()).sum());
    let mut ends = Vec::with_capacity(digests.len());
    let (mut at, mut sorted) = (vec![0; shares.len()], Vec::new());
    let mut start = 0;
    for text in 0..digests.len() {
        let end = start + digests.keys(text).len() as u32;
        let mut rest = Rest::new(digests, text, &mut sorted);
        for (share, base) in (0..shares.len()).zip(bases) {
            while let Some((place, number)) = shares[share].found.get(at[share]).filter(|(place, _)| *place < end) {
                entries.push(Entry { list: base + number, rest: rest.from((place - start) as usize) });
                at[share] += 1;
            }
        }
        ends.push(entries.len());
        start = end;
    }
    (entries, ends)
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
