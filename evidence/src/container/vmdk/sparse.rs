//! A sparse extent: a directory of tables that lead to grains.

use std::num::NonZeroU64;

use super::SECTOR;
use super::descriptor::Descriptor;
use crate::container::disk::{Packed, Place, Stretch, Unpacked};
use crate::container::field::{Fields, corrupt, peek, read_vec};
use crate::container::inflate::Inflater;
use crate::container::pages::Pages;
use crate::{OpenError, Reason, Shared};

const ZEROED: u32 = 1 << 2;
const COMPRESSED: u32 = 1 << 16;
const MARKERS: u32 = 1 << 17;
/// The directory is at the end, behind the grains.
const AT_END: u64 = u64::MAX;
/// Largest grain; usual are 64 KiB.
const MAX_GRAIN: u64 = 16 << 20;

/// The tables of one extent.
pub(super) struct Sparse {
    pages: Pages,
    /// Bytes of the extent.
    pub(super) size: u64,
    /// Bytes of a grain.
    pub(super) grain: NonZeroU64,
    /// Grains of a table.
    grains: NonZeroU64,
    directory: u64,
    flags: u32,
    inflater: Inflater,
}

/// Is it a sparse extent?
pub(super) fn is_one(head: Fields<'_>) -> bool {
    head.has(0, b"KDMV") || head.has(0, b"COWD") || is_se_sparse(head)
}

/// The form of newer hosts, with 64-bit entries.
fn is_se_sparse(head: Fields<'_>) -> bool {
    head.le64(0) == Some(0xCAFE_BABE)
}

/// What the headers of both forms say.
struct Header {
    sectors: u64,
    grain: u64,
    grains: u64,
    directory: u64,
    flags: u32,
    compression: u16,
    text: (u64, u64),
}

impl Header {
    fn parse(head: Fields<'_>) -> Option<Header> {
        if head.has(0, b"COWD") {
            return Some(Header {
                flags: 0,
                sectors: u64::from(head.le32(12)?),
                grain: u64::from(head.le32(16)?),
                grains: 4096,
                directory: u64::from(head.le32(20)?),
                compression: 0,
                text: (0, 0),
            });
        }
        Some(Header {
            flags: head.le32(8)?,
            sectors: head.le64(12)?,
            grain: head.le64(20)?,
            text: (head.le64(28)?, head.le64(36)?),
            grains: u64::from(head.le32(44)?),
            directory: head.le64(56)?,
            compression: head.le16(77)?,
        })
    }
}

impl Sparse {
    /// The tables, and the description if there is one inside.
    pub(super) fn open(
        file: &Shared,
        head: &[u8],
    ) -> Result<(Sparse, Option<Descriptor>), OpenError> {
        if is_se_sparse(Fields(head)) {
            let detail = "an extent of kind SESPARSE";
            return Err(OpenError::new(Reason::UnsupportedFormat, detail));
        }
        let cut = || corrupt("the header is cut off");
        let first = Header::parse(Fields(head)).ok_or_else(cut)?;
        let mut header = Header::parse(Fields(head)).ok_or_else(cut)?;
        if header.directory == AT_END {
            // The same again in front of the last sector, now complete.
            let end = file.len().unwrap_or(0);
            let at = end.checked_sub(1024).ok_or_else(cut)?;
            let footer = peek(file, at, SECTOR as usize);
            let fields = Fields(&footer);
            if !fields.has(0, b"KDMV") {
                let detail = "the end with the directory is missing";
                return Err(OpenError::new(Reason::Truncated, detail));
            }
            header = Header::parse(fields).ok_or_else(cut)?;
        }
        let tables = Sparse::new(file, &header)?;
        let text = match first.text {
            (0, _) | (_, 0) => None,
            (at, length) => {
                let at = at.checked_mul(SECTOR).ok_or_else(cut)?;
                let length = length.checked_mul(SECTOR).ok_or_else(cut)?;
                let length = length.min(super::MAX_TEXT);
                let text = read_vec(file, at, length, "the description")?;
                Some(Descriptor::parse(&text)?)
            }
        };
        Ok((tables, text))
    }

    fn new(file: &Shared, header: &Header) -> Result<Sparse, OpenError> {
        let wrong = || corrupt("an impossible geometry");
        let bytes = |sectors: u64| sectors.checked_mul(SECTOR);
        let grain = bytes(header.grain).filter(|g| *g <= MAX_GRAIN);
        let grain = grain.and_then(NonZeroU64::new).ok_or_else(wrong)?;
        let grains = NonZeroU64::new(header.grains)
            .filter(|count| count.get() <= 1 << 16)
            .ok_or_else(wrong)?;
        let is_packed = header.flags & COMPRESSED != 0;
        if is_packed && header.compression > 1 {
            let reason = Reason::UnsupportedCompression;
            let detail = format!("compression {}", header.compression);
            return Err(OpenError::new(reason, detail));
        }
        Ok(Sparse {
            pages: Pages::new(file.clone()),
            size: bytes(header.sectors).ok_or_else(wrong)?,
            grain,
            grains,
            directory: bytes(header.directory).ok_or_else(wrong)?,
            flags: header.flags,
            inflater: Inflater::new(true),
        })
    }

    /// What lies at `inside`, for an extent that begins at `start`.
    pub(super) fn find(
        &self,
        file: usize,
        start: u64,
        inside: u64,
    ) -> Stretch {
        let number = inside / self.grain;
        let (first, index) = (number / self.grains, number % self.grains);
        let span = self.grains.get().saturating_mul(self.grain.get());
        let table_end = first.saturating_add(1).saturating_mul(span);
        let of_table = |place| {
            let length = table_end.saturating_sub(inside);
            Stretch { place, length }
        };
        if inside >= self.size {
            return of_table(Place::Lost(Reason::CorruptMetadata));
        }
        let at = first.saturating_mul(4).saturating_add(self.directory);
        let table = match self.pages.le32(at) {
            Ok(0) => return of_table(Place::Parent),
            Ok(table) => u64::from(table).saturating_mul(SECTOR),
            Err(reason) => return of_table(Place::Lost(reason)),
        };
        if table >= self.pages.file().len().unwrap_or(0) {
            return of_table(Place::Lost(Reason::Truncated));
        }
        let within = inside % self.grain;
        let begin = start.saturating_add(inside).saturating_sub(within);
        let at = index.saturating_mul(4).saturating_add(table);
        let place = match self.pages.le32(at) {
            Ok(0) => Place::Parent,
            Ok(1) if self.flags & ZEROED != 0 => Place::Zero,
            Ok(sector) => self.place(file, sector, begin, within),
            Err(reason) => Place::Lost(reason),
        };
        let length = self.grain.get().saturating_sub(within);
        Stretch { place, length }
    }

    fn place(
        &self,
        file: usize,
        sector: u32,
        start: u64,
        in_it: u64,
    ) -> Place {
        let at = u64::from(sector).saturating_mul(SECTOR);
        if self.flags & COMPRESSED == 0 {
            return Place::Stored { file, at: at.saturating_add(in_it) };
        }
        let size = self.grain.get();
        // Its true length is in the file, in front of it.
        let (length, plain) = (SECTOR, false);
        Place::Packed(Packed { file, at, length, start, size, plain })
    }

    pub(super) fn unpack(
        &self,
        file: &Shared,
        packed: &Packed,
        out: &mut [u8],
    ) -> Unpacked {
        let most = packed.size.saturating_mul(2);
        let (at, length) = if self.flags & MARKERS != 0 {
            let marker = peek(file, packed.at, 12);
            let length = Fields(&marker).le32(8).map_or(0, u64::from);
            (packed.at.saturating_add(12), length.min(most))
        } else {
            (packed.at, most)
        };
        let input = peek(file, at, length as usize);
        self.inflater.inflate(&input, out)
    }
}
