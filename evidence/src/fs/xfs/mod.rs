//! XFS, versions 4 and 5.
//!
//! Hides groups, trees and forks. All inodes that the groups know are looked
//! at; what was deleted leaves no extents behind and is unallocated.

mod blocks;
mod directory;
mod group;
mod inode;
mod objects;
mod superblock;
mod tree;

use std::sync::OnceLock;

use self::group::{Chunk, Group};
use self::inode::{Fork, Inode, Type};
use self::objects::Maker;
use self::superblock::Superblock;
use self::tree::Reader;
use super::free::Free;
use super::fuel::Fuel;
use super::names::Names;
use super::stored::{corrupt, cut_short, read};
use crate::Reason;
use crate::content::Content;
use crate::layer::Shared;
use crate::object::{FileSystem, Item, Object, ObjectKind, Problem};

/// A volume with XFS.
pub(super) struct Xfs {
    volume: Shared,
    system: Superblock,
    groups: OnceLock<Vec<Group>>,
}

impl Xfs {
    /// Opens it; `None` if the volume holds something else.
    pub(super) fn open(volume: Shared) -> Option<Xfs> {
        let system = Superblock::find(&volume)?;
        Some(Xfs { volume, system, groups: OnceLock::new() })
    }

    /// No honest volume has more blocks of trees and directories.
    fn fuel(&self) -> Fuel {
        let length = self.volume.len().unwrap_or(0);
        let blocks = length.checked_div(self.system.block).unwrap_or(0);
        Fuel::new(blocks.saturating_mul(2).saturating_add(1024))
    }

    fn groups(&self) -> &[Group] {
        self.groups.get_or_init(|| {
            let fuel = self.fuel();
            let (volume, system) = (&self.volume, &self.system);
            let reader = Reader { volume, system, fuel: &fuel };
            // What a volume that was cut lacks need not be looked at.
            let size = self
                .system
                .group_blocks
                .saturating_mul(self.system.block)
                .max(1);
            let there = self.volume.len().unwrap_or(0).div_ceil(size);
            let count = self.system.groups.min(there);
            (0..count).map(|number| Group::read(&reader, number)).collect()
        })
    }

    /// Meets all inodes in use, with their places.
    fn each(
        &self,
        mut meet: impl FnMut(Inode, u64),
        problems: &mut dyn FnMut(Problem),
    ) {
        // Chunks that lie on each other are no more than the volume.
        let fuel = Fuel::new(self.volume.len().unwrap_or(0));
        let chunks = self.groups().iter().flat_map(|group| &group.chunks);
        for chunk in chunks {
            if !fuel.take(self.system.inode.saturating_mul(64)) {
                problems(corrupt(None, "more inodes than there is space for"));
                return;
            }
            self.each_of(*chunk, &mut meet, problems);
        }
    }

    fn each_of(
        &self,
        chunk: Chunk,
        meet: &mut impl FnMut(Inode, u64),
        problems: &mut dyn FnMut(Problem),
    ) {
        for inside in chunk.used() {
            let number = self.system.inode_number(chunk.group, inside);
            let place = self.system.inode_place(chunk.group, inside);
            let inode = place
                .ok_or_else(|| corrupt(None, "inode outside of the volume"))
                .and_then(|place| {
                    let size = self.system.inode;
                    let bytes = read(&*self.volume, place, size, "inode")?;
                    Inode::parse(&bytes, number).ok_or_else(|| Problem {
                        bytes: size,
                        ..corrupt(Some(place), "inode in use that is none")
                    })
                });
            match inode {
                Ok(inode) => meet(inode, place.unwrap_or(0)),
                Err(problem) => {
                    let cut = problem.reason == Reason::Truncated;
                    problems(problem);
                    // What is behind the end of the volume stays there.
                    if cut {
                        break;
                    }
                }
            }
        }
    }

    /// All names of all directories.
    fn names(&self, problems: &mut dyn FnMut(Problem)) -> Names {
        let mut names = Names::new(self.system.root);
        let fuel = self.fuel();
        let mut damaged = Vec::new();
        self.each(
            |inode, _| {
                if inode.kind == Type::Directory
                    && !self.directory(&inode, &fuel, &mut names)
                {
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
        let types = self.system.types;
        let mut add = |child, name: &[u8]| {
            names.add(inode.number, child, name, false);
        };
        let fork = inode.data();
        if let Fork::Local(fork) = fork {
            directory::short(fork, types, add);
            return true;
        }
        let layout = self.blocks(fork, fuel).written;
        let unit = self.system.directory;
        let runs = layout.clip(0, directory::NAMES_END);
        let path = Vec::new();
        let object = Object::new(ObjectKind::Metadata, path, String::new())
            .with_runs(runs.clone());
        let content = Content::new(self.volume.clone(), object);
        let mut whole = true;
        let mut at = 0u64;
        for run in runs {
            at = at.max(run.logical);
            while at < run.end() && fuel.take(1) {
                match read(&content, at, unit, "directory") {
                    Ok(bytes) => {
                        whole &= directory::block(&bytes, types, &mut add);
                    }
                    Err(_) => whole = false,
                }
                at = at.saturating_add(unit);
            }
        }
        whole
    }
}

impl FileSystem for Xfs {
    fn name(&self) -> &'static str {
        "xfs"
    }

    fn cluster(&self) -> u64 {
        self.system.block
    }

    fn id(&self) -> Option<String> {
        Some(super::names::uuid(&self.system.uuid))
    }

    fn walk(&self, sink: &mut dyn FnMut(Item)) {
        let cut = cut_short(&self.volume, self.system.size());
        cut.into_iter().for_each(|problem| sink(Item::Problem(problem)));
        for problem in self.groups().iter().flat_map(|group| &group.problems) {
            sink(Item::Problem(problem.clone()));
        }
        let names = self.names(&mut |problem| sink(Item::Problem(problem)));
        let mut problems = Vec::new();
        let mut maker = Maker::new(self, names, sink);
        self.each(|inode, place| maker.inode(&inode, place), &mut |problem| {
            problems.push(problem)
        });
        maker.finish();
        for problem in problems {
            sink(Item::Problem(problem));
        }
    }

    fn free(&self) -> Vec<(u64, u64)> {
        let mut free = Free::default();
        for (place, length) in
            self.groups().iter().flat_map(|group| &group.free)
        {
            free.add(*place, *length);
        }
        free.list()
    }
}
