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

/// What was cut, in the order of the source. Lines on both sides of what was cut may have been put together and cut as well, where no blank line
/// was left between them: that is one stretch, and counts as what was cut last.
fn cuts(page: &Page) -> Vec<&Cut> {
    let mut cuts: Vec<&Cut> = page.cuts.iter().collect();
    cuts.sort_by_key(|cut| (cut.span.start, std::cmp::Reverse(cut.span.len)));
    let mut end = 0;
    cuts.retain(|cut| {
        let outside = cut.span.range().start >= end;
        end = end.max(cut.span.range().end);
        outside
    });
    cuts
}

/// What was recognised and left. What was cut in a later round, alone or as part of a unit that lines were joined to, was not left.
fn noted(page: &Page) -> Vec<(usize, usize, u8)> {
    let cuts: Vec<Range<usize>> = cuts(page).into_iter().map(|cut| cut.span.range()).collect();
    let is_left = |(span, _): &&(Span, Label)| {
        let next = cuts.partition_point(|cut| cut.end <= span.range().start);
        cuts.get(next).is_none_or(|cut| span.range().end <= cut.start)
    };
    let left: Vec<&(Span, Label)> = page.noted.values().filter(is_left).collect();
    let at = code_points(page.source(), left.iter().flat_map(|(span, _)| ends(*span)).collect());
    left.into_iter().map(|(span, label)| (at[&span.range().start], at[&span.range().end], label.kind.number())).collect()
}

fn removals(page: &Page) -> Vec<Row> {
    let cuts = cuts(page);
    let stays: Vec<Span> = page.units().map(|unit| page.span(unit)).collect();
    let traced: Vec<(&Cut, Vec<Span>)> = cuts.iter().map(|cut| trace(cut, &cuts, &stays, page.source())).collect();
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
/// for what it is hands on that: what repeats a piece of furniture is furniture. Since lines are put together anew after each cut, only a part of
/// a witness may have been cut: then the rest is one still, if a line of what stays is in it. `cuts` and `stays` are in the order of the source.
fn trace<'a>(cut: &'a Cut, cuts: &[&'a Cut], stays: &[Span], source: &str) -> (&'a Cut, Vec<Span>) {
    let (mut kept, mut seen, mut why) = (Vec::<Span>::new(), HashSet::new(), None);
    let mut open: Vec<Span> = cut.label.witness.clone();
    while let Some(span) = open.pop() {
        if !seen.insert((span.start, span.len)) {
            continue;
        }
        let (left, gone) = apart(span, cuts, source);
        kept.extend(left.into_iter().filter(|span| has_line(*span, stays)));
        for cut in gone {
            open.extend(&cut.label.witness);
            why = why.or(Some(cut).filter(|cut| cut.label.witness.is_empty()));
        }
    }
    kept.sort_by_key(|span| (span.start, span.len));
    kept.dedup();
    (why.filter(|_| kept.is_empty()).unwrap_or(cut), kept)
}

/// Whether one of the lines that stay, which are in order, is in a stretch, if only in part. Tags alone are no line.
fn has_line(stretch: Span, stays: &[Span]) -> bool {
    let Range { start, end } = stretch.range();
    let next = stays.partition_point(|line| line.range().end <= start);
    stays.get(next).is_some_and(|line| line.range().start < end)
}

/// What the cuts, which are in order and apart, leave of a stretch, and those that take something of it.
fn apart<'a>(span: Span, cuts: &[&'a Cut], source: &str) -> (Vec<Span>, Vec<&'a Cut>) {
    let Range { start: mut at, end } = span.range();
    let first = cuts.partition_point(|cut| cut.span.range().end <= at);
    let gone: Vec<&Cut> = cuts[first..].iter().take_while(|cut| cut.span.range().start < end).copied().collect();
    if gone.is_empty() {
        return (vec![span], gone);
    }
    let mut left = Vec::new();
    for cut in &gone {
        left.extend(trimmed(source, at..cut.span.range().start));
        at = cut.span.range().end;
    }
    left.extend(trimmed(source, at..end));
    (left, gone)
}

/// The lines in a stretch of the source, without the white space around them; `None` if there are none.
fn trimmed(source: &str, stretch: Range<usize>) -> Option<Span> {
    let text = source.get(stretch.clone()).filter(|text| !text.is_empty())?;
    let blank = [' ', '\t', '\n', '\r', '\u{b}', '\u{c}', '\u{2028}', '\u{2029}'];
    let start = stretch.start + text.len() - text.trim_start_matches(blank).len();
    let end = start + text.trim_matches(blank).len();
    (start < end).then(|| Span::new(start, end))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::label::Kind;
    use crate::repair::scan::{Asked, Scanner};

    /// What was noted in one round and cut in a later one is among the removals alone.
    #[test]
    fn what_was_cut_was_not_left() {
        let scanner = Scanner::new("\u{c3}").unwrap();
        let mut page = Page::new("é one\ntwo\nthree".to_owned(), &scanner, Asked::default(), true, false);
        let label = |unit, kind| Label::certain(unit, Kind::new(kind).unwrap(), Cause::Between);
        page.labels = vec![label(0, 1), label(1, 1)];
        page.cut(|_| false);
        page.labels = vec![label(0, 2)];
        page.cut(|_| true);
        let (removals, noted, _) = account(&page);
        assert_eq!((removals[0].0, removals[0].1, removals.len()), (0, 5, 1));
        assert_eq!(noted, [(6, 9, 1)]);
    }

    /// What was cut around another cut is one removal with it.
    #[test]
    fn removals_are_disjoint() {
        let scanner = Scanner::new("\u{c3}").unwrap();
        let mut page = Page::new("one\ntwo\nthree\nfour".to_owned(), &scanner, Asked::default(), true, false);
        let cut =
            |start, end, kind| Cut { span: Span::new(start, end), label: Label::certain(0, Kind::new(kind).unwrap(), Cause::Between) };
        page.cuts = vec![cut(4, 7, 1), cut(0, 13, 2), cut(14, 18, 3)];
        let rows: Vec<_> = account(&page).0.into_iter().map(|row| (row.0, row.1, row.2)).collect();
        assert_eq!(rows, [(0, 13, 2), (14, 18, 3)]);
    }

    /// A witness of which a part was cut is what is left of it; one that is part of what was cut hands on its reason.
    #[test]
    fn witnesses_are_what_stays_of_them() {
        let scanner = Scanner::new("\u{c3}").unwrap();
        let mut page = Page::new("one\ntwo \r\n\r\nthree\nfour\nfive".to_owned(), &scanner, Asked::default(), true, false);
        let label = |kind, witness| Label { witness, ..Label::certain(0, Kind::new(kind).unwrap(), Cause::Exact) };
        let cut = |start, end, label| Cut { span: Span::new(start, end), label };
        // "five" repeats the first three lines, of which the first went by itself; "four" repeats "three".
        page.cuts = vec![cut(22, 26, label(1, vec![Span::new(0, 17)])), cut(0, 3, label(2, vec![]))];
        assert_eq!(account(&page).0[1].5, [(4, 17)]);
        page.cuts = vec![cut(22, 26, label(1, vec![Span::new(4, 7)])), cut(0, 17, label(2, vec![]))];
        let removals = account(&page).0;
        assert_eq!((removals[1].2, removals[1].5.len()), (2, 0));
        page.cuts = vec![cut(22, 26, label(1, vec![Span::new(4, 7)])), cut(0, 7, label(2, vec![Span::new(12, 17)]))];
        assert_eq!(account(&page).0[1].5, [(12, 17)]);
    }

    /// Of a witness that went in parts, a repeat among them, the witnesses of the repeat stay; what stands between the parts and is no line is none.
    #[test]
    fn witnesses_that_went_in_parts_hand_on_theirs() {
        let scanner = Scanner::new("\u{c3}").unwrap();
        let mut page = Page::new("one\n\u{200b}\ntwo\nthree\nfour".to_owned(), &scanner, Asked::default(), true, false);
        let label = |unit, witness| Label { witness, ..Label::certain(unit, Kind::new(1).unwrap(), Cause::Exact) };
        let units: Vec<u32> = page.units().collect();
        page.labels = vec![label(units[3], vec![Span::new(0, 11)])];
        page.cut(|_| true);
        page.labels = vec![label(units[0], vec![]), label(units[1], vec![Span::new(12, 17)])];
        page.cut(|_| true);
        assert_eq!(page.render(), "three");
        let witnesses: Vec<_> = account(&page).0.into_iter().map(|row| (row.0, row.5)).collect();
        assert_eq!(witnesses, [(0, vec![]), (6, vec![(10, 15)]), (16, vec![(10, 15)])]);
    }
}
