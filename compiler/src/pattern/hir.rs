//! One representation for what hex patterns and regular expressions match:
//! sets of byte strings, byte by byte.

use crate::source::Span;

/// A set of byte values.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ByteSet(pub [u64; 4]);

impl ByteSet {
    /// No byte.
    pub const EMPTY: ByteSet = ByteSet([0; 4]);
    /// Every byte.
    pub const ALL: ByteSet = ByteSet([u64::MAX; 4]);

    /// Adds a byte.
    pub const fn insert(&mut self, byte: u8) {
        self.0[(byte >> 6) as usize] |= 1 << (byte & 63);
    }

    /// Adds all bytes from `lo` to `hi`, both included.
    pub const fn insert_range(&mut self, lo: u8, hi: u8) {
        let mut byte = lo as u16;
        while byte <= hi as u16 {
            self.insert(byte as u8);
            byte += 1;
        }
    }

    /// The set of these bytes.
    pub fn from_bytes(bytes: impl IntoIterator<Item = u8>) -> ByteSet {
        let mut set = ByteSet::EMPTY;
        bytes.into_iter().for_each(|b| set.insert(b));
        set
    }

    /// The bytes `b` with `b & mask == value & mask`.
    pub fn from_mask(value: u8, mask: u8) -> ByteSet {
        if mask == 0 {
            return ByteSet::ALL;
        }
        Self::from_bytes((0..=255).filter(|b| b & mask == value & mask))
    }

    /// Is the byte in the set?
    pub const fn contains(&self, byte: u8) -> bool {
        self.0[(byte >> 6) as usize] & (1 << (byte & 63)) != 0
    }

    /// Number of bytes in the set.
    pub fn len(&self) -> usize {
        self.0.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// True if no byte is in the set.
    pub fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }

    /// The bytes, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u8> + '_ {
        let words = self.0.iter().zip([0_u8, 64, 128, 192]);
        words.flat_map(|(word, first)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as u8)?;
                rest &= rest - 1;
                Some(first + bit)
            })
        })
    }

    /// All bytes that are not in the set.
    #[must_use]
    pub fn complement(&self) -> ByteSet {
        ByteSet(self.0.map(|w| !w))
    }

    /// Bytes in both.
    #[must_use]
    pub fn intersect(&self, other: &ByteSet) -> ByteSet {
        ByteSet(std::array::from_fn(|i| self.0[i] & other.0[i]))
    }

    /// Bytes in either.
    #[must_use]
    pub fn union(&self, other: &ByteSet) -> ByteSet {
        ByteSet(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    /// Adds the other case of every ASCII letter.
    #[must_use]
    pub fn fold_case(&self) -> ByteSet {
        // Both cases are in the second word, 32 bits apart.
        const UPPER: u64 = 0x03ff_ffff << (b'A' - 64);
        let [first, letters, rest @ ..] = self.0;
        let upper = (letters | letters >> 32) & UPPER;
        let [third, fourth] = rest;
        ByteSet([first, letters | upper | upper << 32, third, fourth])
    }

    /// The bits that are the same in all bytes, and which those are; all of
    /// them if there is no byte.
    pub fn common_bits(&self) -> (u8, u8) {
        /// Of each 64 values in a row, those that have a bit.
        const LOW: [u64; 6] = [
            0xaaaa_aaaa_aaaa_aaaa,
            0xcccc_cccc_cccc_cccc,
            0xf0f0_f0f0_f0f0_f0f0,
            0xff00_ff00_ff00_ff00,
            0xffff_0000_ffff_0000,
            0xffff_ffff_0000_0000,
        ];
        let (mut ones, mut zeros) = (0, 0);
        for (word, high) in self.0.into_iter().zip([0_u8, 64, 128, 192]) {
            if word == 0 {
                continue;
            }
            (ones, zeros) = (ones | high, zeros | !high & 0xc0);
            for (bit, having) in LOW.into_iter().enumerate() {
                ones |= u8::from(word & having != 0) << bit;
                zeros |= u8::from(word & !having != 0) << bit;
            }
        }
        (ones & !zeros, !(ones & zeros))
    }
}

impl std::fmt::Debug for ByteSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.iter().map(|b| b.escape_ascii().to_string()))
            .finish()
    }
}

/// A condition on a place between two bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Look {
    /// `^`, `\A`: the start of the data.
    Start,
    /// `$`, `\z`: the end of the data.
    End,
    /// `(?m)^`: the start of the data or of a line. A line ends with LF, CR
    /// or CR LF; the place between CR and LF is not a start.
    LineStart,
    /// `(?m)$`: the end of the data or of a line; the place between CR and
    /// LF is not an end.
    LineEnd,
    /// `(?m)^` in the operand of `matches`: only LF ends a line.
    LineStartLf,
    /// `(?m)$` in the operand of `matches`.
    LineEndLf,
    /// `\b`; word bytes are `[0-9A-Za-z_]`.
    WordBoundary,
    /// `\B`
    NotWordBoundary,
    /// `\b{start}`
    WordStart,
    /// `\b{end}`
    WordEnd,
    /// `\b{start-half}`: the byte before is not a word byte.
    WordStartHalf,
    /// `\b{end-half}`: the byte after is not a word byte.
    WordEndHalf,
}

/// What a pattern matches. Preference is that of backtracking engines:
/// alternatives in order, greedy repetitions longest first, lazy ones
/// shortest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hir {
    /// The empty string.
    Empty,
    /// Exactly these bytes; not empty.
    Literal(Vec<u8>),
    /// One byte of the set. An empty set matches nothing.
    Class(ByteSet),
    /// A place.
    Look(Look),
    /// One after the other. Jumps of hex patterns are a lazy
    /// [`Hir::Repeat`] of [`ByteSet::ALL`].
    Concat(Vec<Hir>),
    /// One of these, the first that leads to a match.
    Alternation(Vec<Hir>),
    /// `min` to `max` times.
    Repeat {
        /// At least.
        min: u32,
        /// At most; `None`: without bound.
        max: Option<u32>,
        /// Longest first?
        greedy: bool,
        /// What is repeated.
        sub: Box<Hir>,
    },
}

/// Facts about a parsed regular expression that the checks need.
#[derive(Clone, Debug, PartialEq)]
pub struct ParsedRegex {
    /// What it matches; flags are already applied.
    pub hir: Hir,
    /// The first greedy repetition, if there is one.
    pub first_greedy: Option<Span>,
    /// The first lazy repetition, if there is one.
    pub first_lazy: Option<Span>,
}

impl Hir {
    /// Shortest and longest match in bytes; `None`: no bound. The numbers
    /// saturate.
    pub fn length(&self) -> (u64, Option<u64>) {
        match self {
            Hir::Empty | Hir::Look(_) => (0, Some(0)),
            Hir::Literal(bytes) => {
                (bytes.len() as u64, Some(bytes.len() as u64))
            }
            Hir::Class(_) => (1, Some(1)),
            Hir::Concat(parts) => {
                parts.iter().map(Hir::length).fold((0, Some(0)), |a, b| {
                    let hi = a.1.zip(b.1).map(|(x, y)| x.saturating_add(y));
                    (a.0.saturating_add(b.0), hi)
                })
            }
            Hir::Alternation(parts) => parts
                .iter()
                .map(Hir::length)
                .reduce(|a, b| {
                    (a.0.min(b.0), a.1.zip(b.1).map(|(x, y)| x.max(y)))
                })
                .unwrap_or((0, Some(0))),
            Hir::Repeat { min, max, sub, .. } => {
                let (lo, hi) = sub.length();
                let hi = match (hi, max) {
                    (Some(0), _) => Some(0),
                    (Some(h), Some(m)) => {
                        Some(h.saturating_mul(u64::from(*m)))
                    }
                    _ => None,
                };
                (lo.saturating_mul(u64::from(*min)), hi)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ByteSet;

    /// The two are written with tables of bits; this is what they mean.
    #[test]
    fn cases_and_common_bits() {
        let mut seed = 1_u64;
        for round in 0..2000_u32 {
            let bytes = (0..round % 5).map(|_| {
                seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1);
                (seed >> 40) as u8
            });
            let set = ByteSet::from_bytes(bytes);
            let folded = set.iter().flat_map(|b| {
                [b, b.to_ascii_lowercase(), b.to_ascii_uppercase()]
            });
            assert_eq!(set.fold_case(), ByteSet::from_bytes(folded));
            let (and, or) =
                set.iter().fold((0xff, 0), |(and, or), b| (and & b, or | b));
            let mask = !(and ^ or);
            if !set.is_empty() {
                assert_eq!(set.common_bits(), (and & mask, mask), "{set:?}");
            }
        }
        assert_eq!(ByteSet::EMPTY.common_bits(), (0, 0xff));
    }
}
