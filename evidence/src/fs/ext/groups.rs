//! Block groups: where inode tables and maps lie, and which blocks are free.

use super::super::field::{le16, le32};
use super::super::free::Free;
use super::super::stored::{corrupt, read};
use super::superblock::Superblock;
use crate::layer::Shared;
use crate::object::Problem;

/// No inode of the group was ever used; its map is not valid.
const INODES_UNUSED: u16 = 1;
/// No block of the group is used but by the system; its map is not valid.
const BLOCKS_UNUSED: u16 = 2;

/// A group; places are block numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) number: u64,
    pub(super) block_map: u64,
    pub(super) inode_map: u64,
    pub(super) inode_table: u64,
    flags: u16,
}

impl Group {
    fn parse(bytes: &[u8], number: u64, wide: bool) -> Option<Group> {
        let place = |low, high| {
            let high = if wide { le32(bytes, high)? } else { 0 };
            Some(u64::from(le32(bytes, low)?) | u64::from(high) << 32)
        };
        Some(Group {
            number,
            block_map: place(0, 0x20)?,
            inode_map: place(4, 0x24)?,
            inode_table: place(8, 0x28)?,
            flags: le16(bytes, 0x12)?,
        })
    }

    pub(super) fn has_no_inodes(&self) -> bool {
        self.flags & INODES_UNUSED != 0
    }
}

/// All groups.
pub(super) struct Groups {
    pub(super) groups: Vec<Group>,
    /// Where the descriptors lie, as blocks.
    tables: Vec<(u64, u64)>,
    pub(super) problems: Vec<Problem>,
}

impl Groups {
    /// Reads all descriptors.
    pub(super) fn read(volume: &Shared, system: &Superblock) -> Groups {
        let mut groups = Groups {
            groups: Vec::new(),
            tables: Vec::new(),
            problems: Vec::new(),
        };
        let per_block = system.descriptors_per_block();
        let end = volume.len().unwrap_or(0);
        let mut number = 0u64;
        let count = system.groups();
        while number < count {
            let index = number.checked_div(per_block).unwrap_or(0);
            let first = system.group_start(number);
            let place = match system.first_meta_group {
                Some(meta) if index >= meta => {
                    let copy = u64::from(system.has_copy(number));
                    first.saturating_add(copy)
                }
                _ => {
                    let table = system.first_block.saturating_add(1);
                    table.saturating_add(index)
                }
            };
            // What a volume that was cut lacks need not be looked at.
            let missing = system.place(first).is_none_or(|at| at >= end);
            if missing && number > 0 {
                break;
            }
            let here = per_block.min(count.saturating_sub(number));
            groups.tables.push((place, 1));
            groups.add(volume, system, (number, here), place);
            number = number.saturating_add(per_block);
        }
        groups
    }

    /// Reads the descriptors of a block, or of its copy in group 1.
    fn add(
        &mut self,
        volume: &Shared,
        system: &Superblock,
        (first, count): (u64, u64),
        block: u64,
    ) {
        let wide = system.descriptor >= 64;
        let load = |block: u64| -> Vec<u8> {
            let what = "group descriptors";
            let place = system.place(block);
            place
                .and_then(|at| read(&**volume, at, system.block, what).ok())
                .unwrap_or_default()
        };
        let copy = system.blocks_per_group.saturating_add(block);
        let mut copies = None;
        let (main, size) = (load(block), system.descriptor as usize);
        for index in 0..count {
            let number = first.saturating_add(index);
            let at = (index as usize).saturating_mul(size);
            let group = |bytes: &[u8]| {
                let bytes = bytes.get(at..)?.get(..size)?;
                let group = Group::parse(bytes, number, wide)?;
                is_possible(&group, system).then_some(group)
            };
            let found = group(&main)
                .or_else(|| group(copies.get_or_insert_with(|| load(copy))));
            match found {
                Some(group) => self.groups.push(group),
                None => self.problems.push(corrupt(
                    system.place(block),
                    &format!("descriptor of group {number}"),
                )),
            }
        }
    }

    /// Space of the groups themselves, as name and blocks.
    pub(super) fn metadata(
        &self,
        system: &Superblock,
    ) -> Vec<(&'static str, Vec<(u64, u64)>)> {
        let table_blocks = table_blocks(system);
        let heads = (0..system.groups())
            .take(self.groups.len().saturating_add(1))
            .filter(|group| system.has_copy(*group))
            .map(|group| {
                let length = self.head_length(system);
                (system.group_start(group), length)
            });
        let mut heads: Vec<(u64, u64)> = heads.collect();
        if system.first_meta_group.is_some() {
            heads.extend(&self.tables);
        }
        let each = |f: fn(&Group) -> u64, length: u64| {
            self.groups.iter().map(|g| (f(g), length)).collect()
        };
        vec![
            ("/$Superblocks", heads),
            ("/$BlockMaps", each(|g| g.block_map, 1)),
            ("/$InodeMaps", each(|g| g.inode_map, 1)),
            ("/$InodeTables", each(|g| g.inode_table, table_blocks)),
        ]
    }

    /// Blocks of a superblock and what follows it.
    fn head_length(&self, system: &Superblock) -> u64 {
        if system.first_meta_group.is_some() {
            return 1;
        }
        let per_block = system.descriptors_per_block();
        let table = system.groups().div_ceil(per_block);
        table.saturating_add(system.reserved).saturating_add(1)
    }

    /// Free space, from the maps of all groups.
    pub(super) fn free(
        &self,
        volume: &Shared,
        system: &Superblock,
    ) -> (Free, Vec<Problem>) {
        let mut free = Free::default();
        let mut problems = Vec::new();
        // Only needed for groups without a map.
        let mut used: Vec<(u64, u64)> = self
            .metadata(system)
            .into_iter()
            .flat_map(|(_, blocks)| blocks)
            .collect();
        used.sort_unstable();
        for group in &self.groups {
            let start = system.group_start(group.number);
            let blocks = system
                .blocks_per_group
                .min(system.blocks.saturating_sub(start));
            let end = start.saturating_add(blocks);
            if group.flags & BLOCKS_UNUSED != 0 {
                add_all_but(&mut free, &used, (start, end), system);
                continue;
            }
            let place = system.place(group.block_map).unwrap_or(u64::MAX);
            match read(&**volume, place, system.block, "map of blocks") {
                Ok(bits) => free.add_bits(
                    &bits,
                    start.saturating_mul(system.block),
                    system.cluster,
                    blocks
                        .saturating_mul(system.block)
                        .div_ceil(system.cluster.max(1)),
                    false,
                ),
                Err(problem) => problems.push(problem),
            }
        }
        if free.left_out() > 0 {
            problems.push(Problem {
                reason: crate::Reason::ExpansionLimit,
                bytes: free.left_out(),
                ..corrupt(None, "free space in too many pieces")
            });
        }
        (free, problems)
    }
}

/// Blocks of an inode table.
pub(super) fn table_blocks(system: &Superblock) -> u64 {
    let bytes = system.inodes_per_group.saturating_mul(system.inode_size);
    bytes.div_ceil(system.block.max(1))
}

fn is_possible(group: &Group, system: &Superblock) -> bool {
    let end = group.inode_table.saturating_add(table_blocks(system));
    let inside = |block: u64| block > 0 && block < system.blocks;
    inside(group.block_map)
        && inside(group.inode_map)
        && inside(group.inode_table)
        && end <= system.blocks
}

/// Adds the blocks of a group that the system itself does not use.
fn add_all_but(
    free: &mut Free,
    used: &[(u64, u64)],
    (start, end): (u64, u64),
    system: &Superblock,
) {
    let mut at = start;
    let mut add = |from: u64, to: u64| {
        let length = to.saturating_sub(from).saturating_mul(system.block);
        free.add(from.saturating_mul(system.block), length);
    };
    // Stretches are as long as a table at most, so only those that start
    // shortly before the group matter.
    let reach = table_blocks(system)
        .max(system.reserved.saturating_add(system.groups()))
        .saturating_add(2);
    let first = used
        .partition_point(|(block, _)| *block < start.saturating_sub(reach));
    for (block, length) in used.get(first..).unwrap_or_default() {
        if *block >= end {
            break;
        }
        let behind = block.saturating_add(*length);
        if behind > at {
            add(at, (*block).max(at));
            at = behind;
        }
    }
    add(at, end);
}
