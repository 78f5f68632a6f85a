//! The native kernels of textclean: plain Rust, and one folder (`python`) that shows them to Python.

pub mod arrow;
pub mod counts;
pub mod dedupe;
pub mod digest;
pub mod features;
pub mod fold;
pub mod folding;
pub mod forest;
pub mod index;
pub mod jaccard;
pub mod judge;
pub mod label;
pub mod lines;
pub mod literals;
pub mod lsh;
pub mod minhash;
pub mod page;
pub mod paragraphs;
pub mod prefix;
pub mod profile;
#[cfg(feature = "python")]
mod python;
pub mod repeats;
pub mod rules;
pub mod scan;
pub mod shape;
pub mod shingle;
pub mod source;
pub mod table;
pub mod tidy;
pub mod unwrap;
pub mod verify;
pub mod words;
pub mod workers;
