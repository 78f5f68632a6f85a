//! The native kernels of textclean: plain Rust, and one folder (`python`) that shows them to Python.

pub mod arrow;
pub mod dedupe;
pub mod digest;
pub mod folding;
pub mod index;
pub mod jaccard;
pub mod lsh;
pub mod minhash;
pub mod paragraphs;
pub mod prefix;
#[cfg(feature = "python")]
mod python;
pub mod shingle;
pub mod source;
pub mod table;
pub mod verify;
pub mod words;
pub mod workers;
