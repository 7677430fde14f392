//! What the study of conditions says is true: values agree with the engine,
//! smallest changes turn the verdict when they are written into the rule,
//! and comparisons of rules hold on files.

mod support;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use dragnet::study::{
    Change, MissingTest, Mutant, Mutation, Node, PatternId, Places, Relation,
    Rule, Sample, Step, Study, Variant, compare, pattern_name,
};
use dragnet::{Compiler, Scanner};
use dragnet_compiler::syntax::ast::Item;
use dragnet_compiler::syntax::parse;

fn study(text: &str) -> Study {
    let compiled = support::compile(text);
    assert_eq!(compiled.errors().count(), 0, "{text}");
    Study::new(compiled).expect("there are rules")
}

/// One case of a manifest.
struct Case {
    rule: String,
    data: Vec<u8>,
    matches: bool,
}

/// Each of our rule files with its cases.
fn ours() -> Vec<(PathBuf, Vec<Case>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut all = Vec::new();
    for file in dragnet::rule_files(&root).expect("our rules") {
        let manifest = file.with_extension("test.toml");
        let text = std::fs::read_to_string(manifest).expect("a manifest");
        let table: toml::Table = text.parse().expect("it is TOML");
        let cases = table["case"].as_array().expect("cases").iter();
        let cases = cases.filter_map(|case| {
            Some(Case {
                rule: case["rule"].as_str()?.to_owned(),
                data: support::from_base64(case.get("base64")?.as_str()?),
                matches: case["expect"].as_str() == Some("match"),
            })
        });
        all.push((file.clone(), cases.collect()));
    }
    all
}

fn compiled(file: &Path) -> dragnet::Compiled {
    let mut compiler = Compiler::new();
    for name in ["filename", "filepath", "extension", "filetype", "owner"] {
        compiler.define(name, dragnet::Value::Text(Vec::new()));
    }
    compiler.add_file("default", file).expect("a rule file");
    compiler.compile()
}

#[test]
fn conditions_have_the_values_that_the_engine_finds() {
    let mut compared = 0;
    for (file, cases) in ours() {
        let compiled = compiled(&file);
        let rules = compiled.rules.clone().expect("rules");
        let mut scanner = Scanner::new(&rules);
        let mut study = Study::new(compiled).expect("rules");
        for case in cases {
            let report = scanner.scan(&case.data);
            let found: Vec<u32> =
                report.all_rules().map(|rule| rule.id()).collect();
            let count = study.facts().rules().len() as u32;
            study.examine(&case.data, &mut |sample| {
                for rule in 0..count {
                    assert_eq!(
                        sample.matches_rule(rule),
                        found.contains(&rule),
                        "{}: rule {rule}",
                        file.display()
                    );
                    compared += 1;
                }
            });
        }
    }
    assert!(compared > 2_000, "only {compared} verdicts");
}

/// Every rule that does not match a negative case has a deciding part and a
/// change that makes it match. That of the rule a case is about is written
/// into the text of the rule and scanned for.
#[test]
fn smallest_changes_of_our_rules_are_true() {
    let (mut explained, mut applied) = (0, 0);
    for (file, cases) in ours() {
        let compiled = compiled(&file);
        let places = Places::new(&compiled.sources);
        let mut study = Study::new(compiled).expect("rules");
        for case in cases.iter().filter(|case| !case.matches) {
            let mut own = None;
            let count = study.facts().rules().len() as u32;
            study.examine(&case.data, &mut |sample| {
                for rule in 0..count {
                    // Private rules may hold.
                    if sample.holds(rule) {
                        continue;
                    }
                    let change = explain(sample, rule);
                    explained += 1;
                    let facts = sample.facts();
                    if facts.rules()[rule as usize].name == case.rule {
                        own = change.map(|change| (rule, change));
                    }
                }
            });
            let Some((rule, change)) = own else {
                panic!("{}: nothing turns it", case.rule);
            };
            let rule = &study.facts().rules()[rule as usize];
            let sources = study.facts().sources();
            let text = &sources.get(rule.file).text;
            let new = changed(text, rule, &change, &places, &case.data);
            assert_matches(&new, &case.rule, &case.data);
            applied += 1;
        }
    }
    assert!(explained > 1_000 && applied > 150, "{explained}, {applied}");
}

/// The same for all rules of the set on each negative case, as far as that
/// can be said without writing the change down: it was evaluated.
#[test]
fn every_false_rule_of_our_set_is_explained() {
    let mut compiler = Compiler::new();
    for name in ["filename", "filepath", "extension", "filetype", "owner"] {
        compiler.define(name, dragnet::Value::Text(Vec::new()));
    }
    let mut cases = Vec::new();
    for (file, of_file) in ours() {
        let name = file.display().to_string();
        compiler.add_file(&name, &file).expect("a rule file");
        cases.extend(of_file.into_iter().filter(|case| !case.matches));
    }
    let study = Study::new(compiler.compile()).expect("rules");
    let facts = study.facts();
    let count = facts.rules().len() as u32;
    let next = AtomicUsize::new(0);
    let explained = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut study = Study::of(facts);
                while let Some(case) =
                    cases.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    study.examine(&case.data, &mut |sample| {
                        let touched = sample.touched();
                        for rule in 0..count {
                            if sample.holds(rule) {
                                continue;
                            }
                            if touched.contains(&rule) {
                                explain(sample, rule);
                            } else {
                                let change = Change::smallest(sample, rule);
                                assert!(change.is_some(), "{}", case.rule);
                            }
                            explained.fetch_add(1, Ordering::Relaxed);
                        }
                    });
                }
            });
        }
    });
    let (explained, cases) = (explained.into_inner(), cases.len());
    assert!(explained >= cases * (count as usize - 5), "{explained}");
}

/// The change of a rule that does not match; it must show in the tree.
fn explain(sample: &mut Sample<'_, '_, '_, '_>, rule: u32) -> Option<Change> {
    assert!(!sample.holds(rule));
    let change = Change::smallest(sample, rule);
    let tree = Node::of(sample, rule, change.as_ref());
    assert_eq!(tree.value, "false");
    let name = &sample.facts().rules()[rule as usize].name;
    assert!(change.is_some(), "{name}: no change");
    assert!(!tree.deciding().is_empty(), "{name}: nothing decides");
    change
}

/// The file with a change written into one rule.
fn changed(
    text: &[u8],
    rule: &Rule,
    change: &Change,
    places: &Places,
    data: &[u8],
) -> String {
    let root = rule.condition.root.expect("a condition");
    let end = rule.condition.expr(root).span.hi;
    let mut edits = vec![];
    if !rule.patterns.is_empty() {
        // A string that is not asked for would be an error.
        edits.push((end..end, " or (false and any of them)".to_owned()));
    }
    for step in &change.steps {
        match step {
            Step::Part { parts, holds } => {
                for part in parts {
                    let span = rule.condition.expr(*part).span;
                    edits.push((span.lo..span.hi, format!("({holds})")));
                }
            }
            Step::String { pattern, matches } => {
                let span = places.string(rule, *pattern).expect("a place");
                let name = pattern_name(rule, *pattern);
                let first = data.first().expect("the object has bytes");
                let value = match matches {
                    true => format!("{{ {first:02X} }}"),
                    false => "{ F1 E2 D3 C4 B5 A6 97 88 79 6A }".to_owned(),
                };
                edits.push((span.lo..span.hi, format!("{name} = {value}")));
            }
        }
    }
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut text = text.to_vec();
    for (range, new) in edits {
        let range = range.start as usize..range.end as usize;
        text.splice(range, new.into_bytes());
    }
    String::from_utf8(text).expect("rules are UTF-8")
}

#[track_caller]
fn assert_matches(file: &str, rule: &str, data: &[u8]) {
    // The rule alone, if it asks for no other: that is quicker.
    let (tree, diagnostics) =
        parse(file.as_bytes(), dragnet::source::FileId(0));
    assert!(diagnostics.is_empty(), "{rule}: {diagnostics:?}");
    let mut imports = String::new();
    let mut alone = String::new();
    for item in &tree.items {
        match item {
            Item::Import { span, .. } => {
                imports.push_str(&file[span.lo as usize..span.hi as usize]);
                imports.push('\n');
            }
            Item::Rule(one) if one.name.text == rule => {
                let span = one.span;
                alone = file[span.lo as usize..span.hi as usize].to_owned();
            }
            _ => {}
        }
    }
    let define = |compiler: &mut Compiler| {
        for name in ["filename", "filepath", "extension"] {
            compiler.define(name, dragnet::Value::Text(Vec::new()));
        }
    };
    let mut compiler = Compiler::new();
    define(&mut compiler);
    compiler.add_text("default", format!("{imports}{alone}"));
    let rules = compiler.compile().into_rules().or_else(|_| {
        let mut compiler = Compiler::new();
        define(&mut compiler);
        compiler.add_text("default", file);
        compiler.compile().into_rules()
    });
    let rules =
        rules.unwrap_or_else(|error| panic!("{rule}: {error}\n{alone}"));
    let mut scanner = Scanner::new(&rules);
    let report = scanner.scan(data);
    let found = report.all_rules().any(|found| found.name() == rule);
    assert!(found, "{rule} does not match after the change:\n{alone}");
}

#[track_caller]
fn change_of(condition: &str, data: &str) -> String {
    let text = format!(
        "rule r {{ strings: $a = \"alpha\" $b = \"beta\" $c = \"gamma\" \
         $fp1 = \"vendor\" condition: ({condition}) or \
         (filesize < 0 and any of them) }}"
    );
    let mut study = study(&text);
    let mut words = String::new();
    study.examine(data.as_bytes(), &mut |sample| {
        let facts = sample.facts();
        let change = Change::smallest(sample, 0);
        let rule = &facts.rules()[0];
        words = change.map_or("none".into(), |c| c.describe(facts, rule));
    });
    words
}

#[test]
fn changes_are_as_small_as_can_be() {
    for (condition, data, change) in [
        ("$a and $b and not $fp1", "alpha", "with $b"),
        ("$a and not $fp1", "alpha vendor", "without $fp1"),
        ("$a and not 1 of ($fp*)", "alpha vendor", "without $fp1"),
        ("filesize < 3 and $a", "alpha", "if `filesize < 3` held"),
        ("2 of ($a, $b, $c)", "", "with $a and $b"),
        ("all of ($a, $b, $c)", "alpha gamma", "with $b"),
        ("none of ($a, $b)", "alpha", "without $a"),
        ("($a and $b) or $c", "x", "with $c"),
        ("#a > 2", "alpha", "if `#a > 2` held"),
        ("$a at 3", "alpha", "if `$a at 3` held"),
        ("uint32(900) == 3 and $a", "alpha", "if `uint32(900) == 3` held"),
        // And of rules that match.
        ("$a or $b", "alpha", "without $a"),
        ("not $a and filesize > 2", "beta", "with $a"),
        ("$a and $a", "alpha", "without $a"),
    ] {
        assert_eq!(change_of(condition, data), change, "{condition}");
    }
}

#[test]
fn near_misses_are_named() {
    let text = r#"
        rule r {
            strings:
                $word = "alpha" fullword
                $case = "Beta"
                $part = "gamma_delta"
                $regex = /omega[0-9]{3}tail/
                $at = "first"
                $none = "zzzzzz"
            condition:
                $word and $case and $part and $regex and $at at 0 and $none
        }
    "#;
    let compiled = support::compile(text);
    let mut study =
        Study::with_variants(compiled, |_, rule| Variant::near(rule))
            .expect("a rule");
    let data = b"alphas beta gamma_del omega12tail first";
    let mut tree = None;
    study.examine(data, &mut |sample| {
        tree = Some(Node::of(sample, 0, None));
    });
    let tree = tree.expect("it was examined");
    let notes: Vec<&str> =
        tree.children.iter().map(|node| node.note.as_str()).collect();
    assert_eq!(notes[0], "at 0x0, but not as a whole word");
    assert_eq!(notes[1], "at 0x7, but in another case");
    assert_eq!(notes[2], "the first 9 of 11 bytes at 0xc: \"gamma_del\"");
    assert!(notes[3].starts_with("the first"), "{}", notes[3]);
    assert!(notes[3].contains("\"omega"), "{}", notes[3]);
    let at = &tree.children[4];
    let shown = format!("{} {:?}", at.note, at.children);
    assert!(shown.contains("not where the condition wants it"), "{shown}");
    assert_eq!(notes[5], "");
}

fn relation(old: &str, new: &str) -> Relation {
    let (old, new) = (study(old), study(new));
    let there = compare((old.facts(), 0), (new.facts(), 0));
    let back = compare((new.facts(), 0), (old.facts(), 0));
    let turned = match back {
        Relation::Wider => Relation::Narrower,
        Relation::Narrower => Relation::Wider,
        other => other,
    };
    assert_eq!(there, turned, "it must be the same both ways");
    there
}

#[test]
fn rules_are_compared_by_what_they_match() {
    let rule = |strings: &str, condition: &str| {
        format!("rule r {{ strings: {strings} condition: {condition} }}")
    };
    let two = "$a = \"alpha\" $b = \"beta\"";
    let three = "$a = \"alpha\" $b = \"beta\" $c = \"gamma\"";
    for (old, new, expected) in [
        ((two, "all of them"), (two, "$b and $a"), Relation::Equal),
        (
            ("$x = \"alpha\"", "$x"),
            ("$y = \"alpha\"", "any of them"),
            Relation::Equal,
        ),
        ((three, "all of them"), (two, "all of them"), Relation::Wider),
        ((two, "any of them"), (three, "any of them"), Relation::Wider),
        ((three, "3 of them"), (three, "2 of them"), Relation::Wider),
        (
            (two, "filesize < 5 and any of them"),
            (two, "filesize < 9 and any of them"),
            Relation::Wider,
        ),
        (
            (two, "filesize > 5 and any of them"),
            (two, "filesize >= 9 and any of them"),
            Relation::Narrower,
        ),
        (
            ("$a = \"alpha\"", "$a"),
            ("$a = \"alpha\" nocase", "$a"),
            Relation::Wider,
        ),
        (
            ("$a = \"alpha\"", "$a"),
            ("$a = \"alpha\" fullword", "$a"),
            Relation::Narrower,
        ),
        (
            ("$a = \"alpha\"", "$a"),
            ("$a = \"alpha\" ascii wide", "$a"),
            Relation::Wider,
        ),
        (
            ("$a = \"alphabet\"", "$a"),
            ("$a = \"PHAB\" nocase", "$a"),
            Relation::Wider,
        ),
        (
            ("$a = \"alpha\"", "$a"),
            ("$a = \"alphabet\" fullword", "$a"),
            Relation::Narrower,
        ),
        (
            ("$a = \"alphabet\" fullword", "$a"),
            ("$a = \"alpha\" fullword", "$a"),
            Relation::Other,
        ),
        (
            ("$a = \"alphabet\" nocase", "$a"),
            ("$a = \"alpha\"", "$a"),
            Relation::Other,
        ),
        (
            ("$a = \"alphabet\" ascii wide", "$a"),
            ("$a = \"alpha\" wide", "$a"),
            Relation::Other,
        ),
        (
            ("$a = \"alphabet\"", "$a at 0"),
            ("$a = \"alpha\"", "$a at 0"),
            Relation::Other,
        ),
        (
            ("$a = \"alphabet\"", "#a > 1"),
            ("$a = \"alpha\"", "#a > 1"),
            Relation::Other,
        ),
        (
            ("$a = \"alpha\" nocase", "$a"),
            ("$a = \"Alpha\" fullword", "$a"),
            Relation::Narrower,
        ),
        ((two, "$a and not $b"), (two, "$a or $b"), Relation::Wider),
        ((two, "$a or not $b"), (two, "$b or not $a"), Relation::Other),
        ((two, "#a > 2 and $b"), (two, "#a > 2 or $b"), Relation::Wider),
        ((two, "#a > 2 and $b"), (two, "#b > 2 and $a"), Relation::Other),
    ] {
        let (old, new) = (rule(old.0, old.1), rule(new.0, new.1));
        assert_eq!(relation(&old, &new), expected, "{old}\n{new}");
    }
    // Too many strings to try all ways.
    let many = |count: usize| {
        let strings: Vec<String> = (0..count)
            .map(|n| format!("$s{n} = \"string number {n:02}\""))
            .collect();
        rule(&strings.join(" "), "any of them")
    };
    assert_eq!(relation(&many(40), &many(41)), Relation::Wider);
    assert_eq!(relation(&many(40), &many(40)), Relation::Equal);
}

/// Proved relations hold on objects.
#[test]
fn comparisons_hold_on_all_files() {
    let strings = "$a = \"alpha\" $b = \"beta\" $c = \"GAMMA\" nocase \
                   $d = \"amm\"";
    let conditions = [
        "$d",
        "$d and not $a",
        "$a",
        "$b and $c",
        "any of them",
        "all of them",
        "2 of them",
        "not $a and $c",
        "$a or ($b and not $c)",
        "none of them",
        "filesize < 12 and $a",
        "filesize < 20 and any of them",
        "$a at 0 and $b",
        "#a > 1 or $c",
        "1 of ($a, $b)",
        "for any of them : ($)",
        "not (not $a or not $b)",
    ];
    let words = ["alpha ", "beta ", "gamma ", "x "];
    let objects: Vec<String> = (0..256_usize)
        .map(|n| (0..4).map(|at| words[n >> (2 * at) & 3]).collect())
        .chain((0..16).map(|n| words[n & 3].repeat(n >> 2)))
        .collect();
    let mut studies: Vec<(Study, Vec<bool>)> = conditions
        .iter()
        .map(|condition| {
            let tail = "or (filesize < 0 and any of them)";
            let text = format!(
                "rule r {{ strings: {strings} \
                 condition: ({condition}) {tail} }}"
            );
            let mut study = study(&text);
            let verdicts = objects.iter().map(|object| {
                let mut holds = false;
                study.examine(object.as_bytes(), &mut |sample| {
                    holds = sample.holds(0);
                });
                holds
            });
            let verdicts = verdicts.collect();
            (study, verdicts)
        })
        .collect();
    let mut proved = 0;
    for a in 0..studies.len() {
        for b in 0..studies.len() {
            let (x, y) = (&studies[a], &studies[b]);
            let found = compare((x.0.facts(), 0), (y.0.facts(), 0));
            let pairs = || x.1.iter().zip(&y.1);
            let holds = match found {
                Relation::Equal => pairs().all(|(x, y)| x == y),
                Relation::Wider => pairs().all(|(x, y)| !x || *y),
                Relation::Narrower => pairs().all(|(x, y)| !y || *x),
                Relation::Other => true,
            };
            assert!(holds, "{} {found:?} {}", conditions[a], conditions[b]);
            proved += usize::from(found != Relation::Other);
        }
    }
    assert!(proved > 60, "only {proved} relations");
    studies.clear();
}

#[test]
fn mutants_survive_where_no_case_looks() {
    let text = r#"
        rule r {
            strings:
                $tag = "<tag"
                $a = "alpha" nocase
                $b = "beta"
                $fp1 = "vendor"
            condition:
                $tag and any of ($a, $b) and not $fp1
        }
    "#;
    let compiled = support::compile(text);
    let mut study =
        Study::with_variants(compiled, |_, rule| Mutant::variants(rule))
            .expect("a rule");
    let mutants = Mutant::all(study.facts(), 0);
    let alive = |study: &mut Study, objects: &[&str]| -> Vec<String> {
        let mut alive: Vec<&Mutant> = mutants.iter().collect();
        for object in objects {
            study.examine(object.as_bytes(), &mut |sample| {
                alive.retain(|mutant| !mutant.is_killed(sample));
            });
        }
        alive.iter().map(|mutant| mutant.what.clone()).collect()
    };
    let some = alive(&mut study, &["<tag alpha", "alpha"]);
    for what in ["without $b", "without $fp1", "$a without `nocase`"] {
        assert!(some.iter().any(|s| s == what), "no `{what}` in {some:?}");
    }
    assert!(!some.iter().any(|s| s == "without $tag"), "{some:?}");
    let all = [
        "<tag alpha",
        "<tag BETA",
        "<tag beta",
        "<tag ALPHA",
        "alpha",
        "<tag",
        "<tag alpha vendor",
        "<tag alpha beta",
        "",
    ];
    assert_eq!(alive(&mut study, &all), Vec::<String>::new());

    // The smallest test that is missing for `$b`.
    let drop_b = mutants.iter().find(|mutant| {
        mutant.mutation == Mutation::DropString
            && mutant.pattern == Some(PatternId(2))
    });
    let missing =
        drop_b.expect("it is there").missing_test(study.facts(), &[]);
    let names = |names: &[&str]| -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    };
    assert_eq!(
        missing,
        MissingTest::File {
            matches: true,
            with: names(&["$tag", "$b"]),
            without: names(&["$a", "$fp1"]),
            holding: Vec::new(),
            failing: Vec::new(),
        }
    );
    let words = missing.to_string();
    assert_eq!(
        words,
        "add a file that the rule matches, with $tag, $b and without $a, \
         $fp1"
    );
}

/// What a mutant makes of a private rule shows in the rules that ask for it.
#[test]
fn mutants_of_private_rules_are_seen_through_others() {
    let text = r#"
        private rule inner { strings: $a = "alpha" condition: $a }
        rule outer { strings: $b = "beta" condition: inner and $b }
    "#;
    let mut study = study(text);
    let mutants = Mutant::all(study.facts(), 0);
    let drop = mutants.iter().find(|m| m.mutation == Mutation::DropString);
    let drop = drop.expect("it has a string");
    for (object, killed) in [("alpha beta", true), ("alpha", false)] {
        study.examine(object.as_bytes(), &mut |sample| {
            assert_eq!(drop.is_killed(sample), killed, "{object}");
        });
    }
}
