//! Variables that are visible at a place of a condition.

use std::collections::HashMap;

use dragnet_engine::cond::ReadKind;
use dragnet_engine::module::schema::{Enum, Type};

use super::value::Path;
use crate::ir::{Const, Ty, VarId};
use crate::source::Span;
use crate::syntax::ast::RegexLit;

/// What a name is bound to.
#[derive(Clone)]
pub(super) enum Bound {
    /// A variable.
    Var(VarId, Ty),
    /// A constant.
    Const(Const),
    /// A place in a module, whose indexes can be used any number of times.
    Place(Path, Type),
    /// A regular expression.
    Regex(RegexLit),
    /// A qualified enumeration.
    Enum(&'static Enum),
    /// A built-in function.
    Read(ReadKind),
    /// Something wrong that was reported.
    Poison,
}

/// A name and what it is bound to.
pub(super) struct Binding {
    /// The name.
    pub(super) name: String,
    /// Where it was bound.
    pub(super) span: Span,
    /// Its meaning.
    pub(super) bound: Bound,
    /// Was it used?
    pub(super) used: bool,
}

/// The bindings, innermost last.
#[derive(Default)]
pub(super) struct Scope {
    bindings: Vec<Binding>,
    by_name: HashMap<String, Vec<usize>>,
}

impl Scope {
    /// Adds a binding.
    pub(super) fn push(&mut self, name: &str, span: Span, bound: Bound) {
        let at = self.bindings.len();
        self.by_name.entry(name.to_owned()).or_default().push(at);
        let name = name.to_owned();
        self.bindings.push(Binding { name, span, bound, used: false });
    }

    /// Removes the innermost `count` bindings and returns them.
    pub(super) fn pop(&mut self, count: usize) -> Vec<Binding> {
        let left = self.bindings.split_off(self.bindings.len() - count);
        for binding in &left {
            if let Some(list) = self.by_name.get_mut(&binding.name) {
                list.pop();
            }
        }
        left
    }

    /// The innermost binding of a name, marked as used.
    pub(super) fn find(&mut self, name: &str) -> Option<&Bound> {
        let at = *self.by_name.get(name)?.last()?;
        let binding = &mut self.bindings[at];
        binding.used = true;
        Some(&binding.bound)
    }

    /// Where a name is bound.
    pub(super) fn span(&self, name: &str) -> Option<Span> {
        let at = *self.by_name.get(name)?.last()?;
        Some(self.bindings[at].span)
    }

    /// The names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.bindings.iter().map(|binding| binding.name.as_str())
    }
}
