//! The line model: whether a line that no rule knows belongs to the article, judged from the lines around it.
//!
//! Three questions. What is this line, from its looks and its place? What is it, given the first answers around it? And: is this the text of
//! a whole page, or of an article that somebody took out of one? In an article nearly every line belongs, so there the model must be
//! nearly sure; in a page half the lines are furniture. The threshold grows with the log-odds of the third answer.

use std::collections::{HashMap, HashSet};

use xxhash_rust::xxh3::xxh3_64;

use crate::features::{self, Line, Rows};
use crate::forest::{Forest, Stored};
use crate::label::{self, Label, rule};
use crate::page::Page;
use crate::profile::profile;
use crate::shape;

/// How a text is to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// As the model finds it.
    Auto,
    /// As an article, whatever it looks like.
    Article,
    /// As the text of a whole page.
    Page,
}

/// From the log-odds of a text's being a whole page to the log-odds that a line must reach to stay: `base + slope * page`, between
/// `article` and `page`.
#[derive(Clone, Copy, Debug)]
pub struct Bar {
    /// At even odds.
    pub base: f32,
    /// For one unit of log-odds.
    pub slope: f32,
    /// The least, for articles.
    pub article: f32,
    /// The most, for pages.
    pub page: f32,
    /// For a line that stands under a heading, or between two lines that go: these stay only from here on.
    pub under: f32,
}

/// The model.
#[derive(Debug)]
pub struct Model {
    first: Forest,
    second: Forest,
    page: Forest,
    bar: Bar,
    width: usize,
    part: usize,
}

/// Features that [`features::page`] gives.
const PAGE_WIDTH: usize = 13;
/// A text of more lines than this is no page and no article, and is left to the rules.
pub const MAX_LINES: usize = 1 << 16;
/// Words of prose that the model must find to have found an article. A headline, a note, a poem, a list: no article is no reason to take
/// everything.
const MIN_ARTICLE: f32 = 40.0;
/// Log-odds of a line that is not in question.
pub const CERTAIN: f32 = 4.0;
/// Reasons that are kept of a decision.
pub const REASONS: usize = 3;

/// Numbers of kinds, and sets of them with a bit a kind.
#[derive(Clone, Copy, Debug)]
pub struct Kinds {
    /// Of a line that stands below nothing that says what it is.
    pub menu: u8,
    /// Kinds that a line takes from the heading or the piece of furniture above it.
    pub furniture: u64,
    /// Kinds that go.
    pub drop: u64,
}

/// What the model found of a page: log-odds of each unit's belonging, log-odds of its being a whole page.
pub struct Opinion {
    units: Vec<u32>,
    lines: Vec<Line>,
    rows: Rows,
    odds: Vec<f32>,
    page: f32,
}

impl Model {
    /// The model of these trees.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    pub fn new(first: &[Stored], second: &[Stored], page: &[Stored], bar: Bar) -> Result<Self, String> {
        let (names, part) = features::names();
        Ok(Model {
            first: Forest::new(first, part)?,
            second: Forest::new(second, names.len())?,
            page: Forest::new(page, PAGE_WIDTH)?,
            bar,
            width: names.len(),
            part,
        })
    }

    /// Judges the units of a page that has its labels; `None` if there are none, or too many.
    fn read(&self, page: &Page) -> Option<Opinion> {
        let (units, lines) = lines(page)?;
        let mut rows = features::describe(&lines, self.width);
        let certain = features::certain(&lines);
        let ask = |i: usize, forest: &Forest, row: &[f32]| if certain[i] { CERTAIN } else { forest.ask(row) };
        let first: Vec<f32> = (0..lines.len()).map(|i| ask(i, &self.first, &rows.row(i)[..self.part])).collect();
        features::second(&mut rows, &lines, &first);
        let odds: Vec<f32> = (0..lines.len()).map(|i| ask(i, &self.second, rows.row(i))).collect();
        let page = self.page.ask(&features::page(&lines, &odds));
        Some(Opinion { units, lines, rows, odds, page })
    }

    /// The log-odds that a line must reach to stay.
    fn bar(&self, mode: Mode, page: f32) -> f32 {
        match mode {
            Mode::Auto => (self.bar.base + self.bar.slope * page).clamp(self.bar.article, self.bar.page),
            Mode::Article => self.bar.article,
            Mode::Page => self.bar.page,
        }
    }

    /// The features that spoke most against a line, the strongest first.
    fn reasons(&self, row: &[f32]) -> [(u16, f32); REASONS] {
        let mut blame = vec![0.0; self.width];
        self.second.explain(row, &mut blame);
        [(); REASONS].map(|()| {
            let least = (0..self.width).min_by(|&a, &b| f32::total_cmp(&blame[a], &blame[b])).expect("there are features");
            blame[least] = f32::INFINITY;
            (least as u16, row[least])
        })
    }
}

/// The units of a page, and what the model is told of each.
pub fn lines(page: &Page) -> Option<(Vec<u32>, Vec<Line>)> {
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
    let line = |(&unit, hash): (&u32, &u64)| {
        while labels.next_if(|label| label.unit < unit).is_some() {}
        let (mut hit, mut under) = (0, 0);
        if let Some(label) = labels.next_if(|label| label.unit == unit) {
            *(if is_soft(label) { &mut under } else { &mut hit }) = label.kind + 1;
        }
        Line { profile: profile(page.text(unit)), hit, under, blank: page.after_blank(unit), again: again[hash] - 1 }
    };
    let lines = units.iter().zip(&hashes).map(line).collect();
    Some((units, lines))
}

/// Whether the label came from where the line stands alone: the model may know better.
fn is_soft(label: &Label) -> bool {
    matches!(label.rule, rule::UNDER | rule::BETWEEN)
}

/// Whether the page is better judged once it is cut: an article from which rules take something. What is a menu, rules show; in an article
/// they show little, and it would be judged twice.
fn waits(page: &Page, drop: u64) -> bool {
    let taken = page.labels.iter().any(|label| drop >> label.kind & 1 != 0);
    if !taken || page.labels.iter().any(is_soft) {
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

/// Labels what the model takes for furniture, and takes back the labels of what it takes for the article. With `reasons`, says why.
pub fn judge(page: &mut Page, model: &Model, mode: Mode, kinds: Kinds, reasons: bool) {
    page.judged = true;
    if waits(page, kinds.drop) {
        return;
    }
    let Some(opinion) = model.read(page) else { return };
    let bar = model.bar(mode, opinion.page);
    // Where no article was found, no line is outside it.
    let bar = if opinion.article(bar) < MIN_ARTICLE { f32::NEG_INFINITY } else { bar };
    let headline = headline(page, &opinion, bar);
    let goes = |i: usize, bar: f32| opinion.odds[i] < bar && Some(opinion.units[i]) != headline;
    let stays: HashSet<u32> = opinion.under().filter(|&i| !goes(i, model.bar.under)).map(|i| opinion.units[i]).collect();
    page.labels.retain(|label| !stays.contains(&label.unit));
    for i in opinion.unlabelled().filter(|&i| goes(i, bar)) {
        let (unit, score) = (opinion.units[i], 1.0 / (1.0 + opinion.odds[i].exp()));
        let kind = nearby(&opinion.lines, i, kinds.furniture).unwrap_or(kinds.menu);
        page.labels.push(Label { unit, kind, rule: rule::MODEL, score, witness: Vec::new() });
        if reasons {
            page.reasons.insert(unit, model.reasons(opinion.rows.row(i)));
        }
    }
    page.labels.sort_by_key(|label| label.unit);
    page.title = label::title(page);
}

impl Opinion {
    /// Lines that rules took for where they stand alone.
    fn under(&self) -> impl Iterator<Item = usize> {
        (0..self.lines.len()).filter(|&i| self.lines[i].under > 0)
    }

    /// Lines that nothing has taken.
    fn unlabelled(&self) -> impl Iterator<Item = usize> {
        (0..self.lines.len()).filter(|&i| self.lines[i].under == 0 && self.lines[i].hit == 0)
    }

    /// Words of prose that stay.
    fn article(&self, bar: f32) -> f32 {
        let prose = self.lines.iter().zip(&self.odds).filter(|(line, odds)| line.hit == 0 && **odds >= bar && line.profile.is_prose());
        prose.map(|(line, _)| line.profile.words).sum()
    }
}

/// How far above a line its heading may stand, in lines.
const HEADING: usize = 12;

/// One less than the number of a line's kind: that of the heading or piece of furniture above it.
fn nearby(lines: &[Line], i: usize, furniture: u64) -> Option<u8> {
    let above = lines[i.saturating_sub(HEADING)..i].iter().rev();
    above
        .take_while(|line| !line.profile.is_prose())
        .filter(|line| line.hit > 0)
        .map(|line| line.hit - 1)
        .find(|kind| furniture >> kind & 1 != 0)
}

/// So many units above the article may stand between it and its headline.
const BYLINES: usize = 8;

/// The unit that is the article's headline: the last above the first prose that stays whose words stand in the page's title.
fn headline(page: &Page, opinion: &Opinion, bar: f32) -> Option<u32> {
    let stays = |i: usize| opinion.lines[i].hit == 0 && opinion.odds[i] >= bar;
    let article = (0..opinion.units.len()).find(|&i| stays(i) && opinion.lines[i].profile.is_prose())?;
    let title = page.text(page.title?);
    let above = (0..article).rev().filter(|&i| opinion.lines[i].hit == 0);
    above.take(BYLINES).map(|i| opinion.units[i]).find(|&unit| label::could_be_title(page.text(unit)) && says_title(title, page.text(unit)))
}

/// Whether the page's title is `line`, with or without the site's name.
fn says_title(title: &str, line: &str) -> bool {
    shape::width(line) * 3 >= shape::width(title) && {
        let (whole, part): (String, String) = (shape::letters(title).collect(), shape::letters(line).collect());
        !part.is_empty() && whole.contains(&part)
    }
}
