//! Random conditions: well typed, of every kind.

use dragnet_engine::cond::{ReadKind, StrOp};

use super::world::{PATTERNS, RULES, field};
use crate::ir::{
    Anchor, Arg, ArithOp, Cast, CmpOp, Condition, Const, Expr, ExprId,
    ExternalId, FieldId, Kind, PatternId, PatternSel, Place, Quantifier,
    RegexId, RuleId, Ty, VarId,
};
use crate::source::Span;

/// Builds a condition; each choice takes a number, 0 once there are no more.
/// Lower numbers choose simpler things.
pub(super) struct Builder<'c> {
    choices: &'c [u16],
    condition: Condition,
    scope: Vec<(VarId, Ty)>,
    loops: u32,
}

const INTS: [i64; 16] = [
    0,
    1,
    2,
    -1,
    3,
    5,
    7,
    63,
    64,
    100,
    i64::MAX,
    i64::MIN,
    0x1_0000_0000,
    0xffff_ffff,
    -2,
    97,
];

const TEXTS: [&[u8]; 8] =
    [b"", b"l", b"Hello", b"HELLO", b"ext", b"a", "Ä".as_bytes(), b"\xc3"];

pub(super) fn condition(choices: &[u16]) -> Condition {
    let condition = Condition::default();
    let mut builder =
        Builder { choices, condition, scope: Vec::new(), loops: 0 };
    let root = builder.bool(6);
    builder.condition.root = Some(root);
    builder.condition
}

impl<'c> Builder<'c> {
    fn pick(&mut self, below: usize) -> usize {
        let (first, rest) = match self.choices.split_first() {
            Some((first, rest)) => (*first, rest),
            None => (0, self.choices),
        };
        self.choices = rest;
        usize::from(first) % below
    }

    fn one_of<T: Clone>(&mut self, items: &[T]) -> T {
        let at = self.pick(items.len());
        items[at].clone()
    }

    fn add(&mut self, kind: Kind, ty: Ty) -> ExprId {
        let span = Span { lo: 0, hi: 0 };
        self.condition.exprs.push(Expr { kind, ty, span });
        ExprId(self.condition.exprs.len() as u32 - 1)
    }

    fn int_const(&mut self, value: i64) -> ExprId {
        self.add(Kind::Const(Const::Int(value)), Ty::Int)
    }

    fn new_var(&mut self, ty: Ty) -> VarId {
        self.condition.vars.push(ty);
        VarId(self.condition.vars.len() as u32 - 1)
    }

    /// A variable in scope, or something simple.
    fn variable(&mut self, ty: Ty) -> Option<VarId> {
        let fitting: Vec<VarId> = self
            .scope
            .iter()
            .filter(|(_, of)| *of == ty)
            .map(|(var, _)| *var)
            .collect();
        (!fitting.is_empty()).then(|| self.one_of(&fitting))
    }

    fn expr(&mut self, ty: Ty, depth: u32) -> ExprId {
        match ty {
            Ty::Bool => self.bool(depth),
            Ty::Int => self.int(depth),
            Ty::UInt => self.uint(depth),
            Ty::Float => self.float(depth),
            Ty::Str | Ty::Pattern => self.str(depth),
        }
    }

    fn value_ty(&mut self) -> Ty {
        self.one_of(&[Ty::Int, Ty::Str, Ty::Bool, Ty::UInt, Ty::Float])
    }

    fn sel(&mut self) -> PatternSel {
        if self.pick(3) > 0
            && let Some(var) = self.variable(Ty::Pattern)
        {
            return PatternSel::Var(var);
        }
        PatternSel::Fixed(PatternId(self.pick(PATTERNS as usize) as u32))
    }

    fn place(&mut self, field: u32, index: Vec<ExprId>) -> Place {
        Place { field: FieldId(field), index }
    }

    fn bool(&mut self, depth: u32) -> ExprId {
        if depth == 0 {
            return self.simple_bool();
        }
        let depth = depth - 1;
        let kind = match self.pick(24) {
            0..=2 => return self.simple_bool(),
            3 => Kind::Not(self.bool(depth)),
            4 | 5 => {
                let ty = self.value_ty();
                Kind::Defined(self.expr(ty, depth))
            }
            6 | 7 => Kind::And(self.bools(depth)),
            8 | 9 => Kind::Or(self.bools(depth)),
            10..=12 => self.comparison(depth),
            13 => {
                let ty = self.one_of(&[Ty::Int, Ty::UInt, Ty::Float, Ty::Str]);
                Kind::Cast(Cast::ToBool, self.expr(ty, depth))
            }
            14 => {
                let op = self.one_of(&StrOp::ALL);
                Kind::Str(op, self.str(depth), self.str(depth))
            }
            15 => {
                let sel = self.sel();
                match self.pick(2) {
                    0 => Kind::HitAt(sel, self.int(depth)),
                    _ => Kind::HitIn(sel, self.int(depth), self.int(depth)),
                }
            }
            16 => {
                let set = self.set();
                let quantifier = self.quantifier(depth);
                let anchor = match self.pick(3) {
                    0 => None,
                    1 => Some(Anchor::At(self.int(depth))),
                    _ => Some(Anchor::In(self.int(depth), self.int(depth))),
                };
                Kind::OfPatterns(quantifier, set, anchor)
            }
            17 => {
                let quantifier = self.quantifier(depth);
                Kind::OfBools(quantifier, self.bools(depth))
            }
            18 | 19 => self.for_loop(depth),
            20 => self.with(depth),
            21 => {
                let regex = RegexId(self.pick(2) as u32);
                Kind::Matches(self.str(depth), regex)
            }
            22 => self.header(),
            _ => {
                let place = self.place(field::MATCHES, Vec::new());
                let regex = RegexId(self.pick(2) as u32);
                let text = Arg::Value(self.str(depth));
                Kind::Call(place, 0, vec![Arg::Regex(regex), text])
            }
        };
        self.add(kind, Ty::Bool)
    }

    fn bools(&mut self, depth: u32) -> Vec<ExprId> {
        (0..2 + self.pick(3)).map(|_| self.bool(depth)).collect()
    }

    fn simple_bool(&mut self) -> ExprId {
        let kind = match self.pick(9) {
            0 => Kind::Const(Const::Bool(false)),
            1 => Kind::Const(Const::Bool(true)),
            2 => Kind::Undefined,
            3 | 4 => Kind::Hit(self.sel()),
            5 => Kind::Rule(RuleId(self.pick(RULES as usize) as u32)),
            6 => Kind::External(ExternalId(0)),
            7 => Kind::Field(self.place(field::BOOL, Vec::new())),
            _ => match self.variable(Ty::Bool) {
                Some(var) => Kind::Var(var),
                None => Kind::Field(self.place(field::MISSING, Vec::new())),
            },
        };
        self.add(kind, Ty::Bool)
    }

    /// Size or content compared with a constant.
    fn header(&mut self) -> Kind {
        use CmpOp::*;
        let value = self.pick(40) as i64;
        if self.pick(2) == 0 {
            let op = self.one_of(&[Eq, Ne, Lt, Le, Gt, Ge]);
            let size = self.add(Kind::Filesize, Ty::Int);
            return Kind::Cmp(op, size, self.int_const(value));
        }
        let kind = self.one_of(&[ReadKind::U8, ReadKind::U16Be]);
        let at = self.int_const(value % 4);
        let read = self.add(Kind::Read(kind, at), Ty::Int);
        let op = self.one_of(&[Eq, Ne]);
        Kind::Cmp(op, read, self.int_const(value % 5))
    }

    fn comparison(&mut self, depth: u32) -> Kind {
        use CmpOp::*;
        let op = self.one_of(&[Eq, Ne, Lt, Le, Gt, Ge]);
        let (a, b) = match self.pick(8) {
            0..=2 => (self.int(depth), self.int(depth)),
            3 => (self.int(depth), self.uint(depth)),
            4 => (self.uint(depth), self.int(depth)),
            5 => (self.uint(depth), self.uint(depth)),
            6 => (self.float(depth), self.float(depth)),
            _ => (self.str(depth), self.str(depth)),
        };
        if self.pick(8) == 1 {
            let op = self.one_of(&[Eq, Ne]);
            return Kind::Cmp(op, self.bool(depth), self.bool(depth));
        }
        Kind::Cmp(op, a, b)
    }

    fn int(&mut self, depth: u32) -> ExprId {
        let simple = match self.pick(9) {
            0 | 1 => {
                let value = self.one_of(&INTS);
                return self.int_const(value);
            }
            2 => Kind::Filesize,
            3 => Kind::Count(self.sel()),
            4..=6 => match self.variable(Ty::Int) {
                Some(var) => Kind::Var(var),
                None => Kind::External(ExternalId(1)),
            },
            7 => Kind::Entrypoint,
            _ => Kind::Undefined,
        };
        if depth == 0 {
            return self.add(simple, Ty::Int);
        }
        let depth = depth - 1;
        let kind = match self.pick(16) {
            0..=2 => simple,
            3 => Kind::Neg(self.int(depth)),
            4 => Kind::BitNot(self.int(depth)),
            5..=7 => {
                let op = self.arith_op();
                Kind::Arith(op, self.int(depth), self.int(depth))
            }
            8 => {
                use ReadKind::*;
                let kind =
                    self.one_of(&[U8, U16, U32, I8, I16Be, I32, I64, U32Be]);
                Kind::Read(kind, self.int(depth))
            }
            9 => Kind::Offset(self.sel(), self.int(depth)),
            10 => Kind::Length(self.sel(), self.int(depth)),
            11 => {
                let sel = self.sel();
                Kind::CountIn(sel, self.int(depth), self.int(depth))
            }
            12 => match self.pick(2) {
                0 => Kind::Cast(Cast::BoolToInt, self.bool(depth)),
                _ => Kind::Cast(Cast::UIntToInt, self.uint(depth)),
            },
            13 => match self.pick(3) {
                0 => Kind::StrLen(self.str(depth)),
                1 => {
                    let place = self.place(field::DOUBLE, Vec::new());
                    let arg = Arg::Value(self.int(depth));
                    Kind::Call(place, 0, vec![arg])
                }
                _ => {
                    let index = self.int(depth);
                    Kind::Len(self.place(field::NESTED, vec![index]))
                }
            },
            14 => {
                let index = self.int(depth);
                Kind::Field(self.place(field::ARRAY, vec![index]))
            }
            _ => {
                let key = self.str(depth);
                Kind::Field(self.place(field::MAP, vec![key]))
            }
        };
        self.add(kind, Ty::Int)
    }

    fn arith_op(&mut self) -> ArithOp {
        use ArithOp::*;
        self.one_of(&[
            Add, Sub, Mul, Div, Rem, Shl, Shr, BitAnd, BitXor, BitOr,
        ])
    }

    fn uint(&mut self, depth: u32) -> ExprId {
        if depth == 0 {
            let kind = match self.variable(Ty::UInt) {
                Some(var) => Kind::Var(var),
                None => Kind::Const(Const::UInt(self.one_of(&[
                    0,
                    1,
                    64,
                    u64::MAX,
                    1 << 63,
                    5,
                ]))),
            };
            return self.add(kind, Ty::UInt);
        }
        let depth = depth - 1;
        let kind = match self.pick(6) {
            0 => return self.uint(0),
            1 => Kind::Read(ReadKind::U64, self.int(depth)),
            2 => Kind::Cast(Cast::IntToUInt, self.int(depth)),
            3 => Kind::External(ExternalId(2)),
            4 => Kind::BitNot(self.uint(depth)),
            _ => {
                let op = self.arith_op();
                Kind::Arith(op, self.uint(depth), self.uint(depth))
            }
        };
        self.add(kind, Ty::UInt)
    }

    fn float(&mut self, depth: u32) -> ExprId {
        let kind = match self.pick(if depth == 0 { 4 } else { 10 }) {
            0 => Kind::Const(Const::Float(self.one_of(&[
                0.0,
                1.5,
                -1.0,
                f64::NAN,
                f64::INFINITY,
            ]))),
            1 => match self.variable(Ty::Float) {
                Some(var) => Kind::Var(var),
                None => Kind::External(ExternalId(3)),
            },
            2 => Kind::Field(self.place(field::FLOAT, Vec::new())),
            3 => Kind::Undefined,
            4 => Kind::Neg(self.float(depth - 1)),
            5 => Kind::Cast(Cast::IntToFloat, self.int(depth - 1)),
            6 => Kind::Cast(Cast::UIntToFloat, self.uint(depth - 1)),
            7 => Kind::Read(ReadKind::F32, self.int(depth - 1)),
            8 => {
                let place = self.place(field::CHOOSE, Vec::new());
                let args = [self.bool(depth - 1), self.float(depth - 1)];
                Kind::Call(place, 0, args.map(Arg::Value).to_vec())
            }
            _ => {
                use ArithOp::*;
                let op = self.one_of(&[Add, Sub, Mul, Div]);
                let (a, b) = (self.float(depth - 1), self.float(depth - 1));
                Kind::Arith(op, a, b)
            }
        };
        self.add(kind, Ty::Float)
    }

    fn str(&mut self, depth: u32) -> ExprId {
        let kind = match self.pick(if depth == 0 { 5 } else { 7 }) {
            0 => Kind::Const(Const::Str(self.one_of(&TEXTS).to_vec())),
            1 => Kind::Field(self.place(field::TEXT, Vec::new())),
            2 => match self.variable(Ty::Str) {
                Some(var) => Kind::Var(var),
                None => Kind::External(ExternalId(4)),
            },
            3 => Kind::Undefined,
            4 => Kind::Field(self.place(field::MISSING, Vec::new())),
            5 => {
                let place = self.place(field::UPPER, Vec::new());
                let arg = Arg::Value(self.str(depth - 1));
                Kind::Call(place, 0, vec![arg])
            }
            _ => {
                let index = vec![self.int(depth - 1), self.int(depth - 1)];
                Kind::Field(self.place(field::NESTED, index))
            }
        };
        self.add(kind, Ty::Str)
    }

    fn set(&mut self) -> Vec<PatternId> {
        let bits = 1 + self.pick((1 << PATTERNS) - 1);
        (0..PATTERNS)
            .filter(|pattern| bits >> pattern & 1 == 1)
            .map(PatternId)
            .collect()
    }

    fn quantifier(&mut self, depth: u32) -> Quantifier {
        match self.pick(7) {
            0 => Quantifier::Any,
            1 => Quantifier::All,
            2 => Quantifier::None,
            3 => {
                let count = self.one_of(&[1, 2, 3, 0, 9, -1]);
                Quantifier::Count(self.int_const(count))
            }
            4 => Quantifier::Count(self.int(depth)),
            5 => {
                let share = self.one_of(&[50, 1, 100, 0, 34, 66, 101, -5]);
                Quantifier::Percent(self.int_const(share))
            }
            _ => Quantifier::Percent(self.int(depth)),
        }
    }

    /// A bound that keeps loops short, and may be undefined.
    fn bound(&mut self, depth: u32) -> ExprId {
        let (value, most) = (self.int(depth), self.int_const(8));
        self.add(Kind::Arith(ArithOp::Rem, value, most), Ty::Int)
    }

    fn body(&mut self, var: VarId, ty: Ty, depth: u32) -> ExprId {
        self.scope.push((var, ty));
        self.loops += 1;
        let body = self.bool(depth);
        self.loops -= 1;
        self.scope.pop();
        body
    }

    fn for_loop(&mut self, depth: u32) -> Kind {
        if self.loops == 3 {
            return Kind::Const(Const::Bool(true));
        }
        let quantifier = self.quantifier(depth.min(1));
        match self.pick(5) {
            0 => {
                let (lo, hi) = (self.bound(1), self.bound(1));
                let var = self.new_var(Ty::Int);
                let body = self.body(var, Ty::Int, depth);
                Kind::ForRange(quantifier, var, lo, hi, body)
            }
            1 => {
                let ty = self.value_ty();
                let items =
                    (0..1 + self.pick(4)).map(|_| self.expr(ty, 1)).collect();
                let var = self.new_var(ty);
                let body = self.body(var, ty, depth);
                Kind::ForList(quantifier, var, items, body)
            }
            2 => {
                let set = self.set();
                let var = self.new_var(Ty::Pattern);
                let body = self.body(var, Ty::Pattern, depth);
                Kind::ForPatterns(quantifier, var, set, body)
            }
            3 => {
                let place = match self.pick(3) {
                    0 => self.place(field::ARRAY, Vec::new()),
                    1 => {
                        let index = self.int(1);
                        self.place(field::NESTED, vec![index])
                    }
                    _ => self.place(field::NO_ARRAY, Vec::new()),
                };
                let var = self.new_var(Ty::Int);
                let body = self.body(var, Ty::Int, depth);
                Kind::ForArray(quantifier, var, place, body)
            }
            _ => {
                let place = self.place(field::MAP, Vec::new());
                let var = self.new_var(Ty::Str);
                let body = self.body(var, Ty::Str, depth);
                Kind::ForMap(quantifier, var, place, body)
            }
        }
    }

    fn with(&mut self, depth: u32) -> Kind {
        let mut bindings = Vec::new();
        for _ in 0..1 + self.pick(2) {
            let ty = self.value_ty();
            let value = self.expr(ty, depth);
            let var = self.new_var(ty);
            self.scope.push((var, ty));
            bindings.push((var, value));
        }
        let body = self.bool(depth);
        self.scope.truncate(self.scope.len() - bindings.len());
        Kind::With(bindings, body)
    }
}
