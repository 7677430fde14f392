//! The children of an expression, for passes that treat all kinds alike.

use super::ast::{
    Anchor, ExprId, ExprKind, Iterable, Quantifier, QuantifierKind, Range,
    Set, SetItem,
};

impl ExprKind {
    /// Calls `f` with each direct child, in the order of the text.
    pub fn for_each_child(&self, mut f: impl FnMut(ExprId)) {
        self.visit(&mut f);
    }

    fn visit(&self, f: &mut impl FnMut(ExprId)) {
        match self {
            ExprKind::Bool(_)
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Text(_)
            | ExprKind::Regex(_)
            | ExprKind::Filesize
            | ExprKind::Entrypoint
            | ExprKind::Pattern(_)
            | ExprKind::Name(_)
            | ExprKind::Error => {}
            ExprKind::PatternAt(_, e)
            | ExprKind::Field(e, _)
            | ExprKind::Unary(_, e)
            | ExprKind::Paren(e) => f(*e),
            ExprKind::Offset(_, e) | ExprKind::Length(_, e) => {
                e.iter().for_each(|e| f(*e));
            }
            ExprKind::PatternIn(_, range) => visit_range(range, f),
            ExprKind::Count(_, range) => {
                range.iter().for_each(|range| visit_range(range, f));
            }
            ExprKind::Index(a, b) | ExprKind::Binary(_, a, b, _) => {
                f(*a);
                f(*b);
            }
            ExprKind::Call(callee, args) => {
                f(*callee);
                args.iter().for_each(|e| f(*e));
            }
            ExprKind::And(parts) | ExprKind::Or(parts) => {
                parts.iter().for_each(|e| f(*e));
            }
            ExprKind::Of(quantifier, set, anchor) => {
                visit_quantifier(quantifier, f);
                visit_set(set, f);
                match anchor {
                    Some(Anchor::At(e)) => f(*e),
                    Some(Anchor::In(range)) => visit_range(range, f),
                    None => {}
                }
            }
            ExprKind::ForOf(quantifier, set, body) => {
                visit_quantifier(quantifier, f);
                visit_set(set, f);
                f(*body);
            }
            ExprKind::ForIn(quantifier, _, iterable, body) => {
                visit_quantifier(quantifier, f);
                match iterable {
                    Iterable::Range(range) => visit_range(range, f),
                    Iterable::List(items, _) => {
                        items.iter().for_each(|e| f(*e));
                    }
                    Iterable::Expr(e) => f(*e),
                }
                f(*body);
            }
            ExprKind::With(declarations, body) => {
                declarations.iter().for_each(|(_, e)| f(*e));
                f(*body);
            }
        }
    }
}

fn visit_range(range: &Range, f: &mut impl FnMut(ExprId)) {
    f(range.lo);
    f(range.hi);
}

fn visit_quantifier(quantifier: &Quantifier, f: &mut impl FnMut(ExprId)) {
    match quantifier.kind {
        QuantifierKind::Count(e) | QuantifierKind::Percent(e) => f(e),
        QuantifierKind::All | QuantifierKind::Any | QuantifierKind::None => {}
    }
}

fn visit_set(set: &Set, f: &mut impl FnMut(ExprId)) {
    if let Set::Items(items, _) = set {
        for item in items {
            if let SetItem::Expr(e) = item {
                f(*e);
            }
        }
    }
}
