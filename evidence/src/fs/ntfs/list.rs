//! Attribute lists: which records hold the attributes of a file that has too
//! many for one.

use super::super::field::{le16, le64, part};
use super::super::layout::Layout;
use super::super::stored::{corrupt, read};
use super::boot::Geometry;
use super::mapping;
use super::record::{Attribute, Body, LIST, Record, Reference};
use crate::content::Content;
use crate::layer::Shared;
use crate::object::{Object, ObjectKind, Problem};

/// The system never makes longer ones.
const LONGEST: u64 = 1 << 18;

/// An attribute, or a part of one, in a record.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) kind: u32,
    /// UTF-16.
    pub(super) name: Vec<u8>,
    pub(super) reference: Reference,
}

/// The entries of the list of a record; none if it has no list.
pub(super) fn of(
    record: &Record,
    volume: &Shared,
    geometry: &Geometry,
) -> Result<Vec<Entry>, Problem> {
    let Some(list) = record.attributes().find(|a| a.kind == LIST) else {
        return Ok(Vec::new());
    };
    Ok(parse(&value(&list, volume, geometry)?))
}

/// Number of bytes of the list of a record.
pub(super) fn length(record: &Record) -> u64 {
    match record.attributes().find(|a| a.kind == LIST).map(|a| a.body) {
        Some(Body::Resident { value, .. }) => value.len() as u64,
        Some(Body::Mapped { size, .. }) => size,
        None => 0,
    }
}

/// The value of an attribute that is a list, or as short as one.
pub(super) fn value(
    attribute: &Attribute<'_>,
    volume: &Shared,
    geometry: &Geometry,
) -> Result<Vec<u8>, Problem> {
    match attribute.body {
        Body::Resident { value, .. } => Ok(value.to_vec()),
        Body::Mapped { first, pairs, size, valid, .. } => {
            let runs = mapping::decode(pairs, first, geometry).runs;
            let (layout, _) = Layout::new(runs);
            if size > LONGEST || size > layout.end() {
                return Err(corrupt(None, "attribute of impossible size"));
            }
            let kind = ObjectKind::Metadata;
            let mut object = Object::new(kind, Vec::new(), String::new());
            object.size = size;
            object.valid = valid;
            object.runs = layout.clip(0, size);
            let content = Content::new(volume.clone(), object);
            read(&content, 0, size, "attribute")
        }
    }
}

fn parse(mut list: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    while let Some((entry, length)) = entry(list) {
        entries.push(entry);
        list = list.get(length..).unwrap_or_default();
    }
    entries
}

fn entry(list: &[u8]) -> Option<(Entry, usize)> {
    let length = usize::from(le16(list, 4)?);
    let bytes = list.get(..length).filter(|bytes| bytes.len() >= 0x18)?;
    let name_length = usize::from(*bytes.get(6)?).checked_mul(2)?;
    let name = part(bytes, usize::from(*bytes.get(7)?), name_length)?;
    let entry = Entry {
        kind: super::super::field::le32(bytes, 0)?,
        name: name.to_vec(),
        reference: Reference::new(le64(bytes, 0x10)?),
    };
    Some((entry, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_end_where_they_should() {
        let mut list = vec![0; 0x20];
        list[0] = 0x80;
        list[4] = 0x20;
        list[6] = 1;
        list[7] = 0x1A;
        list[0x10] = 9;
        list[0x16] = 3;
        list[0x1A] = b'x';
        let both = [&list[..], &list].concat();
        let entries = parse(&both);
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[1].name, b"x\0");
        let expected = Reference { number: 9, sequence: 3 };
        assert_eq!(entries[1].reference, expected);
        // No length, too short a length, and a name that reaches beyond.
        for (at, value) in [(4, 0), (4, 0x17), (4, 0xFF), (7, 0x1F)] {
            let mut bad = list.clone();
            bad[at] = value;
            assert_eq!(parse(&bad).len(), 0, "{at}");
        }
    }
}
