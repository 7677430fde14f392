//! Checks of family D: rules that are there twice.

use std::collections::HashMap;

use dragnet_compiler::source::{FileId, SourceMap, Span};

use super::subject::{Finding, RuleCx};
use super::subset::{self, AnyOf};
use crate::logic_hash::LogicHash;

/// What is compared of a rule.
pub(super) struct Known {
    pub(super) file: FileId,
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) any_of: Option<AnyOf>,
    pub(super) hash: Option<LogicHash>,
    id: Option<(String, Span)>,
}

impl Known {
    pub(super) fn of(cx: &RuleCx<'_>) -> Known {
        Known {
            file: cx.file,
            name: cx.rule.name.text.clone(),
            span: cx.rule.name.span,
            any_of: AnyOf::of(cx),
            hash: cx.hash,
            id: cx.meta_text("id").filter(|(id, _)| !id.is_empty()),
        }
    }
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
    subset::check(rules, &mut out);
    out
}
