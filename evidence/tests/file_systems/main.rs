//! File systems against their source files, the Sleuth Kit, and damage.
//!
//! The images are built by `fixtures/build.sh`; without the variable
//! `DRAGNET_FIXTURES`, which names their folder, nothing is tested here.

mod common;
mod ntfs;
