//! Free space as ranges.

use crate::object::Run;

/// More ranges than a volume has in practice: what comes behind them counts
/// as in use.
const MOST: usize = 1 << 22;

/// Ranges of bytes, ascending and apart.
#[derive(Debug, Default)]
pub(crate) struct Free {
    /// Start and end.
    ranges: Vec<(u64, u64)>,
    /// Bytes that were left out because there were too many ranges.
    left_out: u64,
}

impl Free {
    /// Adds a range behind all others.
    pub(crate) fn add(&mut self, start: u64, length: u64) {
        let end = start.saturating_add(length);
        let full = self.ranges.len() >= MOST;
        match self.ranges.last_mut() {
            _ if length == 0 => {}
            Some((_, last)) if *last == start => *last = end,
            Some((_, last)) if *last > start => {}
            _ if full => {
                self.left_out = self.left_out.saturating_add(length);
            }
            _ => self.ranges.push((start, end)),
        }
    }

    /// Adds the units whose bits are clear (or set, with `set`); the first
    /// bit is the lowest of the first byte and stands for the unit at
    /// `start`, and only `count` bits count.
    pub(crate) fn add_bits(
        &mut self,
        bits: &[u8],
        start: u64,
        unit: u64,
        count: u64,
        set: bool,
    ) {
        let wanted = if set { 0xFF } else { 0 };
        let mut at = start;
        let mut left = count;
        for byte in bits {
            let here = left.min(8);
            if here == 0 {
                break;
            }
            left = left.saturating_sub(here);
            let span = unit.saturating_mul(here);
            if *byte == wanted {
                self.add(at, span);
            } else if *byte != !wanted {
                for bit in 0..here {
                    if (byte >> bit & 1 == 1) == set {
                        let skip = unit.saturating_mul(bit);
                        self.add(at.saturating_add(skip), unit);
                    }
                }
            }
            at = at.saturating_add(span);
        }
    }

    /// Bytes that were left out because there were too many ranges.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// As the trait wants them: start and length.
    pub(crate) fn list(&self) -> Vec<(u64, u64)> {
        self.ranges
            .iter()
            .map(|(start, end)| (*start, end.saturating_sub(*start)))
            .collect()
    }

    /// The parts of a run that are free.
    pub(crate) fn parts_of(&self, run: &Run) -> Vec<Run> {
        let Some(physical) = run.physical else { return Vec::new() };
        let end = physical.saturating_add(run.length);
        let first = self.ranges.partition_point(|range| range.1 <= physical);
        let rest = self.ranges.get(first..).unwrap_or_default();
        rest.iter()
            .take_while(|range| range.0 < end)
            .map(|range| {
                let from = range.0.max(physical);
                let skip = from.saturating_sub(physical);
                let length = range.1.min(end).saturating_sub(from);
                Run::new(run.logical.saturating_add(skip), from, length)
            })
            .collect()
    }

    /// The parts of all runs that are free, and how many bytes are not.
    pub(crate) fn still_free(&self, runs: &[Run]) -> (Vec<Run>, u64) {
        let sum = |runs: &[Run]| {
            runs.iter().fold(0u64, |sum, run| sum.saturating_add(run.length))
        };
        let free: Vec<Run> =
            runs.iter().flat_map(|run| self.parts_of(run)).collect();
        let lost = sum(runs).saturating_sub(sum(&free));
        (free, lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_become_ranges() {
        let mut free = Free::default();
        free.add_bits(&[0b1111_0110, 0, 0xFF, 0], 100, 10, 28, false);
        assert_eq!(free.list(), [(100, 10), (130, 10), (180, 80), (340, 40)]);
        let mut free = Free::default();
        free.add_bits(&[0b0000_0110, 0xFF], 0, 1, 16, true);
        assert_eq!(free.list(), [(1, 2), (8, 8)]);
    }

    #[test]
    fn runs_lose_what_is_in_use() {
        let mut free = Free::default();
        free.add(10, 10);
        free.add(30, 10);
        let (parts, lost) = free.still_free(&[Run::new(0, 5, 30)]);
        assert_eq!(parts, [Run::new(5, 10, 10), Run::new(25, 30, 5)]);
        assert_eq!(lost, 15);
        assert_eq!(free.still_free(&[Run::new(0, 20, 10)]), (vec![], 10));
    }
}
