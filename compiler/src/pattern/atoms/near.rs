//! What every match has at a fixed distance from an atom.
//!
//! A short atom is hit often, and its neighbours, wildcards among them, tell
//! most hits from a match at the price of one comparison.

use super::Shape;
use super::element::Element;
use crate::pattern::hir::{ByteSet, Hir};

/// Bytes that are compared.
const WIDTH: usize = 8;
/// How far from the atom they may lie, in units.
const FAR: usize = 64;
/// Fewer bits are not worth the comparison.
const ENOUGH: u32 = 8;

/// Eight bytes near an atom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Near {
    /// From the first byte of the atom to the first of these.
    pub(crate) distance: i32,
    /// Little-endian; zero where the mask is.
    pub(crate) bytes: u64,
    /// The bits that count.
    pub(crate) mask: u64,
}

/// A byte and which of its bits are known.
type Unit = (u8, u8);

/// The eight bytes that say most, beside the atom of a window itself.
pub(super) fn near(
    elements: &[Element<'_>],
    start: usize,
    end: usize,
    shape: Shape,
) -> Option<Near> {
    let before = units(elements[..start].iter().rev());
    let atom = elements[start..end].iter();
    let within = atom.filter(|e| !matches!(e, Element::Place(_))).count();
    let behind = units(elements[end..].iter());
    let scale = if shape.wide { 2 } else { 1 };
    let widen = |unit| {
        let zero = shape.wide.then_some((0, 0xff));
        std::iter::once(unit).chain(zero)
    };
    let mut bytes: Vec<Unit> =
        before.iter().rev().copied().flat_map(widen).collect();
    let first = bytes.len();
    bytes.extend(std::iter::repeat_n((0, 0), within * scale));
    bytes.extend(behind.into_iter().flat_map(widen));
    // Near an end of the pattern fewer than eight are left.
    let windows = (0..bytes.len()).map(|at| {
        let end = bytes.len().min(at + WIDTH);
        (at, &bytes[at..end])
    });
    let bits = |window: &[Unit]| -> u32 {
        window.iter().map(|unit| unit.1.count_ones()).sum()
    };
    let (at, window) = windows
        .max_by_key(|(at, window)| (bits(window), std::cmp::Reverse(*at)))?;
    if bits(window) < ENOUGH {
        return None;
    }
    let word = |part: fn(&Unit) -> u8| {
        let mut word = [0; WIDTH];
        word.iter_mut().zip(window).for_each(|(w, unit)| *w = part(unit));
        u64::from_le_bytes(word)
    };
    Some(Near {
        distance: at as i32 - first as i32,
        bytes: word(|unit| unit.0),
        mask: word(|unit| unit.1),
    })
}

/// The units that follow each other at fixed distances, as far as is of use.
fn units<'e, 'h: 'e>(
    elements: impl Iterator<Item = &'e Element<'h>>,
) -> Vec<Unit> {
    let mut units = Vec::new();
    for element in elements {
        match element {
            Element::Place(_) => {}
            Element::Byte(byte) => units.push(common([*byte])),
            Element::Set(bytes) => units.push(common(bytes.iter().copied())),
            Element::Open(hir) => match fixed(hir) {
                Some((set, count)) if count <= FAR => {
                    let unit = common(set.iter());
                    units.extend(std::iter::repeat_n(unit, count));
                }
                _ => break,
            },
        }
        if units.len() >= FAR {
            break;
        }
    }
    units
}

/// The bits that all bytes share, letters in either case.
fn common(bytes: impl IntoIterator<Item = u8>) -> Unit {
    let set = ByteSet::from_bytes(bytes).fold_case();
    let (and, or) =
        set.iter().fold((0xff, 0), |(and, or), b| (and & b, or | b));
    let mask = !(and ^ or);
    (and & mask, mask)
}

/// The bytes of a part of one kind and of fixed length.
fn fixed(hir: &Hir) -> Option<(ByteSet, usize)> {
    match hir {
        Hir::Class(set) => Some((*set, 1)),
        Hir::Repeat { min, max, sub, .. } if Some(*min) == *max => match **sub
        {
            Hir::Class(set) => Some((set, *min as usize)),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::element::flatten;
    use super::*;

    fn any(count: u32) -> Hir {
        Hir::Repeat {
            min: count,
            max: Some(count),
            greedy: false,
            sub: Box::new(Hir::Class(ByteSet::ALL)),
        }
    }

    fn near_first(hir: &Hir, units: usize, wide: bool) -> Option<Near> {
        let mut elements = Vec::new();
        flatten(hir, &mut elements);
        near(&elements, 0, units, Shape { length: 16, wide })
    }

    #[test]
    fn wildcards_are_stepped_over() {
        // 48 8D ?? ?? ?? ?? ?? ?? 48 8B ?? 81
        let hir = Hir::Concat(vec![
            Hir::Literal(b"\x48\x8d".to_vec()),
            any(6),
            Hir::Literal(b"\x48\x8b".to_vec()),
            any(1),
            Hir::Literal(b"\x81".to_vec()),
        ]);
        let near = near_first(&hir, 2, false).unwrap();
        let mut bytes = near.bytes.to_le_bytes().to_vec();
        bytes.rotate_left((8 - near.distance) as usize);
        assert_eq!(bytes[..4], [0x48, 0x8b, 0, 0x81]);
        // A byte that is a letter may be of the other case.
        let mut mask = near.mask.to_le_bytes().to_vec();
        mask.rotate_left((8 - near.distance) as usize);
        assert_eq!(mask[..4], [0xdf, 0xff, 0, 0xff]);
    }

    #[test]
    fn what_varies_in_length_ends_it() {
        let gap = Hir::Repeat {
            min: 1,
            max: Some(2),
            greedy: false,
            sub: Box::new(Hir::Class(ByteSet::ALL)),
        };
        let parts = vec![
            Hir::Literal(b"ab".to_vec()),
            gap,
            Hir::Literal(b"12".to_vec()),
        ];
        assert_eq!(near_first(&Hir::Concat(parts), 2, false), None);
    }

    #[test]
    fn zeros_between_wide_letters_count() {
        let hir = Hir::Literal(b"ab".to_vec());
        let near = near_first(&hir, 1, true).unwrap();
        // 61 00 62 00: the atom is the first letter.
        let at = (2 - near.distance) as usize;
        assert_eq!(near.bytes.to_le_bytes()[at..at + 2], [0x42, 0]);
        assert_eq!(near.mask.to_le_bytes()[at..at + 2], [0xdf, 0xff]);
    }
}
