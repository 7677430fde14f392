//! Checks of family D: rules that are there twice.

use std::collections::HashMap;

use dragnet_compiler::source::{FileId, SourceMap, Span};
use dragnet_compiler::syntax::ast::{ExprKind, QuantifierKind, Set};

use super::subject::{Finding, RuleCx};
use crate::logic_hash::LogicHash;

/// Rules with more strings are not compared string by string.
const MAX_COMPARED: usize = 500;

/// What is compared of a rule.
pub(super) struct Known {
    file: FileId,
    name: String,
    span: Span,
    hash: Option<LogicHash>,
    id: Option<(String, Span)>,
    /// The digests of its patterns, if any of them is enough.
    any_of: Option<Vec<[u8; 32]>>,
}

impl Known {
    pub(super) fn of(cx: &RuleCx<'_>) -> Known {
        Known {
            file: cx.file,
            name: cx.rule.name.text.clone(),
            span: cx.rule.name.span,
            hash: cx.hash,
            id: cx.meta_text("id").filter(|(id, _)| !id.is_empty()),
            any_of: any_of(cx),
        }
    }
}

fn any_of(cx: &RuleCx<'_>) -> Option<Vec<[u8; 32]>> {
    let ExprKind::Of(quantifier, Set::Them(_), None) =
        &cx.bare(cx.rule.condition).kind
    else {
        return None;
    };
    let any = match quantifier.kind {
        QuantifierKind::Any => true,
        QuantifierKind::Count(n) => cx.int(n) == Some(1),
        _ => false,
    };
    if cx.rule.patterns.len() > MAX_COMPARED {
        return None;
    }
    let digests = cx.rule.patterns.iter();
    let digests = digests
        .map(|p| crate::logic_hash::pattern_digest(p, cx.text))
        .collect::<Option<Vec<_>>>();
    digests.filter(|list| any && !list.is_empty())
}

/// Compares all rules of the set.
pub(super) fn check(rules: &[Known], sources: &SourceMap) -> Vec<Finding> {
    let mut out = Vec::new();
    let mut hashes: HashMap<LogicHash, &Known> = HashMap::new();
    let mut names: HashMap<&str, &Known> = HashMap::new();
    let mut ids: HashMap<&str, &Known> = HashMap::new();
    for rule in rules {
        let found = |id, span, message: String, first: &Known| {
            let mut new = Finding::new(id, rule.file, span, message);
            new.rule = Some(rule.name.clone());
            let at = sources.get(first.file).line_column(first.span.lo);
            let name = &sources.get(first.file).name;
            new.notes.push(format!(
                "`{}` stands in {name}, line {}",
                first.name, at.line
            ));
            new
        };
        if let Some(hash) = rule.hash {
            match hashes.get(&hash) {
                Some(first) => out.push(found(
                    "D001",
                    rule.span,
                    format!("the logic is that of `{}`", first.name),
                    first,
                )),
                None => {
                    hashes.insert(hash, rule);
                }
            }
        }
        match names.get(rule.name.as_str()) {
            Some(first) if first.file != rule.file => out.push(found(
                "D002",
                rule.span,
                "a rule of another file has the same name".to_owned(),
                first,
            )),
            Some(_) => {}
            None => {
                names.insert(&rule.name, rule);
            }
        }
        let Some((id, span)) = &rule.id else { continue };
        match ids.get(id.as_str()) {
            Some(first) => out.push(found(
                "D003",
                *span,
                format!("`{}` has the same id", first.name),
                first,
            )),
            None => {
                ids.insert(id, rule);
            }
        }
    }
    subsets(rules, &mut out);
    out
}

/// D004
fn subsets(rules: &[Known], out: &mut Vec<Finding>) {
    let mut with: HashMap<&[u8; 32], Vec<usize>> = HashMap::new();
    for (at, rule) in rules.iter().enumerate() {
        for digest in rule.any_of.iter().flatten() {
            with.entry(digest).or_default().push(at);
        }
    }
    for (at, rule) in rules.iter().enumerate() {
        let Some(own) = &rule.any_of else { continue };
        // The rarest string names the fewest rules to compare with.
        let fewest = own.iter().filter_map(|d| with.get(d));
        let Some(others) = fewest.min_by_key(|o| o.len()) else { continue };
        let larger = others.iter().take(100).map(|o| &rules[*o]).find(|o| {
            let theirs = o.any_of.as_deref().unwrap_or_default();
            theirs.len() > own.len()
                && own.iter().all(|digest| theirs.contains(digest))
        });
        if let Some(larger) = larger {
            let message =
                format!("all strings of the rule are in `{}`", larger.name);
            let mut new = Finding::new("D004", rule.file, rule.span, message);
            new.rule = Some(rules[at].name.clone());
            new.also(larger.file, larger.span, "this rule");
            out.push(new);
        }
    }
}
