//! EWF, the format of EnCase and FTK: `disk.E01`, `disk.E02` and so on.
//!
//! Chunks of 32 KiB, each deflated or stored with a checksum, listed by
//! tables in every segment file.

mod section;
mod set;
mod table;

use super::disk::Parts;
use super::field::Fields;
use super::late::problem;
use super::{Cx, Opened, Result};
use crate::{OpenError, Reason};

use set::Set;
use table::Chunks;

const MAGIC: &[u8] = b"EVF\x09\x0d\x0a\xff\x00";
const OTHERS: [(&[u8], &str); 3] = [
    (b"LVF\x09\x0d\x0a\xff\x00", "EWF logical evidence (L01)"),
    (b"EVF2\x0d\x0a\x81\x00", "EWF version 2 (Ex01)"),
    (b"LEF2\x0d\x0a\x81\x00", "EWF version 2 logical evidence (Lx01)"),
];

pub(super) fn open(cx: &Cx<'_>) -> Result<Option<Opened>> {
    let head = Fields(cx.head);
    for (magic, name) in OTHERS {
        if head.has(0, magic) {
            return Err(OpenError::new(Reason::UnsupportedFormat, name));
        }
    }
    if !head.has(0, MAGIC) {
        return Ok(None);
    }
    let set = Set::collect(cx)?;
    let Some(geometry) = set.geometry else {
        let detail = "no segment says how large the medium is";
        return Err(OpenError::new(Reason::CorruptMetadata, detail));
    };
    let size = geometry.size;
    let (groups, mut problems) = set.place(&geometry);
    problems.extend(set.problems);
    for group in groups.iter().filter(|group| !group.table.sound) {
        let chunk = u64::from(group.table.count);
        let at = group.first.saturating_mul(geometry.chunk);
        let bytes = chunk.saturating_mul(geometry.chunk);
        let bytes = bytes.min(size.saturating_sub(at));
        let detail = "both tables of chunks have wrong checksums";
        problems.push(problem(Reason::BadChecksum, at, bytes, detail));
    }
    let lost_behind = match set.is_whole {
        true => Reason::CorruptMetadata,
        false => Reason::MissingSegment,
    };
    let chunks = Chunks::new(groups, &set.files, &geometry, lost_behind);
    let mut parts = Parts::new(chunks, set.files, size);
    parts.chunk = geometry.chunk;
    let sector = geometry.sector;
    parts.bad = set
        .bad
        .into_iter()
        .map(|(first, count)| {
            let at = u64::from(first).saturating_mul(sector);
            (at, u64::from(count).saturating_mul(sector))
        })
        .collect();
    let mut opened = Opened::of_disk("ewf", parts);
    opened.problems.extend(problems);
    opened.hashes = set.hashes;
    Ok(Some(opened))
}

#[cfg(test)]
mod tests;
