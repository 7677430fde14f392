//! What `dragnet test` says about the cases themselves: what they exercise,
//! and which changes of the rules they notice.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::Path;

use dragnet::study::{Facts, LogicHashes, Places, Study};
use dragnet::{LogicHash, logic_hashes};

use super::test::Session;
use crate::args::CoverFormat;
use crate::failure::{FINDINGS, Failure, INCOMPLETE};
use crate::replace;
use crate::testing::cover_report::CoverReport;
use crate::testing::coverage::Coverage;
use crate::testing::run::{Status, Variables};
use crate::testing::{corpus, mutate, mutate_report, revision};

impl Session<'_> {
    /// Says what is exercised. People read it from `out`; the document of
    /// JSON is kept, for it may not be complete yet.
    pub(super) fn coverage(
        &mut self,
        study: &mut Study,
        variables: &Variables,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        let args = self.args;
        let coverage = self.covered(study, variables, out)?;
        if coverage.objects == 0 {
            self.ends_with(INCOMPLETE);
        }
        let places = Places::new(study.facts().sources());
        let report = CoverReport {
            facts: study.facts(),
            places: &places,
            coverage: &coverage,
        };
        let mut bytes = Vec::new();
        let written = match args.coverage.unwrap_or(CoverFormat::Text) {
            CoverFormat::Text => report.text(out),
            CoverFormat::Lcov => report.lcov(&mut bytes),
            CoverFormat::Html => report.html(&mut bytes),
            CoverFormat::Json => {
                self.document = Some(report.json());
                Ok(())
            }
        };
        written.map_err(|error| Failure::output(&error))?;
        if !bytes.is_empty() {
            self.write_out(&bytes)?;
        }
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

    /// What the cases, and the files of the corpus, exercise.
    fn covered(
        &mut self,
        study: &mut Study,
        variables: &Variables,
        out: &mut impl Write,
    ) -> Result<Coverage, Failure> {
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
        Ok(coverage)
    }

    /// Says which changes of the rules no case notices.
    pub(super) fn mutation(
        &mut self,
        study: &Study,
        variables: &Variables,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        let args = self.args;
        let facts = study.facts();
        let revision = args.mutate.as_deref().filter(|r| !r.is_empty());
        let known = match revision {
            None => HashSet::new(),
            Some(revision) => logic_at(revision, facts)?,
        };
        let hashes = LogicHashes::new(facts.sources());
        let wanted = |rule: u32| {
            let hash = hashes.of(&facts.rules()[rule as usize]);
            hash.is_none_or(|hash| !known.contains(&hash))
        };
        let mutation = mutate::run(
            self.suite,
            study,
            self.outcomes,
            variables,
            args.budget,
            &wanted,
        );
        let places = Places::new(facts.sources());
        mutate_report::text(&mutation, facts, &places, out)
            .map_err(|error| Failure::output(&error))?;
        let report = || mutate_report::json(&mutation, facts, &places);
        match &mut self.document {
            Some(document) => document["mutation"] = report(),
            // A page or LCOV is in the file already.
            None if args.out.is_some()
                && args.coverage.is_none_or(|f| f == CoverFormat::Text) =>
            {
                self.document = Some(report());
            }
            None => {}
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

    /// Writes the document, if there is one.
    pub(super) fn write_document(&self) -> Result<(), Failure> {
        let Some(document) = &self.document else { return Ok(()) };
        self.write_out(format!("{document:#}\n").as_bytes())
    }

    /// Writes to the file that was named, or to standard output.
    fn write_out(&self, bytes: &[u8]) -> Result<(), Failure> {
        match &self.args.out {
            Some(path) => replace::output(path, bytes)
                .map_err(|error| Failure::path(path, error)),
            None => {
                let mut out = io::stdout().lock();
                let written = out.write_all(bytes).and_then(|()| out.flush());
                written.map_err(|error| Failure::output(&error))
            }
        }
    }
}

/// The logic of all rules that the files of today had at a revision. A rule
/// that was renamed, or went from one of these files to another, is in it.
fn logic_at(
    revision: &str,
    facts: &Facts,
) -> Result<HashSet<LogicHash>, Failure> {
    let mut known = HashSet::new();
    for (_, file) in facts.sources().iter() {
        let path = Path::new(&file.name);
        revision::check(revision, path)?;
        if let Some(old) = revision::file(revision, path)? {
            let rules = logic_hashes(&old).into_iter();
            known.extend(rules.filter_map(|rule| rule.hash));
        }
    }
    Ok(known)
}
