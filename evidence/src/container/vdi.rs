//! VDI, the format of VirtualBox: dynamic, fixed and differencing.

use std::num::NonZeroU64;

use super::disk::{Map, Parent, Parts, Place, Stretch};
use super::field::{Fields, corrupt, peek};
use super::pages::Pages;
use super::{Cx, Opened, Result};
use crate::{OpenError, Problem, Reason};

const MAGIC: u32 = 0xBEDA_107F;
const DIFFERENCING: u32 = 4;
/// Never written.
const FREE: u32 = u32::MAX;
/// Discarded: zeros.
const DISCARDED: u32 = u32::MAX - 1;
/// Most files that are looked at for the parent.
const MAX_CANDIDATES: usize = 1000;

struct Blocks {
    pages: Pages,
    map: u64,
    data: u64,
    block: NonZeroU64,
    /// Bytes in front of each block.
    extra: u64,
    count: u64,
}

impl Map for Blocks {
    fn find(&self, offset: u64) -> Stretch {
        let number = offset / self.block;
        let inside = offset % self.block;
        let length = self.block.get().saturating_sub(inside);
        if number >= self.count {
            let place = Place::Lost(Reason::CorruptMetadata);
            return Stretch { place, length: u64::MAX };
        }
        let at = number.saturating_mul(4).saturating_add(self.map);
        let place = match self.pages.le32(at) {
            Ok(FREE) => Place::Parent,
            Ok(DISCARDED) => Place::Zero,
            Ok(entry) => {
                let step = self.block.get().saturating_add(self.extra);
                let at = u64::from(entry)
                    .saturating_mul(step)
                    .saturating_add(self.data)
                    .saturating_add(self.extra)
                    .saturating_add(inside);
                Place::Stored { file: 0, at }
            }
            Err(reason) => Place::Lost(reason),
        };
        Stretch { place, length }
    }
}

pub(super) fn open(cx: &Cx<'_>) -> Result<Option<Opened>> {
    let head = Fields(cx.head);
    if head.le32(0x40) != Some(MAGIC) {
        return Ok(None);
    }
    let cut = || corrupt("the header is cut off");
    let version = head.le32(0x44).ok_or_else(cut)?;
    if version >> 16 != 1 {
        let detail = format!("version {version:#x}");
        return Err(OpenError::new(Reason::UnsupportedFormat, detail));
    }
    let number = |at: usize| head.le32(at).map(u64::from).ok_or_else(cut);
    let block = NonZeroU64::new(number(0x178)?)
        .filter(|block| block.get() % 512 == 0)
        .ok_or_else(|| corrupt("an impossible size of blocks"))?;
    let map = Blocks {
        pages: Pages::new(cx.source.clone()),
        map: number(0x154)?,
        data: number(0x158)?,
        block,
        extra: number(0x17C)?,
        count: number(0x180)?,
    };
    let size = head.le64(0x170).ok_or_else(cut)?;
    let mut problems = Vec::new();
    let mut parts = Parts::new(map, vec![cx.source.clone()], size);
    if number(0x4C)? == u64::from(DIFFERENCING) {
        let id = head.array(0x1A8).ok_or_else(cut)?;
        parts.parent = parent(cx, id, &mut problems);
    }
    let mut opened = Opened::of_disk("vdi", parts);
    opened.problems.extend(problems);
    Ok(Some(opened))
}

/// The file of the parent has no name here, only a number of its own.
fn parent(cx: &Cx<'_>, id: [u8; 16], problems: &mut Vec<Problem>) -> Parent {
    let names = cx.siblings.names().into_iter();
    let of_kind = names.filter(|name| {
        let end = name.len().checked_sub(4).and_then(|at| name.get(at..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(".vdi"))
            && name != cx.name
    });
    let found = of_kind.take(MAX_CANDIDATES).find(|name| {
        let Ok(file) = cx.siblings.open(name) else { return false };
        let head = peek(&file, 0, 0x198);
        let head = Fields(&head);
        head.le32(0x40) == Some(MAGIC) && head.array(0x188) == Some(id)
    });
    let name = found.unwrap_or_default();
    cx.parent(&name, false, problems)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::testing::{Folder, open_bytes, open_in, read_all};

    /// Blocks of 512 bytes; the map at 512, blocks from 1024 on.
    fn image(kind: u32, own: u8, parent: u8, map: &[u32]) -> Vec<u8> {
        let mut image = vec![0; 1024];
        let mut put = |at: usize, value: u32| {
            image[at..at + 4].copy_from_slice(&value.to_le_bytes());
        };
        put(0x40, MAGIC);
        put(0x44, 0x0001_0001);
        put(0x4C, kind);
        put(0x154, 512);
        put(0x158, 1024);
        put(0x170, 512 * map.len() as u32 - 12);
        put(0x178, 512);
        put(0x180, map.len() as u32);
        for (at, entry) in map.iter().enumerate() {
            put(512 + 4 * at, *entry);
        }
        image[0x188] = own;
        image[0x1A8] = parent;
        image
    }

    #[test]
    fn blocks_lie_in_any_order() {
        let mut image = image(1, 1, 0, &[1, FREE, 0, DISCARDED]);
        image.extend([[5; 512], [6; 512]].concat());
        let opened = open_bytes(image).unwrap().unwrap();
        assert_eq!(opened.problems, []);
        let expected = [[6; 512], [0; 512], [5; 512], [0; 512]].concat();
        assert_eq!(read_all(&opened.source), expected[..2036]);
    }

    #[test]
    fn the_parent_is_found_by_its_number() {
        let mut folder = Folder::default();
        let child = image(DIFFERENCING, 1, 9, &[FREE, DISCARDED, FREE]);
        folder.put("child.vdi", child);
        let opened = open_in(&folder, "child.vdi").unwrap().unwrap();
        let lost: u64 = opened.problems.iter().map(|p| p.bytes).sum();
        assert_eq!(lost, 1012);
        folder.put("a.vdi", image(1, 8, 0, &[FREE, FREE, FREE]));
        let mut base = image(1, 9, 0, &[0, 0, 0]);
        base.extend([3; 512]);
        folder.put("b.vdi", base);
        let opened = open_in(&folder, "child.vdi").unwrap().unwrap();
        assert_eq!(opened.problems, []);
        let expected = [[3; 512], [0; 512], [3; 512]].concat();
        assert_eq!(read_all(&opened.source), expected[..1524]);
    }

    #[test]
    fn a_map_that_is_too_short_is_no_disk_of_zeros() {
        let mut image = image(1, 1, 0, &[FREE, FREE]);
        image[0x170..0x178].copy_from_slice(&(1u64 << 40).to_le_bytes());
        let opened = open_bytes(image).unwrap().unwrap();
        assert_eq!(opened.problems[0].reason, Reason::CorruptMetadata);
        assert_eq!(opened.problems[0].bytes, (1 << 40) - 1024);
    }
}
