//! Paragraphs that a document says twice.
//!
//! *Exact*: the same tokens again; the later one goes. *Contained*: others that stay say all of it, as the paragraphs from which a teaser
//! was stitched, or the paragraph that a pull quote quotes. *Near*: another that stays says the same, spelt otherwise.
//!
//! Containment runs both ways between a teaser and its paragraphs: each paragraph is contained in the teaser too. What goes is the copy
//! that draws on most others, so candidates are tried in that order, and each against what is left: once the teaser is gone nothing
//! covers the paragraphs any more.
//!
//! Only running text of `min_tokens` tokens or more can go: headings, items, dialogue and a chorus are short, and lists and tables that say
//! the same again (ingredients, scores) are mostly numbers or no sentences. One pass over a hash table of shingles tells of most documents
//! that there is nothing to look at; all else is linear in the document too, but for a logarithm.

use crate::page::document::{Page, RepeatSearch};
use crate::page::label::{Cause, Label};
use crate::repeats::shingle_table::ShingleTable;
use crate::repeats::units::{Matching, RepeatSettings, Repeats};
use crate::repeats::{loose, strict};
use crate::text::shape;
use crate::text::words::{Tokens, tokenize};

/// Shingles in a row that a copy shares with another unit at the least: five tokens.
const STRETCH: usize = 3;

/// Labels the repeats among the units of `page` that have no label yet; its title is never one of them.
pub fn label(page: &mut Page, settings: RepeatSettings) {
    let title = page.title;
    let nothing = RepeatSearch::FoundNone { title, units: page.units().count() - page.labels.len() };
    if page.repeat_search == nothing {
        return;
    }
    let mut found = headline_copies(page, title, settings);
    let skip = |unit: u32, found: &[Label]| Some(unit) == title || found.iter().any(|l| l.unit == unit);
    let mut repeats = Repeats { page, units: Vec::new(), hashes: Vec::new(), labels: Vec::new() };
    let mut labelled = page.labels.iter().map(|label| label.unit).peekable();
    let mut tokens = Tokens::default();
    for line in page.units() {
        while labelled.next_if(|&l| l < line).is_some() {}
        let text = page.text(line);
        if !shape::is_prose(text) || labelled.peek() == Some(&line) || skip(line, &found) {
            continue;
        }
        tokenize(text, &mut tokens);
        repeats.add(line, &tokens, settings.min_tokens);
    }
    let settled = find(&mut repeats, &found, settings);
    found.extend(repeats.labels);
    page.repeat_search = if found.is_empty() && settled { nothing } else { RepeatSearch::Due };
    if !found.is_empty() {
        page.labels.extend(found);
        page.labels.sort_by_key(|label| label.unit);
    }
}

/// So many lines below the title may be a copy of it, and so many copies a headline has at the most: in the path to the page, above the picture,
/// above the text.
const NEAR_TOP: usize = 512;
const COPIES: usize = 3;

/// Lines near the top that say the title again, alone or with the site's name behind it.
fn headline_copies(page: &Page, title: Option<u32>, settings: RepeatSettings) -> Vec<Label> {
    let Some(title) = title else { return Vec::new() };
    let headline = page.text(title);
    let label = |unit, kind, kept: u32| Label { unit, kind, cause: Cause::Headline, score: 1.0, witness: vec![page.span(kept)] };
    let (mut copies, mut beside, mut article) = (Vec::new(), true, false);
    // What has a label is not counted: it is gone when the result is read again, and the search must come as far then.
    let open = page.units_after(title).filter(|unit| page.labels.binary_search_by_key(unit, |l| l.unit).is_err());
    for unit in open.take(NEAR_TOP) {
        let text = page.text(unit);
        if same_words(text, headline) {
            copies.push((unit, beside));
        } else if with_site_name(headline, text) {
            return vec![label(title, settings.contained, unit)];
        } else if shape::is_prose(text) {
            article = true;
            break;
        } else {
            beside = false;
        }
    }
    // A line that comes again and again is an entry of a list, and no headline.
    if copies.len() > COPIES {
        return Vec::new();
    }
    // Where no prose follows, this may be a song whose refrain is its title: only the line right below is a copy then.
    let copies = copies.into_iter().filter(|(_, beside)| article || *beside);
    copies.map(|(unit, _)| label(unit, settings.exact, title)).collect()
}

fn same_words(a: &str, b: &str) -> bool {
    a.len().abs_diff(b.len()) <= a.len() / 2 && shape::letters(a).eq(shape::letters(b))
}

/// Whether `long` is `short`, a separator and a name.
fn with_site_name(long: &str, short: &str) -> bool {
    let Some(rest) = long.strip_prefix(short).filter(|_| short.split(' ').nth(2).is_some()) else { return false };
    let rest = rest.trim_start();
    rest.starts_with(['|', '-', '–', '—', '·', '•', '»', '«', ':', '/']) && shape::width(rest) <= 50
}

/// Finds the repeats. True if there are none, and would be none if any of the units were not there.
fn find(repeats: &mut Repeats, headlines: &[Label], settings: RepeatSettings) -> bool {
    if repeats.units.len() < 2 {
        return true;
    }
    let mut table = ShingleTable::with_capacity(repeats.hashes.len());
    let (mut run, mut longest) = (0, 0);
    for (number, unit) in repeats.units.iter().enumerate() {
        for &hash in &repeats.hashes[unit.from..unit.to] {
            run = if table.add(hash, number as u32) { run + 1 } else { 0 };
            longest = longest.max(run);
        }
    }
    // A copy, whole or in parts, says some stretch again. Stock phrases here and there are no copy.
    if longest < STRETCH {
        return true;
    }
    let suspects = suspects(repeats, &table);
    if suspects.is_empty() {
        return true;
    }
    match settings.matching {
        Matching::Strict => strict::find(repeats, &suspects, &mut table, headlines, settings),
        Matching::Loose => {
            loose::find(repeats, &suspects, &mut table, settings);
            true
        }
    }
}

/// Lists the units of which at least half the shingles stand in other units.
fn suspects(repeats: &Repeats, table: &ShingleTable) -> Vec<usize> {
    let half = |&number: &usize| {
        let shingles = repeats.shingles(number);
        shingles.iter().filter(|&&h| table.units_with(h) > 1).count() * 2 >= shingles.len()
    };
    (0..repeats.units.len()).filter(half).collect()
}
