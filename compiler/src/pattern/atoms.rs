//! Chooses the literals by which the prefilter finds a pattern.
//!
//! A *cover* of a pattern is a set of atoms such that every match contains
//! one of them, with a known part of the pattern in front of it. Of all
//! covers the one that is hit least often is taken.

use super::hir::{ByteSet, Hir};
use super::rarity;

/// At most so many atoms for one pattern; beyond, it is searched without.
pub(crate) const MAX_ATOMS: usize = 16_384;

/// Alternatives that one window of byte sets may expand to.
const EXPANSION: usize = 16;
/// The same, where nothing better is found.
const LARGE_EXPANSION: usize = 256;
/// No window is longer than this.
const LONGEST: usize = 16;
/// A cover that is hit less often than once in 2^this bytes is good.
const GOOD: f32 = 14.0;

/// What stands in front of an atom.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Prefix {
    /// So many units, whatever they are.
    Fixed(u64),
    /// Something of variable length.
    Variable(Hir),
}

/// A literal and what stands in front of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Atom {
    /// The literal, letters in lower case, wide form applied.
    pub(crate) bytes: Vec<u8>,
    pub(crate) prefix: Prefix,
}

/// Atoms of which every match contains at least one.
#[derive(Clone, Debug)]
pub(crate) struct Cover {
    pub(crate) atoms: Vec<Atom>,
    /// Bits of surprise: a hit about every 2^cost bytes.
    pub(crate) cost: f32,
}

/// How atoms are cut.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Longest atom in bytes.
    pub(crate) length: usize,
    /// A zero follows each byte.
    pub(crate) wide: bool,
}

impl Shape {
    /// Longest atom in units.
    pub(crate) fn units(self) -> usize {
        if self.wide { self.length.div_ceil(2) } else { self.length }
    }
}

/// The best cover of a pattern; `None` if there is none.
pub(crate) fn cover(hir: &Hir, shape: Shape) -> Option<Cover> {
    stacker::maybe_grow(64 << 10, 1 << 20, || match hir {
        Hir::Empty | Hir::Look(_) => None,
        Hir::Alternation(branches) => alternation(branches, shape),
        Hir::Literal(_)
        | Hir::Class(_)
        | Hir::Concat(_)
        | Hir::Repeat { .. } => concat(hir, shape),
    })
}

fn alternation(branches: &[Hir], shape: Shape) -> Option<Cover> {
    let mut atoms = Vec::new();
    let mut often = 0.0;
    for branch in branches {
        let part = cover(branch, shape)?;
        often += (-part.cost).exp2();
        atoms.extend(part.atoms);
        if atoms.len() > MAX_ATOMS {
            return None;
        }
    }
    Some(Cover { atoms, cost: -f32::log2(often) })
}

/// A step of a concatenation: one unit, or something else.
enum Element<'h> {
    /// A byte, in lower case.
    Byte(u8),
    /// The bytes of a set, in lower case, each once.
    Set(Vec<u8>),
    Other(&'h Hir),
    /// The rest of a repetition whose obligatory part was unrolled.
    Rest(&'h Hir),
}

/// Units of a repetition that are unrolled for the choice of windows.
const UNROLL: u32 = 16;

fn flatten<'h>(hir: &'h Hir, out: &mut Vec<Element<'h>>) {
    match hir {
        Hir::Empty => {}
        Hir::Literal(bytes) => literal(bytes, out),
        Hir::Class(set) => out.push(class(set)),
        Hir::Concat(parts) => stacker::maybe_grow(64 << 10, 1 << 20, || {
            parts.iter().for_each(|part| flatten(part, out));
        }),
        Hir::Repeat { min, max, sub, .. } => {
            let simple = matches!(**sub, Hir::Class(_) | Hir::Literal(_));
            if simple && (1..=UNROLL).contains(min) {
                (0..*min).for_each(|_| flatten(sub, out));
                if *max != Some(*min) {
                    out.push(Element::Rest(hir));
                }
            } else {
                out.push(Element::Other(hir));
            }
        }
        Hir::Look(_) | Hir::Alternation(_) => out.push(Element::Other(hir)),
    }
}

fn literal(bytes: &[u8], out: &mut Vec<Element<'_>>) {
    out.extend(bytes.iter().map(|b| Element::Byte(b.to_ascii_lowercase())));
}

fn class<'h>(set: &ByteSet) -> Element<'h> {
    let mut bytes: Vec<u8> = set
        .iter()
        .filter(|b| {
            !b.is_ascii_uppercase() || !set.contains(b.to_ascii_lowercase())
        })
        .map(|b| b.to_ascii_lowercase())
        .collect();
    if bytes.len() == 1 {
        Element::Byte(bytes.remove(0))
    } else {
        Element::Set(bytes)
    }
}

fn concat(hir: &Hir, shape: Shape) -> Option<Cover> {
    let mut elements = Vec::new();
    flatten(hir, &mut elements);
    let best = |limit| {
        let mut best: Option<(f32, usize, usize)> = None;
        for start in 0..elements.len() {
            let Some((cost, length)) =
                window(&elements[start..], shape, limit)
            else {
                continue;
            };
            // A small price on what stands in front keeps equal windows in
            // order and prefers a known distance.
            let cost = cost - start as f32 * 1e-4;
            if best.is_none_or(|b| cost > b.0) {
                best = Some((cost, start, length));
            }
        }
        best
    };
    let mut chosen = best(EXPANSION);
    if chosen.is_none_or(|c| c.0 < GOOD) {
        let wider = best(LARGE_EXPANSION);
        if wider.map(|w| w.0) > chosen.map(|c| c.0) {
            chosen = wider;
        }
    }
    let mut result = chosen.map(|(cost, start, length)| {
        let prefix = prefix(&elements[..start]);
        let atoms = expand(&elements[start..start + length], shape)
            .into_iter()
            .map(|bytes| Atom { bytes, prefix: prefix.clone() })
            .collect();
        Cover { atoms, cost }
    });
    for (at, element) in elements.iter().enumerate() {
        let Element::Other(other) = element else { continue };
        let inner = match other {
            Hir::Repeat { min: 1.., sub, .. } => cover(sub, shape),
            Hir::Alternation(branches) => alternation(branches, shape),
            _ => None,
        };
        let Some(inner) = inner else { continue };
        if result.as_ref().is_none_or(|r| inner.cost > r.cost) {
            let before = prefix(&elements[..at]);
            let atoms = inner.atoms.into_iter().map(|atom| Atom {
                bytes: atom.bytes,
                prefix: join(before.clone(), atom.prefix),
            });
            result = Some(Cover { atoms: atoms.collect(), cost: inner.cost });
        }
    }
    result
}

/// The longest window at the start of `elements` within the limit: its cost
/// and length.
fn window(
    elements: &[Element<'_>],
    shape: Shape,
    limit: usize,
) -> Option<(f32, usize)> {
    let mut expansion = 1;
    let mut length = 0;
    for element in elements.iter().take(shape.units().min(LONGEST)) {
        let size = match element {
            Element::Byte(_) => 1,
            Element::Set(bytes) => bytes.len(),
            Element::Other(_) | Element::Rest(_) => break,
        };
        if size == 0 || expansion * size > limit {
            break;
        }
        expansion *= size;
        length += 1;
    }
    if length == 0 {
        return None;
    }
    if expansion == 1 {
        let mut bytes = [0; LONGEST];
        for (byte, element) in bytes.iter_mut().zip(&elements[..length]) {
            *byte = match element {
                Element::Byte(byte) => *byte,
                Element::Set(bytes) => bytes[0],
                Element::Other(_) | Element::Rest(_) => break,
            };
        }
        let bytes = &bytes[..length];
        return Some((rarity::cost(bytes, shape.wide), length));
    }
    let often: f32 = choices(&elements[..length])
        .iter()
        .map(|b| (-rarity::cost(b, shape.wide)).exp2())
        .sum();
    Some((-often.log2(), length))
}

/// All byte strings of a window, without the zeros of the wide form.
fn choices(elements: &[Element<'_>]) -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new()];
    for element in elements {
        let bytes = match element {
            Element::Byte(byte) => std::slice::from_ref(byte),
            Element::Set(bytes) => bytes,
            Element::Other(_) | Element::Rest(_) => break,
        };
        all = all
            .iter()
            .flat_map(|start: &Vec<u8>| {
                bytes.iter().map(move |byte| {
                    let mut next = start.clone();
                    next.push(*byte);
                    next
                })
            })
            .collect();
    }
    all
}

/// The atoms of a window.
fn expand(elements: &[Element<'_>], shape: Shape) -> Vec<Vec<u8>> {
    let mut all = choices(elements);
    if shape.wide {
        for bytes in &mut all {
            *bytes = bytes.iter().flat_map(|b| [*b, 0]).collect();
            bytes.truncate(shape.length.max(1));
        }
    }
    all
}

/// What stands in front of an atom. The verifier matches the whole pattern
/// from each start, so a front of fixed length needs no content. Where its
/// length varies, the content keeps the starts few; letters of both cases
/// may stand in it.
fn prefix(elements: &[Element<'_>]) -> Prefix {
    let fixed = elements.iter().try_fold(0_u64, |sum, element| {
        let length = match element {
            Element::Byte(_) | Element::Set(_) => 1,
            Element::Rest(_) => return None,
            Element::Other(hir) => match part(hir) {
                Prefix::Fixed(length) => length,
                Prefix::Variable(_) => return None,
            },
        };
        Some(sum.saturating_add(length))
    });
    if let Some(length) = fixed {
        return Prefix::Fixed(length);
    }
    let parts = elements.iter().map(|element| match element {
        Element::Byte(byte) => {
            Hir::Class(ByteSet::from_bytes([*byte]).fold_case())
        }
        Element::Set(bytes) => {
            let set = ByteSet::from_bytes(bytes.iter().copied());
            Hir::Class(set.fold_case())
        }
        Element::Rest(Hir::Repeat { min, max, greedy, sub }) => Hir::Repeat {
            min: 0,
            max: max.map(|max| max - min),
            greedy: *greedy,
            sub: sub.clone(),
        },
        Element::Other(hir) | Element::Rest(hir) => (*hir).clone(),
    });
    Prefix::Variable(Hir::Concat(parts.collect()))
}

fn part(hir: &Hir) -> Prefix {
    match hir.length() {
        (lo, Some(hi)) if lo == hi => Prefix::Fixed(lo),
        _ => Prefix::Variable(hir.clone()),
    }
}

fn join(a: Prefix, b: Prefix) -> Prefix {
    match (a, b) {
        (Prefix::Fixed(a), Prefix::Fixed(b)) => {
            Prefix::Fixed(a.saturating_add(b))
        }
        (Prefix::Fixed(0), b) => b,
        (a, Prefix::Fixed(0)) => a,
        (a, b) => {
            let mut parts = Vec::new();
            for part in [a, b] {
                match part {
                    Prefix::Fixed(count) => parts.push(any(count)),
                    Prefix::Variable(Hir::Concat(p)) => parts.extend(p),
                    Prefix::Variable(hir) => parts.push(hir),
                }
            }
            Prefix::Variable(Hir::Concat(parts))
        }
    }
}

fn any(count: u64) -> Hir {
    let count = u32::try_from(count).unwrap_or(u32::MAX - 1);
    Hir::Repeat {
        min: count,
        max: Some(count),
        greedy: true,
        sub: Box::new(Hir::Class(ByteSet::ALL)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
