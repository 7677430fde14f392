//! The command line: arguments to command to exit code.
#![forbid(unsafe_code)]

mod args;
mod checkpoint;
mod commands;
mod config;
mod failure;
mod image;
mod known;
mod load;
mod personality;
mod progress;
mod render;
mod replace;
mod report;
mod schedule;
mod shard;
mod sink;
mod testing;
mod walk;
mod worker;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command, RuleArgs, YrCommand, split_last};
use commands::{
    bench, cat, check, compile, completion, dedup, diff, dump, explain, fmt,
    lint, ls, scan, show, test,
};
use failure::{DONE, Failure};

/// Compiling and small files are a fifth quicker with it than with the one of
/// the system. Without huge pages: they triple the memory of a scan.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = personality::arguments(std::env::args_os());
    let code = match run(Cli::parse_from(arguments).command) {
        Ok(code) => code,
        Err(Failure { message, code }) => {
            if !message.is_empty() {
                // If nobody listens, the exit code has to do.
                let _ = writeln!(std::io::stderr(), "error: {message}");
            }
            code
        }
    };
    ExitCode::from(code)
}

fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Scan(args) => scan::run(&args),
        Command::Compile(args) => {
            compile::run(&args.rules, &args.output, &args.rule_args)
        }
        Command::Check(args) => check::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Dedup(args) => dedup::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Lint(args) => lint::run(&args),
        Command::Fmt(args) => fmt::run(&args),
        Command::Dump(args) => dump::run(&args),
        Command::Ls(args) => ls::run(&args),
        Command::Cat(args) => cat::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Completion(args) => completion::run(&args),
        Command::Yara(args) if args.version => {
            let line = format!("4.5.4 (dragnet {})\n", dragnet::VERSION);
            std::io::stdout()
                .write_all(line.as_bytes())
                .map_err(|error| Failure::output(&error))?;
            Ok(DONE)
        }
        Command::Yara(args) => as_the_original(scan::run(&args.into_scan())),
        Command::Yarac(args) => {
            let how: RuleArgs = args.rule_args();
            let (rules, output) = split_last(args.operands);
            let output = output.unwrap_or_default();
            as_the_original(compile::run(&rules, output.as_ref(), &how))
        }
        Command::Yr(yr) => match yr.command {
            YrCommand::Scan(args) => {
                as_the_original(scan::run(&args.into_scan()))
            }
            YrCommand::Compile(args) => as_the_original(compile::run(
                &args.rules,
                &args.output,
                &args.rule_args,
            )),
            YrCommand::Check(args) => as_the_original(check::run(&args)),
            YrCommand::Dump(args) => as_the_original(dump::run(&args)),
            YrCommand::Completion(args) => completion::run(&args),
        },
    }
}

/// The other tools exit with 0, or with 1 after an error.
fn as_the_original(result: Result<u8, Failure>) -> Result<u8, Failure> {
    match result {
        Ok(0) => Ok(DONE),
        Ok(_) => Ok(1),
        Err(failure) => Err(Failure { code: 1, ..failure }),
    }
}
