//! The title of a page, and what stands above its first paragraph: which units read as such.

use crate::page::document::Page;
use crate::text::shape;

/// A title is no wider than this, in columns.
const WIDTH: usize = 250;

/// Returns the unit that reads as the page's title: the first before the prose that has no label, is more than a word, no sentence and
/// no code.
pub fn title(page: &Page) -> Option<u32> {
    let mut labels = page.labels.iter().map(|label| label.unit).peekable();
    for unit in page.units() {
        while labels.next_if(|&l| l < unit).is_some() {}
        let text = page.text(unit);
        if labels.peek() == Some(&unit) || page.is_code(unit) {
            continue;
        }
        if could_be_title(text) {
            return Some(unit);
        }
        if shape::is_prose(text) {
            break;
        }
    }
    None
}

/// So many lines a headline has, with the lines that stand with it: a kicker above it, a second headline below it.
const HEADLINE: usize = 4;

/// Returns the units that are the headline, and what stands with it: the few that have no label, are no sentences and stand above the first
/// paragraph. Where more stand there, or no paragraph follows, it is a list or a poem that begins. Without them a page has none.
pub fn headline(page: &Page) -> Vec<u32> {
    let mut labels = page.labels.iter().map(|label| label.unit).peekable();
    let mut found = Vec::new();
    for unit in page.units() {
        while labels.next_if(|&l| l < unit).is_some() {}
        if labels.peek() == Some(&unit) {
            continue;
        }
        let text = page.text(unit);
        if shape::is_prose(text) && !page.is_code(unit) {
            return found;
        }
        if found.len() == HEADLINE || page.is_code(unit) || !could_be_title(text) {
            break;
        }
        found.push(unit);
    }
    Vec::new()
}

/// Whether a line can be a title: more than a word, no sentence, not too wide.
pub fn could_be_title(text: &str) -> bool {
    let enough = text.split(' ').nth(1).is_some() || text.chars().filter(|c| shape::is_unspaced(*c)).nth(3).is_some();
    enough && text.chars().any(char::is_alphabetic) && !text.ends_with('.') && text.len() < WIDTH * 4 && shape::width(text) <= WIDTH
}
