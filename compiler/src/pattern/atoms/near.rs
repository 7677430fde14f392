//! What every match has near an atom.
//!
//! A short atom is hit often, and its neighbours, wildcards among them, tell
//! most hits from a match at the price of a few comparisons: those at a
//! fixed distance, and those behind a jump of a few bytes.

use std::ops::Range;

use dragnet_engine::ruleset::layout::NearRec;

use super::Shape;
use super::element::Element;
use crate::pattern::hir::{ByteSet, Hir};

/// Bytes that are compared at once.
const WIDTH: usize = 8;
/// How far from the atom they may lie, in units.
const FAR: u64 = 64;
/// At how many places they may be looked for, in units.
const PLACES: u64 = 32;
/// Jumps that are crossed on each side.
const JUMPS: usize = 2;
/// Looks that tell less than this, in bits, are not worth their time.
const ENOUGH: f32 = 2.5;
/// Looks at one hit.
const MOST: usize = 3;

/// A byte and which of its bits are known.
type Unit = (u8, u8);

/// Units in a row, so far from the atom: at least and at most.
#[derive(Default)]
struct Run {
    lo: u64,
    hi: u64,
    units: Vec<Unit>,
}

/// What stands near the atom of a window: what tells most comes first.
pub(super) fn nears(
    elements: &[Element<'_>],
    window: Range<usize>,
    shape: Shape,
) -> Vec<NearRec> {
    let before = runs(elements[..window.start].iter().rev());
    let behind = runs(elements[window.end..].iter());
    let within = elements[window].iter();
    let within = within.filter(|e| !matches!(e, Element::Place(_))).count();
    let before = before.into_iter().map(|mut run| {
        run.units.reverse();
        let length = run.units.len() as i64;
        (-(run.hi as i64) - length..=-(run.lo as i64) - length, run.units)
    });
    let behind = behind.into_iter().map(|run| {
        let from = |at: u64| (at + within as u64) as i64;
        (from(run.lo)..=from(run.hi), run.units)
    });
    let mut all: Vec<(f32, NearRec)> = before
        .chain(behind)
        .filter_map(|(places, units)| look(places, &units, shape))
        .filter(|(bits, _)| *bits >= ENOUGH)
        .collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all.into_iter().take(MOST).map(|(_, near)| near).collect()
}

/// The runs of units on one side of an atom, the first of them next to it.
fn runs<'e, 'h: 'e>(
    elements: impl Iterator<Item = &'e Element<'h>>,
) -> Vec<Run> {
    let mut runs = vec![Run::default()];
    for element in elements {
        let crossed = runs.len() - 1;
        let Some(run) = runs.last_mut() else { break };
        if run.hi + run.units.len() as u64 >= FAR {
            break;
        }
        let hir = match element {
            Element::Place(_) => continue,
            Element::Open(hir) => hir,
            Element::Byte(byte) => {
                run.units.push(common(ByteSet::from_bytes([*byte])));
                continue;
            }
            Element::Set(bytes) => {
                let set = ByteSet::from_bytes(bytes.iter().copied());
                run.units.push(common(set));
                continue;
            }
        };
        match (uniform(hir), hir.length()) {
            (Some(set), (lo, Some(hi))) if lo == hi && lo <= FAR => {
                let unit = common(set);
                run.units.extend(std::iter::repeat_n(unit, lo as usize));
            }
            (_, (lo, Some(hi))) if crossed < JUMPS => {
                let length = run.units.len() as u64;
                let (lo, hi) = (run.lo + length + lo, run.hi + length + hi);
                if hi > FAR || hi - lo >= PLACES {
                    break;
                }
                runs.push(Run { lo, hi, units: Vec::new() });
            }
            _ => break,
        }
    }
    runs
}

/// The eight bytes of a run that tell most, and how many bits that is.
fn look(
    places: std::ops::RangeInclusive<i64>,
    units: &[Unit],
    shape: Shape,
) -> Option<(f32, NearRec)> {
    let scale = if shape.wide { 2 } else { 1 };
    let bytes: Vec<Unit> = units
        .iter()
        .flat_map(|unit| {
            let zero = shape.wide.then_some((0, 0xff));
            std::iter::once(*unit).chain(zero)
        })
        .collect();
    let known = |window: &[Unit]| -> u32 {
        window.iter().map(|unit| unit.1.count_ones()).sum()
    };
    // Near an end of the run fewer than eight are left.
    let windows = (0..bytes.len())
        .map(|at| (at, &bytes[at..bytes.len().min(at + WIDTH)]));
    let (at, window) = windows
        .max_by_key(|(at, window)| (known(window), std::cmp::Reverse(*at)))?;
    let count = (places.end() - places.start() + 1) * scale;
    let bits = known(window) as f32 - (count as f32).log2();
    let place = |unit: i64| i16::try_from(unit * scale + at as i64).ok();
    let word = |part: fn(&Unit) -> u8| {
        let mut word = [0; WIDTH];
        word.iter_mut().zip(window).for_each(|(w, unit)| *w = part(unit));
        u64::from_le_bytes(word)
    };
    let places = (place(*places.start())?, place(*places.end())?);
    let (bytes, mask) = (word(|unit| unit.0), word(|unit| unit.1));
    Some((bits, NearRec::new(places, bytes, mask)))
}

/// The bits that all bytes share, letters in either case.
fn common(set: ByteSet) -> Unit {
    set.fold_case().common_bits()
}

/// The bytes of a part in which every place has the same ones.
fn uniform(hir: &Hir) -> Option<ByteSet> {
    match hir {
        Hir::Class(set) => Some(*set),
        Hir::Repeat { sub, .. } => match **sub {
            Hir::Class(set) => Some(set),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::element::flatten;
    use super::*;

    fn jump(min: u32, max: u32) -> Hir {
        Hir::Repeat {
            min,
            max: Some(max),
            greedy: false,
            sub: Box::new(Hir::Class(ByteSet::ALL)),
        }
    }

    fn literal(bytes: &[u8]) -> Hir {
        Hir::Literal(bytes.to_vec())
    }

    fn near(parts: Vec<Hir>, window: Range<usize>, wide: bool) -> Vec<Look> {
        let mut elements = Vec::new();
        let whole = Hir::Concat(parts);
        flatten(&whole, &mut elements);
        nears(&elements, window, Shape { length: 16, wide })
            .iter()
            .map(|near| Look {
                places: near.nearest.get()..=near.farthest.get(),
                bytes: near.bytes().to_le_bytes(),
                mask: near.mask.get().to_le_bytes(),
            })
            .collect()
    }

    #[derive(Debug, PartialEq)]
    struct Look {
        places: std::ops::RangeInclusive<i16>,
        bytes: [u8; 8],
        mask: [u8; 8],
    }

    #[test]
    fn wildcards_are_stepped_over() {
        // 48 8D ?? ?? ?? ?? ?? ?? 08 8B ?? 81
        let parts = vec![
            literal(b"\x48\x8d"),
            jump(6, 6),
            literal(b"\x08\x8b"),
            jump(1, 1),
            literal(b"\x81"),
        ];
        let looks = near(parts, 0..2, false);
        let expected = Look {
            places: 4..=4,
            bytes: [0, 0, 0, 0, 8, 0x8b, 0, 0x81],
            mask: [0, 0, 0, 0, 0xff, 0xff, 0, 0xff],
        };
        assert_eq!(looks, [expected]);
    }

    #[test]
    fn jumps_are_crossed_on_both_sides() {
        // E8 [4-24] 01 00 00 00 [1-8] 89
        let parts = vec![
            literal(b"\xe8"),
            jump(4, 24),
            literal(b"\x01\0\0\0"),
            jump(1, 8),
            literal(b"\x89"),
        ];
        // The jumps are unrolled as far as they are sure.
        let looks = near(parts, 6..10, false);
        let one = |places, byte| Look {
            places,
            bytes: [byte, 0, 0, 0, 0, 0, 0, 0],
            mask: [0xff, 0, 0, 0, 0, 0, 0, 0],
        };
        assert_eq!(looks, [one(5..=12, 0x89), one(-25..=-5, 0xe8)]);
    }

    #[test]
    fn what_has_no_bound_ends_it() {
        let parts = vec![literal(b"ab"), jump(1, 4000), literal(b"12")];
        assert_eq!(near(parts, 0..2, false), []);
    }

    #[test]
    fn letters_count_in_either_case_and_wide_ones_have_zeros() {
        // 61 00 62 00: the atom is the first letter.
        let looks = near(vec![literal(b"ab")], 0..1, true);
        let expected = Look {
            places: 2..=2,
            bytes: [0x42, 0, 0, 0, 0, 0, 0, 0],
            mask: [0xdf, 0xff, 0, 0, 0, 0, 0, 0],
        };
        assert_eq!(looks, [expected]);
    }
}
