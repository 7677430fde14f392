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
/// set. The matches of a pattern are in the order of their offsets, one for
/// each offset.
#[derive(Debug, Default)]
pub struct MatchTable {
    lists: Vec<Vec<Match>>,
    touched: Vec<u32>,
}

impl MatchTable {
    /// A table for so many patterns.
    pub fn new(patterns: usize) -> MatchTable {
        MatchTable { lists: vec![Vec::new(); patterns], touched: Vec::new() }
    }

    /// Forgets all matches; keeps the memory.
    pub fn clear(&mut self) {
        for pattern in self.touched.drain(..) {
            self.lists[pattern as usize].clear();
        }
    }

    /// Did the pattern match?
    pub fn is_hit(&self, pattern: u32) -> bool {
        !self.lists[pattern as usize].is_empty()
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

    /// Adds a match. With `longest`, a longer match at the same offset
    /// replaces the one that is there; otherwise the first one stays.
    /// Returns true if the list grew.
    pub fn add(&mut self, pattern: u32, new: Match, longest: bool) -> bool {
        let list = &mut self.lists[pattern as usize];
        if list.is_empty() {
            self.touched.push(pattern);
        }
        let at = match list.last() {
            Some(last) if last.offset >= new.offset => {
                list.binary_search_by_key(&new.offset, |m| m.offset)
            }
            _ => Err(list.len()),
        };
        match at {
            Ok(at) => {
                if longest && list[at].length < new.length {
                    list[at] = new;
                }
                false
            }
            Err(at) => {
                list.insert(at, new);
                true
            }
        }
    }
}
