//! Which texts repeat which, across documents.
//!
//! It uses `text`, `repair` (for paragraphs) and `workers`, and nothing that knows of pages; Python's `Texts` and `Spooled` are its doors.
//! The way: `texts` lays texts out, `digest` makes keys of each (`prefix`, or `lsh` over `minhash`), `index` finds who shares keys, `decide`
//! goes through the texts in order and has `verify` compare what may repeat; `sift` tells beforehand which texts can take part at all, `keyed` what an index on disk
//! knows texts by.

pub mod decide;
pub mod digest;
pub mod index;
pub mod jaccard;
pub mod keyed;
pub mod lsh;
pub mod minhash;
pub mod numbering;
pub mod numbers;
pub mod prefix;
pub mod sift;
pub mod texts;
pub mod verify;
