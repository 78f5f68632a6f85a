//! The native kernels of textclean: plain Rust, and one folder (`python`) that shows them to Python.

pub mod arrow;
pub mod counts;
pub mod dedupe;
pub mod digest;
pub mod fold;
pub mod folding;
pub mod index;
pub mod jaccard;
pub mod label;
pub mod lines;
pub mod literals;
pub mod lsh;
pub mod minhash;
pub mod page;
pub mod paragraphs;
pub mod prefix;
#[cfg(feature = "python")]
mod python;
pub mod repeats;
pub mod rules;
pub mod scan;
pub mod shape;
pub mod shingle;
pub mod source;
pub mod spool;
pub mod table;
pub mod tidy;
pub mod unwrap;
pub mod verify;
pub mod words;
pub mod workers;
