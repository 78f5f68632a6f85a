//! The lines of one document, and the units that they make.
//!
//! A *unit* is what labels and repeats are about: a line, or the paragraph that hard-wrapped lines make. Units are named by their first
//! line.
//!
//! Taking a unit out leaves a blank line where it stood, exactly as cutting its span out of the source would; paragraphs are then put
//! together anew. So the text of the units after any number of cuts is the normalized form of the source without the cut spans.

use std::collections::HashMap;
use std::ops::Range;

use crate::repair::code;
use crate::repair::html::{self, Html};
use crate::repair::scan::{Asked, Scanner};
use crate::repair::tidy::{self, Tidied};
use crate::text::lines::{self, Span, Split, fact};

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
struct Reading {
    scanner: Scanner,
    asked: Asked,
    lossy: bool,
}

/// See the module's head.
pub struct Units {
    pub(super) source: String,
    /// Text of lines that read otherwise than in the source.
    arena: String,
    pub(super) spans: Vec<Span>,
    pub(super) flags: Vec<u8>,
    /// Source spans of the lines whose text moved to the arena.
    origin: HashMap<u32, Span>,
    /// Text and last line of the units of several lines, by first line.
    pub(super) joined: HashMap<u32, (String, u32)>,
    /// Lines, and joined units, that only ftfy can settle.
    pub(super) dirty: Vec<u32>,
    /// The lines of code, data and tables: white space in them says something, and no step labels them.
    code: Vec<Range<u32>>,
    /// Whether a line reads otherwise than in the source by more than its white space, and perhaps as code, and code was not looked for since.
    reworded: bool,
    html: Option<Html>,
    /// How to read the text again, if it holds so many tags that it could be HTML.
    tagged: Option<Box<Reading>>,
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
            code,
            reworded: html.is_some(),
            fused: false,
            html,
            tagged: tagged.then(|| Box::new(Reading { scanner: scanner.clone(), asked, lossy })),
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
        self.reworded |= !only_space && !code::is_plain(&tidied);
        self.set(line, &tidied);
    }

    /// Reads the source anew without these stretches, in order, if it would then be taken for HTML where it was not, or not where it was. The stretches are
    /// white space in it, so that all else stands where it stood.
    pub fn read_anew(&self, gone: &[Span]) -> Option<Units> {
        let reading = self.tagged.as_deref()?;
        let mut left = self.source.clone().into_bytes();
        for range in gone.iter().map(|span| span.range()) {
            let start = if self.is_fused(&range) { range.start - 1 } else { range.start };
            left[start..range.end].fill(b' ');
        }
        let left = String::from_utf8(left).expect("whole lines were filled");
        let lines = lines::split(&left);
        let html = html::recognise(&left, &lines, &code(&left, &lines));
        (html != self.html).then(|| Units::new(left, &reading.scanner, reading.asked, self.unwrap, reading.lossy))
    }

    /// Whether taking these bytes out leaves the `\r` and the `\n` of one line end.
    fn is_fused(&self, place: &Range<usize>) -> bool {
        let source = self.source.as_bytes();
        self.html != Some(Html::Document) && place.start > 0 && source[place.start - 1] == b'\r' && source.get(place.end) == Some(&b'\n')
    }

    /// Looks for code again among the lines that are left, as they stand in the source.
    fn find_code_anew(&mut self) {
        let left: Vec<u32> = (0..self.lines()).filter(|&i| !self.is_gone(i)).collect();
        let place = |i: usize| self.span_of_line(left[i]);
        let blank = |i: usize| self.flags[left[i] as usize] & flag::AFTER_BLANK != 0;
        let found = code::stretches(left.len(), |i| code::Line {
            text: with_indent(&self.source, place(i)),
            after_blank: blank(i),
            uneven: true,
            foreign: true,
        });
        let found: Vec<u32> = found.into_iter().flatten().map(|i| left[i as usize]).collect();
        for line in found.iter().copied().filter(|line| !self.is_code(*line)).collect::<Vec<_>>() {
            self.spans[line as usize] = self.origin.remove(&line).unwrap_or(self.spans[line as usize]);
            self.flags[line as usize] &= !flag::MOVED;
            self.keep(line);
        }
        self.code = found.into_iter().map(|line| line..line + 1).collect();
    }

    fn span_of_line(&self, line: u32) -> Span {
        self.origin.get(&line).copied().unwrap_or(self.spans[line as usize])
    }

    /// Normalizes a line of code: it reads as in the source, without what nobody sees.
    fn keep(&mut self, line: u32) {
        let span = self.spans[line as usize];
        let text = tidy::verbatim(with_indent(&self.source, span));
        if text != self.source[span.range()] {
            if text.trim_start_matches([' ', '\t']) != &self.source[span.range()] {
                self.fixes |= fix::INVISIBLE;
            }
            self.set(line, &text);
        }
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

    /// Settles all dirty lines, in the order of [`Units::dirty`], and puts paragraphs together again.
    pub fn settle(&mut self, texts: &[String]) {
        let lines = std::mem::take(&mut self.dirty);
        let mut lone = false;
        for (line, text) in lines.into_iter().zip(texts) {
            if self.flags[line as usize] & flag::JOINED != 0 {
                self.joined.get_mut(&line).expect("a joined unit has a text").0 = text.clone();
                if text.is_empty() {
                    self.leave_unit(line);
                }
                continue;
            }
            lone = true;
            self.reworded |= !code::is_plain(text);
            let before = self.line(line);
            let (soft, changed) = (tidy::ends_soft(before), before != text);
            if soft {
                self.flags[line as usize] |= flag::SOFT;
            }
            if changed {
                self.set(line, text);
            }
        }
        if lone {
            self.join();
        }
    }

    fn set(&mut self, line: u32, text: &str) {
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

    /// Looks for code again once lines are repaired, as whoever reads the result will.
    pub(super) fn find_code(&mut self) {
        if !std::mem::take(&mut self.reworded) {
            return;
        }
        let left: Vec<u32> = (0..self.lines()).filter(|&i| !self.is_gone(i)).collect();
        let blank = |line: u32| self.flags[line as usize] & flag::AFTER_BLANK != 0;
        let found = code::stretches(left.len(), |i| code::Line {
            text: self.line(left[i]),
            after_blank: blank(left[i]),
            uneven: self.is_code(left[i]),
            foreign: false,
        });
        let found = found.into_iter().map(|range| left[range.start as usize]..left[range.end as usize - 1] + 1).collect();
        let before = std::mem::replace(&mut self.code, found);
        // A repair may have made a fence, or a line of prose. What is no code any more is text, and is repaired as such.
        let lost = before.into_iter().flatten().filter(|&line| !self.is_gone(line) && !self.is_code(line));
        self.dirty = lost.collect();
    }

    /// Whether a line belongs to code, data or a table.
    pub fn is_code(&self, line: u32) -> bool {
        let next = self.code.partition_point(|range| range.end <= line);
        self.code.get(next).is_some_and(|range| range.start <= line)
    }

    /// Whether the text holds code, data or a table.
    pub fn has_code(&self) -> bool {
        !self.code.is_empty()
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
        self.joined.clear();
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

/// Returns the stretches of code of a text, as ranges of its lines.
pub fn code(source: &str, lines: &Split) -> Vec<Range<u32>> {
    code::stretches(lines.spans.len(), |i| {
        let (span, facts) = (lines.spans[i], lines.facts[i]);
        let indented = span.start > 0 && matches!(source.as_bytes()[span.start as usize - 1], b' ' | b'\t');
        code::Line {
            text: if indented { with_indent(source, span) } else { &source[span.range()] },
            after_blank: facts & fact::AFTER_BLANK != 0,
            uneven: indented || facts & fact::UNEVEN != 0,
            foreign: facts & (fact::NON_ASCII | fact::CONTROL) != 0,
        }
    })
}

/// A line of the source with the spaces and tabs that stand before it.
fn with_indent(source: &str, span: Span) -> &str {
    let range = span.range();
    let lead = source.as_bytes()[..range.start].iter().rev().take_while(|b| matches!(b, b' ' | b'\t')).count();
    &source[range.start - lead..range.end]
}
