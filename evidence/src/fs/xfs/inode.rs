//! Inodes of XFS: what they are, and where their forks lie.

use super::super::field::{be16, be32, be64};
use crate::object::Times;

/// Wide counts of extents, and times that count from 1901.
const WIDE_COUNTS: u64 = 0x10;
const BIG_TIMES: u64 = 0x8;
const REALTIME: u16 = 1;

/// What an inode is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    File,
    Directory,
    Link,
    Other,
}

/// What a fork holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fork<'a> {
    /// Content.
    Local(&'a [u8]),
    /// A list of extents.
    Extents(&'a [u8]),
    /// The root of a tree of extents.
    Tree(&'a [u8]),
    Nothing,
}

/// An inode.
#[derive(Debug)]
pub(super) struct Inode {
    pub(super) number: u64,
    pub(super) kind: Type,
    pub(super) size: u64,
    pub(super) generation: u32,
    pub(super) realtime: bool,
    pub(super) times: Times,
    bytes: Vec<u8>,
    /// Where the data fork starts, and where it ends.
    data: (usize, usize),
    extents: u64,
    attribute_extents: u64,
}

impl Inode {
    /// Reads an inode; `None` if it is none.
    pub(super) fn parse(bytes: &[u8], number: u64) -> Option<Inode> {
        if bytes.get(..2)? != b"IN" {
            return None;
        }
        let mode = be16(bytes, 2)?;
        let kind = match mode >> 12 {
            _ if mode == 0 => return None,
            0x8 => Type::File,
            0x4 => Type::Directory,
            0xA => Type::Link,
            _ => Type::Other,
        };
        let third = *bytes.get(4)? >= 3;
        let start = if third { 176 } else { 100 };
        let flags = if third { be64(bytes, 120)? } else { 0 };
        let (extents, attribute_extents) = if flags & WIDE_COUNTS != 0 {
            (be64(bytes, 24)?, u64::from(be32(bytes, 76)?))
        } else {
            (be32(bytes, 76)?.into(), be16(bytes, 80)?.into())
        };
        let end = match usize::from(*bytes.get(82)?) {
            0 => bytes.len(),
            offset => offset.checked_mul(8)?.checked_add(start)?,
        };
        let time = |at| time(bytes, at, flags & BIG_TIMES != 0);
        Some(Inode {
            number,
            kind,
            size: be64(bytes, 56)?,
            generation: be32(bytes, 92)?,
            realtime: be16(bytes, 90)? & REALTIME != 0,
            times: Times {
                accessed: time(32),
                modified: time(40),
                changed: time(48),
                born: if third { time(144) } else { None },
            },
            bytes: bytes.to_vec(),
            data: (start, end.min(bytes.len())),
            extents,
            attribute_extents,
        })
    }

    /// The data fork.
    pub(super) fn data(&self) -> Fork<'_> {
        let (start, end) = self.data;
        let body = self.bytes.get(start..end).unwrap_or_default();
        let format = self.bytes.get(5).copied().unwrap_or(0);
        fork(body, format, self.extents)
    }

    /// The fork with the attributes.
    pub(super) fn attributes(&self) -> Fork<'_> {
        let (_, end) = self.data;
        let body = self.bytes.get(end..).unwrap_or_default();
        let format = self.bytes.get(83).copied().unwrap_or(0);
        match body {
            [] => Fork::Nothing,
            body => fork(body, format, self.attribute_extents),
        }
    }

    /// Where in the inode the data fork is.
    pub(super) fn data_offset(&self) -> u64 {
        self.data.0 as u64
    }
}

fn fork(body: &[u8], format: u8, extents: u64) -> Fork<'_> {
    match format {
        1 => Fork::Local(body),
        2 => {
            let extents = usize::try_from(extents).unwrap_or(usize::MAX);
            let length = extents.saturating_mul(16).min(body.len());
            Fork::Extents(body.get(..length).unwrap_or_default())
        }
        3 => Fork::Tree(body),
        _ => Fork::Nothing,
    }
}

fn time(bytes: &[u8], at: usize, big: bool) -> Option<i64> {
    /// Seconds from the start of big times to 1970.
    const EPOCH: i64 = 1 << 31;
    if big {
        let raw = i64::try_from(be64(bytes, at)?).ok()?;
        return raw.checked_sub(EPOCH.checked_mul(1_000_000_000)?);
    }
    let seconds = i64::from(be32(bytes, at)?.cast_signed());
    let nanoseconds = i64::from(be32(bytes, at.checked_add(4)?)?);
    seconds.checked_mul(1_000_000_000)?.checked_add(nanoseconds)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn inode(mode: u16, format: u8) -> Vec<u8> {
        let mut bytes = vec![0; 512];
        bytes[..2].copy_from_slice(b"IN");
        bytes[2..4].copy_from_slice(&mode.to_be_bytes());
        bytes[4] = 3;
        bytes[5] = format;
        bytes
    }

    #[test]
    fn forks_end_where_the_other_one_starts() {
        let mut bytes = inode(0x81A4, 2);
        bytes[79] = 1;
        bytes[81] = 2;
        bytes[82] = 20;
        bytes[83] = 2;
        let found = Inode::parse(&bytes, 5).unwrap();
        let lengths = [found.data(), found.attributes()].map(|f| match f {
            Fork::Extents(bytes) => bytes.len(),
            _ => 0,
        });
        assert_eq!((lengths, found.kind), ([16, 32], Type::File));
        // More extents than there is room for.
        bytes[76..80].fill(0xFF);
        let found = Inode::parse(&bytes, 5).unwrap();
        assert!(matches!(found.data(), Fork::Extents(b) if b.len() == 160));
    }

    #[test]
    fn old_and_big_times() {
        let mut bytes = inode(0x81A4, 2);
        bytes[43] = 1;
        bytes[47] = 2;
        let found = Inode::parse(&bytes, 5).unwrap();
        assert_eq!(found.times.modified, Some(1_000_000_002));
        bytes[127] = BIG_TIMES as u8;
        let start = (1u64 << 31) * 1_000_000_000 + 7;
        bytes[40..48].copy_from_slice(&start.to_be_bytes());
        let found = Inode::parse(&bytes, 5).unwrap();
        assert_eq!(found.times.modified, Some(7));
        assert!(Inode::parse(&inode(0, 2), 5).is_none());
        assert!(Inode::parse(b"IN", 5).is_none());
    }
}
