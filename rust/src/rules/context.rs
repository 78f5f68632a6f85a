//! From rules that matched to labels: position, context and what a heading takes with it.
//!
//! A rule that matches a line says what the line would be *there*; this module says whether it is there. It sees the units that are
//! left, so it gives the same labels for a page after a cut as for the text that the cut leaves.

use std::collections::BTreeMap;

use foldhash::HashSet;

use crate::page::document::Page;
use crate::page::label::{Cause, KindSet, Label};
use crate::rules::fold;
use crate::rules::groups::doubts;
use crate::rules::prose::Prose;
use crate::rules::traits::{RuleKinds, Takes, Trait, Where};
use crate::text::shape;

type Labels = BTreeMap<u32, Label>;

/// Labels the units of `page` from the rules that matched them: what they would take from an article. What they would take besides, if the
/// text were that of a whole page, is left as doubtful.
pub fn label(page: &mut Page, rules: &[Trait], kinds: RuleKinds) {
    page.doubtful.clear();
    if page.hits.is_empty() {
        return;
    }
    let prose = Prose::of(page);
    let doubts = doubts(page, rules, kinds, &prose);
    let labels = found(page, rules, kinds, &prose, Some(&doubts));
    let whole = if doubts.is_empty() { Labels::new() } else { found(page, rules, kinds, &prose, None) };
    page.doubtful = whole.into_values().filter(|label| !labels.contains_key(&label.unit)).collect();
    page.labels = labels.into_values().collect();
}

/// Returns the labels that rules give, without the hits in doubt and what would follow from them.
fn found(page: &Page, rules: &[Trait], kinds: RuleKinds, prose: &Prose, doubts: Option<&HashSet<(u32, u16)>>) -> Labels {
    let mut labels = Labels::new();
    let mut takers = Vec::new();
    for &(unit, rule) in &page.hits {
        let found = rules[rule as usize];
        if labels.contains_key(&unit) || !prose.near.allow(unit, found.place) || doubts.is_some_and(|doubts| doubts.contains(&(unit, rule)))
        {
            continue;
        }
        labels.insert(unit, Label::certain(unit, found.kind, Cause::Rule(rule)));
        if found.takes != Takes::Line {
            takers.push((unit, found));
        }
    }
    take(page, prose, &takers, &mut labels);
    between(page, kinds.furniture, doubts.is_some(), &mut labels);
    labels
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
        let inside = !prose.near.allow(head, Where::Edges);
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
        let menu = closed && head < prose.near.top && head < prose.turn;
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

/// A short line between two pieces of furniture is furniture; so is a lone ornament beside one. But in an article what stands between two
/// copies of one line is an entry of a list with a button to each entry.
fn between(page: &Page, furniture: KindSet, article: bool, labels: &mut Labels) {
    // What a heading took is furniture, whatever its kind.
    let furniture = |label: &Label| !matches!(label.cause, Cause::Rule(_)) || furniture.contains(label.kind);
    let mut found = Vec::new();
    for (&unit, label) in labels.iter().filter(|(_, label)| furniture(label)) {
        if let Some(after) = page.units_after(unit).next().filter(|after| !labels.contains_key(after)) {
            let text = page.text(after);
            let next = page.units_after(after).next().and_then(|next| labels.get(&next));
            let closed = next.is_some_and(|next| furniture(next) && !(article && page.text(next.unit) == page.text(unit)));
            if (closed && shape::is_short(text)) || fold::strip(text).is_empty() {
                found.push((after, label.kind));
            }
        }
    }
    for (unit, kind) in found {
        labels.insert(unit, Label::certain(unit, kind, Cause::Between));
    }
}
