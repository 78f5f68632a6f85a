//! What a document says twice.
//!
//! It uses `text` and `page`; `cleaning` runs it. Repeats between documents are the business of `dedup`.

pub mod cover;
pub mod dateline;
pub mod find;
pub mod loose;
pub mod owners;
pub mod said;
pub mod shingle_table;
pub mod spelling;
pub mod strict;
pub mod structure;
pub mod units;
