//! What any text is made of: characters, words, shingles, lines and their shapes.
//!
//! It uses no other room, and every other one that sees text uses it. Nothing here knows of pages or of what a line is for.

pub mod foreign;
pub mod lines;
pub mod shape;
pub mod shingle;
pub mod surrogates;
pub mod unicode_tables;
pub mod words;
