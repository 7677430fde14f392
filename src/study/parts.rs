//! The parts of an expression, and which parts of a condition are branches.

use dragnet_compiler::ir::{
    Condition, ExprId, Kind, PatternId, PatternSel, Quantifier,
};

/// Deeper parts are taken as a whole.
pub(super) const DEEPEST: usize = 200;

/// The expressions that an expression is made of, in order.
pub(super) fn parts(kind: &Kind) -> Vec<ExprId> {
    let mut all = Vec::new();
    kind.children(|part| all.push(*part));
    all
}

/// The patterns that an expression itself names, its parts left aside.
fn named(kind: &Kind) -> &[PatternId] {
    match kind {
        Kind::Hit(PatternSel::Fixed(pattern))
        | Kind::HitAt(PatternSel::Fixed(pattern), _)
        | Kind::HitIn(PatternSel::Fixed(pattern), ..)
        | Kind::Count(PatternSel::Fixed(pattern))
        | Kind::CountIn(PatternSel::Fixed(pattern), ..)
        | Kind::Offset(PatternSel::Fixed(pattern), _)
        | Kind::Length(PatternSel::Fixed(pattern), _) => {
            std::slice::from_ref(pattern)
        }
        Kind::OfPatterns(_, set, _) | Kind::ForPatterns(_, _, set, _) => set,
        _ => &[],
    }
}

/// Everything below an expression, itself first.
pub(super) fn below(condition: &Condition, part: ExprId) -> Vec<ExprId> {
    let mut all = vec![part];
    let mut at = 0;
    while let Some(next) = all.get(at).copied() {
        all.extend(parts(&condition.expr(next).kind));
        at += 1;
    }
    all
}

/// The patterns that an expression asks for, each once, ascending.
pub(super) fn patterns(condition: &Condition, part: ExprId) -> Vec<PatternId> {
    let all = below(condition, part);
    let named = all.iter().flat_map(|e| named(&condition.expr(*e).kind));
    let mut found: Vec<PatternId> = named.copied().collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The branches of a condition: operands of `and`, `or` and `of`, counts of
/// patterns, and loops. Parts inside of a loop have no value of their own.
pub fn branches(condition: &Condition) -> Vec<ExprId> {
    let mut found = Vec::new();
    let mut open: Vec<ExprId> = condition.root.into_iter().collect();
    while let Some(part) = open.pop() {
        found.push(part);
        match &condition.expr(part).kind {
            Kind::And(items) | Kind::Or(items) | Kind::OfBools(_, items) => {
                open.extend(items);
            }
            Kind::Not(inner) => open.push(*inner),
            _ => {}
        }
    }
    found.sort_unstable_by_key(|part| {
        let span = condition.expr(*part).span;
        (span.lo, std::cmp::Reverse(span.hi), *part)
    });
    found.retain(|part| !matches!(condition.expr(*part).kind, Kind::Const(_)));
    found
}

/// The patterns that the condition only asks for under `not` or `none of`:
/// they are there to exclude.
pub fn exclusions(condition: &Condition) -> Vec<PatternId> {
    let (mut for_it, mut against) = (Vec::new(), Vec::new());
    let mut open: Vec<(ExprId, bool)> =
        condition.root.into_iter().map(|root| (root, true)).collect();
    while let Some((part, positive)) = open.pop() {
        let kind = &condition.expr(part).kind;
        let none = matches!(
            kind,
            Kind::OfPatterns(Quantifier::None, ..)
                | Kind::OfBools(Quantifier::None, _)
                | Kind::ForPatterns(Quantifier::None, ..)
        );
        let positive = positive != none;
        let to = if positive { &mut for_it } else { &mut against };
        to.extend_from_slice(named(kind));
        let turned = positive != matches!(kind, Kind::Not(_));
        open.extend(parts(kind).into_iter().map(|part| (part, turned)));
    }
    against.sort_unstable();
    against.dedup();
    against.retain(|pattern| !for_it.contains(pattern));
    against
}
