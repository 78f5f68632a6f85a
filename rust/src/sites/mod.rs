//! What a site repeats on its pages: learned from many pages (`learn`), kept between two days of learning (`state`), found on one (`find`).
//!
//! It uses `text` and `page`; `cleaning` runs `find`, and Python drives `learn`. Whether a count is enough to remove a line, Python decides.

pub mod find;
pub mod key;
pub mod learn;
pub mod place;
pub mod site;
pub mod state;
pub mod story;
