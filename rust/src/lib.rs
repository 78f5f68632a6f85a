//! The native kernels of textclean: plain Rust, and one folder (`python`) that shows them to Python.

pub mod fold;
pub mod folding;
pub mod label;
pub mod lines;
pub mod page;
#[cfg(feature = "python")]
mod python;
pub mod repeats;
pub mod rules;
pub mod scan;
pub mod shape;
pub mod shingle;
pub mod tidy;
pub mod unwrap;
pub mod words;
