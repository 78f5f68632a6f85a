//! The contract of `src/templates.rs`, as libFuzzer wants it.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| textclean_fuzz::templates::check(data));
