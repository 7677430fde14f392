//! The inner loops for AVX-512: sixteen places at a time.

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use zerocopy::little_endian::U32;

use super::kernel::{self, Chunk, LANE, LEFT, Places, by_class};
use super::pair::{GROUP, OnFound, Pair, report};
use super::{AHEAD, BEHIND, FINE, INDEX, Layer, mask};

/// Copies in lower case.
pub(super) fn fold(from: &[u8], to: &mut [u8]) {
    #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
    fn wide(from: &[u8], to: &mut [u8]) {
        kernel::plain_fold(from, to);
    }
    // SAFETY: only called for an `Isa` of this name, which proves the
    // features.
    unsafe { wide(from, to) }
}

/// See [`kernel::filter`].
pub(super) fn filter(
    layer: &Layer<'_>,
    chunk: &Chunk,
    blocks: usize,
    phase: usize,
    places: &mut Places,
) {
    let run = by_class!(layer, run);
    // SAFETY: only called for an `Isa` of this name, which proves the
    // features.
    unsafe { run(layer, chunk, blocks, phase, places) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
fn run<const WIDTH: usize, const SHIFT: usize, const FAR: usize>(
    layer: &Layer<'_>,
    chunk: &Chunk,
    blocks: usize,
    phase: usize,
    places: &mut Places,
) {
    let count = coarse::<WIDTH, SHIFT>(layer, chunk, blocks, phase, places);
    places.count = match SHIFT {
        0 => count,
        _ => refine::<WIDTH, SHIFT, FAR>(layer, chunk, places, count),
    };
}

/// Sixteen times four bytes, one group beginning at every fourth place from
/// `at` on.
#[inline]
#[target_feature(enable = "avx512f")]
fn load<const WIDTH: usize>(chunk: &Chunk, at: usize) -> __m512i {
    assert!(at + LANE <= chunk.bytes.len());
    // SAFETY: sixty-four bytes from `at` on lie within the buffer.
    let bytes =
        unsafe { _mm512_loadu_si512(chunk.bytes.as_ptr().add(at).cast()) };
    _mm512_and_si512(bytes, _mm512_set1_epi32(mask(WIDTH) as i32))
}

#[inline]
#[target_feature(enable = "avx512f")]
fn times(bytes: __m512i, factor: u32) -> __m512i {
    _mm512_mullo_epi32(bytes, _mm512_set1_epi32(factor as i32))
}

/// The words of a table whose length is a power of two, at indexes below
/// it.
#[inline]
#[target_feature(enable = "avx512f")]
fn gather(table: &[U32], indexes: __m512i) -> __m512i {
    let last = _mm512_set1_epi32(table.len() as i32 - 1);
    let indexes = _mm512_and_si512(indexes, last);
    // SAFETY: no index is beyond the last one; the words need no alignment.
    unsafe { _mm512_i32gather_epi32::<4>(indexes, table.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
fn coarse<const WIDTH: usize, const SHIFT: usize>(
    layer: &Layer<'_>,
    chunk: &Chunk,
    blocks: usize,
    phase: usize,
    places: &mut Places,
) -> usize {
    let bits = layer.words.len().ilog2();
    let index_shift = _mm_cvtsi32_si128(32 - bits as i32);
    let bit_shift = _mm_cvtsi32_si128(27 - bits as i32);
    let one = _mm512_set1_epi32(1);
    let high = _mm512_set1_epi32(1 << 16);
    let mut at = _mm512_add_epi32(
        _mm512_set1_epi32((LEFT + phase) as i32),
        _mm512_setr_epi32(
            0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60,
        ),
    );
    let mut count = 0;
    for block in 0..blocks {
        let place = LEFT + phase + block * LANE;
        let index = times(load::<WIDTH>(chunk, place), INDEX);
        let word = gather(layer.words, _mm512_srl_epi32(index, index_shift));
        let hit = if SHIFT == 0 {
            let bit = _mm512_srl_epi32(index, bit_shift);
            // A rotation takes its count modulo 32.
            _mm512_test_epi32_mask(word, _mm512_rolv_epi32(one, bit))
        } else {
            let ahead = times(load::<WIDTH>(chunk, place + SHIFT), AHEAD);
            let behind = times(load::<WIDTH>(chunk, place - SHIFT), BEHIND);
            let ahead = _mm512_sllv_epi32(one, _mm512_srli_epi32::<28>(ahead));
            let behind =
                _mm512_sllv_epi32(high, _mm512_srli_epi32::<28>(behind));
            let either = _mm512_or_si512(ahead, behind);
            _mm512_test_epi32_mask(word, either)
        };
        let found = _mm512_maskz_compress_epi32(hit, at);
        let room = &mut places.buffer[count..count + 16];
        // SAFETY: the slice has room for sixteen words.
        unsafe { _mm512_storeu_si512(room.as_mut_ptr().cast(), found) };
        count += hit.count_ones() as usize;
        at = _mm512_add_epi32(at, _mm512_set1_epi32(LANE as i32));
    }
    count
}

/// Four bytes from each of these places of the buffer.
#[inline]
#[target_feature(enable = "avx512f")]
fn words_at<const WIDTH: usize>(chunk: &Chunk, places: __m512i) -> __m512i {
    let last = _mm512_set1_epi32((chunk.bytes.len() - 4) as i32);
    let places = _mm512_min_epu32(places, last);
    // SAFETY: four bytes from each place on lie within the buffer.
    let words = unsafe {
        _mm512_i32gather_epi32::<1>(places, chunk.bytes.as_ptr().cast())
    };
    _mm512_and_si512(words, _mm512_set1_epi32(mask(WIDTH) as i32))
}

/// Is the full hash of each of these in the fine table?
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn fine(table: &[U32], index: __m512i, context: __m512i) -> __mmask16 {
    let mixed = _mm512_xor_si512(context, _mm512_srli_epi32::<13>(context));
    let full = times(_mm512_xor_si512(index, mixed), INDEX);
    let shift = _mm_cvtsi32_si128(32 - table.len().ilog2() as i32);
    let word = gather(table, _mm512_srl_epi32(full, shift));
    // A rotation takes its count modulo 32.
    let one = _mm512_set1_epi32(1);
    let first = _mm512_rolv_epi32(one, _mm512_srli_epi32::<{ FINE.0 }>(full));
    let second = _mm512_rolv_epi32(one, _mm512_srli_epi32::<{ FINE.1 }>(full));
    let wanted = _mm512_or_si512(first, second);
    _mm512_testn_epi32_mask(_mm512_andnot_si512(word, wanted), wanted)
}

#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
fn refine<const WIDTH: usize, const SHIFT: usize, const FAR: usize>(
    layer: &Layer<'_>,
    chunk: &Chunk,
    places: &mut Places,
    count: usize,
) -> usize {
    let mut kept = 0;
    let mut from = 0;
    while from < count {
        let room = &places.buffer[from..from + 16];
        // SAFETY: the slice has sixteen words.
        let at = unsafe { _mm512_loadu_si512(room.as_ptr().cast()) };
        let index = times(words_at::<WIDTH>(chunk, at), INDEX);
        let live = u16::MAX >> (16 - (count - from).min(16));
        let mut hit = 0;
        for (side, context) in layer.class.sides().into_iter().enumerate() {
            if side >= 2 && FAR == SHIFT {
                break;
            }
            let place =
                _mm512_add_epi32(at, _mm512_set1_epi32(context as i32));
            let factor = if side % 2 == 1 { BEHIND } else { AHEAD };
            let context = times(words_at::<WIDTH>(chunk, place), factor);
            hit |= fine(layer.fine, index, context);
        }
        let hit = hit & live;
        let found = _mm512_maskz_compress_epi32(hit, at);
        // Never ahead of what is read: `kept` is at most `from`.
        let room = &mut places.buffer[kept..kept + 16];
        // SAFETY: the slice has room for sixteen words.
        unsafe { _mm512_storeu_si512(room.as_mut_ptr().cast(), found) };
        kept += hit.count_ones() as usize;
        from += 16;
    }
    kept
}

/// See [`super::pair::find`].
pub(super) fn pairs(
    pairs: &[Pair<'_>],
    chunk: &Chunk,
    blocks: usize,
    on_found: &mut OnFound<'_>,
) -> bool {
    // SAFETY: only called for an `Isa` of this name, which proves the
    // features.
    unsafe { compare(pairs, chunk, blocks, on_found) }
}

#[target_feature(enable = "avx512f,avx512bw")]
fn compare(
    pairs: &[Pair<'_>],
    chunk: &Chunk,
    blocks: usize,
    on_found: &mut OnFound<'_>,
) -> bool {
    let all = |byte: u8| _mm512_set1_epi8(byte as i8);
    let mut wanted = [(all(0), all(0), 0); GROUP];
    for (wanted, pair) in wanted.iter_mut().zip(pairs) {
        *wanted = (all(pair.bytes[0]), all(pair.bytes[1]), pair.step());
    }
    let wanted = &wanted[..pairs.len()];
    for block in 0..blocks {
        let place = LEFT + block * LANE;
        let sides = [load::<4>(chunk, place), load::<4>(chunk, place + 1)];
        let bits = |(first, second, step): &(__m512i, __m512i, usize)| {
            let here = _mm512_cmpeq_epi8_mask(sides[0], *first);
            _mm512_mask_cmpeq_epi8_mask(here, sides[step & 1], *second)
        };
        if wanted.iter().fold(0, |any, wanted| any | bits(wanted)) == 0 {
            continue;
        }
        let mut each = pairs.iter().zip(wanted.iter().map(bits));
        if !each.all(|(pair, bits)| report(place, bits, pair, on_found)) {
            return false;
        }
    }
    true
}
