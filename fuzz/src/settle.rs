//! Pages taken through normalization, with a stand-in for ftfy.
//!
//! ftfy is Python and not here. What the native half promises holds with any repair that leaves a line alone where the scan says so, so a
//! small one stands in: it decodes a few entities, one kind of mojibake and ligatures, and composes. Around it goes the loop of
//! `src/textclean/cleaning/repair.py`, step by step.

use std::sync::LazyLock;

use textclean_native::cleaning::batch::{PageBatch, Source};
use textclean_native::page::document::Page;
use textclean_native::repair::scan::{Asked, Scanner};
use textclean_native::repair::{markup, tidy};
use textclean_native::text::lines;
use unicode_normalization::UnicodeNormalization;

/// Letters of UTF-8 read as Latin-1.
pub const MOJIBAKE: &str = "\u{c3}[\u{a0}-\u{bf}]|\u{e2}\u{20ac}";
static SCANNER: LazyLock<Scanner> = LazyLock::new(|| Scanner::new(MOJIBAKE).expect("a pattern"));

const ROUNDS: usize = 16;
const ENTITIES: [(&str, &str); 6] =
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&eacute;", "\u{e9}"), ("&shy;", "\u{ad}"), ("&amp;", "&")];

/// The scanner with the stand-in's pattern.
pub fn scanner() -> &'static Scanner {
    &SCANNER
}

/// Whether the scan says that a line may change.
pub fn may_change(line: &str) -> bool {
    scanner().may_change(line, lines::facts(line), Asked::default())
}

/// Returns a line without invisible characters, stray tags and odd white space.
pub fn tidied(line: &str) -> String {
    match tidy::tidy(line, 0xFF) {
        tidy::Tidied::Same => line.trim_matches([' ', '\t']).to_owned(),
        tidy::Tidied::Changed(text) => text,
    }
}

/// Returns a line of which the tags are gone and the entities decoded; what now reads as a tag is written as entities.
pub fn escaped(line: &str) -> String {
    let tidied = tidy::tidy_characters(line);
    markup::escape(&tidied).unwrap_or(tidied)
}

/// Repairs a line until it is at rest.
pub fn repaired(line: &str) -> String {
    let mut line = line.to_owned();
    for _ in 0..ROUNDS {
        let bare = if line.contains('<') { tidied(&line) } else { line.clone() };
        let found = escaped(&fixed(&bare));
        if found == line || !may_change(&found) {
            return found;
        }
        line = found;
    }
    let suspect = |c: char| matches!(c, '&' | '<' | '\u{80}'..='\u{52f}' | '\u{2000}'..='\u{2bff}' | '\u{f8ff}' | '\u{fb00}'..='\u{fb06}' | '\u{fffd}');
    repaired(&line.chars().filter(|c| !suspect(*c)).collect::<String>())
}

/// What stands in for ftfy.
fn fixed(line: &str) -> String {
    if !may_change(line) {
        return line.to_owned();
    }
    let mut text = line.to_owned();
    for (entity, character) in ENTITIES {
        text = text.replace(entity, character);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\u{c3}', Some(&next @ '\u{a0}'..='\u{bf}')) => {
                out.extend(char::from_u32(u32::from(next) + 0x40));
                chars.next();
            }
            ('\u{e2}', Some('\u{20ac}')) => {
                out.push('\'');
                chars.next();
            }
            ('\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}' | '\u{206a}'..='\u{206f}', _) => {}
            ('\u{fb00}'..='\u{fb06}' | '\u{132}' | '\u{133}' | '\u{149}' | '\u{1c4}'..='\u{1cc}' | '\u{1f1}'..='\u{1f3}', _) => {
                out.extend(std::iter::once(c).nfkc());
            }
            _ => out.push(c),
        }
    }
    out.nfc().collect()
}

/// Makes a batch of these texts, repaired.
pub fn batch(texts: &[&str], unwrap: bool) -> PageBatch {
    let sources = texts.iter().map(|text| Source { text: (*text).to_owned(), lossy: false }).collect();
    let mut batch = PageBatch::new(sources, scanner(), Asked::default(), unwrap);
    settle(&mut batch);
    batch
}

/// Repairs what is dirty. Joining repaired lines may make others dirty, but not forever.
pub fn settle(batch: &mut PageBatch) {
    for round in 0.. {
        let dirty = batch.pages().iter().flat_map(|page| page.dirty().iter().map(|&line| repaired(page.dirty_text(line).0)));
        let dirty: Vec<String> = dirty.collect();
        if dirty.is_empty() {
            return;
        }
        assert!(round < 64, "repair does not come to rest: {dirty:?}");
        batch.settle(&dirty).expect("a text for each dirty line");
    }
}

/// Returns a text, normalized.
pub fn normalized(text: &str, unwrap: bool) -> String {
    batch(&[text], unwrap).pages()[0].render()
}

/// Asserts that normalizing a text again changes nothing.
pub fn assert_at_rest(text: &str, unwrap: bool) {
    let again = normalized(text, unwrap);
    assert_eq!(again, text, "normalizing the result again (unwrap: {unwrap}) changes it");
}

/// Asserts that the units of a page stand in order, are not empty, and begin and end where characters do.
pub fn assert_spans(page: &Page) {
    let (source, mut at) = (page.source(), 0);
    for unit in page.units() {
        let span = page.span(unit).range();
        assert!(at <= span.start && span.start < span.end && span.end <= source.len(), "unit {unit} at {span:?}, after {at}");
        assert!(source.is_char_boundary(span.start) && source.is_char_boundary(span.end), "unit {unit} at {span:?} parts a character");
        assert!(!page.text(unit).is_empty() && !page.text(unit).contains(['\n', '\r']), "unit {unit} reads {:?}", page.text(unit));
        at = span.end;
    }
}
