//! Values on their way across the border: numbers of kinds, texts, arrays, and the wish to stop.

use std::cell::RefCell;

use pyo3::exceptions::{PyOverflowError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyString};

use crate::dedup::digest::{Method, Settings};
use crate::dedup::jaccard::Threshold;
use crate::page::label::Kind;
use crate::text::words::is_tokenizable;

/// Returns the kind with this number.
pub fn kind(number: u8) -> PyResult<Kind> {
    Kind::new(number)
        .ok_or_else(|| PyValueError::new_err(format!("kind number {number}; numbers below {} have a place in a mask", Kind::MOST)))
}

/// Returns the error for a text that is too long to be cut into words; it carries the text's length in bytes.
pub fn too_long(bytes: usize) -> PyErr {
    PyOverflowError::new_err(bytes)
}

/// Makes sure that a text can be cut into words.
pub fn check_length(text: &str) -> PyResult<()> {
    if is_tokenizable(text) { Ok(()) } else { Err(too_long(text.len())) }
}

/// Makes sure that shingles have a size.
pub fn check_ngram_size(ngram_size: usize) -> PyResult<()> {
    if ngram_size == 0 { Err(PyValueError::new_err("ngram_size = 0")) } else { Ok(()) }
}

/// Returns a threshold of Jaccard similarity.
pub fn threshold(value: f64) -> PyResult<Threshold> {
    Threshold::new(value).ok_or_else(|| PyValueError::new_err("threshold"))
}

/// Returns what a search for repeats needs to know.
pub fn settings(least: f64, ngram_size: usize, min_words: usize, same_numbers: bool, method: Method, workers: usize) -> PyResult<Settings> {
    check_ngram_size(ngram_size)?;
    Ok(Settings { threshold: threshold(least)?, ngram_size, min_words, same_numbers, method, workers })
}

/// Returns numbers as memory that NumPy views. NumPy's own interface is loaded on first use, which an interrupt may hit; plain bytes need no loading.
pub fn array<'py, T: Copy, const N: usize>(
    py: Python<'py>,
    values: &[T],
    bytes: impl Fn(T) -> [u8; N],
) -> PyResult<Bound<'py, PyByteArray>> {
    PyByteArray::new_with(py, values.len() * N, |memory| {
        memory.chunks_exact_mut(N).zip(values).for_each(|(place, value)| place.copy_from_slice(&bytes(*value)));
        Ok(())
    })
}

/// Runs `work` without the GIL; its `stop` asks Python for pending signals. Raises what a signal handler raised.
pub fn interruptible<R: Send>(py: Python<'_>, work: impl FnOnce(&dyn Fn() -> bool) -> Option<R> + Send) -> PyResult<R> {
    let (result, raised) = py.detach(|| {
        let raised = RefCell::new(None);
        let result = work(&|| {
            let error = Python::attach(|py| py.check_signals().err());
            let stop = error.is_some();
            if stop {
                raised.replace(error);
            }
            stop
        });
        (result, raised.into_inner())
    });
    match (result, raised) {
        (_, Some(error)) => Err(error),
        (Some(result), None) => Ok(result),
        (None, None) => unreachable!("nothing stops the work but a signal"),
    }
}

/// Calls `take` with the UTF-8 of a str. Python's own accessor would keep a copy in the caller's object for as long as that lives; this one
/// keeps nothing. A lone surrogate becomes a question mark: neither is part of a token. Methods of a subclass of str are not asked.
pub fn with_utf8<R>(text: &Bound<'_, PyString>, take: impl FnOnce(&str) -> R) -> PyResult<R> {
    let py = text.py();
    // SAFETY: the argument is a str; both calls return a new reference to bytes, or null with an exception set.
    let bytes = unsafe {
        let mut bytes = ffi::PyUnicode_AsUTF8String(text.as_ptr());
        if bytes.is_null() {
            ffi::PyErr_Clear();
            bytes = ffi::PyUnicode_AsEncodedString(text.as_ptr(), c"utf-8".as_ptr(), c"replace".as_ptr());
        }
        Bound::from_owned_ptr_or_err(py, bytes)?
    };
    let bytes = bytes.cast::<PyBytes>()?.as_bytes();
    // SAFETY: CPython's own encoder has written these bytes, with no error handler or with `replace`, which it does itself as well: no codec and
    // no handler that a program registers has a say.
    Ok(take(unsafe { std::str::from_utf8_unchecked(bytes) }))
}
