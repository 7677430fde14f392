//! Calls of functions and methods, and rules as operands.

use dragnet_engine::module::schema::{ArgType, Func, Signature, Type};

use super::access::read_function;
use super::cx::Cx;
use super::value::{Path, Val, ty_name};
use crate::diag::Code;
use crate::ir::{Arg, Const, ExprId, Kind, Ty};
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind};
use dragnet_engine::cond::ReadKind;

impl Cx<'_, '_> {
    /// `callee(args)`
    pub(super) fn call(
        &mut self,
        callee: ast::ExprId,
        args: &[ast::ExprId],
        span: Span,
    ) -> Option<ExprId> {
        let read = match &self.ast.expr(callee).kind {
            // A call of one of these names is always the built-in.
            ExprKind::Name(name) => read_function(name),
            _ => None,
        };
        let val = match read {
            Some(kind) => Some(Val::Read(kind)),
            None => self.expr(callee),
        };
        match val {
            Some(Val::Read(kind)) => self.read(kind, args, span),
            Some(Val::Place(path, Type::Func(func))) => {
                self.function(path, func, args, span)
            }
            Some(Val::StrLen(value)) => {
                self.no_arguments(args, span)?;
                if let Some(Const::Str(known)) = self.known(value) {
                    let length = Const::Int(known.len() as i64);
                    return Some(self.constant(length, span));
                }
                Some(self.emit(Kind::StrLen(value), Ty::Int, span))
            }
            Some(Val::Len(path)) => {
                self.no_arguments(args, span)?;
                let place = self.place(&path, span);
                Some(self.emit(Kind::Len(place), Ty::Int, span))
            }
            Some(other) => {
                let at = self.span(callee);
                self.wrong_type(&other, at, "a function");
                None
            }
            None => {
                // Errors of the arguments are worth knowing all the same.
                for arg in args {
                    self.expr(*arg);
                }
                None
            }
        }
    }

    fn no_arguments(
        &mut self,
        args: &[ast::ExprId],
        span: Span,
    ) -> Option<()> {
        if args.is_empty() {
            return Some(());
        }
        let message = "this method takes no arguments";
        let new = self.diag(Code::WrongArguments, span, message);
        self.report(new.help("call it with `()`"));
        None
    }

    fn read(
        &mut self,
        kind: ReadKind,
        args: &[ast::ExprId],
        span: Span,
    ) -> Option<ExprId> {
        let [arg] = args else {
            let message = format!(
                "expected one argument, an offset, found {}",
                args.len()
            );
            let new = self.diag(Code::WrongArguments, span, message);
            self.report(new.help("call it with one offset, as in `uint8(0)`"));
            return None;
        };
        let at = self.int(*arg)?;
        let ty = match kind {
            ReadKind::U64 | ReadKind::U64Be => Ty::UInt,
            ReadKind::F32
            | ReadKind::F64
            | ReadKind::F32Be
            | ReadKind::F64Be => Ty::Float,
            _ => Ty::Int,
        };
        Some(self.emit(Kind::Read(kind, at), ty, span))
    }

    fn function(
        &mut self,
        path: Path,
        func: &'static Func,
        args: &[ast::ExprId],
        span: Span,
    ) -> Option<ExprId> {
        let vals: Vec<_> = args.iter().map(|arg| self.expr(*arg)).collect();
        let vals: Vec<Val> = vals.into_iter().collect::<Option<_>>()?;
        let find = |cx: &Self, soft: bool| {
            func.signatures.iter().position(|s| cx.fits(s, &vals, soft))
        };
        let found = find(self, false).or_else(|| find(self, true));
        let Some(found) = found else {
            self.wrong_arguments(func, &vals, span);
            return None;
        };
        let signature = &func.signatures[found];
        let mut passed = Vec::with_capacity(vals.len());
        for ((val, want), arg) in
            vals.into_iter().zip(signature.args).zip(args)
        {
            passed.push(self.argument(val, *want, self.span(*arg))?);
        }
        let place = self.place(&path, span);
        let ty = match signature.result {
            Type::Float => Ty::Float,
            Type::Bool => Ty::Bool,
            Type::Str | Type::Hash(_) => Ty::Str,
            _ => Ty::Int,
        };
        let kind = Kind::Call(place, found as u16, passed);
        let id = self.emit(kind, ty, span);
        if let Type::Hash(form) = signature.result {
            self.hashes.insert(id, form);
        }
        Some(id)
    }

    /// Do the arguments fit? `soft`: booleans may stand for integers.
    fn fits(&self, signature: &Signature, vals: &[Val], soft: bool) -> bool {
        signature.args.len() == vals.len()
            && signature.args.iter().zip(vals).all(|(want, val)| {
                let ty = match val {
                    Val::Regex(_) => return *want == ArgType::Regex,
                    Val::Place(_, Type::Dual) => {
                        return matches!(want, ArgType::Int | ArgType::Str);
                    }
                    Val::Scalar(id) if soft && self.is_soft_bool(*id) => {
                        return matches!(want, ArgType::Int | ArgType::Bool);
                    }
                    Val::Scalar(id) => self.ty(*id),
                    _ => return false,
                };
                match want {
                    ArgType::Int => {
                        matches!(ty, Ty::Int | Ty::UInt)
                    }
                    ArgType::Float => ty == Ty::Float,
                    ArgType::Bool => ty == Ty::Bool,
                    ArgType::Str => ty == Ty::Str,
                    ArgType::Regex => false,
                }
            })
    }

    fn argument(
        &mut self,
        val: Val,
        want: ArgType,
        span: Span,
    ) -> Option<Arg> {
        if let Val::Regex(lit) = &val {
            return self.regex(lit).map(Arg::Regex);
        }
        let dual = match want {
            ArgType::Str => Some(Ty::Str),
            _ => Some(Ty::Int),
        };
        let mut value = self.scalar(val, span, dual, "a value")?;
        if want == ArgType::Int {
            value = self.soften(value, span);
            value = self.cast_to_signed(value);
        }
        Some(Arg::Value(value))
    }

    fn wrong_arguments(&mut self, func: &Func, vals: &[Val], span: Span) {
        let given = vals.iter().map(|val| match val {
            Val::Scalar(id) => match self.ty(*id) {
                Ty::UInt => "int",
                ty => short(ty),
            },
            Val::Regex(_) => "regexp",
            other => other.kind_name(|id| self.ty(id)),
        });
        let given = given.collect::<Vec<_>>().join(", ");
        let message = "no form of this function takes these arguments";
        let mut new = self
            .diag(Code::WrongArguments, span, message)
            .label(format!("called with ({given})"));
        for signature in func.signatures {
            let args = signature.args.iter().map(|arg| match arg {
                ArgType::Int => "int",
                ArgType::Float => "float",
                ArgType::Bool => "bool",
                ArgType::Str => "string",
                ArgType::Regex => "regexp",
            });
            let args = args.collect::<Vec<_>>().join(", ");
            new = new.note(format!("it takes ({args})"));
        }
        new = new.help("call it with arguments of these types");
        self.report(new);
    }

    /// A rule as operand.
    pub(super) fn rule_operand(
        &mut self,
        name: &str,
        span: Span,
    ) -> Option<ExprId> {
        let rules = &self.world.namespaces[self.namespace].rules;
        let Some(info) = rules.get(name) else {
            let message = format!("rule `{name}` names itself");
            let new = self
                .diag(Code::SelfReference, span, message)
                .label("this is false")
                .help("remove it, or name the rule that is meant");
            self.report(new);
            return Some(self.constant(Const::Bool(false), span));
        };
        let (id, global) = (info.id, info.global);
        let (file, at) = (info.file, info.span);
        let id = match id {
            Ok(id) => id,
            Err(_) => {
                let this = &self.rule.name.text;
                let message =
                    format!("rule `{this}` is left out because `{name}` is");
                let new = self
                    .diag(Code::IgnoredRule, span, message)
                    .label(format!("needs `{name}`"))
                    .also(file, at, "this rule is left out")
                    .help(format!("repair `{name}` first"));
                self.report(new);
                self.fail(Code::IgnoredRule);
                return None;
            }
        };
        if global {
            let message = "a global rule is named in a condition";
            let note = "it has to hold anyway, or no rule matches at all";
            let new = self
                .diag(Code::GlobalRuleMisuse, span, message)
                .label(format!("`{name}` is global"))
                .note(note)
                .help("leave it out of the condition");
            self.report(new);
        } else if !self.rule.global.is_empty() {
            let message = "a global rule depends on a rule that is not";
            let new = self
                .diag(Code::GlobalDependsOnLocal, span, message)
                .label(format!("`{name}` is not global"))
                .also(file, at, "declared here")
                .note("all rules of the namespace now depend on it")
                .help(format!("make `{name}` global, too"));
            self.report(new);
        }
        Some(self.emit(Kind::Rule(id), Ty::Bool, span))
    }
}

fn short(ty: Ty) -> &'static str {
    match ty {
        Ty::Bool => "bool",
        Ty::Float => "float",
        Ty::Str => "string",
        Ty::Int | Ty::UInt => "int",
        Ty::Pattern => ty_name(ty),
    }
}
