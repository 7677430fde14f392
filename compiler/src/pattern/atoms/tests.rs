//! Tests of the choice of atoms.

use super::*;
use crate::pattern::hir::ByteSet;

const SHAPE: Shape = Shape { length: 4, wide: false };

fn literal(text: &str) -> Hir {
    Hir::Literal(text.as_bytes().to_vec())
}

fn star(set: ByteSet) -> Hir {
    Hir::Repeat {
        min: 0,
        max: None,
        greedy: true,
        sub: Box::new(Hir::Class(set)),
    }
}

#[test]
fn the_rarest_window_of_a_literal_is_taken() {
    let found = cover(&literal("tion#zq7 the "), SHAPE).unwrap();
    assert_eq!(found.atoms.len(), 1);
    let atom = &found.atoms[0];
    assert!(b"tion#zq7 the ".windows(4).any(|w| w == atom.bytes));
    assert!(atom.bytes.contains(&b'z'), "{:?}", atom.bytes);
}

#[test]
fn every_branch_of_an_alternation_has_its_atom() {
    let hir = Hir::Concat(vec![
        star(ByteSet::ALL),
        Hir::Alternation(vec![literal("wxyz"), literal("qjkv")]),
    ]);
    let found = cover(&hir, SHAPE).unwrap();
    assert_eq!(found.atoms.len(), 2);
    for atom in &found.atoms {
        assert!(matches!(atom.prefix, Prefix::Variable(_)));
    }
}

#[test]
fn an_optional_part_gives_no_atom() {
    assert!(cover(&star(ByteSet::from_bytes(*b"q")), SHAPE).is_none());
    let hir = Hir::Alternation(vec![literal("wxyz"), Hir::Empty]);
    assert!(cover(&hir, SHAPE).is_none());
}

#[test]
fn classes_expand_and_letters_fold() {
    let hir = Hir::Concat(vec![
        Hir::Class(ByteSet::from_bytes(*b"qQ")),
        Hir::Class(ByteSet::from_bytes(*b"12")),
        literal("#"),
    ]);
    let found = cover(&hir, SHAPE).unwrap();
    let bytes: Vec<_> = found.atoms.iter().map(|a| &a.bytes[..]).collect();
    assert_eq!(bytes, [b"q1#", b"q2#"]);
}

#[test]
fn wide_atoms_have_their_zeros() {
    let shape = Shape { length: 4, wide: true };
    let found = cover(&literal("qz"), shape).unwrap();
    assert_eq!(found.atoms[0].bytes, b"q\0z\0");
}

fn alternation(branches: &[Hir]) -> Hir {
    Hir::Alternation(branches.to_vec())
}

fn bounded(min: u32, max: Option<u32>, bytes: &[u8]) -> Hir {
    let set = ByteSet::from_bytes(bytes.iter().copied());
    let sub = Box::new(Hir::Class(set));
    Hir::Repeat { min, max, greedy: true, sub }
}

fn sorted(hir: &Hir, shape: Shape) -> Vec<String> {
    let found = cover(hir, shape).unwrap();
    let text = |a: &Atom| a.bytes.escape_ascii().to_string();
    let mut all: Vec<_> = found.atoms.iter().map(text).collect();
    all.sort();
    all
}

const LONG: Shape = Shape { length: 32, wide: false };

#[test]
fn branches_meet_what_stands_around_them() {
    let hir = Hir::Concat(vec![
        literal("q"),
        alternation(&[literal("x"), literal("yz")]),
        literal("k"),
    ]);
    assert_eq!(sorted(&hir, LONG), ["qxk", "qyzk"]);
    let wide = Shape { length: 64, wide: true };
    assert_eq!(
        sorted(&hir, wide),
        [r"q\x00x\x00k\x00", r"q\x00y\x00z\x00k\x00"]
    );
}

#[test]
fn an_optional_byte_is_there_or_not() {
    let hir = Hir::Concat(vec![
        literal("#q"),
        bounded(0, Some(1), b"x"),
        literal("z%"),
    ]);
    assert_eq!(sorted(&hir, LONG), ["#qxz%", "#qz%"]);
}

#[test]
fn a_repetition_is_unrolled_as_far_as_it_pays() {
    // `\$(_{1,20}|[O0_]{3,})\s?\(`
    let hir = Hir::Concat(vec![
        literal("$"),
        alternation(&[bounded(1, Some(20), b"_"), bounded(3, None, b"O0_")]),
        bounded(0, Some(1), b" \t\n\r\x0b\x0c"),
        literal("("),
    ]);
    let found = cover(&hir, LONG).unwrap();
    let shortest = found.atoms.iter().map(|a| a.bytes.len()).min();
    assert!(shortest >= Some(3), "{:?}", sorted(&hir, LONG));
    assert!(sorted(&hir, LONG).contains(&"$_(".to_owned()));
    assert!(found.atoms.len() <= 384);
}

#[test]
fn a_good_literal_is_left_alone() {
    let hir = Hir::Concat(vec![
        alternation(&[literal("x"), literal("y")]),
        literal("zq#7 token"),
        bounded(0, Some(1), b"x"),
        literal("a"),
    ]);
    assert_eq!(sorted(&hir, LONG), ["zq#7 token"]);
}

#[test]
fn nested_alternations_stay_within_bounds() {
    let mut hir = literal("a");
    for byte in b'b'..b'z' {
        let other = Hir::Literal(vec![byte]);
        let sub = alternation(&[hir.clone(), other]);
        hir = Hir::Concat(vec![
            sub,
            bounded(0, Some(3), &[byte, byte + 1]),
            alternation(&[literal("0"), literal("1")]),
        ]);
    }
    let found = cover(&hir, LONG).unwrap();
    assert!(found.atoms.len() <= MAX_ATOMS);
}
