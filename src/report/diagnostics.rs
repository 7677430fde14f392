//! Diagnostics for machines: JSON, SARIF, annotations of GitHub workflows.

use std::io::{self, Write};

use dragnet::diag::{Applicability, Diagnostic, Fix, Label};
use dragnet::source::{FileId, SourceMap, Span};
use serde_json::{Value as Json, json};

use super::encode::{data, property};
use super::sarif;

/// One document.
pub(crate) fn json(
    sources: &SourceMap,
    all: &[Diagnostic],
    out: &mut dyn Write,
) -> io::Result<()> {
    let list: Json = all.iter().map(|d| one(sources, d)).collect();
    let document = json!({"schema": "dragnet-check/1", "diagnostics": list});
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn one(sources: &SourceMap, diagnostic: &Diagnostic) -> Json {
    json!({
        "code": diagnostic.code.name(),
        "severity": severity(diagnostic),
        "message": diagnostic.message,
        "location": place(sources, diagnostic.file, diagnostic.span),
        "label": diagnostic.label,
        "labels": labels(sources, &diagnostic.labels),
        "notes": diagnostic.notes,
        "help": diagnostic.help,
        "fixes": fixes(sources, diagnostic.file, &diagnostic.fixes),
    })
}

/// Places beside the main one, each with what is said of it.
pub(super) fn labels(sources: &SourceMap, all: &[Label]) -> Json {
    let one = |label: &Label| {
        let mut place = place(sources, label.file, label.span);
        place["text"] = label.text.as_str().into();
        place
    };
    all.iter().map(one).collect()
}

/// What could be written instead.
pub(super) fn fixes(sources: &SourceMap, file: FileId, all: &[Fix]) -> Json {
    all.iter().map(|fix| fix_json(sources, file, fix)).collect()
}

fn fix_json(sources: &SourceMap, file: FileId, fix: &Fix) -> Json {
    let edits: Json = fix
        .edits
        .iter()
        .map(|edit| {
            let mut place = place(sources, file, edit.span);
            place["text"] = edit.text.as_str().into();
            place
        })
        .collect();
    let is_safe = fix.applicability == Applicability::Safe;
    json!({"title": fix.title, "safe": is_safe, "edits": edits})
}

pub(super) fn place(sources: &SourceMap, file: FileId, span: Span) -> Json {
    let file = sources.get(file);
    let start = file.line_column(span.lo);
    let end = file.line_column(span.hi);
    json!({
        "file": file.name,
        "line": start.line,
        "column": start.column,
        "end_line": end.line,
        "end_column": end.column,
        "offset": span.lo,
        "length": span.hi.saturating_sub(span.lo),
    })
}

fn severity(diagnostic: &Diagnostic) -> &'static str {
    if diagnostic.is_error() { "error" } else { "warning" }
}

/// SARIF 2.1.0, for code scanning.
pub(crate) fn sarif(
    sources: &SourceMap,
    all: &[Diagnostic],
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut codes: Vec<_> = all.iter().map(|d| d.code).collect();
    codes.sort_unstable();
    codes.dedup();
    let rules: Json = codes
        .iter()
        .map(|code| {
            json!({
                "id": code.name(),
                "shortDescription": {"text": code.summary()},
                "help": {"text": code.page(), "markdown": code.page()},
            })
        })
        .collect();
    let results: Json = all.iter().map(|d| sarif_result(sources, d)).collect();
    sarif::write(&rules, &results, out)
}

fn sarif_result(sources: &SourceMap, diagnostic: &Diagnostic) -> Json {
    let (file, span) = (diagnostic.file, diagnostic.span);
    let mut result = json!({
        "ruleId": diagnostic.code.name(),
        "level": severity(diagnostic),
        "message": {"text": full_message(diagnostic)},
        "locations": [sarif::location(sources, file, span)],
        "relatedLocations": sarif::related(sources, &diagnostic.labels),
    });
    if !diagnostic.fixes.is_empty() {
        result["fixes"] = sarif::fixes(sources.get(file), &diagnostic.fixes);
    }
    result
}

fn full_message(diagnostic: &Diagnostic) -> String {
    let mut text = diagnostic.message.clone();
    if !diagnostic.label.is_empty() {
        text.push_str(": ");
        text.push_str(&diagnostic.label);
    }
    for line in diagnostic.notes.iter().chain(&diagnostic.help) {
        text.push('\n');
        text.push_str(line);
    }
    text
}

/// Workflow commands, which GitHub shows beside the lines.
pub(crate) fn github(
    sources: &SourceMap,
    all: &[Diagnostic],
    out: &mut dyn Write,
) -> io::Result<()> {
    for diagnostic in all {
        let file = sources.get(diagnostic.file);
        let start = file.line_column(diagnostic.span.lo);
        let end = file.line_column(diagnostic.span.hi);
        writeln!(
            out,
            "::{} file={},line={},col={},endLine={},endColumn={},\
             title={}::{}",
            severity(diagnostic),
            property(&file.name),
            start.line,
            start.column,
            end.line,
            end.column,
            diagnostic.code.name(),
            data(&full_message(diagnostic)),
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use dragnet::diag::Code;

    fn sample() -> (SourceMap, Vec<Diagnostic>) {
        let mut sources = SourceMap::default();
        let file = sources.add("a b,c.yar", &b"rule a {\n condition: x }"[..]);
        let span = Span::new(21, 22);
        let diagnostic = Diagnostic::new(
            Code::UnknownIdentifier,
            file,
            span,
            "unknown\nidentifier 100%",
        )
        .fix("use `y`", span, "y", Applicability::Safe)
        .also(file, Span::new(5, 6), "in this rule");
        (sources, vec![diagnostic])
    }

    #[test]
    fn annotations_are_one_line_each() {
        let (sources, all) = sample();
        let mut out = Vec::new();
        github(&sources, &all, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "::error file=a b%2Cc.yar,line=2,col=13,endLine=2,\
             endColumn=14,title=unknown_identifier::\
             unknown%0Aidentifier 100%25\n"
        );
    }

    #[test]
    fn sarif_points_at_the_place() {
        let (sources, all) = sample();
        let mut out = Vec::new();
        sarif(&sources, &all, &mut out).unwrap();
        let document: Json = serde_json::from_slice(&out).unwrap();
        let result = &document["runs"][0]["results"][0];
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b%2Cc.yar");
        assert_eq!(place["region"]["startLine"], 2);
        assert_eq!(place["region"]["startColumn"], 13);
        let id = &document["runs"][0]["tool"]["driver"]["rules"][0]["id"];
        assert_eq!(id, &result["ruleId"]);
        let change = &result["fixes"][0]["artifactChanges"][0];
        let text = &change["replacements"][0]["insertedContent"]["text"];
        assert_eq!(text, "y");
    }

    #[test]
    fn json_holds_everything() {
        let (sources, all) = sample();
        let mut out = Vec::new();
        json(&sources, &all, &mut out).unwrap();
        let document: Json = serde_json::from_slice(&out).unwrap();
        let one = &document["diagnostics"][0];
        assert_eq!(one["code"], "unknown_identifier");
        assert_eq!(one["location"]["offset"], 21);
        assert_eq!(one["labels"][0]["text"], "in this rule");
        assert_eq!(one["fixes"][0]["safe"], true);
        assert_eq!(one["fixes"][0]["edits"][0]["text"], "y");
    }
}
