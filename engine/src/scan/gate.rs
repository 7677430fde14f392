//! Which rules cannot match an object, whatever is found in it: told by its
//! size and by integers at fixed places, before the search.

use crate::cond::{BitSet, ReadKind};
use crate::ruleset::Tables;

/// Steps at which the sets of rules by size are kept ready.
const STEPS: usize = 64;

/// The bounds of all rules of a set, ready to be tested together.
#[derive(Debug)]
pub(super) struct Gates {
    tests: Vec<HeaderTest>,
    /// Rules for objects up to a size, smallest first.
    largest: Sizes,
    /// Rules for objects from a size on, by its complement: also smallest
    /// first.
    smallest: Sizes,
}

/// Rules that need an integer at a place.
#[derive(Debug)]
struct HeaderTest {
    kind: ReadKind,
    offset: u64,
    value: u64,
    rules: Rules,
}

/// A set of rules in the form that is the smaller one.
#[derive(Debug)]
enum Rules {
    Few(Vec<u32>),
    Many(BitSet),
}

impl Rules {
    fn new(rules: Vec<u32>, count: usize) -> Rules {
        if rules.len() < count / 64 {
            return Rules::Few(rules);
        }
        let mut many = BitSet::new(count);
        rules.iter().for_each(|rule| many.insert(*rule));
        Rules::Many(many)
    }

    fn add_to(&self, set: &mut BitSet) {
        match self {
            Rules::Few(few) => few.iter().for_each(|rule| set.insert(*rule)),
            Rules::Many(many) => set.union(many),
        }
    }
}

/// Rules with a bound each, sorted, and for some places of the list the set
/// of all rules in front of it.
#[derive(Debug)]
struct Sizes {
    bounds: Vec<(u64, u32)>,
    step: usize,
    before: Vec<BitSet>,
}

impl Sizes {
    fn new(mut bounds: Vec<(u64, u32)>, count: usize) -> Sizes {
        bounds.sort_unstable();
        let step = bounds.len().div_ceil(STEPS).max(1);
        let mut all = BitSet::new(count);
        let mut before = Vec::new();
        for part in bounds.chunks(step) {
            before.push(all.clone());
            part.iter().for_each(|bound| all.insert(bound.1));
        }
        before.push(all);
        Sizes { bounds, step, before }
    }

    /// Adds the rules whose bound is below `size`.
    fn below(&self, size: u64, set: &mut BitSet) {
        let end = self.bounds.partition_point(|bound| bound.0 < size);
        let ready = end / self.step;
        if let Some(before) = self.before.get(ready) {
            set.union(before);
        }
        let rest = self.bounds[..end].iter().skip(ready * self.step);
        rest.for_each(|bound| set.insert(bound.1));
    }
}

impl Gates {
    pub(super) fn new(tables: &Tables<'_>) -> Gates {
        let count = tables.rules.len();
        let tests = tables.header_tests.iter().filter_map(|test| {
            let kind = u16::try_from(test.kind.get()).ok()?;
            let rules = tables.list(test.rules.get());
            Some(HeaderTest {
                kind: ReadKind::from_number(kind)?,
                offset: test.offset.get(),
                value: test.value.get(),
                rules: Rules::new(
                    rules.iter().map(|rule| rule.get()).collect(),
                    count,
                ),
            })
        });
        let rules = || (0..).zip(tables.rules);
        let largest = rules()
            .map(|(id, rule)| (rule.max_size.get(), id))
            .filter(|bound| bound.0 < u64::MAX);
        let smallest = rules()
            .map(|(id, rule)| (u64::MAX - rule.min_size.get(), id))
            .filter(|bound| bound.0 < u64::MAX);
        Gates {
            tests: tests.collect(),
            largest: Sizes::new(largest.collect(), count),
            smallest: Sizes::new(smallest.collect(), count),
        }
    }

    /// Adds the rules that cannot match an object to a set.
    pub(super) fn dead(&self, data: &[u8], dead: &mut BitSet) {
        let size = data.len() as u64;
        self.largest.below(size, dead);
        self.smallest.below(u64::MAX - size, dead);
        for test in &self.tests {
            if test.kind.read(data, test.offset) != Some(test.value) {
                test.rules.add_to(dead);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_below_a_size_are_those_with_a_smaller_bound() {
        let bounds: Vec<(u64, u32)> =
            (0..300).map(|n| (u64::from(n * 7 % 50), n)).collect();
        let sizes = Sizes::new(bounds.clone(), 300);
        for size in [0, 1, 7, 25, 49, 50, u64::MAX] {
            let mut found = BitSet::new(300);
            sizes.below(size, &mut found);
            for (bound, rule) in &bounds {
                assert_eq!(found.contains(*rule), *bound < size);
            }
        }
    }

    #[test]
    fn both_forms_of_a_set_hold_the_same() {
        for rules in [vec![3, 700], (0..500).collect::<Vec<u32>>()] {
            let mut set = BitSet::new(1000);
            Rules::new(rules.clone(), 1000).add_to(&mut set);
            assert_eq!(set.iter().collect::<Vec<_>>(), rules);
        }
    }
}
