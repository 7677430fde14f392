//! Changes each rule in all ways and looks whether a case notices.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use dragnet::study::{MissingTest, Mutant, PatternId, Study};
use rayon::prelude::*;

use super::manifest::Manifest;
use super::run::{Outcome, Status, Variables};
use super::situation::{self, Names};
use super::suite::Suite;

/// A change that no case notices.
#[derive(Debug)]
pub(crate) struct Survivor {
    pub(crate) mutant: Mutant,
    pub(crate) missing: MissingTest,
}

/// How the changed rules fared.
#[derive(Debug, Default)]
pub(crate) struct Mutation {
    pub(crate) killed: usize,
    /// Say the same as the rule whatever the object is.
    pub(crate) equivalent: usize,
    pub(crate) survivors: Vec<Survivor>,
    /// Of rules that were not reached in time.
    pub(crate) left: usize,
}

impl Mutation {
    /// Survivors among those that some case could notice, in percent.
    pub(crate) fn percent(&self) -> f64 {
        match self.killed + self.survivors.len() {
            0 => 0.0,
            all => self.survivors.len() as f64 * 100.0 / all as f64,
        }
    }
}

/// What the cases of one manifest noticed.
struct Noticed {
    killed: BTreeSet<usize>,
    /// Strings of objects that a rule matches.
    seen: BTreeMap<u32, Vec<BTreeSet<PatternId>>>,
    /// Not all cases were looked at.
    cut: bool,
}

/// Mutates the rules that `wanted` names.
pub(crate) fn run(
    suite: &Suite,
    study: &Study,
    outcomes: &[Outcome<'_>],
    variables: &Variables,
    budget: Option<Duration>,
    wanted: &(dyn Fn(u32) -> bool + Sync),
) -> Mutation {
    let end = budget.and_then(|budget| Instant::now().checked_add(budget));
    let facts = study.facts();
    let rules = (0..facts.rules().len() as u32).filter(|rule| wanted(*rule));
    let mutants: Vec<Mutant> =
        rules.flat_map(|rule| Mutant::all(facts, rule)).collect();
    let mut groups: BTreeMap<usize, Vec<&Outcome<'_>>> = BTreeMap::new();
    for outcome in outcomes.iter().filter(|o| o.status == Status::Passed) {
        let at = suite
            .manifests
            .iter()
            .position(|manifest| std::ptr::eq(manifest, outcome.manifest));
        groups.entry(at.unwrap_or(0)).or_default().push(outcome);
    }
    let groups: Vec<(usize, Vec<&Outcome<'_>>)> = groups.into_iter().collect();
    let noticed: Vec<Noticed> = groups
        .par_iter()
        .map_init(
            || Study::of(facts),
            |study, (at, cases)| {
                let manifest = &suite.manifests[*at];
                let mine = of_manifest(suite, study, manifest, &mutants);
                notice(study, cases, variables, &mutants, &mine, end)
            },
        )
        .collect();
    let cut = noticed.iter().any(|noticed| noticed.cut);
    let killed: BTreeSet<usize> =
        noticed.iter().flat_map(|n| n.killed.iter().copied()).collect();
    let mut mutation =
        Mutation { killed: killed.len(), ..Mutation::default() };
    for (at, mutant) in mutants.into_iter().enumerate() {
        if killed.contains(&at) {
            continue;
        }
        if cut {
            mutation.left += 1;
            continue;
        }
        let seen = noticed.iter().filter_map(|n| n.seen.get(&mutant.rule));
        let seen: Vec<BTreeSet<PatternId>> = seen.flatten().cloned().collect();
        match mutant.missing_test(facts, &seen) {
            MissingTest::Equivalent => mutation.equivalent += 1,
            missing => mutation.survivors.push(Survivor { mutant, missing }),
        }
    }
    mutation
}

/// The mutants of the rules that a manifest is about.
fn of_manifest(
    suite: &Suite,
    study: &Study,
    manifest: &Manifest,
    mutants: &[Mutant],
) -> Vec<usize> {
    let spaces = suite.namespaces(manifest);
    let facts = study.facts();
    let is_mine = |mutant: &Mutant| {
        let rule = &facts.rules()[mutant.rule as usize];
        spaces.contains(facts.namespace(rule))
    };
    let numbered = mutants.iter().enumerate();
    numbered.filter(|(_, mutant)| is_mine(mutant)).map(|(at, _)| at).collect()
}

fn notice(
    study: &mut Study,
    cases: &[&Outcome<'_>],
    variables: &Variables,
    mutants: &[Mutant],
    mine: &[usize],
    end: Option<Instant>,
) -> Noticed {
    let mut noticed =
        Noticed { killed: BTreeSet::new(), seen: BTreeMap::new(), cut: false };
    let rules: BTreeSet<u32> =
        mine.iter().map(|at| mutants[*at].rule).collect();
    for outcome in cases {
        if end.is_some_and(|end| Instant::now() >= end) {
            noticed.cut = true;
            break;
        }
        variables.set(study, outcome.manifest, outcome.case);
        study.examine(&outcome.data, &mut |sample| {
            for rule in rules.iter().filter(|rule| sample.holds(**rule)) {
                let patterns =
                    &sample.facts().rules()[*rule as usize].patterns;
                let ids = (0..patterns.len() as u32).map(PatternId);
                let seen =
                    ids.filter(|id| !sample.matches(*rule, *id).is_empty());
                let seen = seen.collect();
                noticed.seen.entry(*rule).or_default().push(seen);
            }
            let names = outcome.rule.map(|r| Names::of(sample.facts(), r));
            let situations = names
                .and_then(|names| situation::of(outcome.case, &names).ok());
            let situations = situations.unwrap_or_default();
            for at in mine {
                let mutant = &mutants[*at];
                if noticed.killed.contains(at) {
                    continue;
                }
                // What a case says of its rule in other situations holds:
                // it has passed.
                let own = Some(mutant.rule) == outcome.rule;
                if mutant.is_killed(sample)
                    || own
                        && situations.iter().any(|s| s.tells(sample, mutant))
                {
                    noticed.killed.insert(*at);
                }
            }
        });
    }
    noticed
}
