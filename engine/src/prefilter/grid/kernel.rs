//! The inner loops: from a chunk of data to the places that may begin a
//! window. One function for each step, dispatched by instruction set; this
//! file has the plain form, which the others must equal.

use zerocopy::little_endian::U32;

use super::isa::{Isa, Name};
use super::{
    LONGEST, Layer, context_hash, fine_place, full_hash, index_hash, mask,
};
use crate::ruleset::layout::KeyRec;

/// Places that are looked at in one go.
pub(super) const STEP: usize = 8192;
/// Bytes of the chunk in front of the first place.
pub(super) const LEFT: usize = 32;
/// Bytes behind the last one: a whole block of the widest loop is read past
/// a place, and the rest of a literal.
const RIGHT: usize = 96;
/// Places are looked at in blocks of so many.
pub(super) const LANE: usize = 64;

/// A piece of the data in lower case, padded with zeros where there is no
/// data.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) bytes: [u8; LEFT + STEP + RIGHT],
}

impl Chunk {
    pub(super) fn new() -> Chunk {
        Chunk { bytes: [0; LEFT + STEP + RIGHT] }
    }

    /// Takes the data from `start` to `end`, and what surrounds it.
    pub(super) fn fill(
        &mut self,
        isa: Isa,
        data: &[u8],
        start: usize,
        end: usize,
    ) {
        let first = start.saturating_sub(LEFT);
        let last = data.len().min(end + RIGHT);
        let skip = LEFT - (start - first);
        let filled = skip + last - first;
        self.bytes[..skip].fill(0);
        fold(isa, &data[first..last], &mut self.bytes[skip..filled]);
        // Whatever lies behind the last block is never read.
        let read = LEFT + (end - start).next_multiple_of(LANE) + RIGHT;
        let read = read.min(self.bytes.len()).max(filled);
        self.bytes[filled..read].fill(0);
    }

    /// Four bytes from a place of the buffer.
    #[inline(always)]
    pub(super) fn word(&self, at: usize) -> u32 {
        self.bytes[at..].first_chunk().map_or(0, |b| u32::from_le_bytes(*b))
    }

    #[inline(always)]
    fn long(&self, at: usize) -> u64 {
        self.bytes[at..].first_chunk().map_or(0, |b| u64::from_le_bytes(*b))
    }

    /// Are the surroundings of two places the same, as far as a literal may
    /// reach?
    #[inline]
    pub(super) fn alike(&self, a: usize, b: usize) -> bool {
        let around =
            |at: usize| self.bytes.get(at.checked_sub(LONGEST)?..at + LONGEST);
        around(a).is_some_and(|bytes| around(b) == Some(bytes))
    }

    /// Does the literal with this key begin at a place of the buffer?
    #[inline(always)]
    pub(super) fn holds(
        &self,
        at: usize,
        length: usize,
        key: &KeyRec,
    ) -> bool {
        if length < 8 {
            let mask = (1_u64 << (8 * length)) - 1;
            return (self.long(at) & mask) == key.head();
        }
        self.long(at) == key.head() && self.long(at + length - 8) == key.tail()
    }
}

/// Places that were found, counted from the start of the chunk's buffer.
#[derive(Debug)]
pub(super) struct Places {
    pub(super) buffer: Vec<u32>,
    pub(super) count: usize,
}

impl Places {
    pub(super) fn new() -> Places {
        // The wide loops store a whole vector before they count it.
        Places { buffer: vec![0; STEP + LANE], count: 0 }
    }

    pub(super) fn found(&self) -> &[u32] {
        &self.buffer[..self.count]
    }
}

fn fold(isa: Isa, from: &[u8], to: &mut [u8]) {
    match isa.name() {
        #[cfg(target_arch = "x86_64")]
        Name::Avx512 => super::avx512::fold(from, to),
        #[cfg(target_arch = "x86_64")]
        Name::Avx2 => super::avx2::fold(from, to),
        _ => plain_fold(from, to),
    }
}

/// Copies in lower case; the slices are of one length.
#[inline(always)]
pub(super) fn plain_fold(from: &[u8], to: &mut [u8]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = from.to_ascii_lowercase();
    }
}

/// The function for the class of a layer: width, shift and far context.
macro_rules! by_class {
    ($layer:expr, $run:ident) => {
        match ($layer.class.width, $layer.class.shift) {
            (4, 2) => $run::<4, 2, 4>,
            (3, 1) => $run::<3, 1, 1>,
            (3, 0) => $run::<3, 0, 0>,
            _ => $run::<2, 0, 0>,
        }
    };
}
pub(super) use by_class;

/// Finds the places of the first `length` bytes of a chunk, from `phase` on
/// at every fourth, at which a window of the layer may begin.
pub(super) fn filter(
    isa: Isa,
    layer: &Layer<'_>,
    chunk: &Chunk,
    length: usize,
    phase: usize,
    places: &mut Places,
) {
    let blocks = length.div_ceil(LANE);
    assert!(blocks * LANE <= STEP && phase < 4);
    match isa.name() {
        #[cfg(target_arch = "x86_64")]
        Name::Avx512 => {
            super::avx512::filter(layer, chunk, blocks, phase, places)
        }
        #[cfg(target_arch = "x86_64")]
        Name::Avx2 => super::avx2::filter(layer, chunk, blocks, phase, places),
        _ => by_class!(layer, plain)(layer, chunk, blocks, phase, places),
    }
}

fn plain<const WIDTH: usize, const SHIFT: usize, const FAR: usize>(
    layer: &Layer<'_>,
    chunk: &Chunk,
    blocks: usize,
    phase: usize,
    places: &mut Places,
) {
    let bits = layer.words.len().ilog2();
    let words = layer.words;
    let buffer = &mut places.buffer[..STEP];
    let mut count = 0;
    for block in 0..blocks {
        let start = LEFT + phase + block * LANE;
        let from = start - SHIFT;
        for at in (0..LANE).step_by(4) {
            // A window with its contexts on both sides.
            let eight = chunk.long(from + at);
            let index = (eight >> (8 * SHIFT)) as u32 & mask(WIDTH);
            let index = index_hash(index);
            let at_word = (index >> (32 - bits)) as usize;
            let word = words[at_word & (words.len() - 1)].get();
            let hit = if SHIFT == 0 {
                word >> (index >> (27 - bits) & 31)
            } else {
                let ahead = (eight >> (16 * SHIFT)) as u32 & mask(WIDTH);
                let behind = eight as u32 & mask(WIDTH);
                word >> (context_hash(ahead, false) >> 28)
                    | word >> (16 + (context_hash(behind, true) >> 28))
            };
            buffer[count & (STEP - 1)] = (start + at) as u32;
            count += (hit & 1) as usize;
        }
    }
    plain_refine::<WIDTH, SHIFT, FAR>(layer, chunk, places, count);
}

/// Keeps those of the first `count` places whose full hash is in the fine
/// table; all, if the class looks at no context.
pub(super) fn plain_refine<
    const WIDTH: usize,
    const SHIFT: usize,
    const FAR: usize,
>(
    layer: &Layer<'_>,
    chunk: &Chunk,
    places: &mut Places,
    count: usize,
) {
    places.count = count;
    if SHIFT == 0 {
        return;
    }
    let mut kept = 0;
    for n in 0..count {
        let at = places.buffer[n] as usize;
        let index = index_hash(chunk.word(at) & mask(WIDTH));
        let bit = |context: usize, behind| {
            let bytes = chunk.word(context) & mask(WIDTH);
            fine_bit(layer.fine, index, context_hash(bytes, behind))
        };
        let hit = bit(at + FAR, false)
            || bit(at - FAR, true)
            || FAR != SHIFT
                && (bit(at + SHIFT, false) || bit(at - SHIFT, true));
        places.buffer[kept] = at as u32;
        kept += usize::from(hit);
    }
    places.count = kept;
}

#[inline(always)]
fn fine_bit(fine: &[U32], index: u32, context: u32) -> bool {
    let fine_bits = fine.len().ilog2() + 5;
    let (at, bits) = fine_place(full_hash(index, context), fine_bits);
    fine[at].get() & bits == bits
}

const _: () = assert!(LONGEST <= LEFT && LONGEST + LANE <= RIGHT);
