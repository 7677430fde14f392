//! Allocated space of an object, cut into what reads as its content and what
//! does not.

use crate::object::Run;

/// Allocated space in logical order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    runs: Vec<Run>,
}

impl Layout {
    /// Of runs in any order; a run that overlaps one before it is cut.
    /// Gives back how many bytes were cut off.
    pub(crate) fn new(mut runs: Vec<Run>) -> (Layout, u64) {
        runs.sort_by_key(|run| run.logical);
        let mut layout = Layout::default();
        let mut cut = 0u64;
        for run in runs {
            cut = cut.saturating_add(layout.push(run));
        }
        (layout, cut)
    }

    /// Appends a run; what lies before the end of the last one is cut off
    /// and counted. Holes are left out, and neighbours joined.
    pub(crate) fn push(&mut self, run: Run) -> u64 {
        let Some(physical) = run.physical else { return 0 };
        let end = self.end();
        let cut = end.saturating_sub(run.logical).min(run.length);
        let run = Run::new(
            run.logical.saturating_add(cut),
            physical.saturating_add(cut),
            run.length.saturating_sub(cut),
        );
        if run.length == 0 {
            return cut;
        }
        if let Some(last) = self.runs.last_mut()
            && last.end() == run.logical
            && last.physical.and_then(|p| p.checked_add(last.length))
                == run.physical
        {
            last.length = last.length.saturating_add(run.length);
        } else {
            self.runs.push(run);
        }
        cut
    }

    /// Behind the last run.
    pub(crate) fn end(&self) -> u64 {
        self.runs.last().map_or(0, Run::end)
    }

    /// All of it.
    pub(crate) fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Number of bytes that are stored.
    pub(crate) fn stored(&self) -> u64 {
        self.runs.iter().fold(0, |sum, run| sum.saturating_add(run.length))
    }

    /// The runs of the bytes from `from` up to `to`, at their places.
    pub(crate) fn clip(&self, from: u64, to: u64) -> Vec<Run> {
        let first = self.runs.partition_point(|run| run.end() <= from);
        let rest = self.runs.get(first..).unwrap_or_default();
        rest.iter()
            .take_while(|run| run.logical < to)
            .filter_map(|run| {
                let start = run.logical.max(from);
                let skip = start.saturating_sub(run.logical);
                let length = run.end().min(to).checked_sub(start)?;
                let physical = run.physical?.saturating_add(skip);
                (length > 0).then(|| Run::new(start, physical, length))
            })
            .collect()
    }

    /// As [`Layout::clip`], with places counted from the first stored byte.
    pub(crate) fn cut_out(&self, from: u64, to: u64) -> Vec<Run> {
        let mut runs = self.clip(from, to);
        let first = runs.first().map_or(0, |run| run.logical);
        for run in &mut runs {
            run.logical = run.logical.saturating_sub(first);
        }
        runs
    }
}

/// Runs one after the other, whatever their places were: for structures that
/// are scattered over the volume.
pub(crate) fn concatenate(
    stretches: impl IntoIterator<Item = (u64, u64)>,
) -> Vec<Run> {
    let mut layout = Layout::default();
    for (physical, length) in stretches {
        layout.push(Run::new(layout.end(), physical, length));
    }
    layout.runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_joined_and_overlaps_cut() {
        let runs = vec![
            Run::new(8, 108, 4),
            Run::new(0, 100, 8),
            Run::new(20, 50, 4),
            Run::new(22, 70, 4),
            Run { logical: 30, physical: None, length: 5 },
        ];
        let (layout, cut) = Layout::new(runs);
        let expected =
            [Run::new(0, 100, 12), Run::new(20, 50, 4), Run::new(24, 72, 2)];
        assert_eq!(layout.runs(), expected);
        assert_eq!((cut, layout.stored()), (2, 18));
    }

    #[test]
    fn parts_keep_or_change_their_places() {
        let (layout, _) =
            Layout::new(vec![Run::new(0, 100, 10), Run::new(20, 50, 10)]);
        let expected = [Run::new(5, 105, 5), Run::new(20, 50, 2)];
        assert_eq!(layout.clip(5, 22), expected);
        let expected = [Run::new(0, 105, 5), Run::new(15, 50, 2)];
        assert_eq!(layout.cut_out(5, 22), expected);
        assert_eq!(layout.clip(10, 20), []);
        assert_eq!(layout.clip(22, 5), []);
    }

    #[test]
    fn the_end_of_numbers_is_survived() {
        let mut layout = Layout::default();
        assert_eq!(layout.push(Run::new(u64::MAX - 1, u64::MAX, 9)), 0);
        assert_eq!(layout.end(), u64::MAX);
        assert_eq!(layout.push(Run::new(0, 0, u64::MAX)), u64::MAX);
    }

    #[test]
    fn scattered_structures() {
        let runs = concatenate([(100, 4), (104, 4), (50, 4)]);
        assert_eq!(runs, [Run::new(0, 100, 8), Run::new(8, 50, 4)]);
    }
}
