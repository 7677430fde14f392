//! The central directory of a ZIP archive.

use miniz_oxide::inflate::decompress_to_vec_with_limit;

use crate::module::cursor::{Reader, View};

const END: [u8; 4] = *b"PK\x05\x06";
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
const LOCAL: u32 = 0x0403_4b50;
const ENTRY: u32 = 0x0201_4b50;
const END_SIZE: u64 = 22;
const LOCATOR_SIZE: u64 = 20;
const END_64_SIZE: u64 = 56;

/// Bytes of an entry that are unpacked for one that is stored, and as many
/// as need no reason.
const MAX_RATIO: usize = 100;
const FREE_CONTENT: usize = 1 << 20;

/// Entries that are read.
const MAX_ENTRIES: u64 = 100_000;

/// An archive.
pub(in crate::module) struct Archive<'d> {
    view: View<'d>,
    count: u64,
    /// Where the central directory starts.
    at: u64,
    /// How much stands in front of the archive.
    shift: u64,
}

/// An entry of the central directory.
pub(in crate::module) struct Entry<'d> {
    pub(in crate::module) path: &'d [u8],
    pub(in crate::module) method: u16,
    pub(in crate::module) size: u64,
    pub(in crate::module) stored_size: u64,
    /// Where the local header is, counted from the start of the archive.
    header_at: u64,
}

impl<'d> Archive<'d> {
    /// Finds the end of the central directory, which only a comment of at
    /// most 64 KiB follows. What says that it is a part of an archive, or
    /// that the directory goes on behind its end, is none.
    pub(in crate::module) fn open(data: &'d [u8]) -> Option<Self> {
        let view = View::little(data);
        let last = view.len().checked_sub(END_SIZE)?;
        let first = last.saturating_sub(0xffff);
        let window = view.slice(first, last - first + 4)?;
        let end = memchr::memmem::rfind_iter(window, &END)
            .map(|at| first + at as u64)
            .find(|at| {
                let comment = view.u16(at + 20).map(u64::from);
                comment.is_some_and(|n| at + END_SIZE + n <= view.len())
            })?;
        let count = view.u16(end + 10)?;
        let size = view.u32(end + 12)?;
        let offset = view.u32(end + 16)?;
        let is_wide = count == 0xffff || size == !0 || offset == !0;
        let is_part = view.u32(end + 4)? != 0;
        if is_part {
            return None;
        }
        let (count, size, offset, end) = match is_wide {
            true => wide(view, end)?,
            false => (count.into(), size.into(), offset.into(), end),
        };
        // Something may stand in front of the archive: the directory lies
        // right in front of its end.
        let shift = end.checked_sub(offset.checked_add(size)?)?;
        if (count, size, offset) == (0, 0, 0) && end > 0 {
            return None;
        }
        let is_there = view.u32(offset) == Some(ENTRY);
        let shift = if is_there { 0 } else { shift };
        Some(Self { view, count, at: offset + shift, shift })
    }

    /// The bytes of an entry, if they are stored or deflated, at most
    /// `most`, and not far more than are stored.
    pub(in crate::module) fn content(
        &self,
        entry: &Entry<'_>,
        most: usize,
    ) -> Option<Vec<u8>> {
        let header = entry.header_at.checked_add(self.shift)?;
        let header = self.view.tail(header)?;
        let names = u64::from(header.u16(26)?) + u64::from(header.u16(28)?);
        if header.u32(0)? != LOCAL {
            return None;
        }
        let stored = header.slice(30 + names, entry.stored_size)?;
        match entry.method {
            0 => (stored.len() <= most).then(|| stored.to_vec()),
            8 => {
                let limit = stored.len().saturating_mul(MAX_RATIO);
                let limit = limit.max(FREE_CONTENT).min(most);
                decompress_to_vec_with_limit(stored, limit).ok()
            }
            _ => None,
        }
    }

    /// The entries in front of the first damaged one.
    pub(in crate::module) fn entries(
        &self,
    ) -> impl Iterator<Item = Entry<'d>> + use<'d> {
        let mut reader = self.view.reader(self.at);
        let count = self.count.min(MAX_ENTRIES);
        (0..count).map_while(move |_| entry(&mut reader))
    }
}

/// Number of entries, size and offset of the directory, and where it ends,
/// of an archive that is too large for the fields of old.
fn wide(view: View<'_>, end: u64) -> Option<(u64, u64, u64, u64)> {
    let locator = end.checked_sub(LOCATOR_SIZE)?;
    if view.u32(locator)? != LOCATOR_64 {
        return None;
    }
    let (disk, disks) = (view.u32(locator + 4)?, view.u32(locator + 16)?);
    // With something in front of the archive the record is further on.
    let places = [view.u64(locator + 8), locator.checked_sub(END_64_SIZE)];
    let is_record = |at: &u64| view.u32(*at) == Some(END_64);
    let at = places.into_iter().flatten().find(is_record)?;
    let record = view.tail(at)?;
    let is_part =
        disks > 1 || [disk, record.u32(16)?, record.u32(20)?] != [0; 3];
    if is_part {
        return None;
    }
    Some((record.u64(32)?, record.u64(40)?, record.u64(48)?, at))
}

fn entry<'d>(reader: &mut Reader<'d>) -> Option<Entry<'d>> {
    if reader.u32()? != ENTRY {
        return None;
    }
    reader.skip(6)?;
    let method = reader.u16()?;
    reader.skip(8)?;
    let mut stored_size = u64::from(reader.u32()?);
    let mut size = u64::from(reader.u32()?);
    let path_size = reader.u16()?;
    let extra_size = reader.u16()?;
    let comment_size = reader.u16()?;
    reader.skip(8)?;
    let mut header_at = u64::from(reader.u32()?);
    let path = reader.take(u64::from(path_size))?;
    let extra = View::little(reader.take(u64::from(extra_size))?);
    reader.skip(u64::from(comment_size))?;
    // What does not fit stands in a block of its own, in this order.
    if let Some(block) = extra_block(extra, 1) {
        let mut block = block.reader(0);
        for field in [&mut size, &mut stored_size, &mut header_at] {
            if *field == u64::from(u32::MAX)
                && let Some(wide) = block.u64()
            {
                *field = wide;
            }
        }
    }
    Some(Entry { path, method, size, stored_size, header_at })
}

/// The block of this kind among the extra fields.
fn extra_block(extra: View<'_>, wanted: u16) -> Option<View<'_>> {
    let mut reader = extra.reader(0);
    loop {
        let (kind, size) = (reader.u16()?, reader.u16()?);
        let block = reader.take(u64::from(size))?;
        if kind == wanted {
            return Some(extra.with(block));
        }
    }
}
