//! What the compiler says, as findings.

use dragnet_compiler::diag::{Applicability, Code, Diagnostic};
use dragnet_compiler::source::{SourceMap, Span};
use dragnet_compiler::syntax::ast::{ExprKind, Item};

use super::portability;
use super::subject::{Finding, RuleCx};
use super::syntax::{repair_encoding, whole_line};
use super::table::{LINTS, Level};
use super::unit::FileCx;

/// The finding for a diagnostic; `None` if another check says it better.
pub(super) fn finding(
    diagnostic: Diagnostic,
    sources: &SourceMap,
) -> Option<Finding> {
    let code = diagnostic.code;
    let lint = LINTS.iter().find(|lint| lint.code == Some(code));
    let id = match lint {
        Some(lint) => lint.id,
        None if code == Code::NonUtf8Source => "S014",
        // The comments are read again, with our own codes.
        None if code == Code::UnknownCode => return None,
        None if code == Code::UnknownIdentifier
            && diagnostic.fixes.is_empty()
            && diagnostic.message.starts_with("there is nothing") =>
        {
            "S015"
        }
        None if diagnostic.is_error() => "S001",
        None => portability::lint_of(code).unwrap_or("S018"),
    };
    let mut new =
        Finding::new(id, diagnostic.file, diagnostic.span, diagnostic.message);
    new.code = Some(code);
    new.label = diagnostic.label;
    new.labels = diagnostic.labels;
    new.notes = diagnostic.notes;
    new.help = diagnostic.help;
    new.fixes = diagnostic.fixes;
    let text = &sources.get(new.file).text;
    let span = new.span;
    match id {
        "S005" if new.fixes.is_empty() => {
            let line = whole_line(text, span);
            let edit = vec![(line, String::new())];
            new.fix("remove the import", true, edit);
        }
        "S007" => {
            let empty = new.label.ends_with("string");
            let shown = String::from_utf8_lossy(span.of(text)).into_owned();
            let zero = if empty { "\"\"" } else { "0" };
            let whole = format!("({shown} != {zero})");
            new.fix(
                format!("compare it with {zero}"),
                true,
                vec![(span, whole)],
            );
        }
        "S014" => repair_encoding(&mut new, text),
        "S017" => {
            let at = Span::new(span.lo, span.lo);
            let edit = vec![(at, "_".to_owned())];
            new.fix("call it `_…`", true, edit);
        }
        _ => {}
    }
    if matches!(id, "S003" | "S004") {
        new.level = Level::Error;
    }
    // What the compiler repairs blindly may still change the hash.
    for fix in &mut new.fixes {
        if new.lint.repair != super::Repair::Safe {
            fix.applicability = Applicability::Unsafe;
        }
    }
    Some(new)
}

/// Repairs that need the rule: S016 and L005.
pub(super) fn repair(finding: &mut Finding, cx: &RuleCx<'_>) {
    let span = finding.span;
    match finding.lint.id {
        "S016" => {
            let mut edits = vec![(span, "pe.entry_point".to_owned())];
            let imported = cx.ast.items.iter().any(|item| {
                matches!(item, Item::Import { module, .. }
                    if module.as_slice() == b"pe")
            });
            if !imported {
                let start = Span::new(0, 0);
                edits.push((start, "import \"pe\"\n".to_owned()));
            }
            finding.fix("use `pe.entry_point`", false, edits);
        }
        "L005" => {
            let at = cx
                .rule
                .patterns
                .iter()
                .position(|p| p.span.lo <= span.lo && span.lo < p.span.hi);
            let Some(at) = at else { return };
            let name = &cx.rule.patterns[at].name.text;
            let named = cx.below(cx.rule.condition).into_iter().any(|id| {
                match &cx.expr(id).kind {
                    ExprKind::Pattern(used)
                    | ExprKind::PatternAt(used, _)
                    | ExprKind::PatternIn(used, _)
                    | ExprKind::Count(used, _)
                    | ExprKind::Offset(used, _)
                    | ExprKind::Length(used, _) => used.text == *name,
                    _ => false,
                }
            });
            if !named {
                let line = whole_line(cx.text, cx.rule.patterns[at].span);
                let edit = vec![(line, String::new())];
                finding.fix("remove the string", false, edit);
            }
        }
        _ => {}
    }
}

/// The spans of patterns that the compiler calls slow.
pub(super) fn slow(findings: &[Finding], cx: &FileCx<'_>) -> Vec<Span> {
    let own = findings.iter().filter(|f| f.file == cx.file);
    let slow = own.filter(|f| f.code.is_some_and(super::patterns::is_slow));
    slow.map(|f| f.span).collect()
}
