//! Cores of macOS.
//!
//! Format: `mach-o/loader.h` of Apple: a Mach-O file of type `MH_CORE`, a
//! `LC_SEGMENT_64` for each region.

use super::space::{Protection, Region, Space, View};
use crate::container::field::{Fields, peek, read_vec};
use crate::{OpenError, Reason, Shared};

const MAGIC: &[u8] = &0xfeed_facf_u32.to_le_bytes();
const MH_CORE: u32 = 4;
const LC_SEGMENT_64: u32 = 0x19;
const HEADER: u64 = 32;
/// Most bytes of commands.
const MAX_COMMANDS: u64 = 64 << 20;

/// Opens a core; `None` if it is none.
pub(super) fn open(source: &Shared) -> Result<Option<Space>, OpenError> {
    let head = peek(source, 0, HEADER as usize);
    let fields = Fields(&head);
    if !fields.has(0, MAGIC) || fields.le32(12) != Some(MH_CORE) {
        return Ok(None);
    }
    let held = source.len().unwrap_or(0);
    let count = fields.le32(16).unwrap_or(0);
    let size = fields.le32(20).map_or(0, u64::from).min(MAX_COMMANDS);
    let there = size.min(held.saturating_sub(HEADER));
    let commands = read_vec(source, HEADER, there, "the load commands")?;
    let mut space = Space::new("macho_core", View::Process);
    if there < size {
        let lost = size.saturating_sub(there);
        space.problem(Reason::Truncated, lost, "commands are cut off");
    }
    let mut rest = commands.as_slice();
    for _ in 0..count {
        let fields = Fields(rest);
        let (Some(kind), Some(size)) = (fields.le32(0), fields.le32(4)) else {
            break;
        };
        if kind == LC_SEGMENT_64 {
            segment(&mut space, fields, held);
        }
        // A command has eight bytes at least; this ends on all input.
        let Some(next) = rest.get((size as usize).max(8)..) else { break };
        rest = next;
    }
    Ok(Some(space.finish()))
}

fn segment(space: &mut Space, fields: Fields<'_>, held: u64) -> Option<()> {
    let (start, length) = (fields.le64(24)?, fields.le64(32)?);
    let (place, stored) = (fields.le64(40)?, fields.le64(48)?);
    let mut region = Region::new(start, length.max(stored));
    region.protection = Protection::of(fields.le32(60)?, [1, 2, 4]);
    space.regions.push(region);
    space.store(start, place, stored, held);
    Some(())
}
