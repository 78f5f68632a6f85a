//! What ftfy leaves in a line: invisible characters, odd spaces, stray tags.
//!
//! [`tidy`] is idempotent and linear: a tag that appears when another is taken out is seen without going back over the line, and a
//! `<` that began no tag is never looked at twice.

use crate::repair::markup::{self, Tag};
use crate::text::foreign::non_ascii;
use crate::text::lines::fact;

/// What the characters of a line call for, told apart in one pass without building anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Class {
    Plain,
    Space,
    Gone,
    /// ZWNJ and ZWJ: kept where a script or an emoji sequence needs them.
    Joiner,
    /// A tag character (U+E0000 block): kept in flag sequences.
    FlagTag,
}

/// Inlined, like `push`: called for each character, and whether the compiler does so by itself depends on what else the crate holds.
#[inline]
fn class_of(c: char) -> Class {
    match c {
        ' ' | '\t'..='\r' | '\u{85}' | '\u{A0}' | '\u{1680}' | '\u{2000}'..='\u{200A}' => Class::Space,
        '\u{2028}' | '\u{2029}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => Class::Space,
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' => Class::Gone,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' => Class::Gone,
        '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' => Class::Gone,
        '\u{200C}' | '\u{200D}' => Class::Joiner,
        '\u{E0000}'..='\u{E007F}' => Class::FlagTag,
        _ => Class::Plain,
    }
}

/// A line after [`tidy`].
#[derive(Debug, PartialEq, Eq)]
pub enum Tidied {
    /// It was tidy.
    Same,
    /// It reads so now.
    Changed(String),
}

/// Takes out what nobody sees and what is not text, folds white space to single spaces and strips the ends.
///
/// `facts` are those of the line (see [`crate::text::lines::split`]); they only say where not to look.
pub fn tidy(line: &str, facts: u8) -> Tidied {
    let tags = facts & fact::LESS != 0 && line.contains('>');
    let odd = facts & (fact::UNEVEN | fact::CONTROL) != 0 || (facts & fact::NON_ASCII != 0 && has_odd(line));
    if !tags && !odd {
        return Tidied::Same;
    }
    let out = match tags {
        true => untagged(rebuild(line, false)),
        false if facts & (fact::NON_ASCII | fact::CONTROL) == 0 => evened(line),
        false => rebuild(line, false),
    };
    if out == line { Tidied::Same } else { Tidied::Changed(out) }
}

/// Folds the spaces and tabs of a line that holds no other white space and nothing that goes.
fn evened(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for word in line.split_ascii_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Whether a line holds characters other than ASCII that [`verbatim`] changes, or control characters.
pub fn is_odd(line: &str) -> bool {
    line.bytes().fold(false, |odd, b| odd | ((b < b' ' && b != b'\t') || b == 0x7F)) || has_odd(line)
}

/// Whether a line holds characters other than ASCII that are not plain.
fn has_odd(line: &str) -> bool {
    non_ascii(line).any(|c| class_of(c) != Class::Plain)
}

/// Takes the tags out of a line that is tidy otherwise, if they are markup and not what the line talks of.
fn untagged(line: String) -> String {
    if markup::is_markup(&line) { rebuild(&line, true) } else { line }
}

/// Returns a line without what nobody sees and with its white space folded; its tags stay.
pub fn tidy_characters(line: &str) -> String {
    rebuild(line, false)
}

/// Returns a line of code without what nobody sees. Its spaces and tabs stay, but those at its end; odd spaces are plain ones; tags and entities are
/// text.
pub fn verbatim(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let keep = match class_of(c) {
            Class::Space => {
                out.push(if c == '\t' { c } else { ' ' });
                false
            }
            Class::Gone => false,
            Class::Plain => true,
            Class::Joiner => joins(out.chars().next_back(), c, chars.peek().copied()),
            Class::FlagTag => matches!(out.chars().next_back(), Some('\u{1F3F4}' | '\u{E0000}'..='\u{E007F}')),
        };
        if keep {
            out.push(c);
        }
    }
    out.truncate(out.trim_end_matches([' ', '\t']).len());
    out
}

/// Whether the line ends in a soft hyphen: its last word goes on in the next line.
pub fn ends_soft(line: &str) -> bool {
    line.trim_end().ends_with('\u{AD}')
}

fn rebuild(line: &str, tags: bool) -> String {
    let mut out = Builder { text: String::with_capacity(line.len()), open: Vec::new(), space: false };
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match class_of(c) {
            Class::Space => out.space = true,
            Class::Gone => {}
            Class::Joiner => {
                if joins(out.last(), c, chars.peek().copied()) {
                    out.push(c);
                }
            }
            Class::FlagTag => {
                if matches!(out.last(), Some('\u{1F3F4}' | '\u{E0000}'..='\u{E007F}')) {
                    out.push(c);
                }
            }
            Class::Plain => {
                out.push(c);
                match c {
                    '<' if tags => out.open.push(out.text.len() - 1),
                    '>' if tags => out.close_tag(),
                    _ => {}
                }
            }
        }
    }
    out.text
}

struct Builder {
    text: String,
    /// Where each `<` stands that may still begin a tag.
    open: Vec<usize>,
    /// A space is due before the next character.
    space: bool,
}

impl Builder {
    fn last(&self) -> Option<char> {
        if self.space { None } else { self.text.chars().next_back() }
    }

    #[inline]
    fn push(&mut self, c: char) {
        if self.space && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.space = false;
        self.text.push(c);
    }

    /// A `>` has just been pushed: takes the tag out that it closes, if it closes one.
    fn close_tag(&mut self) {
        let Some(start) = self.open.pop() else { return };
        match markup::tag(&self.text[start..]) {
            Tag::No => {}
            Tag::Inline => self.text.truncate(start),
            Tag::Block => {
                self.text.truncate(start);
                self.space = true;
            }
        }
        if self.text.ends_with(' ') {
            self.text.pop();
            self.space = true;
        }
    }
}

/// Whether a joiner between these neighbours shapes what a reader sees.
fn joins(before: Option<char>, joiner: char, after: Option<char>) -> bool {
    let Some(before) = before else { return false };
    if joiner == '\u{200D}' && is_pictograph(before) {
        return after.is_some_and(is_pictograph);
    }
    shaped(before) && (joiner == '\u{200D}' || after.is_some_and(shaped))
}

/// Letters and marks of the scripts in which joiners are spelling: Arabic and its kin, the Indic scripts, Mongolian.
fn shaped(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{8FF}' | '\u{900}'..='\u{DFF}' | '\u{F00}'..='\u{109F}' | '\u{1780}'..='\u{18AF}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}')
}

fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2BFF}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}' | '\u{FE0F}' | '\u{1F000}'..='\u{1FAFF}' | '\u{A9}' | '\u{AE}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tidied(line: &str) -> String {
        match tidy(line, 0xFF) {
            Tidied::Same => line.to_owned(),
            Tidied::Changed(text) => text,
        }
    }

    /// Each case: what a line becomes.
    #[test]
    fn cases() {
        for (line, expected) in [
            ("a\u{200B}b\u{AD}c\u{2060}d\u{202E}e", "abcde"),
            ("a\u{A0}\u{2003} b\tc", "a b c"),
            ("می\u{200C}خواهم", "می\u{200C}خواهم"),
            ("cant\u{200C}be", "cantbe"),
            ("क्\u{200D}ष", "क्\u{200D}ष"),
            ("👩\u{200D}💻 x\u{200D}y", "👩\u{200D}💻 xy"),
            ("🏴\u{E0067}\u{E0062}\u{E007F} a\u{E0041}b", "🏴\u{E0067}\u{E0062}\u{E007F} ab"),
            ("one<br/>two <b>three</b>four", "one two threefour"),
            ("<p>para</p><p class=\"x y\">next</p>", "para next"),
            ("if a <b and b> c then", "if a <b and b> c then"),
            ("x <3 y <https://example.org> <me@example.org>", "x <3 y <https://example.org> <me@example.org>"),
            ("<<b>i>deep", "deep"),
            ("a <!-- note --> b", "a b"),
            ("<a href='x>y'>z", "<a href='x>y'>z"),
            ("<unknown>kept</unknown>", "<unknown>kept</unknown>"),
        ] {
            assert_eq!(tidied(line), expected, "{line:?}");
        }
    }

    proptest! {
        /// A line with uneven spaces and nothing else reads as any line does.
        #[test]
        fn even_spaces(line in "[ab<\t ]{0,40}") {
            prop_assert_eq!(evened(&line), rebuild(&line, false));
        }

        /// Tidying what is tidy changes nothing.
        #[test]
        fn idempotent(line in "[ab <>/\"=pi\u{200B}\u{200C}\u{200D}\u{AD}\u{A0}\tय👩\u{E0041}🏴]{0,40}") {
            let once = tidied(&line);
            prop_assert_eq!(tidied(&once), once);
        }
    }
}
