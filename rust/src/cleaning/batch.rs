//! Pages that go through the steps together.
//!
//! A round takes all pages that are not at rest through each step, and ends with a cut; a page at rest is left alone from then on. What a
//! step does to one page stands in the room of that step.

use foldhash::{HashMap, HashMapExt};

use crate::model::judge::{JudgedKinds, Model, Reading, judge};
use crate::page::document::Page;
use crate::page::label::{Cause, Kind, KindSet, Label};
use crate::page::title::{headline_units, title};
use crate::repair::scan::{Asked, Scanner};
use crate::repeats::find as repeats;
use crate::repeats::units::RepeatSettings;
use crate::rules::candidates::{Candidate, MatchScratch};
use crate::rules::ruleset::Ruleset;
use crate::sites::find::{self as templates, SiteMatcher};
use crate::sites::key::Mask;

/// Real pages need three rounds, most one. A page that was made to need as many as it has lines is left after so many.
pub const ROUNDS: u32 = 50;

/// A text as it comes in.
pub struct Source {
    /// The text.
    pub text: String,
    /// Whether U+FFFD in it may stand for a surrogate.
    pub lossy: bool,
}

/// A unit that waits for an answer.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    page: usize,
    unit: u32,
    question: usize,
}

/// See the module's head.
pub struct PageBatch {
    pages: Vec<Page>,
    /// Whether another round may find something, of each page.
    active: Vec<bool>,
    rounds: u32,
    /// The rules that the last questions are about, and the units that wait for the answers.
    asked: Vec<u16>,
    waiting: Vec<Waiting>,
}

impl PageBatch {
    /// Splits the texts and normalizes all lines but those that only ftfy can settle: [`Page::dirty`] lists them.
    pub fn new(sources: Vec<Source>, scanner: &Scanner, asked: Asked, unwrap: bool) -> Self {
        let page = |source: Source| Page::new(source.text, scanner, asked, unwrap, source.lossy);
        let pages: Vec<Page> = sources.into_iter().map(page).collect();
        PageBatch { active: vec![true; pages.len()], pages, rounds: 0, asked: Vec::new(), waiting: Vec::new() }
    }

    /// Returns the pages, in the order of their texts.
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// Lists the pages in which another round may find something.
    fn live(&mut self) -> impl Iterator<Item = &mut Page> {
        self.pages.iter_mut().zip(&self.active).filter(|(_, active)| **active).map(|(page, _)| page)
    }

    /// Takes the repaired texts of the dirty lines of all pages, page by page.
    ///
    /// # Errors
    ///
    /// If there is not one text for each dirty line; then nothing is changed.
    pub fn settle(&mut self, texts: &[String]) -> Result<(), String> {
        let expected: usize = self.pages.iter().map(|page| page.dirty().len()).sum();
        if texts.len() != expected {
            return Err(format!("{} lines settled, {expected} dirty", texts.len()));
        }
        let mut rest = texts;
        for page in self.pages.iter_mut().filter(|page| !page.dirty().is_empty()) {
            let (mine, others) = rest.split_at(page.dirty().len());
            page.settle(mine);
            rest = others;
        }
        Ok(())
    }

    /// Asks the rules about the units that they have not seen. Returns what another engine must decide, (rule, folded line), each once:
    /// [`PageBatch::answer`] takes the answers.
    pub fn ask(&mut self, rules: &Ruleset) -> Vec<(u16, String)> {
        rules.with_scratch(|scratch| self.ask_with(rules, scratch))
    }

    fn ask_with(&mut self, rules: &Ruleset, scratch: &mut MatchScratch) -> Vec<(u16, String)> {
        let mut known: HashMap<(u16, String), usize> = HashMap::new();
        self.waiting.clear();
        for (number, page) in self.pages.iter_mut().enumerate().filter(|(i, _)| self.active[*i]) {
            for unit in 0..page.lines() {
                if !page.ask(unit) {
                    continue;
                }
                for candidate in rules.matcher().candidates(page.text(unit), scratch) {
                    match *candidate {
                        Candidate::Match(rule) => page.hits.push((unit, rule)),
                        Candidate::Possible(rule) => {
                            let folded = rules.matcher().folded(rule, page.text(unit));
                            let next = known.len();
                            let question = *known.entry((rule, folded)).or_insert(next);
                            self.waiting.push(Waiting { page: number, unit, question });
                        }
                    }
                }
            }
        }
        let mut questions = vec![(0, String::new()); known.len()];
        known.into_iter().for_each(|(question, i)| questions[i] = question);
        self.asked = questions.iter().map(|(rule, _)| *rule).collect();
        questions
    }

    /// Takes the numbers of the questions of the last [`PageBatch::ask`] whose answer is yes.
    ///
    /// # Errors
    ///
    /// If there was no such question; then nothing is changed.
    pub fn answer(&mut self, yes: &[u32]) -> Result<(), String> {
        let mut matched = vec![false; self.asked.len()];
        for i in yes {
            *matched.get_mut(*i as usize).ok_or_else(|| format!("answer {i} to {} questions", self.asked.len()))? = true;
        }
        for Waiting { page, unit, question } in self.waiting.drain(..) {
            if matched[question] {
                self.pages[page].hits.push((unit, self.asked[question]));
            }
        }
        self.pages.iter_mut().for_each(|page| page.hits.sort_unstable());
        Ok(())
    }

    /// Labels by the rules that matched, and finds the titles.
    pub fn label(&mut self, rules: &Ruleset) {
        for page in self.live() {
            rules.label(page);
            page.spare_code();
            page.title = title(page);
        }
    }

    /// Labels what the line model takes for furniture. With `reasons`, the pages remember why.
    pub fn judge(&mut self, model: &Model, reading: Reading, kinds: JudgedKinds, reasons: bool) {
        for page in self.live() {
            judge(page, model, reading, kinds, reasons);
            page.spare_code();
        }
    }

    /// Labels templates with `kind`; `matchers` has one for each page whose source has templates.
    pub fn templates<'a>(&mut self, matchers: impl Iterator<Item = Option<&'a SiteMatcher>>, kind: Kind) {
        let mut mask = Mask::default();
        for ((page, active), matcher) in self.pages.iter_mut().zip(&self.active).zip(matchers) {
            if let (true, Some(matcher)) = (active, matcher) {
                templates::label(page, matcher, kind, &mut mask);
                page.spare_code();
            }
        }
    }

    /// Labels repeats.
    pub fn repeats(&mut self, settings: RepeatSettings) {
        for page in self.live() {
            repeats::label(page, settings);
            page.spare_code();
        }
    }

    /// Labels the headlines as a kind.
    pub fn headlines(&mut self, kind: Kind) {
        for page in self.live() {
            let labels = headline_units(page).into_iter().map(|unit| Label::certain(unit, kind, Cause::AboveArticle));
            page.labels.extend(labels);
            page.labels.sort_by_key(|label| label.unit);
        }
    }

    /// Cuts what is labelled with a kind of `drop`. True while another round may find more, for [`ROUNDS`] rounds at most.
    pub fn cut(&mut self, drop: KindSet) -> bool {
        self.rounds += 1;
        for (page, active) in self.pages.iter_mut().zip(&mut self.active).filter(|(_, active)| **active) {
            *active = page.cut(|kind| drop.contains(kind)) && {
                page.title = title(page);
                !page.is_at_rest()
            };
        }
        self.rounds < ROUNDS && self.active.contains(&true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::repeats::units::Matching;
    use crate::rules::candidates::{Proof, Rule};
    use crate::rules::literals::literals;
    use crate::rules::traits::{RuleKinds, Takes, Trait, Where};

    const STORY: &str = "The harbour was closed on Monday after a storm, officials in the town said.";

    fn batch(texts: &[&str]) -> PageBatch {
        let sources = texts.iter().map(|text| Source { text: (*text).to_owned(), lossy: false }).collect();
        PageBatch::new(sources, &Scanner::new("\u{c3}").unwrap(), Asked::default(), true)
    }

    /// Rules with kinds numbered as they are.
    fn rules(patterns: &[&str]) -> Ruleset {
        let rule = |(kind, pattern): (u8, &&str)| {
            let rule =
                Rule { pattern: (*pattern).to_owned(), anchors: literals(pattern, &[]), case: false, max_chars: 120, proof: Proof::None };
            (rule, Trait { kind: Kind::new(kind).unwrap(), place: Where::Any, takes: Takes::Line })
        };
        Ruleset::new((0..).zip(patterns).map(rule).collect(), RuleKinds::default())
    }

    fn texts(batch: &PageBatch) -> Vec<String> {
        batch.pages().iter().map(Page::render).collect()
    }

    /// What a rule matches goes if its kind does, and what is only noted stays.
    #[test]
    fn only_kinds_to_drop_are_cut() {
        let rules = rules(&["share", "advert"]);
        let mut batch = batch(&["Share\nAdvert\nA title here\nThe end.", "Nothing of the kind."]);
        assert_eq!(batch.ask(&rules), []);
        batch.label(&rules);
        batch.cut(KindSet::new(0b01));
        assert_eq!(texts(&batch), ["Advert\nA title here\nThe end.", "Nothing of the kind."]);
        assert_eq!((batch.pages()[0].cuts.len(), batch.pages()[0].noted.len()), (1, 1));
    }

    /// What this half can't decide is asked once for equal lines, and its answer counts wherever the line stands.
    #[test]
    fn questions_are_asked_once() {
        let rules = rules(&["sha(?=r)re"]);
        let mut batch = batch(&["Share\nIt is.\nSHARE", "share"]);
        assert_eq!(batch.ask(&rules), [(0, "share".to_owned()), (0, "it is.".to_owned())]);
        batch.answer(&[0]).unwrap();
        batch.label(&rules);
        batch.cut(KindSet::new(1));
        assert_eq!(texts(&batch), ["It is.", ""]);
    }

    /// Lines are settled in the order in which pages list them; a wrong number of them changes nothing.
    #[test]
    fn lines_are_settled_page_by_page() {
        let mut batch = batch(&["R&amp;D", "plain", "a &lt; b\nc &gt; d"]);
        assert!(batch.settle(&["x".to_owned()]).is_err());
        batch.settle(&["R&D".to_owned(), "a < b".to_owned(), "c > d".to_owned()]).unwrap();
        assert_eq!(texts(&batch), ["R&D", "plain", "a < b\nc > d"]);
    }

    /// A page that goes line by line, round by round, is left as it is after so many.
    #[test]
    fn a_page_without_end_is_left() {
        let kind = Kind::new(1).unwrap();
        let text = (0..2 * ROUNDS).map(|line| format!("Line {line}.")).collect::<Vec<_>>().join("\n");
        let mut batch = batch(&[&text]);
        let mut again = true;
        while again {
            let first = batch.pages[0].units().next().unwrap();
            batch.pages[0].judged = true;
            batch.pages[0].labels = vec![Label::certain(first, kind, Cause::Between)];
            again = batch.cut(KindSet::new(1 << 1));
        }
        assert_eq!(batch.pages()[0].units().count(), ROUNDS as usize);
    }

    /// The round that cuts nothing is the last.
    #[test]
    fn a_batch_comes_to_rest() {
        let kind = |number| Kind::new(number).unwrap();
        let settings =
            RepeatSettings { exact: kind(1), near: kind(2), contained: kind(3), min_tokens: 5, threshold: 0.8, matching: Matching::Strict };
        let mut batch = batch(&[&format!("A title here\n{STORY}\n{STORY}")]);
        let rules = rules(&["share"]);
        let mut rounds = 0;
        loop {
            rounds += 1;
            batch.ask(&rules);
            batch.answer(&[]).unwrap();
            batch.label(&rules);
            batch.repeats(settings);
            if !batch.cut(KindSet::new(u64::MAX)) {
                break;
            }
        }
        assert_eq!((texts(&batch), rounds), (vec![format!("A title here\n{STORY}")], 2));
    }
}
