//! The order of shingles of an index.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::dedup::prefix::{Order, TwoBitCounts};

/// Adds this file's class to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<KeyOrder>()
}

/// The order by which an index cuts its prefixes: learned from texts, and stored.
#[pyclass(frozen)]
pub struct KeyOrder(pub Order);

#[pymethods]
impl KeyOrder {
    /// Takes an order as it was stored.
    #[new]
    fn new(bytes: &[u8]) -> PyResult<Self> {
        let counts = TwoBitCounts::from_bytes(bytes).ok_or_else(|| PyValueError::new_err(format!("{} bytes are no order", bytes.len())))?;
        Ok(Self(Order::new(counts)))
    }

    /// Returns what is to be stored of it.
    fn to_bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.sample().to_bytes())
    }
}
