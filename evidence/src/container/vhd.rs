//! VHD, the older format of Virtual PC and Hyper-V: fixed, dynamic and
//! differencing.

use std::num::NonZeroU64;
use std::sync::Arc;

use super::disk::{Map, Parent, Parts, Place, Stretch};
use super::field::{Fields, corrupt, peek, read_vec, utf16};
use super::late::problem;
use super::pages::Pages;
use super::siblings::plain_name;
use super::{Cx, Opened, Result};
use crate::{OpenError, Part, Reason, Shared};

const SECTOR: u64 = 512;
const COOKIE: &[u8] = b"conectix";
const FIXED: u32 = 2;
const DYNAMIC: u32 = 3;
const DIFFERENCING: u32 = 4;
const NOWHERE: u32 = u32::MAX;

/// What the footer says; a dynamic disk has a copy of it at the start.
struct Footer {
    header: u64,
    size: u64,
    kind: u32,
}

impl Footer {
    fn parse(bytes: &[u8]) -> Option<Footer> {
        let fields = Fields(bytes);
        if !fields.has(0, COOKIE) || !is_summed(bytes.get(..512)?, 64) {
            return None;
        }
        Some(Footer {
            header: fields.be64(16)?,
            size: fields.be64(48)?,
            kind: fields.be32(60)?,
        })
    }
}

/// Is the number at `at` the inverted sum of all other bytes?
fn is_summed(bytes: &[u8], at: usize) -> bool {
    let all = bytes
        .iter()
        .fold(0u32, |sum, byte| sum.wrapping_add(u32::from(*byte)));
    let own = Fields(bytes).slice(at, 4).unwrap_or_default();
    let own_sum = own.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    Fields(bytes).be32(at) == Some(!all.wrapping_sub(own_sum))
}

pub(super) fn open(cx: &Cx<'_>) -> Result<Option<Opened>> {
    let length = cx.source.len().unwrap_or(0);
    let footer = Footer::parse(cx.head)
        .filter(|footer| footer.kind != FIXED)
        .or_else(|| {
            // The last sector; old writers make it one byte shorter.
            let at = length.checked_sub(SECTOR)?;
            Footer::parse(&peek(cx.source, at, SECTOR as usize))
        });
    let Some(footer) = footer else { return Ok(None) };
    let end = length.saturating_sub(SECTOR);
    match footer.kind {
        FIXED => {
            let inside = Part::new(cx.source.clone(), 0, end);
            let disk = Fixed;
            let files: Vec<Shared> = vec![Arc::new(inside)];
            let parts = Parts::new(disk, files, footer.size);
            Ok(Some(Opened::of_disk("vhd", parts)))
        }
        DYNAMIC | DIFFERENCING => dynamic(cx, &footer).map(Some),
        other => {
            let detail = format!("a disk of type {other}");
            Err(OpenError::new(Reason::UnsupportedFormat, detail))
        }
    }
}

/// The bytes as they are, with the footer behind them.
struct Fixed;

impl Map for Fixed {
    fn find(&self, offset: u64) -> Stretch {
        let place = Place::Stored { file: 0, at: offset };
        Stretch { place, length: u64::MAX }
    }
}

/// Blocks, each with a bitmap of its sectors in front.
struct Blocks {
    pages: Pages,
    table: u64,
    entries: u64,
    block: NonZeroU64,
    bitmap: u64,
    /// Does the bitmap say which sectors are in the parent?
    differs: bool,
}

impl Blocks {
    /// Sectors with the same bit as the first one.
    fn sectors(&self, bits: u64, at: u64, inside: u64) -> Stretch {
        let bit = |sector: u64| -> std::result::Result<bool, Reason> {
            let byte = self.pages.u8(bits.saturating_add(sector / 8))?;
            let mask = 0x80u8.checked_shr((sector % 8) as u32).unwrap_or(0);
            Ok(byte & mask != 0)
        };
        let first = inside / SECTOR;
        let last = self.block.get() / SECTOR;
        let own = bit(first);
        let mut next = first.saturating_add(1);
        while next < last && bit(next) == own {
            next = next.saturating_add(1);
        }
        let length = next.saturating_mul(SECTOR).saturating_sub(inside);
        let place = match own {
            Ok(true) => Place::Stored { file: 0, at },
            Ok(false) => Place::Parent,
            Err(reason) => Place::Lost(reason),
        };
        Stretch { place, length }
    }
}

impl Map for Blocks {
    fn find(&self, offset: u64) -> Stretch {
        let number = offset / self.block;
        let inside = offset % self.block;
        let length = self.block.get().saturating_sub(inside);
        if number >= self.entries {
            let place = Place::Lost(Reason::CorruptMetadata);
            return Stretch { place, length: u64::MAX };
        }
        let at = number.saturating_mul(4).saturating_add(self.table);
        let entry = match self.pages.be32(at) {
            Ok(NOWHERE) => return Stretch { place: Place::Parent, length },
            Ok(entry) => u64::from(entry),
            Err(reason) => {
                return Stretch { place: Place::Lost(reason), length };
            }
        };
        let bits = entry.saturating_mul(SECTOR);
        let at = bits.saturating_add(self.bitmap).saturating_add(inside);
        if self.differs {
            return self.sectors(bits, at, inside);
        }
        Stretch { place: Place::Stored { file: 0, at }, length }
    }
}

fn dynamic(cx: &Cx<'_>, footer: &Footer) -> Result<Opened> {
    let what = "the header of the dynamic disk";
    let header = read_vec(cx.source, footer.header, 1024, what)?;
    let fields = Fields(&header);
    let mut problems = Vec::new();
    if !fields.has(0, b"cxsparse") {
        return Err(corrupt("no header of a dynamic disk"));
    }
    if !is_summed(&header, 36) {
        let detail = "the header of the dynamic disk";
        problems.push(problem(Reason::BadChecksum, None, 0, detail));
    }
    let cut = || corrupt("the header is cut off");
    let block = u64::from(fields.be32(32).ok_or_else(cut)?);
    let block = NonZeroU64::new(block)
        .filter(|block| block.get() % SECTOR == 0)
        .ok_or_else(|| corrupt("an impossible size of blocks"))?;
    let differs = footer.kind == DIFFERENCING;
    let map = Blocks {
        pages: Pages::new(cx.source.clone()),
        table: fields.be64(16).ok_or_else(cut)?,
        entries: u64::from(fields.be32(28).ok_or_else(cut)?),
        block,
        bitmap: (block.get() / SECTOR).div_ceil(8).next_multiple_of(SECTOR),
        differs,
    };
    let mut parts = Parts::new(map, vec![cx.source.clone()], footer.size);
    if differs {
        let names = parent_names(cx.source, fields);
        parts.parent = parent(cx, &names, &mut problems);
    }
    let mut opened = Opened::of_disk("vhd", parts);
    opened.problems.extend(problems);
    Ok(opened)
}

/// All names of the parent, the relative ones first.
fn parent_names(source: &Shared, header: Fields<'_>) -> Vec<String> {
    let mut names = Vec::new();
    for number in 0..8usize {
        let at = number.saturating_mul(24).saturating_add(576);
        let (Some(platform), Some(length), Some(place)) = (
            header.slice(at, 4),
            header.be32(at.saturating_add(8)),
            header.be64(at.saturating_add(16)),
        ) else {
            break;
        };
        if matches!(platform, b"W2ru" | b"W2ku") && length <= 4096 {
            let name = utf16(&peek(source, place, length as usize), false);
            match platform {
                b"W2ru" => names.insert(0, name),
                _ => names.push(name),
            }
        }
    }
    names.extend(header.slice(64, 512).map(|name| utf16(name, true)));
    names
}

/// The parent by the first name that is one of a file beside it.
pub(super) fn parent(
    cx: &Cx<'_>,
    names: &[String],
    problems: &mut Vec<crate::Problem>,
) -> Parent {
    let mut plain = names.iter().filter(|name| plain_name(name).is_ok());
    let name = plain.next().or(names.first());
    cx.parent(name.map_or("", String::as_str), false, problems)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::testing::{Folder, open_bytes, open_in, read_all};

    fn sum(bytes: &mut [u8], at: usize) {
        let all: u32 = bytes.iter().map(|byte| u32::from(*byte)).sum();
        bytes[at..at + 4].copy_from_slice(&(!all).to_be_bytes());
    }

    fn footer(kind: u32, size: u64) -> Vec<u8> {
        let mut footer = vec![0; 512];
        footer[..8].copy_from_slice(COOKIE);
        footer[16..24].copy_from_slice(&512u64.to_be_bytes());
        footer[48..56].copy_from_slice(&size.to_be_bytes());
        footer[60..64].copy_from_slice(&kind.to_be_bytes());
        sum(&mut footer, 64);
        footer
    }

    /// Blocks of 4096 bytes; the table in sector 3, blocks from sector 4.
    fn image(kind: u32, parent: &str, table: &[u32], body: &[u8]) -> Vec<u8> {
        let mut image = footer(kind, 4096 * table.len() as u64 - 100);
        let mut header = vec![0; 1024];
        header[..8].copy_from_slice(b"cxsparse");
        header[16..24].copy_from_slice(&1536u64.to_be_bytes());
        header[28..32].copy_from_slice(&(table.len() as u32).to_be_bytes());
        header[32..36].copy_from_slice(&4096u32.to_be_bytes());
        for (at, unit) in parent.encode_utf16().enumerate() {
            header[64 + 2 * at..][..2].copy_from_slice(&unit.to_be_bytes());
        }
        sum(&mut header, 36);
        image.extend(header);
        image.resize(2048, 0xFF);
        for (at, entry) in table.iter().enumerate() {
            image[1536 + 4 * at..][..4].copy_from_slice(&entry.to_be_bytes());
        }
        image.extend_from_slice(body);
        image
    }

    #[test]
    fn a_fixed_disk_has_a_footer_only() {
        let mut image = vec![3; 2000];
        image.extend(footer(FIXED, 2000));
        let opened = open_bytes(image.clone()).unwrap().unwrap();
        assert_eq!(opened.format, "vhd");
        assert_eq!(read_all(&opened.source), [3; 2000]);
        // It does not say more than there is.
        let mut longer = vec![3; 2000];
        longer.extend(footer(FIXED, 3000));
        let opened = open_bytes(longer).unwrap().unwrap();
        assert_eq!(opened.problems[0].reason, Reason::Truncated);
        assert_eq!(opened.problems[0].bytes, 1000);
        // A wrong checksum is no footer.
        *image.last_mut().unwrap() = 1;
        assert!(open_bytes(image).unwrap().is_none());
    }

    #[test]
    fn a_dynamic_disk_has_blocks() {
        let mut body = vec![0xFF; 512];
        body.extend([6; 4096]);
        let image = image(DYNAMIC, "", &[NOWHERE, 4, NOWHERE], &body);
        let opened = open_bytes(image).unwrap().unwrap();
        assert_eq!(opened.problems, []);
        let all = read_all(&opened.source);
        let expected = [[0; 4096], [6; 4096], [0; 4096]].concat();
        assert_eq!(all, expected[..3 * 4096 - 100]);
    }

    #[test]
    fn a_difference_is_told_by_sector() {
        let mut body = vec![0; 512];
        body[0] = 0b0110_0001;
        body.extend([6; 4096]);
        let mut folder = Folder::default();
        let child = image(DIFFERENCING, ".\\base.vhd", &[NOWHERE, 4], &body);
        folder.put("child.vhd", child);
        let opened = open_in(&folder, "child.vhd").unwrap().unwrap();
        let lost: u64 = opened.problems.iter().map(|p| p.bytes).sum();
        assert_eq!(lost, 2 * 4096 - 100 - 3 * 512 + 100);
        let mut base = vec![1; 2 * 4096 - 100];
        base.extend(footer(FIXED, 2 * 4096 - 100));
        folder.put("base.vhd", base);
        let opened = open_in(&folder, "child.vhd").unwrap().unwrap();
        assert_eq!(opened.problems, []);
        let all = read_all(&opened.source);
        let mut expected = vec![1; 2 * 4096];
        expected[4096 + 512..4096 + 1536].fill(6);
        expected[4096 + 7 * 512..].fill(6);
        assert_eq!(all, expected[..2 * 4096 - 100]);
    }
}
