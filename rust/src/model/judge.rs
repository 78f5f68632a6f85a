//! The line model: whether a line that no rule knows belongs to the article, judged from the lines around it.
//!
//! Three questions. What is this line, from its looks and its place? What is it, given the first answers around it? And: is this the text of
//! a whole page, or of an article that was taken out of one? In an article nearly every line belongs, so there the model must be
//! nearly sure; in a page half the lines are furniture. The threshold grows with the log-odds of the third answer.

use foldhash::{HashMap, HashMapExt, HashSet};
use xxhash_rust::xxh3::xxh3_64;

use crate::model::bar::{Bar, CERTAIN, Mode, PageBar, probability};
use crate::model::features::{self, LineFacts, Rows};
use crate::model::forest::{FEATURES, Forest, Row, Stored};
use crate::model::groups;
use crate::model::kinds::ModelKinds;
use crate::model::lexicon::Lexicon;
use crate::model::profile::profile;
use crate::page::document::Page;
use crate::page::label::{Cause, Kind, KindSet, Label, REASONS, Reasons};
use crate::page::title::{could_be_title, title};
use crate::text::shape;

/// How texts are to be read: as what, and how much goes.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// As what.
    pub mode: Mode,
    /// How much.
    pub bar: Bar,
}

/// The model.
#[derive(Debug)]
pub struct Model {
    first: Forest,
    second: Forest,
    page: Forest,
    lexicon: Lexicon,
    kinds: ModelKinds,
    width: usize,
}

/// A text of more lines than this is no page and no article, and is left to the rules.
pub const MAX_LINES: usize = 1 << 16;
/// Words of prose that the model must find to have found an article. A headline, a note, a poem, a list: no article is no reason to take
/// everything.
const MIN_ARTICLE: f32 = 40.0;

/// Kinds for the lines that the model takes for furniture, and those that go.
#[derive(Clone, Copy, Debug)]
pub struct JudgedKinds {
    /// The kind of a line that stands below nothing that says what it is.
    pub menu: Kind,
    /// Kinds that a line takes from the heading or the piece of furniture above it.
    pub furniture: KindSet,
    /// Kinds that go.
    pub drop: KindSet,
}

/// What the model found of a page: log-odds of each unit's belonging, log-odds of its being a whole page.
pub struct Opinion {
    units: Vec<u32>,
    lines: Vec<LineFacts>,
    rows: Rows,
    odds: Vec<f32>,
    page: f32,
}

impl Model {
    /// Takes the trees of the three questions, the words, and how the trees count kinds.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub fn new(first: &[Stored], second: &[Stored], page: &[Stored], lexicon: Lexicon, kinds: ModelKinds) -> Result<Self, String> {
        let (names, part) = features::names();
        Ok(Model {
            first: Forest::new(first, part)?,
            second: Forest::new(second, names.len())?,
            page: Forest::new(page, features::PAGE_WIDTH)?,
            lexicon,
            kinds,
            width: names.len(),
        })
    }

    /// Judges the units of a page that has its labels; `None` if there are none, or too many.
    fn read(&self, page: &mut Page, whole: bool) -> Option<Opinion> {
        let (units, mut lines) = lines(page, whole)?;
        let mut said = std::mem::take(&mut page.said);
        self.lexicon.read(&mut lines, units.iter().map(|&unit| page.text(unit)), &mut said);
        page.said = said;
        // What rules took, and what is certain, the model is not asked about: the answers around it do not depend on what it would say.
        let certain = features::certain(&lines);
        let asked = (0..lines.len()).filter(|&i| lines[i].hit.is_none() && !certain[i]).collect();
        let mut rows = features::describe(&lines, asked, self.width, &self.kinds);
        let mut odds = vec![CERTAIN; lines.len()];
        let ask = |forest: &Forest, rows: &Rows, odds: &mut [f32]| {
            let answers = forest.ask(rows.iter().map(|(_, row)| row));
            rows.iter().zip(answers).for_each(|((line, _), answer)| odds[line] = answer);
        };
        ask(&self.first, &rows, &mut odds);
        features::second(&mut rows, &lines, &odds);
        ask(&self.second, &rows, &mut odds);
        let page = self.page.ask([row(&features::page(&lines, &odds, &self.kinds))].iter())[0];
        Some(Opinion { units, lines, rows, odds, page })
    }

    /// The features that spoke most against a line, the strongest first.
    fn reasons(&self, row: &Row) -> Reasons {
        let mut blame = vec![0.0; self.width];
        self.second.explain(row, &mut blame);
        [(); REASONS].map(|()| {
            let least = (0..self.width).min_by(|&a, &b| f32::total_cmp(&blame[a], &blame[b])).expect("there are features");
            blame[least] = f32::INFINITY;
            (least as u16, row[least])
        })
    }
}

/// Some features as a forest takes them.
fn row(features: &[f32]) -> Row {
    let mut row = [0.0; FEATURES];
    row[..features.len()].copy_from_slice(features);
    row
}

/// Returns the units of a page, and what the model is told of each: with `whole`, what rules would take from the text of a whole page counts
/// as taken, else as standing under a heading.
pub fn lines(page: &Page, whole: bool) -> Option<(Vec<u32>, Vec<LineFacts>)> {
    let units: Vec<u32> = page.units().take(MAX_LINES + 1).collect();
    if units.is_empty() || units.len() > MAX_LINES {
        return None;
    }
    let hashes: Vec<u64> = units.iter().map(|&unit| xxh3_64(page.text(unit).as_bytes())).collect();
    let mut again: HashMap<u64, u16> = HashMap::with_capacity(units.len());
    for hash in &hashes {
        let count = again.entry(*hash).or_default();
        *count = count.saturating_add(1);
    }
    let mut labels = page.labels.iter().peekable();
    let mut doubtful = page.doubtful.iter().peekable();
    let line = |(&unit, hash): (&u32, &u64)| {
        while labels.next_if(|label| label.unit < unit).is_some() {}
        let (mut hit, mut under) = (None, None);
        if let Some(label) = labels.next_if(|label| label.unit == unit) {
            *(if label.cause.is_soft() { &mut under } else { &mut hit }) = Some(label.kind);
        }
        while doubtful.next_if(|label| label.unit < unit).is_some() {}
        if let (Some(label), None, None) = (doubtful.next_if(|label| label.unit == unit), hit, under) {
            *(if label.cause.is_soft() || !whole { &mut under } else { &mut hit }) = Some(label.kind);
        }
        // Above the first line nothing stands, blank or not: a cut there leaves no trace in what is read again.
        let blank = unit != units[0] && page.is_after_blank(unit);
        LineFacts { profile: profile(page.text(unit)), hit, under, blank, again: again[hash] - 1, hash: *hash, says: 0.0 }
    };
    let lines = units.iter().zip(&hashes).map(line).collect();
    Some((units, lines))
}

/// Whether the page is better judged once it is cut: an article from which rules take something. What is a menu, rules show; in an article
/// they show little, and it would be judged twice.
fn waits(page: &Page, drop: KindSet) -> bool {
    let taken = page.labels.iter().any(|label| drop.contains(label.kind));
    if !taken || page.labels.iter().any(|label| label.cause.is_soft()) {
        return false;
    }
    let (mut prose, mut all) = (0, 0);
    for unit in page.units() {
        let text = page.text(unit);
        all += text.len();
        prose += if shape::is_prose(text) { text.len() } else { 0 };
    }
    prose as f64 >= features::ARTICLE * all as f64
}

/// Asks the model about a page, and returns its opinion, the bar, and the doubtful labels that are for the opinion to settle. Of the text of
/// a whole page rules know all that they match, and that is what the question whether it is one is asked with. If it is none, the lines
/// are judged anew without what rules match against their context. In a text without an article, nothing is the context of an article.
fn opinion(page: &mut Page, model: &Model, reading: Reading) -> Option<(Opinion, PageBar, Vec<Label>)> {
    let mut opinion = model.read(page, true)?;
    let bar = reading.bar.of(reading.mode, opinion.page, opinion.asked());
    let mut doubtful = std::mem::take(&mut page.doubtful);
    if opinion.article(bar.line) < MIN_ARTICLE {
        doubtful.clear();
    } else if !doubtful.is_empty() && bar.is_page {
        page.labels.append(&mut doubtful);
        page.labels.sort_by_key(|label| label.unit);
    } else if !doubtful.is_empty() {
        page.doubtful = doubtful;
        opinion = model.read(page, false)?;
        doubtful = std::mem::take(&mut page.doubtful);
    }
    Some((opinion, bar, doubtful))
}

/// Labels what the model takes for furniture, and takes back the labels of what it takes for the article. With `reasons`, says why.
pub fn judge(page: &mut Page, model: &Model, reading: Reading, kinds: JudgedKinds, reasons: bool) {
    page.judged = true;
    if waits(page, kinds.drop) {
        return;
    }
    let Some((opinion, bar, doubtful)) = opinion(page, model, reading) else { return };
    // Where no article was found, no line is outside it.
    let none = opinion.article(bar.line) < MIN_ARTICLE;
    let (line, under) = if none { (f32::NEG_INFINITY, f32::NEG_INFINITY) } else { (bar.line, bar.under) };
    let headline = headline(page, &opinion, line);
    let below = |i: usize| opinion.odds[i] < if opinion.lines[i].under.is_some() { under } else { line };
    let mut goes: Vec<bool> = (0..opinion.units.len()).map(|i| opinion.lines[i].hit.is_none() && below(i)).collect();
    if !bar.is_page {
        groups::spare(&opinion.lines, &opinion.odds, line, bar.page, &mut goes);
    }
    let goes = |i: usize| goes[i] && Some(opinion.units[i]) != headline;
    let stays: HashSet<u32> = opinion.under().filter(|&i| !goes(i)).map(|i| opinion.units[i]).collect();
    page.labels.retain(|label| !stays.contains(&label.unit));
    let taken = |unit: u32| opinion.units.binary_search(&unit).is_ok_and(goes);
    page.labels.extend(doubtful.into_iter().filter(|label| taken(label.unit)));
    for i in opinion.unlabelled().filter(|&i| goes(i)) {
        let (unit, score) = (opinion.units[i], probability(-opinion.odds[i]));
        let kind = nearby(&opinion.lines, i, kinds.furniture).unwrap_or(kinds.menu);
        page.labels.push(Label { unit, kind, cause: Cause::Model, score, witness: Vec::new() });
        if let Some(row) = opinion.rows.row(i).filter(|_| reasons) {
            page.reasons.insert(unit, model.reasons(row));
        }
    }
    page.labels.sort_by_key(|label| label.unit);
    page.title = title(page);
}

impl Opinion {
    /// Lines that rules took for where they stand alone.
    fn under(&self) -> impl Iterator<Item = usize> {
        (0..self.lines.len()).filter(|&i| self.lines[i].under.is_some())
    }

    /// Lines that nothing has taken.
    fn unlabelled(&self) -> impl Iterator<Item = usize> {
        (0..self.lines.len()).filter(|&i| self.lines[i].under.is_none() && self.lines[i].hit.is_none())
    }

    /// Log-odds and words of the lines that no rule has taken.
    fn asked(&self) -> impl Iterator<Item = (f32, f32)> {
        let open = self.lines.iter().zip(&self.odds).filter(|(line, _)| line.hit.is_none());
        open.map(|(line, odds)| (*odds, line.profile.words))
    }

    /// Words of prose that stay.
    fn article(&self, bar: f32) -> f32 {
        let prose = self.lines.iter().zip(&self.odds).filter(|(line, odds)| line.hit.is_none() && **odds >= bar && line.profile.is_prose());
        prose.map(|(line, _)| line.profile.words).sum()
    }
}

/// How far above a line its heading may stand, in lines.
const HEADING: usize = 12;

/// Returns the kind of the heading or piece of furniture above a line.
fn nearby(lines: &[LineFacts], i: usize, furniture: KindSet) -> Option<Kind> {
    let above = lines[i.saturating_sub(HEADING)..i].iter().rev();
    above.take_while(|line| !line.profile.is_prose()).filter_map(|line| line.hit).find(|kind| furniture.contains(*kind))
}

/// So many units above the article may stand between it and its headline.
const BYLINES: usize = 8;

/// The unit that is the article's headline: the last above the first prose that stays whose words stand in the page's title.
fn headline(page: &Page, opinion: &Opinion, bar: f32) -> Option<u32> {
    let stays = |i: usize| opinion.lines[i].hit.is_none() && opinion.odds[i] >= bar;
    let article = (0..opinion.units.len()).find(|&i| stays(i) && opinion.lines[i].profile.is_prose())?;
    let title = page.text(page.title?);
    let above = (0..article).rev().filter(|&i| opinion.lines[i].hit.is_none());
    above.take(BYLINES).map(|i| opinion.units[i]).find(|&unit| could_be_title(page.text(unit)) && says_title(title, page.text(unit)))
}

/// Whether the page's title is `line`, with or without the site's name.
fn says_title(title: &str, line: &str) -> bool {
    shape::width(line) * 3 >= shape::width(title) && {
        let (whole, part): (String, String) = (shape::letters(title).collect(), shape::letters(line).collect());
        !part.is_empty() && whole.contains(&part)
    }
}
