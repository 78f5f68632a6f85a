//! Where the lines around speak for a line that a rule speaks against.
//!
//! A word is what it is by where it stands: "Statistics" is an entry of a menu, a heading, a row of a table. So what a rule knows by its
//! place, or by a single word, is in doubt where it stands as lines of an article do. Lines that stand together are judged together.

use foldhash::HashSet;

use crate::page::document::Page;
use crate::page::label::Kind;
use crate::rules::prose::Prose;
use crate::rules::traits::{RuleKinds, Takes, Trait, Where};
use crate::text::shape;

/// Of the lines of a run this share must be known to rules for the run to be furniture.
const KNOWN: f32 = 0.8;
/// So many headings of one line, each between two paragraphs, make a text of sections.
const SECTIONS: usize = 2;
/// What a heading at the end of a text heads has no more lines than this.
const END: usize = 4;
/// So many places with lines of a kind of which an article has one or two make a text of posts or dates.
const POSTS: usize = 3;
/// So many do below the names of those who post, which have no more words than this.
const SIGNED: usize = 2;
const NAME: usize = 3;

/// Lists the hits of `page`, unit and rule, against which the lines around speak.
pub fn doubts(page: &Page, rules: &[Trait], kinds: RuleKinds, prose: &Prose) -> HashSet<(u32, u16)> {
    let mut groups = Groups { page, prose, rules, kinds, last: (u32::MAX, 0, 0), sections: None };
    let posts = posts(page, rules, kinds);
    let doubted = |&(unit, rule): &(u32, u16)| {
        let found = rules[rule as usize];
        mark(page.text(unit), found, kinds).is_some_and(|mark| posts.contains(&mark)) || groups.doubts(unit, found)
    };
    page.hits.iter().copied().filter(doubted).collect()
}

/// What comes once or twice in an article, by number: a kind of mark, or a row of hashtags.
type Mark = usize;
const TAGS: Mark = Kind::MOST as usize;

/// What a line is that a rule matches, if it is one of the marks that posts have each.
fn mark(text: &str, found: Trait, kinds: RuleKinds) -> Option<Mark> {
    let tags = kinds.labels.contains(found.kind) && text.strip_prefix('#').is_some_and(|tag| tag.starts_with(char::is_alphanumeric));
    kinds.marks.contains(found.kind).then_some(usize::from(found.kind.number())).or(tags.then_some(TAGS))
}

/// Lists the marks that come again and again, other lines between them: an article says who wrote it and when once, perhaps again at its
/// end; posts say so each, and a tour is nothing but dates.
fn posts(page: &Page, rules: &[Trait], kinds: RuleKinds) -> Vec<Mark> {
    if page.hits.len() < SIGNED {
        return Vec::new();
    }
    let mut hits = page.hits.iter().peekable();
    let (mut places, mut signed) = ([0; TAGS + 1], [0; TAGS + 1]);
    let mut before: Vec<Mark> = Vec::new();
    let mut name = false;
    for unit in page.units() {
        if hits.peek().is_none() {
            break;
        }
        let mut here = Vec::new();
        while let Some((_, rule)) = hits.next_if(|(other, _)| *other == unit) {
            here.extend(mark(page.text(unit), rules[*rule as usize], kinds));
        }
        here.dedup();
        for &mark in here.iter().filter(|mark| !before.contains(mark)) {
            places[mark] += 1;
            signed[mark] += usize::from(name);
        }
        name = here.is_empty() && is_name(page.text(unit));
        before = here;
    }
    let many = |mark: &Mark| places[*mark] >= POSTS || (signed[*mark] >= SIGNED && signed[*mark] == places[*mark]);
    (0..=TAGS).filter(many).collect()
}

/// Whether a line may be the name of somebody who posts.
fn is_name(line: &str) -> bool {
    shape::is_short(line) && line.split(' ').nth(NAME).is_none() && line.contains(char::is_alphabetic)
}

/// Runs of lines between two paragraphs of prose, as the rules see them.
struct Groups<'a> {
    page: &'a Page,
    prose: &'a Prose,
    rules: &'a [Trait],
    kinds: RuleKinds,
    /// The run that was looked at last, by the prose above it: lines, and lines that some rule matches.
    last: (u32, usize, usize),
    /// Whether the text has sections, once somebody asked.
    sections: Option<bool>,
}

impl Groups<'_> {
    /// Whether a line that a rule matches is in doubt: it is not near an edge as a short text has edges, or it stands like a heading, or in
    /// a run of lines that rules do not know.
    fn doubts(&mut self, unit: u32, found: Trait) -> bool {
        if !self.kinds.words.contains(found.kind) || !is_label(self.page.text(unit)) {
            return false;
        }
        let placed = found.place != Where::Any;
        if placed && !self.prose.at.allow(unit, found.place) {
            return true;
        }
        let Some((above, below)) = self.prose.around(unit) else {
            return placed && (self.heads(unit) || (self.kinds.labels.contains(found.kind) && self.heads_the_end(unit)));
        };
        let (lines, known) = self.run(above, below);
        let next = self.page.units_after(unit).next() == Some(below);
        // A heading that announces a list that does not follow is a heading; one that a list follows is known by it.
        if !placed && found.takes == Takes::List {
            return next;
        }
        let word = placed || (self.kinds.labels.contains(found.kind) && (next || !self.page.text(unit).contains(' ')));
        word && (lines == 1 || (known as f32) < KNOWN * lines as f32)
    }

    /// Whether a line above all prose stands like the headline, alone, or like the headings below, right above a paragraph.
    fn heads(&mut self, unit: u32) -> bool {
        let Some(first) = self.prose.first().filter(|&first| unit < first) else { return false };
        let alone = self.page.units().next() == Some(unit);
        self.page.units_after(unit).next() == Some(first) && (alone || self.has_sections())
    }

    /// Whether a line right below all prose heads the few lines that end the text, of which rules know none.
    fn heads_the_end(&mut self, unit: u32) -> bool {
        let hits = &self.page.hits;
        let known = hits.partition_point(|(other, _)| *other <= unit) < hits.len();
        let last = self.prose.last().filter(|&last| !known && last < unit);
        let first = last.and_then(|last| self.page.units_after(last).next());
        first == Some(unit) && (1..=END).contains(&self.page.units_after(unit).take(END + 1).count())
    }

    /// Whether the text has headings that stand alone between two paragraphs, of the words that no rule knows anywhere.
    fn has_sections(&mut self) -> bool {
        *self.sections.get_or_insert_with(|| {
            let hits = &self.page.hits;
            let free = |unit: u32| {
                let from = hits.partition_point(|(other, _)| *other < unit);
                hits[from..].iter().take_while(|(other, _)| *other == unit).all(|(_, rule)| self.rules[*rule as usize].place != Where::Any)
            };
            self.prose.lone(self.page).filter(|&unit| is_label(self.page.text(unit)) && free(unit)).nth(SECTIONS - 1).is_some()
        })
    }

    /// Counts the lines between two units of prose, and those of them that some rule matches.
    fn run(&mut self, above: u32, below: u32) -> (usize, usize) {
        if self.last.0 != above {
            let lines = self.page.units_after(above).take_while(|&unit| unit < below).count();
            let hits = &self.page.hits;
            let from = hits.partition_point(|(unit, _)| *unit <= above);
            let mut known: Vec<u32> = hits[from..].iter().map(|(unit, _)| *unit).take_while(|&unit| unit < below).collect();
            known.dedup();
            self.last = (above, lines, known.len());
        }
        (self.last.1, self.last.2)
    }
}

/// Whether a line is what a heading, a cell or an answer may be: short and no sentence, or a single word. What follows a colon is what the
/// line leads to, so it is no heading of what stands below.
fn is_label(line: &str) -> bool {
    (shape::is_short(line) && !line.contains(": ")) || !line.contains(' ')
}
