//! `dragnet lint`

use std::collections::{BTreeMap, HashSet};
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dragnet::lint::{
    Baseline, Finding, History, Input, LINTS, Level, Lint, Linter, Outcome,
    Repair, State, repair,
};
use dragnet::{Value, display_path};

use crate::args::{LintArgs, LintFormat, LintLevel, parse_define};
use crate::config::{Config, FILE_EXTERNALS};
use crate::failure::{DONE, FINDINGS, Failure, UNUSABLE};
use crate::load::use_colours;
use crate::render::Renderer;
use crate::replace;
use crate::report::findings;
use crate::testing::revision;
use crate::testing::store::Store;

/// Repairs may make others possible; after so many rounds it is enough.
const MAX_ROUNDS: usize = 5;

/// Judges, and gives the exit code.
pub(crate) fn run(args: &LintArgs) -> Result<u8, Failure> {
    if let Some(name) = &args.explain {
        return explain(name);
    }
    let mut inputs = read(args)?;
    let mut out = io::stdout().lock();
    if args.fix {
        fix(args, &mut inputs, &mut out)?;
        if args.diff {
            out.flush().map_err(|error| Failure::output(&error))?;
            return Ok(DONE);
        }
    }
    let outcome = judge(args, &inputs)?;
    if let Some(path) = &args.write_baseline {
        let text = Baseline::write(&outcome.findings, &outcome.sources);
        replace::output(path, text.as_bytes())
            .map_err(|error| Failure::path(path, error))?;
        return Ok(DONE);
    }
    let least = match args.level {
        LintLevel::Info => Level::Info,
        LintLevel::Warning => Level::Warning,
        LintLevel::Error => Level::Error,
    };
    let shown: Vec<&Finding> =
        outcome.findings.iter().filter(|f| f.level >= least).collect();
    write(args, &outcome, &shown, &mut out)
        .and_then(|()| out.flush())
        .map_err(|error| Failure::output(&error))?;
    let active = || shown.iter().filter(|f| f.state == State::Active);
    let broken = active().any(|f| matches!(f.lint.id, "S001" | "S015"));
    Ok(match (broken, active().count()) {
        (true, _) => UNUSABLE,
        (false, 1..) => FINDINGS,
        (false, 0) => DONE,
    })
}

/// The files that the user names, or standard input.
fn read(args: &LintArgs) -> Result<Vec<Input>, Failure> {
    let here = [PathBuf::from(".")];
    let paths = match args.paths.as_slice() {
        [] => &here,
        paths => paths,
    };
    let mut inputs: Vec<Input> = Vec::new();
    let mut known = HashSet::new();
    for path in paths {
        if path.as_os_str() == "-" {
            inputs.push(standard_input(args)?);
            continue;
        }
        let files = dragnet::rule_files(path)
            .map_err(|error| Failure::path(path, error))?;
        for file in files {
            let name = display_path(&file);
            let name = name.strip_prefix("./").unwrap_or(&name).to_owned();
            if !known.insert(file.clone()) {
                continue;
            }
            let text = std::fs::read(&file)
                .map_err(|error| Failure::path(&file, error))?;
            let text = Arc::from(text);
            inputs.push(Input { path: Some(file), name, text });
        }
    }
    if inputs.is_empty() {
        return Err(Failure::usage("there is no rule file"));
    }
    Ok(inputs)
}

fn standard_input(args: &LintArgs) -> Result<Input, Failure> {
    let mut text = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut text)
        .map_err(|error| Failure::usage(format!("<stdin>: {error}")))?;
    let path = args.stdin_filename.clone();
    let name = path.as_deref().map_or("<stdin>".to_owned(), display_path);
    Ok(Input { path, name, text: Arc::from(text) })
}

fn judge(args: &LintArgs, inputs: &[Input]) -> Result<Outcome, Failure> {
    let start = inputs.iter().find_map(|input| input.path.as_deref());
    let start = start.unwrap_or(Path::new("."));
    let config = Config::find(start).map_err(Failure::usage)?;
    let mut settings = config.lint();
    settings.select.clone_from(&args.select);
    settings.ignore.clone_from(&args.ignore);
    settings.today = today();
    settings.check().map_err(Failure::usage)?;
    let mut externals: BTreeMap<String, Value> = FILE_EXTERNALS
        .iter()
        .map(|name| ((*name).to_owned(), Value::Text(Vec::new())))
        .collect();
    externals.extend(config.externals().map_err(Failure::usage)?);
    for define in &args.define {
        let (name, value) = parse_define(define).map_err(Failure::usage)?;
        externals.insert(name, value);
    }
    settings.externals = externals.into_iter().collect();
    let mut linter = Linter::new(settings);
    for dir in &args.include_dir {
        linter.include_dir(dir);
    }
    for module in &args.ignore_module {
        linter.ignore_module(module);
    }
    if let Some(path) = &args.baseline {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::path(path, error))?;
        let baseline = Baseline::read(display_path(path), text)
            .map_err(|error| Failure::path(path, error))?;
        linter.baseline(baseline);
    }
    if let Some(reference) = &args.new_from {
        linter.history(history(reference, inputs)?);
    }
    if let Some(directory) = &args.samples {
        linter.samples(Box::new(Store::new(directory)));
    }
    for input in inputs {
        linter.add(input.clone());
    }
    Ok(linter.run())
}

/// The files as they were.
fn history(reference: &str, inputs: &[Input]) -> Result<History, Failure> {
    let mut history = History::new();
    let mut folders = std::collections::HashSet::new();
    for input in inputs {
        let Some(path) = &input.path else { continue };
        // One look for each folder is enough.
        if folders.insert(path.parent()) {
            revision::check(reference, path)?;
        }
        if let Some(text) = revision::file(reference, path)? {
            history.add(input.name.clone(), text);
        }
    }
    Ok(history)
}

/// The day in UTC, as YYYY-MM-DD.
fn today() -> String {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed();
    let days = since.map_or(0, |since| since.as_secs() / 86_400);
    // Years begin in March here, so that a leap day is the last one.
    let days = days + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let leap = of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096;
    let year_of_era = leap / 365;
    let day =
        of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day + 2) / 153;
    let day_of_month = day - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day_of_month:02}")
}

/// Repairs the inputs, and writes them or what would change.
fn fix(
    args: &LintArgs,
    inputs: &mut [Input],
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let before: Vec<Arc<[u8]>> =
        inputs.iter().map(|input| input.text.clone()).collect();
    let mut applied = 0;
    for _ in 0..MAX_ROUNDS {
        let outcome = judge(args, inputs)?;
        let mut by_name: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in &outcome.findings {
            let name = outcome.sources.get(finding.file).name.as_str();
            by_name.entry(name).or_default().push(finding);
        }
        let mut any = false;
        for input in inputs.iter_mut() {
            let Some(own) = by_name.get(input.name.as_str()) else { continue };
            let repaired = repair(&input.text, own, args.with_unsafe);
            if repaired.applied > 0 && repaired.text[..] != input.text[..] {
                applied += repaired.applied;
                any = true;
                input.text = Arc::from(repaired.text);
            }
        }
        if !any {
            break;
        }
    }
    if let (Some(path), false) = (&args.baseline, args.diff) {
        applied += shorten(path, &judge(args, inputs)?)?;
    }
    for (input, old) in inputs.iter().zip(before) {
        if input.text == old {
            continue;
        }
        if args.diff {
            replace::write_diff(&input.name, &old, &input.text, out)
                .map_err(|error| Failure::output(&error))?;
        } else if let Some(path) = &input.path {
            replace::file(path, &input.text)
                .map_err(|error| Failure::path(path, error))?;
        } else {
            out.write_all(&input.text)
                .map_err(|error| Failure::output(&error))?;
        }
    }
    let verb = if args.diff { "can be repaired" } else { "repaired" };
    // Nobody is there to read if standard error is closed.
    let _ = writeln!(io::stderr(), "{applied} finding(s) {verb}");
    Ok(())
}

/// Takes out of a baseline what is no longer found; gives how much.
fn shorten(path: &Path, outcome: &Outcome) -> Result<usize, Failure> {
    let stale = outcome.findings.iter().filter(|f| f.lint.id == "X004");
    let stale: Vec<&Finding> = stale.collect();
    let Some(first) = stale.first() else { return Ok(0) };
    let old = &outcome.sources.get(first.file).text;
    let new = repair(old, &stale, false);
    replace::file(path, &new.text)
        .map_err(|error| Failure::path(path, error))?;
    Ok(new.applied)
}

fn write(
    args: &LintArgs,
    outcome: &Outcome,
    shown: &[&Finding],
    out: &mut (impl Write + IsTerminal),
) -> io::Result<()> {
    let in_workflow =
        std::env::var_os("GITHUB_ACTIONS").is_some_and(|v| v == "true");
    let usual = match in_workflow {
        true => LintFormat::Github,
        false => LintFormat::Text,
    };
    match args.format.unwrap_or(usual) {
        LintFormat::Text => text(args, outcome, shown, out),
        LintFormat::Json => findings::json(outcome, shown, out),
        LintFormat::Sarif => findings::sarif(outcome, shown, out),
        LintFormat::Junit => findings::junit(outcome, shown, out),
        LintFormat::Github => {
            let path = std::env::var_os("GITHUB_STEP_SUMMARY")
                .filter(|path| !path.is_empty());
            let Some(path) = path else {
                return findings::github(outcome, shown, None, out);
            };
            let mut file = std::fs::OpenOptions::new()
                .append(true)
                .create(true)
                .open(path)?;
            let taken = file.metadata()?.len();
            let (text, listed) = findings::summary(outcome, shown, taken);
            file.write_all(text.as_bytes())?;
            findings::github(outcome, shown, Some(listed), out)
        }
    }
}

fn text(
    args: &LintArgs,
    outcome: &Outcome,
    shown: &[&Finding],
    out: &mut (impl Write + IsTerminal),
) -> io::Result<()> {
    let colours = use_colours(out.is_terminal());
    let active = || {
        let all = shown.iter().copied();
        all.filter(|finding| finding.state == State::Active)
    };
    if args.statistics {
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for finding in active() {
            let key = (finding.lint.id, finding.lint.name);
            *counts.entry(key).or_default() += 1;
        }
        for ((id, name), count) in counts {
            writeln!(out, "{count:8}  {id}  {name}")?;
        }
    } else {
        let renderer = Renderer::new(&outcome.sources, colours);
        for finding in active() {
            writeln!(out, "{}", renderer.draw_finding(finding))?;
            let id = finding.lint.id;
            writeln!(out, "   = explain: dragnet lint --explain {id}\n")?;
        }
    }
    let of = |level| active().filter(|f| f.level == level).count();
    let in_state =
        |state| outcome.findings.iter().filter(|f| f.state == state).count();
    let fixable = active().filter(|f| {
        f.fixes
            .iter()
            .any(|fix| fix.applicability == dragnet::diag::Applicability::Safe)
    });
    writeln!(
        out,
        "{} error(s), {} warning(s), {} info ({} fixable with --fix), {} \
         suppressed, {} in baseline; {} rule(s) in {} file(s)",
        of(Level::Error),
        of(Level::Warning),
        of(Level::Info),
        fixable.count(),
        in_state(State::Suppressed),
        in_state(State::Known),
        outcome.rules,
        outcome.files,
    )
}

fn explain(name: &str) -> Result<u8, Failure> {
    let text = if name == "list" {
        list()
    } else {
        let upper = name.to_ascii_uppercase();
        let found = Lint::find(&upper).or_else(|| Lint::find(name));
        let found = found.ok_or_else(|| {
            Failure::usage(format!(
                "there is no lint `{name}`; `--explain list` lists all"
            ))
        })?;
        found.page()
    };
    super::print(&text)?;
    Ok(DONE)
}

fn list() -> String {
    let mut text = String::new();
    for lint in LINTS {
        let fix = match lint.repair {
            Repair::None => "",
            Repair::Safe => "fix",
            Repair::Unsafe => "unsafe",
        };
        let (id, name) = (lint.id, lint.name);
        let (level, summary) = (lint.level.name(), lint.summary);
        text.push_str(&format!("{id}  {name:22}{level:9}{fix:8}{summary}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn today_is_a_day() {
        let today = today();
        assert_eq!(today.len(), 10);
        assert!(today.as_str() > "2024-01-01", "{today}");
    }
}
