//! From files of NTFS to objects.

use super::super::emit::{self, Space};
use super::super::free::Free;
use super::super::layout::Layout;
use super::boot::Geometry;
use super::file::{File, Place, Stream};
use super::packed::OVERLAY;
use super::record::{COMPRESSED, DATA, ENCRYPTED, EXTENDED, Record};
use super::tree::Tree;
use crate::Reason;
use crate::object::{Form, Item, Object, ObjectKind, Problem};

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
