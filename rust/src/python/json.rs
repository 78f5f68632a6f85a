//! Records of JSON.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use crate::json;

/// Adds this file's functions to the module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("ACTING", json::ACTING.to_vec())?;
    m.add_function(wrap_pyfunction!(json_string, m)?)?;
    m.add_function(wrap_pyfunction!(json_record, m)?)
}

/// A text as a string of JSON without acting characters; `None` if it holds surrogates.
#[pyfunction]
fn json_string(text: &Bound<'_, PyString>, ascii: bool) -> Option<String> {
    text.to_cow().ok().map(|text| json::string(&text, ascii))
}

/// Of a line with an object: where the value of each member stands, in code points, the string in `field`, and where the last value ends. `None`
/// if the line is not plainly that.
#[pyfunction]
fn json_record<'py>(py: Python<'py>, line: &Bound<'py, PyString>, field: &str) -> PyResult<Option<(Bound<'py, PyDict>, String, usize)>> {
    let Ok(line) = line.to_cow() else { return Ok(None) };
    let Some(object) = json::object(&line) else { return Ok(None) };
    let last = object.members.iter().rev().find(|(name, _)| name == field);
    let Some(text) = last.and_then(|(_, value)| json::text(&line[value.clone()])) else { return Ok(None) };
    let mut points = Points { line: &line, byte: 0, point: 0 };
    let spans = PyDict::new(py);
    for (name, value) in object.members {
        spans.set_item(name, (points.at(value.start), points.at(value.end)))?;
    }
    Ok(Some((spans, text, points.at(object.end))))
}

/// Bytes to code points, forwards.
struct Points<'a> {
    line: &'a str,
    byte: usize,
    point: usize,
}

impl Points<'_> {
    fn at(&mut self, byte: usize) -> usize {
        self.point += self.line[self.byte..byte].chars().count();
        self.byte = byte;
        self.point
    }
}
