//! Fields and functions of modules, by the way to them.

use dragnet_compiler::syntax::ast::{ExprId, ExprKind, File};
use dragnet_engine::module::registry;
use dragnet_engine::module::schema::{Origin, Struct, Type};

/// No module is as deep; chains of a hostile rule may be.
const LONGEST: usize = 64;

/// `module`, `a`, `b` of `module.a[0].b`; indexes and parentheses are left
/// out.
pub(crate) fn path(file: &File, id: ExprId) -> Option<Vec<&str>> {
    let mut path = Vec::new();
    let mut expr = file.expr(id);
    for _ in 0..LONGEST {
        match &expr.kind {
            ExprKind::Field(base, name) => {
                path.push(name.text.as_str());
                expr = file.expr(*base);
            }
            ExprKind::Index(base, _) | ExprKind::Paren(base) => {
                expr = file.expr(*base);
            }
            ExprKind::Name(name) => {
                path.push(name.as_str());
                path.reverse();
                return Some(path);
            }
            _ => return None,
        }
    }
    None
}

/// The structure that holds the last name of a path, and that name.
fn holder<'p>(path: &[&'p str]) -> Option<(&'static Struct, &'p str)> {
    let (module, fields) = path.split_first()?;
    let (_, module) = registry::find(module)?;
    let mut structure = module.schema().root;
    let (last, way) = fields.split_last()?;
    for name in way {
        let mut ty = &structure.member(name)?.1.ty;
        while let Type::Array(inner) | Type::Map(inner) = ty {
            ty = inner;
        }
        let Type::Struct(inner) = ty else { return None };
        structure = inner;
    }
    Some((structure, last))
}

/// What replaces a field, if anything does.
pub(crate) fn superseded(path: &[&str]) -> Option<&'static str> {
    let (structure, name) = holder(path)?;
    structure.member(name)?.1.deprecated
}

/// Which engines have it.
pub(crate) fn origin(path: &[&str]) -> Option<Origin> {
    let (structure, name) = holder(path)?;
    let member = structure.member(name).map(|(_, member)| member.origin);
    member.or_else(|| structure.constant(name).map(|c| c.origin))
}

/// Is it a truth value, or a function that gives nothing else?
pub(crate) fn is_truth(path: &[&str]) -> bool {
    let member = holder(path).and_then(|(s, name)| s.member(name));
    match member.map(|(_, member)| &member.ty) {
        Some(Type::Bool) => true,
        Some(Type::Func(func)) => {
            let mut results = func.signatures.iter().map(|s| s.result);
            results.all(|result| matches!(result, Type::Bool))
        }
        _ => false,
    }
}
