//! The table of blocks.

use std::num::NonZeroU64;

use super::meta::{Metadata, Region};
use crate::container::disk::{Map, Place, Stretch};
use crate::container::pages::Pages;
use crate::{Reason, Shared};

const OFFSET: u64 = !0xF_FFFF;
/// Sectors that one bitmap block covers.
const COVERED: u64 = 1 << 23;

/// The map of a disk.
pub(super) struct Bat {
    pages: Pages,
    region: Region,
    block: NonZeroU64,
    sector: NonZeroU64,
    /// Blocks between two entries for bitmaps.
    ratio: NonZeroU64,
    differs: bool,
}

impl Bat {
    pub(super) fn new(file: Shared, region: Region, meta: &Metadata) -> Bat {
        let covered = COVERED.saturating_mul(meta.sector.get());
        let ratio = covered / meta.block;
        Bat {
            pages: Pages::new(file),
            region,
            block: meta.block,
            sector: meta.sector,
            ratio: NonZeroU64::new(ratio).unwrap_or(NonZeroU64::MIN),
            differs: meta.has_parent,
        }
    }

    fn entry(&self, index: u64) -> Result<u64, Reason> {
        let at = index.saturating_mul(8);
        if at >= self.region.1 {
            return Err(Reason::CorruptMetadata);
        }
        self.pages.le64(self.region.0.saturating_add(at))
    }

    /// Sectors with the same bit as the one at `inside`.
    fn sectors(
        &self,
        number: u64,
        data: u64,
        inside: u64,
    ) -> Result<Stretch, Reason> {
        let chunk = number / self.ratio;
        // The bitmap has its entry behind those of its blocks.
        let index = chunk
            .saturating_add(1)
            .saturating_mul(self.ratio.get().saturating_add(1))
            .saturating_sub(1);
        let bitmap = self.entry(index)?;
        if bitmap & 7 != 6 {
            return Err(Reason::CorruptMetadata);
        }
        let bitmap = bitmap & OFFSET;
        let per_block = self.block.get() / self.sector;
        let base = (number % self.ratio).saturating_mul(per_block);
        let bit = |sector: u64| -> Result<bool, Reason> {
            let place = base.saturating_add(sector);
            let byte = self.pages.u8(bitmap.saturating_add(place / 8))?;
            let shifted = byte.checked_shr((place % 8) as u32);
            Ok(shifted.unwrap_or(0) & 1 != 0)
        };
        let first = inside / self.sector;
        let own = bit(first)?;
        let mut next = first.saturating_add(1);
        while next < per_block && bit(next) == Ok(own) {
            next = next.saturating_add(1);
        }
        let end = next.saturating_mul(self.sector.get());
        let at = data.saturating_add(inside);
        let place =
            if own { Place::Stored { file: 0, at } } else { Place::Parent };
        Ok(Stretch { place, length: end.saturating_sub(inside) })
    }
}

impl Map for Bat {
    fn find(&self, offset: u64) -> Stretch {
        let number = offset / self.block;
        let inside = offset % self.block;
        let length = self.block.get().saturating_sub(inside);
        let of_block = |place| Stretch { place, length };
        let index = number.saturating_add(number / self.ratio);
        let entry = match self.entry(index) {
            Ok(entry) => entry,
            Err(Reason::CorruptMetadata) => {
                // The table is too short for the disk.
                let place = Place::Lost(Reason::CorruptMetadata);
                return Stretch { place, length: u64::MAX };
            }
            Err(reason) => return of_block(Place::Lost(reason)),
        };
        let data = entry & OFFSET;
        match entry & 7 {
            0 => of_block(Place::Parent),
            // Undefined and unmapped blocks have no bytes to show; the
            // parent's bytes would be those of another time.
            1 | 3 if !self.differs => of_block(Place::Parent),
            1..=3 => of_block(Place::Zero),
            6 => {
                let at = data.saturating_add(inside);
                of_block(Place::Stored { file: 0, at })
            }
            7 if self.differs => self
                .sectors(number, data, inside)
                .unwrap_or_else(|reason| of_block(Place::Lost(reason))),
            _ => of_block(Place::Lost(Reason::CorruptMetadata)),
        }
    }
}
