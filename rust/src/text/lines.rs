//! Lines: where each stands in the source, in one pass over the bytes.
//!
//! A line is eight bytes and a byte of flags, because a hostile text may be nothing but line ends. Blank lines are not stored:
//! the line after one says so. The pass also notes what each line holds, so that later steps look only where there is something
//! to see.

/// A stretch of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// Length in bytes.
    pub len: u32,
}

impl Span {
    /// Makes the span from `start` up to, not including, `end`.
    pub fn new(start: usize, end: usize) -> Self {
        Span { start: start as u32, len: (end - start) as u32 }
    }

    /// Returns the bytes it covers.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }
}

/// What a line holds; the bits of [`Split::facts`].
pub mod fact {
    /// A byte over 0x7F.
    pub const NON_ASCII: u8 = 1;
    /// A control character other than tab.
    pub const CONTROL: u8 = 2;
    /// `&`: perhaps an entity.
    pub const AMPERSAND: u8 = 4;
    /// `<`: perhaps a tag.
    pub const LESS: u8 = 8;
    /// White space that is not one plain space between two words.
    pub const UNEVEN: u8 = 16;
    /// A blank line stands before it.
    pub const AFTER_BLANK: u8 = 32;
}

const SPACE: u8 = 64;
const STOP: u8 = 128;

/// One class byte a byte: facts, `SPACE`, and `STOP` where a line may end.
static CLASS: [u8; 256] = {
    let mut table = [0u8; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = match b as u8 {
            b'\n' | b'\r' | 0x0B | 0x0C => STOP,
            b' ' => SPACE,
            b'\t' => SPACE | fact::UNEVEN,
            b'&' => fact::AMPERSAND,
            b'<' => fact::LESS,
            0..=0x1F | 0x7F => fact::CONTROL,
            // The first byte of U+2028 and U+2029, and of much else.
            0xE2 => fact::NON_ASCII | STOP,
            0x80..=0xFF => fact::NON_ASCII,
            _ => 0,
        };
        b += 1;
    }
    table
};

/// The lines of a text that are not blank, in order.
#[derive(Default, Debug)]
pub struct Split {
    /// Where each stands, ASCII white space at its ends left out.
    pub spans: Vec<Span>,
    /// What each holds (see [`fact`]).
    pub facts: Vec<u8>,
}

/// Cuts `source` at `\n`, `\r`, `\r\n`, VT, FF, U+2028 and U+2029.
///
/// U+0085 is no line end here: on web pages it is a Windows ellipsis read as Latin-1, and is repaired as such.
pub fn split(source: &str) -> Split {
    let bytes = source.as_bytes();
    // Exact for texts of one-character lines, where a doubling vector would cost half the memory again.
    let ends = memchr::memchr_iter(b'\n', bytes).count();
    let mut out = Split { spans: Vec::with_capacity(ends + 1), facts: Vec::with_capacity(ends + 1) };
    let mut blank = false;
    let mut start = 0;
    while start < bytes.len() {
        let (end, next, facts) = scan_line(bytes, start);
        match trim(bytes, start, end) {
            Some(span) => {
                let flag = if blank { fact::AFTER_BLANK } else { 0 };
                out.spans.push(span);
                out.facts.push(facts | flag);
                blank = false;
            }
            // The `\n` of a `\r\n` is taken by `scan_line`, so an empty stretch is a blank line.
            None => blank = true,
        }
        start = next;
    }
    out
}

/// Returns the facts of a line, which holds no line end.
pub fn facts(line: &str) -> u8 {
    scan_line(line.as_bytes(), 0).2
}

/// The end of the line that starts at `start`, the start of the next, and the facts of this one.
#[inline]
fn scan_line(bytes: &[u8], start: usize) -> (usize, usize, u8) {
    let (mut facts, mut before) = (0u8, 0u8);
    let (mut at, mut look) = (start, start + 1);
    while at < bytes.len() {
        if at >= look {
            while let Some(next) = bytes[at - 1..].first_chunk()
                && is_dull(next)
            {
                at += STRIDE;
            }
            (before, look) = (CLASS[bytes[at - 1] as usize], at + STRIDE);
            if at == bytes.len() {
                break;
            }
        }
        let class = CLASS[bytes[at] as usize];
        if class & STOP != 0
            && let Some(width) = line_end(bytes, at)
        {
            return (at, at + width, facts & 0x1F);
        }
        // Two spaces in a row: SPACE >> 2 is UNEVEN.
        facts |= class | ((class & before & SPACE) >> 2);
        before = class;
        at += 1;
    }
    (at, at, facts & 0x1F)
}

/// So many bytes are looked at together.
const STRIDE: usize = 16;

/// Whether nothing stands in the bytes behind the first that is a fact of a line or ends one: all are compared at once, without a branch.
#[inline]
fn is_dull(bytes: &[u8; STRIDE + 1]) -> bool {
    let (before, these) = (&bytes[..STRIDE], &bytes[1..]);
    let odd = |b: u8, before: u8| {
        u8::from(b.wrapping_sub(b' ') >= 0x7F - b' ')
            | u8::from(b == b'&')
            | u8::from(b == b'<')
            | (u8::from(b == b' ') & u8::from(before == b' '))
    };
    these.iter().zip(before).fold(0, |seen, (&b, &before)| seen | odd(b, before)) == 0
}

/// The width in bytes of the line end at `at`, if there is one.
fn line_end(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes[at] {
        b'\r' if bytes.get(at + 1) == Some(&b'\n') => Some(2),
        0xE2 => matches!(bytes.get(at + 1..at + 3), Some([0x80, 0xA8 | 0xA9])).then_some(3),
        _ => Some(1),
    }
}

fn trim(bytes: &[u8], mut start: usize, mut end: usize) -> Option<Span> {
    while start < end && matches!(bytes[start], b' ' | b'\t') {
        start += 1;
    }
    while end > start && matches!(bytes[end - 1], b' ' | b'\t') {
        end -= 1;
    }
    (start < end).then(|| Span::new(start, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive(source: &str) -> Vec<String> {
        source
            .replace("\r\n", "\n")
            .split(['\n', '\r', '\x0B', '\x0C', '\u{2028}', '\u{2029}'])
            .map(|line| line.trim_matches([' ', '\t']).to_owned())
            .filter(|line| !line.is_empty())
            .collect()
    }

    proptest! {
        /// Same lines as a plain split with the white space stripped.
        #[test]
        fn same_as_naive(source in "([a &<\t\r\n\x0B\x0C\u{2028}\u{2029}\u{201C}é]|abcdefgh |ij){0,60}") {
            let got = split(&source);
            let lines: Vec<_> = got.spans.iter().map(|s| source[s.range()].to_owned()).collect();
            prop_assert_eq!(lines, naive(&source));
        }

        /// What a line holds is found wherever in it that stands.
        #[test]
        fn facts_as_naive(line in "([a &<\t\x01é]|abcdefgh |ij){0,20}") {
            let has = |found: bool, fact: u8| if found { fact } else { 0 };
            let uneven = line.contains("  ") || line.contains('\t');
            let naive = has(!line.is_ascii(), fact::NON_ASCII)
                | has(line.contains('\x01'), fact::CONTROL)
                | has(line.contains('&'), fact::AMPERSAND)
                | has(line.contains('<'), fact::LESS)
                | has(uneven, fact::UNEVEN);
            prop_assert_eq!(facts(&line), naive);
        }
    }

    /// A fact is set for the line that has it and for no other.
    #[test]
    fn facts_are_per_line() {
        let got = split("plain\n\na  b\n“q”\x01\r\n<b> &");
        let facts: Vec<_> = got.facts.clone();
        assert_eq!(facts, [0, fact::UNEVEN | fact::AFTER_BLANK, fact::NON_ASCII | fact::CONTROL, fact::LESS | fact::AMPERSAND]);
    }
}
