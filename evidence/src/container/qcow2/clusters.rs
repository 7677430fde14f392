//! From an offset of the disk to a cluster.

use super::header::{Header, Packing};
use crate::container::disk::{Map, Packed, Place, Stretch, Unpacked};
use crate::container::inflate::Inflater;
use crate::container::pages::Pages;
use crate::container::zstd::Unzstd;
use crate::{Reason, Shared};

const OFFSET: u64 = 0x00FF_FFFF_FFFF_FE00;
const COPIED: u64 = 1 << 63;
const COMPRESSED: u64 = 1 << 62;
const ALL_ZERO: u64 = 1;
/// Parts of a cluster that have states of their own.
const SUBCLUSTERS: u64 = 32;

/// The map of an image.
pub(super) struct Clusters {
    header: Header,
    pages: Pages,
    /// Bytes of an entry in a table of the second level.
    entry: u64,
    /// Entries of such a table.
    entries: u64,
    /// The file with the stored clusters, if it is there.
    stored: Option<usize>,
    inflater: Inflater,
    unzstd: Unzstd,
}

impl Clusters {
    pub(super) fn new(
        header: Header,
        file: Shared,
        stored: Option<usize>,
    ) -> Clusters {
        let entry = if header.extended { 16 } else { 8 };
        Clusters {
            entries: header.cluster.get().checked_div(entry).unwrap_or(1),
            entry,
            pages: Pages::new(file),
            header,
            stored,
            // Without a header and a checksum.
            inflater: Inflater::new(false),
            unzstd: Unzstd::default(),
        }
    }

    /// The entries for the cluster at an offset, and how far they hold.
    fn entry(&self, offset: u64) -> Result<(u64, u64), Stretch> {
        let cluster = self.header.cluster;
        let number = offset / cluster;
        let span = self.entries.saturating_mul(cluster.get());
        let first = number.checked_div(self.entries).unwrap_or(0);
        let index = number.checked_rem(self.entries).unwrap_or(0);
        let table_end = first.saturating_add(1).saturating_mul(span);
        let whole = |place| {
            let length = table_end.saturating_sub(offset);
            Stretch { place, length }
        };
        if first >= self.header.l1_entries {
            let place = Place::Lost(Reason::CorruptMetadata);
            return Err(Stretch { place, length: u64::MAX });
        }
        let at = first.saturating_mul(8).saturating_add(self.header.l1);
        let table = self.pages.be64(at).map_err(|r| whole(Place::Lost(r)))?;
        let table = table & OFFSET;
        if table == 0 {
            return Err(whole(Place::Parent));
        }
        if table % cluster != 0 {
            return Err(whole(Place::Lost(Reason::CorruptMetadata)));
        }
        let held = self.pages.file().len().unwrap_or(0);
        if table >= held {
            return Err(whole(Place::Lost(Reason::Truncated)));
        }
        let at = index.saturating_mul(self.entry).saturating_add(table);
        let lost = |reason| {
            let end = number.saturating_add(1).saturating_mul(cluster.get());
            let length = end.saturating_sub(offset);
            Stretch { place: Place::Lost(reason), length }
        };
        let entry = self.pages.be64(at).map_err(lost)?;
        let bits = match self.header.extended {
            true => self.pages.be64(at.saturating_add(8)).map_err(lost)?,
            false => 0,
        };
        Ok((entry, bits))
    }

    fn compressed(&self, entry: u64, start: u64) -> Place {
        let bits = self.header.cluster_bits.saturating_sub(8);
        let shift = 62u32.saturating_sub(bits);
        let below = 1u64.checked_shl(shift).unwrap_or(0).wrapping_sub(1);
        let sectors_mask = 1u64.checked_shl(bits).unwrap_or(0).wrapping_sub(1);
        let at = entry & below;
        let sectors = entry.checked_shr(shift).unwrap_or(0) & sectors_mask;
        let length = sectors.saturating_add(1).saturating_mul(512);
        let length = length.saturating_sub(at & 511);
        let size = self.header.cluster.get();
        let plain = false;
        Place::Packed(Packed { file: 0, at, length, start, size, plain })
    }

    fn cluster(&self, entry: u64, inside: u64) -> Place {
        let at = entry & OFFSET;
        let Some(file) = self.stored else {
            return Place::Lost(Reason::MissingParent);
        };
        if at % self.header.cluster != 0 {
            return Place::Lost(Reason::CorruptMetadata);
        }
        Place::Stored { file, at: at.saturating_add(inside) }
    }

    /// Has the cluster a place? In a data file of its own, 0 is one.
    fn is_stored(&self, entry: u64) -> bool {
        let in_data_file = self.stored != Some(0);
        entry & OFFSET != 0 || in_data_file && entry & COPIED != 0
    }

    /// The state of the part of a cluster that holds `inside`.
    fn subcluster(&self, entry: u64, bits: u64, inside: u64) -> Stretch {
        let size = self.header.cluster.get() / SUBCLUSTERS;
        let number = inside.checked_div(size).unwrap_or(0);
        let bit = |first: u64| {
            let place = first.saturating_add(number) as u32;
            bits.checked_shr(place).unwrap_or(0) & 1 != 0
        };
        let place = match (bit(0), bit(32)) {
            (true, true) => Place::Lost(Reason::CorruptMetadata),
            (true, false) if self.is_stored(entry) => {
                self.cluster(entry, inside)
            }
            (true, false) => Place::Lost(Reason::CorruptMetadata),
            (false, true) => Place::Zero,
            (false, false) => Place::Parent,
        };
        let end = number.saturating_add(1).saturating_mul(size);
        Stretch { place, length: end.saturating_sub(inside) }
    }
}

impl Map for Clusters {
    fn find(&self, offset: u64) -> Stretch {
        let (entry, bits) = match self.entry(offset) {
            Ok(entry) => entry,
            Err(stretch) => return stretch,
        };
        let inside = offset % self.header.cluster;
        let length = self.header.cluster.get().saturating_sub(inside);
        let start = offset.saturating_sub(inside);
        let place = if entry & COMPRESSED != 0 {
            self.compressed(entry, start)
        } else if self.header.extended {
            return self.subcluster(entry, bits, inside);
        } else if self.header.version >= 3 && entry & ALL_ZERO != 0 {
            Place::Zero
        } else if self.is_stored(entry) {
            self.cluster(entry, inside)
        } else {
            Place::Parent
        };
        Stretch { place, length }
    }

    fn unpack(
        &self,
        file: &Shared,
        packed: &Packed,
        out: &mut [u8],
    ) -> Unpacked {
        // At most twice a cluster, by the width of the field.
        let mut input = vec![0; packed.length as usize];
        let Ok(count) = file.read_at(packed.at, &mut input) else {
            return Unpacked::NOTHING;
        };
        let input = input.get(..count).unwrap_or_default();
        match self.header.packing {
            Packing::Deflate => self.inflater.inflate(input, out),
            Packing::Zstd => self.unzstd.decode(input, out),
        }
    }
}
