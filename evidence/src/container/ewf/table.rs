//! Which chunk lies where.

use super::section::Geometry;
use crate::container::disk::{Map, Packed, Place, Stretch, Unpacked};
use crate::container::field::{Fields, corrupt, peek};
use crate::container::inflate::Inflater;
use crate::container::pages::Pages;
use crate::{OpenError, Reason, Shared};

const HEADER: u64 = 24;
const DEFLATED: u32 = 1 << 31;
/// Entries that are checked at a time.
const PIECE: usize = 64 << 10;

/// One table: the places of consecutive chunks in one file.
#[derive(Clone, Debug)]
pub(super) struct Table {
    file: usize,
    /// Where its entries begin.
    entries: u64,
    pub(super) count: u32,
    base: u64,
    /// Where the last chunk ends.
    end: u64,
    /// From this entry on, all chunks are stored and the bit that says
    /// otherwise belongs to the offset.
    plain_from: u32,
    /// The checksum of its entries is right.
    pub(super) sound: bool,
}

impl Table {
    /// Reads the table between two positions of a file. `data_end` is the
    /// end of the section with its chunks, if they are not in here.
    pub(super) fn read(
        file: &Shared,
        number: usize,
        at: u64,
        end: u64,
        data_end: Option<u64>,
    ) -> Result<Table, OpenError> {
        let header = peek(file, at, HEADER as usize);
        let fields = Fields(&header);
        let short = || corrupt("it is too short");
        let count = fields.le32(0).ok_or_else(short)?;
        let base = fields.le64(8).ok_or_else(short)?;
        let sum = fields.le32(20).ok_or_else(short)?;
        let entries = at.saturating_add(HEADER);
        let length = u64::from(count).saturating_mul(4);
        let entries_end = entries.saturating_add(length);
        if entries_end > end {
            return Err(corrupt("it lists more chunks than it has room for"));
        }
        // A wrong count would shift all that follows.
        if header.get(..20).map(adler2::adler32_slice) != Some(sum) {
            return Err(corrupt("the checksum of its header is wrong"));
        }
        let mut table = Table {
            file: number,
            entries,
            count,
            base,
            end: data_end.unwrap_or(end),
            plain_from: u32::MAX,
            sound: true,
        };
        table.check(file, entries_end, end);
        Ok(table)
    }

    /// Compares the checksum, and finds where the offsets overflow.
    fn check(&mut self, file: &Shared, entries_end: u64, end: u64) {
        let mut sum = adler2::Adler32::new();
        let mut at = self.entries;
        let mut index = 0u32;
        let mut last = 0u32;
        while at < entries_end {
            let left = entries_end.saturating_sub(at);
            let want = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            let piece = peek(file, at, want);
            if piece.len() < want {
                self.sound = false;
                return;
            }
            sum.write_slice(&piece);
            for entry in piece.as_chunks::<4>().0 {
                let raw = u32::from_le_bytes(*entry);
                let falls = raw & !DEFLATED < last & !DEFLATED && raw > last;
                if falls && self.plain_from == u32::MAX {
                    self.plain_from = index;
                }
                last = raw;
                index = index.saturating_add(1);
            }
            at = at.saturating_add(want as u64);
        }
        // Small tables of old writers have no checksum behind them.
        let behind = peek(file, entries_end, 4);
        let has_sum = entries_end.saturating_add(4) <= end;
        if has_sum && Fields(&behind).le32(0) != Some(sum.checksum()) {
            self.sound = false;
        }
    }

    fn place(&self, index: u32, raw: u32) -> (u64, bool) {
        if index >= self.plain_from {
            return (self.base.saturating_add(u64::from(raw)), false);
        }
        let offset = u64::from(raw & !DEFLATED);
        (self.base.saturating_add(offset), raw & DEFLATED != 0)
    }
}

/// A table, and the number of its first chunk.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) first: u64,
    pub(super) table: Table,
}

/// The map of all chunks.
pub(super) struct Chunks {
    groups: Vec<Group>,
    tables: Vec<Pages>,
    chunk: u64,
    size: u64,
    lost: Reason,
    inflater: Inflater,
}

impl Chunks {
    /// The groups are in order; chunks that none of them has are `lost`.
    pub(super) fn new(
        groups: Vec<Group>,
        files: &[Shared],
        geometry: &Geometry,
        lost: Reason,
    ) -> Chunks {
        Chunks {
            groups,
            tables: files.iter().map(|f| Pages::new(f.clone())).collect(),
            chunk: geometry.chunk,
            size: geometry.size,
            lost,
            inflater: Inflater::new(true),
        }
    }

    fn packed(&self, group: &Group, number: u64) -> Result<Packed, Reason> {
        let wrong = Reason::CorruptMetadata;
        let table = &group.table;
        let index = number.checked_sub(group.first).ok_or(wrong)?;
        let index = u32::try_from(index).map_err(|_| wrong)?;
        let pages = self.tables.get(table.file).ok_or(wrong)?;
        let entry = |index: u32| {
            let at = u64::from(index).saturating_mul(4);
            pages.le32(table.entries.saturating_add(at))
        };
        let (at, deflated) = table.place(index, entry(index)?);
        let next = index.saturating_add(1);
        let end = match next < table.count {
            true => table.place(next, entry(next)?).0,
            false => table.end,
        };
        let start = number.saturating_mul(self.chunk);
        let size = self.chunk.min(self.size.saturating_sub(start));
        let length = end.checked_sub(at).filter(|l| *l > 0).ok_or(wrong)?;
        // A deflated chunk is not much larger than the bytes; a stored one
        // has all of them. Behind the last one may lie anything.
        let length = length.min(self.chunk.saturating_mul(2));
        if !deflated && length < size {
            return Err(wrong);
        }
        let (file, plain) = (table.file, !deflated);
        Ok(Packed { file, at, length, start, size, plain })
    }
}

impl Map for Chunks {
    fn find(&self, offset: u64) -> Stretch {
        let number = offset.checked_div(self.chunk).unwrap_or(0);
        let next = self.groups.partition_point(|g| g.first <= number);
        let own = next.checked_sub(1).and_then(|own| self.groups.get(own));
        let own = own.filter(|group| {
            let count = u64::from(group.table.count);
            number < group.first.saturating_add(count)
        });
        let Some(group) = own else {
            let end = self.groups.get(next).map_or(u64::MAX, |g| g.first);
            let end = end.saturating_mul(self.chunk);
            let length = end.saturating_sub(offset);
            return Stretch { place: Place::Lost(self.lost), length };
        };
        let start = number.saturating_mul(self.chunk);
        let end = start.saturating_add(self.chunk);
        let length = end.saturating_sub(offset);
        let place = match self.packed(group, number) {
            Ok(packed) => Place::Packed(packed),
            Err(reason) => Place::Lost(reason),
        };
        Stretch { place, length }
    }

    fn unpack(
        &self,
        file: &Shared,
        packed: &Packed,
        out: &mut [u8],
    ) -> Unpacked {
        if packed.plain {
            return stored(file, packed, out);
        }
        let mut input = vec![0; packed.length as usize];
        let Ok(count) = file.read_at(packed.at, &mut input) else {
            return Unpacked::NOTHING;
        };
        let input = input.get(..count).unwrap_or_default();
        if packed.size == self.chunk {
            return self.inflater.inflate(input, out);
        }
        // Some writers fill the last chunk up.
        let mut whole = vec![0; self.chunk as usize];
        let done = self.inflater.inflate(input, &mut whole);
        let good = done.good.min(out.len());
        if let Some(bytes) = whole.get(..out.len()) {
            out.copy_from_slice(bytes);
        }
        Unpacked { good, ..done }
    }
}

/// The bytes, with their checksum behind them.
fn stored(file: &Shared, packed: &Packed, out: &mut [u8]) -> Unpacked {
    let Ok(good) = file.read_at(packed.at, out) else {
        return Unpacked::NOTHING;
    };
    let at = packed.at.saturating_add(packed.size);
    let sum = Fields(&peek(file, at, 4)).le32(0);
    // The end of the last chunk of a padded medium cannot be told.
    let has_sum = packed.length >= packed.size.saturating_add(4);
    let checked = !has_sum
        || packed.length > packed.size.saturating_add(4)
        || sum == Some(adler2::adler32_slice(out));
    Unpacked { good, checked }
}
