//! Reads by address, where the object is memory.

use super::Vm;
use crate::cond::{Pools, ReadKind, Stop};
use crate::scan::Regions;

/// What it costs to ask for bytes at an address: about a call of the system.
const ASK: u64 = 256;
/// Bytes that are asked for at a time.
const PIECE: usize = 64 << 10;

impl<P: Pools + ?Sized> Vm<'_, '_, '_, P> {
    /// Reads an integer or a float; `None` if it is undefined.
    #[inline]
    pub(super) fn read(
        &mut self,
        kind: ReadKind,
        offset: u64,
    ) -> Result<Option<u64>, Stop> {
        match (kind.read(self.env.data, offset), self.env.space) {
            (None, Some(space)) => self.read_in(space, kind, offset),
            (value, _) => Ok(value),
        }
    }

    #[cold]
    fn read_in(
        &mut self,
        space: &dyn Regions,
        kind: ReadKind,
        address: u64,
    ) -> Result<Option<u64>, Stop> {
        self.env.budget.charge(ASK)?;
        let mut buf = [0; 8];
        let width = kind.width();
        // A negative number is no address.
        let known = i64::try_from(address).is_ok()
            && space.read_all(address, &mut buf[..width]);
        Ok(known.then(|| kind.read(&buf[..width], 0)).flatten())
    }

    /// The first address in `from..=last` at which an integer is that may
    /// have this value.
    #[cold]
    pub(super) fn seek_in(
        &mut self,
        space: &dyn Regions,
        kind: ReadKind,
        (mut from, last): (u64, u64),
        value: u32,
    ) -> Result<Option<u64>, Stop> {
        let mut buf = vec![0; PIECE];
        while from <= last {
            self.env.budget.charge(ASK)?;
            let Some((at, count)) = space.read(from, &mut buf) else {
                return Ok(None);
            };
            if at > last {
                return Ok(None);
            }
            self.env.budget.charge(count as u64 / 16)?;
            let left = usize::try_from(last - at).unwrap_or(usize::MAX);
            let range = (0, count.min(left.saturating_add(1)));
            if let Some(found) = kind.find(&buf[..count], range, value) {
                return Ok(Some(at + found as u64));
            }
            // An integer may begin here and end in the next piece.
            let step = match count == buf.len() {
                true => count + 1 - kind.width(),
                false => count,
            };
            from = at.saturating_add(step as u64);
        }
        Ok(None)
    }
}
