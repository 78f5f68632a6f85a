//! The native kernels of textclean.

pub mod dedupe;
pub mod digest;
pub mod folding;
pub mod jaccard;
pub mod lsh;
pub mod minhash;
pub mod prefix;
pub mod shingle;
pub mod source;
pub mod table;
pub mod verify;
pub mod words;
pub mod workers;
