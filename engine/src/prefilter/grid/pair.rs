//! A few short literals: two bytes of each are compared at every place. For
//! so few that is faster than a table, and one or two bytes alone would fill
//! a table with what holds nothing back.

use super::LONGEST;
use super::isa::{Isa, Name};
use super::kernel::{Chunk, LANE, LEFT};
use crate::ruleset::layout::{KeyRec, WindowRec};

/// Most literals that are compared in one go.
pub(super) const GROUP: usize = 24;

/// A literal and two of its bytes.
pub(super) struct Pair<'t> {
    pub(super) literal: u32,
    /// In bytes.
    pub(super) length: usize,
    /// Bytes of the literal in front of the two.
    offset: usize,
    /// The same byte twice, if there is only one.
    pub(super) bytes: [u8; 2],
    key: &'t KeyRec,
}

impl<'t> Pair<'t> {
    pub(super) fn new(window: &WindowRec, key: &'t KeyRec) -> Pair<'t> {
        let length = usize::from(window.length).clamp(1, LONGEST);
        let all = key.head().to_le_bytes();
        // A damaged set may say anything.
        let offset = usize::from(window.offset).min(all.len() - 2);
        let step = usize::from(length > 1);
        Pair {
            literal: window.literal.get(),
            length,
            offset,
            bytes: [all[offset], all[offset + step]],
            key,
        }
    }

    /// How far behind the first byte the second one lies.
    pub(super) fn step(&self) -> usize {
        usize::from(self.length > 1)
    }

    /// Where the literal begins whose two bytes lie at a place, if it is
    /// there.
    pub(super) fn start(&self, chunk: &Chunk, at: usize) -> Option<usize> {
        let first = at - self.offset;
        let is_whole =
            self.length <= 2 || chunk.holds(first, self.length, self.key);
        is_whole.then_some(first)
    }
}

/// Takes a place of the chunk's buffer and what lies there; false stops the
/// search of the chunk.
pub(super) type OnFound<'f> = dyn FnMut(usize, &Pair<'_>) -> bool + 'f;

/// Finds the literals whose two bytes lie in the first `length` bytes of a
/// chunk, or perhaps in the padding behind them. False if `on_found` was.
pub(super) fn find(
    isa: Isa,
    pairs: &[Pair<'_>],
    chunk: &Chunk,
    length: usize,
    on_found: &mut OnFound<'_>,
) -> bool {
    let blocks = length.div_ceil(LANE);
    pairs.chunks(GROUP).all(|group| match isa.name() {
        #[cfg(target_arch = "x86_64")]
        Name::Avx512 => super::avx512::pairs(group, chunk, blocks, on_found),
        #[cfg(target_arch = "x86_64")]
        Name::Avx2 => super::avx2::pairs(group, chunk, blocks, on_found),
        _ => plain(group, chunk, blocks, on_found),
    })
}

fn plain(
    pairs: &[Pair<'_>],
    chunk: &Chunk,
    blocks: usize,
    on_found: &mut OnFound<'_>,
) -> bool {
    let bytes = &chunk.bytes[LEFT..LEFT + blocks * LANE + 1];
    pairs.iter().all(|pair| {
        let [first, second] = pair.bytes;
        memchr::memchr_iter(first, &bytes[..bytes.len() - 1])
            .filter(|at| bytes[at + pair.step()] == second)
            .all(|at| on_found(LEFT + at, pair))
    })
}

/// Reports the places of a block of the buffer whose bits are set.
#[inline]
pub(super) fn report(
    at: usize,
    mut bits: u64,
    pair: &Pair<'_>,
    on_found: &mut OnFound<'_>,
) -> bool {
    while bits != 0 {
        if !on_found(at + bits.trailing_zeros() as usize, pair) {
            return false;
        }
        bits &= bits - 1;
    }
    true
}
