//! What must hold of the native kernels for any bytes.
//!
//! Each file is a target: `check` makes an input of the bytes, calls a kernel, and panics if a contract of DESIGN.md does not hold, or if
//! a naive twin says otherwise. The functions know no fuzzer. libFuzzer calls them from `fuzz_targets/`, and `drive.rs` calls them on a
//! stable toolchain, with the seeds and mutations of these.

pub mod arrow;
pub mod clean;
pub mod dedup;
pub mod json;
pub mod model;
pub mod pages;
pub mod repair;
pub mod repeats;
pub mod rules;
pub mod settle;
pub mod split;
pub mod templates;
pub mod unwrap;
pub mod words;

/// A target: its name, and what must hold of any bytes.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 12] = [
    ("split", split::check),
    ("repair", repair::check),
    ("unwrap", unwrap::check),
    ("rules", rules::check),
    ("words", words::check),
    ("repeats", repeats::check),
    ("dedup", dedup::check),
    ("arrow", arrow::check),
    ("json", json::check),
    ("templates", templates::check),
    ("model", model::check),
    ("clean", clean::check),
];

/// Returns the first byte, which says how a text is to be taken, and the text behind it; what is no UTF-8 is replaced.
pub fn options_and_text(data: &[u8]) -> (u8, String) {
    let (options, text) = data.split_first().unwrap_or((&0, &[]));
    (*options, String::from_utf8_lossy(text).into_owned())
}
