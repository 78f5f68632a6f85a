//! All that a learner knows, as lines of JSON: so that it can go on another day as if it had never stopped.
//!
//! A source is one record; the pages that its lines keep follow, then the lines that several pages have. A line that one page has is a key
//! of its page. Sources stand by name, pages by number, lines by key, so equal learners are written alike.
//!
//! What is read may be anything. Each record is checked for what the learner relies on: numbers are in their bounds, what is named is there,
//! a line's samples have the key that it is found by, and all of it takes no more memory than it may.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::hash_map::Entry::{Occupied, Vacant};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sites::key::Mask;
use crate::sites::learn::{LONGEST, LONGEST_NAME, Learner};
use crate::sites::place::Outline;
use crate::sites::site::{BYTES, Doc, KEPT, LineEvidence, MOST_DATE, SAMPLES, Site, SiteLine};
use crate::sites::story::Sketch;

/// Bytes that are written at once, about.
const PIECE: usize = 1 << 18;
/// The longest record, in bytes. A page with all that it can have takes a tenth of it.
const LONGEST_RECORD: usize = 1 << 20;
/// The most pages, and the most that a number of pages may be short by.
const MOST_PAGES: u64 = 1 << 62;
/// The most pages that a line is counted for: as many again can be added.
const MOST_DOCUMENTS: u32 = u32::MAX / 2;
/// What a source takes beside its name, pages and lines.
const SOURCE_BYTES: usize = 300;

/// One line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Record<'a> {
    Site(SiteRecord<'a>),
    Page(PageRecord<'a>),
    Line(LineRecord<'a>),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteRecord<'a> {
    name: Cow<'a, str>,
    documents: u64,
    short: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageRecord<'a> {
    number: u64,
    date: Option<Cow<'a, str>>,
    sketch: Cow<'a, Sketch>,
    outline: Cow<'a, Outline>,
    /// Keys of the lines that this page alone has.
    once: Vec<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineRecord<'a> {
    documents: u32,
    /// The numbers of the pages kept.
    kept: Vec<u64>,
    settled: [u32; 3],
    last: u64,
    dates: Option<(Cow<'a, str>, Cow<'a, str>)>,
    samples: Vec<Cow<'a, str>>,
}

/// Writes what a learner knows, piece by piece; ends with the first error of `sink`.
pub fn write<E>(learner: &Learner, mut sink: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let mut names: Vec<&String> = learner.sites.keys().collect();
    names.sort_unstable();
    let mut writer = Writer { piece: Vec::with_capacity(PIECE + (PIECE >> 2)), sink: &mut sink };
    for name in names {
        writer.site(name, &learner.sites[name])?;
    }
    writer.flush()
}

struct Writer<'s, S> {
    piece: Vec<u8>,
    sink: &'s mut S,
}

impl<E, S: FnMut(&[u8]) -> Result<(), E>> Writer<'_, S> {
    fn site(&mut self, name: &str, site: &Site) -> Result<(), E> {
        self.record(&Record::Site(SiteRecord { name: name.into(), documents: site.documents, short: site.short }))?;
        for (doc, mut once) in pages(site).into_values() {
            once.sort_unstable();
            let date = doc.date.as_deref().map(Into::into);
            let (sketch, outline) = (Cow::Borrowed(&doc.sketch), Cow::Borrowed(&doc.outline));
            self.record(&Record::Page(PageRecord { number: doc.number, date, sketch, outline, once }))?;
        }
        site.entries().into_iter().try_for_each(|(_, entry)| self.line(entry))
    }

    fn line(&mut self, entry: &LineEvidence) -> Result<(), E> {
        self.record(&Record::Line(LineRecord {
            documents: entry.documents,
            kept: entry.kept.iter().map(|doc| doc.number).collect(),
            settled: entry.settled,
            last: entry.seen.1,
            dates: entry.dates.as_ref().map(|(least, greatest)| ((&**least).into(), (&**greatest).into())),
            samples: entry.samples.iter().map(|sample| (&**sample).into()).collect(),
        }))
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), E> {
        serde_json::to_writer(&mut self.piece, record).expect("numbers and strings are JSON, and a vector takes them");
        self.piece.push(b'\n');
        if self.piece.len() < PIECE { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> Result<(), E> {
        (self.sink)(&self.piece)?;
        self.piece.clear();
        Ok(())
    }
}

/// The pages that lines of a site keep, by number, with the keys of the lines that have no other.
fn pages(site: &Site) -> BTreeMap<u64, (&Doc, Vec<u64>)> {
    let mut pages: BTreeMap<u64, (&Doc, Vec<u64>)> = BTreeMap::new();
    for (key, line) in &site.lines {
        match line {
            SiteLine::Once(doc) => pages.entry(doc.number).or_insert_with(|| (doc, Vec::new())).1.push(*key),
            SiteLine::Many(entry) => entry.kept.iter().for_each(|doc| {
                pages.entry(doc.number).or_insert_with(|| (doc, Vec::new()));
            }),
        }
    }
    pages
}

/// Why something can't be read.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is not what a learner writes.
    Wrong(String),
    /// It takes more memory than it may take.
    Large,
}

impl From<String> for Refusal {
    fn from(what: String) -> Self {
        Refusal::Wrong(what)
    }
}

impl From<&str> for Refusal {
    fn from(what: &str) -> Self {
        Refusal::Wrong(what.into())
    }
}

/// Reads what [`write()`] wrote, in pieces of any size. An error says what is wrong; nothing can be read after it.
pub struct Reader {
    learner: Learner,
    /// Bytes that all of it may take, names too.
    room: usize,
    open: Option<Open>,
    /// What the sources before the open one take, what all names take, and the pages of all.
    done: usize,
    names: usize,
    documents: u64,
    /// The beginning of a record whose end has not come yet, and the number of records before it.
    rest: Vec<u8>,
    records: u64,
    mask: Mask,
}

/// The source that is being read.
struct Open {
    name: String,
    site: Site,
    /// In the order of their numbers.
    pages: Vec<Arc<Doc>>,
    /// Whether its lines have begun.
    lines: bool,
}

impl Reader {
    /// Makes a reader for a learner that saw `pages` pages and has room for `most` bytes; what is read may take `room` bytes.
    pub fn new(pages: u64, most: usize, room: usize) -> Result<Self, Refusal> {
        if pages > MOST_PAGES {
            return Err(format!("there can't be {pages} documents").into());
        }
        let mut learner = Learner::new(most);
        learner.pages = pages;
        Ok(Reader { learner, room, open: None, done: 0, names: 0, documents: 0, rest: Vec::new(), records: 0, mask: Mask::default() })
    }

    /// Reads the next bytes.
    pub fn push(&mut self, mut piece: &[u8]) -> Result<(), Refusal> {
        while let Some(end) = memchr::memchr(b'\n', piece) {
            self.keep(&piece[..end])?;
            let record = std::mem::take(&mut self.rest);
            self.records += 1;
            self.record(&record).map_err(|refusal| match refusal {
                Refusal::Wrong(what) => Refusal::Wrong(format!("record {}: {what}", self.records)),
                Refusal::Large => Refusal::Large,
            })?;
            self.rest = record;
            self.rest.clear();
            piece = &piece[end + 1..];
        }
        self.keep(piece)
    }

    /// Returns the learner, once all has been read.
    pub fn finish(mut self) -> Result<Learner, Refusal> {
        if !self.rest.is_empty() {
            return Err(format!("record {} is cut short", self.records + 1).into());
        }
        self.close()?;
        if self.documents > self.learner.pages {
            return Err(format!("sites have {} documents, and there are {} of all", self.documents, self.learner.pages).into());
        }
        self.learner.bytes = self.learner.sites.values().map(Site::bytes).sum();
        Ok(self.learner)
    }

    fn keep(&mut self, part: &[u8]) -> Result<(), Refusal> {
        if self.rest.len() + part.len() > LONGEST_RECORD {
            return Err(format!("record {} has over {LONGEST_RECORD} bytes", self.records + 1).into());
        }
        self.rest.extend_from_slice(part);
        Ok(())
    }

    fn record(&mut self, record: &[u8]) -> Result<(), Refusal> {
        match serde_json::from_slice(record).map_err(|error| error.to_string())? {
            Record::Site(record) => self.site(record)?,
            Record::Page(record) => self.open.as_mut().ok_or(NO_SITE)?.page(record, self.learner.pages)?,
            Record::Line(record) => self.open.as_mut().ok_or(NO_SITE)?.line(record, self.learner.pages, &mut self.mask)?,
        }
        self.check_room()
    }

    fn site(&mut self, record: SiteRecord<'_>) -> Result<(), Refusal> {
        let last = self.close()?;
        if last.is_some_and(|last| *record.name <= *last) {
            return Err("sites are not in order".into());
        }
        if record.name.len() > LONGEST_NAME || record.short > MOST_PAGES {
            return Err("the name of a site, or a count of it, is too large".into());
        }
        self.documents = self.documents.saturating_add(record.documents);
        self.names += SOURCE_BYTES + record.name.len();
        let mut site = Site::default();
        (site.documents, site.short) = (record.documents, record.short);
        self.open = Some(Open { name: record.name.into_owned(), site, pages: Vec::new(), lines: false });
        Ok(())
    }

    /// Puts the open site to the others, and returns its name.
    fn close(&mut self) -> Result<Option<String>, Refusal> {
        let Some(open) = self.open.take() else { return Ok(None) };
        // The reader holds each once.
        if let Some(doc) = open.pages.iter().find(|doc| Arc::strong_count(doc) == 1) {
            return Err(format!("page {} has no line", doc.number).into());
        }
        self.done += open.site.bytes();
        self.learner.sites.insert(open.name.clone(), open.site);
        Ok(Some(open.name))
    }

    fn check_room(&self) -> Result<(), Refusal> {
        let bytes = self.done + self.open.as_ref().map_or(0, |open| open.site.bytes());
        if bytes > self.learner.most {
            return Err(format!("lines and pages take more than the {} bytes that they have", self.learner.most).into());
        }
        // The learner does not count names, of which there may be any number.
        if bytes + self.names > self.room {
            return Err(Refusal::Large);
        }
        Ok(())
    }
}

const NO_SITE: &str = "a page or a line of no site";

impl Open {
    fn page(&mut self, record: PageRecord<'_>, pages: u64) -> Result<(), String> {
        let number = record.number;
        if number >= pages || self.lines || self.pages.last().is_some_and(|last| last.number >= number) {
            return Err(format!("page {number} is not in order"));
        }
        if self.pages.len() as u64 >= self.site.documents {
            return Err("there are more pages than documents".into());
        }
        check_date(record.date.as_deref())?;
        let doc = self.site.doc(record.sketch.into_owned(), record.outline.into_owned(), number, record.date.as_deref());
        for key in record.once {
            self.insert(key, SiteLine::Once(doc.clone()), BYTES.0)?;
        }
        self.pages.push(doc);
        Ok(())
    }

    fn line(&mut self, record: LineRecord<'_>, pages: u64, mask: &mut Mask) -> Result<(), String> {
        self.lines = true;
        let key = key_of(&record.samples, mask)?;
        let entry = self.evidence(record)?;
        if entry.seen.1 >= pages {
            return Err(format!("page {} of {pages}", entry.seen.1));
        }
        let bytes = BYTES.0 + entry.bytes();
        self.insert(key, SiteLine::Many(Box::new(entry)), bytes)
    }

    fn evidence(&self, record: LineRecord<'_>) -> Result<LineEvidence, String> {
        let LineRecord { documents, kept, settled, last, dates, samples } = record;
        if !(2..=MOST_DOCUMENTS).contains(&documents) || u64::from(documents) > self.site.documents {
            return Err(format!("a line of {documents} documents, of {}", self.site.documents));
        }
        let examined = settled.iter().map(|count| u64::from(*count)).sum::<u64>() + kept.len() as u64;
        if examined != u64::from(documents).min(KEPT as u64) {
            return Err(format!("a line of {documents} documents of which {examined} were examined"));
        }
        let (Some(first), true) = (kept.first(), kept.is_sorted_by(|one, next| one < next)) else {
            return Err("the pages of a line are not in order, or there are none".into());
        };
        let seen = (*first, last);
        if last <= seen.0 || kept.last().is_some_and(|page| last < *page) {
            return Err(format!("a line that page {last} is the last to have, and other pages have later"));
        }
        let dates = dates.map(|(least, greatest)| (least.into(), greatest.into()));
        check_dates(dates.as_ref())?;
        let kept = kept.into_iter().map(|number| self.doc(number)).collect::<Result<_, _>>()?;
        let samples = samples.iter().map(|sample| (&**sample).into()).collect();
        Ok(LineEvidence { documents, kept, settled, seen, dates, samples })
    }

    fn doc(&self, number: u64) -> Result<Arc<Doc>, String> {
        let found = self.pages.binary_search_by_key(&number, |doc| doc.number);
        found.map(|at| self.pages[at].clone()).map_err(|_| format!("page {number} is not there"))
    }

    fn insert(&mut self, key: u64, line: SiteLine, bytes: usize) -> Result<(), String> {
        match self.site.lines.entry(key) {
            Occupied(_) => return Err("a line stands there twice".into()),
            Vacant(place) => place.insert(line),
        };
        self.site.grow(bytes);
        Ok(())
    }
}

/// Returns the key of a line that reads so on some pages.
fn key_of(samples: &[Cow<'_, str>], mask: &mut Mask) -> Result<u64, &'static str> {
    let few = (1..=SAMPLES).contains(&samples.len()) && samples.iter().all(|sample| sample.len() <= LONGEST);
    let key = samples.first().filter(|_| few).and_then(|sample| mask.key(sample)).ok_or("the samples of a line are too few or too long")?;
    if samples.iter().any(|sample| mask.key(sample) != Some(key)) {
        return Err("the samples of a line are not those of one line");
    }
    if samples.iter().enumerate().any(|(i, sample)| samples[..i].contains(sample)) {
        return Err("a sample of a line stands there twice");
    }
    Ok(key)
}

fn check_date(date: Option<&str>) -> Result<(), &'static str> {
    if date.is_some_and(|date| date.len() > MOST_DATE) { Err("a date is too long") } else { Ok(()) }
}

fn check_dates(dates: Option<&(Box<str>, Box<str>)>) -> Result<(), &'static str> {
    let Some((least, greatest)) = dates else { return Ok(()) };
    check_date(Some(least))?;
    check_date(Some(greatest))?;
    if least > greatest { Err("the first date of a line is after its last") } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str = concat!(
        r#"{"site":{"name":"a","documents":3,"short":1}}"#,
        "\n",
        r#"{"page":{"number":2,"date":null,"sketch":{"hashes":[[5,0],[9,0]],"limit":4294967295,"keys":[7]},"outline":[7,6],"once":[6,7]}}"#,
        "\n",
        r#"{"page":{"number":4,"date":"2021","sketch":{"hashes":[],"limit":4294967295,"keys":[]},"outline":[],"once":[]}}"#,
        "\n",
        r#"{"line":{"documents":2,"kept":[2,4],"settled":[0,0,0],"last":4,"dates":["2021","2021"],"samples":["Send a tip"]}}"#,
        "\n",
    );

    fn read(state: &str, piece: usize, room: usize) -> Result<Learner, Refusal> {
        let mut reader = Reader::new(5, 1_000_000, room)?;
        state.as_bytes().chunks(piece).try_for_each(|piece| reader.push(piece))?;
        reader.finish()
    }

    fn written(learner: &Learner) -> String {
        let mut all = Vec::new();
        let done = write(learner, |piece| {
            all.extend_from_slice(piece);
            Ok::<_, ()>(())
        });
        assert_eq!(done, Ok(()));
        String::from_utf8(all).expect("JSON")
    }

    /// What was read is written alike, in pieces of whatever size it came.
    #[test]
    fn there_and_back() {
        for piece in [1, 7, 1000] {
            let learner = read(STATE, piece, 1_000_000).unwrap_or_else(|refusal| panic!("{refusal:?}"));
            assert_eq!(written(&learner), STATE);
            assert_eq!(learner.bytes(), learner.sites["a"].bytes());
        }
    }

    /// What is cut short, is out of order or does not fit is refused. (Python's tests change each value.)
    #[test]
    fn refused() {
        let lines: Vec<&str> = STATE.split_inclusive('\n').collect();
        for (state, room) in [
            (&STATE[..STATE.len() - 1], 1_000_000),
            (&lines[1..].concat(), 1_000_000),
            (&lines[..3].concat(), 1_000_000),
            (&[lines[0], lines[2], lines[1], lines[3]].concat(), 1_000_000),
            (&STATE.repeat(2), 1_000_000),
            (&"x".repeat(LONGEST_RECORD + 1), 1_000_000),
        ] {
            assert!(matches!(read(state, 64, room), Err(Refusal::Wrong(_))), "{:?}", &state[..state.len().min(300)]);
        }
        assert!(matches!(read(STATE, 64, 900), Err(Refusal::Large)));
    }
}
