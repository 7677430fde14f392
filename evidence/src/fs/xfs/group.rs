//! Allocation groups: their inodes, their free space and their own blocks.

use super::super::field::{be16, be32, be64};
use super::super::stored::{corrupt, read};
use super::superblock::Superblock;
use super::tree::{
    COUNTS, FREE, FREE_INODES, FREE_SIZES, INODES, OWNERS, Reader, Shape,
};
use crate::layer::Shared;
use crate::object::Problem;

/// Inodes of a chunk.
const CHUNK: u64 = 64;

/// 64 inodes one behind the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) group: u64,
    /// The number of the first one in its group.
    pub(super) first: u64,
    /// A bit for each one that is free.
    pub(super) free: u64,
    /// A bit for each four that are not there.
    pub(super) holes: u16,
}

impl Chunk {
    /// The numbers in the group of all inodes in use.
    pub(super) fn used(self) -> impl Iterator<Item = u64> {
        (0..CHUNK)
            .filter(move |index| self.free >> index & 1 == 0)
            .filter(move |index| !self.is_hole(*index))
            .map(move |index| self.first.saturating_add(index))
    }

    fn is_hole(self, index: u64) -> bool {
        self.holes >> (index >> 2) & 1 == 1
    }

    /// The places of all inodes that are there, used or not.
    pub(super) fn places(
        self,
        system: &Superblock,
    ) -> impl Iterator<Item = (u64, u64)> {
        (0..CHUNK).filter(move |index| !self.is_hole(*index)).filter_map(
            move |index| {
                let inside = self.first.saturating_add(index);
                let place = system.inode_place(self.group, inside)?;
                Some((place, system.inode))
            },
        )
    }
}

/// What the trees of a group say.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) chunks: Vec<Chunk>,
    /// Place and length.
    pub(super) free: Vec<(u64, u64)>,
    /// Place and length of its own structures.
    pub(super) own: Vec<(u64, u64)>,
    pub(super) problems: Vec<Problem>,
}

impl Group {
    /// Reads the group with this number.
    pub(super) fn read(reader: &Reader<'_>, number: u64) -> Group {
        let mut group = Group::default();
        let system = reader.system;
        let start = system.in_group(number, 0).and_then(|b| system.place(b));
        let Some(start) = start else { return group };
        let heads = system.sector.saturating_mul(4);
        let heads = heads.next_multiple_of(system.block);
        group.own.push((start, heads));
        match head(reader.volume, system, start, 1, b"XAGF") {
            Ok(space) => group.space(reader, number, start, &space),
            Err(problem) => group.problems.push(problem),
        }
        match head(reader.volume, system, start, 2, b"XAGI") {
            Ok(inodes) => group.inodes(reader, number, &inodes),
            Err(problem) => group.problems.push(problem),
        }
        group
    }

    /// Walks a tree whose root and number of levels are at these places.
    fn tree(
        &mut self,
        reader: &Reader<'_>,
        number: u64,
        (shape, head, root, levels): (Shape, &[u8], usize, usize),
        leaf: impl FnMut(&[u8], usize),
    ) {
        let root = u64::from(be32(head, root).unwrap_or(0));
        let levels = be32(head, levels).unwrap_or(0);
        let Some(level) = levels.checked_sub(1) else { return };
        let level = u16::try_from(level).unwrap_or(u16::MAX);
        let root = reader.system.in_group(number, root);
        let walked = reader.walk(shape, number, &[root], level, leaf);
        self.problems.extend(walked.problem);
        let block = reader.system.block;
        let places = walked.blocks.iter();
        self.own.extend(
            places.filter_map(|b| Some((reader.system.place(*b)?, block))),
        );
    }

    fn space(
        &mut self,
        reader: &Reader<'_>,
        number: u64,
        start: u64,
        head: &[u8],
    ) {
        let system = reader.system;
        let mut free = Vec::new();
        self.tree(reader, number, (FREE, head, 16, 28), |body, count| {
            let (records, _) = body.as_chunks::<8>();
            for record in records.iter().take(count) {
                let first = u64::from(be32(record, 0).unwrap_or(0));
                let length = u64::from(be32(record, 4).unwrap_or(0));
                let left = system.group_blocks.saturating_sub(first);
                let block = system.in_group(number, first);
                if let Some(place) = block.and_then(|b| system.place(b)) {
                    let length = length.min(left);
                    free.push((place, length.saturating_mul(system.block)));
                }
            }
        });
        free.sort_unstable();
        self.free = free;
        let nothing = |_: &[u8], _| {};
        self.tree(reader, number, (FREE_SIZES, head, 20, 32), nothing);
        if system.fifth {
            self.tree(reader, number, (OWNERS, head, 24, 36), nothing);
            self.tree(reader, number, (COUNTS, head, 88, 92), nothing);
        }
        self.reserve(reader, number, start, head);
    }

    /// Blocks that are kept for the trees.
    fn reserve(
        &mut self,
        reader: &Reader<'_>,
        number: u64,
        start: u64,
        head: &[u8],
    ) {
        let system = reader.system;
        let place = start.saturating_add(system.sector.saturating_mul(3));
        let list = read(&**reader.volume, place, system.sector, "free list");
        let skip = if system.fifth { 36 } else { 0 };
        let list = list.unwrap_or_default();
        let (entries, _) =
            list.get(skip..).unwrap_or_default().as_chunks::<4>();
        let field = |at| be32(head, at).unwrap_or(0) as usize;
        let (first, count) = (field(40), field(48).min(entries.len()));
        let around = entries.iter().cycle().skip(first.min(entries.len()));
        for entry in around.take(count) {
            let block = u64::from(u32::from_be_bytes(*entry));
            let block = system.in_group(number, block);
            let place = block.and_then(|block| system.place(block));
            self.own.extend(place.map(|place| (place, system.block)));
        }
    }

    fn inodes(&mut self, reader: &Reader<'_>, number: u64, head: &[u8]) {
        let mut chunks = Vec::new();
        self.tree(reader, number, (INODES, head, 20, 24), |body, count| {
            let (records, _) = body.as_chunks::<16>();
            for record in records.iter().take(count) {
                // The count of free ones is small, and in front of it lie
                // the holes, where the volume can have them.
                let counts = be32(record, 4).unwrap_or(0);
                let sparse = counts > CHUNK as u32;
                chunks.push(Chunk {
                    group: number,
                    first: u64::from(be32(record, 0).unwrap_or(0)),
                    free: be64(record, 8).unwrap_or(0),
                    holes: match sparse {
                        true => be16(record, 4).unwrap_or(0),
                        false => 0,
                    },
                });
            }
        });
        self.chunks = chunks;
        if reader.system.fifth {
            let nothing = |_: &[u8], _| {};
            let tree = (FREE_INODES, head, 328, 332);
            self.tree(reader, number, tree, nothing);
        }
    }
}

/// One of the sectors in front of a group.
fn head(
    volume: &Shared,
    system: &Superblock,
    start: u64,
    index: u64,
    mark: &[u8; 4],
) -> Result<Vec<u8>, Problem> {
    let skip = system.sector.saturating_mul(index);
    let place = start.saturating_add(skip);
    let bytes = read(&**volume, place, system.sector, "head of a group")?;
    if bytes.starts_with(mark) {
        return Ok(bytes);
    }
    Err(corrupt(Some(place), "head of a group has no mark"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_leave_out_free_inodes_and_holes() {
        let free = !0b1010_0011;
        let chunk = Chunk { group: 0, first: 128, free, holes: 0b10 };
        assert_eq!(chunk.used().collect::<Vec<u64>>(), [128, 129]);
    }
}
