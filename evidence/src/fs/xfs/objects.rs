//! From inodes of XFS to objects.

use std::collections::BTreeSet;

use super::super::emit::{self, Space};
use super::super::fuel::Fuel;
use super::super::layout::concatenate;
use super::super::names::Names;
use super::super::stored::corrupt;
use super::Xfs;
use super::blocks::Blocks;
use super::inode::{Fork, Inode, Type};
use crate::Reason;
use crate::object::{Form, Item, Object, ObjectKind, Problem};

/// Places in the volume and lengths.
type Places = Vec<(u64, u64)>;

/// Makes objects of inodes.
pub(super) struct Maker<'a> {
    xfs: &'a Xfs,
    names: Names,
    fuel: Fuel,
    /// Blocks of trees and of attributes.
    trees: BTreeSet<u64>,
    attributes: Vec<(u64, u64)>,
    sink: &'a mut dyn FnMut(Item),
}

impl<'a> Maker<'a> {
    pub(super) fn new(
        xfs: &'a Xfs,
        names: Names,
        sink: &'a mut dyn FnMut(Item),
    ) -> Maker<'a> {
        Maker {
            xfs,
            names,
            fuel: xfs.fuel(),
            trees: BTreeSet::new(),
            attributes: Vec::new(),
            sink,
        }
    }

    /// Gives everything about an inode.
    pub(super) fn inode(&mut self, inode: &Inode, place: u64) {
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

    /// Gives the structures of the file system.
    pub(super) fn finish(self) {
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
        let all: [(&[u8], Places); 5] = [
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
