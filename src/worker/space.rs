//! The memory of a process as regions of one object: read when the scan
//! wants them, and again, by address, for rows.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::sync::Arc;

use dragnet::{
    Content, Entry, Integrity, Layout, Mapping, Match, OpenError, Origin,
    ReadReport, RegionBytes, Regions, Run, Scanner, Source as _, SpaceOptions,
    Unit,
};

use tempfile::NamedTempFile;

use super::rows::{IN_MEMORY as CONTEXT, Subject};
use super::{Done, IN_MEMORY, Job, layout, spooled};
use crate::image::Image;

/// A buffer while another one is in use may have so many bytes.
const SECOND: u64 = 8 << 20;
/// Bytes of one match, and of all matches together, that rows are given.
const MOST_OF_ONE: usize = 64 << 10;
const MOST_OF_ALL: usize = 256 << 20;

/// Scans all memory in a volume of an image as one object.
pub(super) fn scan(
    job: &Job,
    scanner: &mut Scanner,
    buf: &mut Vec<u8>,
    image: &Arc<Image>,
    volume: usize,
    done: &mut Done,
) {
    let path = image.name_of_space(volume);
    let Some(place) = image.place_of_space(volume) else { return };
    job.set_externals(scanner, &path);
    let memory = Memory::new(job, image, volume, std::mem::take(buf));
    let options = SpaceOptions {
        reads: image.medium.unit == Unit::Legacy,
        modules: image.medium.unit != Unit::Fast,
    };
    let report = scanner.scan_space(&memory, options);
    let subject = Subject::Memory(place, &memory);
    job.found(&path, subject, &report, done);
    if memory.is_in_place.get() && !image.medium.is_intact() {
        job.damaged(&path, Integrity::Truncated, done);
    }
    let left_out = memory.left_out();
    if left_out > 0 {
        done.left_out = Some((Arc::clone(image), left_out));
    }
    for (region, error) in memory.lost.take() {
        if let Some(part) = memory.parts.get(region) {
            job.refused(&image.name(part.entry), &error, done);
        }
    }
    *buf = memory.buffers.take().pop().unwrap_or_default();
}

/// A region.
struct Part<'w> {
    entry: &'w Entry,
    content: Content,
    base: u64,
}

impl Part<'_> {
    fn end(&self) -> u64 {
        self.base.saturating_add(self.entry.object.size)
    }
}

/// The regions.
pub(super) struct Memory<'w> {
    job: &'w Job,
    image: &'w Image,
    /// By address.
    parts: Vec<Part<'w>>,
    buffers: RefCell<Vec<Vec<u8>>>,
    /// Buffers in use.
    used: Cell<usize>,
    opened: RefCell<BTreeSet<usize>>,
    /// Bytes that were searched.
    pub(super) size: Cell<u64>,
    refused: Cell<u64>,
    is_in_place: Cell<bool>,
    lost: RefCell<Vec<(usize, OpenError)>>,
    /// Bytes that rows were given.
    shown: Cell<usize>,
}

impl<'w> Memory<'w> {
    fn new(
        job: &'w Job,
        image: &'w Image,
        volume: usize,
        buffer: Vec<u8>,
    ) -> Memory<'w> {
        let parts = image.parts_of_space(volume).filter_map(|entry| {
            let base = entry.object.address?;
            Some(Part { entry, content: image.content(entry)?, base })
        });
        let mut parts: Vec<Part<'_>> = parts.collect();
        parts.sort_by_key(|part| part.base);
        Memory {
            job,
            image,
            parts,
            buffers: RefCell::new(vec![buffer]),
            used: Cell::new(0),
            opened: RefCell::default(),
            size: Cell::new(0),
            refused: Cell::new(0),
            is_in_place: Cell::new(false),
            lost: RefCell::default(),
            shown: Cell::new(0),
        }
    }

    /// Bytes of the medium that were not searched.
    fn left_out(&self) -> u64 {
        let opened = self.opened.borrow();
        let parts = self.parts.iter().enumerate();
        let rest = parts.filter(|(at, _)| !opened.contains(at));
        let weights = rest.map(|(_, part)| self.image.weight(part.entry));
        weights.fold(self.refused.get(), u64::saturating_add)
    }

    /// Keeps the first thing that is wrong with a region, whenever it is
    /// opened, and how many bytes of the medium were not searched for it.
    fn lose(&self, region: usize, error: OpenError, bytes: u64) {
        let mut lost = self.lost.borrow_mut();
        if !lost.iter().any(|(other, _)| *other == region) {
            lost.push((region, error));
            self.refused.set(self.refused.get().saturating_add(bytes));
        }
    }

    /// The bytes of a region, and what of them could not be read.
    fn hold(&self, part: &Part<'_>) -> Result<Held<'_>, OpenError> {
        let Part { entry, content, .. } = part;
        let medium = &self.image.medium;
        let size = entry.object.size;
        if let Some(error) = self.job.too_large(size, medium.size()) {
            return Err(error);
        }
        if !self.job.limits.no_mmap
            && let Some(bytes) = medium.mapped(entry, content)
        {
            self.is_in_place.set(true);
            return Ok(Held::InPlace(bytes));
        }
        let most = match (self.job.limits.no_mmap, self.used.get()) {
            // What cannot be mapped has to fit.
            (true, _) => dragnet::DEFAULT_READ_LIMIT,
            (false, 0) => IN_MEMORY,
            (false, _) => SECOND,
        };
        let mut bytes = self.buffers.borrow_mut().pop().unwrap_or_default();
        let read = dragnet::read_whole(content, most, &mut bytes);
        if let Some(read) = read {
            self.used.set(self.used.get() + 1);
            return Ok(Held::Read { bytes, read, memory: self });
        }
        self.buffers.borrow_mut().push(bytes);
        let (file, read) = spooled(self.job, content)?;
        let map = file.reopen().and_then(Mapping::new);
        let map = map.map_err(|error| OpenError::from_io(&error))?;
        // Whatever ends the process, nothing is left behind. Where a mapped
        // file cannot go, it goes with its value.
        let _ = std::fs::remove_file(file.path());
        Ok(Held::Spooled { map, read, _file: file })
    }

    fn part_at(&self, address: u64) -> Option<&Part<'w>> {
        let behind = self.parts.partition_point(|p| p.base <= address);
        let part = self.parts.get(behind.checked_sub(1)?)?;
        (address < part.end()).then_some(part)
    }

    /// The bytes from an address to another one of the same region.
    fn bytes(&self, part: &Part<'_>, from: u64, to: u64) -> Vec<u8> {
        let length = to.saturating_sub(from);
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        let offset = from.saturating_sub(part.base);
        match part.content.read_at(offset, &mut bytes) {
            Ok(count) => bytes.truncate(count),
            Err(_) => bytes.clear(),
        }
        self.shown.set(self.shown.get().saturating_add(bytes.len()));
        bytes
    }

    /// The bytes of a match, and those around it.
    pub(super) fn shown(&self, found: &Match) -> (Vec<u8>, [Vec<u8>; 2]) {
        let start = found.offset;
        let is_full = self.shown.get() > MOST_OF_ALL;
        let Some(part) = self.part_at(start).filter(|_| !is_full) else {
            return Default::default();
        };
        let context = CONTEXT as u64;
        let end = start.saturating_add(found.length.into()).min(part.end());
        let most = self.job.filter.match_bytes.min(MOST_OF_ONE) as u64;
        let last = end.min(start.saturating_add(most));
        let before = start.saturating_sub(context).max(part.base);
        let after = end.saturating_add(context).min(part.end());
        (
            self.bytes(part, start, last),
            [self.bytes(part, before, start), self.bytes(part, end, after)],
        )
    }

    /// Where in the dump an address is.
    pub(super) fn origin(&self, address: u64) -> Option<Origin> {
        let part = self.part_at(address)?;
        part.content.origin(address.saturating_sub(part.base))
    }
}

impl Regions for Memory<'_> {
    fn count(&self) -> usize {
        self.parts.len()
    }

    fn address(&self, region: usize) -> u64 {
        self.parts.get(region).map_or(0, |part| part.base)
    }

    fn layout(&self, region: usize) -> Layout {
        let part = self.parts.get(region);
        part.map_or(Layout::File, |p| layout(&self.image.place(p.entry)))
    }

    fn open(&self, region: usize) -> Option<RegionBytes<'_>> {
        let part = self.parts.get(region)?;
        let is_new = self.opened.borrow_mut().insert(region);
        let weight = self.image.weight(part.entry);
        match self.hold(part) {
            Ok(held) => {
                if is_new {
                    let size = part.entry.object.size;
                    self.size.set(self.size.get().saturating_add(size));
                }
                if let Some(error) = held.loss(self.image, part) {
                    let lost = error.bytes.unwrap_or(0).min(weight);
                    self.lose(region, error, lost);
                }
                Some(Box::new(held))
            }
            Err(error) => {
                self.lose(region, error, weight);
                None
            }
        }
    }

    fn read(&self, address: u64, buf: &mut [u8]) -> Option<(u64, usize)> {
        let first = self.parts.partition_point(|p| p.end() <= address);
        let parts = self.parts.get(first..)?;
        parts.iter().find_map(|part| {
            let from = address.saturating_sub(part.base);
            let (offset, count) = read_known(&part.content, from, buf)?;
            Some((part.base.checked_add(offset)?, count))
        })
    }
}

/// Reads the first bytes from an offset on that are stored.
fn read_known(
    content: &Content,
    from: u64,
    buf: &mut [u8],
) -> Option<(u64, usize)> {
    let runs = &content.object().runs;
    let first = runs.partition_point(|run| run.end() <= from);
    let mut rest = runs.get(first..)?;
    while let Some(run) = rest.first() {
        let start = run.logical.max(from);
        let full = start.saturating_add(buf.len() as u64);
        let mut end = run.logical;
        let follows = |run: &&Run| {
            let goes_on = run.logical == end && end < full;
            end = if goes_on { run.end() } else { end };
            goes_on
        };
        let joined = rest.iter().take_while(follows).count();
        let count = end.min(full).saturating_sub(start);
        let buf = buf.get_mut(..usize::try_from(count).ok()?)?;
        if content.read_at(start, buf).is_ok_and(|n| n == buf.len()) {
            return Some((start, buf.len()));
        }
        rest = rest.get(joined.max(1)..)?;
    }
    None
}

/// The bytes of a region while somebody looks at them.
enum Held<'h> {
    /// In the mapped file of the image.
    InPlace(&'h [u8]),
    Read {
        bytes: Vec<u8>,
        read: ReadReport,
        memory: &'h Memory<'h>,
    },
    Spooled {
        map: Mapping,
        read: ReadReport,
        _file: NamedTempFile,
    },
}

impl Held<'_> {
    /// What of it could not be read.
    fn loss(&self, image: &Image, part: &Part<'_>) -> Option<OpenError> {
        let (Held::Read { read, .. } | Held::Spooled { read, .. }) = self
        else {
            return None;
        };
        let first = read.first.as_ref()?;
        Some(OpenError {
            reason: image.medium.reason_of_loss(part.entry, first.offset),
            detail: first.to_string(),
            bytes: Some(read.lost),
        })
    }
}

impl AsRef<[u8]> for Held<'_> {
    fn as_ref(&self) -> &[u8] {
        match self {
            Held::InPlace(bytes) => bytes,
            Held::Read { bytes, .. } => bytes,
            Held::Spooled { map, .. } => map.bytes(),
        }
    }
}

impl Drop for Held<'_> {
    /// Gives the buffer back.
    fn drop(&mut self) {
        if let Held::Read { bytes, memory, .. } = self {
            let bytes = std::mem::take(bytes);
            memory.buffers.borrow_mut().push(bytes);
            memory.used.set(memory.used.get().saturating_sub(1));
        }
    }
}
