//! The native kernels of textclean: plain Rust, and one room (`python`) that shows them to Python.
//!
//! A room is a folder with one purpose, which its `mod.rs` states. A room uses only what stands below it; `tests/rooms.rs` holds the
//! walls. The floors, ground floor first:
//!
//! | room | what it is for |
//! |---|---|
//! | [`workers`], [`json`] | threads; records of JSON: tools that know nothing of texts |
//! | [`text`] | characters, words, lines: what any text is made of |
//! | [`repair`] | damage, and line ends that a program made |
//! | [`page`] | one document as data: units, labels, title, the account of what went |
//! | [`rules`] | lines known by what they say, and where such a line may stand |
//! | [`model`] | lines known by what stands around them |
//! | [`repeats`] | what a document says twice |
//! | [`sites`] | what a site repeats |
//! | [`cleaning`] | many pages on their way, round by round |
//! | [`dedup`] | which texts repeat which, across documents; it shares only `text`, `repair` and `workers` with the rooms above |
//! | `python` | what Python sees |

pub mod cleaning;
pub mod dedup;
pub mod json;
pub mod model;
pub mod page;
#[cfg(feature = "python")]
mod python;
pub mod repair;
pub mod repeats;
pub mod rules;
pub mod sites;
pub mod text;
pub mod workers;
