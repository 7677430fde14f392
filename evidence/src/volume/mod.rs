//! Volumes: what a disk is divided into.
//!
//! Hides partition tables and volume groups. Whatever a table says, every
//! byte of the disk is in a volume or in a gap.

mod encryption;
mod gpt;
pub mod lvm;
mod mbr;

use std::sync::Arc;

use crate::container::late::problem;
use crate::{Part, Problem, Reason, Shared};

pub use encryption::encryption;

/// Most volumes of one table.
const MAX_VOLUMES: usize = 4096;

/// A volume.
#[derive(Clone)]
pub struct Volume {
    /// Its number, as the tools of the system count.
    pub index: u32,
    /// Its name, if it has one.
    pub name: String,
    /// Its type: a number of MBR in hexadecimal digits, an identifier of
    /// GPT, a kind of segment of LVM.
    pub kind: String,
    /// Its own identifier.
    pub id: Option<String>,
    /// Where it begins on the disk, if it lies there in one piece.
    pub offset: Option<u64>,
    /// Its size in bytes, as far as the disk has them.
    pub length: u64,
    /// Its bytes.
    pub source: Shared,
    /// With what it is encrypted; then there is nothing to be found in it.
    pub encryption: Option<&'static str>,
}

/// How a disk is divided.
#[derive(Default)]
pub struct Table {
    /// `gpt`, `mbr`, `lvm`; `None` if the disk is one volume as it is.
    pub scheme: Option<&'static str>,
    /// Bytes of a sector, by which the table counts.
    pub sector: u64,
    /// All volumes, in the order of their numbers.
    pub volumes: Vec<Volume>,
    /// What is in no volume, as `(offset, length)`, ascending: the table
    /// itself as well.
    pub gaps: Vec<(u64, u64)>,
    /// What is wrong. An encrypted volume is a problem of all its bytes.
    pub problems: Vec<Problem>,
}

/// A range that a table names.
struct Entry {
    index: u32,
    name: String,
    kind: String,
    id: Option<String>,
    offset: u64,
    length: u64,
}

/// Reads how a disk is divided.
pub fn read(disk: &Shared) -> Table {
    if let Some(table) = gpt::read(disk) {
        return table;
    }
    if let Some(table) = lvm::read(disk) {
        return table;
    }
    // A volume that is encrypted as a whole has no table to be looked at.
    if encryption(disk).is_none()
        && let Some(table) = mbr::read(disk)
    {
        return table;
    }
    let mut table = Table { sector: 512, ..Table::default() };
    let bytes = disk.len().unwrap_or(0);
    if let Some(with) = encryption(disk) {
        table.problems.push(encrypted(with, 0, bytes));
    }
    table
}

fn encrypted(with: &str, at: u64, bytes: u64) -> Problem {
    problem(Reason::Encrypted, at, bytes, with)
}

impl Table {
    /// Makes volumes of what a table says: cuts them to the disk, reports
    /// overlaps, and finds the gaps.
    fn of_entries(
        scheme: &'static str,
        sector: u64,
        disk: &Shared,
        entries: Vec<Entry>,
        problems: Vec<Problem>,
    ) -> Table {
        let mut table = Table {
            scheme: Some(scheme),
            sector,
            problems,
            ..Table::default()
        };
        let size = disk.len().unwrap_or(0);
        for entry in entries {
            if table.volumes.len() >= MAX_VOLUMES {
                let detail = "more volumes than anybody has";
                let found = problem(Reason::ExpansionLimit, None, 0, detail);
                table.problems.push(found);
                break;
            }
            let again = table.volumes.iter().any(|volume| {
                volume.offset == Some(entry.offset)
                    && volume.length == entry.length
            });
            if again {
                let detail = format!("volume {} is there twice", entry.index);
                table.corrupt(entry.offset, 0, &detail);
                continue;
            }
            table.put(disk, size, entry);
        }
        table.overlaps();
        table.find_gaps(size);
        table
    }

    fn corrupt(&mut self, at: u64, bytes: u64, detail: &str) {
        let found = problem(Reason::CorruptMetadata, at, bytes, detail);
        self.problems.push(found);
    }

    fn put(&mut self, disk: &Shared, size: u64, entry: Entry) {
        let Entry { index, name, kind, id, offset, length } = entry;
        let held = size.saturating_sub(offset).min(length);
        if held < length {
            let bytes = length.saturating_sub(held);
            let detail =
                format!("volume {index} goes on behind the end of the disk");
            let at = offset.saturating_add(held);
            let found = problem(Reason::Truncated, at, bytes, detail);
            self.problems.push(found);
        }
        let source: Shared = Arc::new(Part::new(disk.clone(), offset, held));
        let encryption = encryption(&source);
        if let Some(with) = encryption {
            self.problems.push(encrypted(with, offset, held));
        }
        let offset = Some(offset);
        let length = held;
        self.volumes.push(Volume {
            index,
            name,
            kind,
            id,
            offset,
            length,
            source,
            encryption,
        });
    }

    /// Volumes by where they lie: number, begin, end.
    fn ranges(&self) -> Vec<(u64, u64, u32)> {
        let mut ranges: Vec<(u64, u64, u32)> = self
            .volumes
            .iter()
            .filter_map(|volume| {
                let offset = volume.offset.filter(|_| volume.length > 0)?;
                let end = offset.saturating_add(volume.length);
                Some((offset, end, volume.index))
            })
            .collect();
        ranges.sort_unstable();
        ranges
    }

    fn overlaps(&mut self) {
        let mut last: Option<(u64, u32)> = None;
        for (start, end, index) in self.ranges() {
            if let Some((before, other)) = last
                && start < before
                && end > start
            {
                // Both are scanned, so nothing of it is lost.
                let detail = format!("volumes {other} and {index} overlap");
                self.corrupt(start, 0, &detail);
            }
            if last.is_none_or(|(before, _)| end > before) {
                last = Some((end, index));
            }
        }
    }

    fn find_gaps(&mut self, size: u64) {
        let mut at = 0u64;
        for (start, end, _) in self.ranges() {
            if start > at {
                self.gaps.push((at, start.saturating_sub(at)));
            }
            at = at.max(end);
        }
        if size > at {
            self.gaps.push((at, size.saturating_sub(at)));
        }
    }
}

/// An identifier of 16 bytes, whose first three groups are little endian.
fn guid(b: [u8; 16]) -> String {
    let [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, rest @ ..] = b;
    let group = |bytes: &[u8]| -> String {
        bytes.iter().map(|byte| format!("{byte:02X}")).collect()
    };
    format!(
        "{}-{}-{}-{}-{}",
        group(&[b3, b2, b1, b0]),
        group(&[b5, b4]),
        group(&[b7, b6]),
        group(&[b8, b9]),
        group(&rest)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::tests::Bytes;

    pub(super) fn shared(bytes: Vec<u8>) -> Shared {
        Arc::new(Bytes(bytes))
    }

    fn entry(index: u32, offset: u64, length: u64) -> Entry {
        let (name, kind) = (String::new(), String::new());
        Entry { index, name, kind, id: None, offset, length }
    }

    #[test]
    fn volumes_and_gaps_make_the_disk() {
        let disk = shared(vec![0; 1000]);
        let entries = vec![
            entry(1, 100, 100),
            entry(2, 150, 250),
            entry(3, 900, 200),
            entry(4, 100, 100),
            entry(5, 2000, 5),
        ];
        let table = Table::of_entries("mbr", 1, &disk, entries, Vec::new());
        assert_eq!(table.gaps, [(0, 100), (400, 500)]);
        let lengths: Vec<_> =
            table.volumes.iter().map(|v| (v.index, v.length)).collect();
        assert_eq!(lengths, [(1, 100), (2, 250), (3, 100), (5, 0)]);
        let found: Vec<_> = table
            .problems
            .iter()
            .map(|p| (p.reason, p.physical, p.bytes))
            .collect();
        let expected = [
            (Reason::Truncated, Some(1000), 100),
            (Reason::CorruptMetadata, Some(100), 0),
            (Reason::Truncated, Some(2000), 5),
            (Reason::CorruptMetadata, Some(150), 0),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_disk_without_a_table_is_one_volume() {
        let table = read(&shared(vec![0; 4096]));
        assert_eq!(table.scheme, None);
        assert!(table.volumes.is_empty() && table.problems.is_empty());
        let mut locked = vec![7; 4096];
        locked[..6].copy_from_slice(b"LUKS\xba\xbe");
        let table = read(&shared(locked));
        assert_eq!(table.scheme, None);
        assert_eq!(table.problems[0].reason, Reason::Encrypted);
        assert_eq!(table.problems[0].bytes, 4096);
        assert!(read(&shared(Vec::new())).volumes.is_empty());
    }

    #[test]
    fn identifiers_are_written_as_usual() {
        let basic = *b"\xa2\xa0\xd0\xeb\xe5\xb9\x33\x44\x87\xc0\x68\xb6\xb7\x26\x99\xc7";
        assert_eq!(guid(basic), "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7");
    }
}
