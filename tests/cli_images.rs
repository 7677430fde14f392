//! Images of disks: what is found in them, where, and what is accounted for.

#![allow(clippy::print_stderr, reason = "a skipped test says so")]

mod cli_support;

use std::path::{Path, PathBuf};

use cli_support::{Dir, rows_of, run};
use serde_json::Value;

const SCHEMA: &str = include_str!("../docs/schema/dragnet-1.schema.json");

fn demo() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("tests/data/exchange-server.qcow2").display().to_string()
}

/// Rule, kind and path of each match.
fn hits(rows: &[Value]) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let of = |row: &Value| {
        let object = &row["object"];
        let (kind, path) = (text(&object["kind"]), text(&object["path"]));
        let rules = row["rules"].as_array().cloned().unwrap_or_default();
        let names = rules.into_iter().map(|rule| text(&rule["identifier"]));
        names
            .map(|name| (name, kind.clone(), path.clone()))
            .collect::<Vec<_>>()
    };
    rows.iter().flat_map(of).collect()
}

#[test]
fn shells_are_found_wherever_they_lie() {
    let dir = Dir::new();
    let rows = rows_of(&dir, &["scan", "-o", "ndjson", &demo()]);
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for row in &rows {
        assert!(validator.is_valid(row), "{row}");
    }
    // As evidence/fixtures/demo.sh has planted them.
    let hits = hits(&rows);
    let planted = [
        (
            "WEBSHELL_Exchange_OAB_Url_Script",
            "file",
            "/inetpub/wwwroot/aspnet_client/supp0rt.aspx",
        ),
        (
            "WEBSHELL_ASPX_JScript_Eval",
            "file",
            "/Exchange/FrontEnd/HttpProxy/owa/auth/OutlookEN.aspx",
        ),
        (
            "WEBSHELL_ASPX_JScript_Eval",
            "ads",
            "/inetpub/logs/u_ex210303.log:a.aspx",
        ),
        ("WEBSHELL_ASPX_JScript_Eval", "slack", "/inetpub/logs/short.log"),
        (
            "WEBSHELL_ASPX_Process_Start",
            "deleted",
            "/inetpub/wwwroot/aspnet_client/discover.aspx",
        ),
    ];
    for (rule, kind, path) in planted {
        let of = |hit: &&(String, String, String)| {
            hit.0 == rule && hit.1 == kind && hit.2 == path
        };
        let count = hits.iter().filter(of).count();
        assert_eq!(count, 1, "{rule} in {kind} {path}: {hits:?}");
    }
    // The log itself is clean, and so is everything else.
    let elsewhere = hits.iter().filter(|hit| {
        !planted.iter().any(|(_, kind, path)| hit.1 == *kind && hit.2 == *path)
    });
    assert_eq!(elsewhere.count(), 0, "{hits:?}");
}

#[test]
fn every_byte_is_accounted_for() {
    let dir = Dir::new();
    let rows = rows_of(&dir, &["scan", "-o", "ndjson", &demo()]);
    let medium = rows.iter().find(|row| row["type"] == "medium").unwrap();
    let number = |name: &str| medium[name].as_u64().unwrap();
    assert_eq!(number("size"), 32 << 20);
    let parts = ["scanned", "holes", "metadata", "unread"];
    assert_eq!(parts.map(number).iter().sum::<u64>(), 32 << 20);
    assert_eq!(number("unread"), 0);
    assert!(number("holes") > 16 << 20, "{medium}");
}

#[test]
fn any_number_of_threads_gives_the_same_rows() {
    let dir = Dir::new();
    let scan = |threads: &str| {
        let args = ["scan", "-o", "ndjson", "-p", threads];
        run(&dir, &[&args[..], &[demo().as_str()]].concat()).out
    };
    assert_eq!(scan("1"), scan("4"));
}

#[test]
fn what_was_found_can_be_read_again() {
    let dir = Dir::new();
    let shell = "/Exchange/FrontEnd/HttpProxy/owa/auth/OutlookEN.aspx";
    let object = format!("{}::gpt/1::{shell}", demo());
    let listed = run(&dir, &["ls", &demo()]);
    assert_eq!(listed.code, 0, "{}", listed.err);
    assert!(listed.out.contains(&object), "{}", listed.out);
    let rows = run(&dir, &["ls", "--json", &demo()]).out;
    let row = cli_support::json_lines(&rows).into_iter();
    let mut row = row.filter(|row| row["path"] == shell);
    assert_eq!(row.next().unwrap()["fs"], "ntfs");
    let read = run(&dir, &["cat", &object]);
    assert_eq!(read.code, 0, "{}", read.err);
    assert!(read.out.starts_with("<%@ Page"), "{}", read.out);
    let missing = run(&dir, &["cat", &format!("{}::nothing", demo())]);
    assert_eq!(missing.code, 2);
    assert!(missing.err.contains("no such object"), "{}", missing.err);
}

#[test]
fn a_file_is_no_image() {
    let dir = Dir::new();
    dir.write("plain", "text");
    let refused = run(&dir, &["scan", "--as", "image", "plain"]);
    assert_eq!(refused.code, 3, "{}", refused.err);
    assert!(refused.err.contains("no image"), "{}", refused.err);
    assert_eq!(run(&dir, &["ls", "plain"]).code, 2);
    // As a file, the image is compressed bytes.
    let whole =
        rows_of(&dir, &["scan", "-o", "ndjson", "--as", "file", &demo()]);
    assert_eq!(hits(&whole), []);
}

/// Runs on the images that `evidence/fixtures/build.sh` makes.
#[test]
fn the_fixture_disk_gives_its_markers_in_every_container() {
    let Some(folder) = std::env::var_os("DRAGNET_FIXTURES") else {
        eprintln!(
            "SKIPPED: DRAGNET_FIXTURES does not name the folder of the \
             images that evidence/fixtures/build.sh makes"
        );
        return;
    };
    let folder = PathBuf::from(folder);
    let dir = Dir::new();
    let rule = "rule m { strings: $a = \"WEBSHELL-MARK-\" condition: $a }";
    dir.write("m.yar", rule);
    let raw = std::fs::read(folder.join("disk.raw")).unwrap();
    let files = [
        "disk.raw",
        "disk.E01",
        "disk.qcow2",
        "disk-zlib.qcow2",
        "disk-zstd.qcow2",
        "disk-overlay.qcow2",
        "disk-extl2.qcow2",
        "disk.vmdk",
        "disk-streamOptimized.vmdk",
        "disk.vhdx",
        "disk.vdi",
        "disk-dyn.vhd",
        "disk-fixed.vhd",
        "disksplit.001",
        "disk.ova",
    ];
    for file in files {
        let image = folder.join(file).display().to_string();
        let args = ["scan", "-o", "ndjson", "--rules", "m.yar", &image];
        let rows = rows_of(&dir, &args);
        let found: Vec<&Value> = rows
            .iter()
            .filter(|row| row["type"] == "match")
            .flat_map(|row| row["rules"][0]["strings"].as_array().unwrap())
            .collect();
        assert_eq!(found.len(), 13, "{file}: {found:?}");
        // Where a marker is said to lie on the disk, it lies; of the one in
        // a compressed file, the place of its unit is told.
        let elsewhere = found.iter().filter(|hit| {
            let at = hit["physical"].as_u64().expect("a place") as usize;
            raw.get(at..at + 2) != Some(b"WE")
        });
        assert_eq!(elsewhere.count(), 1, "{file}");
    }
}
