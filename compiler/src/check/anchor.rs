//! Which patterns matter at one offset only.
//!
//! Hides the rule by which a pattern counts as anchored: then it is looked
//! for, and reported, at that offset and nowhere else. Users see this in
//! lists of matches, so it follows what YARA-X does.

use crate::ir::{
    Anchor, Condition, Const, ExprId, Kind, PatternId, PatternSel, Quantifier,
};
use crate::pattern::hir::Hir;
use crate::pattern::{Pattern, Value};

/// What is known of one pattern.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Unknown,
    At(u64),
    Anywhere,
}

/// Sets [`Pattern::anchored_at`].
pub(super) fn anchor(condition: &Condition, patterns: &mut [Pattern]) {
    let anchored = condition.exprs.iter().any(|expr| {
        matches!(
            expr.kind,
            Kind::HitAt(..) | Kind::OfPatterns(_, _, Some(Anchor::At(_)))
        )
    });
    if !anchored {
        return;
    }
    let required = required(condition, patterns.len());
    let mut states = vec![State::Unknown; patterns.len()];
    for expr in &condition.exprs {
        uses(condition, &expr.kind, &required, &mut |pattern, state| {
            let old = &mut states[pattern.0 as usize];
            *old = match *old {
                State::Unknown => state,
                same if same == state => same,
                _ => State::Anywhere,
            };
        });
    }
    for (pattern, state) in patterns.iter_mut().zip(states) {
        if let State::At(offset) = state
            && is_plain(pattern)
        {
            pattern.anchored_at = Some(offset);
        }
    }
}

/// Is it a literal in one spelling? YARA-X looks for others everywhere.
fn is_plain(pattern: &Pattern) -> bool {
    match &pattern.value {
        Value::Text(_) => !pattern.nocase,
        Value::Hex(hir) | Value::Regex { hir, .. } => {
            matches!(hir, Hir::Literal(_)) && !pattern.nocase
        }
        Value::Xor(..) | Value::Base64 { .. } => false,
    }
}

/// The uses of patterns by one expression. A plain use of a pattern that
/// must match at an offset anyway says nothing.
fn uses(
    condition: &Condition,
    kind: &Kind,
    required: &[bool],
    f: &mut impl FnMut(PatternId, State),
) {
    let fixed = |sel: &PatternSel| match sel {
        PatternSel::Fixed(id) => Some(*id),
        PatternSel::Var(_) => None,
    };
    match kind {
        Kind::Hit(sel) => {
            if let Some(id) = fixed(sel)
                && !required[id.0 as usize]
            {
                f(id, State::Anywhere);
            }
        }
        Kind::HitAt(sel, at) => {
            if let Some(id) = fixed(sel) {
                f(id, state_at(condition, *at));
            }
        }
        Kind::HitIn(sel, ..)
        | Kind::Count(sel)
        | Kind::CountIn(sel, ..)
        | Kind::Offset(sel, _)
        | Kind::Length(sel, _) => {
            if let Some(id) = fixed(sel) {
                f(id, State::Anywhere);
            }
        }
        Kind::OfPatterns(_, ids, anchor) => {
            for id in ids {
                match anchor {
                    Some(Anchor::At(at)) => f(*id, state_at(condition, *at)),
                    None if required[id.0 as usize] => {}
                    _ => f(*id, State::Anywhere),
                }
            }
        }
        Kind::ForPatterns(_, _, ids, _) => {
            ids.iter().for_each(|id| f(*id, State::Anywhere));
        }
        _ => {}
    }
}

fn state_at(condition: &Condition, at: ExprId) -> State {
    offset(condition, at).map_or(State::Anywhere, State::At)
}

fn offset(condition: &Condition, at: ExprId) -> Option<u64> {
    match condition.expr(at).kind {
        Kind::Const(Const::Int(offset)) => u64::try_from(offset).ok(),
        _ => None,
    }
}

/// Patterns without which, at a constant offset, the condition is false.
fn required(condition: &Condition, patterns: usize) -> Vec<bool> {
    let mut required = vec![false; patterns];
    let mut open: Vec<ExprId> = condition.root.into_iter().collect();
    while let Some(id) = open.pop() {
        match &condition.expr(id).kind {
            Kind::And(all) => open.extend(all),
            Kind::With(_, body) => open.push(*body),
            Kind::OfBools(quantifier, all)
                if wants_all(condition, *quantifier, all.len()) =>
            {
                open.extend(all);
            }
            Kind::HitAt(PatternSel::Fixed(id), at)
                if offset(condition, *at).is_some() =>
            {
                required[id.0 as usize] = true;
            }
            Kind::OfPatterns(quantifier, ids, Some(Anchor::At(at)))
                if wants_all(condition, *quantifier, ids.len())
                    && offset(condition, *at).is_some() =>
            {
                ids.iter().for_each(|id| required[id.0 as usize] = true);
            }
            _ => {}
        }
    }
    required
}

fn wants_all(
    condition: &Condition,
    quantifier: Quantifier,
    items: usize,
) -> bool {
    let known = |id: ExprId| match condition.expr(id).kind {
        Kind::Const(Const::Int(value)) => Some(value),
        _ => None,
    };
    match quantifier {
        Quantifier::All => true,
        Quantifier::Any => items == 1,
        Quantifier::None => false,
        Quantifier::Count(id) => {
            known(id).is_some_and(|count| count >= items as i64)
        }
        Quantifier::Percent(id) => {
            known(id).is_some_and(|percent| percent >= 100)
        }
    }
}
