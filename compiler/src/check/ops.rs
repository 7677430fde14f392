//! Infix operators.

use dragnet_engine::cond::StrOp;

use super::cx::Cx;
use super::fold::{self, Folded};
use super::value::{Val, ty_name};
use crate::diag::{Applicability, Code};
use crate::ir::{ArithOp, CmpOp, Const, ExprId, Kind, Ty};
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp, ExprKind};

/// An operand: its meaning, if it has one, and its place.
type Operand = (Option<Val>, Span);

/// The right side of an operator.
struct Rest {
    op: BinaryOp,
    operand: Operand,
    /// From the start of the chain to the end of this operand.
    whole: Span,
    /// The operator.
    sign: Span,
}

impl Cx<'_, '_> {
    /// A chain of infix operators. The left spine is walked in a loop: it
    /// can be very long.
    pub(super) fn binary(&mut self, id: ast::ExprId) -> Option<Val> {
        let ast = self.ast;
        let mut spine = Vec::new();
        let mut left = id;
        while let ExprKind::Binary(op, a, b, sign) = ast.expr(left).kind {
            spine.push((op, b, ast.expr(left).span, sign));
            left = a;
        }
        let mut done: Operand = (self.expr(left), self.span(left));
        let mut rest = Vec::with_capacity(spine.len());
        for (op, operand, whole, sign) in spine.into_iter().rev() {
            let operand = (self.expr(operand), self.span(operand));
            rest.push(Rest { op, operand, whole, sign });
        }
        let mut rest = rest.into_iter().peekable();
        while let Some(first) = rest.next() {
            let mut run = vec![first];
            if exact_op(run[0].op).is_some() {
                while let Some(next) = rest.next_if(|r| r.op == run[0].op) {
                    run.push(next);
                }
            }
            done = self.run(done, run);
        }
        done.0
    }

    /// Operators of one kind, from left to right.
    fn run(&mut self, mut left: Operand, run: Vec<Rest>) -> Operand {
        let whole = run.last().map_or(left.1, |last| last.whole);
        if let Some(op) = exact_op(run[0].op)
            && let Some(values) = self.known_run(&left, &run)
        {
            // Constants only: what counts is whether the end fits.
            let unsigned = run
                .iter()
                .map(|rest| &rest.operand)
                .chain([&left])
                .any(|operand| self.is_unsigned(operand));
            let smallest = values[0] == i128::from(i64::MIN);
            let wrapped = values
                .iter()
                .map(|value| *value as i64)
                .reduce(i64::wrapping_mul);
            let end = fold::exact(op, values.into_iter(), unsigned);
            return match end {
                Some(value) => {
                    (Some(Val::Scalar(self.constant(value, whole))), whole)
                }
                // libyara does not see that a multiple of the smallest
                // integer is too large.
                None if op == ArithOp::Mul && smallest => {
                    self.wraps(whole);
                    let value = wrapped.map(Const::Int);
                    let id = value.map(|value| self.constant(value, whole));
                    (id.map(Val::Scalar), whole)
                }
                None => {
                    self.too_large(whole);
                    (None, whole)
                }
            };
        }
        for rest in run {
            let value = self.step(left, rest.op, rest.operand, &rest.sign);
            if let Some(id) = value {
                self.condition.exprs[id.0 as usize].span = rest.whole;
            }
            left = (value.map(Val::Scalar), rest.whole);
        }
        left
    }

    fn is_unsigned(&self, operand: &Operand) -> bool {
        matches!(operand.0, Some(Val::Scalar(id)) if self.ty(id) == Ty::UInt)
    }

    fn known_run(&self, left: &Operand, run: &[Rest]) -> Option<Vec<i128>> {
        std::iter::once(left)
            .chain(run.iter().map(|rest| &rest.operand))
            .map(|operand| match operand.0 {
                Some(Val::Scalar(id)) => self.known_int(id),
                _ => None,
            })
            .collect()
    }

    fn too_large(&mut self, span: Span) {
        let message = "the result does not fit into 64 bits";
        let new = self.diag(Code::IntegerRange, span, message);
        let new = new.label("this constant is out of range");
        self.report(new.help("use smaller numbers"));
    }

    fn step(
        &mut self,
        left: Operand,
        op: BinaryOp,
        right: Operand,
        sign: &Span,
    ) -> Option<ExprId> {
        let (a, b) = ((left.0?, left.1), (right.0?, right.1));
        if let Some(op) = arith_op(op) {
            return self.arith(op, a, b);
        }
        if let Some(op) = cmp_op(op) {
            return self.compare(op, a, b, *sign);
        }
        let op = match op {
            BinaryOp::Contains => StrOp::Contains,
            BinaryOp::IContains => StrOp::IContains,
            BinaryOp::StartsWith => StrOp::StartsWith,
            BinaryOp::IStartsWith => StrOp::IStartsWith,
            BinaryOp::EndsWith => StrOp::EndsWith,
            BinaryOp::IEndsWith => StrOp::IEndsWith,
            BinaryOp::IEquals => StrOp::IEquals,
            _ => return self.matches(a, b),
        };
        let a = self.text_operand(a);
        let b = self.text_operand(b);
        let span = left.1.to(right.1);
        Some(self.emit(Kind::Str(op, a?, b?), Ty::Bool, span))
    }

    fn text_operand(&mut self, (val, span): (Val, Span)) -> Option<ExprId> {
        let value = self.scalar(val, span, Some(Ty::Str), "a string")?;
        if self.ty(value) != Ty::Str {
            self.wrong_scalar(value, span, "a string");
            return None;
        }
        Some(value)
    }

    fn matches(&mut self, a: (Val, Span), b: (Val, Span)) -> Option<ExprId> {
        let span = a.1.to(b.1);
        let a = self.text_operand(a);
        let Val::Regex(lit) = &b.0 else {
            self.wrong_type(&b.0, b.1, "a regular expression");
            return None;
        };
        let regex = self.regex(lit)?;
        Some(self.emit(Kind::Matches(a?, regex), Ty::Bool, span))
    }

    fn numeric(
        &mut self,
        (val, span): (Val, Span),
        integer: bool,
    ) -> Option<ExprId> {
        let what = if integer { "an integer" } else { "a number" };
        let value = self.scalar(val, span, Some(Ty::Int), what)?;
        let value = self.soften(value, span);
        let fits = match self.ty(value) {
            Ty::Int | Ty::UInt => true,
            Ty::Float => !integer,
            _ => false,
        };
        if !fits {
            self.wrong_scalar(value, span, what);
            return None;
        }
        Some(value)
    }

    fn arith(
        &mut self,
        op: ArithOp,
        a: (Val, Span),
        b: (Val, Span),
    ) -> Option<ExprId> {
        use ArithOp::{Add, Div, Mul, Rem, Shl, Shr, Sub};
        let (a_span, b_span) = (a.1, b.1);
        let span = a_span.to(b_span);
        let integer = !matches!(op, Add | Sub | Mul | Div);
        let (a, b) = (self.numeric(a, integer), self.numeric(b, integer));
        let (mut a, mut b) = (a?, b?);
        let shift = matches!(op, Shl | Shr);
        if shift && self.known_int(b).is_some_and(|count| count < 0) {
            self.negative(b_span);
            return None;
        }
        let zero = self.known_int(b) == Some(0);
        let (a_ty, b_ty) = (self.ty(a), self.ty(b));
        if a_ty == Ty::Float || b_ty == Ty::Float {
            (a, b) = (self.cast_to_float(a), self.cast_to_float(b));
        } else if shift {
            b = match a_ty {
                Ty::UInt => self.cast_to_unsigned(b, false),
                _ => self.shift_count(b),
            };
        } else if a_ty == Ty::UInt || b_ty == Ty::UInt {
            let warn = matches!(op, Div | Rem);
            a = self.cast_to_unsigned(a, warn);
            b = self.cast_to_unsigned(b, warn);
        }
        let ty = self.ty(a);
        if matches!(op, Div | Rem) && zero && ty != Ty::Float {
            let message = "a division by zero is undefined";
            let new = self.diag(Code::DivisionByZero, b_span, message);
            let help = "divide by a number that is not 0";
            self.report(new.label("this is 0").help(help));
        }
        let folded = match (self.known(a), self.known(b)) {
            (Some(a), Some(b)) => fold::arith(op, a, b),
            _ => None,
        };
        Some(match folded {
            Some(Folded::Value(value)) => self.constant(value, span),
            Some(Folded::Wrapped(value)) => {
                self.wraps(span);
                self.constant(value, span)
            }
            Some(Folded::Undefined) => self.undefined(ty, span),
            None => self.emit(Kind::Arith(op, a, b), ty, span),
        })
    }

    /// A shift count for a signed integer: huge stays huge.
    fn shift_count(&mut self, count: ExprId) -> ExprId {
        if let Some(Const::UInt(_)) = self.known(count) {
            let span = self.condition.expr(count).span;
            return self.constant(Const::Int(i64::MAX), span);
        }
        self.cast_to_signed(count)
    }

    fn compare(
        &mut self,
        op: CmpOp,
        a: (Val, Span),
        b: (Val, Span),
        sign: Span,
    ) -> Option<ExprId> {
        let (a_span, b_span) = (a.1, b.1);
        let span = a_span.to(b_span);
        let text = self.is_text(&a.0) || self.is_text(&b.0);
        let want = Some(if text { Ty::Str } else { Ty::Int });
        let x = self.scalar(a.0, a_span, want, "a value");
        let y = self.scalar(b.0, b_span, want, "a value");
        let (mut x, mut y) = (x?, y?);
        let equality = matches!(op, CmpOp::Eq | CmpOp::Ne);
        match (self.ty(x), self.ty(y)) {
            (Ty::Bool, Ty::Bool) if equality => {}
            (Ty::Bool, Ty::Bool) => {
                x = self.soften(x, a_span);
                y = self.soften(y, b_span);
                if self.ty(x) == Ty::Bool || self.ty(y) == Ty::Bool {
                    self.wrong_scalar(x, a_span, "a number or a string");
                    return None;
                }
            }
            (Ty::Bool, Ty::Int | Ty::UInt) if equality => {
                let known = self.known_int(y);
                if let Some(value @ (0 | 1)) = known {
                    let same = (value == 1) == (op == CmpOp::Eq);
                    return Some(self.bool_test(x, a_span, same, span));
                }
                x = self.bool_as_int(x, a_span);
            }
            (Ty::Int | Ty::UInt, Ty::Bool) if equality => {
                let known = self.known_int(x);
                if let Some(value @ (0 | 1)) = known {
                    let same = (value == 1) == (op == CmpOp::Eq);
                    return Some(self.bool_test(y, b_span, same, span));
                }
                y = self.bool_as_int(y, b_span);
            }
            (Ty::Bool, _) | (_, Ty::Bool) => {
                x = self.soften(x, a_span);
                y = self.soften(y, b_span);
            }
            _ => {}
        }
        let numbers = self.is_number(x) && self.is_number(y);
        if self.ty(x) != self.ty(y) && !numbers {
            self.mismatch((x, a_span), (y, b_span), sign);
            return None;
        }
        if !equality && self.ty(x) == Ty::Bool {
            self.wrong_scalar(x, a_span, "a number or a string");
            return None;
        }
        if numbers && (self.ty(x) == Ty::Float || self.ty(y) == Ty::Float) {
            (x, y) = (self.cast_to_float(x), self.cast_to_float(y));
        }
        if op == CmpOp::Eq {
            self.unsatisfiable((x, a_span), (y, b_span));
        }
        Some(self.emit(Kind::Cmp(op, x, y), Ty::Bool, span))
    }

    /// A boolean compared with 0 or 1: the boolean or its opposite.
    fn bool_test(
        &mut self,
        value: ExprId,
        at: Span,
        same: bool,
        span: Span,
    ) -> ExprId {
        let text = self.source(at);
        let text = if same { text } else { format!("not {text}") };
        let message = "a boolean is compared with an integer";
        let new = self
            .diag(Code::BoolIntComparison, span, message)
            .label("compares a boolean with 0 or 1")
            .fix(
                format!("use `{text}`"),
                span,
                text.clone(),
                Applicability::Safe,
            );
        self.report(new);
        if same { value } else { self.not(value, span) }
    }

    fn bool_as_int(&mut self, id: ExprId, span: Span) -> ExprId {
        let soft = self.soften(id, span);
        if self.ty(soft) != Ty::Bool {
            return soft;
        }
        let cast = Kind::Cast(crate::ir::Cast::BoolToInt, id);
        let message = "a boolean is compared with an integer";
        let new = self
            .diag(Code::BoolAsInt, span, message)
            .label("this is 0 or 1 here")
            .help("compare it with `true` or `false`, or use it by itself");
        self.report(new);
        self.emit(cast, Ty::Int, span)
    }

    /// Reports operands that do not fit together.
    fn mismatch(
        &mut self,
        (a, a_span): (ExprId, Span),
        (b, b_span): (ExprId, Span),
        sign: Span,
    ) {
        let (a, b) = (ty_name(self.ty(a)), ty_name(self.ty(b)));
        let message = format!("{a} cannot be compared with {b}");
        let file = self.file;
        let new = self
            .diag(Code::MismatchingTypes, sign, message)
            .also(file, a_span, format!("this is {a}"))
            .also(file, b_span, format!("this is {b}"))
            .help("compare two numbers, two strings or two booleans");
        self.report(new);
    }
}

/// The operators whose chains of constants are folded exactly.
fn exact_op(op: BinaryOp) -> Option<ArithOp> {
    match op {
        BinaryOp::Add => Some(ArithOp::Add),
        BinaryOp::Sub => Some(ArithOp::Sub),
        BinaryOp::Mul => Some(ArithOp::Mul),
        _ => None,
    }
}

fn arith_op(op: BinaryOp) -> Option<ArithOp> {
    Some(match op {
        BinaryOp::Add => ArithOp::Add,
        BinaryOp::Sub => ArithOp::Sub,
        BinaryOp::Mul => ArithOp::Mul,
        BinaryOp::Div => ArithOp::Div,
        BinaryOp::Rem => ArithOp::Rem,
        BinaryOp::Shl => ArithOp::Shl,
        BinaryOp::Shr => ArithOp::Shr,
        BinaryOp::BitAnd => ArithOp::BitAnd,
        BinaryOp::BitXor => ArithOp::BitXor,
        BinaryOp::BitOr => ArithOp::BitOr,
        _ => return None,
    })
}

fn cmp_op(op: BinaryOp) -> Option<CmpOp> {
    Some(match op {
        BinaryOp::Eq => CmpOp::Eq,
        BinaryOp::Ne => CmpOp::Ne,
        BinaryOp::Lt => CmpOp::Lt,
        BinaryOp::Le => CmpOp::Le,
        BinaryOp::Gt => CmpOp::Gt,
        BinaryOp::Ge => CmpOp::Ge,
        _ => return None,
    })
}
