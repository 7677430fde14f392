//! Which blocks an inode owns: extent trees and indirect blocks.
//!
//! Hides their depth. A block of a tree is read once for an inode, so trees
//! that lead back to themselves end.

use std::collections::HashSet;

use super::super::field::{le16, le32};
use super::super::free::Free;
use super::super::fuel::Fuel;
use super::super::layout::Layout;
use super::super::stored::{corrupt, read};
use super::superblock::Superblock;
use crate::Reason;
use crate::layer::Shared;
use crate::object::{Problem, Run};

/// What marks a node of an extent tree.
const NODE: u16 = 0xF30A;
/// Trees are never deeper.
const DEEPEST: u16 = 5;
/// Longer extents were allocated only.
const WRITTEN: u16 = 0x8000;

/// The blocks of an inode.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    pub(super) written: Layout,
    pub(super) unwritten: Layout,
    /// Blocks of the tree itself.
    pub(super) tree: Vec<u64>,
    pub(super) problems: Vec<Problem>,
}

/// Reads maps of inodes.
pub(super) struct Mapper<'a> {
    pub(super) volume: &'a Shared,
    pub(super) system: &'a Superblock,
    pub(super) fuel: &'a Fuel,
    /// Of a deleted inode only blocks are followed that are free still.
    pub(super) only_free: Option<&'a Free>,
}

/// Runs as they are found.
#[derive(Default)]
struct Found {
    written: Vec<Run>,
    unwritten: Vec<Run>,
    tree: Vec<u64>,
    seen: HashSet<u64>,
    /// The first thing that is wrong, and how often something is.
    problem: Option<Problem>,
}

impl Found {
    /// Adds a block, most often the one behind the last one.
    fn push(&mut self, run: Run) {
        if let Some(last) = self.written.last_mut()
            && last.end() == run.logical
            && last.physical.and_then(|p| p.checked_add(last.length))
                == run.physical
        {
            last.length = last.length.saturating_add(run.length);
        } else {
            self.written.push(run);
        }
    }

    fn wrong(&mut self, problem: Problem) {
        match &mut self.problem {
            Some(first) => {
                first.bytes = first.bytes.saturating_add(problem.bytes);
            }
            None => self.problem = Some(problem),
        }
    }
}

impl Mapper<'_> {
    /// The blocks that an extent tree with this root names.
    pub(super) fn extents(&self, root: &[u8]) -> Blocks {
        let mut found = Found::default();
        // Nodes to look at, and which depth they must have.
        let mut nodes = Vec::new();
        match le16(root, 6) {
            Some(depth) if depth <= DEEPEST => {
                self.node(root, depth, &mut nodes, &mut found);
            }
            _ => found.wrong(corrupt(None, "extent tree is too deep")),
        }
        while let Some((block, depth)) = nodes.pop() {
            if let Some(bytes) = self.load(block, &mut found) {
                self.node(&bytes, depth, &mut nodes, &mut found);
            }
        }
        self.finish(found)
    }

    /// Takes the entries out of a node.
    fn node(
        &self,
        bytes: &[u8],
        depth: u16,
        nodes: &mut Vec<(u64, u16)>,
        found: &mut Found,
    ) {
        let field = |at| le16(bytes, at).unwrap_or(0);
        if field(0) != NODE || field(6) != depth {
            let what = "node of an extent tree has a wrong head";
            return found.wrong(corrupt(None, what));
        }
        let entries = bytes.get(12..).unwrap_or_default();
        let (entries, _) = entries.as_chunks::<12>();
        for entry in entries.iter().take(usize::from(field(2))) {
            let low = |at| u64::from(le32(entry, at).unwrap_or(0));
            let high = |at| u64::from(le16(entry, at).unwrap_or(0)) << 32;
            if let Some(below) = depth.checked_sub(1) {
                nodes.push((low(4) | high(8), below));
                continue;
            }
            let length = le16(entry, 4).unwrap_or(0);
            let only_allocated = length > WRITTEN;
            let length = if only_allocated {
                length.wrapping_sub(WRITTEN)
            } else {
                length
            };
            let start = low(8) | high(6);
            let Some(run) = self.run(low(0), start, length.into()) else {
                let bytes =
                    u64::from(length).saturating_mul(self.system.block);
                let what = "extent outside of the volume";
                found.wrong(Problem { bytes, ..corrupt(None, what) });
                continue;
            };
            if only_allocated {
                found.unwritten.push(run);
            } else {
                found.written.push(run);
            }
        }
    }

    /// The blocks that the direct and indirect pointers of an inode name.
    pub(super) fn pointers(&self, pointers: &[u8]) -> Blocks {
        let mut found = Found::default();
        let (all, _) = pointers.as_chunks::<4>();
        let per_block = self.system.block >> 2;
        let mut logical = 0u64;
        for (index, pointer) in all.iter().take(15).enumerate() {
            let level = index.saturating_sub(11);
            let span = per_block.saturating_pow(level as u32);
            let block = u64::from(u32::from_le_bytes(*pointer));
            self.pointer(block, level, logical, &mut found);
            logical = logical.saturating_add(span);
        }
        self.finish(found)
    }

    /// Follows a pointer of a level; level 0 is a block of content.
    fn pointer(
        &self,
        block: u64,
        level: usize,
        logical: u64,
        found: &mut Found,
    ) {
        let per_block = self.system.block >> 2;
        let mut stack = vec![(block, level, logical)];
        while let Some((block, level, logical)) = stack.pop() {
            if block == 0 {
                continue;
            }
            let Some(below) = level.checked_sub(1) else {
                match self.run(logical, block, 1) {
                    Some(run) => found.push(run),
                    None => found.wrong(Problem {
                        bytes: self.system.block,
                        ..corrupt(None, "block outside of the volume")
                    }),
                }
                continue;
            };
            let Some(bytes) = self.load(block, found) else { continue };
            let span = per_block.saturating_pow(below as u32);
            let (pointers, _) = bytes.as_chunks::<4>();
            // From the back, so that they are taken from the front.
            for (index, pointer) in pointers.iter().enumerate().rev() {
                let block = u64::from(u32::from_le_bytes(*pointer));
                let skip = (index as u64).saturating_mul(span);
                if block != 0 {
                    stack.push((block, below, logical.saturating_add(skip)));
                }
            }
        }
    }

    /// Reads a block of a tree, once.
    fn load(&self, block: u64, found: &mut Found) -> Option<Vec<u8>> {
        let Some(place) = self.system.place(block).filter(|at| *at > 0) else {
            found.wrong(corrupt(None, "tree leads out of the volume"));
            return None;
        };
        if let Some(free) = self.only_free {
            let run = Run::new(0, place, self.system.block);
            if free.still_free(&[run]).1 > 0 {
                return None;
            }
        }
        if !found.seen.insert(block) {
            let what = "tree leads back to itself";
            found.wrong(corrupt(Some(place), what));
            return None;
        }
        if !self.fuel.take(1) {
            found.wrong(Problem {
                reason: Reason::ExpansionLimit,
                ..corrupt(Some(place), "more trees than there is space for")
            });
            return None;
        }
        match read(&**self.volume, place, self.system.block, "block map") {
            Ok(bytes) => {
                found.tree.push(block);
                Some(bytes)
            }
            Err(problem) => {
                found.wrong(problem);
                None
            }
        }
    }

    /// Blocks as a run, if they are inside of the volume.
    fn run(&self, logical: u64, start: u64, count: u64) -> Option<Run> {
        let end = start.checked_add(count)?;
        if count == 0 || start == 0 || end > self.system.blocks {
            return None;
        }
        let bytes = |blocks: u64| blocks.checked_mul(self.system.block);
        Some(Run::new(bytes(logical)?, bytes(start)?, bytes(count)?))
    }

    fn finish(&self, mut found: Found) -> Blocks {
        found.tree.sort_unstable();
        // What is written wins over what is not.
        let (written, cut) = Layout::new(found.written);
        let (unwritten, more) = Layout::new(found.unwritten);
        let overlap: u64 = unwritten
            .runs()
            .iter()
            .flat_map(|run| written.clip(run.logical, run.end()))
            .fold(0, |sum, run| sum.saturating_add(run.length));
        let bytes = cut.saturating_add(more).saturating_add(overlap);
        let mut problems: Vec<Problem> = found.problem.into_iter().collect();
        if bytes > 0 {
            let what = "extents overlap";
            problems.push(Problem { bytes, ..corrupt(None, what) });
        }
        let unwritten =
            if overlap > 0 { Layout::default() } else { unwritten };
        Blocks { written, unwritten, tree: found.tree, problems }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::superblock::tests::bytes;
    use super::*;
    use crate::layer::tests::Bytes;

    /// A node of an extent tree.
    fn node(depth: u16, entries: &[[u32; 3]]) -> Vec<u8> {
        let mut node = NODE.to_le_bytes().to_vec();
        node.extend((entries.len() as u16).to_le_bytes());
        node.extend([4, 0]);
        node.extend(depth.to_le_bytes());
        node.extend([0; 4]);
        for field in entries.as_flattened() {
            node.extend(field.to_le_bytes());
        }
        node
    }

    /// A volume with some blocks of 1 KiB.
    fn volume(blocks: &[(usize, &[u8])]) -> Shared {
        let mut bytes = vec![0; 64 << 10];
        for (number, block) in blocks {
            bytes[number << 10..][..block.len()].copy_from_slice(block);
        }
        Arc::new(Bytes(bytes))
    }

    fn mapped(
        blocks: &[(usize, &[u8])],
        fuel: u64,
        read: impl Fn(&Mapper<'_>) -> Blocks,
    ) -> Blocks {
        let system = Superblock::parse(&bytes()).unwrap();
        let (volume, fuel) = (volume(blocks), Fuel::new(fuel));
        read(&Mapper {
            volume: &volume,
            system: &system,
            fuel: &fuel,
            only_free: None,
        })
    }

    #[test]
    fn trees_of_extents() {
        // Entries: first block, length (and upper half of the start), start.
        let root = node(1, &[[0, 20, 0], [10, 21, 0]]);
        let left = node(0, &[[0, 2, 30], [4, 0x8003, 40]]);
        let right = node(0, &[[10, 1, 50]]);
        let found = mapped(&[(20, &left), (21, &right)], 9, |mapper| {
            mapper.extents(&root)
        });
        let written = [
            Run::new(0, 30 << 10, 2 << 10),
            Run::new(10 << 10, 50 << 10, 1 << 10),
        ];
        assert_eq!(found.written.runs(), written);
        let unwritten = [Run::new(4 << 10, 40 << 10, 3 << 10)];
        assert_eq!(found.unwritten.runs(), unwritten);
        assert_eq!((found.tree, found.problems), (vec![20, 21], vec![]));
    }

    #[test]
    fn trees_that_lead_back_or_out() {
        let root = node(2, &[[0, 20, 0], [5, 9000, 0]]);
        let circle = node(1, &[[0, 20, 0], [1, 21, 0], [2, 21, 0]]);
        let leaf = node(0, &[[1, 1, 30], [2, 1, 9000]]);
        let found = mapped(&[(20, &circle), (21, &leaf)], 9, |mapper| {
            mapper.extents(&root)
        });
        assert_eq!(found.written.runs(), [Run::new(1024, 30 << 10, 1024)]);
        assert_eq!(found.problems.len(), 1);
        // A root of a depth that cannot be.
        let found = mapped(&[], 9, |m| m.extents(&node(99, &[])));
        assert_eq!(found.problems[0].reason, Reason::CorruptMetadata);
        let root = node(2, &[[0, 20, 0]]);
        let found = mapped(&[(20, &circle)], 0, |m| m.extents(&root));
        assert_eq!(found.problems[0].reason, Reason::ExpansionLimit);
    }

    #[test]
    fn indirect_blocks() {
        let mut pointers = vec![0u8; 60];
        let mut put = |index: usize, block: u32| {
            pointers[index * 4..][..4].copy_from_slice(&block.to_le_bytes());
        };
        put(0, 30);
        put(2, 31);
        put(12, 20);
        put(13, 21);
        let list = [40u32, 41].map(u32::to_le_bytes).concat();
        let lists = [0u32, 20, 22].map(u32::to_le_bytes).concat();
        let deep = 42u32.to_le_bytes();
        let blocks: [(usize, &[u8]); 3] =
            [(20, &list), (21, &lists), (22, &deep)];
        let found = mapped(&blocks, 9, |mapper| mapper.pointers(&pointers));
        let at = |logical: u64, block: u64, count: u64| {
            Run::new(logical << 10, block << 10, count << 10)
        };
        // 256 pointers fit into a block; block 20 counts once.
        let expected = [
            at(0, 30, 1),
            at(2, 31, 1),
            at(12, 40, 2),
            at(12 + 256 + 2 * 256, 42, 1),
        ];
        assert_eq!(found.written.runs(), expected);
        assert_eq!(found.tree, [20, 21, 22]);
        assert_eq!(found.problems.len(), 1);
    }
}
