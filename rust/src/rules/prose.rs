//! Where the prose of a page stands, and what stands between its paragraphs.

use crate::page::document::Page;
use crate::rules::traits::Where;
use crate::text::shape;

/// So many units of prose may stand between a line and the edge of the page that it is "near" to; and no more than a third of them all, or
/// in a short text every line would be near both edges, and what stands between two paragraphs is in the middle.
const EDGE: usize = 2;

/// Where a page's top ends and its bottom begins.
pub struct Edges {
    /// Units before this one are near the top.
    pub top: u32,
    /// Units after this one are near the bottom; without it, all are.
    bottom: Option<u32>,
}

impl Edges {
    /// Takes the units of prose, and how many of them may stand between a line and its edge.
    fn new(sums: &[(u32, usize)], edge: usize) -> Self {
        let top = sums.get(edge).map_or(u32::MAX, |(unit, _)| *unit);
        Edges { top, bottom: sums.len().checked_sub(edge + 1).map(|i| sums[i].0) }
    }

    /// Whether a line of this place may stand where `unit` stands.
    pub fn allow(&self, unit: u32, place: Where) -> bool {
        let (top, bottom) = (unit < self.top, self.bottom.is_none_or(|bottom| unit > bottom));
        match place {
            Where::Any => true,
            Where::Top => top,
            Where::Bottom => bottom,
            Where::Edges => top || bottom,
        }
    }
}

/// Where the prose of a page stands.
pub struct Prose {
    /// What is near an edge by count.
    pub near: Edges,
    /// What is near an edge by count and by share.
    pub at: Edges,
    /// From here on, more prose stands above than below.
    pub turn: u32,
    /// The units of prose, and the bytes of prose up to the end of each.
    sums: Vec<(u32, usize)>,
}

impl Prose {
    /// Finds the prose of `page` that no rule knows: a cookie notice, or a note on the author, is written in sentences and is no prose of
    /// the article.
    pub fn of(page: &Page) -> Self {
        let mut known = page.hits.iter().map(|(unit, _)| *unit).peekable();
        let (mut sums, mut total) = (Vec::new(), 0);
        for unit in page.units() {
            while known.next_if(|&k| k < unit).is_some() {}
            if shape::is_prose(page.text(unit)) && known.peek() != Some(&unit) {
                total += page.text(unit).len();
                sums.push((unit, total));
            }
        }
        Prose {
            near: Edges::new(&sums, EDGE),
            at: Edges::new(&sums, EDGE.min(sums.len() / 3)),
            turn: sums.iter().find(|(_, sum)| sum * 2 >= total).map_or(u32::MAX, |(unit, _)| *unit),
            sums,
        }
    }

    /// Returns the bytes of prose above a unit.
    pub fn above(&self, unit: u32) -> usize {
        let count = self.sums.partition_point(|(prose, _)| *prose < unit);
        count.checked_sub(1).map_or(0, |last| self.sums[last].1)
    }

    /// Returns the prose right above a unit that is no prose, and the prose right below it; `None` if it does not stand between prose.
    pub fn around(&self, unit: u32) -> Option<(u32, u32)> {
        let below = self.sums.partition_point(|(prose, _)| *prose < unit);
        Some((self.sums[below.checked_sub(1)?].0, self.sums.get(below)?.0))
    }

    /// Returns the first unit of prose.
    pub fn first(&self) -> Option<u32> {
        self.sums.first().map(|(unit, _)| *unit)
    }

    /// Returns the last unit of prose.
    pub fn last(&self) -> Option<u32> {
        self.sums.last().map(|(unit, _)| *unit)
    }

    /// Lists the units that stand alone between two units of prose.
    pub fn lone<'a>(&'a self, page: &'a Page) -> impl Iterator<Item = u32> + 'a {
        self.sums.windows(2).filter_map(|pair| {
            let mut between = page.units_after(pair[0].0).take_while(|&unit| unit < pair[1].0);
            between.next().filter(|_| between.next().is_none())
        })
    }
}
