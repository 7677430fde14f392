//! The rows of `dragnet scan`, compared with their published schema, and the
//! other formats.

mod cli_support;

use cli_support::{Dir, RULES, json_lines, rows_of, run};
use serde_json::{Value, json};

const SCHEMA: &str = include_str!("../docs/schema/dragnet-1.schema.json");

fn validate(rows: &[Value]) {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for row in rows {
        let errors: Vec<String> =
            validator.iter_errors(row).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{row}: {errors:?}");
    }
}

const MANY: &str = r#"
import "console"
import "elf"
rule x : t { meta: id = "R-1" f = true n = -3
    strings: $x = "secret" xor(1-9) $h = { 00 ff } $p = "private" private
    condition: any of them }
private rule hidden { condition: true }
rule talk { condition: console.log("hello ", filesize) }
rule linux { condition: elf.machine == elf.EM_X86_64 }
"#;

#[test]
fn every_kind_of_row_follows_the_schema() {
    let dir = Dir::new();
    dir.write("r.yar", MANY);
    let coded: Vec<u8> = b"secret".iter().map(|b| b ^ 5).collect();
    dir.write("t/a", [b"  ", &coded[..], b"\x00\xff private"].concat());
    dir.write("t/b", "00".repeat(100));
    dir.write("t/large", vec![b'x'; 9000]);
    dir.write("list", "t\nnowhere\n");
    let args = [
        "scan",
        "-o",
        "ndjson",
        "--all",
        "-D",
        "-z",
        "8K",
        "--scan-list",
        "r.yar",
        "list",
    ];
    let rows = rows_of(&dir, &args);
    validate(&rows);
    let mut kinds: Vec<&str> =
        rows.iter().map(|row| row["type"].as_str().unwrap()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let expected =
        ["console", "error", "match", "module", "skipped", "summary"];
    assert_eq!(kinds, expected);
    // It has functions, and no fields.
    assert_eq!(
        (&rows[0]["type"], &rows[0]["module"]),
        (&json!("module"), &json!("console"))
    );
    let found = rows.iter().find(|row| row["type"] == "match").unwrap();
    let rules = found["rules"].as_array().unwrap();
    assert_eq!(rules[0]["identifier"], "x");
    assert_eq!(rules[0]["rule_id"], "R-1");
    assert_eq!(
        rules[0]["meta"],
        json!([["id", "R-1"], ["f", true], ["n", -3]])
    );
    assert_eq!(
        rules[0]["strings"],
        json!([
            {"identifier": "$x", "offset": 2, "length": 6,
             "match": "v`fw`q", "data_hex": "766066776071",
             "xor_key": 5, "plaintext": "secret"},
            {"identifier": "$h", "offset": 8, "length": 2,
             "match": "\\x00\\xff", "data_hex": "00ff"},
        ])
    );
    // `console.log` is true; the private rule is left out.
    assert_eq!(rules.len(), 2, "{rules:?}");
    assert_eq!(rules[1]["identifier"], "talk");
}

#[test]
fn objects_without_a_match_have_hashes() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("t", "abc");
    let args = ["scan", "--all", "-o", "ndjson", "r.yar", "t"];
    let rows = rows_of(&dir, &args);
    validate(&rows);
    assert_eq!(rows[0]["type"], "nomatch");
    // The test vector of FIPS 180.
    let digest = "ba7816bf8f01cfea414140de5dae2223\
                  b00361a396177a9cb410ff61f20015ad";
    assert_eq!(rows[0]["sha256"], digest);
}

#[test]
fn limits_are_rows() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("t", "alpha ".repeat(10));
    let args = [
        "scan",
        "--max-matches-per-pattern",
        "3",
        "-o",
        "ndjson",
        "r.yar",
        "t",
    ];
    let rows = rows_of(&dir, &args);
    validate(&rows);
    let strings = rows[0]["rules"][0]["strings"].as_array().unwrap();
    assert_eq!(strings.len(), 3);
    assert_eq!(rows[1]["type"], "limit");
    assert_eq!(rows[1]["pattern"], "$a");
    assert_eq!(rows[1]["value"], 3);
}

#[test]
fn long_matches_are_cut_and_say_so() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("t", "alpha");
    let args = ["scan", "--match-bytes", "2", "-o", "ndjson", "r.yar", "t"];
    let rows = rows_of(&dir, &args);
    validate(&rows);
    assert_eq!(
        rows[0]["rules"][0]["strings"],
        json!([{"identifier": "$a", "offset": 0, "length": 5,
                "match": "al", "data_hex": "616c", "truncated": true}])
    );
}

#[test]
fn a_document_holds_the_same_rows() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("t/a", "alpha");
    dir.write("t/b", "beta");
    let lines = rows_of(&dir, &["scan", "-o", "ndjson", "r.yar", "t"]);
    let text = run(&dir, &["scan", "-o", "json", "r.yar", "t"]).out;
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["schema"], "dragnet/1");
    assert_eq!(document["rows"], Value::from(lines));
}

#[test]
fn the_shapes_of_yara_x_are_kept() {
    let dir = Dir::new();
    dir.write("r.yar", RULES);
    dir.write("t/a", "alpha");
    dir.write("t/b", "nothing");
    let text = run(&dir, &["scan", "-o", "yr-ndjson", "r.yar", "t"]).out;
    assert_eq!(
        json_lines(&text),
        [json!({"path": "t/a", "rules": [{"identifier": "has_alpha"}]})]
    );
    let args = ["scan", "-o", "yr-ndjson", "-s", "-e", "r.yar", "t"];
    let text = run(&dir, &args).out;
    assert_eq!(
        json_lines(&text)[0]["rules"][0],
        json!({"identifier": "has_alpha", "namespace": "default",
               "strings": [{"identifier": "$a", "offset": 0,
                            "match": "alpha"}]})
    );
    let text = run(&dir, &["scan", "-o", "yr-json", "r.yar", "t"]).out;
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["matches"][0]["rule"], "has_alpha");
    assert_eq!(document["matches"].as_array().unwrap().len(), 1);
}
