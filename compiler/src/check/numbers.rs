//! Conversions between the number types, and the places that want an
//! integer: offsets, indexes, ranges.

use super::cx::Cx;
use super::value::Val;
use crate::diag::{Code, Diagnostic};
use crate::ir::{Cast, Const, ExprId, Kind, Ty};
use crate::source::Span;
use crate::syntax::ast;

/// What a range is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum RangeOf {
    /// Offsets of matches.
    Offsets,
    /// Values of a loop variable.
    Loop,
}

impl Cx<'_, '_> {
    /// May a boolean stand for an integer? Only where it is a field, a
    /// result or a variable: one engine has integers there.
    pub(super) fn is_soft_bool(&self, id: ExprId) -> bool {
        let expr = self.condition.expr(id);
        expr.ty == Ty::Bool
            && matches!(
                expr.kind,
                Kind::Field(_)
                    | Kind::Call(..)
                    | Kind::External(_)
                    | Kind::Var(_)
            )
    }

    /// An integer or float as it is; a boolean field becomes an integer;
    /// all else stays.
    pub(super) fn soften(&mut self, id: ExprId, span: Span) -> ExprId {
        if !self.is_soft_bool(id) {
            return id;
        }
        let message = "a boolean is used as an integer";
        let new = self
            .diag(Code::BoolAsInt, span, message)
            .label("this is 0 or 1 here")
            .help("join it with `and` or `or` instead");
        self.report(new);
        self.emit(Kind::Cast(Cast::BoolToInt, id), Ty::Int, span)
    }

    /// Converts to a boolean, with a warning if it is none.
    pub(super) fn cast_to_bool(&mut self, id: ExprId, span: Span) -> ExprId {
        let (what, note) = match self.ty(id) {
            Ty::Bool => return id,
            Ty::Str => ("a string", "a string is true unless it is empty"),
            Ty::Float => ("a float", "a number is true unless it is 0"),
            _ => ("an integer", "a number is true unless it is 0"),
        };
        let message = format!("{what} is used as a boolean");
        let new = self
            .diag(Code::NonBoolExpr, span, message)
            .label(format!("this is {what}"))
            .note(note)
            .help("compare it with what it should be");
        self.report(new);
        let value = match self.known(id) {
            Some(Const::Int(value)) => Some(*value != 0),
            Some(Const::UInt(value)) => Some(*value != 0),
            Some(Const::Float(value)) => Some(*value != 0.0),
            Some(Const::Str(value)) => Some(!value.is_empty()),
            _ => None,
        };
        match value {
            Some(value) => self.constant(Const::Bool(value), span),
            None => self.emit(Kind::Cast(Cast::ToBool, id), Ty::Bool, span),
        }
    }

    /// Converts an integer to a float.
    pub(super) fn cast_to_float(&mut self, id: ExprId) -> ExprId {
        let span = self.condition.expr(id).span;
        let value = match self.known(id) {
            Some(Const::Int(value)) => Some(*value as f64),
            Some(Const::UInt(value)) => Some(*value as f64),
            _ => None,
        };
        if let Some(value) = value {
            return self.constant(Const::Float(value), span);
        }
        let cast = match self.ty(id) {
            Ty::Int => Cast::IntToFloat,
            Ty::UInt => Cast::UIntToFloat,
            _ => return id,
        };
        self.emit(Kind::Cast(cast, id), Ty::Float, span)
    }

    /// Converts an integer to unsigned; `warn` if a constant changes.
    pub(super) fn cast_to_unsigned(
        &mut self,
        id: ExprId,
        warn: bool,
    ) -> ExprId {
        let span = self.condition.expr(id).span;
        if self.ty(id) != Ty::Int {
            return id;
        }
        if let Some(Const::Int(value)) = self.known(id) {
            let value = *value;
            if warn && value < 0 {
                let note = "with an unsigned integer on the other side, \
                            signed integers become unsigned";
                self.sign_conversion(span, &(value as u64), note);
            }
            return self.constant(Const::UInt(value as u64), span);
        }
        self.emit(Kind::Cast(Cast::IntToUInt, id), Ty::UInt, span)
    }

    /// Converts an integer to signed, with a warning if a constant changes.
    pub(super) fn cast_to_signed(&mut self, id: ExprId) -> ExprId {
        let span = self.condition.expr(id).span;
        if self.ty(id) != Ty::UInt {
            return id;
        }
        if let Some(Const::UInt(value)) = self.known(id) {
            let value = *value as i64;
            if value < 0 {
                let note = "a signed integer is wanted here";
                self.sign_conversion(span, &value, note);
            }
            return self.constant(Const::Int(value), span);
        }
        self.emit(Kind::Cast(Cast::UIntToInt, id), Ty::Int, span)
    }

    fn sign_conversion(
        &mut self,
        span: Span,
        value: &dyn std::fmt::Display,
        note: &str,
    ) {
        let message = "a conversion changes the sign of this constant";
        let new = self
            .diag(Code::SignConversion, span, message)
            .label(format!("becomes {value}"))
            .note(note)
            .help(format!("write {value} if that is meant"));
        self.report(new);
    }

    /// An expression that must be an integer; signed in the end.
    pub(super) fn int(&mut self, id: ast::ExprId) -> Option<ExprId> {
        let value = self.any_int(id)?;
        Some(self.cast_to_signed(value))
    }

    /// An expression that must be an integer of either kind.
    fn any_int(&mut self, id: ast::ExprId) -> Option<ExprId> {
        let span = self.span(id);
        let val = self.expr(id)?;
        let value = self.scalar(val, span, Some(Ty::Int), "an integer")?;
        let value = self.soften(value, span);
        match self.ty(value) {
            Ty::Int | Ty::UInt => Some(value),
            _ => {
                self.wrong_scalar(value, span, "an integer");
                None
            }
        }
    }

    /// An integer that is no constant above 2^63 − 1.
    pub(super) fn small_int(&mut self, id: ast::ExprId) -> Option<ExprId> {
        let value = self.any_int(id)?;
        let span = self.span(id);
        if self.known_int(value).is_some_and(|v| v > i64::MAX.into()) {
            self.out_of_range(span, 0, i64::MAX);
            return None;
        }
        Some(self.cast_to_signed(value))
    }

    /// An integer that is no negative constant.
    pub(super) fn non_negative(&mut self, id: ast::ExprId) -> Option<ExprId> {
        let value = self.small_int(id)?;
        if self.known_int(value).is_some_and(|v| v < 0) {
            self.negative(self.span(id));
            return None;
        }
        Some(value)
    }

    /// Reports a constant out of bounds.
    pub(super) fn out_of_range(&mut self, span: Span, lo: i64, hi: i64) {
        let new = self
            .diag(Code::IntegerRange, span, "the number is out of range")
            .label("out of range")
            .help(format!("use a number from {lo} to {hi}"));
        self.report(new);
    }

    /// Reports a negative constant.
    pub(super) fn negative(&mut self, span: Span) {
        let message = "a negative number is not allowed here";
        let new = self.diag(Code::NegativeNumber, span, message);
        let help = "use 0 or a positive number";
        self.report(new.label("this is negative").help(help));
    }

    /// Reports an offset that is never reached.
    pub(super) fn negative_offset(&mut self, span: Span) {
        let message = "no match starts at a negative offset";
        let new = self.diag(Code::NegativeOffset, span, message);
        let help = "count from the start of the data, or from `filesize`";
        self.report(new.label("this is negative").help(help));
    }

    /// The bounds of a range.
    pub(super) fn range(
        &mut self,
        range: ast::Range,
        of: RangeOf,
    ) -> Option<(ExprId, ExprId)> {
        let lo = self.small_int(range.lo);
        let hi = self.small_int(range.hi);
        let (lo, hi) = (lo?, hi?);
        match (self.known_int(lo), self.known_int(hi)) {
            (Some(a), _) if a < 0 && self.known(hi).is_some() => {
                self.negative(self.span(range.lo));
                return None;
            }
            (Some(_), Some(b)) if b < 0 => {
                self.negative(self.span(range.hi));
                return None;
            }
            (Some(a), Some(b)) if a > b => {
                let new = invalid_range(
                    self.diag(Code::InvalidRange, range.span, ""),
                    &a,
                    &b,
                );
                self.report(new);
                return None;
            }
            (a, b) if of == RangeOf::Offsets => {
                for (value, id) in [(a, range.lo), (b, range.hi)] {
                    if value.is_some_and(|value| value < 0) {
                        self.negative_offset(self.span(id));
                    }
                }
            }
            _ => {}
        }
        Some((lo, hi))
    }

    /// The number of an occurrence, from 1. `None`: an error was reported.
    /// A constant that is never valid gives `Err`.
    pub(super) fn occurrence(
        &mut self,
        index: Option<ast::ExprId>,
        span: Span,
    ) -> Option<Result<ExprId, ()>> {
        let Some(index) = index else {
            return Some(Ok(self.constant(Const::Int(1), span)));
        };
        let value = self.small_int(index)?;
        if self.known_int(value).is_some_and(|v| v < 1) {
            let span = self.span(index);
            let message = "matches are counted from 1";
            let new = self
                .diag(Code::IndexOutOfRange, span, message)
                .label("there is no such match")
                .note("the expression is undefined")
                .help("the first match has the index 1");
            self.report(new);
            return Some(Err(()));
        }
        Some(Ok(value))
    }

    /// True for something that can be a number.
    pub(super) fn is_number(&self, id: ExprId) -> bool {
        matches!(self.ty(id), Ty::Int | Ty::UInt | Ty::Float)
    }

    /// Is the value a string, or may it be one?
    pub(super) fn is_text(&self, val: &Val) -> bool {
        matches!(val, Val::Scalar(id) if self.ty(*id) == Ty::Str)
    }
}

/// Completes the message about a range that is upside down.
pub(super) fn invalid_range(
    mut new: Diagnostic,
    lo: &dyn std::fmt::Display,
    hi: &dyn std::fmt::Display,
) -> Diagnostic {
    new.message =
        format!("the lower bound ({lo}) is above the upper bound ({hi})");
    new.label("the bounds are in the wrong order")
        .help("put the lower bound first")
}
