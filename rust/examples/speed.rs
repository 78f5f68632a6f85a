//! MB a second on one core, kernel by kernel: `cargo run --release --no-default-features --example speed FILE...` (one text a line).

use std::hint::black_box;
use std::time::Instant;

use textclean_native::shingle::shingle_hashes;
use textclean_native::words::{Tokens, tokenize};

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
        println!(
            "{path}: {} texts, {:.1} MB",
            units.len(),
            text.len() as f64 / 1e6
        );
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
    }
}
