//! Checks of family N: names, tags and style.

use std::collections::HashSet;

use dragnet_compiler::pattern::Value;
use dragnet_compiler::pattern::hir::Hir;
use dragnet_compiler::source::Span;
use dragnet_compiler::syntax::ast::{ExprId, ExprKind, Set, SetItem};

use super::performance::reordered;
use super::settings::{Pattern, Profile};
use super::subject::RuleCx;
use super::unit::FileCx;

/// What the style guide wants: `CATEGORY_…_MonthYY`.
const STYLE_GUIDE: &str = "[A-Z0-9]+(_[A-Za-z0-9]+)+_(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|\
     Nov|Dec)[0-9]{2}(_[0-9]+)?";
/// First parts of names.
const CATEGORIES: [&str; 7] =
    ["MAL", "HKTL", "WEBSHELL", "EXPL", "VULN", "SUSP", "PUA"];
/// A name of a string longer than this says too much.
const LONG_NAME: usize = 24;
/// In rules with more strings none is renamed.
const MOST_RENAMED: usize = 500;

pub(super) fn check(cx: &mut RuleCx<'_>) {
    rule_name(cx);
    tags(cx);
    exclusions(cx);
    string_names(cx);
    hex_comments(cx);
    order(cx);
}

/// N001, N002
fn rule_name(cx: &mut RuleCx<'_>) {
    let (settings, name) = (cx.settings(), &cx.rule.name);
    let guide = settings.has(Profile::Neo23x0).then_some(STYLE_GUIDE);
    let wanted = settings.rule_name.as_deref().or(guide);
    if let Some(wanted) = wanted
        && let Ok(pattern) = Pattern::new(wanted)
        && !pattern.is_match(name.text.as_bytes())
    {
        let message = format!("the name `{}` is of another form", name.text);
        cx.say("N001", name.span, message)
            .help(format!("names match `{wanted}`"));
    }
    let first = name.text.split('_').next().unwrap_or_default();
    if !CATEGORIES.contains(&first) {
        let message = format!("`{first}` is no category");
        cx.say("N002", name.span, message)
            .help(format!("one of {}", CATEGORIES.join(", ")));
    }
}

/// N003, N004
fn tags(cx: &mut RuleCx<'_>) {
    let settings = cx.settings();
    let pattern = settings.tag_pattern.as_deref().map(Pattern::new);
    for tag in &cx.rule.tags {
        if !settings.tags.is_empty() && !settings.tags.contains(&tag.text) {
            let message = format!("the tag `{}` is not known", tag.text);
            cx.say("N003", tag.span, message);
        }
        if let Some(Ok(pattern)) = &pattern
            && !pattern.is_match(tag.text.as_bytes())
        {
            let message = format!("the tag `{}` is of another form", tag.text);
            cx.say("N004", tag.span, message);
        }
    }
}

/// N007
fn exclusions(cx: &mut RuleCx<'_>) {
    let wild: Vec<String> = (cx.exprs.iter())
        .filter_map(|seen| match &cx.expr(seen.id).kind {
            ExprKind::Of(_, set, _) | ExprKind::ForOf(_, set, _) => Some(set),
            _ => None,
        })
        .flat_map(|set| match set {
            Set::Them(_) => vec![String::new()],
            Set::Items(items, _) => items
                .iter()
                .filter_map(|item| match item {
                    SetItem::PatternWildcard(name) => Some(name.text.clone()),
                    _ => None,
                })
                .collect(),
        })
        .collect();
    for at in 0..cx.rule.patterns.len() {
        let name = cx.rule.patterns[at].name.clone();
        let uses = cx.uses_of(at);
        let negated = !uses.is_empty() && uses.iter().all(|u| u.negated);
        if !negated || name.text.is_empty() || name.text.starts_with("fp") {
            continue;
        }
        let new = format!("fp_{}", name.text);
        let few = cx.rule.patterns.len() <= MOST_RENAMED;
        let caught = few
            && wild.iter().any(|prefix| {
                name.text.starts_with(prefix) || new.starts_with(prefix)
            });
        let taken = few && cx.rule.patterns.iter().any(|p| p.name.text == new);
        let mut edits = vec![(name.span, format!("${new}"))];
        if few {
            edits.extend(places(cx, &name.text, &new));
        }
        let message = format!(
            "`${}` only excludes, and is not called `$fp…`",
            name.text
        );
        let found = cx.say("N007", name.span, message);
        if few && !caught && !taken {
            found.fix(format!("call it `${new}`"), true, edits);
        }
    }
}

/// Every place where the condition names a string, with the new name.
fn places(cx: &RuleCx<'_>, name: &str, new: &str) -> Vec<(Span, String)> {
    let all = cx.below(cx.rule.condition).into_iter();
    all.filter_map(|id| match &cx.expr(id).kind {
        ExprKind::Pattern(used)
        | ExprKind::PatternAt(used, _)
        | ExprKind::PatternIn(used, _)
        | ExprKind::Count(used, _)
        | ExprKind::Offset(used, _)
        | ExprKind::Length(used, _)
            if used.text == name =>
        {
            let sigil = used.span.of(cx.text).first().copied();
            let sigil = char::from(sigil.unwrap_or(b'$'));
            Some((used.span, format!("{sigil}{new}")))
        }
        _ => None,
    })
    .collect()
}

/// N006
fn string_names(cx: &mut RuleCx<'_>) {
    for pattern in &cx.rule.patterns {
        let name = &pattern.name.text;
        let known = ["x", "s", "a", "fp"].iter().any(|prefix| {
            name.strip_prefix(prefix).is_some_and(|rest| {
                rest.is_empty()
                    || rest.starts_with('_')
                    || rest.starts_with(|c: char| c.is_ascii_digit())
            })
        });
        let span = pattern.name.span;
        if name.len() > LONG_NAME {
            cx.say("N006", span, "the name of the string is long");
        } else if !known && !name.is_empty() {
            cx.say("N006", span, "the name does not say what it is for").help(
                "`$x` specific, `$s` grouped, `$a` pre-selection, \
                     `$fp` exclusion",
            );
        }
    }
}

/// N008
fn hex_comments(cx: &mut RuleCx<'_>) {
    for at in 0..cx.rule.patterns.len() {
        let typed = cx.ir.and_then(|rule| rule.patterns.get(at));
        let Some(Value::Hex(Hir::Literal(bytes))) = typed.map(|t| &t.value)
        else {
            continue;
        };
        let span = cx.rule.patterns[at].span;
        let after = cx.text.get(span.hi as usize..).unwrap_or_default();
        let line = after.split(|b| *b == b'\n').next().unwrap_or_default();
        let commented = span.of(cx.text).contains(&b'/')
            || line.windows(2).any(|w| w == b"//" || w == b"/*");
        let printable = |b: &&u8| b.is_ascii_graphic() || **b == b' ';
        let count = bytes.iter().filter(printable).count();
        let mostly = bytes.len() >= 6 && count * 4 >= bytes.len() * 3;
        if !mostly || count == bytes.len() || commented {
            continue;
        }
        let shown: String = bytes
            .iter()
            .map(|b| match b {
                b' '..=b'~' => char::from(*b),
                _ => '.',
            })
            .collect();
        let end = Span::new(span.hi, span.hi);
        let alone = line.trim_ascii().is_empty();
        let found = cx.say("N008", span, "readable hex without its text");
        // At the end of a line it would tell the lexer to go on there.
        if alone && !shown.trim_end().ends_with('\\') {
            let edit = vec![(end, format!(" // {}", shown.trim()))];
            found.fix("add the text as a comment", true, edit);
        }
    }
}

/// N009
fn order(cx: &mut RuleCx<'_>) {
    if !cx.is_on("N009") {
        return;
    }
    let ExprKind::And(parts) = &cx.bare(cx.rule.condition).kind else {
        return;
    };
    let classes: Vec<u8> = parts.iter().map(|id| class(cx, *id)).collect();
    if classes.is_sorted() {
        return;
    }
    let mut order: Vec<(u8, ExprId)> =
        classes.into_iter().zip(parts.iter().copied()).collect();
    order.sort_by_key(|(class, _)| *class);
    let order: Vec<ExprId> = order.into_iter().map(|(_, id)| id).collect();
    let edits = reordered(cx, parts, &order);
    let span = cx.expr(cx.rule.condition).span;
    cx.say("N009", span, "the condition is in another order")
        .help("header, size, the rest, strings, exclusions")
        .fix("put it in order", false, edits);
}

fn class(cx: &RuleCx<'_>, id: ExprId) -> u8 {
    let below: HashSet<ExprId> = cx.below(id).into_iter().collect();
    let any = |wanted: &dyn Fn(&ExprKind) -> bool| {
        below.iter().any(|id| wanted(&cx.expr(*id).kind))
    };
    let uses: Vec<_> =
        cx.uses.iter().filter(|u| below.contains(&u.expr)).collect();
    if !uses.is_empty() {
        let negated = uses.iter().all(|u| u.negated);
        return if negated { 4 } else { 3 };
    }
    let reads = any(&|kind| match kind {
        ExprKind::Name(name) => {
            name.starts_with("uint") || name.starts_with("int")
        }
        _ => false,
    });
    if reads {
        return 0;
    }
    if any(&|kind| matches!(kind, ExprKind::Filesize)) {
        return 1;
    }
    2
}

/// N010
pub(super) fn layout(cx: &mut FileCx<'_>) {
    let Ok(new) = crate::format::format_rules(cx.text, &cx.settings.style)
    else {
        return;
    };
    if new == cx.text {
        return;
    }
    let same = |a: &[u8], b: &[u8]| {
        a.iter().zip(b).take_while(|(a, b)| a == b).count()
    };
    let start = same(cx.text, &new);
    let end = {
        let (old, new) = (&cx.text[start..], &new[start..]);
        let pairs = old.iter().rev().zip(new.iter().rev());
        pairs.take_while(|(a, b)| a == b).count()
    };
    let span = Span::new(start as u32, (cx.text.len() - end) as u32);
    let text = &new[start..new.len() - end];
    let line = Span::new(span.lo, span.lo);
    let text = std::str::from_utf8(text).map(str::to_owned);
    let found = cx.say("N010", line, "`dragnet fmt` would change the file");
    if let Ok(text) = text {
        found.fix("lay it out", true, vec![(span, text)]);
    }
}
