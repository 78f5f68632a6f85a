//! The templates of one source, ready to be found.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::sites::find::{self, AllowedZones};
use crate::sites::key::Mask;

/// Adds this file's class to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("MOST_TEMPLATES", find::MOST)?;
    module.add_class::<SiteMatcher>()
}

/// A line; the template it is of; whether that may stand at the top, inside, at the bottom; its score.
type TemplateRow = (String, u16, (bool, bool, bool), f32);

/// The templates of one source.
#[pyclass(frozen)]
pub struct SiteMatcher {
    pub matcher: find::SiteMatcher,
}

#[pymethods]
impl SiteMatcher {
    /// Takes the lines of all templates.
    #[new]
    fn new(rows: Vec<TemplateRow>) -> PyResult<Self> {
        let (mut matcher, mut mask) = (find::SiteMatcher::default(), Mask::default());
        for (line, number, (top, inside, bottom), score) in rows {
            if usize::from(number) >= find::MOST {
                return Err(PyValueError::new_err(format!("template {number}, {} at most", find::MOST)));
            }
            matcher.add(&line, number, AllowedZones { top, inside, bottom }, score, &mut mask);
        }
        Ok(SiteMatcher { matcher })
    }
}
