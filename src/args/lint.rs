//! The flags of `lint`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintFormat {
    /// For people.
    Text,
    /// One document.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit XML.
    Junit,
    /// Annotations of GitHub workflows.
    Github,
}

/// From which level on findings are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LintLevel {
    /// All.
    Info,
    /// Warnings and errors.
    Warning,
    /// Errors only.
    Error,
}

/// Arguments of `dragnet lint`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  dragnet lint rules
  dragnet lint --level info --statistics rules
  dragnet lint --fix --diff rules
  dragnet lint --select P,L001 rules
  dragnet lint --write-baseline known.txt rules
  dragnet lint --baseline known.txt --format sarif rules > lint.sarif
  dragnet lint --new-from origin/main rules
  dragnet lint --explain P001

A comment `// suppress: P001 -- reason` keeps a lint silent: for the string or
rule behind it, for its line, or, set apart at the head, for the file.")]
pub(crate) struct LintArgs {
    /// Rule files and directories, or `-` for standard input; by default,
    /// the current directory.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// Explain a lint, or list all of them (`--explain list`).
    #[arg(long, value_name = "ID", conflicts_with = "paths")]
    pub(crate) explain: Option<String>,

    /// How findings are written; `github` inside of a GitHub workflow, else
    /// `text`.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<LintFormat>,

    /// From which level on findings are reported.
    #[arg(long, value_name = "LEVEL", default_value = "warning")]
    pub(crate) level: LintLevel,

    /// Only these lints: ids, names or families, such as `P`.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pub(crate) select: Vec<String>,

    /// None of these lints.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,

    /// Repair what can be repaired without changing what rules find.
    #[arg(long)]
    pub(crate) fix: bool,

    /// With --fix: also repair what somebody has to look at.
    #[arg(long = "unsafe", requires = "fix")]
    pub(crate) with_unsafe: bool,

    /// With --fix: write nothing, print what would change.
    #[arg(long, requires = "fix")]
    pub(crate) diff: bool,

    /// Do not count findings that this file lists.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,

    /// Write a list of all findings, for --baseline.
    #[arg(long, value_name = "FILE")]
    pub(crate) write_baseline: Option<PathBuf>,

    /// Only what is about lines or rules that changed since this revision of
    /// git.
    #[arg(long, value_name = "REVISION")]
    pub(crate) new_from: Option<String>,

    /// A directory of samples, as for `test`: M015 looks at those that rules
    /// name.
    #[arg(long, value_name = "DIR")]
    pub(crate) samples: Option<PathBuf>,

    /// Count the findings of each lint.
    #[arg(long)]
    pub(crate) statistics: bool,

    /// The name of what standard input holds.
    #[arg(long, value_name = "PATH")]
    pub(crate) stdin_filename: Option<PathBuf>,

    /// Define an external variable, as for `scan`.
    #[arg(short = 'd', long = "define", value_name = "VAR=VALUE")]
    pub(crate) define: Vec<String>,

    /// Also look for included files in this directory; can be repeated.
    #[arg(long, value_name = "DIR")]
    pub(crate) include_dir: Vec<PathBuf>,

    /// Leave out rules that depend on this module; can be repeated.
    #[arg(short = 'I', long, value_name = "MODULE")]
    pub(crate) ignore_module: Vec<String>,
}
