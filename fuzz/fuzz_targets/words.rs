//! The contract of `src/words.rs`, as libFuzzer wants it.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| textclean_fuzz::words::check(data));
