//! The grid: finds tens of thousands of literals by looking at every fourth
//! place of the data.
//!
//! A literal of seven bytes or more holds, wherever it lies, four bytes that
//! begin at a multiple of four, and two more bytes on one side of them. So
//! it is entered four times, once for each way it can lie, each time by the
//! rarest such window of its own. The data is folded to lower case in chunks
//! that stay in the first-level cache; for each fourth place one table word
//! is fetched that answers for six bytes at once. What passes is looked up
//! in a finer table, then compared whole. Literals of four to six bytes are
//! looked for at every second place. A few of three bytes join them; many,
//! and many shorter ones, are looked for at every place. Where short
//! literals are few, two bytes of each are compared at every place instead.
//!
//! The filter is exact: it reports every occurrence of each literal, very
//! short ones now and then twice. Its tables are flat arrays that lie in the
//! compiled set and are used there.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod build;
mod isa;
mod kernel;
mod pair;

pub use build::Parts;
pub use isa::{Isa, Name};

use std::ops::Range;

use zerocopy::little_endian::U32;

use super::{BLOCK, Hit, Hits};
use crate::ruleset::layout::{KeyRec, LayerRec, WindowRec};
use kernel::{Chunk, LEFT, Places, STEP};
use pair::Pair;

/// The longest literal the grid takes, in bytes.
pub const LONGEST: usize = 16;

/// Filters that one set of tables holds, one for each round of a search.
pub const ROUNDS: usize = 2;

/// How the literals of one range of lengths are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    /// The shortest literal.
    shortest: usize,
    /// Bytes that choose the table word.
    width: usize,
    /// Bytes by which the context begins later or earlier; 0: none is looked
    /// at.
    shift: usize,
    /// The same for literals that are long enough for a wider context.
    far: usize,
    /// Every so many places one is looked at.
    stride: usize,
}

/// The classes, by the longest literals first.
pub(crate) const CLASSES: [Class; 5] = [
    Class { shortest: 7, width: 4, shift: 2, far: 4, stride: 4 },
    Class { shortest: 4, width: 3, shift: 1, far: 1, stride: 2 },
    Class { shortest: 3, width: 3, shift: 0, far: 0, stride: 1 },
    Class { shortest: 1, width: 2, shift: 0, far: 0, stride: 1 },
    Class { shortest: 1, width: 2, shift: 0, far: 0, stride: 4 },
];
const SHORT: usize = 1;
/// The class of few short literals, which have no table.
const PAIRS: usize = 4;

/// Table words whose windows are kept together: only one in many has any.
const SHARE: usize = 4;

/// The tag of a window whose context may be any.
const WILD: u16 = u16::MAX;

const INDEX: u32 = 0x9E37_79B1;
const AHEAD: u32 = 0x85EB_CA6B;
const BEHIND: u32 = 0xC2B2_AE35;
/// Where the two bits of the fine table stand in a full hash.
const FINE: (u32, u32) = (11, 6);

/// In which of so many buckets the windows with this hash are.
fn bucket(index: u32, buckets: usize) -> usize {
    ((u64::from(index) * buckets as u64) >> 32) as usize
}

/// The bytes that count for a class, of four.
fn mask(width: usize) -> u32 {
    u32::MAX >> (32 - 8 * width.clamp(1, 4))
}

/// Where the table word of these bytes stands, in its upper bits.
fn index_hash(bytes: u32) -> u32 {
    bytes.wrapping_mul(INDEX)
}

/// The context bit within its half of a table word, in the upper four bits.
fn context_hash(bytes: u32, behind: bool) -> u32 {
    bytes.wrapping_mul(if behind { BEHIND } else { AHEAD })
}

/// A hash of index and context together.
fn full_hash(index: u32, context: u32) -> u32 {
    (index ^ (context >> 13) ^ context).wrapping_mul(INDEX)
}

/// The word of the fine table that answers for a full hash, and the two bits
/// that must be set in it.
#[inline(always)]
fn fine_place(full: u32, fine_bits: u32) -> (usize, u32) {
    let bits = 1 << (full >> FINE.0 & 31) | 1 << (full >> FINE.1 & 31);
    ((full >> (37 - fine_bits)) as usize, bits)
}

/// What an entry remembers of its full hash: where its context lies is in
/// the lower two bits.
fn tag(full: u32, side: usize) -> u16 {
    ((full >> 16) as u16 & !3) | side as u16
}

impl Class {
    /// Where the windows of so many table words are kept together. A tag
    /// tells the words of a bucket apart; a class that has none keeps its
    /// windows by word.
    fn buckets(self, words: usize) -> usize {
        if self.shift > 0 { (words / SHARE).max(1) } else { words }
    }

    /// Where contexts begin, relative to the window: near ones ahead and
    /// behind, then far ones.
    fn sides(self) -> [isize; 4] {
        let (near, far) = (self.shift as isize, self.far as isize);
        [near, -near, far, -far]
    }
}

/// The tables of one class.
#[derive(Clone, Copy)]
pub(crate) struct Layer<'t> {
    class: Class,
    /// A power of two. Two halves of sixteen bits: for the contexts ahead
    /// and behind; without contexts, 32 bits of the index hash.
    words: &'t [U32],
    /// A power of two: two bits for each full hash.
    fine: &'t [U32],
    /// One more than `words`: where the entries of each word begin.
    heads: &'t [U32],
}

/// The tables of a filter, as they lie in a rule set.
pub(crate) struct Grid<'t> {
    layers: Vec<Layer<'t>>,
    windows: &'t [WindowRec],
    keys: &'t [KeyRec],
}

/// Memory for a search, kept from search to search.
#[derive(Debug)]
pub struct Scratch {
    chunk: Box<Chunk>,
    places: Places,
}

impl Default for Scratch {
    fn default() -> Scratch {
        Scratch { chunk: Box::new(Chunk::new()), places: Places::new() }
    }
}

impl<'t> Grid<'t> {
    /// The filter of a round that lies in these tables; `None` if they do
    /// not fit together.
    pub(crate) fn new(
        round: usize,
        layers: &[LayerRec],
        slots: &'t [U32],
        windows: &'t [WindowRec],
        keys: &'t [KeyRec],
    ) -> Option<Grid<'t>> {
        let part = |start: U32, count: usize| {
            slots.get(start.get() as usize..)?.get(..count)
        };
        let of = |layer: &&LayerRec| usize::from(layer.round.get()) == round;
        let layers = layers.iter().filter(of).map(|record| {
            let class = *CLASSES.get(usize::from(record.class.get()))?;
            if class == CLASSES[PAIRS] {
                let heads = part(record.heads, 2)?;
                return Some(Layer { class, words: &[], fine: &[], heads });
            }
            let (bits, fine) = (record.bits.get(), record.fine_bits.get());
            // The fine table counts bits, 32 to a word.
            if !(1..=24).contains(&bits) || !(6..=26).contains(&fine) {
                return None;
            }
            let count = 1_usize << bits;
            Some(Layer {
                class,
                words: part(record.words, count)?,
                heads: part(record.heads, class.buckets(count) + 1)?,
                fine: part(record.fine, 1 << (fine - 5))?,
            })
        });
        Some(Grid { layers: layers.collect::<Option<_>>()?, windows, keys })
    }

    /// Checks what lies in the tables, once, before they are used.
    pub(crate) fn is_valid(&self, lengths: &[usize]) -> bool {
        let within = |layer: &Layer<'_>| {
            layer.heads.is_sorted_by_key(|head| head.get())
                && layer.heads.last().is_some_and(|end| {
                    end.get() as usize <= self.windows.len()
                })
        };
        let apart = |at: usize| {
            let (class, rest) =
                (self.layers[at].class, &self.layers[at + 1..]);
            rest.iter().all(|other| other.class != class)
        };
        self.keys.len() == lengths.len()
            && (0..self.layers.len()).all(apart)
            && self.layers.iter().all(within)
            && self.windows.iter().all(|window| {
                let length = lengths.get(window.literal.get() as usize);
                length == Some(&usize::from(window.length))
                    && usize::from(window.length) <= LONGEST
                    && window.offset < window.length
            })
    }

    /// The literals that have no table.
    fn pairs(&self) -> Vec<Pair<'t>> {
        let single = |layer: &&Layer<'_>| layer.words.is_empty();
        let Some(layer) = self.layers.iter().find(single) else {
            return Vec::new();
        };
        let (from, to) = (layer.heads[0].get(), layer.heads[1].get());
        let windows = &self.windows[from as usize..to as usize];
        let pair = |window: &WindowRec| {
            let key = &self.keys[window.literal.get() as usize];
            Pair::new(window, key)
        };
        windows.iter().map(pair).collect()
    }

    /// Reports every occurrence of every literal in `data`, as far as it is
    /// found from a place in `range`. Ranges that begin and end at multiples
    /// of [`BLOCK`], or at an end of the data, find together what one search
    /// finds.
    pub(crate) fn find(
        &self,
        isa: Isa,
        scratch: &mut Scratch,
        data: &[u8],
        range: Range<usize>,
        hits: &mut dyn Hits,
    ) {
        if self.layers.is_empty() {
            return;
        }
        let Scratch { chunk, places } = scratch;
        let pairs = self.pairs();
        for start in range.clone().step_by(STEP) {
            let end = range.end.min(start + STEP);
            chunk.fill(isa, data, start, end);
            for layer in &self.layers {
                let look = Look { grid: self, layer, chunk, start, data };
                if layer.words.is_empty() {
                    let mut found = |at: usize, pair: &Pair<'_>| {
                        let Pair { length, literal, .. } = *pair;
                        pair.start(chunk, at).is_none_or(|first| {
                            look.report_at(first, length, literal, hits)
                        })
                    };
                    let length = end - start;
                    if !pair::find(isa, &pairs, chunk, length, &mut found) {
                        return;
                    }
                    continue;
                }
                for phase in (0..4).step_by(layer.class.stride) {
                    kernel::filter(
                        isa,
                        layer,
                        chunk,
                        end - start,
                        phase,
                        places,
                    );
                    for places in places.found().chunks(BATCH) {
                        if !look.up(places, hits) {
                            return;
                        }
                    }
                }
            }
            if end.is_multiple_of(BLOCK) && !hits.block() {
                return;
            }
        }
    }
}

/// Places that are looked up together, so that the processor waits for
/// several tables at a time.
const BATCH: usize = 32;

/// Looks places up in the finer tables.
struct Look<'l, 't> {
    grid: &'l Grid<'t>,
    layer: &'l Layer<'t>,
    chunk: &'l Chunk,
    /// Where the chunk begins in the data.
    start: usize,
    data: &'l [u8],
}

impl Look<'_, '_> {
    #[inline]
    fn up(&self, places: &[u32], hits: &mut dyn Hits) -> bool {
        let Layer { class, heads, words, .. } = self.layer;
        let buckets = class.buckets(words.len());
        let mut found = [(0, 0, 0); BATCH];
        for (place, found) in places.iter().zip(&mut found) {
            let bytes = self.chunk.word(*place as usize);
            let index = index_hash(bytes & mask(class.width));
            let bucket = bucket(index, buckets);
            *found = (index, heads[bucket].get(), heads[bucket + 1].get());
        }
        let mut last = Last::default();
        places.iter().zip(found).all(|(place, (index, from, to))| {
            let windows = &self.grid.windows[from as usize..to as usize];
            let place = *place as usize;
            if index != last.index || !self.chunk.alike(place, last.place) {
                (last.index, last.place, last.count) = (index, place, 0);
                return self.compare(place, index, windows, &mut last, hits);
            }
            let held = last.held.get(..last.count);
            // More than are remembered: compare them again.
            let Some(held) = held else {
                let last = &mut Last::default();
                return self.compare(place, index, windows, last, hits);
            };
            held.iter().all(|window| self.report(place, window, hits))
        })
    }

    /// Compares the literals that have a window like the one at a place.
    #[inline]
    fn compare(
        &self,
        place: usize,
        index: u32,
        windows: &[WindowRec],
        last: &mut Last,
        hits: &mut dyn Hits,
    ) -> bool {
        let Layer { class, .. } = *self.layer;
        let mut tags = [0; 4];
        if class.shift > 0 {
            for (side, context) in class.sides().into_iter().enumerate() {
                let bytes =
                    self.chunk.word(place.wrapping_add_signed(context));
                let context =
                    context_hash(bytes & mask(class.width), side % 2 == 1);
                tags[side] = tag(full_hash(index, context), side);
            }
        }
        for window in windows {
            let wanted = window.tag.get();
            if wanted != tags[usize::from(wanted & 3)] && wanted != WILD {
                continue;
            }
            let first = place - usize::from(window.offset);
            let length = usize::from(window.length);
            let key = &self.grid.keys[window.literal.get() as usize];
            if !self.chunk.holds(first, length, key) {
                continue;
            }
            if let Some(held) = last.held.get_mut(last.count) {
                *held = *window;
            }
            last.count += 1;
            if !self.report(place, window, hits) {
                return false;
            }
        }
        true
    }

    /// Reports the literal that has its window at a place of the chunk.
    #[inline]
    fn report(
        &self,
        place: usize,
        window: &WindowRec,
        hits: &mut dyn Hits,
    ) -> bool {
        let (literal, length) = (window.literal.get(), window.length);
        let first = place - usize::from(window.offset);
        self.report_at(first, length.into(), literal, hits)
    }

    /// Reports a literal that lies at a place of the chunk.
    #[inline]
    fn report_at(
        &self,
        first: usize,
        length: usize,
        literal: u32,
        hits: &mut dyn Hits,
    ) -> bool {
        // In front of the data and behind it the chunk is padded.
        let offset = (self.start + first).checked_sub(LEFT);
        offset.is_none_or(|offset| {
            offset + length > self.data.len()
                || hits.hit(Hit { literal, offset })
        })
    }
}

/// What was found at the last place. In a long run of one byte it is the
/// same at the next one, with all the windows that such a run has.
#[derive(Default)]
struct Last {
    index: u32,
    place: usize,
    /// The windows whose literals were there,
    held: [WindowRec; 4],
    /// and how many; more than there is room for are not remembered.
    count: usize,
}

#[cfg(test)]
mod tests;
