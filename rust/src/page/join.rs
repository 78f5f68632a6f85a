//! Units of several lines: lines that a program has parted are put together.

use crate::page::units::{Units, fix, flag};
use crate::repair::inline;
use crate::repair::unwrap::{self, Join, Vocabulary};

/// So often lines are put together and code is looked for in what that makes, at most.
const ROUNDS: usize = 16;

impl Units {
    /// Finds the lines that are no lines and joins them: inline elements, then hard-wrapped blocks. Paragraphs of such a block stand between blank
    /// lines, so that they are found as they are when the result is read again.
    pub(super) fn join(&mut self) {
        if !self.dirty.is_empty() {
            return;
        }
        self.part();
        self.find_code();
        if !self.dirty.is_empty() || !self.unwrap {
            return;
        }
        // Fewer lines are closer together: they may make a stretch of code that the parts of a sentence kept apart.
        let mut again = ROUNDS;
        while self.join_inline() && again > 0 && self.find_code_in_joined() {
            again -= 1;
        }
        if !self.dirty.is_empty() {
            return;
        }
        self.join_blocks();
        self.dirty = self.joined.iter().filter(|(_, (text, _))| self.reading.may_change_joined(text)).map(|(head, _)| *head).collect();
        self.dirty.sort_unstable();
    }

    /// Takes lines for lines again.
    pub(super) fn part(&mut self) {
        self.joined.clear();
        self.flags.iter_mut().for_each(|flags| *flags &= !(flag::JOINED | flag::GOES_ON | flag::PARTED));
    }

    /// Calls `each` with the units of every block: those without a blank line or a line of code between.
    fn for_each_block(&mut self, mut each: impl FnMut(&mut Self, &[u32])) {
        let mut block = Vec::new();
        for line in 0..self.lines() {
            let flags = self.flags[line as usize];
            let code = self.has_code() && self.is_code(line);
            if (flags & flag::AFTER_BLANK != 0 || code) && !block.is_empty() {
                each(self, &block);
                block.clear();
            }
            if !code && flags & (flag::GONE | flag::GOES_ON) == 0 {
                block.push(line);
            }
        }
        each(self, &block);
    }

    /// Puts links and emphasis that stand on lines of their own back into their sentences. True if there are any.
    fn join_inline(&mut self) -> bool {
        let mut rests = 0;
        self.for_each_block(|units, block| rests += block.windows(2).filter(|two| units.closes(two[0], two[1])).count());
        if rests > 0 {
            self.for_each_block(|units, block| units.join_block_inline(block, rests >= inline::SEVERAL));
        }
        rests > 0
    }

    fn closes(&self, line: u32, next: u32) -> bool {
        let next = self.text(next);
        !next.as_bytes()[0].is_ascii_alphanumeric() && inline::closes(self.text(line), next)
    }

    fn join_block_inline(&mut self, block: &[u32], several: bool) {
        let sure: Vec<bool> = block.windows(2).map(|two| self.closes(two[0], two[1])).collect();
        let links = if several { inline::links(block.len(), |i| self.text(block[i]), &sure) } else { sure.clone() };
        let mut start = 0;
        for end in 1..=block.len() {
            if end < block.len() && links[end - 1] {
                continue;
            }
            let (all, certain) = (&links[start..end - 1], &sure[start..end - 1]);
            if all != certain && !inline::is_paragraph(&self.inline_text(&block[start..end]), certain.contains(&true)) {
                self.join_runs(&block[start..end], &sure[start..end - 1]);
            } else {
                self.join_runs(&block[start..end], &links[start..end - 1]);
            }
            start = end;
        }
    }

    fn inline_text(&self, lines: &[u32]) -> String {
        let mut text = self.text(lines[0]).to_owned();
        for two in lines.windows(2) {
            if inline::is_spaced(self.text(two[0]), self.text(two[1])) {
                text.push(' ');
            }
            text.push_str(self.text(two[1]));
        }
        text
    }

    /// Makes a unit of each run of lines with links between.
    fn join_runs(&mut self, lines: &[u32], links: &[bool]) {
        let mut start = 0;
        for end in 1..=lines.len() {
            if end < lines.len() && links[end - 1] {
                continue;
            }
            if end - start > 1 {
                let text = self.inline_text(&lines[start..end]);
                self.fixes |= fix::UNWRAP;
                self.make_unit(&lines[start..end], text);
            }
            start = end;
        }
    }

    fn join_blocks(&mut self) {
        let mut vocabulary = None;
        self.for_each_block(|units, block| units.join_block(block, &mut vocabulary));
    }

    /// Joins a block of units, if it is wrapped.
    fn join_block(&mut self, block: &[u32], vocabulary: &mut Option<Vocabulary>) {
        let soft = |i: usize| self.flags[self.last(block[i]) as usize] & flag::SOFT != 0;
        let Some(joins) = unwrap::joins(block.len(), |i| self.text(block[i]), soft) else { return };
        self.fixes |= fix::UNWRAP;
        let mut head = 0;
        for i in 1..=block.len() {
            if i == block.len() || joins[i - 1] == Join::Break {
                self.flags[block[head] as usize] |= flag::PARTED;
                if i - head > 1 {
                    let text = self.unwrapped(&block[head..i], &joins[head..i - 1], vocabulary);
                    self.make_unit(&block[head..i], text);
                }
                head = i;
            }
        }
    }

    /// The text of units that a program has filled one paragraph with.
    fn unwrapped(&self, units: &[u32], joins: &[Join], vocabulary: &mut Option<Vocabulary>) -> String {
        let mut text = self.text(units[0]).to_owned();
        for (unit, join) in units[1..].iter().zip(joins) {
            let next = self.text(*unit);
            match join {
                Join::Hyphen => {
                    let known = vocabulary.get_or_insert_with(|| Vocabulary::new(self.lines_left()));
                    if known.suspends(&text, next) {
                        text.push(' ');
                    } else if !known.keeps_hyphen(&text, next) {
                        text.pop();
                    }
                }
                Join::Nothing => {}
                Join::Space | Join::Break => text.push(' '),
            }
            text.push_str(next);
        }
        text
    }

    /// Makes these units one, with this text.
    fn make_unit(&mut self, units: &[u32], text: String) {
        let (head, last) = (units[0], self.last(units[units.len() - 1]));
        for unit in &units[1..] {
            self.joined.remove(unit);
            self.flags[*unit as usize] = (self.flags[*unit as usize] | flag::GOES_ON) & !flag::JOINED;
        }
        self.flags[head as usize] |= flag::JOINED;
        self.joined.insert(head, (text, last));
    }

    /// The last line of a unit.
    pub(super) fn last(&self, unit: u32) -> u32 {
        self.joined.get(&unit).map_or(unit, |(_, last)| *last)
    }
}
