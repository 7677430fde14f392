//! Opens what Dragnet scans.
//!
//! Turns a path into bytes, or into a typed [`Reason`] why there are none.
//! Knows no rules, starts no threads, prints nothing, writes nothing.
#![deny(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used
    )
)]

pub mod container;
mod content;
mod file;
pub mod fs;
mod layer;
mod map;
mod medium;
pub mod memory;
mod object;
mod reason;
pub mod volume;

pub use content::Content;
pub use file::{
    DEFAULT_READ_LIMIT, FileData, Integrity, MAP_THRESHOLD, OpenError, Opener,
    read_stream,
};
pub use layer::{FileSource, Part, Shared};
pub use map::{Mapping, forget, is_hole};
pub use medium::{
    Claim, Entry, Map, Medium, Mounted, ReadReport, What, read_whole, spool,
};
pub use memory::{Process, Region, Space, Unit};
pub use object::{
    FileSystem, Form, Item, Object, ObjectKind, Problem, Run, Times, WofMethod,
};
pub use reason::Reason;
