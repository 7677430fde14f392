//! Values of a module read from JSON that the user gives.
//!
//! The text is laid out by the module's schema while it is read, so that a
//! field is found by its numeric path alone. What does not fit is undefined.

use serde_json::Value as Json;

use super::node::{IntoNode, Node};
use super::schema::{Schema, Struct, Type};

/// Says what is wrong with data given for a module, if they can't be read.
pub fn check(data: &[u8]) -> Result<(), String> {
    match serde_json::from_slice::<Json>(data) {
        Ok(Json::Object(_)) => Ok(()),
        Ok(_) => Err("not a JSON object".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// The members of the module that the text gives; `None` if the text is no
/// JSON object. Those that it leaves out are for the module to find.
pub(super) fn root(schema: &Schema, data: &[u8]) -> Option<Node<'static>> {
    let json: Json = serde_json::from_slice(data).ok()?;
    let object = json.as_object()?;
    let members = schema.root.members.iter().map(|member| {
        let given = object.get(member.name)?;
        node(&member.ty, given)
    });
    Some(Node::Struct(members.collect()))
}

/// Reads a structure. Arrays and maps that are not there are empty.
fn structure(schema: &Struct, json: &Json) -> Option<Node<'static>> {
    let object = json.as_object()?;
    let members = schema.members.iter().map(|member| {
        let given = object.get(member.name).unwrap_or(&Json::Null);
        node(&member.ty, given)
    });
    Some(Node::Struct(members.collect()))
}

fn node(ty: &Type, json: &Json) -> Option<Node<'static>> {
    match ty {
        Type::Int | Type::Dual => json.as_i64().map(Node::Int),
        Type::Float => json.as_f64().map(Node::Float),
        Type::Bool => json.as_bool().map(Node::Bool),
        Type::Str | Type::Hash(_) => {
            json.as_str().and_then(|text| text.to_owned().into_node())
        }
        Type::Struct(inside) => structure(inside, json),
        Type::Array(item) => {
            let items = json.as_array().map_or(&[][..], Vec::as_slice);
            let items = items.iter().map(|json| node(item, json));
            Some(Node::Array(items.collect()))
        }
        Type::Map(item) => {
            let items = json.as_object().into_iter().flatten();
            let items = items.filter_map(|(key, json)| {
                Some((key.as_bytes().to_owned().into(), node(item, json)?))
            });
            Some(Node::map(items.collect()))
        }
        Type::Func(_) => None,
    }
}
