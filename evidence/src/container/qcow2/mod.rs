//! QCOW2, the format of QEMU: versions 2 and 3.
//!
//! Two levels of tables lead to clusters, which are stored, deflated, packed
//! by Zstandard, zero, or in a backing file.

mod clusters;
mod header;

use super::disk::{Parent, Parts};
use super::late::problem;
use super::siblings::plain_name;
use super::{Cx, Opened, Result};
use crate::{Problem, Reason, Shared};

use clusters::Clusters;
use header::Header;

pub(super) fn open(cx: &Cx<'_>) -> Result<Option<Opened>> {
    if !cx.head.starts_with(b"QFI\xfb") {
        return Ok(None);
    }
    let header = Header::read(cx.source, cx.head)?;
    let mut problems = Vec::new();
    if header.is_corrupt {
        let detail = "QEMU has marked the image as corrupt";
        problems.push(problem(Reason::CorruptMetadata, None, 0, detail));
    }
    let mut files = vec![cx.source.clone()];
    let has_data_file = header.data_file.is_some();
    if let Some(name) = &header.data_file {
        match data_file(cx, name) {
            Ok(file) => files.push(file),
            Err(problem) => problems.push(problem),
        }
    }
    let parent = match &header.backing {
        Some(name) => cx.parent(name, header.backing_is_raw, &mut problems),
        None => Parent::None,
    };
    let (size, cluster) = (header.size, header.cluster.get());
    let snapshots = header.snapshots;
    let stored = match (has_data_file, files.len()) {
        (false, _) => Some(0),
        (true, 1) => None,
        (true, _) => Some(1),
    };
    let map = Clusters::new(header, cx.source.clone(), stored);
    let mut parts = Parts::new(map, files, size);
    parts.parent = parent;
    parts.chunk = cluster;
    // The last cluster need not be written to its end.
    parts.round = cluster;
    let mut opened = Opened::of_disk("qcow2", parts);
    opened.problems.extend(problems);
    opened.snapshots = snapshots;
    Ok(Some(opened))
}

fn data_file(cx: &Cx<'_>, name: &str) -> std::result::Result<Shared, Problem> {
    plain_name(name).and_then(|plain| cx.siblings.open(plain)).map_err(
        |error| {
            let detail = format!("data file {name:?}: {error}");
            problem(Reason::MissingParent, None, 0, detail)
        },
    )
}

#[cfg(test)]
mod tests;
