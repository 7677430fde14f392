//! External variables that are structures or arrays, described as modules
//! are, so that rules read both in the same way.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use dragnet_engine::module::data::{PREFIX, Shape};
use dragnet_engine::module::schema::{Member, Origin, Schema, Struct, Type};

/// Descriptions are never freed, but there is one only for each name and
/// shape that the process has seen.
type Known = Mutex<HashMap<(String, Shape), &'static Schema>>;

/// The variable as the only member of a structure.
pub(super) fn schema(name: &str, shape: &Shape) -> &'static Schema {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    let mut known = KNOWN
        .get_or_init(Known::default)
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let key = (name.to_owned(), shape.clone());
    known.entry(key).or_insert_with(|| {
        let member = member(name, describe(shape));
        leak(Schema {
            name: keep(&format!("{PREFIX}{name}")),
            doc: "An external variable.",
            root: structure(vec![member]),
            implemented: true,
        })
    })
}

fn describe(shape: &Shape) -> Type {
    match shape {
        Shape::Bool => Type::Bool,
        Shape::Int => Type::Int,
        Shape::Float => Type::Float,
        Shape::Text => Type::Str,
        Shape::Array(item) => Type::Array(leak(describe(item))),
        Shape::Struct(members) => {
            let members = members
                .iter()
                .map(|(name, shape)| member(name, describe(shape)));
            Type::Struct(structure(members.collect()))
        }
    }
}

fn member(name: &str, ty: Type) -> Member {
    let (origin, deprecated) = (Origin::YaraX, None);
    Member { name: keep(name), ty, origin, deprecated, doc: "" }
}

fn structure(members: Vec<Member>) -> &'static Struct {
    let members = Vec::leak(members);
    leak(Struct { members, constants: &[], enums: &[] })
}

fn keep(text: &str) -> &'static str {
    String::leak(text.to_owned())
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}
