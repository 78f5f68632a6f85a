//! What Python sees: argument names, one call, error mapping. All PyO3 code of the project stands in this folder.

mod clean;
mod dedupe;
mod json;
mod judge;
mod spool;
mod templates;

use pyo3::prelude::*;

/// The native half of textclean.
#[pymodule]
fn _native(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("DEBUG", cfg!(debug_assertions))?;
    clean::register(m)?;
    json::register(m)?;
    judge::register(m)?;
    dedupe::register(m)?;
    spool::register(m)?;
    templates::register(m)
}
