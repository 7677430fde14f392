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

/// A disk with a partition of 1 MiB, and more behind it than is kept in
/// memory; far out there is a marker.
fn disk(dir: &Dir) -> u64 {
    let mut disk = vec![b'.'; 72 << 20];
    disk[..2 << 20].fill(0);
    let entry = [0, 0, 0, 0, 0x83, 0, 0, 0, 0, 8, 0, 0, 0, 8, 0, 0];
    disk[446..462].copy_from_slice(&entry);
    disk[510..512].copy_from_slice(&[0x55, 0xaa]);
    let at = 70 << 20;
    disk[at..at + 14].copy_from_slice(b"planted marker");
    dir.write("disk.raw", disk);
    dir.write(
        "far.yar",
        "rule far { strings: $a = \"planted marker\" $b = \"......\"
         condition: $a and #b > 1000 and filesize == 70MB }",
    );
    at as u64
}

#[test]
fn what_does_not_fit_into_memory_is_one_object_all_the_same() {
    let dir = Dir::new();
    let at = disk(&dir);
    let args = ["scan", "-o", "ndjson", "far.yar", "disk.raw"];
    let rows = rows_of(&dir, &args);
    let found = rows.iter().find(|row| row["type"] == "match").unwrap();
    assert_eq!(found["object"]["kind"], "unpartitioned");
    let strings = found["rules"][0]["strings"].as_array().unwrap();
    let marker = strings.iter().find(|s| s["identifier"] == "$a").unwrap();
    assert_eq!(marker["physical"], at);
    assert_eq!(marker["offset"], at - (2 << 20));
    // As it lies in the image in one piece, it is scanned there. Elsewhere it
    // needs room; without that it is not scanned, and that is said.
    let spool = ["--no-mmap", "--spool", "no/such/folder"];
    let run = run(&dir, &[&args[..1], &spool[..], &args[1..]].concat());
    assert_eq!(run.code, 3, "{}", run.err);
    assert!(run.out.contains("too_large"), "{}", run.out);
    assert!(!run.out.contains("\"far\""), "{}", run.out);
}

#[test]
fn parts_of_the_work_together_are_the_work() {
    let dir = Dir::new();
    let rows = |more: &[&str]| {
        let args = [&["scan", "-o", "ndjson"][..], more].concat();
        let rows = rows_of(&dir, &[&args[..], &[demo().as_str()]].concat());
        let rows = rows.into_iter();
        let matches = rows.filter(|row| row["type"] == "match");
        matches.map(|row| row.to_string()).collect::<Vec<_>>()
    };
    let mut whole = rows(&[]);
    let mut parts: Vec<String> = ["1/3", "2/3", "3/3"]
        .into_iter()
        .flat_map(|part| rows(&["--shard", part]))
        .collect();
    whole.sort();
    parts.sort();
    assert_eq!(whole, parts);
    assert!(whole.len() > 3);
}

#[test]
fn known_content_is_marked_or_left_out() {
    let dir = Dir::new();
    let shell = "/Exchange/FrontEnd/HttpProxy/owa/auth/OutlookEN.aspx";
    let object = format!("{}::gpt/1::{shell}", demo());
    let content = run(&dir, &["cat", &object]).out;
    dir.write("alone.aspx", &content);
    let hash = sha256(content.as_bytes());
    dir.write(
        "good.txt",
        format!("{}  OutlookEN.aspx\n", hash.to_uppercase()),
    );
    for target in [demo(), "alone.aspx".to_owned()] {
        let scan = |more: &[&str]| {
            let args = [&["scan", "-o", "ndjson"][..], more, &[&target]];
            rows_of(&dir, &args.concat())
        };
        let known = |rows: &[Value]| {
            rows.iter().filter(|row| row["known"] == "good.txt").count()
        };
        assert_eq!(known(&scan(&[])), 0);
        assert_eq!(known(&scan(&["--known", "good.txt"])), 1);
        let rows = scan(&["--known", "good.txt", "--skip-known"]);
        assert_eq!(known(&rows), 0);
        let left = rows.iter().filter(|row| row["reason"] == "known_good");
        assert_eq!(left.count(), 1, "{target}");
    }
    dir.write("empty.txt", "nothing");
    let refused = run(&dir, &["scan", "--known", "empty.txt", &demo()]);
    assert_eq!(refused.code, 2, "{}", refused.err);
}

fn sha256(data: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(data);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn bytes_of_a_hit_are_shown_where_they_lie() {
    let dir = Dir::new();
    let shell = "/Exchange/FrontEnd/HttpProxy/owa/auth/OutlookEN.aspx";
    let object = format!("{}::gpt/1::{shell}", demo());
    let shown = run(&dir, &["show", "--context", "0", &object, "2", "5"]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    assert!(shown.out.starts_with("on the disk 0x"), "{}", shown.out);
    assert!(shown.out.contains("25 [40][20][50][61][67] 65"), "{}", shown.out);
    assert!(shown.out.contains("<%@ Page"), "{}", shown.out);
    dir.write("plain", "0123456789abcdefXYZ");
    let plain = run(&dir, &["show", "plain", "0x11", "1"]);
    let expected = "on the disk 0x0, in the file 0x0\n\
        00000000  30  31  32  33  34  35  36  37  38  39  61  62  63  64  65  66  0123456789abcdef\n\
        00000010  58 [59] 5a                                                      XYZ\n";
    assert_eq!(plain.out, expected, "{}", plain.err);
    assert_eq!(run(&dir, &["show", "plain", "99"]).code, 2);
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
