//! Repeats across documents: all pairs compared, exactly, in order.

use std::collections::HashSet;

use arbitrary::{Result, Unstructured};
use textclean_native::dedup::decide::{KEPT, find_repeats};
use textclean_native::dedup::digest::{Method, Settings};
use textclean_native::dedup::jaccard::Threshold;
use textclean_native::dedup::lsh::Bands;
use textclean_native::dedup::minhash::Permutations;
use textclean_native::dedup::numbers::numbers;
use textclean_native::text::words::{Tokens, tokenize};

const WORDS: [&str; 24] = [
    "the", "harbour", "was", "closed", "on", "Monday", "5", "1,000", "1000", "storm", "日本", "é", "e\u{301}", "ﬁn", "-", "…", "crane",
    "CRANE", "12", "of", "3.5", "\u{ad}", "x", "y",
];

/// The earliest kept text at the threshold is the witness, whatever finds it.
pub fn check(data: &[u8]) {
    // Bytes that run out end what is made, they are no failure.
    let _ = try_check(&mut Unstructured::new(data));
}

struct Text {
    words: usize,
    set: HashSet<Vec<String>>,
    numbers: String,
}

fn try_check(bytes: &mut Unstructured<'_>) -> Result<()> {
    let ngram_size = usize::from(bytes.arbitrary::<u8>()? % 5) + 1;
    let value = f64::from(bytes.arbitrary::<u8>()? % 100 + 1) / 100.0;
    let options = bytes.arbitrary::<u8>()?;
    let (same_numbers, min_words) = (options & 1 != 0, usize::from(options >> 1 & 3));
    let mut texts = texts(bytes, options & 8 != 0)?;
    let order = order(bytes, texts.len())?;
    let read: Vec<Text> = texts.iter().map(|text| read(text, ngram_size)).collect();
    let expected = naive(&read, &order, value, min_words, same_numbers);
    let settings = |method, workers| Settings {
        threshold: Threshold::new(value).expect("a threshold"),
        ngram_size,
        min_words,
        same_numbers,
        method,
        workers,
    };
    for workers in [1, 2] {
        let found = find_repeats(texts.as_slice(), &order, &settings(Method::Exact, workers), &|| false).expect("nobody stops it");
        assert_eq!(found.witness, expected, "{ngram_size} tokens a shingle, threshold {value}, {workers} workers: {texts:#?}");
        for (i, witness) in found.witness.iter().enumerate().filter(|(_, witness)| **witness != KEPT) {
            assert_eq!(found.similarity[i], jaccard(&read[i].set, &read[*witness as usize].set));
        }
    }
    // Bands may miss, and say no more than there is.
    let odd = |i: u32| i.wrapping_mul(0x9e37_79b9) | 1;
    let permutations = Permutations::new((0..16).map(odd).collect(), (0..16).map(|i| odd(i + 99)).collect()).expect("odd factors");
    let bands = Method::Bands(Bands::new(permutations, 8, 2).expect("bands that fit"));
    let found = find_repeats(texts.as_slice(), &order, &settings(bands, 1), &|| false).expect("nobody stops it");
    let place = |text: u32| order.iter().position(|other| *other == text);
    for (i, &witness) in found.witness.iter().enumerate().filter(|(_, witness)| **witness != KEPT) {
        let (one, other) = (&read[i], &read[witness as usize]);
        assert!(place(witness) < place(i as u32) && found.witness[witness as usize] == KEPT);
        assert!(jaccard(&one.set, &other.set) >= value && (!same_numbers || one.numbers == other.numbers));
    }
    // Case and white space say nothing.
    texts.iter_mut().for_each(|text| *text = text.replace(' ', " \u{3000}").to_uppercase().to_lowercase());
    let again = find_repeats(texts.as_slice(), &order, &settings(Method::Exact, 1), &|| false).expect("nobody stops it");
    if texts.iter().zip(&read).all(|(text, before)| self::read(text, ngram_size).set == before.set) && min_words == 0 {
        assert_eq!(again.witness, expected);
    }
    Ok(())
}

/// Texts of few words; `near`: many are an earlier one with a word changed.
fn texts(bytes: &mut Unstructured<'_>, near: bool) -> Result<Vec<String>> {
    let mut texts: Vec<Vec<&str>> = Vec::new();
    while bytes.len() > 16 && texts.len() < 64 {
        let mut words = Vec::new();
        let head = bytes.arbitrary::<u8>()?;
        if near && head & 1 != 0 && !texts.is_empty() {
            words.clone_from(&texts[usize::from(head >> 1) % texts.len()]);
            let (at, word) = (usize::from(bytes.arbitrary::<u8>()?), bytes.arbitrary::<u8>()?);
            if !words.is_empty() {
                let at = at % words.len();
                words[at] = WORDS[usize::from(word) % WORDS.len()];
            }
        } else {
            for _ in 0..head % 24 {
                words.push(WORDS[usize::from(bytes.arbitrary::<u8>()?) % WORDS.len()]);
            }
        }
        texts.push(words);
    }
    Ok(texts.into_iter().map(|words| words.join(" ")).collect())
}

/// Some of the texts, each at most once.
fn order(bytes: &mut Unstructured<'_>, count: usize) -> Result<Vec<u32>> {
    let (seed, some) = (bytes.arbitrary::<u32>()? | 1, bytes.arbitrary::<bool>()?);
    let mut order: Vec<u32> = (0..count as u32).filter(|i| !some || i % 3 != seed % 7 % 3).collect();
    order.sort_by_key(|i| (i + 1).wrapping_mul(seed));
    Ok(order)
}

fn read(text: &str, ngram_size: usize) -> Text {
    let (mut tokens, mut said) = (Tokens::default(), String::new());
    tokenize(text, &mut tokens);
    numbers(&tokens, &mut said);
    let tokens: Vec<String> = tokens.iter().map(str::to_owned).collect();
    let set =
        if tokens.is_empty() { HashSet::new() } else { tokens.windows(ngram_size.min(tokens.len())).map(<[String]>::to_vec).collect() };
    Text { words: tokens.len().max(text.split_whitespace().count()), set, numbers: said }
}

fn jaccard(a: &HashSet<Vec<String>>, b: &HashSet<Vec<String>>) -> f64 {
    let shared = a.intersection(b).count();
    shared as f64 / (a.len() + b.len() - shared) as f64
}

/// In order, a text goes if one that was kept reaches the threshold; the earliest such one is its witness.
fn naive(texts: &[Text], order: &[u32], threshold: f64, min_words: usize, same_numbers: bool) -> Vec<u32> {
    let (mut kept, mut witness): (Vec<u32>, _) = (Vec::new(), vec![KEPT; texts.len()]);
    for &i in order {
        let text = &texts[i as usize];
        if text.set.is_empty() || text.words < min_words {
            continue;
        }
        let like = |k: &&u32| {
            let other = &texts[**k as usize];
            jaccard(&text.set, &other.set) >= threshold && (!same_numbers || text.numbers == other.numbers)
        };
        match kept.iter().find(like) {
            Some(k) => witness[i as usize] = *k,
            None => kept.push(i),
        }
    }
    witness
}
