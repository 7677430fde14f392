//! The expectations are what libyara and YARA-X both report, or YARA-X where
//! they differ.

use super::*;
use crate::pattern::hir::{ByteSet, Hir, Look};

fn pattern(value: Value) -> Pattern {
    Pattern {
        name: "a".into(),
        private: false,
        value,
        ascii: true,
        wide: false,
        nocase: false,
        fullword: false,
        anchored_at: None,
        unused: false,
    }
}

fn text(text: &str) -> Pattern {
    pattern(Value::Text(text.into()))
}

fn regex(hir: Hir) -> Pattern {
    pattern(Value::Regex { hir, greedy: true, longest: true })
}

fn literal(text: &str) -> Hir {
    Hir::Literal(text.into())
}

fn repeat(sub: Hir, min: u32, max: Option<u32>, greedy: bool) -> Hir {
    Hir::Repeat { min, max, greedy, sub: Box::new(sub) }
}

#[track_caller]
fn check(pattern: &Pattern, data: &[u8], expected: &[(u64, u32)]) {
    let found: Vec<(u64, u32)> = find(pattern, data)
        .into_iter()
        .flat_map(|e| e.lengths.into_iter().map(move |l| (e.offset, l)))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn overlapping_texts_all_count() {
    check(&text("aaaa"), b"aaaaaa", &[(0, 4), (1, 4), (2, 4)]);
}

#[test]
fn text_is_found_in_each_form() {
    let both = Pattern { wide: true, ..text("ab") };
    check(&both, b"ab\0a\0b\0", &[(0, 2), (3, 4)]);
    let nocase = Pattern { nocase: true, ..text("aB") };
    check(&nocase, b"Ab\xe4B", &[(0, 2)]);
}

#[test]
fn full_words_have_no_alphanumeric_neighbours() {
    let word = Pattern { fullword: true, ..text("ab") };
    check(&word, b"ab_ab ab1 xab", &[(0, 2), (3, 2)]);
    let wide = Pattern { wide: true, ascii: false, ..word };
    check(&wide, b"x\0a\0b\0 x\x01a\0b\0x", &[(9, 4)]);
}

#[test]
fn keys_apply_to_the_neighbours_of_a_xored_word() {
    let word = Value::Xor(b"mississippi".to_vec(), 1, 1);
    let word = Pattern { fullword: true, ..pattern(word) };
    check(&word, b"{lhrrhrrhqqh}", &[]);
    check(&word, b"!lhrrhrrhqqh!", &[(1, 11)]);
}

#[test]
fn base64_is_decoded_around_the_form() {
    let standard = Box::new(
        *b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    );
    let plain = |text: &str| {
        pattern(Value::Base64 {
            text: text.into(),
            plain: Some(standard.clone()),
            wide: None,
        })
    };
    check(&plain("abcd"), b"YWJjZA==", &[(0, 5)]);
    check(&plain("abcd"), b"WmFiY2RRUQ==", &[(2, 4)]);
    check(&plain("abcdefg"), b"WlphYmNkZWZnUVE=", &[(3, 9)]);
    // The encoding of "abcd" ends within its last byte.
    check(&plain("abcd"), b"YWJjZ", &[]);
    // "abce" shares the characters that hold whole bytes.
    check(&plain("abcd"), b"YWJjZQ==", &[]);
    let wide = pattern(Value::Base64 {
        text: b"abc".to_vec(),
        plain: None,
        wide: Some(standard.clone()),
    });
    // The last character lacks its zero.
    check(&wide, b"Y\0W\0J\0j", &[]);
    check(&wide, b"Y\0W\0J\0j\0", &[(0, 8)]);
}

#[test]
fn alternatives_are_tried_in_order() {
    let tail =
        |a: &str, b: &str| Hir::Alternation(vec![literal(a), literal(b)]);
    let short = Hir::Concat(vec![literal("ab"), tail("c", "cd")]);
    check(&regex(short), b"abcd", &[(0, 3)]);
    let long = Hir::Concat(vec![literal("ab"), tail("cd", "c")]);
    check(&regex(long), b"abcd", &[(0, 4)]);
    let late = Hir::Concat(vec![tail("a", "ab"), tail("bcd", "c")]);
    check(&regex(late), b"abcd", &[(0, 4)]);
}

#[test]
fn repetitions_are_greedy_or_lazy() {
    let tail = |greedy| {
        let many = repeat(literal("b"), 1, None, greedy);
        regex(Hir::Concat(vec![literal("a"), many]))
    };
    check(&tail(true), b"abbb", &[(0, 4)]);
    check(&tail(false), b"abbb", &[(0, 2)]);
    let jump = repeat(Hir::Class(ByteSet::ALL), 0, Some(3), false);
    let jump = Hir::Concat(vec![literal("a"), jump, literal("b")]);
    check(&pattern(Value::Hex(jump)), b"axb.abbb", &[(0, 3), (4, 2)]);
}

#[test]
fn empty_matches_do_not_count() {
    let many = repeat(literal("a"), 0, None, true);
    check(&regex(many), b"baa", &[(1, 2), (2, 1)]);
    let nested = repeat(repeat(Hir::Empty, 0, None, true), 3, None, true);
    check(&regex(nested), b"aa", &[]);
}

#[test]
fn a_full_word_may_have_another_length_than_the_preferred() {
    let parts = vec![literal("b"), literal("bb")];
    let optional = repeat(literal("c"), 0, Some(1), true);
    let hir = Hir::Concat(vec![Hir::Alternation(parts), optional]);
    let word = Pattern { fullword: true, ..regex(hir) };
    check(&word, b"bb bbb b", &[(0, 2), (7, 1)]);
}

#[test]
fn wide_places_are_judged_by_low_bytes() {
    let at = |before, text: &str, after| {
        let parts = vec![Hir::Look(before), literal(text), Hir::Look(after)];
        let hir = Hir::Concat(parts);
        Pattern { ascii: false, wide: true, ..regex(hir) }
    };
    let whole = at(Look::Start, "ab", Look::End);
    check(&whole, b"xa\0b\0y", &[(1, 4)]);
    check(&whole, b"xya\0b\0", &[]);
    let word = at(Look::WordBoundary, "ab", Look::WordBoundary);
    check(&word, b"x\x01a\0b\0", &[]);
    check(&word, b" \x01a\0b\0-z", &[(2, 4)]);
}
