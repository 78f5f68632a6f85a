//! Where texts are while they are compared: anything that lays them out by number (`source`), Arrow memory, files.
//!
//! It uses `repair` for paragraphs; the rest of `dedup` uses it, and sees only [`source::Source`].

pub mod arrow;
mod arrow_abi;
mod arrow_values;
pub mod source;
pub mod spool;
