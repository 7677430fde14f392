//! NTFS: every record of the file table is a file, or continues one.
//!
//! Hides how records, attributes and clusters hang together. Names come from
//! the records themselves, so damaged directories hide nothing.

mod boot;
mod file;
mod list;
mod mapping;
mod objects;
mod packed;
mod record;
mod table;
mod tree;

use std::sync::OnceLock;

use dragnet_engine::source::Source;

use self::boot::Geometry;
use self::file::{Collector, Place};
use self::objects::Maker;
use self::record::DATA;
use self::table::Table;
use self::tree::Tree;
use super::free::Free;
use super::stored::{corrupt, cut_short, read_some};
use crate::Reason;
use crate::content::Content;
use crate::layer::Shared;
use crate::object::{FileSystem, Item, Object, ObjectKind, Problem};

/// The record of the map of clusters.
const BITMAP: u64 = 6;

/// Bytes of the map that are read at once.
const BATCH: usize = 1 << 20;

/// A volume with NTFS.
pub(super) struct Ntfs {
    volume: Shared,
    geometry: Geometry,
    table: Table,
    free: OnceLock<(Free, Option<Problem>)>,
}

impl Ntfs {
    /// Opens it; `None` if the volume holds something else.
    pub(super) fn open(volume: Shared) -> Result<Option<Ntfs>, Problem> {
        let Some(geometry) = geometry(&volume) else { return Ok(None) };
        let table = Table::open(volume.clone(), geometry)?;
        let free = OnceLock::new();
        Ok(Some(Ntfs { volume, geometry, table, free }))
    }

    fn collector<'a>(
        &'a self,
        continuations: &'a [(u64, u64)],
    ) -> Collector<'a> {
        let size = self.table.count().saturating_mul(self.geometry.record);
        Collector {
            volume: &self.volume,
            geometry: &self.geometry,
            table: &self.table,
            continuations,
            fuel: size.saturating_mul(4).saturating_add(1 << 20),
        }
    }

    /// Free clusters, and what went wrong when they were looked for.
    fn map(&self) -> &(Free, Option<Problem>) {
        self.free.get_or_init(|| {
            let mut free = Free::default();
            let problem = self.read_map(&mut free).err();
            (free, problem)
        })
    }

    fn read_map(&self, free: &mut Free) -> Result<(), Problem> {
        let record = self.table.record(BITMAP)?;
        let missing = || corrupt(None, "no map of clusters");
        let record = record.ok_or_else(missing)?;
        let file = self.collector(&[]).file(&record);
        let data = |s: &&file::Stream| s.kind == DATA && s.name.is_empty();
        let place = &file.streams.iter().find(data).ok_or_else(missing)?.place;
        let path = b"/$Bitmap".to_vec();
        let object = Object::new(ObjectKind::Metadata, path, String::new());
        let mut left = self.geometry.clusters;
        let mut at = 0u64;
        let mut add = |bits: &[u8], free: &mut Free| {
            let unit = self.geometry.cluster;
            free.add_bits(bits, at, unit, left, false);
            let count = (bits.len() as u64).saturating_mul(8);
            left = left.saturating_sub(count);
            at = at.saturating_add(count.saturating_mul(unit));
        };
        match place {
            Place::Resident(bytes, _) => add(bytes, free),
            Place::Clusters { layout, size, valid, .. } => {
                let runs = layout.clip(0, *size);
                // A hole says nothing about clusters, so what is behind one
                // counts as in use.
                let first = runs.first().filter(|run| run.logical == 0);
                let whole = first.map_or(0, |_| contiguous(&runs));
                let mut object = object.with_runs(runs);
                object.size = (*valid).min(*size).min(whole);
                let content = Content::new(self.volume.clone(), object);
                let mut buffer = vec![0; BATCH];
                let mut offset = 0u64;
                loop {
                    let count =
                        content.read_at(offset, &mut buffer).map_err(|e| {
                            let detail = format!("map of clusters: {e}");
                            corrupt(None, &detail)
                        })?;
                    let bits = buffer.get(..count).unwrap_or_default();
                    if bits.is_empty() {
                        break;
                    }
                    add(bits, free);
                    offset = offset.saturating_add(count as u64);
                }
            }
        }
        if free.left_out() > 0 {
            return Err(Problem {
                reason: Reason::ExpansionLimit,
                bytes: free.left_out(),
                ..corrupt(None, "free space in too many pieces")
            });
        }
        if left > 0 {
            return Err(corrupt(None, "the map of clusters is too short"));
        }
        Ok(())
    }

    /// All directories, for the paths, and the records that continue others.
    fn tree(&self) -> (Tree, Vec<(u64, u64)>) {
        let mut tree = Tree::default();
        let mut continuations = Vec::new();
        let mut collector = self.collector(&[]);
        self.table.each(|record| {
            let Ok(record) = record else { return };
            if let Some(base) = record.base {
                continuations.push((base.number, record.number));
                return;
            }
            tree.refuel();
            if !record.directory {
                return;
            }
            let names = collector.file(&record).names;
            let long = names.iter().find(|name| !name.short);
            if let Some(name) = long.or(names.first()) {
                tree.add(&record, name.clone());
            }
        });
        continuations.sort_unstable();
        (tree, continuations)
    }
}

/// Up to where runs follow each other without a hole.
fn contiguous(runs: &[crate::Run]) -> u64 {
    let mut end = 0;
    for run in runs {
        if run.logical != end {
            break;
        }
        end = run.end();
    }
    end
}

/// The sizes, from the boot sector or its copy in the last sector.
fn geometry(volume: &Shared) -> Option<Geometry> {
    let boot = read_some(volume, 0, 512);
    if let Some(geometry) = Geometry::parse(&boot) {
        return Some(geometry);
    }
    let length = volume.len()?;
    [512, 4096].into_iter().find_map(|sector: u64| {
        let place = length.checked_sub(sector)?;
        let geometry = Geometry::parse(&read_some(volume, place, 512))?;
        // Only where it belongs, for images of NTFS may lie anywhere.
        (geometry.size == place).then_some(geometry)
    })
}

impl FileSystem for Ntfs {
    fn name(&self) -> &'static str {
        "ntfs"
    }

    fn cluster(&self) -> u64 {
        self.geometry.cluster
    }

    fn id(&self) -> Option<String> {
        Some(format!("{:016X}", self.geometry.serial))
    }

    fn walk(&self, sink: &mut dyn FnMut(Item)) {
        let cut = cut_short(&self.volume, self.geometry.size);
        cut.into_iter().for_each(|problem| sink(Item::Problem(problem)));
        let (free, problem) = self.map();
        if let Some(problem) = problem {
            let path = b"/$Bitmap".to_vec();
            sink(Item::Problem(Problem { path, ..problem.clone() }));
        }
        let (mut tree, continuations) = self.tree();
        let mut collector = self.collector(&continuations);
        self.table.each(|record| match record {
            Err(mut problem) => {
                problem.path = b"/$MFT".to_vec();
                sink(Item::Problem(problem));
            }
            Ok(record) if record.base.is_some() => {}
            Ok(record) => {
                let file = collector.file(&record);
                let mut maker = Maker {
                    geometry: &self.geometry,
                    free,
                    tree: &mut tree,
                    sink,
                };
                maker.file(&record, file);
            }
        });
    }

    fn free(&self) -> Vec<(u64, u64)> {
        self.map().0.list()
    }
}

#[cfg(test)]
mod tests;
