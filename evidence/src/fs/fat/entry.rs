//! Directory entries of FAT: short names, and long ones in front of them.

use super::super::calendar::days;
use super::super::field::{le_units, le16, le32, utf16};
use crate::object::Times;

/// A file or directory, of FAT or exFAT.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: Vec<u8>,
    pub(super) directory: bool,
    pub(super) deleted: bool,
    pub(super) first: u32,
    pub(super) size: u64,
    pub(super) valid: u64,
    /// One cluster behind the other, without a chain.
    pub(super) contiguous: bool,
    pub(super) times: Times,
    /// Where in the directory it is.
    pub(super) at: usize,
}

const LABEL: u8 = 0x08;
const DIRECTORY: u8 = 0x10;
const LONG: u8 = 0x0F;
const DELETED: u8 = 0xE5;

/// A part of a long name.
struct Part {
    order: u8,
    checksum: u8,
    units: Vec<u16>,
}

/// The entries of a directory; `wide` says that numbers of clusters have 32
/// bits.
pub(super) fn entries(directory: &[u8], wide: bool) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut parts: Vec<Part> = Vec::new();
    let (all, _) = directory.as_chunks::<32>();
    for (index, raw) in all.iter().enumerate() {
        let [first, .., _] = *raw;
        let attributes = raw.get(11).copied().unwrap_or(0);
        match first {
            0 => break,
            _ if attributes & 0x3F == LONG => {
                parts.extend(long_part(raw));
                continue;
            }
            _ if attributes & LABEL == 0 => {
                if let Some(mut entry) = short(raw, wide) {
                    if let Some(name) = long_name(raw, &parts) {
                        entry.name = name;
                    }
                    entry.at = index.saturating_mul(32);
                    found.push(entry);
                }
            }
            _ => {}
        }
        parts.clear();
    }
    found
}

fn short(raw: &[u8; 32], wide: bool) -> Option<Entry> {
    let name = raw.get(..11)?;
    if matches!(name.first(), Some(b'.')) {
        return None;
    }
    let deleted = name.first() == Some(&DELETED);
    let attributes = *raw.get(11)?;
    let high = if wide { le16(raw, 20)? } else { 0 };
    let directory = attributes & DIRECTORY != 0;
    let size = if directory { 0 } else { u64::from(le32(raw, 28)?) };
    Some(Entry {
        name: short_name(raw, deleted)?,
        directory,
        deleted,
        first: u32::from(le16(raw, 26)?) | u32::from(high) << 16,
        size,
        valid: size,
        contiguous: false,
        times: Times {
            modified: time(le16(raw, 24)?, le16(raw, 22)?, 0),
            accessed: time(le16(raw, 18)?, 0, 0),
            changed: None,
            born: time(le16(raw, 16)?, le16(raw, 14)?, *raw.get(13)?),
        },
        at: 0,
    })
}

fn short_name(raw: &[u8; 32], deleted: bool) -> Option<Vec<u8>> {
    let case = *raw.get(12)?;
    let piece = |from: usize, to: usize, low: bool| {
        let bytes = raw.get(from..to).unwrap_or_default();
        let end = bytes.iter().rposition(|b| *b != b' ');
        let used = end.map_or(0, |end| end.saturating_add(1));
        let mut bytes = bytes.get(..used).unwrap_or_default().to_vec();
        if low {
            bytes.make_ascii_lowercase();
        }
        bytes
    };
    let mut name = piece(0, 8, case & 0x08 != 0);
    match name.first_mut() {
        Some(first) if deleted => *first = b'_',
        // The real first letter is the one that marks deleted files.
        Some(first) if *first == 5 => *first = DELETED,
        _ => {}
    }
    let extension = piece(8, 11, case & 0x10 != 0);
    if !extension.is_empty() {
        name.push(b'.');
        name.extend(extension);
    }
    Some(name)
}

fn long_part(raw: &[u8; 32]) -> Option<Part> {
    let mut units = Vec::with_capacity(13);
    for (from, to) in [(1, 11), (14, 26), (28, 32)] {
        units.extend(le_units(raw.get(from..to)?));
    }
    Some(Part { order: *raw.first()?, checksum: *raw.get(13)?, units })
}

/// The long name that belongs to a short one, if it is complete. The parts
/// come last one first; of deleted ones the order is lost.
fn long_name(raw: &[u8; 32], parts: &[Part]) -> Option<Vec<u8>> {
    let deleted = raw.first() == Some(&DELETED);
    let checksum = checksum(raw);
    let known = parts.last()?.checksum;
    let mut units = Vec::new();
    for (index, part) in (1u8..=20).zip(parts.iter().rev()) {
        if deleted {
            // Its first letter is part of the checksum, and is lost.
            if part.order != DELETED || part.checksum != known {
                break;
            }
        } else if part.checksum != checksum || part.order & 0x3F != index {
            return None;
        }
        units.extend(&part.units);
        let last = part.units.contains(&0);
        if last || !deleted && part.order & 0x40 != 0 {
            break;
        }
    }
    let end = units.iter().position(|unit| *unit == 0);
    units.truncate(end.unwrap_or(units.len()));
    let name = utf16(units);
    (!name.is_empty()).then_some(name)
}

fn checksum(raw: &[u8; 32]) -> u8 {
    let name = raw.iter().take(11);
    name.fold(0u8, |sum, byte| sum.rotate_right(1).wrapping_add(*byte))
}

/// A date and a time of day, local, with hundredths of a second.
pub(super) fn time(date: u16, time: u16, hundredths: u8) -> Option<i64> {
    let (day, month) = (i64::from(date & 31), i64::from(date >> 5 & 15));
    if day == 0 || !(1..=12).contains(&month) {
        return None;
    }
    let year = i64::from(date >> 9).checked_add(1980)?;
    let days = days(year, month, day)?;
    let seconds = days
        .checked_mul(86_400)?
        .checked_add(i64::from(time >> 11).checked_mul(3600)?)?
        .checked_add(i64::from(time >> 5 & 63).checked_mul(60)?)?
        .checked_add(i64::from(time & 31).checked_mul(2)?)?;
    seconds
        .checked_mul(1_000_000_000)?
        .checked_add(i64::from(hundredths).checked_mul(10_000_000)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(name: &[u8; 11], attributes: u8) -> [u8; 32] {
        let mut raw = [0; 32];
        raw[..11].copy_from_slice(name);
        raw[11] = attributes;
        raw[26] = 7;
        raw[28] = 100;
        raw
    }

    fn long(order: u8, checksum: u8, text: &str) -> [u8; 32] {
        let mut units: Vec<u16> = text.encode_utf16().collect();
        if units.len() < 13 {
            units.push(0);
        }
        units.resize(13, 0xFFFF);
        let bytes: Vec<u8> =
            units.iter().flat_map(|u| u.to_le_bytes()).collect();
        let mut raw = [0; 32];
        raw[0] = order;
        raw[1..11].copy_from_slice(&bytes[..10]);
        raw[11] = LONG;
        raw[13] = checksum;
        raw[14..26].copy_from_slice(&bytes[10..22]);
        raw[28..].copy_from_slice(&bytes[22..]);
        raw
    }

    fn names(all: &[[u8; 32]]) -> Vec<(String, bool)> {
        entries(&all.concat(), true)
            .into_iter()
            .map(|e| (String::from_utf8(e.name).unwrap(), e.deleted))
            .collect()
    }

    #[test]
    fn long_names_belong_to_the_short_one_behind_them() {
        let short = raw(b"ALONGN~1PHP", 0x20);
        let sum = checksum(&short);
        let all = [
            long(0x42, sum, "ith spaces"),
            long(1, sum, "a long name w"),
            short,
            long(0x41, sum ^ 1, "of another"),
            raw(b"OTHER   TXT", 0x20),
            raw(b".          ", 0x10),
            raw(b"VOLUME     ", 0x08),
        ];
        let expected = [
            ("a long name with spaces".to_owned(), false),
            ("OTHER.TXT".to_owned(), false),
        ];
        assert_eq!(names(&all), expected);
    }

    #[test]
    fn deleted_names_lose_their_first_letter() {
        let mut short = raw(b"\xE5ELETED PHP", 0x20);
        short[12] = 0x18;
        assert_eq!(names(&[short]), [("_eleted.php".to_owned(), true)]);
        let all = [long(0xE5, 9, "deleted.html"), short];
        assert_eq!(names(&all), [("deleted.html".to_owned(), true)]);
        // Behind a zero there is nothing.
        assert_eq!(names(&[[0; 32], short]), []);
    }

    #[test]
    fn local_times() {
        // 2000-03-01 00:00:02.5
        let date = 20 << 9 | 3 << 5 | 1;
        assert_eq!(time(date, 1, 50), Some(951_868_802_500_000_000));
        assert_eq!(time(0x21, 0, 0), Some(315_532_800_000_000_000));
        assert_eq!(time(0, 0, 0), None);
        assert_eq!(time(15 << 5 | 1, 0, 0), None);
    }
}
