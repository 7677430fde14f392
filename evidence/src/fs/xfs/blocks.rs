//! Which blocks a fork of an inode owns.

use super::super::field::{be16, be64};
use super::super::fuel::Fuel;
use super::super::layout::Layout;
use super::super::stored::corrupt;
use super::Xfs;
use super::inode::Fork;
use super::superblock::Superblock;
use super::tree::{self, EXTENTS, Reader};
use crate::object::{Problem, Run};

/// The blocks of a fork.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    pub(super) written: Layout,
    pub(super) unwritten: Layout,
    pub(super) tree: Vec<u64>,
    pub(super) problem: Option<Problem>,
}

impl Xfs {
    /// The blocks of a fork.
    pub(super) fn blocks(&self, fork: Fork<'_>, fuel: &Fuel) -> Blocks {
        let mut found = Found::default();
        let mut blocks = Blocks::default();
        match fork {
            Fork::Extents(list) => found.add(&self.system, list),
            Fork::Tree(root) => {
                let count = be16(root, 2).unwrap_or(0);
                let body = root.get(4..).unwrap_or_default();
                let below = be16(root, 0).and_then(|n| n.checked_sub(1));
                let roots: Vec<Option<u64>> =
                    tree::pointers(EXTENTS, body, count.into())
                        .into_iter()
                        .map(|pointer| self.system.linear(pointer))
                        .collect();
                let (volume, system) = (&self.volume, &self.system);
                let reader = Reader { volume, system, fuel };
                let walked = reader.walk(
                    EXTENTS,
                    0,
                    &roots,
                    below.unwrap_or(u16::MAX),
                    |body, count| {
                        let length = count.saturating_mul(16).min(body.len());
                        let list = body.get(..length).unwrap_or_default();
                        found.add(system, list);
                    },
                );
                blocks.tree = walked.blocks;
                blocks.problem = walked.problem;
            }
            Fork::Local(_) | Fork::Nothing => {}
        }
        let (written, cut) = Layout::new(found.written);
        let (unwritten, more) = Layout::new(found.unwritten);
        let overlap: u64 = unwritten
            .runs()
            .iter()
            .flat_map(|run| written.clip(run.logical, run.end()))
            .fold(0, |sum, run| sum.saturating_add(run.length));
        let wrong = cut
            .saturating_add(more)
            .saturating_add(overlap)
            .saturating_add(found.outside);
        if wrong > 0 {
            blocks.problem.get_or_insert(Problem {
                bytes: wrong,
                ..corrupt(None, "extents that overlap or lie outside")
            });
        }
        blocks.written = written;
        if overlap == 0 {
            blocks.unwritten = unwritten;
        }
        blocks
    }
}

/// Extents as they are found.
#[derive(Default)]
struct Found {
    written: Vec<Run>,
    unwritten: Vec<Run>,
    /// Bytes of extents that are not in the volume.
    outside: u64,
}

impl Found {
    fn add(&mut self, system: &Superblock, list: &[u8]) {
        let (records, _) = list.as_chunks::<16>();
        for record in records {
            let high = be64(record, 0).unwrap_or(0);
            let low = be64(record, 8).unwrap_or(0);
            let unwritten = high >> 63 == 1;
            let logical = (high >> 9) & ((1 << 54) - 1);
            let start = (high & 0x1FF) << 43 | low >> 21;
            let count = low & ((1 << 21) - 1);
            let bytes = count.saturating_mul(system.block);
            match run(system, logical, start, count) {
                Some(run) if unwritten => self.unwritten.push(run),
                Some(run) => self.written.push(run),
                None => self.outside = self.outside.saturating_add(bytes),
            }
        }
    }
}

/// Blocks as a run, if all of them are in one group.
fn run(
    system: &Superblock,
    logical: u64,
    start: u64,
    count: u64,
) -> Option<Run> {
    let last = count.checked_sub(1)?;
    let first = system.linear(start)?;
    let end = system.linear(start.checked_add(last)?)?;
    if end.checked_sub(first)? != last {
        return None;
    }
    let bytes = |blocks: u64| blocks.checked_mul(system.block);
    Some(Run::new(bytes(logical)?, bytes(first)?, bytes(count)?))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, OnceLock};

    use super::super::superblock::tests::bytes;
    use super::*;
    use crate::layer::tests::Bytes;

    fn extent(
        logical: u64,
        start: u64,
        count: u64,
        unwritten: bool,
    ) -> Vec<u8> {
        let high = u64::from(unwritten) << 63 | logical << 9 | start >> 43;
        let low = start << 21 | count;
        [high.to_be_bytes(), low.to_be_bytes()].concat()
    }

    fn xfs(blocks: &[(usize, Vec<u8>)]) -> Xfs {
        let mut volume = vec![0; 64 * 4096];
        for (number, block) in blocks {
            volume[number * 4096..][..block.len()].copy_from_slice(block);
        }
        let system = Superblock::parse(&bytes()).unwrap();
        let volume = Arc::new(Bytes(volume));
        Xfs { volume, system, groups: OnceLock::new() }
    }

    #[test]
    fn extents_in_the_inode() {
        let list = [
            extent(0, 1 << 15 | 5, 2, false),
            extent(9, 7, 1, true),
            // Behind the last block of its group.
            extent(20, 20_479, 2, false),
        ]
        .concat();
        let found = xfs(&[]).blocks(Fork::Extents(&list), &Fuel::new(9));
        let run = |a: u64, b: u64, c: u64| Run::new(a << 12, b << 12, c << 12);
        assert_eq!(found.written.runs(), [run(0, 20_485, 2)]);
        assert_eq!(found.unwritten.runs(), [run(9, 7, 1)]);
        assert_eq!(found.problem.map(|p| p.bytes), Some(8192));
    }

    #[test]
    fn extents_in_a_tree() {
        let leaf = |list: Vec<u8>, level: u16| {
            let mut block = b"BMA3".to_vec();
            block.extend(level.to_be_bytes());
            block.extend(1u16.to_be_bytes());
            block.resize(72, 0);
            block.extend(list);
            block
        };
        // A root with room for three keys and pointers.
        let mut root = vec![0, 1, 0, 3];
        root.resize(4 + 24, 0);
        for pointer in [5u64, 6, 5] {
            root.extend(pointer.to_be_bytes());
        }
        let blocks = [
            (5, leaf(extent(0, 30, 2, false), 0)),
            (6, leaf(extent(2, 40, 2, false), 0)),
        ];
        let found = xfs(&blocks).blocks(Fork::Tree(&root), &Fuel::new(9));
        let run = |a: u64, b: u64, c: u64| Run::new(a << 12, b << 12, c << 12);
        assert_eq!(found.written.runs(), [run(0, 30, 2), run(2, 40, 2)]);
        assert_eq!(found.tree, [5, 6]);
        // The third one is the first one again.
        assert!(found.problem.is_some());
        let wrong = [(5, leaf(extent(0, 30, 2, false), 7))];
        let found = xfs(&wrong).blocks(Fork::Tree(&root), &Fuel::new(9));
        assert!(found.written.runs().is_empty() && found.problem.is_some());
    }
}
