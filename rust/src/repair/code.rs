//! Code, data and tables in plain text: lines whose white space says something.
//!
//! A *stretch of code* is a chain of lines that bear marks of code, each by itself or together with the line next to it, with few others
//! between and no blank line. Whether a line bears a mark depends on nothing farther away than its neighbour, and what breaks a chain (a
//! blank line, a line of prose) breaks it for good: taking lines out elsewhere can make no new chain. So a text is looked through once, and
//! the answer holds for whatever cleaning leaves of it.

use std::borrow::Cow;
use std::ops::Range;

use crate::repair::code_marks::{Marks, ends_sentence, is_item, is_letter, marked};
use crate::repair::markup::is_markup;
use crate::repair::tidy;

/// A chain counts from this score on. A line with a mark scores one, an indented one two.
const ENOUGH: usize = 3;
/// So many lines in a row without a mark may stand in a chain: plain ones, and indented ones.
const GAP: usize = 1;
const GAP_INDENTED: usize = 4;
/// A longer line, in bytes, is prose or data that nobody wrote line by line.
const LONGEST: usize = 400;
/// A line of so many words that ends as a sentence does is prose, unless it bears a mark.
const PROSE_WORDS: usize = 8;
/// So many columns are looked at to see whether lines are aligned.
const COLUMNS: usize = 16;

/// A line as it is looked at.
pub struct Line<'a> {
    /// How it reads, white space at its start included.
    pub text: &'a str,
    /// Whether a blank line stands before it.
    pub after_blank: bool,
    /// Whether it may hold white space that is not one space between two words.
    pub uneven: bool,
    /// Whether it may hold characters that nobody sees, and odd spaces.
    pub foreign: bool,
}

/// Returns the stretches of code of a text, as ranges of its lines.
pub fn stretches<'a>(count: usize, line: impl Fn(usize) -> Line<'a>) -> Vec<Range<u32>> {
    let mut chains = Chains::default();
    let mut before: Option<Seen> = None;
    let mut fence = None;
    for i in 0..count {
        let Line { text, after_blank, mut uneven, foreign } = line(i);
        let mut text = Cow::Borrowed(text);
        // A line that begins with a letter is not blank, whatever it holds beside.
        if foreign
            && text.len() <= LONGEST
            && (uneven || !text.starts_with(|c: char| c.is_ascii_alphanumeric()) || !is_plain(&text))
            && tidy::is_odd(&text)
        {
            (text, uneven) = (Cow::Owned(tidy::verbatim(&text)), true);
        }
        let mut seen = Seen { place: i, ..Seen::of(&text, uneven) };
        // A line of nothing that can be seen is a blank one.
        if (after_blank || text.is_empty())
            && let Some(last) = before.take()
        {
            chains.line(last.place, &last);
            chains.close();
        }
        if text.is_empty() {
            continue;
        }
        if let Some(above) = &mut before {
            above.beside(&mut seen);
            chains.line(above.place, above);
        }
        if seen.is_fence {
            match fence.take() {
                Some(start) => chains.fenced(start, i),
                None => fence = Some(i),
            }
        }
        before = Some(seen);
    }
    if let Some(last) = before {
        chains.line(last.place, &last);
    }
    chains.done()
}

/// The chains of a text, while it is read.
#[derive(Default)]
struct Chains {
    open: Option<Chain>,
    /// Where the indented lines without a mark begin that stand right above.
    lead: Option<usize>,
    found: Vec<Range<u32>>,
}

struct Chain {
    start: usize,
    /// One past the last line with a mark, or past the indented ones right below it.
    end: usize,
    score: usize,
    gap: usize,
}

impl Chains {
    fn line(&mut self, i: usize, seen: &Seen) {
        let indented = seen.indent >= 2;
        if seen.marked {
            let start = self.lead.take().unwrap_or(i);
            let chain = self.open.get_or_insert(Chain { start, end: i, score: 0, gap: 0 });
            (chain.end, chain.gap) = (i + 1, 0);
            chain.score += 1 + usize::from(indented);
        } else if seen.prose {
            self.close();
        } else {
            self.lead = if indented { self.lead.or(Some(i)) } else { None };
            self.pass_over(i, indented);
        }
    }

    /// Goes on past a line without a mark, if a chain is open and reaches so far.
    fn pass_over(&mut self, i: usize, indented: bool) {
        let Some(chain) = &mut self.open else { return };
        chain.gap += 1;
        if indented && chain.end == i {
            chain.end = i + 1;
        }
        if chain.gap > if indented { GAP_INDENTED } else { GAP } {
            self.end_chain();
        }
    }

    fn close(&mut self) {
        self.lead = None;
        self.end_chain();
    }

    fn end_chain(&mut self) {
        if let Some(chain) = self.open.take().filter(|chain| chain.score >= ENOUGH) {
            self.found.push(chain.start as u32..chain.end as u32);
        }
    }

    /// Takes all between two fences, blank lines and prose included.
    fn fenced(&mut self, start: usize, end: usize) {
        self.found.push(start as u32..end as u32 + 1);
    }

    fn done(mut self) -> Vec<Range<u32>> {
        self.close();
        self.found.sort_unstable_by_key(|range| range.start);
        let mut out: Vec<Range<u32>> = Vec::new();
        for range in self.found {
            match out.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => out.push(range),
            }
        }
        out
    }
}

/// What is seen of one line.
#[derive(Default)]
struct Seen {
    place: usize,
    indent: usize,
    tab: bool,
    /// It bears a mark of code.
    marked: bool,
    prose: bool,
    is_fence: bool,
    /// It is a name and a colon, and opens a block: of YAML, of a Makefile.
    opens: bool,
    /// It is a name, a colon and a value, or an item of a list, as in YAML; or an option of a command stands in it.
    fits_block: bool,
    /// It is the head of a part of a diff, or a line of one.
    diff: bool,
    diff_line: bool,
    /// Columns at which something begins or ends beside two or more spaces.
    edges: Vec<u16>,
    tabs: usize,
}

impl Seen {
    fn of(line: &str, uneven: bool) -> Seen {
        if !uneven && is_plain(line) {
            // Nearly all lines of prose end here.
            let words = || memchr::memchr_iter(b' ', line.as_bytes()).count() + 1;
            return Seen {
                prose: line.len() > LONGEST || words() >= if ends_sentence(line) { PROSE_WORDS } else { PROSE_WORDS * 3 },
                ..Seen::default()
            };
        }
        let body = line.trim_start_matches([' ', '\t']);
        let lead = &line[..line.len() - body.len()];
        let indent = lead.bytes().map(|b| if b == b'\t' { 4 } else { 1 }).sum();
        // Lines with markup are repaired as lines of text are.
        if body.len() > LONGEST || body.is_empty() || (body.contains('<') && is_markup(body)) {
            return Seen { indent, prose: !body.is_empty(), ..Seen::default() };
        }
        let marks = Marks::of(body);
        let key = key(body);
        let mut seen = Seen {
            indent,
            tab: lead.contains('\t'),
            marked: marked(body, &marks),
            is_fence: body.starts_with("```") && !body[3..].contains('`'),
            opens: key.is_some_and(|rest| rest.is_empty()) || (key.is_some() && !body.contains(", ") && !ends_sentence(body)),
            diff: ["@@ ", "diff --git ", "--- a", "+++ b", "--- /", "+++ /"].iter().any(|head| line.starts_with(head)),
            diff_line: line.starts_with(['+', '-', ' ', '@']),
            ..Seen::default()
        };
        seen.fits_block = key.is_some_and(is_value) || body.starts_with("- ") || body.contains(" -") || body.contains("$(");
        seen.marked |= seen.diff;
        seen.prose = !seen.marked && (marks.words >= PROSE_WORDS * 3 || (marks.words >= PROSE_WORDS && ends_sentence(body)));
        if marks.gap && !seen.prose && !is_item(body) && (!body.contains('|') || body.starts_with('|')) {
            (seen.edges, seen.tabs) = edges(line, indent);
        }
        seen
    }

    /// Takes into account that `below` stands right below: blocks, diffs, columns.
    fn beside(&mut self, below: &mut Seen) {
        let deeper = below.indent > self.indent && below.indent <= self.indent + 8;
        if self.opens && deeper && below.fits_block {
            (self.marked, below.marked) = (true, true);
        }
        if self.marked && !below.prose {
            let in_block = below.indent > 0 && (below.fits_block || (below.tab && self.tab));
            below.marked |= in_block && (self.fits_block || self.opens || self.tab);
            below.diff |= self.diff && below.diff_line;
            below.marked |= below.diff;
        }
        let aligned = self.edges.iter().any(|edge| below.edges.contains(edge)) || (self.tabs > 0 && self.tabs == below.tabs);
        if aligned {
            (self.marked, below.marked) = (true, true);
        }
    }
}

/// Whether a line, with no white space but single spaces between words, surely bears no mark of code and opens no block.
pub fn is_plain(line: &str) -> bool {
    let bytes = line.as_bytes();
    let (Some(&first), Some(&last)) = (bytes.first(), bytes.last()) else { return false };
    if bytes.len() > LONGEST {
        return !line.contains('<');
    }
    let named = |at: usize| at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_');
    let word = &bytes[..memchr::memchr(b' ', bytes).unwrap_or(bytes.len())];
    (first.is_ascii_alphanumeric() || first >= 0x80)
        && !b"{}];:\\".contains(&last)
        && !word.ends_with(b":")
        && (first.is_ascii_uppercase()
            || !matches!(word, b"import" | b"from" | b"return" | b"package" | b"pass" | b"break" | b"continue" | b"index" | b"diff"))
        && memchr::memchr3(b'=', b'>', b'<', bytes).is_none()
        && memchr::memchr3(b'|', b'\\', b'_', bytes).is_none()
        && (memchr::memchr2(b'/', b'+', bytes).is_none() || 3 * bytes.iter().filter(|b| is_letter(**b)).count() > bytes.len())
        && memchr::memchr3_iter(b'(', b'&', b':', bytes).all(|at| match bytes[at] {
            b'(' => !named(at),
            other => bytes.get(at + 1) != Some(&other),
        })
}

/// The text behind the name and the colon with which a line of YAML, a Makefile or a list of settings begins; a dash may stand before.
fn key(body: &str) -> Option<&str> {
    let body = body.strip_prefix("- ").unwrap_or(body);
    let end = body.bytes().position(|b| !(b.is_ascii_alphanumeric() || b"_-./%".contains(&b))).unwrap_or(body.len());
    let rest = body[end..].strip_prefix(':')?;
    if body.starts_with(|c: char| c.is_ascii_uppercase()) && !body[..end].contains('_') {
        // "Posts: 12" is what people read, not what programs do.
        return None;
    }
    (end > 0 && (rest.is_empty() || rest.starts_with(' '))).then(|| rest.trim())
}

/// Whether what stands behind a key is a value rather than a sentence.
fn is_value(rest: &str) -> bool {
    rest.split(' ').nth(4).is_none() || rest.starts_with(['"', '\'', '[', '{'])
}

/// The columns of a line at which something begins behind two spaces or more, or ends before or behind them; and its tabs.
fn edges(line: &str, indent: usize) -> (Vec<u16>, usize) {
    let (mut edges, mut tabs, mut run) = (Vec::new(), 0, 0);
    let (mut behind, mut last) = (false, ' ');
    let mut column = 0u16;
    let body = line.trim_start_matches([' ', '\t']);
    for c in body.chars() {
        if c == ' ' {
            if behind && run == 0 {
                // The end of a cell that is set to the right.
                edges.push((column << 1) | 1);
            }
            run += 1;
        } else {
            // Two spaces behind a sentence are how people type.
            if run >= 3 || (run == 2 && !matches!(last, '.' | '!' | '?' | ':')) {
                edges.push(column << 1);
                behind = true;
            } else if run == 1 {
                behind = false;
            }
            (run, last) = (0, c);
            tabs += usize::from(c == '\t');
        }
        column = column.saturating_add(1).min(u16::MAX >> 2);
        if edges.len() >= COLUMNS {
            break;
        }
    }
    if behind && run == 0 {
        edges.push((column << 1) | 1);
    }
    let shift = (indent.min(1 << 10) as u16) << 1;
    edges.iter_mut().for_each(|edge| *edge = edge.saturating_add(shift));
    (edges, tabs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Range<u32>> {
        let mut blank = false;
        let mut lines = Vec::new();
        for line in text.lines() {
            if line.trim().is_empty() {
                blank = true;
            } else {
                lines.push((line, std::mem::take(&mut blank)));
            }
        }
        stretches(lines.len(), |i| Line { text: lines[i].0, after_blank: lines[i].1, uneven: true, foreign: true })
    }

    /// Code, settings, tables, diffs and drawings are found from their first line to their last.
    #[test]
    fn code_is_found() {
        for text in [
            "def read(line):\n    if not line:\n        return None\n    value\n",
            "server:\n  port: 80\n  hosts:\n    - a\n    - b\n",
            "all: a.o\n\tcc -o a a.o\n\tstrip a\n",
            "--- a/one\n+++ b/one\n@@ -1,3 +1,3 @@\n-old line\n+new line\n same\n",
            "Name      Score   Team\nAnna         12   A\nBo            3   B\n",
            "Stadt\tEinwohner\nKöln\t1000\nBonn\t300\n",
            "int main(void) {\n    puts(\"x\");\n    return 0;\n}\n",
            "{\n  \"name\": \"a\",\n  \"list\": [1, 2]\n}\n",
            "   /\\\n  /  \\\n /____\\\n |    |\n",
            "| a | b |\n|---|---|\n| 1 | 2 |\n",
            "```\nfree text here.\n\n  more\n```\n",
        ] {
            let lines = text.lines().filter(|line| !line.is_empty()).count() as u32;
            let whole = 0..lines;
            assert_eq!(found(text), [whole], "{text}");
        }
    }

    /// Prose, lists, menus, verse, dialogue and settings of one level are not code.
    #[test]
    fn text_is_not_code() {
        for text in [
            "The committee met on Tuesday.  It went on until late.\nIn the evening they went home.  Nobody was sad.\nThe end (for now).\n",
            "Home | News | Sport | Weather\nContact | About us | Imprint\nTerms | Privacy | Cookies\n",
            "The wheel goes round,\n    the water comes down,\n        and the miller\n    has gone to the town.\n",
            "Related:\n    The quay will close in winter\n    Ferry to leave from the other bank\n    A lighthouse for sale\n",
            "Date: 3 May\nPlace: Leeds\nPrice: 4 pounds\n",
            "- bread\n- butter\n- cheese (from the farm)\n- apples; pears; plums\n",
            "(a) the tenant shall keep the plot free of weeds;\n(b) the tenant shall pay the rent;\n(c) the board may inspect the plot(s);\n",
            "Für wen: alle\nFrom the harbour to the hill\nimport duties, they said, would fall.\nreturn to the city\n",
            "Registry(opens in new tab)\nCloud(opens in new tab)\nShop(opens in new tab)\nBlog(opens in new tab)\n",
            "Contact:\n  Posts: 386\n  Joined: 2007\n  Location: Leeds\n",
            "* Black  Refine by colour\n* Blue  Refine by colour\n* Grey  Refine by colour\n",
            "  * |  The first of some pages  \n---|---  \n  * |  The second of some pages  \n---|---  \n  * |  The third of them  \n---|---  \n",
            "    * Windows(5)\n    * Firefox(22)\n    Archive(7)\n    Links(9)\n    Blog(1)\n",
            "Anna: What is it?\nBo: Nothing.\nAnna: Then why do you ask?\n",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    proptest::proptest! {
        /// A line that is passed over bears no mark.
        #[test]
        fn plain_lines_bear_no_mark(line in "(a|B|é|import|return|//|[+][+]|[ .,;:=()_|&{}/+-]){0,14}") {
            let line = line.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
            if is_plain(&line) {
                let (seen, quick) = (Seen::of(&line, true), Seen::of(&line, false));
                proptest::prop_assert!(!seen.marked && !seen.opens && !seen.is_fence && !seen.diff, "{}", line);
                proptest::prop_assert_eq!(seen.prose, quick.prose);
            }
        }
    }

    /// Prose right above a stretch of code is not of it.
    #[test]
    fn prose_is_left_out() {
        let text = "Here is the function that we wrote for it in the end, and it does all.\ndef f(x):\n    y = x\n    return y\nThat is all there is to say about it, said the author.\n";
        let code = 1..4;
        assert_eq!(found(text), [code]);
    }
}
