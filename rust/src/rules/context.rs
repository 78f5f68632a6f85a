//! From rules that matched to labels: position, context and what a heading takes with it.
//!
//! A rule that matches a line says what the line would be *there*; this module says whether it is there. It sees the units that are
//! left, so it gives the same labels for a page after a cut as for the text that the cut leaves.

use std::collections::BTreeMap;

use crate::page::document::Page;
use crate::page::label::{Cause, Kind, KindSet, Label};
use crate::rules::fold;
use crate::text::shape;

/// Where a rule's line may stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Where {
    /// Anywhere: the line gives itself away.
    Any,
    /// With at most [`EDGE`] units of prose above it.
    Top,
    /// With at most [`EDGE`] units of prose below it.
    Bottom,
    /// Either.
    Edges,
}

/// What goes with a rule's line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Takes {
    /// Nothing.
    Line,
    /// The lines below it that are not prose.
    List,
    /// All that is below it, if more of the prose stands above; else as `List`.
    Rest,
}

/// What labelling needs to know of a rule.
#[derive(Clone, Copy, Debug)]
pub struct Trait {
    /// Its kind.
    pub kind: Kind,
    /// Where its line may stand.
    pub place: Where,
    /// What its line takes along.
    pub takes: Takes,
}

/// So many units of prose may stand between a line and the edge of the page that it is "near" to.
const EDGE: usize = 2;

type Labels = BTreeMap<u32, Label>;

/// Labels the units of `page` from the rules that matched them. `furniture` are the kinds of page furniture: a short line between two such
/// lines is furniture too. (A headline stands between a section label and a byline, which are none.)
pub fn label(page: &mut Page, rules: &[Trait], furniture: KindSet) {
    if page.hits.is_empty() {
        return;
    }
    let prose = Prose::of(page);
    let mut labels = Labels::new();
    let mut takers = Vec::new();
    for &(unit, rule) in &page.hits {
        let found = rules[rule as usize];
        if !prose.allows(unit, found.place) || labels.contains_key(&unit) {
            continue;
        }
        labels.insert(unit, Label::certain(unit, found.kind, Cause::Rule(rule)));
        if found.takes != Takes::Line {
            takers.push((unit, found));
        }
    }
    take(page, &prose, &takers, &mut labels);
    between(page, furniture, &mut labels);
    page.labels = labels.into_values().collect();
}

/// Where the prose of a page stands.
struct Prose {
    /// Units before this one are near the top.
    top: u32,
    /// Units after this one are near the bottom.
    bottom: u32,
    /// From here on, more prose stands above than below.
    turn: u32,
    /// The units of prose, and the bytes of prose up to the end of each.
    sums: Vec<(u32, usize)>,
}

impl Prose {
    fn of(page: &Page) -> Self {
        // A cookie notice, or a note on the author, is written in sentences and is no prose of the article.
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
            top: sums.get(EDGE).map_or(u32::MAX, |(unit, _)| *unit),
            bottom: sums.len().checked_sub(EDGE + 1).map_or(0, |i| sums[i].0),
            turn: sums.iter().find(|(_, sum)| sum * 2 >= total).map_or(u32::MAX, |(unit, _)| *unit),
            sums,
        }
    }

    /// Bytes of prose above a unit.
    fn above(&self, unit: u32) -> usize {
        let count = self.sums.partition_point(|(prose, _)| *prose < unit);
        count.checked_sub(1).map_or(0, |last| self.sums[last].1)
    }

    fn allows(&self, unit: u32, place: Where) -> bool {
        let (top, bottom) = (unit < self.top, unit > self.bottom);
        match place {
            Where::Any => true,
            Where::Top => top,
            Where::Bottom => bottom,
            Where::Edges => top || bottom,
        }
    }
}

/// A heading inside the article takes no more lines than this, and one below it no more text than the article has so far: a longer
/// list is what the article is about. Above the article there may be any number.
const LIST: usize = 10;

/// Gives to each heading what stands below it.
fn take(page: &Page, prose: &Prose, takers: &[(u32, Trait)], labels: &mut Labels) {
    // Headings come in order: what one has taken, the next need not walk again.
    let mut done = 0;
    for &(head, found) in takers {
        let rest = found.takes == Takes::Rest && head > prose.turn;
        if head < done && !rest {
            continue;
        }
        let inside = prose.top <= head && head <= prose.bottom;
        let (mut taken, mut bytes, mut closed) = (Vec::new(), 0, false);
        for unit in page.units_after(head) {
            if !rest && shape::is_prose(page.text(unit)) {
                closed = true;
                break;
            }
            done = unit;
            bytes += page.text(unit).len();
            taken.push(unit);
        }
        let menu = closed && head < prose.top && head < prose.turn;
        let fits = if inside { taken.len() <= LIST } else { menu || bytes <= prose.above(head) };
        if rest || fits {
            for unit in taken {
                let cause = if rest { Cause::Rest } else { Cause::Under };
                labels.entry(unit).or_insert(Label::certain(unit, found.kind, cause));
            }
        }
        if rest {
            return;
        }
    }
}

/// A short line between two pieces of furniture is furniture; so is a lone ornament beside one.
fn between(page: &Page, furniture: KindSet, labels: &mut Labels) {
    // What a heading took is furniture, whatever its kind.
    let furniture = |label: &Label| !matches!(label.cause, Cause::Rule(_)) || furniture.contains(label.kind);
    let mut found = Vec::new();
    for (&unit, label) in labels.iter().filter(|(_, label)| furniture(label)) {
        if let Some(after) = page.units_after(unit).next().filter(|after| !labels.contains_key(after)) {
            let text = page.text(after);
            let next = page.units_after(after).next().and_then(|next| labels.get(&next));
            let closed = next.is_some_and(furniture);
            if (closed && shape::is_short(text)) || fold::strip(text).is_empty() {
                found.push((after, label.kind));
            }
        }
    }
    for (unit, kind) in found {
        labels.insert(unit, Label::certain(unit, kind, Cause::Between));
    }
}
