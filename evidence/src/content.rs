//! The bytes of an object, read from its volume.
//!
//! Hides fragments, holes, bytes that were never written and compression:
//! whoever reads sees the file as the system it came from showed it.

mod bits;
mod lznt1;
mod lzx;
mod wof;
mod xpress;

use std::sync::{Arc, Mutex, PoisonError};

use dragnet_engine::source::{Extent, ExtentKind, Origin, ReadError, Source};

use crate::layer::Shared;
use crate::object::{Form, Object, Run};

/// A unit of compression, decoded, with its number.
type Unit = (u64, Arc<Vec<u8>>);

/// Runs that are looked at for an object in one piece.
const MAX_PIECES: usize = 256;

/// An object on its volume.
pub struct Content {
    volume: Shared,
    object: Object,
    /// Readers go forward: the unit that was decoded last is kept.
    last: Mutex<Option<Unit>>,
}

impl Content {
    /// The object, whose runs lie on this volume.
    pub fn new(volume: Shared, object: Object) -> Content {
        Content { volume, object, last: Mutex::new(None) }
    }

    /// The object.
    pub fn object(&self) -> &Object {
        &self.object
    }

    /// Where in its file the object lies, if it lies there as it is and in
    /// one piece.
    pub fn file_offset(&self) -> Option<u64> {
        let is_plain = self.object.form == Form::Plain;
        let size = self.object.size;
        if !is_plain || self.valid() < size {
            return None;
        }
        // Of a hole some systems would make memory when it is looked at.
        let mut extents = self.extents(0).take(MAX_PIECES);
        if extents.any(|extent| extent.kind != ExtentKind::Data) {
            return None;
        }
        let first = self.origin(0)?.file_offset?;
        let mut at = 0;
        for _ in 0..MAX_PIECES {
            let origin = self.origin(at)?;
            if origin.file_offset? != first.checked_add(at)? {
                return None;
            }
            at = at.checked_add(origin.length.max(1))?;
            if at >= size {
                return Some(first);
            }
        }
        None
    }

    /// Up to where there can be anything but zeros.
    fn valid(&self) -> u64 {
        self.object.valid.min(self.object.size)
    }

    /// The runs from the one on that holds `offset`, or lies behind it.
    fn runs_from(&self, offset: u64) -> &[Run] {
        let runs = &self.object.runs;
        let first = runs.partition_point(|run| run.end() <= offset);
        runs.get(first..).unwrap_or_default()
    }

    /// Fills `buf` from the runs, with zeros where there is none.
    fn stored(&self, offset: u64, buf: &mut [u8]) -> Result<(), ReadError> {
        let end = offset.saturating_add(buf.len() as u64);
        let mut filled = 0_usize;
        for run in self.runs_from(offset) {
            if run.logical >= end {
                break;
            }
            let Some(physical) = run.physical else { continue };
            let from = run.logical.max(offset);
            let to = run.end().min(end);
            let into = from.saturating_sub(offset) as usize
                ..to.saturating_sub(offset) as usize;
            let hole = buf.get_mut(filled..into.start);
            hole.unwrap_or_default().fill(0);
            filled = into.end;
            let Some(into) = buf.get_mut(into) else { continue };
            let at = physical.saturating_add(from.saturating_sub(run.logical));
            let count = self.volume.read_at(at, into).map_err(|mut e| {
                let skip = e.offset.saturating_sub(at);
                e.offset = from.saturating_add(skip);
                e
            })?;
            if count < into.len() {
                return Err(ReadError {
                    offset: from.saturating_add(count as u64),
                    message: "the volume ends before".to_owned(),
                });
            }
        }
        buf.get_mut(filled..).unwrap_or_default().fill(0);
        Ok(())
    }

    /// Fills `buf` from bytes that are at hand.
    fn copy(bytes: &[u8], offset: u64, buf: &mut [u8]) {
        buf.fill(0);
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|offset| bytes.get(offset..))
            .unwrap_or_default();
        for (to, from) in buf.iter_mut().zip(rest) {
            *to = *from;
        }
    }

    /// Bytes of a unit of compression; `None` if there is none.
    fn unit_size(&self) -> Option<u64> {
        match self.object.form {
            Form::Lznt1 { unit, .. } => Some(u64::from(unit.max(1))),
            Form::Wof { method, .. } => Some(wof::chunk_size(method)),
            _ => None,
        }
    }

    /// The decoded unit with this number; it may be shorter than a unit, and
    /// what is missing is zeros.
    fn unit(&self, number: u64) -> Result<Arc<Vec<u8>>, ReadError> {
        let mut last =
            self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((kept, bytes)) = &*last
            && *kept == number
        {
            return Ok(bytes.clone());
        }
        // The lock is held while decoding: two readers of one object want
        // the same unit more often than not.
        let bytes = match &self.object.form {
            Form::Lznt1 { unit, .. } => self.lznt1_unit(number, *unit)?,
            Form::Wof { method, stored, bytes } => {
                let read = |offset, buf: &mut [u8]| match bytes {
                    Some(bytes) => {
                        Content::copy(bytes, offset, buf);
                        Ok(())
                    }
                    None => self.stored(offset, buf),
                };
                wof::unit(read, *method, *stored, self.object.size, number)?
            }
            _ => Vec::new(),
        };
        let bytes = Arc::new(bytes);
        *last = Some((number, bytes.clone()));
        Ok(bytes)
    }

    /// Are the bytes of the unit at `start` stored as they are?
    fn is_raw(&self, start: u64, unit: u64) -> bool {
        let Form::Lznt1 { raw_end, .. } = self.object.form else {
            return false;
        };
        let end = start.saturating_add(unit);
        self.stored_in_unit(start, unit) >= unit
            || raw_end && end >= self.object.size
    }

    /// How many bytes of the unit at `start` are stored.
    fn stored_in_unit(&self, start: u64, unit: u64) -> u64 {
        let end = start.saturating_add(unit);
        self.runs_from(start)
            .iter()
            .take_while(|run| run.logical < end)
            .filter(|run| run.physical.is_some())
            .map(|run| {
                let from = run.logical.max(start);
                run.end().min(end).saturating_sub(from)
            })
            .fold(0, u64::saturating_add)
    }

    fn lznt1_unit(
        &self,
        number: u64,
        unit: u32,
    ) -> Result<Vec<u8>, ReadError> {
        let size = u64::from(unit);
        let start = number.saturating_mul(size);
        let stored = self.stored_in_unit(start, size);
        if stored == 0 {
            return Ok(Vec::new());
        }
        let mut bytes = vec![0; stored.min(size) as usize];
        self.stored(start, &mut bytes)?;
        if self.is_raw(start, size) {
            return Ok(bytes);
        }
        lznt1::decode(&bytes, unit as usize).ok_or_else(|| ReadError {
            offset: start,
            message: "damaged compression unit".to_owned(),
        })
    }

    /// Fills `buf` from decoded units.
    fn decoded(
        &self,
        unit: u64,
        mut offset: u64,
        mut buf: &mut [u8],
    ) -> Result<(), ReadError> {
        while !buf.is_empty() {
            let number = offset.checked_div(unit).unwrap_or(0);
            let inside = offset.checked_rem(unit).unwrap_or(0);
            let count = unit.saturating_sub(inside).min(buf.len() as u64);
            let (now, rest) = buf.split_at_mut(count as usize);
            Content::copy(&self.unit(number)?, inside, now);
            offset = offset.saturating_add(count);
            buf = rest;
        }
        Ok(())
    }

    /// The extent that starts at `offset`, which is inside of the object.
    fn extent_at(&self, offset: u64) -> Extent {
        let (end, kind) = self.stretch(offset);
        let end = end.min(self.object.size).max(offset.saturating_add(1));
        Extent { offset, length: end.saturating_sub(offset), kind }
    }

    /// Up to where it is like at `offset`, and how it is there.
    fn stretch(&self, offset: u64) -> (u64, ExtentKind) {
        let valid = self.valid();
        if offset >= valid {
            return (u64::MAX, ExtentKind::Zero);
        }
        match &self.object.form {
            Form::Plain => {
                let (end, kind) = self.plain_stretch(offset);
                (end.min(valid), kind)
            }
            Form::Lznt1 { unit, .. } => {
                let (end, kind) = self.unit_stretch(offset, *unit);
                (end.min(valid), kind)
            }
            Form::Inline { .. } | Form::Wof { .. } => {
                (valid, ExtentKind::Data)
            }
            Form::Opaque => (valid, ExtentKind::Unreadable),
        }
    }

    fn plain_stretch(&self, offset: u64) -> (u64, ExtentKind) {
        let Some(run) = self.runs_from(offset).first() else {
            return (u64::MAX, ExtentKind::Zero);
        };
        if run.logical > offset {
            return (run.logical, ExtentKind::Zero);
        }
        let Some(physical) = run.physical else {
            return (run.end(), ExtentKind::Zero);
        };
        let skip = offset.saturating_sub(run.logical);
        let at = physical.saturating_add(skip);
        match self.volume.extents(at).next() {
            Some(below) => {
                let end = offset.saturating_add(below.length);
                (end.min(run.end()), below.kind)
            }
            None => (run.end(), ExtentKind::Unreadable),
        }
    }

    /// As above, where any stored byte makes the whole unit data.
    fn unit_stretch(&self, offset: u64, unit: u32) -> (u64, ExtentKind) {
        let unit = u64::from(unit.max(1));
        let below =
            |at: u64| at.saturating_sub(at.checked_rem(unit).unwrap_or(0));
        let start = below(offset);
        let stored = |run: &&Run| run.physical.is_some();
        match self.runs_from(start).iter().find(stored) {
            None => (u64::MAX, ExtentKind::Zero),
            Some(run) if below(run.logical) > start => {
                (below(run.logical), ExtentKind::Zero)
            }
            Some(run) => {
                let last = run.end().saturating_sub(1).max(start);
                let end = below(last).saturating_add(unit);
                (end, ExtentKind::Data)
            }
        }
    }

    /// Where the stored byte of a run lies.
    fn origin_of(&self, run: &Run, offset: u64, end: u64) -> Option<Origin> {
        let skip = offset.checked_sub(run.logical)?;
        let origin = self.volume.origin(run.physical?.checked_add(skip)?)?;
        let left = run.end().min(end).checked_sub(offset)?;
        Some(Origin { length: origin.length.min(left), ..origin })
    }
}

impl Source for Content {
    fn len(&self) -> Option<u64> {
        Some(self.object.size)
    }

    fn read_at(
        &self,
        offset: u64,
        buf: &mut [u8],
    ) -> Result<usize, ReadError> {
        let clip = |end: u64, length: usize| {
            end.saturating_sub(offset).min(length as u64) as usize
        };
        let count = clip(self.object.size, buf.len());
        let buf = buf.get_mut(..count).unwrap_or_default();
        let (buf, behind) = buf.split_at_mut(clip(self.valid(), count));
        behind.fill(0);
        if buf.is_empty() {
            return Ok(count);
        }
        match (&self.object.form, self.unit_size()) {
            (Form::Inline { bytes, .. }, _) => {
                Content::copy(bytes, offset, buf);
            }
            (Form::Opaque, _) => {
                let message = "the content cannot be decoded".to_owned();
                return Err(ReadError { offset, message });
            }
            (_, Some(unit)) => self.decoded(unit, offset, buf)?,
            (_, None) => self.stored(offset, buf)?,
        }
        Ok(count)
    }

    fn extents(&self, from: u64) -> Box<dyn Iterator<Item = Extent> + '_> {
        let at = move |offset| {
            (offset < self.object.size).then(|| self.extent_at(offset))
        };
        Box::new(std::iter::successors(at(from), move |extent| {
            at(extent.offset.saturating_add(extent.length))
        }))
    }

    /// For compressed bytes it is where the unit starts.
    fn origin(&self, offset: u64) -> Option<Origin> {
        let valid = self.valid();
        if offset >= valid {
            return None;
        }
        match &self.object.form {
            Form::Plain | Form::Opaque => {
                self.origin_of(self.runs_from(offset).first()?, offset, valid)
            }
            Form::Inline { bytes, physical } => {
                let length = valid.min(bytes.len() as u64);
                let run = Run { logical: 0, physical: *physical, length };
                self.origin_of(&run, offset, length)
            }
            Form::Lznt1 { unit, .. } => {
                let unit = u64::from(*unit);
                let start = offset.checked_sub(offset.checked_rem(unit)?)?;
                let end = start.saturating_add(unit).min(valid);
                let run = self.runs_from(start).first()?;
                if run.logical >= end {
                    return None;
                }
                if self.is_raw(start, unit) {
                    let run = self.runs_from(offset).first()?;
                    return self.origin_of(run, offset, end);
                }
                let start = start.max(run.logical);
                let origin = self.origin_of(run, start, end)?;
                let length = end.checked_sub(offset)?;
                Some(Origin { file_offset: None, length, ..origin })
            }
            Form::Wof { .. } => {
                let run = self.object.runs.first()?;
                let origin = self.origin_of(run, run.logical, u64::MAX)?;
                let length = valid.checked_sub(offset)?;
                Some(Origin { file_offset: None, length, ..origin })
            }
        }
    }
}

#[cfg(test)]
mod tests;
