//! From inodes to objects.

use std::collections::BTreeSet;

use super::super::emit::{self, Space};
use super::super::fuel::Fuel;
use super::super::layout::concatenate;
use super::super::names::Names;
use super::super::stored::corrupt;
use super::inode::{Inode, MAP, Type};
use super::map::Blocks;
use super::{Ext, Met};
use crate::Reason;
use crate::object::{Form, Item, Object, ObjectKind, Problem};

/// The inode that collects bad blocks, and that which keeps blocks for more
/// group descriptors.
const BAD: u64 = 1;
const RESIZE: u64 = 7;
/// Inodes of the system itself; the root is among them.
const SYSTEM: u64 = 10;

/// Makes objects.
pub(super) struct Maker<'a> {
    ext: &'a Ext,
    names: Names,
    fuel: Fuel,
    /// Blocks of trees and of attributes.
    trees: BTreeSet<u64>,
    attributes: BTreeSet<u64>,
    sink: &'a mut dyn FnMut(Item),
}

impl<'a> Maker<'a> {
    pub(super) fn new(
        ext: &'a Ext,
        names: Names,
        sink: &'a mut dyn FnMut(Item),
    ) -> Maker<'a> {
        Maker {
            ext,
            names,
            fuel: ext.fuel(),
            trees: BTreeSet::new(),
            attributes: BTreeSet::new(),
            sink,
        }
    }

    /// Gives everything about an inode.
    pub(super) fn inode(&mut self, met: Met) {
        let Met { inode, in_use, place } = met;
        let number = inode.number;
        if number == RESIZE {
            // Its content is the space that every head of a group keeps.
            let blocks = self.ext.blocks(&inode, &self.fuel, None);
            let heads = &self.ext.groups.metadata(&self.ext.system);
            let reserved = heads.first().map(|(_, blocks)| &blocks[..]);
            let kept = |block: &u64| {
                !reserved.unwrap_or_default().iter().any(|(start, length)| {
                    (*start..start.saturating_add(*length)).contains(block)
                })
            };
            self.trees.extend(blocks.tree.into_iter().filter(kept));
            return;
        }
        let only_free = (!in_use).then(|| &self.ext.map().0);
        let blocks = self.ext.blocks(&inode, &self.fuel, only_free);
        let kind = if in_use {
            kind_of(&inode, self.ext.system.journal)
        } else {
            ObjectKind::Deleted
        };
        if kind == ObjectKind::Deleted
            && (inode.kind != Type::File
                || blocks.written.stored() == 0 && inode.inline().is_none())
        {
            return;
        }
        let (path, also) = match system_path(number, self.ext.system.journal) {
            Some(path) => (path, Vec::new()),
            None => self.names.paths(number, !in_use),
        };
        let mut object = Object::new(kind, path, number.to_string());
        object.also = also;
        object.times = inode.times;
        object.sequence = Some(inode.generation);
        // What is wrong with a deleted file is that it was deleted.
        if in_use {
            self.trees.extend(&blocks.tree);
            for problem in &blocks.problems {
                let path = object.path.clone();
                let problem = Problem { path, ..problem.clone() };
                (self.sink)(Item::Problem(problem));
            }
            let block = inode.attributes;
            if block > 0 && self.ext.system.place(block).is_some() {
                self.attributes.insert(block);
            }
        }
        if let Some(bytes) = inode.inline() {
            if kind != ObjectKind::Metadata {
                self.inline(object, &inode, bytes, place);
            }
            return;
        }
        self.space(object, &inode, blocks);
    }

    fn inline(
        &mut self,
        mut object: Object,
        inode: &Inode,
        bytes: Vec<u8>,
        place: u64,
    ) {
        if inode.size > bytes.len() as u64 {
            (self.sink)(Item::Problem(Problem {
                path: object.path.clone(),
                bytes: inode.size.saturating_sub(bytes.len() as u64),
                ..corrupt(Some(place), "content is not all in the inode")
            }));
        }
        object.size = bytes.len() as u64;
        object.valid = object.size;
        // More than fits into the map goes on elsewhere.
        let whole = bytes.len() <= inode.map().len();
        let physical = whole.then(|| place.saturating_add(MAP as u64));
        object.form = Form::Inline { bytes, physical };
        (self.sink)(Item::Object(object));
    }

    fn space(&mut self, mut object: Object, inode: &Inode, blocks: Blocks) {
        let Blocks { written, unwritten, .. } = blocks;
        if matches!(
            object.kind,
            ObjectKind::Metadata | ObjectKind::Unallocated
        ) {
            let mut runs = written.runs().to_vec();
            runs.extend(unwritten.runs());
            runs.sort_by_key(|run| run.logical);
            let object = object.with_runs(runs);
            if object.size > 0 {
                (self.sink)(Item::Object(object));
            }
            return;
        }
        if inode.kind != Type::File {
            return;
        }
        let mut size = inode.size;
        let largest = self.ext.system.block.saturating_mul(1 << 32);
        if size > largest {
            size = written.end().max(unwritten.end());
            let bytes = inode.size.saturating_sub(size);
            let path = object.path.clone();
            let what = "size of a file is impossible";
            let problem = Problem { path, bytes, ..corrupt(None, what) };
            (self.sink)(Item::Problem(problem));
        }
        let space = Space { written, unwritten, size, valid: size };
        if inode.is_encrypted() {
            let stored = space.written.stored();
            let runs = space.written.runs();
            (self.sink)(Item::Problem(Problem {
                reason: Reason::Encrypted,
                path: object.path.clone(),
                physical: runs.first().and_then(|run| run.physical),
                bytes: stored,
                detail: "encrypted by the file system".to_owned(),
            }));
            object.size = size;
            object.valid = size;
            object.form = Form::Opaque;
            object.runs = runs.to_vec();
            if object.kind == ObjectKind::Deleted {
                let free = &self.ext.map().0;
                (object.runs, object.reused) = free.still_free(runs);
            }
            return (self.sink)(Item::Object(object));
        }
        if object.kind == ObjectKind::Deleted {
            let free = &self.ext.map().0;
            emit::deleted(object, &space, free, self.sink);
        } else {
            emit::in_use(object, &space, self.sink);
        }
    }

    /// Gives the structures of the file system.
    pub(super) fn finish(self) {
        let system = &self.ext.system;
        let single = |blocks: BTreeSet<u64>| {
            blocks.into_iter().map(|block| (block, 1)).collect()
        };
        let mut all = self.ext.groups.metadata(system);
        all.push(("/$Trees", single(self.trees)));
        all.push(("/$Attributes", single(self.attributes)));
        for (path, blocks) in all {
            let mut blocks: Vec<(u64, u64)> = blocks;
            blocks.sort_unstable();
            blocks.dedup();
            let places = blocks.into_iter().filter_map(|(block, length)| {
                let left = system.blocks.saturating_sub(block);
                let length = length.min(left).checked_mul(system.block)?;
                Some((system.place(block)?, length))
            });
            let runs = concatenate(places);
            let kind = ObjectKind::Metadata;
            let path = path.as_bytes().to_vec();
            let object = Object::new(kind, path, String::new());
            let object = object.with_runs(runs);
            if object.size > 0 {
                (self.sink)(Item::Object(object));
            }
        }
    }
}

fn kind_of(inode: &Inode, journal: u64) -> ObjectKind {
    let system = inode.number <= SYSTEM || inode.number == journal;
    match inode.kind {
        _ if inode.number == BAD => ObjectKind::Unallocated,
        Type::File if !system => ObjectKind::File,
        _ => ObjectKind::Metadata,
    }
}

/// What inodes are called that have no name.
fn system_path(number: u64, journal: u64) -> Option<Vec<u8>> {
    let path: &[u8] = match number {
        BAD => b"/$BadBlocks",
        3 => b"/$UserQuota",
        4 => b"/$GroupQuota",
        5 => b"/$BootLoader",
        8 => b"/$Journal",
        9 => b"/$Exclude",
        10 => b"/$Replica",
        _ if number == journal => b"/$Journal",
        _ => return None,
    };
    Some(path.to_vec())
}
