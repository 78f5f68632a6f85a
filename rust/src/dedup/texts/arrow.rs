//! String columns in Arrow memory, read where they are: the C data interface, as far as strings need it.
//!
//! Layouts: `utf8`, `large_utf8`, `utf8_view`, and a dictionary of any of them. A column comes alone or as a field of a struct, in one array or in a
//! stream of them. Null is the empty text.
//!
//! See "The Arrow C data interface" and "The Arrow C stream interface" in the Arrow specification, from which the structures below are transcribed.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::null_mut;

/// `struct ArrowSchema`.
#[repr(C)]
#[derive(Debug)]
pub struct Schema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *mut *mut Schema,
    dictionary: *mut Schema,
    release: Option<unsafe extern "C" fn(*mut Schema)>,
    private_data: *mut c_void,
}

/// `struct ArrowArray`.
#[repr(C)]
#[derive(Debug)]
pub struct Array {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *mut *const c_void,
    children: *mut *mut Array,
    dictionary: *mut Array,
    release: Option<unsafe extern "C" fn(*mut Array)>,
    private_data: *mut c_void,
}

/// `struct ArrowArrayStream`.
#[repr(C)]
#[derive(Debug)]
pub struct Stream {
    get_schema: Option<unsafe extern "C" fn(*mut Stream, *mut Schema) -> c_int>,
    get_next: Option<unsafe extern "C" fn(*mut Stream, *mut Array) -> c_int>,
    get_last_error: Option<unsafe extern "C" fn(*mut Stream) -> *const c_char>,
    release: Option<unsafe extern "C" fn(*mut Stream)>,
    private_data: *mut c_void,
}

macro_rules! owned {
    ($($name:ident { $($field:ident: $value:expr),* }),*) => {$(
        impl $name {
            /// Takes what the producer put at `place`, which is left released, as the specification says a move is done.
            ///
            /// # Safety
            /// `place` holds an initialized structure of this kind.
            pub unsafe fn take(place: *mut Self) -> Self {
                // SAFETY: as the caller promises.
                unsafe { std::ptr::replace(place, Self::default()) }
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $value),* }
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                if let Some(release) = self.release {
                    // SAFETY: a structure with a release function is owned by whoever holds it, here.
                    unsafe { release(self) };
                }
            }
        }
    )*};
}

owned!(
    Schema {
        format: std::ptr::null(),
        name: std::ptr::null(),
        metadata: std::ptr::null(),
        flags: 0,
        n_children: 0,
        children: null_mut(),
        dictionary: null_mut(),
        release: None,
        private_data: null_mut()
    },
    Array {
        length: 0,
        null_count: 0,
        offset: 0,
        n_buffers: 0,
        n_children: 0,
        buffers: null_mut(),
        children: null_mut(),
        dictionary: null_mut(),
        release: None,
        private_data: null_mut()
    },
    Stream { get_schema: None, get_next: None, get_last_error: None, release: None, private_data: null_mut() }
);

/// Why a column can't be read; the text is for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no column of that name; these there are.
    NoColumn(Vec<String>),
    /// The column has a type that is no string.
    NotStrings(String),
    /// The producer failed.
    Producer(String),
}

#[derive(Debug, Clone, Copy)]
enum Layout {
    Utf8,
    LargeUtf8,
    View,
}

#[derive(Debug, Clone, Copy)]
struct Column {
    /// Which child of the struct it is; `None` for a column that comes alone.
    child: Option<usize>,
    layout: Layout,
    /// The format character of the indices, if the column is a dictionary.
    indices: Option<u8>,
}

/// A column of strings: arrays that stay where the producer has them.
#[derive(Debug)]
pub struct Strings {
    arrays: Vec<Array>,
    starts: Vec<usize>,
    len: usize,
    column: Column,
}

// SAFETY: the buffers are immutable while the array is not released, which only `drop` does.
unsafe impl Send for Strings {}
// SAFETY: as above.
unsafe impl Sync for Strings {}

impl Strings {
    /// Reads all arrays of a stream.
    ///
    /// # Safety
    /// The stream follows the specification.
    pub unsafe fn from_stream(mut stream: Stream, name: &str) -> Result<Self, Refusal> {
        let mut schema = Schema::default();
        let get_schema = stream.get_schema.ok_or_else(|| Refusal::Producer("the stream was used up".into()))?;
        // SAFETY: the functions of an unreleased stream may be called, one at a time.
        let code = unsafe { get_schema(&mut stream, &mut schema) };
        check(&mut stream, code)?;
        // SAFETY: the producer filled the schema.
        let mut strings = Self::empty(unsafe { column(&schema, name)? });
        let get_next = stream.get_next.ok_or_else(|| Refusal::Producer("the stream has no arrays".into()))?;
        loop {
            let mut array = Array::default();
            // SAFETY: as above.
            let code = unsafe { get_next(&mut stream, &mut array) };
            check(&mut stream, code)?;
            if array.release.is_none() {
                return Ok(strings);
            }
            strings.push(array);
        }
    }

    /// Reads one array.
    ///
    /// # Safety
    /// Schema and array belong together and follow the specification.
    pub unsafe fn from_array(schema: Schema, array: Array, name: &str) -> Result<Self, Refusal> {
        // SAFETY: as the caller promises.
        let mut strings = Self::empty(unsafe { column(&schema, name)? });
        strings.push(array);
        Ok(strings)
    }

    fn empty(column: Column) -> Self {
        Self { arrays: Vec::new(), starts: Vec::new(), len: 0, column }
    }

    fn push(&mut self, array: Array) {
        self.starts.push(self.len);
        self.len += array.length as usize;
        self.arrays.push(array);
    }

    /// Returns the number of texts.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns the bytes of text `i`, UTF-8 if the producer keeps to the specification; none for null.
    pub fn bytes(&self, i: usize) -> &[u8] {
        assert!(i < self.len, "text {i} of {}", self.len);
        let chunk = self.starts.partition_point(|start| *start <= i) - 1;
        let (whole, row) = (&self.arrays[chunk], i - self.starts[chunk]);
        // SAFETY: row is within the array, and `column` was read from the schema that came with it.
        unsafe {
            let (array, row) = match self.column.child {
                None => (whole, row),
                // A struct's offset and nulls apply to its children too.
                Some(child) if is_valid(whole, row) => (&**whole.children.add(child), row + whole.offset as usize),
                Some(_) => return &[],
            };
            match self.column.indices {
                _ if !is_valid(array, row) => &[],
                None => value(array, row, self.column.layout),
                Some(format) => {
                    let row = index(*array.buffers.add(1), row + array.offset as usize, format);
                    let values = &*array.dictionary;
                    if is_valid(values, row) { value(values, row, self.column.layout) } else { &[] }
                }
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
        let children: Vec<&Schema> = (0..schema.n_children as usize).map(|i| &**schema.children.add(i)).collect();
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
            Some(dictionary) => (text(dictionary.format).unwrap_or_default(), format.bytes().next()),
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

/// # Safety
/// `row` is within the array.
unsafe fn is_valid(array: &Array, row: usize) -> bool {
    // SAFETY: the first buffer of these layouts is null or a bitmap of the rows.
    unsafe {
        let bits = if array.n_buffers > 0 { (*array.buffers).cast::<u8>() } else { std::ptr::null() };
        let at = row + array.offset as usize;
        array.null_count == 0 || bits.is_null() || *bits.add(at / 8) >> (at % 8) & 1 == 1
    }
}

/// # Safety
/// `at` is within the buffer of indices of this format.
unsafe fn index(buffer: *const c_void, at: usize, format: u8) -> usize {
    // SAFETY: as the caller promises.
    unsafe {
        match format {
            b'c' | b'C' => *buffer.cast::<u8>().add(at) as usize,
            b's' | b'S' => *buffer.cast::<u16>().add(at) as usize,
            b'i' | b'I' => *buffer.cast::<u32>().add(at) as usize,
            _ => *buffer.cast::<u64>().add(at) as usize,
        }
    }
}

/// # Safety
/// `row` is within the array, which has this layout.
unsafe fn value(array: &Array, row: usize, layout: Layout) -> &[u8] {
    let at = row + array.offset as usize;
    // SAFETY: as the caller promises; offsets and views lie within the data, says the specification.
    unsafe {
        let buffer = |i: usize| *array.buffers.add(i);
        let slice = |data: *const c_void, start: usize, end: usize| {
            if start == end { &[][..] } else { std::slice::from_raw_parts(data.cast::<u8>().add(start), end - start) }
        };
        match layout {
            Layout::Utf8 => {
                let offsets = buffer(1).cast::<i32>().add(at);
                slice(buffer(2), *offsets as usize, *offsets.add(1) as usize)
            }
            Layout::LargeUtf8 => {
                let offsets = buffer(1).cast::<i64>().add(at);
                slice(buffer(2), *offsets as usize, *offsets.add(1) as usize)
            }
            Layout::View => {
                // Length, then up to 12 bytes in place, or a prefix, a buffer and an offset.
                let view = buffer(1).cast::<[u32; 4]>().add(at);
                let [length, _, data, start] = view.read_unaligned().map(|field| field as usize);
                if length <= 12 { slice(view.cast(), 4, 4 + length) } else { slice(buffer(2 + data), start, start + length) }
            }
        }
    }
}
