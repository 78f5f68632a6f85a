//! One document on its way from source to clean text: its units, and what the steps have found of them.
//!
//! A page knows no step. Each step reads the units that are left, leaves labels, and keeps here what spares it work in the next round;
//! cutting forgets of that what no longer holds.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt};

use crate::page::label::{Kind, Label, Reasons};
use crate::page::places::Places;
use crate::page::units::Units;
use crate::repair::scan::{Asked, Scanner};
use crate::text::lines::Span;

/// A unit that was cut.
#[derive(Debug, Clone)]
pub struct Cut {
    /// Where it stood in the source.
    pub span: Span,
    /// Why it was cut.
    pub label: Label,
}

/// How far the search for repeats has come. Due again whenever lines are joined anew, and when a label is only noted, which leaves its unit
/// to be searched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RepeatSearch {
    /// Not made among the units as they are now.
    Due,
    /// Nothing repeats among the units as they are now, or as they were before some that had a label went: searching again with the same
    /// title would find nothing.
    FoundNone {
        /// The title that the search left out.
        title: Option<u32>,
        /// How many units were searched, those with a label left out. Units only go, so as many are the same.
        units: usize,
    },
}

/// See the module's head.
pub struct Page {
    units: Units,
    /// The source as it was given, if what a cut left of it was read anew, and where that stood in it.
    original: Option<(String, Places)>,
    /// Rules found to match, by unit.
    pub hits: Vec<(u32, u16)>,
    /// Units that read as templates of the page's source, with their keys; `None` until they are looked for, and again once units change.
    pub templates: Option<Vec<(u32, u64)>>,
    /// Labels of the current round, by unit.
    pub labels: Vec<Label>,
    /// Labels that rules would give in this round where the lines around speak against it, by unit: they count only if the line model finds
    /// the line to be furniture too.
    pub doubtful: Vec<Label>,
    /// Labels of kinds that are not dropped, by unit.
    pub noted: BTreeMap<u32, (Span, Label)>,
    /// What was cut so far.
    pub cuts: Vec<Cut>,
    /// The unit that reads as the title (see [`crate::page::title`]), as of the last step that set it.
    pub title: Option<u32>,
    /// Whether the line model has a say: then what is left after a cut is to be looked at again.
    pub judged: bool,
    /// What the line model found the words of a unit to say, by the hash of its text: what it says it says in each round.
    pub said: HashMap<u64, f32>,
    /// Why the line model labelled what it labelled, by unit.
    pub reasons: HashMap<u32, Reasons>,
    /// How far the search for repeats has come.
    pub repeat_search: RepeatSearch,
}

impl Page {
    /// Splits and normalizes `source` of at most [`crate::page::units::MAX_BYTES`], all but the lines that [`Page::dirty`] then lists.
    /// `lossy` says that U+FFFD may stand for a surrogate.
    pub fn new(source: String, scanner: &Scanner, asked: Asked, unwrap: bool, lossy: bool) -> Self {
        Page {
            units: Units::new(source, scanner, asked, unwrap, lossy),
            original: None,
            hits: Vec::new(),
            templates: None,
            labels: Vec::new(),
            doubtful: Vec::new(),
            noted: BTreeMap::new(),
            cuts: Vec::new(),
            title: None,
            judged: false,
            said: HashMap::new(),
            reasons: HashMap::new(),
            repeat_search: RepeatSearch::Due,
        }
    }

    /// Lists the lines that only ftfy can settle, in order.
    pub fn dirty(&self) -> &[u32] {
        self.units.dirty()
    }

    /// Returns how a dirty line reads, and the stretches of the source in which it stands (`None` for a joined unit).
    pub fn dirty_text(&self, line: u32) -> (&str, Option<Vec<Span>>) {
        let (text, span) = self.units.dirty_text(line);
        let pieces = |span| self.original.as_ref().map_or_else(|| vec![span], |(_, places)| places.pieces(span));
        (text, span.map(pieces))
    }

    /// Takes the repaired texts of all dirty lines, in the order of [`Page::dirty`], and puts paragraphs together again.
    pub fn settle(&mut self, texts: &[String]) {
        self.units.settle(texts);
    }

    /// Lists the units that are left, by their first lines, in order.
    pub fn units(&self) -> impl Iterator<Item = u32> + '_ {
        self.units.iter()
    }

    /// Lists the units that are left after `line`, in order.
    pub fn units_after(&self, line: u32) -> impl Iterator<Item = u32> + '_ {
        self.units.after(line)
    }

    /// Returns how a unit reads.
    pub fn text(&self, unit: u32) -> &str {
        self.units.text(unit)
    }

    /// Returns where a unit stands in the source, with what was cut out of the middle of it.
    pub fn span(&self, unit: u32) -> Span {
        let span = self.units.span(unit);
        self.original.as_ref().map_or(span, |(_, places)| places.span(span))
    }

    /// Whether a blank line stands before a unit.
    pub fn is_after_blank(&self, unit: u32) -> bool {
        self.units.is_after_blank(unit)
    }

    /// Counts the lines, units or not.
    pub fn lines(&self) -> u32 {
        self.units.lines()
    }

    /// Whether `line` is a unit that rules have not been asked about yet; they have, from now on.
    pub fn ask(&mut self, line: u32) -> bool {
        self.units.ask(line)
    }

    /// Whether a unit is a line of code, data or a table.
    pub fn is_code(&self, unit: u32) -> bool {
        self.units.is_code(unit)
    }

    /// Takes back the labels of lines of code: for steps that know nothing of them.
    pub fn spare_code(&mut self) {
        if self.units.has_code() {
            let units = &self.units;
            self.labels.retain(|label| !units.is_code(label.unit));
        }
    }

    /// Returns the bits of [`crate::page::units::fix`] for what normalization changed.
    pub fn fixes(&self) -> u8 {
        self.units.fixes()
    }

    /// Returns the text that is left: units, each on a line, a blank line between where one stood.
    pub fn render(&self) -> String {
        self.units.render()
    }

    /// Returns the source as it was given.
    pub fn source(&self) -> &str {
        self.original.as_ref().map_or_else(|| self.units.source(), |(source, _)| source)
    }

    /// Cuts the units with labels whose kinds `drop` names, and notes the other labels. True if something was cut.
    pub fn cut(&mut self, drop: impl Fn(Kind) -> bool) -> bool {
        let labels = std::mem::take(&mut self.labels);
        let mut any = false;
        for label in labels {
            let (unit, span) = (label.unit, self.span(label.unit));
            if !drop(label.kind) {
                self.repeat_search = RepeatSearch::Due;
                self.noted.entry(unit).or_insert((span, label));
                continue;
            }
            any = true;
            self.units.leave_unit(unit);
            self.cuts.push(Cut { span, label });
        }
        if any && !self.read_anew() {
            self.rejoin();
        }
        any
    }

    /// Reads what is left anew, if it would be read as HTML where the text was not, or not where it was. True if so.
    fn read_anew(&mut self) -> bool {
        if self.original.is_some() {
            self.merge_cuts();
        }
        let mut gone: Vec<Span> = self.cuts.iter().map(|cut| cut.span).collect();
        gone.sort_unstable_by_key(|span| span.start);
        let mut places = Places::default();
        let source = self.source();
        let Some(units) = self.units.read_anew(|| {
            let (left, stood) = Places::without(source, &gone);
            places = stood;
            left
        }) else {
            return false;
        };
        let before = std::mem::replace(&mut self.units, units);
        let source = self.original.take().map_or_else(|| before.into_source(), |(source, _)| source);
        self.original = Some((source, places));
        (self.hits, self.templates, self.title, self.repeat_search) = (Vec::new(), None, None, RepeatSearch::Due);
        self.noted.clear();
        self.reasons.clear();
        true
    }

    /// Lets a cut stand for those that were made inside of it: once a text is read anew, a line may go on where something was cut out of it.
    fn merge_cuts(&mut self) {
        self.cuts.sort_by_key(|cut| (cut.span.start, std::cmp::Reverse(cut.span.len)));
        let mut end = 0;
        self.cuts.retain(|cut| {
            let apart = cut.span.range().end > end;
            end = end.max(cut.span.range().end);
            apart
        });
    }

    /// Puts paragraphs together after a cut; what steps keep from round to round stays only where units cannot have changed.
    fn rejoin(&mut self) {
        if self.units.rejoin() {
            self.repeat_search = RepeatSearch::Due;
            self.hits.clear();
            self.templates = None;
        } else {
            let units = &self.units;
            self.hits.retain(|(unit, _)| !units.is_gone(*unit));
            self.templates.iter_mut().for_each(|found| found.retain(|(unit, _)| !units.is_gone(*unit)));
        }
    }

    /// Whether no rule has anything left to say, and repeats were looked for among what is left: another round would find nothing. The title
    /// must be that of the units that are left.
    pub fn is_at_rest(&self) -> bool {
        let said = !self.judged && self.hits.is_empty() && self.templates.as_ref().is_none_or(Vec::is_empty);
        said && self.dirty().is_empty() && matches!(self.repeat_search, RepeatSearch::FoundNone { title, .. } if title == self.title)
    }
}
