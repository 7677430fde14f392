//! ISO 9660 with Rock Ridge and Joliet.
//!
//! Hides that one volume has several trees over the same files: the one with
//! the best names is walked first, and of the others only what is new counts.

mod record;

use std::collections::{BTreeMap, HashSet, VecDeque};

use self::record::Record;
use super::emit::{self, Space};
use super::field::{le16, le32, part};
use super::fuel::Fuel;
use super::layout::Layout;
use super::stored::{corrupt, cut_short, read, read_some};
use crate::Reason;
use crate::layer::Shared;
use crate::object::{
    FileSystem, Form, Item, Object, ObjectKind, Problem, Run, Times,
};

/// Descriptors lie one in each of these from the sixteenth on.
const SECTOR: u64 = 2048;
/// More descriptors than any volume has.
const DESCRIPTORS: u64 = 64;
/// Longest path that is followed.
const LONGEST: usize = 1 << 16;

/// A tree of directories.
#[derive(Clone, Debug)]
struct Tree {
    /// Names are those of Joliet.
    wide: bool,
    root: (u32, u32),
    /// Blocks of the lists of all paths.
    tables: Vec<(u32, u32)>,
}

/// A volume with ISO 9660.
pub(super) struct Iso {
    volume: Shared,
    block: u64,
    size: u64,
    label: String,
    trees: Vec<Tree>,
    /// Number of descriptors.
    descriptors: u64,
    /// The block of the catalogue of boot images.
    boot: Option<u32>,
}

/// A directory to look at.
struct Directory {
    path: Vec<u8>,
    extent: (u32, u32),
}

/// What was met already, by first block.
#[derive(Default)]
struct Seen {
    directories: HashSet<u32>,
    files: HashSet<u32>,
}

impl Iso {
    /// Opens it; `None` if the volume holds something else.
    pub(super) fn open(volume: Shared) -> Option<Iso> {
        let mut iso = Iso {
            volume,
            block: SECTOR,
            size: 0,
            label: String::new(),
            trees: Vec::new(),
            descriptors: 0,
            boot: None,
        };
        while iso.descriptors < DESCRIPTORS {
            let number = iso.descriptors.saturating_add(16);
            let place = number.saturating_mul(SECTOR);
            let bytes = read_some(&iso.volume, place, SECTOR as usize);
            if bytes.get(1..6) != Some(b"CD001") {
                break;
            }
            iso.descriptors = iso.descriptors.saturating_add(1);
            if *bytes.first()? == 255 || iso.descriptor(&bytes).is_none() {
                break;
            }
        }
        iso.trees.first()?;
        Some(iso)
    }

    fn descriptor(&mut self, bytes: &[u8]) -> Option<()> {
        let wide = match *bytes.first()? {
            0 => {
                if bytes.get(7..30)? == b"EL TORITO SPECIFICATION" {
                    self.boot = le32(bytes, 71);
                }
                return Some(());
            }
            1 => false,
            // Only these escapes stand for UTF-16.
            2 => matches!(bytes.get(88..91)?, b"%/@" | b"%/C" | b"%/E"),
            _ => return Some(()),
        };
        let block = u64::from(le16(bytes, 128)?);
        if !block.is_power_of_two() || !(512..=SECTOR).contains(&block) {
            return Some(());
        }
        let root = (le32(bytes, 156 + 2)?, le32(bytes, 156 + 10)?);
        let length = le32(bytes, 132)?;
        let big =
            |at| Some(u32::from_be_bytes(*part(bytes, at, 4)?.first_chunk()?));
        let tables =
            [le32(bytes, 140)?, le32(bytes, 144)?, big(148)?, big(152)?];
        let tables = tables.into_iter().filter(|block| *block > 0);
        let tables = tables.map(|block| (block, length)).collect();
        if self.trees.is_empty() {
            self.block = block;
            self.size = u64::from(le32(bytes, 80)?).checked_mul(block)?;
            let label = String::from_utf8_lossy(bytes.get(40..72)?);
            self.label = label.trim_end().to_owned();
        }
        self.trees.push(Tree { wide, root, tables });
        Some(())
    }

    /// Where an extent lies, up to the end of its last block; empty if it is
    /// outside of the volume.
    fn layout(&self, (block, length): (u32, u32), at: u64) -> Layout {
        let mut layout = Layout::default();
        let place = u64::from(block).saturating_mul(self.block);
        let whole = u64::from(length).next_multiple_of(self.block);
        let end = self.volume.len().unwrap_or(0).max(self.size);
        let whole = whole.min(end.saturating_sub(place));
        if block > 0 {
            layout.push(Run::new(at, place, whole));
        }
        layout
    }

    /// All records of a directory; false if it cannot be read.
    fn records(&self, extent: (u32, u32), wide: bool) -> (Vec<Record>, bool) {
        let mut records = Vec::new();
        let place = u64::from(extent.0).saturating_mul(self.block);
        let length = u64::from(extent.1);
        let Ok(bytes) = read(&*self.volume, place, length, "directory") else {
            return (records, false);
        };
        let load = |block: u32, at: u32, length: u32| {
            let place = u64::from(block)
                .saturating_mul(self.block)
                .saturating_add(at.into());
            read_some(&self.volume, place, length as usize)
        };
        for sector in bytes.chunks(SECTOR as usize) {
            let mut rest = sector;
            while let Some((record, length)) = record::parse(rest, wide, load)
            {
                if !record::is_dot(rest) {
                    records.push(record);
                }
                rest = rest.get(length..).unwrap_or_default();
            }
        }
        (records, true)
    }

    /// The trees, best names first.
    fn order(&self) -> Vec<&Tree> {
        let rock_ridge = self.trees.first().is_some_and(|tree| {
            let (records, _) = self.records(tree.root, false);
            !tree.wide && records.iter().any(|r| r.rock_ridge)
        });
        let mut trees: Vec<&Tree> = self.trees.iter().collect();
        trees.sort_by_key(|tree| tree.wide == rock_ridge);
        trees
    }

    fn tree(
        &self,
        tree: &Tree,
        seen: &mut Seen,
        fuel: &Fuel,
        sink: &mut dyn FnMut(Item),
    ) {
        let path = Vec::new();
        let root = Directory { path, extent: tree.root };
        let mut queue = VecDeque::from([root]);
        let whole = |path: &[u8]| match path {
            [] => b"/".to_vec(),
            path => path.to_vec(),
        };
        while let Some(directory) = queue.pop_front() {
            let (first, length) = directory.extent;
            let path = whole(&directory.path);
            if !seen.directories.insert(first) {
                continue;
            }
            if !fuel.take(length.into()) {
                let what = "more directories than there is space for";
                sink(Item::Problem(Problem {
                    reason: Reason::ExpansionLimit,
                    path,
                    ..corrupt(None, what)
                }));
                return;
            }
            let (records, readable) =
                self.records(directory.extent, tree.wide);
            if !readable {
                let what = "directory cannot be read";
                sink(Item::Problem(Problem { path, ..corrupt(None, what) }));
                continue;
            }
            let runs = self.layout(directory.extent, 0).runs().to_vec();
            metadata(&path, first, runs, sink);
            let mut rest = records.into_iter();
            while let Some(mut record) = rest.next() {
                let name = record.name.clone();
                let path = [&directory.path, &b"/"[..], &name].concat();
                if let Some(block) = record.moved_to {
                    record.directory = true;
                    record.extent = (block, self.length_of(block));
                }
                if record.directory {
                    if path.len() <= LONGEST {
                        let extent = record.extent;
                        queue.push_back(Directory { path, extent });
                    }
                    continue;
                }
                let mut extents = vec![record.extent];
                let mut last = record.more;
                while last && let Some(next) = rest.next() {
                    extents.push(next.extent);
                    last = next.more;
                }
                self.file(&record, &extents, path, seen, sink);
            }
        }
    }

    /// Size of a directory, from the record that it has for itself.
    fn length_of(&self, block: u32) -> u32 {
        let place = u64::from(block).saturating_mul(self.block);
        let bytes = read_some(&self.volume, place, 34);
        if record::is_dot(&bytes) { le32(&bytes, 10).unwrap_or(0) } else { 0 }
    }

    fn file(
        &self,
        record: &Record,
        extents: &[(u32, u32)],
        path: Vec<u8>,
        seen: &mut Seen,
        sink: &mut dyn FnMut(Item),
    ) {
        let empty = extents.iter().all(|extent| extent.1 == 0);
        if record.special && empty {
            return;
        }
        let (first, _) = record.extent;
        // Empty files share their block with others.
        if !empty && !seen.files.insert(first) {
            return;
        }
        let mut runs = Vec::new();
        let mut size = 0u64;
        let mut inside = true;
        for (index, extent) in extents.iter().enumerate() {
            let layout = self.layout(*extent, size);
            let length = u64::from(extent.1);
            inside &= layout.stored() >= length;
            let last = index.saturating_add(1) == extents.len();
            let end =
                if last { u64::MAX } else { size.saturating_add(length) };
            runs.extend(layout.clip(0, end));
            size = size.saturating_add(length);
        }
        let (written, _) = Layout::new(runs);
        let kind = ObjectKind::File;
        let mut object = Object::new(kind, path, first.to_string());
        object.times = Times { modified: record.modified, ..Times::default() };
        if !inside {
            let missing = size.saturating_sub(written.end());
            sink(Item::Problem(Problem {
                path: object.path.clone(),
                bytes: missing,
                ..corrupt(None, "file reaches beyond the volume")
            }));
            size = size.min(written.end());
        }
        let unreadable = match record {
            Record { packed: true, .. } => Some("packed by zisofs"),
            Record { interleaved: true, .. } => Some("interleaved"),
            _ => None,
        };
        if let Some(detail) = unreadable {
            let runs = written.clip(0, size);
            sink(Item::Problem(Problem {
                reason: Reason::UnsupportedCompression,
                path: object.path.clone(),
                physical: runs.first().and_then(|run| run.physical),
                bytes: written.stored(),
                detail: detail.to_owned(),
            }));
            let form = Form::Opaque;
            let valid = size;
            object = Object { size, valid, runs, form, ..object };
            return sink(Item::Object(object));
        }
        let space = Space { written, size, valid: size, ..Space::default() };
        emit::in_use(object, &space, sink);
    }

    /// Images that a computer boots from, where no file has them.
    fn boot_images(&self, seen: &mut Seen, sink: &mut dyn FnMut(Item)) {
        let Some(catalogue) = self.boot else { return };
        let place = u64::from(catalogue).saturating_mul(self.block);
        let bytes = read_some(&self.volume, place, SECTOR as usize);
        if seen.files.insert(catalogue) {
            let runs = self.layout((catalogue, 1), 0).runs().to_vec();
            metadata(b"/$BootCatalog", catalogue, runs, sink);
        }
        let (entries, _) = bytes.as_chunks::<32>();
        let bootable = entries.iter().filter(|e| e.first() == Some(&0x88));
        for entry in bootable {
            let first = le32(entry, 8).unwrap_or(0);
            let sectors = u32::from(le16(entry, 6).unwrap_or(0));
            let length = sectors.saturating_mul(512);
            if length == 0 || !seen.files.insert(first) {
                continue;
            }
            let path = format!("/$Boot/{first}").into_bytes();
            let record =
                Record { extent: (first, length), ..Record::default() };
            seen.files.remove(&first);
            self.file(&record, &[(first, length)], path, seen, sink);
        }
    }
}

fn metadata(
    path: &[u8],
    block: u32,
    runs: Vec<Run>,
    sink: &mut dyn FnMut(Item),
) {
    let kind = ObjectKind::Metadata;
    let object = Object::new(kind, path.to_vec(), block.to_string());
    let object = object.with_runs(runs);
    if object.size > 0 {
        sink(Item::Object(object));
    }
}

impl FileSystem for Iso {
    fn name(&self) -> &'static str {
        "iso9660"
    }

    fn cluster(&self) -> u64 {
        self.block
    }

    fn id(&self) -> Option<String> {
        (!self.label.is_empty()).then(|| self.label.clone())
    }

    fn walk(&self, sink: &mut dyn FnMut(Item)) {
        let cut = cut_short(&self.volume, self.size);
        cut.into_iter().for_each(|problem| sink(Item::Problem(problem)));
        let length = self.descriptors.saturating_mul(SECTOR);
        let runs = vec![Run::new(0, SECTOR.saturating_mul(16), length)];
        metadata(b"/$Descriptors", 16, runs, sink);
        let tables: BTreeMap<u32, u32> =
            self.trees.iter().flat_map(|tree| tree.tables.clone()).collect();
        for table in tables {
            let runs = self.layout(table, 0).runs().to_vec();
            metadata(b"/$PathTable", table.0, runs, sink);
        }
        let have = self.volume.len().unwrap_or(0);
        let mut seen = Seen::default();
        let fuel = Fuel::new(have.saturating_mul(2).saturating_add(1 << 20));
        for tree in self.order() {
            self.tree(tree, &mut seen, &fuel, sink);
        }
        self.boot_images(&mut seen, sink);
    }

    /// There is no map: what nobody owns is free.
    fn free(&self) -> Vec<(u64, u64)> {
        Vec::new()
    }
}
