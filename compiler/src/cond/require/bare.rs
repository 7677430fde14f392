//! Evaluates a condition for the case that no pattern matched: what is not
//! known may be anything.

use crate::ir::{
    ArithOp, Cast, CmpOp, Condition, Const, ExprId, Kind, Place, Quantifier,
    Ty,
};

/// Can the expression be true if no pattern of the rule matched?
pub(super) fn can_hold(condition: &Condition, root: ExprId) -> bool {
    // Children come before parents: one pass, no recursion.
    let mut known: Vec<Bare> = Vec::with_capacity(condition.exprs.len());
    for (at, expr) in condition.exprs.iter().enumerate() {
        let tree = Tree { condition, known: &known, ty: expr.ty };
        let bare = tree.evaluate(&expr.kind);
        known.push(bare);
        if at == root.0 as usize {
            return bare.may_hold();
        }
    }
    true
}

/// What an expression may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bare {
    /// It may be undefined.
    undefined: bool,
    /// The values it may have.
    value: Values,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    /// None at all.
    Nothing,
    /// One: the bits of a number or a bool.
    One(u64),
    /// Any.
    Any,
}

const ANYTHING: Bare = Bare { undefined: true, value: Values::Any };
const UNDEFINED: Bare = Bare { undefined: true, value: Values::Nothing };

impl Bare {
    fn one(bits: u64) -> Bare {
        Bare { undefined: false, value: Values::One(bits) }
    }

    /// A bool that may be true, and may be false.
    fn bool(yes: bool, no: bool) -> Bare {
        let value = match (yes, no) {
            (false, false) => Values::Nothing,
            (true, false) => Values::One(1),
            (false, true) => Values::One(0),
            (true, true) => Values::Any,
        };
        Bare { undefined: false, value }
    }

    fn may_hold(self) -> bool {
        matches!(self.value, Values::Any | Values::One(1..))
    }

    /// It may be something else than true.
    fn may_fail(self) -> bool {
        self.undefined || matches!(self.value, Values::Any | Values::One(0))
    }

    /// A result that is undefined if this operand is.
    fn then(self, result: Bare) -> Bare {
        match self.value {
            Values::Nothing => UNDEFINED,
            _ => Bare {
                undefined: self.undefined || result.undefined,
                value: result.value,
            },
        }
    }

    fn map(self, bits: impl FnOnce(u64) -> u64) -> Bare {
        match self.value {
            Values::One(value) => {
                Bare { value: Values::One(bits(value)), ..self }
            }
            _ => self,
        }
    }
}

/// The number of items that must hold.
enum Need {
    None,
    Some,
    All,
    Unknown,
}

struct Tree<'t> {
    condition: &'t Condition,
    known: &'t [Bare],
    ty: Ty,
}

impl Tree<'_> {
    fn get(&self, expr: ExprId) -> Bare {
        self.known.get(expr.0 as usize).copied().unwrap_or(ANYTHING)
    }

    fn ty(&self, expr: ExprId) -> Ty {
        self.condition.expr(expr).ty
    }

    fn evaluate(&self, kind: &Kind) -> Bare {
        let any = Bare { undefined: false, value: Values::Any };
        let nothing_there = Bare::one(0);
        match kind {
            Kind::Const(value) => match value {
                Const::Bool(value) => Bare::one(u64::from(*value)),
                Const::Int(value) => Bare::one(*value as u64),
                Const::UInt(value) => Bare::one(*value),
                Const::Float(value) => Bare::one(value.to_bits()),
                Const::Str(_) => any,
            },
            Kind::Undefined | Kind::Offset(..) | Kind::Length(..) => UNDEFINED,
            Kind::Filesize
            | Kind::Entrypoint
            | Kind::Var(_)
            | Kind::Field(_)
            | Kind::Len(_)
            | Kind::Call(..) => ANYTHING,
            Kind::External(_) | Kind::Rule(_) => any,
            Kind::Hit(_) | Kind::Count(_) => nothing_there,
            Kind::HitAt(_, at) => self.get(*at).then(nothing_there),
            Kind::HitIn(_, lo, hi) | Kind::CountIn(_, lo, hi) => {
                self.get(*lo).then(self.get(*hi).then(nothing_there))
            }
            Kind::Read(_, at) => self.get(*at).then(ANYTHING),
            Kind::Cast(cast, inner) => self.cast(*cast, *inner),
            Kind::StrLen(inner) | Kind::Matches(inner, _) => {
                self.get(*inner).then(any)
            }
            Kind::Str(_, a, b) => self.get(*a).then(self.get(*b).then(any)),
            Kind::Not(inner) => self.get(*inner).map(|value| value ^ 1),
            Kind::Defined(inner) => {
                let inner = self.get(*inner);
                let yes = inner.value != Values::Nothing;
                Bare::bool(yes, inner.undefined)
            }
            Kind::And(items) => {
                let mut items = items.iter().map(|item| self.get(*item));
                let yes = items.clone().all(Bare::may_hold);
                Bare::bool(yes, items.any(Bare::may_fail))
            }
            Kind::Or(items) => {
                let mut items = items.iter().map(|item| self.get(*item));
                let no = items.clone().all(Bare::may_fail);
                Bare::bool(items.any(Bare::may_hold), no)
            }
            Kind::Neg(inner) => match self.ty {
                Ty::Int => self.get(*inner).map(u64::wrapping_neg),
                _ => self.get(*inner).then(any),
            },
            Kind::BitNot(inner) => self.get(*inner).map(|bits| !bits),
            Kind::Arith(op, a, b) => self.arith(*op, *a, *b),
            Kind::Cmp(op, a, b) => self.compare(*op, *a, *b),
            Kind::OfPatterns(quantifier, set, _) => {
                let result = match self.need(quantifier) {
                    Need::None => Bare::one(1),
                    Need::Unknown => any,
                    Need::All if set.is_empty() => any,
                    Need::Some | Need::All => Bare::one(0),
                };
                self.quantified(quantifier, result)
            }
            Kind::OfBools(quantifier, items) => {
                let items = || items.iter().map(|item| self.get(*item));
                let some = items().any(Bare::may_hold);
                let all = items().all(Bare::may_hold);
                let none = items().all(Bare::may_fail);
                let fail = items().any(Bare::may_fail);
                let result = match self.need(quantifier) {
                    Need::None => Bare::bool(none, some),
                    Need::Some => Bare::bool(some, true),
                    Need::All => Bare::bool(all, fail),
                    Need::Unknown => any,
                };
                self.quantified(quantifier, result)
            }
            Kind::ForPatterns(quantifier, _, _, body)
            | Kind::ForRange(quantifier, _, _, _, body)
            | Kind::ForList(quantifier, _, _, body) => {
                self.quantified(quantifier, self.turns(quantifier, *body))
            }
            Kind::ForArray(quantifier, _, place, body)
            | Kind::ForMap(quantifier, _, place, body) => {
                let result = self.turns(quantifier, *body);
                self.place(place, self.quantified(quantifier, result))
            }
            Kind::With(_, body) => self.get(*body),
        }
    }

    /// A loop: it may always be false, for want of turns.
    fn turns(&self, quantifier: &Quantifier, body: ExprId) -> Bare {
        let body = self.get(body);
        let yes = match self.need(quantifier) {
            Need::None => body.may_fail(),
            Need::Some | Need::All => body.may_hold(),
            Need::Unknown => true,
        };
        Bare::bool(yes, true)
    }

    fn need(&self, quantifier: &Quantifier) -> Need {
        match quantifier {
            Quantifier::All => Need::All,
            Quantifier::Any => Need::Some,
            Quantifier::None => Need::None,
            // A negative number is never reached: `Some` covers it.
            Quantifier::Count(n) | Quantifier::Percent(n) => {
                match self.get(*n).value {
                    Values::One(0) => Need::None,
                    Values::One(_) | Values::Nothing => Need::Some,
                    Values::Any => Need::Unknown,
                }
            }
        }
    }

    /// Undefined if the quantifier is. An empty loop is false even then.
    fn quantified(&self, quantifier: &Quantifier, result: Bare) -> Bare {
        let (Quantifier::Count(n) | Quantifier::Percent(n)) = quantifier
        else {
            return result;
        };
        let n = self.get(*n);
        match n.value {
            Values::Nothing => Bare { undefined: true, ..Bare::one(0) },
            _ => n.then(result),
        }
    }

    fn place(&self, place: &Place, result: Bare) -> Bare {
        let indexes = place.index.iter().map(|index| self.get(*index));
        indexes.fold(result, |result, index| index.then(result))
    }

    fn cast(&self, cast: Cast, inner: ExprId) -> Bare {
        let value = self.get(inner);
        match (cast, self.ty(inner)) {
            (Cast::ToBool, Ty::Float) => {
                value.map(|bits| u64::from(f64::from_bits(bits) != 0.0))
            }
            (Cast::ToBool, _) => value.map(|bits| u64::from(bits != 0)),
            (Cast::BoolToInt | Cast::IntToUInt | Cast::UIntToInt, _) => value,
            (Cast::IntToFloat, _) => {
                value.map(|bits| (bits as i64 as f64).to_bits())
            }
            (Cast::UIntToFloat, _) => {
                value.map(|bits| (bits as f64).to_bits())
            }
        }
    }

    fn arith(&self, op: ArithOp, a: ExprId, b: ExprId) -> Bare {
        let (a, b) = (self.get(a), self.get(b));
        let result = match (op, a.value, b.value) {
            _ if self.ty == Ty::Float => ANYTHING,
            (ArithOp::Add, Values::One(a), Values::One(b)) => {
                Bare::one(a.wrapping_add(b))
            }
            (ArithOp::Sub, Values::One(a), Values::One(b)) => {
                Bare::one(a.wrapping_sub(b))
            }
            // Whatever the other factor is.
            (ArithOp::Mul, Values::One(0), _)
            | (ArithOp::Mul, _, Values::One(0)) => Bare::one(0),
            _ => ANYTHING,
        };
        a.then(b.then(result))
    }

    fn compare(&self, op: CmpOp, a: ExprId, b: ExprId) -> Bare {
        let types = (self.ty(a), self.ty(b));
        let (a, b) = (self.get(a), self.get(b));
        let result = match (types, a.value, b.value) {
            ((Ty::Int, Ty::Int), Values::One(a), Values::One(b)) => {
                let (a, b) = (a as i64, b as i64);
                Bare::one(u64::from(match op {
                    CmpOp::Eq => a == b,
                    CmpOp::Ne => a != b,
                    CmpOp::Lt => a < b,
                    CmpOp::Le => a <= b,
                    CmpOp::Gt => a > b,
                    CmpOp::Ge => a >= b,
                }))
            }
            _ => Bare { undefined: false, value: Values::Any },
        };
        a.then(b.then(result))
    }
}
