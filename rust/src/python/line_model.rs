//! The line model, as Python gives it: trees and thresholds read from a file.

use std::collections::HashMap;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::model::forest::Stored;
use crate::model::judge::{Bar, Mode, Model};
use crate::model::kinds::ModelKinds;
use crate::page::label::KindSet;

/// Adds this file's class to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<LineModel>()
}

/// How a model counts kinds: its number of each kind, by the kind's number in this process; masks of the groups that features count.
pub type KindRows = (Vec<u8>, HashMap<String, u64>);

/// Judges lines from the lines around them.
#[pyclass(frozen)]
pub struct LineModel {
    pub model: Model,
}

#[pymethods]
impl LineModel {
    /// Takes the trees of the three questions, the bar (base, slope, article, page, under), and how the trees count kinds.
    #[new]
    fn new(first: Vec<Stored>, second: Vec<Stored>, page: Vec<Stored>, bar: (f32, f32, f32, f32, f32), kinds: KindRows) -> PyResult<Self> {
        let (base, slope, article, whole, under) = bar;
        let bar = Bar { base, slope, article, page: whole, under };
        let model = Model::new(&first, &second, &page, bar, kinds_of_model(kinds)?).map_err(PyValueError::new_err)?;
        Ok(LineModel { model })
    }
}

/// Returns how a model counts kinds.
pub fn kinds_of_model((numbers, groups): KindRows) -> PyResult<ModelKinds> {
    let groups: Vec<_> = groups.into_iter().map(|(name, mask)| (name, KindSet::new(mask))).collect();
    ModelKinds::new(&numbers, &groups).map_err(PyValueError::new_err)
}

/// Returns how a text is to be read, by its name in `Config`.
pub fn mode(name: &str) -> PyResult<Mode> {
    match name {
        "auto" => Ok(Mode::Auto),
        "article" => Ok(Mode::Article),
        "page" => Ok(Mode::Page),
        other => Err(PyValueError::new_err(format!("page = {other:?}"))),
    }
}
