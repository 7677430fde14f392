//! The results of a test run, for people and for programs.

use std::collections::BTreeMap;
use std::io::{self, Write};

use dragnet::display_path;
use serde_json::{Value as Json, json};

use super::run::{Outcome, Status};
use crate::report::{data, property, xml};

/// How many cases ended how.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) todo: usize,
    pub(crate) missing: usize,
}

impl Tally {
    pub(crate) fn of(outcomes: &[Outcome<'_>]) -> Tally {
        let mut tally = Tally::default();
        for outcome in outcomes {
            *match outcome.status {
                Status::Passed => &mut tally.passed,
                Status::Failed => &mut tally.failed,
                Status::Todo => &mut tally.todo,
                Status::Missing => &mut tally.missing,
            } += 1;
        }
        tally
    }
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Passed => "passed",
        Status::Failed => "failed",
        Status::Todo => "todo",
        Status::Missing => "missing",
    }
}

/// One line for each case that did not pass, and a last one.
pub(crate) fn text(
    outcomes: &[Outcome<'_>],
    out: &mut dyn Write,
) -> io::Result<()> {
    for outcome in outcomes {
        if outcome.status == Status::Passed {
            continue;
        }
        writeln!(
            out,
            "{}: {}: {} `{}`: {}",
            outcome.place(),
            word(outcome.status),
            outcome.case.rule,
            outcome.case.name.get_ref(),
            outcome.problems.join("; "),
        )?;
    }
    let tally = Tally::of(outcomes);
    writeln!(
        out,
        "{} case(s): {} passed, {} failed, {} todo, {} missing",
        outcomes.len(),
        tally.passed,
        tally.failed,
        tally.todo,
        tally.missing,
    )
}

/// One document.
pub(crate) fn json(outcomes: &[Outcome<'_>]) -> Json {
    let tally = Tally::of(outcomes);
    let cases: Vec<Json> = outcomes
        .iter()
        .map(|outcome| {
            json!({
                "manifest": display_path(&outcome.manifest.path),
                "line": outcome.manifest.line(outcome.case),
                "name": outcome.case.name.get_ref(),
                "rule": outcome.case.rule,
                "status": word(outcome.status),
                "problems": outcome.problems,
                "strings": outcome.observed,
                "rules": outcome.found,
            })
        })
        .collect();
    json!({
        "schema": "dragnet-test/1",
        "cases": cases,
        "passed": tally.passed,
        "failed": tally.failed,
        "todo": tally.todo,
        "missing": tally.missing,
    })
}

/// JUnit: a suite for each manifest.
pub(crate) fn junit(
    outcomes: &[Outcome<'_>],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut suites: BTreeMap<String, Vec<&Outcome<'_>>> = BTreeMap::new();
    for outcome in outcomes {
        let name = display_path(&outcome.manifest.path);
        suites.entry(name).or_default().push(outcome);
    }
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites>")?;
    for (name, cases) in suites {
        let count = |status: &[Status]| {
            cases.iter().filter(|case| status.contains(&case.status)).count()
        };
        writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" \
             skipped=\"{}\">",
            xml(&name),
            cases.len(),
            count(&[Status::Failed]),
            count(&[Status::Todo, Status::Missing]),
        )?;
        for case in cases {
            let problems = case.problems.join("; ");
            let problems = xml(&problems.replace(['\n', '\t'], " "));
            write!(
                out,
                "    <testcase classname=\"{}\" name=\"{}\"",
                xml(&case.case.rule),
                xml(case.case.name.get_ref()),
            )?;
            match case.status {
                Status::Passed => writeln!(out, "/>")?,
                Status::Failed => writeln!(
                    out,
                    "><failure message=\"{problems}\"/></testcase>"
                )?,
                Status::Todo | Status::Missing => writeln!(
                    out,
                    "><skipped message=\"{problems}\"/></testcase>"
                )?,
            }
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// Annotations of GitHub workflows.
pub(crate) fn github(
    outcomes: &[Outcome<'_>],
    out: &mut dyn Write,
) -> io::Result<()> {
    for outcome in outcomes {
        let level = match outcome.status {
            Status::Passed => continue,
            Status::Failed => "error",
            Status::Todo | Status::Missing => "notice",
        };
        let file = display_path(&outcome.manifest.path);
        writeln!(
            out,
            "::{level} file={},line={},title={}::{}",
            property(&file),
            outcome.manifest.line(outcome.case),
            property(&outcome.case.rule),
            data(&format!(
                "{}: {}",
                outcome.case.name.get_ref(),
                outcome.problems.join("; ")
            )),
        )?;
    }
    text(outcomes, out)
}
