//! Real rules: everything public must parse.
#![expect(
    clippy::disallowed_methods,
    reason = "the rules are files, and a skipped test must be seen"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ast::{Item, PatternValue};
use super::regex::Mode;
use super::tests::round_trip;
use super::{hex, parse, regex};
use crate::source::FileId;

/// The files of the corpus; none, with a loud remark, where it is missing.
pub(super) fn corpus() -> Vec<(PathBuf, Arc<[u8]>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let root = std::env::var_os("DRAGNET_SHARED")
        .map_or(root, PathBuf::from)
        .join("corpora/signature-base/yara");
    let Ok(entries) = std::fs::read_dir(&root) else {
        let mut stderr = std::io::stderr();
        let _ = std::io::Write::write_fmt(
            &mut stderr,
            format_args!(
                "SKIPPED: no rules in {}; set DRAGNET_SHARED to the folder \
                 that holds corpora/\n",
                root.display()
            ),
        );
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let text = std::fs::read(&path).ok()?;
            Some((path, text.into()))
        })
        .collect();
    files.sort();
    files
}

#[test]
fn real_rules_have_no_syntax_error() {
    for (path, text) in corpus() {
        let (_, diagnostics) = parse(&text, FileId(0));
        let errors: Vec<_> =
            diagnostics.iter().filter(|d| d.is_error()).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
    }
}

#[test]
fn real_patterns_parse() {
    for (path, text) in corpus() {
        let (file, _) = parse(&text, FileId(0));
        for item in &file.items {
            let Item::Rule(rule) = item else { continue };
            for pattern in &rule.patterns {
                let diagnostics = match &pattern.value {
                    PatternValue::Regex(lit) => {
                        regex::parse(&text, lit, FileId(0), Mode::Pattern).1
                    }
                    PatternValue::Hex(body) => {
                        hex::parse(&text, *body, FileId(0)).1
                    }
                    PatternValue::Text(_) | PatternValue::Error => continue,
                };
                let error = diagnostics.iter().find(|d| d.is_error());
                assert_eq!(error, None, "{}", path.display());
            }
        }
    }
}

#[test]
fn printing_keeps_real_rules() {
    for (_, text) in corpus() {
        round_trip(&text);
    }
}
