//! Inodes of ext2, ext3 and ext4.

use super::super::field::{le16, le32, part};
use crate::object::Times;

const ENCRYPTED: u32 = 0x800;
const EXTENTS: u32 = 0x8_0000;
const INLINE: u32 = 0x1000_0000;

/// What marks the attributes behind an inode.
const ATTRIBUTES: u32 = 0xEA02_0000;
/// The attribute that holds what does not fit into the inode: index and
/// name.
const MORE: (u8, &[u8]) = (7, b"data");

/// Where the block map starts, and the content of small files.
pub(super) const MAP: usize = 0x28;
const MAP_LENGTH: usize = 60;

/// What an inode is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    File,
    Directory,
    Link,
    /// Devices, pipes, sockets.
    Other,
}

/// An inode.
#[derive(Debug)]
pub(super) struct Inode {
    pub(super) number: u64,
    pub(super) kind: Type,
    pub(super) size: u64,
    pub(super) times: Times,
    pub(super) generation: u32,
    pub(super) links: u16,
    /// The block with its attributes, or 0.
    pub(super) attributes: u64,
    flags: u32,
    bytes: Vec<u8>,
}

impl Inode {
    /// Reads an inode; `None` if it was never used.
    pub(super) fn parse(bytes: &[u8], number: u64) -> Option<Inode> {
        let mode = le16(bytes, 0)?;
        if mode == 0 {
            return None;
        }
        let kind = match mode >> 12 {
            0x8 => Type::File,
            0x4 => Type::Directory,
            0xA => Type::Link,
            _ => Type::Other,
        };
        let high = le16(bytes, 0x76)?;
        Some(Inode {
            number,
            kind,
            size: u64::from(le32(bytes, 4)?)
                | u64::from(le32(bytes, 0x6C)?) << 32,
            times: times(bytes)?,
            generation: le32(bytes, 0x64)?,
            links: le16(bytes, 0x1A)?,
            attributes: u64::from(le32(bytes, 0x68)?) | u64::from(high) << 32,
            flags: le32(bytes, 0x20)?,
            bytes: bytes.to_vec(),
        })
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.flags & ENCRYPTED != 0
    }

    pub(super) fn has_extents(&self) -> bool {
        self.flags & EXTENTS != 0
    }

    /// The root of the extent tree, or the pointers.
    pub(super) fn map(&self) -> &[u8] {
        part(&self.bytes, MAP, MAP_LENGTH).unwrap_or_default()
    }

    /// A link whose target is in place of the block map.
    pub(super) fn is_short_link(&self) -> bool {
        self.kind == Type::Link
            && !self.has_extents()
            && self.size < MAP_LENGTH as u64
    }

    /// The content that is in the inode; `None` if it is elsewhere.
    pub(super) fn inline(&self) -> Option<Vec<u8>> {
        if self.flags & INLINE == 0 {
            return None;
        }
        let mut content = self.map().to_vec();
        content.extend(self.more().unwrap_or_default());
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        content.truncate(size);
        Some(content)
    }

    /// What of the content is in an attribute.
    fn more(&self) -> Option<&[u8]> {
        let extra = usize::from(le16(&self.bytes, 0x80)?);
        let attributes = self.bytes.get(128usize.checked_add(extra)?..)?;
        if le32(attributes, 0)? != ATTRIBUTES {
            return None;
        }
        let mut entries = attributes.get(4..)?;
        let values = entries;
        loop {
            let length = usize::from(*entries.first()?);
            let index = *entries.get(1)?;
            if le32(entries, 0)? == 0 {
                return None;
            }
            let name = part(entries, 16, length)?;
            if (index, name) == MORE {
                let at = usize::from(le16(entries, 2)?);
                return part(values, at, le32(entries, 8)? as usize);
            }
            let next = length.next_multiple_of(4).checked_add(16)?;
            entries = entries.get(next..)?;
        }
    }
}

fn times(bytes: &[u8]) -> Option<Times> {
    let extra = le16(bytes, 0x80).unwrap_or(0);
    let time = |at: usize, more: usize| {
        let seconds = i64::from(le32(bytes, at)?.cast_signed());
        // Two bits more for the seconds, the others are nanoseconds.
        let end = usize::from(extra).saturating_add(128);
        let more = if more.saturating_add(4) <= end {
            le32(bytes, more).unwrap_or(0)
        } else {
            0
        };
        let seconds = seconds.checked_add(i64::from(more & 3) << 32)?;
        if seconds == 0 {
            return None;
        }
        let nanoseconds = i64::from(more >> 2);
        seconds.checked_mul(1_000_000_000)?.checked_add(nanoseconds)
    };
    Some(Times {
        accessed: time(8, 0x8C),
        changed: time(0xC, 0x84),
        modified: time(0x10, 0x88),
        born: if extra >= 0x18 { time(0x90, 0x94) } else { None },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(mode: u16, flags: u32, size: u32) -> Vec<u8> {
        let mut bytes = vec![0; 256];
        bytes[..2].copy_from_slice(&mode.to_le_bytes());
        bytes[4..8].copy_from_slice(&size.to_le_bytes());
        bytes[0x20..0x24].copy_from_slice(&flags.to_le_bytes());
        bytes[0x28..0x28 + 60].fill(b'a');
        bytes[0x80] = 32;
        bytes
    }

    #[test]
    fn content_in_the_inode_and_behind_it() {
        let mut bytes = bytes(0x81A4, INLINE, 70);
        let at = 128 + 32;
        bytes[at..at + 4].copy_from_slice(&ATTRIBUTES.to_le_bytes());
        let entry = at + 4;
        bytes[entry] = 4;
        bytes[entry + 1] = 7;
        bytes[entry + 2] = 40;
        bytes[entry + 8] = 10;
        bytes[entry + 16..entry + 20].copy_from_slice(b"data");
        bytes[entry + 40..entry + 50].fill(b'b');
        let inode = Inode::parse(&bytes, 12).unwrap();
        let expected = [vec![b'a'; 60], vec![b'b'; 10]].concat();
        assert_eq!(inode.inline(), Some(expected));
        // A value that lies outside.
        bytes[entry + 3] = 9;
        let inode = Inode::parse(&bytes, 12).unwrap();
        assert_eq!(inode.inline(), Some(vec![b'a'; 60]));
    }

    #[test]
    fn kinds_and_times() {
        let mut bytes = bytes(0x41ED, EXTENTS, 5);
        bytes[0x10] = 1;
        bytes[0x88] = 1 | 7 << 2;
        let inode = Inode::parse(&bytes, 2).unwrap();
        assert_eq!(inode.kind, Type::Directory);
        let modified = ((1i64 << 32) + 1) * 1_000_000_000 + 7;
        assert_eq!(inode.times.modified, Some(modified));
        assert_eq!(inode.times.born, None);
        assert_eq!(inode.inline(), None);
        assert!(Inode::parse(&[0; 256], 2).is_none());
        assert!(Inode::parse(&[1; 100], 2).is_none());
    }
}
