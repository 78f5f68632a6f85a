//! MB a second on one core, kernel by kernel: `cargo run --release --no-default-features --example speed FILE...` (one text a line).

use std::hint::black_box;
use std::time::Instant;

use textclean_native::dedup::decide::find_repeats;
use textclean_native::dedup::digest::{Method, Settings, digest};
use textclean_native::dedup::jaccard::Threshold;
use textclean_native::dedup::minhash::Permutations;
use textclean_native::text::shingle::shingle_hashes;
use textclean_native::text::words::{Tokens, tokenize};

fn measure(name: &str, bytes: usize, mut run: impl FnMut()) {
    let best = (0..7)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min);
    println!("  {name:34} {:8.0} MB/s", bytes as f64 / 1e6 / best);
}

fn main() {
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).expect("a UTF-8 file");
        let units: Vec<&str> = text.lines().collect();
        println!("{path}: {} texts, {:.1} MB", units.len(), text.len() as f64 / 1e6);
        let (mut tokens, mut hashes) = (Tokens::default(), Vec::new());
        measure("tokens", text.len(), || {
            for unit in &units {
                tokenize(unit, &mut tokens);
                black_box(&tokens);
            }
        });
        for n in [3, 5] {
            measure(&format!("tokens + {n}-gram hashes"), text.len(), || {
                for unit in &units {
                    tokenize(unit, &mut tokens);
                    shingle_hashes(&tokens, n, &mut hashes);
                    black_box(&hashes);
                }
            });
        }
        let odd = |i: u32| i.wrapping_mul(0x9e37_79b9) | 1;
        let permutations = Permutations::new((0..256).map(odd).collect(), (0..256).map(|i| odd(i + 7)).collect()).expect("odd factors");
        let (mut mixed, mut signature) = (Vec::new(), Vec::new());
        measure("tokens + 5-grams + 256 values", text.len(), || {
            for unit in &units {
                tokenize(unit, &mut tokens);
                shingle_hashes(&tokens, 5, &mut hashes);
                permutations.sign(&hashes, &mut mixed, &mut signature);
                black_box(&signature);
            }
        });
        let order: Vec<u32> = (0..units.len() as u32).collect();
        for (workers, threshold, ngram_size) in [(1, 0.8, 5), (2, 0.8, 5), (1, 0.7, 3)] {
            let threshold = Threshold::new(threshold).expect("a threshold");
            let settings = Settings { threshold, ngram_size, min_words: 10, same_numbers: false, method: Method::Exact, workers };
            let label = format!("J {}, {ngram_size}-grams, {workers} workers", threshold.value());
            measure(&format!("digests, {label}"), text.len(), || {
                black_box(digest(units.as_slice(), &order, &settings, &|| false).is_ok());
            });
            measure(&format!("repeats, {label}"), text.len(), || {
                black_box(find_repeats(units.as_slice(), &order, &settings, &|| false).is_ok());
            });
            let found = find_repeats(units.as_slice(), &order, &settings, &|| false).expect("nobody stops it");
            println!("  {:?}, {} dropped", found.effort, found.witness.iter().filter(|w| **w != u32::MAX).count());
        }
    }
}
