//! File systems against their source files, the Sleuth Kit, and damage.
//!
//! The images are built by `fixtures/build.sh`; without the variable
//! `DRAGNET_FIXTURES`, which names their folder, nothing is tested here.
//! `DRAGNET_IMAGES` may name a folder with any other images: their files are
//! compared with the folder `NAME.files` beside `NAME.raw`, or else with the
//! Sleuth Kit, and their space is checked.

// Says what it skips.
#![allow(clippy::print_stderr)]

mod common;
mod ext;
mod fat;
#[path = "../fixtures/mod.rs"]
mod fixtures;
mod iso;
mod ntfs;
mod others;
mod xfs;
