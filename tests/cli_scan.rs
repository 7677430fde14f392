//! `dragnet scan` as its users see it: what is scanned, what is skipped and
//! why, exit codes, formats.

#![allow(clippy::print_stderr)]

mod cli_support;

use cli_support::{Dir, RULES, json_lines, rows_of, run};
use std::fs;

#[test]
fn one_line_for_each_rule_and_target() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("t/b.txt", "alpha beta");
    dir.write("t/a.txt", "alpha");
    dir.write("t/c.txt", "nothing");
    let result = run(&dir, &["scan", "r.yar", "t"]);
    assert_eq!(result.code, 0);
    assert_eq!(
        result.out,
        "has_alpha t/a.txt\nhas_alpha t/b.txt\nhas_beta t/b.txt\n"
    );
}

#[test]
fn strings_are_offset_length_name_and_data() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("t", b"xx alpha\x00 alpha");
    let result = run(&dir, &["scan", "-s", "r.yar", "t"]);
    assert_eq!(result.out, "has_alpha t\n0x3:5:$a: alpha\n0xa:5:$a: alpha\n");
    let all = ["scan", "-e", "-g", "-m", "r.yar", "t"];
    assert_eq!(
        run(&dir, &all).out,
        "default:has_alpha [greek] [score=70,note=\"first\"] t\n"
    );
}

#[test]
fn exit_codes_follow_the_table() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("hit", "alpha");
    dir.write("miss", "nothing");
    dir.write("bad.yar", "rule a { condition: no_such }");
    let code = |args: &[&str]| run(&dir, args).code;
    assert_eq!(code(&["scan", "r.yar", "hit"]), 0);
    assert_eq!(code(&["scan", "r.yar", "miss"]), 0);
    assert_eq!(code(&["scan", "--exit-on=match", "r.yar", "hit"]), 1);
    assert_eq!(code(&["scan", "--exit-on=match", "r.yar", "miss"]), 0);
    assert_eq!(code(&["scan", "--exit-on=miss", "r.yar", "hit"]), 0);
    assert_eq!(code(&["scan", "--exit-on=miss", "r.yar", "miss"]), 1);
    assert_eq!(code(&["scan", "r.yar", "no_such_target"]), 2);
    assert_eq!(code(&["scan", "no_such.yar", "hit"]), 2);
    assert_eq!(code(&["scan", "bad.yar", "hit"]), 2);
    assert_eq!(code(&["scan", "--no-such-flag", "r.yar", "hit"]), 2);
    assert_eq!(code(&["scan"]), 2);
}

#[test]
fn bad_rules_are_refused_or_skipped_on_demand() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("bad.yar", "rule wrong { condition: no_such }");
    dir.write("t", "alpha");
    let refused = run(&dir, &["scan", "bad.yar", "r.yar", "t"]);
    assert_eq!((refused.code, refused.out.as_str()), (2, ""));
    assert!(refused.err.contains("error[unknown_identifier]"));
    let args = ["scan", "--skip-bad", "bad.yar", "r.yar", "t"];
    let skipped = run(&dir, &args);
    assert_eq!((skipped.code, skipped.out.as_str()), (0, "has_alpha t\n"));
    assert!(skipped.err.contains("skipped rule: default:wrong"));
}

#[test]
fn rules_can_be_named_with_a_flag_or_a_namespace() {
    let dir = Dir::new();
    dir.write("rules/one.yar", RULES);
    dir.write("rules/readme.txt", "not a rule");
    dir.write("a", "alpha");
    dir.write("b", "beta");
    let args = ["scan", "--rules", "rules", "a", "b"];
    assert_eq!(run(&dir, &args).out, "has_alpha a\nhas_beta b\n");
    let args = ["scan", "-e", "mine:rules", "a"];
    assert_eq!(run(&dir, &args).out, "mine:has_alpha a\n");
}

#[test]
fn without_rules_the_embedded_ones_are_used() {
    let dir = Dir::new();
    dir.write("t", "nothing to see");
    let rows = rows_of(&dir, &["scan", "-o", "ndjson", "t"]);
    let summary = rows.last().unwrap();
    assert!(summary["rules"].as_u64().unwrap() >= 25);
    assert_eq!(summary["objects"], 1);
}

#[test]
fn standard_input_is_a_target() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    let args = ["scan", "-s", "r.yar", "-"];
    let result = cli_support::run_with(&dir, &args, b"an alpha");
    assert_eq!(result.out, "has_alpha -\n0x3:5:$a: alpha\n");
}

#[test]
fn a_list_names_the_targets() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("t/a", "alpha");
    dir.write("b", "beta");
    dir.write("list", "t\nb\n\nmissing\n");
    let result = run(&dir, &["scan", "--scan-list", "r.yar", "list"]);
    assert_eq!(result.out, "has_alpha t/a\nhas_beta b\n");
    assert!(result.err.contains("missing: gone"), "{}", result.err);
    assert_eq!(result.code, 3);
    let args = ["scan", "--scan-list", "r.yar", "-"];
    let result = cli_support::run_with(&dir, &args, b"b");
    assert_eq!((result.code, result.out.as_str()), (0, "has_beta b\n"));
}

#[test]
fn globs_sizes_and_depth_choose_files() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("t/a.php", "alpha");
    dir.write("t/a.log", "alpha");
    dir.write("t/deep/er/a.php", "alpha and more");
    dir.write("t/cache/a.php", "alpha");
    let out = |flag: &str| run(&dir, &["scan", flag, "r.yar", "t"]).out;
    let hits = |flag: &str| out(flag).lines().count();
    assert_eq!(hits("--exclude=*.log"), 3);
    assert_eq!(hits("--exclude=cache/"), 3);
    assert_eq!(hits("--exclude=t/cache/**"), 3);
    assert_eq!(hits("--exclude=cache"), 3);
    assert_eq!(hits("--include=*.log"), 1);
    assert_eq!(hits("--max-size=5"), 3);
    assert_eq!(hits("--skip-larger=1K"), 4);
    assert_eq!(hits("--no-recursive"), 2);
    assert_eq!(hits("--recursive=1"), 3);
    assert_eq!(hits("-r"), 4);
}

#[test]
fn what_is_left_out_has_a_row() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("t/a.log", "alpha");
    dir.write("t/large", "0123456789");
    let args =
        ["scan", "-o", "ndjson", "--exclude=*.log", "-z5", "r.yar", "t"];
    let rows = rows_of(&dir, &args);
    let kinds: Vec<&str> =
        rows.iter().filter_map(|row| row["type"].as_str()).collect();
    assert_eq!(kinds, ["skipped", "skipped", "summary"]);
    assert_eq!(rows[0]["reason"], "excluded");
    assert_eq!(rows[1]["bytes"], 10);
    assert_eq!(rows[2]["complete"], true);
    assert_eq!(rows[2]["reasons"]["excluded"]["objects"], 2);
}

#[cfg(unix)]
#[test]
fn special_files_are_skipped_and_do_not_block() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("t/a", "alpha");
    cli_support::fifo(&dir.path("t/fifo"));
    std::os::unix::fs::symlink("../t", dir.path("t/loop")).unwrap();
    std::os::unix::fs::symlink("nowhere", dir.path("t/gone")).unwrap();
    std::os::unix::fs::symlink("a", dir.path("t/link")).unwrap();
    let args = ["scan", "-o", "ndjson", "r.yar", "t"];
    let result = run(&dir, &args);
    assert_eq!(result.code, 0, "{}", result.out);
    let found: Vec<(String, String)> = json_lines(&result.out)
        .iter()
        .filter(|row| row["type"] != "summary")
        .map(|row| {
            let reason = row["reason"].as_str().unwrap_or("match");
            let path = row["path"].as_str().unwrap();
            (path.to_owned(), reason.to_owned())
        })
        .collect();
    let expected = [
        ("t/a", "match"),
        ("t/fifo", "special_file"),
        ("t/gone", "special_file"),
        ("t/link", "match"),
        ("t/loop", "excluded"),
    ]
    .map(|(path, what)| (path.to_owned(), what.to_owned()));
    assert_eq!(found, expected);
    let args = ["scan", "-N", "r.yar", "t"];
    assert_eq!(run(&dir, &args).out, "has_alpha t/a\n");
}

#[cfg(unix)]
#[test]
fn paths_that_are_not_utf8_survive() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    fs::create_dir(dir.path("t")).unwrap();
    let name = OsStr::from_bytes(b"a\xff");
    fs::write(dir.path("t").join(name), "alpha").unwrap();
    let result = run(&dir, &["scan", "r.yar", "t"]);
    assert_eq!(result.out, "has_alpha t/a\\xff\n");
    let rows = rows_of(&dir, &["scan", "-o", "ndjson", "r.yar", "t"]);
    assert_eq!(rows[0]["path"], "t/a\\xff");
    // The bytes `t/a` and ff in base64.
    assert_eq!(rows[0]["path_b64"], "dC9h/w==");
}

#[cfg(unix)]
#[test]
fn an_unreadable_directory_makes_the_run_incomplete() {
    use std::os::unix::fs::PermissionsExt;
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("t/closed/a", "alpha");
    dir.write("t/z", "alpha");
    let closed = dir.path("t/closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    let is_readable = fs::read_dir(&closed).is_ok();
    let result = run(&dir, &["scan", "r.yar", "t"]);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    if is_readable {
        // The superuser may read everything.
        #[allow(clippy::print_stderr, reason = "a skipped test says so")]
        {
            eprintln!("skipped: this user can read every directory");
        }
        return;
    }
    assert_eq!(result.code, 3);
    assert_eq!(result.out, "has_alpha t/z\n");
    assert!(result.err.contains("no_permission"), "{}", result.err);
}

#[test]
fn output_is_the_same_with_any_number_of_threads() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    for number in 0..300 {
        let text = "alpha ".repeat(number % 7 * 50);
        dir.write(&format!("t/{}/{number}", number % 11), text);
    }
    let with = |threads: &str| {
        run(&dir, &["scan", "-s", "-p", threads, "r.yar", "t"]).out
    };
    let one = with("1");
    assert!(one.lines().count() > 1000);
    assert_eq!(with("4"), one);
}

#[test]
fn a_number_of_rules_ends_the_run() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    for name in ["a", "b", "c"] {
        dir.write(&format!("t/{name}"), "alpha beta");
    }
    let result = run(&dir, &["scan", "-l", "3", "r.yar", "t"]);
    assert_eq!(result.out, "has_alpha t/a\nhas_beta t/a\nhas_alpha t/b\n");
}

#[test]
fn rules_are_chosen_by_name_and_tag() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("t", "alpha beta");
    let out = |args: &[&str]| {
        let all = [&["scan"], args, &["r.yar", "t"]].concat();
        run(&dir, &all).out
    };
    assert_eq!(out(&["-i", "has_beta"]), "has_beta t\n");
    assert_eq!(out(&["-t", "greek"]), "has_alpha t\n");
    assert_eq!(out(&["-n"]), "has_gamma t\n");
    assert_eq!(out(&["-c"]), "t: 2\n");
}

#[test]
fn file_variables_are_set_for_each_file() {
    let dir = Dir::new();
    dir.write(
        "r.yar",
        "rule php { condition: extension == \".php\" \
         and filename == \"x.php\" and filepath endswith \"t/x.php\" }",
    );
    dir.write("t/x.php", "");
    dir.write("t/x.txt", "");
    let out = run(&dir, &["scan", "r.yar", "t"]).out;
    assert_eq!(out, "php t/x.php\n");
    let args = ["scan", "-d", "extension=.jsp", "r.yar", "t"];
    assert_eq!(run(&dir, &args).out, "");
}

#[test]
fn fast_scan_keeps_first_matches_and_all_verdicts() {
    let dir = Dir::new();
    dir.write(
        "r.yar",
        r#"rule present { strings: $a = "ab" $b = "cd" condition: any of them }
           rule counted { strings: $a = "ab" $b = "cd"
               condition: $b and #a == 3 }
           rule placed { strings: $a = "ab" condition: @a[3] == 4 }
           rule looped { strings: $a = "ab" $b = "cd"
               condition: for any of them : (# > 2) }
           rule in_set { strings: $a = "ab" $b = "cd"
               condition: any of them in (1..3) }
           rule missed { strings: $a = "ab" condition: #a > 3 }"#,
    );
    dir.write("data", "ababab cdcd");
    let found = |fast: &[&str]| {
        let args = ["yara", "-s", "r.yar", "data"];
        let run = run(&dir, &[&args[..], fast].concat());
        assert_eq!(run.code, 0, "{}", run.err);
        run.out
    };
    let (all, fast) = (found(&[]), found(&["-f"]));
    let verdicts = |text: &str| -> Vec<String> {
        let rules = text.lines().filter(|line| !line.starts_with("0x"));
        rules.map(str::to_owned).collect()
    };
    assert_eq!(verdicts(&all), verdicts(&fast));
    assert_eq!(verdicts(&all).len(), 5, "{all}");
    let matches = |text: &str, rule: &str| {
        let rest = text.split(rule).nth(1).unwrap();
        rest.lines().skip(1).take_while(|l| l.starts_with("0x")).count()
    };
    let rules = ["present", "counted", "placed", "looped", "in_set"];
    assert_eq!(rules.map(|rule| matches(&all, rule)), [5, 5, 3, 5, 5]);
    // `$b` of `counted` is only asked whether it is there.
    assert_eq!(rules.map(|rule| matches(&fast, rule)), [2, 4, 3, 5, 5]);
}

/// The header of a program for x86-64 that begins at 0x401000.
fn elf_header() -> Vec<u8> {
    let mut header = b"\x7fELF\x02\x01\x01".to_vec();
    header.resize(64, 0);
    header[16] = 2;
    header[18] = 62;
    header[20] = 1;
    header[24..28].copy_from_slice(&0x0040_1000_u32.to_le_bytes());
    header[52] = 64;
    header
}

#[test]
fn fields_of_the_modules_of_the_rules_are_printed() {
    let dir = Dir::new();
    let rule = r#"import "elf" import "pe"
        rule program { condition: elf.type == elf.ET_EXEC }"#;
    dir.write("r.yar", rule);
    dir.write("program", elf_header());
    let run = run(&dir, &["yara", "-D", "r.yar", "program"]);
    assert_eq!((run.code, &*run.err), (0, ""));
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(
        (lines.first(), lines.last()),
        (Some(&"elf"), Some(&"program program"))
    );
    for line in ["\ttype = 2", "\tmachine = 62"] {
        assert!(lines.contains(&line), "{}", run.out);
    }
    // No condition reads a field of it.
    assert!(!lines.contains(&"pe"), "{}", run.out);
}

#[test]
fn other_tools_print_matches_pattern_by_pattern() {
    let dir = Dir::new();
    let rule =
        r#"rule r { strings: $a = "ab" $b = "b" condition: all of them }"#;
    dir.write("r.yar", rule);
    dir.write("data", "ab ab");
    let lines = |args: &[&str]| -> Vec<String> {
        let found = run(&dir, args).out;
        let lines = found.lines().filter(|line| line.starts_with("0x"));
        lines.map(|line| line[..3].to_owned()).collect()
    };
    let by_pattern = ["0x0", "0x3", "0x1", "0x4"];
    assert_eq!(lines(&["yara", "-s", "r.yar", "data"]), by_pattern);
    assert_eq!(lines(&["yr", "scan", "-s", "r.yar", "data"]), by_pattern);
    let by_offset = ["0x0", "0x1", "0x3", "0x4"];
    assert_eq!(lines(&["scan", "-s", "r.yar", "data"]), by_offset);
}

#[test]
fn profiling_names_what_costs_and_a_share_of_time_changes_no_result() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("data", "alpha");
    let args =
        ["yr", "scan", "--profiling", "--cpu-limit", "50", "r.yar", "data"];
    let found = run(&dir, &args);
    assert_eq!(found.code, 0, "{}", found.err);
    assert!(found.err.contains("has_alpha"), "{}", found.err);
    assert!(found.out.contains("has_alpha"), "{}", found.out);
    let ours = run(&dir, &["scan", "--profiling", "r.yar", "data"]);
    assert!(ours.err.contains("has_alpha"), "{}", ours.err);
    let refused = run(&dir, &["scan", "--cpu-limit", "0", "r.yar", "data"]);
    assert_eq!(refused.code, 2, "{}", refused.err);
}

#[test]
fn stats_name_literals_and_slow_patterns() {
    let dir = Dir::new();
    dir.write(
        "r.yar",
        r#"rule quick { strings: $a = "abcd" condition: $a }
           rule slow { strings: $any = /[a-z]+[0-9]/ condition: $any }"#,
    );
    dir.write("data", "alpha");
    let run = run(&dir, &["yara", "-S", "r.yar", "data"]);
    for line in [
        "number of rules: 2",
        "number of patterns: 2",
        "number of literals: 11",
        "  1: 10",
        "  4: 1",
        "slow patterns: 1",
        "  slow:$any",
    ] {
        assert!(run.out.lines().any(|l| l == line), "{line}\n{}", run.out);
    }
}
