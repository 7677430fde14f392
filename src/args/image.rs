//! The flags of `ls`, `cat` and `show`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use super::value::parse_offset;

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

/// Arguments of `dragnet show`.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Examples:
  dragnet show shell.aspx 0x1f 12
  dragnet show --context 256 server.E01::gpt/1::/inetpub/x.aspx 0x1f 12")]
pub(crate) struct ShowArgs {
    /// The file, or the object as `scan` and `ls` name it.
    #[arg(value_name = "OBJECT")]
    pub(crate) object: OsString,

    /// Where the bytes begin, as `scan -s` prints it.
    #[arg(value_name = "OFFSET", value_parser = parse_offset)]
    pub(crate) offset: u64,

    /// How many there are.
    #[arg(value_name = "LENGTH", value_parser = parse_offset, default_value = "16")]
    pub(crate) length: u64,

    /// Bytes to show on both sides.
    #[arg(
        short, long, value_name = "BYTES", value_parser = parse_offset,
        default_value = "64"
    )]
    pub(crate) context: u64,
}
