//! The title of a page, and what stands above its first paragraph: which units read as such.

use crate::page::document::Page;
use crate::repair::code_marks::is_item;
use crate::text::shape;

/// A title is no wider than this, in columns.
const WIDTH: usize = 250;

/// Returns the unit that reads as the page's title: the first before the prose that has no label, is more than a word, no sentence and
/// no code.
pub fn title(page: &Page) -> Option<u32> {
    for unit in unlabelled(page).filter(|&unit| !page.is_code(unit)) {
        let text = page.text(unit);
        if could_be_title(text) {
            return Some(unit);
        }
        if shape::is_prose(text) {
            break;
        }
    }
    None
}

/// The units that have no label, in order.
fn unlabelled(page: &Page) -> impl Iterator<Item = u32> {
    let mut labels = page.labels.iter().map(|label| label.unit).peekable();
    page.units().filter(move |&unit| {
        while labels.next_if(|&label| label < unit).is_some() {}
        labels.peek() != Some(&unit)
    })
}

/// So many lines a headline has, with the lines that stand with it: a kicker above it, a second headline below it.
const HEADLINE_LINES: usize = 4;

/// Returns the units that are the headline: the few that have no label, are no sentences and no items, and stand above the first paragraph;
/// and those that say one of them again. Where more stand there, or no paragraph follows, it is a list or a poem that begins. Without them
/// a page has none.
pub fn headline_units(page: &Page) -> Vec<u32> {
    let mut units = unlabelled(page);
    let mut found = Vec::new();
    let paragraph = loop {
        let Some(unit) = units.next() else { return Vec::new() };
        let text = page.text(unit);
        if shape::is_prose(text) && !page.is_code(unit) {
            break unit;
        }
        if found.len() == HEADLINE_LINES || page.is_code(unit) || !could_be_headline(text) {
            return Vec::new();
        }
        found.push(unit);
    };
    let letters = |unit: u32| shape::letters(page.text(unit)).collect::<String>();
    let said: Vec<String> = found.iter().map(|&unit| letters(unit)).collect();
    if !said.is_empty() {
        found.extend(units.filter(|&unit| unit > paragraph && page.text(unit).len() < WIDTH * 4 && said.contains(&letters(unit))));
    }
    found
}

/// Whether a line can be a headline or stand with one: letters, no sentence but a question or a call, no item, nobody's speech.
fn could_be_headline(text: &str) -> bool {
    let bare = text.trim_end_matches(shape::closes).trim_end_matches(|c: char| c == '[' || c.is_numeric());
    let told = shape::ends_sentence(bare) && !bare.ends_with(['?', '!', '？', '！', '؟']);
    let quoted = text.starts_with(['"', '“', '„', '«', '「']) && text.ends_with(shape::closes);
    let numbered = text.split(' ').next().is_some_and(|head| head.ends_with(['.', ')']) && head.starts_with(char::is_numeric));
    let speech = text.split_once(':').is_some_and(|(who, _)| who.chars().count() <= 2);
    let item = is_item(text) && !text.starts_with('#');
    fits(text) && !(told || quoted || numbered || speech || item)
}

/// Whether a line has letters and is not too wide.
fn fits(text: &str) -> bool {
    text.chars().any(char::is_alphabetic) && text.len() < WIDTH * 4 && shape::width(text) <= WIDTH
}

/// Whether a line can be a title: more than a word, no sentence, not too wide.
pub fn could_be_title(text: &str) -> bool {
    let enough = text.split(' ').nth(1).is_some() || text.chars().filter(|c| shape::is_unspaced(*c)).nth(3).is_some();
    enough && !text.ends_with('.') && fits(text)
}
