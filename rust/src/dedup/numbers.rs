//! The numbers that a text says: where they differ, two texts say different things in the same words.
//!
//! A number is a run of digits in the tokens; three digits behind one to three others, or behind such a group, are thousands of the same
//! number. So numbers are a function of the tokens: verbatim repeats have the same.

use xxhash_rust::xxh3::xxh3_64;

use crate::text::words::Tokens;

/// Writes the numbers of a text, in order, each followed by a space.
pub fn numbers(tokens: &Tokens, out: &mut String) {
    out.clear();
    // Whether the last number can go on with three digits.
    let mut open = false;
    let numeric = |byte: &u8| byte.is_ascii_digit() || *byte >= 0x80;
    if !tokens.bytes.iter().any(numeric) {
        return;
    }
    for i in 0..tokens.len() {
        let token = tokens.run(i, 1);
        if !token.iter().any(numeric) {
            open = false;
            continue;
        }
        let token = std::str::from_utf8(token).expect("tokens are UTF-8");
        let digits = token.chars().filter(|c| c.is_numeric()).count();
        let pure = digits > 0 && digits == token.chars().count();
        if open && pure && digits == 3 {
            out.pop();
            out.push_str(token);
            out.push(' ');
            continue;
        }
        open = pure && digits <= 3;
        if digits > 0 {
            for run in token.split(|c: char| !c.is_numeric()).filter(|run| !run.is_empty()) {
                out.push_str(run);
                out.push(' ');
            }
        }
    }
}

/// Changes the hashes of a text's shingles by its numbers, so that texts with other numbers share none, and texts with the same numbers as
/// many as before.
pub fn tag(tokens: &Tokens, scratch: &mut String, hashes: &mut [u64]) {
    numbers(tokens, scratch);
    if !scratch.is_empty() {
        let tag = xxh3_64(scratch.as_bytes());
        hashes.iter_mut().for_each(|hash| *hash ^= tag);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::words::tokenize;

    #[test]
    fn numbers_of_texts() {
        let said = |text: &str| {
            let (mut tokens, mut out) = (Tokens::default(), String::new());
            tokenize(text, &mut tokens);
            numbers(&tokens, &mut out);
            out
        };
        assert_eq!(said("On May 3, 2018, 100 of 1,234,567 paid $5.50 for b52s."), "3 2018 100 1234567 5 50 52 ");
        assert_eq!((said("1 500"), said("1500"), said("１.500")), ("1500 ".into(), "1500 ".into(), "1500 ".into()));
        assert_eq!((said("none"), said("15 of 1,5")), (String::new(), "15 1 5 ".into()));
    }
}
