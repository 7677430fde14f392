//! Holds the structure of the workspace: who depends on whom, where `unsafe`
//! may stand, how long a file may be.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Files that may contain `unsafe`, and why nothing else would do.
const UNSAFE_FILES: &[(&str, &str)] = &[
    ("evidence/src/map.rs", "maps files, and survives their shrinking"),
    ("engine/src/prefilter/grid/avx2.rs", "vector loads and gathers"),
    ("engine/src/prefilter/grid/avx512.rs", "vector loads and gathers"),
];

/// Files longer than the limit, and why they are not split.
const LONG_FILES: &[(&str, &str)] = &[];

/// Above this many lines a file needs a reason.
const LONGEST_FILE: usize = 1_000;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "cargo {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}

/// For each member of the workspace, the members it depends on outside of
/// its own tests.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let text =
        cargo(&["metadata", "--offline", "--no-deps", "--format-version=1"]);
    let metadata: serde_json::Value =
        serde_json::from_str(&text).expect("metadata is JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let name =
        |p: &serde_json::Value| p["name"].as_str().expect("a name").to_owned();
    let members: BTreeSet<String> = packages.iter().map(name).collect();
    packages
        .iter()
        .map(|package| {
            let targets = package["dependencies"]
                .as_array()
                .expect("dependencies")
                .iter()
                .filter(|d| d["kind"] != "dev")
                .map(name)
                .filter(|target| members.contains(target))
                .collect();
            (name(package), targets)
        })
        .collect()
}

#[test]
fn members_depend_only_along_the_arrows() {
    let all = [
        ("dragnet", &["compiler", "engine", "evidence"][..]),
        ("dragnet-compiler", &["engine"]),
        ("dragnet-engine", &[]),
        ("dragnet-evidence", &["engine"]),
    ];
    let allowed: BTreeMap<String, BTreeSet<String>> = all
        .iter()
        .map(|(from, to)| {
            let to = to.iter().map(|t| format!("dragnet-{t}")).collect();
            ((*from).to_owned(), to)
        })
        .collect();
    for (from, to) in arrows() {
        // The build script of the root compiles the embedded rules; that is
        // the same arrow.
        let allowed = allowed
            .get(&from)
            .unwrap_or_else(|| panic!("{from} is not a known member"));
        let extra: Vec<_> = to.difference(allowed).collect();
        assert!(extra.is_empty(), "{from} must not depend on {extra:?}");
    }
}

/// Names of the crates in the tree of normal dependencies of a member.
fn tree(member: &str) -> BTreeSet<String> {
    cargo(&[
        "tree",
        "--offline",
        "--edges=normal",
        "--prefix=none",
        "--format={p}",
        "--package",
        member,
    ])
    .lines()
    .filter_map(|line| line.split_whitespace().next())
    .map(str::to_owned)
    .collect()
}

#[test]
fn an_embedded_scanner_stays_small() {
    let tree = tree("dragnet-engine");
    assert!(tree.contains("aho-corasick"), "the tree is empty: {tree:?}");
    let banned = [
        // Compiling rules.
        "logos",
        "lalrpop",
        "lalrpop-util",
        "regex-syntax",
        "annotate-snippets",
        // Opening files, starting threads.
        "memmap2",
        "rayon",
        "walkdir",
        // Executable formats and containers: modules parse with a cursor of
        // their own that never panics.
        "goblin",
        "object",
        "pelite",
        "scroll",
        "elf",
        "zip",
        "cfb",
        "flate2",
        "tar",
    ];
    for name in banned {
        assert!(!tree.contains(name), "the engine depends on {name}");
    }
}

#[test]
fn the_compiler_renders_nothing_and_opens_nothing() {
    let tree = tree("dragnet-compiler");
    for name in ["annotate-snippets", "memmap2", "walkdir", "clap"] {
        assert!(!tree.contains(name), "the compiler depends on {name}");
    }
}

#[test]
fn evidence_knows_no_rules() {
    let tree = tree("dragnet-evidence");
    for name in ["dragnet-compiler", "logos", "lalrpop-util"] {
        assert!(!tree.contains(name), "evidence depends on {name}");
    }
}

/// All Rust files of the workspace that are written by hand, as paths with
/// `/` relative to the root.
fn rust_files() -> Vec<(String, String)> {
    let mut folders: Vec<PathBuf> = ["src", "compiler", "engine", "evidence"]
        .iter()
        .chain(&["tests", "benches", "fuzz"])
        .map(|folder| root().join(folder))
        .collect();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.expect("a readable folder").path();
            let name = path.file_name().unwrap_or_default();
            if path.is_dir() {
                if name != "target" && name != "corpus" {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| e == "rs") {
                let relative = path.strip_prefix(root()).expect("inside");
                let text = std::fs::read_to_string(&path).expect("UTF-8");
                let relative = relative.to_string_lossy().replace('\\', "/");
                files.push((relative, text));
            }
        }
    }
    assert!(files.len() > 20, "the source files were not found");
    files
}

/// The code without comments and text literals, roughly: enough to find a
/// keyword.
fn has_unsafe(text: &str) -> bool {
    text.lines().any(|line| {
        let code = line.split("//").next().unwrap_or_default();
        let mut words = code
            .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '"'));
        words.any(|word| word == "unsafe")
    })
}

#[test]
fn unsafe_code_stands_where_it_is_allowed() {
    for (path, text) in rust_files() {
        if path == "tests/architecture.rs" || !has_unsafe(&text) {
            continue;
        }
        assert!(
            UNSAFE_FILES.iter().any(|(file, _)| *file == path),
            "{path} contains unsafe code and is not on the list"
        );
    }
    for member in ["src/lib.rs", "src/main.rs", "compiler/src/lib.rs"] {
        let text = std::fs::read_to_string(root().join(member))
            .expect("a readable file");
        assert!(
            text.contains("#![forbid(unsafe_code)]"),
            "{member} does not forbid unsafe code"
        );
    }
}

#[test]
fn no_file_grows_without_a_reason() {
    for (path, text) in rust_files() {
        let lines = text.lines().count();
        let excused = LONG_FILES.iter().any(|(file, _)| *file == path);
        assert!(
            lines <= LONGEST_FILE || excused,
            "{path} has {lines} lines; split it"
        );
        assert!(
            !excused || lines > LONGEST_FILE,
            "{path} is short enough to leave the list"
        );
    }
}

#[test]
fn every_file_says_what_it_hides() {
    for (path, text) in rust_files() {
        let start = text
            .lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or_default();
        assert!(start.starts_with("//!"), "{path} starts with {start:?}");
    }
}
