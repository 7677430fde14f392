//! The flags of `fmt`.

use std::path::PathBuf;

use clap::Args;

/// Arguments of `dragnet fmt`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  dragnet fmt rules
  dragnet fmt --check rules
  dragnet fmt --check --diff rules
  dragnet fmt --diff rules/php/panels.yar
  dragnet fmt - < rules.yar

`[fmt]` of dragnet.toml sets indent, width, hex_bytes, brace (same_line or
next_line), align_meta and align_strings.")]
pub(crate) struct FmtArgs {
    /// Rule files and directories, or `-` for standard input; by default,
    /// the current directory.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// Write nothing; name the files that would change, and exit with 1 if
    /// any would.
    #[arg(long)]
    pub(crate) check: bool,

    /// Write nothing; print what would change. Goes with --check.
    #[arg(long)]
    pub(crate) diff: bool,
}
