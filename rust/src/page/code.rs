//! Code, data and tables on a page: which lines are some, and how they read.
//!
//! Code is looked for in the source, before anything is repaired, and its lines read as they stand there. Whoever reads the result looks for it in what
//! came out: lines that are repaired, inline elements that are back in their sentences. So it is looked for there too. What it finds counts; a line
//! that is no code after all is repaired as text is.

use std::ops::Range;

use crate::page::source::with_indent;
use crate::page::units::{Units, fix, flag};
use crate::repair::code;
use crate::repair::tidy;

/// So often lines may turn out to be no code before all of them are repaired as text: one such line can make fences of others, and those again.
const MISTAKES: u8 = 8;

impl Units {
    /// Looks for code again among the lines that are left, as they stand in the source.
    pub(super) fn find_code_anew(&mut self) {
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
        for line in found.iter().copied().filter(|line| !holds(&self.verbatim, *line)).collect::<Vec<_>>() {
            self.restore(line);
            self.keep(line);
        }
        let mut verbatim: Vec<u32> = self.verbatim.iter().cloned().flatten().chain(found.iter().copied()).collect();
        verbatim.sort_unstable();
        verbatim.dedup();
        (self.verbatim, self.code, self.code_of_lines) = (one_by_one(verbatim), one_by_one(found), None);
        self.repair_what_is_none();
        self.reworded = true;
    }

    /// Normalizes a line of code: it reads as in the source, without what nobody sees.
    pub(super) fn keep(&mut self, line: u32) {
        let span = self.spans[line as usize];
        let text = tidy::verbatim(with_indent(&self.source, span));
        if text != self.source[span.range()] {
            if text.trim_start_matches([' ', '\t']) != &self.source[span.range()] {
                self.fixes |= fix::INVISIBLE;
            }
            self.set(line, &text);
        }
    }

    /// Looks for code again once lines are repaired, as whoever reads the result will.
    pub(super) fn find_code(&mut self) {
        if let Some(code) = self.code_of_lines.take() {
            self.code = code;
        }
        if std::mem::take(&mut self.reworded) {
            self.code = self.code_in_units();
            self.repair_what_is_none();
        }
    }

    /// Looks for code again once lines were put together. True if that makes other stretches.
    pub(super) fn find_code_in_joined(&mut self) -> bool {
        let found = self.code_in_units();
        if found == self.code {
            return false;
        }
        let before = std::mem::replace(&mut self.code, found);
        self.code_of_lines.get_or_insert(before);
        self.repair_what_is_none();
        self.dirty.is_empty()
    }

    /// The stretches of code among the units as they read now, as ranges of lines.
    fn code_in_units(&self) -> Vec<Range<u32>> {
        let left: Vec<u32> = self.iter().collect();
        let found = code::stretches(left.len(), |i| code::Line {
            text: self.text(left[i]),
            after_blank: self.flags[left[i] as usize] & flag::AFTER_BLANK != 0,
            uneven: self.is_code(left[i]),
            foreign: false,
        });
        found.into_iter().map(|range| left[range.start as usize]..self.last(left[range.end as usize - 1]) + 1).collect()
    }

    /// Makes dirty what reads as in the source and is no code.
    fn repair_what_is_none(&mut self) {
        if self.verbatim.iter().cloned().flatten().all(|line| self.is_code(line) || self.is_gone(line)) {
            return;
        }
        self.mistaken += 1;
        if self.mistaken > MISTAKES {
            self.code.clear();
        }
        let (stay, go): (Vec<u32>, Vec<u32>) = self.verbatim.iter().cloned().flatten().partition(|line| self.is_code(*line));
        self.verbatim = one_by_one(stay);
        for line in go {
            if !self.is_gone(line) {
                self.restore(line);
                self.dirty.push(line);
            }
        }
        self.reworded = true;
    }

    /// Lets a line read as it stands in the source.
    fn restore(&mut self, line: u32) {
        if let Some(span) = self.origin.remove(&line) {
            self.spans[line as usize] = span;
        }
        self.flags[line as usize] &= !flag::MOVED;
    }

    /// Whether a line belongs to code, data or a table.
    pub fn is_code(&self, line: u32) -> bool {
        holds(&self.code, line)
    }

    /// Whether the text holds code, data or a table.
    pub fn has_code(&self) -> bool {
        !self.code.is_empty()
    }
}

/// Lines as ranges of one line each.
fn one_by_one(lines: Vec<u32>) -> Vec<Range<u32>> {
    lines.into_iter().map(|line| line..line + 1).collect()
}

/// Whether ranges that are in order hold a line.
fn holds(ranges: &[Range<u32>], line: u32) -> bool {
    let next = ranges.partition_point(|range| range.end <= line);
    ranges.get(next).is_some_and(|range| range.start <= line)
}
