//! The flags of `compile`, `check` and `completion`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::RuleArgs;

/// Arguments of `dragnet compile`.
#[derive(Args, Clone, Debug)]
pub(crate) struct CompileArgs {
    /// Rule files and directories, each with an optional namespace in front
    /// (`name:path`).
    #[arg(value_name = "RULES", required = true)]
    pub(crate) rules: Vec<OsString>,

    /// Where to write the compiled rules.
    #[arg(short, long, value_name = "FILE", default_value = "rules.drs")]
    pub(crate) output: PathBuf,

    #[command(flatten)]
    pub(crate) rule_args: RuleArgs,
}

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people.
    Text,
    /// One document.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of GitHub workflows.
    Github,
}

/// Arguments of `dragnet check`.
#[derive(Args, Clone, Debug)]
pub(crate) struct CheckArgs {
    /// Rule files and directories; by default, the current directory.
    #[arg(value_name = "PATH")]
    pub(crate) rules: Vec<OsString>,

    /// Explain a code, or list all codes (`--explain list`).
    #[arg(long, value_name = "CODE", conflicts_with = "rules")]
    pub(crate) explain: Option<String>,

    /// How diagnostics are written; `github` inside of a GitHub workflow,
    /// else `text`.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<CheckFormat>,

    #[command(flatten)]
    pub(crate) rule_args: RuleArgs,
}

/// Arguments of `dragnet completion`.
#[derive(Args, Clone, Debug)]
pub(crate) struct CompletionArgs {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}
