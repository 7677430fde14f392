//! `explain`, `diff`, `dedup`, `bench`, `scan --slowest`, and the gates of
//! `test`: clean files, coverage, mutation.

mod cli_support;

use cli_support::{Dir, commit, run};
use serde_json::Value as Json;

const RULE: &str = r#"
rule one {
    meta:
        id = "1"
        score = 50
    strings:
        $a = "alpha"
        $b = "beta"
        $fp1 = "vendor"
    condition:
        filesize < 1KB and any of ($a, $b) and not $fp1
}
"#;

#[test]
fn a_verdict_is_explained() {
    let dir = Dir::new();
    dir.write("r.yar", RULE);
    dir.write("f", "an alpha of a vendor");
    let result = run(&dir, &["explain", "--rules", "r.yar", "f", "one"]);
    assert_eq!(result.code, 0, "{result:?}");
    let wanted = [
        "one  NO MATCH  f (20 bytes)",
        "├─ filesize < 1KB   true       filesize is 20",
        "at 0x3 \"alpha\"",
        "at 0xe \"vendor\"  <- decides",
        "nearest change: without $fp1 the rule matches",
    ];
    for line in wanted {
        assert!(result.out.contains(line), "{line} in\n{}", result.out);
    }
    // The rules of the current directory, if none are named.
    let here = run(&dir, &["explain", "f", "one"]);
    assert_eq!(here.out, result.out);
    dir.write("g", "an alpha");
    let json = ["explain", "--rules", "r.yar", "g", "--all", "--json"];
    let result = run(&dir, &json);
    let json: Json = serde_json::from_str(&result.out).expect("it is JSON");
    assert_eq!(json["rules"][0]["matches"], true);
    assert_eq!(json["rules"][0]["nearest_change"], "without $a");
    for (arguments, code) in [
        (["explain", "--rules", "r.yar", "f", "none"], 2),
        (["explain", "--rules", "r.yar", "absent", "one"], 2),
    ] {
        assert_eq!(run(&dir, &arguments).code, code, "{arguments:?}");
    }
}

#[test]
fn a_failed_global_rule_is_named() {
    let dir = Dir::new();
    dir.write(
        "r.yar",
        "global rule small { condition: filesize < 3 }\n\
         rule word { strings: $a = \"alpha\" condition: $a }",
    );
    dir.write("f", "alpha");
    let result = run(&dir, &["explain", "--rules", "r.yar", "f", "word"]);
    assert!(result.out.starts_with("word  NO MATCH"), "{result:?}");
    let line = "the global rule small does not hold";
    assert!(result.out.contains(line), "{result:?}");
}

#[test]
fn sets_are_compared() {
    let dir = Dir::new();
    let more = "rule gone { strings: $g = \"gamma\" condition: $g }";
    dir.write("old.yar", format!("{RULE}{more}"));
    let new = RULE.replace("1KB", "2KB").replace("score = 50", "score = 60");
    let other = "rule here { strings: $d = \"delta\" condition: $d }";
    dir.write("new.yar", format!("{new}{other}"));
    dir.write("c/large", "alpha ".repeat(250));
    dir.write("c/gamma", "gamma");
    let diff = ["diff", "old.yar", "new.yar", "--corpus", "c"];
    let result = run(&dir, &diff);
    assert_eq!(result.code, 0, "{result:?}");
    for line in [
        "widened        one",
        "    hit: c/large",
        "removed        gone",
        "    lost: c/gamma",
        "added          here",
        "1 files newly hit, 1 lost",
    ] {
        assert!(result.out.contains(line), "{line} in\n{}", result.out);
    }
    for (kind, code) in
        [("lost", 1), ("widened", 1), ("removed", 1), ("narrowed", 0)]
    {
        let fail = [&diff[..], &["--fail-on", kind]].concat();
        assert_eq!(run(&dir, &fail).code, code, "{kind}");
    }
    let markdown = [&diff[..], &["--format", "markdown"]].concat();
    let markdown = run(&dir, &markdown).out;
    assert!(markdown.contains("| `one` | widened |"), "{markdown}");
    let json = [&diff[..], &["--format", "json"]].concat();
    let json: Json = serde_json::from_str(&run(&dir, &json).out).unwrap();
    assert_eq!(json["rules"].as_array().map(Vec::len), Some(3));

    for (new, class) in [
        (RULE.replace("score = 50", "score = 51"), "metadata only"),
        (RULE.replace("rule one", "rule two"), "renamed"),
        (RULE.replace("($a, $b)", "($b, $a)"), "equivalent"),
        (RULE.replace("any of", "all of"), "narrowed"),
        (RULE.replace(" and not $fp1", " or $fp1"), "widened"),
    ] {
        dir.write("old.yar", RULE);
        dir.write("new.yar", new);
        let result = run(&dir, &["diff", "old.yar", "new.yar"]);
        assert!(result.out.starts_with(class), "{class}: {result:?}");
    }
    let none = run(&dir, &["diff", "new.yar", "new.yar"]);
    assert!(none.out.starts_with("no rule differs"), "{none:?}");
    assert_eq!(run(&dir, &["diff", "no-such", "new.yar"]).code, 2);
}

#[test]
fn two_revisions_are_compared() {
    let dir = Dir::new();
    dir.write("notes", "no rules yet");
    if !commit(&dir, "v0") {
        return;
    }
    dir.write("rules/r.yar", RULE);
    commit(&dir, "v1");
    dir.write("rules/r.yar", RULE.replace("1KB", "2KB"));
    commit(&dir, "v2");
    // What lies there now has nothing to do with it.
    dir.write("rules/r.yar", RULE.replace("1KB", "9KB"));
    let result = run(&dir, &["diff", "v1", "v2"]);
    assert_eq!(result.code, 0, "{result:?}");
    assert!(result.out.starts_with("widened        one"), "{result:?}");
    let back = run(&dir, &["diff", "rules", "v1"]);
    assert!(back.out.starts_with("narrowed       one"), "{back:?}");
    dir.write("empty/notes", "none");
    for (old, new, says) in [
        ("v0", "v2", "no rules in . (*.yar, *.yara) at revision `v0`"),
        ("v1", "v9", "no revision `v9`"),
        ("v1", "empty", "no rules in empty (*.yar, *.yara) at revision `v1`"),
        ("rules", "empty", "no rules in empty (*.yar, *.yara)"),
    ] {
        let result = run(&dir, &["diff", old, new]);
        assert_eq!(result.code, 2, "{old} {new}: {result:?}");
        assert!(result.err.contains(says), "{says}: {result:?}");
    }
}

#[test]
fn all_paths_are_compared_with_their_past() {
    let dir = Dir::new();
    dir.write("a/a.yar", RULE);
    dir.write("b/b.yar", RULE.replace("rule one", "rule two"));
    dir.write("f", "alpha");
    if !commit(&dir, "v1") {
        return;
    }
    let bench = ["bench", "a", "b", "--against", "v1", "--corpus", "f"];
    let result = run(&dir, &bench);
    assert_eq!(result.code, 0, "{result:?}");
    assert!(result.out.contains("now +0.0 %"), "{result:?}");
}

#[test]
fn superfluous_rules_are_found() {
    let dir = Dir::new();
    dir.write("a.yar", RULE);
    let better = RULE.replace("rule one", "rule two").replace("50", "70");
    let part = RULE
        .replace("rule one", "rule part")
        .replace("any of ($a, $b)", "$a and $b");
    dir.write("b.yar", format!("{better}{part}"));
    let result = run(&dir, &["dedup", "."]);
    assert_eq!(result.code, 1, "{result:?}");
    for line in [
        "same         ./a.yar:one  is covered by  ./b.yar:two  (its score)",
        "subset       ./b.yar:part  is covered by",
    ] {
        assert!(result.out.contains(line), "{line} in\n{}", result.out);
    }
    // A rule with a part of a string finds all that the whole one does.
    dir.write(
        "b.yar",
        "rule two { strings: $x = \"LPH\" nocase condition: $x }\n\
         rule three { strings: $x = \"<alpha>\" condition: $x }",
    );
    let result = run(&dir, &["dedup", "b.yar"]);
    assert_eq!(result.code, 1, "{result:?}");
    let line = "b.yar:three  is covered by  b.yar:two  (matches more)";
    assert!(result.out.contains(line), "{result:?}");
    // What only files show is advice.
    dir.write(
        "b.yar",
        "rule two { strings: $x = \"al\" $y = \"qq\" condition: any of them }",
    );
    dir.write("c/f", "alpha");
    let result = run(&dir, &["dedup", "a.yar", "b.yar", "--corpus", "c"]);
    assert_eq!(result.code, 0, "{result:?}");
    assert!(result.out.contains("same files"), "{result:?}");
}

#[test]
fn work_is_counted_and_the_same_every_time() {
    let dir = Dir::new();
    dir.write("r.yar", RULE);
    dir.write("c/f", "alpha beta ".repeat(30));
    let bench = ["bench", "r.yar", "--corpus", "c", "--json"];
    let first = run(&dir, &bench);
    assert_eq!(first.code, 0, "{first:?}");
    assert_eq!(first.out, run(&dir, &bench).out);
    let json: Json = serde_json::from_str(&first.out).unwrap();
    let strings = &json["rules"][0]["strings"];
    assert_eq!(strings[0]["matches"], 30);
    assert_eq!(strings[0]["verifications"], 30);
    assert_eq!(strings[2]["matches"], 0);
    assert_eq!(json["rules"][0]["evaluations"], 1);

    let slow = "strings:\n        $s = /[a-z]{2,9} b/";
    dir.write(
        "slow.yar",
        RULE.replace("strings:", slow)
            .replace("any of ($a, $b)", "any of ($a, $b, $s)"),
    );
    let against = ["bench", "slow.yar", "--against", "r.yar"];
    let grown = [&against[..], &["--max-regress", "5%"]].concat();
    let grown = [&grown[..], &["--corpus", "c"]].concat();
    assert_eq!(run(&dir, &grown).code, 1);
    let less = [
        "bench",
        "r.yar",
        "--against",
        "slow.yar",
        "--max-regress",
        "5",
        "--corpus",
        "c",
    ];
    assert_eq!(run(&dir, &less).code, 0);

    let result = run(&dir, &["scan", "--slowest", "2", "r.yar", "c"]);
    assert_eq!(result.code, 0);
    assert!(result.err.contains("one:$a"), "{result:?}");
    let made_up = run(&dir, &["bench", "r.yar", "--top", "1"]);
    assert!(made_up.out.contains("in 12 object(s)"), "{made_up:?}");
}

#[test]
fn cost_from_nothing_is_new() {
    let dir = Dir::new();
    dir.write("never.yar", RULE.replace("filesize < 1KB", "filesize < 0"));
    dir.write("r.yar", RULE);
    dir.write("c/f", "alpha beta ".repeat(30));
    let gate = ["--against", "never.yar", "--max-regress", "5%"];
    let own = ["bench", "r.yar", "--corpus", "c"];
    let result = run(&dir, &[&own[..], &gate].concat());
    assert_eq!(result.code, 1, "{result:?}");
    assert!(result.out.contains("new cost: one, "), "{result:?}");
    assert!(result.out.contains("before: 0, now "), "{result:?}");
    assert!(!result.out.contains("+100"), "{result:?}");
    let diff = ["diff", "never.yar", "r.yar", "--corpus", "c"];
    let text = run(&dir, &diff);
    assert!(text.out.contains(", new cost "), "{text:?}");
    assert!(!text.out.contains("+100"), "{text:?}");
    let fail = [&diff[..], &["--fail-on", "cost"]].concat();
    assert_eq!(run(&dir, &fail).code, 1);

    // Beside a dear rule a new one shows in no percentage, but is named.
    let dear = "rule dear { strings: $d = /[a-z]+ [a-z]+/ condition: $d }";
    dir.write("old.yar", dear);
    let cheap = "rule cheap { strings: $c = \"omega\" condition: $c }";
    dir.write("new.yar", format!("{dear}\n{cheap}"));
    dir.write("c/f", "alpha beta omega ".repeat(30));
    let gate = ["--against", "old.yar", "--max-regress", "50", "--json"];
    let own = ["bench", "new.yar", "--corpus", "c"];
    let result = run(&dir, &[&own[..], &gate].concat());
    assert_eq!(result.code, 0, "{result:?}");
    let json: Json = serde_json::from_str(&result.out).unwrap();
    assert_eq!(json["new_cost"][0]["rule"], "cheap", "{result:?}");
    assert_eq!(json["new_cost"][0]["added"], true);
}

#[test]
fn rules_for_small_files_cost_something_without_a_corpus() {
    let dir = Dir::new();
    let rule = |name: &str, size: &str| {
        format!(
            "rule {name} {{ strings: $a = \"function\" \
             condition: filesize < {size} and $a }}\n"
        )
    };
    dir.write("r.yar", rule("small", "4KB") + &rule("middle", "100KB"));
    let result = run(&dir, &["bench", "r.yar", "--json"]);
    assert_eq!(result.code, 0, "{result:?}");
    let json: Json = serde_json::from_str(&result.out).unwrap();
    let (first, second) = (&json["rules"][0], &json["rules"][1]);
    // The dearer one is first.
    assert_eq!(first["rule"], "middle", "{result:?}");
    assert!(second["cost"].as_u64() > Some(0), "{result:?}");
    assert_eq!(result.out, run(&dir, &["bench", "r.yar", "--json"]).out);
}

#[test]
fn the_gate_of_clean_files_only_closes() {
    let dir = Dir::new();
    dir.write("r.yar", RULE);
    dir.write(
        "r.test.toml",
        "schema = 1\n[[case]]\nname = \"c\"\nrule = \"one\"\n\
         text = \"beta\"\nexpect = \"match\"\n",
    );
    dir.write("clean/a", "alpha");
    dir.write("clean/b", "harmless");
    let test = |more: &[&str]| {
        let own = ["test", "r.yar", "--clean", "clean"];
        run(&dir, &[&own[..], more].concat())
    };
    let hit = test(&[]);
    assert_eq!(hit.code, 1, "{hit:?}");
    assert!(hit.out.contains("one: 1 clean file(s) newly hit"), "{hit:?}");
    // A list is begun once; what is in it is known.
    let known = ["--baseline", "known.ndjson"];
    assert_eq!(test(&[&known[..], &["--write-baseline"]].concat()).code, 1);
    assert_eq!(test(&known).code, 0);
    // It does not grow by itself.
    dir.write("clean/c", "beta");
    assert_eq!(test(&[&known[..], &["--write-baseline"]].concat()).code, 1);
    assert_eq!(test(&known).code, 1);
    dir.write("clean/c", "no more");
    assert_eq!(test(&known).code, 0);
    // A hit that is gone must be taken off.
    dir.write("r.yar", RULE.replace("\"alpha\"", "\"omega\""));
    let stale = test(&known);
    assert_eq!(stale.code, 1, "{stale:?}");
    assert!(stale.out.contains("no longer hits"), "{stale:?}");
    assert_eq!(test(&[&known[..], &["--write-baseline"]].concat()).code, 0);
    let list = std::fs::read_to_string(dir.path("known.ndjson")).unwrap();
    assert_eq!(list, "");
    // Too few files are no judgement.
    assert_eq!(test(&["--min-files", "3"]).code, 0);
    let few = test(&["--min-files", "4"]);
    assert_eq!(few.code, 3, "{few:?}");
    let none = run(&dir, &["test", "r.yar", "--clean", "absent"]);
    assert_eq!(none.code, 3, "{none:?}");
    // The same from a manifest, with a list of files.
    dir.write("clean.files", "# two\nclean/b\nclean/c\nclean/absent\n");
    dir.write(
        "r.test.toml",
        "schema = 1\n[corpus]\nclean = [\"clean.files\"]\nmin_files = 1\n\
         [[case]]\nname = \"c\"\nrule = \"one\"\ntext = \"beta\"\n\
         expect = \"match\"\n",
    );
    let listed = run(&dir, &["test", "r.yar"]);
    assert_eq!(listed.code, 3, "{listed:?}");
    assert!(listed.out.contains("not scanned: "), "{listed:?}");
    dir.write("clean/absent", "is there now");
    assert_eq!(run(&dir, &["test", "r.yar"]).code, 0);
}

#[test]
fn lists_of_clean_files_are_held_to_what_they_say() {
    // SHA-256 of "harmless", by `sha256sum`.
    let digest =
        "98fc5211ecf54bc9bd57f0045e0d0ee488c5472c94ee22cc1580b081d04cc4ac";
    let other = "0".repeat(64);
    let dir = Dir::new();
    dir.write("r.yar", RULE);
    dir.write("clean/a b", "harmless");
    let test = |list: &str| {
        dir.write("c.files", list);
        run(&dir, &["test", "r.yar", "--clean", "c.files"])
    };
    for good in [
        "clean/a b".to_owned(),
        format!("clean/a b {digest}"),
        format!("clean/a b {digest} 8"),
        format!("clean/a b {} 8", digest.to_uppercase()),
        "clean/a b 8".to_owned(),
        format!("{digest}  clean/a b"),
    ] {
        let result = test(&good);
        assert_eq!(result.code, 0, "{good}: {result:?}");
        assert!(result.out.contains("clean files: 1 scanned"), "{result:?}");
    }
    for (bad, says) in [
        (format!("clean/a b {other} 8"), "not the listed"),
        (format!("clean/a b {digest} 9"), "has 8 bytes, not 9 as listed"),
        ("clean/a b 7".to_owned(), "has 8 bytes, not 7 as listed"),
    ] {
        let result = test(&bad);
        assert_eq!(result.code, 3, "{bad}: {result:?}");
        assert!(result.out.contains(says), "{says}: {result:?}");
        assert!(result.out.contains("clean files: 0 scanned"), "{result:?}");
    }
    let result = test("clean/a b\nhttps://example.com/x.tar 12\n");
    assert_eq!(result.code, 2, "{result:?}");
    let says = "line 2: `https://example.com/x.tar` is a URI";
    assert!(result.err.contains(says), "{result:?}");
}

#[test]
fn known_hits_are_those_of_one_rule() {
    // SHA-256 of "alpha", by `sha256sum`.
    let digest =
        "8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8";
    let dir = Dir::new();
    let rule = "rule twin { strings: $a = \"alpha\" condition: $a }";
    dir.write("rules/a.yar", rule);
    dir.write("clean/f", "alpha");
    let gate = ["--clean", "clean", "--baseline", "known.ndjson"];
    let test = |more: &[&str]| {
        run(&dir, &[&["test", "rules"], &gate[..], more].concat())
    };
    assert_eq!(test(&["--write-baseline"]).code, 1);
    assert_eq!(test(&[]).code, 0);
    let list = std::fs::read_to_string(dir.path("known.ndjson")).unwrap();
    let line: Json = serde_json::from_str(&list).unwrap();
    assert_eq!(line["id"], "rules/a.yar:twin", "{list}");
    // However the rules are named.
    let full = dir.path("rules");
    let full = full.to_str().unwrap();
    let same = run(&dir, &[&["test", full], &gate[..]].concat());
    assert_eq!(same.code, 0, "{same:?}");
    // Another rule of the same name is another rule.
    dir.write("rules/b.yar", rule);
    assert_eq!(test(&[]).code, 1);
    // An id of its own stays when the rule is renamed.
    std::fs::remove_file(dir.path("rules/b.yar")).unwrap();
    let named = rule.replace("strings", "meta: id = \"77\" strings");
    dir.write("rules/a.yar", &named);
    std::fs::remove_file(dir.path("known.ndjson")).unwrap();
    assert_eq!(test(&["--write-baseline"]).code, 1);
    dir.write("rules/a.yar", named.replace("twin", "other"));
    assert_eq!(test(&[]).code, 0);
    // Lists of earlier versions have no id: there the name decides.
    let old = format!("{{\"rule\":\"other\",\"sha256\":\"{digest}\"}}\n");
    dir.write("known.ndjson", old);
    let result = test(&[]);
    assert_eq!(result.code, 0, "{result:?}");
    assert!(result.out.contains("1 known, 0 stale"), "{result:?}");
    dir.write("rules/a.yar", named.replace("alpha", "omega"));
    assert_eq!(test(&[]).code, 1);
}

#[test]
fn coverage_says_what_is_not_exercised() {
    let dir = Dir::new();
    dir.write("r.yar", RULE);
    dir.write(
        "r.test.toml",
        "schema = 1\n\
         [[case]]\nname = \"c\"\nrule = \"one\"\ntext = \"alpha\"\n\
         expect = \"match\"\n\
         [[case]]\nname = \"d\"\nrule = \"one\"\ntext = \"none\"\n\
         expect = \"no_match\"\n",
    );
    let text = run(&dir, &["test", ".", "--coverage"]);
    assert_eq!(text.code, 0);
    for line in [
        "./r.yar:8: one: $b never matches with its rule",
        "./r.yar:9: one: $fp1 never excludes anything",
        "./r.yar:11: one: `filesize < 1KB` is never false",
        "rules: 1 of 1 (100.0 %)",
        "strings: 1 of 2 (50.0 %)",
        "exclusions: 0 of 1 (0.0 %)",
        "objects: 2, 1 of them hit",
    ] {
        assert!(text.out.contains(line), "{line} in\n{}", text.out);
    }
    // A file that the exclusion decides, and one with the other string.
    dir.write("corpus/x", "alpha vendor");
    dir.write("corpus/y", "beta");
    let more = ["test", ".", "--coverage", "--corpus", "corpus"];
    let more = run(&dir, &more);
    assert!(more.out.contains("strings: 2 of 2"), "{more:?}");
    assert!(more.out.contains("exclusions: 1 of 1"), "{more:?}");
    for (least, code) in [("50", 0), ("51", 1)] {
        let gate = ["test", ".", "--min-strings", least];
        assert_eq!(run(&dir, &gate).code, code, "{least}");
    }
    let lcov = run(&dir, &["test", ".", "--coverage=lcov", "--out", "c"]);
    assert_eq!(lcov.code, 0, "{lcov:?}");
    let lcov = std::fs::read_to_string(dir.path("c")).unwrap();
    for line in ["SF:./r.yar", "FNDA:1,one", "DA:7,1", "DA:8,0"] {
        assert!(lcov.lines().any(|other| other == line), "{line}: {lcov}");
    }
    // Without a file it is standard output, and nothing else is there.
    let plain = run(&dir, &["test", ".", "--coverage=lcov"]);
    assert_eq!(plain.out, lcov);
    assert!(plain.err.contains("2 case(s): 2 passed"), "{plain:?}");
    let html = run(&dir, &["test", ".", "--coverage=html"]);
    assert!(html.out.starts_with("<!DOCTYPE html>"), "{html:?}");
    let json = ["test", ".", "--coverage=json", "--missing", "--mutate"];
    let json = run(&dir, &json);
    let document: Json = serde_json::from_str(&json.out).expect("it is JSON");
    assert_eq!(document["schema"], "dragnet-coverage/1");
    assert_eq!(document["mutation"]["schema"], "dragnet-mutation/1");
    assert!(json.err.contains("mutants: "), "{json:?}");
    let two = ["test", ".", "--coverage=json", "--format", "json"];
    assert_eq!(run(&dir, &two).code, 2);
    // Both go into one file.
    let both = [&["test", ".", "--mutate"], &["--coverage=json"][..]].concat();
    let both = run(&dir, &[&both[..], &["--out", "both.json"]].concat());
    assert_eq!(both.code, 0, "{both:?}");
    assert!(both.out.contains("2 case(s): 2 passed"), "{both:?}");
    let written = std::fs::read_to_string(dir.path("both.json")).unwrap();
    let written: Json = serde_json::from_str(&written).unwrap();
    assert_eq!(written, document);
    let html = run(&dir, &["test", ".", "--coverage=html", "--out", "h"]);
    assert_eq!(html.code, 0);
    let html = std::fs::read_to_string(dir.path("h")).unwrap();
    assert!(html.contains("$b = &quot;beta&quot;"), "{html}");
}

#[test]
fn mutation_has_a_limit_and_a_budget() {
    let dir = Dir::new();
    dir.write("r.yar", RULE);
    dir.write(
        "r.test.toml",
        "schema = 1\n[[case]]\nname = \"c\"\nrule = \"one\"\n\
         text = \"alpha\"\nexpect = \"match\"\n",
    );
    let result = run(&dir, &["test", ".", "--mutate", "--out", "m.json"]);
    assert_eq!(result.code, 0, "{result:?}");
    let lines = "./r.yar:8: one: no case notices: without $b\n    add a file \
                 that the rule matches, with $b and without $a, $fp1, where \
                 `filesize < 1KB` holds\n";
    assert!(result.out.contains(lines), "{}", result.out);
    let json = std::fs::read_to_string(dir.path("m.json")).unwrap();
    let json: Json = serde_json::from_str(&json).unwrap();
    let survivors = json["survivors"].as_array().expect("survivors");
    assert!(survivors.iter().any(|one| one["mutation"] == "drop_string"));
    let strict = ["test", ".", "--mutate", "--max-survivors", "10%"];
    assert_eq!(run(&dir, &strict).code, 1);
    let late = run(&dir, &["test", ".", "--mutate", "--budget", "0s"]);
    assert_eq!(late.code, 3, "{late:?}");
    assert!(late.out.contains(" not tried"), "{late:?}");
}

#[test]
fn only_rules_with_another_logic_are_mutated() {
    let dir = Dir::new();
    let two = RULE.replace("rule one", "rule two").replace("alpha", "omega");
    dir.write("r.yar", format!("{RULE}{two}"));
    dir.write(
        "r.test.toml",
        "schema = 1\n[[case]]\nname = \"c\"\nrule = \"one\"\n\
         text = \"alpha\"\nexpect = \"match\"\n",
    );
    if !commit(&dir, "v1") {
        return;
    }
    // A comment, a name and a score are not logic; a bound is.
    let one = RULE.replace("score = 50", "score = 70 // was 50");
    dir.write("r.yar", one + &two.replace("1KB", "2KB"));
    let result = run(&dir, &["test", ".", "--mutate=v1"]);
    assert!(result.out.contains(": two: no case notices"), "{result:?}");
    assert!(!result.out.contains(": one: no case notices"), "{result:?}");
    let renamed = two.replace("rule two", "rule three");
    dir.write("r.yar", format!("{RULE}{renamed}"));
    let result = run(&dir, &["test", ".", "--mutate=v1"]);
    assert!(result.out.contains("mutants: 0 noticed, 0 not"), "{result:?}");
    assert_eq!(run(&dir, &["test", ".", "--mutate=v9"]).code, 2);
}
