//! Patterns that are a bit different from those of a rule, searched with
//! them: what a mutant needs, and what a near miss is.

use std::collections::HashMap;

use dragnet_compiler::ir::{
    self, Condition, Const, Expr, ExprId, Kind, PatternId, Ty,
};
use dragnet_compiler::pattern::hir::Hir;
use dragnet_compiler::pattern::{Pattern, Value};
use dragnet_compiler::source::Span;

/// How a pattern differs from the one that was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Variant {
    /// Wherever it is, though the rule asks for one place only.
    Anywhere,
    /// Without `fullword`.
    NoFullword,
    /// Without `nocase`.
    NoNocase,
    /// Without `wide`.
    NoWide,
    /// Without `ascii`.
    NoAscii,
    /// With `nocase`.
    AnyCase,
    /// The first so many parts only.
    Prefix(u16),
}

impl Variant {
    /// The pattern, changed; `None` if that is not possible or changes
    /// nothing.
    pub fn of(self, pattern: &Pattern) -> Option<Pattern> {
        let mut new = pattern.clone();
        let text = matches!(pattern.value, Value::Text(_));
        let both = pattern.ascii && pattern.wide;
        let possible = match self {
            Variant::Anywhere => pattern.anchored_at.is_some(),
            Variant::NoFullword => pattern.fullword,
            Variant::NoNocase => text && pattern.nocase,
            Variant::NoWide | Variant::NoAscii => both,
            Variant::AnyCase => text && !pattern.nocase,
            Variant::Prefix(_) => true,
        };
        if !possible {
            return None;
        }
        match self {
            Variant::Anywhere => {}
            Variant::NoFullword => new.fullword = false,
            Variant::NoNocase => new.nocase = false,
            Variant::NoWide => new.wide = false,
            Variant::NoAscii => new.ascii = false,
            Variant::AnyCase => new.nocase = true,
            Variant::Prefix(parts) => {
                let hir = prefix(&pattern.value, parts.into())?;
                new.value =
                    Value::Regex { hir, greedy: false, longest: false };
                new.fullword = false;
            }
        }
        if !matches!(
            self,
            Variant::NoFullword
                | Variant::NoNocase
                | Variant::NoWide
                | Variant::NoAscii
        ) {
            new.anchored_at = None;
        }
        Some(new)
    }
}

/// The first parts of an expression, if they say enough to look for.
fn prefix(value: &Value, count: usize) -> Option<Hir> {
    let (Value::Regex { hir, .. } | Value::Hex(hir)) = value else {
        return None;
    };
    let Hir::Concat(parts) = hir else { return None };
    let parts = parts.get(..count).filter(|_| count < parts.len())?;
    let part = Hir::Concat(parts.to_vec());
    (part.length().0 >= 3).then_some(part)
}

/// Number of parts of which prefixes can be made.
pub(super) fn part_count(value: &Value) -> usize {
    match value {
        Value::Regex { hir: Hir::Concat(parts), .. }
        | Value::Hex(Hir::Concat(parts)) => parts.len(),
        _ => 0,
    }
}

type Places = HashMap<(u32, PatternId, Variant), (u32, u32)>;

/// Adds a rule with the variants of each rule. Says for each which pattern
/// of which rule it is.
pub(super) fn add(
    rules: &mut ir::Rules,
    wanted: impl Fn(u32, &ir::Rule) -> Vec<(PatternId, Variant)>,
) -> Places {
    let mut places = Places::new();
    let mut new = Vec::new();
    for (id, rule) in (0..).zip(&rules.rules) {
        let mut patterns = Vec::new();
        let at = (rules.rules.len() + new.len()) as u32;
        for (pattern, variant) in wanted(id, rule) {
            let old = &rule.patterns[pattern.0 as usize];
            if let Some(changed) = variant.of(old) {
                let place = (at, patterns.len() as u32);
                places.insert((id, pattern, variant), place);
                patterns.push(changed);
            }
        }
        if !patterns.is_empty() {
            new.push(holder(rule, patterns));
        }
    }
    rules.rules.extend(new);
    places
}

/// A rule that has patterns and never holds.
fn holder(rule: &ir::Rule, patterns: Vec<Pattern>) -> ir::Rule {
    let never = Expr {
        kind: Kind::Const(Const::Bool(false)),
        ty: Ty::Bool,
        span: Span::default(),
    };
    ir::Rule {
        name: String::new(),
        namespace: rule.namespace,
        global: false,
        private: true,
        tags: Vec::new(),
        meta: Vec::new(),
        patterns,
        condition: Condition {
            exprs: vec![never],
            vars: Vec::new(),
            root: Some(ExprId(0)),
        },
        file: rule.file,
        span: rule.span,
    }
}
