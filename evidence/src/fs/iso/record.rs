//! Directory records of ISO 9660, and what Rock Ridge adds to them.

use super::super::calendar::days;
use super::super::field::{be16, le32, part, utf16};

const DIRECTORY: u8 = 2;
const MORE: u8 = 0x80;

/// A file or directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) name: Vec<u8>,
    /// Block and size in bytes.
    pub(super) extent: (u32, u32),
    pub(super) directory: bool,
    /// The next record goes on with the content.
    pub(super) more: bool,
    /// Written in turns with another file, which nobody does.
    pub(super) interleaved: bool,
    /// Packed by zisofs.
    pub(super) packed: bool,
    /// A link or a device, without content.
    pub(super) special: bool,
    /// The directory that this one stands for was moved to here.
    pub(super) moved_to: Option<u32>,
    pub(super) modified: Option<i64>,
    /// Fields of Rock Ridge were seen.
    pub(super) rock_ridge: bool,
}

/// The record at the start of `bytes`, and its length; `None` at the end of
/// a block. Names of Joliet are `wide`; `load` reads continuations, by
/// block, offset and length.
pub(super) fn parse(
    bytes: &[u8],
    wide: bool,
    load: impl Fn(u32, u32, u32) -> Vec<u8>,
) -> Option<(Record, usize)> {
    let length = usize::from(*bytes.first()?);
    let bytes = bytes.get(..length)?;
    let name_length = usize::from(*bytes.get(32)?);
    let raw = part(bytes, 33, name_length)?;
    let flags = *bytes.get(25)?;
    let mut record = Record {
        name: name(raw, wide),
        extent: (le32(bytes, 2)?, le32(bytes, 10)?),
        directory: flags & DIRECTORY != 0,
        more: flags & MORE != 0,
        interleaved: *bytes.get(26)? != 0,
        modified: time(part(bytes, 18, 7)?),
        ..Record::default()
    };
    // Attributes of the extent lie in front of the content.
    record.extent.0 = record.extent.0.checked_add((*bytes.get(1)?).into())?;
    let used = name_length.checked_add(33)?.next_multiple_of(2);
    if !wide {
        rock_ridge(bytes.get(used..).unwrap_or_default(), load, &mut record);
    }
    Some((record, length))
}

/// Is it a record of a directory for itself or its parent?
pub(super) fn is_dot(bytes: &[u8]) -> bool {
    bytes.get(32) == Some(&1) && matches!(bytes.get(33), Some(0 | 1))
}

fn name(raw: &[u8], wide: bool) -> Vec<u8> {
    let mut name = if wide {
        let (pairs, _) = raw.as_chunks::<2>();
        utf16(pairs.iter().map(|pair| be16(pair, 0).unwrap_or(0)))
    } else {
        raw.to_vec()
    };
    // The number of the version is always 1.
    if let Some(end) = name.iter().rposition(|byte| *byte == b';') {
        name.truncate(end);
    }
    if !wide && name.last() == Some(&b'.') {
        name.pop();
    }
    name
}

/// Reads the fields of Rock Ridge.
fn rock_ridge(
    first: &[u8],
    load: impl Fn(u32, u32, u32) -> Vec<u8>,
    record: &mut Record,
) {
    let mut long = Vec::new();
    let mut area = first.to_vec();
    // More continuations than this are a circle.
    for _ in 0..32 {
        let mut next = None;
        let mut rest = &area[..];
        while let Some(field) = field(rest) {
            rest = rest.get(field.len()..).unwrap_or_default();
            let data = field.get(4..).unwrap_or_default();
            match field.get(..2) {
                Some(b"NM") => {
                    record.rock_ridge = true;
                    // Not for itself or its parent.
                    if data.first().is_some_and(|flags| flags & 6 == 0) {
                        long.extend(data.get(1..).unwrap_or_default());
                    }
                }
                Some(b"CE") => {
                    next = continuation(data);
                }
                Some(b"CL") => record.moved_to = le32(data, 0),
                Some(b"SL" | b"PN") => record.special = true,
                Some(b"ZF") => record.packed = true,
                Some(b"ST") => break,
                _ => {}
            }
        }
        match next {
            Some((block, at, length)) => {
                area = load(block, at, length.min(65_536));
            }
            None => break,
        }
    }
    if !long.is_empty() {
        record.name = long;
    }
}

/// Where the fields go on: block, offset and length.
fn continuation(data: &[u8]) -> Option<(u32, u32, u32)> {
    Some((le32(data, 0)?, le32(data, 8)?, le32(data, 16)?))
}

/// The field at the start of `bytes`.
fn field(bytes: &[u8]) -> Option<&[u8]> {
    let length = usize::from(*bytes.get(2)?);
    bytes.get(..length).filter(|field| field.len() >= 4)
}

/// A time in seven bytes, the last one the zone in quarters of an hour.
fn time(raw: &[u8]) -> Option<i64> {
    let [year, month, day, hour, minute, second, zone] = *raw.first_chunk()?;
    if !(1..=12).contains(&month) || day == 0 {
        return None;
    }
    let year = i64::from(year).checked_add(1900)?;
    let seconds = days(year, month.into(), day.into())?
        .checked_mul(86_400)?
        .checked_add(i64::from(hour).checked_mul(3600)?)?
        .checked_add(i64::from(minute).checked_mul(60)?)?
        .checked_add(i64::from(second))?;
    let zone = i64::from(zone.cast_signed()).checked_mul(900)?;
    seconds.checked_sub(zone)?.checked_mul(1_000_000_000)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn record(
        name: &[u8],
        extent: (u32, u32),
        flags: u8,
        more: &[u8],
    ) -> Vec<u8> {
        let mut bytes = vec![0; 33];
        bytes[2..6].copy_from_slice(&extent.0.to_le_bytes());
        bytes[10..14].copy_from_slice(&extent.1.to_le_bytes());
        bytes[18..25].copy_from_slice(&[100, 3, 1, 1, 0, 0, 4]);
        bytes[25] = flags;
        bytes[32] = name.len() as u8;
        bytes.extend(name);
        if bytes.len() % 2 == 1 {
            bytes.push(0);
        }
        bytes.extend(more);
        bytes[0] = bytes.len() as u8;
        bytes
    }

    fn parsed(bytes: &[u8], wide: bool) -> Record {
        let none = |_, _, _| Vec::new();
        parse(bytes, wide, none).unwrap().0
    }

    #[test]
    fn names_without_versions() {
        let plain = parsed(&record(b"FILE.TXT;1", (20, 5), 0, &[]), false);
        assert_eq!(plain.name, b"FILE.TXT");
        assert_eq!((plain.extent, plain.directory), ((20, 5), false));
        // 2000-03-01 01:00 in a zone one hour east.
        assert_eq!(plain.modified, Some(951_868_800_000_000_000));
        let bare = parsed(&record(b"FILE.;1", (20, 5), 0, &[]), false);
        assert_eq!(bare.name, b"FILE");
        let wide = parsed(&record(b"\0a\0;\x001", (20, 5), 2, &[]), true);
        assert!(wide.name == b"a" && wide.directory);
        assert!(is_dot(&record(&[1], (20, 5), 2, &[])));
        assert!(!is_dot(&record(b"a", (20, 5), 2, &[])));
    }

    #[test]
    fn rock_ridge_names_go_on_elsewhere() {
        let mut more = b"NM\x08\x01\x01abc".to_vec();
        more.extend(b"CE\x1C\x01");
        for n in [7u32, 9, 8] {
            more.extend(n.to_le_bytes());
            more.extend(n.to_be_bytes());
        }
        let bytes = record(b"ABC.;1", (20, 5), 0, &more);
        let load = |block, at, length| {
            assert_eq!((block, at, length), (7, 9, 8));
            b"NM\x08\x01\x00def".to_vec()
        };
        let (found, length) = parse(&bytes, false, load).unwrap();
        assert_eq!((found.name, length), (b"abcdef".to_vec(), bytes.len()));
        // A continuation that continues itself.
        let circle = more.clone();
        let load = |_, _, _| circle.clone();
        assert!(parse(&bytes, false, load).unwrap().0.name.len() > 3);
    }

    #[test]
    fn records_that_are_cut_end_the_block() {
        let bytes = record(b"FILE.TXT;1", (20, 5), 0, &[]);
        let none = |_, _, _| Vec::new();
        assert!(parse(&bytes[..30], false, none).is_none());
        let mut lying = bytes.clone();
        lying[32] = 200;
        assert!(parse(&lying, false, none).is_none());
        assert!(parse(&[], false, none).is_none());
        assert!(parse(&[0; 40], false, none).is_none());
    }
}
