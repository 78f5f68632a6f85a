//! What a model is taught from: the units of a page, and their features.

use foldhash::HashMap;

use crate::model::bar::CERTAIN;
use crate::model::features::{LineFacts, certain, describe, names, page as of_page, second};
use crate::model::judge::lines;
use crate::model::kinds::ModelKinds;
use crate::model::lexicon::{Lexicon, hashes, is_read};
use crate::page::document::Page;
use crate::text::words::Tokens;

/// Lists the units of a page: the text of each, whether a rule took it, whether it stands under a heading or between lines that go. None if
/// the page has too many for a model.
pub fn units(page: &Page) -> Vec<(String, bool, bool)> {
    let Some((units, lines)) = lines(page, true) else { return Vec::new() };
    let row = |(&unit, line): (&u32, &LineFacts)| (page.text(unit).to_owned(), line.hit.is_some(), line.under.is_some());
    units.iter().zip(&lines).map(row).collect()
}

/// Returns for each unit of a page the hashes by which its words are weighed; none of a unit that is not asked what it says.
pub fn word_hashes(page: &Page) -> Vec<Vec<u32>> {
    let (units, lines) = lines(page, true).unwrap_or_default();
    let mut tokens = Tokens::default();
    let mut of = |(&unit, line): (&u32, &LineFacts)| {
        let mut found = Vec::new();
        if line.hit.is_none() && is_read(&line.profile) {
            hashes(page.text(unit), &mut tokens, |hash| found.push(hash));
        }
        found
    };
    units.iter().zip(&lines).map(&mut of).collect()
}

/// Returns what each unit of a page says.
pub fn says(page: &Page, lexicon: &Lexicon) -> Vec<f32> {
    let (units, mut lines) = lines(page, true).unwrap_or_default();
    lexicon.read(&mut lines, units.iter().map(|&unit| page.text(unit)), &mut HashMap::default());
    lines.iter().map(|line| line.says).collect()
}

/// Returns the features of each unit of a page, row by row, and the features of the page. `says`: what the words of each unit say. Without
/// `odds`, the first part of each row, the rest zeros, and none of the page; with the log-odds that the first question gave, all. `caseless`:
/// as if its script had no case.
///
/// # Errors
///
/// If there is not one log-odds, and one number of `says`, for each unit.
pub fn features(
    page: &Page,
    says: Vec<f32>,
    odds: Option<Vec<f32>>,
    caseless: bool,
    kinds: &ModelKinds,
) -> Result<(Vec<f32>, Vec<f32>), String> {
    let (_, mut lines) = lines(page, true).unwrap_or_default();
    if says.len() != lines.len() {
        return Err(format!("words of {} units for {}", says.len(), lines.len()));
    }
    lines.iter_mut().zip(says).for_each(|(line, says)| line.says = says);
    if caseless {
        lines.iter_mut().for_each(|line| line.profile = line.profile.caseless());
    }
    let mut rows = describe(&lines, (0..lines.len()).collect(), names().0.len(), kinds);
    let mut whole = Vec::new();
    if let Some(mut odds) = odds {
        if odds.len() != lines.len() {
            return Err(format!("{} log-odds for {} units", odds.len(), lines.len()));
        }
        for (odds, certain) in odds.iter_mut().zip(certain(&lines)) {
            *odds = if certain { CERTAIN } else { *odds };
        }
        second(&mut rows, &lines, &odds);
        whole = of_page(&lines, &odds, kinds);
    }
    Ok((rows.data().to_vec(), whole))
}
