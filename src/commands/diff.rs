//! `dragnet diff`

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::args::{DiffArgs, DiffFail, DiffFormat};
use crate::failure::{DONE, FINDINGS, Failure, INCOMPLETE};
use crate::load::Operand;
use crate::testing::corpus;
use crate::testing::made_up::made_up;
use crate::testing::measure::{Measured, Object, measure};
use crate::testing::pairing::{Class, Pair, pairs};
use crate::testing::sets::Set;

/// More work than this, in percent, counts as dearer.
const DEARER: f64 = 10.0;

/// Compares, and gives the exit code.
pub(crate) fn run(args: &DiffArgs) -> Result<u8, Failure> {
    // A revision is about the files of the other side; of two revisions,
    // about those of the current directory.
    let there = [&args.new, &args.old];
    let there = there.into_iter().find(|name| Path::new(name).exists());
    let present = there.map_or(Path::new("."), Path::new);
    let present = [Operand::plain(present)];
    let old = Set::load(&args.old, &present, &args.rule_args)?;
    let new = Set::load(&args.new, &present, &args.rule_args)?;
    let pairs = pairs(old.study.facts(), new.study.facts());
    let objects: Vec<Object> = match args.corpus.as_slice() {
        [] => made_up(),
        paths => corpus::files(paths)?.into_iter().map(Object::File).collect(),
    };
    let before = measure(&old.rules, &objects);
    let after = measure(&new.rules, &objects);
    let diff = Diff { old: &old, new: &new, pairs, before, after };
    let rows = diff.rows();
    let text = match args.format {
        DiffFormat::Text => diff.text(&rows),
        DiffFormat::Markdown => diff.markdown(&rows),
        DiffFormat::Json => format!("{:#}\n", diff.json(&rows)),
    };
    super::print(&text)?;
    if args.fail_on.iter().any(|kind| diff.has(*kind, &rows)) {
        return Ok(FINDINGS);
    }
    let whole = diff.before.lost.is_empty() && diff.after.lost.is_empty();
    Ok(if whole { DONE } else { INCOMPLETE })
}

struct Diff<'d> {
    old: &'d Set,
    new: &'d Set,
    pairs: Vec<Pair>,
    before: Measured,
    after: Measured,
}

/// A rule that differs.
struct Row {
    name: String,
    was: Option<String>,
    /// `None`: the rule is the same, only what it finds is not.
    class: Option<Class>,
    status: Option<(String, String)>,
    hit: Vec<String>,
    lost: Vec<String>,
    /// Counted work before and after.
    cost: (u64, u64),
}

impl Diff<'_> {
    /// What differs, the weightiest classes first.
    fn rows(&self) -> Vec<Row> {
        let none = BTreeSet::new();
        let mut rows = Vec::new();
        for pair in &self.pairs {
            let hits = |of: &Measured, rule: Option<u32>| {
                let hits = rule.and_then(|rule| of.hits.get(&rule).cloned());
                hits.unwrap_or_else(|| none.clone())
            };
            let was = hits(&self.before, pair.old);
            let is = hits(&self.after, pair.new);
            let hit: Vec<String> = is.difference(&was).cloned().collect();
            let lost: Vec<String> = was.difference(&is).cloned().collect();
            if pair.class.is_none() && hit.is_empty() && lost.is_empty() {
                continue;
            }
            let name = |set: &Set, rule: Option<u32>| {
                let rule = set.study.facts().rules().get(rule? as usize)?;
                Some(rule.name.clone())
            };
            let (a, b) = (name(self.old, pair.old), name(self.new, pair.new));
            rows.push(Row {
                name: b.clone().or(a.clone()).unwrap_or_default(),
                was: a.filter(|a| b.as_ref().is_some_and(|b| a != b)),
                class: pair.class,
                status: pair.status.clone(),
                hit,
                lost,
                cost: (
                    rule_cost(self.old, &self.before, pair.old),
                    rule_cost(self.new, &self.after, pair.new),
                ),
            });
        }
        rows.sort_by(|a, b| (b.class, &a.name).cmp(&(a.class, &b.name)));
        rows
    }

    fn counts(&self, rows: &[Row]) -> Vec<(&'static str, usize)> {
        let mut counts = BTreeMap::new();
        for class in rows.iter().filter_map(|row| row.class) {
            *counts.entry(class).or_insert(0) += 1;
        }
        let named = counts.into_iter().rev();
        named.map(|(class, count)| (class.name(), count)).collect()
    }

    /// The change of the counted work in percent; `None` if there was none.
    fn cost(&self) -> Option<f64> {
        percent(self.before.cost(), self.after.cost())
    }

    fn files(rows: &[Row], of: impl Fn(&Row) -> &Vec<String>) -> usize {
        let all: BTreeSet<&String> = rows.iter().flat_map(of).collect();
        all.len()
    }

    fn summary(&self, rows: &[Row]) -> String {
        let counts = self.counts(rows).into_iter();
        let mut parts: Vec<String> =
            counts.map(|(name, count)| format!("{count} {name}")).collect();
        if parts.is_empty() {
            parts.push("no rule differs".to_owned());
        }
        parts.push(match self.cost() {
            Some(grown) => format!("cost {grown:+.1} %"),
            None => format!("new cost {}", self.after.cost()),
        });
        let hit = Diff::files(rows, |row| &row.hit);
        let lost = Diff::files(rows, |row| &row.lost);
        parts.push(format!("{hit} files newly hit"));
        parts.push(format!("{lost} lost"));
        parts.join(", ")
    }

    fn text(&self, rows: &[Row]) -> String {
        let mut text = String::new();
        for row in rows {
            let class = row.class.map_or("same", Class::name);
            let _ = write!(text, "{class:14} {}", row.name);
            if let Some(was) = &row.was {
                let _ = write!(text, " (was {was})");
            }
            if let Some((from, to)) = &row.status {
                let _ = write!(text, ", status {from} to {to}");
            }
            let _ = match row.cost {
                (old, new) if old == new => Ok(()),
                (0, new) => write!(text, ", new cost {new}"),
                (old, new) => write!(text, ", cost {old} to {new}"),
            };
            text.push('\n');
            for (word, files) in [("hit", &row.hit), ("lost", &row.lost)] {
                for file in files {
                    let _ = writeln!(text, "    {word}: {file}");
                }
            }
        }
        let _ = writeln!(text, "{}", self.summary(rows));
        text
    }

    fn markdown(&self, rows: &[Row]) -> String {
        let mut text = format!("**Rules:** {}\n", self.summary(rows));
        if rows.is_empty() {
            return text;
        }
        text.push_str(
            "\n| rule | class | cost | newly hit | lost |\n\
             |---|---|---|---|---|\n",
        );
        for row in rows {
            let mut name = format!("`{}`", row.name);
            if let Some(was) = &row.was {
                let _ = write!(name, " (was `{was}`)");
            }
            let mut class = row.class.map_or("same", Class::name).to_owned();
            if let Some((from, to)) = &row.status {
                let _ = write!(class, ", {from} to {to}");
            }
            let cost = match row.cost {
                (0, 0) => String::new(),
                (old, new) => match percent(old, new) {
                    Some(grown) => format!("{grown:+.1} %"),
                    None => format!("new: {new}"),
                },
            };
            let _ = writeln!(
                text,
                "| {name} | {class} | {cost} | {} | {} |",
                listed(&row.hit),
                listed(&row.lost)
            );
        }
        text
    }

    fn json(&self, rows: &[Row]) -> Json {
        let listed: Vec<Json> = rows
            .iter()
            .map(|row| {
                json!({
                    "rule": row.name,
                    "was": row.was,
                    "class": row.class.map(Class::name),
                    "status": row.status,
                    "newly_hit": row.hit,
                    "lost": row.lost,
                    "cost": { "old": row.cost.0, "new": row.cost.1 },
                })
            })
            .collect();
        json!({
            "schema": "dragnet-diff/1",
            "summary": self.summary(rows),
            "rules": listed,
            "cost": {
                "old": self.before.cost(),
                "new": self.after.cost(),
                "percent": self.cost(),
            },
            "objects": self.after.objects,
            "unread": self.after.lost,
        })
    }

    fn has(&self, kind: DiffFail, rows: &[Row]) -> bool {
        let class = |class| rows.iter().any(|row| row.class == Some(class));
        match kind {
            DiffFail::Lost => rows.iter().any(|row| !row.lost.is_empty()),
            DiffFail::New => rows.iter().any(|row| !row.hit.is_empty()),
            DiffFail::Widened => class(Class::Widened),
            DiffFail::Narrowed => class(Class::Narrowed),
            DiffFail::Removed => class(Class::Removed),
            DiffFail::Cost => self.cost().is_none_or(|grown| grown > DEARER),
        }
    }
}

/// Some names, for a cell of a table.
fn listed(files: &[String]) -> String {
    const SHOWN: usize = 5;
    let safe = |file: &String| format!("`{}`", file.replace('|', "\\|"));
    let shown: Vec<String> = files.iter().take(SHOWN).map(safe).collect();
    let mut text = shown.join(", ");
    if files.len() > SHOWN {
        let _ = write!(text, " and {} more", files.len() - SHOWN);
    }
    text
}

/// How much a cost has grown; `None` from nothing to something, which no
/// percentage says.
pub(super) fn percent(old: u64, new: u64) -> Option<f64> {
    match old {
        0 if new == 0 => Some(0.0),
        0 => None,
        old => Some((new as f64 - old as f64) * 100.0 / old as f64),
    }
}

/// What the strings and the condition of a rule cost.
pub(super) fn rule_cost(
    set: &Set,
    measured: &Measured,
    rule: Option<u32>,
) -> u64 {
    let Some(rule) = rule else { return 0 };
    let strings = set.study.facts().pattern_numbers(rule);
    let patterns = measured.work.patterns.get(strings).unwrap_or_default();
    let strings: u64 = patterns.iter().map(|work| work.cost()).sum();
    let condition = measured.work.rules.get(rule as usize);
    strings + condition.map_or(0, |work| work.steps + work.evaluations)
}
