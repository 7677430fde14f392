//! The flags of `test`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::RuleArgs;
use super::value::{parse_duration, parse_percent};

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people.
    Text,
    /// One document.
    Json,
    /// JUnit XML.
    Junit,
    /// Annotations of GitHub workflows.
    Github,
}

/// How coverage is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CoverFormat {
    /// For people.
    Text,
    /// One document.
    Json,
    /// LCOV.
    Lcov,
    /// One page with the rules.
    Html,
}

/// Arguments of `dragnet test`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  dragnet test rules
  dragnet test rules/php/panels.yar --run '*upload*'
  dragnet test rules --changed
  dragnet test rules --format junit > results.xml
  dragnet test rules --missing
  dragnet test rules --coverage=html --out coverage.html
  dragnet test rules --mutate --max-survivors 20%
  dragnet test rules --clean /usr/share --min-files 2000 --baseline fp.ndjson
  dragnet test rules.yar --coverage --corpus samples/")]
pub(crate) struct TestArgs {
    /// Rule files, manifests (NAME.test.toml) and directories; by default,
    /// the current directory.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<OsString>,

    /// Run only cases whose name or rule is like this.
    #[arg(long, value_name = "GLOB")]
    pub(crate) run: Option<String>,

    /// Run only cases of rule files in which the logic or metadata of a rule
    /// differ from a git revision, and cases that differ themselves. Without
    /// a revision: from where the branch left the default one.
    #[arg(
        long, value_name = "REF", num_args = 0..=1, require_equals = true,
        default_missing_value = "",
        conflicts_with_all =
            ["missing", "coverage", "min_strings", "min_rules", "mutate"]
    )]
    pub(crate) changed: Option<String>,

    /// How results are written; `github` inside of a GitHub workflow, else
    /// `text`.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<TestFormat>,

    /// A directory of samples, named by their SHA-256.
    #[arg(long, value_name = "DIR")]
    pub(crate) samples: Option<PathBuf>,

    /// Give no judgement when a sample is missing.
    #[arg(long)]
    pub(crate) require_samples: bool,

    /// To test nothing is no failure: for hooks, which are given whatever
    /// files change.
    #[arg(long)]
    pub(crate) allow_empty: bool,

    /// List rules without a case that matches, or without one that does not.
    #[arg(long)]
    pub(crate) missing: bool,

    /// Write what was observed into `strings`, `offsets` and `counts` of the
    /// cases that have them, and show the difference.
    #[arg(long)]
    pub(crate) update: bool,

    /// Write `text` inputs that rules report as `base64`, and pack plain
    /// `file` inputs that they report as `.xz`, so that antivirus leaves both
    /// alone.
    #[arg(long)]
    pub(crate) encode: bool,

    /// Say what of the rules is exercised: rules, strings, branches.
    #[arg(
        long, value_name = "FORMAT", num_args = 0..=1,
        require_equals = true, default_missing_value = "text"
    )]
    pub(crate) coverage: Option<CoverFormat>,

    /// Also look at these files for coverage; can be repeated.
    #[arg(long, value_name = "PATH")]
    pub(crate) corpus: Vec<PathBuf>,

    /// Fail if fewer of the strings (in percent) are exercised.
    #[arg(long, value_name = "PERCENT", value_parser = parse_percent)]
    pub(crate) min_strings: Option<f64>,

    /// Fail if fewer of the rules (in percent) match anything.
    #[arg(long, value_name = "PERCENT", value_parser = parse_percent)]
    pub(crate) min_rules: Option<f64>,

    /// Files that no rule may hit: files, directories, or lists of files
    /// (`.files`); can be repeated.
    #[arg(long, value_name = "PATH")]
    pub(crate) clean: Vec<PathBuf>,

    /// Give no judgement if fewer clean files were really scanned.
    #[arg(long, value_name = "NUMBER", requires = "clean")]
    pub(crate) min_files: Option<u64>,

    /// Hits of clean files that are known, one JSON object a line. The list
    /// may only become shorter.
    #[arg(long, value_name = "FILE", requires = "clean")]
    pub(crate) baseline: Option<PathBuf>,

    /// Take hits that are gone off the list of known ones; where there is
    /// no list, begin one.
    #[arg(long)]
    pub(crate) write_baseline: bool,

    /// Change each rule in all ways, and list the changes that no case
    /// notices. With a git revision: only rules whose logic is not in it.
    #[arg(
        long, value_name = "REF", num_args = 0..=1, require_equals = true,
        default_missing_value = ""
    )]
    pub(crate) mutate: Option<String>,

    /// Fail if more of the changes (in percent) are not noticed.
    #[arg(long, value_name = "PERCENT", value_parser = parse_percent)]
    pub(crate) max_survivors: Option<f64>,

    /// Stop mutating after this time (`120`, `120s`, `2m`), and say what is
    /// left.
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub(crate) budget: Option<Duration>,

    /// Write coverage as JSON, LCOV or HTML to this file, and survivors as
    /// JSON; with `--coverage=json` both are one document.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) rule_args: RuleArgs,
}
