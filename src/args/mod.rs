//! The flag tables.

mod check;
mod dump;
mod fmt;
mod image;
mod lint;
mod rules;
mod scan;
mod study;
mod test;
mod value;
mod yara;
mod yr;

pub(crate) use check::{CheckArgs, CheckFormat, CompileArgs, CompletionArgs};
pub(crate) use dump::{DumpArgs, DumpFormat};
pub(crate) use fmt::FmtArgs;
pub(crate) use image::{CatArgs, LsArgs, ShowArgs};
pub(crate) use lint::{LintArgs, LintFormat, LintLevel};
pub(crate) use rules::RuleArgs;
pub(crate) use scan::{ExitOn, Format, ScanArgs, ScanAs, Symlinks};
pub(crate) use study::{
    BenchArgs, DedupArgs, DiffArgs, DiffFail, DiffFormat, ExplainArgs,
};
pub(crate) use test::{CoverFormat, TestArgs, TestFormat};
pub(crate) use value::{
    parse_define, parse_module_data, parse_size, percentage, split_last,
    split_namespace,
};
pub(crate) use yara::{YaraArgs, YaracArgs};
pub(crate) use yr::YrCommand;

use clap::{Parser, Subcommand};

/// Finds web shells and loaders with YARA rules.
#[derive(Debug, Parser)]
#[command(name = "dragnet", version, max_term_width = 100)]
#[command(arg_required_else_help = true, propagate_version = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Scan files, directories or standard input with rules.
    Scan(Box<ScanArgs>),
    /// Compile rules into one file that loads at once.
    Compile(CompileArgs),
    /// Report errors and warnings in rules.
    Check(CheckArgs),
    /// Judge rules: logic, speed, metadata, names, other engines.
    Lint(Box<LintArgs>),
    /// Lay rules out in one form.
    Fmt(FmtArgs),
    /// Hold rules to the cases beside them.
    Test(Box<TestArgs>),
    /// Say why a rule matches a file, or why it does not.
    Explain(Box<ExplainArgs>),
    /// Compare two sets of rules by what they match.
    Diff(Box<DiffArgs>),
    /// Find rules that others make superfluous.
    Dedup(Box<DedupArgs>),
    /// Count what rules and their strings cost.
    Bench(Box<BenchArgs>),
    /// Print everything that modules know about a file.
    Dump(DumpArgs),
    /// List what is in an image of a disk or in an archive.
    Ls(LsArgs),
    /// Write the bytes of an object of an image.
    Cat(CatArgs),
    /// Show bytes of a file or an object, and where they lie.
    Show(ShowArgs),
    /// Write a completion script for a shell.
    Completion(CompletionArgs),
    /// Take the flags of YARA 4 and print as it does.
    Yara(Box<YaraArgs>),
    /// Take the flags of YARA's compiler.
    Yarac(YaracArgs),
    /// Take the flags of YARA-X and print as it does.
    Yr(YrPersonality),
}

/// The personality of YARA-X.
#[derive(Debug, clap::Args)]
pub(crate) struct YrPersonality {
    /// Accepted and ignored: there is no configuration of that kind.
    #[arg(short = 'C', long = "config", value_name = "CONFIG_FILE")]
    pub(crate) config: Option<std::path::PathBuf>,
    #[command(subcommand)]
    pub(crate) command: YrCommand,
}
