//! LiME: the memory of a Linux machine, a header in front of each range.
//!
//! Format: <https://github.com/504ensicsLabs/LiME>, "lime" format: magic,
//! version, first and last address (both inside), eight bytes of padding.

use super::space::{Region, RegionKind, Space, View};
use crate::container::field::{Fields, peek};
use crate::{OpenError, Reason, Shared};

const MAGIC: &[u8] = b"EMiL";
const HEADER: usize = 32;
/// Most ranges; machines have dozens.
const MAX_RANGES: usize = 1 << 20;

/// Opens a dump; `None` if it is none.
pub(super) fn open(source: &Shared) -> Result<Option<Space>, OpenError> {
    let head = peek(source, 0, HEADER);
    if !Fields(&head).has(0, MAGIC) || Fields(&head).le32(4) != Some(1) {
        return Ok(None);
    }
    let held = source.len().unwrap_or(0);
    let mut space = Space::new("lime", View::Physical);
    let mut at = 0_u64;
    for _ in 0..MAX_RANGES {
        if at >= held {
            break;
        }
        let head = peek(source, at, HEADER);
        let fields = Fields(&head);
        let (first, last) = (fields.le64(8), fields.le64(16));
        let length = first
            .zip(last)
            .and_then(|(first, last)| last.checked_sub(first)?.checked_add(1));
        let length = length.filter(|_| fields.has(0, MAGIC));
        let (Some(first), Some(length)) = (first, length) else {
            let left = held.saturating_sub(at);
            let detail = format!("no header of a range at {at:#x}");
            space.problem(Reason::CorruptMetadata, left, detail);
            break;
        };
        let place = at.saturating_add(HEADER as u64);
        let mut region = Region::new(first, length);
        region.kind = RegionKind::Physical;
        space.regions.push(region);
        space.store(first, place, length, held);
        at = place.saturating_add(length);
    }
    Ok(Some(space.finish()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::layer::tests::Bytes;
    use crate::memory::Unit;

    fn range(first: u64, bytes: &[u8]) -> Vec<u8> {
        let last = first + bytes.len() as u64 - 1;
        let mut all = Vec::from(MAGIC);
        all.extend(1_u32.to_le_bytes());
        all.extend(first.to_le_bytes());
        all.extend(last.to_le_bytes());
        all.extend([0; 8]);
        all.extend(bytes);
        all
    }

    #[test]
    fn neighbouring_ranges_are_one_object() {
        let all = [
            range(0x1000, &[1; 0x1000]),
            range(0x2000, &[2; 0x1000]),
            range(0x10_0000, &[3; 0x2000]),
        ];
        let source: Shared = Arc::new(Bytes(all.concat()));
        let space = open(&source).unwrap().unwrap();
        let objects = space.objects(Unit::Mapping);
        let found: Vec<_> = objects
            .iter()
            .map(|o| (o.address, o.size, o.runs.len()))
            .collect();
        let expected =
            [(Some(0x1000), 0x2000, 2), (Some(0x10_0000), 0x2000, 1)];
        assert_eq!(found, expected);
        assert_eq!(objects[1].runs[0].physical, Some(0x2060));
    }

    #[test]
    fn a_wrong_header_costs_what_is_behind_it() {
        let mut all = range(0x1000, &[1; 0x1000]);
        all.extend([0xee; 100]);
        let source: Shared = Arc::new(Bytes(all));
        let space = open(&source).unwrap().unwrap();
        let [problem] = space.problems.as_slice() else { panic!() };
        assert_eq!(problem.reason, Reason::CorruptMetadata);
        assert_eq!(problem.bytes, 100);
        assert_eq!(space.regions.len(), 1);
    }
}
