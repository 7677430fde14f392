//! `dragnet test`

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use dragnet::study::{Mutant, Places, Study};
use globset::Glob;

use crate::args::{CoverFormat, TestArgs, TestFormat};
use crate::failure::{DONE, FINDINGS, Failure, INCOMPLETE};
use crate::replace;
use crate::testing::cover_report::CoverReport;
use crate::testing::coverage::Coverage;
use crate::testing::edit::{self, Edit};
use crate::testing::manifest::Expect;
use crate::testing::report::{self, Tally};
use crate::testing::run::{self, Outcome, Settings, Status, Variables};
use crate::testing::suite::Suite;
use crate::testing::{corpus, hashes, mutate, mutate_report, revision};

/// Tests, and gives the exit code.
pub(crate) fn run(args: &TestArgs) -> Result<u8, Failure> {
    let here = [OsString::from(".")];
    let paths = match args.paths.as_slice() {
        [] => &here,
        paths => paths,
    };
    let mut suite = Suite::find(paths)?;
    let compiled = suite.compile(&args.rule_args)?;
    let Some(rules) = compiled.rules.clone() else {
        return Err(Failure::usage("no rule compiles"));
    };
    let mutates = args.mutate.is_some();
    let study = Study::with_variants(compiled, |_, rule| match mutates {
        true => Mutant::variants(rule),
        false => Vec::new(),
    });
    let Some(mut study) = study else {
        return Err(Failure::usage("the rules cannot be studied"));
    };
    let mut repeated = Vec::new();
    if args.samples.is_some() {
        let (named, several) = hashes::manifests(study.facts());
        suite.manifests.extend(named);
        repeated = several;
    }
    let only = args.run.as_deref().map(Glob::new).transpose();
    let only = only.map_err(Failure::usage)?;
    let settings = Settings {
        samples: args.samples.as_deref(),
        only: only.map(|glob| glob.compile_matcher()),
    };
    let variables = Variables::of(&rules);
    let outcomes =
        run::cases(&suite, &rules, &mut study, &variables, &settings)?;
    let mut session =
        Session { args, suite: &suite, outcomes: &outcomes, code: DONE };
    let mut out = io::stdout().lock();
    let failed = |error| Failure::output(&error);
    session.results(&mut out).map_err(failed)?;
    out.flush().map_err(failed)?;
    // A document on standard output stays one.
    let is_document =
        matches!(args.format, Some(TestFormat::Json | TestFormat::Junit));
    let mut out: Box<dyn Write> = match is_document {
        true => Box::new(io::stderr()),
        false => Box::new(out),
    };
    for line in repeated {
        // Not an error, and not in the way of a document.
        let _ = writeln!(io::stderr(), "note: {line}");
    }
    if args.update || args.encode {
        session.edit_manifests(&mut out)?;
    }
    if args.missing {
        session.list_missing(&study, &mut out).map_err(failed)?;
    }
    if args.coverage.is_some()
        || args.min_strings.is_some()
        || args.min_rules.is_some()
    {
        session.coverage(&mut study, &variables, &mut out)?;
    }
    let gate = super::test_clean::run(args, &suite, &rules, &mut out)?;
    session.ends_with(gate);
    if mutates {
        session.mutation(&study, &variables, &mut out)?;
    }
    out.flush().map_err(failed)?;
    Ok(session.code)
}

/// A run of cases, and what is done with their results.
struct Session<'s> {
    args: &'s TestArgs,
    suite: &'s Suite,
    outcomes: &'s [Outcome<'s>],
    code: u8,
}

impl Session<'_> {
    /// Keeps the first code that is not the one for success.
    fn ends_with(&mut self, code: u8) {
        if self.code == DONE {
            self.code = code;
        }
    }

    /// Writes the results of the cases.
    fn results(&mut self, out: &mut impl Write) -> io::Result<()> {
        let in_workflow =
            std::env::var_os("GITHUB_ACTIONS").is_some_and(|v| v == "true");
        let args = self.args;
        let format = args.format.unwrap_or(match in_workflow {
            true => TestFormat::Github,
            false => TestFormat::Text,
        });
        match format {
            TestFormat::Text => report::text(self.outcomes, out)?,
            TestFormat::Junit => report::junit(self.outcomes, out)?,
            TestFormat::Github => report::github(self.outcomes, out)?,
            TestFormat::Json => {
                let document = report::json(self.outcomes);
                serde_json::to_writer_pretty(&mut *out, &document)?;
                writeln!(out)?;
            }
        }
        let tally = Tally::of(self.outcomes);
        let others = !args.corpus.is_empty() || !args.clean.is_empty();
        let judged = tally.passed + tally.failed + tally.todo;
        self.ends_with(match tally {
            Tally { failed: 1.., .. } => FINDINGS,
            Tally { missing: 1.., .. } if args.require_samples => INCOMPLETE,
            // To have tested nothing is no success.
            _ if judged == 0 && !others && !args.allow_empty => INCOMPLETE,
            _ => DONE,
        });
        Ok(())
    }

    /// Makes the edits that were asked for, and shows them.
    fn edit_manifests(&self, out: &mut impl Write) -> Result<(), Failure> {
        let mut edits: BTreeMap<_, Vec<Edit>> = BTreeMap::new();
        let plain = self.outcomes.iter().filter(|_| self.args.encode);
        let plain: BTreeSet<PathBuf> =
            plain.filter_map(edit::plain_file).collect();
        for outcome in self.outcomes {
            let of = edits.entry(&outcome.manifest.path).or_default();
            if self.args.update {
                of.extend(edit::update(outcome));
            }
            if self.args.encode {
                of.extend(edit::encode(outcome));
            }
            let renamed = |path: &PathBuf| edit::rename(outcome, path);
            of.extend(plain.iter().filter_map(renamed));
        }
        let failed = |path: &Path, error| Failure::path(path, error);
        for path in &plain {
            edit::pack(path).map_err(|error| failed(path, error))?;
        }
        for (path, edits) in edits {
            if edits.is_empty() {
                continue;
            }
            let all = &self.suite.manifests;
            let old = all.iter().find(|manifest| manifest.path == *path);
            let old = old.map_or("", |manifest| &manifest.text);
            let new = edit::apply(old, edits);
            let shown = edit::difference(old, &new);
            let name = dragnet::display_path(path);
            write!(out, "--- {name}\n+++ {name}\n{shown}")
                .map_err(|error| Failure::output(&error))?;
            replace::file(path, new.as_bytes())
                .map_err(|error| failed(path, error))?;
        }
        // Nothing names them any more.
        for path in &plain {
            std::fs::remove_file(path).map_err(|error| failed(path, error))?;
        }
        Ok(())
    }

    /// Lists rules without a case of one kind.
    fn list_missing(
        &mut self,
        study: &Study,
        out: &mut impl Write,
    ) -> io::Result<()> {
        let has = |rule: &str, expect: Expect| {
            self.outcomes.iter().any(|outcome| {
                let case = outcome.case;
                let look_alike = expect == Expect::NoMatch
                    && case.also.iter().any(|name| name == rule);
                case.expect == expect && (case.rule == rule || look_alike)
            })
        };
        let mut count = 0;
        let rules = study.facts().rules().iter();
        for rule in rules.filter(|rule| !rule.private) {
            for (expect, what) in [
                (Expect::Match, "matches"),
                (Expect::NoMatch, "does not match"),
            ] {
                if !has(&rule.name, expect) {
                    let name = &rule.name;
                    writeln!(out, "{name}: no case that {what}")?;
                    count += 1;
                }
            }
        }
        if count > 0 {
            self.ends_with(FINDINGS);
        }
        Ok(())
    }

    /// Says what is exercised.
    fn coverage(
        &mut self,
        study: &mut Study,
        variables: &Variables,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        let args = self.args;
        let mut coverage = Coverage::new(study.facts());
        for outcome in self.outcomes {
            if outcome.status == Status::Missing {
                continue;
            }
            let case = outcome.case;
            variables.set(study, outcome.manifest, case);
            let spaces = self.suite.namespaces(outcome.manifest);
            let facts = study.facts();
            let named = (0..).zip(facts.rules()).filter(|(_, rule)| {
                let own = case.also.iter().chain([&case.rule]);
                own.into_iter().any(|name| *name == rule.name)
                    && spaces.contains(facts.namespace(rule))
            });
            let named: Vec<u32> = named.map(|(id, _)| id).collect();
            study.examine(&outcome.data, &mut |sample| {
                coverage.add(sample, &named);
            });
        }
        if !args.corpus.is_empty() {
            let files = corpus::files(&args.corpus)?;
            let lost;
            (coverage, lost) = corpus::cover(study, &files, coverage);
            if lost > 0 {
                writeln!(out, "{lost} file(s) of the corpus were not read")
                    .map_err(|error| Failure::output(&error))?;
                self.ends_with(INCOMPLETE);
            }
        }
        if coverage.objects == 0 {
            self.ends_with(INCOMPLETE);
        }
        let places = Places::new(study.facts().sources());
        let report = CoverReport {
            facts: study.facts(),
            places: &places,
            coverage: &coverage,
        };
        let format = args.coverage.unwrap_or(CoverFormat::Text);
        let written = match (&args.out, format) {
            (_, CoverFormat::Text) | (None, _) => {
                write_coverage(&report, format, out)
            }
            (Some(path), _) => {
                let mut bytes = Vec::new();
                let written = write_coverage(&report, format, &mut bytes);
                written.and_then(|()| std::fs::write(path, bytes))
            }
        };
        written.map_err(|error| Failure::output(&error))?;
        let totals = coverage.totals();
        for (least, share) in [
            (args.min_strings, totals.strings),
            (args.min_rules, totals.rules),
        ] {
            if least.is_some_and(|least| share.percent() < least) {
                self.ends_with(FINDINGS);
            }
        }
        Ok(())
    }

    /// Says which changes of the rules no case notices.
    fn mutation(
        &mut self,
        study: &Study,
        variables: &Variables,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        let args = self.args;
        let facts = study.facts();
        let mut changed: BTreeMap<&str, bool> = BTreeMap::new();
        if let Some(revision) =
            args.mutate.as_deref().filter(|r| !r.is_empty())
        {
            for (_, file) in facts.sources().iter() {
                let path = std::path::Path::new(&file.name);
                revision::check(revision, path)?;
                let old = revision::file(revision, path)?;
                let same = old.is_some_and(|old| old[..] == file.text[..]);
                changed.insert(&file.name, !same);
            }
        }
        let wanted = |rule: u32| {
            let file = facts.rules()[rule as usize].file;
            let name = facts.sources().get(file).name.as_str();
            changed.get(name).copied().unwrap_or(true)
        };
        let budget = args.budget;
        let mutation = mutate::run(
            self.suite,
            study,
            self.outcomes,
            variables,
            budget,
            &wanted,
        );
        let places = Places::new(facts.sources());
        mutate_report::text(&mutation, facts, &places, out)
            .map_err(|error| Failure::output(&error))?;
        if let Some(path) = &args.out
            && args.coverage.is_none_or(|f| f == CoverFormat::Text)
        {
            let document = mutate_report::json(&mutation, facts, &places);
            let text = format!("{document:#}\n");
            std::fs::write(path, text)
                .map_err(|error| Failure::path(path, error))?;
        }
        let most = args.max_survivors;
        if most.is_some_and(|most| mutation.percent() > most) {
            self.ends_with(FINDINGS);
        }
        if mutation.left > 0 {
            self.ends_with(INCOMPLETE);
        }
        Ok(())
    }
}

fn write_coverage(
    report: &CoverReport<'_>,
    format: CoverFormat,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        CoverFormat::Text => report.text(out),
        CoverFormat::Lcov => report.lcov(out),
        CoverFormat::Html => report.html(out),
        CoverFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &report.json())?;
            writeln!(out)
        }
    }
}
