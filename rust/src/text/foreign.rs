//! The characters of a text that are not ASCII: most texts have few, and what ASCII means is known from its bytes.

/// Lists the characters of a text that are not ASCII, in order.
pub fn non_ascii(text: &str) -> NonAscii<'_> {
    NonAscii { rest: text }
}

/// See [`non_ascii`].
pub struct NonAscii<'a> {
    rest: &'a str,
}

impl Iterator for NonAscii<'_> {
    type Item = char;

    #[inline]
    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest[ascii_ahead(self.rest.as_bytes())..].chars();
        let found = chars.next();
        self.rest = chars.as_str();
        found
    }
}

/// Counts the bytes before the first that is not ASCII, eight at a time.
#[inline]
fn ascii_ahead(bytes: &[u8]) -> usize {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let mut at = 0;
    while let Some(eight) = bytes[at..].first_chunk() {
        let high = u64::from_le_bytes(*eight) & HIGH;
        if high != 0 {
            return at + high.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    at + bytes[at..].iter().take_while(|b| b.is_ascii()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        /// They are those that a look at each character finds.
        #[test]
        fn same_as_naive(text in "[a-z éß\u{3000}\u{1F600}]{0,40}") {
            let naive = text.chars().filter(|c| !c.is_ascii());
            proptest::prop_assert!(non_ascii(&text).eq(naive));
        }
    }
}
