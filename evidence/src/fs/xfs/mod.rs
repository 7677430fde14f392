//! XFS, versions 4 and 5.
//!
//! Hides groups, trees and forks. All inodes that the groups know are looked
//! at; what was deleted leaves no extents behind and is unallocated.

mod directory;
mod group;
mod inode;
mod superblock;
mod tree;

use std::collections::BTreeSet;
use std::sync::OnceLock;

use self::group::{Chunk, Group};
use self::inode::{Fork, Inode, Type};
use self::superblock::Superblock;
use self::tree::{EXTENTS, Reader};
use super::emit::{self, Space};
use super::field::{be16, be64};
use super::free::Free;
use super::fuel::Fuel;
use super::layout::{Layout, concatenate};
use super::names::Names;
use super::stored::{corrupt, read};
use crate::Reason;
use crate::content::Content;
use crate::layer::Shared;
use crate::object::{
    FileSystem, Form, Item, Object, ObjectKind, Problem, Run,
};

/// A volume with XFS.
pub(super) struct Xfs {
    volume: Shared,
    system: Superblock,
    groups: OnceLock<Vec<Group>>,
}

/// The blocks of a fork.
#[derive(Debug, Default)]
struct Blocks {
    written: Layout,
    unwritten: Layout,
    tree: Vec<u64>,
    problem: Option<Problem>,
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
                    problems(problem);
                    break;
                }
            }
        }
    }

    /// The blocks of a fork.
    fn blocks(&self, fork: Fork<'_>, fuel: &Fuel) -> Blocks {
        let mut found = Found::default();
        let mut blocks = Blocks::default();
        match fork {
            Fork::Extents(list) => found.add(&self.system, list),
            Fork::Tree(root) => {
                let count = be16(root, 2).unwrap_or(0);
                let body = root.get(4..).unwrap_or_default();
                let below = be16(root, 0).and_then(|n| n.checked_sub(1));
                let roots: Vec<Option<u64>> =
                    tree::pointers(EXTENTS, body, count.into())
                        .into_iter()
                        .map(|pointer| self.system.linear(pointer))
                        .collect();
                let (volume, system) = (&self.volume, &self.system);
                let reader = Reader { volume, system, fuel };
                let walked = reader.walk(
                    EXTENTS,
                    0,
                    &roots,
                    below.unwrap_or(u16::MAX),
                    |body, count| {
                        let length = count.saturating_mul(16).min(body.len());
                        let list = body.get(..length).unwrap_or_default();
                        found.add(system, list);
                    },
                );
                blocks.tree = walked.blocks;
                blocks.problem = walked.problem;
            }
            Fork::Local(_) | Fork::Nothing => {}
        }
        let (written, cut) = Layout::new(found.written);
        let (unwritten, more) = Layout::new(found.unwritten);
        let overlap: u64 = unwritten
            .runs()
            .iter()
            .flat_map(|run| written.clip(run.logical, run.end()))
            .fold(0, |sum, run| sum.saturating_add(run.length));
        let wrong = cut
            .saturating_add(more)
            .saturating_add(overlap)
            .saturating_add(found.outside);
        if wrong > 0 {
            blocks.problem.get_or_insert(Problem {
                bytes: wrong,
                ..corrupt(None, "extents that overlap or lie outside")
            });
        }
        blocks.written = written;
        if overlap == 0 {
            blocks.unwritten = unwritten;
        }
        blocks
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
        names.sort();
        for number in damaged {
            let path = names.paths(number, false).0;
            let what = "directory with damaged entries";
            problems(Problem { path, ..corrupt(None, what) });
        }
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

/// Extents as they are found.
#[derive(Default)]
struct Found {
    written: Vec<Run>,
    unwritten: Vec<Run>,
    /// Bytes of extents that are not in the volume.
    outside: u64,
}

impl Found {
    fn add(&mut self, system: &Superblock, list: &[u8]) {
        let (records, _) = list.as_chunks::<16>();
        for record in records {
            let high = be64(record, 0).unwrap_or(0);
            let low = be64(record, 8).unwrap_or(0);
            let unwritten = high >> 63 == 1;
            let logical = high >> 9 & (1 << 54) - 1;
            let start = (high & 0x1FF) << 43 | low >> 21;
            let count = low & (1 << 21) - 1;
            let bytes = count.saturating_mul(system.block);
            match run(system, logical, start, count) {
                Some(run) if unwritten => self.unwritten.push(run),
                Some(run) => self.written.push(run),
                None => self.outside = self.outside.saturating_add(bytes),
            }
        }
    }
}

/// Blocks as a run, if all of them are in one group.
fn run(
    system: &Superblock,
    logical: u64,
    start: u64,
    count: u64,
) -> Option<Run> {
    let last = count.checked_sub(1)?;
    let first = system.linear(start)?;
    let end = system.linear(start.checked_add(last)?)?;
    if end.checked_sub(first)? != last {
        return None;
    }
    let bytes = |blocks: u64| blocks.checked_mul(system.block);
    Some(Run::new(bytes(logical)?, bytes(first)?, bytes(count)?))
}

/// Makes objects of inodes.
struct Maker<'a> {
    xfs: &'a Xfs,
    names: Names,
    fuel: Fuel,
    /// Blocks of trees and of attributes.
    trees: BTreeSet<u64>,
    attributes: Vec<(u64, u64)>,
    sink: &'a mut dyn FnMut(Item),
}

impl Maker<'_> {
    fn inode(&mut self, inode: &Inode, place: u64) {
        let number = inode.number;
        let (path, also) = self.names.paths(number, false);
        let system = self.xfs.system.system.contains(&number);
        let kind = match inode.kind {
            Type::File if !system => ObjectKind::File,
            _ => ObjectKind::Metadata,
        };
        let mut object = Object::new(kind, path, number.to_string());
        object.also = also;
        object.times = inode.times;
        object.sequence = Some(inode.generation);
        let attributes = self.xfs.blocks(inode.attributes(), &self.fuel);
        self.trees.extend(attributes.tree);
        let runs = attributes.written.runs().iter();
        self.attributes
            .extend(runs.filter_map(|run| Some((run.physical?, run.length))));
        let blocks = self.xfs.blocks(inode.data(), &self.fuel);
        self.trees.extend(&blocks.tree);
        for problem in blocks.problem.iter().chain(&attributes.problem) {
            let path = object.path.clone();
            let problem = Problem { path, ..problem.clone() };
            (self.sink)(Item::Problem(problem));
        }
        if kind == ObjectKind::Metadata {
            let mut runs = blocks.written.runs().to_vec();
            runs.extend(blocks.unwritten.runs());
            runs.sort_by_key(|run| run.logical);
            let object = object.with_runs(runs);
            if object.size > 0 {
                (self.sink)(Item::Object(object));
            }
            return;
        }
        if inode.realtime {
            let detail = "content on a realtime device".to_owned();
            return self.unreadable(object, inode.size, detail);
        }
        if let Fork::Local(bytes) = inode.data() {
            let length = usize::try_from(inode.size).unwrap_or(usize::MAX);
            let bytes = bytes.get(..length).unwrap_or(bytes).to_vec();
            object.size = bytes.len() as u64;
            object.valid = object.size;
            let physical = Some(place.saturating_add(inode.data_offset()));
            object.form = Form::Inline { bytes, physical };
            return (self.sink)(Item::Object(object));
        }
        let Blocks { written, unwritten, .. } = blocks;
        let mut size = inode.size;
        if size > i64::MAX as u64 {
            size = written.end().max(unwritten.end());
            let path = object.path.clone();
            let bytes = inode.size.saturating_sub(size);
            let what = "size of a file is impossible";
            let problem = Problem { path, bytes, ..corrupt(None, what) };
            (self.sink)(Item::Problem(problem));
        }
        let space = Space { written, unwritten, size, valid: size };
        emit::in_use(object, &space, self.sink);
    }

    fn unreadable(&mut self, mut object: Object, size: u64, detail: String) {
        (self.sink)(Item::Problem(Problem {
            reason: Reason::UnsupportedFormat,
            path: object.path.clone(),
            physical: None,
            bytes: size,
            detail,
        }));
        object.size = size;
        object.valid = size;
        object.form = Form::Opaque;
        (self.sink)(Item::Object(object));
    }

    fn finish(self) {
        let system = &self.xfs.system;
        let groups = self.xfs.groups();
        let (log, length) = system.log;
        let log = system.linear(log).filter(|_| log > 0);
        let log = log.and_then(|block| system.place(block));
        let log =
            log.map(|place| (place, length.saturating_mul(system.block)));
        let trees = self
            .trees
            .iter()
            .filter_map(|block| Some((system.place(*block)?, system.block)));
        let chunks = groups.iter().flat_map(|group| &group.chunks);
        let all: [(&[u8], Vec<(u64, u64)>); 5] = [
            (
                b"/$Groups",
                groups.iter().flat_map(|group| group.own.clone()).collect(),
            ),
            (b"/$Inodes", chunks.flat_map(|c| c.places(system)).collect()),
            (b"/$Trees", trees.collect()),
            (b"/$Attributes", self.attributes),
            (b"/$Log", log.into_iter().collect()),
        ];
        let end = system.size();
        for (path, mut places) in all {
            places.sort_unstable();
            places.dedup();
            let inside = places.into_iter().map(|(place, length)| {
                (place, length.min(end.saturating_sub(place)))
            });
            let kind = ObjectKind::Metadata;
            let object = Object::new(kind, path.to_vec(), String::new());
            let object = object.with_runs(concatenate(inside));
            if object.size > 0 {
                (self.sink)(Item::Object(object));
            }
        }
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
        let have = self.volume.len().unwrap_or(0);
        let size = self.system.size();
        if have < size {
            sink(Item::Problem(Problem {
                reason: Reason::Truncated,
                path: Vec::new(),
                physical: Some(have),
                bytes: size.saturating_sub(have),
                detail: "the volume is shorter than it says".to_owned(),
            }));
        }
        for problem in self.groups().iter().flat_map(|group| &group.problems) {
            sink(Item::Problem(problem.clone()));
        }
        let names = self.names(&mut |problem| sink(Item::Problem(problem)));
        let mut problems = Vec::new();
        let mut maker = Maker {
            xfs: self,
            names,
            fuel: self.fuel(),
            trees: BTreeSet::new(),
            attributes: Vec::new(),
            sink,
        };
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
