//! The file table: records by number, wherever they lie.
//!
//! Hides that the table is a file itself, described by its own first record,
//! and that its first records have copies.

use super::super::layout::Layout;
use super::super::stored::{corrupt, read};
use super::boot::Geometry;
use super::list;
use super::mapping;
use super::record::{Body, DATA, LIST, Record};
use crate::content::Content;
use crate::layer::Shared;
use crate::object::{Object, ObjectKind, Problem, Run};

/// Records that have a copy.
const MIRRORED: u64 = 4;

/// Bytes that are read at once in a pass over the whole table.
const BATCH: u64 = 1 << 20;

/// The file table.
pub(super) struct Table {
    volume: Shared,
    geometry: Geometry,
    content: Content,
}

impl Table {
    /// Finds all of the table, starting from its first record.
    pub(super) fn open(
        volume: Shared,
        geometry: Geometry,
    ) -> Result<Table, Problem> {
        let first = first_record(&volume, &geometry)?;
        let mut runs = Vec::new();
        let mut size = 0;
        for attribute in first.attributes() {
            if let (DATA, [], Body::Mapped { first, pairs, valid, .. }) =
                (attribute.kind, attribute.name, attribute.body)
            {
                runs.extend(mapping::decode(pairs, first, &geometry).runs);
                size = if first == 0 { valid } else { size };
            }
        }
        let content = stored(volume.clone(), &geometry, runs, size);
        let mut table = Table { volume, geometry, content };
        let references = list::of(&first, &table.volume, &geometry);
        for entry in references.unwrap_or_default() {
            if entry.kind == DATA && entry.name.is_empty() {
                table.extend(entry.reference.number, size);
            }
        }
        if table.count() == 0 {
            let place = Some(geometry.table);
            return Err(corrupt(place, "the file table has no runs"));
        }
        Ok(table)
    }

    /// Adds what another record of the table says about the table; it lies
    /// in a part that is known by then.
    fn extend(&mut self, number: u64, size: u64) {
        let Ok(Some(record)) = self.record(number) else { return };
        if number == 0 || record.base.is_none_or(|base| base.number != 0) {
            return;
        }
        let mut runs = self.content.object().runs.clone();
        for attribute in record.attributes() {
            if let (DATA, [], Body::Mapped { first, pairs, .. }) =
                (attribute.kind, attribute.name, attribute.body)
            {
                let more = mapping::decode(pairs, first, &self.geometry);
                runs.extend(more.runs);
            }
        }
        let volume = self.volume.clone();
        self.content = stored(volume, &self.geometry, runs, size);
    }

    /// Number of records.
    pub(super) fn count(&self) -> u64 {
        let size = self.content.object().size;
        size.checked_div(self.geometry.record).unwrap_or(0)
    }

    /// Reads a record; `None` if the place was never used.
    pub(super) fn record(
        &self,
        number: u64,
    ) -> Result<Option<Record>, Problem> {
        let offset = number.saturating_mul(self.geometry.record);
        let what = "record of the file table";
        let parsed = read(&self.content, offset, self.geometry.record, what)
            .and_then(|bytes| self.parse(number, bytes));
        match parsed {
            Err(_) if number < MIRRORED => {
                mirrored(&self.volume, &self.geometry, number)
            }
            Err(mut problem) => {
                problem.physical = self.place(number);
                Err(problem)
            }
            parsed => parsed,
        }
    }

    fn parse(
        &self,
        number: u64,
        bytes: Vec<u8>,
    ) -> Result<Option<Record>, Problem> {
        let length = bytes.len() as u64;
        Record::parse(number, bytes).map_err(|detail| {
            let detail = format!("record {number}: {detail}");
            let problem = corrupt(self.place(number), &detail);
            Problem { bytes: length, ..problem }
        })
    }

    /// Where in the volume a record starts.
    pub(super) fn place(&self, number: u64) -> Option<u64> {
        let offset = number.checked_mul(self.geometry.record)?;
        let runs = &self.content.object().runs;
        let index = runs.partition_point(|run| run.end() <= offset);
        let run = runs.get(index)?;
        run.physical?.checked_add(offset.checked_sub(run.logical)?)
    }

    /// Meets all records, in order.
    pub(super) fn each(&self, mut meet: impl FnMut(Result<Record, Problem>)) {
        let size = self.geometry.record;
        let batch = BATCH.checked_div(size).unwrap_or(1).max(1);
        let mut number = 0;
        while number < self.count() {
            let records = batch.min(self.count().saturating_sub(number));
            let offset = number.saturating_mul(size);
            let length = records.saturating_mul(size);
            let all = read(&self.content, offset, length, "file table");
            let pieces = all.as_deref().unwrap_or_default();
            let mut pieces = pieces.chunks_exact(size as usize);
            for _ in 0..records {
                let record = match pieces.next() {
                    // The copy may know better.
                    Some(_) if number < MIRRORED => self.record(number),
                    Some(bytes) => self.parse(number, bytes.to_vec()),
                    // One by one, to find out which cannot be read.
                    None => self.record(number),
                };
                if let Some(record) = record.transpose() {
                    meet(record);
                }
                number = number.saturating_add(1);
            }
        }
    }
}

/// The table as something to read; never larger than the volume, which
/// bounds all work.
fn stored(
    volume: Shared,
    geometry: &Geometry,
    runs: Vec<Run>,
    size: u64,
) -> Content {
    let (layout, _) = Layout::new(runs);
    let path = b"/$MFT".to_vec();
    let mut object =
        Object::new(ObjectKind::Metadata, path, "0-128".to_owned());
    object.size = size.min(layout.end()).min(geometry.size);
    object.valid = object.size;
    object.runs = layout.clip(0, object.size);
    Content::new(volume, object)
}

/// The record that describes the table.
fn first_record(
    volume: &Shared,
    geometry: &Geometry,
) -> Result<Record, Problem> {
    let place = Some(geometry.table);
    let first = read(&**volume, geometry.table, geometry.record, "file table")
        .and_then(|bytes| {
            Record::parse(0, bytes).map_err(|detail| corrupt(place, detail))
        });
    if let Ok(Some(record)) = first
        && has_runs(&record)
    {
        return Ok(record);
    }
    match mirrored(volume, geometry, 0)? {
        Some(record) if has_runs(&record) => Ok(record),
        _ => Err(corrupt(place, "neither the file table nor its copy")),
    }
}

/// Does it say anything about the table?
fn has_runs(record: &Record) -> bool {
    record.attributes().any(|a| {
        let mapped = matches!(a.body, Body::Mapped { .. });
        a.kind == LIST || a.kind == DATA && a.name.is_empty() && mapped
    })
}

/// The copy of one of the first records.
fn mirrored(
    volume: &Shared,
    geometry: &Geometry,
    number: u64,
) -> Result<Option<Record>, Problem> {
    let skip = number.saturating_mul(geometry.record);
    let place = geometry.mirror.saturating_add(skip);
    let bytes =
        read(&**volume, place, geometry.record, "copy of the file table")?;
    Record::parse(number, bytes).map_err(|detail| corrupt(Some(place), detail))
}
