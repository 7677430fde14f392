//! A file with changes laid over it.

use std::collections::BTreeMap;

use dragnet_engine::source::{Extent, Origin, ReadError, Source};

use crate::Shared;

/// A change: bytes, or zeros.
#[derive(Clone)]
enum Patch {
    Bytes(Vec<u8>),
    Zeros,
}

/// The file as it would be with all changes.
pub(super) struct Overlay {
    file: Shared,
    length: u64,
    /// Start to end and content, without overlap.
    patches: BTreeMap<u64, (u64, Patch)>,
}

impl Overlay {
    pub(super) fn new(file: Shared) -> Overlay {
        let length = file.len().unwrap_or(0);
        Overlay { file, length, patches: BTreeMap::new() }
    }

    /// Lays bytes over the file; what is behind its end is cut.
    pub(super) fn bytes(&mut self, at: u64, bytes: Vec<u8>) {
        let end = at.saturating_add(bytes.len() as u64);
        self.put(at, end, Patch::Bytes(bytes));
    }

    /// Lays zeros over the file.
    pub(super) fn zeros(&mut self, at: u64, length: u64) {
        self.put(at, at.saturating_add(length), Patch::Zeros);
    }

    fn put(&mut self, start: u64, end: u64, patch: Patch) {
        let end = end.min(self.length);
        if start >= end {
            return;
        }
        // What begins before and reaches into it is cut, or split.
        let before = self.patches.range(..start).next_back();
        if let Some((&first, (last, old))) = before
            && *last > start
        {
            let (last, old) = (*last, old.clone());
            if last > end {
                self.patches.insert(end, (last, rest(&old, end, first)));
            }
            self.patches.insert(first, (start, old));
        }
        let covered: Vec<u64> =
            self.patches.range(start..end).map(|(at, _)| *at).collect();
        for first in covered {
            if let Some((last, old)) = self.patches.remove(&first)
                && last > end
            {
                self.patches.insert(end, (last, rest(&old, end, first)));
            }
        }
        self.patches.insert(start, (end, patch));
    }
}

/// A patch from `at` on, when it begins at `first`.
fn rest(patch: &Patch, at: u64, first: u64) -> Patch {
    match patch {
        Patch::Zeros => Patch::Zeros,
        Patch::Bytes(bytes) => {
            let skip = at.saturating_sub(first) as usize;
            Patch::Bytes(bytes.get(skip..).unwrap_or_default().to_vec())
        }
    }
}

impl Source for Overlay {
    fn len(&self) -> Option<u64> {
        Some(self.length)
    }

    fn read_at(
        &self,
        offset: u64,
        buf: &mut [u8],
    ) -> Result<usize, ReadError> {
        let count = self.file.read_at(offset, buf)?;
        let end = offset.saturating_add(count as u64);
        let before = self.patches.range(..offset).next_back();
        let inside = self.patches.range(offset..end.max(offset));
        for (&start, (stop, patch)) in before.into_iter().chain(inside) {
            let (from, to) = (start.max(offset), end.min(*stop));
            if from >= to {
                continue;
            }
            let place = from.saturating_sub(offset) as usize
                ..to.saturating_sub(offset) as usize;
            let Some(out) = buf.get_mut(place) else { continue };
            match patch {
                Patch::Zeros => out.fill(0),
                Patch::Bytes(bytes) => {
                    let skip = from.saturating_sub(start) as usize;
                    let there = bytes
                        .get(skip..)
                        .and_then(|bytes| bytes.get(..out.len()));
                    if let Some(bytes) = there {
                        out.copy_from_slice(bytes);
                    }
                }
            }
        }
        Ok(count)
    }

    fn extents(&self, from: u64) -> Box<dyn Iterator<Item = Extent> + '_> {
        // The log may hold data for a hole of the file.
        if self.patches.is_empty() {
            return self.file.extents(from);
        }
        let length = self.length.saturating_sub(from);
        let kind = dragnet_engine::source::ExtentKind::Data;
        let all = Extent { offset: from, length, kind };
        Box::new((length > 0).then_some(all).into_iter())
    }

    fn origin(&self, offset: u64) -> Option<Origin> {
        self.file.origin(offset)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::layer::tests::Bytes;

    #[test]
    fn later_changes_hide_earlier_ones() {
        let mut overlay = Overlay::new(Arc::new(Bytes(vec![1; 20])));
        let mut expected = [1u8; 20];
        let changes: [(u64, &[u8]); 6] = [
            (2, &[2; 6]),
            (4, &[3; 2]),
            (0, &[4; 3]),
            (7, &[5; 6]),
            (18, &[6; 9]),
            (40, &[7; 9]),
        ];
        for (at, bytes) in changes {
            overlay.bytes(at, bytes.to_vec());
            for (place, byte) in bytes.iter().enumerate() {
                if let Some(out) = expected.get_mut(at as usize + place) {
                    *out = *byte;
                }
            }
        }
        overlay.zeros(10, 5);
        expected[10..15].fill(0);
        overlay.zeros(11, 1);
        for start in 0..20 {
            for end in start..=20 {
                let mut out = vec![9; end - start];
                assert_eq!(
                    overlay.read_at(start as u64, &mut out),
                    Ok(end - start)
                );
                assert_eq!(out, expected[start..end]);
            }
        }
    }
}
