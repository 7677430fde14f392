//! What lowering wants to know about expressions beforehand.

use crate::ir::{
    ArithOp, Condition, Const, ExprId, Kind, Place, Quantifier, Ty, VarId,
};

/// The bits of a number or bool as registers hold it; `None` for a text.
pub(super) fn bits(value: &Const) -> Option<u64> {
    Some(match value {
        Const::Bool(value) => u64::from(*value),
        Const::Int(value) => *value as u64,
        Const::UInt(value) => *value,
        Const::Float(value) => value.to_bits(),
        Const::Str(_) => return None,
    })
}

/// Which expressions may be undefined. Variables of `with` and of lists
/// count as such, whatever their values.
pub(super) fn fallible(condition: &Condition) -> Vec<bool> {
    let mut soft = vec![false; condition.vars.len()];
    for expr in &condition.exprs {
        match &expr.kind {
            Kind::With(bindings, _) => {
                bindings.iter().for_each(|(v, _)| soft[v.0 as usize] = true);
            }
            Kind::ForList(_, v, ..) => soft[v.0 as usize] = true,
            _ => {}
        }
    }
    // Children come before parents.
    let mut fallible: Vec<bool> = Vec::with_capacity(condition.exprs.len());
    for expr in &condition.exprs {
        let is = |expr: &ExprId| {
            fallible.get(expr.0 as usize).copied().unwrap_or(true)
        };
        let place = |place: &Place| place.index.iter().any(is);
        let count = |quantifier: &Quantifier| match quantifier {
            Quantifier::All | Quantifier::Any | Quantifier::None => false,
            Quantifier::Count(n) | Quantifier::Percent(n) => is(n),
        };
        fallible.push(match &expr.kind {
            Kind::Var(var) => soft.get(var.0 as usize).is_none_or(|s| *s),
            Kind::Const(_)
            | Kind::External(_)
            | Kind::Hit(_)
            | Kind::Count(_)
            | Kind::Rule(_)
            | Kind::Defined(_)
            | Kind::And(_)
            | Kind::Or(_) => false,
            Kind::Undefined
            | Kind::Filesize
            | Kind::Entrypoint
            | Kind::Field(_)
            | Kind::Len(_)
            | Kind::Call(..)
            | Kind::Read(..)
            | Kind::Offset(..)
            | Kind::Length(..) => true,
            Kind::Arith(op, a, b) => {
                let whole = expr.ty != Ty::Float;
                let partial = matches!(
                    op,
                    ArithOp::Div | ArithOp::Rem | ArithOp::Shl | ArithOp::Shr
                );
                whole && partial || is(a) || is(b)
            }
            Kind::Cmp(_, a, b) | Kind::Str(_, a, b) => is(a) || is(b),
            Kind::Cast(_, a)
            | Kind::StrLen(a)
            | Kind::Not(a)
            | Kind::Neg(a)
            | Kind::BitNot(a)
            | Kind::Matches(a, _)
            | Kind::HitAt(_, a) => is(a),
            Kind::HitIn(_, a, b) | Kind::CountIn(_, a, b) => is(a) || is(b),
            Kind::OfPatterns(q, ..)
            | Kind::OfBools(q, _)
            | Kind::ForPatterns(q, ..)
            | Kind::ForRange(q, ..)
            | Kind::ForList(q, ..) => count(q),
            Kind::ForArray(q, _, p, _) | Kind::ForMap(q, _, p, _) => {
                count(q) || place(p)
            }
            Kind::With(_, body) => is(body),
        });
    }
    fallible
}

/// Is a function called below `root`?
pub(super) fn calls(condition: &Condition, root: ExprId) -> bool {
    any(condition, root, |kind| matches!(kind, Kind::Call(..)))
}

/// Is the variable read below `root`?
pub(super) fn reads(condition: &Condition, root: ExprId, var: VarId) -> bool {
    any(condition, root, |kind| matches!(kind, Kind::Var(v) if *v == var))
}

fn any(
    condition: &Condition,
    root: ExprId,
    is: impl Fn(&Kind) -> bool,
) -> bool {
    let mut todo = vec![root];
    while let Some(expr) = todo.pop() {
        let kind = &condition.expr(expr).kind;
        if is(kind) {
            return true;
        }
        kind.children(|child| todo.push(*child));
    }
    false
}

/// Constants below `root` that no instruction holds in itself.
pub(super) fn loads(condition: &Condition, root: ExprId) -> Vec<u64> {
    /// More than these would only fill the registers.
    const MOST: usize = 32;
    let mut found = Vec::new();
    let mut todo = vec![root];
    while let Some(expr) = todo.pop() {
        let kind = &condition.expr(expr).kind;
        let constant = |expr: ExprId| match &condition.expr(expr).kind {
            Kind::Const(value) => bits(value),
            _ => None,
        };
        let load = match kind {
            Kind::Const(value) => {
                bits(value).filter(|bits| *bits > u64::from(u32::MAX))
            }
            Kind::Arith(
                ArithOp::Div | ArithOp::Rem | ArithOp::Shl | ArithOp::Shr,
                _,
                by,
            ) => constant(*by),
            _ => None,
        };
        if let Some(bits) = load
            && !found.contains(&bits)
        {
            found.push(bits);
        }
        if found.len() == MOST {
            break;
        }
        kind.children(|child| todo.push(*child));
    }
    found
}
