//! The line model, as Python gives it: trees and thresholds read from a file.

use std::collections::HashMap;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::model::bar::{Bar, Mode};
use crate::model::forest::Stored;
use crate::model::judge::{Model, Reading};
use crate::model::kinds::ModelKinds;
use crate::model::lexicon::Lexicon;
use crate::page::label::KindSet;

/// Adds this file's class to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<LineModel>()?;
    m.add_function(wrap_pyfunction!(check_bar, m)?)
}

/// How a model counts kinds: its number of each kind, by the kind's number in this process; masks of the groups that features count.
pub type KindRows = (Vec<u8>, HashMap<String, u64>);

/// Words as Python holds them: what a line says that says nothing, what a step of a weight is worth, the weights.
pub type WordRow = (f32, f32, Vec<i8>);

/// Judges lines from the lines around them.
#[pyclass(frozen)]
pub struct LineModel {
    pub model: Model,
}

#[pymethods]
impl LineModel {
    /// Takes the trees of the three questions, the words, and how the trees count kinds.
    #[new]
    fn new(first: Vec<Stored>, second: Vec<Stored>, page: Vec<Stored>, words: WordRow, kinds: KindRows) -> PyResult<Self> {
        let model = Model::new(&first, &second, &page, lexicon(words)?, kinds_of_model(kinds)?).map_err(PyValueError::new_err)?;
        Ok(LineModel { model })
    }
}

/// Returns the words of a model.
pub fn lexicon((bias, scale, weights): WordRow) -> PyResult<Lexicon> {
    Lexicon::new(bias, scale, weights).map_err(PyValueError::new_err)
}

/// Returns how a model counts kinds.
pub fn kinds_of_model((numbers, groups): KindRows) -> PyResult<ModelKinds> {
    let groups: Vec<_> = groups.into_iter().map(|(name, mask)| (name, KindSet::new(mask))).collect();
    ModelKinds::new(&numbers, &groups).map_err(PyValueError::new_err)
}

/// The bar as Python holds it: article, sure, slope, under, weight.
pub type BarRow = (f32, f32, f32, f32, f32);

/// Returns the bar from its numbers.
fn bar((article, sure, slope, under, weight): BarRow) -> PyResult<Bar> {
    Bar::new(article, sure, slope, under, weight).map_err(PyValueError::new_err)
}

/// Raises what is wrong with a bar.
#[pyfunction]
fn check_bar(numbers: BarRow) -> PyResult<()> {
    bar(numbers).map(|_| ())
}

/// Returns how texts are to be read, from the name in `Config` of what they are, and the bar.
pub fn reading(name: &str, numbers: BarRow) -> PyResult<Reading> {
    let mode = match name {
        "auto" => Mode::Auto,
        "article" => Mode::Article,
        "page" => Mode::Page,
        other => return Err(PyValueError::new_err(format!("page = {other:?}"))),
    };
    Ok(Reading { mode, bar: bar(numbers)? })
}
