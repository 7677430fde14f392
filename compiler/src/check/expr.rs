//! Expressions: one method for each kind, those of other files included.

use super::cx::Cx;
use super::value::Val;
use crate::diag::Code;
use crate::ir::{Cast, Const, ExprId, Kind, Ty};
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind, UnaryOp};

/// Stack that must be free before an expression is entered.
const RED_ZONE: usize = 128 << 10;
/// Stack that is added when it is not.
const STACK: usize = 2 << 20;

impl Cx<'_, '_> {
    /// The meaning of an expression; `None` if an error was reported.
    pub(super) fn expr(&mut self, id: ast::ExprId) -> Option<Val> {
        stacker::maybe_grow(RED_ZONE, STACK, || self.expr_here(id))
    }

    fn expr_here(&mut self, id: ast::ExprId) -> Option<Val> {
        let ast = self.ast;
        let expr = ast.expr(id);
        let span = expr.span;
        let value = match &expr.kind {
            ExprKind::Bool(value) => self.constant(Const::Bool(*value), span),
            ExprKind::Int(value) => {
                let value = i64::try_from(*value)
                    .map_or(Const::UInt(*value), Const::Int);
                self.constant(value, span)
            }
            ExprKind::Float(value) => {
                self.constant(Const::Float(*value), span)
            }
            ExprKind::Text(text) => {
                self.constant(Const::Str(text.clone()), span)
            }
            ExprKind::Regex(lit) => return Some(Val::Regex(lit.clone())),
            ExprKind::Filesize => self.emit(Kind::Filesize, Ty::Int, span),
            ExprKind::Entrypoint => self.entrypoint(span),
            ExprKind::Pattern(name) => self.hit(name, span)?,
            ExprKind::PatternAt(name, at) => self.hit_at(name, *at, span)?,
            ExprKind::PatternIn(name, range) => {
                self.hit_in(name, *range, span)?
            }
            ExprKind::Count(name, range) => self.count(name, *range, span)?,
            ExprKind::Offset(name, index) => {
                self.occurrence_of(name, *index, span, Kind::Offset)?
            }
            ExprKind::Length(name, index) => {
                self.occurrence_of(name, *index, span, Kind::Length)?
            }
            ExprKind::Name(name) => return self.name(name, span),
            ExprKind::Field(base, name) => return self.field(*base, name),
            ExprKind::Index(base, index) => {
                return self.index(*base, *index, span);
            }
            ExprKind::Call(callee, args) => self.call(*callee, args, span)?,
            ExprKind::Unary(op, operand) => self.unary(*op, *operand, span)?,
            ExprKind::Binary(..) => return self.binary(id),
            ExprKind::And(operands) => self.and(operands, span)?,
            ExprKind::Or(operands) => self.or(operands, span)?,
            ExprKind::Of(quantifier, set, anchor) => {
                self.of(quantifier, set, *anchor, span)?
            }
            ExprKind::ForOf(quantifier, set, body) => {
                self.for_of(quantifier, set, *body, span)?
            }
            ExprKind::ForIn(quantifier, vars, iterable, body) => {
                self.for_in(quantifier, vars, iterable, *body, span)?
            }
            ExprKind::With(declarations, body) => {
                self.with(declarations, *body, span)?
            }
            ExprKind::Paren(inner) => return self.expr(*inner),
            ExprKind::Error => {
                self.fail(Code::Syntax);
                return None;
            }
        };
        Some(Val::Scalar(value))
    }

    /// An expression in a place where true or false is wanted.
    pub(super) fn boolean(&mut self, id: ast::ExprId) -> Option<ExprId> {
        let val = self.expr(id)?;
        let span = self.span(id);
        if let Val::Regex(lit) = val {
            let message = "a regular expression by itself is always true";
            let new = self
                .diag(Code::RegexAsBool, span, message)
                .label("this is not searched for")
                .help("define it as a pattern, or compare with `matches`");
            self.report(new);
            self.regex(&lit)?;
            return Some(self.constant(Const::Bool(true), span));
        }
        let value = self.scalar(val, span, None, "a boolean")?;
        Some(self.cast_to_bool(value, span))
    }

    fn entrypoint(&mut self, span: Span) -> ExprId {
        let message = "`entrypoint` is deprecated";
        let help = "use `pe.entry_point` or `elf.entry_point`";
        let new = self.diag(Code::EntrypointDeprecated, span, message);
        self.report(new.label("use a module instead").help(help));
        self.emit(Kind::Entrypoint, Ty::Int, span)
    }

    fn and(&mut self, ids: &[ast::ExprId], span: Span) -> Option<ExprId> {
        self.junction(ids, span, false)
    }

    fn or(&mut self, ids: &[ast::ExprId], span: Span) -> Option<ExprId> {
        self.junction(ids, span, true)
    }

    /// `or` if `strong` is true, else `and`: the constant that decides.
    fn junction(
        &mut self,
        ids: &[ast::ExprId],
        span: Span,
        strong: bool,
    ) -> Option<ExprId> {
        let all: Vec<_> = ids.iter().map(|id| self.boolean(*id)).collect();
        let all: Vec<_> = all.into_iter().collect::<Option<_>>()?;
        let known = |cx: &Self, id: &ExprId| match cx.known(*id) {
            Some(Const::Bool(value)) => Some(*value),
            _ => None,
        };
        let first_weak = all.iter().find(|id| known(self, id).is_some());
        let open: Vec<_> = all
            .iter()
            .copied()
            .filter(|id| known(self, id).is_none())
            .collect();
        if all.iter().any(|id| known(self, id) == Some(strong)) {
            return Some(self.constant(Const::Bool(strong), span));
        }
        let mut open = open;
        match (open.len(), first_weak) {
            (0, _) => return Some(self.constant(Const::Bool(!strong), span)),
            // One operand alone could be undefined, where this is false.
            (1, Some(weak)) => open.push(*weak),
            _ => {}
        }
        let kind = if strong { Kind::Or(open) } else { Kind::And(open) };
        Some(self.emit(kind, Ty::Bool, span))
    }

    fn unary(
        &mut self,
        op: UnaryOp,
        operand: ast::ExprId,
        span: Span,
    ) -> Option<ExprId> {
        match op {
            UnaryOp::Not => {
                let value = self.boolean(operand)?;
                Some(self.not(value, span))
            }
            UnaryOp::Defined => self.defined(operand, span),
            UnaryOp::Neg => self.negate(operand, span),
            UnaryOp::BitNot => self.complement(operand, span),
        }
    }

    /// `not` of a boolean.
    pub(super) fn not(&mut self, value: ExprId, span: Span) -> ExprId {
        match self.known(value) {
            Some(Const::Bool(known)) => {
                let known = !*known;
                self.constant(Const::Bool(known), span)
            }
            _ => self.emit(Kind::Not(value), Ty::Bool, span),
        }
    }

    fn defined(&mut self, operand: ast::ExprId, span: Span) -> Option<ExprId> {
        let val = self.expr(operand)?;
        let at = self.span(operand);
        if let Val::Regex(lit) = val {
            self.regex(&lit)?;
            return Some(self.constant(Const::Bool(true), span));
        }
        let value = self.scalar(val, at, None, "a value")?;
        let known = match self.condition.expr(value).kind {
            Kind::Const(_) => Some(true),
            Kind::Undefined => Some(false),
            _ => None,
        };
        Some(match known {
            Some(known) => self.constant(Const::Bool(known), span),
            None => self.emit(Kind::Defined(value), Ty::Bool, span),
        })
    }

    fn number(&mut self, operand: ast::ExprId, what: &str) -> Option<ExprId> {
        let val = self.expr(operand)?;
        let at = self.span(operand);
        let value = self.scalar(val, at, Some(Ty::Int), what)?;
        let value = self.soften(value, at);
        if !self.is_number(value) {
            self.wrong_scalar(value, at, what);
            return None;
        }
        Some(value)
    }

    fn unsigned_operand(&mut self, operand: ast::ExprId, op: &str) {
        let at = self.span(operand);
        let message = format!("`{op}` on an unsigned integer");
        let note = match op {
            "-" => "the result is signed; it wraps for 2^63 and above",
            _ => "the result is unsigned, with all 64 bits inverted",
        };
        let new = self
            .diag(Code::UnsignedUnaryOp, at, message)
            .label("this is unsigned")
            .note(note)
            .help("compare the value itself, without the operator");
        self.report(new);
    }

    fn negate(&mut self, operand: ast::ExprId, span: Span) -> Option<ExprId> {
        let value = self.number(operand, "a number")?;
        if let Some(Const::Float(known)) = self.known(value) {
            let known = -*known;
            return Some(self.constant(Const::Float(known), span));
        }
        if let Some(known) = self.known_int(value) {
            if known == i128::from(i64::MIN) {
                self.wraps(span);
                return Some(self.constant(Const::Int(i64::MIN), span));
            }
            let Ok(known) = i64::try_from(-known) else {
                self.out_of_range(span, i64::MIN, i64::MAX);
                return None;
            };
            return Some(self.constant(Const::Int(known), span));
        }
        match self.ty(value) {
            Ty::UInt => {
                self.unsigned_operand(operand, "-");
                let cast = Kind::Cast(Cast::UIntToInt, value);
                let value = self.emit(cast, Ty::Int, span);
                Some(self.emit(Kind::Neg(value), Ty::Int, span))
            }
            ty => Some(self.emit(Kind::Neg(value), ty, span)),
        }
    }

    fn complement(
        &mut self,
        operand: ast::ExprId,
        span: Span,
    ) -> Option<ExprId> {
        let value = self.number(operand, "an integer")?;
        let ty = self.ty(value);
        if ty == Ty::Float {
            self.wrong_scalar(value, self.span(operand), "an integer");
            return None;
        }
        if ty == Ty::UInt {
            self.unsigned_operand(operand, "~");
        }
        let known = match self.known(value) {
            Some(Const::Int(value)) => Some(Const::Int(!*value)),
            Some(Const::UInt(value)) => Some(Const::UInt(!*value)),
            _ => None,
        };
        Some(match known {
            Some(known) => self.constant(known, span),
            None => self.emit(Kind::BitNot(value), ty, span),
        })
    }

    /// Warns that a constant leaves 64 bits.
    pub(super) fn wraps(&mut self, span: Span) {
        let message = "the constant does not fit into 64 bits and wraps";
        let new = self
            .diag(Code::IntegerOverflow, span, message)
            .label("too large for 64 bits")
            .help("write the number that is meant");
        self.report(new);
    }
}
