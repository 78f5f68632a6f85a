//! Runs the targets without libFuzzer, on a stable toolchain: the seeds as they are, then mutations of them, for a bounded time.
//!
//! `drive [--seconds N] [--seed N] [--last FILE] [TARGET | TARGET FILE ...]`. Without a file each target (default: all) runs for `N` seconds (default: 5). What it
//! finds depends on the seed alone, but for how far it comes. An input for which a contract does not hold is written to `found/`, its name is
//! printed, and the exit code is 1. What ends the process is no panic and leaves nothing; `--last` writes each input to a file before it is tried.

use std::fs;
use std::panic;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use textclean_fuzz::TARGETS;

/// The longest input that is made.
const LONGEST: usize = 2048;
/// Inputs that are kept to be mutated further, beside the seeds.
const KEPT: usize = 256;

fn main() -> ExitCode {
    let (mut seconds, mut seed, mut names, mut files, mut last) = (5.0, 1, Vec::new(), Vec::new(), None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || arguments.next().and_then(|number| number.parse::<f64>().ok());
        match argument.as_str() {
            "--seconds" => seconds = number().expect("--seconds needs a number"),
            "--seed" => seed = number().expect("--seed needs a number") as u64,
            "--last" => last = Some(PathBuf::from(arguments.next().expect("--last needs a file"))),
            name if TARGETS.iter().any(|(target, _)| *target == name) => names.push(argument),
            file if Path::new(file).is_file() => files.push(PathBuf::from(file)),
            other => {
                eprintln!("{other:?} is no target and no file; the targets are {}", TARGETS.map(|(name, _)| name).join(", "));
                return ExitCode::from(2);
            }
        }
    }
    let chosen = TARGETS.iter().filter(|(name, _)| names.is_empty() || names.iter().any(|other| other == name));
    let mut found = 0;
    for (name, check) in chosen {
        if files.is_empty() {
            found += usize::from(!run(name, *check, Duration::from_secs_f64(seconds), seed, last.as_deref()));
        } else {
            files.iter().for_each(|file| check(&fs::read(file).expect("a file that can be read")));
        }
    }
    ExitCode::from(u8::from(found > 0))
}

/// Runs a target; false if it found something.
fn run(name: &str, check: fn(&[u8]), time: Duration, seed: u64, last: Option<&Path>) -> bool {
    let seeds = seeds(name);
    let (mut numbers, mut pool) = (Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1), seeds.clone());
    let (began, mut executions) = (Instant::now(), 0);
    let mut waiting: Vec<Vec<u8>> = seeds.into_iter().rev().collect();
    while began.elapsed() < time || !waiting.is_empty() {
        let input = waiting.pop().unwrap_or_else(|| mutated(&pool, &mut numbers));
        executions += 1;
        if let Some(last) = last {
            fs::write(last, &input).expect("a file to write to");
        }
        if panic::catch_unwind(|| check(&input)).is_err() {
            let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("found").join(format!("{name}-{executions}"));
            fs::create_dir_all(place.parent().expect("a folder")).and_then(|()| fs::write(&place, &input)).expect("a folder to write to");
            eprintln!("{name}: found after {executions} executions, input in {}", place.display());
            return false;
        }
        // Without a measure of what is new, some are kept by chance, so that mutations go far.
        if numbers.below(64) == 0 {
            let place = numbers.below(KEPT);
            if pool.len() < KEPT { pool.push(input) } else { pool[place] = input }
        }
    }
    println!("{name:<10} {executions:>9} executions in {:>5.1} s, nothing found", began.elapsed().as_secs_f64());
    true
}

/// The seeds of a target, in the order of their names, and what was found once.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(name);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    files.sort_unstable();
    let mut seeds: Vec<Vec<u8>> = files.iter().map(|file| fs::read(file).expect("a seed that can be read")).collect();
    seeds.push(Vec::new());
    seeds
}

/// Numbers by chance, the same for the same seed (Marsaglia 2003, "Xorshift RNGs").
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() >> 16) as usize % most.max(1)
    }
}

/// One of the pool with a few changes.
fn mutated(pool: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut input = pool[numbers.below(pool.len())].clone();
    for _ in 0..=numbers.below(6) {
        let at = numbers.below(input.len() + 1);
        match numbers.below(7) {
            0 if at < input.len() => input[at] ^= 1 << numbers.below(8),
            1 if at < input.len() => input[at] = numbers.next() as u8,
            2 => (0..=numbers.below(16)).for_each(|_| input.insert(at, numbers.next() as u8)),
            3 => drop(input.drain(at..(at + numbers.below(32)).min(input.len()))),
            4 => {
                let part = input[at..(at + numbers.below(64)).min(input.len())].to_vec();
                let place = numbers.below(input.len() + 1);
                input.splice(place..place, part);
            }
            5 => {
                let other = &pool[numbers.below(pool.len())];
                let from = numbers.below(other.len() + 1);
                input.truncate(at);
                input.extend(&other[from..]);
            }
            _ => input.extend((0..numbers.below(64)).map(|_| numbers.next() as u8)),
        }
    }
    input.truncate(LONGEST);
    input
}
