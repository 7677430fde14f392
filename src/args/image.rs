//! The flags of `ls` and `cat`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

/// Arguments of `dragnet ls`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  dragnet ls server.E01
  dragnet ls --json disk.qcow2")]
pub(crate) struct LsArgs {
    /// The image of a disk, or an archive.
    #[arg(value_name = "IMAGE")]
    pub(crate) image: PathBuf,

    /// Write one row of JSON for each object.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `dragnet cat`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  dragnet cat server.E01::gpt/1::/inetpub/wwwroot/shell.aspx
  dragnet cat 'disk.qcow2::gpt/2::$unallocated/0x400000' | xxd | head")]
pub(crate) struct CatArgs {
    /// The object, as `scan` and `ls` name it.
    #[arg(value_name = "IMAGE::OBJECT")]
    pub(crate) object: OsString,
}
