//! HTML that was handed in instead of text: where its lines are, and what is no text in it.
//!
//! An extractor finds the article in a page and this does not. It keeps what would be lost without a word: paragraphs end where their elements end,
//! and scripts, styles and the head go with all they hold. Tags between blocks are line ends, as those that a text has; tags inside a line are
//! taken out of it. So a line has its place in the source, and cutting it leaves the tags around it where they are.

use std::ops::Range;

use crate::repair::markup;
use crate::text::lines::{Span, Split, fact};

/// A text with so many tags between blocks is HTML, if it begins with one or most of its lines hold one; fewer do where one belongs to a whole page.
const TAGS: usize = 4;
const TAGS_OF_PAGE: usize = 2;
/// A longer stretch between `<` and `>` is no tag.
const MAX_TAG_BYTES: usize = 4096;
/// Elements that hold no text of the page.
const WITHOUT_TEXT: [&str; 6] = ["head", "noscript", "script", "style", "svg", "template"];

/// How much of a page was handed in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Html {
    /// A whole document: its line ends are white space.
    Document,
    /// A piece of one, or text with tags between its paragraphs: its line ends are line ends.
    Fragment,
}

/// Whether a text holds enough tags to be HTML, wherever they stand, and whatever is cut of it: most texts hold none.
pub fn could_be(source: &str, lines: &Split) -> bool {
    let with =
        || lines.spans.iter().zip(&lines.facts).filter(|(_, facts)| **facts & fact::LESS != 0).map(|(span, _)| &source[span.range()]);
    let signs = with().map(|line| line.bytes().filter(|b| *b == b'<').count()).take(TAGS).sum::<usize>();
    signs >= TAGS_OF_PAGE && {
        let (tags, of_page): (Vec<usize>, Vec<bool>) = with().map(markup::count_blocks).unzip();
        tags.iter().sum::<usize>() >= if of_page.contains(&true) { TAGS_OF_PAGE } else { TAGS }
    }
}

/// Says whether a text is HTML, from its lines; those of code are left aside. An article about HTML has tags too, in its examples: it does not begin
/// with one, and most of its lines have none.
pub fn recognise(source: &str, lines: &Split, code: &[Range<u32>]) -> Option<Html> {
    let (mut tags, mut page, mut with, mut code) = (0, false, 0, code.iter().peekable());
    for (i, (span, facts)) in lines.spans.iter().zip(&lines.facts).enumerate() {
        while code.next_if(|range| range.end as usize <= i).is_some() {}
        if facts & fact::LESS == 0 || code.peek().is_some_and(|range| range.start as usize <= i) {
            continue;
        }
        let (found, of_page) = markup::count_blocks(&source[span.range()]);
        page |= of_page;
        tags += found;
        with += usize::from(found > 0);
    }
    if tags < if page { TAGS_OF_PAGE } else { TAGS } || !(begins(source) || with * 3 >= lines.spans.len() * 2) {
        return None;
    }
    Some(if page { Html::Document } else { Html::Fragment })
}

/// Whether a text begins with a tag, a declaration or a comment.
fn begins(source: &str) -> bool {
    let start = source.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
    start.strip_prefix('<').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?'))
}

/// What stands at a `<`.
enum Piece {
    /// A tag between blocks, or an element without text: a line ends here.
    Between,
    /// A tag inside a line, a comment, a declaration.
    Inside,
}

/// Finds tags, from the start of a text to its end, in linear time.
struct Reader<'a> {
    source: &'a str,
    html: Html,
    /// The first `>` at or behind where the reader is.
    next_end: Option<usize>,
    /// What was looked for once and does not stand in the rest of the text.
    missing: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    fn new(source: &'a str, html: Html) -> Self {
        Reader { source, html, next_end: Some(0), missing: Vec::new() }
    }

    /// What begins with the `<` at `at`, and where it ends; `None` for text.
    fn piece(&mut self, at: usize) -> Option<(usize, Piece)> {
        let rest = &self.source[at..];
        if rest.starts_with("<!--") {
            return Some((self.find("-->", at + 4)? + 3, Piece::Inside));
        }
        let end = self.tag_end(at)?;
        if rest.starts_with("<!") || rest.starts_with("<?") {
            return (self.html == Html::Document).then_some((end, Piece::Between));
        }
        let inner = rest[1..].strip_prefix('/').unwrap_or(&rest[1..]);
        let width = inner.bytes().position(|b| !(b.is_ascii_alphanumeric() || b == b'-' || b == b':')).unwrap_or(inner.len());
        let name = inner[..width].to_ascii_lowercase();
        let closed = inner[width..].starts_with([' ', '\t', '\n', '\r', '/', '>']);
        if !closed || !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let known = markup::is_block(&name);
        if known.is_none() && self.html == Html::Fragment {
            return None;
        }
        if let Some(&element) = WITHOUT_TEXT.iter().find(|element| **element == name) {
            let opens = !rest.starts_with("</") && !self.source[..end].ends_with("/>");
            let close = if opens { self.closing(element, end) } else { None };
            return Some((close.unwrap_or(end), Piece::Between));
        }
        Some((end, if known == Some(true) { Piece::Between } else { Piece::Inside }))
    }

    /// Where the tag that begins at `at` ends: at the first `>` outside of quotes, with no other `<` in front of it. A browser would read on
    /// and take the text up to the next tag for attributes.
    fn tag_end(&mut self, at: usize) -> Option<usize> {
        let first = self.next_end.filter(|end| *end > at).or_else(|| {
            self.next_end = self.next_end.and_then(|_| memchr::memchr(b'>', &self.source.as_bytes()[at..]).map(|i| at + i));
            self.next_end
        })?;
        if first - at > MAX_TAG_BYTES {
            return None;
        }
        let bytes = self.source.as_bytes();
        let mut quote = None;
        for i in at..bytes.len().min(at + MAX_TAG_BYTES) {
            match (quote, bytes[i]) {
                (None, b'>') => return Some(i + 1),
                (None, b'<') if i > at => return None,
                (None, b'"' | b'\'') if bytes[i - 1] == b'=' || bytes[i - 1] == b' ' => quote = Some(bytes[i]),
                (Some(open), b) if open == b => quote = None,
                _ => {}
            }
        }
        (!bytes[at + 1..first].contains(&b'<')).then_some(first + 1)
    }

    fn find(&mut self, what: &'static str, from: usize) -> Option<usize> {
        if self.missing.contains(&what) {
            return None;
        }
        let found = self.source.get(from..).and_then(|rest| rest.find(what)).map(|i| from + i);
        if found.is_none() {
            self.missing.push(what);
        }
        found
    }

    /// Where the end of the element `name` ends that begins before `from`; a head also ends where the body begins.
    fn closing(&mut self, name: &'static str, from: usize) -> Option<usize> {
        if self.missing.contains(&name) {
            return None;
        }
        let bytes = self.source.as_bytes();
        let is = |at: usize, text: &str| bytes.get(at..at + text.len()).is_some_and(|found| found.eq_ignore_ascii_case(text.as_bytes()));
        for at in memchr::memchr_iter(b'<', &bytes[from..]).map(|i| from + i) {
            if name == "head" && is(at + 1, "body") {
                return Some(at);
            }
            if is(at + 1, "/") && is(at + 2, name) && bytes.get(at + 2 + name.len()).is_none_or(|b| !b.is_ascii_alphanumeric()) {
                return memchr::memchr(b'>', &bytes[at..]).map(|i| at + i + 1);
            }
        }
        self.missing.push(name);
        None
    }
}

/// Cuts HTML into lines, as [`crate::text::lines::split`] cuts text; [`text`] says how each reads.
pub fn split(source: &str, html: Html) -> Split {
    let mut reader = Reader::new(source, html);
    let mut out = Split::default();
    let (mut start, mut at, mut blank, mut verbatim) = (0, 0, false, false);
    let bytes = source.as_bytes();
    while at < bytes.len() {
        let (end, next) = match bytes[at] {
            b'<' => match reader.piece(at) {
                Some((next, Piece::Between)) => {
                    verbatim = match source.get(at..at + 5).map(str::to_ascii_lowercase).as_deref() {
                        Some("<pre>" | "<pre ") => true,
                        Some("</pre") => false,
                        _ => verbatim,
                    };
                    (at, next)
                }
                Some((next, Piece::Inside)) => {
                    at = next;
                    continue;
                }
                None => (0, 0),
            },
            b'\n' if verbatim || html == Html::Fragment => (at, at + 1),
            b'\r' if html == Html::Fragment => (at, at + 1 + usize::from(bytes.get(at + 1) == Some(&b'\n'))),
            0x0B | 0x0C if html == Html::Fragment => (at, at + 1),
            0xE2 if html == Html::Fragment && matches!(bytes.get(at + 1..at + 3), Some([0x80, 0xA8 | 0xA9])) => (at, at + 3),
            _ => (0, 0),
        };
        if next == 0 {
            at += 1;
            continue;
        }
        line(source, start..end, &mut blank, &mut out);
        (start, at) = (next, next);
    }
    line(source, start..bytes.len(), &mut blank, &mut out);
    out
}

fn line(source: &str, place: Range<usize>, blank: &mut bool, out: &mut Split) {
    let text = &source[place.clone()];
    let body = text.trim_start_matches([' ', '\t', '\n', '\r']);
    let start = place.start + text.len() - body.len();
    let body = body.trim_end_matches([' ', '\t', '\n', '\r']);
    if body.is_empty() {
        *blank = true;
        return;
    }
    let mut facts = fact::UNEVEN | fact::LESS;
    facts |= if body.is_ascii() { 0 } else { fact::NON_ASCII };
    facts |= if body.contains('&') { fact::AMPERSAND } else { 0 };
    facts |= if body.bytes().any(|b| (b < b' ' && !b"\t\n\r".contains(&b)) || b == 0x7F) { fact::CONTROL } else { 0 };
    facts |= if *blank { fact::AFTER_BLANK } else { 0 };
    *blank = false;
    out.spans.push(Span::new(start, start + body.len()));
    out.facts.push(facts);
}

/// Returns a line of HTML without its tags and comments.
pub fn text(line: &str, html: Html) -> String {
    let mut reader = Reader::new(line, html);
    let mut out = String::with_capacity(line.len());
    let (mut from, mut at) = (0, 0);
    while let Some(open) = memchr::memchr(b'<', &line.as_bytes()[at..]).map(|i| at + i) {
        match reader.piece(open) {
            Some((end, _)) => {
                out.push_str(&line[from..open]);
                (from, at) = (end, end);
            }
            None => at = open + 1,
        }
    }
    out.push_str(&line[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::lines;

    fn read(source: &str) -> Option<(Html, Vec<String>)> {
        let html = recognise(source, &lines::split(source), &[])?;
        let found = split(source, html);
        Some((html, found.spans.iter().map(|span| text(&source[span.range()], html)).collect()))
    }

    /// A document without its head and scripts, a line for each block.
    #[test]
    fn document() {
        let source = "<!DOCTYPE html>\n<html><head><title>T</title></head><body class=x><h1 hidden>One</h1>\n<p>Two <b>and</b>\nthree<!-- <p> --></p>\
                      <script>if (a<b) { p(\"</p>\") }</SCRIPT ><ul><li>four<li>five</ul><pre>a\n b</pre></body></html>";
        let lines = ["One", "Two and\nthree", "four", "five", "a", "b"].map(str::to_owned).to_vec();
        assert_eq!(read(source), Some((Html::Document, lines)));
    }

    /// Text with tags between its paragraphs, and texts with few tags or with tags that they talk of.
    #[test]
    fn fragments() {
        let lines = vec!["one".to_owned(), "two".to_owned(), "three".to_owned()];
        assert_eq!(read("<p>one</p><p>two</p>\nthree<br>"), Some((Html::Fragment, lines)));
        assert_eq!(read("one<br>two"), None);
        assert_eq!(read("Use <html> and <body>, then <p>, <br>, <hr> and <li>."), None);
    }

    /// What is not closed swallows nothing.
    #[test]
    fn broken() {
        let lines = vec!["var x".to_owned(), "text".to_owned()];
        assert_eq!(read("<html><script>var x<p>text"), Some((Html::Document, lines)));
        let lines = ["one", "<b", "two", "<i class=\"", "three", "four"].map(str::to_owned).to_vec();
        assert_eq!(read("<body><p>one<p><b<p>two</p><p><i class=\"<p>three\n<br>four"), Some((Html::Document, lines)));
    }
}
