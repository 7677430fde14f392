//! Exact comparison of literals, and the test for whole words.

use std::ops::Range;

/// Is `text` at `start`, ASCII letters in either case if `nocase`?
#[inline]
pub(super) fn matches(
    data: &[u8],
    start: usize,
    text: &[u8],
    nocase: bool,
) -> bool {
    data.get(start..start + text.len()).is_some_and(|found| {
        if nocase { found.eq_ignore_ascii_case(text) } else { found == text }
    })
}

/// Is `text` at `start` under `mask`?
#[inline]
pub(super) fn matches_masked(
    data: &[u8],
    start: usize,
    text: &[u8],
    mask: &[u8],
) -> bool {
    data.get(start..start + text.len()).is_some_and(|found| {
        found.iter().zip(text).zip(mask).all(|((f, t), m)| f & m == *t)
    })
}

/// The key under which `text` lies at `start`, if it is one of the range.
#[inline]
pub(super) fn xor_key(
    data: &[u8],
    start: usize,
    text: &[u8],
    keys: std::ops::RangeInclusive<u8>,
) -> Option<u8> {
    let found = data.get(start..start + text.len())?;
    let key = found.first()? ^ text.first()?;
    let same = found.iter().zip(text).all(|(f, t)| f ^ key == *t);
    (same && keys.contains(&key)).then_some(key)
}

/// True if the neighbours of `range` are no ASCII letters or digits. In the
/// wide form a neighbour counts only with a zero after it; both bytes are
/// taken under the key.
#[inline]
pub(super) fn is_word(
    data: &[u8],
    range: &Range<usize>,
    wide: bool,
    key: u8,
) -> bool {
    let at = |at: Option<usize>| at.and_then(|at| data.get(at));
    let alphanumeric = |b: &u8| (b ^ key).is_ascii_alphanumeric();
    let (before, after) = if wide {
        let zero = |b: Option<&u8>| b.is_some_and(|b| b ^ key == 0);
        let before = at(range.start.checked_sub(2));
        let after = at(Some(range.end));
        (
            before.filter(|_| zero(at(range.start.checked_sub(1)))),
            after.filter(|_| zero(at(Some(range.end + 1)))),
        )
    } else {
        (at(range.start.checked_sub(1)), at(Some(range.end)))
    };
    !before.is_some_and(alphanumeric) && !after.is_some_and(alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(xor_key(b"..gnn", 2, b"foo", 0..=255), Some(1));
        assert_eq!(xor_key(b"..gnn", 2, b"foo", 2..=255), None);
        assert_eq!(xor_key(b"gno", 0, b"foo", 0..=255), None);
    }
}
