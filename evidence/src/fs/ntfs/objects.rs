//! From files of NTFS to objects.

use super::super::emit::{self, Space};
use super::super::field::{le16, le32};
use super::super::free::Free;
use super::super::layout::Layout;
use super::boot::Geometry;
use super::file::{File, Place, Stream};
use super::record::{COMPRESSED, DATA, ENCRYPTED, EXTENDED, Record};
use super::tree::Tree;
use crate::Reason;
use crate::object::{Form, Item, Object, ObjectKind, Problem, Run, WofMethod};

/// Records of the system itself.
const SYSTEM: u64 = 16;
/// The record of the bad clusters.
const BAD: u64 = 8;

/// Named streams that the system keeps in its own files.
const SYSTEM_STREAMS: [&[u8]; 9] = [
    b"$Bad",
    b"$SDS",
    b"$J",
    b"$Max",
    b"$Repair",
    b"$Config",
    b"$Corrupt",
    b"$Verify",
    b"$T",
];

/// The stream that the overlay of Windows keeps packed files in.
const OVERLAY: &[u8] = b"WofCompressedData";

/// Makes objects.
pub(super) struct Maker<'a> {
    pub(super) geometry: &'a Geometry,
    pub(super) free: &'a Free,
    pub(super) tree: &'a mut Tree,
    pub(super) sink: &'a mut dyn FnMut(Item),
}

impl Maker<'_> {
    /// Gives everything about the file of a base record.
    pub(super) fn file(&mut self, record: &Record, mut file: File) {
        let (path, also) = self.paths(record, &file);
        for mut problem in file.problems.drain(..) {
            problem.path = path.clone();
            (self.sink)(Item::Problem(problem));
        }
        let overlay = self.overlay(&path, &mut file);
        let system = record.number < SYSTEM || path.starts_with(b"/$Extend/");
        for stream in file.streams {
            let Some(kind) = kind_of(record, &stream, system) else {
                continue;
            };
            let mut object = Object::new(
                kind,
                path.clone(),
                format!("{}-{}-{}", record.number, stream.kind, stream.id),
            );
            let suffix = suffix(&stream);
            object.also =
                also.iter().map(|path| [path, &suffix[..]].concat()).collect();
            object.path.extend(suffix);
            object.sequence = Some(u32::from(record.sequence));
            object.times = file.times;
            match overlay {
                Some((method, size))
                    if stream.kind == DATA && stream.name == OVERLAY =>
                {
                    object.path.clone_from(&path);
                    object.also.clone_from(&also);
                    self.packed(object, stream, method, size);
                }
                _ => self.stream(object, stream),
            }
        }
    }

    /// All paths of a file, in order; the first one, and the others.
    fn paths(
        &mut self,
        record: &Record,
        file: &File,
    ) -> (Vec<u8>, Vec<Vec<u8>>) {
        if record.number == super::tree::ROOT {
            return (b"/".to_vec(), Vec::new());
        }
        let only_short = file.names.iter().all(|name| name.short);
        let mut paths: Vec<Vec<u8>> = file
            .names
            .iter()
            .filter(|name| only_short || !name.short)
            .map(|name| self.tree.path(name))
            .collect();
        paths.sort();
        paths.dedup();
        if paths.is_empty() {
            paths.push(format!("/$Orphan/{}", record.number).into_bytes());
        }
        let also = paths.split_off(1);
        (paths.pop().unwrap_or_default(), also)
    }

    /// How the overlay of Windows packed the file, and its size; the empty
    /// stream that stands for it is taken away.
    fn overlay(
        &mut self,
        path: &[u8],
        file: &mut File,
    ) -> Option<(WofMethod, u64)> {
        let method = overlay_method(file.reparse.as_deref()?)?;
        let packed = |s: &Stream| s.kind == DATA && s.name == OVERLAY;
        if !file.streams.iter().any(packed) {
            return None;
        }
        let method = match method {
            Ok(method) => method,
            Err(detail) => {
                (self.sink)(Item::Problem(Problem {
                    reason: Reason::UnsupportedCompression,
                    path: path.to_vec(),
                    physical: None,
                    bytes: 0,
                    detail,
                }));
                return None;
            }
        };
        let index = file
            .streams
            .iter()
            .position(|s| s.kind == DATA && s.name.is_empty())?;
        let size = match &file.streams.get(index)?.place {
            Place::Clusters { size, layout, .. } if layout.stored() == 0 => {
                *size
            }
            _ => return None,
        };
        file.streams.remove(index);
        Some((method, size))
    }

    /// A stream as it is.
    fn stream(&mut self, mut object: Object, stream: Stream) {
        let (layout, size, valid, unit) = match stream.place {
            Place::Resident(bytes, physical) => {
                object.size = bytes.len() as u64;
                object.valid = object.size;
                object.form = Form::Inline { bytes, physical };
                return (self.sink)(Item::Object(object));
            }
            Place::Clusters { layout, size, valid, unit, .. } => {
                (layout, size, valid, unit)
            }
        };
        if object.kind == ObjectKind::Metadata {
            let object = object.with_runs(layout.runs().to_vec());
            return (self.sink)(Item::Object(object));
        }
        if stream.flags & ENCRYPTED != 0 {
            let detail = "encrypted by EFS";
            return self.opaque(
                object,
                layout,
                size,
                Reason::Encrypted,
                detail,
            );
        }
        let compressed = stream.flags & COMPRESSED;
        let space = Space { written: layout, size, valid, ..Space::default() };
        if compressed == 0 || unit == 0 {
            return self.plain(object, &space);
        }
        let bytes = self.geometry.cluster.checked_shl(u32::from(unit));
        match bytes.and_then(|bytes| u32::try_from(bytes).ok()) {
            Some(unit) if compressed == 1 && unit <= 1 << 20 => {
                self.compressed(object, &space, unit);
            }
            _ => self.opaque(
                object,
                space.written,
                size,
                Reason::UnsupportedCompression,
                "unknown compression",
            ),
        }
    }

    fn plain(&mut self, object: Object, space: &Space) {
        if object.kind == ObjectKind::Deleted {
            emit::deleted(object, space, self.free, self.sink);
        } else {
            emit::in_use(object, space, self.sink);
        }
    }

    /// Content that cannot be decoded.
    fn opaque(
        &mut self,
        mut object: Object,
        layout: Layout,
        size: u64,
        reason: Reason,
        detail: &str,
    ) {
        let mut runs = layout.runs().to_vec();
        if object.kind == ObjectKind::Deleted {
            (runs, object.reused) = self.free.still_free(&runs);
        }
        let stored =
            runs.iter().fold(0u64, |sum, run| sum.saturating_add(run.length));
        (self.sink)(Item::Problem(Problem {
            reason,
            path: object.path.clone(),
            physical: runs.first().and_then(|run| run.physical),
            bytes: stored,
            detail: detail.to_owned(),
        }));
        object.size = size;
        object.valid = size;
        object.form = Form::Opaque;
        object.runs = runs;
        (self.sink)(Item::Object(object));
    }

    /// Content in units of LZNT1.
    fn compressed(&mut self, mut object: Object, space: &Space, unit: u32) {
        let layout = &space.written;
        let wide = u64::from(unit);
        let units = space.size.div_ceil(wide);
        let start = units.saturating_sub(1).saturating_mul(wide);
        let end = units.saturating_mul(wide);
        let in_last = layout
            .clip(start, end)
            .iter()
            .fold(0u64, |sum, run| sum.saturating_add(run.length));
        let raw_end = space.size < end && in_last == wide;
        let content_end = if raw_end { space.size } else { end };
        object.runs = layout.clip(0, content_end);
        object.size = space.size;
        object.valid = space.valid;
        object.form = Form::Lznt1 { unit, raw_end };
        if object.kind == ObjectKind::Deleted {
            return self.compressed_rest(object, unit);
        }
        let mut slack = Object::new(
            ObjectKind::Slack,
            object.path.clone(),
            object.inode.clone(),
        );
        slack.times = object.times;
        slack.sequence = object.sequence;
        slack = slack.with_runs(layout.cut_out(content_end, u64::MAX));
        (self.sink)(Item::Object(object));
        if slack.size > 0 {
            (self.sink)(Item::Object(slack));
        }
    }

    /// What is left of a deleted object: units of which every cluster is
    /// still free, for half a unit cannot be decoded.
    fn compressed_rest(&mut self, mut object: Object, unit: u32) {
        let number = |run: &Run| run.logical.checked_div(u64::from(unit));
        let mut left = Vec::new();
        // First a run for each unit that it is in.
        let mut pieces = Vec::new();
        for run in &object.runs {
            let (mut at, end) = (run.logical, run.end());
            while at < end {
                let next = at
                    .checked_div(u64::from(unit))
                    .map_or(0, |n| n.saturating_add(1))
                    .saturating_mul(u64::from(unit));
                let length = next.min(end).saturating_sub(at).max(1);
                let skip = at.saturating_sub(run.logical);
                let physical = run.physical.unwrap_or(0);
                pieces.push(Run::new(
                    at,
                    physical.saturating_add(skip),
                    length,
                ));
                at = at.saturating_add(length);
            }
        }
        for runs in pieces.chunk_by(|a, b| number(a) == number(b)) {
            let (free, lost) = self.free.still_free(runs);
            if lost == 0 {
                left.extend(free);
            } else {
                let bytes = runs
                    .iter()
                    .fold(0u64, |sum, run| sum.saturating_add(run.length));
                object.reused = object.reused.saturating_add(bytes);
            }
        }
        if object.reused > 0 {
            let problem = emit::reused(&object.path, object.reused);
            (self.sink)(Item::Problem(problem));
        }
        if left.is_empty() && object.reused > 0 {
            return;
        }
        object.runs = left;
        (self.sink)(Item::Object(object));
    }

    /// A file that the overlay of Windows packed into a stream.
    fn packed(
        &mut self,
        mut object: Object,
        stream: Stream,
        method: WofMethod,
        size: u64,
    ) {
        if object.kind == ObjectKind::Stream {
            object.kind = ObjectKind::File;
        }
        object.size = size;
        object.valid = size;
        match stream.place {
            Place::Resident(bytes, _) => {
                let stored = bytes.len() as u64;
                let bytes = Some(bytes);
                object.form = Form::Wof { method, stored, bytes };
                (self.sink)(Item::Object(object));
            }
            Place::Clusters { layout, size: stored, .. } => {
                object.form = Form::Wof { method, stored, bytes: None };
                let runs = layout.clip(0, stored);
                if object.kind == ObjectKind::Deleted {
                    let (left, lost) = self.free.still_free(&runs);
                    if lost > 0 {
                        let problem = emit::reused(&object.path, lost);
                        return (self.sink)(Item::Problem(problem));
                    }
                    object.runs = left;
                    return (self.sink)(Item::Object(object));
                }
                object.runs = runs;
                let path = object.path.clone();
                let inode = object.inode.clone();
                let slack = Object::new(ObjectKind::Slack, path, inode)
                    .with_runs(layout.cut_out(stored, u64::MAX));
                (self.sink)(Item::Object(object));
                if slack.size > 0 {
                    (self.sink)(Item::Object(slack));
                }
            }
        }
    }
}

/// What kind of object a stream is; `None` if it is none.
fn kind_of(
    record: &Record,
    stream: &Stream,
    system: bool,
) -> Option<ObjectKind> {
    let content = stream.kind == DATA || stream.kind == EXTENDED;
    if !record.in_use {
        return content.then_some(ObjectKind::Deleted);
    }
    // Clusters that are marked as bad, for they were so once, can be read
    // more often than not, and are a place to hide in.
    if record.number == BAD && stream.name == b"$Bad" {
        return Some(ObjectKind::Unallocated);
    }
    let known = SYSTEM_STREAMS.contains(&&stream.name[..]);
    Some(match (content, stream.name.is_empty()) {
        (false, _) => ObjectKind::Metadata,
        (true, true) if system => ObjectKind::Metadata,
        (true, false) if system && known => ObjectKind::Metadata,
        (true, true) if stream.kind == DATA => ObjectKind::File,
        _ => ObjectKind::Stream,
    })
}

/// What is behind the path of the file in that of the stream.
fn suffix(stream: &Stream) -> Vec<u8> {
    if !stream.name.is_empty() {
        return [b":", &stream.name[..]].concat();
    }
    let name: &[u8] = match stream.kind {
        DATA => b"",
        0x20 => b":$ATTRIBUTE_LIST",
        0x40 => b":$OBJECT_ID",
        0x50 => b":$SECURITY_DESCRIPTOR",
        0x60 => b":$VOLUME_NAME",
        0xA0 => b":$INDEX_ALLOCATION",
        0xB0 => b":$BITMAP",
        0xC0 => b":$REPARSE_POINT",
        0xE0 => b":$EA",
        0x100 => b":$LOGGED_UTILITY_STREAM",
        _ => b":$UNKNOWN",
    };
    name.to_vec()
}

/// How a file is packed, if its reparse point is that of the overlay.
fn overlay_method(reparse: &[u8]) -> Option<Result<WofMethod, String>> {
    const TAG: u32 = 0x8000_0017;
    if le32(reparse, 0)? != TAG || le16(reparse, 4)? < 16 {
        return None;
    }
    let provider = le32(reparse, 12)?;
    if provider != 2 {
        return Some(Err(format!("overlay with provider {provider}")));
    }
    let xpress = |chunk| Some(Ok(WofMethod::Xpress { chunk }));
    match le32(reparse, 20)? {
        0 => xpress(4096),
        1 => Some(Ok(WofMethod::Lzx)),
        2 => xpress(8192),
        3 => xpress(16_384),
        other => Some(Err(format!("overlay with algorithm {other}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlays_name_their_method() {
        let mut reparse = vec![0; 24];
        reparse[..4].copy_from_slice(&0x8000_0017u32.to_le_bytes());
        reparse[4] = 16;
        reparse[8] = 1;
        reparse[12] = 2;
        let method = |r: &[u8]| overlay_method(r).map(|m| m.ok());
        let expected = WofMethod::Xpress { chunk: 4096 };
        assert_eq!(method(&reparse), Some(Some(expected)));
        reparse[20] = 1;
        assert_eq!(method(&reparse), Some(Some(WofMethod::Lzx)));
        reparse[20] = 9;
        assert_eq!(method(&reparse), Some(None));
        reparse[0] = 3;
        assert_eq!(method(&reparse), None);
    }
}
