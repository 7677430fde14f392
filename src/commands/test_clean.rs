//! The gate of clean files in `dragnet test`.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use dragnet::Rules;

use crate::args::TestArgs;
use crate::failure::{DONE, FINDINGS, Failure, INCOMPLETE};
use crate::replace;
use crate::testing::clean::{Gate, Seen, line, read};
use crate::testing::suite::Suite;

/// Hits of a rule that are listed.
const SHOWN: usize = 20;

/// Runs the gates of the command line and of the manifests, and gives the
/// exit code they mean.
pub(super) fn run(
    args: &TestArgs,
    suite: &Suite,
    rules: &Rules,
    out: &mut impl Write,
) -> Result<u8, Failure> {
    let mut code = DONE;
    for gate in gates(args, suite) {
        let seen = gate.run(rules)?;
        write(&gate, &seen, out).map_err(|error| Failure::output(&error))?;
        if args.write_baseline {
            shrink(&gate, &seen, out)?;
        }
        let enough = seen.scanned >= gate.min_files.max(1);
        let found = match () {
            () if !seen.new.is_empty() => FINDINGS,
            () if !enough || !seen.lost.is_empty() => INCOMPLETE,
            // The list must not keep room for what comes back.
            () if !seen.stale.is_empty() && !args.write_baseline => FINDINGS,
            () => DONE,
        };
        if code == DONE || (code == INCOMPLETE && found == FINDINGS) {
            code = found;
        }
    }
    Ok(code)
}

fn gates(args: &TestArgs, suite: &Suite) -> Vec<Gate> {
    let mut gates = Vec::new();
    if !args.clean.is_empty() {
        gates.push(Gate {
            clean: args.clean.clone(),
            min_files: args.min_files.unwrap_or(1),
            baseline: args.baseline.clone(),
            namespaces: BTreeSet::new(),
        });
    }
    for manifest in &suite.manifests {
        let corpus = &manifest.corpus;
        if corpus.clean.is_empty() {
            continue;
        }
        let beside = |name: &String| manifest.directory().join(name);
        let clean: Vec<PathBuf> = corpus.clean.iter().map(beside).collect();
        gates.push(Gate {
            clean,
            min_files: corpus.min_files,
            baseline: corpus.baseline.as_ref().map(beside),
            namespaces: suite.namespaces(manifest),
        });
    }
    gates
}

fn write(
    gate: &Gate,
    seen: &Seen,
    out: &mut impl Write,
) -> std::io::Result<()> {
    for (rule, hits) in seen.by_rule() {
        writeln!(out, "{rule}: {} clean file(s) newly hit", hits.len())?;
        for hit in hits.iter().take(SHOWN) {
            writeln!(out, "    {}: {}", hit.path, hit.strings.join(", "))?;
            writeln!(out, "    {}", line(hit))?;
        }
        if hits.len() > SHOWN {
            writeln!(out, "    and {} more", hits.len() - SHOWN)?;
        }
    }
    for hit in &seen.stale {
        let rule = &hit.rule;
        writeln!(out, "{rule}: no longer hits {}: take it off", hit.path)?;
    }
    for path in seen.lost.iter().take(SHOWN) {
        writeln!(out, "not scanned: {path}")?;
    }
    if seen.scanned < gate.min_files.max(1) {
        writeln!(
            out,
            "only {} clean file(s) were scanned; {} are needed",
            seen.scanned,
            gate.min_files.max(1)
        )?;
    }
    writeln!(
        out,
        "clean files: {} scanned, {} not, {} new hit(s), {} known, {} stale",
        seen.scanned,
        seen.lost.len(),
        seen.new.len(),
        seen.known,
        seen.stale.len()
    )
}

/// Takes stale hits off the list. Where there is no list yet, one is begun
/// with what was found; after that it never grows by itself.
fn shrink(
    gate: &Gate,
    seen: &Seen,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let Some(path) = &gate.baseline else { return Ok(()) };
    let kept = match path.exists() {
        true => {
            let mut known = read(path)?;
            known.retain(|hit| !seen.stale.contains(hit));
            known
        }
        false => seen.new.clone(),
    };
    let lines = kept.iter().map(|hit| line(hit) + "\n");
    let text: String = lines.collect();
    replace::output(path, text.as_bytes())
        .map_err(|error| Failure::path(path, error))?;
    let name = dragnet::display_path(path);
    writeln!(out, "{name}: {} known hit(s)", kept.len())
        .map_err(|error| Failure::output(&error))
}
