//! What an expression means while it is checked: a value, or something that
//! leads to one.

use dragnet_engine::cond::ReadKind;
use dragnet_engine::module::schema::{Enum, Schema, Type};

use crate::ir::{Const, ExprId, Ty, VarId};
use crate::syntax::ast::RegexLit;

/// The meaning of an expression.
#[derive(Clone)]
pub(super) enum Val {
    /// A value that conditions can compute.
    Scalar(ExprId),
    /// A regular expression.
    Regex(RegexLit),
    /// A structure, array, map, function or dual field of a module; never
    /// another type.
    Place(Path, Type),
    /// A qualified enumeration.
    Enum(&'static Enum),
    /// The method `len` of a string.
    StrLen(ExprId),
    /// The method `len` of an array or a map.
    Len(Path),
    /// A built-in read.
    Read(ReadKind),
}

/// Where something is in a module.
#[derive(Clone)]
pub(super) struct Path {
    /// The module.
    pub(super) schema: &'static Schema,
    /// Member indexes from its root.
    pub(super) steps: Vec<u16>,
    /// The indexes on the way.
    pub(super) index: Vec<Index>,
}

/// An index of an array or map.
#[derive(Clone)]
pub(super) enum Index {
    /// An expression; it may be used only once.
    Expr(ExprId),
    /// A variable.
    Var(VarId, Ty),
    /// A constant.
    Const(Const),
}

impl Path {
    /// The root of a module.
    pub(super) fn root(schema: &'static Schema) -> Path {
        Path { schema, steps: Vec::new(), index: Vec::new() }
    }

    /// The member with this index.
    pub(super) fn member(mut self, member: u16) -> Path {
        self.steps.push(member);
        self
    }

    /// The item at this index.
    pub(super) fn item(mut self, index: Index) -> Path {
        self.index.push(index);
        self
    }
}

/// How to call a type in a message.
pub(super) fn ty_name(ty: Ty) -> &'static str {
    match ty {
        Ty::Bool => "a boolean",
        Ty::Int => "an integer",
        Ty::UInt => "an unsigned integer",
        Ty::Float => "a float",
        Ty::Str => "a string",
        Ty::Pattern => "a pattern",
    }
}

impl Val {
    /// How to call it in a message; `ty` is the type of a scalar.
    pub(super) fn kind_name(&self, ty: impl Fn(ExprId) -> Ty) -> &'static str {
        match self {
            Val::Scalar(id) => ty_name(ty(*id)),
            Val::Regex(_) => "a regular expression",
            Val::Place(_, Type::Struct(_)) => "a structure",
            Val::Place(_, Type::Array(_)) => "an array",
            Val::Place(_, Type::Map(_)) => "a map",
            Val::Place(_, Type::Func(_)) => "a function",
            Val::Place(..) => "a field",
            Val::Enum(_) => "an enumeration",
            Val::StrLen(_) | Val::Len(_) => "a method",
            Val::Read(_) => "a function",
        }
    }
}
