//! Records of JSON.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyString};

use crate::json;

/// Adds this file's functions to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("ACTING", json::ACTING.to_vec())?;
    m.add_function(wrap_pyfunction!(json_string, m)?)?;
    m.add_function(wrap_pyfunction!(code_points, m)?)?;
    m.add_function(wrap_pyfunction!(json_record, m)?)
}

/// Returns a text, or its UTF-8, as a string of JSON without acting characters, UTF-8; `None` if there are surrogates in it.
#[pyfunction]
fn json_string<'py>(py: Python<'py>, text: &Bound<'py, PyAny>, ascii: bool) -> PyResult<Option<Bound<'py, PyBytes>>> {
    let string = |text: &str| PyBytes::new(py, json::string(text, ascii).as_bytes());
    match text.cast::<PyBytes>() {
        Ok(utf8) => Ok(std::str::from_utf8(utf8.as_bytes()).ok().map(string)),
        Err(_) => Ok(text.cast::<PyString>()?.to_cow().ok().map(|text| string(&text))),
    }
}

/// Returns where the value of each member of an object stands in its line, in bytes, the string in `field`, and where the last value ends.
/// `None` if the line is not plainly an object.
#[pyfunction]
fn json_record<'py>(py: Python<'py>, line: &[u8], field: &str) -> PyResult<Option<(Bound<'py, PyDict>, String, usize)>> {
    let Some((line, object)) = std::str::from_utf8(line).ok().and_then(|line| Some((line, json::object(line)?))) else { return Ok(None) };
    let last = object.members.iter().rev().find(|(name, _)| name == field);
    let Some(text) = last.and_then(|(_, value)| json::text(&line[value.clone()])) else { return Ok(None) };
    let spans = PyDict::new(py);
    for (name, value) in object.members {
        spans.set_item(name, (value.start, value.end))?;
    }
    Ok(Some((spans, text, object.end)))
}

/// Returns how many code points some UTF-8 holds.
#[pyfunction]
fn code_points(utf8: &[u8]) -> PyResult<usize> {
    let text = std::str::from_utf8(utf8).map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(text.chars().count())
}
