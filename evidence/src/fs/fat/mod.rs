//! FAT12, FAT16, FAT32 and exFAT.
//!
//! Hides how wide entries of the table are and how names are stored. Of
//! deleted files only the first cluster is known: the others are taken to
//! lie behind it.

mod entry;
mod exfat;
mod geometry;
mod table;

use std::collections::{HashSet, VecDeque};
use std::sync::OnceLock;

use self::entry::Entry;
use self::exfat::System;
use self::geometry::{Geometry, Width};
use self::table::Table;
use super::emit::{self, Space};
use super::free::Free;
use super::layout::Layout;
use super::stored::{corrupt, cut_short, read};
use crate::Reason;
use crate::layer::Shared;
use crate::object::{FileSystem, Item, Object, ObjectKind, Problem, Run};

/// Longest path that is followed.
const LONGEST: usize = 1 << 16;

/// Bytes of a directory that are looked at.
const LARGEST: usize = 1 << 26;

/// A volume with FAT or exFAT.
pub(super) struct Fat {
    volume: Shared,
    geometry: Geometry,
    free: OnceLock<Free>,
}

/// A directory to look at.
struct Directory {
    path: Vec<u8>,
    inode: u64,
    layout: Layout,
    deleted: bool,
}

impl Fat {
    /// Opens it; `None` if the volume holds something else.
    pub(super) fn open(volume: Shared) -> Option<Fat> {
        let geometry = Geometry::find(&volume)?;
        Some(Fat { volume, geometry, free: OnceLock::new() })
    }

    fn is_exfat(&self) -> bool {
        self.geometry.width == Width::ExFat
    }

    fn table(&self) -> Table<'_> {
        Table::new(&self.volume, &self.geometry)
    }

    fn map(&self) -> &Free {
        self.free.get_or_init(|| {
            if !self.is_exfat() {
                return self.table().free();
            }
            let mut free = Free::default();
            let (layout, _) = self.table().chain(self.geometry.root);
            for system in exfat::systems(&self.load(&layout)) {
                if let System::Bitmap(first, size) = system {
                    self.add_bitmap(first, size, &mut free);
                }
            }
            free
        })
    }

    fn add_bitmap(&self, first: u32, size: u64, free: &mut Free) {
        let (layout, _) = self.table().chain(first);
        let mut left = u64::from(self.geometry.clusters);
        let mut at = self.geometry.data;
        for run in layout.clip(0, size) {
            let mut from = run.physical.unwrap_or(0);
            let end = from.saturating_add(run.length);
            while from < end && left > 0 {
                let mut bits =
                    vec![0; end.saturating_sub(from).min(1 << 20) as usize];
                let count = self.volume.read_at(from, &mut bits).unwrap_or(0);
                bits.truncate(count);
                if bits.is_empty() {
                    return;
                }
                let unit = self.geometry.cluster;
                free.add_bits(&bits, at, unit, left, false);
                let seen = (count as u64).saturating_mul(8);
                left = left.saturating_sub(seen);
                at = at.saturating_add(seen.saturating_mul(unit));
                from = from.saturating_add(count as u64);
            }
        }
    }

    /// The bytes of a directory, as many as can be read.
    fn load(&self, layout: &Layout) -> Vec<u8> {
        let mut bytes = Vec::new();
        for run in layout.runs() {
            let mut from = run.physical.unwrap_or(0);
            let end = from.saturating_add(run.length);
            while from < end && bytes.len() < LARGEST {
                let length = end.saturating_sub(from).min(1 << 16);
                match read(&*self.volume, from, length, "directory") {
                    Ok(piece) => bytes.extend(piece),
                    // Zeros would end the directory.
                    Err(_) => {
                        let end = bytes.len().saturating_add(length as usize);
                        bytes.resize(end, 0xE5);
                    }
                }
                from = from.saturating_add(length);
            }
        }
        bytes
    }

    /// The number of an entry as the Sleuth Kit has it: entries from the
    /// end of the tables on are counted, and the first one is 3.
    fn inode(&self, layout: &Layout, at: usize) -> u64 {
        let at = at as u64;
        let first = match self.is_exfat() {
            true => self.geometry.data,
            false => {
                let (start, length) = self.geometry.tables;
                start.saturating_add(length)
            }
        };
        let place = layout
            .clip(at, at.saturating_add(1))
            .first()
            .and_then(|run| run.physical)
            .unwrap_or(0);
        (place.saturating_sub(first) >> 5).saturating_add(3)
    }

    fn root(&self, table: &Table<'_>) -> (Directory, bool) {
        let (layout, whole) = match self.geometry.fixed_root {
            Some((place, length)) => {
                let mut layout = Layout::default();
                layout.push(Run::new(0, place, length));
                (layout, true)
            }
            None => table.chain(self.geometry.root),
        };
        let path = Vec::new();
        (Directory { path, inode: 2, layout, deleted: false }, whole)
    }

    fn directory(
        &self,
        directory: &Directory,
        table: &Table<'_>,
        seen: &mut HashSet<u32>,
        queue: &mut VecDeque<Directory>,
        sink: &mut dyn FnMut(Item),
    ) {
        let bytes = self.load(&directory.layout);
        let entries = match self.is_exfat() {
            true => exfat::entries(&bytes),
            false => {
                let wide = self.geometry.width == Width::Fat32;
                entry::entries(&bytes, wide)
            }
        };
        if self.is_exfat() && directory.path.is_empty() {
            self.systems(&bytes, table, sink);
        }
        for mut entry in entries {
            entry.deleted |= directory.deleted;
            let inode = self.inode(&directory.layout, entry.at);
            let path = [&directory.path, &b"/"[..], &entry.name].concat();
            let first = entry.first;
            if !entry.directory {
                self.file(entry, path, inode, table, sink);
                continue;
            }
            if !self.geometry.has(first) || path.len() > LONGEST {
                continue;
            }
            let deleted = entry.deleted;
            if deleted && !self.was_directory(first) || !seen.insert(first) {
                if !deleted {
                    let what = "directory that is inside of itself";
                    sink(Item::Problem(Problem {
                        path,
                        ..corrupt(Some(self.geometry.place(first)), what)
                    }));
                }
                continue;
            }
            let (layout, whole) = self.clusters(&entry, table);
            if !whole && !deleted {
                let path = path.clone();
                sink(Item::Problem(broken_chain(path, first, 0)));
            }
            queue.push_back(Directory { path, inode, layout, deleted });
        }
    }

    /// Structures of exFAT that have clusters.
    fn systems(
        &self,
        root: &[u8],
        table: &Table<'_>,
        sink: &mut dyn FnMut(Item),
    ) {
        for system in exfat::systems(root) {
            let (name, first) = match system {
                System::Bitmap(first, _) => ("/$Bitmap", first),
                System::Cases(first, _) => ("/$UpCase", first),
            };
            let (layout, _) = table.chain(first);
            metadata(name.as_bytes(), "", layout.runs().to_vec(), sink);
        }
    }

    /// Does a cluster that is free hold the start of a directory?
    fn was_directory(&self, first: u32) -> bool {
        let place = self.geometry.place(first);
        let run = self.geometry.run(0, first, 1);
        let free = self.map().still_free(&[run]).1 == 0;
        let Ok(start) = read(&*self.volume, place, 64, "directory") else {
            return false;
        };
        free && match self.is_exfat() {
            true => matches!(start.first(), Some(0x05 | 0x85)),
            false => {
                start.starts_with(b".          ")
                    && start.get(32..43) == Some(b"..         ")
            }
        }
    }

    /// The clusters of an entry; false if they are not as they should be.
    fn clusters(&self, entry: &Entry, table: &Table<'_>) -> (Layout, bool) {
        let needed = entry.size.div_ceil(self.geometry.cluster);
        let contiguous = entry.contiguous || entry.deleted;
        if !contiguous {
            return table.chain(entry.first);
        }
        let mut layout = Layout::default();
        if !self.geometry.has(entry.first) {
            return (layout, needed == 0);
        }
        // Of a deleted directory of FAT the size is not known.
        let count = if entry.directory { needed.max(1) } else { needed };
        let run = self.geometry.run(0, entry.first, count);
        let wanted = count.saturating_mul(self.geometry.cluster);
        let whole = run.length == wanted;
        layout.push(run);
        (layout, whole)
    }

    fn file(
        &self,
        entry: Entry,
        path: Vec<u8>,
        inode: u64,
        table: &Table<'_>,
        sink: &mut dyn FnMut(Item),
    ) {
        let kind = match entry.deleted {
            true => ObjectKind::Deleted,
            false => ObjectKind::File,
        };
        let mut object = Object::new(kind, path, inode.to_string());
        object.times = entry.times;
        let (written, whole) = match entry.first {
            0 => (Layout::default(), entry.size == 0),
            _ => self.clusters(&entry, table),
        };
        let Entry { mut size, valid, .. } = entry;
        if entry.deleted {
            if written.stored() == 0 {
                return;
            }
            size = size.min(written.end());
            let space = Space { written, size, valid, ..Space::default() };
            return emit::deleted(object, &space, self.map(), sink);
        }
        if !whole || size > written.end() {
            let missing = size.saturating_sub(written.end());
            let path = object.path.clone();
            let problem = broken_chain(path, entry.first, missing);
            sink(Item::Problem(problem));
            size = size.min(written.end());
        }
        let space = Space { written, size, valid, ..Space::default() };
        emit::in_use(object, &space, sink);
    }
}

fn broken_chain(path: Vec<u8>, first: u32, bytes: u64) -> Problem {
    let what = format!("chain of clusters from {first} on is broken");
    Problem { path, bytes, ..corrupt(None, &what) }
}

fn metadata(
    path: &[u8],
    inode: &str,
    runs: Vec<Run>,
    sink: &mut dyn FnMut(Item),
) {
    let kind = ObjectKind::Metadata;
    let object = Object::new(kind, path.to_vec(), inode.to_owned());
    let object = object.with_runs(runs);
    if object.size > 0 {
        sink(Item::Object(object));
    }
}

impl FileSystem for Fat {
    fn name(&self) -> &'static str {
        match self.geometry.width {
            Width::Fat12 => "fat12",
            Width::Fat16 => "fat16",
            Width::Fat32 => "fat32",
            Width::ExFat => "exfat",
        }
    }

    fn cluster(&self) -> u64 {
        self.geometry.cluster
    }

    fn id(&self) -> Option<String> {
        let serial = self.geometry.serial;
        Some(format!("{:04X}-{:04X}", serial >> 16, serial & 0xFFFF))
    }

    fn walk(&self, sink: &mut dyn FnMut(Item)) {
        let cut = cut_short(&self.volume, self.geometry.size);
        cut.into_iter().for_each(|problem| sink(Item::Problem(problem)));
        if self.map().left_out() > 0 {
            sink(Item::Problem(Problem {
                reason: Reason::ExpansionLimit,
                bytes: self.map().left_out(),
                ..corrupt(None, "free space in too many pieces")
            }));
        }
        let (start, length) = self.geometry.tables;
        metadata(b"/$Boot", "", vec![Run::new(0, 0, start)], sink);
        metadata(b"/$FAT", "", vec![Run::new(0, start, length)], sink);
        let table = self.table();
        let (root, whole) = self.root(&table);
        if !whole {
            let path = b"/".to_vec();
            let first = self.geometry.root;
            sink(Item::Problem(broken_chain(path, first, 0)));
        }
        let mut seen = HashSet::from([self.geometry.root]);
        let mut queue = VecDeque::from([root]);
        while let Some(directory) = queue.pop_front() {
            if !directory.deleted {
                let path: &[u8] = match &directory.path[..] {
                    [] => b"/",
                    path => path,
                };
                let runs = directory.layout.runs().to_vec();
                let inode = directory.inode.to_string();
                metadata(path, &inode, runs, sink);
            }
            self.directory(&directory, &table, &mut seen, &mut queue, sink);
        }
    }

    fn free(&self) -> Vec<(u64, u64)> {
        self.map().list()
    }
}
