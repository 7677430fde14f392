//! Scanning one object.

mod matches;

pub use matches::{Match, MatchTable};
