//! Functions on one line or text, and the names of things.

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyDict, PyString};

use super::values::{self, array, check_length, check_ngram_size, with_utf8};
use crate::dedup::jaccard::similarity;
use crate::dedup::minhash::Permutations;
use crate::dedup::verify::ShingleSet;
use crate::model::features;
use crate::page::label::Cause;
use crate::page::source::code;
use crate::page::units::MAX_BYTES;
use crate::repair::{markup, scan, tidy};
use crate::rules::{fold, literals, pattern};
use crate::sites::key::{MASK_VERSION, Mask};
use crate::text::lines;
use crate::text::shingle;
use crate::text::words::{TOKENIZER_VERSION, Tokens, tokenize};

/// Adds this file's functions and constants to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("MAX_BYTES", MAX_BYTES)?;
    module.add("MASK_VERSION", MASK_VERSION)?;
    module.add("TOKENIZER_VERSION", TOKENIZER_VERSION)?;
    module.add("FIRST_TEMPLATE", Cause::FIRST_TEMPLATE)?;
    let causes = PyDict::new(module.py());
    for (cause, name) in Cause::NAMED {
        causes.set_item(cause.number(), name)?;
    }
    module.add("CAUSES", causes)?;
    module.add_function(wrap_pyfunction!(shingle_hash, module)?)?;
    module.add_function(wrap_pyfunction!(rule_literals, module)?)?;
    module.add_function(wrap_pyfunction!(rule_is_open, module)?)?;
    module.add_function(wrap_pyfunction!(fold_line, module)?)?;
    module.add_function(wrap_pyfunction!(calm_marks, module)?)?;
    module.add_function(wrap_pyfunction!(tidy_line, module)?)?;
    module.add_function(wrap_pyfunction!(escape_tags, module)?)?;
    module.add_function(wrap_pyfunction!(code_lines, module)?)?;
    module.add_function(wrap_pyfunction!(mask_line, module)?)?;
    module.add_function(wrap_pyfunction!(feature_names, module)?)?;
    module.add_function(wrap_pyfunction!(tokens, module)?)?;
    module.add_function(wrap_pyfunction!(signature, module)?)?;
    module.add_function(wrap_pyfunction!(jaccard, module)?)?;
    module.add_function(wrap_pyfunction!(repeat_similarity, module)?)
}

/// Returns the 32-bit hash of one shingle.
#[pyfunction]
fn shingle_hash(shingle: &[u8]) -> u32 {
    shingle::shingle_hash(shingle)
}

/// Returns the literals that lines begin with, end with, hold, of which each line that `pattern` matches has one; `inner` are those its author
/// knows of. All empty: there are none.
#[pyfunction]
fn rule_literals(pattern: &str, inner: Vec<String>) -> (Vec<String>, Vec<String>, Vec<String>) {
    let found = literals::literals(pattern, &inner);
    (found.head, found.tail, found.inner)
}

/// Whether a pattern has an open stretch: one of ten or more of any letters. A pattern that is not read here is taken for open.
#[pyfunction]
fn rule_is_open(pattern: &str) -> bool {
    literals::parse(pattern).is_none_or(|(hir, _)| pattern::has_open(&hir))
}

/// Returns a line as rules see it.
#[pyfunction]
fn fold_line(line: &str, case: bool) -> String {
    fold::fold(fold::strip(line), case)
}

/// Returns the line, in NFC if it has a long run of combining marks, else as it is: CPython sorts such a run in the square of its length.
#[pyfunction]
fn calm_marks(line: &str) -> String {
    scan::calm_marks(line)
}

/// Returns a line without invisible characters, stray tags and odd white space.
#[pyfunction]
fn tidy_line(line: &str) -> String {
    match tidy::tidy(line, 0xFF) {
        tidy::Tidied::Same => line.trim_matches([' ', '\t']).to_owned(),
        tidy::Tidied::Changed(text) => text,
    }
}

/// Returns a line, of which the tags are gone and the entities decoded, without invisible characters and odd white space; what now reads as a tag is
/// written as entities.
#[pyfunction]
fn escape_tags(line: &str) -> String {
    let tidied = tidy::tidy_characters(line);
    markup::escape(&tidied).unwrap_or(tidied)
}

/// Returns the stretches of code of a text: the first line and the one behind the last of each, blank lines not counted.
#[pyfunction]
fn code_lines(text: &str) -> Vec<(u32, u32)> {
    let lines = lines::split(text);
    code(text, &lines).into_iter().map(|range| (range.start, range.end)).collect()
}

/// Returns a line without what changes from page to page; None if no word is left.
#[pyfunction]
fn mask_line(line: &str) -> Option<String> {
    Mask::default().line(line).map(str::to_owned)
}

/// Returns the names of the line model's features, in order; and how many of them the first question sees.
#[pyfunction]
fn feature_names() -> (Vec<String>, usize) {
    features::names()
}

/// Returns the tokens of a text.
#[pyfunction]
fn tokens(text: &Bound<'_, PyString>) -> PyResult<Vec<String>> {
    let mut out = Tokens::default();
    with_utf8(text, |text| check_length(text).map(|()| tokenize(text, &mut out)))??;
    Ok(out.iter().map(str::to_owned).collect())
}

/// Returns the values of a signature, uint32.
#[pyfunction]
fn signature<'py>(text: &Bound<'py, PyString>, ngram_size: usize, a: PyBuffer<u32>, b: PyBuffer<u32>) -> PyResult<Bound<'py, PyByteArray>> {
    check_ngram_size(ngram_size)?;
    let permutations = permutations(text.py(), &a, &b)?;
    let (mut tokens, mut hashes, mut values) = (Tokens::default(), Vec::new(), Vec::new());
    with_utf8(text, |text| check_length(text).map(|()| tokenize(text, &mut tokens)))??;
    shingle::shingle_hashes(&tokens, ngram_size, &mut hashes);
    permutations.sign(&hashes, &mut Vec::new(), &mut values);
    array(text.py(), &values, u32::to_ne_bytes)
}

/// Returns the overlap of the shingle sets of two texts, and the size of each.
#[pyfunction]
fn jaccard(one: &Bound<'_, PyString>, other: &Bound<'_, PyString>, ngram_size: usize) -> PyResult<(usize, usize, usize)> {
    let (a, b) = (shingle_set(one, ngram_size)?, shingle_set(other, ngram_size)?);
    Ok((a.overlap(&b), a.len(), b.len()))
}

/// Returns the similarity of two texts if one repeats the other, decided as [`crate::dedup::decide`] does; None if not.
#[pyfunction]
fn repeat_similarity(
    one: &Bound<'_, PyString>,
    other: &Bound<'_, PyString>,
    threshold: f64,
    ngram_size: usize,
    same_numbers: bool,
) -> PyResult<Option<f64>> {
    let least = values::threshold(threshold)?;
    let (a, b) = (shingle_set(one, ngram_size)?, shingle_set(other, ngram_size)?);
    let (overlap, total) = (a.overlap(&b), a.len() + b.len());
    let is_repeat = overlap > 0 && least.reached(overlap, total) && (!same_numbers || a.has_numbers_of(&b));
    Ok(is_repeat.then(|| similarity(overlap, total)))
}

fn shingle_set(text: &Bound<'_, PyString>, ngram_size: usize) -> PyResult<ShingleSet> {
    check_ngram_size(ngram_size)?;
    let mut set = ShingleSet::default();
    with_utf8(text, |text| check_length(text).map(|()| set.fill(text, ngram_size)))??;
    Ok(set)
}

/// Returns the permutations whose factors and summands these are.
pub fn permutations(py: Python<'_>, a: &PyBuffer<u32>, b: &PyBuffer<u32>) -> PyResult<Permutations> {
    Permutations::new(a.to_vec(py)?, b.to_vec(py)?).ok_or_else(|| PyValueError::new_err("permutations are pairs (a, b) with a odd"))
}
