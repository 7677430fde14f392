//! Runs the conformance cases: rules and data for which the answers of
//! libyara and YARA-X are known.
//!
//! A case has a `rule`, the data (`data_hex` or a `file`), and what must come
//! out: the public `rules` that match and the `matches` as `[rule, pattern,
//! offset, length]`, or `expect: "compile-error"`. `agreement` says what the
//! two engines think of it:
//!
//! * `agree`, `error`: both give this answer, or both refuse; so must we.
//! * `yara-x-only`, `libyara-only`: one refuses, the other gives the answer.
//! * `conflict`: they differ, and the answer is that of YARA-X.
//!
//! Of the last three kinds, exceptions are allowed if
//! `docs/compatibility.md` lists them with a reason. Stale entries there are
//! failures, too.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::Value as Json;
use support::{Found, Hit};

/// Modules without a parser: their fields are undefined.
const WITHOUT_PARSER: &[&str] = &["vt"];

struct Case {
    id: String,
    agreement: String,
    rule: String,
    data: Vec<u8>,
    /// `None`: a compile error.
    expected: Option<Found>,
}

impl Case {
    fn from_json(json: &Json, folder: &Path) -> Case {
        let text = |key: &str| json[key].as_str().unwrap_or_default();
        let data = match json["file"].as_str() {
            Some(name) => {
                let path = folder.join("files").join(name);
                std::fs::read(&path).unwrap_or_else(|error| {
                    panic!("{}: {error}", path.display())
                })
            }
            None => support::from_hex(text("data_hex")),
        };
        Case {
            id: text("id").to_owned(),
            agreement: text("agreement").to_owned(),
            rule: text("rule").to_owned(),
            data,
            expected: (text("expect") != "compile-error").then(|| found(json)),
        }
    }

    fn imports(&self, module: &str) -> bool {
        self.rule.match_indices("import").any(|(at, word)| {
            self.rule[at + word.len()..]
                .trim_start()
                .starts_with(&format!("\"{module}\""))
        })
    }

    /// Says the case nothing about us? The build of libyara that was asked
    /// has no `dex`, so it refuses its own forms, which we accept.
    fn is_idle(&self) -> bool {
        WITHOUT_PARSER.iter().any(|module| self.imports(module))
            || self.agreement == "error" && self.imports("dex")
    }

    /// Both engines agree, and so have we to.
    fn is_strict(&self) -> bool {
        matches!(self.agreement.as_str(), "agree" | "error")
    }

    /// What is wrong, or `None`.
    fn failure(&self) -> Option<String> {
        let compiled = support::compile(&self.rule);
        let errors: Vec<String> =
            compiled.errors().map(|e| e.message.clone()).collect();
        match (&self.expected, errors.is_empty()) {
            (None, false) => None,
            (None, true) => Some("compiles, but must not".into()),
            (Some(_), false) => Some(format!("refused: {errors:?}")),
            (Some(expected), true) => {
                let Some(rules) = &compiled.rules else {
                    return Some("no rules and no error".into());
                };
                let got = support::scan(rules, &self.data);
                (got != *expected).then(|| {
                    format!("expected {expected:?}\n      got {got:?}")
                })
            }
        }
    }
}

fn found(json: &Json) -> Found {
    let name = |v: &Json| v.as_str().expect("a name").to_owned();
    let list = |key: &str| json[key].as_array().cloned().unwrap_or_default();
    let mut hits: Vec<Hit> = list("matches")
        .iter()
        .map(|m| Hit {
            rule: name(&m[0]),
            pattern: name(&m[1]),
            offset: m[2].as_u64().expect("an offset"),
            length: m[3].as_u64().expect("a length"),
        })
        .collect();
    hits.sort();
    Found { rules: list("rules").iter().map(name).collect(), hits }
}

fn load(folder: &Path) -> Vec<Case> {
    let path = folder.join("cases.jsonl");
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines()
        .map(|line| {
            let json = serde_json::from_str(line).expect("a line of JSON");
            Case::from_json(&json, folder)
        })
        .collect()
}

/// The cases that the document excuses: the first column of the table below
/// the heading "Conformance cases".
fn excused() -> BTreeMap<String, String> {
    let document = support::read("docs/compatibility.md");
    let (_, section) = document
        .split_once("\n## Conformance cases\n")
        .expect("the section on conformance cases");
    let section = section.split("\n## ").next().unwrap_or_default();
    section
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split('|');
            let id = cells.next()?.trim().trim_end_matches('`').to_owned();
            let reason = cells.next_back().and(cells.next_back())?.trim();
            Some((id, reason.to_owned()))
        })
        .collect()
}

/// Runs cases and fails with a list of all that is wrong.
fn run(cases: &[Case], excused: &BTreeMap<String, String>) {
    let mut unexcused = Vec::new();
    let mut failed = BTreeSet::new();
    let (mut loose, mut loose_failed) = (0usize, 0usize);
    for case in cases {
        loose += usize::from(!case.is_strict());
        let Some(failure) = case.failure() else { continue };
        failed.insert(case.id.as_str());
        loose_failed += usize::from(!case.is_strict());
        if case.is_strict() || !excused.contains_key(&case.id) {
            unexcused.push(format!(
                "{} ({})\n  {}\n  {failure}",
                case.id,
                case.agreement,
                case.rule.trim()
            ));
        }
    }
    assert!(
        unexcused.is_empty(),
        "{} of {} cases fail:\n{}",
        unexcused.len(),
        cases.len(),
        unexcused.join("\n")
    );
    let known: BTreeSet<&str> = cases.iter().map(|c| c.id.as_str()).collect();
    for id in excused.keys().filter(|id| known.contains(id.as_str())) {
        assert!(
            failed.contains(id.as_str()),
            "docs/compatibility.md excuses {id}, which passes"
        );
    }
    assert!(
        loose_failed * 10 <= loose,
        "{loose_failed} of {loose} cases are excused; 1 in 10 is the limit"
    );
}

#[test]
fn rules_without_format_modules_give_the_known_answers() {
    let cases = load(&support::path("tests/data/conformance"));
    assert!(cases.len() > 1_000, "only {} cases were found", cases.len());
    assert!(cases.iter().all(|case| !case.is_idle()));
    run(&cases, &excused());
}

#[test]
fn every_exception_has_a_reason() {
    let cases = load(&support::path("tests/data/conformance"));
    for (id, reason) in excused() {
        assert!(reason.len() > 20, "{id} is excused without a reason");
        let case = cases.iter().find(|case| case.id == id);
        let case = case.unwrap_or_else(|| panic!("{id} is no case"));
        assert!(!case.is_strict(), "{id} cannot be excused");
    }
}

/// A larger collection may lie beside the checkout or at
/// `DRAGNET_SHARED`; it is run in addition.
#[test]
fn a_collection_beside_the_checkout_gives_the_known_answers() {
    let Some(folder) = support::shared("conformance") else { return };
    let mut cases = load(&folder);
    cases.retain(|case| !case.is_idle());
    run(&cases, &excused());
}
