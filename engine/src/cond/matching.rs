//! Questions to the matches of the patterns of one rule.

use zerocopy::little_endian::U32;

use crate::scan::{Match, MatchTable};

/// The patterns of one rule and their matches.
#[derive(Clone, Copy)]
pub(super) struct Patterns<'e> {
    pub(super) table: &'e MatchTable,
    /// First pattern of the rule in the table.
    pub(super) base: u32,
    /// Number of patterns of the rule.
    pub(super) count: u32,
}

impl<'e> Patterns<'e> {
    /// Its place in the table; `None` if the rule has no such pattern.
    #[inline]
    fn place(&self, pattern: u64) -> Option<u32> {
        if pattern >= u64::from(self.count) {
            return None;
        }
        self.base.checked_add(pattern as u32)
    }

    fn matches(&self, pattern: u64) -> &'e [Match] {
        self.place(pattern).map_or(&[], |place| self.table.of(place))
    }

    #[inline]
    pub(super) fn hit(&self, pattern: u64) -> bool {
        self.place(pattern).is_some_and(|place| self.table.is_hit(place))
    }

    pub(super) fn hit_at(&self, pattern: u64, offset: u64) -> bool {
        let place = self.place(pattern);
        place.is_some_and(|place| self.table.is_hit_at(place, offset as i64))
    }

    pub(super) fn count(&self, pattern: u64) -> u64 {
        self.matches(pattern).len() as u64
    }

    pub(super) fn count_in(&self, pattern: u64, lo: u64, hi: u64) -> u64 {
        let place = self.place(pattern);
        place.map_or(0, |place| {
            self.table.count_in(place, lo as i64, hi as i64)
        })
    }

    pub(super) fn hit_in(&self, pattern: u64, lo: u64, hi: u64) -> bool {
        self.count_in(pattern, lo, hi) > 0
    }

    /// Match number `number`, from 1.
    fn nth(&self, pattern: u64, number: u64) -> Option<&'e Match> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        self.matches(pattern).get(place)
    }

    pub(super) fn offset(&self, pattern: u64, number: u64) -> Option<u64> {
        self.nth(pattern, number).map(|found| found.offset)
    }

    pub(super) fn length(&self, pattern: u64, number: u64) -> Option<u64> {
        self.nth(pattern, number).map(|found| u64::from(found.length))
    }

    /// The patterns `first..first + count`.
    pub(super) fn range(
        &self,
        first: u32,
        count: u32,
    ) -> impl Iterator<Item = u64> + use<'e> {
        let end = u64::from(first) + u64::from(count);
        u64::from(first)..end.min(u64::from(self.count))
    }
}

/// The patterns of a list.
pub(super) fn listed(list: &[U32]) -> impl Iterator<Item = u64> + '_ {
    list.iter().map(|pattern| u64::from(pattern.get()))
}
