//! The log: changes that were on their way into the file.

use dragnet_engine::source::Source;

use super::meta::short_file;
use super::overlay::Overlay;
use super::{Header, crc};
use crate::container::field::{Fields, corrupt, read_vec};
use crate::container::late::problem;
use crate::{OpenError, Problem, Shared};

const SECTOR: usize = 4096;
/// A log that is larger is not replayed; usual is 1 MiB.
const MAX_LOG: u64 = 64 << 20;

/// What came out of it.
pub(super) struct Replayed {
    pub(super) overlay: Option<Overlay>,
    pub(super) problem: Option<Problem>,
}

/// Lays the last whole sequence of entries over the file.
pub(super) fn replay(file: &Shared, header: &Header) -> Replayed {
    match entries(file, header) {
        Ok((overlay, short)) => {
            let problem = short.then(|| of(&short_file()));
            Replayed { overlay: Some(overlay), problem }
        }
        Err(error) => Replayed { overlay: None, problem: Some(of(&error)) },
    }
}

fn of(error: &OpenError) -> Problem {
    let detail = format!("log: {error}");
    problem(error.reason, None, 0, detail)
}

/// A whole entry.
struct Entry {
    bytes: Vec<u8>,
    sequence: u64,
    tail: u64,
}

/// The log as a ring.
struct Ring<'a> {
    bytes: &'a [u8],
    id: [u8; 16],
    /// Bytes that may still be summed up: entries that claim each other's
    /// space cost no more than this.
    budget: usize,
}

impl Ring<'_> {
    fn entry(&mut self, at: usize) -> Option<Entry> {
        let fields = Fields(self.bytes);
        let field = |plus: usize| at.checked_add(plus);
        let length = fields.le32(field(8)?)? as usize;
        let is_entry = fields.has(at, b"loge")
            && fields.array(field(32)?)? == self.id
            && length >= SECTOR
            && length.is_multiple_of(SECTOR)
            && length <= self.bytes.len();
        if !is_entry {
            return None;
        }
        self.budget = self.budget.checked_sub(length)?;
        let mut bytes = Vec::with_capacity(length);
        let first = self.bytes.get(at..)?;
        bytes.extend_from_slice(first.get(..length).unwrap_or(first));
        let rest = length.saturating_sub(bytes.len());
        bytes.extend_from_slice(self.bytes.get(..rest)?);
        if !crc::is_summed(&bytes, 4) {
            return None;
        }
        let fields = Fields(&bytes);
        let sequence = fields.le64(16)?;
        let tail = u64::from(fields.le32(12)?);
        Some(Entry { bytes, sequence, tail })
    }
}

fn entries(
    file: &Shared,
    header: &Header,
) -> Result<(Overlay, bool), OpenError> {
    if header.log_length > MAX_LOG {
        return Err(corrupt("it is too large"));
    }
    let bytes = read_vec(file, header.log_at, header.log_length, "it")?;
    let budget = bytes.len().saturating_mul(4);
    let mut ring = Ring { bytes: &bytes, id: header.log_id, budget };
    let newest = (0..bytes.len())
        .step_by(SECTOR)
        .filter_map(|at| {
            let entry = ring.entry(at)?;
            Some((entry.sequence, at, entry.tail))
        })
        .max_by_key(|(sequence, _, _)| *sequence);
    let Some((last, head, tail)) = newest else {
        return Err(corrupt("no whole entry in it"));
    };
    ring.budget = bytes.len().saturating_mul(2);
    let mut overlay = Overlay::new(file.clone());
    let mut short = false;
    let mut at = tail as usize;
    let mut expected = None;
    loop {
        let entry = ring.entry(at).ok_or_else(|| corrupt("it has a gap"))?;
        if expected.is_some_and(|expected| expected != entry.sequence)
            || entry.sequence > last
        {
            return Err(corrupt("its entries do not follow each other"));
        }
        short |= apply(&entry, &mut overlay)
            .ok_or_else(|| corrupt("an entry contradicts itself"))?;
        if at == head {
            return Ok((overlay, short));
        }
        expected = entry.sequence.checked_add(1);
        let next = at.saturating_add(entry.bytes.len());
        at = next.checked_rem(bytes.len()).unwrap_or(0);
    }
}

/// `None` if it cannot be; else whether the file is too short for it.
fn apply(entry: &Entry, overlay: &mut Overlay) -> Option<bool> {
    let fields = Fields(&entry.bytes);
    let count = fields.le32(24)? as usize;
    let end = count.checked_mul(32)?.checked_add(64)?;
    let mut data = end.checked_next_multiple_of(SECTOR)?;
    let descriptors = fields.slice(64, end.checked_sub(64)?)?;
    for descriptor in descriptors.as_chunks::<32>().0 {
        let own = Fields(descriptor);
        let at = own.le64(16)?;
        if own.le64(24)? != entry.sequence {
            return None;
        }
        if own.has(0, b"zero") {
            overlay.zeros(at, own.le64(8)?);
            continue;
        }
        let sector = Fields(fields.slice(data, SECTOR)?);
        if !own.has(0, b"desc") || !sector.has(0, b"data") {
            return None;
        }
        let high = u64::from(sector.le32(4)?);
        let low = u64::from(sector.le32(4092)?);
        if high.checked_shl(32)? | low != entry.sequence {
            return None;
        }
        let mut bytes = own.slice(8, 8)?.to_vec();
        bytes.extend_from_slice(sector.slice(8, 4084)?);
        bytes.extend_from_slice(own.slice(4, 4)?);
        overlay.bytes(at, bytes);
        data = data.checked_add(SECTOR)?;
    }
    Some(overlay.len()? < fields.le64(48)?)
}
