//! The superblock of XFS.
//!
//! Hides that numbers of blocks and inodes hold the number of their group in
//! the upper bits: with groups whose size is no power of two there are gaps.

use super::super::field::{be16, be32, be64, part};
use crate::layer::Shared;

use super::super::stored::read_some;

const DIRECTORY_TYPES: u32 = 0x1;
const DIRECTORY_TYPES_4: u32 = 0x200;

/// What the superblock says; sizes in bytes where they do not say blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Superblock {
    pub(super) block: u64,
    pub(super) sector: u64,
    /// Number of blocks.
    pub(super) blocks: u64,
    pub(super) group_blocks: u64,
    pub(super) groups: u64,
    pub(super) inode: u64,
    pub(super) root: u64,
    /// Inodes of the system itself.
    pub(super) system: Vec<u64>,
    /// First block and number of blocks of the log; no block if it is on
    /// another device.
    pub(super) log: (u64, u64),
    /// Bytes of a block of a directory.
    pub(super) directory: u64,
    /// Names in directories say what they are names of.
    pub(super) types: bool,
    /// Structures have checksums and with them longer heads.
    pub(super) fifth: bool,
    pub(super) uuid: [u8; 16],
    group_bits: u32,
    inode_bits: u32,
}

impl Superblock {
    pub(super) fn find(volume: &Shared) -> Option<Superblock> {
        Superblock::parse(&read_some(volume, 0, 512))
    }

    pub(super) fn parse(bytes: &[u8]) -> Option<Superblock> {
        if bytes.get(..4)? != b"XFSB" {
            return None;
        }
        let byte = |at: usize| Some(u32::from(*bytes.get(at)?));
        let version = be16(bytes, 100)? & 15;
        let fifth = version == 5;
        let types = match fifth {
            true => be32(bytes, 216)? & DIRECTORY_TYPES != 0,
            false => be32(bytes, 200)? & DIRECTORY_TYPES_4 != 0,
        };
        let block = u64::from(be32(bytes, 4)?);
        let inodes = [64, 72, 160, 168, 232];
        let system = inodes.iter().filter_map(|at| be64(bytes, *at));
        let superblock = Superblock {
            block,
            sector: u64::from(be16(bytes, 102)?),
            blocks: be64(bytes, 8)?,
            group_blocks: u64::from(be32(bytes, 84)?),
            groups: u64::from(be32(bytes, 88)?),
            inode: u64::from(be16(bytes, 104)?),
            root: be64(bytes, 56)?,
            system: system
                .filter(|inode| !matches!(*inode, 0 | u64::MAX))
                .collect(),
            log: (be64(bytes, 48)?, u64::from(be32(bytes, 96)?)),
            directory: block.checked_shl(byte(192)?)?,
            types,
            fifth,
            uuid: *part(bytes, 32, 16)?.first_chunk()?,
            group_bits: byte(124)?,
            inode_bits: byte(123)?,
        };
        superblock.is_possible().then_some(superblock)
    }

    fn is_possible(&self) -> bool {
        let fits = |value: u64, from: u64, to: u64| {
            value.is_power_of_two() && (from..=to).contains(&value)
        };
        let per_block = self.block.checked_div(self.inode).unwrap_or(0);
        let groups = self.blocks.div_ceil(self.group_blocks.max(1));
        fits(self.block, 512, 65_536)
            && fits(self.sector, 512, 32_768)
            && fits(self.inode, 256, 2048)
            && fits(self.directory, self.block, 65_536)
            && self.group_bits < 32
            && self.inode_bits < 9
            && per_block == 1 << self.inode_bits
            && self.group_blocks <= 1 << self.group_bits
            && self.group_blocks > 0
            && self.groups == groups
    }

    /// Size of the volume in bytes.
    pub(super) fn size(&self) -> u64 {
        self.blocks.saturating_mul(self.block)
    }

    /// The block of the volume with this number in a group.
    pub(super) fn in_group(&self, group: u64, block: u64) -> Option<u64> {
        if block >= self.group_blocks || group >= self.groups {
            return None;
        }
        let start = group.checked_mul(self.group_blocks)?;
        let linear = start.checked_add(block)?;
        (linear < self.blocks).then_some(linear)
    }

    /// The block of the volume that a number means which holds that of its
    /// group.
    pub(super) fn linear(&self, number: u64) -> Option<u64> {
        let group = number.checked_shr(self.group_bits)?;
        let inside = number & (1u64 << self.group_bits).wrapping_sub(1);
        self.in_group(group, inside)
    }

    /// Where a block of the volume starts.
    pub(super) fn place(&self, linear: u64) -> Option<u64> {
        (linear < self.blocks)
            .then(|| linear.checked_mul(self.block))
            .flatten()
    }

    /// The number of an inode of a group.
    pub(super) fn inode_number(&self, group: u64, inside: u64) -> u64 {
        let bits = self.group_bits.saturating_add(self.inode_bits);
        group.checked_shl(bits).unwrap_or(0) | inside
    }

    /// Where an inode of a group starts.
    pub(super) fn inode_place(&self, group: u64, inside: u64) -> Option<u64> {
        let block = self.in_group(group, inside >> self.inode_bits)?;
        let index = inside & (1u64 << self.inode_bits).wrapping_sub(1);
        self.place(block)?.checked_add(index.checked_mul(self.inode)?)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Four groups of 20,480 blocks of 4 KiB.
    pub(in super::super) fn bytes() -> Vec<u8> {
        let mut bytes = vec![0; 512];
        bytes[..4].copy_from_slice(b"XFSB");
        bytes[4..8].copy_from_slice(&4096u32.to_be_bytes());
        bytes[8..16].copy_from_slice(&81_920u64.to_be_bytes());
        bytes[84..88].copy_from_slice(&20_480u32.to_be_bytes());
        bytes[88..92].copy_from_slice(&4u32.to_be_bytes());
        bytes[100..102].copy_from_slice(&0xB4A5u16.to_be_bytes());
        bytes[102..104].copy_from_slice(&512u16.to_be_bytes());
        bytes[104..106].copy_from_slice(&512u16.to_be_bytes());
        bytes[123] = 3;
        bytes[124] = 15;
        bytes
    }

    #[test]
    fn numbers_hold_their_group() {
        let system = Superblock::parse(&bytes()).unwrap();
        assert_eq!(system.linear(1 << 15 | 5), Some(20_485));
        assert_eq!(system.linear(20_480), None);
        assert_eq!(system.linear(4 << 15), None);
        assert_eq!(system.inode_number(1, 9), 1 << 18 | 9);
        let place = (20_480 + 1) * 4096 + 512;
        assert_eq!(system.inode_place(1, 9), Some(place));
    }

    #[test]
    fn impossible_ones_are_refused() {
        for at in [0, 4, 84, 88, 102, 104, 123] {
            let mut bytes = bytes();
            bytes[at..at + 2].fill(0x33);
            assert_eq!(Superblock::parse(&bytes), None, "{at}");
        }
        assert_eq!(Superblock::parse(b"XFSB"), None);
    }
}
