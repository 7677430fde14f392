//! Directory entries of exFAT: sets of one for the file, one for its place
//! and some for its name.

use super::super::field::{le_units, le16, le32, le64, utf16};
use super::entry::{Entry, time};
use crate::object::Times;

/// Bit of entries that are in use.
const IN_USE: u8 = 0x80;
const FILE: u8 = 0x05;
const PLACE: u8 = 0x40;
const NAME: u8 = 0x41;
const BITMAP: u8 = 0x01;
const CASES: u8 = 0x02;

const DIRECTORY: u16 = 0x10;
const CONTIGUOUS: u8 = 0x02;

/// What the root directory says about the volume: first cluster and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    Bitmap(u32, u64),
    /// The table of upper case letters.
    Cases(u32, u64),
}

/// Structures that the root directory names.
pub(super) fn systems(directory: &[u8]) -> Vec<System> {
    let (all, _) = directory.as_chunks::<32>();
    all.iter()
        .take_while(|raw| raw.first() != Some(&0))
        .filter_map(|raw| {
            let first = le32(raw, 20)?;
            let size = le64(raw, 24)?;
            match raw.first()? ^ IN_USE {
                // A second one belongs to the second allocation table.
                BITMAP if raw.get(1)? & 1 == 0 => {
                    Some(System::Bitmap(first, size))
                }
                CASES => Some(System::Cases(first, size)),
                _ => None,
            }
        })
        .collect()
}

/// The files of a directory.
pub(super) fn entries(directory: &[u8]) -> Vec<Entry> {
    let (all, _) = directory.as_chunks::<32>();
    let mut found = Vec::new();
    for (index, raw) in all.iter().enumerate() {
        let [kind, ..] = *raw;
        if kind == 0 {
            break;
        }
        if kind & !IN_USE != FILE {
            continue;
        }
        let rest = all.get(index..).unwrap_or_default();
        if let Some(mut entry) = set(rest, kind & IN_USE) {
            entry.at = index.saturating_mul(32);
            found.push(entry);
        }
    }
    found
}

/// The file whose set starts here; `in_use` is the bit of all its entries.
fn set(all: &[[u8; 32]], in_use: u8) -> Option<Entry> {
    let (file, rest) = all.split_first()?;
    let count = usize::from(*file.get(1)?);
    let rest = rest.get(..count.min(rest.len()))?;
    let (place, names) = rest.split_first()?;
    if *place.first()? != PLACE | in_use {
        return None;
    }
    let length = usize::from(*place.get(3)?);
    let mut units: Vec<u16> = names
        .iter()
        .take_while(|raw| raw.first() == Some(&(NAME | in_use)))
        .flat_map(|raw| le_units(raw.get(2..).unwrap_or_default()))
        .collect();
    units.truncate(length);
    if units.is_empty() {
        return None;
    }
    let size = le64(place, 24)?;
    let stamp = |at, more: Option<usize>| {
        let hundredths = more.and_then(|at| file.get(at)).copied();
        let stamp = le32(file, at)?;
        let (date, clock) = ((stamp >> 16) as u16, stamp as u16);
        time(date, clock, hundredths.unwrap_or(0))
    };
    Some(Entry {
        name: utf16(units),
        directory: le16(file, 4)? & DIRECTORY != 0,
        deleted: in_use == 0,
        first: le32(place, 20)?,
        size,
        valid: le64(place, 8)?.min(size),
        contiguous: *place.get(1)? & CONTIGUOUS != 0,
        times: Times {
            born: stamp(8, Some(20)),
            modified: stamp(12, Some(21)),
            accessed: stamp(16, None),
            changed: None,
        },
        at: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bit: u8) -> Vec<[u8; 32]> {
        let mut all = vec![[0; 32]; 3];
        all[0][0] = FILE | bit;
        all[0][1] = 2;
        all[1][0] = PLACE | bit;
        all[1][1] = 3;
        all[1][3] = 2;
        all[1][8] = 10;
        all[1][20] = 5;
        all[1][24] = 99;
        all[2][0] = NAME | bit;
        all[2][2] = b'a';
        all[2][4] = b'b';
        all
    }

    #[test]
    fn sets_in_use_and_deleted() {
        let all = [file(IN_USE), file(0)].concat();
        let found = entries(all.as_flattened());
        assert_eq!(found.len(), 2);
        assert_eq!(
            (&found[0].name[..], found[0].deleted),
            (&b"ab"[..], false)
        );
        assert_eq!((found[0].size, found[0].valid), (99, 10));
        assert!(found[0].contiguous && found[1].deleted);
        assert_eq!(found[1].at, 96);
    }

    #[test]
    fn sets_that_are_cut_are_left_out() {
        let all = file(IN_USE);
        assert_eq!(entries(all[..1].as_flattened()), []);
        assert_eq!(entries(all[..2].as_flattened()), []);
        let mut mixed = all.clone();
        mixed[1][0] = PLACE;
        assert_eq!(entries(mixed.as_flattened()), []);
    }

    #[test]
    fn the_bitmap_is_found() {
        let mut all = file(IN_USE);
        all[1] = [0; 32];
        all[1][0] = BITMAP | IN_USE;
        all[1][20] = 2;
        all[1][24] = 8;
        let found = systems(all.as_flattened());
        assert_eq!(found, [System::Bitmap(2, 8)]);
    }
}
