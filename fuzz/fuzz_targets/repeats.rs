//! The contract of `src/repeats.rs`, as libFuzzer wants it.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| textclean_fuzz::repeats::check(data));
