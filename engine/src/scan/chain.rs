//! Joins the pieces of patterns that were split at long jumps.

use std::ops::Range;

/// Start and end of an occurrence of a piece, or of what follows from it.
pub(super) type Piece = (usize, usize);

/// The occurrences of the pieces of all chains, by form.
#[derive(Debug)]
pub(super) struct Pieces {
    lists: Vec<Vec<Piece>>,
    /// Forms with occurrences.
    forms: Vec<u32>,
}

impl Pieces {
    /// None yet, of so many forms.
    pub(super) fn new(forms: usize) -> Pieces {
        Pieces { lists: vec![Vec::new(); forms], forms: Vec::new() }
    }

    /// Keeps an occurrence; returns how many there are of its form.
    pub(super) fn add(&mut self, form: u32, piece: Piece) -> usize {
        let list = &mut self.lists[form as usize];
        if list.is_empty() {
            self.forms.push(form);
        }
        list.push(piece);
        list.len()
    }

    /// Drops what is there twice; returns how many are left of a form.
    pub(super) fn dedup(&mut self, form: u32) -> usize {
        let list = &mut self.lists[form as usize];
        list.sort_unstable();
        list.dedup();
        list.len()
    }

    /// All of them, by form.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, Piece)> + '_ {
        self.forms.iter().flat_map(|form| {
            self.lists[*form as usize].iter().map(|piece| (*form, *piece))
        })
    }

    /// Forms with occurrences.
    pub(super) fn forms(&self) -> &[u32] {
        &self.forms
    }

    /// Those of a range of forms.
    pub(super) fn of(&mut self, forms: Range<usize>) -> &mut [Vec<Piece>] {
        &mut self.lists[forms]
    }

    /// Forgets all; keeps the memory.
    pub(super) fn clear(&mut self) {
        for form in self.forms.drain(..) {
            self.lists[form as usize].clear();
        }
    }
}

/// The gap in front of a piece, in bytes; no bound if `max` is `None`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gap {
    pub(super) min: usize,
    pub(super) max: Option<usize>,
}

/// Joins the occurrences of all pieces of a chain, in order, to matches of
/// the whole. `gaps[i]` stands in front of `pieces[i]`. For each start there
/// is one match. Of the ends of a piece the first one that leads on counts,
/// or the last one if `greedy`; from there on, the nearest continuation, or
/// the farthest one: a greedy gap is as long as it can be, even where a
/// shorter one would lead to a longer match. The work is n·log n.
pub(super) fn join(
    pieces: &mut [Vec<Piece>],
    gaps: &[Gap],
    greedy: bool,
) -> Vec<Piece> {
    let sort = |list: &mut Vec<Piece>| {
        list.sort_unstable_by_key(|p| {
            (p.0, if greedy { usize::MAX - p.1 } else { p.1 })
        });
    };
    let Some((last, rest)) = pieces.split_last_mut() else {
        return Vec::new();
    };
    let mut tails = std::mem::take(last);
    sort(&mut tails);
    tails.dedup_by_key(|tail| tail.0);
    for (at, list) in rest.iter_mut().enumerate().rev() {
        let gap = gaps[at + 1];
        sort(list);
        let joined = list.iter().filter_map(|(start, end)| {
            let from = end.checked_add(gap.min)?;
            let to = match gap.max {
                Some(max) => end.saturating_add(max),
                None => usize::MAX,
            };
            let first = tails.partition_point(|t| t.0 < from);
            let past = tails.partition_point(|t| t.0 <= to);
            let fits = tails.get(first..past)?;
            let tail = if greedy { fits.last() } else { fits.first() };
            let end = tail?.1;
            Some((*start, end))
        });
        tails = joined.collect();
        tails.dedup_by_key(|tail| tail.0);
    }
    tails
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ANY: Gap = Gap { min: 0, max: None };

    #[test]
    fn the_nearest_tail_is_taken() {
        let mut pieces = vec![vec![(0, 2), (10, 12)], vec![(20, 22), (5, 7)]];
        let found = join(&mut pieces, &[ANY, ANY], false);
        assert_eq!(found, [(0, 7), (10, 22)]);
    }

    #[test]
    fn the_last_tail_is_taken_when_greedy() {
        let gap = Gap { min: 0, max: Some(15) };
        let mut pieces = vec![vec![(0, 2)], vec![(5, 7), (17, 19), (18, 20)]];
        assert_eq!(join(&mut pieces, &[ANY, gap], true), [(0, 19)]);
    }

    /// As both peers have it.
    #[test]
    fn a_greedy_gap_is_the_longest_even_if_the_match_is_not() {
        let mut pieces = vec![vec![(0, 2)], vec![(4, 14), (8, 9)]];
        assert_eq!(join(&mut pieces, &[ANY, ANY], true), [(0, 9)]);
    }

    #[test]
    fn a_gap_may_be_too_short() {
        let gap = Gap { min: 4, max: Some(5) };
        let mut pieces = vec![vec![(0, 2)], vec![(5, 7), (8, 9)]];
        assert!(join(&mut pieces, &[ANY, gap], false).is_empty());
    }

    proptest! {
        #[test]
        fn joins_as_trying_all_would(
            heads in prop::collection::vec((0_usize..40, 1_usize..4), 0..12),
            tails in prop::collection::vec((0_usize..60, 1_usize..4), 0..12),
            min in 0_usize..10, extra in 0_usize..20, greedy: bool,
        ) {
            let list = |v: &[(usize, usize)]| -> Vec<Piece> {
                let mut v: Vec<Piece> =
                    v.iter().map(|(start, length)| (*start, start + length)).collect();
                v.sort_by_key(|p| (p.0, if greedy { usize::MAX - p.1 } else { p.1 }));
                v
            };
            // All ends of a head are tried in turn, of a tail the first.
            let (heads, mut tails) = (list(&heads), list(&tails));
            tails.dedup_by_key(|p| p.0);
            let gap = Gap { min, max: Some(min + extra) };
            let mut expected: Vec<Piece> = Vec::new();
            for (start, end) in &heads {
                let fits = tails.iter().filter(|t| {
                    t.0 >= end + min && t.0 <= end + min + extra
                });
                let tail = if greedy {
                    fits.max_by_key(|t| t.0)
                } else {
                    fits.min_by_key(|t| t.0)
                };
                expected.extend(tail.map(|t| (*start, t.1)));
            }
            expected.dedup_by_key(|p| p.0);
            let mut pieces = vec![heads, tails];
            prop_assert_eq!(join(&mut pieces, &[ANY, gap], greedy), expected);
        }
    }

    #[test]
    fn the_first_end_that_leads_on_counts() {
        // One head, two ends; the tail behind the second one is nearer.
        let pieces = || vec![vec![(0, 3), (0, 4)], vec![(3, 9), (4, 6)]];
        let gap = Gap { min: 0, max: Some(5) };
        assert_eq!(join(&mut pieces(), &[ANY, gap], false), [(0, 9)]);
        assert_eq!(join(&mut pieces(), &[ANY, gap], true), [(0, 6)]);
    }
}
