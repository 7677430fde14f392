//! `dragnet lint` and `dragnet fmt` as programs.

mod cli_support;
mod support;

use std::process::Command;

use cli_support::{Dir, run, run_with};
use serde_json::Value as Json;

/// One warning: the first string is short.
const SHORT: &str = "rule MAL_a {\n    strings:\n        $a = \"foo\"\n        \
                     $b = \"other text\"\n    condition:\n        all of \
                     them\n}\n";
const CLEAN: &str = "rule MAL_a {\n    condition:\n        filesize < 10\n}\n";
const UNUSED: &str = "import \"pe\"\n\nrule MAL_a {\n    condition:\n        \
                      filesize < 10\n}\n";

fn read(dir: &Dir, name: &str) -> String {
    std::fs::read_to_string(dir.path(name)).unwrap()
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_exit_code_says_what_was_found() {
    let dir = Dir::new();
    dir.write("clean.yar", CLEAN);
    dir.write("short.yar", SHORT);
    dir.write("wrong.yar", "rule a { condition: $a }");
    let code = |args: &[&str]| run(&dir, args).code;
    assert_eq!(code(&["lint", "clean.yar"]), 0);
    assert_eq!(code(&["lint", "short.yar"]), 1);
    assert_eq!(code(&["lint", "--level", "error", "short.yar"]), 0);
    assert_eq!(code(&["lint", "--ignore", "P", "short.yar"]), 0);
    assert_eq!(code(&["lint", "--select", "L", "short.yar"]), 0);
    assert_eq!(code(&["lint", "wrong.yar"]), 2);
    assert_eq!(code(&["lint", "missing.yar"]), 2);
    assert_eq!(code(&["lint", "--select", "P999", "clean.yar"]), 2);
    assert_eq!(code(&["lint", "--new-from", "HEAD", "clean.yar"]), 2);
}

#[test]
fn text_names_place_lint_and_page() {
    let dir = Dir::new();
    dir.write("short.yar", SHORT);
    let shown = run(&dir, &["lint", "--format", "text", "."]).out;
    for part in [
        "warning[P001]: short-atom: ",
        "short.yar:3:14",
        "explain: dragnet lint --explain P001",
        "0 error(s), 1 warning(s)",
        "1 rule(s) in 1 file(s)",
    ] {
        assert!(shown.contains(part), "no {part}\n{shown}");
    }
    let shown = run(&dir, &["lint", "--statistics", "--format", "text"]).out;
    assert!(shown.contains("       1  P001  short-atom"), "{shown}");
}

/// Which of two rules with any of these strings does no work of its own?
#[test]
fn rules_within_others_are_named() {
    let rule = |name: &str, strings: &[&str]| {
        let strings: String = (strings.iter().enumerate())
            .map(|(at, string)| format!("        $s{at} = {string}\n"))
            .collect();
        format!(
            "rule MAL_{name} {{\n    strings:\n{strings}    condition:\n\
             \x20       any of them\n}}\n"
        )
    };
    let dir = Dir::new();
    let covered = |first: &[&str], second: &[&str]| {
        let text = [rule("first", first), rule("second", second)].concat();
        dir.write("two.yar", text);
        let args = ["lint", "--select", "D004", "--level", "info", "--format"];
        let out = run(&dir, &[&args[..], &["json", "two.yar"]].concat()).out;
        let rules: Vec<String> = (json(&out)["findings"].as_array().unwrap())
            .iter()
            .map(|finding| finding["rule"].as_str().unwrap().to_owned())
            .collect();
        rules.join(" ")
    };
    let long = "\"open(decode_words(\"";
    for (first, second, expected) in [
        (&[long][..], &["\"decode_words\""][..], "MAL_first"),
        (
            &["\"decode_words\""],
            &[long, "\"inflate(decode_words\""],
            "MAL_second",
        ),
        (&[long], &["\"DECODE_words\" nocase"], "MAL_first"),
        (&[long], &["\"decode_words\" ascii wide"], "MAL_first"),
        (&[long], &[long, "\"some other text\""], "MAL_first"),
        (&["\"decode\" fullword"], &["\"decode\""], "MAL_first"),
        (
            &["\"decode\" nocase"],
            &["\"DECODE\" nocase wide ascii"],
            "MAL_first",
        ),
        // One of the two is enough.
        (&["\"decode\""], &["\"decode\"", long], "MAL_second"),
        // One string more is found by nobody else.
        (&[long, "\"some other text\""], &["\"decode_words\""], ""),
        (&[long], &["\"DECODE_words\""], ""),
        (&["\"decode_words\" nocase"], &["\"decode\""], ""),
        (&[long], &["\"decode_words\" wide"], ""),
        (&["\"xdecode\" ascii wide"], &["\"decode\" wide"], ""),
        (&[long], &["\"decode_words\" fullword"], ""),
        (&[long], &["/decode_words/"], ""),
    ] {
        assert_eq!(covered(first, second), expected, "{first:?} {second:?}");
    }
    // Private and global rules decide what others report.
    let [a, b] = [rule("first", &[long]), rule("second", &["\"decode\""])];
    for (before_a, before_b, code) in [
        ("", "", 1),
        ("", "private ", 0),
        ("private ", "", 0),
        ("global ", "", 0),
        ("", "global ", 0),
    ] {
        dir.write("two.yar", format!("{before_a}{a}{before_b}{b}"));
        let args = ["lint", "--select", "D004", "--level", "info", "two.yar"];
        assert_eq!(run(&dir, &args).code, code, "{before_a}, {before_b}");
    }
}

/// A hash of the archive in which a sample came is no hash of the sample.
#[test]
fn hashes_of_archives_are_found_in_the_store() {
    let dir = Dir::new();
    dir.write("dragnet.toml", "[lint]\nprofiles = [\"neo23x0\"]\n");
    // The SHA-256 of "abc", and the MD5 of the six bytes that begin a 7z
    // file.
    let plain =
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    dir.write(&format!("store/{plain}"), "abc");
    let digest = "34467d690aa9454465e06cda973c647f";
    dir.write("store/sample", b"7z\xbc\xaf\x27\x1c");
    dir.write(
        "r.yar",
        format!(
            "rule MAL_a {{\n    meta:\n        hash = \"{plain}\"\n        \
             hash = \"{digest}\"\n    condition:\n        filesize < \
             10\n}}\n"
        ),
    );
    let found = |more: &[&str]| {
        let args = ["lint", "--select", "M015", "--format", "json", "r.yar"];
        let out = run(&dir, &[&args[..], more].concat()).out;
        let all = json(&out)["findings"].as_array().unwrap().clone();
        let all =
            all.iter().map(|f| f["message"].as_str().unwrap().to_owned());
        all.collect::<Vec<_>>()
    };
    assert_eq!(found(&[]), [""; 0]);
    assert_eq!(
        found(&["--samples", "store"]),
        ["the hash is that of an archive (7z)"]
    );
    // What is no hash names no sample, and no other file either.
    for wrong in
        [format!("a{}b", "é".repeat(31)), "../".repeat(22)[..64].into()]
    {
        let rule = "rule MAL_a {\n    meta:\n        hash = \"WRONG\"\n    \
                    condition:\n        filesize < 10\n}\n";
        dir.write("r.yar", rule.replace("WRONG", &wrong));
        assert_eq!(
            found(&["--samples", "store"]),
            ["this is no MD5, SHA-1 or SHA-256"]
        );
    }
}

#[test]
fn pages_and_the_list_can_be_read() {
    let dir = Dir::new();
    let page = run(&dir, &["lint", "--explain", "p001"]).out;
    assert!(page.starts_with("# P001 short-atom\n"), "{page}");
    let page = run(&dir, &["lint", "--explain", "slow_pattern"]).out;
    assert!(page.starts_with("# P002 slow-pattern\n"), "{page}");
    let list = run(&dir, &["lint", "--explain", "list"]).out;
    assert_eq!(list.lines().count(), dragnet::lint::LINTS.len());
    assert_eq!(run(&dir, &["lint", "--explain", "Q1"]).code, 2);
}

#[test]
fn json_and_sarif_hold_every_finding() {
    let dir = Dir::new();
    dir.write("a b.yar", SHORT);
    dir.write("c.yar", format!("// suppress: P001 -- ok\n{SHORT}"));
    let found = json(&run(&dir, &["lint", "--format=json", "."]).out);
    let found = found["findings"].as_array().unwrap();
    let states: Vec<&Json> = (found.iter())
        .filter(|f| f["id"] == "P001")
        .map(|f| &f["state"])
        .collect();
    assert_eq!(states, ["active", "suppressed"]);

    let sarif = json(&run(&dir, &["lint", "--format=sarif", "."]).out);
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), found.len());
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array();
    for result in results {
        let id = &result["ruleId"];
        assert!(rules.unwrap().iter().any(|rule| rule["id"] == *id));
        assert!(result["partialFingerprints"]["dragnet/v1"].is_string());
    }
    let suppressed =
        results.iter().filter(|r| r["suppressions"].is_array()).count();
    assert_eq!(suppressed, 1);
}

/// Against the schema itself; `DRAGNET_SARIF_SCHEMA` says where a copy is.
#[test]
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn sarif_follows_its_schema() {
    let Some(path) = std::env::var_os("DRAGNET_SARIF_SCHEMA") else {
        eprintln!("skipped: DRAGNET_SARIF_SCHEMA is not set");
        return;
    };
    let schema = std::fs::read_to_string(path);
    // This pattern is no regular expression: a bracket too many.
    let schema = schema.unwrap().replace("{2}]?$", "{2}$");
    let schema = json(&schema);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let dir = Dir::new();
    dir.write("a.yar", SHORT);
    dir.write("b.yar", UNUSED.replace("pe", "elf").replace("MAL_a", "b"));
    dir.write("wrong.yar", "rule c { condition: $a }");
    let mut documents =
        vec![run(&dir, &["lint", "--format=sarif", "--level=info", "."]).out];
    if let Some(corpora) = support::shared("corpora") {
        let corpora = corpora.to_string_lossy().into_owned();
        let args = ["lint", "--format=sarif", "--level=info", &corpora];
        documents.push(run(&dir, &args).out);
    }
    for document in documents {
        let errors: Vec<String> = validator
            .iter_errors(&json(&document))
            .take(5)
            .map(|error| format!("{error} at {}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
}

#[test]
fn junit_is_xml_with_a_case_for_each_finding() {
    let dir = Dir::new();
    dir.write("a&b.yar", SHORT);
    let text = run(&dir, &["lint", "--format=junit", "."]).out;
    assert!(text.starts_with("<?xml version=\"1.0\""), "{text}");
    assert!(text.contains("name=\"a&amp;b.yar\" tests=\"1\" failures=\"1\""));
    assert_eq!(text.matches("<testcase ").count(), 1);
    assert_eq!(text.matches("</testcase>").count(), 1);
    assert!(text.ends_with("</testsuites>\n"), "{text}");
}

#[test]
fn annotations_are_few_and_say_so() {
    let dir = Dir::new();
    for n in 0..12 {
        let text = SHORT.replace("MAL_a", &format!("MAL_r{n}"));
        let text = text.replace("other text", &format!("other {n}"));
        dir.write(&format!("f{n:02}.yar"), text);
    }
    let text = run(&dir, &["lint", "--format=github", "."]).out;
    assert_eq!(text.matches("::warning ").count(), 10, "{text}");
    // There is no summary to look at.
    assert_eq!(text.lines().last(), Some("showing 10 of 12"));

    dir.write("z.yar", "rule MAL_z { condition: nothing }");
    let lint = || {
        let output = Command::new(env!("CARGO_BIN_EXE_dragnet"))
            .current_dir(dir.path("."))
            .args(["lint", "--format=github", "."])
            .env("GITHUB_STEP_SUMMARY", dir.path("summary.md"))
            .output();
        let text = output.expect("it runs").stdout;
        text.rsplit(|byte| *byte == b'\n')
            .nth(1)
            .map(|line| String::from_utf8_lossy(line).into_owned())
    };
    let last = lint().expect("a last line");
    assert_eq!(last, "showing 11 of 13, full list in the job summary");
    let summary = read(&dir, "summary.md");
    let rows: Vec<&str> =
        summary.lines().filter(|line| line.contains(".yar:")).collect();
    assert_eq!(rows.len(), 13, "{summary}");
    // The worst is first, whatever its file is called.
    assert!(rows[0].starts_with("| error |"), "{summary}");
    assert!(rows[1].contains("f00.yar"), "{summary}");

    // What other tools wrote counts: more than a mebibyte is refused.
    dir.write("summary.md", " ".repeat((1 << 20) - (16 << 10) - 700));
    let last = lint().expect("a last line");
    assert!(last.ends_with(" in the job summary"), "{last}");
    assert!(!last.contains("full"), "{last}");
    let summary = read(&dir, "summary.md");
    assert!(summary.len() < 1 << 20, "{}", summary.len());
    let last = summary.lines().last().unwrap_or_default();
    let says = "more finding(s) are missing here: a summary has at most 1 MiB";
    assert!(last.contains(says), "{last}");
}

#[test]
fn safe_repairs_are_written_and_others_only_when_asked_for() {
    let dir = Dir::new();
    dir.write("a.yar", UNUSED);
    let shown = run(&dir, &["lint", "--fix", "--diff", "."]);
    assert_eq!(shown.code, 0);
    assert!(shown.out.contains("-import \"pe\""), "{}", shown.out);
    assert_eq!(read(&dir, "a.yar"), UNUSED);
    assert_eq!(run(&dir, &["lint", "--fix", "."]).code, 0);
    assert!(!read(&dir, "a.yar").contains("import"));

    let text = "rule MAL_a {\n    strings:\n        $mz = \"MZ\"\n        \
                $b = \"other text\"\n    condition:\n        $mz at 0 and \
                $b\n}\n";
    dir.write("a.yar", text);
    run(&dir, &["lint", "--fix", "."]);
    assert_eq!(read(&dir, "a.yar"), text);
    run(&dir, &["lint", "--fix", "--unsafe", "."]);
    let new = read(&dir, "a.yar");
    assert!(new.contains("uint16be(0) == 0x4d5a and $b"), "{new}");
    assert_eq!(run(&dir, &["lint", "--unsafe", "."]).code, 2);
}

#[test]
fn a_baseline_silences_what_is_known() {
    let dir = Dir::new();
    dir.write("a.yar", SHORT);
    let wrote = run(&dir, &["lint", "--write-baseline", "known.txt", "."]);
    assert_eq!(wrote.code, 0);
    let args = ["lint", "--baseline", "known.txt", "--format=text", "."];
    let known = run(&dir, &args);
    assert_eq!(known.code, 0, "{}", known.out);
    assert!(!known.out.contains(" 0 in baseline"), "{}", known.out);
    dir.write("a.yar", SHORT.replace("foo", "bar"));
    assert_eq!(run(&dir, &args).code, 1);
    let before = read(&dir, "known.txt").lines().count();
    run(&dir, &["lint", "--fix", "--baseline", "known.txt", "."]);
    let after = read(&dir, "known.txt").lines().count();
    assert!(after < before, "{after} of {before} entries are left");
}

#[test]
fn only_what_is_new_since_a_revision() {
    let dir = Dir::new();
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.current_dir(dir.path(".")).args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.org",
        ]);
        command.args(args).output().is_ok_and(|o| o.status.success())
    };
    if !git(&["init", "-q"]) {
        // There is no git here.
        return;
    }
    dir.write("old.yar", SHORT);
    assert!(git(&["add", "."]) && git(&["commit", "-qm", "first"]));
    let args = ["lint", "--new-from", "HEAD", "--format=text", "."];
    assert_eq!(run(&dir, &args).code, 0);
    dir.write("new.yar", SHORT.replace("MAL_a", "MAL_b"));
    let new = run(&dir, &args);
    assert_eq!(new.code, 1);
    assert!(new.out.contains("new.yar"), "{}", new.out);
    assert!(!new.out.contains("old.yar:"), "{}", new.out);
    let unknown = run(&dir, &["lint", "--new-from", "nowhere", "."]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("git fetch"), "{}", unknown.err);
}

#[test]
fn standard_input_has_a_name_and_the_settings_of_its_place() {
    let dir = Dir::new();
    dir.write("rules/dragnet.toml", "[lint.levels]\nP001 = \"off\"\n");
    let input = SHORT.as_bytes();
    let out = run_with(&dir, &["lint", "-"], input);
    assert_eq!(out.code, 1);
    let args = ["lint", "--stdin-filename", "rules/a.yar", "-"];
    assert_eq!(run_with(&dir, &args, input).code, 0);
}

#[test]
fn settings_are_found_above_the_rule() {
    let dir = Dir::new();
    dir.write(
        "dragnet.toml",
        "[externals]\nsite = \"\"\n[lint]\nrule_name = \"MAL_.*\"\n\
         [lint.meta.author]\nrequired = true\n[fmt]\nindent = 2\n",
    );
    dir.write("deep/er/a.yar", "rule b { condition: site == \"x\" }\n");
    let out = run(&dir, &["lint", "--format=json", "deep/er/a.yar"]).out;
    let out = json(&out);
    let ids: Vec<&Json> = (out["findings"].as_array().unwrap().iter())
        .map(|finding| &finding["id"])
        .collect();
    assert_eq!(ids, ["M001", "N001"]);
    assert_eq!(run(&dir, &["fmt", "deep"]).code, 0);
    let text = read(&dir, "deep/er/a.yar");
    assert_eq!(text, "rule b {\n  condition:\n    site == \"x\"\n}\n");
    dir.write("dragnet.toml", "[lint]\nnothing = 1\n");
    assert_eq!(run(&dir, &["lint", "deep"]).code, 2);
}

#[test]
fn formatting_writes_checks_and_shows() {
    let dir = Dir::new();
    let ugly = "rule a{condition:filesize<10}";
    dir.write("a.yar", ugly);
    let check = run(&dir, &["fmt", "--check", "a.yar"]);
    assert_eq!((check.code, &*check.out), (1, "would reformat: a.yar\n"));
    let diff = run(&dir, &["fmt", "--diff", "a.yar"]);
    assert_eq!(diff.code, 0);
    assert!(diff.out.contains("+    condition:"), "{}", diff.out);
    let both = run(&dir, &["fmt", "--check", "--diff", "a.yar"]);
    assert_eq!((both.code, &both.out), (1, &diff.out));
    assert_eq!(read(&dir, "a.yar"), ugly);
    assert_eq!(run(&dir, &["fmt", "a.yar"]).code, 0);
    assert_eq!(read(&dir, "a.yar"), CLEAN.replace("MAL_a", "a"));
    assert_eq!(run(&dir, &["fmt", "--check", "."]).code, 0);
    let stdin = run_with(&dir, &["fmt", "-"], ugly.as_bytes());
    assert_eq!(stdin.out, CLEAN.replace("MAL_a", "a"));
}

#[test]
fn what_is_broken_is_left_alone() {
    let dir = Dir::new();
    dir.write("a.yar", "rule a { condition: ( }");
    dir.write("b.yar", "rule b{condition:true}");
    let out = run(&dir, &["fmt", "."]);
    assert_eq!(out.code, 2);
    assert!(out.err.contains("a.yar: not formatted"), "{}", out.err);
    assert_eq!(read(&dir, "a.yar"), "rule a { condition: ( }");
    assert!(read(&dir, "b.yar").starts_with("rule b {\n"));
}

/// Judging real rules never crashes, and repairing them keeps their logic.
#[test]
fn collections_are_judged_and_repaired() {
    use dragnet::lint::{Finding, Input, Linter, Settings, repair};
    let folders = [Some(support::path("rules")), support::shared("corpora")];
    let mut linter = Linter::new(Settings::default());
    for folder in folders.into_iter().flatten() {
        for path in dragnet::rule_files(&folder).unwrap() {
            let text = std::fs::read(&path).unwrap().into();
            let name = path.to_string_lossy().into_owned();
            linter.add(Input { path: Some(path), name, text });
        }
    }
    let outcome = linter.run();
    assert!(outcome.rules > 50);
    let mut applied = 0;
    for (file, source) in outcome.sources.iter() {
        let own: Vec<&Finding> =
            outcome.findings.iter().filter(|f| f.file == file).collect();
        let new = repair(&source.text, &own, false);
        applied += new.applied;
        let hashes = |text: &[u8]| -> Vec<_> {
            let all = dragnet::logic_hashes(text).into_iter();
            all.map(|rule| rule.hash).collect()
        };
        let same = hashes(&source.text) == hashes(&new.text);
        assert!(same, "{}: another logic", source.name);
    }
    assert!(applied > 0);
}
