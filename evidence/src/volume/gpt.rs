//! The GUID partition table, from its first header or from the backup.

use super::{Entry, Table, guid};
use crate::container::field::{Fields, peek, utf16};
use crate::container::late::problem;
use crate::{Reason, Shared};

const MAGIC: &[u8] = b"EFI PART";
/// Largest table that is read; usual are 16 KiB.
const MAX_TABLE: u64 = 4 << 20;

/// A header, with the table it leads to.
struct Found {
    sector: u64,
    entry: usize,
    table: Vec<u8>,
    /// Where the other header should be.
    other: u64,
    /// Header and table have the right checksums.
    sound: bool,
}

fn crc(bytes: &[u8]) -> u32 {
    crc32fast::hash(bytes)
}

fn header(disk: &Shared, sector: u64, at: u64) -> Option<Found> {
    let place = at.checked_mul(sector)?;
    let block = peek(disk, place, 4096.min(sector) as usize);
    let fields = Fields(&block);
    if !fields.has(0, MAGIC) {
        return None;
    }
    let length = fields.le32(12)? as usize;
    let mut counted = fields.slice(0, length.max(92))?.to_vec();
    counted.get_mut(16..20)?.fill(0);
    let is_own = fields.le64(24)? == at;
    let mut sound = fields.le32(16)? == crc(&counted) && is_own;
    let count = u64::from(fields.le32(80)?);
    let entry = u64::from(fields.le32(84)?);
    if !(128..=4096).contains(&entry) {
        return None;
    }
    let bytes = count.checked_mul(entry)?.min(MAX_TABLE);
    let table = fields.le64(72)?.checked_mul(sector)?;
    let table = peek(disk, table, bytes as usize);
    sound = sound && fields.le32(88)? == crc(&table);
    let (entry, other) = (entry as usize, fields.le64(32)?);
    Some(Found { sector, entry, table, other, sound })
}

/// Looks at both headers, for sectors of both sizes.
fn find(disk: &Shared) -> Option<(Found, Option<&'static str>)> {
    let size = disk.len().unwrap_or(0);
    let mut damaged = None;
    for sector in [512u64, 4096] {
        let first = header(disk, sector, 1);
        let is_sound = first.as_ref().is_some_and(|first| first.sound);
        let sectors = size.checked_div(sector);
        let last = sectors.and_then(|sectors| sectors.checked_sub(1));
        let other = first.as_ref().map(|first| first.other);
        if let Some(first) = first {
            if is_sound {
                return Some((first, None));
            }
            damaged = damaged.or(Some(first));
        }
        let places = [last, other].into_iter().flatten().filter(|l| *l > 1);
        for place in places {
            match header(disk, sector, place) {
                Some(backup) if backup.sound => {
                    let detail = "the first GPT is damaged, the backup not";
                    return Some((backup, Some(detail)));
                }
                backup => damaged = damaged.or(backup),
            }
        }
    }
    let detail = "both GPTs have wrong checksums";
    damaged.map(|damaged| (damaged, Some(detail)))
}

/// The table of a disk, if it has one.
pub(super) fn read(disk: &Shared) -> Option<Table> {
    let (found, damage) = find(disk)?;
    let mut problems = Vec::new();
    if let Some(detail) = damage {
        let at = found.sector;
        problems.push(problem(Reason::BadChecksum, at, 0, detail));
    }
    let mut entries = Vec::new();
    for (index, bytes) in (1..).zip(found.table.chunks_exact(found.entry)) {
        let Some(entry) = entry(bytes, index, found.sector) else {
            let detail = format!("volume {index} ends before it begins");
            let reason = Reason::CorruptMetadata;
            problems.push(problem(reason, None, 0, detail));
            continue;
        };
        entries.extend(entry);
    }
    let sector = found.sector;
    Some(Table::of_entries("gpt", sector, disk, entries, problems))
}

/// `None` if it is wrong, `Some(None)` if it is not used.
fn entry(bytes: &[u8], index: u32, sector: u64) -> Option<Option<Entry>> {
    let fields = Fields(bytes);
    let kind: [u8; 16] = fields.array(0)?;
    if kind == [0; 16] {
        return Some(None);
    }
    let (first, last) = (fields.le64(32)?, fields.le64(40)?);
    let sectors = last.checked_sub(first)?.checked_add(1)?;
    Some(Some(Entry {
        index,
        name: utf16(fields.slice(56, 72)?, false),
        kind: guid(kind),
        id: Some(guid(fields.array(16)?)),
        offset: first.checked_mul(sector)?,
        length: sectors.checked_mul(sector)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::volume::tests::shared;

    /// 100 sectors with a table of four entries in front of each header.
    fn disk(sector: usize, parts: &[(u64, u64)]) -> Vec<u8> {
        let mut disk = vec![0; 100 * sector];
        let mut table = vec![0; 4 * 128];
        for (number, (first, last)) in parts.iter().enumerate() {
            let entry = &mut table[128 * number..][..128];
            entry[..32].fill(number as u8 + 1);
            entry[32..40].copy_from_slice(&first.to_le_bytes());
            entry[40..48].copy_from_slice(&last.to_le_bytes());
            entry[56..58].copy_from_slice(b"n\0");
        }
        for (own, other, at) in [(1u64, 99u64, 2u64), (99, 1, 98)] {
            let mut header = vec![0; 92];
            header[..8].copy_from_slice(MAGIC);
            header[12] = 92;
            header[24..32].copy_from_slice(&own.to_le_bytes());
            header[32..40].copy_from_slice(&other.to_le_bytes());
            header[72..80].copy_from_slice(&at.to_le_bytes());
            header[80] = 4;
            header[84] = 128;
            header[88..92].copy_from_slice(&crc(&table).to_le_bytes());
            let sum = crc(&header);
            header[16..20].copy_from_slice(&sum.to_le_bytes());
            disk[own as usize * sector..][..92].copy_from_slice(&header);
            let at = at as usize * sector;
            disk[at..at + table.len()].copy_from_slice(&table);
        }
        disk
    }

    fn ranges(table: &Table) -> Vec<(u32, u64, u64)> {
        let volumes = table.volumes.iter();
        volumes.map(|v| (v.index, v.offset.unwrap(), v.length)).collect()
    }

    #[test]
    fn sectors_have_two_sizes() {
        for sector in [512, 4096] {
            let disk = disk(sector, &[(10, 19), (30, 30)]);
            let table = read(&shared(disk)).unwrap();
            let sector = sector as u64;
            assert_eq!(table.problems, []);
            assert_eq!(table.sector, sector);
            let expected =
                [(1, 10 * sector, 10 * sector), (2, 30 * sector, sector)];
            assert_eq!(ranges(&table), expected);
            assert_eq!(table.volumes[0].name, "n");
        }
    }

    #[test]
    fn the_backup_stands_in_for_the_first() {
        let good = disk(512, &[(10, 19)]);
        // The header is gone; its checksum is wrong; the table's is.
        for (at, length) in [(512, 512), (512 + 40, 1), (1024 + 130, 1)] {
            let mut disk = good.clone();
            disk[at..at + length].fill(0xAA);
            let table = read(&shared(disk)).unwrap();
            assert_eq!(ranges(&table), [(1, 5120, 5120)]);
            assert_eq!(table.problems.len(), 1);
            assert_eq!(table.problems[0].reason, Reason::BadChecksum);
        }
    }

    #[test]
    fn two_bad_ones_are_better_than_none() {
        let mut disk = disk(512, &[(10, 19)]);
        disk[512 + 60] ^= 1;
        disk[99 * 512 + 60] ^= 1;
        let table = read(&shared(disk)).unwrap();
        assert_eq!(ranges(&table), [(1, 5120, 5120)]);
        assert_eq!(table.problems[0].reason, Reason::BadChecksum);
    }

    #[test]
    fn entries_that_cannot_be_are_told() {
        let disk = disk(512, &[(19, 10), (10, u64::MAX), (0, u64::MAX)]);
        let table = read(&shared(disk)).unwrap();
        assert_eq!(table.volumes.len(), 0);
        let reason = Reason::CorruptMetadata;
        assert!(table.problems.iter().all(|p| p.reason == reason));
        assert_eq!(table.problems.len(), 3);
        assert_eq!(table.gaps, [(0, 100 * 512)]);
    }
}
