//! String columns in Arrow memory, read where they are: the C data interface, as far as strings need it.
//!
//! Layouts: `utf8`, `large_utf8`, `utf8_view`, and a dictionary of any of them. A column comes alone or as a field of a struct, in one array or in a
//! stream of them. Null is the empty text. What a producer says is checked when it says it (`arrow_values.rs`), as far as it can be.

use std::ffi::{CStr, c_char, c_int};

pub use super::arrow_abi::{Array, Schema, Stream};
use super::arrow_values::{Index, Layout, Sizes, check_frame, check_indices, check_strings, is_valid, named, value};

/// Why a column can't be read; the text is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no column of that name; these there are.
    NoColumn(Vec<String>),
    /// The column has a type that is no string.
    NotStrings(String),
    /// The producer failed.
    Producer(String),
    /// What the producer gave contradicts itself.
    Contradiction(String),
    /// Somebody asked to stop.
    Interrupted,
}

#[derive(Debug, Clone, Copy)]
struct Column {
    /// Which child of the struct it is; `None` for a column that comes alone.
    child: Option<usize>,
    layout: Layout,
    /// The type of the indices, if the column is a dictionary.
    indices: Option<Index>,
}

/// The most texts of a corpus: they are numbered with 32 bits.
const MOST_TEXTS: usize = u32::MAX as usize - 1;

/// The most fields of a row.
const MOST_FIELDS: i64 = 1 << 20;

/// An array that was checked.
#[derive(Debug)]
struct Chunk {
    array: Array,
    /// The number of its first text.
    start: usize,
    /// The data of its strings, or of those of its dictionary.
    sizes: Sizes,
}

/// A column of strings: arrays that stay where the producer has them.
#[derive(Debug)]
pub struct Strings {
    chunks: Vec<Chunk>,
    len: usize,
    column: Column,
}

// SAFETY: the specification lets a structure be released on any thread, and `drop` alone does it.
unsafe impl Send for Strings {}
// SAFETY: nothing here writes to the arrays or their buffers, and the specification forbids the producer to, until they are released.
unsafe impl Sync for Strings {}

impl Strings {
    /// Reads all arrays of a stream. `stop` is asked before each.
    ///
    /// # Safety
    /// The stream follows the specification; of what it gives, the buffers are as large as it says.
    pub unsafe fn from_stream(mut stream: Stream, name: &str, stop: &dyn Fn() -> bool) -> Result<Self, Refusal> {
        let mut schema = Schema::default();
        let get_schema = stream.get_schema.ok_or_else(|| Refusal::Producer("the stream was used up".into()))?;
        // SAFETY: a stream that was moved here (`take`) is not released before it is dropped; `&mut` makes sure of one call at a time.
        let code = unsafe { get_schema(&mut stream, &mut schema) };
        check(&mut stream, code)?;
        // SAFETY: the producer said with its 0 that it filled the schema, which lives to the end of this function.
        let mut strings = Self::empty(unsafe { column(&schema, name)? });
        let get_next = stream.get_next.ok_or_else(|| Refusal::Producer("the stream has no arrays".into()))?;
        loop {
            if stop() {
                return Err(Refusal::Interrupted);
            }
            let mut array = Array::default();
            // SAFETY: as for `get_schema` above.
            let code = unsafe { get_next(&mut stream, &mut array) };
            check(&mut stream, code)?;
            if array.release.is_none() {
                return Ok(strings);
            }
            // SAFETY: what the caller of `from_stream` promises of each array.
            unsafe { strings.push(array)? };
        }
    }

    /// Reads one array.
    ///
    /// # Safety
    /// Schema and array belong together; the buffers are as large as the array says.
    pub unsafe fn from_array(schema: Schema, array: Array, name: &str) -> Result<Self, Refusal> {
        if array.release.is_none() {
            return Err(Refusal::Producer("the array was used up".into()));
        }
        // SAFETY: as the caller promises.
        unsafe {
            let mut strings = Self::empty(column(&schema, name)?);
            strings.push(array)?;
            Ok(strings)
        }
    }

    fn empty(column: Column) -> Self {
        Self { chunks: Vec::new(), len: 0, column }
    }

    /// # Safety
    /// The array is of the column's type, and its buffers are as large as it says.
    unsafe fn push(&mut self, array: Array) -> Result<(), Refusal> {
        // SAFETY: as the caller promises.
        let sizes = unsafe { checked(&array, self.column) }.map_err(Refusal::Contradiction)?;
        let start = self.len;
        self.len += array.length as usize;
        if self.len > MOST_TEXTS {
            return Err(Refusal::Contradiction(format!("{} texts are over the limit of {MOST_TEXTS}", self.len)));
        }
        if array.length > 0 {
            self.chunks.push(Chunk { array, start, sizes });
        }
        Ok(())
    }

    /// Returns the number of texts.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the bytes of all texts, in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len).map(|i| self.bytes(i))
    }

    /// Returns the bytes of text `i`, UTF-8 if the producer keeps to the specification; none for null.
    pub fn bytes(&self, i: usize) -> &[u8] {
        assert!(i < self.len, "text {i} of {}", self.len);
        let Chunk { array: whole, start, sizes } = &self.chunks[self.chunks.partition_point(|chunk| chunk.start <= i) - 1];
        let row = i - start;
        // SAFETY: row is within the array, which was checked when it came.
        unsafe {
            let (array, row) = match self.column.child {
                None => (whole, row),
                // A struct's offset and nulls apply to its children too.
                Some(child) if is_valid(whole, row) => (&**whole.children.add(child), row + whole.offset as usize),
                Some(_) => return &[],
            };
            match self.column.indices {
                _ if !is_valid(array, row) => &[],
                None => value(array, row, self.column.layout, sizes),
                Some(index) => {
                    let values = &*array.dictionary;
                    match named(array, row, index, values.length) {
                        Some(row) if is_valid(values, row) => value(values, row, self.column.layout, sizes),
                        _ => &[],
                    }
                }
            }
        }
    }
}

/// Checks an array against the type of its column; returns the bytes of data of its strings.
///
/// # Safety
/// The buffers are as large as the array says.
unsafe fn checked(array: &Array, column: Column) -> Result<Sizes, String> {
    // SAFETY: as the caller promises; what is pointed to is looked at once the pointer is known not to be null.
    unsafe {
        let strings = match column.child {
            None => array,
            Some(child) => {
                check_frame(array, usize::from(array.null_count != 0))?;
                let children = if array.children.is_null() { 0 } else { array.n_children };
                if child as i64 >= children {
                    return Err(format!("a row of {children} fields, and the text would be number {}", child + 1));
                }
                let strings = (*array.children.add(child)).as_ref().ok_or("a field that is not there")?;
                if strings.length < array.length + array.offset {
                    return Err(format!("{} rows, and a field of {}", array.length + array.offset, strings.length));
                }
                strings
            }
        };
        match column.indices {
            None => check_strings(strings, column.layout),
            Some(index) => {
                let values = strings.dictionary.as_ref().ok_or("a dictionary that is not there")?;
                let sizes = check_strings(values, column.layout)?;
                check_indices(strings, index, values.length)?;
                Ok(sizes)
            }
        }
    }
}

fn check(stream: &mut Stream, code: c_int) -> Result<(), Refusal> {
    if code == 0 {
        return Ok(());
    }
    let message = stream.get_last_error.and_then(|get| {
        // SAFETY: asked right after a failure, as the specification has it; null or a C string.
        unsafe { text(get(stream)) }
    });
    Err(Refusal::Producer(message.unwrap_or_else(|| format!("error {code}"))))
}

/// # Safety
/// `place` is null or a C string.
unsafe fn text(place: *const c_char) -> Option<String> {
    // SAFETY: as the caller promises.
    (!place.is_null()).then(|| unsafe { CStr::from_ptr(place) }.to_string_lossy().into_owned())
}

/// # Safety
/// The schema follows the specification.
unsafe fn column(schema: &Schema, name: &str) -> Result<Column, Refusal> {
    // SAFETY: as the caller promises, also for the children.
    unsafe {
        let format = text(schema.format).unwrap_or_default();
        if format != "+s" {
            return strings(schema, None);
        }
        if !(0..=MOST_FIELDS).contains(&schema.n_children) || (schema.n_children > 0 && schema.children.is_null()) {
            return Err(Refusal::Contradiction(format!("{} fields", schema.n_children)));
        }
        let child = |i: usize| (*schema.children.add(i)).as_ref();
        let children: Option<Vec<&Schema>> = (0..schema.n_children as usize).map(child).collect();
        let children = children.ok_or_else(|| Refusal::Contradiction("a field that is not there".into()))?;
        let names: Vec<String> = children.iter().map(|child| text(child.name).unwrap_or_default()).collect();
        match names.iter().position(|child| child == name) {
            Some(child) => strings(children[child], Some(child)),
            None => Err(Refusal::NoColumn(names)),
        }
    }
}

/// # Safety
/// The schema follows the specification.
unsafe fn strings(schema: &Schema, child: Option<usize>) -> Result<Column, Refusal> {
    // SAFETY: as the caller promises.
    unsafe {
        let format = text(schema.format).unwrap_or_default();
        let (values, indices) = match schema.dictionary.as_ref() {
            None => (format, None),
            Some(dictionary) => {
                let index = Index::of(&format).ok_or_else(|| Refusal::Contradiction(format!("indices of the type {format:?}")))?;
                (text(dictionary.format).unwrap_or_default(), Some(index))
            }
        };
        let layout = match values.as_str() {
            "u" => Layout::Utf8,
            "U" => Layout::LargeUtf8,
            "vu" => Layout::View,
            _ => return Err(Refusal::NotStrings(values)),
        };
        Ok(Column { child, layout, indices })
    }
}
