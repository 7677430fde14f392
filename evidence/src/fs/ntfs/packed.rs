//! Packed files: units of LZNT1, and the overlay of Windows.

use super::super::emit::{self, Space};
use super::super::field::{le16, le32};
use super::file::{File, Place, Stream};
use super::objects::Maker;
use super::record::DATA;
use crate::Reason;
use crate::object::{Form, Item, Object, ObjectKind, Problem, Run, WofMethod};

/// The stream that the overlay of Windows keeps packed files in.
pub(super) const OVERLAY: &[u8] = b"WofCompressedData";

impl Maker<'_> {
    /// Content in units of LZNT1.
    pub(super) fn compressed(
        &mut self,
        mut object: Object,
        space: &Space,
        unit: u32,
    ) {
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
    pub(super) fn packed(
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

    /// How the overlay of Windows packed the file, and its size; the empty
    /// stream that stands for it is taken away.
    pub(super) fn overlay(
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
