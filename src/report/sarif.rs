//! The parts that all documents of SARIF 2.1.0 share.

use std::io::{self, Write};

use dragnet::diag::{Fix, Label};
use dragnet::source::{FileId, SourceFile, SourceMap, Span};
use serde_json::{Value as Json, json};

/// Writes the document.
pub(super) fn write(
    rules: &Json,
    results: &Json,
    out: &mut dyn Write,
) -> io::Result<()> {
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "dragnet",
                "version": dragnet::VERSION,
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

/// A place in a file.
pub(super) fn location(sources: &SourceMap, file: FileId, span: Span) -> Json {
    let file = sources.get(file);
    json!({"physicalLocation": {
        "artifactLocation": {"uri": uri(&file.name)},
        "region": region(file, span),
    }})
}

/// Places beside the main one.
pub(super) fn related(sources: &SourceMap, all: &[Label]) -> Json {
    let one = |label: &Label| {
        let mut place = location(sources, label.file, label.span);
        place["message"] = json!({"text": label.text});
        place
    };
    all.iter().map(one).collect()
}

/// What could be written instead.
pub(super) fn fixes(file: &SourceFile, all: &[Fix]) -> Json {
    let one = |fix: &Fix| {
        let replacements = fix.edits.iter().map(|edit| {
            json!({
                "deletedRegion": region(file, edit.span),
                "insertedContent": {"text": edit.text},
            })
        });
        json!({
            "description": {"text": fix.title},
            "artifactChanges": [{
                "artifactLocation": {"uri": uri(&file.name)},
                "replacements": replacements.collect::<Json>(),
            }],
        })
    };
    all.iter().map(one).collect()
}

fn region(file: &SourceFile, span: Span) -> Json {
    let start = file.line_column(span.lo);
    let end = file.line_column(span.hi);
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

/// A path as a relative or file URI.
fn uri(name: &str) -> String {
    let mut uri = String::new();
    if name.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => {
                uri.push(byte.into());
            }
            b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(byte.into()),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
