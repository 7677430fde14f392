//! ELF cores of processes and machines: `gcore`, the kernel's dumps, the
//! memory of virtual machines.
//!
//! Format: System V ABI, chapters "ELF Header" and "Program Header"; a count
//! of segments above 65,534 stands in the first section header.

use super::notes::{self, Notes};
use super::space::{Protection, Region, RegionKind, Space, View};
use crate::container::field::{Fields, peek, read_vec};
use crate::{OpenError, Reason, Shared};

const ET_CORE: u16 = 4;
const PT_LOAD: u32 = 1;
const PT_NOTE: u32 = 4;
/// The count of segments did not fit.
const PN_XNUM: u64 = 0xffff;
/// Most segments that are read; the kernel allows 65,530 mappings unless
/// told otherwise.
const MAX_SEGMENTS: u64 = 1 << 22;
/// Most bytes of notes, all together.
const MAX_NOTES: u64 = 64 << 20;

/// How numbers are stored.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    pub(super) is_wide: bool,
    pub(super) is_big: bool,
    pub(super) machine: u16,
}

impl Shape {
    pub(super) fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let raw = Fields(bytes).array(at)?;
        Some(match self.is_big {
            true => u16::from_be_bytes(raw),
            false => u16::from_le_bytes(raw),
        })
    }

    pub(super) fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let fields = Fields(bytes);
        if self.is_big { fields.be32(at) } else { fields.le32(at) }
    }

    /// A number as wide as an address.
    pub(super) fn word(self, bytes: &[u8], at: usize) -> Option<u64> {
        let fields = Fields(bytes);
        match (self.is_wide, self.is_big) {
            (false, _) => self.u32(bytes, at).map(u64::from),
            (true, true) => fields.be64(at),
            (true, false) => fields.le64(at),
        }
    }

    /// Bytes of an address.
    pub(super) fn width(self) -> usize {
        if self.is_wide { 8 } else { 4 }
    }
}

/// A segment of the program header.
struct Segment {
    kind: u32,
    flags: u32,
    offset: u64,
    address: u64,
    physical: u64,
    stored: u64,
    size: u64,
}

fn segment(shape: Shape, row: &[u8]) -> Option<Segment> {
    let places = match shape.is_wide {
        true => [4, 8, 16, 24, 32, 40],
        false => [24, 4, 8, 12, 16, 20],
    };
    let [flags, offset, address, physical, stored, size] = places;
    Some(Segment {
        kind: shape.u32(row, 0)?,
        flags: shape.u32(row, flags)?,
        offset: shape.word(row, offset)?,
        address: shape.word(row, address)?,
        physical: shape.word(row, physical)?,
        stored: shape.word(row, stored)?,
        size: shape.word(row, size)?,
    })
}

/// Opens a core; `None` if it is none.
pub(super) fn open(source: &Shared) -> Result<Option<Space>, OpenError> {
    let head = peek(source, 0, 64);
    if !Fields(&head).has(0, b"\x7fELF") {
        return Ok(None);
    }
    let class = Fields(&head).u8(4);
    let shape = Shape {
        is_wide: class == Some(2),
        is_big: Fields(&head).u8(5) == Some(2),
        machine: 0,
    };
    if shape.u16(&head, 16) != Some(ET_CORE) {
        return Ok(None);
    }
    let machine = shape.u16(&head, 18).unwrap_or(0);
    let shape = Shape { machine, ..shape };
    let segments = segments(source, shape, &head)?;
    let held = source.len().unwrap_or(0);
    let mut notes = Notes::default();
    let mut left = MAX_NOTES;
    for segment in segments.iter().filter(|s| s.kind == PT_NOTE) {
        let there = held.saturating_sub(segment.offset);
        let length = segment.stored.min(there).min(left);
        if length == 0 {
            continue;
        }
        left = left.saturating_sub(length);
        let bytes = read_vec(source, segment.offset, length, "notes")?;
        notes::read(shape, &bytes, &mut notes);
    }
    let loads: Vec<&Segment> =
        segments.iter().filter(|s| s.kind == PT_LOAD).collect();
    let nowhere = loads.iter().all(|segment| segment.address == 0);
    let is_machine = notes.is_machine || nowhere && loads.len() > 1;
    let view = if is_machine { View::Physical } else { View::Process };
    let mut space = Space::new("elf_core", view);
    for segment in loads {
        let address = match view {
            View::Physical => segment.physical,
            View::Process => segment.address,
        };
        let size = segment.size.max(segment.stored);
        let mut region = Region::new(address, size);
        region.protection = Protection::of(segment.flags, [4, 2, 1]);
        if is_machine {
            region.kind = RegionKind::Physical;
        }
        space.store(address, segment.offset, segment.stored, held);
        space.regions.push(region);
    }
    notes.apply(&mut space);
    let mut space = space.finish();
    let is_program = |region: &&Region| {
        let place = space.place_of(region.start);
        region.file.is_some()
            && region.file_offset == 0
            && place.is_some_and(|at| peek(source, at, 4) == b"\x7fELF")
    };
    let programs = space.regions.iter().filter(is_program);
    let programs: Vec<u64> = programs.map(|region| region.start).collect();
    // Regions are in order, and so are these.
    space.find_modules(&|start| programs.binary_search(&start).is_ok());
    Ok(Some(space))
}

/// All rows of the program header.
fn segments(
    source: &Shared,
    shape: Shape,
    head: &[u8],
) -> Result<Vec<Segment>, OpenError> {
    let lost = || OpenError::new(Reason::Truncated, "the header is cut off");
    let (table, sections, counts) = match shape.is_wide {
        true => (32, 40, 54),
        false => (28, 32, 42),
    };
    let table = shape.word(head, table).ok_or_else(lost)?;
    let size = shape.u16(head, counts).ok_or_else(lost)?;
    let size = u64::from(size);
    if size != if shape.is_wide { 56 } else { 32 } {
        let detail = format!("rows of {size} bytes in the program header");
        return Err(OpenError::new(Reason::CorruptMetadata, detail));
    }
    let count = shape.u16(head, counts.saturating_add(2));
    let mut count = u64::from(count.ok_or_else(lost)?);
    if count == PN_XNUM {
        let at = shape.word(head, sections).ok_or_else(lost)?;
        let first = peek(source, at, 64);
        let info = if shape.is_wide { 44 } else { 28 };
        count = shape.u32(&first, info).map_or(count, u64::from);
    }
    let held = source.len().unwrap_or(0).saturating_sub(table);
    let there = held.checked_div(size).unwrap_or(0);
    let count = count.min(there).min(MAX_SEGMENTS);
    let length = count.saturating_mul(size);
    let bytes = read_vec(source, table, length, "the program header")?;
    let rows = bytes.chunks_exact(usize::try_from(size).unwrap_or(56));
    Ok(rows.filter_map(|row| segment(shape, row)).collect())
}
