//! The lines of one document, and the units that they make.
//!
//! A *unit* is what labels and repeats are about: a line, or the paragraph that hard-wrapped lines make. Units are named by their first
//! line.
//!
//! Taking a unit out leaves a blank line where it stood, exactly as cutting its span out of the source would; paragraphs are then put
//! together anew. So the text of the units after any number of cuts is the normalized form of the source without the cut spans.

use std::ops::Range;

use foldhash::{HashMap, HashMapExt};

use crate::page::source::code;
use crate::repair::code::is_plain;
use crate::repair::html::{self, Html};
use crate::repair::scan::{Asked, Scanner};
use crate::repair::tidy::{self, Tidied};
use crate::text::lines::{self, Span, fact};

/// What is known of a line once it is normalized.
pub(super) mod flag {
    /// A blank line stands before it in the source, or something was cut there.
    pub use crate::text::lines::fact::AFTER_BLANK;
    /// The paragraph before it, or its own, was joined from lines: a blank line is put between.
    pub const PARTED: u8 = 1;
    /// It ended in a soft hyphen.
    pub const SOFT: u8 = 2;
    /// It goes on with the unit of the line before.
    pub const GOES_ON: u8 = 4;
    /// It begins a unit of several lines.
    pub const JOINED: u8 = 8;
    /// Rules have been asked about it.
    pub const ASKED: u8 = 16;
    /// Its text stands in the arena, not in the source.
    pub const MOVED: u8 = 64;
    /// Cut, or empty once normalized.
    pub const GONE: u8 = 128;
}

/// The steps of normalization that changed something, as bits; which of ftfy's did is known to the caller.
pub mod fix {
    /// Odd or repeated white space.
    pub const SPACE: u8 = 1;
    /// Characters that nobody sees, and stray tags.
    pub const INVISIBLE: u8 = 2;
    /// Hard-wrapped lines were joined, or inline elements put back into their sentences.
    pub const UNWRAP: u8 = 4;
    /// It was HTML: its elements were taken for lines, and what holds no text was left out.
    pub const MARKUP: u8 = 8;
}

/// The largest text, in bytes of UTF-8: offsets are 32 bits wide.
pub const MAX_BYTES: usize = u32::MAX as usize;

/// What else it takes to read a text.
pub(super) struct Reading {
    scanner: Scanner,
    asked: Asked,
    /// Whether U+FFFD may stand for a surrogate.
    lossy: bool,
}

impl Reading {
    /// Whether ftfy, or tidying after it, may change a line that was put together from lines at rest: two halves may make what neither held, an
    /// entity, mojibake, a tag.
    pub(super) fn may_change_joined(&self, line: &str) -> bool {
        let facts = lines::facts(line);
        facts & fact::LESS != 0
            || (facts & (fact::NON_ASCII | fact::AMPERSAND) != 0
                && (self.scanner.may_change(line, facts, self.asked) || tidy::tidy(line, facts) != Tidied::Same))
    }
}

/// See the module's head.
pub struct Units {
    pub(super) source: String,
    /// Text of lines that read otherwise than in the source.
    arena: String,
    pub(super) spans: Vec<Span>,
    pub(super) flags: Vec<u8>,
    /// Source spans of the lines whose text moved to the arena.
    pub(super) origin: HashMap<u32, Span>,
    /// Text and last line of the units of several lines, by first line.
    pub(super) joined: HashMap<u32, (String, u32)>,
    /// Lines, and joined units, that only ftfy can settle.
    pub(super) dirty: Vec<u32>,
    /// The lines of code, data and tables: white space in them says something, and no step labels them.
    pub(super) code: Vec<Range<u32>>,
    /// The same before lines were put together, if that made other stretches.
    pub(super) code_of_lines: Option<Vec<Range<u32>>>,
    /// Lines that read as in the source, since they were taken for code there.
    pub(super) verbatim: Vec<Range<u32>>,
    /// Whether a line reads otherwise than in the source by more than its white space, and perhaps as code, and code was not looked for since.
    pub(super) reworded: bool,
    /// How often lines that had been taken for code turned out to be none.
    pub(super) mistaken: u8,
    html: Option<Html>,
    /// Whether it holds so many tags that it could be HTML once something is cut.
    tagged: bool,
    pub(super) reading: Reading,
    /// Whether a line was taken out that left no blank line, so that its neighbours are neighbours now.
    fused: bool,
    /// Bits of [`fix`].
    pub(super) fixes: u8,
    pub(super) unwrap: bool,
}

impl Units {
    /// Splits and normalizes `source` of at most [`MAX_BYTES`], all but the lines that [`Units::dirty`] then lists. `lossy` says that U+FFFD
    /// may stand for a surrogate.
    pub fn new(source: String, scanner: &Scanner, asked: Asked, unwrap: bool, lossy: bool) -> Self {
        let mut split = lines::split(&source);
        let mut code = code(&source, &split);
        let tagged = html::could_be(&source, &split);
        let html = if tagged { html::recognise(&source, &split, &code) } else { None };
        if let Some(html) = html {
            split = html::split(&source, html);
            code.clear();
        }
        let mut units = Units {
            arena: String::new(),
            spans: split.spans,
            flags: split.facts,
            origin: HashMap::new(),
            joined: HashMap::new(),
            dirty: Vec::new(),
            verbatim: code.clone(),
            code,
            code_of_lines: None,
            reworded: html.is_some(),
            mistaken: 0,
            fused: false,
            html,
            tagged,
            reading: Reading { scanner: scanner.clone(), asked, lossy },
            fixes: if html.is_some() { fix::MARKUP } else { 0 },
            unwrap,
            source,
        };
        for line in 0..units.spans.len() as u32 {
            units.normalize(line, scanner, asked, lossy);
        }
        units.join();
        units
    }

    fn normalize(&mut self, line: u32, scanner: &Scanner, asked: Asked, lossy: bool) {
        let facts = self.flags[line as usize];
        self.flags[line as usize] = facts & flag::AFTER_BLANK;
        if self.is_code(line) {
            self.keep(line);
            return;
        }
        if facts & !flag::AFTER_BLANK == 0 {
            return;
        }
        if let Some(html) = self.html {
            self.normalize_html(line, html, scanner, asked, lossy);
            return;
        }
        let text = &self.source[self.spans[line as usize].range()];
        // What may be a surrogate, ftfy must see.
        if scanner.may_change(text, facts, asked) || (lossy && text.contains('\u{FFFD}')) {
            self.dirty.push(line);
            return;
        }
        if facts & fact::NON_ASCII != 0 && tidy::ends_soft(text) {
            self.flags[line as usize] |= flag::SOFT;
        }
        let Tidied::Changed(tidied) = tidy::tidy(text, facts) else { return };
        let only_space = facts & (fact::NON_ASCII | fact::LESS) == 0;
        if !only_space && scanner.may_change(&tidied, facts | fact::AMPERSAND, asked) {
            self.dirty.push(line);
            return;
        }
        self.fixes |= if only_space { fix::SPACE } else { fix::INVISIBLE };
        self.reworded |= !only_space && !is_plain(&tidied);
        self.set(line, &tidied);
    }

    /// Reads what a cut has left of the text, if that is taken for HTML where the text was not, or not where it was.
    pub fn read_anew(&self, left: impl FnOnce() -> String) -> Option<Units> {
        if !self.tagged {
            return None;
        }
        let left = left();
        let lines = lines::split(&left);
        let html = if html::could_be(&left, &lines) { html::recognise(&left, &lines, &code(&left, &lines)) } else { None };
        let Reading { scanner, asked, lossy } = &self.reading;
        (html != self.html).then(|| Units::new(left, scanner, *asked, self.unwrap, *lossy))
    }

    /// Whether taking these bytes out leaves the `\r` and the `\n` of one line end.
    fn is_fused(&self, place: &Range<usize>) -> bool {
        let source = self.source.as_bytes();
        self.html != Some(Html::Document) && place.start > 0 && source[place.start - 1] == b'\r' && source.get(place.end) == Some(&b'\n')
    }

    pub(super) fn span_of_line(&self, line: u32) -> Span {
        self.origin.get(&line).copied().unwrap_or(self.spans[line as usize])
    }

    fn normalize_html(&mut self, line: u32, html: Html, scanner: &Scanner, asked: Asked, lossy: bool) {
        let source = &self.source[self.spans[line as usize].range()];
        let text = html::text(source, html);
        let text = match tidy::tidy(&text, 0xFF) {
            Tidied::Same => text,
            Tidied::Changed(text) => text,
        };
        let dirty = scanner.may_change(&text, lines::facts(&text) | fact::AMPERSAND, asked) || (lossy && text.contains('\u{FFFD}'));
        if text != source {
            self.set(line, &text);
        }
        if dirty {
            self.dirty.push(line);
        }
    }

    /// Returns the lines that ftfy may change, and how each reads now: in the source or, joined, as a whole.
    pub fn dirty(&self) -> &[u32] {
        &self.dirty
    }

    /// Returns how the dirty line reads, and where in the source (`None` for a joined unit).
    pub fn dirty_text(&self, line: u32) -> (&str, Option<Span>) {
        if self.flags[line as usize] & flag::JOINED != 0 {
            (self.text(line), None)
        } else if self.flags[line as usize] & flag::MOVED != 0 {
            (self.line(line), None)
        } else {
            let span = self.spans[line as usize];
            (&self.source[span.range()], Some(span))
        }
    }

    /// Reads what is left of the text, all lines of which are at rest.
    fn read_again(&self, left: String) -> Units {
        let Reading { scanner, asked, lossy } = &self.reading;
        let mut units = Units::new(left, scanner, *asked, self.unwrap, *lossy);
        while !units.dirty.is_empty() {
            let texts: Vec<String> = units.dirty.iter().map(|&line| units.text(line).to_owned()).collect();
            units.settle(&texts);
        }
        units
    }

    /// Settles all dirty lines, in the order of [`Units::dirty`], and puts paragraphs together again.
    pub fn settle(&mut self, texts: &[String]) {
        let lines = std::mem::take(&mut self.dirty);
        let (mut lone, mut halves) = (false, false);
        for (line, text) in lines.into_iter().zip(texts) {
            if self.flags[line as usize] & flag::JOINED != 0 {
                let joined = &mut self.joined.get_mut(&line).expect("a joined unit has a text").0;
                halves |= joined != text;
                joined.clone_from(text);
                if text.is_empty() {
                    self.leave_unit(line);
                }
                continue;
            }
            lone = true;
            self.reworded |= !is_plain(text);
            let before = self.line(line);
            let (soft, changed) = (tidy::ends_soft(before), before != text);
            if soft {
                self.flags[line as usize] |= flag::SOFT;
            }
            if changed {
                self.set(line, text);
            }
        }
        if halves && !lone {
            // Two halves made what neither held. If other lines would be put together once that is read again, none are.
            let left = self.render();
            if self.read_again(left.clone()).render() != left {
                self.part();
            }
        }
        if lone {
            self.join();
        }
    }

    pub(super) fn set(&mut self, line: u32, text: &str) {
        let i = line as usize;
        if text.is_empty() {
            self.leave(line, true);
            return;
        }
        self.origin.entry(line).or_insert(self.spans[i]);
        self.spans[i] = Span::new(self.arena.len(), self.arena.len() + text.len());
        self.arena.push_str(text);
        self.flags[i] |= flag::MOVED;
    }

    /// Takes a line out; with `blank`, a blank line is left where it stood.
    fn leave(&mut self, line: u32, blank: bool) {
        let flags = &mut self.flags[line as usize..];
        flags[0] |= flag::GONE;
        if !blank && flags[0] & flag::AFTER_BLANK == 0 {
            return;
        }
        for next in &mut flags[1..] {
            *next |= flag::AFTER_BLANK;
            if *next & flag::GONE == 0 {
                return;
            }
        }
    }

    /// Takes a whole unit out. Its line is then blank, unless what is left of it is the `\r` and the `\n` of one line end.
    pub fn leave_unit(&mut self, unit: u32) {
        let place = self.span(unit).range();
        let fused = self.is_fused(&place);
        self.fused |= fused && self.html.is_none();
        let last = self.joined.remove(&unit).map_or(unit, |(_, last)| last);
        (unit..=last).for_each(|line| self.leave(line, !fused));
    }

    pub(super) fn line(&self, line: u32) -> &str {
        let span = self.spans[line as usize];
        let home = if self.flags[line as usize] & flag::MOVED != 0 { &self.arena } else { &self.source };
        &home[span.range()]
    }

    /// The lines that are left, whether they begin a unit or go on with one.
    pub(super) fn lines_left(&self) -> impl Iterator<Item = &str> {
        (0..self.lines()).filter(|&i| self.flags[i as usize] & flag::GONE == 0).map(|i| self.line(i))
    }

    /// Returns the units that are left, by their first lines, in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.lines()).filter(|&i| self.is_unit(i))
    }

    fn is_unit(&self, line: u32) -> bool {
        self.flags[line as usize] & (flag::GONE | flag::GOES_ON) == 0
    }

    /// Returns the units after `line`, in order.
    pub fn after(&self, line: u32) -> impl Iterator<Item = u32> + '_ {
        (line + 1..self.lines()).filter(|&i| self.is_unit(i))
    }

    /// Returns how a unit reads.
    pub fn text(&self, unit: u32) -> &str {
        if self.flags[unit as usize] & flag::JOINED != 0 { &self.joined[&unit].0 } else { self.line(unit) }
    }

    /// Returns where a unit stands in the source.
    pub fn span(&self, unit: u32) -> Span {
        let of = |line: u32| self.span_of_line(line);
        let first = of(unit);
        match self.joined.get(&unit) {
            Some((_, last)) => Span::new(first.start as usize, of(*last).range().end),
            None => first,
        }
    }

    /// Whether a blank line stands before a unit.
    pub fn is_after_blank(&self, unit: u32) -> bool {
        self.flags[unit as usize] & (flag::AFTER_BLANK | flag::PARTED) != 0
    }

    /// Returns the number of lines, units or not.
    pub fn lines(&self) -> u32 {
        self.flags.len() as u32
    }

    /// Whether `line` is a unit that the rules have not been asked about yet; they have, from now on. Code they are never asked about.
    pub fn ask(&mut self, line: u32) -> bool {
        if self.has_code() && self.is_code(line) {
            return false;
        }
        let flags = &mut self.flags[line as usize];
        let asked = *flags & (flag::ASKED | flag::GONE | flag::GOES_ON) != 0;
        *flags |= flag::ASKED;
        !asked
    }

    /// Puts paragraphs together again after units were taken out. True if units may be others than before: then nothing that was found out
    /// of one still holds, and [`Units::ask`] lists them all anew.
    pub fn rejoin(&mut self) -> bool {
        if std::mem::take(&mut self.fused) {
            self.find_code_anew();
        }
        let wrapped = !self.joined.is_empty();
        self.join();
        let changed = wrapped || !self.joined.is_empty();
        if changed {
            self.flags.iter_mut().for_each(|flags| *flags &= !flag::ASKED);
        }
        changed
    }

    /// Whether a line was taken out, or was empty once normalized.
    pub fn is_gone(&self, line: u32) -> bool {
        self.flags[line as usize] & flag::GONE != 0
    }

    /// Returns the bits of [`fix`] for what normalization changed.
    pub fn fixes(&self) -> u8 {
        self.fixes
    }

    /// Returns the text that is left: units, each on a line, a blank line between where one stood.
    pub fn render(&self) -> String {
        let mut out = String::with_capacity(self.source.len());
        for unit in self.iter() {
            if !out.is_empty() {
                out.push_str(if self.is_after_blank(unit) { "\n\n" } else { "\n" });
            }
            out.push_str(self.text(unit));
        }
        out
    }

    /// Returns the source, and forgets the rest.
    pub fn into_source(self) -> String {
        self.source
    }

    /// Returns the source as it was given.
    pub fn source(&self) -> &str {
        &self.source
    }
}
