//! VMDK, the format of VMware: one file, or a text that names several.

mod descriptor;
mod sparse;

use super::disk::{Map, Packed, Parent, Parts, Place, Stretch, Unpacked};
use super::field::{Fields, corrupt, peek, read_vec};
use super::late::problem;
use super::siblings::plain_name;
use super::{Cx, Opened, Result};
use crate::{OpenError, Reason, Shared};

use descriptor::{Descriptor, Kind, Line};
use sparse::Sparse;

const SECTOR: u64 = 512;
/// No description of a disk is longer.
const MAX_TEXT: u64 = 1 << 20;

/// A part of the disk.
struct Extent {
    start: u64,
    length: u64,
    content: Content,
}

enum Content {
    Flat { file: usize, at: u64 },
    Sparse { file: usize, tables: Box<Sparse> },
    Zero,
    Lost(Reason),
}

/// Parts one behind the other.
#[derive(Default)]
struct Extents {
    list: Vec<Extent>,
    size: u64,
    chunk: u64,
}

impl Extents {
    fn put(&mut self, length: u64, content: Content) -> Result<()> {
        let start = self.size;
        self.size = start
            .checked_add(length)
            .filter(|size| *size <= i64::MAX as u64)
            .ok_or_else(|| corrupt("an impossible size"))?;
        if let Content::Sparse { tables, .. } = &content {
            self.chunk = self.chunk.max(tables.grain.get());
        }
        self.list.push(Extent { start, length, content });
        Ok(())
    }

    fn at(&self, offset: u64) -> Option<&Extent> {
        let next = self.list.partition_point(|e| e.start <= offset);
        self.list.get(next.checked_sub(1)?)
    }
}

impl Map for Extents {
    fn find(&self, offset: u64) -> Stretch {
        let place = Place::Lost(Reason::CorruptMetadata);
        let Some(extent) = self.at(offset) else {
            return Stretch { place, length: u64::MAX };
        };
        let inside = offset.saturating_sub(extent.start);
        let left = extent.length.saturating_sub(inside);
        let found = match &extent.content {
            Content::Flat { file, at } => {
                let at = at.saturating_add(inside);
                let place = Place::Stored { file: *file, at };
                Stretch { place, length: left }
            }
            Content::Sparse { file, tables } => {
                tables.find(*file, extent.start, inside)
            }
            Content::Zero => Stretch { place: Place::Zero, length: left },
            Content::Lost(reason) => {
                Stretch { place: Place::Lost(*reason), length: left }
            }
        };
        Stretch { length: found.length.min(left), ..found }
    }

    fn unpack(
        &self,
        file: &Shared,
        packed: &Packed,
        out: &mut [u8],
    ) -> Unpacked {
        match self.at(packed.start).map(|extent| &extent.content) {
            Some(Content::Sparse { tables, .. }) => {
                tables.unpack(file, packed, out)
            }
            _ => Unpacked::NOTHING,
        }
    }
}

pub(super) fn open(cx: &Cx<'_>) -> Result<Option<Opened>> {
    let head = Fields(cx.head);
    let mut problems = Vec::new();
    let mut extents = Extents::default();
    let mut files = Vec::new();
    let descriptor = if sparse::is_one(head) {
        let (tables, descriptor) = Sparse::open(cx.source, cx.head)?;
        files.push(cx.source.clone());
        let length = tables.size;
        let tables = Box::new(tables);
        extents.put(length, Content::Sparse { file: 0, tables })?;
        descriptor
    } else if descriptor::is_one(cx.head) {
        let length = cx.source.len().unwrap_or(0).min(MAX_TEXT);
        let text = read_vec(cx.source, 0, length, "the description")?;
        let descriptor = Descriptor::parse(&text)?;
        for line in &descriptor.lines {
            let content = match content(cx, line, &mut files) {
                Ok(content) => content,
                Err(error) => {
                    let detail = format!("extent {:?}: {error}", line.name);
                    let reason = match error.reason {
                        Reason::Gone | Reason::NoPermission => {
                            Reason::MissingSegment
                        }
                        reason => reason,
                    };
                    problems.push(problem(reason, None, 0, detail));
                    Content::Lost(reason)
                }
            };
            extents.put(line.length, content)?;
        }
        Some(descriptor)
    } else {
        return Ok(None);
    };
    let parent = match descriptor.and_then(|text| text.parent) {
        Some(name) => cx.parent(&name, false, &mut problems),
        None => Parent::None,
    };
    let (size, chunk) = (extents.size, extents.chunk);
    let mut parts = Parts::new(extents, files, size);
    parts.parent = parent;
    parts.chunk = chunk;
    let mut opened = Opened::of_disk("vmdk", parts);
    opened.problems.extend(problems);
    Ok(Some(opened))
}

/// Opens the file that an extent lies in.
fn content(
    cx: &Cx<'_>,
    line: &Line,
    files: &mut Vec<Shared>,
) -> Result<Content> {
    if line.kind == Kind::Zero {
        return Ok(Content::Zero);
    }
    if line.kind == Kind::Unknown {
        let detail = "a kind of extent that is not known";
        return Err(OpenError::new(Reason::UnsupportedFormat, detail));
    }
    let source = cx.siblings.open(plain_name(&line.name)?)?;
    let file = files.len();
    let content = match line.kind {
        Kind::Sparse => {
            let head = peek(&source, 0, SECTOR as usize);
            if !sparse::is_one(Fields(&head)) {
                return Err(corrupt("not a sparse extent"));
            }
            let (tables, _) = Sparse::open(&source, &head)?;
            Content::Sparse { file, tables: Box::new(tables) }
        }
        _ => Content::Flat { file, at: line.at },
    };
    files.push(source);
    Ok(content)
}

#[cfg(test)]
mod tests;
