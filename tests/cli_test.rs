//! `dragnet test`: what cases can say, and how their results come out.

mod cli_support;

use cli_support::{Dir, commit, git, run};

const RULE: &str = r#"
rule one {
    strings:
        $a = "alpha"
        $b = "beta" nocase
        $fp1 = "vendor"
    condition:
        filesize < 1KB and ($a or $b) and not $fp1
}
"#;

/// A directory with the rule and one case of it.
fn with_case(fields: &str) -> Dir {
    let dir = Dir::new();
    dir.write("one.yar", RULE);
    let case = format!(
        "schema = 1\n[[case]]\nname = \"c\"\nrule = \"one\"\n{fields}"
    );
    dir.write("one.test.toml", case);
    dir
}

#[track_caller]
fn assert_code(fields: &str, code: i32, says: &str) {
    let dir = with_case(fields);
    let result = run(&dir, &["test", "."]);
    assert_eq!(result.code, code, "{fields}\n{result:?}");
    let all = format!("{}{}", result.out, result.err);
    assert!(all.contains(says), "no `{says}` in {all}");
}

#[test]
fn all_inputs_give_their_bytes() {
    for input in [
        "text = \"an alpha\"",
        "base64 = \"YWxwaGE=\"",
        "hex = \"61 6c 70 68 61\"",
        "generate = { parts = [{ zeros = 3 }, { text = \"alpha\" }] }",
        "gen = { parts = [{ hex = \"616c\" }, { base64 = \"cGhh\" }] }",
    ] {
        assert_code(&format!("{input}\nexpect = \"match\""), 0, "1 passed");
    }
    let dir = with_case("file = \"s.b64\"\nexpect = \"match\"");
    dir.write("s.b64", "YWxw\naGE=\n");
    assert_eq!(run(&dir, &["test", "."]).code, 0);
    // `printf alpha | gzip -n`.
    dir.write(
        "one.test.toml",
        "schema = 1\n[[case]]\nname = \"c\"\n\
        rule = \"one\"\nfile = \"s.gz\"\nexpect = \"match\"\n",
    );
    let mut gz = *b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\xcc\x29\xc8\x48\x04\0\
        \x6a\x39\xe0\xd0\x05\0\0\0";
    dir.write("s.gz", gz);
    assert_eq!(run(&dir, &["test", "."]).code, 0);
    // What is damaged is refused.
    gz[19] ^= 1;
    dir.write("s.gz", gz);
    assert_eq!(run(&dir, &["test", "."]).code, 2);
}

#[test]
fn an_object_of_an_image_is_an_input() {
    let dir = Dir::new();
    dir.write(
        "web.yar",
        "rule web { strings: $a = \"web\" nocase condition: filesize > 0 \
         and #a >= 0 }",
    );
    let image = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/exchange-server.qcow2");
    let ls = run(&dir, &["ls", "--json", image.to_str().unwrap()]);
    let rows = ls.out.lines().filter_map(|line| {
        serde_json::from_str::<serde_json::Value>(line).ok()
    });
    let name = rows
        .filter_map(|row| Some(row["name"].as_str()?.to_owned()))
        .find(|name| name.ends_with(".aspx") || name.ends_with(".txt"));
    let name = name.expect("the image has such a file");
    let case = format!(
        "schema = 1\n[[case]]\nname = \"c\"\nrule = \"web\"\n\
         expect = \"match\"\nimage = {}\n",
        serde_json::Value::from(name)
    );
    dir.write("web.test.toml", case);
    let result = run(&dir, &["test", "web.test.toml"]);
    assert_eq!(result.code, 0, "{result:?}");
}

#[test]
fn what_patterns_did_is_compared() {
    let case = |more: &str| {
        format!("text = \"an alpha, Beta, beta\"\nexpect = \"match\"\n{more}")
    };
    for good in [
        "strings = [\"$b\", \"$a\"]",
        "offsets = { \"$a\" = 3, \"$b\" = 10 }",
        "at = { \"$a\" = 3 }\ncount = { \"$b\" = 2 }",
        "absent = [\"$fp1\"]",
    ] {
        assert_code(&case(good), 0, "1 passed");
    }
    for (bad, says) in [
        ("strings = [\"$a\"]", "$b has a match"),
        ("strings = [\"$a\", \"$b\", \"$fp1\"]", "$fp1 has no match"),
        ("offsets = { \"$a\" = 4 }", "$a is at 3, not at 4"),
        ("counts = { \"$b\" = 1 }", "$b matches 2 times, not 1"),
        ("absent = [\"$b\"]", "$b has a match"),
        ("absent = [\"$x\"]", "the rule has no $x"),
    ] {
        assert_code(&case(bad), 1, says);
    }
}

#[test]
fn an_exclusion_must_decide() {
    let case = |text: &str| {
        format!(
            "text = \"{text}\"\nexpect = \"no_match\"\n\
             because = [\"$fp1\"]"
        )
    };
    assert_code(&case("alpha vendor"), 0, "1 passed");
    assert_code(&case("gamma vendor"), 1, "$fp1 does not decide");
    assert_code(&case("gamma"), 1, "$fp1 does not decide");
}

#[test]
fn a_case_says_what_it_needs() {
    let case = |fields: &str| {
        format!("text = \"an alpha\"\nexpect = \"match\"\n{fields}")
    };
    for good in [
        "needs = [\"$a\"]",
        "needs = [\"$a*\"]",
        "below = \"1KB\"",
        "below = \"1024\"",
    ] {
        assert_code(&case(good), 0, "1 passed");
    }
    for (bad, says) in [
        ("needs = [\"$b\"]", "$b does not decide"),
        ("needs = [\"$x*\"]", "there is no string $x*"),
        ("needs = [\"other\"]", "there is no rule other"),
        ("below = \"2KB\"", "with 2047 bytes it does not match"),
        ("below = \"512\"", "with 512 bytes it matches"),
        ("below = \"much\"", "is no size"),
    ] {
        assert_code(&case(bad), 1, says);
    }
}

#[test]
fn spellings_are_cases() {
    let case = |text: &str, spellings: &str| {
        format!(
            "text = \"{text}\"\nexpect = \"match\"\n\
             spellings = [{spellings}]"
        )
    };
    let both = "\"upper\", \"lower\"";
    assert_code(&case("a BeTa", both), 0, "3 passed");
    assert_code(&case("an alpha", "\"upper\""), 1, "one does not match");
    assert_code(&case("an alpha", "\"wide\""), 1, "one does not match");
}

/// Each field takes mutants that nothing else notices.
#[test]
fn mutants_are_held_to_what_a_case_needs() {
    let survivors = |fields: &str| {
        let case = "text = \"an alpha\"\nexpect = \"match\"\n";
        let dir = with_case(&format!("{case}{fields}"));
        let result = run(&dir, &["test", ".", "--mutate"]);
        result.out.clone()
    };
    let without = survivors("");
    let size = "`filesize < 1KB` of `and`";
    let hits = "`$a or $b` of `and`";
    assert!(without.contains(size) && without.contains(hits), "{without}");
    let below = survivors("below = \"1KB\"");
    assert!(!below.contains(size) && below.contains(hits), "{below}");
    assert!(!below.contains("for 1024"), "{below}");
    let needs = survivors("needs = [\"$a\"]");
    assert!(needs.contains(size) && !needs.contains(hits), "{needs}");
}

#[test]
fn a_todo_fails_quietly_and_must_not_pass() {
    let todo = "expect = \"match\"\ntodo = true\n";
    assert_code(&format!("text = \"none\"\n{todo}"), 0, "1 todo");
    assert_code(&format!("text = \"beta\"\n{todo}"), 1, "remove the mark");
}

#[test]
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn only_what_a_change_is_about_is_tested() {
    let dir = Dir::new();
    let rule = |name: &str, text: &str| {
        format!(
            "rule {name} {{ meta: score = 50 strings: $a = \"{text}\" \
             condition: part and $a }}\n"
        )
    };
    let part = "private rule part { condition: filesize < 1KB }\n";
    let both = format!("{part}{}", rule("one", "alpha"));
    let other = "rule other { strings: $a = \"gamma\" condition: $a }\n";
    let case = |name: &str, rule: &str, input: &str| {
        format!(
            "[[case]]\nname = \"{name}\"\nrule = \"{rule}\"\n{input}\n\
             expect = \"match\"\n"
        )
    };
    let cases = |first: &str| {
        let first = case("first", "one", first);
        let second = case("second", "one", "file = \"second.hex\"");
        format!("schema = 1\n{first}{second}")
    };
    let kept = cases("text = \"alpha\"");
    dir.write("one.yar", &both);
    dir.write("one.test.toml", &kept);
    dir.write("second.hex", "616c706861");
    dir.write("other.yar", other);
    let third = case("third", "other", "text = \"gamma\"");
    dir.write("other.test.toml", format!("schema = 1\n{third}"));
    if !commit(&dir, "v1") || !git(&dir, &["branch", "-M", "main"]) {
        eprintln!("skipped: there is no git");
        return;
    }
    let run_cases = |changed: &str| {
        let args = ["test", ".", changed, "--format", "json"];
        let result = run(&dir, &args);
        assert_eq!(result.code, 0, "{result:?}");
        let results: serde_json::Value =
            serde_json::from_str(&result.out).unwrap();
        let cases = results["cases"].as_array().unwrap().iter();
        let names =
            cases.map(|case| case["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>().join(" ")
    };
    let since = |name: &str, text: &str| {
        let path = dir.path(name);
        let old = std::fs::read(&path).unwrap();
        dir.write(name, text);
        let found = run_cases("--changed=v1");
        dir.write(name, old);
        found
    };
    assert_eq!(run_cases("--changed=v1"), "");
    // Layout and comments change nothing, metadata and logic do.
    assert_eq!(since("one.yar", &format!("// new\n{both}")), "");
    let scored = both.replace("50", "60");
    assert_eq!(since("one.yar", &scored), "first second");
    let longer = both.replace("alpha", "alph");
    assert_eq!(since("one.yar", &longer), "first second");
    // So do the rules that a rule names.
    let wider = both.replace("1KB", "2KB");
    assert_eq!(since("one.yar", &wider), "first second");
    // A new rule must not match what is there, and none may be gone.
    let more = format!("{other}rule more {{ condition: false }}\n");
    assert_eq!(since("other.yar", &more), "third");
    let gone = format!("{both}{}", rule("two", "beta"));
    dir.write("one.yar", gone);
    assert!(commit(&dir, "v1b"));
    dir.write("one.yar", &both);
    assert_eq!(run_cases("--changed=v1b"), "first second");
    assert_eq!(run_cases("--changed=v1"), "");
    // Cases, and what they read.
    let another = cases("text = \"an alpha\"");
    assert_eq!(since("one.test.toml", &another), "first");
    let with_more = format!("{kept}[externals]\nn = 1\n");
    assert_eq!(since("one.test.toml", &with_more), "first second third");
    assert_eq!(since("second.hex", "20616c706861"), "second");
    // Of what git ignores it knows nothing.
    dir.write(".gitignore", "*.hex\n");
    assert!(git(&dir, &["rm", "-q", "--cached", "second.hex"]));
    assert!(commit(&dir, "v1c"));
    assert_eq!(run_cases("--changed=v1c"), "second");
    // New files are changes too, and the branch begins at the default one.
    dir.write("new.yar", "rule new { condition: filesize > 1 }");
    let fourth = case("fourth", "new", "text = \"xx\"");
    dir.write("new.test.toml", format!("schema = 1\n{fourth}"));
    assert!(git(&dir, &["checkout", "-q", "-b", "work"]));
    assert_eq!(run_cases("--changed"), "fourth second");
    assert!(commit(&dir, "v2"));
    assert_eq!(run_cases("--changed"), "fourth second");
    assert_eq!(run_cases("--changed=v2"), "second");
    // On the default branch itself, the last commit counts.
    assert!(git(&dir, &["branch", "-M", "main"]));
    assert_eq!(run_cases("--changed"), "fourth second");
    // What selects nothing is no success for all that.
    let none = ["test", ".", "--changed=v2", "--run", "nonsense"];
    assert_eq!(run(&dir, &none).code, 3);
    assert_eq!(run(&dir, &["test", ".", "--changed=v9"]).code, 2);
}

#[test]
fn what_cannot_be_judged_is_no_success() {
    let sample = format!("sha256 = \"{:064}\"\nexpect = \"match\"", 7);
    assert_code(&sample, 3, "1 missing");
    let dir = Dir::new();
    dir.write("one.yar", RULE);
    assert_eq!(run(&dir, &["test", "."]).code, 3);
    let text = "text = \"alpha\"\nexpect = \"match\"\n";
    assert_code(&format!("{text}hex = \"00\""), 2, "2 inputs");
    assert_code("expect = \"match\"", 2, "0 inputs");
    assert_code("hex = \"0\"\nexpect = \"match\"", 2, "not valid hex");
    assert_code(&format!("{text}unheard = 1"), 2, "unheard");
}

#[test]
fn samples_are_found_by_their_digest() {
    // SHA-256 of "alpha", by `sha256sum`.
    let digest =
        "8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8";
    let fields = format!("sha256 = \"{digest}\"\nexpect = \"match\"");
    let dir = with_case(&fields);
    dir.write(&format!("store/8e/{digest}"), "alpha");
    let result = run(&dir, &["test", ".", "--samples", "store"]);
    assert_eq!(result.code, 0, "{result:?}");
    dir.write(&format!("store/8e/{digest}"), "alpha!");
    let result = run(&dir, &["test", ".", "--samples", "store"]);
    assert_eq!(result.code, 2, "{result:?}");
    let strict = ["test", ".", "--samples", "none", "--require-samples"];
    assert_eq!(run(&dir, &strict).code, 3);
}

#[test]
fn samples_of_the_metadata_are_cases() {
    let digest =
        "8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8";
    let dir = Dir::new();
    let rule = |name: &str, string: &str| {
        format!(
            "rule {name} {{ meta: hash1 = \"{digest}\" \
             strings: $a = \"{string}\" condition: $a }}\n"
        )
    };
    dir.write("r.yar", rule("one", "alpha") + &rule("two", "lph"));
    dir.write(&format!("store/{digest}"), "alpha");
    let test = ["test", ".", "--samples", "store"];
    let good = run(&dir, &test);
    assert_eq!(good.code, 0, "{good:?}");
    assert!(good.out.contains("2 passed"), "{good:?}");
    assert!(good.err.contains("is named by one, two"), "{good:?}");
    dir.write("r.yar", rule("one", "alpha") + &rule("two", "beta"));
    let bad = run(&dir, &test);
    assert_eq!(bad.code, 1, "{bad:?}");
    assert!(bad.out.contains("r.yar:2: failed: two"), "{bad:?}");
}

#[test]
fn samples_are_found_by_their_other_digests() {
    // Of "alpha", by `sha256sum`, `sha1sum`, `md5sum`; of "beta" by the last.
    let sha256 =
        "8ed3f6ad685b959ead7022518e1af76cd816f8e8ec7ccdda1ed4018e8f2223f8";
    let dir = Dir::new();
    dir.write(&format!("store/8e/{sha256}"), "alpha");
    // What a packed file holds counts; `printf beta | base64`.
    dir.write("store/other.b64", "YmV0YQ==");
    let rules = |word: &str| {
        format!(
            "rule a {{ meta: hash1 = \"be76331b95dfc399cd776d2fc68021e0db03cc4f\" sha1 = \"be76331b95dfc399cd776d2fc68021e0db03cc4f\" \
             md5_1 = \"2c1743a391305fbf367df8e4f069f9f9\" strings: $a = \"{word}\" \
             condition: $a }}\n\
             rule b {{ meta: hash = \"987bcab01b929eb2c07877b224215c92\" \
             strings: $a = \"beta\" condition: $a }}\n\
             rule c {{ meta: hash = \"{}\" condition: false }}",
            "0".repeat(32)
        )
    };
    dir.write("r.yar", rules("alpha"));
    let test = ["test", ".", "--samples", "store"];
    let good = run(&dir, &test);
    assert_eq!(good.code, 0, "{good:?}");
    assert!(good.out.contains("4 passed, 0 failed, 0 todo, 1 missing"));
    dir.write("r.yar", rules("omega"));
    let bad = run(&dir, &test);
    assert!(bad.out.contains("1 passed, 3 failed"), "{bad:?}");
}

#[test]
fn another_rule_of_the_file_must_not_match() {
    let dir = with_case("text = \"alpha\"\nexpect = \"match\"");
    let second = "rule two { strings: $a = \"lph\" condition: $a }";
    dir.write("one.yar", format!("{RULE}{second}"));
    let result = run(&dir, &["test", "one.yar"]);
    assert_eq!(result.code, 1);
    assert!(result.out.contains("two matches"), "{result:?}");
    let missing = run(&dir, &["test", ".", "--missing"]);
    assert!(missing.out.contains("one: no case that does not match"));
    assert!(missing.out.contains("two: no case that matches"));
}

#[test]
fn update_and_encode_change_only_their_fields() {
    let dir = with_case(
        "text = \"beta beta\" # kept\nexpect = \"match\"\nstrings = []\n\
         counts = { \"$b\" = 7 }\n",
    );
    let result = run(&dir, &["test", ".", "--update", "--encode"]);
    assert!(result.out.contains("-strings = []"), "{result:?}");
    let new = std::fs::read_to_string(dir.path("one.test.toml")).unwrap();
    // "beta beta", encoded by `base64`.
    assert!(new.contains("\nbase64 = \"YmV0YSBiZXRh\" # kept\n"), "{new}");
    assert!(new.contains("\nstrings = [\"$b\"]\n"), "{new}");
    assert!(new.contains("\ncounts = { \"$b\" = 2 }\n"), "{new}");
    assert_eq!(run(&dir, &["test", "."]).code, 0);
}

#[test]
fn plain_samples_are_packed() {
    let dir = with_case("file = \"s/a.txt\" # kept\nexpect = \"match\"");
    dir.write("s/a.txt", format!("beta{}", " ".repeat(900)));
    assert_eq!(run(&dir, &["test", ".", "--encode"]).code, 0);
    assert!(!dir.path("s/a.txt").exists());
    let packed = std::fs::read(dir.path("s/a.txt.xz")).unwrap();
    // The magic of the format.
    assert_eq!(packed[..6], *b"\xfd7zXZ\0");
    assert!(packed.len() < 200, "{}", packed.len());
    let new = std::fs::read_to_string(dir.path("one.test.toml")).unwrap();
    assert!(new.contains("\nfile = \"s/a.txt.xz\" # kept\n"), "{new}");
    let again = run(&dir, &["test", ".", "--encode"]);
    assert_eq!((again.code, again.out.contains("---")), (0, false));
}

#[test]
fn results_come_in_the_formats_of_programs() {
    let dir = with_case("text = \"none & <none>\"\nexpect = \"match\"");
    let junit = run(&dir, &["test", ".", "--format", "junit"]);
    assert_eq!(junit.code, 1);
    assert!(junit.out.contains("failures=\"1\""), "{junit:?}");
    assert!(junit.out.contains("message=\"one does not match\""));
    let github = run(&dir, &["test", ".", "--format", "github"]);
    let line = "::error file=./one.test.toml,line=3,title=one::\
                c: one does not match";
    assert!(github.out.contains(line), "{github:?}");
    let json = run(&dir, &["test", ".", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["failed"], 1);
    assert_eq!(json["cases"][0]["status"], "failed");
    // What else is asked for does not spoil the document.
    let more = ["test", ".", "--format", "json", "--coverage", "--mutate"];
    let more = run(&dir, &more);
    let document: Result<serde_json::Value, _> =
        serde_json::from_str(&more.out);
    assert!(document.is_ok(), "{more:?}");
    assert!(more.err.contains("strings: "), "{more:?}");
}

#[test]
fn variables_have_the_value_of_the_case() {
    let dir = Dir::new();
    dir.write("v.yar", "rule v { condition: site == \"intern\" }");
    dir.write(
        "v.test.toml",
        "schema = 1\nexternals = { site = \"intern\" }\n\
         [[case]]\nname = \"a\"\nrule = \"v\"\ntext = \"x\"\n\
         expect = \"match\"\n\
         [[case]]\nname = \"b\"\nrule = \"v\"\ntext = \"x\"\n\
         externals = { site = \"other\" }\nexpect = \"no_match\"\n",
    );
    let result = run(&dir, &["test", "v.yar"]);
    assert_eq!(result.code, 0, "{result:?}");
}

#[test]
fn our_rules_pass() {
    let dir = Dir::new();
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
    let result = run(&dir, &["test", rules]);
    assert_eq!(result.code, 0, "{result:?}");
    assert!(result.out.contains(", 0 failed, 0 todo, 0 missing"));
}
