//! Memory: dumps of processes and of machines, and processes that run.
//!
//! Hides the formats: each becomes a [`Space`] – stretches of addresses with
//! what is known of them, and where the dump has their bytes. A space gives
//! objects as a file system does, one for each mapping or for each module.

mod elf;
mod kernel;
mod lime;
mod live;
mod macho;
mod maps;
mod minidump;
mod notes;
mod objects;
mod space;

pub use live::processes;
pub(crate) use live::{open as open_process, reason_of_loss};
pub use space::{
    Module, Process, Protection, Region, RegionKind, Space, View,
};

use crate::{OpenError, Shared};

/// What becomes one object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Neighbouring regions of one mapping.
    #[default]
    Mapping,
    /// A program or library, from its first to its last mapping.
    Module,
    /// All memory of a process, as libyara sees it.
    Legacy,
    /// All memory of a process, of which no integer is read again.
    SinglePass,
    /// As before, and no module looks at it.
    Fast,
}

impl Unit {
    /// The name in output rows.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Mapping => "per-mapping",
            Unit::Module => "per-module",
            Unit::Legacy => "legacy",
            Unit::SinglePass => "single-pass",
            Unit::Fast => "fast",
        }
    }

    /// Are all mappings of a process one object?
    pub fn is_whole(self) -> bool {
        matches!(self, Unit::Legacy | Unit::SinglePass | Unit::Fast)
    }
}

/// Opens a dump, recognised by its content; `None` if it is none.
///
/// # Errors
/// It is one, but cannot be read at all.
pub(crate) fn open(source: &Shared) -> Result<Option<Space>, OpenError> {
    let openers =
        [elf::open, minidump::open, kernel::open, lime::open, macho::open];
    for open in openers {
        if let Some(space) = open(source)? {
            // What holds no memory is a file like others.
            return Ok(Some(space).filter(|space| !space.stored.is_empty()));
        }
    }
    Ok(None)
}
