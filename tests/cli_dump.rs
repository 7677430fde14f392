//! `dragnet dump`: which modules it prints, and in what form.

mod cli_support;

use cli_support::{Dir, run, run_with};
use serde_json::{Value, json};

const REPORT: &str = r#"{"metadata": {"file_size": 7,
    "tags": ["a: b", 5], "exiftool": {"Key \"x\"": "\u0001"}}}"#;

#[test]
fn given_data_are_printed_as_json() {
    let dir = Dir::new();
    dir.write("file", "nothing special");
    dir.write("report", REPORT);
    let args =
        ["dump", "-m", "vt", "-x", "vt=report", "--format", "json", "file"];
    let done = run(&dir, &args);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    let found: Value = serde_json::from_str(&done.out).unwrap();
    let metadata = json!({
        "file_size": 7,
        "tags": ["a: b", null],
        "exiftool": {"Key \"x\"": "\u{1}"},
    });
    assert_eq!(found, json!({"vt": {"metadata": metadata}}));
}

#[test]
fn given_data_are_printed_as_yaml() {
    let dir = Dir::new();
    dir.write("file", "nothing special");
    dir.write("report", REPORT);
    // The report makes the object one that the module knows.
    let done = run(&dir, &["dump", "-x", "vt=report", "file"]);
    assert_eq!((done.code, done.err.as_str()), (0, ""));
    let lines: Vec<&str> = done.out.lines().collect();
    assert_eq!(lines[..2], ["vt:", "  metadata:"]);
    let expected = [
        "    file_size: 7",
        "    tags:",
        "      - \"a: b\"",
        "      - null",
        "    exiftool:",
        "      \"Key \\\"x\\\"\": \"\\u0001\"",
    ];
    for line in expected {
        assert!(lines.contains(&line), "{line} in {}", done.out);
    }
}

#[test]
fn what_no_module_knows_gives_nothing() {
    let dir = Dir::new();
    let done = run_with(&dir, &["dump", "-"], b"plain text");
    assert_eq!((done.code, done.out.as_str()), (0, ""));
    let done = run_with(&dir, &["dump", "-o", "json"], b"plain text");
    assert_eq!((done.code, done.out.as_str()), (0, "{}\n"));
}

#[test]
fn an_unknown_module_or_file_is_refused() {
    let dir = Dir::new();
    dir.write("file", "x");
    let done = run(&dir, &["dump", "-m", "pee", "file"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("no module `pee`"), "{}", done.err);
    let done = run(&dir, &["dump", "nowhere"]);
    assert_eq!(done.code, 2);
    assert!(done.err.contains("nowhere"), "{}", done.err);
    let done = run(&dir, &["dump", "-x", "vt", "file"]);
    assert_eq!(done.code, 2);
}
