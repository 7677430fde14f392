//! Real rules and conformance cases: what must compile and what must not.

#![allow(clippy::disallowed_methods)] // Tests may read files.

use std::path::{Path, PathBuf};

use super::{Compiler, Output, Source};
use crate::ir::Const;

/// A folder beside the project; none, with a loud remark, where it is
/// missing.
fn shared(folder: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let root = std::env::var_os("DRAGNET_SHARED").map_or(root, PathBuf::from);
    let path = root.join(folder);
    if path.exists() {
        return Some(path);
    }
    let mut stderr = std::io::stderr();
    let _ = std::io::Write::write_fmt(
        &mut stderr,
        format_args!(
            "SKIPPED: no {}; set DRAGNET_SHARED to its root\n",
            path.display()
        ),
    );
    None
}

fn errors(output: &Output) -> Vec<String> {
    output
        .diagnostics
        .iter()
        .filter(|d| d.is_error())
        .map(|d| {
            let file = output.sources.get(d.file);
            let at = file.line_column(d.span.lo);
            let (line, code) = (at.line, d.code.name());
            format!("{}:{line}: {code}: {}", file.name, d.message)
        })
        .collect()
}

/// Accepted by libyara alone, by a slip: a repetition or a jump of 2^32 and
/// more wraps there, and a string counts as the number of a match.
const REFUSED: &[&str] =
    &["6d61319e1070", "b49c08810d08", "fee64ebd9e1a", "ffb09b51fabe"];

#[test]
fn cases_compile_or_not_as_expected() {
    let Some(path) = shared("conformance/cases.jsonl") else { return };
    let cases = std::fs::read_to_string(path).unwrap();
    let mut wrong = Vec::new();
    for case in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(case).unwrap();
        let rule = case["rule"].as_str().unwrap();
        let mut compiler = Compiler::new();
        for (name, value) in [
            ("var_zero", Const::Int(0)),
            ("var_one", Const::Int(1)),
            ("var_true", Const::Bool(true)),
            ("var_false", Const::Bool(false)),
        ] {
            compiler.define(name, value).unwrap();
        }
        compiler.add_source("default", Source::new("case", rule));
        let found = errors(&compiler.compile());
        let refused = case["expect"] == "compile-error";
        // One form of the dex module is switched off in the peers.
        let id = case["id"].as_str().unwrap();
        if REFUSED.contains(&id) {
            assert!(!found.is_empty(), "{id} is accepted");
            continue;
        }
        let dex = refused && rule.contains("import \"dex\"");
        if found.is_empty() == refused && !dex {
            wrong.push(format!(
                "{} {} {rule}\n    {found:?} {}",
                case["id"], case["agreement"], case["errors"]
            ));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn real_rules_compile() {
    let Some(path) = shared("corpora/signature-base/yara") else { return };
    let mut compiler = Compiler::new();
    for name in ["filename", "filepath", "extension", "filetype", "owner"] {
        compiler.define(name, Const::Str(Vec::new())).unwrap();
    }
    let mut files: Vec<_> = std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    for file in &files {
        let name = file.display().to_string();
        let text = std::fs::read(file).unwrap();
        compiler.add_source(&name, Source::new(&name, text));
    }
    let output = compiler.compile();
    let found = errors(&output);
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(output.rule_count > files.len());
}
