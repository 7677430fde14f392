//! Applies fixes. A fix that calls itself safe is only taken if the logic
//! hash of every rule stays what it is.

use std::collections::HashSet;

use dragnet_compiler::diag::{Applicability, Diagnostic, Edit};
use dragnet_compiler::source::FileId;
use dragnet_compiler::syntax;

use super::subject::{Finding, State};
use crate::logic_hash::{LogicHash, logic_hashes};

/// Fixes in one go; what is left is found again.
const MOST: usize = 2_000;
/// Rounds of leaving fixes out, one for each rule; then all that are left of
/// a changed rule are.
const ROUNDS: usize = 32;

/// What became of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired {
    /// The new text.
    pub text: Vec<u8>,
    /// How many fixes are in it.
    pub applied: usize,
}

/// Applies the fixes of the findings of one file to its text: the safe ones,
/// or all of them.
pub fn repair(
    text: &[u8],
    findings: &[&Finding],
    with_unsafe: bool,
) -> Repaired {
    let active = findings.iter().filter(|f| f.state == State::Active);
    let fixes = active.filter_map(|finding| {
        let safe = |fix: &&dragnet_compiler::diag::Fix| {
            with_unsafe || fix.applicability == Applicability::Safe
        };
        let fix = finding.fixes.iter().find(safe)?;
        let sure = fix.applicability == Applicability::Safe;
        Some((finding.rule.clone(), fix.edits.clone(), sure))
    });
    let mut chosen: Vec<_> = fixes.collect();
    // Large changes of layout come last: they overlap everything.
    chosen.sort_by_key(|(_, edits, _)| {
        edits.iter().map(|e| e.span.hi - e.span.lo).sum::<u32>()
    });
    chosen.truncate(MOST);
    let before = logic_hashes(text);
    let errors = error_count(text);
    let mut banned: HashSet<usize> = HashSet::new();
    let mut rounds = 0;
    loop {
        let (new, applied) = apply(text, &chosen, &banned);
        if applied.is_empty() {
            return Repaired { text: text.to_vec(), applied: 0 };
        }
        let sure: Vec<usize> =
            (applied.iter().copied()).filter(|at| chosen[*at].2).collect();
        let after = logic_hashes(&new);
        let hash = |rules: &[crate::logic_hash::HashedRule]| -> Vec<_> {
            let all = rules.iter().map(|r| (r.name.clone(), r.hash));
            all.collect::<Vec<(String, Option<LogicHash>)>>()
        };
        let (old, now) = (hash(&before), hash(&after));
        let unsure: HashSet<Option<String>> = (applied.iter())
            .filter(|at| !chosen[**at].2)
            .map(|at| chosen[*at].0.clone())
            .collect();
        let changed = |name: &str| {
            let pick = |all: &[(String, Option<LogicHash>)]| -> Vec<_> {
                let own = all.iter().filter(|(other, _)| other == name);
                own.map(|(_, hash)| *hash).collect()
            };
            pick(&old) != pick(&now)
        };
        let broken = error_count(&new) > errors;
        let bad: Vec<usize> = if broken {
            // Whatever did it: none of them.
            applied.clone()
        } else {
            (sure.iter().copied())
                .filter(|at| match &chosen[*at].0 {
                    Some(rule) => {
                        !unsure.contains(&Some(rule.clone())) && changed(rule)
                    }
                    None => unsure.is_empty() && old != now,
                })
                .collect()
        };
        if bad.is_empty() {
            return Repaired { text: new, applied: applied.len() };
        }
        rounds += 1;
        if broken || rounds > ROUNDS {
            banned.extend(bad);
            continue;
        }
        // One for each rule, so that the others still get their chance.
        let mut rules = HashSet::new();
        let one = bad.iter().rev();
        banned.extend(one.filter(|at| rules.insert(&chosen[**at].0)));
    }
}

type Choice = (Option<String>, Vec<Edit>, bool);

/// The text with all fixes that do not overlap, and which those are.
fn apply(
    text: &[u8],
    chosen: &[Choice],
    banned: &HashSet<usize>,
) -> (Vec<u8>, Vec<usize>) {
    let mut edits: Vec<&Edit> = Vec::new();
    let mut applied = Vec::new();
    for (at, (_, wanted, _)) in chosen.iter().enumerate() {
        let free = wanted.iter().all(|new| {
            edits.iter().all(|old| {
                new.span.hi < old.span.lo || old.span.hi < new.span.lo
            })
        });
        if free && !wanted.is_empty() && !banned.contains(&at) {
            edits.extend(wanted);
            applied.push(at);
        }
    }
    edits.sort_by_key(|edit| edit.span);
    let mut new = Vec::with_capacity(text.len());
    let mut done = 0;
    for edit in edits {
        new.extend(text.get(done..edit.span.lo as usize).unwrap_or(&[]));
        new.extend(edit.text.as_bytes());
        done = edit.span.hi as usize;
    }
    new.extend(text.get(done..).unwrap_or_default());
    (new, applied)
}

fn error_count(text: &[u8]) -> usize {
    let (_, diagnostics) = syntax::parse(text, FileId::default());
    diagnostics.iter().filter(|d| Diagnostic::is_error(d)).count()
}
