//! The partition table of the MBR, with logical partitions.

use std::collections::HashSet;

use super::{Entry, Table};
use crate::container::field::{Fields, peek};
use crate::container::late::problem;
use crate::{Problem, Reason, Shared};

const SECTOR: u64 = 512;
/// Most logical partitions that are followed.
const MAX_LOGICAL: u32 = 1000;
const FIRST_LOGICAL: u32 = 5;
/// The whole disk is in a GPT.
const PROTECTIVE: u8 = 0xEE;

/// One of the four entries of a table.
#[derive(Clone, Copy)]
struct Slot {
    status: u8,
    kind: u8,
    start: u64,
    sectors: u64,
}

impl Slot {
    fn is_used(self) -> bool {
        self.kind != 0 && self.sectors != 0
    }

    fn is_extended(self) -> bool {
        matches!(self.kind, 0x05 | 0x0F | 0x85)
    }

    fn entry(self, index: u32, base: u64) -> Entry {
        let start = base.saturating_add(self.start);
        Entry {
            index,
            name: String::new(),
            kind: format!("{:02x}", self.kind),
            id: None,
            offset: start.saturating_mul(SECTOR),
            length: self.sectors.saturating_mul(SECTOR),
        }
    }
}

fn slots(sector: &[u8]) -> Option<[Slot; 4]> {
    let fields = Fields(sector);
    if !fields.has(510, b"\x55\xaa") {
        return None;
    }
    let slot = |at: usize| -> Option<Slot> {
        Some(Slot {
            status: fields.u8(at)?,
            kind: fields.u8(at.checked_add(4)?)?,
            start: u64::from(fields.le32(at.checked_add(8)?)?),
            sectors: u64::from(fields.le32(at.checked_add(12)?)?),
        })
    };
    Some([slot(446)?, slot(462)?, slot(478)?, slot(494)?])
}

/// The first sector of a file system ends with the same two bytes.
fn is_boot_sector(sector: &[u8]) -> bool {
    let fields = Fields(sector);
    let is_jump = matches!(sector.first(), Some(0xEB | 0xE9));
    let is_named = fields.has(3, b"NTFS    ")
        || fields.has(3, b"EXFAT   ")
        || fields.has(54, b"FAT")
        || fields.has(82, b"FAT32");
    is_jump && is_named
}

/// The table of a disk, if it has one.
pub(super) fn read(disk: &Shared) -> Option<Table> {
    let sector = peek(disk, 0, SECTOR as usize);
    let primary = slots(&sector)?;
    let size = disk.len().unwrap_or(0);
    let used: Vec<(u32, Slot)> =
        (1..).zip(primary).filter(|(_, slot)| slot.is_used()).collect();
    let begins_inside = used.iter().any(|(_, slot)| {
        slot.start > 0 && slot.start.saturating_mul(SECTOR) < size
    });
    let is_table = primary.iter().all(|s| matches!(s.status, 0 | 0x80))
        && begins_inside
        && !is_boot_sector(&sector);
    if !is_table {
        return None;
    }
    let mut problems = Vec::new();
    let mut entries = Vec::new();
    let mut logical = Vec::new();
    for (index, slot) in used {
        if slot.kind == PROTECTIVE {
            let detail = "a protective MBR, but both GPTs are destroyed";
            let reason = Reason::CorruptMetadata;
            problems.push(problem(reason, 0, 0, detail));
        } else if slot.is_extended() {
            chain(disk, slot.start, &mut logical, &mut problems);
        } else {
            entries.push(slot.entry(index, 0));
        }
    }
    entries.extend(logical);
    Some(Table::of_entries("mbr", SECTOR, disk, entries, problems))
}

/// Follows the logical partitions of an extended one: each has a table of
/// its own, with itself and the place of the next table.
fn chain(
    disk: &Shared,
    extended: u64,
    entries: &mut Vec<Entry>,
    problems: &mut Vec<Problem>,
) {
    let mut seen = HashSet::new();
    let mut at = extended;
    let mut fail = |at: u64, detail: &str| {
        let place = at.saturating_mul(SECTOR);
        let reason = Reason::CorruptMetadata;
        problems.push(problem(reason, place, 0, detail));
    };
    loop {
        let count = u32::try_from(entries.len()).unwrap_or(u32::MAX);
        if !seen.insert(at) {
            return fail(at, "the logical partitions go round in circles");
        }
        if count >= MAX_LOGICAL {
            return fail(at, "too many logical partitions");
        }
        let place = at.saturating_mul(SECTOR);
        let sector = peek(disk, place, SECTOR as usize);
        let Some([own, next, ..]) = slots(&sector) else {
            return fail(at, "no table of a logical partition here");
        };
        if own.is_used() && !own.is_extended() {
            let index = FIRST_LOGICAL.saturating_add(count);
            entries.push(own.entry(index, at));
        }
        if !next.is_used() || !next.is_extended() {
            return;
        }
        at = extended.saturating_add(next.start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::volume::tests::shared;

    fn put(disk: &mut [u8], at: usize, slots: &[(u8, u32, u32)]) {
        let table = &mut disk[at * 512..][..512];
        table[510..].copy_from_slice(b"\x55\xaa");
        for (number, (kind, start, sectors)) in slots.iter().enumerate() {
            let slot = &mut table[446 + 16 * number..][..16];
            slot[4] = *kind;
            slot[8..12].copy_from_slice(&start.to_le_bytes());
            slot[12..].copy_from_slice(&sectors.to_le_bytes());
        }
    }

    fn volumes(table: &Table) -> Vec<(u32, &str, u64, u64)> {
        let volumes = table.volumes.iter();
        volumes
            .map(|v| {
                let start = v.offset.unwrap() / 512;
                (v.index, v.kind.as_str(), start, v.length / 512)
            })
            .collect()
    }

    #[test]
    fn logical_partitions_hang_in_a_chain() {
        let mut disk = vec![0; 100 * 512];
        put(&mut disk, 0, &[(7, 10, 10), (5, 30, 60)]);
        put(&mut disk, 30, &[(0x83, 2, 5), (5, 10, 20)]);
        put(&mut disk, 40, &[(0x0C, 1, 15), (5, 40, 10)]);
        put(&mut disk, 70, &[(0x82, 3, 4)]);
        let table = read(&shared(disk)).unwrap();
        assert_eq!(table.problems, []);
        let expected = [
            (1, "07", 10, 10),
            (5, "83", 32, 5),
            (6, "0c", 41, 15),
            (7, "82", 73, 4),
        ];
        assert_eq!(volumes(&table), expected);
        assert_eq!(table.gaps[0], (0, 10 * 512));
        assert_eq!(table.gaps[1], (20 * 512, 12 * 512));
        assert_eq!(table.gaps[4], (77 * 512, 23 * 512));
    }

    #[test]
    fn a_chain_that_goes_round_ends() {
        let mut disk = vec![0; 100 * 512];
        put(&mut disk, 0, &[(5, 30, 60)]);
        put(&mut disk, 30, &[(0x83, 2, 5), (5, 10, 20)]);
        put(&mut disk, 40, &[(0x83, 1, 5), (5, 0, 20)]);
        let table = read(&shared(disk)).unwrap();
        assert_eq!(table.volumes.len(), 2);
        assert_eq!(table.problems[0].reason, Reason::CorruptMetadata);
        assert_eq!(table.problems[0].physical, Some(30 * 512));
    }

    #[test]
    fn a_boot_sector_is_no_table() {
        let mut disk = vec![0; 100 * 512];
        put(&mut disk, 0, &[(7, 10, 10)]);
        assert!(read(&shared(disk.clone())).is_some());
        disk[0] = 0xEB;
        disk[3..11].copy_from_slice(b"NTFS    ");
        assert!(read(&shared(disk.clone())).is_none());
        disk[3] = 0;
        disk[446] = 0x33;
        assert!(read(&shared(disk)).is_none());
    }
}
