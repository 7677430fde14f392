//! Minidumps of Windows, and those that Breakpad writes elsewhere.
//!
//! Format: `minidumpapiset.h` of the Windows SDK. Which memory is there say
//! `Memory64List` and `MemoryList`, what it is `MemoryInfoList` (its header
//! has 16 bytes; some writers make it 12) or, of Linux, the text of `maps`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::maps;
use super::notes::has_any;
use super::space::{Module, Protection, Region, RegionKind, Space, View};
use crate::container::field::{Fields, peek, read_vec, utf16};
use crate::{OpenError, Reason, Shared};

const MAGIC: &[u8] = b"MDMP";
const THREADS: u32 = 3;
const MODULES: u32 = 4;
const MEMORY: u32 = 5;
const MEMORY64: u32 = 9;
const MISC: u32 = 15;
const MEMORY_INFO: u32 = 16;
const LINUX_MAPS: u32 = 0x4767_0009;
/// Most streams; real dumps have some twenty.
const MAX_STREAMS: u64 = 4096;
/// Most bytes of a list.
const MAX_LIST: u64 = 256 << 20;
/// Longest name of a module, in bytes.
const MAX_NAME: u64 = 2 << 10;
/// Memory, not an address that is only taken.
const COMMITTED: u32 = 0x1000;
const MAPPED: u32 = 0x4_0000;
const IMAGE: u32 = 0x100_0000;

/// Opens a dump; `None` if it is none.
pub(super) fn open(source: &Shared) -> Result<Option<Space>, OpenError> {
    let head = peek(source, 0, 32);
    let fields = Fields(&head);
    if !fields.has(0, MAGIC) {
        return Ok(None);
    }
    let held = source.len().unwrap_or(0);
    let count = fields.le32(8).map_or(0, u64::from);
    let at = fields.le32(12).map_or(0, u64::from);
    let there = held.saturating_sub(at) / 12;
    let count = count.min(there).min(MAX_STREAMS);
    let length = count.saturating_mul(12);
    let directory = read_vec(source, at, length, "the list of streams")?;
    let mut dump =
        Dump { source, held, space: Space::new("minidump", View::Process) };
    let mut stacks = Vec::new();
    let mut seen = BTreeSet::new();
    for row in directory.as_chunks::<12>().0 {
        let row = Fields(row);
        let (Some(kind), Some(size), Some(at)) =
            (row.le32(0), row.le32(4), row.le32(8))
        else {
            continue;
        };
        // A kind that comes twice would only cost twice.
        if !seen.insert(kind) {
            continue;
        }
        let Some(bytes) = dump.stream(at.into(), size.into()) else {
            continue;
        };
        let fields = Fields(&bytes);
        match kind {
            THREADS => threads(fields, &mut stacks),
            MODULES => dump.modules(fields),
            MEMORY => dump.memory(fields),
            MEMORY64 => dump.memory64(fields),
            MISC => dump.misc(fields),
            MEMORY_INFO => dump.info(fields),
            LINUX_MAPS => {
                let regions = maps::read(&bytes);
                dump.space.regions.extend(regions.map(|found| found.region));
            }
            _ => {}
        }
    }
    let mut space = dump.space.finish();
    space.name_images();
    stacks.sort_unstable();
    for region in &mut space.regions {
        if region.kind == RegionKind::Private && has_any(&stacks, region) {
            region.kind = RegionKind::Stack;
        }
    }
    Ok(Some(space))
}

struct Dump<'s> {
    source: &'s Shared,
    held: u64,
    space: Space,
}

/// The rows of a list behind a count of 32 bits; some writers put four bytes
/// of padding between.
fn rows(fields: Fields<'_>, size: usize) -> impl Iterator<Item = Fields<'_>> {
    let count = fields.le32(0).unwrap_or(0) as usize;
    let padded = count.saturating_mul(size).saturating_add(8);
    let start = if fields.0.len() == padded { 8 } else { 4 };
    let rows = fields.0.get(start..).unwrap_or_default();
    rows.chunks_exact(size).take(count).map(Fields)
}

/// Where stacks are.
fn threads(fields: Fields<'_>, stacks: &mut Vec<u64>) {
    stacks.extend(rows(fields, 48).filter_map(|row| row.le64(24)));
}

impl Dump<'_> {
    /// The bytes of a stream, as far as they are there.
    fn stream(&mut self, at: u64, size: u64) -> Option<Vec<u8>> {
        let there = size.min(self.held.saturating_sub(at));
        if there < size {
            let lost = size.saturating_sub(there);
            let detail = "a stream reaches behind the end";
            self.space.problem(Reason::Truncated, lost, detail);
        }
        read_vec(self.source, at, there.min(MAX_LIST), "a stream").ok()
    }

    fn modules(&mut self, fields: Fields<'_>) {
        for row in rows(fields, 108) {
            let (Some(base), Some(size), Some(name)) =
                (row.le64(0), row.le32(8), row.le32(20))
            else {
                continue;
            };
            let name = self.name(name.into());
            let name = Arc::from(name.into_bytes());
            let size = u64::from(size);
            self.space.modules.push(Module { name, base, size });
        }
    }

    /// Text behind the number of its bytes.
    fn name(&self, at: u64) -> String {
        let length = peek(self.source, at, 4);
        let length = Fields(&length).le32(0).map_or(0, u64::from);
        let at = at.saturating_add(4);
        let bytes = peek(self.source, at, length.min(MAX_NAME) as usize);
        utf16(&bytes, false)
    }

    fn memory(&mut self, fields: Fields<'_>) {
        let mut known: Vec<(u64, u64, u64)> = rows(fields, 16)
            .filter_map(|row| {
                let place = (row.le32(8)?, row.le32(12)?);
                Some((row.le64(0)?, place.0.into(), place.1.into()))
            })
            .collect();
        known.sort_unstable();
        // Stacks of threads may be part of other ranges.
        let mut end = 0_u64;
        for (start, length, place) in known {
            let cut = end.saturating_sub(start).min(length);
            let start = start.saturating_add(cut);
            let length = length.saturating_sub(cut);
            let place = place.saturating_add(cut);
            self.space.store(start, place, length, self.held);
            end = end.max(start.saturating_add(length));
        }
    }

    fn memory64(&mut self, fields: Fields<'_>) {
        let count = fields.le64(0).unwrap_or(0);
        let mut place = fields.le64(8).unwrap_or(0);
        let rows = fields.0.get(16..).unwrap_or_default().as_chunks::<16>().0;
        if count > rows.len() as u64 {
            let detail = format!("{count} ranges of memory do not fit");
            self.space.problem(Reason::CorruptMetadata, 0, detail);
        }
        let count = usize::try_from(count).unwrap_or(rows.len());
        for row in rows.iter().take(count) {
            let row = Fields(row);
            let range = row.le64(0).zip(row.le64(8));
            let Some((start, length)) = range else { break };
            self.space.store(start, place, length, self.held);
            place = place.saturating_add(length);
        }
    }

    fn misc(&mut self, fields: Fields<'_>) {
        const HAS_PID: u32 = 1;
        if fields.le32(4).is_some_and(|flags| flags & HAS_PID != 0) {
            self.space.process.pid = fields.le32(8).map(u64::from);
        }
    }

    fn info(&mut self, fields: Fields<'_>) {
        let head = fields.le32(0).unwrap_or(0) as usize;
        let size = fields.le32(4).unwrap_or(0) as usize;
        let count = match head {
            16.. => fields.le64(8),
            _ => fields.le32(8).map(u64::from),
        };
        let rows = fields.0.get(head.max(12)..).unwrap_or_default();
        let rows = rows.chunks_exact(size.max(48));
        let count = usize::try_from(count.unwrap_or(0)).unwrap_or(usize::MAX);
        let regions = rows.take(count).map(Fields).filter_map(region);
        self.space.regions.extend(regions);
    }
}

fn region(row: Fields<'_>) -> Option<Region> {
    let mut region = Region::new(row.le64(0)?, row.le64(24)?);
    let (state, protect, kind) = (row.le32(32)?, row.le32(36)?, row.le32(40)?);
    region.allocation = row.le64(8);
    region.protection = protection(protect);
    region.kind = match kind {
        MAPPED => RegionKind::Mapped,
        IMAGE => RegionKind::Image,
        _ => RegionKind::Private,
    };
    (state & COMMITTED != 0).then_some(region)
}

/// Of the constants `PAGE_…`: one bit each, with flags above them.
fn protection(protect: u32) -> Protection {
    let any = |bits: u32| protect & bits != 0;
    Protection {
        read: any(0x02 | 0x04 | 0x08 | 0x20 | 0x40 | 0x80),
        write: any(0x04 | 0x08 | 0x40 | 0x80),
        execute: any(0x10 | 0x20 | 0x40 | 0x80),
    }
}
