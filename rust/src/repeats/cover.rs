//! Whether all that a unit says stands, in that order, in units that stay.
//!
//! The unit is covered from left to right by verbatim stretches of other units. A stretch begins where in its unit a sentence or a quotation
//! can begin and ends where one ends, but at an end of the unit that shows that it was cut there: by dots, a small letter, half a word. Stretches of one unit come in its order.
//! In front a dateline or byline may stand that the others do not have.

use foldhash::{HashMap, HashMapExt, HashSet};
use std::cell::OnceCell;

use crate::repeats::dateline;
use crate::repeats::said::Said;
use crate::repeats::spelling::{Difference, difference, has_accent};

/// Words of a stretch that stands between two others, or before one.
const STRETCH: usize = 5;
/// Words of a key by which stretches are found.
const KEY: usize = 3;
/// The first words of a text stand in so many characters.
const HEAD: usize = 80;
/// The rarest key is looked for among so many; of its places so many are tried, and so much work is done for each word of the unit.
const WINDOW: usize = 16;
const PLACES: usize = 32;
const WORK: usize = 32;

/// How a unit is covered.
pub struct Cover {
    /// The units that cover it, each once, in the order of the page.
    pub sources: Vec<usize>,
    /// The share of its words that they cover: all but a dateline.
    pub share: f32,
    /// Whether one unit says just the same.
    pub is_same: bool,
}

/// Units as sources of others.
pub struct Sources<'a> {
    /// What each unit says; `None` if it shares nothing with others.
    said: &'a [Option<Said>],
    texts: &'a [&'a str],
    /// Keys with the units and places where they stand.
    keys: Vec<(u64, u32, u32)>,
    /// The first words of units, joined by spaces, in order; read once they are asked for.
    heads: OnceCell<Vec<(String, u32)>>,
}

/// A verbatim stretch of a unit.
#[derive(Clone, Copy)]
struct Stretch {
    source: usize,
    /// Where it begins and ends in the source.
    from: usize,
    to: usize,
    /// Where it ends in the unit that is covered.
    end: usize,
    slips: Slips,
}

/// Words that are spelt otherwise, so far.
#[derive(Clone, Copy, Default)]
struct Slips {
    letters: usize,
    accents: usize,
    telling: usize,
    /// Words with an accent in both.
    accented: usize,
}

impl Slips {
    /// One long word may be spelt otherwise. Accents may be lost; those that make another word of one only where all are.
    fn are_typographic(self) -> bool {
        self.letters <= 1 && (self.telling == 0 || (self.accented == 0 && self.accents >= 3))
    }
}

impl<'a> Sources<'a> {
    /// Indexes what units say, as far as the `wanted` units can ask for it. `texts` gives how a unit reads.
    pub fn new(said: &'a [Option<Said>], texts: &'a [&'a str], wanted: &[usize]) -> Self {
        let asked: HashSet<u64> = wanted.iter().filter_map(|&n| said[n].as_ref()).flat_map(keys).collect();
        let some = said.iter().enumerate().filter_map(|(n, said)| Some((n, said.as_ref()?)));
        let places = some.flat_map(|(n, said)| keys(said).enumerate().map(move |(at, key)| (key, n as u32, at as u32)));
        let mut keys: Vec<_> = places.filter(|(key, ..)| asked.contains(key)).collect();
        keys.sort_unstable();
        Sources { said, texts, keys, heads: OnceCell::new() }
    }

    /// Returns how units for which `stays` is true cover a unit; `None` if they do not.
    pub fn cover(&self, number: usize, stays: &dyn Fn(usize) -> bool) -> Option<Cover> {
        let said = self.said[number].as_ref()?;
        let text = self.texts[number];
        let mut search = Search { sources: self, number, said, stays, front: said.is_cut_in_front(text), work: 0 };
        search.from(0).or_else(|| {
            let starts = dateline::ends(text).into_iter().map(|byte| said.word_at(byte));
            starts.filter(|&start| 0 < start && start < said.len()).find_map(|start| search.from(start))
        })
    }

    fn heads(&self) -> &[(String, u32)] {
        self.heads.get_or_init(|| {
            let mut heads: Vec<_> = self.texts.iter().enumerate().map(|(n, text)| (head(text), n as u32)).collect();
            heads.sort_unstable();
            heads
        })
    }

    /// Lists the places of a key.
    fn places(&self, key: u64) -> &[(u64, u32, u32)] {
        let from = self.keys.partition_point(|place| place.0 < key);
        let to = from + self.keys[from..].partition_point(|place| place.0 == key);
        &self.keys[from..to]
    }
}

/// Lists the keys of a unit, one for each run of words.
fn keys(said: &Said) -> impl Iterator<Item = u64> + '_ {
    said.words.windows(KEY).map(key)
}

/// Returns the first words of a text, joined by spaces.
fn head(text: &str) -> String {
    let end = text.char_indices().nth(HEAD).map_or(text.len(), |(at, _)| at);
    let said = Said::new(&text[..end]);
    (0..said.len().min(KEY)).map(|i| said.word(i)).collect::<Vec<_>>().join(" ")
}

fn key(words: &[u64]) -> u64 {
    const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
    words.iter().fold(0, |hash: u64, word| (hash.rotate_left(21) ^ word).wrapping_mul(MIX))
}

/// The search for the cover of one unit.
struct Search<'a, 's> {
    sources: &'a Sources<'s>,
    number: usize,
    said: &'a Said,
    stays: &'a dyn Fn(usize) -> bool,
    /// Whether the unit shows that it was cut in front.
    front: bool,
    /// Words compared so far.
    work: usize,
}

impl<'a> Search<'a, '_> {
    /// Covers the unit from a word on; the words before it are a dateline.
    fn from(&mut self, start: usize) -> Option<Cover> {
        let (mut at, mut slips, mut reached) = (start, Slips::default(), HashMap::new());
        let mut stretches = Vec::new();
        while at < self.said.len() {
            let Some(stretch) = self.stretch(start, at, slips, &reached) else {
                stretches.push(self.stub(at).filter(|_| at > start)?);
                break;
            };
            (at, slips) = (stretch.end, stretch.slips);
            reached.insert(stretch.source, stretch.to);
            stretches.push(stretch);
        }
        let is_same = start == 0 && matches!(stretches[..], [one] if one.from == 0 && one.to == self.source(one.source).len());
        let mut sources: Vec<usize> = stretches.iter().map(|stretch| stretch.source).collect();
        sources.sort_unstable();
        sources.dedup();
        Some(Cover { sources, share: (self.said.len() - start) as f32 / self.said.len() as f32, is_same })
    }

    fn source(&self, number: usize) -> &'a Said {
        self.sources.said[number].as_ref().expect("a source was read")
    }

    /// Finds the stretch from a word on that reaches farthest; of several, the earliest.
    fn stretch(&mut self, start: usize, at: usize, slips: Slips, reached: &HashMap<usize, usize>) -> Option<Stretch> {
        let last = self.said.len().checked_sub(KEY)?;
        let places = |i: usize| self.sources.places(key(&self.said.words[i..i + KEY]));
        let mut keys: Vec<(usize, &[_])> = (at..=last.min(at + WINDOW)).map(|i| (i - at, places(i))).collect();
        // A key that few have leads to few places. One that lies across a seam leads nowhere: then the next.
        keys.sort_by_key(|(ahead, places)| (places.len(), *ahead));
        keys.into_iter().find_map(|(ahead, places)| self.farthest(start, at, slips, reached, places, ahead))
    }

    /// Finds the stretch that reaches farthest among those that have a key at some of these places, so many words ahead.
    fn farthest(
        &mut self,
        start: usize,
        at: usize,
        slips: Slips,
        reached: &HashMap<usize, usize>,
        places: &[(u64, u32, u32)],
        ahead: usize,
    ) -> Option<Stretch> {
        let mut best: Option<Stretch> = None;
        for &(_, source, place) in places.iter().take(PLACES) {
            let source = source as usize;
            let Some(from) = (place as usize).checked_sub(ahead) else { continue };
            let free = source != self.number && reached.get(&source).is_none_or(|&to| from >= to) && (self.stays)(source);
            self.work += 1;
            if self.work > WORK * (self.said.len() + WINDOW) {
                break;
            }
            if free && self.can_begin(start, at, source, from) {
                let found = self.extend(at, source, from, slips);
                best = [best, found].into_iter().flatten().reduce(|a, b| if b.end > a.end { b } else { a });
            }
        }
        best
    }

    /// Whether a stretch may begin at a word of the unit and a word of a source.
    fn can_begin(&self, start: usize, at: usize, source: usize, from: usize) -> bool {
        match (at == start, start) {
            (true, 0) => self.front || self.source(source).begins(from),
            // Behind a dateline a unit begins from its beginning.
            (true, _) => from == 0,
            (false, _) => self.source(source).begins(from),
        }
    }

    /// Follows a stretch as far as the words are the same, and back to where it may end.
    fn extend(&mut self, at: usize, source: usize, from: usize, before: Slips) -> Option<Stretch> {
        let other = self.source(source);
        let (mut length, mut slips, mut end) = (0, before, None);
        while at + length < self.said.len() && from + length < other.len() {
            let (mine, its) = (at + length, from + length);
            let next = self.slips(mine, other, its, slips);
            if next.letters > 1 || next.letters == usize::MAX {
                break;
            }
            slips = next;
            length += 1;
            let whole = mine + 1 == self.said.len();
            let enough = length >= STRETCH || whole || its + 1 == other.len();
            let joins = whole || its + 1 == other.len() || self.said.begins(mine + 1);
            if enough && joins && slips.are_typographic() && (other.finishes(its) || (whole && self.said.trails_off())) {
                end = Some((length, slips));
            }
        }
        self.work += length + 1;
        let cut = at + length + 1 == self.said.len() && self.said.is_open() && from + length < other.len();
        if cut && length >= KEY && slips.are_typographic() && is_cut_word(self.said.word(at + length), other.word(from + length)) {
            end = Some((length + 1, slips));
        }
        end.map(|(length, slips)| Stretch { source, from, to: from + length, end: at + length, slips })
    }

    /// Counts how a word of the unit is spelt otherwise than that of a source; `letters` is the greatest number if it is another word.
    fn slips(&self, mine: usize, other: &Said, its: usize, mut slips: Slips) -> Slips {
        let word = self.said.word(mine);
        if self.said.words[mine] == other.words[its] {
            slips.accented += usize::from(!word.is_ascii() && has_accent(word));
            return slips;
        }
        match difference(word, other.word(its)) {
            Difference::Accents => slips.accents += 1,
            Difference::TellingAccents => (slips.accents, slips.telling) = (slips.accents + 1, slips.telling + 1),
            Difference::Letter => slips.letters += 1,
            Difference::Words => slips.letters = usize::MAX,
        }
        slips
    }

    /// Finds a unit that begins with the few words that are left of one that was cut behind.
    fn stub(&self, at: usize) -> Option<Stretch> {
        let left = self.said.len() - at;
        if !self.said.is_open() || left > KEY {
            return None;
        }
        let stub = (at..self.said.len()).map(|i| self.said.word(i)).collect::<Vec<_>>().join(" ");
        let heads = self.sources.heads();
        let from = heads.partition_point(|(head, _)| *head < stub);
        let heads = heads[from..].iter().take(PLACES).take_while(|(head, _)| head.starts_with(&stub));
        let stays = |head: &&(String, u32)| head.1 as usize != self.number && (self.stays)(head.1 as usize);
        // Without dots, only half a word shows that something was cut.
        let cut = |head: &&(String, u32)| match head.0[stub.len()..].chars().next() {
            Some(next) if next.is_alphabetic() => stub.ends_with(char::is_alphabetic),
            Some(next) if next.is_numeric() => false,
            _ => self.said.trails_off(),
        };
        let (_, source) = heads.filter(cut).find(stays)?;
        Some(Stretch { source: *source as usize, from: 0, to: left, end: self.said.len(), slips: Slips::default() })
    }
}

/// Whether a word may be what a cut left of another: a number cut short is another number.
fn is_cut_word(cut: &str, whole: &str) -> bool {
    whole.starts_with(cut) && whole.chars().chain(cut.chars()).all(char::is_alphabetic)
}
