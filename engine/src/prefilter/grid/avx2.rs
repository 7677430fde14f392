//! The inner loops for AVX2: eight places at a time.

#![allow(unsafe_code)]

use std::arch::x86_64::*;

use zerocopy::little_endian::U32;

use super::kernel::{self, Chunk, LANE, LEFT, Places, by_class};
use super::pair::{GROUP, OnFound, Pair, report};
use super::{AHEAD, BEHIND, INDEX, Layer, mask};

/// Copies in lower case.
pub(super) fn fold(from: &[u8], to: &mut [u8]) {
    #[target_feature(enable = "avx2")]
    fn wide(from: &[u8], to: &mut [u8]) {
        kernel::plain_fold(from, to);
    }
    // SAFETY: only called for an `Isa` of this name, which proves the
    // feature.
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
    // feature.
    unsafe { run(layer, chunk, blocks, phase, places) }
}

/// Eight times four bytes, one group beginning at every fourth place from
/// `at` on.
#[inline]
#[target_feature(enable = "avx2")]
fn load<const WIDTH: usize>(chunk: &Chunk, at: usize) -> __m256i {
    assert!(at + 32 <= chunk.bytes.len());
    // SAFETY: thirty-two bytes from `at` on lie within the buffer.
    let bytes =
        unsafe { _mm256_loadu_si256(chunk.bytes.as_ptr().add(at).cast()) };
    _mm256_and_si256(bytes, _mm256_set1_epi32(mask(WIDTH) as i32))
}

#[inline]
#[target_feature(enable = "avx2")]
fn times(bytes: __m256i, factor: u32) -> __m256i {
    _mm256_mullo_epi32(bytes, _mm256_set1_epi32(factor as i32))
}

/// The words of a table whose length is a power of two, at indexes below
/// it.
#[inline]
#[target_feature(enable = "avx2")]
fn gather(table: &[U32], indexes: __m256i) -> __m256i {
    let last = _mm256_set1_epi32(table.len() as i32 - 1);
    let indexes = _mm256_and_si256(indexes, last);
    // SAFETY: no index is beyond the last one; the words need no alignment.
    unsafe { _mm256_i32gather_epi32::<4>(table.as_ptr().cast(), indexes) }
}

/// One bit for each word that has the bit at `at`.
#[inline]
#[target_feature(enable = "avx2")]
fn bits_at(words: __m256i, at: __m256i) -> __m256i {
    // The wanted bit moves to the sign.
    let up = _mm256_sub_epi32(_mm256_set1_epi32(31), at);
    _mm256_sllv_epi32(words, up)
}

#[target_feature(enable = "avx2,popcnt,bmi1")]
fn run<const WIDTH: usize, const SHIFT: usize, const FAR: usize>(
    layer: &Layer<'_>,
    chunk: &Chunk,
    blocks: usize,
    phase: usize,
    places: &mut Places,
) {
    let bits = layer.words.len().ilog2();
    let index_shift = _mm_cvtsi32_si128(32 - bits as i32);
    let bit_shift = _mm_cvtsi32_si128(27 - bits as i32);
    let low = _mm256_set1_epi32(31);
    let mut count = 0;
    for half in 0..2 * blocks {
        let place = LEFT + phase + half * 32;
        let index = times(load::<WIDTH>(chunk, place), INDEX);
        let word = gather(layer.words, _mm256_srl_epi32(index, index_shift));
        let signs = if SHIFT == 0 {
            let bit =
                _mm256_and_si256(_mm256_srl_epi32(index, bit_shift), low);
            bits_at(word, bit)
        } else {
            let ahead = times(load::<WIDTH>(chunk, place + SHIFT), AHEAD);
            let behind = times(load::<WIDTH>(chunk, place - SHIFT), BEHIND);
            let ahead = _mm256_srli_epi32::<28>(ahead);
            let behind = _mm256_or_si256(
                _mm256_srli_epi32::<28>(behind),
                _mm256_set1_epi32(16),
            );
            _mm256_or_si256(bits_at(word, ahead), bits_at(word, behind))
        };
        let mut hit = _mm256_movemask_ps(_mm256_castsi256_ps(signs)) as u32;
        while hit != 0 {
            places.buffer[count & (kernel::STEP - 1)] =
                place as u32 + 4 * hit.trailing_zeros();
            count += 1;
            hit &= hit - 1;
        }
    }
    kernel::plain_refine::<WIDTH, SHIFT, FAR>(layer, chunk, places, count);
}

/// See [`super::pair::find`].
pub(super) fn pairs(
    pairs: &[Pair],
    chunk: &Chunk,
    blocks: usize,
    on_found: &mut OnFound<'_>,
) -> bool {
    // SAFETY: only called for an `Isa` of this name, which proves the
    // feature.
    unsafe { compare(pairs, chunk, blocks, on_found) }
}

#[target_feature(enable = "avx2")]
fn compare(
    pairs: &[Pair],
    chunk: &Chunk,
    blocks: usize,
    on_found: &mut OnFound<'_>,
) -> bool {
    let all = |byte: u8| _mm256_set1_epi8(byte as i8);
    let mut wanted = [(all(0), all(0)); GROUP];
    for (wanted, pair) in wanted.iter_mut().zip(pairs) {
        *wanted = (all(pair.bytes[0]), all(pair.bytes[1]));
    }
    let mut found = [0; GROUP];
    for half in 0..2 * blocks {
        let place = LEFT + half * 32;
        let here = load::<4>(chunk, place);
        let next = load::<4>(chunk, place + 1);
        let mut any = 0;
        for ((pair, wanted), found) in
            pairs.iter().zip(&wanted).zip(&mut found)
        {
            let second = if pair.step() == 0 { here } else { next };
            let both = _mm256_and_si256(
                _mm256_cmpeq_epi8(here, wanted.0),
                _mm256_cmpeq_epi8(second, wanted.1),
            );
            *found = u64::from(_mm256_movemask_epi8(both) as u32);
            any |= *found;
        }
        if any != 0 {
            let mut each = pairs.iter().zip(found);
            if !each.all(|(pair, bits)| report(place, bits, pair, on_found)) {
                return false;
            }
        }
    }
    true
}

const _: () = assert!(LANE == 64);
