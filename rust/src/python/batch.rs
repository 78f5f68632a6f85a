//! Documents on their way to clean text.

use std::collections::HashMap;

use pyo3::exceptions::{PyIndexError, PyOverflowError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use super::line_model::{BarRow, KindRows, LineModel, WordRow, kinds_of_model, lexicon, reading};
use super::rules::Rules;
use super::scanner::Scanner;
use super::site_matcher::SiteMatcher;
use super::values::kind;
use crate::cleaning::batch::{PageBatch, Source};
use crate::model::judge::JudgedKinds;
use crate::model::teach;
use crate::page::account::{Account, account};
use crate::page::document::Page;
use crate::page::label::KindSet;
use crate::page::units::{MAX_BYTES, fix};
use crate::repeats::units::{Matching, RepeatSettings};
use crate::text::surrogates;

/// Adds this file's class to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Batch>()
}

/// Documents that go through the pipeline together. All calls but the reading of results run without the GIL.
#[pyclass]
pub struct Batch {
    batch: PageBatch,
    /// For the pages that held surrogates, the source with them.
    raw: HashMap<usize, Vec<u8>>,
}

impl Batch {
    /// Returns the pages, in the order of their texts.
    pub fn pages(&self) -> &[Page] {
        self.batch.pages()
    }

    fn page(&self, number: usize) -> PyResult<&Page> {
        self.pages().get(number).ok_or_else(|| PyIndexError::new_err(format!("page {number} of {}", self.pages().len())))
    }
}

#[pymethods]
impl Batch {
    /// Splits the texts and normalizes all lines but those that only ftfy can settle.
    #[new]
    fn new(py: Python<'_>, texts: Vec<Bound<'_, PyString>>, scanner: &Scanner, unwrap: bool) -> PyResult<Self> {
        let mut raw = HashMap::new();
        let mut sources = Vec::with_capacity(texts.len());
        for (i, text) in texts.iter().enumerate() {
            let text = source(text, i, &mut raw)?;
            sources.push(Source { text, lossy: raw.contains_key(&i) });
        }
        let batch = py.detach(|| PageBatch::new(sources, &scanner.scanner, scanner.asked, unwrap));
        Ok(Batch { batch, raw })
    }

    /// Returns the lines that ftfy may change, with the page of each: what `settle` takes, repaired.
    fn dirty<'py>(&self, py: Python<'py>) -> PyResult<Vec<(usize, Bound<'py, PyAny>)>> {
        let mut out = Vec::new();
        for (i, page) in self.pages().iter().enumerate() {
            for &line in page.dirty() {
                let (text, pieces) = page.dirty_text(line);
                let line = match (self.raw.get(&i), pieces) {
                    (Some(raw), Some(pieces)) => decode(py, &pieces.iter().map(|piece| &raw[piece.range()]).collect::<Vec<_>>().concat())?,
                    _ => PyString::new(py, text).into_any(),
                };
                out.push((i, line));
            }
        }
        Ok(out)
    }

    /// Takes what `dirty` gave, repaired, in the same order.
    fn settle(&mut self, py: Python<'_>, texts: Vec<String>) -> PyResult<()> {
        py.detach(|| self.batch.settle(&texts)).map_err(PyValueError::new_err)
    }

    /// Asks the rules. Returns what is left for Python to decide: (rule, folded line), each once.
    fn questions(&mut self, py: Python<'_>, rules: &Rules) -> Vec<(u16, String)> {
        py.detach(|| self.batch.ask(&rules.ruleset))
    }

    /// Takes the numbers of the questions whose answer is yes.
    fn answer(&mut self, yes: Vec<u32>) -> PyResult<()> {
        self.batch.answer(&yes).map_err(PyValueError::new_err)
    }

    /// Labels by the rules that matched.
    fn label(&mut self, py: Python<'_>, rules: &Rules) {
        py.detach(|| self.batch.label(&rules.ruleset));
    }

    /// Labels what the line model takes for furniture. `read`: what the texts are, and the bar. `kinds`: the number of a menu's, the masks of
    /// furniture and of those that go. With `reasons`, remembers why.
    fn judge(&mut self, py: Python<'_>, model: &LineModel, read: (&str, BarRow), kinds: (u8, u64, u64), reasons: bool) -> PyResult<()> {
        let reading = reading(read.0, read.1)?;
        let kinds = JudgedKinds { menu: kind(kinds.0)?, furniture: KindSet::new(kinds.1), drop: KindSet::new(kinds.2) };
        py.detach(|| self.batch.judge(&model.model, reading, kinds, reasons));
        Ok(())
    }

    /// Returns of each unit of a page: the text, whether a rule took it, whether it stands under a heading or between lines that go.
    fn units(&self, page: usize) -> PyResult<Vec<(String, bool, bool)>> {
        Ok(teach::units(self.page(page)?))
    }

    /// Returns of each unit of a page the hashes by which the line model weighs its words; none of a unit that it does not read.
    fn word_hashes(&self, page: usize) -> PyResult<Vec<Vec<u32>>> {
        Ok(teach::word_hashes(self.page(page)?))
    }

    /// Returns what the words of each unit of a page say by these weights, see `LineModel`.
    fn says(&self, page: usize, words: WordRow) -> PyResult<Vec<f32>> {
        Ok(teach::says(self.page(page)?, &lexicon(words)?))
    }

    /// Returns the features of each unit of a page, 32-bit floats row by row. `says`: what the words of each say. Without `odds`, the first part,
    /// the rest zeros; with the log-odds that the first question gave, all, and then those of the page. `caseless`: as if its script had no
    /// case. `kinds`: see `LineModel`.
    fn features<'py>(
        &self,
        py: Python<'py>,
        page: usize,
        says: Vec<f32>,
        odds: Option<Vec<f32>>,
        caseless: bool,
        kinds: KindRows,
    ) -> PyResult<(Bound<'py, PyBytes>, Vec<f32>)> {
        let kinds = kinds_of_model(kinds)?;
        let (rows, whole) = teach::features(self.page(page)?, says, odds, caseless, &kinds).map_err(PyValueError::new_err)?;
        let bytes: Vec<u8> = rows.iter().flat_map(|value| value.to_le_bytes()).collect();
        Ok((PyBytes::new(py, &bytes), whole))
    }

    /// Labels templates as a kind, with what is known of the source of each page.
    fn templates(&mut self, py: Python<'_>, sources: Vec<Option<Py<SiteMatcher>>>, kind: u8) -> PyResult<()> {
        let kind = self::kind(kind)?;
        py.detach(|| self.batch.templates(sources.iter().map(|source| source.as_ref().map(|source| &source.get().matcher)), kind));
        Ok(())
    }

    /// Labels repeats: kinds of exact, near and contained ones. `strict`: see `Matching`.
    fn repeats(&mut self, py: Python<'_>, kinds: (u8, u8, u8), min_words: usize, threshold: f32, strict: bool) -> PyResult<()> {
        let (exact, near, contained) = (kind(kinds.0)?, kind(kinds.1)?, kind(kinds.2)?);
        let matching = if strict { Matching::Strict } else { Matching::Loose };
        py.detach(|| self.batch.repeats(RepeatSettings { exact, near, contained, min_tokens: min_words, threshold, matching }));
        Ok(())
    }

    /// Labels headlines as a kind.
    fn headlines(&mut self, py: Python<'_>, kind: u8) -> PyResult<()> {
        let kind = self::kind(kind)?;
        py.detach(|| self.batch.headlines(kind));
        Ok(())
    }

    /// Cuts what is labelled with a kind that `drop` has a bit for. True while another round may find more.
    fn cut(&mut self, py: Python<'_>, drop: u64) -> bool {
        py.detach(|| self.batch.cut(KindSet::new(drop)))
    }

    fn __len__(&self) -> usize {
        self.pages().len()
    }

    /// Whether one of the texts is HTML.
    fn has_markup(&self) -> bool {
        self.pages().iter().any(|page| page.fixes() & fix::MARKUP != 0)
    }

    /// Returns the clean text of each page.
    fn texts<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyString>> {
        let texts: Vec<String> = py.detach(|| self.pages().iter().map(Page::render).collect());
        texts.iter().map(|text| PyString::new(py, text)).collect()
    }

    /// Returns for each page: the clean text as UTF-8, the bits of what native normalization changed, and the account: what was cut, in the
    /// order of the source; what was recognised and left; the title, if one was recognised.
    fn results<'py>(&self, py: Python<'py>) -> Vec<(Bound<'py, PyBytes>, u8, Account)> {
        let results: Vec<_> = py.detach(|| self.pages().iter().map(|page| (page.render(), page.fixes(), account(page))).collect());
        results.into_iter().map(|(text, fixes, account)| (PyBytes::new(py, text.as_bytes()), fixes, account)).collect()
    }
}

/// Returns the text as UTF-8. Surrogates become U+FFFD, of the same length in bytes and code points, and the text with them is kept aside.
fn source(text: &Bound<'_, PyString>, i: usize, raw: &mut HashMap<usize, Vec<u8>>) -> PyResult<String> {
    // Not `to_str`: it would leave a UTF-8 copy in the caller's string for as long as that lives.
    // SAFETY: the pointer is that of a live str; the result is a new reference or null with an error set.
    let plain = unsafe { Bound::from_owned_ptr_or_err(text.py(), ffi::PyUnicode_AsUTF8String(text.as_ptr())) };
    let encoded = match plain {
        Ok(encoded) => encoded,
        // Not by the method `encode`, which a subclass may have for itself.
        // SAFETY: the pointer is that of the same live str, both names are C strings; the result is a new reference or null with an error set.
        Err(_) => unsafe {
            let encoded = ffi::PyUnicode_AsEncodedString(text.as_ptr(), c"utf-8".as_ptr(), c"surrogatepass".as_ptr());
            Bound::from_owned_ptr_or_err(text.py(), encoded)?
        },
    };
    let bytes = encoded.cast::<PyBytes>()?.as_bytes();
    if bytes.len() > MAX_BYTES {
        return Err(PyOverflowError::new_err(bytes.len()));
    }
    match std::str::from_utf8(bytes) {
        Ok(source) => Ok(source.to_owned()),
        Err(_) => {
            raw.insert(i, bytes.to_vec());
            Ok(surrogates::replaced(bytes.to_vec()))
        }
    }
}

/// Returns the str of UTF-8 in which surrogates may stand.
fn decode<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: the pointer and length are those of a live slice, the name of the handler is a C string.
    unsafe {
        let text = ffi::PyUnicode_DecodeUTF8(bytes.as_ptr().cast(), bytes.len() as ffi::Py_ssize_t, c"surrogatepass".as_ptr());
        Bound::from_owned_ptr_or_err(py, text)
    }
}
