//! `dragnet test`

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use dragnet::study::{Mutant, Study};
use globset::Glob;
use serde_json::Value as Json;

use crate::args::{CoverFormat, TestArgs, TestFormat};
use crate::failure::{DONE, FINDINGS, Failure, INCOMPLETE};
use crate::replace;
use crate::testing::changed::Changed;
use crate::testing::edit::{self, Edit};
use crate::testing::hashes;
use crate::testing::manifest::Expect;
use crate::testing::report::{self, Tally};
use crate::testing::run::{self, Outcome, Ran, Settings, Variables};
use crate::testing::store::Store;
use crate::testing::suite::Suite;

/// Tests, and gives the exit code.
pub(crate) fn run(args: &TestArgs) -> Result<u8, Failure> {
    // A document on standard output is alone there.
    let is_document =
        matches!(args.format, Some(TestFormat::Json | TestFormat::Junit));
    let is_covered = args.out.is_none()
        && args.coverage.is_some_and(|format| format != CoverFormat::Text);
    if is_document && is_covered {
        let message = "the results and their coverage are two documents, \
                       and there is one standard output: give --out FILE";
        return Err(Failure::usage(message));
    }
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
    let store = args.samples.as_deref().map(Store::new);
    let settings = Settings {
        samples: store.as_ref(),
        only: only.map(|glob| glob.compile_matcher()),
        changed: match &args.changed {
            Some(revision) => {
                Some(Changed::since(revision, &suite, study.facts())?)
            }
            None => None,
        },
    };
    let variables = Variables::of(&rules);
    let Ran { outcomes, left_out } =
        run::cases(&suite, &rules, &mut study, &variables, &settings)?;
    let mut session = Session {
        args,
        suite: &suite,
        outcomes: &outcomes,
        left_out,
        code: DONE,
        document: None,
    };
    let failed = |error| Failure::output(&error);
    let mut out = stream(is_covered);
    session.results(&mut out).map_err(failed)?;
    out.flush().map_err(failed)?;
    let mut out = stream(is_covered || is_document);
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
    session.write_document()?;
    Ok(session.code)
}

/// Standard output, or standard error where that is taken.
fn stream(is_taken: bool) -> Box<dyn Write> {
    match is_taken {
        true => Box::new(io::stderr()),
        false => Box::new(io::stdout()),
    }
}

/// A run of cases, and what is done with their results.
pub(super) struct Session<'s> {
    pub(super) args: &'s TestArgs,
    pub(super) suite: &'s Suite,
    pub(super) outcomes: &'s [Outcome<'s>],
    /// Cases that a change is not about.
    left_out: usize,
    code: u8,
    /// Coverage and survivors, for programs.
    pub(super) document: Option<Json>,
}

impl Session<'_> {
    /// Keeps the first code that is not the one for success.
    pub(super) fn ends_with(&mut self, code: u8) {
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
        let may_be_none = args.allow_empty || self.left_out > 0;
        let judged = tally.passed + tally.failed + tally.todo;
        self.ends_with(match tally {
            Tally { failed: 1.., .. } => FINDINGS,
            Tally { missing: 1.., .. } if args.require_samples => INCOMPLETE,
            // To have tested nothing is no success.
            _ if judged == 0 && !others && !may_be_none => INCOMPLETE,
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
}
