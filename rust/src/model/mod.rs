//! Lines that are known by what stands around them: the line model.
//!
//! It uses `text` and `page`, and knows of rules only what labels say; `cleaning` runs it. The trees come from a file that Python reads.

pub mod bar;
pub mod features;
pub mod forest;
pub mod groups;
pub mod judge;
pub mod kinds;
pub mod lexicon;
pub mod profile;
pub mod teach;
