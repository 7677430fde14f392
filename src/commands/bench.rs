//! `dragnet bench`

use std::ffi::OsString;
use std::fmt::Write as _;

use dragnet::study::pattern_name;
use serde_json::{Value as Json, json};

use super::diff::{percent, rule_cost};
use crate::args::BenchArgs;
use crate::failure::{DONE, FINDINGS, Failure, INCOMPLETE};
use crate::load;
use crate::testing::corpus;
use crate::testing::made_up::made_up;
use crate::testing::measure::{Measured, Object, measure};
use crate::testing::pairing::pairs;
use crate::testing::sets::Set;

/// Counts, and gives the exit code.
pub(crate) fn run(args: &BenchArgs) -> Result<u8, Failure> {
    let here = [OsString::from(".")];
    let paths = match args.paths.as_slice() {
        [] => &here[..],
        paths => paths,
    };
    let set = Set::at(paths, &args.rule_args, false)?;
    let objects: Vec<Object> = match args.corpus.as_slice() {
        [] => made_up(),
        paths => corpus::files(paths)?.into_iter().map(Object::File).collect(),
    };
    let measured = measure(&set.rules, &objects);
    if measured.objects == 0 {
        return Err(Failure {
            message: "there is nothing to search".to_owned(),
            code: INCOMPLETE,
        });
    }
    let before = match &args.against {
        None => None,
        Some(name) => {
            let present = load::operands(paths)?;
            let old = Set::load(name, &present, &args.rule_args)?;
            Some(Before::new(&old, &set, &measured, &objects))
        }
    };
    let bench = Bench { set: &set, measured: &measured, before };
    let text = match args.json {
        true => format!("{:#}\n", bench.json()),
        false => bench.text(args.top),
    };
    super::print(&text)?;
    let grown = bench
        .before
        .as_ref()
        .map_or(Some(0.0), |before| percent(before.cost, measured.cost()));
    Ok(match args.max_regress {
        // From nothing to something is more than any percentage.
        Some(most) if grown.is_none_or(|grown| grown > most) => FINDINGS,
        _ if measured.lost.is_empty() => DONE,
        _ => INCOMPLETE,
    })
}

struct Bench<'b> {
    set: &'b Set,
    measured: &'b Measured,
    /// What the rules that are compared with did.
    before: Option<Before>,
}

/// What is compared with.
struct Before {
    cost: u64,
    /// Rules that cost something now and cost nothing then, the dearest
    /// first: their cost and name, and whether they are new. Growth in
    /// percent does not show them.
    fresh: Vec<(u64, String, bool)>,
}

impl Before {
    fn new(
        old: &Set,
        set: &Set,
        measured: &Measured,
        objects: &[Object],
    ) -> Before {
        let before = measure(&old.rules, objects);
        let mut fresh = Vec::new();
        for pair in pairs(old.study.facts(), set.study.facts()) {
            let Some(new) = pair.new else { continue };
            let cost = rule_cost(set, measured, Some(new));
            if cost > 0 && rule_cost(old, &before, pair.old) == 0 {
                let name = &set.study.facts().rules()[new as usize].name;
                fresh.push((cost, name.clone(), pair.old.is_none()));
            }
        }
        fresh.sort_by(|a, b| (b.0, &a.1).cmp(&(a.0, &b.1)));
        Before { cost: before.cost(), fresh }
    }
}

impl Bench<'_> {
    /// Rules with what they cost, the dearest first.
    fn rules(&self) -> Vec<(u64, u32)> {
        let count = self.set.study.facts().rules().len() as u32;
        let cost = |id| rule_cost(self.set, self.measured, Some(id));
        let mut all: Vec<(u64, u32)> =
            (0..count).map(|id| (cost(id), id)).collect();
        all.sort_by_key(|(cost, id)| (std::cmp::Reverse(*cost), *id));
        all
    }

    /// Strings with the number of their rule and in it, the dearest first.
    fn strings(&self) -> Vec<(u64, u32, u32)> {
        let facts = self.set.study.facts();
        let mut all = Vec::new();
        for rule in 0..facts.rules().len() as u32 {
            let range = facts.pattern_numbers(rule);
            let work = self.measured.work.patterns.get(range);
            let work = (0..).zip(work.unwrap_or_default());
            all.extend(work.map(|(at, work)| (work.cost(), rule, at)));
        }
        all.sort_by_key(|(cost, rule, at)| {
            (std::cmp::Reverse(*cost), *rule, *at)
        });
        all
    }

    fn share(&self, cost: u64) -> f64 {
        match self.measured.cost() {
            0 => 0.0,
            all => cost as f64 * 100.0 / all as f64,
        }
    }

    fn text(&self, top: usize) -> String {
        let facts = self.set.study.facts();
        let mut text =
            String::from("      cost  share  evaluations      steps  rule\n");
        for (cost, id) in self.rules().into_iter().take(top) {
            let work = self.measured.work.rules.get(id as usize);
            let work = work.copied().unwrap_or_default();
            let _ = writeln!(
                text,
                "{cost:10}  {:4.1}%  {:11} {:10}  {}",
                self.share(cost),
                work.evaluations,
                work.steps,
                facts.rules()[id as usize].name,
            );
        }
        text.push_str(
            "\n      cost  share       hits verifications      steps  \
             matches  string\n",
        );
        for (cost, id, at) in self.strings().into_iter().take(top) {
            let rule = &facts.rules()[id as usize];
            let number = facts.pattern_numbers(id).start + at as usize;
            let work = self.measured.work.patterns[number];
            let name = pattern_name(rule, dragnet::study::PatternId(at));
            let _ = writeln!(
                text,
                "{cost:10}  {:4.1}%  {:9} {:13} {:10}  {:7}  {}:{name}",
                self.share(cost),
                work.hits,
                work.verifications,
                work.steps,
                work.matches,
                rule.name,
            );
        }
        let cost = self.measured.cost();
        let _ = writeln!(
            text,
            "\ncost {cost} for {} byte(s) in {} object(s)",
            self.measured.bytes, self.measured.objects
        );
        if let Some(before) = &self.before {
            for (cost, name, is_new) in &before.fresh {
                let what = if *is_new { "new rule" } else { "new cost" };
                let _ = writeln!(text, "{what}: {name}, {cost}");
            }
            let old = before.cost;
            let _ = match percent(old, cost) {
                Some(grown) => {
                    writeln!(text, "before: {old}, now {grown:+.1} %")
                }
                None => writeln!(text, "before: 0, now {cost}: all of it new"),
            };
        }
        text
    }

    fn json(&self) -> Json {
        let facts = self.set.study.facts();
        let rules: Vec<Json> = self
            .rules()
            .into_iter()
            .map(|(cost, id)| {
                let rule = &facts.rules()[id as usize];
                let range = facts.pattern_numbers(id);
                let strings = self.measured.work.patterns.get(range);
                let strings: Vec<Json> = (0..)
                    .zip(strings.unwrap_or_default())
                    .map(|(at, work)| {
                        let id = dragnet::study::PatternId(at);
                        json!({
                            "name": pattern_name(rule, id),
                            "cost": work.cost(),
                            "hits": work.hits,
                            "verifications": work.verifications,
                            "steps": work.steps,
                            "matches": work.matches,
                        })
                    })
                    .collect();
                let work = self.measured.work.rules.get(id as usize);
                let work = work.copied().unwrap_or_default();
                json!({
                    "rule": rule.name,
                    "namespace": facts.namespace(rule),
                    "cost": cost,
                    "evaluations": work.evaluations,
                    "steps": work.steps,
                    "strings": strings,
                })
            })
            .collect();
        let fresh = self.before.as_ref().map(|before| -> Vec<Json> {
            let each = before.fresh.iter().map(|(cost, name, is_new)| {
                json!({ "rule": name, "cost": cost, "added": is_new })
            });
            each.collect()
        });
        json!({
            "schema": "dragnet-bench/1",
            "objects": self.measured.objects,
            "bytes": self.measured.bytes,
            "cost": self.measured.cost(),
            "cost_before": self.before.as_ref().map(|before| before.cost),
            "new_cost": fresh,
            "unread": self.measured.lost,
            "rules": rules,
        })
    }
}
