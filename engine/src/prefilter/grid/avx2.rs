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
    pairs: &[Pair<'_>],
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
    pairs: &[Pair<'_>],
    chunk: &Chunk,
    blocks: usize,
    on_found: &mut OnFound<'_>,
) -> bool {
    let all = |byte: u8| _mm256_set1_epi8(byte as i8);
    let mut wanted = [(all(0), all(0), 0); GROUP];
    for (wanted, pair) in wanted.iter_mut().zip(pairs) {
        *wanted = (all(pair.bytes[0]), all(pair.bytes[1]), pair.step());
    }
    let wanted = &wanted[..pairs.len()];
    for half in 0..2 * blocks {
        let place = LEFT + half * 32;
        let sides = [load::<4>(chunk, place), load::<4>(chunk, place + 1)];
        let both = |(first, second, step): &(__m256i, __m256i, usize)| {
            _mm256_and_si256(
                _mm256_cmpeq_epi8(sides[0], *first),
                _mm256_cmpeq_epi8(sides[step & 1], *second),
            )
        };
        let any = wanted
            .iter()
            .map(both)
            .fold(_mm256_setzero_si256(), |any, both| {
                _mm256_or_si256(any, both)
            });
        if _mm256_testz_si256(any, any) == 1 {
            continue;
        }
        let mut each = pairs.iter().zip(wanted.iter().map(both));
        let reported = each.all(|(pair, both)| {
            let bits = _mm256_movemask_epi8(both) as u32;
            report(place, bits.into(), pair, on_found)
        });
        if !reported {
            return false;
        }
    }
    true
}

const _: () = assert!(LANE == 64);
