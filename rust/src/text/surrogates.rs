//! Lone surrogates: code points that Python's strings hold and UTF-8 does not.

/// Returns UTF-8 in which each surrogate of `bytes` is U+FFFD, of the same length in bytes and in code points. `bytes` are UTF-8 but for
/// surrogates, encoded as any other code point of their size would be (Python's `surrogatepass`).
///
/// # Panics
///
/// If `bytes` are no such thing.
pub fn replaced(mut bytes: Vec<u8>) -> String {
    for at in 0..bytes.len().saturating_sub(2) {
        // In such bytes ED A0..BF begins a surrogate and nothing else.
        if bytes[at] == 0xED && bytes[at + 1] >= 0xA0 {
            bytes[at..at + 3].copy_from_slice("\u{FFFD}".as_bytes());
        }
    }
    String::from_utf8(bytes).expect("all but surrogates is UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Surrogates go, and the letters right below and above their range stay.
    #[test]
    fn only_surrogates_are_replaced() {
        let bytes = [b"a\xED\x9F\xBF".as_slice(), b"\xED\xA0\x80\xED\xBF\xBF", "\u{E000}b".as_bytes()].concat();
        assert_eq!(replaced(bytes), "a\u{D7FF}\u{FFFD}\u{FFFD}\u{E000}b");
        assert_eq!(replaced(Vec::new()), "");
    }
}
