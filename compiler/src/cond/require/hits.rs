//! Which patterns must have matched for a condition to hold: an upper bound,
//! without negation, of the condition itself.

use crate::cond::emit::deep;
use crate::ir::{
    Anchor, Cast, CmpOp, Condition, Const, ExprId, Kind, PatternId,
    PatternSel, Quantifier, VarId,
};

/// Parts of a need beyond which it is not worth to be known.
const MOST_PARTS: usize = 2_000;

/// What must have matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// It cannot hold.
    Never,
    /// It may hold whatever matched.
    Nothing,
    /// This pattern.
    Hit(PatternId),
    /// At least so many of these; one or more, and not more than there are.
    Of(usize, Vec<Need>),
}

impl Need {
    /// At least `count` of these.
    fn of(count: usize, items: impl IntoIterator<Item = Need>) -> Need {
        let mut left = count;
        let mut kept = Vec::new();
        for item in items {
            match item {
                Need::Never => {}
                Need::Nothing => left = left.saturating_sub(1),
                item => kept.push(item),
            }
        }
        match (left, kept.len()) {
            (0, _) => Need::Nothing,
            (left, count) if left > count => Need::Never,
            (1, 1) => kept.remove(0),
            (left, _) => Need::Of(left, kept),
        }
    }

    fn all(items: impl IntoIterator<Item = Need>) -> Need {
        let items: Vec<Need> = items.into_iter().collect();
        Need::of(items.len(), items)
    }

    /// Number of its parts.
    pub fn size(&self) -> usize {
        match self {
            Need::Of(_, items) => {
                1 + items.iter().map(Need::size).sum::<usize>()
            }
            _ => 1,
        }
    }

    /// May it hold if only these patterns match?
    pub fn may_hold(&self, hit: &dyn Fn(PatternId) -> bool) -> bool {
        match self {
            Need::Never => false,
            Need::Nothing => true,
            Need::Hit(pattern) => hit(*pattern),
            Need::Of(count, items) => {
                let holding = items.iter().filter(|item| item.may_hold(hit));
                holding.take(*count).count() == *count
            }
        }
    }

    /// The form in which rule sets store it: operands before what combines
    /// them. See `dragnet_engine::scan`.
    pub fn encode(&self, out: &mut Vec<u32>) {
        match self {
            Need::Never | Need::Nothing => {
                let count = u32::from(*self == Need::Never);
                out.extend([OF, count, 0]);
            }
            Need::Hit(pattern) => out.extend([HIT, pattern.0]),
            Need::Of(count, items) => {
                items.iter().for_each(|item| item.encode(out));
                out.extend([OF, *count as u32, items.len() as u32]);
            }
        }
    }
}

use dragnet_engine::ruleset::layout::need::{HIT, OF};

/// What must have matched for the condition to hold.
pub(super) fn need(condition: &Condition) -> Need {
    let Some(root) = condition.root else { return Need::Never };
    let mut tree = Tree { condition, bound: Vec::new(), parts: 0 };
    let need = tree.truth(root);
    if tree.parts > MOST_PARTS { Need::Nothing } else { need }
}

struct Tree<'c> {
    condition: &'c Condition,
    /// The patterns that stand for variables of loops around.
    bound: Vec<(VarId, PatternId)>,
    parts: usize,
}

impl Tree<'_> {
    /// What must have matched for a bool to be true.
    fn truth(&mut self, expr: ExprId) -> Need {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return Need::Nothing;
        }
        deep(|| self.kind(expr))
    }

    fn kind(&mut self, expr: ExprId) -> Need {
        let condition = self.condition;
        match &condition.expr(expr).kind {
            Kind::Const(Const::Bool(false)) | Kind::Undefined => Need::Never,
            Kind::Hit(pattern) => self.hit(*pattern),
            Kind::HitAt(pattern, at) => {
                Need::all([self.hit(*pattern), self.value(*at)])
            }
            Kind::HitIn(pattern, lo, hi) => Need::all([
                self.hit(*pattern),
                self.value(*lo),
                self.value(*hi),
            ]),
            Kind::And(items) => {
                let items: Vec<Need> =
                    items.iter().map(|item| self.truth(*item)).collect();
                Need::all(items)
            }
            Kind::Or(items) => {
                let items: Vec<Need> =
                    items.iter().map(|item| self.truth(*item)).collect();
                Need::of(1, items)
            }
            Kind::Cast(Cast::ToBool, number) => self.positive(*number),
            Kind::Cmp(op, a, b) => self.compared(*op, *a, *b),
            Kind::OfPatterns(quantifier, set, anchor) => {
                self.parts += set.len();
                let hits = set.iter().map(|p| Need::Hit(*p)).collect();
                let hits = self.quantified(quantifier, hits);
                let place = match anchor {
                    None => Need::Nothing,
                    Some(_) if hits == Need::Nothing => Need::Nothing,
                    Some(Anchor::At(at)) => self.value(*at),
                    Some(Anchor::In(lo, hi)) => {
                        Need::all([self.value(*lo), self.value(*hi)])
                    }
                };
                Need::all([hits, place])
            }
            Kind::OfBools(quantifier, items) => {
                let items = items.iter().map(|item| self.truth(*item));
                let items = items.collect();
                self.quantified(quantifier, items)
            }
            Kind::ForPatterns(quantifier, var, set, body) => {
                let turns = set.iter().map(|pattern| {
                    self.bound.push((*var, *pattern));
                    let turn = self.truth(*body);
                    self.bound.pop();
                    turn
                });
                let turns = turns.collect();
                self.quantified(quantifier, turns)
            }
            Kind::ForRange(quantifier, _, lo, hi, body) => {
                let range = Need::all([self.value(*lo), self.value(*hi)]);
                Need::all([range, self.turns(quantifier, *body)])
            }
            Kind::ForList(quantifier, _, _, body)
            | Kind::ForArray(quantifier, _, _, body)
            | Kind::ForMap(quantifier, _, _, body) => {
                self.turns(quantifier, *body)
            }
            Kind::With(_, body) => self.truth(*body),
            _ => Need::Nothing,
        }
    }

    fn hit(&self, pattern: PatternSel) -> Need {
        match pattern {
            PatternSel::Fixed(pattern) => Need::Hit(pattern),
            PatternSel::Var(var) => {
                let bound = self.bound.iter().rev().find(|b| b.0 == var);
                bound.map_or(Need::Nothing, |bound| Need::Hit(bound.1))
            }
        }
    }

    /// What must have matched for a number to be defined.
    fn value(&mut self, expr: ExprId) -> Need {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return Need::Nothing;
        }
        let condition = self.condition;
        deep(|| match &condition.expr(expr).kind {
            Kind::Offset(pattern, at) | Kind::Length(pattern, at) => {
                Need::all([self.hit(*pattern), self.value(*at)])
            }
            Kind::Arith(_, a, b) => {
                Need::all([self.value(*a), self.value(*b)])
            }
            Kind::Neg(inner)
            | Kind::BitNot(inner)
            | Kind::Cast(_, inner)
            | Kind::Read(_, inner) => self.value(*inner),
            _ => Need::Nothing,
        })
    }

    /// What must have matched for a number to be greater than zero, or for
    /// it not to be zero.
    fn positive(&mut self, expr: ExprId) -> Need {
        match &self.condition.expr(expr).kind {
            Kind::Count(pattern) | Kind::CountIn(pattern, ..) => {
                self.hit(*pattern)
            }
            _ => self.value(expr),
        }
    }

    fn compared(&mut self, op: CmpOp, a: ExprId, b: ExprId) -> Need {
        let constant = |expr| match self.condition.expr(expr).kind {
            Kind::Const(Const::Int(value)) => Some(value),
            _ => None,
        };
        // Does it only hold for counts above zero?
        let positive = |op, value: i64| match op {
            CmpOp::Gt => value >= 0,
            CmpOp::Ge | CmpOp::Eq => value >= 1,
            CmpOp::Ne => value == 0,
            CmpOp::Lt | CmpOp::Le => false,
        };
        let left = constant(b).is_some_and(|value| positive(op, value));
        let right =
            constant(a).is_some_and(|value| positive(op.mirrored(), value));
        let a = if left { self.positive(a) } else { self.value(a) };
        let b = if right { self.positive(b) } else { self.value(b) };
        Need::all([a, b])
    }

    /// A loop over anything else than patterns: if it holds with at least
    /// one turn, the body holds in that turn.
    fn turns(&mut self, quantifier: &Quantifier, body: ExprId) -> Need {
        match self.least(quantifier, 1) {
            Some(1..) => self.truth(body),
            _ => Need::Nothing,
        }
    }

    fn quantified(&self, quantifier: &Quantifier, items: Vec<Need>) -> Need {
        match self.least(quantifier, items.len()) {
            Some(count @ 1..) => Need::of(count, items),
            _ => Need::Nothing,
        }
    }

    /// How many of so many items must hold at least, if that is known.
    fn least(&self, quantifier: &Quantifier, count: usize) -> Option<usize> {
        let constant = |expr: &ExprId| match self.condition.expr(*expr).kind {
            Kind::Const(Const::Int(value)) => usize::try_from(value).ok(),
            _ => None,
        };
        match quantifier {
            Quantifier::All => Some(count),
            Quantifier::Any => Some(1),
            Quantifier::None => None,
            Quantifier::Count(n) => constant(n),
            Quantifier::Percent(n) => {
                Some(constant(n)?.saturating_mul(count).div_ceil(100))
            }
        }
    }
}
