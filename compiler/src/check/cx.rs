//! The state of checking one rule, and how expressions are made.

use std::collections::HashMap;

use dragnet_engine::module::schema::{HashForm, Type};

use super::names::World;
use super::patterns::Declared;
use super::scope::Scope;
use super::value::{Index, Path, Val, ty_name};
use crate::diag::{Code, Diagnostic, Severity};
use crate::ir::{
    Condition, Const, Expr, ExprId, Field, Kind, Place, Ty, VarId,
};
use crate::source::{FileId, Span};
use crate::syntax::ast;

/// As many variables may be alive at one place, the hidden ones of loops
/// and sets included.
pub(super) const MAX_VARIABLES: usize = 2_048;
/// Variables of an `of`: position, number of items, hits, wanted, item.
pub(super) const VARIABLES_OF_SET: usize = 5;
/// Variables of a loop: the same, and up to two with names.
pub(super) const VARIABLES_OF_LOOP: usize = 7;

/// The state of checking one rule.
pub(super) struct Cx<'w, 'a> {
    pub(super) world: &'w mut World<'a>,
    pub(super) file: FileId,
    pub(super) text: &'w [u8],
    pub(super) ast: &'w ast::File,
    pub(super) rule: &'w ast::Rule,
    pub(super) namespace: usize,
    pub(super) condition: Condition,
    pub(super) patterns: Declared,
    pub(super) scope: Scope,
    /// The variables of the `for … of` around, innermost last.
    pub(super) pattern_vars: Vec<VarId>,
    /// Number of variables that are alive.
    pub(super) alive: usize,
    /// How often the place is evaluated, at most.
    pub(super) iterations: u64,
    /// Items of pattern sets so far.
    pub(super) set_items: usize,
    /// Expressions whose value is a hash.
    pub(super) hashes: HashMap<ExprId, HashForm>,
    /// Modules for which `module_without_data` was reported.
    pub(super) without_data: Vec<&'static str>,
    /// Why the rule is left out.
    pub(super) bad: Option<Code>,
}

impl Cx<'_, '_> {
    /// Takes a diagnostic; an error means that the rule is left out.
    pub(super) fn report(&mut self, new: Diagnostic) {
        let code = new.code;
        if self.world.collector.report(new) == Some(Severity::Error) {
            self.fail(code);
        }
    }

    /// The rule is left out, without another message.
    pub(super) fn fail(&mut self, code: Code) {
        self.bad.get_or_insert(code);
    }

    /// Starts a diagnostic in this file.
    pub(super) fn diag(
        &self,
        code: Code,
        span: Span,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::new(code, self.file, span, message)
    }

    /// The source text of a span.
    pub(super) fn source(&self, span: Span) -> String {
        String::from_utf8_lossy(span.of(self.text)).into_owned()
    }

    /// Where an expression stands.
    pub(super) fn span(&self, id: ast::ExprId) -> Span {
        self.ast.expr(id).span
    }

    /// Adds an expression.
    pub(super) fn emit(&mut self, kind: Kind, ty: Ty, span: Span) -> ExprId {
        self.condition.exprs.push(Expr { kind, ty, span });
        ExprId(self.condition.exprs.len() as u32 - 1)
    }

    /// Adds a constant.
    pub(super) fn constant(&mut self, value: Const, span: Span) -> ExprId {
        let ty = value.ty();
        self.emit(Kind::Const(value), ty, span)
    }

    /// Adds the value *undefined*.
    pub(super) fn undefined(&mut self, ty: Ty, span: Span) -> ExprId {
        self.emit(Kind::Undefined, ty, span)
    }

    /// The type of an expression.
    pub(super) fn ty(&self, id: ExprId) -> Ty {
        self.condition.expr(id).ty
    }

    /// The value of a constant.
    pub(super) fn known(&self, id: ExprId) -> Option<&Const> {
        match &self.condition.expr(id).kind {
            Kind::Const(value) => Some(value),
            _ => None,
        }
    }

    /// The value of a constant integer.
    pub(super) fn known_int(&self, id: ExprId) -> Option<i128> {
        match self.known(id)? {
            Const::Int(value) => Some(i128::from(*value)),
            Const::UInt(value) => Some(i128::from(*value)),
            _ => None,
        }
    }

    /// A new variable.
    pub(super) fn new_var(&mut self, ty: Ty) -> VarId {
        self.condition.vars.push(ty);
        VarId(self.condition.vars.len() as u32 - 1)
    }

    /// Counts variables that come alive at `span`.
    pub(super) fn enter(&mut self, count: usize, span: Span) {
        let before = self.alive;
        self.alive += count;
        if before <= MAX_VARIABLES && self.alive > MAX_VARIABLES {
            let message =
                format!("more than {MAX_VARIABLES} variables are alive here");
            let new = self
                .diag(Code::TooManyVariables, span, message)
                .label("the limit is reached here")
                .help("use fewer names, or split the rule");
            self.report(new);
        }
    }

    /// A place whose indexes are expressions.
    pub(super) fn place(&mut self, path: &Path, span: Span) -> Place {
        let module = path.schema.name;
        let field = Field { module, path: path.steps.clone() };
        let field = self.world.field(field);
        let index = path
            .index
            .iter()
            .map(|index| match index {
                Index::Expr(id) => *id,
                Index::Var(var, ty) => self.emit(Kind::Var(*var), *ty, span),
                Index::Const(value) => self.constant(value.clone(), span),
            })
            .collect();
        Place { field, index }
    }

    /// The meaning of a place of this type: scalars become expressions.
    pub(super) fn place_value(
        &mut self,
        path: Path,
        ty: Type,
        span: Span,
    ) -> Val {
        let scalar = match ty {
            Type::Int => Ty::Int,
            Type::Float => Ty::Float,
            Type::Bool => Ty::Bool,
            Type::Str | Type::Hash(_) => Ty::Str,
            _ => return Val::Place(path, ty),
        };
        let place = self.place(&path, span);
        let id = self.emit(Kind::Field(place), scalar, span);
        if let Type::Hash(form) = ty {
            self.hashes.insert(id, form);
        }
        Val::Scalar(id)
    }

    /// The value of something that must have one. A dual field gives a
    /// string if `want` says so, else an integer.
    pub(super) fn scalar(
        &mut self,
        val: Val,
        span: Span,
        want: Option<Ty>,
        what: &str,
    ) -> Option<ExprId> {
        match val {
            Val::Scalar(id) => Some(id),
            Val::Place(mut path, Type::Dual) => {
                let text = want == Some(Ty::Str);
                if let (true, Some(last)) = (text, path.steps.last_mut()) {
                    *last += 1;
                }
                let ty = if text { Ty::Str } else { Ty::Int };
                let place = self.place(&path, span);
                Some(self.emit(Kind::Field(place), ty, span))
            }
            other => {
                self.wrong_type(&other, span, what);
                None
            }
        }
    }

    /// Reports that something is not what is wanted.
    pub(super) fn wrong_type(&mut self, val: &Val, span: Span, what: &str) {
        let is = val.kind_name(|id| self.ty(id));
        let message = format!("expected {what}, found {is}");
        let mut new = self
            .diag(Code::WrongType, span, message)
            .label(format!("this is {is}"));
        let call = match val {
            Val::Place(_, Type::Func(func)) => {
                func.signatures.iter().any(|s| s.args.is_empty())
            }
            Val::StrLen(_) | Val::Len(_) => true,
            _ => false,
        };
        new = if call {
            let text = self.source(span);
            new.help(format!("did you mean `{text}()`?"))
        } else {
            new.help(format!("put {what} here"))
        };
        self.report(new);
    }

    /// Reports that a value has a type that does not fit.
    pub(super) fn wrong_scalar(&mut self, id: ExprId, span: Span, what: &str) {
        let is = ty_name(self.ty(id));
        let message = format!("expected {what}, found {is}");
        let new = self.diag(Code::WrongType, span, message);
        let new = new.label(format!("this is {is}"));
        self.report(new.help(format!("put {what} here")));
    }
}
