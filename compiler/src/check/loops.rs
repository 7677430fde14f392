//! `for Q v in …` and `with`.

use dragnet_engine::module::schema::Type;

use super::cx::{Cx, VARIABLES_OF_LOOP};
use super::numbers::RangeOf;
use super::scope::Bound;
use super::value::{Index, Path, Val, ty_name};
use crate::diag::Code;
use crate::ir::{Const, ExprId, Kind, Quantifier, Ty, VarId};
use crate::source::Span;
use crate::syntax::ast::{self, Iterable};

/// What a loop runs over.
enum Over {
    Range(ExprId, ExprId),
    List(Vec<ExprId>, Ty),
    Array(Path, Type),
    Map(Path, Type),
}

impl Cx<'_, '_> {
    /// `for Q vars in iterable : ( body )`
    pub(super) fn for_in(
        &mut self,
        written: &ast::Quantifier,
        vars: &[ast::Name],
        iterable: &Iterable,
        body: ast::ExprId,
        span: Span,
    ) -> Option<ExprId> {
        let quantifier = self.quantifier(written);
        let over = self.iterable(iterable);
        let outer = self.iterations;
        if let Some(times) = over.as_ref().and_then(|o| self.times(o)) {
            self.iterations = outer.saturating_mul(times);
            self.too_many_iterations(span);
        }
        let wanted = match over {
            Some(Over::Map(..)) => 2,
            _ => 1,
        };
        let over = match over {
            Some(_) if vars.len() != wanted => {
                self.wrong_count(vars, wanted, iterable);
                None
            }
            over => over,
        };
        let id = match over {
            Some(over) => self.run_loop(quantifier, vars, over, body, span),
            None => {
                self.bind_poison(vars);
                self.boolean(body);
                self.scope.pop(vars.len());
                None
            }
        };
        self.iterations = outer;
        id
    }

    /// Binds names to nothing, so that the body can still be checked.
    fn bind_poison(&mut self, vars: &[ast::Name]) {
        for var in vars {
            self.scope.push(&var.text, var.span, Bound::Poison);
        }
    }

    fn wrong_count(
        &mut self,
        vars: &[ast::Name],
        wanted: usize,
        iterable: &Iterable,
    ) {
        let at = vars.iter().map(|v| v.span).reduce(Span::to);
        let message = format!(
            "the loop has {}, but each step gives {}",
            counted(vars.len(), "variable"),
            counted(wanted, "value")
        );
        let over = self.iterable_span(iterable);
        let file = self.file;
        let new = self
            .diag(Code::AssignmentMismatch, at.unwrap_or(over), message)
            .label(counted(vars.len(), "variable"))
            .also(file, over, format!("gives {}", counted(wanted, "value")))
            .help(format!("name {}", counted(wanted, "variable")));
        self.report(new);
    }

    pub(super) fn iterable_span(&self, iterable: &Iterable) -> Span {
        match iterable {
            Iterable::Range(range) => range.span,
            Iterable::List(_, span) => *span,
            Iterable::Expr(id) => self.span(*id),
        }
    }

    fn iterable(&mut self, iterable: &Iterable) -> Option<Over> {
        match iterable {
            Iterable::Range(range) => {
                let (lo, hi) = self.range(*range, RangeOf::Loop)?;
                self.slow_loop(lo, hi, range.span);
                Some(Over::Range(lo, hi))
            }
            Iterable::List(items, _) => self.list(items),
            Iterable::Expr(id) => match self.expr(*id)? {
                Val::Place(path, Type::Array(item)) => {
                    Some(Over::Array(path, *item))
                }
                Val::Place(path, Type::Map(item)) => {
                    Some(Over::Map(path, *item))
                }
                other => {
                    let at = self.span(*id);
                    self.wrong_type(
                        &other,
                        at,
                        "a range, a list, an array or a map",
                    );
                    None
                }
            },
        }
    }

    fn list(&mut self, items: &[ast::ExprId]) -> Option<Over> {
        let ids: Vec<_> = items
            .iter()
            .map(|item| {
                let val = self.expr(*item)?;
                let at = self.span(*item);
                self.scalar(val, at, None, "a number, a string or a boolean")
            })
            .collect();
        let mut ids: Vec<_> = ids.into_iter().collect::<Option<_>>()?;
        let unsigned = ids.iter().any(|id| self.ty(*id) == Ty::UInt);
        if unsigned {
            for id in &mut ids {
                *id = self.cast_to_unsigned(*id, true);
            }
        }
        let ty = ids.first().map_or(Ty::Int, |id| self.ty(*id));
        let other = ids.iter().position(|id| self.ty(*id) != ty);
        if let Some(other) = other {
            let a = ty_name(ty);
            let b = ty_name(self.ty(ids[other]));
            let message = "all items of a list have one type";
            let first = self.span(items[0]);
            let file = self.file;
            let new = self
                .diag(Code::MismatchingTypes, self.span(items[other]), message)
                .label(format!("this is {b}"))
                .also(file, first, format!("this is {a}"))
                .help("loop over each kind by itself");
            self.report(new);
            return None;
        }
        Some(Over::List(ids, ty))
    }

    /// How often the body runs, if that is known.
    fn times(&self, over: &Over) -> Option<u64> {
        match over {
            Over::Range(lo, hi) => {
                let (lo, hi) = (self.known_int(*lo)?, self.known_int(*hi)?);
                u64::try_from(hi - lo + 1).ok()
            }
            Over::List(items, _) => Some(items.len() as u64),
            _ => None,
        }
    }

    fn run_loop(
        &mut self,
        quantifier: Option<Quantifier>,
        vars: &[ast::Name],
        over: Over,
        body: ast::ExprId,
        span: Span,
    ) -> Option<ExprId> {
        let mut hidden = Vec::new();
        let (over, position, bounds) = match over {
            Over::Range(lo, hi) => {
                let var = self.new_var(Ty::Int);
                let bound = Bound::Var(var, Ty::Int);
                (Over::Range(lo, hi), var, vec![bound])
            }
            Over::List(items, ty) => {
                let var = self.new_var(ty);
                (Over::List(items, ty), var, vec![Bound::Var(var, ty)])
            }
            Over::Array(path, item) => {
                let path = self.reusable(path, &mut hidden);
                let var = self.new_var(Ty::Int);
                let at = path.clone().item(Index::Var(var, Ty::Int));
                let bound = Bound::Place(at, item);
                (Over::Array(path, item), var, vec![bound])
            }
            Over::Map(path, item) => {
                let path = self.reusable(path, &mut hidden);
                let var = self.new_var(Ty::Str);
                let at = path.clone().item(Index::Var(var, Ty::Str));
                let key = Bound::Var(var, Ty::Str);
                let bounds = vec![key, Bound::Place(at, item)];
                (Over::Map(path, item), var, bounds)
            }
        };
        let alive = VARIABLES_OF_LOOP + hidden.len();
        self.enter(alive, span);
        for (name, bound) in vars.iter().zip(bounds) {
            self.warn_if_shadowing(name);
            self.scope.push(&name.text, name.span, bound);
        }
        let body = self.boolean(body);
        let left = self.scope.pop(vars.len());
        if left.iter().all(|binding| !binding.used) {
            for binding in left {
                self.unused_identifier(&binding.name, binding.span);
            }
        }
        self.alive -= alive;
        let (quantifier, body) = (quantifier?, body?);
        let kind = match over {
            Over::Range(lo, hi) => {
                Kind::ForRange(quantifier, position, lo, hi, body)
            }
            Over::List(items, _) => {
                Kind::ForList(quantifier, position, items, body)
            }
            Over::Array(path, _) => {
                let place = self.place(&path, span);
                Kind::ForArray(quantifier, position, place, body)
            }
            Over::Map(path, _) => {
                let place = self.place(&path, span);
                Kind::ForMap(quantifier, position, place, body)
            }
        };
        let id = self.emit(kind, Ty::Bool, span);
        Some(self.bind_hidden(hidden, id, span))
    }

    /// A path whose indexes can be used any number of times: expressions
    /// are bound to hidden variables.
    fn reusable(
        &mut self,
        mut path: Path,
        hidden: &mut Vec<(VarId, ExprId)>,
    ) -> Path {
        for index in &mut path.index {
            let Index::Expr(id) = *index else { continue };
            let ty = self.ty(id);
            let var = self.new_var(ty);
            hidden.push((var, id));
            *index = Index::Var(var, ty);
        }
        path
    }

    fn bind_hidden(
        &mut self,
        hidden: Vec<(VarId, ExprId)>,
        body: ExprId,
        span: Span,
    ) -> ExprId {
        if hidden.is_empty() {
            return body;
        }
        self.emit(Kind::With(hidden, body), Ty::Bool, span)
    }

    /// `with declarations : ( body )`
    pub(super) fn with(
        &mut self,
        declarations: &[(ast::Name, ast::ExprId)],
        body: ast::ExprId,
        span: Span,
    ) -> Option<ExprId> {
        let mut hidden = Vec::new();
        for (name, value) in declarations {
            let bound = self.declaration(*value, &mut hidden);
            self.enter(1, name.span);
            self.warn_if_shadowing(name);
            let bound = bound.unwrap_or(Bound::Poison);
            self.scope.push(&name.text, name.span, bound);
        }
        let body = self.boolean(body);
        for binding in self.scope.pop(declarations.len()) {
            if !binding.used {
                self.unused_identifier(&binding.name, binding.span);
            }
        }
        self.alive -= declarations.len();
        let body = body?;
        Some(self.bind_hidden(hidden, body, span))
    }

    fn declaration(
        &mut self,
        value: ast::ExprId,
        hidden: &mut Vec<(VarId, ExprId)>,
    ) -> Option<Bound> {
        let at = self.span(value);
        Some(match self.expr(value)? {
            Val::Scalar(id) => match self.known(id) {
                Some(known) => Bound::Const(known.clone()),
                None => {
                    let ty = self.ty(id);
                    let var = self.new_var(ty);
                    hidden.push((var, id));
                    Bound::Var(var, ty)
                }
            },
            Val::Place(path, ty) => {
                Bound::Place(self.reusable(path, hidden), ty)
            }
            Val::Regex(lit) => Bound::Regex(lit),
            Val::Enum(table) => Bound::Enum(table),
            Val::Read(kind) => Bound::Read(kind),
            Val::StrLen(_) | Val::Len(_) => {
                let message = "a method cannot be bound to a name";
                let new = self
                    .diag(Code::MethodInWith, at, message)
                    .label("this is a method")
                    .help("call it, and bind the result");
                self.report(new);
                return None;
            }
        })
    }

    fn unused_identifier(&mut self, name: &str, span: Span) {
        if name.starts_with('_') {
            return;
        }
        let message = format!("`{name}` is never used");
        let new = self.diag(Code::UnusedIdentifier, span, message);
        let help = format!("use it, remove it, or call it `_{name}`");
        self.report(new.label("not used in the body").help(help));
    }

    fn warn_if_shadowing(&mut self, name: &ast::Name) {
        let text = name.text.as_str();
        let namespace = &self.world.namespaces[self.namespace];
        let what = if self.scope.span(text).is_some() {
            "another variable"
        } else if namespace.modules.contains_key(text) {
            "a module"
        } else if self.world.externals.contains_key(text) {
            "an external variable"
        } else if namespace.rules.contains_key(text) {
            "a rule"
        } else {
            return;
        };
        let message = format!("`{text}` hides {what}");
        let mut new = self
            .diag(Code::ShadowedIdentifier, name.span, message)
            .label("means the variable from here on")
            .help("give the variable another name");
        if let Some(first) = self.scope.span(text) {
            let file = self.file;
            new = new.also(file, first, "first bound here");
        }
        self.report(new);
    }

    /// A loop over more than a million steps.
    fn too_many_iterations(&mut self, span: Span) {
        const MOST: u64 = 1_000_000;
        if self.iterations > MOST {
            let times = self.iterations;
            let message = "the loop may run too often";
            let new = self
                .diag(Code::TooManyIterations, span, message)
                .label(format!("the body may run {times} times"))
                .help("narrow the ranges");
            self.report(new);
        }
    }

    /// A range that grows with the file.
    fn slow_loop(&mut self, lo: ExprId, hi: ExprId, span: Span) {
        if matches!(self.known(lo), Some(Const::Int(_)))
            && self.grows_with_file(hi)
        {
            let message = "the loop gets slow on large files";
            let new = self
                .diag(Code::SlowLoop, span, message)
                .label("this range grows with the file")
                .help("bound it: `math.min(filesize, 4096)`");
            self.report(new);
        }
    }
}

/// `1 value`, `2 values`
fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
