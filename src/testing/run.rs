//! Runs cases and says what differs from what they expect.

use std::collections::{BTreeMap, BTreeSet};

use dragnet::study::Study;
use dragnet::{Rules, Scanner, Value};
use globset::GlobMatcher;

use super::changed::Changed;
use super::input::{self, Lack};
use super::manifest::{Case, Expect, Manifest};
use super::situation::{self, Names};
use super::store::Store;
use super::suite::Suite;
use crate::failure::Failure;

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Passed,
    Failed,
    /// Fails, as is known.
    Todo,
    /// Its input is not here.
    Missing,
}

/// What a pattern of the rule did: its name, and the offsets of its matches.
pub(crate) type Observed = BTreeMap<String, Vec<u64>>;

/// A case and its result.
#[derive(Debug)]
pub(crate) struct Outcome<'m> {
    pub(crate) manifest: &'m Manifest,
    pub(crate) case: &'m Case,
    pub(crate) status: Status,
    /// The number of the rule it is about.
    pub(crate) rule: Option<u32>,
    /// What is not as expected.
    pub(crate) problems: Vec<String>,
    /// What the patterns did; only of those that matched.
    pub(crate) observed: Observed,
    /// The bytes, for what looks at them again.
    pub(crate) data: Vec<u8>,
    /// Rules of the manifest's files that reported the case.
    pub(crate) found: BTreeSet<String>,
}

impl Outcome<'_> {
    /// `path:line`
    pub(crate) fn place(&self) -> String {
        let path = dragnet::display_path(&self.manifest.path);
        format!("{path}:{}", self.manifest.line(self.case))
    }
}

/// What a run of cases needs beside them.
pub(crate) struct Settings<'s> {
    pub(crate) samples: Option<&'s Store>,
    /// Only cases whose name or rule is like this.
    pub(crate) only: Option<GlobMatcher>,
    /// Only cases that a change is about.
    pub(crate) changed: Option<Changed>,
}

/// What came of the cases.
pub(crate) struct Ran<'m> {
    pub(crate) outcomes: Vec<Outcome<'m>>,
    /// Cases that the change is not about.
    pub(crate) left_out: usize,
}

/// Runs all cases.
pub(crate) fn cases<'m>(
    suite: &'m Suite,
    rules: &Rules,
    study: &mut Study,
    variables: &Variables,
    settings: &Settings<'_>,
) -> Result<Ran<'m>, Failure> {
    let mut scanner = Scanner::new(rules);
    let (mut outcomes, mut left_out) = (Vec::new(), 0);
    for manifest in &suite.manifests {
        let spaces = suite.namespaces(manifest);
        for case in &manifest.cases {
            let named = |only: &GlobMatcher| {
                only.is_match(case.name.get_ref()) || only.is_match(&case.rule)
            };
            let concerned =
                |changed: &Changed| changed.concerns(manifest, case, &spaces);
            if !settings.only.as_ref().is_none_or(named) {
                continue;
            }
            if !settings.changed.as_ref().is_none_or(concerned) {
                left_out += 1;
                continue;
            }
            let mut one =
                One { scanner: &mut scanner, study, spaces: &spaces };
            let data = match input::bytes(manifest, case, settings.samples) {
                Ok(data) => data,
                Err(Lack::Missing(why)) => {
                    outcomes.push(missing(manifest, case, why));
                    continue;
                }
                Err(Lack::Wrong(why)) => {
                    let line = manifest.line(case);
                    let message = format!("line {line}: {why}");
                    return Err(Failure::path(&manifest.path, message));
                }
            };
            one.define(manifest, case, variables)?;
            outcomes.push(one.run(manifest, case, data));
        }
    }
    Ok(Ran { outcomes, left_out })
}

fn missing<'m>(
    manifest: &'m Manifest,
    case: &'m Case,
    why: String,
) -> Outcome<'m> {
    Outcome {
        manifest,
        case,
        status: Status::Missing,
        rule: None,
        problems: vec![why],
        observed: Observed::new(),
        data: Vec::new(),
        found: BTreeSet::new(),
    }
}

struct One<'o> {
    scanner: &'o mut Scanner,
    study: &'o mut Study,
    spaces: &'o BTreeSet<String>,
}

/// The variables of the rules, with the values that hold where a case says
/// nothing.
pub(crate) struct Variables(BTreeMap<String, Value>);

impl Variables {
    pub(crate) fn of(rules: &Rules) -> Variables {
        let all = rules.externals();
        Variables(all.map(|(name, v)| (name.to_owned(), v)).collect())
    }

    /// The values for a case; `None` for one that is no value.
    fn values<'v>(
        &'v self,
        manifest: &'v Manifest,
        case: &'v Case,
    ) -> impl Iterator<Item = (&'v String, Option<Value>)> {
        self.0.iter().map(|(name, default)| {
            let own = case.externals.get(name);
            let wanted = own.or_else(|| manifest.externals.get(name));
            (name, wanted.map_or(Some(default.clone()), as_value))
        })
    }

    /// Gives a study the values for a case, whose run has shown that they
    /// are of the right types.
    pub(crate) fn set(
        &self,
        study: &mut Study,
        manifest: &Manifest,
        case: &Case,
    ) {
        for (name, value) in self.values(manifest, case) {
            let Some(value) = value else { continue };
            let _ = study.define(name, value);
        }
    }
}

impl One<'_> {
    /// Gives the variables the values that the case wants.
    fn define(
        &mut self,
        manifest: &Manifest,
        case: &Case,
        variables: &Variables,
    ) -> Result<(), Failure> {
        for (name, value) in variables.values(manifest, case) {
            let defined = value.is_some_and(|value| {
                self.scanner.define(name, value.clone()).is_ok()
                    && self.study.define(name, value).is_ok()
            });
            if !defined {
                let line = manifest.line(case);
                let message =
                    format!("line {line}: external `{name}` has another type");
                return Err(Failure::path(&manifest.path, message));
            }
        }
        Ok(())
    }

    fn run<'m>(
        &mut self,
        manifest: &'m Manifest,
        case: &'m Case,
        data: Vec<u8>,
    ) -> Outcome<'m> {
        let report = self.scanner.scan(&data);
        let found: BTreeSet<String> = report
            .rules()
            .filter(|rule| self.spaces.contains(rule.namespace()))
            .map(|rule| rule.name().to_owned())
            .collect();
        let complete = report.is_complete();
        let mut problems = Vec::new();
        if !complete {
            problems.push("the scan ended at a limit".to_owned());
        }
        let wanted: BTreeSet<String> = match case.expect {
            Expect::Match => {
                case.also.iter().chain([&case.rule]).cloned().collect()
            }
            Expect::NoMatch => BTreeSet::new(),
        };
        let lost = wanted.difference(&found);
        problems.extend(lost.map(|rule| format!("{rule} does not match")));
        if !case.alone {
            let extra = found.difference(&wanted);
            problems.extend(extra.map(|rule| format!("{rule} matches")));
        }
        let rule = self.number(&case.rule);
        let mut observed = Observed::new();
        match rule {
            None => problems.push(format!("there is no rule {}", case.rule)),
            Some(rule) => {
                observed = self.look(rule, case, &data, &mut problems);
            }
        }
        let status = match (problems.is_empty(), case.todo) {
            (true, false) => Status::Passed,
            (false, true) => Status::Todo,
            (false, false) => Status::Failed,
            (true, true) => {
                let text = "marked as todo, and passes: remove the mark";
                problems.push(text.to_owned());
                Status::Failed
            }
        };
        Outcome {
            manifest,
            case,
            status,
            rule,
            problems,
            observed,
            data,
            found,
        }
    }

    /// The rule of this name in the files of the manifest.
    fn number(&self, name: &str) -> Option<u32> {
        let facts = self.study.facts();
        let at = facts.rules().iter().position(|rule| {
            rule.name == name && self.spaces.contains(facts.namespace(rule))
        });
        at.map(|at| at as u32)
    }

    /// Compares what the patterns did with what the case says of them.
    fn look(
        &mut self,
        rule: u32,
        case: &Case,
        data: &[u8],
        problems: &mut Vec<String>,
    ) -> Observed {
        let mut observed = Observed::new();
        self.study.examine(data, &mut |sample| {
            let names = Names::of(sample.facts(), rule);
            for (name, id) in &names.patterns {
                let offsets = sample.matches(rule, *id).iter();
                let offsets: Vec<u64> = offsets.map(|m| m.offset).collect();
                if !offsets.is_empty() {
                    observed.insert(name.clone(), offsets);
                }
            }
            let known = names.patterns.keys().collect();
            compare(case, &observed, &known, problems);
            match situation::of(case, &names) {
                Err(problem) => problems.push(problem),
                Ok(all) => problems.extend(
                    all.iter().filter_map(|one| one.problem(sample, rule)),
                ),
            }
        });
        observed
    }
}

fn compare(
    case: &Case,
    observed: &Observed,
    names: &BTreeSet<&String>,
    problems: &mut Vec<String>,
) {
    let offsets = case.offsets.as_ref().map(toml::Spanned::get_ref);
    let counts = case.counts.as_ref().map(toml::Spanned::get_ref);
    let strings = case.strings.as_ref().map(toml::Spanned::get_ref);
    let named = strings.into_iter().flatten().chain(&case.absent);
    let named = named.chain(offsets.into_iter().flat_map(BTreeMap::keys));
    let named = named.chain(counts.into_iter().flat_map(BTreeMap::keys));
    for name in named {
        if !names.contains(name) {
            problems.push(format!("the rule has no {name}"));
        }
    }
    if let Some(strings) = strings {
        let wanted: BTreeSet<&String> = strings.iter().collect();
        let found: BTreeSet<&String> = observed.keys().collect();
        let lost = wanted.difference(&found);
        problems.extend(lost.map(|name| format!("{name} has no match")));
        let extra = found.difference(&wanted);
        problems.extend(extra.map(|name| format!("{name} has a match")));
    }
    for name in &case.absent {
        if observed.contains_key(name) {
            problems.push(format!("{name} has a match"));
        }
    }
    for (name, wanted) in offsets.into_iter().flatten() {
        let first = observed.get(name).and_then(|offsets| offsets.first());
        if first != Some(wanted) {
            let found = first.map_or("nowhere".to_owned(), u64::to_string);
            problems.push(format!("{name} is at {found}, not at {wanted}"));
        }
    }
    for (name, wanted) in counts.into_iter().flatten() {
        let found = observed.get(name).map_or(0, Vec::len) as u64;
        if found != *wanted {
            problems
                .push(format!("{name} matches {found} times, not {wanted}"));
        }
    }
}

fn as_value(value: &toml::Value) -> Option<Value> {
    Some(match value {
        toml::Value::String(text) => Value::Text(text.clone().into_bytes()),
        toml::Value::Integer(number) => Value::Int(*number),
        toml::Value::Float(number) => Value::Float(*number),
        toml::Value::Boolean(truth) => Value::Bool(*truth),
        _ => return None,
    })
}
