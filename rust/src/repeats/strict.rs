//! Strict matching: a unit goes if everything that it says stands, in that order, in what stays.

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use std::cell::LazyCell;
use std::cmp::Reverse;
use std::ops::Deref;

use crate::page::label::{Cause, Label};
use crate::repeats::cover::{Cover, Sources};
use crate::repeats::owners::Owners;
use crate::repeats::said::Said;
use crate::repeats::shingle_table::ShingleTable;
use crate::repeats::structure::{Order, announces};
use crate::repeats::units::{RepeatSettings, Repeats, jaccard};

/// Labels what repeats among the suspects. True if none does, and none would if any of the units were not there.
pub fn find(repeats: &mut Repeats, suspects: &[usize], table: &mut ShingleTable, headlines: &[Label], settings: RepeatSettings) -> bool {
    let page = repeats.page;
    // Most suspects turn out to be none: then nobody asks for the order, which takes the words of the whole page.
    let order = LazyCell::new(|| Order::new(page, headlines));
    let structure = exact(repeats, suspects, table, &order, settings);
    let shares = |n: usize| repeats.shingles(n).iter().any(|&hash| table.units_with(hash) > 1);
    let may_go = |n: usize| repeats.units[n].kept && !structure.contains(&n) && !announces(repeats.text(n));
    let candidates: Vec<usize> = suspects.iter().copied().filter(|&n| may_go(n) && shares(n)).collect();
    if candidates.is_empty() {
        return structure.is_empty();
    }
    covered(repeats, candidates, table, &order, settings);
    false
}

/// Labels verbatim repeats; returns the units that are copies and stay, as structure.
fn exact<'a>(
    repeats: &mut Repeats,
    suspects: &[usize],
    table: &mut ShingleTable,
    order: &impl Deref<Target = Order<'a>>,
    settings: RepeatSettings,
) -> HashSet<usize> {
    let mut structure = HashSet::new();
    let mut copies = Vec::new();
    for group in copies_of_one(repeats, suspects) {
        let lines: Vec<u32> = group.iter().map(|&n| repeats.units[n].line).collect();
        let stays = order.kept(&lines);
        let mut kept = group[0];
        for (&number, stays) in group.iter().zip(&stays) {
            if *stays {
                kept = number;
            } else {
                copies.push((number, kept));
            }
        }
        if stays.iter().filter(|stays| **stays).count() > 1 {
            structure.extend(group.iter().zip(&stays).filter(|(_, stays)| **stays).map(|(&n, _)| n));
        }
    }
    copies.sort_unstable();
    let line = |number: usize| repeats.units[number].line;
    let runs: Vec<&[(usize, usize)]> = copies.chunk_by(|a, b| order.follows(line(a.0), line(b.0))).collect();
    let mut going = Vec::new();
    for run in runs {
        let (first, last) = (run[0], run[run.len() - 1]);
        if order.is_introduced(line(first.0), line(last.0), line(first.1)) {
            structure.extend(run.iter().flat_map(|&(copy, original)| [copy, original]));
            continue;
        }
        for &(copy, original) in run {
            if order.is_asked_again(line(copy), line(original)) {
                structure.extend([copy, original]);
            } else {
                going.push((copy, original));
            }
        }
    }
    for (copy, original) in going {
        let witness = vec![repeats.span(original)];
        repeats.drop(copy, settings.exact, Cause::Exact, 1.0, witness, table);
    }
    structure
}

/// Groups the suspects that say the same, word for word.
fn copies_of_one(repeats: &Repeats, suspects: &[usize]) -> Vec<Vec<usize>> {
    let mut copies: HashMap<&[u64], Vec<usize>> = HashMap::new();
    for &number in suspects {
        copies.entry(repeats.shingles(number)).or_default().push(number);
    }
    let alike = copies.into_values().filter(|group| group.len() > 1);
    let mut groups: Vec<Vec<usize>> = alike.flat_map(|group| by_words(repeats, group)).collect();
    groups.sort_unstable();
    groups
}

/// Parts units with the same tokens by the signs that are no tokens: of currencies, per cent, a minus.
fn by_words(repeats: &Repeats, group: Vec<usize>) -> Vec<Vec<usize>> {
    let mut parts: HashMap<Vec<u64>, Vec<usize>> = HashMap::new();
    for number in group {
        parts.entry(Said::new(repeats.text(number)).words).or_default().push(number);
    }
    parts.into_values().filter(|part| part.len() > 1).collect()
}

/// Labels the candidates that others cover.
fn covered<'a>(
    repeats: &mut Repeats,
    mut candidates: Vec<usize>,
    table: &mut ShingleTable,
    order: &impl Deref<Target = Order<'a>>,
    settings: RepeatSettings,
) {
    let asked: HashSet<u64> = candidates.iter().flat_map(|&n| repeats.shingles(n).iter().copied()).collect();
    let shares = |n: usize| repeats.shingles(n).iter().any(|hash| asked.contains(hash));
    let read = |n: usize| (repeats.units[n].kept && shares(n)).then(|| Said::new(repeats.text(n)));
    let said: Vec<Option<Said>> = (0..repeats.units.len()).map(read).collect();
    let page = repeats.page;
    let texts: Vec<&str> = repeats.units.iter().map(|unit| page.text(unit.line)).collect();
    let sources = Sources::new(&said, &texts, &candidates);
    let owners = Owners::of(repeats, &candidates);
    // What draws on most others first; then the shorter; then the later.
    candidates.sort_by_cached_key(|&n| {
        let count = owners.sources(repeats, n).len();
        (Reverse(if count > 1 { count } else { 1 }), repeats.shingles(n).len(), Reverse(n))
    });
    let mut dropped = Vec::new();
    for number in candidates {
        if sources.cover(number, &|n| repeats.units[n].kept).is_some() {
            repeats.units[number].kept = false;
            dropped.push(number);
        }
    }
    // What covered a unit may have gone after it: a unit that those that stay do not cover comes back.
    let mut covers: Vec<(usize, Option<Cover>)> = Vec::new();
    for number in dropped {
        let cover = sources.cover(number, &|n| repeats.units[n].kept);
        repeats.units[number].kept = cover.is_none();
        covers.push((number, cover));
    }
    for (number, cover) in covers {
        if let Some(cover) = cover {
            // What a page says again below, it introduces there; a teaser stands above what it is taken from.
            let line = repeats.units[number].line;
            let original = repeats.units[cover.sources[0]].line;
            if cover.sources.iter().all(|&n| n < number) && order.is_introduced(line, line, original) {
                repeats.units[number].kept = true;
                continue;
            }
            label(repeats, number, &cover, table, settings);
        }
    }
}

fn label(repeats: &mut Repeats, number: usize, cover: &Cover, table: &mut ShingleTable, settings: RepeatSettings) {
    let witness = cover.sources.iter().map(|&n| repeats.span(n)).collect();
    if cover.is_same {
        let similarity = jaccard(&repeats.set(number), &repeats.set(cover.sources[0]), 0.0);
        repeats.drop(number, settings.near, Cause::Near, similarity, witness, table);
    } else {
        repeats.drop(number, settings.contained, Cause::Contained, cover.share, witness, table);
    }
}
