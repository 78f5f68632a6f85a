//! Whether two pages tell the same story, from a few numbers of each.
//!
//! A sketch is the least [`SIZE`] shingle hashes of the running text of a page (bottom-k: Broder 1997), each with the line that has it. Below the
//! smaller of their two limits both sketches are complete, so there what one has of the other is an unbiased sample.
//!
//! Copies of a story are cut short, edited, and put under other headlines; pages of one site have whole lines in common. So lines are looked at:
//! one is *new* if hardly any of its shingles stands on the other page. Small edits leave a line as it was, and a notice of the site, however
//! long, does not make the lines beside it less new. Two pages tell different stories if a good part of each is new to the other. Of a page and
//! its cut copy the copy has nothing new.

use serde::{Deserialize, Serialize};

/// Hashes in a sketch.
pub const SIZE: usize = 128;
/// A line is new if less than this share of its shingles, as a fraction, stands on the other page. Of two copies with one word of ten changed in
/// each, two thirds of the word pairs agree.
const NEW: (usize, usize) = (1, 3);
/// The share of a page that has to be new for it to tell another story, as a fraction.
const OTHER: (usize, usize) = (1, 3);

/// See the module's head.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Stored")]
pub struct Sketch {
    /// Hashes, ascending, each once, and the line of each.
    hashes: Box<[(u32, u32)]>,
    /// Up to here the sketch has every hash of the page.
    limit: u32,
    /// The lines that have one of these, by key.
    keys: Box<[u64]>,
}

/// A sketch as it is read, of which nothing is known yet.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    hashes: Vec<(u32, u32)>,
    limit: u32,
    keys: Vec<u64>,
}

impl TryFrom<Stored> for Sketch {
    type Error = &'static str;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        let Stored { hashes, limit, keys } = stored;
        if hashes.len() > SIZE || keys.len() > hashes.len() {
            return Err("a sketch is too long");
        }
        if !hashes.is_sorted_by(|one, next| one.0 < next.0) {
            return Err("the hashes of a sketch are not in order");
        }
        if hashes.iter().any(|(_, line)| *line as usize >= keys.len()) {
            return Err("a hash of a sketch belongs to no line");
        }
        if limit != u32::MAX && hashes.last().is_none_or(|(last, _)| *last != limit) {
            return Err("the limit of a sketch is not its last hash");
        }
        Ok(Sketch { hashes: hashes.into(), limit, keys: keys.into() })
    }
}

impl Sketch {
    /// Makes the sketch of a page with these hashes, each with the number of its line in `keys`; they are put in another order.
    pub fn new(hashes: &mut Vec<(u32, u32)>, keys: &[u64]) -> Self {
        // Twice as many as are kept, since some repeat.
        let cut = hashes.len() > 2 * SIZE;
        if cut {
            hashes.select_nth_unstable(2 * SIZE - 1);
            hashes.truncate(2 * SIZE);
        }
        hashes.sort_unstable();
        // Equal hashes stand in the order of their lines: the first has it.
        hashes.dedup_by_key(|(hash, _)| *hash);
        let cut = cut || hashes.len() > SIZE;
        hashes.truncate(SIZE);
        let limit = if cut { hashes.last().map_or(0, |(hash, _)| *hash) } else { u32::MAX };
        let mut lines: Vec<u32> = hashes.iter().map(|(_, line)| *line).collect();
        lines.sort_unstable();
        lines.dedup();
        let place = |line: u32| lines.binary_search(&line).expect("the line of a hash that is kept") as u32;
        let hashes = hashes.iter().map(|(hash, line)| (*hash, place(*line))).collect();
        Sketch { hashes, limit, keys: lines.iter().map(|line| keys[*line as usize]).collect() }
    }

    /// Returns the bytes that it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.hashes) + size_of_val(&*self.keys)
    }

    fn below(&self, limit: u32) -> &[(u32, u32)] {
        &self.hashes[..self.hashes.partition_point(|(hash, _)| *hash <= limit)]
    }
}

/// How two pages compare, line by line.
#[derive(Debug)]
pub struct Common([Side; 2]);

/// What one page has that the other has not.
#[derive(Debug)]
struct Side {
    /// Hashes of each line, and those that the other page has too.
    lines: Box<[(u32, u32)]>,
    /// Hashes in all, and in new lines.
    all: usize,
    new: usize,
}

impl Common {
    /// Compares two sketches.
    pub fn of(one: &Sketch, other: &Sketch) -> Self {
        let limit = one.limit.min(other.limit);
        let (a, b) = (one.below(limit), other.below(limit));
        let mut lines = [vec![(0, 0); one.keys.len()], vec![(0, 0); other.keys.len()]];
        let (mut i, mut j) = (0, 0);
        while i < a.len() || j < b.len() {
            let (left, right) = (a.get(i).map_or(u64::MAX, |a| a.0.into()), b.get(j).map_or(u64::MAX, |b| b.0.into()));
            let shared = u32::from(left == right);
            if left <= right {
                let line = &mut lines[0][a[i].1 as usize];
                *line = (line.0 + 1, line.1 + shared);
                i += 1;
            }
            if right <= left {
                let line = &mut lines[1][b[j].1 as usize];
                *line = (line.0 + 1, line.1 + shared);
                j += 1;
            }
        }
        Common(lines.map(Side::new))
    }

    /// Whether the pages tell different stories, the line with this key aside. Pages of which nothing is left then can't be told apart.
    pub fn differ(&self, one: &Sketch, other: &Sketch, key: u64) -> bool {
        self.0.iter().zip([one, other]).all(|(side, sketch)| side.is_other(sketch.keys.iter().position(|line| *line == key)))
    }
}

impl Side {
    fn new(lines: Vec<(u32, u32)>) -> Self {
        let all = lines.iter().map(|line| line.0 as usize).sum();
        let new = lines.iter().filter(|line| is_new(line)).map(|line| line.0 as usize).sum();
        Side { lines: lines.into(), all, new }
    }

    /// Whether a good part of the page is new, a line aside.
    fn is_other(&self, aside: Option<usize>) -> bool {
        let line = aside.map_or((0, 0), |line| self.lines[line]);
        let all = self.all - line.0 as usize;
        let new = self.new - if is_new(&line) { line.0 as usize } else { 0 };
        all > 0 && new * OTHER.1 >= all * OTHER.0
    }
}

fn is_new(line: &(u32, u32)) -> bool {
    (line.1 as usize) * NEW.1 < line.0 as usize * NEW.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: u32 = 40;

    /// A page of lines of [`WIDTH`] shingles; a line is the number of its first.
    fn sketch(lines: &[u32]) -> Sketch {
        let hash = |i: u32| i.wrapping_mul(0x9e37_79b9) ^ 0x5bd1_e995;
        let numbered = (0..).zip(lines).flat_map(|(number, line)| (*line..line + WIDTH).map(move |i| (hash(i), number)));
        Sketch::new(&mut numbered.collect(), &lines.iter().map(|line| u64::from(*line)).collect::<Vec<_>>())
    }

    fn differ(one: &[u32], other: &[u32]) -> bool {
        let (one, other) = (sketch(one), sketch(other));
        let there = Common::of(&one, &other).differ(&one, &other, 9000);
        assert_eq!(there, Common::of(&other, &one).differ(&other, &one, 9000));
        there
    }

    /// A part tells the same story as the whole, with edits too; strangers do not, with common lines neither.
    #[test]
    fn stories() {
        let story: Vec<u32> = (0..20).map(|i| i * 100).collect();
        let edited: Vec<u32> = story.iter().map(|line| line + WIDTH / 2).collect();
        let other: Vec<u32> = (50..70).map(|i| i * 100).collect();
        assert!(!differ(&story, &story) && !differ(&story, &story[..3]) && !differ(&story, &edited) && !differ(&edited[7..9], &story));
        assert!(differ(&story, &other));
        let with = |lines: &[u32]| [lines, &[9000, 9100, 9200, 9300]].concat();
        assert!(differ(&with(&story[..4]), &with(&other[..4])) && !differ(&with(&story[..4]), &with(&story[..2])));
        assert!(!differ(&with(&story[..1]), &with(&other[..1])));
    }

    /// What the line itself says is no evidence that its pages are the same, and nothing is no evidence that they differ.
    #[test]
    fn a_line_aside() {
        let (one, other) = (sketch(&[0, 9000, 9100]), sketch(&[100, 9000, 9100]));
        let common = Common::of(&one, &other);
        assert!(common.differ(&one, &other, 9000) && common.differ(&one, &other, 9100) && common.differ(&one, &other, 1));
        let alone = sketch(&[9000]);
        assert!(!Common::of(&one, &alone).differ(&one, &alone, 9000));
    }

    /// Repeats count once, for the first line that has them.
    #[test]
    fn repeats() {
        let twice = Sketch::new(&mut (0..400).map(|i| (i / 2, i % 2)).collect(), &[1, 2]);
        assert!(twice.hashes.len() == SIZE && twice.limit == 127 && twice.hashes.iter().all(|(_, line)| *line == 0));
    }
}
