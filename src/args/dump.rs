//! The flags of `dump`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// How values are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum DumpFormat {
    /// Indented lines.
    #[default]
    Yaml,
    /// One document.
    Json,
}

/// Arguments of `dragnet dump`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  dragnet dump setup.exe
  dragnet dump -m pe -m dotnet --format json setup.exe
  curl -s https://example.com/file | dragnet dump")]
pub(crate) struct DumpArgs {
    /// The file; by default, or as `-`, standard input.
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,

    /// Print this module, whatever the file is; can be repeated. By default,
    /// all modules that recognise the file.
    #[arg(
        short,
        long = "module",
        value_name = "MODULE",
        value_delimiter = ','
    )]
    pub(crate) modules: Vec<String>,

    /// Give a file to a module as additional data.
    #[arg(short = 'x', long, value_name = "MODULE=FILE")]
    pub(crate) module_data: Vec<OsString>,

    /// How values are written.
    #[arg(
        short = 'o',
        long,
        alias = "output-format",
        value_name = "FORMAT",
        default_value = "yaml"
    )]
    pub(crate) format: DumpFormat,

    /// Has no effect: there are no colours.
    #[arg(long, hide = true)]
    pub(crate) no_colors: bool,
}
