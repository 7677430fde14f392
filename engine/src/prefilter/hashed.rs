//! A hash filter for large sets: one bit test for each place in the data.
//!
//! The bits of all literals' first four bytes, letters in lower case, stand
//! in a bitmap that stays in the second-level cache; an automaton for as many
//! literals would leave the caches at nearly every byte. Places that pass
//! are looked up and compared. Literals of one to three bytes have a bitmap
//! of their own, by their first two bytes.

use super::{BLOCK, Hit, Hits, Prefilter};

/// Bytes that are folded at a time.
const STEP: usize = 4096;
/// Bytes behind a step that its last places look at.
const AHEAD: usize = 3;
/// Bits of the hash of four bytes.
const BITS: u32 = 20;

/// The filter.
pub struct Hashed {
    literals: Vec<Box<[u8]>>,
    /// One bit for each hash of four bytes.
    quads: Box<[u64]>,
    /// Open-addressed table from four bytes to a range of `ids`.
    table: Vec<Slot>,
    ids: Vec<u32>,
    /// One bit for each pair of bytes with which a short literal begins.
    pairs: Box<[u64]>,
    /// For each pair, the end of its range in `short`; it begins where that
    /// of the pair before ends.
    pair_ends: Vec<u32>,
    short: Vec<u32>,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    key: u32,
    start: u32,
    count: u32,
}

impl Hashed {
    /// Builds the filter. Empty literals are never found.
    pub fn new(literals: &[&[u8]]) -> Hashed {
        let folded: Vec<Box<[u8]>> =
            literals.iter().map(|l| l.to_ascii_lowercase().into()).collect();
        let mut quads = vec![0; 1 << (BITS - 6)].into_boxed_slice();
        let mut keyed: Vec<(u32, u32)> = Vec::new();
        let mut paired: Vec<(u16, u32)> = Vec::new();
        for (id, literal) in (0..).zip(&folded) {
            match **literal {
                [a, b, c, d, ..] => {
                    let key = u32::from_le_bytes([a, b, c, d]);
                    set_bit(&mut quads, hash(key));
                    keyed.push((key, id));
                }
                [a, b, ..] => paired.push((u16::from_le_bytes([a, b]), id)),
                // Whatever follows it.
                [a] => paired.extend(
                    (0..=255).map(|b| (u16::from_le_bytes([a, b]), id)),
                ),
                [] => {}
            }
        }
        keyed.sort_unstable();
        paired.sort_unstable();
        let mut pairs = vec![0; 1 << 10].into_boxed_slice();
        let mut pair_ends = vec![0; 1 << 16];
        for (pair, _) in &paired {
            set_bit(&mut pairs, usize::from(*pair));
            pair_ends[usize::from(*pair)] += 1;
        }
        let mut end = 0;
        for count in &mut pair_ends {
            end += *count;
            *count = end;
        }
        Hashed {
            table: table(&keyed),
            ids: keyed.iter().map(|k| k.1).collect(),
            short: paired.iter().map(|p| p.1).collect(),
            literals: folded,
            quads,
            pairs,
            pair_ends,
        }
    }

    /// Reports the literals at a place that passed a bitmap.
    #[cold]
    fn report(
        &self,
        data: &[u8],
        at: usize,
        key: u32,
        hits: &mut dyn Hits,
    ) -> bool {
        let pair = (key & 0xffff) as usize;
        let end = self.pair_ends[pair] as usize;
        let start = match pair {
            0 => 0,
            _ => self.pair_ends[pair - 1] as usize,
        };
        let long = self.slot(key).map_or(&[][..], |slot| {
            let start = slot.start as usize;
            &self.ids[start..start + slot.count as usize]
        });
        for id in self.short[start..end].iter().chain(long) {
            let literal = &self.literals[*id as usize];
            let found = data.get(at..at + literal.len());
            if found.is_some_and(|f| f.eq_ignore_ascii_case(literal))
                && !hits.hit(Hit { literal: *id, offset: at })
            {
                return false;
            }
        }
        true
    }

    fn slot(&self, key: u32) -> Option<&Slot> {
        let mask = self.table.len().checked_sub(1)?;
        let mut at = hash(key) & mask;
        loop {
            let slot = &self.table[at];
            if slot.count == 0 {
                return None;
            }
            if slot.key == key {
                return Some(slot);
            }
            at = (at + 1) & mask;
        }
    }
}

impl Prefilter for Hashed {
    fn find(&self, data: &[u8], hits: &mut dyn Hits) {
        let mut folded = [0; STEP + AHEAD];
        for (step, start) in (0..data.len()).step_by(STEP).enumerate() {
            let count = (data.len() - start).min(STEP);
            let seen = (data.len() - start).min(STEP + AHEAD);
            folded[..seen].copy_from_slice(&data[start..start + seen]);
            folded[seen..].fill(0);
            folded.make_ascii_lowercase();
            for (at, window) in folded[..count + AHEAD].windows(4).enumerate()
            {
                let key = u32::from_le_bytes([
                    window[0], window[1], window[2], window[3],
                ]);
                if (bit(&self.quads, hash(key))
                    | bit(&self.pairs, (key & 0xffff) as usize))
                    && !self.report(data, start + at, key, hits)
                {
                    return;
                }
            }
            if (step + 1) % (BLOCK / STEP) == 0 && !hits.block() {
                return;
            }
        }
    }
}

#[inline(always)]
fn hash(key: u32) -> usize {
    (key.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as usize
}

#[inline(always)]
fn bit(bits: &[u64], at: usize) -> bool {
    bits.get(at >> 6).is_some_and(|word| word >> (at & 63) & 1 == 1)
}

fn set_bit(bits: &mut [u64], at: usize) {
    bits[at >> 6] |= 1 << (at & 63);
}

/// The table for sorted pairs of four bytes and literal.
fn table(keyed: &[(u32, u32)]) -> Vec<Slot> {
    let size = (keyed.len() * 2).next_power_of_two().max(2);
    let mut table = vec![Slot::default(); size];
    let mut start = 0;
    for run in keyed.chunk_by(|a, b| a.0 == b.0) {
        let key = run[0].0;
        let mut at = hash(key) & (size - 1);
        while table[at].count != 0 {
            at = (at + 1) & (size - 1);
        }
        table[at] = Slot { key, start, count: run.len() as u32 };
        start += run.len() as u32;
    }
    table
}
