//! Exact comparison of literals, and the test for whole words.

use crate::ruleset::Veiled;

/// Is `text` at `start`, ASCII letters in either case if `nocase`?
#[inline]
pub(super) fn matches(
    data: &[u8],
    start: usize,
    text: Veiled<'_>,
    nocase: bool,
) -> bool {
    data.get(start..start + text.len()).is_some_and(|found| {
        if nocase { text.is_in_any_case(found) } else { text.is(found) }
    })
}

/// Is `text` at `start` under `mask`?
#[inline]
pub(super) fn matches_masked(
    data: &[u8],
    start: usize,
    text: Veiled<'_>,
    mask: &[u8],
) -> bool {
    data.get(start..start + text.len()).is_some_and(|found| {
        found.iter().zip(text.bytes()).zip(mask).all(|((f, t), m)| f & m == t)
    })
}

/// The key under which `text` lies at `start`, if it is one of the range.
#[inline]
pub(super) fn xor_key(
    data: &[u8],
    start: usize,
    text: Veiled<'_>,
    keys: std::ops::RangeInclusive<u8>,
) -> Option<u8> {
    let found = data.get(start..start + text.len())?;
    let key = found.first()? ^ text.first()?;
    let same = found.iter().zip(text.bytes()).all(|(f, t)| f ^ key == t);
    (same && keys.contains(&key)).then_some(key)
}

/// True if no ASCII letter or digit stands in front of `start`. In the wide
/// form a neighbour counts only with a zero after it; both bytes are taken
/// under the key.
#[inline]
pub(super) fn starts_word(
    data: &[u8],
    start: usize,
    wide: bool,
    key: u8,
) -> bool {
    let back = |count| start.checked_sub(count).and_then(|at| data.get(at));
    !if wide {
        back(1).is_some_and(|b| b ^ key == 0)
            && back(2).is_some_and(|b| (b ^ key).is_ascii_alphanumeric())
    } else {
        back(1).is_some_and(|b| (b ^ key).is_ascii_alphanumeric())
    }
}

/// True if no ASCII letter or digit stands at `end`.
#[inline]
pub(super) fn ends_word(data: &[u8], end: usize, wide: bool, key: u8) -> bool {
    let letter = |b: &u8| (b ^ key).is_ascii_alphanumeric();
    let zero = |b: &u8| b ^ key == 0;
    !(data.get(end).is_some_and(letter)
        && (!wide || data.get(end + 1).is_some_and(zero)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ruleset::veil;

    fn is_word(
        data: &[u8],
        range: &std::ops::Range<usize>,
        wide: bool,
        key: u8,
    ) -> bool {
        starts_word(data, range.start, wide, key)
            && ends_word(data, range.end, wide, key)
    }

    #[test]
    fn a_word_ends_where_no_letter_or_digit_follows() {
        assert!(is_word(b"a_foo-b", &(2..5), false, 0));
        assert!(!is_word(b"afoo", &(1..4), false, 0));
        assert!(!is_word(b"foo1", &(0..3), false, 0));
        assert!(is_word(b"foo", &(0..3), false, 0));
    }

    #[test]
    fn a_wide_neighbour_needs_its_zero() {
        assert!(!is_word(b"x\0f\0", &(2..4), true, 0));
        assert!(is_word(b"xyf\0", &(2..4), true, 0));
        assert!(!is_word(b"f\0x\0", &(0..2), true, 0));
        assert!(is_word(b"f\0x", &(0..2), true, 0));
    }

    #[test]
    fn neighbours_are_read_under_the_key() {
        // '{' ^ 1 is 'z', a letter.
        assert!(!is_word(b"{gg", &(1..3), false, 1));
        assert!(is_word(b"{gg", &(1..3), false, 0));
    }

    #[test]
    fn the_key_is_found_from_the_first_byte() {
        let text = veil(b"foo");
        let key =
            |data, start, keys| xor_key(data, start, Veiled(&text), keys);
        assert_eq!(key(b"..gnn", 2, 0..=255), Some(1));
        assert_eq!(key(b"..gnn", 2, 2..=255), None);
        assert_eq!(key(b"gno", 0, 0..=255), None);
    }
}
