//! Pages in, what each source repeats out.

use pyo3::exceptions::{PyMemoryError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::batch::Batch;
use crate::sites::learn;
use crate::sites::site::{self, Site};
use crate::sites::state::{self, Refusal};

/// Adds this file's class to the module.
pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("TEMPLATE_PAGES", site::KEPT)?;
    module.add_class::<Learner>()?;
    module.add_class::<LearnerReader>()
}

/// Counts lines, source by source.
#[pyclass]
struct Learner(learn::Learner);

/// Pages; number of the first and the last; least and greatest date; pages with it at the top, inside, at the bottom; places in
/// the list of the lines above and below it; samples.
type LineRow = (u32, u64, u64, Option<String>, Option<String>, [u32; 3], [Option<usize>; 2], Vec<String>);

#[pymethods]
impl Learner {
    /// Makes a learner with room for `most` bytes of lines and pages.
    #[new]
    fn new(most: usize) -> Self {
        Learner(learn::Learner::new(most))
    }

    /// Adds pages, repaired, with the source and the date of each.
    fn add(&mut self, py: Python<'_>, batch: &Batch, sources: Vec<Option<String>>, dates: Vec<Option<String>>) -> PyResult<()> {
        if sources.len() != batch.pages().len() || dates.len() != batch.pages().len() {
            return Err(PyValueError::new_err(format!("{} pages, {} sources, {} dates", batch.pages().len(), sources.len(), dates.len())));
        }
        py.detach(|| {
            for ((page, source), date) in batch.pages().iter().zip(&sources).zip(&dates) {
                self.0.add(page, source.as_deref(), date.as_deref());
            }
        });
        Ok(())
    }

    /// Returns how many pages were added.
    #[getter]
    fn pages(&self) -> u64 {
        self.0.pages
    }

    /// Returns the room for lines and pages, in bytes.
    #[getter]
    fn most(&self) -> usize {
        self.0.most
    }

    /// Hands all that it knows to a function, in pieces of bytes, for a [`LearnerReader`].
    fn write(&self, py: Python<'_>, sink: &Bound<'_, PyAny>) -> PyResult<()> {
        state::write(&self.0, |piece| sink.call1((PyBytes::new(py, piece),)).map(drop))
    }

    /// Returns the bytes of lines and pages held, about.
    #[getter]
    fn bytes(&self) -> usize {
        self.0.bytes()
    }

    /// Returns the sources: name, pages, by how much a count may be short.
    fn sources(&self) -> Vec<(String, u64, u64)> {
        let mut sources: Vec<_> = self.0.sites.iter().map(|(name, site)| (name.clone(), site.documents, site.short)).collect();
        sources.sort_unstable();
        sources
    }

    /// Returns the lines that several pages of a source have.
    fn lines(&self, source: &str) -> Vec<LineRow> {
        let found = self.0.sites.get(source).map(Site::found).unwrap_or_default();
        let row = |line: site::Found<'_>| {
            let entry = line.entry;
            let samples = entry.samples.iter().map(|sample| sample.to_string()).collect();
            let (least, greatest) = entry.dates.as_ref().map(|(least, greatest)| (least.to_string(), greatest.to_string())).unzip();
            (entry.documents, entry.seen.0, entry.seen.1, least, greatest, line.profile, line.beside, samples)
        };
        found.into_iter().map(row).collect()
    }
}

/// Reads what [`Learner::write`] wrote, and checks all of it.
#[pyclass]
struct LearnerReader(Option<state::Reader>);

#[pymethods]
impl LearnerReader {
    /// Makes a reader of a learner that saw so many pages and has room for `most` bytes; what is read may take `room` bytes.
    #[new]
    fn new(pages: u64, most: usize, room: usize) -> PyResult<Self> {
        Ok(LearnerReader(Some(state::Reader::new(pages, most, room).map_err(raised)?)))
    }

    /// Reads the next bytes; after an error it is of no use.
    fn push(&mut self, py: Python<'_>, piece: &[u8]) -> PyResult<()> {
        let mut reader = self.0.take().ok_or_else(used)?;
        let reader = py.detach(|| reader.push(piece).map(|()| reader)).map_err(raised)?;
        self.0 = Some(reader);
        Ok(())
    }

    /// Returns the learner.
    fn finish(&mut self) -> PyResult<Learner> {
        let reader = self.0.take().ok_or_else(used)?;
        reader.finish().map(Learner).map_err(raised)
    }
}

fn raised(refusal: Refusal) -> PyErr {
    match refusal {
        Refusal::Wrong(what) => PyValueError::new_err(what),
        Refusal::Large => PyMemoryError::new_err(()),
    }
}

fn used() -> PyErr {
    PyValueError::new_err("nothing can be read after an error or the end")
}
