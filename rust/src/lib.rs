//! The native kernels of textclean.

pub mod folding;
pub mod shingle;
pub mod words;
