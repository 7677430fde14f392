//! `--print-stats`: figures about the rules.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use dragnet::{Rules, Stats};

use crate::failure::Failure;
use crate::report::sha256;

/// Prints the figures of these rules.
pub(super) fn print(rules: &Rules) -> Result<(), Failure> {
    io::stdout()
        .write_all(text(rules).as_bytes())
        .map_err(|error| Failure::output(&error))
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
