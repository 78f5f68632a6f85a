//! The search for repeats is the one-pass rule, whatever the method, the workers and the order.

use std::collections::HashSet;

use proptest::prelude::*;
use textclean_native::dedup::decide::{KEPT, find_repeats};
use textclean_native::dedup::digest::{Method, Settings};
use textclean_native::dedup::jaccard::Threshold;
use textclean_native::dedup::lsh::Bands;
use textclean_native::dedup::minhash::Permutations;

type Shingles = HashSet<Vec<String>>;

fn shingles(text: &str, n: usize) -> Shingles {
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    if words.is_empty() { HashSet::new() } else { words.windows(n.min(words.len())).map(<[String]>::to_vec).collect() }
}

fn jaccard(a: &Shingles, b: &Shingles) -> f64 {
    let shared = a.intersection(b).count();
    shared as f64 / (a.len() + b.len() - shared) as f64
}

/// In order, a text goes if a kept one reaches the threshold; the earliest kept one is its witness.
fn naive(texts: &[String], order: &[u32], n: usize, threshold: f64) -> Vec<u32> {
    let sets: Vec<Shingles> = texts.iter().map(|text| shingles(text, n)).collect();
    let (mut kept, mut witness): (Vec<u32>, _) = (Vec::new(), vec![KEPT; texts.len()]);
    for i in order {
        let set = &sets[*i as usize];
        let found = kept.iter().find(|k| !set.is_empty() && jaccard(set, &sets[**k as usize]) >= threshold);
        match found {
            Some(k) => witness[*i as usize] = *k,
            None if !set.is_empty() => kept.push(*i),
            None => {}
        }
    }
    witness
}

fn settings(n: usize, threshold: f64, method: Method, workers: usize) -> Settings {
    Settings { threshold: Threshold::new(threshold).unwrap(), ngram_size: n, min_words: 0, same_numbers: false, method, workers }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn same_as_naive(
        words in proptest::collection::vec(proptest::collection::vec(0u8..4, 0..14), 0..40),
        n in 1usize..5,
        percent in 10u32..=100,
        seed in any::<u64>(),
    ) {
        let texts: Vec<String> =
            words.iter().map(|w| w.iter().map(|i| format!("w{i}")).collect::<Vec<_>>().join(" ")).collect();
        let mut order: Vec<u32> = (0..texts.len() as u32).collect();
        order.sort_by_key(|i| (u64::from(*i) + 1).wrapping_mul(seed | 1));
        let threshold = f64::from(percent) / 100.0;
        let expected = naive(&texts, &order, n, threshold);
        for workers in [1, 3] {
            let found = find_repeats(texts.as_slice(), &order, &settings(n, threshold, Method::Exact, workers), &|| false).unwrap();
            prop_assert_eq!(&found.witness, &expected);
            for (i, witness) in found.witness.iter().enumerate().filter(|(_, w)| **w != KEPT) {
                let exact = jaccard(&shingles(&texts[i], n), &shingles(&texts[*witness as usize], n));
                prop_assert_eq!(found.similarity[i], exact);
            }
        }
    }

    #[test]
    fn bands_find_no_more_than_there_is(words in proptest::collection::vec(proptest::collection::vec(0u8..4, 1..14), 0..40)) {
        let texts: Vec<String> =
            words.iter().map(|w| w.iter().map(|i| format!("w{i}")).collect::<Vec<_>>().join(" ")).collect();
        let order: Vec<u32> = (0..texts.len() as u32).collect();
        let odd = |i: u32| i.wrapping_mul(0x9e37_79b9) | 1;
        let permutations = Permutations::new((0..32).map(odd).collect(), (0..32).map(|i| odd(i + 99)).collect()).unwrap();
        let method = Method::Bands(Bands::new(permutations, 16, 2).unwrap());
        let found = find_repeats(texts.as_slice(), &order, &settings(2, 0.6, method, 2), &|| false).unwrap();
        for (i, witness) in found.witness.iter().enumerate().filter(|(_, w)| **w != KEPT) {
            prop_assert!((*witness as usize) < i && found.witness[*witness as usize] == KEPT);
            prop_assert!(jaccard(&shingles(&texts[i], 2), &shingles(&texts[*witness as usize], 2)) >= 0.6);
        }
    }
}

#[test]
fn a_crowd_of_near_copies_meets_one_kept_text() {
    let body = (0..60).map(|i| format!("word{i}")).collect::<Vec<_>>().join(" ");
    let texts: Vec<String> = (0..20_000).map(|i| format!("{body} copy{i}")).collect();
    let order: Vec<u32> = (0..20_000).collect();
    let found = find_repeats(texts.as_slice(), &order, &settings(5, 0.8, Method::Exact, 2), &|| false).unwrap();
    assert!(found.witness[0] == KEPT && found.witness[1..].iter().all(|w| *w == 0));
    assert_eq!(found.effort.verified, 19_999);
}

#[test]
fn a_request_to_stop_ends_the_search() {
    let texts = vec!["one two three"; 10_000];
    let order: Vec<u32> = (0..10_000).collect();
    assert!(find_repeats(texts.as_slice(), &order, &settings(5, 0.8, Method::Exact, 2), &|| true).is_err());
}
