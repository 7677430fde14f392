//! Checks of family L that look at sets and strings.

use dragnet_compiler::source::Span;
use dragnet_compiler::syntax::ast::{
    ExprId, ExprKind, PatternValue, QuantifierKind,
};

use super::subject::{How, Mods, RuleCx};
use super::syntax::whole_line;

/// Rules with more strings are not compared string by string.
const MAX_COMPARED: usize = 500;

pub(super) fn check(cx: &mut RuleCx<'_>) {
    too_many(cx);
    different_at_one_offset(cx);
    contained(cx);
}

/// L003
fn too_many(cx: &mut RuleCx<'_>) {
    for seen in cx.exprs.clone() {
        let (ExprKind::Of(quantifier, set, _)
        | ExprKind::ForOf(quantifier, set, _)) = &cx.expr(seen.id).kind
        else {
            continue;
        };
        let QuantifierKind::Count(count) = quantifier.kind else { continue };
        let (Some(wanted), true) = (cx.int(count), cx.is_pattern_set(set))
        else {
            continue;
        };
        let there = cx.members(set).len();
        if wanted > there as u64 {
            let span = cx.expr(seen.id).span;
            let message =
                format!("{wanted} strings are wanted, the set has {there}");
            cx.say("L003", span, message)
                .label("this is never true")
                .help(format!("ask for {there} or fewer"));
        }
    }
}

/// L002: two texts at one constant offset that differ.
fn different_at_one_offset(cx: &mut RuleCx<'_>) {
    let ands: Vec<Vec<ExprId>> = (cx.exprs.iter())
        .filter_map(|seen| match &cx.expr(seen.id).kind {
            ExprKind::And(parts) => Some(parts.clone()),
            _ => None,
        })
        .collect();
    for parts in ands {
        if parts.len() > MAX_COMPARED {
            continue;
        }
        let mut placed: Vec<(u64, &[u8], Span)> = Vec::new();
        for part in parts {
            let expr = cx.bare(part);
            let ExprKind::PatternAt(name, at) = &expr.kind else { continue };
            let Some(at) = cx.int(*at) else { continue };
            let found =
                cx.rule.patterns.iter().find(|p| p.name.text == name.text);
            let Some(pattern) = found else { continue };
            let mods = Mods::of(pattern);
            let plain = mods.wide.is_none()
                && mods.nocase.is_none()
                && !mods.xor
                && !mods.base64;
            let (PatternValue::Text(text), true) = (&pattern.value, plain)
            else {
                continue;
            };
            let clash = placed.iter().find(|(other, bytes, _)| {
                let length = bytes.len().min(text.len());
                *other == at && bytes[..length] != text[..length]
            });
            if let Some((_, _, first)) = clash.copied() {
                let file = cx.file;
                cx.say("L002", expr.span, "two texts at one offset differ")
                    .label("cannot be here")
                    .also(file, first, "if this is");
            }
            placed.push((at, text, expr.span));
        }
    }
}

/// L004 and L006: a text that is part of another one of its rule.
fn contained(cx: &mut RuleCx<'_>) {
    let count = cx.rule.patterns.len();
    if !(2..=MAX_COMPARED).contains(&count) {
        return;
    }
    let ExprKind::Of(quantifier, set, None) = &cx.bare(cx.rule.condition).kind
    else {
        return;
    };
    if !cx.is_pattern_set(set) {
        return;
    }
    let (id, any) = match quantifier.kind {
        QuantifierKind::Any => ("L004", true),
        QuantifierKind::Count(n) if cx.int(n) == Some(1) => ("L004", true),
        QuantifierKind::Count(_) => ("L006", false),
        _ => return,
    };
    let members = cx.members(set);
    for long in &members {
        let inner = members
            .iter()
            .copied()
            .find(|short| short != long && implied(cx, *long, *short, any));
        let Some(short) = inner else { continue };
        let (long, short) =
            (&cx.rule.patterns[*long], &cx.rule.patterns[short]);
        let file = cx.file;
        if any {
            let named = cx.uses.iter().any(|u| match u.how {
                How::Set(_) => is_named(cx, set, &long.name.text),
                _ => true,
            });
            let line = whole_line(cx.text, long.span);
            let message = format!(
                "`${}` changes nothing: `${}` is part of it",
                long.name.text, short.name.text
            );
            let new = cx.say(id, long.span, message);
            new.label("whenever this matches the other one does")
                .also(file, short.span, "this one");
            if !named {
                new.fix(
                    "remove the string",
                    false,
                    vec![(line, String::new())],
                );
            }
        } else {
            let message = format!(
                "`${}` is part of `${}`: one text counts twice",
                short.name.text, long.name.text
            );
            cx.say(id, short.span, message)
                .label("also matches where the other one does")
                .also(file, long.span, "in this one");
        }
    }
}

/// Does the set name this pattern in full?
fn is_named(
    cx: &RuleCx<'_>,
    set: &dragnet_compiler::syntax::ast::Set,
    name: &str,
) -> bool {
    use dragnet_compiler::syntax::ast::{Set, SetItem};
    let Set::Items(items, _) = set else { return false };
    items.iter().any(|item| match item {
        SetItem::Expr(id) => {
            matches!(&cx.expr(*id).kind, ExprKind::Pattern(n) if n.text == name)
        }
        SetItem::PatternWildcard(prefix) => {
            // Without it the wildcard may name nothing.
            let mut all = cx.rule.patterns.iter();
            !all.any(|p| {
                p.name.text != name && p.name.text.starts_with(&prefix.text)
            })
        }
        SetItem::RuleWildcard(_) => false,
    })
}

/// Does the short text match wherever the long one does?
fn implied(cx: &RuleCx<'_>, long: usize, short: usize, strict: bool) -> bool {
    let (long, short) = (&cx.rule.patterns[long], &cx.rule.patterns[short]);
    let (PatternValue::Text(a), PatternValue::Text(b)) =
        (&long.value, &short.value)
    else {
        return false;
    };
    if b.len() >= a.len() || b.is_empty() {
        return false;
    }
    let (m, n) = (Mods::of(long), Mods::of(short));
    let plain = |mods: &Mods| !mods.xor && !mods.base64;
    let wide = |mods: &Mods| mods.wide.is_some();
    let ascii = |mods: &Mods| mods.ascii.is_some() || !wide(mods);
    let kinds = (!ascii(&m) || ascii(&n)) && (!wide(&m) || wide(&n));
    let same = plain(&m) && plain(&n) && kinds && n.fullword.is_none();
    let fold = n.nocase.is_some();
    let holds = a.windows(b.len()).any(|window| match fold {
        true => window.eq_ignore_ascii_case(b),
        false => window == &b[..],
    });
    same && holds && (fold || m.nocase.is_none() || !strict)
}
