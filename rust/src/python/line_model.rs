//! The line model, as Python gives it: trees and thresholds read from a file.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::features;
use crate::forest::Stored;
use crate::judge::{Bar, Mode, Model};

/// Adds this file's classes and functions to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<LineModel>()?;
    m.add_function(wrap_pyfunction!(feature_names, m)?)
}

/// The names of the features, in order; and how many of them the first question sees.
#[pyfunction]
fn feature_names() -> (Vec<String>, usize) {
    features::names()
}

/// Judges lines from the lines around them.
#[pyclass(frozen)]
pub struct LineModel {
    pub model: Model,
}

#[pymethods]
impl LineModel {
    /// Trees of the three questions, and the bar: base, slope, article, page, under.
    #[new]
    fn new(first: Vec<Stored>, second: Vec<Stored>, page: Vec<Stored>, bar: (f32, f32, f32, f32, f32)) -> PyResult<Self> {
        let (base, slope, article, whole, under) = bar;
        let bar = Bar { base, slope, article, page: whole, under };
        let model = Model::new(&first, &second, &page, bar).map_err(PyValueError::new_err)?;
        Ok(LineModel { model })
    }
}

/// How a text is to be read, by its name in `Config`.
pub fn mode(name: &str) -> PyResult<Mode> {
    match name {
        "auto" => Ok(Mode::Auto),
        "article" => Ok(Mode::Article),
        "page" => Ok(Mode::Page),
        other => Err(PyValueError::new_err(format!("page = {other:?}"))),
    }
}
