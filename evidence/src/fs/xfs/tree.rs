//! Trees of XFS: of a group, and of the extents of a file.
//!
//! Hides heads, keys and pointers. A block is read once, so trees that lead
//! back to themselves end.

use std::collections::HashSet;

use super::super::field::{be16, be32, be64};
use super::super::fuel::Fuel;
use super::super::stored::{corrupt, read};
use super::superblock::Superblock;
use crate::Reason;
use crate::layer::Shared;
use crate::object::Problem;

/// Trees are never deeper.
const DEEPEST: u16 = 12;

/// What kind of tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// What marks its blocks, before and since version 5.
    pub(super) marks: [&'static [u8; 4]; 2],
    pub(super) key: usize,
    /// Pointers have 64 bits and hold the number of the group.
    pub(super) long: bool,
}

/// Free space by place, and by size.
pub(super) const FREE: Shape =
    Shape { marks: [b"ABTB", b"AB3B"], key: 8, long: false };
pub(super) const FREE_SIZES: Shape =
    Shape { marks: [b"ABTC", b"AB3C"], key: 8, long: false };
/// Inodes, and those of them that are free.
pub(super) const INODES: Shape =
    Shape { marks: [b"IABT", b"IAB3"], key: 4, long: false };
pub(super) const FREE_INODES: Shape =
    Shape { marks: [b"FIBT", b"FIB3"], key: 4, long: false };
/// Owners of blocks, and how many they are.
pub(super) const OWNERS: Shape =
    Shape { marks: [b"RMB3", b"RMB3"], key: 40, long: false };
pub(super) const COUNTS: Shape =
    Shape { marks: [b"R3FC", b"R3FC"], key: 4, long: false };
/// Extents of a file.
pub(super) const EXTENTS: Shape =
    Shape { marks: [b"BMAP", b"BMA3"], key: 8, long: true };

/// Reads trees.
pub(super) struct Reader<'a> {
    pub(super) volume: &'a Shared,
    pub(super) system: &'a Superblock,
    pub(super) fuel: &'a Fuel,
}

/// What a walk through a tree gave besides of its records.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// Its blocks, by their place in the volume.
    pub(super) blocks: Vec<u64>,
    /// What went wrong first.
    pub(super) problem: Option<Problem>,
}

impl Reader<'_> {
    /// Meets the bytes of the records of all leaves below some blocks of the
    /// volume, in order, all of which are of the same level.
    pub(super) fn walk(
        &self,
        shape: Shape,
        group: u64,
        roots: &[Option<u64>],
        level: u16,
        mut leaf: impl FnMut(&[u8], usize),
    ) -> Walked {
        let mut walked = Walked::default();
        let mut seen = HashSet::new();
        if level > DEEPEST {
            walked.problem = Some(corrupt(None, "tree is too deep"));
            return walked;
        }
        let mut stack: Vec<(Option<u64>, u16)> =
            roots.iter().rev().map(|block| (*block, level)).collect();
        while let Some((block, level)) = stack.pop() {
            let bytes = block
                .filter(|block| seen.insert(*block))
                .ok_or_else(|| corrupt(None, "tree that leads nowhere"))
                .and_then(|block| self.load(shape, block, level));
            let bytes = match bytes {
                Ok(bytes) => bytes,
                Err(problem) => {
                    walked.problem.get_or_insert(problem);
                    continue;
                }
            };
            walked.blocks.extend(block);
            let count = usize::from(be16(&bytes, 6).unwrap_or(0));
            let head = self.head(shape);
            let body = bytes.get(head..).unwrap_or_default();
            let Some(below) = level.checked_sub(1) else {
                leaf(body, count);
                continue;
            };
            let pointers = pointers(shape, body, count);
            stack.extend(pointers.iter().rev().map(|pointer| {
                let block = match shape.long {
                    true => self.system.linear(*pointer),
                    false => self.system.in_group(group, *pointer),
                };
                (block, below)
            }));
        }
        walked
    }

    /// Bytes in front of records and keys.
    fn head(&self, shape: Shape) -> usize {
        match (shape.long, self.system.fifth) {
            (false, false) => 16,
            (false, true) => 56,
            (true, false) => 24,
            (true, true) => 72,
        }
    }

    fn load(
        &self,
        shape: Shape,
        block: u64,
        level: u16,
    ) -> Result<Vec<u8>, Problem> {
        let place = self.system.place(block).unwrap_or(u64::MAX);
        if !self.fuel.take(1) {
            return Err(Problem {
                reason: Reason::ExpansionLimit,
                ..corrupt(Some(place), "more trees than there is space for")
            });
        }
        let bytes =
            read(&**self.volume, place, self.system.block, "block of a tree")?;
        let [fourth, fifth] = shape.marks;
        let mark = if self.system.fifth { fifth } else { fourth };
        if bytes.starts_with(mark) && be16(&bytes, 4) == Some(level) {
            return Ok(bytes);
        }
        Err(Problem {
            bytes: self.system.block,
            ..corrupt(Some(place), "block of a tree has a wrong head")
        })
    }
}

/// The pointers behind the keys of a node, or of a root in an inode.
pub(super) fn pointers(shape: Shape, body: &[u8], count: usize) -> Vec<u64> {
    let width = if shape.long { 8usize } else { 4 };
    let each = shape.key.saturating_add(width);
    let most = body.len().checked_div(each).unwrap_or(0);
    let start = most.saturating_mul(shape.key);
    (0..count.min(most))
        .filter_map(|index| {
            let at = start.checked_add(index.checked_mul(width)?)?;
            match shape.long {
                true => be64(body, at),
                false => be32(body, at).map(u64::from),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_lie_behind_room_for_all_keys() {
        let mut body = vec![0; 16 * 3 + 5];
        body[24..32].copy_from_slice(&7u64.to_be_bytes());
        body[32..40].copy_from_slice(&8u64.to_be_bytes());
        assert_eq!(pointers(EXTENTS, &body, 2), [7, 8]);
        assert_eq!(pointers(EXTENTS, &body, 99), [7, 8, 0]);
        assert!(pointers(EXTENTS, &[], 99).is_empty());
    }
}
