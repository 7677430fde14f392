//! The repair of P008: a string for each alternative.

use dragnet_compiler::source::Span;
use dragnet_compiler::syntax::ast::PatternValue;

use super::subject::{How, RuleCx};

/// So many strings are still fewer than they cost.
const MOST: usize = 16;
/// Names are not compared in rules with more strings.
const MOST_PATTERNS: usize = 500;

/// Edits that write the alternatives of an expression with one plain group
/// as strings of their own; `None` where that is not plain to do.
pub(super) fn apart(
    cx: &RuleCx<'_>,
    at: usize,
) -> Option<Vec<(Span, String)>> {
    let pattern = &cx.rule.patterns[at];
    let PatternValue::Regex(regex) = &pattern.value else { return None };
    let body = std::str::from_utf8(regex.body.of(cx.text)).ok()?;
    let (before, rest) = body.split_once('(')?;
    let (inner, after) = rest.split_once(')')?;
    let plain = |text: &str| !text.contains(['(', ')', '|', '[', '\\']);
    let alternatives: Vec<&str> = inner.split('|').collect();
    let quantified = after.starts_with(['*', '+', '?', '{']);
    let few = (2..=MOST).contains(&alternatives.len());
    let whole = plain(before)
        && !after.contains(['(', ')', '|'])
        && alternatives.iter().all(|one| plain(one) && !one.is_empty());
    let [used] = cx.uses_of(at) else { return None };
    let name = &pattern.name.text;
    let prefix = format!("{name}_");
    let taken = cx.rule.patterns.len() > MOST_PATTERNS
        || cx.rule.patterns.iter().any(|p| p.name.text.starts_with(&prefix));
    if quantified
        || !few
        || !whole
        || taken
        || name.is_empty()
        || used.how != How::Hit
    {
        return None;
    }
    // Flags and modifiers.
    let end = Span::new(regex.body.hi, pattern.span.hi);
    let end = cx.source(end);
    let strings: Vec<String> = (1..)
        .zip(&alternatives)
        .map(|(n, one)| format!("${name}_{n} = /{before}{one}{after}{end}"))
        .collect();
    let set = format!("any of (${prefix}*)");
    Some(vec![
        (pattern.span, strings.join("\n        ")),
        (cx.expr(used.expr).span, set),
    ])
}
