//! One document, or a batch of them, on its way to clean text.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::judge::{LineModel, mode};
use crate::account::{Account, account};
use crate::label::{self, Takes, Trait, Where};
use crate::lines;
use crate::literals::{self, Anchors};
use crate::mask::Mask;
use crate::page::{MAX_BYTES, Page};
use crate::repeats::{self, Settings};
use crate::rules::{Prefilter, Rule, Scratch};
use crate::scan::Asked;
use crate::{features, fold, judge, known, scan, shingle, tidy};

/// Adds this file's classes and functions to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Scanner>()?;
    m.add_class::<Rules>()?;
    m.add_class::<Batch>()?;
    m.add("MAX_BYTES", MAX_BYTES)?;
    for (name, number) in [
        ("RULE_UNDER", label::rule::UNDER),
        ("RULE_REST", label::rule::REST),
        ("RULE_BETWEEN", label::rule::BETWEEN),
        ("RULE_EXACT", label::rule::EXACT),
        ("RULE_HEADLINE", label::rule::HEADLINE),
        ("RULE_NEAR", label::rule::NEAR),
        ("RULE_CONTAINED", label::rule::CONTAINED),
        ("RULE_MODEL", label::rule::MODEL),
        ("RULE_TEMPLATES", label::rule::TEMPLATES),
    ] {
        m.add(name, number)?;
    }
    m.add_function(wrap_pyfunction!(shingle_hash, m)?)?;
    m.add_function(wrap_pyfunction!(rule_literals, m)?)?;
    m.add_function(wrap_pyfunction!(fold_line, m)?)?;
    m.add_function(wrap_pyfunction!(calm_marks, m)?)?;
    m.add_function(wrap_pyfunction!(tidy_line, m)?)
}

/// The 32-bit hash of one shingle.
#[pyfunction]
fn shingle_hash(shingle: &[u8]) -> u32 {
    shingle::shingle_hash(shingle)
}

/// The literals that lines begin with, end with, hold, of which each line that `pattern` matches has one; `inner` are those its author
/// knows of. All empty: there are none.
#[pyfunction]
fn rule_literals(pattern: &str, inner: Vec<String>) -> LiteralRow {
    let found = literals::literals(pattern, &inner);
    (found.head, found.tail, found.inner)
}

/// A line as rules see it.
#[pyfunction]
fn fold_line(line: &str, case: bool) -> String {
    fold::fold(fold::strip(line), case)
}

/// The line, in NFC if it has a long run of combining marks, else as it is: CPython sorts such a run in the square of its length.
#[pyfunction]
fn calm_marks(line: &str) -> String {
    scan::calm_marks(line)
}

/// A line without invisible characters, stray tags and odd white space.
#[pyfunction]
fn tidy_line(line: &str) -> String {
    match tidy::tidy(line, 0xFF) {
        tidy::Tidied::Same => line.trim_matches([' ', '\t']).to_owned(),
        tidy::Tidied::Changed(text) => text,
    }
}

/// Knows which lines ftfy leaves alone.
#[pyclass(frozen)]
struct Scanner {
    scanner: crate::scan::Scanner,
    asked: Asked,
}

#[pymethods]
impl Scanner {
    #[new]
    fn new(badness: &str, quotes: bool, width: bool) -> PyResult<Self> {
        let scanner = crate::scan::Scanner::new(badness).map_err(|e| PyValueError::new_err(e.to_string()))?;
        Ok(Scanner { scanner, asked: Asked { quotes, width } })
    }

    /// False only if ftfy leaves `line`, which holds no line end and no surrogate, as it is.
    fn may_change(&self, line: &str) -> bool {
        self.scanner.may_change(line, lines::facts(line), self.asked)
    }
}

/// Rules, ready to find their candidates.
#[pyclass(frozen)]
struct Rules {
    prefilter: Prefilter,
    traits: Vec<Trait>,
    /// What threads that are not at work have left, for the next.
    idle: Mutex<Vec<Scratch>>,
}

/// One rule: pattern, longest line, case, kind, place, takes, furniture, and its literals (see `rule_literals`).
type RuleRow = (String, u32, bool, u8, String, String, bool, LiteralRow);
/// Literals that lines begin with, end with, hold.
type LiteralRow = (Vec<String>, Vec<String>, Vec<String>);

#[pymethods]
impl Rules {
    #[new]
    fn new(rows: Vec<RuleRow>) -> PyResult<Self> {
        let mut traits = Vec::with_capacity(rows.len());
        let mut native = Vec::with_capacity(rows.len());
        for (pattern, max_chars, case, kind, place, takes, furniture, (head, tail, inner)) in rows {
            let place = match place.as_str() {
                "any" => Where::Any,
                "top" => Where::Top,
                "bottom" => Where::Bottom,
                "edges" => Where::Edges,
                other => return Err(PyValueError::new_err(format!("where = {other:?}"))),
            };
            let takes = match takes.as_str() {
                "line" => Takes::Line,
                "list" => Takes::List,
                "rest" => Takes::Rest,
                other => return Err(PyValueError::new_err(format!("takes = {other:?}"))),
            };
            traits.push(Trait { kind, place, takes, furniture });
            native.push(Rule { pattern, anchors: Anchors { head, tail, inner }, case, max_chars });
        }
        Ok(Rules { prefilter: Prefilter::new(native), traits, idle: Mutex::default() })
    }

    /// Numbers of the rules that have no literal to be found by: each line is their candidate.
    fn unanchored(&self) -> Vec<u16> {
        self.prefilter.unanchored().to_vec()
    }

    /// Whether this half decides on a rule's candidates by itself.
    fn decides(&self, rule: u16) -> bool {
        self.prefilter.decides(rule)
    }

    /// Numbers of the rules that match `line`, or could if this half does not decide.
    fn candidates(&self, line: &str) -> Vec<u16> {
        self.with_scratch(|scratch| {
            self.prefilter.candidates(line, scratch);
            scratch.found.clone()
        })
    }
}

impl Rules {
    fn with_scratch<T>(&self, work: impl FnOnce(&mut Scratch) -> T) -> T {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut scratch = idle().pop().unwrap_or_default();
        let result = work(&mut scratch);
        idle().push(scratch);
        result
    }
}

/// Documents that go through the pipeline together. All calls but the reading of results run without the GIL.
#[pyclass]
pub(super) struct Batch {
    pub(super) pages: Vec<Page>,
    /// For the pages that held surrogates, the source with them.
    raw: HashMap<usize, Vec<u8>>,
    /// Who waits for which question of the last [`Batch::questions`].
    waiting: Vec<(u32, u32, u32)>,
    asked: Vec<u16>,
    /// Pages in which another round may find something.
    active: Vec<bool>,
    rounds: u32,
}

/// Real pages need three rounds, most one. A page that was made to need as many as it has lines is left after so many.
const ROUNDS: u32 = 50;

#[pymethods]
impl Batch {
    /// Splits the texts and normalizes all lines but those that only ftfy can settle.
    #[new]
    fn new(py: Python<'_>, texts: Vec<Bound<'_, PyString>>, scanner: &Scanner, unwrap: bool) -> PyResult<Self> {
        let mut raw = HashMap::new();
        let mut sources = Vec::with_capacity(texts.len());
        for (i, text) in texts.iter().enumerate() {
            sources.push(source(text, i, &mut raw)?);
        }
        let pages: Vec<Page> = py.detach(|| {
            let page = |(i, s)| Page::new(s, &scanner.scanner, scanner.asked, unwrap, raw.contains_key(&i));
            sources.into_iter().enumerate().map(page).collect()
        });
        let active = vec![true; pages.len()];
        Ok(Batch { pages, raw, waiting: Vec::new(), asked: Vec::new(), active, rounds: 0 })
    }

    /// The lines that ftfy may change, with the page of each: what `settle` takes, repaired.
    fn dirty<'py>(&self, py: Python<'py>) -> PyResult<Vec<(usize, Bound<'py, PyAny>)>> {
        let mut out = Vec::new();
        for (i, page) in self.pages.iter().enumerate() {
            for &line in page.dirty() {
                let (text, span) = page.dirty_text(line);
                let line = match (self.raw.get(&i), span) {
                    (Some(raw), Some(span)) => decode(py, &raw[span.range()])?,
                    _ => PyString::new(py, text).into_any(),
                };
                out.push((i, line));
            }
        }
        Ok(out)
    }

    /// Takes what `dirty` gave, repaired, in the same order.
    fn settle(&mut self, py: Python<'_>, texts: Vec<String>) -> PyResult<()> {
        let expected: usize = self.pages.iter().map(|page| page.dirty().len()).sum();
        if texts.len() != expected {
            return Err(PyValueError::new_err(format!("{} lines settled, {expected} dirty", texts.len())));
        }
        py.detach(|| {
            let mut rest = texts.as_slice();
            for page in self.pages.iter_mut().filter(|page| !page.dirty().is_empty()) {
                let (mine, others) = rest.split_at(page.dirty().len());
                page.settle(mine);
                rest = others;
            }
        });
        Ok(())
    }

    /// Asks the rules. What is left for Python to decide: (rule, folded line), each once.
    fn questions(&mut self, py: Python<'_>, rules: &Rules) -> Vec<(u16, String)> {
        py.detach(|| rules.with_scratch(|scratch| self.ask(rules, scratch)))
    }

    /// The numbers of the questions whose answer is yes.
    fn answer(&mut self, yes: Vec<u32>) {
        let mut matched = vec![false; self.asked.len()];
        yes.into_iter().for_each(|i| matched[i as usize] = true);
        for (page, unit, question) in self.waiting.drain(..) {
            if matched[question as usize] {
                self.pages[page as usize].hits.push((unit, self.asked[question as usize]));
            }
        }
        self.pages.iter_mut().for_each(|page| page.hits.sort_unstable());
    }

    /// Labels by the rules that matched.
    fn label(&mut self, py: Python<'_>, rules: &Rules) {
        py.detach(|| {
            for page in self.live() {
                label::label(page, &rules.traits);
                page.title = label::title(page);
            }
        });
    }

    /// Labels what the line model takes for furniture. `kinds`: that of a menu, those of furniture, those that go. With `reasons`, remembers why.
    fn judge(&mut self, py: Python<'_>, model: &LineModel, page: &str, kinds: (u8, u64, u64), reasons: bool) -> PyResult<()> {
        let mode = mode(page)?;
        let kinds = judge::Kinds { menu: kinds.0, furniture: kinds.1, drop: kinds.2 };
        py.detach(|| self.live().for_each(|page| judge::judge(page, &model.model, mode, kinds, reasons)));
        Ok(())
    }

    /// Of each unit of a page: the text, whether a rule took it, whether it stands under a heading or between lines that go.
    fn units(&self, page: usize) -> Vec<(String, bool, bool)> {
        let Some((units, lines)) = judge::lines(&self.pages[page]) else { return Vec::new() };
        units.iter().zip(&lines).map(|(&unit, line)| (self.pages[page].text(unit).to_owned(), line.hit > 0, line.under > 0)).collect()
    }

    /// The features of each unit of a page, 32-bit floats row by row: without `odds`, the first part, the rest zeros; with the log-odds that the
    /// first question gave, all; and then those of the page. `caseless`: as if its script had no case.
    fn features<'py>(
        &self,
        py: Python<'py>,
        page: usize,
        odds: Option<Vec<f32>>,
        caseless: bool,
    ) -> PyResult<(Bound<'py, PyBytes>, Vec<f32>)> {
        let (_, mut lines) = judge::lines(&self.pages[page]).unwrap_or_default();
        if caseless {
            lines.iter_mut().for_each(|line| line.profile = line.profile.caseless());
        }
        let mut rows = features::describe(&lines, features::names().0.len());
        let mut whole = Vec::new();
        if let Some(mut odds) = odds {
            if odds.len() != lines.len() {
                return Err(PyValueError::new_err(format!("{} log-odds for {} units", odds.len(), lines.len())));
            }
            for (odds, certain) in odds.iter_mut().zip(features::certain(&lines)) {
                *odds = if certain { judge::CERTAIN } else { *odds };
            }
            features::second(&mut rows, &lines, &odds);
            whole = features::page(&lines, &odds);
        }
        let bytes: Vec<u8> = rows.data().iter().flat_map(|value| value.to_le_bytes()).collect();
        Ok((PyBytes::new(py, &bytes), whole))
    }

    /// Labels templates, with what is known of the source of each page.
    fn templates(&mut self, py: Python<'_>, sources: Vec<Option<Py<super::templates::Known>>>, kind: u8) {
        py.detach(|| {
            let mut mask = Mask::default();
            for ((page, active), source) in self.pages.iter_mut().zip(&self.active).zip(&sources) {
                if let (true, Some(source)) = (active, source) {
                    known::label(page, &source.get().known, kind, &mut mask);
                }
            }
        });
    }

    /// Labels repeats: kinds of exact, near and contained ones.
    fn repeats(&mut self, py: Python<'_>, kinds: (u8, u8, u8), min_words: usize, threshold: f32) {
        let settings = Settings { exact: kinds.0, near: kinds.1, contained: kinds.2, min_tokens: min_words, threshold };
        py.detach(|| self.live().for_each(|page| repeats::repeats(page, settings)));
    }

    /// Cuts what is labelled with a kind that `drop` has a bit for. True while another round may find more, for [`ROUNDS`] rounds at most.
    fn cut(&mut self, py: Python<'_>, drop: u64) -> bool {
        self.rounds += 1;
        py.detach(|| {
            for (page, active) in self.pages.iter_mut().zip(&mut self.active) {
                *active = *active && page.cut(|kind| drop >> kind & 1 != 0);
            }
        });
        self.rounds < ROUNDS && self.active.contains(&true)
    }

    fn __len__(&self) -> usize {
        self.pages.len()
    }

    /// The clean text of each page.
    fn texts<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyString>> {
        let texts: Vec<String> = py.detach(|| self.pages.iter().map(Page::render).collect());
        texts.iter().map(|text| PyString::new(py, text)).collect()
    }

    /// For each page: the clean text as UTF-8, the bits of what native normalization changed, and the account: what was cut, in the order of
    /// the source; what was recognised and left; the title, if one was recognised.
    fn results<'py>(&self, py: Python<'py>) -> Vec<(Bound<'py, PyBytes>, u8, Account)> {
        let results: Vec<_> = py.detach(|| self.pages.iter().map(|page| (page.render(), page.fixes, account(page))).collect());
        results.into_iter().map(|(text, fixes, account)| (PyBytes::new(py, text.as_bytes()), fixes, account)).collect()
    }
}

impl Batch {
    fn live(&mut self) -> impl Iterator<Item = &mut Page> {
        self.pages.iter_mut().zip(&self.active).filter(|(_, active)| **active).map(|(page, _)| page)
    }

    fn ask(&mut self, rules: &Rules, scratch: &mut Scratch) -> Vec<(u16, String)> {
        let mut known: HashMap<(u16, String), u32> = HashMap::new();
        self.waiting.clear();
        for (number, page) in self.pages.iter_mut().enumerate().filter(|(i, _)| self.active[*i]) {
            for unit in 0..page.lines() {
                if !page.ask(unit) {
                    continue;
                }
                rules.prefilter.candidates(page.text(unit), scratch);
                for &rule in &scratch.found {
                    if rules.prefilter.decides(rule) {
                        page.hits.push((unit, rule));
                        continue;
                    }
                    let folded = rules.prefilter.folded(rule, page.text(unit));
                    let next = known.len() as u32;
                    let question = *known.entry((rule, folded)).or_insert(next);
                    self.waiting.push((number as u32, unit, question));
                }
            }
        }
        let mut questions = vec![(0, String::new()); known.len()];
        known.into_iter().for_each(|(question, i)| questions[i as usize] = question);
        self.asked = questions.iter().map(|(rule, _)| *rule).collect();
        questions
    }
}

/// The text as UTF-8. Surrogates become U+FFFD, of the same length in bytes and code points, and the text with them is kept aside.
fn source(text: &Bound<'_, PyString>, i: usize, raw: &mut HashMap<usize, Vec<u8>>) -> PyResult<String> {
    // Not `to_str`: it would leave a UTF-8 copy in the caller's string for as long as that lives.
    // SAFETY: the pointer is that of a live str; the result is a new reference or null with an error set.
    let plain = unsafe { Bound::from_owned_ptr_or_err(text.py(), ffi::PyUnicode_AsUTF8String(text.as_ptr())) };
    let encoded = plain.or_else(|_| text.call_method1("encode", ("utf-8", "surrogatepass")))?;
    let bytes = encoded.cast::<PyBytes>()?.as_bytes();
    if bytes.len() > MAX_BYTES {
        return Err(PyOverflowError::new_err(bytes.len()));
    }
    match std::str::from_utf8(bytes) {
        Ok(source) => Ok(source.to_owned()),
        Err(_) => {
            raw.insert(i, bytes.to_vec());
            Ok(without_surrogates(bytes.to_vec()))
        }
    }
}

fn without_surrogates(mut bytes: Vec<u8>) -> String {
    for at in 0..bytes.len().saturating_sub(2) {
        // In UTF-8 with surrogates passed, ED A0..BF begins one and nothing else.
        if bytes[at] == 0xED && bytes[at + 1] >= 0xA0 {
            bytes[at..at + 3].copy_from_slice("\u{FFFD}".as_bytes());
        }
    }
    String::from_utf8(bytes).expect("Python encodes all else as UTF-8")
}

fn decode<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the pointer and length are those of a live slice, the name of the handler is a C string.
    unsafe {
        let text = ffi::PyUnicode_DecodeUTF8(bytes.as_ptr().cast(), bytes.len() as ffi::Py_ssize_t, c"surrogatepass".as_ptr());
        Bound::from_owned_ptr_or_err(py, text)
    }
}
