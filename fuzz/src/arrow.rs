//! Arrow columns: what an honest producer means is read, what a lying one says is refused where it can be seen, and each structure is released once.

use std::cell::RefCell;
use std::ffi::{CString, c_char, c_int, c_void};
use std::ptr::{null, null_mut};
use std::rc::Rc;

use arbitrary::{Result, Unstructured};
use textclean_native::dedup::texts::arrow::{self, Refusal, Strings};

/// `struct ArrowSchema` as a producer fills it.
#[repr(C)]
struct RawSchema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *mut *mut RawSchema,
    dictionary: *mut RawSchema,
    release: Option<unsafe extern "C" fn(*mut RawSchema)>,
    private_data: *mut c_void,
}

/// `struct ArrowArray`.
#[repr(C)]
struct RawArray {
    length: i64,
    null_count: i64,
    offset: i64,
    n_buffers: i64,
    n_children: i64,
    buffers: *mut *const c_void,
    children: *mut *mut RawArray,
    dictionary: *mut RawArray,
    release: Option<unsafe extern "C" fn(*mut RawArray)>,
    private_data: *mut c_void,
}

/// `struct ArrowArrayStream`.
#[repr(C)]
struct RawStream {
    get_schema: Option<unsafe extern "C" fn(*mut RawStream, *mut RawSchema) -> c_int>,
    get_next: Option<unsafe extern "C" fn(*mut RawStream, *mut RawArray) -> c_int>,
    get_last_error: Option<unsafe extern "C" fn(*mut RawStream) -> *const c_char>,
    release: Option<unsafe extern "C" fn(*mut RawStream)>,
    private_data: *mut c_void,
}

/// What an honest producer gives is read; structures are released once, whatever comes of it.
pub fn check(data: &[u8]) {
    // Bytes that run out end what is made, they are no failure.
    let _ = try_check(&mut Unstructured::new(data));
}

fn try_check(bytes: &mut Unstructured<'_>) -> Result<()> {
    let plan = Plan::of(bytes)?;
    let held = Rc::new(RefCell::new(Held::default()));
    let found = if plan.stream { from_stream(&plan, &held) } else { from_array(&plan, &held) };
    if let Lie::Numbers(_) | Lie::Bytes(_) = plan.lie {
        match &found {
            // What it says is possible after all: it is read, whatever it is, and nothing outside of it.
            Ok(strings) => assert!(
                (0..strings.len()).map(|i| strings.bytes(i).iter().map(|b| usize::from(*b)).sum::<usize>()).sum::<usize>() < usize::MAX
            ),
            Err(refusal) => assert!(matches!(refusal, Refusal::Contradiction(why) if !why.is_empty()), "{refusal:?} of {plan:?}"),
        }
        drop(found);
        let held = held.borrow();
        assert_eq!(held.made, held.released, "structures made and released, {plan:?}");
        return Ok(());
    }
    match (&found, plan.refusal()) {
        (Ok(strings), None) => assert_read(&plan, strings),
        (Err(refusal), Some(expected)) => assert_eq!(&expected, refusal, "{plan:?}"),
        (Ok(_), Some(expected)) => panic!("{plan:?} is taken, and should have been {expected:?}"),
        (Err(refusal), None) => panic!("{plan:?} is refused: {refusal:?}"),
    }
    drop(found);
    let held = held.borrow();
    assert_eq!(held.made, held.released, "structures made and released, {plan:?}");
    Ok(())
}

fn assert_read(plan: &Plan, strings: &Strings) {
    let expected: Vec<&str> = plan.chunks.iter().flat_map(|chunk| chunk.texts(plan)).collect();
    assert_eq!((strings.len(), strings.is_empty()), (expected.len(), expected.is_empty()));
    for (i, text) in expected.iter().enumerate() {
        assert_eq!(strings.bytes(i), text.as_bytes(), "text {i} of {plan:?}");
    }
}

/// How many structures were made, and how many released.
#[derive(Default)]
struct Held {
    made: usize,
    released: usize,
}

type Count = Rc<RefCell<Held>>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Utf8,
    Large,
    View,
}

/// What the producer says that is not so, and can be told from what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lie {
    None,
    /// A type that is no string.
    Type,
    /// No type at all.
    NoType,
    /// Values of the dictionary that are no strings.
    Values,
    /// Another name.
    Name,
    /// The stream has no function for the schema.
    NoSchema,
    /// It has none for arrays.
    NoArrays,
    /// It fails on the schema, with a message.
    SchemaFails,
    /// It fails on an array, without one.
    ArrayFails,
    /// Numbers of an array, or places of its parts, that can't be or that others contradict.
    Numbers([u8; 2]),
    /// Offsets that fall, indices and views that lead outside.
    Bytes([u8; 2]),
}

const LIES: [Lie; 8] = [Lie::Type, Lie::NoType, Lie::Values, Lie::Name, Lie::NoSchema, Lie::NoArrays, Lie::SchemaFails, Lie::ArrayFails];
/// Format characters of indices, and the bytes of one.
const INDICES: [(u8, usize); 8] = [(b'c', 1), (b'C', 1), (b's', 2), (b'S', 2), (b'i', 4), (b'I', 4), (b'l', 8), (b'L', 8)];

/// A column as its producer means it.
#[derive(Debug)]
struct Plan {
    layout: Layout,
    /// The column is a field of a struct, behind so many others.
    field: Option<usize>,
    indices: Option<(u8, usize)>,
    stream: bool,
    lie: Lie,
    chunks: Vec<Chunk>,
}

/// An array of the column.
#[derive(Debug)]
struct Chunk {
    /// The strings, nulls among them, those of the dictionary if there is one.
    values: Vec<Option<String>>,
    /// Places in the dictionary.
    places: Vec<Option<usize>>,
    /// Rows of the struct that are null.
    gone: Vec<bool>,
    /// Rows in front that do not count, of the array and of the struct around it.
    offset: usize,
    outer: usize,
    /// No bitmap where nothing is null.
    bare: bool,
}

impl Chunk {
    fn of(bytes: &mut Unstructured<'_>, dictionary: bool) -> Result<Self> {
        let nulls = bytes.arbitrary::<bool>()?;
        let mut values = Vec::new();
        for _ in 0..bytes.arbitrary::<u8>()? % 12 {
            let length = usize::from(bytes.arbitrary::<u8>()?) % 20;
            let text = String::from_utf8_lossy(bytes.bytes(length.min(bytes.len()))?).into_owned();
            values.push((!nulls || bytes.arbitrary::<u8>()? % 4 != 0).then_some(text));
        }
        let mut places = Vec::new();
        if dictionary && !values.is_empty() {
            for _ in 0..bytes.arbitrary::<u8>()? % 16 {
                let place = usize::from(bytes.arbitrary::<u8>()?) % (values.len() + usize::from(nulls));
                places.push((place < values.len()).then_some(place));
            }
        }
        let rows = if dictionary { places.len() } else { values.len() };
        let offset = usize::from(bytes.arbitrary::<u8>()? % 4).min(rows);
        let outer = usize::from(bytes.arbitrary::<u8>()? % 4).min(rows - offset);
        let gone = bytes.arbitrary::<u16>()?;
        let gone = (0..rows - offset).map(|row| nulls && gone >> (row % 16) & 1 != 0).collect();
        Ok(Chunk { values, places, gone, offset, outer, bare: !nulls && bytes.arbitrary::<bool>()? })
    }

    fn rows(&self, plan: &Plan) -> usize {
        if plan.indices.is_some() { self.places.len() } else { self.values.len() }
    }

    /// The texts that it stands for.
    fn texts(&self, plan: &Plan) -> Vec<&str> {
        let value = |row: usize| match plan.indices {
            None => self.values[row].as_deref(),
            Some(_) => self.places[row].and_then(|place| self.values[place].as_deref()),
        };
        let (skip, gone) = if plan.field.is_some() { (self.outer, self.gone.as_slice()) } else { (0, &[][..]) };
        let rows = self.offset + skip..self.rows(plan);
        rows.map(|row| if gone.get(row - self.offset).is_some_and(|gone| *gone) { "" } else { value(row).unwrap_or_default() }).collect()
    }
}

impl Plan {
    fn of(bytes: &mut Unstructured<'_>) -> Result<Self> {
        let (options, lie) = (bytes.arbitrary::<u8>()?, bytes.arbitrary::<u8>()?);
        let layout = [Layout::Utf8, Layout::Large, Layout::View][usize::from(options % 3)];
        let indices = (options & 64 != 0).then(|| INDICES[usize::from(options >> 3) % 8]);
        let field = (options & 128 != 0).then_some(usize::from(lie >> 6));
        let stream = lie & 1 != 0;
        let lie = match lie & 6 {
            6 => LIES[usize::from(lie >> 3) % 8],
            4 if lie & 8 != 0 => Lie::Numbers(bytes.arbitrary()?),
            4 => Lie::Bytes(bytes.arbitrary()?),
            _ => Lie::None,
        };
        let count = if stream { usize::from(bytes.arbitrary::<u8>()? % 4) } else { 1 };
        let chunks = (0..count).map(|_| Chunk::of(bytes, indices.is_some())).collect::<Result<_>>()?;
        let plan = Plan { layout, field, indices, stream, lie, chunks };
        // A lie that nobody is told is none.
        let told = match plan.lie {
            Lie::Values => plan.indices.is_some(),
            Lie::Type | Lie::NoType => plan.indices.is_none(),
            Lie::Name => plan.field.is_some(),
            Lie::NoSchema | Lie::NoArrays | Lie::SchemaFails | Lie::ArrayFails => plan.stream,
            Lie::Numbers(_) | Lie::Bytes(_) | Lie::None => true,
        };
        Ok(if told { plan } else { Plan { lie: Lie::None, ..plan } })
    }

    fn format(&self) -> &'static str {
        match self.layout {
            Layout::Utf8 => "u",
            Layout::Large => "U",
            Layout::View => "vu",
        }
    }

    /// What is to be said of it.
    fn refusal(&self) -> Option<Refusal> {
        let other = |count: usize| (0..count).map(|i| format!("other{i}")).collect::<Vec<_>>();
        Some(match self.lie {
            Lie::None | Lie::Numbers(_) | Lie::Bytes(_) => return None,
            Lie::Type | Lie::Values => Refusal::NotStrings("n".into()),
            Lie::NoType => Refusal::NotStrings(String::new()),
            Lie::Name => {
                let mut names = other(self.field.unwrap_or_default());
                names.push("texts".into());
                Refusal::NoColumn(names)
            }
            Lie::NoSchema => Refusal::Producer("the stream was used up".into()),
            Lie::NoArrays => Refusal::Producer("the stream has no arrays".into()),
            Lie::SchemaFails => Refusal::Producer("the dog ate it".into()),
            Lie::ArrayFails => Refusal::Producer("error 5".into()),
        })
    }
}

/// What a structure of the producer's points to; gone with it.
struct Kept {
    count: Count,
    _bytes: Vec<Vec<u8>>,
    _strings: Vec<CString>,
    _buffers: Vec<*const c_void>,
    schemas: Vec<*mut RawSchema>,
    arrays: Vec<*mut RawArray>,
    dictionary: (*mut RawSchema, *mut RawArray),
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.count.borrow_mut().released += 1;
        // SAFETY: children and dictionaries were boxed below and are released once, by the structure that holds them.
        unsafe {
            self.schemas.iter().chain([&self.dictionary.0]).filter(|child| !child.is_null()).for_each(|child| {
                let child = Box::from_raw(*child);
                drop(Box::from_raw(child.private_data.cast::<Kept>()));
            });
            self.arrays.iter().chain([&self.dictionary.1]).filter(|child| !child.is_null()).for_each(|child| {
                let child = Box::from_raw(*child);
                drop(Box::from_raw(child.private_data.cast::<Kept>()));
            });
        }
    }
}

unsafe extern "C" fn release_schema(schema: *mut RawSchema) {
    // SAFETY: called once with a structure that `schema` made.
    unsafe {
        drop(Box::from_raw((*schema).private_data.cast::<Kept>()));
        (*schema).release = None;
    }
}

unsafe extern "C" fn release_array(array: *mut RawArray) {
    // SAFETY: called once with a structure that `array` made.
    unsafe {
        drop(Box::from_raw((*array).private_data.cast::<Kept>()));
        (*array).release = None;
    }
}

fn kept(count: &Count) -> Kept {
    count.borrow_mut().made += 1;
    Kept {
        count: count.clone(),
        _bytes: Vec::new(),
        _strings: Vec::new(),
        _buffers: Vec::new(),
        schemas: Vec::new(),
        arrays: Vec::new(),
        dictionary: (null_mut(), null_mut()),
    }
}

fn schema(format: Option<&str>, name: &str, children: Vec<RawSchema>, dictionary: Option<RawSchema>, count: &Count) -> RawSchema {
    let mut held = kept(count);
    let mut text = |text: &str| {
        held._strings.push(CString::new(text).expect("no NUL"));
        held._strings[held._strings.len() - 1].as_ptr()
    };
    let (format, name) = (format.map_or(null(), &mut text), text(name));
    held.schemas = children.into_iter().map(|child| Box::into_raw(Box::new(child))).collect();
    held.dictionary.0 = dictionary.map_or(null_mut(), |dictionary| Box::into_raw(Box::new(dictionary)));
    let mut held = Box::new(held);
    RawSchema {
        format,
        name,
        metadata: null(),
        flags: 2,
        n_children: held.schemas.len() as i64,
        children: held.schemas.as_mut_ptr(),
        dictionary: held.dictionary.0,
        release: Some(release_schema),
        private_data: Box::into_raw(held).cast(),
    }
}

fn column_schema(plan: &Plan, count: &Count) -> RawSchema {
    let format = match plan.lie {
        Lie::Type | Lie::Values => Some("n"),
        Lie::NoType => None,
        _ => Some(plan.format()),
    };
    let index = plan.indices.map(|(format, _)| char::from(format).to_string());
    let column = match &index {
        Some(index) => schema(Some(index), "texts", vec![], Some(schema(format, "", vec![], None, count)), count),
        None => schema(format, "texts", vec![], None, count),
    };
    let Some(before) = plan.field else { return column };
    let mut children: Vec<RawSchema> = (0..before).map(|i| schema(Some("l"), &format!("other{i}"), vec![], None, count)).collect();
    children.push(column);
    schema(Some("+s"), "", children, None, count)
}

/// An array of these buffers; an empty one is null.
fn array(
    rows: usize,
    offset: usize,
    valid: Option<&[bool]>,
    buffers: Vec<Vec<u8>>,
    children: Vec<RawArray>,
    dictionary: Option<RawArray>,
    count: &Count,
) -> RawArray {
    let mut held = kept(count);
    let bits = valid.map_or(Vec::new(), |valid| {
        let mut bits = vec![0; valid.len().div_ceil(8)];
        valid.iter().enumerate().for_each(|(i, valid)| bits[i / 8] |= u8::from(*valid) << (i % 8));
        bits
    });
    held._bytes.push(bits);
    held._bytes.extend(buffers);
    // Exactly as long as they are said to be, so that a read past the end is seen.
    held._bytes.iter_mut().for_each(Vec::shrink_to_fit);
    held._buffers = held._bytes.iter().map(|bytes| if bytes.is_empty() { null() } else { bytes.as_ptr().cast() }).collect();
    held.arrays = children.into_iter().map(|child| Box::into_raw(Box::new(child))).collect();
    held.dictionary.1 = dictionary.map_or(null_mut(), |dictionary| Box::into_raw(Box::new(dictionary)));
    let mut held = Box::new(held);
    RawArray {
        length: (rows - offset) as i64,
        null_count: valid.map_or(0, |valid| valid[offset..].iter().filter(|valid| !**valid).count() as i64),
        offset: offset as i64,
        n_buffers: held._buffers.len() as i64,
        n_children: held.arrays.len() as i64,
        buffers: held._buffers.as_mut_ptr(),
        children: held.arrays.as_mut_ptr(),
        dictionary: held.dictionary.1,
        release: Some(release_array),
        private_data: Box::into_raw(held).cast(),
    }
}

/// The buffers of strings behind the bitmap.
fn string_buffers(values: &[Option<String>], layout: Layout) -> Vec<Vec<u8>> {
    let texts = || values.iter().map(|value| value.as_deref().unwrap_or_default());
    if layout == Layout::View {
        let (mut views, mut data) = (Vec::new(), vec![Vec::new(), Vec::new()]);
        for (i, text) in texts().enumerate() {
            views.extend((text.len() as u32).to_ne_bytes());
            if text.len() <= 12 {
                views.extend(text.bytes().chain([0; 12]).take(12));
            } else {
                views.extend(&text.as_bytes()[..4]);
                views.extend((i as u32 % 2).to_ne_bytes());
                views.extend((data[i % 2].len() as u32).to_ne_bytes());
                data[i % 2].extend(text.bytes());
            }
        }
        // The lengths of the data buffers stand behind them.
        let lengths = data.iter().flat_map(|data| (data.len() as i64).to_ne_bytes()).collect();
        return [vec![views], data, vec![lengths]].concat();
    }
    let (mut offsets, mut end) = (Vec::new(), 0usize);
    let mut push = |end: usize| match layout {
        Layout::Utf8 => offsets.extend((end as i32).to_ne_bytes()),
        _ => offsets.extend((end as i64).to_ne_bytes()),
    };
    push(0);
    texts().for_each(|text| {
        end += text.len();
        push(end);
    });
    vec![offsets, texts().collect::<String>().into_bytes()]
}

/// Changes what an array says of itself, as far as a reader can tell: that a buffer is as large as the array says it has to believe.
fn tamper(array: &mut RawArray, how: u8) {
    match how % 14 {
        0 => array.length = -1,
        1 => array.length = i64::MAX,
        2 => array.offset = -1,
        3 => array.offset = i64::MAX,
        4 => array.null_count = i64::MIN,
        5 => array.null_count = array.length + 1,
        6 => array.n_buffers = 0,
        7 => array.n_buffers = -1,
        8 => array.buffers = null_mut(),
        9 => array.dictionary = null_mut(),
        10 => array.children = null_mut(),
        11 => array.n_children = 0,
        12 => array.length = (array.length - 1).max(0),
        // SAFETY: arrays are made with room for all their buffers.
        _ if array.n_buffers > 1 => unsafe { *array.buffers.add(1) = null() },
        _ => {}
    }
}

/// Changes an offset, an index or a view. Offsets stay within the data: how much there is of it, only the producer knows.
fn tamper_bytes(bytes: &mut [u8], width: usize, view: bool, data: usize, [at, value]: [u8; 2]) {
    const FIELDS: [u32; 8] = [0, 1, 2, 12, 13, 255, i32::MAX as u32, u32::MAX];
    let count = bytes.len() / width;
    if count == 0 {
        return;
    }
    let start = usize::from(at) % count * width;
    if view {
        let field = start + usize::from(value % 4) * 4;
        bytes[field..field + 4].copy_from_slice(&FIELDS[usize::from(value >> 2) % 8].to_ne_bytes());
    } else {
        let value = if value & 1 != 0 { -i64::from(value) } else { i64::from(value) % (data as i64 + 1) };
        bytes[start..start + width].copy_from_slice(&value.to_ne_bytes()[..width]);
    }
}

fn column_array(plan: &Plan, chunk: &Chunk, count: &Count) -> RawArray {
    let valid = |some: Vec<bool>| (!chunk.bare).then_some(some);
    let validity = valid(chunk.values.iter().map(Option::is_some).collect());
    let mut buffers = string_buffers(&chunk.values, plan.layout);
    let mut column = match plan.indices {
        None => {
            if let Lie::Bytes(how) = plan.lie {
                let (width, view) = [(4, false), (8, false), (16, true)][plan.layout as usize];
                let data = buffers[1].len();
                tamper_bytes(&mut buffers[0], width, view, data, how);
            }
            array(chunk.values.len(), chunk.offset, validity.as_deref(), buffers, vec![], None, count)
        }
        Some((_, width)) => {
            let dictionary = array(chunk.values.len(), 0, validity.as_deref(), buffers, vec![], None, count);
            // Where a row is null its place may be any: one that is nowhere.
            let place = |place: &Option<usize>| place.unwrap_or(usize::MAX).to_ne_bytes()[..width].to_vec();
            let mut places: Vec<u8> = chunk.places.iter().flat_map(place).collect();
            if let Lie::Bytes(how) = plan.lie {
                tamper_bytes(&mut places, width, false, 250, how);
            }
            let validity = valid(chunk.places.iter().map(Option::is_some).collect());
            array(chunk.places.len(), chunk.offset, validity.as_deref(), vec![places], vec![], Some(dictionary), count)
        }
    };
    let rows = column.length as usize;
    if let Lie::Numbers([how, inner]) = plan.lie
        && (inner & 1 != 0 || plan.field.is_none())
    {
        tamper(&mut column, how);
    }
    let Some(before) = plan.field else { return column };
    let mut children: Vec<RawArray> = (0..before).map(|_| array(0, 0, None, vec![vec![]], vec![], None, count)).collect();
    children.push(column);
    let validity = valid(chunk.gone.iter().map(|gone| !gone).collect());
    let mut row = array(rows, chunk.outer, validity.as_deref(), vec![], children, None, count);
    if let Lie::Numbers([how, inner]) = plan.lie
        && inner & 1 == 0
    {
        tamper(&mut row, how);
    }
    row
}

fn wanted(plan: &Plan) -> &'static str {
    if plan.lie == Lie::Name { "nothing" } else { "texts" }
}

fn from_array(plan: &Plan, count: &Count) -> std::result::Result<Strings, Refusal> {
    let mut schema = column_schema(plan, count);
    let mut array = column_array(plan, &plan.chunks[0], count);
    // SAFETY: the structures have the layout of the specification, and are left released.
    unsafe {
        let schema = arrow::Schema::take((&raw mut schema).cast());
        Strings::from_array(schema, arrow::Array::take((&raw mut array).cast()), wanted(plan))
    }
}

/// What a stream of the producer's points to.
struct Source<'a> {
    plan: &'a Plan,
    count: Count,
    next: usize,
    message: CString,
}

unsafe extern "C" fn get_schema(stream: *mut RawStream, place: *mut RawSchema) -> c_int {
    // SAFETY: the stream was made by `from_stream`, and `place` is room for a structure.
    unsafe {
        let source = &*(*stream).private_data.cast::<Source<'_>>();
        if source.plan.lie == Lie::SchemaFails {
            return 5;
        }
        place.write(column_schema(source.plan, &source.count));
    }
    0
}

unsafe extern "C" fn get_next(stream: *mut RawStream, place: *mut RawArray) -> c_int {
    // SAFETY: as above.
    unsafe {
        let source = &mut *(*stream).private_data.cast::<Source<'_>>();
        let Some(chunk) = source.plan.chunks.get(source.next) else {
            return if source.plan.lie == Lie::ArrayFails { 5 } else { 0 };
        };
        source.next += 1;
        place.write(column_array(source.plan, chunk, &source.count));
    }
    0
}

unsafe extern "C" fn get_last_error(stream: *mut RawStream) -> *const c_char {
    // SAFETY: as above.
    let source = unsafe { &*(*stream).private_data.cast::<Source<'_>>() };
    if source.plan.lie == Lie::SchemaFails { source.message.as_ptr() } else { null() }
}

unsafe extern "C" fn release_stream(stream: *mut RawStream) {
    // SAFETY: called once with a stream that `from_stream` made.
    unsafe {
        let source = Box::from_raw((*stream).private_data.cast::<Source<'_>>());
        source.count.borrow_mut().released += 1;
        (*stream).release = None;
    }
}

fn from_stream(plan: &Plan, count: &Count) -> std::result::Result<Strings, Refusal> {
    count.borrow_mut().made += 1;
    let source = Source { plan, count: count.clone(), next: 0, message: c"the dog ate it".into() };
    let mut stream = RawStream {
        get_schema: (plan.lie != Lie::NoSchema).then_some(get_schema),
        get_next: (plan.lie != Lie::NoArrays).then_some(get_next),
        get_last_error: Some(get_last_error),
        release: Some(release_stream),
        private_data: Box::into_raw(Box::new(source)).cast(),
    };
    // SAFETY: the structure has the layout of the specification, and is left released; it goes before the plan does.
    unsafe { Strings::from_stream(arrow::Stream::take((&raw mut stream).cast()), wanted(plan), &|| false) }
}
