//! The extents of a disk, one after the other.

use dragnet_engine::source::{Extent, ExtentKind};

use super::disk::{Disk, Parent, Place, RUN};

/// Most pieces of one kind that are joined to one extent.
const JOINED: u32 = 256;

/// Walks through a disk. Lazy: who asks for the first extent only does not
/// pay for the others, so a disk can ask its parent at every cluster.
pub(super) struct Walk<'a> {
    disk: &'a Disk,
    at: u64,
    pending: Option<Extent>,
    inner: Option<Inner<'a>>,
    /// How many pieces the next extent may join; grows with each.
    patience: u32,
}

/// The extents of a file or of the parent, for a part of the disk.
struct Inner<'a> {
    extents: Box<dyn Iterator<Item = Extent> + 'a>,
    end: u64,
    /// What is there if it ends too early.
    rest: ExtentKind,
}

impl<'a> Walk<'a> {
    pub(super) fn new(disk: &'a Disk, from: u64) -> Walk<'a> {
        Walk { disk, at: from, pending: None, inner: None, patience: 1 }
    }

    fn begin(
        &mut self,
        extents: Box<dyn Iterator<Item = Extent> + 'a>,
        length: u64,
        rest: ExtentKind,
    ) {
        let end = self.at.saturating_add(length);
        self.inner = Some(Inner { extents, end, rest });
    }

    /// Length and kind of what is next inside of another source.
    fn inside(&mut self) -> Option<(u64, ExtentKind)> {
        let inner = self.inner.as_mut()?;
        let left = inner.end.saturating_sub(self.at);
        let found = inner.extents.next().filter(|extent| extent.length > 0);
        let (length, kind) = match found {
            Some(extent) => (extent.length.min(left), extent.kind),
            None => (left, inner.rest),
        };
        if length >= left {
            self.inner = None;
        }
        Some((length, kind))
    }

    fn piece(&mut self) -> Option<(u64, ExtentKind)> {
        if let Some(piece) = self.inside() {
            return Some(piece);
        }
        let disk = self.disk;
        if self.at >= disk.size {
            return None;
        }
        let stretch = disk.run(self.at, RUN);
        let kind = match stretch.place {
            Place::Stored { file, at } => {
                // Small pieces are not worth a question to the system.
                if stretch.length >= RUN
                    && let Some(file) = disk.files.get(file)
                {
                    let extents = file.extents(at);
                    self.begin(extents, stretch.length, ExtentKind::Data);
                    return self.inside();
                }
                ExtentKind::Data
            }
            Place::Packed(_) => ExtentKind::Data,
            Place::Zero => ExtentKind::Zero,
            Place::Lost(_) => ExtentKind::Unreadable,
            Place::Parent => match &disk.parent {
                Parent::Found(parent) => {
                    let extents = parent.extents(self.at);
                    self.begin(extents, stretch.length, ExtentKind::Zero);
                    return self.inside();
                }
                _ => ExtentKind::Unallocated,
            },
        };
        Some((stretch.length, kind))
    }

    /// Cuts a piece at what the acquisition could not read.
    fn spared(&self, length: u64, kind: ExtentKind) -> (u64, ExtentKind) {
        let bad = &self.disk.bad;
        let next = bad.partition_point(|(start, length)| {
            start.saturating_add(*length) <= self.at
        });
        match bad.get(next) {
            Some((start, size)) if *start <= self.at => {
                let end = start.saturating_add(*size);
                let left = end.saturating_sub(self.at);
                (length.min(left), ExtentKind::Unreadable)
            }
            Some((start, _)) => {
                (length.min(start.saturating_sub(self.at)), kind)
            }
            None => (length, kind),
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Extent;

    fn next(&mut self) -> Option<Extent> {
        let mut joined = self.pending.take();
        for _ in 0..self.patience {
            let before = self.at;
            let Some((whole, kind)) = self.piece() else { break };
            let (length, kind) = self.spared(whole, kind);
            if length < whole {
                // The rest is asked for again.
                self.inner = None;
            }
            self.at = before.saturating_add(length);
            let extent = Extent { offset: before, length, kind };
            match &mut joined {
                None => joined = Some(extent),
                Some(last) if last.kind == kind => {
                    last.length = last.length.saturating_add(length);
                }
                Some(_) => {
                    self.pending = Some(extent);
                    break;
                }
            }
        }
        self.patience = self.patience.saturating_mul(2).min(JOINED);
        joined
    }
}
