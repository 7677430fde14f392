//! One file for each command.

use std::io::{self, Write};

use crate::failure::Failure;

pub(crate) mod bench;
pub(crate) mod cat;
pub(crate) mod check;
pub(crate) mod compile;
pub(crate) mod completion;
pub(crate) mod dedup;
pub(crate) mod diff;
pub(crate) mod dump;
pub(crate) mod explain;
pub(crate) mod fmt;
pub(crate) mod lint;
pub(crate) mod ls;
pub(crate) mod object;
pub(crate) mod scan;
pub(crate) mod show;
mod stats;
pub(crate) mod test;
mod test_clean;
mod test_study;

/// Writes a text that is made whole before.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Failure::output(&error))
}
