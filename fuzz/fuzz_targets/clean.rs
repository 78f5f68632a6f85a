//! The contract of `src/clean.rs`, as libFuzzer wants it.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| textclean_fuzz::clean::check(data));
