//! Texts that stay in files: UTF-8, one text after the other, read back when they are looked at.
//!
//! Memory is a few bytes a text, whatever is in it. A file that can't be read any more gives empty texts from then on and is remembered: look
//! at `failure` before using the answer.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Mutex;

use crate::dedup::texts::source::{Source, TextBatch};
use crate::repair::paragraphs::for_each_paragraph;
use crate::text::words::is_tokenizable;

/// Texts that stand next to each other are read together up to this size.
const RUN: u64 = 256 << 10;

/// Units whose places are looked up at once.
const AT_ONCE: usize = 1 << 14;

/// Units of texts in files.
#[derive(Debug)]
pub struct Spool {
    files: Vec<(File, u64)>,
    starts: Vec<u64>,
    lengths: Vec<u32>,
    failure: Mutex<Option<io::Error>>,
}

/// What is a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Each paragraph.
    Paragraph,
    /// Each text.
    Document,
}

/// What is known of the documents once their units are found, one entry each: how many units, and in `chars` the code points of each unit.
#[derive(Debug, Default)]
pub struct Layout {
    /// Units of each document.
    pub units: Vec<u32>,
    /// Code points of each unit; empty unless asked for.
    pub chars: Vec<u32>,
}

impl Spool {
    /// Opens files whose texts have these lengths in bytes, and finds the units.
    pub fn open(paths: &[PathBuf], lengths: &[Vec<u64>], unit: Unit, count_chars: bool) -> io::Result<(Self, Layout)> {
        let mut spool = Self { files: Vec::new(), starts: Vec::new(), lengths: Vec::new(), failure: Mutex::new(None) };
        let (mut layout, mut base) = (Layout::default(), 0);
        for (path, lengths) in paths.iter().zip(lengths) {
            spool.files.push((File::open(path)?, base));
            let mut reader = BufReader::with_capacity(1 << 20, File::open(path)?);
            let mut text = Vec::new();
            for length in lengths {
                text.clear();
                // Not made room for at once: the number may be wrong, and the file ends sooner.
                if reader.by_ref().take(*length).read_to_end(&mut text)? as u64 != *length {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                let text = std::str::from_utf8(&text).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
                if !is_tokenizable(text) {
                    return Err(io::Error::other(format!("a text of {length} bytes is too long to be compared")));
                }
                let before = spool.starts.len();
                match unit {
                    Unit::Document => spool.add(base, text.len(), text, count_chars, &mut layout),
                    Unit::Paragraph => for_each_paragraph(text, |paragraph| {
                        let part = &text[paragraph.bytes.clone()];
                        spool.add(base + paragraph.bytes.start as u64, part.len(), part, count_chars, &mut layout);
                    }),
                }
                layout.units.push((spool.starts.len() - before) as u32);
                base += length;
            }
        }
        spool.starts.shrink_to_fit();
        spool.lengths.shrink_to_fit();
        Ok((spool, layout))
    }

    /// Returns why a text could not be read, if one could not.
    pub fn failure(&self) -> Option<io::Error> {
        self.failure.lock().expect("nobody panics with the lock").take()
    }

    fn add(&mut self, start: u64, length: usize, text: &str, count_chars: bool, layout: &mut Layout) {
        self.starts.push(start);
        self.lengths.push(length as u32);
        if count_chars {
            layout.chars.push(text.chars().count() as u32);
        }
    }

    fn span(&self, text: u32) -> Range<u64> {
        let start = self.starts[text as usize];
        start..start + u64::from(self.lengths[text as usize])
    }

    /// How many of `texts`, from the first, stand next to each other in one file and are worth reading together.
    fn run(&self, texts: &[u32]) -> (usize, Range<u64>) {
        let whole = self.span(texts[0]);
        let file = self.file(whole.start);
        let (mut count, mut end) = (1, whole.end);
        for pair in texts.windows(2) {
            let next = self.span(pair[1]);
            if pair[1] != pair[0] + 1 || next.end - whole.start > RUN || self.file(next.start) != file {
                break;
            }
            (count, end) = (count + 1, next.end);
        }
        (count, whole.start..end)
    }

    fn file(&self, start: u64) -> usize {
        self.files.partition_point(|(_, base)| *base <= start) - 1
    }

    fn read(&self, span: Range<u64>) -> Vec<u8> {
        let mut bytes = vec![0; (span.end - span.start) as usize];
        let (file, base) = &self.files[self.file(span.start)];
        if let Err(error) = read_at(file, &mut bytes, span.start - base) {
            self.failure.lock().expect("nobody panics with the lock").get_or_insert(error);
            bytes.fill(b' ');
        }
        bytes
    }
}

impl Source for Spool {
    fn len(&self) -> usize {
        self.starts.len()
    }

    fn load<'a>(&'a self, texts: &[u32], batch: &mut TextBatch<'a>) -> usize {
        let mut loaded = 0;
        while loaded < texts.len() && !batch.is_full() {
            let (count, whole) = self.run(&texts[loaded..]);
            let bytes = self.read(whole.clone());
            for text in &texts[loaded..loaded + count] {
                let span = self.span(*text);
                let part = &bytes[(span.start - whole.start) as usize..(span.end - whole.start) as usize];
                // It was UTF-8 when the file was opened.
                batch.copy(std::str::from_utf8(part).unwrap_or_default());
            }
            loaded += count;
        }
        loaded
    }
}

/// Some of the units, in an order of their own: what is found out about them takes memory for these alone.
#[derive(Debug)]
pub struct Part<'s> {
    spool: &'s Spool,
    units: &'s [u32],
}

impl<'s> Part<'s> {
    /// Takes some units of `spool`.
    pub fn new(spool: &'s Spool, units: &'s [u32]) -> Self {
        Self { spool, units }
    }
}

impl Source for Part<'_> {
    fn len(&self) -> usize {
        self.units.len()
    }

    fn load<'a>(&'a self, texts: &[u32], batch: &mut TextBatch<'a>) -> usize {
        let units: Vec<u32> = texts.iter().take(AT_ONCE).map(|text| self.units[*text as usize]).collect();
        self.spool.load(&units, batch)
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(windows)]
fn read_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, at)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => (bytes, at) = (&mut bytes[count..], at + count as u64),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn spooled(shards: &[&[&str]], unit: Unit) -> (Spool, Layout) {
        let name = |i| std::env::temp_dir().join(format!("textclean-spool-{}-{unit:?}-{i}", std::process::id()));
        let paths: Vec<PathBuf> = (0..shards.len()).map(name).collect();
        for (path, texts) in paths.iter().zip(shards) {
            fs::write(path, texts.concat()).unwrap();
        }
        let lengths: Vec<Vec<u64>> = shards.iter().map(|texts| texts.iter().map(|text| text.len() as u64).collect()).collect();
        let opened = Spool::open(&paths, &lengths, unit, true).unwrap();
        paths.iter().for_each(|path| fs::remove_file(path).unwrap());
        opened
    }

    fn all(spool: &impl Source, order: &[u32]) -> Vec<String> {
        let (mut texts, mut loaded) = (Vec::new(), 0);
        while loaded < order.len() {
            let mut batch = TextBatch::default();
            loaded += spool.load(&order[loaded..], &mut batch);
            texts.extend((0..batch.len()).map(|i| batch.get(i).to_owned()));
        }
        texts
    }

    #[test]
    fn units_come_back_in_any_order_from_any_file() {
        let (spool, layout) = spooled(&[&["one\n\n two ", "", "drei é"], &[], &["four\nfive"]], Unit::Paragraph);
        assert_eq!(layout.units, [2, 0, 1, 2]);
        assert_eq!(layout.chars, [3, 3, 6, 4, 4]);
        assert_eq!(all(&spool, &[0, 1, 2, 3, 4]), ["one", "two", "drei é", "four", "five"]);
        assert_eq!(all(&spool, &[4, 2, 0]), ["five", "drei é", "one"]);
        assert_eq!(all(&Part::new(&spool, &[4, 0, 1]), &[0, 2, 1]), ["five", "two", "one"]);
        let (spool, layout) = spooled(&[&["a\nb", "", "c"]], Unit::Document);
        assert_eq!((layout.units, all(&spool, &[0, 1, 2])), (vec![1, 1, 1], vec!["a\nb".to_owned(), String::new(), "c".to_owned()]));
    }

    #[test]
    fn a_file_that_ends_early_is_told() {
        let path = std::env::temp_dir().join(format!("textclean-spool-{}-short", std::process::id()));
        fs::write(&path, "abc").unwrap();
        assert!(Spool::open(std::slice::from_ref(&path), &[vec![2, 2]], Unit::Document, false).is_err());
        let (spool, _) = Spool::open(std::slice::from_ref(&path), &[vec![3]], Unit::Document, false).unwrap();
        fs::write(&path, "a").unwrap();
        assert_eq!(all(&spool, &[0]), ["   "]);
        assert!(spool.failure().is_some());
        fs::remove_file(&path).unwrap();
    }
}
