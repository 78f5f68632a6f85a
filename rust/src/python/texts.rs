//! Texts that are compared with each other, wherever Python has them.

use std::ops::Range;
use std::sync::Arc;

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::{PyBufferError, PyIndexError, PyKeyError, PyKeyboardInterrupt, PyOSError, PyTypeError, PyValueError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PyCapsule, PyList, PyString, PyTuple};

use super::functions::permutations;
use super::key_order::KeyOrder;
use super::values::{array, check_length, interruptible, settings, too_long, with_utf8};
use crate::dedup::decide::{Effort, KEPT, Repeats, find_repeats};
use crate::dedup::digest::Method;
use crate::dedup::keyed;
use crate::dedup::lsh::Bands;
use crate::dedup::texts::arrow::{self, Refusal, Strings};
use crate::dedup::texts::source::{Source, TextBatch};
use crate::page::units::MAX_BYTES;
use crate::repair::paragraphs::for_each_paragraph;
use crate::text::words::is_tokenizable;

/// Adds this file's classes and functions to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Texts>()
}

/// Documents, and which stretches of them are units.
#[pyclass(frozen)]
struct Texts {
    store: Arc<Store>,
    /// The documents that count, from the first.
    docs: usize,
    units: Option<Units>,
}

enum Store {
    /// A tuple of str, and for each whether it is ASCII.
    Objects(Py<PyTuple>, Vec<u8>),
    /// A column in Arrow memory.
    Arrow(Strings),
}

/// Stretches of documents. Access to a str is by code points, to Arrow memory by bytes; the spans shown are code points.
#[derive(Default)]
struct Units {
    doc: Vec<u32>,
    chars: Vec<Range<usize>>,
    bytes: Vec<Range<usize>>,
}

#[pymethods]
impl Texts {
    /// Takes a list of str; the strings are read where they are.
    #[staticmethod]
    fn from_list(list: &Bound<'_, PyList>) -> PyResult<Self> {
        let py = list.py();
        let items = list.to_tuple();
        let is_ascii = py.get_type::<PyString>().getattr("isascii")?;
        let flags = py.import("builtins")?.getattr("map")?.call1((is_ascii, &items))?;
        let flags = py.get_type::<PyBytes>().call1((flags,))?;
        let flags = flags.cast::<PyBytes>()?.as_bytes().to_vec();
        for item in items.iter() {
            check_object(item.cast::<PyString>()?)?;
        }
        Ok(Self::over(Store::Objects(items.unbind(), flags)))
    }

    /// Takes a column of anything that has `__arrow_c_stream__` or `__arrow_c_array__`, without a copy. A stream is read without the lock of the
    /// interpreter, which its producer may need.
    #[staticmethod]
    fn from_arrow(py: Python<'_>, producer: &Bound<'_, PyAny>, column: &str) -> PyResult<Self> {
        let strings = if producer.hasattr("__arrow_c_stream__")? {
            let capsule = producer.call_method0("__arrow_c_stream__")?;
            let stream = pointer(&capsule, c"arrow_array_stream")?;
            // SAFETY: a capsule of this name holds a stream.
            let stream = unsafe { arrow::Stream::take(stream) };
            interruptible(py, |stop| {
                // SAFETY: what a stream gives is as large as it says; `checked` in `arrow.rs` holds the rest against it.
                match unsafe { Strings::from_stream(stream, column, stop) } {
                    Err(Refusal::Interrupted) => None,
                    other => Some(other),
                }
            })?
        } else {
            let (schema, array): (Bound<'_, PyAny>, Bound<'_, PyAny>) = producer.call_method0("__arrow_c_array__")?.extract()?;
            let (schema, array) = (pointer(&schema, c"arrow_schema")?, pointer(&array, c"arrow_array")?);
            // SAFETY: capsules of these names hold a schema and an array.
            unsafe { Strings::from_array(arrow::Schema::take(schema), arrow::Array::take(array), column) }
        };
        let strings = strings.map_err(refuse)?;
        py.detach(|| strings.iter().find(|bytes| !is_short(bytes)).map_or(Ok(()), |bytes| Err(too_long(bytes.len()))))?;
        Ok(Self::over(Store::Arrow(strings)))
    }

    /// Makes the same documents with their paragraphs as units.
    fn paragraphs(&self, py: Python<'_>) -> PyResult<Self> {
        let mut units = Units::default();
        let by_bytes = matches!(&*self.store, Store::Arrow(_));
        let mut batch = TextBatch::default();
        for doc in 0..self.docs {
            if doc % 1024 == 0 {
                py.check_signals()?;
            }
            batch.clear();
            self.store.push(py, doc, None, &mut batch)?;
            for_each_paragraph(batch.get(0), |paragraph| {
                units.doc.push(doc as u32);
                units.chars.push(paragraph.chars);
                if by_bytes {
                    units.bytes.push(paragraph.bytes);
                }
            });
        }
        Ok(Self { store: Arc::clone(&self.store), docs: self.docs, units: Some(units) })
    }

    /// Makes the first documents, whole.
    fn first(&self, count: usize) -> Self {
        Self { store: Arc::clone(&self.store), docs: count.min(self.docs), units: None }
    }

    fn __len__(&self) -> usize {
        self.len()
    }

    /// Returns the text of unit `i`.
    fn get(&self, py: Python<'_>, i: usize) -> PyResult<Py<PyString>> {
        if i >= self.len() {
            return Err(PyIndexError::new_err(format!("unit {i} of {}", self.len())));
        }
        let (doc, span) = self.place(i);
        match &*self.store {
            Store::Objects(items, _) => {
                let item = items.bind(py).get_item(doc)?.cast_into::<PyString>()?;
                Ok(span.map_or_else(|| Ok(item.clone()), |span| substring(&item, span))?.unbind())
            }
            Store::Arrow(_) => {
                let mut batch = TextBatch::default();
                self.store.push(py, doc, span, &mut batch)?;
                Ok(PyString::new(py, batch.get(0)).unbind())
            }
        }
    }

    /// Returns the document of each unit, int32.
    fn unit_doc<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyByteArray>> {
        let docs: Vec<i32> = (0..self.len()).map(|i| self.place(i).0 as i32).collect();
        array(py, &docs, i32::to_ne_bytes)
    }

    /// Returns the span of each unit in its document, code points: int64, start and end by turns.
    fn unit_span<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyByteArray>> {
        let flat: Vec<i64> = match &self.units {
            Some(units) => units.chars.iter().flat_map(|span| [span.start as i64, span.end as i64]).collect(),
            None => self.lengths(py)?.into_iter().flat_map(|length| [0, length]).collect(),
        };
        array(py, &flat, i64::to_ne_bytes)
    }

    /// Returns the kept unit that each unit repeats (int64, -1 for none), its similarity (float64), and counts: exempt, distinct, keys, verified.
    ///
    /// Units that `order` leaves out take no part.
    #[pyo3(signature = (order, *, threshold, ngram_size, min_words, same_numbers, workers, bands=None))]
    #[allow(clippy::too_many_arguments)]
    fn find_repeats<'py>(
        &self,
        py: Python<'py>,
        order: Option<PyBuffer<u32>>,
        threshold: f64,
        ngram_size: usize,
        min_words: usize,
        same_numbers: bool,
        workers: usize,
        bands: Option<(PyBuffer<u32>, PyBuffer<u32>, usize, usize)>,
    ) -> PyResult<Found<'py>> {
        let method = match bands {
            None => Method::Exact,
            Some((a, b, bands, rows)) => Bands::new(permutations(py, &a, &b)?, bands, rows)
                .map(Method::Bands)
                .ok_or_else(|| PyValueError::new_err("the bands do not fit the permutations"))?,
        };
        let settings = settings(threshold, ngram_size, min_words, same_numbers, method, workers)?;
        let order = self.chosen(py, order)?;
        let repeats = interruptible(py, |stop| find_repeats(self, &order, &settings, stop).ok())?;
        arrays(py, &repeats)
    }

    /// Learns an order from units.
    fn learn_order(
        &self,
        py: Python<'_>,
        units: Option<PyBuffer<u32>>,
        threshold: f64,
        ngram_size: usize,
        same_numbers: bool,
    ) -> PyResult<KeyOrder> {
        let settings = settings(threshold, ngram_size, 0, same_numbers, Method::Exact, 0)?;
        let units = self.chosen(py, units)?;
        interruptible(py, |stop| keyed::learn(self, &units, &settings, stop).ok()).map(KeyOrder)
    }

    /// Returns what an index knows of units: fingerprints (16 bytes each, 0 for one that takes no part), numbers of shingles (uint32), where the keys of
    /// each end (uint64), keys (uint32).
    #[pyo3(signature = (units, order, *, threshold, ngram_size, min_words, same_numbers))]
    #[allow(clippy::too_many_arguments)]
    fn keyed<'py>(
        &self,
        py: Python<'py>,
        units: Option<PyBuffer<u32>>,
        order: &KeyOrder,
        threshold: f64,
        ngram_size: usize,
        min_words: usize,
        same_numbers: bool,
    ) -> PyResult<Columns<'py>> {
        let settings = settings(threshold, ngram_size, min_words, same_numbers, Method::Exact, 0)?;
        let units = self.chosen(py, units)?;
        let found = interruptible(py, |stop| keyed::keyed(self, &units, &order.0, &settings, stop).ok())?;
        // The same bytes on any machine: fingerprints are stored.
        let fingerprints = array(py, &found.fingerprints, u128::to_be_bytes)?;
        Ok((
            fingerprints,
            array(py, &found.sizes, u32::to_ne_bytes)?,
            array(py, &found.ends, u64::to_ne_bytes)?,
            array(py, &found.keys, u32::to_ne_bytes)?,
        ))
    }

    /// Returns the tokens of units, joined by one space, UTF-8.
    fn said<'py>(&self, py: Python<'py>, units: Option<PyBuffer<u32>>) -> PyResult<Vec<Bound<'py, PyBytes>>> {
        let units = self.chosen(py, units)?;
        let mut said = Vec::with_capacity(units.len());
        keyed::for_each_said(self, &units, |tokens| said.push(PyBytes::new(py, tokens)));
        Ok(said)
    }
}

/// Arrays of what an index knows of units.
type Columns<'py> = (Bound<'py, PyByteArray>, Bound<'py, PyByteArray>, Bound<'py, PyByteArray>, Bound<'py, PyByteArray>);

/// Witness, similarity, and counts: units exempt, units distinct, keys, pairs verified.
type Found<'py> = (Bound<'py, PyByteArray>, Bound<'py, PyByteArray>, (usize, usize, usize, usize));

fn arrays<'py>(py: Python<'py>, repeats: &Repeats) -> PyResult<Found<'py>> {
    let Effort { exempt, distinct, keys, verified } = repeats.effort;
    let unit = |unit: u32| if unit == KEPT { -1i64 } else { i64::from(unit) };
    let witness = array(py, &repeats.witness, |witness| unit(witness).to_ne_bytes())?;
    Ok((witness, array(py, &repeats.similarity, f64::to_ne_bytes)?, (exempt, distinct, keys, verified)))
}

impl Texts {
    /// Returns the units that are asked for, or all.
    fn chosen(&self, py: Python<'_>, units: Option<PyBuffer<u32>>) -> PyResult<Vec<u32>> {
        let chosen = units.map_or_else(|| Ok((0..self.len() as u32).collect()), |units| units.to_vec(py))?;
        match chosen.iter().find(|unit| **unit as usize >= self.len()) {
            Some(unit) => Err(PyIndexError::new_err(format!("unit {unit} of {}", self.len()))),
            None => Ok(chosen),
        }
    }

    fn over(store: Store) -> Self {
        let docs = store.len();
        Self { store: Arc::new(store), docs, units: None }
    }

    /// Returns the document of a unit and the span that its store wants.
    fn place(&self, unit: usize) -> (usize, Option<Range<usize>>) {
        match (&self.units, &*self.store) {
            (None, _) => (unit, None),
            (Some(units), Store::Objects(..)) => (units.doc[unit] as usize, Some(units.chars[unit].clone())),
            (Some(units), Store::Arrow(_)) => (units.doc[unit] as usize, Some(units.bytes[unit].clone())),
        }
    }

    fn load_with<'a>(
        &'a self,
        texts: &[u32],
        batch: &mut TextBatch<'a>,
        mut push: impl FnMut(usize, Option<Range<usize>>, &mut TextBatch<'a>),
    ) -> usize {
        let mut count = 0;
        for text in texts {
            let (doc, span) = self.place(*text as usize);
            push(doc, span, batch);
            count += 1;
            if batch.is_full() {
                break;
            }
        }
        count
    }

    /// Returns the code points of each document.
    fn lengths(&self, py: Python<'_>) -> PyResult<Vec<i64>> {
        match &*self.store {
            Store::Objects(items, _) => items.bind(py).iter().take(self.docs).map(|item| Ok(code_points(&item)? as i64)).collect(),
            Store::Arrow(strings) => {
                let length = |i| String::from_utf8_lossy(strings.bytes(i)).chars().count() as i64;
                Ok((0..self.docs).map(length).collect())
            }
        }
    }
}

impl Source for Texts {
    fn len(&self) -> usize {
        self.units.as_ref().map_or(self.docs, |units| units.doc.len())
    }

    fn load<'a>(&'a self, texts: &[u32], batch: &mut TextBatch<'a>) -> usize {
        match &*self.store {
            Store::Arrow(strings) => self.load_with(texts, batch, |doc, span, batch| push_bytes(strings.bytes(doc), span, batch)),
            // The only failure is memory; Rust's own allocations end the process there too.
            store @ Store::Objects(..) => Python::attach(|py| {
                self.load_with(texts, batch, |doc, span, batch| store.push(py, doc, span, batch).expect("memory for one text"))
            }),
        }
    }
}

impl Store {
    fn len(&self) -> usize {
        match self {
            Self::Objects(_, ascii) => ascii.len(),
            Self::Arrow(strings) => strings.len(),
        }
    }

    /// Appends a document, or a span of it, to the batch.
    fn push<'a>(&'a self, py: Python<'_>, doc: usize, span: Option<Range<usize>>, batch: &mut TextBatch<'a>) -> PyResult<()> {
        match self {
            Self::Objects(items, ascii) => {
                let item = items.bind(py).get_borrowed_item(doc)?;
                let item = item.cast::<PyString>()?;
                if ascii[doc] == 1 {
                    let text = item.to_str()?;
                    // SAFETY: the UTF-8 of an ASCII str is the str's own data: it never changes and never moves. The str lives as long as the
                    // tuple that `self` holds, which nobody else can change, and `'a` is a borrow of `self`.
                    let text = unsafe { std::mem::transmute::<&str, &'a str>(text) };
                    batch.borrow(part(text, span));
                } else if let Some(span) = span {
                    with_utf8(&substring(&item, span)?, |text| batch.copy(text))?;
                } else {
                    with_utf8(&item, |text| batch.copy(text))?;
                }
            }
            Self::Arrow(strings) => push_bytes(strings.bytes(doc), span, batch),
        }
        Ok(())
    }
}

/// Appends a span of Arrow memory. What is no UTF-8, against the specification, is read with replacement characters.
fn push_bytes<'a>(bytes: &'a [u8], span: Option<Range<usize>>, batch: &mut TextBatch<'a>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => batch.borrow(part(text, span)),
        Err(_) => batch.copy(part(&String::from_utf8_lossy(bytes), span)),
    }
}

/// Returns a span of a text; nothing where there is none any more, since its owner changed it during the call.
fn part(text: &str, span: Option<Range<usize>>) -> &str {
    span.map_or(text, |span| text.get(span).unwrap_or_default())
}

/// Bytes up to which no text is looked at to know that it can be cut into words.
const SHORT: usize = 1 << 27;

/// Makes sure that a text can be cut into words.
fn check_object(text: &Bound<'_, PyString>) -> PyResult<()> {
    // A code point takes at most four bytes.
    match code_points(text)? {
        length if length <= SHORT / 4 => Ok(()),
        length if length > MAX_BYTES => Err(too_long(length)),
        _ => with_utf8(text, check_length)?,
    }
}

/// Whether some bytes, read as UTF-8, can be cut into words.
fn is_short(bytes: &[u8]) -> bool {
    bytes.len() <= SHORT || (bytes.len() <= MAX_BYTES && is_tokenizable(&String::from_utf8_lossy(bytes)))
}

/// Returns the length of a str, which a subclass may tell otherwise.
fn code_points(text: &Bound<'_, PyAny>) -> PyResult<usize> {
    // SAFETY: the pointer is that of a live object; for what is no str the result is -1, with an exception set.
    let length = unsafe { ffi::PyUnicode_GetLength(text.as_ptr()) };
    usize::try_from(length).map_err(|_| PyErr::fetch(text.py()))
}

fn substring<'py>(text: &Bound<'py, PyString>, span: Range<usize>) -> PyResult<Bound<'py, PyString>> {
    // SAFETY: the argument is a str; returns a new reference to a str, or null with an exception set.
    let part = unsafe {
        Bound::from_owned_ptr_or_err(text.py(), ffi::PyUnicode_Substring(text.as_ptr(), span.start as isize, span.end as isize))?
    };
    Ok(part.cast_into::<PyString>()?)
}

fn pointer<T>(capsule: &Bound<'_, PyAny>, name: &std::ffi::CStr) -> PyResult<*mut T> {
    Ok(capsule.cast::<PyCapsule>()?.pointer_checked(Some(name))?.as_ptr().cast())
}

fn refuse(refusal: Refusal) -> PyErr {
    match refusal {
        Refusal::NoColumn(names) => PyKeyError::new_err(names),
        Refusal::NotStrings(format) => PyTypeError::new_err(format),
        Refusal::Producer(message) => PyOSError::new_err(message),
        Refusal::Contradiction(message) => PyBufferError::new_err(message),
        Refusal::Interrupted => PyKeyboardInterrupt::new_err(()),
    }
}
