//! What a document says twice.
//!
//! It uses `text` and `page`; `cleaning` runs it. Repeats between documents are the business of `dedup`.

pub mod find;
pub mod shingle_table;
