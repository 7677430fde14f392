//! The matches of one scan, by pattern, reused from scan to scan.

/// One match of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Match {
    /// Offset of its first byte in the object.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u32,
    /// The xor key under which it was found.
    pub xor_key: Option<u8>,
    /// The match was cut by the reach of the verifier.
    pub truncated: bool,
}

/// Matches of all patterns of a set. Patterns are counted over the whole
/// set. After [`MatchTable::finish`] the matches of a pattern are in the
/// order of their offsets, one for each offset.
#[derive(Debug, Default)]
pub struct MatchTable {
    lists: Vec<Vec<Match>>,
    touched: Vec<u32>,
    /// Patterns whose matches did not come in order, and whether the longest
    /// of several at one offset counts.
    unsorted: Vec<(u32, bool)>,
}

impl MatchTable {
    /// A table for so many patterns.
    pub fn new(patterns: usize) -> MatchTable {
        MatchTable {
            lists: vec![Vec::new(); patterns],
            touched: Vec::new(),
            unsorted: Vec::new(),
        }
    }

    /// Forgets all matches; keeps the memory.
    pub fn clear(&mut self) {
        for pattern in self.touched.drain(..) {
            self.lists[pattern as usize].clear();
        }
        self.unsorted.clear();
    }

    /// Did the pattern match?
    pub fn is_hit(&self, pattern: u32) -> bool {
        let list = self.lists.get(pattern as usize);
        list.is_some_and(|list| !list.is_empty())
    }

    /// The matches of a pattern.
    pub fn of(&self, pattern: u32) -> &[Match] {
        &self.lists[pattern as usize]
    }

    /// The patterns that matched, in no particular order.
    pub fn touched(&self) -> &[u32] {
        &self.touched
    }

    /// Is there a match at exactly this offset?
    pub fn is_hit_at(&self, pattern: u32, offset: i64) -> bool {
        u64::try_from(offset).is_ok_and(|offset| {
            self.of(pattern)
                .binary_search_by_key(&offset, |m| m.offset)
                .is_ok()
        })
    }

    /// Number of matches that start in `lo..=hi`.
    pub fn count_in(&self, pattern: u32, lo: i64, hi: i64) -> u64 {
        if hi < 0 || lo > hi {
            return 0;
        }
        let (lo, hi) = (lo.max(0) as u64, hi as u64);
        let list = self.of(pattern);
        let from = list.partition_point(|m| m.offset < lo);
        let to = list.partition_point(|m| m.offset <= hi);
        (to - from) as u64
    }

    /// Adds a match and returns the number of matches of the pattern, those
    /// at one offset counted apart while they come out of order. With
    /// `longest`, the longest of several matches at one offset counts,
    /// otherwise the shortest: never the one that happened to come first.
    pub fn add(&mut self, pattern: u32, new: Match, longest: bool) -> usize {
        let list = &mut self.lists[pattern as usize];
        match list.last_mut() {
            None => self.touched.push(pattern),
            Some(last) if last.offset == new.offset => {
                let (short, long) = match longest {
                    true => (last.length, new.length),
                    false => (new.length, last.length),
                };
                if short < long {
                    *last = new;
                }
                return list.len();
            }
            Some(last) if last.offset > new.offset => {
                let entry = (pattern, longest);
                if self.unsorted.last() != Some(&entry) {
                    self.unsorted.push(entry);
                }
            }
            Some(_) => {}
        }
        list.push(new);
        list.len()
    }

    /// Puts the matches of one pattern in order and returns their number.
    pub fn sort(&mut self, pattern: u32, longest: bool) -> usize {
        let list = &mut self.lists[pattern as usize];
        if longest {
            list.sort_by_key(|m| (m.offset, std::cmp::Reverse(m.length)));
        } else {
            list.sort_by_key(|m| (m.offset, m.length, m.xor_key));
        }
        list.dedup_by_key(|m| m.offset);
        list.len()
    }

    /// Drops the matches of a pattern beyond the first `count`.
    pub fn truncate(&mut self, pattern: u32, count: usize) {
        self.lists[pattern as usize].truncate(count);
    }

    /// Puts all matches in order.
    pub fn finish(&mut self) {
        let mut unsorted = std::mem::take(&mut self.unsorted);
        unsorted.sort_unstable();
        unsorted.dedup();
        for (pattern, longest) in unsorted.drain(..) {
            self.sort(pattern, longest);
        }
        self.unsorted = unsorted;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: u64, length: u32) -> Match {
        Match { offset, length, xor_key: None, truncated: false }
    }

    #[test]
    fn matches_come_out_in_order_and_one_for_each_offset() {
        let mut table = MatchTable::new(2);
        for m in [at(5, 1), at(9, 2), at(5, 3), at(1, 1), at(9, 1)] {
            table.add(1, m, false);
        }
        table.finish();
        assert_eq!(table.of(1), [at(1, 1), at(5, 1), at(9, 1)]);
        assert!(!table.is_hit(0));
    }

    #[test]
    fn the_longest_counts_where_it_should() {
        let mut table = MatchTable::new(1);
        for m in [at(5, 1), at(5, 3), at(2, 1), at(5, 4), at(5, 2)] {
            table.add(0, m, true);
        }
        table.finish();
        assert_eq!(table.of(0), [at(2, 1), at(5, 4)]);
    }

    #[test]
    fn counts_are_inclusive() {
        let mut table = MatchTable::new(1);
        for offset in [0, 10, 20] {
            table.add(0, at(offset, 1), false);
        }
        table.finish();
        assert_eq!(table.count_in(0, 0, 20), 3);
        assert_eq!(table.count_in(0, 1, 19), 1);
        assert_eq!(table.count_in(0, -5, -1), 0);
        assert_eq!(table.count_in(0, 20, 10), 0);
        assert!(table.is_hit_at(0, 10) && !table.is_hit_at(0, -10));
    }

    #[test]
    fn clearing_forgets_everything() {
        let mut table = MatchTable::new(1);
        table.add(0, at(1, 1), false);
        table.clear();
        assert!(!table.is_hit(0) && table.touched().is_empty());
    }
}
