//! The superblock of ext2, ext3 and ext4.

use super::super::field::{le16, le32, part};
use crate::layer::Shared;

use super::super::stored::read_some;

/// Features that are looked at.
const META_GROUPS: u32 = 0x10;
const EXTENTS: u32 = 0x40;
const WIDE: u32 = 0x80;
const FLEXIBLE: u32 = 0x200;
const JOURNAL_DEVICE: u32 = 0x8;
const SPARSE: u32 = 0x1;
const BIG_CLUSTERS: u32 = 0x200;
const HAS_JOURNAL: u32 = 0x4;
const SPARSE_2: u32 = 0x200;

/// What the superblock says; sizes in bytes where they do not say blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Superblock {
    pub(super) block: u64,
    /// Smallest unit of allocation.
    pub(super) cluster: u64,
    /// Number of blocks.
    pub(super) blocks: u64,
    pub(super) first_block: u64,
    pub(super) blocks_per_group: u64,
    pub(super) inodes: u64,
    pub(super) inodes_per_group: u64,
    pub(super) inode_size: u64,
    pub(super) descriptor: u64,
    /// Blocks kept for more descriptors.
    pub(super) reserved: u64,
    pub(super) journal: u64,
    pub(super) uuid: [u8; 16],
    /// From this one on, groups of groups keep their own descriptors.
    pub(super) first_meta_group: Option<u64>,
    compatible: u32,
    incompatible: u32,
    read_only: u32,
    backups: [u32; 2],
    /// The group whose copy this is.
    group: u16,
}

impl Superblock {
    /// Finds it, or a copy of it where the first one is damaged.
    pub(super) fn find(volume: &Shared) -> Option<Superblock> {
        let at = |place| Superblock::parse(&read_some(volume, place, 1024));
        if let Some(first) = at(1024) {
            return Some(first);
        }
        // In front of the first copy is one group, of as many blocks as a
        // block has bits; with the smallest blocks, and one block more.
        [(1024, 8193), (2048, 16_384), (4096, 32_768)].into_iter().find_map(
            |(block, number): (u64, u64)| {
                let copy = at(block.checked_mul(number)?)?;
                (copy.group == 1 && copy.block == block).then_some(copy)
            },
        )
    }

    pub(super) fn parse(bytes: &[u8]) -> Option<Superblock> {
        if le16(bytes, 0x38)? != 0xEF53 {
            return None;
        }
        let incompatible = le32(bytes, 0x60)?;
        if incompatible & JOURNAL_DEVICE != 0 {
            return None;
        }
        let power = |at| {
            let exponent = le32(bytes, at)?;
            (exponent <= 20).then(|| 1024u64 << exponent)
        };
        let read_only = le32(bytes, 0x64)?;
        let block = power(0x18).filter(|block| *block <= 65_536)?;
        let cluster = match read_only & BIG_CLUSTERS {
            0 => block,
            _ => power(0x1C).filter(|cluster| *cluster >= block)?,
        };
        let wide = incompatible & WIDE != 0;
        let high = if wide { le32(bytes, 0x150)? } else { 0 };
        let blocks = u64::from(le32(bytes, 4)?) | u64::from(high) << 32;
        let dynamic = le32(bytes, 0x4C)? > 0;
        let inode_size =
            if dynamic { u64::from(le16(bytes, 0x58)?) } else { 128 };
        let descriptor = match wide {
            true => u64::from(le16(bytes, 0xFE)?),
            false => 32,
        };
        let superblock = Superblock {
            block,
            cluster,
            blocks,
            first_block: u64::from(le32(bytes, 0x14)?),
            blocks_per_group: u64::from(le32(bytes, 0x20)?),
            inodes: u64::from(le32(bytes, 0)?),
            inodes_per_group: u64::from(le32(bytes, 0x28)?),
            inode_size,
            descriptor,
            reserved: u64::from(le16(bytes, 0xCE)?),
            journal: u64::from(le32(bytes, 0xE0)?),
            uuid: *part(bytes, 0x68, 16)?.first_chunk()?,
            first_meta_group: (incompatible & META_GROUPS != 0)
                .then_some(u64::from(le32(bytes, 0x104)?)),
            compatible: le32(bytes, 0x5C)?,
            incompatible,
            read_only,
            backups: [le32(bytes, 0x24C)?, le32(bytes, 0x250)?],
            group: le16(bytes, 0x5A)?,
        };
        superblock.is_possible().then_some(superblock)
    }

    fn is_possible(&self) -> bool {
        let ratio = self.cluster.checked_div(self.block).unwrap_or(0);
        let bits = self.block.saturating_mul(8);
        let in_group = 8..=bits.saturating_mul(ratio);
        self.inode_size.is_power_of_two()
            && (128..=self.block).contains(&self.inode_size)
            && self.descriptor.is_power_of_two()
            && (32..=1024).contains(&self.descriptor)
            && in_group.contains(&self.blocks_per_group)
            && self.blocks_per_group.is_multiple_of(ratio.max(1))
            && (1..=bits).contains(&self.inodes_per_group)
            && self.first_block <= 1
            && self.first_block < self.blocks
    }

    pub(super) fn name(&self) -> &'static str {
        let fourth = EXTENTS | WIDE | FLEXIBLE;
        if self.incompatible & fourth != 0 {
            "ext4"
        } else if self.compatible & HAS_JOURNAL != 0 {
            "ext3"
        } else {
            "ext2"
        }
    }

    /// Size of the volume in bytes.
    pub(super) fn size(&self) -> u64 {
        self.blocks.saturating_mul(self.block)
    }

    /// Number of groups.
    pub(super) fn groups(&self) -> u64 {
        let blocks = self.blocks.saturating_sub(self.first_block);
        blocks.div_ceil(self.blocks_per_group.max(1))
    }

    /// First block of a group.
    pub(super) fn group_start(&self, group: u64) -> u64 {
        let skip = group.saturating_mul(self.blocks_per_group);
        self.first_block.saturating_add(skip)
    }

    /// Does a group start with a copy of the superblock?
    pub(super) fn has_copy(&self, group: u64) -> bool {
        if group == 0 {
            return true;
        }
        if self.compatible & SPARSE_2 != 0 {
            return self.backups.iter().any(|b| u64::from(*b) == group);
        }
        let power_of = |base: u64| {
            let mut power = base;
            while power < group {
                power = power.saturating_mul(base);
            }
            power == group
        };
        self.read_only & SPARSE == 0
            || group == 1
            || [3, 5, 7].into_iter().any(power_of)
    }

    /// Descriptors in a block.
    pub(super) fn descriptors_per_block(&self) -> u64 {
        self.block.checked_div(self.descriptor).unwrap_or(1).max(1)
    }

    /// Where a block starts, if it is inside of the volume.
    pub(super) fn place(&self, block: u64) -> Option<u64> {
        if block >= self.blocks {
            return None;
        }
        block.checked_mul(self.block)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A superblock of a volume of 8 MiB with blocks of 1 KiB.
    pub(in super::super) fn bytes() -> Vec<u8> {
        let mut bytes = vec![0; 1024];
        let mut put = |at: usize, value: u32| {
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
        };
        put(0, 2048);
        put(4, 8192);
        put(0x14, 1);
        put(0x20, 8192);
        put(0x28, 2048);
        put(0x38, 0xEF53);
        put(0x4C, 1);
        put(0x58, 256);
        put(0x64, 1);
        bytes
    }

    #[test]
    fn copies_lie_in_some_groups() {
        let superblock = Superblock::parse(&bytes()).unwrap();
        let with: Vec<u64> =
            (0..30).filter(|g| superblock.has_copy(*g)).collect();
        assert_eq!(with, [0, 1, 3, 5, 7, 9, 25, 27]);
        assert_eq!((superblock.groups(), superblock.name()), (1, "ext2"));
        assert_eq!(superblock.place(8191), Some(8191 << 10));
        assert_eq!(superblock.place(8192), None);
    }

    #[test]
    fn impossible_ones_are_refused() {
        for at in [0x38, 4, 0x20, 0x28, 0x58] {
            let mut bytes = bytes();
            bytes[at..at + 2].fill(0);
            assert_eq!(Superblock::parse(&bytes), None, "{at:#x}");
        }
        let mut bytes = bytes();
        bytes[0x18] = 99;
        assert_eq!(Superblock::parse(&bytes), None);
        assert_eq!(Superblock::parse(&[0; 10]), None);
    }
}
