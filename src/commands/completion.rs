//! `dragnet completion`

use clap::CommandFactory;

use crate::args::{Cli, CompletionArgs};
use crate::failure::{DONE, Failure};

/// Writes the script.
pub(crate) fn run(args: &CompletionArgs) -> Result<u8, Failure> {
    let mut script = Vec::new();
    let mut cli = Cli::command();
    clap_complete::generate(args.shell, &mut cli, "dragnet", &mut script);
    std::io::Write::write_all(&mut std::io::stdout(), &script)
        .map_err(|error| Failure::output(&error))?;
    Ok(DONE)
}
