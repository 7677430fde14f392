//! One segment file: a chain of sections, each with its own checksum.

use super::table::Table;
use crate::container::field::{Fields, peek, read_vec};
use crate::container::late::problem;
use crate::{Problem, Reason, Shared};

/// Where the first section begins.
const FIRST: u64 = 13;
/// A section's header.
const HEADER: usize = 76;
/// Largest chunk; usual are 32 KiB, at most 1 MiB.
const MAX_CHUNK: u64 = 16 << 20;
/// More unreadable ranges than this are not looked at.
const MAX_BAD: u64 = 1 << 20;

/// The medium, as the first segment describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Geometry {
    /// Chunks in all segments.
    pub(super) chunks: u64,
    /// Bytes of a chunk.
    pub(super) chunk: u64,
    /// Bytes of a sector.
    pub(super) sector: u64,
    /// Bytes of the medium.
    pub(super) size: u64,
}

/// What the sections of one file say.
#[derive(Default)]
pub(super) struct Segment {
    pub(super) geometry: Option<Geometry>,
    /// `None` where nobody knows how many chunks are missing.
    pub(super) tables: Vec<Option<Table>>,
    pub(super) bad: Vec<(u32, u32)>,
    pub(super) hashes: Vec<(&'static str, String)>,
    pub(super) problems: Vec<Problem>,
    /// The last section says that no other file follows.
    pub(super) is_last: bool,
}

/// A section: its kind, where its content begins and ends.
struct Section<'a> {
    kind: &'a [u8],
    at: u64,
    end: u64,
}

/// Reads all sections of a file; `number` is its place in the list of files.
pub(super) fn read(file: &Shared, number: usize) -> Segment {
    let mut segment = Segment::default();
    let held = file.len().unwrap_or(0);
    let mut at = FIRST;
    let mut data_end = None;
    loop {
        let header = peek(file, at, HEADER);
        let fields = Fields(&header);
        let (Some(kind), Some(next), Some(size), Some(sum)) = (
            fields.text(0, 16),
            fields.le64(16),
            fields.le64(24),
            fields.le32(72),
        ) else {
            segment.stop(Reason::Truncated, at, "it is cut off");
            break;
        };
        if header.get(..72).map(adler2::adler32_slice) != Some(sum) {
            let detail = "a section with a wrong checksum";
            segment.stop(Reason::CorruptMetadata, at, detail);
            break;
        }
        let start = at.saturating_add(HEADER as u64);
        let end = at.saturating_add(size).max(start).min(held);
        // Some writers leave the size empty.
        let end = if size == 0 { next.clamp(start, held) } else { end };
        let section = Section { kind, at: start, end };
        match kind {
            b"sectors" => data_end = Some(end),
            b"table" | b"table2" => {
                segment.table(file, number, &section, data_end);
                if kind == b"table2" {
                    data_end = None;
                }
            }
            b"done" => segment.is_last = true,
            _ => segment.other(file, &section),
        }
        if matches!(kind, b"done" | b"next") {
            break;
        }
        if next <= at || next >= held {
            let reason = if next <= at {
                Reason::CorruptMetadata
            } else {
                Reason::Truncated
            };
            segment.stop(reason, at, "leads to no other section");
            break;
        }
        at = next;
    }
    segment
}

impl Segment {
    /// What is lost on the medium is counted by the map of chunks.
    fn problem(&mut self, reason: Reason, at: u64, what: &str) {
        let detail = format!("section at {at} of the file: {what}");
        self.problems.push(problem(reason, None, 0, detail));
    }

    /// Nobody knows what comes behind.
    fn stop(&mut self, reason: Reason, at: u64, what: &str) {
        self.problem(reason, at, what);
        self.tables.push(None);
    }

    fn table(
        &mut self,
        file: &Shared,
        number: usize,
        section: &Section<'_>,
        data_end: Option<u64>,
    ) {
        let is_second = section.kind == b"table2" && !self.tables.is_empty();
        let first = self.tables.last().and_then(Option::as_ref);
        if is_second && first.is_some_and(|first| first.sound) {
            return;
        }
        let is_unknown = first.is_none();
        let found =
            Table::read(file, number, section.at, section.end, data_end);
        let table = match found {
            Ok(table) => Some(table),
            Err(error) => {
                let detail = format!("table of chunks: {error}");
                self.problem(error.reason, section.at, &detail);
                None
            }
        };
        if !is_second {
            self.tables.push(table);
        } else if table.as_ref().is_some_and(|t| t.sound) || is_unknown {
            self.tables.pop();
            self.tables.push(table);
        }
    }

    fn other(&mut self, file: &Shared, section: &Section<'_>) {
        let content = peek(file, section.at, 4096);
        let length = section.end.saturating_sub(section.at);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let content = content.get(..length).unwrap_or(&content);
        let fields = Fields(content);
        match section.kind {
            b"volume" | b"disk" | b"data" if self.geometry.is_none() => {
                self.geometry = geometry(fields);
                if self.geometry.is_none() {
                    let detail = "an impossible geometry";
                    let reason = Reason::CorruptMetadata;
                    self.problem(reason, section.at, detail);
                }
            }
            b"hash" => self.hash("md5", fields.slice(0, 16)),
            b"digest" => {
                self.hash("md5", fields.slice(0, 16));
                self.hash("sha1", fields.slice(16, 20));
            }
            b"error2" => self.unreadable(file, section, fields),
            _ => {}
        }
    }

    fn hash(&mut self, name: &'static str, digest: Option<&[u8]>) {
        let known = self.hashes.iter().any(|hash| hash.0 == name);
        let digest = digest.filter(|d| d.iter().any(|byte| *byte != 0));
        if let Some(digest) = digest
            && !known
        {
            let hex = digest.iter().map(|byte| format!("{byte:02x}"));
            self.hashes.push((name, hex.collect()));
        }
    }

    /// The sectors that the acquisition could not read.
    fn unreadable(
        &mut self,
        file: &Shared,
        section: &Section<'_>,
        fields: Fields<'_>,
    ) {
        let Some(count) = fields.le32(0).map(u64::from) else { return };
        let entries = section.at.saturating_add(520);
        let room = section.end.saturating_sub(entries) / 8;
        let length = count.min(room).min(MAX_BAD).saturating_mul(8);
        match read_vec(file, entries, length, "list of unreadable sectors") {
            Ok(list) => {
                let pairs = list.as_chunks::<8>().0.iter().filter_map(|p| {
                    Some((Fields(p).le32(0)?, Fields(p).le32(4)?))
                });
                self.bad.extend(pairs);
            }
            Err(error) => {
                self.problem(error.reason, section.at, &error.detail);
            }
        }
        if count > room {
            let detail = "more unreadable sectors than it lists";
            self.problem(Reason::CorruptMetadata, section.at, detail);
        }
    }
}

fn geometry(fields: Fields<'_>) -> Option<Geometry> {
    let chunks = u64::from(fields.le32(4)?);
    let per_chunk = u64::from(fields.le32(8)?);
    let sector = u64::from(fields.le32(12)?);
    // The oldest form is shorter and has a narrower count here.
    let sectors = match fields.0.len() {
        0..=1051 => u64::from(fields.le32(16)?),
        _ => fields.le64(16)?,
    };
    let chunk = per_chunk.checked_mul(sector)?;
    if chunk == 0 || chunk > MAX_CHUNK {
        return None;
    }
    let size = match sectors {
        0 => chunks.checked_mul(chunk)?,
        sectors => sectors.checked_mul(sector)?,
    };
    Some(Geometry { chunks, chunk, sector, size })
}
