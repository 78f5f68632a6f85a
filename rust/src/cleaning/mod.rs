//! Many pages on their way through the steps, round by round.
//!
//! It uses `page` and the rooms whose steps label pages. The order of the steps stands in Python (`pipeline.py`); here stands what each step
//! does to all the pages of a batch, and when they are at rest.

pub mod batch;
