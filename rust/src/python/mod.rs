//! What Python sees: argument names, one call, error mapping. All PyO3 code of the project stands in this room, one class a file.
//!
//! It uses every other room, and no other room uses it.

mod batch;
mod functions;
mod json;
mod key_order;
mod learner;
mod line_model;
mod rules;
mod scanner;
mod site_matcher;
mod spooled;
mod texts;
mod values;

use pyo3::prelude::*;

/// The native half of textclean.
#[pymodule]
fn _native(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("DEBUG", cfg!(debug_assertions))?;
    functions::register(m)?;
    json::register(m)?;
    scanner::register(m)?;
    rules::register(m)?;
    line_model::register(m)?;
    site_matcher::register(m)?;
    batch::register(m)?;
    learner::register(m)?;
    key_order::register(m)?;
    texts::register(m)?;
    spooled::register(m)
}
