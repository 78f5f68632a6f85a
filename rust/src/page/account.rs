//! The account of a page: what was cut from it and why, in code points of the source.

use std::ops::Range;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use crate::page::document::{Cut, Page};
use crate::page::label::{Cause, Label};
use crate::text::lines::Span;

/// A removal: start, end (code points), kind, cause, score, spans of the witnesses, reasons (feature and value).
pub type Row = (usize, usize, u8, u32, f32, Vec<(usize, usize)>, Vec<(u16, f32)>);
/// What was cut, in the order of the source; what was recognised and left (start, end, kind); the title, if one was recognised.
pub type Account = (Vec<Row>, Vec<(usize, usize, u8)>, Option<String>);

/// Returns the account of a page that is at rest.
pub fn account(page: &Page) -> Account {
    (removals(page), noted(page), page.title.map(|unit| page.text(unit).to_owned()))
}

fn noted(page: &Page) -> Vec<(usize, usize, u8)> {
    let ends = page.noted.values().flat_map(|(span, _)| ends(*span)).collect();
    let at = code_points(page.source(), ends);
    let row = |(span, label): &(Span, Label)| (at[&span.range().start], at[&span.range().end], label.kind.number());
    page.noted.values().map(row).collect()
}

fn removals(page: &Page) -> Vec<Row> {
    let mut cuts: Vec<_> = page.cuts.iter().collect();
    cuts.sort_by_key(|cut| cut.span.start);
    let traced: Vec<(&Cut, Vec<Span>)> = cuts.iter().map(|cut| trace(cut, &cuts)).collect();
    let all = cuts.iter().zip(&traced).flat_map(|(cut, (_, kept))| kept.iter().copied().chain([cut.span])).flat_map(ends).collect();
    let at = code_points(page.source(), all);
    let points = |span: Span| (at[&span.range().start], at[&span.range().end]);
    let row = |(cut, (why, kept)): (&&Cut, &(&Cut, Vec<Span>))| {
        let (start, end) = points(cut.span);
        let witness = kept.iter().map(|span| points(*span)).collect();
        let reasons = page.reasons.get(&why.label.unit).filter(|_| why.label.cause == Cause::Model);
        (
            start,
            end,
            why.label.kind.number(),
            why.label.cause.number(),
            why.label.score,
            witness,
            reasons.map_or(Vec::new(), |some| some.to_vec()),
        )
    };
    cuts.iter().zip(&traced).map(row).collect()
}

/// Why a line was cut, and the witnesses that are kept. A witness that was cut later, as a repeat itself, hands on its own. One that was cut
/// for what it is hands on that: what repeats a piece of furniture is furniture. Of a line that lost a piece the rest is kept.
fn trace<'a>(cut: &'a Cut, cuts: &[&'a Cut]) -> (&'a Cut, Vec<Span>) {
    let (mut kept, mut seen, mut why) = (Vec::<Span>::new(), HashSet::new(), None);
    let mut open: Vec<Span> = cut.label.witness.clone();
    while let Some(span) = open.pop() {
        if !seen.insert((span.start, span.len)) {
            continue;
        }
        let (left, gone) = apart(span, cuts);
        kept.extend(&left);
        for cut in gone.into_iter().filter(|_| left.is_empty()) {
            match cut.label.witness.is_empty() {
                true => why = why.or(Some(cut)),
                false => open.extend(&cut.label.witness),
            }
        }
    }
    kept.sort_by_key(|span| span.start);
    (why.filter(|_| kept.is_empty()).unwrap_or(cut), kept)
}

/// What the cuts, which are in order and apart, leave of a stretch, and those that take something of it.
fn apart<'a>(span: Span, cuts: &[&'a Cut]) -> (Vec<Span>, Vec<&'a Cut>) {
    let Range { start: mut at, end } = span.range();
    let first = cuts.partition_point(|cut| cut.span.range().end <= at);
    let gone: Vec<&Cut> = cuts[first..].iter().take_while(|cut| cut.span.range().start < end).copied().collect();
    let mut left = Vec::new();
    for cut in &gone {
        if at < cut.span.range().start {
            left.push(Span::new(at, cut.span.range().start));
        }
        at = cut.span.range().end;
    }
    if at < end {
        left.push(Span::new(at, end));
    }
    (left, gone)
}

fn ends(span: Span) -> [usize; 2] {
    [span.range().start, span.range().end]
}

/// Byte offsets to code points, in one pass.
fn code_points(source: &str, mut offsets: Vec<usize>) -> HashMap<usize, usize> {
    offsets.sort_unstable();
    offsets.dedup();
    let (mut byte, mut point) = (0, 0);
    let mut out = HashMap::with_capacity(offsets.len());
    for offset in offsets {
        point += source[byte..offset].chars().count();
        byte = offset;
        out.insert(offset, point);
    }
    out
}
