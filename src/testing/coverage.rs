//! How much of the rules some objects exercise: rules that match, strings
//! that match where their rule does, branches seen true and false.

use std::collections::BTreeSet;

use dragnet::study::{
    ExprId, Facts, PatternId, Sample, Trial, Val, branches, exclusions,
};

/// What was seen of a string.
#[derive(Clone, Debug, Default)]
pub(crate) struct StringCover {
    /// Objects that the rule matches and that have it.
    pub(crate) matched: u64,
    /// It is there to exclude,
    pub(crate) excludes: bool,
    /// and did so in this many objects.
    pub(crate) decided: u64,
}

impl StringCover {
    pub(crate) fn is_covered(&self) -> bool {
        self.times() > 0
    }

    /// How often it did what it is there for.
    pub(crate) fn times(&self) -> u64 {
        if self.excludes { self.decided } else { self.matched }
    }
}

/// What was seen of a part of a condition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BranchCover {
    pub(crate) part: ExprId,
    /// Objects for which it was true,
    pub(crate) yes: u64,
    /// and for which it was not.
    pub(crate) no: u64,
}

/// What was seen of a rule.
#[derive(Clone, Debug, Default)]
pub(crate) struct RuleCover {
    /// Objects that it matches.
    pub(crate) matched: u64,
    pub(crate) strings: Vec<StringCover>,
    pub(crate) branches: Vec<BranchCover>,
}

/// What was seen of all rules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coverage {
    pub(crate) rules: Vec<RuleCover>,
    /// Objects that were looked at,
    pub(crate) objects: u64,
    /// and those that a rule matches.
    pub(crate) hit: u64,
}

/// A part of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) covered: u64,
    pub(crate) all: u64,
}

impl Share {
    fn count(&mut self, covered: bool) {
        self.all += 1;
        self.covered += u64::from(covered);
    }

    /// Nothing at all is covered in full.
    pub(crate) fn percent(self) -> f64 {
        match self.all {
            0 => 100.0,
            all => self.covered as f64 * 100.0 / all as f64,
        }
    }
}

/// The figures of a coverage.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) rules: Share,
    /// Strings that are not there to exclude.
    pub(crate) strings: Share,
    /// Strings of rules that matched at all.
    pub(crate) strings_of_matching: Share,
    pub(crate) exclusions: Share,
    pub(crate) branches: Share,
}

impl Coverage {
    /// Nothing seen yet.
    pub(crate) fn new(facts: &Facts) -> Coverage {
        let rules = facts.rules().iter().map(|rule| {
            let excluding = exclusions(&rule.condition);
            let ids = (0..rule.patterns.len() as u32).map(PatternId);
            let strings = ids.map(|id| StringCover {
                excludes: excluding.contains(&id),
                ..StringCover::default()
            });
            let parts = branches(&rule.condition).into_iter();
            let parts = parts.map(|part| BranchCover { part, yes: 0, no: 0 });
            RuleCover {
                matched: 0,
                strings: strings.collect(),
                branches: parts.collect(),
            }
        });
        Coverage { rules: rules.collect(), objects: 0, hit: 0 }
    }

    /// Adds what an object shows. Rules of which no string matches are only
    /// looked at if they are `named`.
    pub(crate) fn add(
        &mut self,
        sample: &mut Sample<'_, '_, '_, '_>,
        named: &[u32],
    ) {
        self.objects += 1;
        let mut all: BTreeSet<u32> = named.iter().copied().collect();
        all.extend(sample.candidates());
        let mut hit = false;
        for rule in all {
            let matched = sample.matches_rule(rule);
            hit |= matched && !sample.facts().rules()[rule as usize].private;
            let cover = &mut self.rules[rule as usize];
            cover.matched += u64::from(matched);
            for (id, string) in (0..).map(PatternId).zip(&mut cover.strings) {
                if sample.matches(rule, id).is_empty() {
                    continue;
                }
                string.matched += u64::from(matched);
                if string.excludes && !matched {
                    let without = [id];
                    let trial =
                        Trial { without: &without, ..Trial::default() };
                    let decides = sample.would_hold(rule, trial);
                    string.decided += u64::from(decides);
                }
            }
            for branch in &mut cover.branches {
                match sample.value(rule, branch.part) {
                    Some(Val::Bool(true)) => branch.yes += 1,
                    _ => branch.no += 1,
                }
            }
        }
        self.hit += u64::from(hit);
    }

    /// Adds what others have seen of the same rules.
    pub(crate) fn merge(mut self, other: Coverage) -> Coverage {
        self.objects += other.objects;
        self.hit += other.hit;
        for (to, from) in self.rules.iter_mut().zip(other.rules) {
            to.matched += from.matched;
            for (to, from) in to.strings.iter_mut().zip(from.strings) {
                to.matched += from.matched;
                to.decided += from.decided;
            }
            for (to, from) in to.branches.iter_mut().zip(from.branches) {
                to.yes += from.yes;
                to.no += from.no;
            }
        }
        self
    }

    /// The figures.
    pub(crate) fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for rule in &self.rules {
            totals.rules.count(rule.matched > 0);
            for string in &rule.strings {
                let covered = string.is_covered();
                if string.excludes {
                    totals.exclusions.count(covered);
                    continue;
                }
                totals.strings.count(covered);
                if rule.matched > 0 {
                    totals.strings_of_matching.count(covered);
                }
            }
            for branch in &rule.branches {
                totals.branches.count(branch.yes > 0);
                totals.branches.count(branch.no > 0);
            }
        }
        totals
    }
}
