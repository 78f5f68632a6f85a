//! Short lines that were seen lately, and what was found for each: the furniture of a site comes with each of its pages, and a text may be
//! nothing but lines of a letter.

use xxhash_rust::xxh3::xxh3_64;

/// See the module's head.
pub struct Seen<T> {
    slots: Vec<(String, Vec<T>)>,
}

/// Slots for lines seen, and bytes of the longest line that is kept: half a megabyte in all.
const SLOTS: usize = 1 << 12;
const MEMORABLE: usize = 64;

impl<T: Clone> Default for Seen<T> {
    fn default() -> Self {
        Seen { slots: vec![(String::new(), Vec::new()); SLOTS] }
    }
}

impl<T: Clone> Seen<T> {
    /// Returns where a line is kept, if it is one to keep.
    pub fn place(line: &str) -> Option<usize> {
        (line.len() <= MEMORABLE).then(|| xxh3_64(line.as_bytes()) as usize % SLOTS)
    }

    /// Returns what was kept for a line, if its place still has it.
    pub fn find(&self, place: usize, line: &str) -> Option<&[T]> {
        Some(&self.slots[place]).filter(|(seen, _)| seen == line && !line.is_empty()).map(|(_, found)| found.as_slice())
    }

    /// Keeps what was found for a line, in the place of whatever was there.
    pub fn keep(&mut self, place: usize, line: &str, found: &[T]) {
        let (seen, rules) = &mut self.slots[place];
        line.clone_into(seen);
        found.clone_into(rules);
    }
}
