//! `cargo bench --bench peers -- --rules DIR`: builds the command with the
//! release settings and times it beside the peers with `benches/peers.py`,
//! whose `--help` says what else it takes.

#![allow(clippy::print_stderr, reason = "a benchmark has no other voice")]

use std::env;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers.py");
    // `cargo bench` adds this flag for harnesses that know it.
    let arguments = env::args_os().skip(1).filter(|a| a != "--bench");
    let status = Command::new("python3")
        .arg(script)
        .args(["--binary", env!("CARGO_BIN_EXE_dragnet")])
        .args(arguments)
        .status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("python3 {script}: {error}");
            ExitCode::FAILURE
        }
    }
}
