//! Lines that are known by what they say, and where on a page such a line may stand.
//!
//! It uses `text` and `page`; `cleaning` runs it. Which rules there are, and what they are called, Python knows.

pub mod candidates;
pub mod context;
pub mod fold;
pub mod groups;
pub mod literals;
pub mod names;
pub mod pattern;
pub mod prose;
pub mod ruleset;
pub mod seen;
pub mod tiers;
pub mod traits;
pub mod voice;
