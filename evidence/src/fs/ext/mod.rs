//! ext2, ext3 and ext4.
//!
//! Hides groups, block maps and the forms of directories. All inodes are
//! looked at, so damaged directories hide no file; they only cost its name.

mod directory;
mod groups;
mod inode;
mod map;
mod objects;
mod superblock;

use std::sync::OnceLock;

use self::groups::{Group, Groups};
use self::inode::{Inode, Type};
use self::map::{Blocks, Mapper};
use self::superblock::Superblock;
use super::free::Free;
use super::fuel::Fuel;
use super::names::Names;
use super::stored::{corrupt, cut_short, read};
use crate::Reason;
use crate::layer::Shared;
use crate::object::{FileSystem, Item, Problem};

/// The root directory.
const ROOT: u64 = 2;

/// A volume with ext2, ext3 or ext4.
pub(super) struct Ext {
    volume: Shared,
    system: Superblock,
    groups: Groups,
    free: OnceLock<(Free, Vec<Problem>)>,
}

/// An inode as the maps and tables have it.
struct Met {
    inode: Inode,
    in_use: bool,
    /// Where in the volume it is.
    place: u64,
}

impl Ext {
    /// Opens it; `None` if the volume holds something else.
    pub(super) fn open(volume: Shared) -> Option<Ext> {
        let system = Superblock::find(&volume)?;
        let groups = Groups::read(&volume, &system);
        Some(Ext { volume, system, groups, free: OnceLock::new() })
    }

    fn map(&self) -> &(Free, Vec<Problem>) {
        self.free.get_or_init(|| self.groups.free(&self.volume, &self.system))
    }

    /// Meets all inodes that are, or were, something.
    fn each(
        &self,
        mut meet: impl FnMut(Met),
        problems: &mut dyn FnMut(Problem),
    ) {
        // Tables that lie on each other are no more than the volume.
        let fuel = Fuel::new(self.volume.len().unwrap_or(0));
        for group in &self.groups.groups {
            if group.has_no_inodes() {
                continue;
            }
            let table = groups::table_blocks(&self.system)
                .saturating_mul(self.system.block);
            if !fuel.take(table) {
                let place = self.system.place(group.inode_table);
                problems(corrupt(place, "more inode tables than space"));
                return;
            }
            self.each_of(group, &mut meet, problems);
        }
    }

    fn each_of(
        &self,
        group: &Group,
        meet: &mut impl FnMut(Met),
        problems: &mut dyn FnMut(Problem),
    ) {
        let block = |number, what: &str| {
            let place = self.system.place(number).unwrap_or(u64::MAX);
            read(&*self.volume, place, self.system.block, what)
        };
        let map = block(group.inode_map, "map of inodes").ok();
        let blocks = groups::table_blocks(&self.system);
        let size = self.system.inode_size;
        let per_block = self.system.block.checked_div(size).unwrap_or(1);
        for table_block in 0..blocks {
            let number = group.inode_table.saturating_add(table_block);
            let bytes = match block(number, "inode table") {
                Ok(bytes) => bytes,
                Err(problem) => {
                    let cut = problem.reason == Reason::Truncated;
                    problems(problem);
                    // What is behind the end of the volume stays there.
                    if cut {
                        break;
                    }
                    continue;
                }
            };
            let first = table_block.saturating_mul(per_block);
            for (index, bytes) in
                (first..).zip(bytes.chunks_exact(size as usize))
            {
                if index >= self.system.inodes_per_group {
                    break;
                }
                let number = group
                    .number
                    .saturating_mul(self.system.inodes_per_group)
                    .saturating_add(index)
                    .saturating_add(1);
                let Some(inode) = Inode::parse(bytes, number) else {
                    continue;
                };
                let bit = map.as_ref().map(|map| {
                    let byte = map.get((index >> 3) as usize).copied();
                    byte.unwrap_or(0) >> (index & 7) & 1 == 1
                });
                let in_use = bit.unwrap_or(inode.links > 0);
                let skip = index.saturating_mul(size);
                let table = self.system.place(group.inode_table);
                let place = table.unwrap_or(0).saturating_add(skip);
                meet(Met { inode, in_use, place });
            }
        }
    }

    /// The blocks of an inode.
    fn blocks(
        &self,
        inode: &Inode,
        fuel: &Fuel,
        only_free: Option<&Free>,
    ) -> Blocks {
        let (volume, system) = (&self.volume, &self.system);
        let mapper = Mapper { volume, system, fuel, only_free };
        if inode.inline().is_some() || inode.is_short_link() {
            Blocks::default()
        } else if inode.has_extents() {
            mapper.extents(inode.map())
        } else {
            mapper.pointers(inode.map())
        }
    }

    /// No honest volume has more blocks of trees and directories.
    fn fuel(&self) -> Fuel {
        let length = self.volume.len().unwrap_or(0);
        let blocks = length.checked_div(self.system.block).unwrap_or(0);
        Fuel::new(blocks.saturating_mul(2).saturating_add(1024))
    }

    /// All names of all directories.
    fn names(&self, problems: &mut dyn FnMut(Problem)) -> Names {
        let mut names = Names::new(ROOT);
        let fuel = self.fuel();
        let mut damaged = Vec::new();
        self.each(
            |met| {
                let inode = &met.inode;
                if inode.kind != Type::Directory || !met.in_use {
                    return;
                }
                if !self.directory(inode, &fuel, &mut names) {
                    damaged.push(inode.number);
                }
            },
            &mut |_| {},
        );
        names.finish(damaged).into_iter().for_each(problems);
        names
    }

    /// Adds the names of a directory; false if it is damaged.
    fn directory(
        &self,
        inode: &Inode,
        fuel: &Fuel,
        names: &mut Names,
    ) -> bool {
        let inodes = self.system.inodes;
        let mut add = |block: &[u8]| {
            directory::entries(block, inodes, |entry| {
                let directory::Entry { inode: child, name, deleted } = entry;
                names.add(inode.number, child, name, deleted);
            })
        };
        if let Some(content) = inode.inline() {
            // The number of the parent, then entries without dots; the part
            // in the inode and that in the attribute stand alone.
            let content = content.get(4..).unwrap_or_default();
            let middle = content.len().min(56);
            let (first, second) = content.split_at(middle);
            return add(first) & add(second);
        }
        let blocks = self.blocks(inode, fuel, None);
        let mut whole = true;
        for run in blocks.written.clip(0, inode.size) {
            let mut at = run.physical.unwrap_or(0);
            let end = at.saturating_add(run.length);
            while at < end && fuel.take(1) {
                let what = "directory";
                match read(&*self.volume, at, self.system.block, what) {
                    Ok(block) => whole &= add(&block),
                    Err(_) => whole = false,
                }
                at = at.saturating_add(self.system.block);
            }
        }
        whole
    }
}

impl FileSystem for Ext {
    fn name(&self) -> &'static str {
        self.system.name()
    }

    fn cluster(&self) -> u64 {
        self.system.cluster
    }

    fn id(&self) -> Option<String> {
        Some(super::names::uuid(&self.system.uuid))
    }

    fn walk(&self, sink: &mut dyn FnMut(Item)) {
        let cut = cut_short(&self.volume, self.system.size());
        cut.into_iter().for_each(|problem| sink(Item::Problem(problem)));
        for problem in self.groups.problems.iter().chain(&self.map().1) {
            sink(Item::Problem(problem.clone()));
        }
        let names = self.names(&mut |problem| sink(Item::Problem(problem)));
        let mut maker = objects::Maker::new(self, names, sink);
        let mut problems = Vec::new();
        self.each(|met| maker.inode(met), &mut |p| problems.push(p));
        maker.finish();
        for problem in problems {
            sink(Item::Problem(problem));
        }
    }

    fn free(&self) -> Vec<(u64, u64)> {
        self.map().0.list()
    }
}
