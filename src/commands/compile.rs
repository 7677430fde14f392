//! `dragnet compile`

use std::ffi::OsString;
use std::path::Path;

use crate::args::RuleArgs;
use crate::failure::{DONE, Failure};
use crate::{load, replace};

/// Compiles the rules and writes them to `output`, whole or not at all.
pub(crate) fn run(
    rules: &[OsString],
    output: &Path,
    args: &RuleArgs,
) -> Result<u8, Failure> {
    let operands = load::operands(rules)?;
    let compiled = load::compile(&operands, args)?;
    let rules = load::accept(compiled, args)?;
    replace::output(output, rules.bytes())
        .map_err(|error| Failure::path(output, error))?;
    Ok(DONE)
}
