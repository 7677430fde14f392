//! Findings of lints for machines.

use std::collections::BTreeMap;
use std::io::{self, Write};

use dragnet::lint::{Finding, LINTS, Level, Outcome, State};
use serde_json::{Value as Json, json};

use super::diagnostics::{fixes, labels, place};
use super::encode::{data, property, xml};
use super::sarif;

/// As many annotations of one kind are shown for a step of a workflow; the
/// rest is dropped without a word.
const MOST_ANNOTATIONS: usize = 10;

/// A summary of more than a mebibyte is refused; the margin is for the last
/// line, and for what other tools of the step add.
const MOST_SUMMARY: u64 = (1 << 20) - (16 << 10);

/// One document.
pub(crate) fn json(
    outcome: &Outcome,
    all: &[&Finding],
    out: &mut dyn Write,
) -> io::Result<()> {
    let sources = &outcome.sources;
    let list: Json = all
        .iter()
        .map(|finding| {
            json!({
                "id": finding.lint.id,
                "name": finding.lint.name,
                "code": finding.code.map(|code| code.name()),
                "level": finding.level.name(),
                "state": state(finding),
                "message": finding.message,
                "rule": finding.rule,
                "fingerprint": finding.fingerprint,
                "location": place(sources, finding.file, finding.span),
                "label": finding.label,
                "labels": labels(sources, &finding.labels),
                "notes": finding.notes,
                "help": finding.help,
                "fixes": fixes(sources, finding.file, &finding.fixes),
            })
        })
        .collect();
    let document = json!({
        "schema": "dragnet-lint/1",
        "files": outcome.files,
        "rules": outcome.rules,
        "findings": list,
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn state(finding: &Finding) -> &'static str {
    match finding.state {
        State::Active => "active",
        State::Suppressed => "suppressed",
        State::Known => "baseline",
    }
}

fn full_message(finding: &Finding) -> String {
    let mut message = finding.message.clone();
    for more in finding.notes.iter().chain(&finding.help) {
        message.push_str("; ");
        message.push_str(more);
    }
    message
}

/// SARIF 2.1.0, for code scanning.
pub(crate) fn sarif(
    outcome: &Outcome,
    all: &[&Finding],
    out: &mut dyn Write,
) -> io::Result<()> {
    let used = LINTS.iter().filter(|lint| {
        all.iter().any(|finding| std::ptr::eq(finding.lint, *lint))
    });
    let rules: Json = used
        .map(|lint| {
            let page = lint.page();
            json!({
                "id": lint.id,
                "name": lint.name,
                "shortDescription": {"text": lint.summary},
                "help": {"text": page, "markdown": page},
                "defaultConfiguration": {"level": sarif_level(lint.level)},
            })
        })
        .collect();
    let results: Json =
        all.iter().map(|finding| sarif_result(outcome, finding)).collect();
    sarif::write(&rules, &results, out)
}

fn sarif_level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
        Level::Off => "none",
    }
}

fn sarif_result(outcome: &Outcome, finding: &Finding) -> Json {
    let sources = &outcome.sources;
    let (file, span) = (finding.file, finding.span);
    let mut result = json!({
        "ruleId": finding.lint.id,
        "level": sarif_level(finding.level),
        "message": {"text": full_message(finding)},
        "locations": [sarif::location(sources, file, span)],
        "relatedLocations": sarif::related(sources, &finding.labels),
        "partialFingerprints": {"dragnet/v1": finding.fingerprint},
    });
    match finding.state {
        State::Active => {}
        State::Suppressed => {
            result["suppressions"] = json!([{"kind": "inSource"}]);
        }
        State::Known => {
            result["suppressions"] = json!([{"kind": "external"}]);
        }
    }
    if !finding.fixes.is_empty() {
        result["fixes"] = sarif::fixes(sources.get(file), &finding.fixes);
    }
    result
}

/// JUnit: a suite for each file, a case for each finding.
pub(crate) fn junit(
    outcome: &Outcome,
    all: &[&Finding],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut suites: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in all {
        let name = outcome.sources.get(finding.file).name.as_str();
        suites.entry(name).or_default().push(finding);
    }
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"dragnet lint\">")?;
    for (name, findings) in suites {
        let active =
            findings.iter().filter(|f| f.state == State::Active).count();
        writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{active}\" \
             skipped=\"{}\">",
            xml(name),
            findings.len(),
            findings.len() - active,
        )?;
        for finding in findings {
            let source = outcome.sources.get(finding.file);
            let at = source.line_column(finding.span.lo);
            writeln!(
                out,
                "    <testcase classname=\"{}\" name=\"{} {} at {}:{}\">",
                xml(finding.rule.as_deref().unwrap_or(name)),
                finding.lint.id,
                finding.lint.name,
                at.line,
                at.column,
            )?;
            let message = xml(&full_message(finding));
            let level = finding.level.name();
            match finding.state {
                State::Active => writeln!(
                    out,
                    "      <failure type=\"{level}\" message=\"{message}\"/>"
                )?,
                _ => writeln!(out, "      <skipped message=\"{message}\"/>")?,
            }
            writeln!(out, "    </testcase>")?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// Annotations, the worst first; equal lints of a file are one. `listed` is
/// how many are in the summary of the job, if there is one.
pub(crate) fn github(
    outcome: &Outcome,
    all: &[&Finding],
    listed: Option<usize>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut groups: BTreeMap<_, Vec<&Finding>> = BTreeMap::new();
    for finding in all.iter().filter(|f| f.state == State::Active) {
        let level = std::cmp::Reverse(finding.level);
        let name = outcome.sources.get(finding.file).name.as_str();
        let key = (level, name, finding.lint.id);
        groups.entry(key).or_default().push(finding);
    }
    let mut written: BTreeMap<Level, usize> = BTreeMap::new();
    let (mut shown, mut total) = (0, 0);
    for ((level, name, id), findings) in &groups {
        total += findings.len();
        let count = written.entry(level.0).or_default();
        *count += 1;
        if *count > MOST_ANNOTATIONS {
            continue;
        }
        let Some(first) = findings.first() else { continue };
        shown += findings.len();
        let source = outcome.sources.get(first.file);
        let start = source.line_column(first.span.lo);
        let end = source.line_column(first.span.hi);
        let more = match findings.len() {
            1 => String::new(),
            n => format!(" (and {} more in this file)", n - 1),
        };
        writeln!(
            out,
            "::{} file={},line={},col={},endLine={},endColumn={},\
             title={id} {}::{}",
            match level.0 {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Info | Level::Off => "notice",
            },
            property(name),
            start.line,
            start.column,
            end.line,
            end.column,
            first.lint.name,
            data(&(full_message(first) + &more)),
        )?;
    }
    write!(out, "showing {shown} of {total}")?;
    match listed {
        Some(listed) if listed == total => {
            writeln!(out, ", full list in the job summary")
        }
        Some(listed) => writeln!(out, ", {listed} in the job summary"),
        None => writeln!(out),
    }
}

/// Findings as a table in Markdown, the worst first, for the summary of a
/// job that has `taken` bytes already; and how many are in it. What does not
/// fit is counted in the last line, for a summary that is too long is dropped
/// as a whole.
pub(crate) fn summary(
    outcome: &Outcome,
    all: &[&Finding],
    taken: u64,
) -> (String, usize) {
    let room = MOST_SUMMARY.saturating_sub(taken);
    // A table begins after an empty line only.
    let mut text = String::from(
        "\n| level | lint | place | message |\n|---|---|---|---|\n",
    );
    let active = all.iter().filter(|f| f.state == State::Active);
    let mut active: Vec<(&Finding, &str, u32)> = active
        .map(|finding| {
            let source = outcome.sources.get(finding.file);
            let line = source.line_column(finding.span.lo).line;
            (*finding, source.name.as_str(), line)
        })
        .collect();
    active.sort_by_key(|(finding, name, line)| {
        (std::cmp::Reverse(finding.level), *name, *line)
    });
    let mut listed = 0;
    for (finding, name, line) in &active {
        let message = finding.message.replace('|', "\\|").replace('\n', " ");
        let row = format!(
            "| {} | {} {} | {name}:{line} | {message} |\n",
            finding.level.name(),
            finding.lint.id,
            finding.lint.name,
        );
        if (text.len() + row.len()) as u64 > room {
            break;
        }
        text.push_str(&row);
        listed += 1;
    }
    let missing = active.len() - listed;
    if missing > 0 {
        text.push_str(&format!(
            "\n{missing} more finding(s) are missing here: \
             a summary has at most 1 MiB.\n"
        ));
    }
    (text, listed)
}
