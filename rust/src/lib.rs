//! The native kernels of textclean.
pub mod fold;
pub mod lines;
pub mod rules;
pub mod scan;
pub mod shape;
pub mod tidy;
pub mod unwrap;
