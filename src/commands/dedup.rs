//! `dragnet dedup`

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fmt::Write as _;

use aho_corasick::AhoCorasick;
use dragnet::study::{Facts, LogicHashes, PatternValue, Relation, compare};
use serde_json::{Value as Json, json};

use crate::args::DedupArgs;
use crate::failure::{DONE, FINDINGS, Failure, INCOMPLETE};
use crate::testing::corpus;
use crate::testing::measure::{Object, measure};
use crate::testing::pairing::meta;
use crate::testing::sets::Set;

/// Strings that more rules have say nothing about two of them.
const COMMON: usize = 200;

/// How one rule makes another superfluous.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// They match the same, whatever the object is.
    Same,
    /// It matches all that the other one does.
    Subset,
    /// They hit the same files of the corpus.
    SameHits,
    /// It hits more files of the corpus.
    FewerHits,
}

impl Why {
    fn name(self) -> &'static str {
        match self {
            Why::Same => "same",
            Why::Subset => "subset",
            Why::SameHits => "same files",
            Why::FewerHits => "fewer files",
        }
    }
}

/// A rule that could go, and the one that does its work.
struct Finding {
    why: Why,
    keep: u32,
    drop: u32,
    /// Why this one is to be kept.
    because: &'static str,
}

/// Finds superfluous rules, and gives the exit code.
pub(crate) fn run(args: &DedupArgs) -> Result<u8, Failure> {
    let here = [OsString::from(".")];
    let paths = match args.paths.as_slice() {
        [] => &here[..],
        paths => paths,
    };
    let set = Set::at(paths, &args.rule_args, true)?;
    let facts = set.study.facts();
    let mut findings = logical(facts);
    let mut whole = true;
    if !args.corpus.is_empty() {
        let files = corpus::files(&args.corpus)?;
        let objects: Vec<Object> =
            files.into_iter().map(Object::File).collect();
        let measured = measure(&set.rules, &objects);
        whole = measured.lost.is_empty();
        extensional(facts, &measured.hits, &mut findings);
    }
    findings.sort_by_key(|found| (found.why, found.keep, found.drop));
    let text = match args.json {
        true => format!("{:#}\n", as_json(facts, &findings)),
        false => as_text(facts, &findings),
    };
    super::print(&text)?;
    // What files show is advice only.
    let proved = |found: &Finding| found.why <= Why::Subset;
    Ok(match findings.iter().any(proved) {
        true => FINDINGS,
        false if whole => DONE,
        false => INCOMPLETE,
    })
}

/// Pairs of rules of which one has a text that holds one of the other.
fn with_texts_inside(facts: &Facts, pairs: &mut BTreeSet<(u32, u32)>) {
    let mut rules_of: BTreeMap<Vec<u8>, BTreeSet<u32>> = BTreeMap::new();
    for (id, rule) in (0..).zip(facts.rules()) {
        for pattern in &rule.patterns {
            if let PatternValue::Text(text) = &pattern.value {
                let text = text.to_ascii_lowercase();
                rules_of.entry(text).or_default().insert(id);
            }
        }
    }
    rules_of.retain(|_, rules| rules.len() <= COMMON);
    // Without it, rules that share a whole string are still found.
    let Ok(texts) = AhoCorasick::new(rules_of.keys()) else { return };
    let all: Vec<&BTreeSet<u32>> = rules_of.values().collect();
    for (text, outer) in &rules_of {
        let inner = texts.find_overlapping_iter(text).take(COMMON);
        for rules in inner.map(|found| all[found.pattern().as_usize()]) {
            for a in outer {
                let others = rules.iter().filter(|b| *b != a).take(COMMON);
                pairs.extend(others.map(|b| (*a.min(b), *a.max(b))));
            }
        }
    }
}

/// Rules that match the same, or a part, by what they say. Only rules that
/// share a string, or a part of one, are compared.
fn logical(facts: &Facts) -> Vec<Finding> {
    let mut by_value: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for (id, rule) in (0..).zip(facts.rules()) {
        for pattern in &rule.patterns {
            // Case may be all that differs.
            let value = format!("{:?}", pattern.value).to_ascii_lowercase();
            by_value.entry(value).or_default().insert(id);
        }
    }
    let mut pairs = BTreeSet::new();
    for rules in by_value.values().filter(|rules| rules.len() <= COMMON) {
        for a in rules {
            pairs.extend(rules.range(a + 1..).map(|b| (*a, *b)));
        }
    }
    with_texts_inside(facts, &mut pairs);
    let hashes = LogicHashes::new(facts.sources());
    let mut findings = Vec::new();
    let mut gone = BTreeSet::new();
    for (a, b) in pairs {
        let (x, y) = (&facts.rules()[a as usize], &facts.rules()[b as usize]);
        let alike = x.global == y.global && x.private == y.private;
        if !alike || gone.contains(&a) || gone.contains(&b) {
            continue;
        }
        let same = hashes.of(x).is_some() && hashes.of(x) == hashes.of(y);
        let relation = match same {
            true => Relation::Equal,
            false => compare((facts, a), (facts, b)),
        };
        let (why, keep, drop, because) = match relation {
            Relation::Equal => {
                let (keep, drop, because) = better(facts, a, b);
                (Why::Same, keep, drop, because)
            }
            Relation::Wider => (Why::Subset, b, a, "matches more"),
            Relation::Narrower => (Why::Subset, a, b, "matches more"),
            Relation::Other => continue,
        };
        if why == Why::Same {
            gone.insert(drop);
        }
        findings.push(Finding { why, keep, drop, because });
    }
    findings
}

/// Of two rules that do the same: which to keep, and why.
fn better(facts: &Facts, a: u32, b: u32) -> (u32, u32, &'static str) {
    let value = |id: u32, key: &str| meta(&facts.rules()[id as usize], key);
    let status = |id: u32| match value(id, "status").as_deref() {
        Some("RELEASED") => 3,
        Some("TESTING") => 1,
        Some("DEPRECATED") => 0,
        _ => 2,
    };
    let score = |id: u32| {
        let score = value(id, "score").and_then(|s| s.parse::<i64>().ok());
        score.unwrap_or(0)
    };
    let date = |id: u32| {
        value(id, "modified").or_else(|| value(id, "date")).unwrap_or_default()
    };
    let licence = |id: u32| value(id, "license").is_some();
    for (order, why) in [
        (status(a).cmp(&status(b)), "its status"),
        (score(a).cmp(&score(b)), "its score"),
        (date(a).cmp(&date(b)), "it is newer"),
        (licence(a).cmp(&licence(b)), "it has a licence"),
    ] {
        match order {
            std::cmp::Ordering::Less => return (b, a, why),
            std::cmp::Ordering::Greater => return (a, b, why),
            std::cmp::Ordering::Equal => {}
        }
    }
    (a, b, "it comes first")
}

/// Rules whose files are those, or some of those, of another rule.
fn extensional(
    facts: &Facts,
    hits: &BTreeMap<u32, BTreeSet<String>>,
    findings: &mut Vec<Finding>,
) {
    let known: BTreeSet<u32> = findings.iter().map(|f| f.drop).collect();
    let mut by_file: BTreeMap<&String, Vec<u32>> = BTreeMap::new();
    for (rule, files) in hits {
        for file in files {
            by_file.entry(file).or_default().push(*rule);
        }
    }
    for (rule, files) in hits {
        if known.contains(rule) {
            continue;
        }
        // Whoever covers the rule hits its first file.
        let Some(first) = files.iter().next() else { continue };
        let mut others: Vec<u32> = by_file[first]
            .iter()
            .copied()
            .filter(|other| other != rule && files.is_subset(&hits[other]))
            .collect();
        others.sort_by_key(|other| (hits[other].len(), *other));
        let Some(other) = others.last().copied() else { continue };
        let (why, keep, because) = match hits[&other].len() == files.len() {
            true => {
                let (keep, drop, because) = better(facts, *rule, other);
                if drop != *rule {
                    continue;
                }
                (Why::SameHits, keep, because)
            }
            false => (Why::FewerHits, other, "hits more files"),
        };
        findings.push(Finding { why, keep, drop: *rule, because });
    }
}

fn full_name(facts: &Facts, rule: u32) -> String {
    let rule = &facts.rules()[rule as usize];
    format!("{}:{}", facts.namespace(rule), rule.name)
}

fn as_text(facts: &Facts, findings: &[Finding]) -> String {
    let mut text = String::new();
    for found in findings {
        let _ = writeln!(
            text,
            "{:11}  {}  is covered by  {}  ({})",
            found.why.name(),
            full_name(facts, found.drop),
            full_name(facts, found.keep),
            found.because,
        );
    }
    let count = |why: Why| findings.iter().filter(|f| f.why == why).count();
    let _ = writeln!(
        text,
        "{} rule(s): {} the same as another, {} a part of another; on the \
         corpus: {} hit the same files as another, {} fewer",
        facts.rules().len(),
        count(Why::Same),
        count(Why::Subset),
        count(Why::SameHits),
        count(Why::FewerHits),
    );
    text
}

fn as_json(facts: &Facts, findings: &[Finding]) -> Json {
    let findings: Vec<Json> = findings
        .iter()
        .map(|found| {
            json!({
                "why": found.why.name(),
                "keep": full_name(facts, found.keep),
                "drop": full_name(facts, found.drop),
                "because": found.because,
            })
        })
        .collect();
    json!({ "schema": "dragnet-dedup/1", "findings": findings })
}
