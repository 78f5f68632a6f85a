//! De-duplication of texts that stay in files.

use std::path::PathBuf;

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyByteArray;

use super::values::{array, interruptible, settings};
use crate::dedup::decide::find_repeats;
use crate::dedup::digest::Method;
use crate::dedup::sift::sift;
use crate::dedup::texts::source::Source;
use crate::dedup::texts::spool::{Layout, Part, Spool, Unit};
use crate::workers::Stop;

/// Adds this file's class to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Spooled>()
}

/// Units of texts in files.
#[pyclass(frozen)]
struct Spooled {
    spool: Spool,
    layout: Layout,
}

/// Witness (uint32, the largest for none), similarity (float64), and counts: exempt, distinct, keys, verified.
type Found<'py> = (Bound<'py, PyByteArray>, Bound<'py, PyByteArray>, (usize, usize, usize, usize));

#[pymethods]
impl Spooled {
    /// Opens files of UTF-8, each with the lengths of its texts in bytes (uint64).
    #[new]
    #[pyo3(signature = (paths, lengths, *, paragraphs, count_chars=false))]
    fn new(py: Python<'_>, paths: Vec<PathBuf>, lengths: Vec<PyBuffer<u64>>, paragraphs: bool, count_chars: bool) -> PyResult<Self> {
        let lengths = lengths.iter().map(|lengths| lengths.to_vec(py)).collect::<PyResult<Vec<_>>>()?;
        let unit = if paragraphs { Unit::Paragraph } else { Unit::Document };
        let (spool, layout) = py.detach(|| Spool::open(&paths, &lengths, unit, count_chars))?;
        if u32::try_from(spool.len()).is_err() {
            return Err(PyValueError::new_err("too many units"));
        }
        Ok(Self { spool, layout })
    }

    fn __len__(&self) -> usize {
        self.spool.len()
    }

    /// Returns how many units each document has, uint32.
    fn doc_units<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyByteArray>> {
        array(py, &self.layout.units, u32::to_ne_bytes)
    }

    /// Returns the code points of each unit, uint32; empty unless they were to be counted.
    fn unit_chars<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyByteArray>> {
        array(py, &self.layout.chars, u32::to_ne_bytes)
    }

    /// Returns what `Texts.find_repeats` does, comparing all pairs of these units, taken in this order (None: all, as they stand). The answer
    /// numbers units by their place in the order.
    #[pyo3(signature = (units, *, threshold, ngram_size, min_words, same_numbers, workers))]
    #[allow(clippy::too_many_arguments)]
    fn find_repeats<'py>(
        &self,
        py: Python<'py>,
        units: Option<PyBuffer<u32>>,
        threshold: f64,
        ngram_size: usize,
        min_words: usize,
        same_numbers: bool,
        workers: usize,
    ) -> PyResult<Found<'py>> {
        let settings = settings(threshold, ngram_size, min_words, same_numbers, Method::Exact, workers)?;
        let repeats = self.search(py, units, |part, order, stop| find_repeats(part, order, &settings, stop).ok())?;
        let effort = (repeats.effort.exempt, repeats.effort.distinct, repeats.effort.keys, repeats.effort.verified);
        Ok((array(py, &repeats.witness, u32::to_ne_bytes)?, array(py, &repeats.similarity, f64::to_ne_bytes)?, effort))
    }

    /// Returns the places in the order of the units that may repeat another or be repeated, uint32. Of the rest none does.
    #[pyo3(signature = (units, *, threshold, ngram_size, min_words, same_numbers, workers))]
    #[allow(clippy::too_many_arguments)]
    fn sift<'py>(
        &self,
        py: Python<'py>,
        units: Option<PyBuffer<u32>>,
        threshold: f64,
        ngram_size: usize,
        min_words: usize,
        same_numbers: bool,
        workers: usize,
    ) -> PyResult<Bound<'py, PyByteArray>> {
        let settings = settings(threshold, ngram_size, min_words, same_numbers, Method::Exact, workers)?;
        let found = self.search(py, units, |part, order, stop| sift(part, order, &settings, stop).ok())?;
        array(py, &found, u32::to_ne_bytes)
    }
}

impl Spooled {
    /// Runs a search among some units, all if `None`, that are taken in this order.
    fn search<T: Send>(
        &self,
        py: Python<'_>,
        units: Option<PyBuffer<u32>>,
        search: impl Fn(&Part<'_>, &[u32], Stop<'_>) -> Option<T> + Sync,
    ) -> PyResult<T> {
        let units = units.map_or_else(|| Ok((0..self.spool.len() as u32).collect()), |units| units.to_vec(py))?;
        if units.iter().any(|unit| *unit as usize >= self.spool.len()) {
            return Err(PyValueError::new_err("no such unit"));
        }
        let order: Vec<u32> = (0..units.len() as u32).collect();
        let part = Part::new(&self.spool, &units);
        let found = interruptible(py, |stop| search(&part, &order, stop))?;
        match self.spool.failure() {
            Some(error) => Err(PyOSError::new_err(error.to_string())),
            None => Ok(found),
        }
    }
}
