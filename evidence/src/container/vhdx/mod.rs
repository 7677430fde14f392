//! VHDX, the format of Hyper-V.
//!
//! A log in the file may hold changes that its tables do not have yet; they
//! are laid over the file, never written into it.

mod bat;
mod crc;
mod log;
mod meta;
mod overlay;

use std::sync::Arc;

use super::disk::{Parent, Parts};
use super::field::{Fields, corrupt, peek};
use super::late::problem;
use super::{Cx, Opened, Result, vhd};
use crate::{Reason, Shared};

use bat::Bat;
use meta::{Metadata, Regions};

const KB: u64 = 1024;

/// The newer of the two headers.
struct Header {
    log_id: [u8; 16],
    log_at: u64,
    log_length: u64,
}

impl Header {
    fn newest(source: &Shared) -> Option<Header> {
        [64 * KB, 128 * KB]
            .into_iter()
            .filter_map(|at| {
                let bytes = peek(source, at, 4096);
                let fields = Fields(&bytes);
                let is_whole = fields.has(0, b"head")
                    && bytes.len() == 4096
                    && crc::is_summed(&bytes, 4);
                if !is_whole {
                    return None;
                }
                let header = Header {
                    log_id: fields.array(48)?,
                    log_length: u64::from(fields.le32(68)?),
                    log_at: fields.le64(72)?,
                };
                Some((fields.le64(8)?, header))
            })
            .max_by_key(|(sequence, _)| *sequence)
            .map(|(_, header)| header)
    }
}

pub(super) fn open(cx: &Cx<'_>) -> Result<Option<Opened>> {
    if !cx.head.starts_with(b"vhdxfile") {
        return Ok(None);
    }
    let mut problems = Vec::new();
    let mut file = cx.source.clone();
    match Header::newest(&file) {
        Some(header) if header.log_id != [0; 16] => {
            let replayed = log::replay(&file, &header);
            problems.extend(replayed.problem);
            if let Some(overlay) = replayed.overlay {
                file = Arc::new(overlay);
            }
        }
        Some(_) => {}
        None => {
            let detail = "both headers are wrong, so the log is not read";
            let reason = Reason::CorruptMetadata;
            problems.push(problem(reason, None, 0, detail));
        }
    }
    let regions = Regions::read(&file)
        .ok_or_else(|| corrupt("both tables of regions are wrong"))?;
    let metadata = Metadata::read(&file, regions.metadata)?;
    let parent = match metadata.has_parent {
        true => vhd::parent(cx, &metadata.parents, &mut problems),
        false => Parent::None,
    };
    let bat = Bat::new(file.clone(), regions.bat, &metadata);
    let mut parts = Parts::new(bat, vec![file], metadata.size);
    parts.parent = parent;
    let mut opened = Opened::of_disk("vhdx", parts);
    opened.problems.extend(problems);
    Ok(Some(opened))
}

#[cfg(test)]
mod tests;
