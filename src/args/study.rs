//! The flags of what looks into rules: `explain`, `diff`, `dedup`, `bench`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::RuleArgs;
use super::value::parse_percent;

/// Arguments of `dragnet explain`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  dragnet explain upload.php my_rule
  dragnet explain --rules my.yar upload.php my_rule
  dragnet explain --json --rules my.yar server.E01::gpt/1::/web/x.php my_rule")]
pub(crate) struct ExplainArgs {
    /// The file, or the object of an image as `scan` and `ls` name it.
    #[arg(value_name = "OBJECT")]
    pub(crate) object: OsString,

    /// The rule; `namespace:name` if there are several. With `--all`, none.
    #[arg(value_name = "RULE", required_unless_present = "all")]
    pub(crate) rule: Option<String>,

    /// Rule files and directories; can be repeated. By default, the current
    /// directory.
    #[arg(long, value_name = "PATH")]
    pub(crate) rules: Vec<OsString>,

    /// Explain every rule of which a string matches.
    #[arg(long, conflicts_with = "rule")]
    pub(crate) all: bool,

    /// Write one document.
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) rule_args: RuleArgs,
}

/// How differences are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people.
    #[default]
    Text,
    /// One document.
    Json,
    /// For the comment of a pull request.
    Markdown,
}

/// What makes `diff` end with 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFail {
    /// A file is no longer hit.
    Lost,
    /// A file is newly hit.
    New,
    /// A rule matches more than before.
    Widened,
    /// A rule matches less than before.
    Narrowed,
    /// A rule is gone.
    Removed,
    /// The counted work grew by more than a tenth.
    Cost,
}

/// Arguments of `dragnet diff`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  dragnet diff old.yar new.yar
  dragnet diff main rules --format markdown
  dragnet diff v1.0 rules --corpus samples --fail-on lost,widened")]
pub(crate) struct DiffArgs {
    /// A rule file, a directory, or a git revision.
    #[arg(value_name = "OLD")]
    pub(crate) old: OsString,

    /// A rule file, a directory, or a git revision; two revisions are
    /// compared over the rule files of the current directory.
    #[arg(value_name = "NEW")]
    pub(crate) new: OsString,

    /// Files that both are compared on: what is newly hit, what is lost,
    /// what it costs; can be repeated.
    #[arg(long, value_name = "PATH")]
    pub(crate) corpus: Vec<PathBuf>,

    /// How differences are written.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: DiffFormat,

    /// End with 1 if there is something of these kinds.
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    pub(crate) fail_on: Vec<DiffFail>,

    #[command(flatten)]
    pub(crate) rule_args: RuleArgs,
}

/// Arguments of `dragnet dedup`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  dragnet dedup rules
  dragnet dedup rules third-party --corpus samples --json")]
pub(crate) struct DedupArgs {
    /// Rule files and directories; by default, the current directory.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<OsString>,

    /// Files on which rules that hit the same are found; can be repeated.
    #[arg(long, value_name = "PATH")]
    pub(crate) corpus: Vec<PathBuf>,

    /// Write one document.
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) rule_args: RuleArgs,
}

/// Arguments of `dragnet bench`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  dragnet bench rules --corpus goodware --top 20
  dragnet bench rules --against main --max-regress 10%")]
pub(crate) struct BenchArgs {
    /// Rule files and directories; by default, the current directory.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<OsString>,

    /// Files that are searched; can be repeated. Without any, made-up ones:
    /// random bytes, text, scripts, programs, each small, middle and large.
    #[arg(long, value_name = "PATH")]
    pub(crate) corpus: Vec<PathBuf>,

    /// How many of the most costly rules and strings are listed.
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    pub(crate) top: usize,

    /// Compare with the rules at this git revision, or with other files.
    #[arg(long, value_name = "REF")]
    pub(crate) against: Option<OsString>,

    /// Fail if all the counted work together grew by more than so many
    /// percent (`10` or `10%`).
    #[arg(
        long, value_name = "PERCENT", requires = "against",
        value_parser = parse_percent
    )]
    pub(crate) max_regress: Option<f64>,

    /// Write one document.
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) rule_args: RuleArgs,
}
