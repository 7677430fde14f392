//! Crash dumps of Windows for 64 bits: PAGEDU64, full or with a bitmap.
//!
//! Format: the structure `_DUMP_HEADER64` of the debugging symbols, and for
//! the bitmap `_BMP_DUMP_HEADER64`; pages have 4,096 bytes.

use super::space::{Region, RegionKind, Space, View};
use crate::container::field::{Fields, peek, read_vec};
use crate::{OpenError, Reason, Shared};

const MAGIC: &[u8] = b"PAGEDU64";
const MAGIC_32: &[u8] = b"PAGEDUMP";
const PAGE: u64 = 4096;
/// The header, and with it the first page of a full dump.
const HEADER: u64 = 0x2000;
/// A list of runs of pages, and all of their bytes.
const FULL: u32 = 1;
/// Runs that fit into the header.
const MAX_RUNS: u32 = 42;
/// Most bytes of the bitmap: a machine with 4 TiB.
const MAX_BITMAP: u64 = 128 << 20;

/// Opens a dump; `None` if it is none.
pub(super) fn open(source: &Shared) -> Result<Option<Space>, OpenError> {
    let head = peek(source, 0, HEADER as usize);
    let fields = Fields(&head);
    if fields.has(0, MAGIC_32) {
        let detail = "a crash dump of a machine with 32 bits";
        return Err(OpenError::new(Reason::UnsupportedFormat, detail));
    }
    if !fields.has(0, MAGIC) {
        return Ok(None);
    }
    let mut space = Space::new("pagedu64", View::Physical);
    match fields.le32(0xf98) {
        Some(FULL) => full(&mut space, fields, source),
        _ => bitmap(&mut space, source)?,
    }
    for run in &space.stored {
        let mut region = Region::new(run.logical, run.length);
        region.kind = RegionKind::Physical;
        space.regions.push(region);
    }
    Ok(Some(space.finish()))
}

fn full(space: &mut Space, fields: Fields<'_>, source: &Shared) {
    let held = source.len().unwrap_or(0);
    let count = fields.le32(0x88).unwrap_or(0);
    if count > MAX_RUNS {
        let detail = format!("{count} runs of pages do not fit the header");
        space.problem(Reason::CorruptMetadata, 0, detail);
    }
    let mut place = HEADER;
    for index in 0..count.min(MAX_RUNS) as usize {
        let at = index.saturating_mul(16).saturating_add(0x98);
        let run = fields.le64(at).zip(fields.le64(at.saturating_add(8)));
        let Some((page, pages)) = run else { break };
        let length = pages.saturating_mul(PAGE);
        space.store(page.saturating_mul(PAGE), place, length, held);
        place = place.saturating_add(length);
    }
}

fn bitmap(space: &mut Space, source: &Shared) -> Result<(), OpenError> {
    let head = peek(source, HEADER, 0x38);
    let fields = Fields(&head);
    if !(fields.has(0, b"SDMP") || fields.has(0, b"FDMP")) {
        let detail = "a crash dump of a kind that is not known";
        return Err(OpenError::new(Reason::UnsupportedFormat, detail));
    }
    let held = source.len().unwrap_or(0);
    let first = fields.le64(0x20).unwrap_or(0);
    let bits = fields.le64(0x30).unwrap_or(0);
    let bytes = bits.div_ceil(8).min(MAX_BITMAP);
    let at = HEADER.saturating_add(0x38);
    let bytes = bytes.min(held.saturating_sub(at));
    let bitmap = read_vec(source, at, bytes, "the bitmap of pages")?;
    let mut place = first;
    let mut page = 0_u64;
    let is_there = |page: u64| {
        let byte = bitmap.get((page / 8) as usize).copied().unwrap_or(0);
        page < bits && byte >> (page % 8) & 1 != 0
    };
    let end = bytes.saturating_mul(8).min(bits);
    while page < end {
        let start = page;
        while page < end && is_there(page) {
            page = page.saturating_add(1);
        }
        let length = page.saturating_sub(start).saturating_mul(PAGE);
        if length > 0 {
            space.store(start.saturating_mul(PAGE), place, length, held);
            place = place.saturating_add(length);
        }
        page = page.saturating_add(1);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::layer::tests::Bytes;
    use crate::memory::Unit;

    fn header(kind: u32) -> Vec<u8> {
        let mut head = b"PAGE".repeat(0x800);
        head[..8].copy_from_slice(MAGIC);
        head[0xf98..0xf9c].copy_from_slice(&kind.to_le_bytes());
        head
    }

    fn put(bytes: &mut [u8], at: usize, number: u64) {
        bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
    }

    fn objects(bytes: Vec<u8>) -> Vec<(u64, u64, u64)> {
        let source: Shared = Arc::new(Bytes(bytes));
        let space = open(&source).unwrap().unwrap();
        let objects = space.objects(Unit::Mapping);
        let place = |object: &crate::Object| object.runs[0].physical.unwrap();
        objects
            .iter()
            .map(|o| (o.address.unwrap(), o.size, place(o)))
            .collect()
    }

    #[test]
    fn a_full_dump_has_runs_of_pages() {
        let mut bytes = header(FULL);
        bytes[0x88..0x8c].copy_from_slice(&2_u32.to_le_bytes());
        let runs = [(0x98, 1), (0xa0, 4), (0xa8, 0x100), (0xb0, 8)];
        for (at, number) in runs {
            put(&mut bytes, at, number);
        }
        bytes.resize(0x2000 + 12 * 4096, 0x41);
        let expected = [(0x1000, 0x4000, 0x2000), (0x10_0000, 0x8000, 0x6000)];
        assert_eq!(objects(bytes), expected);
    }

    #[test]
    fn a_bitmap_says_which_pages_are_there() {
        let mut bytes = header(5);
        bytes.resize(0x3000 + 5 * 4096, 0x41);
        bytes[0x2000..0x2008].copy_from_slice(b"FDMPDUMP");
        put(&mut bytes, 0x2020, 0x3000);
        put(&mut bytes, 0x2028, 5);
        put(&mut bytes, 0x2030, 16);
        bytes[0x2038..0x203a].copy_from_slice(&[0b0000_0110, 0b1100_0001]);
        // Page 16 would be next; the map ends before it.
        let expected = [
            (0x1000, 0x2000, 0x3000),
            (0x8000, 0x1000, 0x5000),
            (0xe000, 0x2000, 0x6000),
        ];
        assert_eq!(objects(bytes), expected);
    }
}
