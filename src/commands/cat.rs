//! `dragnet cat`

use std::io::{self, Write};
use std::path::Path;

use dragnet::Source as _;

use crate::args::CatArgs;
use crate::failure::{DONE, Failure};

/// Bytes that are read at a time.
const STEP: usize = 1 << 20;

/// Writes an object, and gives the exit code.
pub(crate) fn run(args: &CatArgs) -> Result<u8, Failure> {
    let wanted = Path::new(&args.object);
    let content = super::object::find(wanted)?;
    let mut out = io::stdout().lock();
    let mut buf = vec![0; STEP];
    let mut at = 0;
    loop {
        let count = content
            .read_at(at, &mut buf)
            .map_err(|error| Failure::path(wanted, error))?;
        if count == 0 {
            break;
        }
        out.write_all(&buf[..count])
            .map_err(|error| Failure::output(&error))?;
        at += count as u64;
    }
    out.flush().map_err(|error| Failure::output(&error))?;
    Ok(DONE)
}
