//! Where texts come from: anything that can lay out texts by number.

use std::ops::Range;

/// Texts addressed by number. Implementations say which encoding or lock stands between them and a `&str`.
pub trait Source: Sync {
    /// The number of texts.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the first of `texts` to `batch`, until it is full; returns how many, at least one if there is one.
    fn load<'a>(&'a self, texts: &[u32], batch: &mut TextBatch<'a>) -> usize;
}

/// Texts laid out for reading: borrowed where they already are UTF-8 in memory, else copied into one buffer.
#[derive(Debug, Default)]
pub struct TextBatch<'a> {
    copied: String,
    texts: Vec<Text<'a>>,
    bytes: usize,
}

#[derive(Debug)]
enum Text<'a> {
    Borrowed(&'a str),
    Copied(Range<usize>),
}

impl<'a> TextBatch<'a> {
    /// A full batch: small enough to be read while it still is in a processor's own cache, and for workers to finish at about the same time.
    pub const BYTES: usize = 512 << 10;
    /// Copies a batch may hold: few enough that a batch for each worker does not show in memory.
    pub const COPIED: usize = 128 << 10;

    /// Forgets the texts and keeps the memory.
    pub fn clear(&mut self) {
        self.copied.clear();
        self.texts.clear();
        self.bytes = 0;
    }

    /// Returns the number of texts.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// Whether it holds enough.
    pub fn is_full(&self) -> bool {
        self.bytes >= Self::BYTES || self.copied.len() >= Self::COPIED || self.texts.len() >= Self::BYTES / 64
    }

    /// Adds a text that stays where it is.
    pub fn borrow(&mut self, text: &'a str) {
        self.bytes += text.len();
        self.texts.push(Text::Borrowed(text));
    }

    /// Adds a text that is copied.
    pub fn copy(&mut self, text: &str) {
        let start = self.copied.len();
        self.copied.push_str(text);
        self.bytes += text.len();
        self.texts.push(Text::Copied(start..self.copied.len()));
    }

    /// Returns the texts in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|i| self.get(i))
    }

    /// Returns text `i`.
    pub fn get(&self, i: usize) -> &str {
        match &self.texts[i] {
            Text::Borrowed(text) => text,
            Text::Copied(range) => &self.copied[range.clone()],
        }
    }
}

impl<T: AsRef<str> + Sync> Source for [T] {
    fn len(&self) -> usize {
        <[T]>::len(self)
    }

    fn load<'a>(&'a self, texts: &[u32], batch: &mut TextBatch<'a>) -> usize {
        let mut count = 0;
        for text in texts {
            batch.borrow(self[*text as usize].as_ref());
            count += 1;
            if batch.is_full() {
                break;
            }
        }
        count
    }
}
