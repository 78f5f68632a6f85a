//! The source of a page: its lines with what stands before them, and which of them are code.

use std::ops::Range;

use crate::repair::code;
use crate::text::lines::{Span, Split, fact};

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
pub fn with_indent(source: &str, span: Span) -> &str {
    let range = span.range();
    let lead = source.as_bytes()[..range.start].iter().rev().take_while(|b| matches!(b, b' ' | b'\t')).count();
    &source[range.start - lead..range.end]
}
