//! The header of a QCOW2 image and its extensions.

use std::num::NonZeroU64;

use crate::container::field::{Fields, corrupt, peek, read_vec};
use crate::{OpenError, Reason, Shared};

const DATA_FILE: u64 = 1 << 2;
const COMPRESSION: u64 = 1 << 3;
const EXTENDED_L2: u64 = 1 << 4;
/// Dirty and corrupt, and those above.
const KNOWN: u64 = 0b11 | DATA_FILE | COMPRESSION | EXTENDED_L2;

const BACKING_FORMAT: u32 = 0xE279_2ACA;
const DATA_FILE_NAME: u32 = 0x4441_5441;

/// How clusters are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Deflate,
    Zstd,
}

/// What the header says.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) version: u32,
    pub(super) size: u64,
    pub(super) cluster: NonZeroU64,
    pub(super) cluster_bits: u32,
    pub(super) l1: u64,
    pub(super) l1_entries: u64,
    pub(super) extended: bool,
    pub(super) packing: Packing,
    pub(super) backing: Option<String>,
    pub(super) backing_is_raw: bool,
    pub(super) data_file: Option<String>,
    pub(super) is_corrupt: bool,
    pub(super) snapshots: u32,
}

impl Header {
    pub(super) fn read(
        source: &Shared,
        head: &[u8],
    ) -> Result<Header, OpenError> {
        let fields = Fields(head);
        Header::parse(source, fields)
            .unwrap_or_else(|| Err(corrupt("the header is cut off")))
    }

    /// `None` if the header ends too early.
    fn parse(
        source: &Shared,
        head: Fields<'_>,
    ) -> Option<Result<Header, OpenError>> {
        let version = head.be32(4)?;
        let size = head.be64(24)?;
        let unsupported = |detail: String| {
            let mut error = OpenError::new(Reason::UnsupportedFormat, detail);
            error.bytes = Some(size);
            Some(Err(error))
        };
        if !matches!(version, 2 | 3) {
            return unsupported(format!("version {version}"));
        }
        if head.be32(32)? != 0 {
            let mut error = OpenError::new(
                Reason::Encrypted,
                "the clusters are encrypted",
            );
            error.bytes = Some(size);
            return Some(Err(error));
        }
        let flags = if version == 2 { 0 } else { head.be64(72)? };
        if flags & !KNOWN != 0 {
            let unknown = flags & !KNOWN;
            return unsupported(format!("unknown features {unknown:#x}"));
        }
        let packing = match flags & COMPRESSION {
            0 => 0,
            _ => head.u8(104)?,
        };
        let packing = match packing {
            0 => Packing::Deflate,
            1 => Packing::Zstd,
            other => {
                return unsupported(format!("compression of type {other}"));
            }
        };
        let cluster_bits = head.be32(20)?;
        let extended = flags & EXTENDED_L2 != 0;
        let smallest = if extended { 14 } else { 9 };
        let cluster = 1u64
            .checked_shl(cluster_bits)
            .filter(|_| (smallest..=21).contains(&cluster_bits))
            .and_then(NonZeroU64::new);
        let Some(cluster) = cluster else {
            let detail = format!("clusters of 2^{cluster_bits} bytes");
            return Some(Err(corrupt(detail)));
        };
        if size > i64::MAX as u64 {
            return Some(Err(corrupt("an impossible size")));
        }
        let mut header = Header {
            version,
            size,
            cluster,
            cluster_bits,
            l1: head.be64(40)?,
            l1_entries: u64::from(head.be32(36)?),
            extended,
            packing,
            backing: None,
            backing_is_raw: false,
            data_file: None,
            is_corrupt: flags & 2 != 0,
            snapshots: head.be32(60)?,
        };
        let length = if version == 2 { 72 } else { head.be32(100)? };
        header.extensions(source, u64::from(length));
        if flags & DATA_FILE == 0 {
            header.data_file = None;
        } else if header.data_file.is_none() {
            header.data_file = Some(String::new());
        }
        let name = head.be64(8)?;
        let length = head.be32(16)?;
        if name != 0 && length != 0 {
            if length > 1023 {
                return Some(Err(corrupt("the name of the backing file")));
            }
            let what = "name of the backing file";
            let bytes = read_vec(source, name, u64::from(length), what);
            match bytes {
                Ok(bytes) => {
                    let name = String::from_utf8_lossy(&bytes);
                    header.backing = Some(name.into_owned());
                }
                Err(error) => return Some(Err(error)),
            }
        }
        Some(Ok(header))
    }

    /// Two of the extensions matter here. They lie in the first cluster.
    fn extensions(&mut self, source: &Shared, from: u64) {
        let area = peek(source, 0, self.cluster.get() as usize);
        let fields = Fields(&area);
        let mut at = from as usize;
        while let (Some(kind), Some(length)) =
            (fields.be32(at), fields.be32(at.saturating_add(4)))
        {
            let start = at.saturating_add(8);
            let Some(content) = fields.slice(start, length as usize) else {
                break;
            };
            match kind {
                0 => break,
                BACKING_FORMAT => self.backing_is_raw = content == b"raw",
                DATA_FILE_NAME => {
                    let name = String::from_utf8_lossy(content);
                    self.data_file = Some(name.into_owned());
                }
                _ => {}
            }
            let padded = (length as usize).next_multiple_of(8);
            at = start.saturating_add(padded);
        }
    }
}
