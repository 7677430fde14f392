//! Checks of family P that look at rules and conditions.

use dragnet_compiler::source::Span;
use dragnet_compiler::syntax::ast::{
    ExprId, ExprKind, MetaValue, PatternValue,
};

use super::subject::{RuleCx, Seen};
use super::table::Level;

/// Metadata beyond this is a burden.
const HEAVY_META: usize = 4 << 10;
/// A set must have so many rules before a module is called rare in it.
const LARGE_SET: usize = 100;
/// Names of strings that exclude or select.
const HELPERS: [&str; 4] = ["filter", "fp", "false", "exclu"];

pub(super) fn check(cx: &mut RuleCx<'_>) {
    counts(cx);
    math(cx);
    ordered(cx);
    header_test(cx);
    modules(cx);
    meta(cx);
    hash_loops(cx);
}

/// P015, P016
fn counts(cx: &mut RuleCx<'_>) {
    let span = cx.rule.name.span;
    let all = cx.rule.patterns.iter();
    let is_helper = |name: &str| HELPERS.iter().any(|h| name.starts_with(h));
    let own = all.clone().filter(|p| !is_helper(&p.name.text)).count();
    let is_regex =
        |value: &PatternValue| matches!(value, PatternValue::Regex(_));
    let regexes = all.filter(|p| is_regex(&p.value)).count();
    if own > 20 {
        let level = if own > 40 { Level::Warning } else { Level::Info };
        cx.say("P015", span, format!("the rule has {own} strings"))
            .help("keep the best ones")
            .level(level);
    }
    if regexes > 2 {
        let level = if regexes > 4 { Level::Warning } else { Level::Info };
        let message = format!("the rule has {regexes} regular expressions");
        cx.say("P016", span, message)
            .help("texts and hex strings are found faster")
            .level(level);
    }
}

/// The module of a call and what is called.
fn call<'a>(cx: &RuleCx<'a>, id: ExprId) -> Option<Vec<&'a str>> {
    match &cx.expr(id).kind {
        ExprKind::Call(callee, _) => cx.path(*callee),
        _ => None,
    }
}

fn is_call(cx: &RuleCx<'_>, id: ExprId, modules: &[&str]) -> bool {
    call(cx, id)
        .is_some_and(|path| path.len() > 1 && modules.contains(&path[0]))
}

/// P018
fn math(cx: &mut RuleCx<'_>) {
    let calls: Vec<Span> = (cx.exprs.iter())
        .filter(|seen| is_call(cx, seen.id, &["math"]))
        .map(|seen| cx.expr(seen.id).span)
        .collect();
    let Some(first) = calls.iter().min() else { return };
    let many = calls.len() > 3;
    let message = match calls.len() {
        1 => "the condition calculates with `math`".to_owned(),
        n => format!("the condition calculates with `math` {n} times"),
    };
    cx.say("P018", *first, message)
        .help("put it last, behind what is cheap")
        .level(if many { Level::Error } else { Level::Info });
}

/// Does an expression calculate over all of the file?
fn is_whole_file(cx: &RuleCx<'_>, root: ExprId) -> bool {
    cx.below(root).into_iter().any(|id| {
        let ExprKind::Call(_, arguments) = &cx.expr(id).kind else {
            return false;
        };
        let kind = |at: usize| arguments.get(at).map(|a| &cx.bare(*a).kind);
        is_call(cx, id, &["hash", "math"])
            && matches!(kind(0), Some(ExprKind::Int(0)))
            && cx
                .below(arguments[arguments.len() - 1])
                .iter()
                .any(|id| matches!(cx.expr(*id).kind, ExprKind::Filesize))
    })
}

/// Is it a comparison of the size or of bytes at a place?
fn is_cheap(cx: &RuleCx<'_>, id: ExprId) -> bool {
    let ExprKind::Binary(_, a, b, _) = &cx.bare(id).kind else {
        return false;
    };
    [*a, *b].into_iter().any(|side| match &cx.bare(side).kind {
        ExprKind::Filesize => true,
        ExprKind::Call(callee, arguments) => {
            let reads = match &cx.expr(*callee).kind {
                ExprKind::Name(name) => {
                    name.starts_with("uint") || name.starts_with("int")
                }
                _ => false,
            };
            reads
                && arguments
                    .iter()
                    .all(|a| matches!(cx.bare(*a).kind, ExprKind::Int(_)))
        }
        _ => false,
    })
}

fn is_expensive(cx: &RuleCx<'_>, root: ExprId) -> bool {
    cx.below(root).into_iter().any(|id| match &cx.expr(id).kind {
        ExprKind::ForIn(..) | ExprKind::ForOf(..) => true,
        ExprKind::Call(..) => is_call(cx, id, &["hash", "math"]),
        _ => false,
    })
}

/// P017, P021
fn ordered(cx: &mut RuleCx<'_>) {
    for seen in cx.exprs.clone() {
        let ExprKind::And(parts) = &cx.expr(seen.id).kind else { continue };
        let last_cheap = parts.iter().rposition(|id| is_cheap(cx, *id));
        let span = |id: ExprId| cx.expr(id).span;
        let whole = parts[..parts.len() - 1]
            .iter()
            .position(|id| is_whole_file(cx, *id));
        let late = last_cheap.and_then(|cheap| {
            let before = &parts[..cheap];
            let found = before.iter().position(|id| is_expensive(cx, *id));
            found.map(|expensive| (expensive, cheap))
        });
        if let Some(at) = whole {
            let mut order = parts.clone();
            let moved = order.remove(at);
            order.push(moved);
            let edits = reordered(cx, parts, &order);
            let at = span(parts[at]);
            let message = "a calculation over the whole file is not last";
            cx.say("P017", at, message)
                .help("put it behind all other tests")
                .fix("put it last", false, edits);
        } else if let Some((expensive, cheap)) = late {
            let mut order = parts.clone();
            let moved = order.remove(cheap);
            order.insert(expensive, moved);
            let edits = reordered(cx, parts, &order);
            let (at, other) = (span(parts[cheap]), span(parts[expensive]));
            let file = cx.file;
            cx.say("P021", at, "a cheap test comes after an expensive one")
                .label("this is cheap")
                .also(file, other, "this is expensive")
                .help("put the cheap test first")
                .fix("put it first", false, edits);
        }
    }
}

/// Writes operands in another order into the places of the old ones.
pub(super) fn reordered(
    cx: &RuleCx<'_>,
    parts: &[ExprId],
    order: &[ExprId],
) -> Vec<(Span, String)> {
    let places = parts.iter().zip(order).filter(|(a, b)| a != b);
    places
        .map(|(place, new)| {
            let new = cx.source(cx.expr(*new).span);
            (cx.expr(*place).span, new)
        })
        .collect()
}

/// P022
fn header_test(cx: &mut RuleCx<'_>) {
    let mut tests = Vec::new();
    for Seen { id, .. } in &cx.exprs {
        let Some(path) = cx.path(*id) else { continue };
        match path.as_slice() {
            ["pe", "is_pe"] => tests.push(cx.expr(*id).span),
            ["pe", _, ..] => return,
            _ => {}
        }
    }
    for span in tests {
        let test = "uint16(0) == 0x5A4D";
        cx.say("P022", span, "`pe.is_pe` parses the whole header")
            .help("the first two bytes say nearly as much")
            .fix(
                format!("use `{test}`"),
                false,
                vec![(span, format!("({test})"))],
            );
    }
}

/// P023, P024
fn modules(cx: &mut RuleCx<'_>) {
    let mut seen = std::collections::BTreeMap::new();
    for Seen { id, .. } in &cx.exprs {
        let Some(path) = cx.path(*id) else { continue };
        if let [module, _, ..] = path.as_slice()
            && cx.whole.modules.contains_key(*module)
        {
            let span = cx.expr(*id).span;
            seen.entry(*module).or_insert(span);
        }
    }
    for (module, span) in seen {
        if module == "magic" {
            cx.say("P023", span, "`magic` is slow and differs by system")
                .help("compare the first bytes of the file instead");
        }
        let users = cx.whole.modules.get(module).copied().unwrap_or(0);
        let rare = users * 100 < cx.whole.rules;
        let plain = matches!(module, "math" | "hash" | "console");
        if cx.whole.rules >= LARGE_SET && rare && !plain {
            let message = format!(
                "`{module}` is used by {users} of {} rules",
                cx.whole.rules
            );
            cx.say("P024", span, message)
                .help("is it worth to parse each file for them?");
        }
    }
}

/// P026
fn meta(cx: &mut RuleCx<'_>) {
    let texts = cx.rule.meta.iter().map(|meta| match &meta.value {
        MetaValue::Text(text) => text.len() + meta.key.text.len(),
        _ => meta.key.text.len() + 8,
    });
    let size: usize = texts.sum();
    if size > HEAVY_META {
        let span = cx.rule.meta[0].key.span;
        let message = format!("the rule has {size} bytes of metadata");
        cx.say("P026", span, message)
            .help("it stays in memory: keep lists of hashes elsewhere");
    }
}

/// P027
fn hash_loops(cx: &mut RuleCx<'_>) {
    for seen in cx.exprs.clone() {
        if seen.loops > 0 && is_call(cx, seen.id, &["hash"]) {
            let span = cx.expr(seen.id).span;
            cx.say("P027", span, "a hash is calculated in each turn")
                .help("compare bytes of what is hashed");
        }
    }
}
