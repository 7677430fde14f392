//! Each lint fires on the bad example of its page, and stays silent on the
//! good one.
//!
//! Pages marked `<!-- test: KIND -->` need more than a text; they have tests
//! of their own here.

mod support;

use std::sync::Arc;

use dragnet::lint::{
    Baseline, Finding, History, Input, LINTS, Level, Lint, Linter, Outcome,
    Repair, Settings, State, repair,
};
use dragnet::{Value, logic_hashes};
use support::block;

fn input(name: &str, text: &str) -> Input {
    let text = Arc::from(text.as_bytes());
    Input { path: None, name: name.to_owned(), text }
}

fn settings(page: &str) -> Settings {
    let text = page.split_once("```toml\n").map_or("", |(_, rest)| {
        rest.split_once("```").map_or("", |(text, _)| text)
    });
    let mut settings = Settings::parse(text).expect("settings of a page");
    settings.today = "2026-11-22".to_owned();
    let text = || Value::Text(Vec::new());
    settings.externals = vec![("filename".to_owned(), text())];
    settings
}

fn linter(page: &str, lint: &Lint) -> Linter {
    let mut settings = settings(page);
    if lint.level == Level::Off {
        settings.levels.insert(lint.id.to_owned(), Level::Warning);
    }
    let mut linter = Linter::new(settings);
    if let Some(before) = block(page, "Before") {
        let mut history = History::new();
        history.add("a.yar", before.as_bytes().to_vec());
        linter.history(history);
    }
    linter
}

fn judge(page: &str, lint: &Lint, text: &str) -> Outcome {
    let mut linter = linter(page, lint);
    linter.add(input("a.yar", text));
    linter.run()
}

fn ids(outcome: &Outcome) -> Vec<&'static str> {
    let active = outcome.findings.iter().filter(|f| f.state == State::Active);
    active.map(|finding| finding.lint.id).collect()
}

fn kind(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("<!-- test: ")?;
    rest.split_once(" -->").map(|(kind, _)| kind)
}

fn find(id: &str) -> &'static Lint {
    Lint::find(id).expect("a lint")
}

#[test]
fn ids_are_distinct_and_names_too() {
    for (at, lint) in LINTS.iter().enumerate() {
        for other in &LINTS[at + 1..] {
            assert_ne!(lint.id, other.id);
            assert_ne!(lint.name, other.name);
        }
    }
}

/// So that a comment with an id silences `dragnet check`, too.
#[test]
fn the_compiler_knows_the_ids_of_its_warnings() {
    let ids = dragnet_compiler::diag::suppress::LINT_IDS;
    for lint in LINTS {
        let Some(code) = lint.code else { continue };
        let known = ids.contains(&(lint.id, code));
        assert!(known, "{} is not {}", lint.id, code.name());
    }
}

#[test]
fn every_lint_has_a_page() {
    for lint in LINTS {
        let page = lint.page();
        let title = format!("# {} {}\n", lint.id, lint.name);
        assert!(page.starts_with(&title), "{}: title", lint.id);
        assert!(page.contains("\n## Why\n"), "{}: no reason", lint.id);
        assert!(block(&page, "Good").is_some(), "{}: good", lint.id);
        let bad = block(&page, "Bad").is_some();
        assert!(bad || kind(&page).is_some(), "{}: bad", lint.id);
        if lint.code.is_none() {
            let mut word = lint.level.name().to_owned();
            word[..1].make_ascii_uppercase();
            let level = format!("*{word}.* ");
            assert!(page.contains(&level), "{}: not {level}", lint.id);
        }
    }
}

#[test]
fn every_page_has_a_lint() {
    for entry in std::fs::read_dir(support::path("lints")).expect("pages") {
        let path = entry.expect("a page").path();
        let name = path.file_stem().expect("a name").to_string_lossy();
        let lint = LINTS.iter().find(|lint| lint.id == name);
        assert!(lint.is_some(), "{name}: no lint");
    }
}

#[test]
fn bad_examples_fire() {
    let mut wrong = Vec::new();
    for lint in LINTS {
        let page = lint.page();
        let Some(bad) = block(&page, "Bad") else { continue };
        if matches!(kind(&page), Some("option" | "include" | "bytes")) {
            continue;
        }
        let outcome = judge(&page, lint, bad);
        if !ids(&outcome).contains(&lint.id) {
            wrong.push(format!("{}: got {:?}", lint.id, ids(&outcome)));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn good_examples_are_silent_and_compile() {
    let mut wrong = Vec::new();
    for lint in LINTS {
        let page = lint.page();
        let good = block(&page, "Good").expect("a good example");
        let outcome = judge(&page, lint, good);
        let got = ids(&outcome);
        if got.contains(&lint.id) || got.contains(&"S001") {
            wrong.push(format!("{}: got {got:?}", lint.id));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What repairs itself does so on its bad example: the lint is silent
/// afterwards, and a safe repair keeps the logic of every rule.
#[test]
fn repairs_work_on_the_bad_examples() {
    let mut wrong = Vec::new();
    let mut repaired = Vec::new();
    for lint in LINTS {
        let page = lint.page();
        let Some(bad) = block(&page, "Bad") else { continue };
        let outcome = judge(&page, lint, bad);
        let own: Vec<&Finding> = (outcome.findings.iter())
            .filter(|finding| finding.lint.id == lint.id)
            .collect();
        let fixed = own.iter().any(|finding| !finding.fixes.is_empty());
        if !fixed {
            continue;
        }
        if lint.repair == Repair::None && lint.code.is_none() {
            wrong.push(format!("{}: repairs, and does not say so", lint.id));
        }
        let with_unsafe = lint.repair != Repair::Safe;
        let new = repair(bad.as_bytes(), &own, with_unsafe);
        if new.applied == 0 {
            wrong.push(format!("{}: not applied", lint.id));
            continue;
        }
        repaired.push(lint.id);
        let text = String::from_utf8(new.text).expect("text");
        let after = judge(&page, lint, &text);
        let got = ids(&after);
        if got.contains(&lint.id) || got.contains(&"S001") {
            wrong.push(format!("{}: then {got:?}\n{text}", lint.id));
        }
        let hashes = |text: &str| -> Vec<_> {
            let all = logic_hashes(text.as_bytes()).into_iter();
            all.map(|rule| rule.hash).collect()
        };
        if !with_unsafe && hashes(bad) != hashes(&text) {
            wrong.push(format!("{}: another logic\n{text}", lint.id));
        }
    }
    for lint in LINTS.iter().filter(|lint| lint.repair != Repair::None) {
        let elsewhere = ["S014", "M041", "C006", "X004"].contains(&lint.id);
        if !elsewhere && !repaired.contains(&lint.id) {
            wrong.push(format!("{}: nothing was repaired", lint.id));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn bytes_outside_utf_8_become_escapes() {
    let text = b"rule a { strings: $a = \"caf\xe9 menu\" condition: $a }";
    let mut linter = Linter::new(Settings::default());
    let text: Arc<[u8]> = Arc::from(&text[..]);
    let name = "a.yar".to_owned();
    linter.add(Input { path: None, name, text: text.clone() });
    let outcome = linter.run();
    assert!(ids(&outcome).contains(&"S014"), "{:?}", ids(&outcome));
    let all: Vec<&Finding> = outcome.findings.iter().collect();
    let new = repair(&text, &all, false).text;
    let new = String::from_utf8(new).expect("now it is UTF-8");
    assert!(new.contains("caf\\xe9 menu"), "{new}");
}

#[test]
fn modules_that_are_left_out_are_named() {
    let text = "import \"cuckoo\" rule a { condition: \
                cuckoo.sync.mutex(/a/) > 0 }";
    let mut linter = Linter::new(Settings::default());
    linter.ignore_module("cuckoo").add(input("a.yar", text));
    let got = ids(&linter.run());
    assert!(got.contains(&"S003"), "{got:?}");
    assert!(got.contains(&"S004"), "{got:?}");
}

#[test]
fn a_module_that_one_rule_of_many_uses_is_rare() {
    let few = "import \"dotnet\" rule a { condition: dotnet.is_dotnet }";
    let many: String = (0..150)
        .map(|n| format!("rule r{n} {{ condition: filesize > {n} }}\n"))
        .collect();
    let settings = Settings::default();
    let mut linter = Linter::new(settings.clone());
    linter.add(input("a.yar", few)).add(input("b.yar", &many));
    assert!(ids(&linter.run()).contains(&"P024"));
    let mut linter = Linter::new(settings);
    linter.add(input("a.yar", few));
    assert!(!ids(&linter.run()).contains(&"P024"));
}

#[test]
fn names_are_compared_between_files() {
    let text = "rule a { condition: filesize > 10 }";
    let mut linter = Linter::new(Settings::default());
    linter.add(input("a.yar", text)).add(input("b.yar", text));
    let outcome = linter.run();
    let got = ids(&outcome);
    assert!(got.contains(&"D002"), "{got:?}");
    assert!(!got.contains(&"S001"), "{got:?}");
}

#[test]
fn a_renamed_rule_names_its_old_name() {
    let page = find("M016").page();
    let good = block(&page, "Good").expect("a good example");
    let mut history = History::new();
    let old = good.replace("MAL_Loader_Jan24", "Old_Loader");
    history.add("a.yar", old.into_bytes());
    let mut linter = Linter::new(settings(&page));
    linter.history(history).add(input("a.yar", good));
    let outcome = linter.run();
    assert_eq!(ids(&outcome), ["M016"]);
    let all: Vec<&Finding> = outcome.findings.iter().collect();
    let new = repair(good.as_bytes(), &all, false);
    let new = String::from_utf8(new.text).expect("text");
    assert!(new.contains("old_rule_name = \"Old_Loader\""), "{new}");
}

#[test]
fn only_what_changed_is_reported() {
    let rule = |name: &str, text: &str| {
        format!(
            "rule {name} {{\n    strings:\n        $a = \"{text}\"\n    \
             condition:\n        $a and filesize > 10\n}}\n"
        )
    };
    let old = rule("one", "foo") + &rule("two", "bar");
    let new = rule("one", "foo") + &rule("two", "baz");
    let mut history = History::new();
    history.add("a.yar", old.into_bytes());
    let mut linter = Linter::new(Settings::default());
    linter.history(history).add(input("a.yar", &new));
    let outcome = linter.run();
    let rules: Vec<_> =
        outcome.findings.iter().filter_map(|f| f.rule.as_deref()).collect();
    assert!(!rules.is_empty());
    assert!(rules.iter().all(|rule| *rule == "two"), "{rules:?}");
}

#[test]
fn a_baseline_knows_findings_by_their_text() {
    let bad = "rule a { strings: $a = \"foo\" $b = \"other text\" \
               condition: all of them }";
    let first = |text: &str, baseline: Option<&str>| {
        let mut linter = Linter::new(Settings::default());
        if let Some(text) = baseline {
            let known = Baseline::read("known.txt", text).expect("one");
            linter.baseline(known);
        }
        linter.add(input("a.yar", text));
        linter.run()
    };
    let before = first(bad, None);
    assert!(ids(&before).contains(&"P001"));
    let known = Baseline::write(&before.findings, &before.sources);
    // On another line it is still the same.
    let moved = format!("\n\n// moved\n{bad}");
    assert_eq!(ids(&first(&moved, Some(&known))), [""; 0]);
    // Another text is another finding, and the entry is stale.
    let other = bad.replace("foo", "bar");
    let after = first(&other, Some(&known));
    let got = ids(&after);
    assert!(got.contains(&"P001") && got.contains(&"X004"), "{got:?}");
    let stale: Vec<&Finding> =
        after.findings.iter().filter(|f| f.lint.id == "X004").collect();
    let shorter = repair(known.as_bytes(), &stale, false);
    assert!(shorter.text.len() < known.len());
    assert!(Baseline::read("x", "nothing").is_err());
}

#[test]
fn suppressions_reach_the_string_the_line_the_rule_and_the_file() {
    let rule = |head: &str, string: &str, line: &str| {
        format!(
            "{head}rule a {{\n    strings:\n        {string}$a = \"foo\"\
             {line}\n        $b = \"other text\"\n    condition:\n        \
             all of them\n}}\n"
        )
    };
    let note = "// suppress: P001 -- short on purpose\n";
    let silent = [
        rule(note, "", ""),
        rule("", &format!("{note}        "), ""),
        rule("", "", &format!(" {}", note.trim_end())),
        rule(&format!("{note}\n"), "", ""),
    ];
    for text in silent {
        let outcome = judge("", find("P002"), &text);
        let got = ids(&outcome);
        assert!(!got.contains(&"P001"), "{got:?}\n{text}");
        assert!(!got.contains(&"X001"), "{got:?}\n{text}");
    }
    let loud =
        rule("", "", "").replace("\"other", "// suppress: P001\n\"other");
    assert!(ids(&judge("", find("P002"), &loud)).contains(&"P001"));
}

#[test]
fn codes_of_the_compiler_suppress_too() {
    let text = "// suppress: invariant_expr -- a test\n\
                rule a { condition: true }";
    let got = judge("", find("P001"), text);
    assert!(!ids(&got).contains(&"L001"), "{:?}", ids(&got));
}

#[test]
fn settings_set_levels_for_families_ids_and_paths() {
    let text = "[levels]\nN = \"off\"\nN002 = \"error\"\n[[paths]]\n\
                path = \"old/**\"\nlevels = { N002 = \"off\" }\n";
    let settings = Settings::parse(text).expect("settings");
    let rule = "rule loader { condition: filesize > 10 }";
    let mut linter = Linter::new(settings);
    linter.add(input("a.yar", rule)).add(input("old/a.yar", rule));
    let outcome = linter.run();
    let found: Vec<_> =
        outcome.findings.iter().filter(|f| f.lint.id == "N002").collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].level, Level::Error);
    assert!(Settings::parse("[levels]\nP999 = \"off\"\n").is_err());
    assert!(Settings::parse("rule_name = \"(\"\n").is_err());
}

/// Broken rules, deep rules and large ones.
#[test]
fn hostile_rules_are_judged() {
    let deep = format!(
        "rule a {{ condition: {}true{} }}",
        "(not ".repeat(9_000),
        ")".repeat(9_000)
    );
    let groups = format!(
        "rule a {{ strings: $a = /x{}y{}/ condition: $a }}",
        "(".repeat(4_000),
        ")".repeat(4_000)
    );
    let many: String =
        (0..5_000).map(|n| format!("$s{n} = \"text{n:05}\"\n")).collect();
    let many = format!("rule a {{ strings: {many} condition: any of them }}");
    let texts = [
        deep.as_str(),
        &groups,
        &many,
        "rule a { strings: $a = /[/ $b = { 4 } $c = \"\\\" condition: ",
        "rule a { strings: $a = /a{/ $b = /(((/ condition: #a of them }",
        "// suppress:",
        "// suppress: , , -- \nrule",
        "",
    ];
    for text in texts {
        let mut settings = Settings::default();
        for lint in LINTS {
            settings.levels.insert(lint.id.to_owned(), Level::Warning);
        }
        settings.levels.insert("P025".to_owned(), Level::Off);
        let mut linter = Linter::new(settings);
        linter.add(input("a.yar", text));
        let outcome = linter.run();
        let all: Vec<&Finding> = outcome.findings.iter().collect();
        repair(text.as_bytes(), &all, true);
    }
}
