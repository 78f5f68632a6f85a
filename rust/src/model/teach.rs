//! What a model is taught from: the units of a page, and their features.

use crate::model::features::{LineFacts, certain, describe, names, page as of_page, second};
use crate::model::judge::{CERTAIN, lines};
use crate::model::kinds::ModelKinds;
use crate::page::document::Page;

/// Lists the units of a page: the text of each, whether a rule took it, whether it stands under a heading or between lines that go. None if
/// the page has too many for a model.
pub fn units(page: &Page) -> Vec<(String, bool, bool)> {
    let Some((units, lines)) = lines(page, true) else { return Vec::new() };
    let row = |(&unit, line): (&u32, &LineFacts)| (page.text(unit).to_owned(), line.hit.is_some(), line.under.is_some());
    units.iter().zip(&lines).map(row).collect()
}

/// Returns the features of each unit of a page, row by row, and the features of the page. Without `odds`, the first part of each row, the
/// rest zeros, and none of the page; with the log-odds that the first question gave, all. `caseless`: as if its script had no case.
///
/// # Errors
///
/// If there is not one log-odds for each unit.
pub fn features(page: &Page, odds: Option<Vec<f32>>, caseless: bool, kinds: &ModelKinds) -> Result<(Vec<f32>, Vec<f32>), String> {
    let (_, mut lines) = lines(page, true).unwrap_or_default();
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
