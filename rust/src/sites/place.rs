//! Where on its page a line stands, when it is known what else the site repeats.
//!
//! The edge of a page is not its first line: menus stand above the article and notices below it. So a line is at the bottom if what stands
//! below it is repeated too, but for two short lines (a name, a headline); prose that nothing repeats is the article. That can be said only
//! once the repeated lines are known, so pages leave their outlines: a few bytes a line.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// Lines of an outline: the first and the last of a longer page.
const MOST: usize = 2048;
/// Short lines that nothing repeats and that do not end an edge.
const STRANGERS: usize = 2;

/// A line: its key, in the lowest bit whether it is prose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Element(u64);

impl Element {
    /// Makes the element of a line with this key.
    pub fn new(key: u64, prose: bool) -> Self {
        Element(key & !1 | u64::from(prose))
    }

    fn key(self) -> u64 {
        self.0 & !1
    }

    fn prose(self) -> bool {
        self.0 & 1 != 0
    }
}

/// The lines of a page.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Vec<Element>")]
pub struct Outline(Box<[Element]>);

impl TryFrom<Vec<Element>> for Outline {
    type Error = &'static str;

    /// Takes the lines of an outline that was stored.
    fn try_from(lines: Vec<Element>) -> Result<Self, Self::Error> {
        // A longer page has one more, for what is left out.
        if lines.len() > MOST + 1 { Err("an outline is too long") } else { Ok(Outline(lines.into())) }
    }
}

/// Where a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// Above the article.
    Top,
    /// In it.
    Inside,
    /// Below it.
    Bottom,
}

impl Outline {
    /// Makes the outline of these lines.
    pub fn new(lines: &[Element]) -> Self {
        if lines.len() <= MOST {
            return Outline(lines.into());
        }
        let (head, tail) = (&lines[..MOST / 2], &lines[lines.len() - MOST / 2..]);
        // What is left out is not at the edge.
        Outline(head.iter().chain(&[Element(1)]).chain(tail).copied().collect())
    }

    /// Returns the bytes that it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&*self.0)
    }

    /// Returns the edges of the page, if `repeated` says what the site repeats (its argument lacks the lowest bit).
    pub fn zones(&self, repeated: impl Fn(u64) -> bool) -> Zones<'_> {
        let edge = |lines: &mut dyn Iterator<Item = &Element>| {
            let mut strangers = 0;
            let mut depth = 0;
            for (i, line) in lines.enumerate() {
                if repeated(line.key()) {
                    depth = i + 1;
                } else {
                    strangers += 1;
                    if line.prose() || strangers > STRANGERS {
                        break;
                    }
                }
            }
            depth
        };
        let bottom = self.0.len() - edge(&mut self.0.iter().rev());
        let mut places: HashMap<u64, (usize, usize)> = HashMap::with_capacity(self.0.len());
        for (i, line) in self.0.iter().enumerate() {
            places.entry(line.key()).or_insert((i, i)).1 = i;
        }
        Zones { lines: &self.0, places, top: edge(&mut self.0.iter()), bottom }
    }
}

/// The edges of one page.
#[derive(Debug)]
pub struct Zones<'a> {
    lines: &'a [Element],
    /// The first and the last place of each line, by key without the lowest bit.
    places: HashMap<u64, (usize, usize)>,
    /// Lines before this one are at the top.
    top: usize,
    /// Lines from this one on are at the bottom.
    bottom: usize,
}

impl Zones<'_> {
    /// Returns where all the places of a line are; a line that stands at both edges, or at an edge and elsewhere, is inside. On a page that is
    /// nothing but edge everything is at the bottom.
    pub fn of(&self, key: u64) -> Zone {
        match self.places.get(&(key & !1)) {
            Some((first, _)) if *first >= self.bottom => Zone::Bottom,
            Some((_, last)) if *last < self.top => Zone::Top,
            _ => Zone::Inside,
        }
    }

    /// Returns the lines right above and right below the first place of a line, by key without the lowest bit.
    pub fn beside(&self, key: u64) -> [Option<u64>; 2] {
        let Some((at, _)) = self.places.get(&(key & !1)) else { return [None; 2] };
        [at.checked_sub(1), Some(at + 1)].map(|i| i.and_then(|i| self.lines.get(i)).map(|line| line.key()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines by letter: capitals are prose, those up to `m` are repeated.
    fn zone(page: &str, line: char) -> Zone {
        let element = |c: char| Element::new(u64::from(c.to_ascii_lowercase()) << 1, c.is_ascii_uppercase());
        let lines: Vec<Element> = page.chars().map(element).collect();
        Outline::new(&lines).zones(|key| key >> 1 <= u64::from(b'm')).of(u64::from(line) << 1)
    }

    /// A line is at an edge if all beyond it is repeated, but for two short lines.
    #[test]
    fn edges() {
        for (page, line, expected) in [
            ("aZb", 'a', Zone::Top),
            ("aZb", 'b', Zone::Bottom),
            ("xyaZ", 'a', Zone::Top),
            ("xyzaZ", 'a', Zone::Inside),
            ("ZaZ", 'a', Zone::Inside),
            ("ZaZa", 'a', Zone::Inside),
            ("ZZaBcx", 'a', Zone::Bottom),
            ("ZaXb", 'a', Zone::Inside),
            ("ZaXb", 'b', Zone::Bottom),
        ] {
            assert_eq!(zone(page, line), expected, "{line} in {page}");
        }
    }

    /// What is left out of a long page is not at its edge.
    #[test]
    fn long_pages() {
        let lines: Vec<Element> = (0..10_000).map(|i| Element::new(i << 1, false)).collect();
        let outline = Outline::new(&lines);
        assert_eq!(outline.zones(|_| true).of(20), Zone::Bottom);
        assert_eq!((outline.zones(|key| key != 0).of(20), outline.zones(|key| key != 0).of(19_000)), (Zone::Top, Zone::Bottom));
    }
}
