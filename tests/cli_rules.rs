//! `compile`, `check`, `completion` and the names of other tools.

mod cli_support;

use cli_support::{Dir, RULES, run, run_binary};

#[test]
fn compiled_rules_find_the_same() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("t", "alpha beta");
    let compiled = run(&dir, &["compile", "r.yar", "-o", "out.drs"]);
    assert_eq!((compiled.code, compiled.err.as_str()), (0, ""));
    let from_source = run(&dir, &["scan", "-s", "r.yar", "t"]);
    let from_compiled = run(&dir, &["scan", "-s", "out.drs", "t"]);
    assert_eq!(from_compiled.out, from_source.out);
    assert!(!from_source.out.is_empty());
    let with_flag = run(&dir, &["scan", "-C", "out.drs", "t"]);
    assert_eq!(with_flag.code, 0);
}

#[test]
fn a_refused_compilation_leaves_the_old_file() {
    let dir = Dir::new();
    dir.write("bad.yar", "rule a { condition: no_such }");
    dir.write("out.drs", "old");
    let result = run(&dir, &["compile", "bad.yar", "-o", "out.drs"]);
    assert_eq!(result.code, 2);
    assert_eq!(std::fs::read(dir.path("out.drs")).unwrap(), b"old");
}

#[test]
fn files_that_are_no_rules_give_a_clear_error() {
    let dir = Dir::new();
    dir.write("t", "");
    dir.write("old.yarc", b"YARA\x00\x01\x02");
    dir.write("damaged.drs", b"DRAGNET\0garbage");
    let result = run(&dir, &["scan", "old.yarc", "t"]);
    assert_eq!(result.code, 2);
    assert!(result.err.contains("compiled by YARA;"), "{}", result.err);
    assert_eq!(run(&dir, &["scan", "damaged.drs", "t"]).code, 2);
}

#[test]
fn includes_are_found_beside_the_file_and_in_directories() {
    let dir = Dir::new();
    dir.write("a/main.yar", "include \"part.yar\"\ninclude \"far.yar\"\n");
    dir.write("a/part.yar", "rule near { condition: true }");
    dir.write("lib/far.yar", "rule far { condition: true }");
    dir.write("t", "");
    let args = ["scan", "-w", "--include-dir", "lib", "a/main.yar", "t"];
    let result = run(&dir, &args);
    assert_eq!(result.out, "near t\nfar t\n", "{}", result.err);
    assert_eq!(run(&dir, &["scan", "a/main.yar", "t"]).code, 2);
}

#[test]
fn check_tells_errors_from_warnings() {
    let dir = Dir::new();
    dir.write("good.yar", RULES);
    dir.write("warn.yar", "rule a { condition: true }");
    dir.write("bad.yar", "rule b { condition: no_such }");
    let code = |args: &[&str]| run(&dir, args).code;
    assert_eq!(code(&["check", "good.yar"]), 0);
    assert_eq!(code(&["check", "warn.yar"]), 0);
    assert_eq!(code(&["check", "--deny-warnings", "warn.yar"]), 1);
    assert_eq!(code(&["check", "bad.yar"]), 2);
    assert_eq!(code(&["check", "missing.yar"]), 2);
    let args = [
        "check",
        "--deny-warnings",
        "--disable-warning=invariant_expr",
        "warn.yar",
    ];
    assert_eq!(code(&args), 0);
    let all = run(&dir, &["check"]);
    assert!(all.out.contains("./bad.yar:1:21"), "{}", all.out);
    assert!(all.out.contains("warning[invariant_expr]"), "{}", all.out);
}

#[test]
fn check_writes_for_machines() {
    let dir = Dir::new();
    dir.write("bad.yar", "rule b { condition: no_such }");
    let json = run(&dir, &["check", "--format=json", "bad.yar"]).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let first = &json["diagnostics"][0];
    assert_eq!(first["code"], "unknown_identifier");
    assert_eq!(first["location"]["column"], 21);
    let sarif = run(&dir, &["check", "--format=sarif", "bad.yar"]).out;
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let line = run(&dir, &["check", "--format=github", "bad.yar"]).out;
    assert!(line.starts_with("::error file=bad.yar,line=1,col=21,"));
}

#[test]
fn codes_are_explained() {
    let dir = Dir::new();
    let page = run(&dir, &["check", "--explain", "slow_pattern"]);
    assert_eq!(page.code, 0);
    assert!(page.out.starts_with("# slow_pattern"), "{}", page.out);
    let wrong = run(&dir, &["check", "--explain", "slow_patern"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("`slow_pattern`"), "{}", wrong.err);
    let list = run(&dir, &["check", "--explain", "list"]).out;
    assert!(list.lines().count() > 80);
}

#[test]
fn the_nearest_configuration_counts() {
    let dir = Dir::new();
    dir.write(
        "dragnet.toml",
        "[externals]\nlevel = 3\n\
         [warnings]\ndisable = [\"invariant_expr\"]\n\
         [check]\ndeny_warnings = true\n",
    );
    dir.write("sub/a.yar", "rule a { condition: level == 3 }");
    dir.write("sub/b.yar", "rule b { condition: true }");
    let result = run(&dir, &["check", "sub"]);
    assert_eq!(result.code, 0, "{}", result.out);
    dir.write("sub/dragnet.toml", "[nonsense]\n");
    assert_eq!(run(&dir, &["check", "sub"]).code, 2);
}

#[test]
fn variables_have_the_type_of_their_value() {
    let dir = Dir::new();
    let rule = "rule a { condition: n == 3 and s == \"x\" and b }";
    dir.write("r.yar", rule);
    dir.write("t", "");
    let args =
        ["scan", "-d", "n=3", "-d", "s=\"x\"", "-d", "b=true", "r.yar", "t"];
    assert_eq!(run(&dir, &args).out, "a t\n");
    assert_eq!(run(&dir, &["scan", "r.yar", "t"]).code, 2);
}

#[test]
fn completion_scripts_name_the_commands() {
    let dir = Dir::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = run(&dir, &["completion", shell]);
        assert_eq!(script.code, 0);
        assert!(script.out.contains("scan"), "{shell}");
    }
}

#[test]
fn module_names_are_listed() {
    let dir = Dir::new();
    let result = run(&dir, &["scan", "-M"]);
    assert!(result.out.lines().any(|line| line == "math"));
}

#[test]
fn yara_prints_as_yara_does() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("t/a", "alpha\x01");
    dir.write("t/sub/b", "beta");
    let result = run(&dir, &["yara", "-s", "r.yar", "t"]);
    assert_eq!(result.out, "has_alpha t/a\n0x0:$a: alpha\n");
    let result = run(&dir, &["yara", "-r", "-sL", "r.yar", "t"]);
    assert_eq!(
        result.out,
        "has_alpha t/a\n0x0:5:$a: alpha\n\
         has_beta t/sub/b\n0x0:4:$b: beta\n"
    );
    assert_eq!(run(&dir, &["yara", "r.yar", "t/sub/b"]).code, 0);
    assert_eq!(run(&dir, &["yara", "no.yar", "t"]).code, 1);
}

#[test]
fn yr_prints_as_yara_x_does() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("t/a", "alpha");
    dir.write("t/sub/b", "beta");
    let result = run(&dir, &["yr", "scan", "-s", "r.yar", "t"]);
    assert_eq!(result.out, "has_alpha t/a\n0x0:5:$a: alpha\n");
    let args = ["yr", "scan", "-r", "-o", "ndjson", "r.yar", "t"];
    assert_eq!(run(&dir, &args).out.lines().count(), 2);
}

#[cfg(unix)]
#[test]
fn the_name_of_the_binary_chooses_the_tool() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("t", "alpha");
    let link = dir.path("yara");
    let binary = env!("CARGO_BIN_EXE_dragnet");
    std::os::unix::fs::symlink(binary, &link).unwrap();
    let result = run_binary(&link, &dir, &["-L", "r.yar", "t"], b"");
    assert_eq!(result.out, "has_alpha t\n0x0:5:$a\n");
}
