//! A few literals of one or two bytes, compared at every place: no table
//! would hold back enough.

use super::isa::{Isa, Name};
use super::kernel::{Chunk, LANE, LEFT};

/// Most literals that are compared in one go.
pub(super) const GROUP: usize = 16;

/// A literal of one or two bytes.
pub(super) struct Pair {
    pub(super) literal: u32,
    /// The first byte twice, if there is only one.
    pub(super) bytes: [u8; 2],
    /// In bytes.
    pub(super) length: usize,
}

impl Pair {
    pub(super) fn new(literal: u32, bytes: [u8; 2], length: usize) -> Pair {
        let bytes = if length == 1 { [bytes[0]; 2] } else { bytes };
        Pair { literal, bytes, length: length.clamp(1, 2) }
    }

    /// How far behind the first byte the second one lies.
    pub(super) fn step(&self) -> usize {
        self.length - 1
    }
}

/// Takes a place of the chunk's buffer and what lies there; false stops the
/// search of the chunk.
pub(super) type OnFound<'f> = dyn FnMut(usize, &Pair) -> bool + 'f;

/// Finds the literals that begin in the first `length` bytes of a chunk,
/// and perhaps in the padding behind them. False if `on_found` was.
pub(super) fn find(
    isa: Isa,
    pairs: &[Pair],
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
    pairs: &[Pair],
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
    pair: &Pair,
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
