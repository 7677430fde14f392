//! A virtual disk: its bytes by a map to the files that hold them.
//!
//! A format says what lies where ([`Map`]); reading, holes, parents, files
//! that end too early and damaged chunks are here, once for all formats.

use std::sync::Arc;

use dragnet_engine::source::{Extent, Origin, ReadError, Source};

use super::cache::Cache;
use super::late::{Late, problem};
use super::survey::{Budget, survey};
use super::walk::Walk;
use crate::{Problem, Reason, Shared};

/// Decoded chunks are kept up to this size in total.
const KEPT_BYTES: u64 = 4 << 20;
/// Neighbours are joined up to this size.
pub(super) const RUN: u64 = 1 << 20;

/// Where a stretch of a disk lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a file, as it is.
    Stored { file: usize, at: u64 },
    /// In a file, in a form that has to be unpacked or checked.
    Packed(Packed),
    /// Zeros, as the format says.
    Zero,
    /// In the parent; without one it was never written.
    Parent,
    /// Nowhere.
    Lost(Reason),
}

/// A piece that is unpacked as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packed {
    /// The file.
    pub(crate) file: usize,
    /// Where in the file.
    pub(crate) at: u64,
    /// How many bytes of it.
    pub(crate) length: u64,
    /// Where on the disk.
    pub(crate) start: u64,
    /// How many bytes of it.
    pub(crate) size: u64,
    /// The bytes lie there as they are; only a checksum is with them.
    pub(crate) plain: bool,
}

/// A place and how many bytes from there on are in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) place: Place,
    pub(crate) length: u64,
}

/// What came out of a packed piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unpacked {
    /// This many bytes from the start are right.
    pub(crate) good: usize,
    /// Does the checksum say so too?
    pub(crate) checked: bool,
}

impl Unpacked {
    pub(crate) const NOTHING: Unpacked = Unpacked { good: 0, checked: false };
}

/// What lies where on a disk.
pub(crate) trait Map: Send + Sync {
    /// What lies at an offset inside of the disk.
    fn find(&self, offset: u64) -> Stretch;

    /// Fills `out`, which has the size of the piece.
    fn unpack(&self, _: &Shared, _: &Packed, _: &mut [u8]) -> Unpacked {
        Unpacked::NOTHING
    }
}

/// What a disk is a change of.
#[derive(Clone)]
pub(crate) enum Parent {
    /// It stands for itself.
    None,
    /// The file is not there.
    Missing,
    /// Another disk.
    Found(Shared),
}

struct Chunk {
    bytes: Vec<u8>,
    good: usize,
}

/// A disk of any format.
pub(crate) struct Disk {
    map: Box<dyn Map>,
    pub(super) files: Vec<Shared>,
    pub(super) parent: Parent,
    pub(super) size: u64,
    /// Behind this the map gives more than the files can hold.
    limit: u64,
    /// Files end at a multiple of this; what is missing there are zeros.
    round: u64,
    /// What the acquisition could not read; sorted, without overlap.
    pub(super) bad: Vec<(u64, u64)>,
    chunks: Cache<Chunk>,
    late: Arc<Late>,
}

/// How a disk is put together.
pub(crate) struct Parts {
    pub(crate) map: Box<dyn Map>,
    pub(crate) files: Vec<Shared>,
    pub(crate) parent: Parent,
    pub(crate) size: u64,
    /// Size of the packed pieces, or 0.
    pub(crate) chunk: u64,
    /// Files are continued with zeros to a multiple of this.
    pub(crate) round: u64,
    /// What the acquisition could not read.
    pub(crate) bad: Vec<(u64, u64)>,
}

impl Parts {
    /// A disk of these files, without anything special.
    pub(crate) fn new(
        map: impl Map + 'static,
        files: Vec<Shared>,
        size: u64,
    ) -> Parts {
        Parts {
            map: Box::new(map),
            files,
            parent: Parent::None,
            size,
            chunk: 0,
            round: 1,
            bad: Vec::new(),
        }
    }
}

impl Disk {
    /// The disk, and what is wrong with it as far as its tables tell.
    pub(crate) fn new(mut parts: Parts) -> (Disk, Vec<Problem>) {
        join_ranges(&mut parts.bad, parts.size);
        let kept = KEPT_BYTES.checked_div(parts.chunk).unwrap_or(1);
        let mut disk = Disk {
            map: parts.map,
            files: parts.files,
            parent: parts.parent,
            size: parts.size,
            limit: u64::MAX,
            round: parts.round.max(1),
            bad: parts.bad,
            chunks: Cache::new(kept.clamp(8, 256) as usize),
            late: Arc::default(),
        };
        let held = disk.files.iter().filter_map(|file| file.len());
        let held = held.fold(0, u64::saturating_add);
        let found = survey(&disk, Budget::of(held));
        disk.limit = found.limit;
        let mut problems = found.problems;
        let bad: u64 = disk.bad.iter().map(|(_, length)| *length).sum();
        if let Some((first, _)) = disk.bad.first() {
            let count = disk.bad.len();
            let detail = format!("{count} ranges the acquisition lost");
            let reason = Reason::UnreadableSector;
            problems.push(problem(reason, *first, bad, detail));
        }
        (disk, problems)
    }

    /// What is found later.
    pub(crate) fn late(&self) -> Arc<Late> {
        self.late.clone()
    }

    /// What lies at `offset`, of which there is at least one byte.
    pub(super) fn locate(&self, offset: u64) -> Stretch {
        let rest = self.size.saturating_sub(offset);
        if offset >= self.limit {
            let place = Place::Lost(Reason::ExpansionLimit);
            return Stretch { place, length: rest };
        }
        let rest = rest.min(self.limit.saturating_sub(offset));
        let Stretch { place, length } = self.map.find(offset);
        let length = length.clamp(1, rest.max(1));
        match place {
            Place::Stored { file, at } => self.stored(file, at, length),
            Place::Packed(packed) => self.packed(&packed, offset, length),
            Place::Parent => self.inherited(offset, length),
            Place::Zero | Place::Lost(_) => Stretch { place, length },
        }
    }

    fn stored(&self, file: usize, at: u64, length: u64) -> Stretch {
        let held = self.files.get(file).and_then(|f| f.len()).unwrap_or(0);
        let place = Place::Stored { file, at };
        let left = held.saturating_sub(at);
        if left > 0 {
            return Stretch { place, length: length.min(left) };
        }
        let end = held.checked_next_multiple_of(self.round).unwrap_or(held);
        match end.saturating_sub(at) {
            0 => Stretch { place: Place::Lost(Reason::Truncated), length },
            pad => Stretch { place: Place::Zero, length: length.min(pad) },
        }
    }

    fn packed(&self, packed: &Packed, offset: u64, length: u64) -> Stretch {
        let held =
            self.files.get(packed.file).and_then(|f| f.len()).unwrap_or(0);
        let end = packed.start.checked_add(packed.size);
        let inside = offset.checked_sub(packed.start).is_some();
        let place = match end {
            Some(end) if inside && offset < end => {
                if packed.at < held {
                    let length = length.min(end.saturating_sub(offset));
                    let place = Place::Packed(*packed);
                    return Stretch { place, length };
                }
                Place::Lost(Reason::Truncated)
            }
            _ => Place::Lost(Reason::CorruptMetadata),
        };
        Stretch { place, length }
    }

    fn inherited(&self, offset: u64, length: u64) -> Stretch {
        match &self.parent {
            Parent::None => Stretch { place: Place::Parent, length },
            Parent::Missing => {
                let place = Place::Lost(Reason::MissingParent);
                Stretch { place, length }
            }
            Parent::Found(parent) => {
                let held = parent.len().unwrap_or(0);
                match held.saturating_sub(offset) {
                    0 => Stretch { place: Place::Zero, length },
                    left => {
                        let length = length.min(left);
                        Stretch { place: Place::Parent, length }
                    }
                }
            }
        }
    }

    /// The stretch at `offset`, with those that go on in the same file.
    pub(super) fn run(&self, offset: u64, most: u64) -> Stretch {
        let mut run = self.locate(offset);
        let Place::Stored { file, at } = run.place else { return run };
        while run.length < most {
            let next = offset.saturating_add(run.length);
            if next >= self.size {
                break;
            }
            let goes_on =
                Place::Stored { file, at: at.saturating_add(run.length) };
            let stretch = self.locate(next);
            if stretch.place != goes_on {
                break;
            }
            run.length = run.length.saturating_add(stretch.length);
        }
        run
    }

    fn unpack(
        &self,
        packed: &Packed,
        out: &mut [u8],
    ) -> Result<usize, ReadError> {
        let Some(file) = self.files.get(packed.file) else { return Ok(0) };
        let Unpacked { good, checked } = self.map.unpack(file, packed, out);
        let good = good.min(out.len());
        if good == out.len() && !checked {
            let reason = Reason::BadChecksum;
            let detail = "the checksum of a chunk is wrong";
            self.late.add(reason, packed.start, packed.size, detail);
        }
        Ok(good)
    }

    /// Bytes of one packed piece; `out` lies inside of it.
    fn read_packed(
        &self,
        packed: &Packed,
        offset: u64,
        out: &mut [u8],
    ) -> Result<(), ReadError> {
        let from = offset.saturating_sub(packed.start);
        let want = from.saturating_add(out.len() as u64);
        let good = if from == 0 && want == packed.size {
            // Straight to where it is wanted: the usual case in a sweep.
            self.unpack(packed, out)? as u64
        } else {
            let chunk = self.chunks.get(packed.start, || {
                let mut bytes = vec![0; packed.size as usize];
                let good = self.unpack(packed, &mut bytes).unwrap_or(0);
                Chunk { bytes, good }
            });
            let bytes = usize::try_from(from)
                .ok()
                .and_then(|from| chunk.bytes.get(from..))
                .and_then(|rest| rest.get(..out.len()));
            if let Some(bytes) = bytes {
                out.copy_from_slice(bytes);
            }
            chunk.good as u64
        };
        if want > good {
            let at = packed.start.saturating_add(good.max(from));
            let message = "a compressed chunk is damaged".to_owned();
            return Err(ReadError { offset: at, message });
        }
        Ok(())
    }

    fn read_stretch(
        &self,
        offset: u64,
        stretch: Stretch,
        out: &mut [u8],
    ) -> Result<(), ReadError> {
        let inner = match (stretch.place, &self.parent) {
            (Place::Packed(packed), _) => {
                return self.read_packed(&packed, offset, out);
            }
            (Place::Lost(reason), _) => {
                let message = reason.summary().to_owned();
                return Err(ReadError { offset, message });
            }
            (Place::Stored { file, at }, _) => {
                self.files.get(file).map(|file| (file, at))
            }
            (Place::Parent, Parent::Found(parent)) => Some((parent, offset)),
            (Place::Zero | Place::Parent, _) => None,
        };
        let Some((source, at)) = inner else {
            out.fill(0);
            return Ok(());
        };
        let count = source.read_at(at, out).map_err(|error| {
            let moved = error.offset.saturating_sub(at);
            let offset = offset.saturating_add(moved);
            ReadError { offset, message: error.message }
        })?;
        if count < out.len() {
            let offset = offset.saturating_add(count as u64);
            let message = "the file ends before it should".to_owned();
            return Err(ReadError { offset, message });
        }
        Ok(())
    }
}

impl Source for Disk {
    fn len(&self) -> Option<u64> {
        Some(self.size)
    }

    fn read_at(
        &self,
        offset: u64,
        buf: &mut [u8],
    ) -> Result<usize, ReadError> {
        let mut done = 0;
        while let Some(rest) = buf.get_mut(done..).filter(|b| !b.is_empty()) {
            let at = offset.saturating_add(done as u64);
            if at >= self.size {
                break;
            }
            let want = rest.len() as u64;
            let stretch = self.run(at, want);
            let count = stretch.length.min(want) as usize;
            let out = rest.get_mut(..count).unwrap_or_default();
            self.read_stretch(at, stretch, out)?;
            done = done.saturating_add(count);
        }
        Ok(done)
    }

    fn extents(&self, from: u64) -> Box<dyn Iterator<Item = Extent> + '_> {
        Box::new(Walk::new(self, from))
    }

    fn origin(&self, offset: u64) -> Option<Origin> {
        if offset >= self.size {
            return None;
        }
        let Stretch { place, length } = self.run(offset, RUN);
        let inner = match place {
            Place::Stored { file, at } => self.files.get(file)?.origin(at),
            Place::Packed(packed) if packed.plain => {
                let inside = offset.saturating_sub(packed.start);
                let at = packed.at.saturating_add(inside);
                self.files.get(packed.file)?.origin(at)
            }
            Place::Parent => match &self.parent {
                Parent::Found(parent) => parent.origin(offset),
                _ => None,
            },
            _ => None,
        };
        let length = inner.map_or(length, |o| o.length.min(length));
        let file_offset = inner.and_then(|origin| origin.file_offset);
        Some(Origin { physical: offset, file_offset, length })
    }
}

/// Sorts ranges, joins those that touch, cuts what is outside.
fn join_ranges(ranges: &mut Vec<(u64, u64)>, size: u64) {
    ranges.sort_unstable();
    let mut joined: Vec<(u64, u64)> = Vec::new();
    for (start, length) in ranges.drain(..) {
        let end = start.saturating_add(length).min(size);
        if end <= start {
            continue;
        }
        match joined.last_mut() {
            Some(last) if last.0.saturating_add(last.1) >= start => {
                last.1 = last.1.max(end.saturating_sub(last.0));
            }
            _ => joined.push((start, end.saturating_sub(start))),
        }
    }
    *ranges = joined;
}
