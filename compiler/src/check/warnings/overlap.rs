//! `$s*` that also catches a pattern used by itself.
//!
//! Only uses that must hold together count: in `$s1 or any of ($s*)` nobody
//! is surprised.

use std::collections::{HashMap, HashSet};

use crate::check::cx::Cx;
use crate::check::prefix::with_prefix;
use crate::diag::Code;
use crate::source::Span;
use crate::syntax::ast::{self, ExprId, ExprKind, Set, SetItem};

/// As many ways for a condition to hold are looked at.
const MAX_BRANCHES: usize = 256;
/// As many names in all these ways together.
const MAX_NAMES: usize = 10_000;

/// What holds together in one way.
#[derive(Clone, Default)]
struct Branch<'a> {
    /// Patterns used by name.
    named: Vec<(&'a str, Span)>,
    /// Wildcards.
    wild: Vec<(&'a str, Span)>,
}

impl Branch<'_> {
    fn len(&self) -> usize {
        self.named.len() + self.wild.len()
    }
}

impl Cx<'_, '_> {
    /// Warns about wildcards that catch too much.
    pub(in crate::check) fn unintended_patterns(&mut self) {
        let ast = self.ast;
        if !has_wildcard(ast, self.rule.condition) {
            return;
        }
        let start = vec![Branch::default()];
        let Some(branches) = branches(ast, self.rule.condition, start) else {
            return;
        };
        let mut reported = HashSet::new();
        for branch in branches {
            let mut named: HashMap<&str, Span> = HashMap::new();
            for (name, span) in &branch.named {
                named.entry(name).or_insert(*span);
            }
            for (prefix, at) in &branch.wild {
                self.caught_by(prefix, *at, &named, &branch, &mut reported);
            }
        }
    }

    fn caught_by<'a>(
        &mut self,
        prefix: &'a str,
        at: Span,
        named: &HashMap<&'a str, Span>,
        branch: &Branch<'a>,
        reported: &mut HashSet<(String, Span)>,
    ) {
        let mut found = Vec::new();
        for (name, span) in named {
            if !name.is_empty() && name.starts_with(prefix) {
                found.push((*name, *span, "used by itself here"));
            }
        }
        for (other, span) in &branch.wild {
            if other.len() > prefix.len() && other.starts_with(prefix) {
                let mut names = with_prefix(&self.patterns.names, other);
                if names.any(|(name, _)| !named.contains_key(name)) {
                    found.push((other, *span, "part of this set, too"));
                }
            }
        }
        found.sort_by_key(|(_, span, _)| *span);
        for (name, span, why) in found {
            if !reported.insert((name.to_owned(), at)) {
                continue;
            }
            let wild = why.starts_with("part");
            let star = if wild { "*" } else { "" };
            let message = format!(
                "`${prefix}*` also catches `${name}{star}`, which is used \
                 by itself"
            );
            let file = self.file;
            let new = self
                .diag(Code::UnintendedPatternInSet, at, message)
                .label(format!("catches `${name}{star}`"))
                .also(file, span, why)
                .help("rename the pattern, or name the set's patterns");
            self.report(new);
        }
    }
}

fn has_wildcard(file: &ast::File, root: ExprId) -> bool {
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        let expr = &file.expr(id).kind;
        if let ExprKind::Of(_, Set::Items(items, _), _)
        | ExprKind::ForOf(_, Set::Items(items, _), _) = expr
            && items.iter().any(|i| matches!(i, SetItem::PatternWildcard(_)))
        {
            return true;
        }
        open.extend(parts(expr));
    }
    false
}

/// The operands that are looked into.
fn parts(kind: &ExprKind) -> Vec<ExprId> {
    match kind {
        ExprKind::And(all) | ExprKind::Or(all) => all.clone(),
        ExprKind::Unary(_, a) | ExprKind::Paren(a) => vec![*a],
        ExprKind::With(_, body)
        | ExprKind::ForOf(_, _, body)
        | ExprKind::ForIn(_, _, _, body) => vec![*body],
        ExprKind::Of(_, Set::Items(items, _), _) => items
            .iter()
            .filter_map(|item| match item {
                SetItem::Expr(id) => Some(*id),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// All ways for the expression to hold, added to those so far; `None` if
/// there are too many.
fn branches<'a>(
    file: &'a ast::File,
    id: ExprId,
    so_far: Vec<Branch<'a>>,
) -> Option<Vec<Branch<'a>>> {
    stacker::maybe_grow(128 << 10, 2 << 20, || extend(file, id, so_far))
}

fn extend<'a>(
    file: &'a ast::File,
    id: ExprId,
    mut so_far: Vec<Branch<'a>>,
) -> Option<Vec<Branch<'a>>> {
    let kind = &file.expr(id).kind;
    match kind {
        ExprKind::Or(all) => {
            let mut result = Vec::new();
            for id in all {
                result.extend(branches(file, *id, so_far.clone())?);
                let names: usize = result.iter().map(Branch::len).sum();
                if result.len() > MAX_BRANCHES || names > MAX_NAMES {
                    return None;
                }
            }
            return Some(result);
        }
        ExprKind::Pattern(name)
        | ExprKind::PatternAt(name, _)
        | ExprKind::PatternIn(name, _) => {
            for branch in &mut so_far {
                branch.named.push((&name.text, name.span));
            }
        }
        ExprKind::Of(_, Set::Items(items, _), _)
        | ExprKind::ForOf(_, Set::Items(items, _), _) => {
            for branch in &mut so_far {
                add_items(file, items, branch);
            }
        }
        _ => {}
    }
    let names: usize = so_far.iter().map(Branch::len).sum();
    if names > MAX_NAMES {
        return None;
    }
    if let ExprKind::Of(..) = kind {
        return Some(so_far);
    }
    for id in parts(kind) {
        so_far = branches(file, id, so_far)?;
    }
    Some(so_far)
}

fn add_items<'a>(
    file: &'a ast::File,
    items: &'a [SetItem],
    branch: &mut Branch<'a>,
) {
    for item in items {
        match item {
            SetItem::PatternWildcard(name) => {
                branch.wild.push((&name.text, name.span));
            }
            SetItem::Expr(id) => {
                if let ExprKind::Pattern(name) = &file.expr(*id).kind {
                    branch.named.push((&name.text, name.span));
                }
            }
            SetItem::RuleWildcard(_) => {}
        }
    }
}
