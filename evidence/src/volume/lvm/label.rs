//! The label of a physical volume, and where its descriptions lie.

use crate::Shared;
use crate::container::field::{Fields, peek, read_vec};

const SECTOR: usize = 512;
const MAGIC: &[u8] = b" LVM2 x[5A%r0N*>";
/// Longest description that is read.
const MAX_TEXT: u64 = 16 << 20;
/// Most areas with descriptions; there are two at most.
const MAX_AREAS: usize = 8;

/// A physical volume says who it is.
pub(super) struct Label {
    /// Without the dashes.
    pub(super) id: String,
    /// Areas with descriptions, as position and length.
    areas: Vec<(u64, u64)>,
}

impl Label {
    /// The label in one of the first four sectors.
    pub(super) fn read(disk: &Shared) -> Option<Label> {
        let head = peek(disk, 0, 4 * SECTOR);
        head.chunks_exact(SECTOR).find_map(Label::parse)
    }

    fn parse(sector: &[u8]) -> Option<Label> {
        let fields = Fields(sector);
        let is_label = fields.has(0, b"LABELONE")
            && fields.has(24, b"LVM2 001")
            && fields.le32(16)? == crc(fields.slice(20, SECTOR - 20)?);
        if !is_label {
            return None;
        }
        let header = fields.le32(20)? as usize;
        let id = fields.slice(header, 32)?;
        let mut at = header.checked_add(40)?;
        let mut list = || -> Option<Vec<(u64, u64)>> {
            let mut found = Vec::new();
            loop {
                let area =
                    (fields.le64(at)?, fields.le64(at.checked_add(8)?)?);
                at = at.checked_add(16)?;
                if area.0 == 0 {
                    return Some(found);
                }
                found.push(area);
            }
        };
        let _data = list()?;
        let mut areas = list()?;
        areas.truncate(MAX_AREAS);
        let id = String::from_utf8_lossy(id).into_owned();
        Some(Label { id, areas })
    }

    /// The descriptions, as far as they are whole.
    pub(super) fn texts(&self, disk: &Shared) -> Vec<Vec<u8>> {
        let areas = self.areas.iter();
        areas.filter_map(|area| text(disk, *area)).collect()
    }
}

/// The description in an area, which is a ring behind its first sector.
fn text(disk: &Shared, (area, length): (u64, u64)) -> Option<Vec<u8>> {
    let header = peek(disk, area, SECTOR);
    let fields = Fields(&header);
    let is_sound = fields.has(4, MAGIC)
        && fields.le32(0)? == crc(fields.slice(4, SECTOR - 4)?);
    let (at, size) = (fields.le64(40)?, fields.le64(48)?);
    let sum = fields.le32(56)?;
    let is_inside = size <= length.min(MAX_TEXT) && at < length;
    if !is_sound || !is_inside {
        return None;
    }
    let before_end = length.checked_sub(at)?.min(size);
    let what = "a description";
    let mut text =
        read_vec(disk, area.checked_add(at)?, before_end, what).ok()?;
    let rest = size.checked_sub(before_end)?;
    let ring = area.checked_add(SECTOR as u64)?;
    text.extend(read_vec(disk, ring, rest, what).ok()?);
    (crc(&text) == sum).then_some(text)
}

/// The usual polynomial, with another start and without the inversion.
pub(super) fn crc(bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(!0xF597_A6CF);
    hasher.update(bytes);
    !hasher.finalize()
}
