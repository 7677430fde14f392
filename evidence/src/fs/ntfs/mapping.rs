//! Mapping pairs: how NTFS writes down where clusters lie.

use super::boot::Geometry;
use crate::object::Run;

/// What a list of mapping pairs says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mapping {
    /// The stored runs.
    pub(super) runs: Vec<Run>,
    /// The cluster of the stream behind the last one, holes included.
    pub(super) end: u64,
    /// Clusters that were left out, because they cannot lie where it says.
    pub(super) outside: u64,
    /// The list ended with nonsense.
    pub(super) broken: bool,
}

/// Decodes mapping pairs of the clusters from `first` on.
pub(super) fn decode(
    mut pairs: &[u8],
    first: u64,
    geometry: &Geometry,
) -> Mapping {
    let mut mapping = Mapping { end: first, ..Mapping::default() };
    let mut lcn = 0i64;
    loop {
        match next(&mut pairs) {
            Some(None) => break,
            Some(Some((count, delta))) => {
                let Some(end) = mapping.end.checked_add(count) else {
                    mapping.broken = true;
                    break;
                };
                if let Some(delta) = delta {
                    lcn = lcn.wrapping_add(delta);
                    let run = u64::try_from(lcn)
                        .ok()
                        .and_then(|lcn| geometry.run(mapping.end, lcn, count));
                    match run {
                        Some(run) => mapping.runs.push(run),
                        None => {
                            mapping.outside =
                                mapping.outside.saturating_add(count);
                        }
                    }
                }
                mapping.end = end;
            }
            None => {
                mapping.broken = true;
                break;
            }
        }
    }
    mapping
}

/// A count of clusters, and how far the run lies from the one before; for a
/// hole there is no distance.
type Pair = (u64, Option<i64>);

/// The next pair; `Some(None)` at the end of the list, `None` for nonsense.
fn next(pairs: &mut &[u8]) -> Option<Option<Pair>> {
    // A list that fills its attribute may lack the mark of its end.
    let Some((header, rest)) = pairs.split_first() else {
        return Some(None);
    };
    if *header == 0 {
        return Some(None);
    }
    let (count, rest) = rest.split_at_checked(usize::from(header & 15))?;
    let (delta, rest) = rest.split_at_checked(usize::from(header >> 4))?;
    *pairs = rest;
    let count = u64::try_from(signed(count)?).ok()?;
    let delta = if delta.is_empty() { None } else { Some(signed(delta)?) };
    (count > 0).then_some(Some((count, delta)))
}

/// A little-endian number of up to eight bytes, with its sign.
fn signed(bytes: &[u8]) -> Option<i64> {
    let negative = bytes.last()? & 0x80 != 0;
    let mut full = if negative { [0xFF; 8] } else { [0; 8] };
    full.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(i64::from_le_bytes(full))
}

#[cfg(test)]
mod tests {
    use super::super::boot::tests::boot;
    use super::*;

    fn decoded(pairs: &[u8]) -> Mapping {
        decode(pairs, 10, &Geometry::parse(&boot(800)).unwrap())
    }

    #[test]
    fn distances_have_signs_and_holes_have_none() {
        // 3 clusters at 80, a hole of 2, 1 cluster at 80 - 50.
        let mapping =
            decoded(&[0x11, 3, 80, 0x01, 2, 0x21, 1, 0xCE, 0xFF, 0, 9]);
        let expected = [
            Run::new(40_960, 80 * 4096, 3 * 4096),
            Run::new(15 * 4096, 30 * 4096, 4096),
        ];
        assert_eq!(mapping.runs, expected);
        assert_eq!((mapping.end, mapping.outside), (16, 0));
        assert!(!mapping.broken);
    }

    #[test]
    fn what_lies_outside_is_left_out() {
        let mapping = decoded(&[0x11, 3, 98u8, 0x11, 1, 0x80, 0x11, 1, 31]);
        assert_eq!((mapping.end, mapping.outside), (15, 4));
        assert_eq!(mapping.runs, [Run::new(14 * 4096, 4096, 4096)]);
    }

    #[test]
    fn nonsense_ends_the_list() {
        assert!(decoded(&[0x11, 3]).broken);
        assert!(decoded(&[0x11, 0, 5]).broken);
        assert!(decoded(&[0x10, 5]).broken);
        assert!(decoded(&[0x11, 0x80, 5]).broken);
        assert!(decoded(&[0x19, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]).broken);
        let huge = [8, 255, 255, 255, 255, 255, 255, 255, 127];
        let mapping = decoded(&[&huge[..], &huge, &huge].concat());
        assert!(mapping.broken);
    }
}
