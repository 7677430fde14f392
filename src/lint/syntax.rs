//! Checks of family S that the compiler does not make.

use std::collections::HashSet;

use dragnet_compiler::source::Span;
use dragnet_compiler::syntax::ast::{ExprKind, Item};

use super::subject::{Finding, RuleCx};
use super::unit::FileCx;
use crate::member::superseded;

/// S002: fields that something else replaces.
pub(super) fn check(cx: &mut RuleCx<'_>) {
    for seen in cx.exprs.clone() {
        let ExprKind::Field(base, name) = &cx.expr(seen.id).kind else {
            continue;
        };
        let Some(path) = cx.path(seen.id) else { continue };
        let Some(instead) = superseded(&path) else { continue };
        let base = cx.expr(*base).span;
        let whole = cx.expr(seen.id).span;
        let new = format!("{}.{instead}", cx.source(base));
        let message = format!("the field `{}` is superseded", name.text);
        cx.say("S002", name.span, message)
            .help(format!("use `{instead}`"))
            .fix(format!("use `{instead}`"), false, vec![(whole, new)]);
    }
}

/// S006 and what the compiler cannot repair of S014.
pub(super) fn check_file(cx: &mut FileCx<'_>) {
    let includes =
        cx.ast.items.iter().any(|i| matches!(i, Item::Include { .. }));
    // Another file may use what is imported here.
    if includes || cx.is_included {
        return;
    }
    let used: HashSet<&[u8]> = cx
        .ast
        .exprs
        .iter()
        .filter_map(|expr| match &expr.kind {
            ExprKind::Name(name) => Some(name.as_bytes()),
            _ => None,
        })
        .collect();
    let broken = cx.ast.items.iter().any(|item| match item {
        Item::Rule(rule) => rule.broken,
        item => matches!(item, Item::Error { .. }),
    });
    for item in &cx.ast.items {
        let Item::Import { module, span, .. } = item else { continue };
        if broken || used.contains(&module[..]) {
            continue;
        }
        let name = String::from_utf8_lossy(module);
        let message = format!("module `{name}` is never used");
        let line = whole_line(cx.text, *span);
        cx.say("S006", *span, message).fix(
            "remove the import",
            true,
            vec![(line, String::new())],
        );
    }
}

/// A span with the rest of its line, if nothing else stands there.
pub(super) fn whole_line(text: &[u8], span: Span) -> Span {
    let before = text.get(..span.lo as usize).unwrap_or_default();
    let start = before.iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
    let after = text.get(span.hi as usize..).unwrap_or_default();
    let end = after.iter().position(|b| *b == b'\n');
    let rest = &after[..end.unwrap_or(after.len())];
    if !before[start..].trim_ascii().is_empty()
        || !rest.trim_ascii().is_empty()
    {
        return span;
    }
    let end = end.map_or(text.len(), |end| span.hi as usize + end + 1);
    Span::new(start as u32, end as u32)
}

/// S014: bytes of texts that are not UTF-8 can be written as escapes.
pub(super) fn repair_encoding(finding: &mut Finding, text: &[u8]) {
    let mut edits = Vec::new();
    for piece in dragnet_compiler::syntax::pieces(text) {
        let shown = piece.span.of(text);
        if std::str::from_utf8(shown).is_ok() {
            continue;
        }
        if piece.comment || !shown.starts_with(b"\"") {
            // There is no way to write it otherwise.
            return;
        }
        let mut new = String::new();
        for chunk in shown.utf8_chunks() {
            new.push_str(chunk.valid());
            for byte in chunk.invalid() {
                new.push_str(&format!("\\x{byte:02x}"));
            }
        }
        edits.push((piece.span, new));
    }
    if !edits.is_empty() {
        finding.fix("write the bytes as `\\xHH`", true, edits);
    }
}
