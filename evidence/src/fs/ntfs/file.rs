//! All that is known about one file: its attributes, from as many records
//! as they are spread over.

use std::collections::BTreeSet;

use super::super::field::{le_units, le32, le64, part, utf16};
use super::super::layout::Layout;
use super::super::stored::corrupt;
use super::boot::Geometry;
use super::list;
use super::mapping;
use super::record::{
    Attribute, Body, DATA, FILE_NAME, LIST, REPARSE, Record, Reference,
    STANDARD,
};
use super::table::Table;
use crate::layer::Shared;
use crate::object::{Problem, Run, Times};

/// A name of a file in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) parent: Reference,
    pub(super) text: Vec<u8>,
    /// Only there for programs of old.
    pub(super) short: bool,
}

/// Where the bytes of a stream are.
#[derive(Debug)]
pub(super) enum Place {
    /// In the record; the bytes, and where in the volume.
    Resident(Vec<u8>, Option<u64>),
    /// In clusters.
    Clusters {
        layout: Layout,
        size: u64,
        valid: u64,
        /// Clusters of a compression unit, as an exponent.
        unit: u8,
    },
}

/// A stream: an attribute whose value is content, or takes up clusters.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) kind: u32,
    pub(super) id: u16,
    pub(super) flags: u16,
    pub(super) name: Vec<u8>,
    pub(super) place: Place,
}

/// A file.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) names: Vec<Name>,
    pub(super) times: Times,
    /// What its reparse point says.
    pub(super) reparse: Option<Vec<u8>>,
    pub(super) streams: Vec<Stream>,
    pub(super) problems: Vec<Problem>,
}

/// A part of a stream in clusters.
struct Piece {
    kind: u32,
    name: Vec<u8>,
    id: u16,
    flags: u16,
    unit: u8,
    first: u64,
    end: u64,
    size: u64,
    valid: u64,
    runs: Vec<Run>,
}

/// Collects files.
pub(super) struct Collector<'a> {
    pub(super) volume: &'a Shared,
    pub(super) geometry: &'a Geometry,
    pub(super) table: &'a Table,
    /// Records that continue others: the number of the other one, and their
    /// own; sorted.
    pub(super) continuations: &'a [(u64, u64)],
    /// Bytes of attribute lists that may still be read: no honest table has
    /// more of them than it is large.
    pub(super) fuel: u64,
}

impl Collector<'_> {
    /// Everything about the file of a base record.
    pub(super) fn file(&mut self, record: &Record) -> File {
        let mut file = File::default();
        let mut pieces = Vec::new();
        self.add(record, &mut file, &mut pieces);
        if !record.is_complete() {
            file.problems.push(corrupt(
                self.table.place(record.number),
                "attributes of the record are damaged",
            ));
        }
        for other in self.continued(record, &mut file.problems) {
            self.add(&other, &mut file, &mut pieces);
        }
        self.join(pieces, &mut file);
        file
    }

    /// The records that continue this one: those that its list names. Where
    /// the list is damaged, or was given away after the file was deleted,
    /// those too that name this record.
    fn continued(
        &mut self,
        record: &Record,
        problems: &mut Vec<Problem>,
    ) -> Vec<Record> {
        let length = list::length(record);
        if length == 0 {
            return Vec::new();
        }
        let place = self.table.place(record.number);
        let before = problems.len();
        let mut seen = BTreeSet::from([record.number]);
        let mut records = Vec::new();
        let entries = match self.fuel.checked_sub(length) {
            Some(fuel) => {
                self.fuel = fuel;
                list::of(record, self.volume, self.geometry)
            }
            None => Err(corrupt(place, "too many attribute lists")),
        };
        let entries = entries.unwrap_or_else(|problem| {
            problems.push(Problem { physical: place, ..problem });
            Vec::new()
        });
        for list::Entry { reference, .. } in entries {
            if !seen.insert(reference.number) {
                continue;
            }
            match self.table.record(reference.number) {
                Ok(Some(other))
                    if reference.means(other.sequence, other.in_use)
                        && continues(&other, record) =>
                {
                    records.push(other);
                }
                // What was deleted long ago has lost some of its records.
                _ if !record.in_use => {}
                Ok(_) => problems.push(corrupt(
                    place,
                    "the attribute list names a record of another file",
                )),
                Err(problem) => problems.push(problem),
            }
        }
        if !record.in_use || problems.len() > before {
            let more = self
                .that_name(record.number)
                .filter(|number| seen.insert(*number))
                .filter_map(|number| self.table.record(number).ok().flatten())
                .filter(|other| continues(other, record))
                .filter(|other| other.in_use == record.in_use);
            records.extend(more);
        }
        records
    }

    /// The records that say that they continue this one.
    fn that_name(&self, number: u64) -> impl Iterator<Item = u64> {
        let all = self.continuations;
        let first = all.partition_point(|(base, _)| *base < number);
        let rest = all.get(first..).unwrap_or_default().iter();
        rest.take_while(move |(base, _)| *base == number).map(|(_, own)| *own)
    }

    fn add(&self, record: &Record, file: &mut File, pieces: &mut Vec<Piece>) {
        for attribute in record.attributes() {
            match (attribute.kind, &attribute.body) {
                (LIST, Body::Resident { .. }) => {}
                (STANDARD, Body::Resident { value, .. }) => {
                    file.times = times(value).unwrap_or_default();
                }
                (FILE_NAME, Body::Resident { value, .. }) => {
                    file.names.extend(name(value));
                }
                (REPARSE, _) if file.reparse.is_none() => {
                    let value =
                        list::value(&attribute, self.volume, self.geometry);
                    file.reparse = value.ok();
                    self.piece(&attribute, pieces, file);
                }
                (DATA, Body::Resident { value, at }) => {
                    let place = self
                        .table
                        .place(record.number)
                        .and_then(|place| place.checked_add(*at as u64));
                    file.streams.push(Stream {
                        kind: DATA,
                        id: attribute.id,
                        flags: attribute.flags,
                        name: utf16(le_units(attribute.name)),
                        place: Place::Resident(value.to_vec(), place),
                    });
                }
                _ => self.piece(&attribute, pieces, file),
            }
        }
    }

    fn piece(
        &self,
        attribute: &Attribute<'_>,
        pieces: &mut Vec<Piece>,
        file: &mut File,
    ) {
        let Body::Mapped { first, unit, pairs, size, valid } = attribute.body
        else {
            return;
        };
        let mapping = mapping::decode(pairs, first, self.geometry);
        if mapping.broken || mapping.outside > 0 {
            let outside = mapping.outside.min(self.geometry.clusters);
            file.problems.push(Problem {
                bytes: outside.saturating_mul(self.geometry.cluster),
                ..corrupt(None, "runs that cannot be")
            });
        }
        pieces.push(Piece {
            kind: attribute.kind,
            name: utf16(le_units(attribute.name)),
            id: attribute.id,
            flags: attribute.flags,
            unit,
            first,
            end: mapping.end,
            size,
            valid,
            runs: mapping.runs,
        });
    }

    /// Joins pieces to streams.
    fn join(&self, mut pieces: Vec<Piece>, file: &mut File) {
        let key = |p: &Piece| (p.kind, p.name.clone());
        pieces.sort_by_cached_key(|p| (p.kind, p.name.clone(), p.first));
        for group in pieces.chunk_by(|a, b| key(a) == key(b)) {
            let Some(head) = group.first() else { continue };
            let mut next = 0;
            let mut whole = true;
            for piece in group {
                whole &= piece.first == next;
                next = piece.end;
            }
            let runs = group.iter().flat_map(|p| p.runs.clone()).collect();
            let (layout, cut) = Layout::new(runs);
            let end = next.saturating_mul(self.geometry.cluster);
            let mut size = head.size;
            if head.first != 0 {
                // Only the first piece knows the size.
                size = end;
            }
            if !whole || cut > 0 || size > end {
                size = size.min(end);
                let detail = "pieces of a stream that do not fit together";
                let missing = size.saturating_sub(layout.stored());
                let bytes = if whole { cut } else { missing };
                file.problems.push(Problem { bytes, ..corrupt(None, detail) });
            }
            let valid = if head.first == 0 { head.valid } else { size };
            file.streams.push(Stream {
                kind: head.kind,
                id: head.id,
                flags: head.flags,
                name: head.name.clone(),
                place: Place::Clusters {
                    layout,
                    size,
                    valid: valid.min(size),
                    unit: head.unit,
                },
            });
        }
        file.streams.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    }
}

/// Does a record say that it continues this one?
fn continues(other: &Record, base: &Record) -> bool {
    other.base.is_some_and(|reference| {
        reference.number == base.number
            && reference.means(base.sequence, base.in_use)
    })
}

/// Reads a name.
fn name(value: &[u8]) -> Option<Name> {
    let parent = Reference::new(le64(value, 0)?);
    let length = usize::from(*value.get(0x40)?).checked_mul(2)?;
    let short = *value.get(0x41)? == 2;
    let text = utf16(le_units(part(value, 0x42, length)?));
    Some(Name { parent, text, short })
}

/// Reads the times of the standard information.
fn times(value: &[u8]) -> Option<Times> {
    /// From 1601 to 1970, in units of 100 ns.
    const EPOCH: i128 = 116_444_736_000_000_000;
    let time = |at| {
        let raw = le64(value, at).filter(|raw| *raw != 0)?;
        let ticks = i128::from(raw).checked_sub(EPOCH)?;
        i64::try_from(ticks.checked_mul(100)?).ok()
    };
    le32(value, 0x1C)?;
    Some(Times {
        born: time(0),
        modified: time(8),
        changed: time(0x10),
        accessed: time(0x18),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_count_from_1970() {
        let mut value = [0; 0x20];
        value[8..16]
            .copy_from_slice(&(116_444_736_000_000_000u64 + 15).to_le_bytes());
        let found = times(&value).unwrap();
        assert_eq!((found.modified, found.born), (Some(1500), None));
    }

    #[test]
    fn names_are_as_long_as_they_say() {
        let mut value = vec![0; 0x42];
        value[0] = 5;
        value[0x40] = 1;
        value[0x41] = 2;
        value.extend(b"x\0");
        let found = name(&value).unwrap();
        assert_eq!((&found.text[..], found.short), (&b"x"[..], true));
        assert_eq!(found.parent.number, 5);
        value[0x40] = 2;
        assert_eq!(name(&value), None);
    }
}
