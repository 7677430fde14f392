//! Values of a module read from JSON that the user gives.
//!
//! The text is laid out by the module's schema while it is read, so that a
//! field is found by its numeric path alone. What does not fit is undefined.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::schema::{Schema, Struct, Type};
use super::{Index, Value};

/// A value, laid out as the schema says.
pub(super) enum Node {
    Int(i64),
    Float(f64),
    Bool(bool),
    Bytes(Box<[u8]>),
    /// One place for each member.
    Struct(Box<[Option<Node>]>),
    Array(Box<[Option<Node>]>),
    /// Ordered by key.
    Map(Box<[(Box<[u8]>, Node)]>),
}

/// Says what is wrong with data given for a module, if they can't be read.
pub fn check(data: &[u8]) -> Result<(), String> {
    match serde_json::from_slice::<Json>(data) {
        Ok(Json::Object(_)) => Ok(()),
        Ok(_) => Err("not a JSON object".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

impl Node {
    /// The whole module; `None` if the text is no JSON object.
    pub(super) fn root(schema: &Schema, data: &[u8]) -> Option<Node> {
        let json: Json = serde_json::from_slice(data).ok()?;
        structure(schema.root, &json)
    }

    /// The value at a path. An index is used up by the first array or map
    /// that is met.
    pub(super) fn find(
        &self,
        path: &[u16],
        index: &[Index<'_>],
    ) -> Option<&Node> {
        let mut at = self;
        let mut index = index.iter();
        for &step in path {
            let Node::Struct(members) = at else { return None };
            at = members.get(usize::from(step))?.as_ref()?;
            if matches!(at, Node::Array(_) | Node::Map(_))
                && let Some(&key) = index.next()
            {
                at = at.item(key)?;
            }
        }
        Some(at)
    }

    fn item(&self, index: Index<'_>) -> Option<&Node> {
        match (self, index) {
            (Node::Array(items), Index::Int(at)) => {
                items.get(usize::try_from(at).ok()?)?.as_ref()
            }
            (Node::Map(items), Index::Key(key)) => {
                let at = items.binary_search_by(|item| (*item.0).cmp(key));
                Some(&items[at.ok()?].1)
            }
            _ => None,
        }
    }

    /// The value of a scalar.
    pub(super) fn value(&self) -> Option<Value<'_>> {
        match self {
            Node::Int(int) => Some(Value::Int(*int)),
            Node::Float(float) => Some(Value::Float(*float)),
            Node::Bool(bool) => Some(Value::Bool(*bool)),
            Node::Bytes(bytes) => Some(Value::Bytes(Cow::Borrowed(bytes))),
            Node::Struct(_) | Node::Array(_) | Node::Map(_) => None,
        }
    }

    /// The number of items of an array or a map.
    pub(super) fn len(&self) -> Option<u64> {
        match self {
            Node::Array(items) => Some(items.len() as u64),
            Node::Map(items) => Some(items.len() as u64),
            _ => None,
        }
    }

    /// The key at a position of a map.
    pub(super) fn key(&self, position: u64) -> Option<&[u8]> {
        let Node::Map(items) = self else { return None };
        Some(&items.get(usize::try_from(position).ok()?)?.0)
    }
}

/// Reads a structure. Arrays and maps that are not there are empty.
fn structure(schema: &Struct, json: &Json) -> Option<Node> {
    let object = json.as_object()?;
    let members = schema.members.iter().map(|member| {
        let given = object.get(member.name).unwrap_or(&Json::Null);
        node(&member.ty, given)
    });
    Some(Node::Struct(members.collect()))
}

fn node(ty: &Type, json: &Json) -> Option<Node> {
    match ty {
        Type::Int | Type::Dual => json.as_i64().map(Node::Int),
        Type::Float => json.as_f64().map(Node::Float),
        Type::Bool => json.as_bool().map(Node::Bool),
        Type::Str | Type::Hash(_) => {
            json.as_str().map(|text| Node::Bytes(text.as_bytes().into()))
        }
        Type::Struct(inside) => structure(inside, json),
        Type::Array(item) => {
            let items = json.as_array().map_or(&[][..], Vec::as_slice);
            let items = items.iter().map(|json| node(item, json));
            Some(Node::Array(items.collect()))
        }
        Type::Map(item) => {
            let mut items: Vec<(Box<[u8]>, Node)> = json
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(|(key, json)| {
                    Some((key.as_bytes().into(), node(item, json)?))
                })
                .collect();
            items.sort_by(|a, b| a.0.cmp(&b.0));
            Some(Node::Map(items.into_boxed_slice()))
        }
        Type::Func(_) => None,
    }
}
