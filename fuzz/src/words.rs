//! Tokens, shingles and signatures: the same as by their definitions.

use std::collections::{HashMap, HashSet};
use std::sync::{LazyLock, Mutex};

use caseless::Caseless;
use regex::Regex;
use textclean_native::dedup::minhash::Permutations;
use textclean_native::dedup::numbering::{Numbering, Tally};
use textclean_native::dedup::numbers;
use textclean_native::dedup::verify::ShingleSet;
use textclean_native::repeats::said::Said;
use textclean_native::sites::key::{Mask, head_of_line, head_of_masked, may_have_slot};
use textclean_native::text::shingle::{shingle_hash, shingle_hashes};
use textclean_native::text::words::{Tokens, tokenize};
use unicode_normalization::UnicodeNormalization;
use xxhash_rust::xxh3::xxh3_64;

/// Tokens are those of the definition, shingles their runs, signatures the least values.
pub fn check(data: &[u8]) {
    let (options, text) = crate::options_and_text(data);
    let ngram_size = usize::from(options % 6) + 1;
    // The libraries of this workspace know other versions of Unicode than the table: characters that differ alone are left out.
    let text: String = text.chars().filter(|c| is_known(*c)).collect();
    let found = tokens(&text);
    assert_eq!(found.iter().collect::<Vec<_>>(), naive(&text), "tokens of {text:?}");
    assert_eq!(found.bytes, found.iter().collect::<Vec<_>>().join(" ").into_bytes());
    assert_reused(&text, &found);
    assert_eq!(shingles(&found, ngram_size), naive_shingles(&text, ngram_size));
    check_signature(&found, ngram_size, data);
    check_set(&text, ngram_size);
    check_tables(data);
    check_keys(&text);
    let said = Said::new(&text);
    assert_eq!((said.words.len(), said.at.len()), (said.len(), said.len()));
    assert!(said.at.is_sorted() && said.at.iter().all(|at| text.is_char_boundary(*at as usize)));
    (0..said.len()).for_each(|i| assert_eq!(said.words[i], xxh3_64(said.word(i).as_bytes())));
}

/// Returns the tokens of a text.
pub fn tokens(text: &str) -> Tokens {
    let mut tokens = Tokens::default();
    tokenize(text, &mut tokens);
    tokens
}

/// Returns the tokens by definition: compatibility forms composed, case folded, then runs of letters, marks and numbers, and letters of scripts
/// without spaces alone, with their marks.
pub fn naive(text: &str) -> Vec<String> {
    static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
        let solo = r"[\p{L}&&[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]]";
        let spaced = r"[\p{L}\p{N}--[\p{L}&&[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]]]";
        Regex::new(&format!(r"{solo}\p{{M}}*|(?:{spaced}|\p{{M}})+")).expect("a pattern")
    });
    let folded: String = text.nfkc().default_case_fold().collect();
    TOKEN.find_iter(&folded).map(|found| found.as_str().to_owned()).collect()
}

/// Whether both sides take a character for the same, alone and beside a letter.
fn is_known(c: char) -> bool {
    static KNOWN: LazyLock<Mutex<HashMap<char, bool>>> = LazyLock::new(Mutex::default);
    c.is_ascii() || *KNOWN.lock().expect("nobody panics with the lock").entry(c).or_insert_with(|| is_alike(c))
}

fn is_alike(c: char) -> bool {
    let same = |text: &str| tokens(text).iter().eq(naive(text));
    same(c.encode_utf8(&mut [0; 4])) && same(&format!("a{c}a")) && same(&format!("\u{65e5}{c}\u{65e5}"))
}

/// A buffer that was used is as good as a new one, and texts with a full stop between are independent.
fn assert_reused(text: &str, found: &Tokens) {
    let mut again = tokens(".\u{65e5}\u{3099}x");
    tokenize(text, &mut again);
    assert_eq!(&again, found);
    let half = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
    let parted = tokens(&format!("{} . {}", &text[..half], &text[half..]));
    let parts: Vec<String> = [&text[..half], &text[half..]].iter().flat_map(|part| naive(part)).collect();
    assert!(parted.iter().eq(parts), "the halves of {text:?}");
}

/// Returns the hashes of the shingles of tokens.
fn shingles(tokens: &Tokens, ngram_size: usize) -> Vec<u64> {
    let mut hashes = Vec::new();
    shingle_hashes(tokens, ngram_size, &mut hashes);
    hashes
}

fn naive_runs(text: &str, ngram_size: usize) -> Vec<String> {
    let tokens = naive(text);
    if tokens.is_empty() { Vec::new() } else { tokens.windows(ngram_size.min(tokens.len())).map(|run| run.join(" ")).collect() }
}

fn naive_shingles(text: &str, ngram_size: usize) -> Vec<u64> {
    let hash = |run: String| {
        let hash = xxh3_64(run.as_bytes());
        assert_eq!(shingle_hash(run.as_bytes()), hash as u32);
        hash
    };
    naive_runs(text, ngram_size).into_iter().map(hash).collect()
}

fn check_signature(tokens: &Tokens, ngram_size: usize, data: &[u8]) {
    let number = |i: usize| xxh3_64(&(i as u64 + data.len() as u64).to_le_bytes()) as u32;
    // Around the number of values that the fast loop takes at once.
    let count = data.len() % 70 + 1;
    let (a, b): (Vec<u32>, Vec<u32>) = (0..count).map(|i| (number(i) | 1, number(i + 999))).unzip();
    let hashes = shingles(tokens, ngram_size);
    let (mut mixed, mut signature) = (Vec::new(), Vec::new());
    Permutations::new(a.clone(), b.clone()).expect("odd factors").sign(&hashes, &mut mixed, &mut signature);
    let least = |k: usize| hashes.iter().map(|hash| a[k].wrapping_mul(murmur(*hash as u32)).wrapping_add(b[k])).min().unwrap_or(u32::MAX);
    assert_eq!(signature, (0..count).map(least).collect::<Vec<_>>());
}

/// The finalizer of MurmurHash3, as its author wrote it down.
fn murmur(mut h: u32) -> u32 {
    h ^= h >> 16;
    h = h.wrapping_mul(0x85eb_ca6b);
    h ^= h >> 13;
    h = h.wrapping_mul(0xc2b2_ae35);
    h ^ (h >> 16)
}

fn check_set(text: &str, ngram_size: usize) {
    let half = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
    let (mut one, mut other) = (ShingleSet::default(), ShingleSet::default());
    one.fill(text, ngram_size);
    other.fill(&text[half..], ngram_size);
    let set = |text: &str| naive_runs(text, ngram_size).into_iter().collect::<HashSet<_>>();
    let (a, b) = (set(text), set(&text[half..]));
    assert_eq!((one.len(), other.len()), (a.len(), b.len()));
    assert_eq!((one.overlap(&other), other.overlap(&one)), (a.intersection(&b).count(), a.intersection(&b).count()));
    let mut said = String::new();
    numbers::numbers(&tokens(text), &mut said);
    assert!(said.chars().all(|c| c == ' ' || c.is_numeric()), "{said:?}");
    let digits = |text: &str| text.chars().filter(|c| c.is_numeric()).collect::<String>();
    assert_eq!(digits(&said), digits(&naive(text).join(" ")));
}

fn check_tables(data: &[u8]) {
    let (mut table, mut naive) = (Numbering::<u32>::with_capacity(data.len() % 8), HashMap::new());
    let (mut tally, mut counts) = (Tally::with_capacity(data.len()), HashMap::new());
    for byte in data {
        let member = u32::from(*byte);
        let next = naive.len() as u32;
        let number = *naive.entry(member).or_insert(next);
        assert_eq!(table.insert(member), (number, number == next));
        tally.expect(member);
        let slot = tally.add(member);
        tally.expect_slot(slot);
        let (_, count) = counts.entry(member).and_modify(|(_, count)| *count += 1).or_insert((slot, 1));
        assert_eq!(tally.get(slot), *count);
    }
    assert!(counts.values().all(|(slot, count)| tally.get(*slot) == *count) && table.len() == naive.len());
}

/// The head of a line is never wrong, and a key depends on nothing but the tokens where there is no address.
fn check_keys(text: &str) {
    let mut mask = Mask::default();
    for line in text.lines() {
        let Some(masked) = mask.line(line).map(str::to_owned) else { continue };
        match (head_of_masked(&masked), head_of_line(line)) {
            (Some(of_masked), Some(of_line)) => assert_eq!(of_masked, of_line, "heads of {line:?}"),
            (None, Some(_)) => assert!(may_have_slot(line), "{line:?} has no slot"),
            _ => {}
        }
        let tokens = naive(line).join(" ");
        // What casefolding parts may be put in another order when it is read again, as a dot of İ and a line below it.
        let at_rest = naive(&tokens).join(" ") == tokens;
        if at_rest && !line.contains(['@', ':']) && !line.contains("www.") {
            assert_eq!(mask.line(&tokens), Some(&*masked), "the key of {line:?}");
        }
    }
}
