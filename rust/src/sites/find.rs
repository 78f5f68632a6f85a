//! The templates of one source, ready to be found on its pages.

use std::collections::{HashMap, HashSet};

use crate::page::document::Page;
use crate::page::label::{Cause, Kind, Label};
use crate::page::title::title;
use crate::sites::key::{self, Mask, has_slot_in_head, head_of_line, head_of_masked, may_have_slot};
use crate::text::shape;

/// In which zones of a page a template may stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AllowedZones {
    /// With at most [`EDGE`] units of prose above it.
    pub top: bool,
    /// With at most [`EDGE`] units of prose below it.
    pub bottom: bool,
    /// Elsewhere.
    pub inside: bool,
}

/// So many units of prose may stand between a template learned at an edge and that edge: pages change.
const EDGE: usize = 2;

struct Template {
    number: u16,
    zones: AllowedZones,
    score: f32,
}

/// See the module's head. Lines are looked up by key, but first by their heads, for which nothing has to be tokenized.
#[derive(Default)]
pub struct SiteMatcher {
    templates: HashMap<u64, Template>,
    heads: HashSet<u64>,
    /// Some template begins with a slot, so that a head says little where a line may have one.
    slots: bool,
}

/// Templates of a source that a label can name.
pub const MOST: usize = 1 << 14;

impl SiteMatcher {
    /// Adds the line of a template, given one that has its key; `number` below [`MOST`] names it.
    pub fn add(&mut self, line: &str, number: u16, zones: AllowedZones, score: f32, mask: &mut Mask) {
        let Some(masked) = mask.line(line) else { return };
        match head_of_masked(masked) {
            Some(head) => drop(self.heads.insert(head)),
            None => self.slots |= has_slot_in_head(masked),
        }
        let key = key::key(masked);
        self.templates.insert(key, Template { number, zones, score });
    }

    fn find(&self, line: &str, mask: &mut Mask) -> Option<u64> {
        let unknown = |head| !(self.heads.contains(&head) || (self.slots && may_have_slot(line)));
        if head_of_line(line).is_some_and(unknown) {
            return None;
        }
        mask.key(line).filter(|key| self.templates.contains_key(key))
    }
}

/// Labels the units of `page` that are templates where they stand, and have no label yet.
pub fn label(page: &mut Page, matcher: &SiteMatcher, kind: Kind, mask: &mut Mask) {
    if page.templates.is_none() {
        let find = |unit| matcher.find(page.text(unit), mask).map(|key| (unit, key));
        page.templates = Some(page.units().filter_map(find).collect());
    }
    let found = page.templates.as_deref().unwrap_or_default();
    let is_free = |(unit, _): &&(u32, u64)| page.labels.binary_search_by_key(unit, |label| label.unit).is_err();
    if !found.iter().any(|line| is_free(&line)) {
        return;
    }
    let (top, bottom) = edges(page, found);
    let mut labels = Vec::new();
    for (unit, key) in found.iter().filter(is_free) {
        let Template { number, zones, score } = &matcher.templates[key];
        if zones.inside || (zones.top && *unit < top) || (zones.bottom && *unit > bottom) {
            let cause = Cause::Template(*number);
            labels.push(Label { unit: *unit, kind, cause, score: *score, witness: Vec::new() });
        }
    }
    if !labels.is_empty() {
        // A line that is known is no longer in doubt: else it could be labelled twice.
        page.doubtful.retain(|doubt| labels.binary_search_by_key(&doubt.unit, |label| label.unit).is_err());
        page.labels.append(&mut labels);
        page.labels.sort_by_key(|label| label.unit);
        page.title = title(page);
    }
}

/// Units before the first are near the top, those after the second near the bottom.
fn edges(page: &Page, found: &[(u32, u64)]) -> (u32, u32) {
    let is_known = |unit: &u32| {
        found.binary_search_by_key(unit, |(unit, _)| *unit).is_ok() || page.labels.binary_search_by_key(unit, |label| label.unit).is_ok()
    };
    let prose: Vec<u32> = page.units().filter(|unit| shape::is_prose(page.text(*unit)) && !is_known(unit)).collect();
    let top = prose.get(EDGE).copied().unwrap_or(u32::MAX);
    (top, prose.len().checked_sub(EDGE + 1).map_or(0, |i| prose[i]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A template is found on lines that have its key, wherever its first slot stands and however the line fills it.
    #[test]
    fn templates_with_slots_are_found() {
        let zones = AllowedZones { top: true, inside: true, bottom: true };
        for (template, line) in [
            ("Updated March 5, 2019", "UPDATED: June 12, 2020"),
            ("Updated 5.3.2019 at noon", "Updated March 5 at noon"),
            ("A b c d March 5 and so on", "a b c d May 6 and so on"),
            ("Hamburg, March 5 (Reuters)", "HAMBURG, April 6 (Reuters)"),
            ("March 5 in the harbour", "April 6 in the harbour"),
            ("See www.example.org now", "See @somebody now"),
        ] {
            let (mut matcher, mut mask) = (SiteMatcher::default(), Mask::default());
            matcher.add(template, 0, zones, 1.0, &mut mask);
            assert_eq!(mask.key(template), mask.key(line), "{line:?} has the key of {template:?}");
            assert!(matcher.find(template, &mut mask).is_some(), "{template:?} is not found");
            assert!(matcher.find(line, &mut mask).is_some(), "{line:?} is not found");
        }
    }
}
