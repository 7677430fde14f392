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
