//! Flags about rules, shared by every command that compiles.

use std::path::PathBuf;

use clap::{ArgAction, Args};

/// How rules are compiled.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Rules")]
pub(crate) struct RuleArgs {
    /// Define an external variable. The value is a number, true, false or
    /// text; a JSON string ("...") is always text.
    #[arg(short = 'd', long = "define", value_name = "VAR=VALUE")]
    pub(crate) define: Vec<String>,

    /// Also look for included files in this directory; can be repeated.
    #[arg(long, value_name = "DIR")]
    pub(crate) include_dir: Vec<PathBuf>,

    /// Use the path of each rule file as its namespace.
    #[arg(long)]
    pub(crate) path_as_namespace: bool,

    /// Go on without the rules that do not compile, and list them.
    #[arg(long, alias = "ignore-invalid-rules")]
    pub(crate) skip_bad: bool,

    /// Refuse rules that cause a warning.
    #[arg(long, alias = "fail-on-warnings")]
    pub(crate) deny_warnings: bool,

    /// Do not report warnings with this code; can be repeated.
    #[arg(long, value_name = "CODE")]
    pub(crate) disable_warning: Vec<String>,

    /// Report no warnings, or none of the given kinds.
    #[arg(
        short = 'w', long = "disable-warnings", alias = "no-warnings",
        value_name = "CODES", num_args = 0..=1, require_equals = true,
        default_missing_value = "all", value_delimiter = ',',
        action = ArgAction::Append
    )]
    pub(crate) disable_warnings: Vec<String>,

    /// Leave out rules that depend on this module; can be repeated.
    #[arg(short = 'I', long, value_name = "MODULE")]
    pub(crate) ignore_module: Vec<String>,

    /// Warn about unknown escape sequences. They are always reported.
    #[arg(short = 'E', long, hide = true)]
    pub(crate) strict_escape: bool,

    /// Accept unknown escape sequences. They are always accepted.
    #[arg(long, hide = true)]
    pub(crate) relaxed_re_syntax: bool,

    /// Has no effect: the engine needs no such table.
    #[arg(long, value_name = "FILE", hide = true)]
    pub(crate) atom_quality_table: Option<PathBuf>,

    /// Has no effect: the number of strings is not limited.
    #[arg(long, value_name = "NUMBER", hide = true)]
    pub(crate) max_strings_per_rule: Option<u64>,

    /// Has no effect: the stack grows as it is needed.
    #[arg(short = 'k', long, value_name = "SLOTS", hide = true)]
    pub(crate) stack_size: Option<u64>,
}
