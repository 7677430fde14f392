//! `--print-stats` and `--slowest`: figures about the rules.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use dragnet::{Rules, Stats, Work};

use crate::failure::Failure;
use crate::report::sha256;

/// Prints the figures of these rules.
pub(super) fn print(rules: &Rules) -> Result<(), Failure> {
    io::stdout()
        .write_all(text(rules).as_bytes())
        .map_err(|error| Failure::output(&error))
}

/// Lists the strings that cost most on standard error.
pub(super) fn print_slowest(rules: &Rules, work: &Work, top: usize) {
    let mut all: Vec<(u64, u32)> = (0..)
        .zip(&work.patterns)
        .map(|(id, work)| (work.cost(), id))
        .filter(|(cost, _)| *cost > 0)
        .collect();
    let sum: u64 = all.iter().map(|(cost, _)| cost).sum();
    all.sort_by_key(|(cost, id)| (std::cmp::Reverse(*cost), *id));
    let mut text =
        String::from("      cost  share  verifications  matches  string\n");
    for (cost, id) in all.into_iter().take(top) {
        let of = work.patterns[id as usize];
        let rule = rules.rule_of_pattern(id);
        let _ = writeln!(
            text,
            "{cost:10}  {:4.1}%  {:13}  {:7}  {}:${}",
            cost as f64 * 100.0 / sum as f64,
            of.verifications,
            of.matches,
            rule.map_or("", |rule| rule.name()),
            rules.pattern_name(id).unwrap_or_default(),
        );
    }
    // If nobody listens, the scan is done all the same.
    let _ = io::stderr().write_all(text.as_bytes());
}

fn text(rules: &Rules) -> String {
    let stats = Stats::of(rules);
    let mut text = format!(
        "number of rules: {}\nnumber of patterns: {}\n\
         number of literals: {}\nnumber of atoms: {}\n\
         size in bytes: {}\nsha256: {}\nliterals by length:\n",
        stats.rules,
        stats.patterns,
        stats.literals,
        stats.atoms,
        rules.bytes().len(),
        sha256(rules.bytes()),
    );
    for (length, count) in &stats.lengths {
        let _ = writeln!(text, "  {length}: {count}");
    }
    let _ = writeln!(text, "slow patterns: {}", stats.slow.len());
    for (rule, pattern) in &stats.slow {
        let _ = writeln!(text, "  {rule}:${pattern}");
    }
    text
}
