//! Damage in a line, and line ends that a program made.
//!
//! It uses `text`; pages are made with it, and `dedup` finds paragraphs with it. Each function sees one line, or one block of lines, and
//! no page.

pub mod code;
pub mod code_marks;
pub mod html;
pub mod inline;
pub mod markup;
pub mod paragraphs;
pub mod scan;
pub mod tidy;
pub mod unwrap;
