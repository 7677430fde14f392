//! `dragnet compile`

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

use crate::args::RuleArgs;
use crate::failure::{DONE, Failure};
use crate::load;

/// Compiles the rules and writes them to `output`, whole or not at all.
pub(crate) fn run(
    rules: &[OsString],
    output: &Path,
    args: &RuleArgs,
) -> Result<u8, Failure> {
    let operands = load::operands(rules)?;
    let compiled = load::compile(&operands, args)?;
    let rules = load::accept(compiled, args)?;
    write_whole(output, rules.bytes())
        .map_err(|error| Failure::path(output, error))?;
    Ok(DONE)
}

/// Nobody ever sees half of the file.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A device or a pipe is written to, not replaced.
    if path.metadata().is_ok_and(|meta| !meta.is_file()) {
        return fs::write(path, bytes);
    }
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::other("not the name of a file"))?;
    let mut beside = OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(beside);
    let written =
        write_synced(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // Nothing more can be done about it.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file =
        fs::File::options().write(true).create_new(true).open(path)?;
    io::Write::write_all(&mut file, bytes)?;
    file.sync_all()
}
