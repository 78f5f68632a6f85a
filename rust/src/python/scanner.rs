//! The proof that ftfy leaves a line alone.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::repair::scan::{self, Asked};
use crate::text::lines;

/// Adds this file's class to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Scanner>()
}

/// Knows which lines ftfy leaves alone.
#[pyclass(frozen)]
pub struct Scanner {
    pub scanner: scan::Scanner,
    pub asked: Asked,
}

#[pymethods]
impl Scanner {
    /// Takes ftfy's pattern of mojibake in the syntax of `regex`, and what it is asked to do beyond repairs.
    #[new]
    fn new(badness: &str, quotes: bool, width: bool) -> PyResult<Self> {
        let scanner = scan::Scanner::new(badness).map_err(|e| PyValueError::new_err(e.to_string()))?;
        Ok(Scanner { scanner, asked: Asked { quotes, width } })
    }

    /// False only if ftfy leaves `line`, which holds no line end and no surrogate, as it is.
    fn may_change(&self, line: &str) -> bool {
        self.scanner.may_change(line, lines::facts(line), self.asked)
    }
}
