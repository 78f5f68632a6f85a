//! One document as data: its units, what they were found to be, what was cut, and the account of it.
//!
//! It uses `text` and `repair`. The steps (`rules`, `model`, `repeats`, `sites`) read a page and leave labels on it; a page knows none of
//! them.

pub mod account;
mod code;
pub mod document;
mod join;
pub mod label;
mod places;
pub mod source;
pub mod title;
pub mod units;
