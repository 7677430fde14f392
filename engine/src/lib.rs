//! Scans bytes with compiled rule sets.
//!
//! The engine opens no file, starts no thread and prints nothing.
#![deny(unsafe_code)]

pub mod cond;
pub mod module;
pub mod prefilter;
pub mod ruleset;
pub mod scan;
pub mod source;
pub mod verify;
