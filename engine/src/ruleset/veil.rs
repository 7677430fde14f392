//! The veil over the bytes of patterns in a compiled set.
//!
//! Rules describe what is looked for, so whoever looks through a machine
//! finds the rules: in the file of a set, in a program that has one inside,
//! in the memory of a scanner. Bytes of patterns therefore never stand there
//! as they are but under a constant, and what is compared with them is
//! looked at through it. Several bytes make the constant, so that a pattern
//! under any one key (`xor`) is not found either.

/// The constant, the lowest byte first.
pub(crate) const VEIL: u64 = 0xb5c3_9e71_e84f_8da6;

/// The bytes of the constant.
const BYTES: [u8; 8] = VEIL.to_le_bytes();

/// Puts bytes under the veil, or takes it away.
pub(crate) fn veil(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().zip(constant()).map(|(byte, veil)| byte ^ veil).collect()
}

/// The constant over and over.
fn constant() -> impl Iterator<Item = u8> {
    BYTES.into_iter().cycle()
}

/// Bytes of a pattern, under the veil.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Veiled<'r>(pub(crate) &'r [u8]);

impl<'r> Veiled<'r> {
    /// How many there are.
    pub(crate) fn len(self) -> usize {
        self.0.len()
    }

    /// The bytes as they are.
    pub(crate) fn bytes(self) -> impl Iterator<Item = u8> + use<'r> {
        self.0.iter().zip(constant()).map(|(byte, veil)| byte ^ veil)
    }

    /// The first byte.
    pub(crate) fn first(self) -> Option<u8> {
        self.0.first().map(|byte| byte ^ BYTES[0])
    }

    /// The last byte.
    pub(crate) fn last(self) -> Option<u8> {
        self.0.last().map(|byte| byte ^ BYTES[(self.0.len() - 1) % 8])
    }

    /// Are these the bytes?
    #[inline]
    pub(crate) fn is(self, found: &[u8]) -> bool {
        self.compare(found, |found, own| found == own)
    }

    /// Are these the bytes, ASCII letters in either case?
    #[inline]
    pub(crate) fn is_in_any_case(self, found: &[u8]) -> bool {
        self.compare(found, |found, own| lower(found) == lower(own))
    }

    /// Compares eight bytes at a time; the last ones are those of a whole
    /// word, too, which then overlaps the one in front.
    #[inline(always)]
    fn compare(self, found: &[u8], same: impl Fn(u64, u64) -> bool) -> bool {
        let length = self.0.len();
        if found.len() != length {
            return false;
        }
        let (ours, ours_left) = self.0.as_chunks::<8>();
        let (theirs, theirs_left) = found.as_chunks::<8>();
        let whole = ours.iter().zip(theirs).all(|(own, found)| {
            same(u64::from_le_bytes(*found), u64::from_le_bytes(*own) ^ VEIL)
        });
        if !whole || ours_left.is_empty() {
            return whole;
        }
        match (self.0.last_chunk(), found.last_chunk()) {
            (Some(own), Some(found)) => {
                let turned = VEIL.rotate_right(8 * (length % 8) as u32);
                let own = u64::from_le_bytes(*own) ^ turned;
                same(u64::from_le_bytes(*found), own)
            }
            _ => same(word(theirs_left), word(ours_left) ^ short(length)),
        }
    }
}

/// Up to eight bytes, and zeros.
#[inline(always)]
fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// The constant for so many bytes, fewer than eight.
#[inline(always)]
fn short(length: usize) -> u64 {
    VEIL & ((1 << (8 * length)) - 1)
}

/// Letters of ASCII in lower case. The sums set the highest bit of each byte
/// that is at least `A`, and of each that is behind `Z`.
#[inline(always)]
fn lower(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let seven = word & (0x7f * ONES);
    let from_a = seven + (0x80 - 0x41) * ONES;
    let behind_z = seven + (0x80 - 0x5b) * ONES;
    let upper = !word & (from_a & !behind_z) & (0x80 * ONES);
    word | upper >> 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_byte_has_its_lower_case() {
        for byte in 0..=u8::MAX {
            let word = u64::from_le_bytes([byte; 8]);
            let expected = [byte.to_ascii_lowercase(); 8];
            assert_eq!(lower(word).to_le_bytes(), expected, "{byte}");
        }
    }

    proptest! {
        #[test]
        fn comparing_through_the_veil_is_comparing(
            own in proptest::collection::vec(any::<u8>(), 0..40),
            other in proptest::collection::vec(any::<u8>(), 0..40),
            change in any::<prop::sample::Index>(),
            byte in any::<u8>(),
        ) {
            let under = veil(&own);
            prop_assert_eq!(veil(&under), own.clone());
            let veiled = Veiled(&under);
            prop_assert_eq!(veiled.bytes().collect::<Vec<u8>>(), own.clone());
            prop_assert_eq!(veiled.first(), own.first().copied());
            prop_assert_eq!(veiled.last(), own.last().copied());
            let mut changed = own.clone();
            if !changed.is_empty() {
                let at = change.index(changed.len());
                changed[at] = byte;
            }
            let turned: Vec<u8> = own
                .iter()
                .map(|byte| match byte.is_ascii_uppercase() {
                    true => byte.to_ascii_lowercase(),
                    false => byte.to_ascii_uppercase(),
                })
                .collect();
            for found in [&own, &other, &changed, &turned] {
                prop_assert_eq!(veiled.is(found), *found == own);
                prop_assert_eq!(
                    veiled.is_in_any_case(found),
                    found.eq_ignore_ascii_case(&own)
                );
            }
        }
    }
}
