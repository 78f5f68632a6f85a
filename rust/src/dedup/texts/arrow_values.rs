//! One array of an Arrow column of strings: what it claims, checked when it comes, and its values, read within what was checked.
//!
//! The C data interface tells no sizes of buffers but those of views. So what can be checked is that an array agrees with itself: lengths and offsets that
//! are numbers of rows, buffers and children that are there, nulls that are marked, offsets that rise, indices and views that stay inside. Whether a buffer
//! is as large as its array says, only the producer knows.
//!
//! What was checked is remembered and checked again at each access, so that a producer that changes its memory during a call gets other texts and no reading
//! outside.

use std::ffi::c_void;

use super::arrow_abi::Array;

/// How strings lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Offsets of 32 bits.
    Utf8,
    /// Offsets of 64 bits.
    LargeUtf8,
    /// Short strings in place, others in one of several buffers.
    View,
}

/// The type of the numbers by which a dictionary's values are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Index {
    /// Signed, of 8 bits; and so on.
    I8,
    #[allow(missing_docs)]
    U8,
    #[allow(missing_docs)]
    I16,
    #[allow(missing_docs)]
    U16,
    #[allow(missing_docs)]
    I32,
    #[allow(missing_docs)]
    U32,
    #[allow(missing_docs)]
    I64,
    #[allow(missing_docs)]
    U64,
}

impl Index {
    /// Returns the type of a format string.
    pub fn of(format: &str) -> Option<Self> {
        Some(match format {
            "c" => Self::I8,
            "C" => Self::U8,
            "s" => Self::I16,
            "S" => Self::U16,
            "i" => Self::I32,
            "I" => Self::U32,
            "l" => Self::I64,
            "L" => Self::U64,
            _ => return None,
        })
    }

    /// Returns the index at a place; `None` if it is negative.
    ///
    /// # Safety
    /// The place is within the buffer.
    unsafe fn get(self, buffer: *const c_void, at: usize) -> Option<usize> {
        // SAFETY: as the caller promises.
        unsafe {
            match self {
                Self::I8 => (*buffer.cast::<i8>().add(at)).try_into().ok(),
                Self::U8 => Some((*buffer.cast::<u8>().add(at)).into()),
                Self::I16 => buffer.cast::<i16>().add(at).read_unaligned().try_into().ok(),
                Self::U16 => Some(buffer.cast::<u16>().add(at).read_unaligned().into()),
                Self::I32 => buffer.cast::<i32>().add(at).read_unaligned().try_into().ok(),
                Self::U32 => buffer.cast::<u32>().add(at).read_unaligned().try_into().ok(),
                Self::I64 => buffer.cast::<i64>().add(at).read_unaligned().try_into().ok(),
                Self::U64 => buffer.cast::<u64>().add(at).read_unaligned().try_into().ok(),
            }
        }
    }
}

/// The bytes of data that a checked array has: of one buffer, or of each that views point into.
pub type Sizes = Vec<usize>;

/// The most rows that an array may claim; above it their places would not fit into a number.
const MOST_ROWS: i64 = 1 << 40;

/// Makes sure that length, offset, nulls and buffers are possible, whatever the type.
///
/// # Safety
/// `buffers` is null or holds `n_buffers` pointers.
pub unsafe fn check_frame(array: &Array, buffers: usize) -> Result<(), String> {
    if !(0..=MOST_ROWS).contains(&array.length) || !(0..=MOST_ROWS).contains(&array.offset) {
        return Err(format!("an array of {} rows behind {} others", array.length, array.offset));
    }
    if !(-1..=array.length).contains(&array.null_count) {
        return Err(format!("{} nulls in {} rows", array.null_count, array.length));
    }
    if array.n_buffers < buffers as i64 || (buffers > 0 && array.buffers.is_null()) {
        return Err(format!("{} buffers, {buffers} are needed", array.n_buffers));
    }
    // SAFETY: there is at least one pointer.
    if array.null_count > 0 && (buffers == 0 || unsafe { (*array.buffers).is_null() }) {
        return Err(format!("{} nulls, and no buffer says which", array.null_count));
    }
    Ok(())
}

/// Whether a row is not null.
///
/// # Safety
/// The array was checked by [`check_frame`], and `row` is within it.
pub unsafe fn is_valid(array: &Array, row: usize) -> bool {
    if array.null_count == 0 || array.n_buffers <= 0 {
        return true;
    }
    // SAFETY: the first buffer of these layouts is null or a bitmap of the rows.
    unsafe {
        let bits = (*array.buffers).cast::<u8>();
        let at = row + array.offset as usize;
        bits.is_null() || *bits.add(at / 8) >> (at % 8) & 1 == 1
    }
}

/// Checks an array of strings; returns the bytes of its data.
///
/// # Safety
/// Its buffers are as large as its length, its offset and the last of its offsets say.
pub unsafe fn check_strings(array: &Array, layout: Layout) -> Result<Sizes, String> {
    let rows = |array: &Array| array.offset as usize..(array.offset + array.length) as usize;
    // SAFETY: as the caller promises; each buffer is looked at once it is known to be there.
    unsafe {
        check_frame(array, if layout == Layout::View { 2 } else { 3 })?;
        if array.length == 0 {
            return Ok(Sizes::new());
        }
        let buffer = |i: usize| *array.buffers.add(i);
        if buffer(1).is_null() {
            return Err(format!("{} rows, and no buffer says where", array.length));
        }
        let size = match layout {
            Layout::View => return check_views(array, rows(array)),
            Layout::Utf8 => rising(rows(array), |at| i64::from(buffer(1).cast::<i32>().add(at).read_unaligned()))?,
            Layout::LargeUtf8 => rising(rows(array), |at| buffer(1).cast::<i64>().add(at).read_unaligned())?,
        };
        if size > 0 && buffer(2).is_null() {
            return Err(format!("{size} bytes of data, and no buffer with them"));
        }
        Ok(vec![size])
    }
}

/// Makes sure that offsets never fall, and that none is negative; returns the last.
fn rising(rows: std::ops::Range<usize>, offset: impl Fn(usize) -> i64) -> Result<usize, String> {
    let mut last = 0;
    for at in rows.start..=rows.end {
        let next = offset(at);
        if next < last {
            return Err(format!("offset {at} is {next}, behind {last}"));
        }
        last = next;
    }
    usize::try_from(last).map_err(|_| format!("the last offset is {last}"))
}

/// # Safety
/// As [`check_strings`], for an array of views with rows.
unsafe fn check_views(array: &Array, rows: std::ops::Range<usize>) -> Result<Sizes, String> {
    // SAFETY: as the caller promises. Behind the buffers of data stands one with their sizes.
    unsafe {
        let count = array.n_buffers as usize - 2;
        let sizes: Sizes = match count.checked_sub(1) {
            None | Some(0) => Sizes::new(),
            Some(count) => {
                let sizes = (*array.buffers.add(2 + count)).cast::<i64>();
                if sizes.is_null() {
                    return Err("no buffer with the sizes of the data".into());
                }
                let size = |i| usize::try_from(sizes.add(i).read_unaligned()).map_err(|_| format!("data buffer {i} has a negative size"));
                (0..count).map(size).collect::<Result<_, _>>()?
            }
        };
        for (row, at) in rows.enumerate() {
            if is_valid(array, row) && view(array, at, &sizes).is_none() {
                return Err(format!("row {row} points outside the data"));
            }
        }
        Ok(sizes)
    }
}

/// Checks the indices of a dictionary that has `values` rows.
///
/// # Safety
/// The buffer of indices is as large as length and offset say.
pub unsafe fn check_indices(array: &Array, index: Index, values: i64) -> Result<(), String> {
    // SAFETY: as the caller promises.
    unsafe {
        check_frame(array, 2)?;
        if array.length == 0 {
            return Ok(());
        }
        let buffer = *array.buffers.add(1);
        if buffer.is_null() {
            return Err(format!("{} rows, and no buffer says where", array.length));
        }
        for row in 0..array.length as usize {
            if is_valid(array, row) && !index.get(buffer, row + array.offset as usize).is_some_and(|at| is_below(at, values)) {
                return Err(format!("row {row} names none of the {values} values of the dictionary"));
            }
        }
        Ok(())
    }
}

/// Whether an index is one of `values` rows. It may be too large for a signed number, and must not become a negative one.
fn is_below(index: usize, values: i64) -> bool {
    usize::try_from(values).is_ok_and(|values| index < values)
}

/// Returns the value that a row of a dictionary's indices names, if it is among `values` rows.
///
/// # Safety
/// The array was checked by [`check_indices`], and `row` is within it.
pub unsafe fn named(array: &Array, row: usize, index: Index, values: i64) -> Option<usize> {
    // SAFETY: as the caller promises.
    unsafe { index.get(*array.buffers.add(1), row + array.offset as usize) }.filter(|at| is_below(*at, values))
}

/// Returns the bytes of a row; none if the producer has meanwhile changed where they lie to a place outside.
///
/// # Safety
/// The array was checked by [`check_strings`], which returned `sizes`, and `row` is within it.
pub unsafe fn value<'a>(array: &'a Array, row: usize, layout: Layout, sizes: &[usize]) -> &'a [u8] {
    let at = row + array.offset as usize;
    // SAFETY: the array has offsets for this row; the slice is inside the data that it has.
    unsafe {
        let buffer = |i: usize| *array.buffers.add(i);
        let offsets = |start: i64, end: i64| {
            let (start, end) = (usize::try_from(start).ok()?, usize::try_from(end).ok()?);
            (start <= end && end <= *sizes.first()?).then(|| slice(buffer(2), start, end))
        };
        let found = match layout {
            Layout::Utf8 => {
                let place = buffer(1).cast::<i32>().add(at);
                offsets(place.read_unaligned().into(), place.add(1).read_unaligned().into())
            }
            Layout::LargeUtf8 => {
                let place = buffer(1).cast::<i64>().add(at);
                offsets(place.read_unaligned(), place.add(1).read_unaligned())
            }
            Layout::View => view(array, at, sizes),
        };
        found.unwrap_or_default()
    }
}

/// Returns the bytes of a view: a length, then up to 12 bytes in place, or a prefix, a buffer and an offset.
///
/// # Safety
/// The array has a view at this place.
unsafe fn view<'a>(array: &'a Array, at: usize, sizes: &[usize]) -> Option<&'a [u8]> {
    // SAFETY: as the caller promises; data is looked at within its size.
    unsafe {
        let view = (*array.buffers.add(1)).cast::<[i32; 4]>().add(at);
        let [length, _, data, start] = view.read_unaligned().map(|field| usize::try_from(field).ok());
        let length = length?;
        if length <= 12 {
            return Some(slice(view.cast(), 4, 4 + length));
        }
        let (data, start) = (data?, start?);
        let buffer = if start + length <= *sizes.get(data)? { *array.buffers.add(2 + data) } else { return None };
        (!buffer.is_null()).then(|| slice(buffer, start, start + length))
    }
}

/// # Safety
/// The bytes from `start` to `end` are there.
unsafe fn slice<'a>(data: *const c_void, start: usize, end: usize) -> &'a [u8] {
    // SAFETY: as the caller promises. Data of no bytes may be null.
    if start == end { &[] } else { unsafe { std::slice::from_raw_parts(data.cast::<u8>().add(start), end - start) } }
}
