//! Lines: the same as those of a naive split, each with what it holds, and pages that cover their source.

use textclean_native::page::account::account;
use textclean_native::text::lines::{Split, fact, facts, split};

use crate::settle;

/// The lines of `text` are those of a naive split, and a page of it covers it.
pub fn check(data: &[u8]) {
    let (options, text) = crate::options_and_text(data);
    let found = split(&text);
    assert_eq!(found.spans.len(), found.facts.len());
    assert_same(&text, &found);
    let unwrap = options & 1 != 0;
    let batch = settle::batch(&[&text], unwrap);
    let page = &batch.pages()[0];
    settle::assert_spans(page);
    let fragment = page.fixes() & textclean_native::page::units::fix::MARKUP == 0;
    if fragment {
        assert_covered(&text, &found, page.units().map(|unit| page.span(unit).range()));
    }
    let (removals, noted, _) = account(page);
    assert!(removals.is_empty() && noted.is_empty(), "nothing was labelled");
    settle::assert_at_rest(&page.render(), unwrap);
}

/// A line of the naive split: where it stands, and whether a blank one stands before it.
struct Line {
    start: usize,
    end: usize,
    after_blank: bool,
}

fn naive(text: &str) -> Vec<Line> {
    const ENDS: [char; 6] = ['\n', '\r', '\u{b}', '\u{c}', '\u{2028}', '\u{2029}'];
    let (mut lines, mut start, mut blank) = (Vec::new(), 0, false);
    let mut push = |start: usize, end: usize| {
        let line = &text[start..end];
        let body = line.trim_matches([' ', '\t']);
        if body.is_empty() {
            blank = true;
        } else {
            let from = start + (line.len() - line.trim_start_matches([' ', '\t']).len());
            lines.push(Line { start: from, end: from + body.len(), after_blank: blank });
            blank = false;
        }
    };
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if ENDS.contains(&c) {
            push(start, at);
            start = at + c.len_utf8();
            if c == '\r'
                && let Some(&(_, '\n')) = chars.peek()
            {
                chars.next();
                start += 1;
            }
        }
    }
    if start < text.len() {
        push(start, text.len());
    }
    lines
}

fn assert_same(text: &str, found: &Split) {
    let lines = naive(text);
    assert_eq!(lines.len(), found.spans.len(), "lines of {text:?}");
    for ((line, span), &seen) in lines.iter().zip(&found.spans).zip(&found.facts) {
        assert_eq!((line.start, line.end), (span.range().start, span.range().end));
        let body = &text[line.start..line.end];
        let holds = |fact: u8| seen & fact != 0;
        assert_eq!(holds(fact::AFTER_BLANK), line.after_blank, "{body:?}");
        assert_eq!(holds(fact::NON_ASCII), !body.is_ascii(), "{body:?}");
        assert_eq!(holds(fact::AMPERSAND), body.contains('&'), "{body:?}");
        assert_eq!(holds(fact::LESS), body.contains('<'), "{body:?}");
        let control = |b: u8| (b < b' ' && b != b'\t') || b == 0x7F;
        assert_eq!(holds(fact::CONTROL), body.bytes().any(control), "{body:?}");
        // White space around the line counts too, which is stripped all the same.
        let uneven = body.contains('\t') || body.contains("  ");
        assert!(!uneven || holds(fact::UNEVEN), "{body:?}");
        assert_eq!(facts(body) & !fact::UNEVEN, seen & !(fact::UNEVEN | fact::AFTER_BLANK), "{body:?}");
        assert_eq!(facts(body) & fact::UNEVEN != 0, uneven, "{body:?}");
    }
}

/// What stands in no unit is white space, or a line of which nothing was left, or one that goes on with the unit before it.
fn assert_covered(text: &str, found: &Split, units: impl Iterator<Item = std::ops::Range<usize>>) {
    let units: Vec<_> = units.collect();
    for span in &found.spans {
        let line = span.range();
        let holder = units.partition_point(|unit| unit.end <= line.start);
        let held = units.get(holder).is_some_and(|unit| unit.start <= line.start && line.end <= unit.end);
        let body = &text[line.clone()];
        assert!(held || settle::repaired(body).is_empty(), "the line {body:?} at {line:?} is in no unit");
    }
}
