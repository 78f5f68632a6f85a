//! Every contract holds for every seed of every target: under a sanitizer or an interpreter of Rust this walks through all of the native half.

use std::fs;
use std::path::Path;

use textclean_fuzz::TARGETS;

#[test]
fn contracts_hold_for_all_seeds() {
    for (name, check) in TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
        let files = fs::read_dir(&folder).expect("each target has seeds").map(|entry| entry.expect("a file").path());
        let seeds: Vec<Vec<u8>> = files.map(|file| fs::read(file).expect("a seed that can be read")).collect();
        assert!(seeds.len() > 2, "{name} has {} seeds", seeds.len());
        seeds.iter().for_each(|seed| check(seed));
        check(&[]);
    }
}
