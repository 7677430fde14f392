//! Holds the rules of `rules/` to their manifests: what each must find, what
//! it must leave alone, what its metadata say, and that no file of the
//! repository would be taken for a shell. `DRAGNET_BLESS=1` writes their
//! catalogue anew.

mod support;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use dragnet_compiler::driver::{Compiler, Source};
use dragnet_engine::ruleset::RuleSet;
use dragnet_engine::scan::Scanner;
use serde::Deserialize;
use walkdir::WalkDir;

/// Metadata that a rule must have, each at least once.
const REQUIRED_META: &[&str] = &[
    "description",
    "author",
    "date",
    "version",
    "score",
    "reference",
    "mitre_att",
    "id",
];

/// Cases of each kind that a rule must have.
const CASES_OF_EACH_KIND: usize = 2;

/// Files of the demonstration, with the rules that must report them.
const DEMO_HITS: &[(&str, &[&str])] = &[
    (
        "inetpub/wwwroot/aspnet_client/oab-virtual-directory.txt",
        &[
            "WEBSHELL_Exchange_OAB_Dump_With_Script",
            "WEBSHELL_Exchange_OAB_Url_Script",
        ],
    ),
    (
        "inetpub/wwwroot/uploads/htaccess.saved",
        &["WEBSHELL_Config_Htaccess_Handler"],
    ),
    (
        "inetpub/wwwroot/uploads/user.ini.saved",
        &["WEBSHELL_Config_Auto_Prepend", "WEBSHELL_Config_User_Ini_Program"],
    ),
    (
        "inetpub/wwwroot/uploads/web.config.saved",
        &[
            "SUSP_Config_Webconfig_Script_Mapping",
            "WEBSHELL_Config_Webconfig_Handler",
        ],
    ),
    (
        "users/admin/console-history.txt",
        &["MAL_PS_Hidden_Cradle", "MAL_PS_Web_Download_Execute"],
    ),
    ("winevt/security-4688-w3wp.txt", &["SUSP_PS_Encoded_Command"]),
];

/// One `NAME.test.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    schema: u32,
    rules: Vec<String>,
    case: Vec<Case>,
}

/// A sample and what its rules must say of it.
#[derive(Deserialize)]
struct Case {
    name: String,
    /// The rule the case is about.
    rule: String,
    /// With `match`: rules of the same file that also report it. With
    /// `no_match`: rules it is a look-alike for, too.
    #[serde(default)]
    also: Vec<String>,
    base64: String,
    expect: Expect,
    /// What `dragnet test` looks at, and nothing here.
    #[serde(flatten)]
    _finer: HashMap<String, toml::Value>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Expect {
    Match,
    NoMatch,
}

/// A rule as its source text shows it.
struct Written {
    name: String,
    private: bool,
    meta: Vec<(String, String)>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_with_suffix(suffix: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = WalkDir::new(root().join("rules"))
        .into_iter()
        .map(|entry| entry.expect("rules/ is readable").into_path())
        .filter(|path| path.to_string_lossy().ends_with(suffix))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "no *{suffix} below rules/");
    found
}

fn namespace(path: &Path) -> String {
    let path = path.strip_prefix(root().join("rules")).unwrap();
    path.with_extension("").to_string_lossy().replace('\\', "/")
}

/// The whole set, compiled once; a file is a namespace.
fn rules() -> &'static RuleSet {
    static RULES: OnceLock<RuleSet> = OnceLock::new();
    RULES.get_or_init(|| {
        let mut compiler = Compiler::new();
        for path in files_with_suffix(".yar") {
            let text = std::fs::read(&path).expect("rule file is readable");
            let name = path.to_string_lossy();
            compiler.add_source(&namespace(&path), Source::new(name, text));
        }
        let output = compiler.compile();
        let errors: Vec<String> = output
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.is_error())
            .map(|diagnostic| format!("{diagnostic:?}"))
            .collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
        assert!(output.skipped.is_empty(), "a rule was left out");
        let bytes = output.rules.expect("there are rules");
        RuleSet::from_bytes(bytes).expect("the compiled set loads")
    })
}

/// Namespace and name of each rule that reports the data.
fn hits(scanner: &mut Scanner, data: &[u8]) -> BTreeSet<(String, String)> {
    let report = scanner.scan(data);
    report
        .rules()
        .map(|rule| (rule.namespace().to_owned(), rule.name().to_owned()))
        .collect()
}

/// Reads names and metadata from the text, so that the check of the metadata
/// does not rest on the compiler under test.
fn written_rules(path: &Path) -> Vec<Written> {
    let text = std::fs::read_to_string(path).expect("rules are UTF-8");
    let mut found: Vec<Written> = Vec::new();
    let mut in_meta = false;
    for line in text.lines() {
        let line = line.trim();
        let private = line.starts_with("private rule ");
        if let Some(rest) =
            line.trim_start_matches("private ").strip_prefix("rule ")
        {
            let name = rest.split([' ', ':', '{']).next().unwrap();
            let name = name.to_owned();
            found.push(Written { name, private, meta: Vec::new() });
        } else if line.ends_with(':') && !line.contains('"') {
            in_meta = line == "meta:";
        } else if in_meta && let Some((key, value)) = line.split_once(" = ") {
            let value = value.trim_matches('"').to_owned();
            let rule = found.last_mut().expect("metadata stand in a rule");
            rule.meta.push((key.to_owned(), value));
        }
    }
    found
}

fn manifest(path: &Path) -> Manifest {
    let text = std::fs::read_to_string(path).expect("manifest is readable");
    let manifest: Manifest = toml::from_str(&text)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(manifest.schema, 1, "{}", path.display());
    manifest
}

#[test]
fn each_case_gives_the_rules_it_names() {
    let mut scanner = Scanner::new(rules());
    let mut wrong = Vec::new();
    for path in files_with_suffix(".test.toml") {
        let directory = path.parent().unwrap();
        let manifest = manifest(&path);
        let spaces: BTreeSet<String> = manifest
            .rules
            .iter()
            .map(|file| namespace(&directory.join(file)))
            .collect();
        for case in &manifest.case {
            let found: BTreeSet<String> =
                hits(&mut scanner, &support::from_base64(&case.base64))
                    .into_iter()
                    .filter(|(space, _)| spaces.contains(space))
                    .map(|(_, name)| name)
                    .collect();
            let mut wanted = BTreeSet::new();
            if case.expect == Expect::Match {
                wanted.extend(case.also.iter().cloned());
                wanted.insert(case.rule.clone());
            }
            if found != wanted {
                wrong.push(format!(
                    "{}: {} ({}): found {found:?}, expected {wanted:?}",
                    path.display(),
                    case.name,
                    case.rule,
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_rule_has_cases_of_both_kinds() {
    for path in files_with_suffix(".yar") {
        let cases = manifest(&path.with_extension("test.toml"));
        let mut positive = BTreeMap::new();
        let mut negative = BTreeMap::new();
        for case in &cases.case {
            let matching = case.expect == Expect::Match;
            let counts = if matching { &mut positive } else { &mut negative };
            *counts.entry(case.rule.clone()).or_insert(0) += 1;
            // A case that another rule also reports does not test this one.
            for name in case.also.iter().filter(|_| !matching) {
                *counts.entry(name.clone()).or_insert(0) += 1;
            }
        }
        let written = written_rules(&path);
        for rule in written.iter().filter(|rule| !rule.private) {
            for counts in [&positive, &negative] {
                let count = counts.get(&rule.name).copied().unwrap_or(0);
                assert!(
                    count >= CASES_OF_EACH_KIND,
                    "{}: {} matching and {} clean cases",
                    rule.name,
                    positive.get(&rule.name).unwrap_or(&0),
                    negative.get(&rule.name).unwrap_or(&0),
                );
            }
        }
        for name in positive.keys().chain(negative.keys()) {
            let known = written.iter().any(|rule| rule.name == *name);
            assert!(known, "{}: no rule {name}", path.display());
        }
    }
}

/// The catalogue of all rules, as Markdown.
fn catalogue() -> String {
    let mut text = String::from(
        "# All rules\n\nWritten by `DRAGNET_BLESS=1 cargo test --test rules`. \
         Cases are those that a rule must match, and those that it must leave \
         alone.\n",
    );
    for path in files_with_suffix(".yar") {
        let cases = manifest(&path.with_extension("test.toml")).case;
        let count = |rule: &Written, expect: Expect| {
            let cases = cases.iter().filter(|case| case.expect == expect);
            let of = |case: &&Case| {
                case.rule == rule.name || case.also.contains(&rule.name)
            };
            cases.filter(of).count()
        };
        text.push_str(&format!("\n## {}\n\n", namespace(&path)));
        text.push_str("| rule | detects | score | ATT&CK | cases |\n");
        text.push_str("|---|---|---|---|---|\n");
        let written = written_rules(&path);
        for rule in written.iter().filter(|rule| !rule.private) {
            let values = |wanted: &str| {
                let all = rule.meta.iter().filter(|(key, _)| key == wanted);
                let all: Vec<&str> = all.map(|(_, v)| v.as_str()).collect();
                all.join(", ")
            };
            let description = values("description");
            let detects = description.trim_start_matches("Detects ");
            text.push_str(&format!(
                "| `{}` | {} | {} | {} | {} + {} |\n",
                rule.name,
                detects.replace('|', "\\|").replace('<', "&lt;"),
                values("score"),
                values("mitre_att"),
                count(rule, Expect::Match),
                count(rule, Expect::NoMatch),
            ));
        }
    }
    text
}

#[test]
fn the_catalogue_lists_the_rules() {
    let path = root().join("docs/rule-catalogue.md");
    let wanted = catalogue();
    if std::env::var_os("DRAGNET_BLESS").is_some() {
        std::fs::write(&path, &wanted).expect("the catalogue can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/rule-catalogue.md is old: run DRAGNET_BLESS=1 cargo test \
         --test rules"
    );
}

#[test]
fn metadata_are_complete_and_identifiers_unique() {
    let (mut names, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for path in files_with_suffix(".yar") {
        for rule in written_rules(&path) {
            assert!(names.insert(rule.name.clone()), "{} twice", rule.name);
            if rule.private {
                continue;
            }
            let value = |key: &str| {
                let mut all = rule.meta.iter().filter(|(k, _)| k == key);
                all.next().map(|(_, value)| value.as_str())
            };
            for key in REQUIRED_META {
                let given = value(key).is_some_and(|value| !value.is_empty());
                assert!(given, "{}: no {key}", rule.name);
            }
            let score: u32 = value("score").unwrap().parse().unwrap();
            assert!((1..=100).contains(&score), "{}", rule.name);
            let id = value("id").unwrap();
            assert_eq!(id.len(), 36, "{}: {id}", rule.name);
            assert!(ids.insert(id.to_owned()), "{}: id twice", rule.name);
            assert!(value("description").unwrap().starts_with("Detects "));
            let date = value("date").unwrap();
            assert_eq!(date.split('-').count(), 3, "{}: {date}", rule.name);
            for (_, technique) in
                rule.meta.iter().filter(|(key, _)| key == "mitre_att")
            {
                let digits = technique.strip_prefix('T').unwrap_or("");
                let good = digits.len() >= 4
                    && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
                assert!(good, "{}: {technique}", rule.name);
            }
        }
    }
    assert!(names.len() >= 300, "only {} rules", names.len());
}

/// A checkout must survive on a machine with antivirus: no file of it holds
/// plain text that the rules themselves would report.
#[test]
fn files_of_the_repository_are_clean() {
    let demo = root().join("tests/data/demo");
    let mut scanner = Scanner::new(rules());
    let mut scanned = 0;
    let mut reported = Vec::new();
    for top in
        ["rules", "docs", "src", "compiler", "engine", "evidence", "tests"]
    {
        let walk = WalkDir::new(root().join(top)).into_iter();
        let kept = walk.filter_entry(|entry| {
            entry.path() != demo && entry.file_name() != "target"
        });
        for entry in kept.map(|entry| entry.expect("readable")) {
            if !entry.file_type().is_file() {
                continue;
            }
            let data = std::fs::read(entry.path()).expect("readable");
            let found = hits(&mut scanner, &data);
            if !found.is_empty() {
                reported
                    .push(format!("{}: {found:?}", entry.path().display()));
            }
            scanned += 1;
        }
    }
    assert!(scanned > 20, "only {scanned} files");
    assert!(reported.is_empty(), "{}", reported.join("\n"));
}

#[test]
fn demonstration_shows_exactly_its_hits() {
    let top = root().join("tests/data/demo/exchange-after-intrusion");
    let wanted: BTreeMap<&str, &[&str]> = DEMO_HITS.iter().copied().collect();
    let mut scanner = Scanner::new(rules());
    let mut seen = 0;
    for entry in WalkDir::new(&top) {
        let entry = entry.expect("demonstration is readable");
        if !entry.file_type().is_file() {
            continue;
        }
        let name = entry.path().strip_prefix(&top).unwrap();
        let name = name.to_string_lossy().replace('\\', "/");
        let data = std::fs::read(entry.path()).expect("readable");
        let found = hits(&mut scanner, &data);
        let found: Vec<&str> =
            found.iter().map(|(_, rule)| rule.as_str()).collect();
        let mut found = found;
        found.sort_unstable();
        assert_eq!(
            found,
            wanted.get(name.as_str()).copied().unwrap_or_default(),
            "{name}"
        );
        seen += usize::from(!found.is_empty());
    }
    assert_eq!(seen, DEMO_HITS.len());
}
