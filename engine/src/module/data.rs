//! External variables that are structures or arrays, read from JSON.
//!
//! Hides how they lie in memory. A rule reads them as it reads the fields of
//! a module: the variable is the only member of a structure of its own.

use std::fmt;
use std::sync::Arc;

use serde_json::Value as Json;

use super::node::{IntoNode, Node};
use super::{Fields, Index, Value};

/// In front of the name of a variable, where the name of a module is
/// expected. No module has it in its name.
pub const PREFIX: char = '$';

/// Structures and arrays within each other; paths to members are bounded.
const DEEPEST: usize = 12;

/// What a value is made of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// True or false.
    Bool,
    /// A signed integer.
    Int,
    /// A float.
    Float,
    /// Bytes.
    Text,
    /// Members with their names, in the order of the names.
    Struct(Vec<(String, Shape)>),
    /// Items of one shape.
    Array(Box<Shape>),
}

/// Why a value cannot be an external variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataError {
    /// The text is not JSON.
    Json(String),
    /// The text is neither an object nor an array.
    Scalar,
    /// A null; it has no type.
    Null,
    /// An array that is empty, holds an array, or items of several types.
    Array,
    /// A number beyond 64 bits with a sign.
    Number,
    /// A member whose name is no identifier.
    Name(String),
    /// Too deep, or too many members.
    TooLarge,
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DataError::Json(error) => write!(f, "not JSON: {error}"),
            DataError::Scalar => f.write_str("not a JSON object or array"),
            DataError::Null => f.write_str("null has no type"),
            DataError::Array => f.write_str(
                "the items of an array must be of one type, there must be \
                 one at least, and none may be an array",
            ),
            DataError::Number => f.write_str("an integer is out of range"),
            DataError::Name(name) => {
                write!(f, "`{name}` is not an identifier")
            }
            DataError::TooLarge => f.write_str("too deep, or too large"),
        }
    }
}

impl std::error::Error for DataError {}

/// A structure or an array.
#[derive(Clone)]
pub struct Data(Arc<Inner>);

struct Inner {
    shape: Shape,
    /// A structure whose only member is the value.
    root: Node<'static>,
    json: String,
}

impl Data {
    /// Reads a JSON object or array.
    ///
    /// # Errors
    ///
    /// [`DataError`], if it has no type that rules could be checked with.
    pub fn from_json(text: &[u8]) -> Result<Data, DataError> {
        let json: Json = serde_json::from_slice(text)
            .map_err(|error| DataError::Json(error.to_string()))?;
        if !json.is_object() && !json.is_array() {
            return Err(DataError::Scalar);
        }
        let shape = shape(&json, DEEPEST)?;
        let value = node(&shape, &json).ok_or(DataError::Array)?;
        let root = Node::Struct([Some(value)].into());
        Ok(Data(Arc::new(Inner { shape, root, json: json.to_string() })))
    }

    /// What it is made of.
    pub fn shape(&self) -> &Shape {
        &self.0.shape
    }

    /// The value as JSON, always in the same form.
    pub fn json(&self) -> &str {
        &self.0.json
    }
}

impl PartialEq for Data {
    fn eq(&self, other: &Data) -> bool {
        self.0.json == other.0.json
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.json)
    }
}

impl<'d> Fields<'d> for Data {
    fn get(&self, path: &[u16], index: &[Index<'_>]) -> Option<Value<'_>> {
        self.0.root.find(path, index)?.value()
    }

    fn len(&self, path: &[u16], index: &[Index<'_>]) -> Option<u64> {
        self.0.root.find(path, index)?.len()
    }
}

fn shape(json: &Json, depth: usize) -> Result<Shape, DataError> {
    let deeper = depth.checked_sub(1).ok_or(DataError::TooLarge)?;
    match json {
        Json::Null => Err(DataError::Null),
        Json::Bool(_) => Ok(Shape::Bool),
        Json::String(_) => Ok(Shape::Text),
        Json::Number(number) if number.is_i64() => Ok(Shape::Int),
        Json::Number(number) if number.is_f64() => Ok(Shape::Float),
        Json::Number(_) => Err(DataError::Number),
        Json::Array(items) => {
            let mut all = items.iter().map(|item| match item {
                Json::Null | Json::Array(_) => Err(DataError::Array),
                item => shape(item, deeper),
            });
            let first = all.next().ok_or(DataError::Array)??;
            for next in all {
                let next = next?;
                // An integer among floats is one of them.
                let whole = first == Shape::Float && next == Shape::Int;
                if next != first && !whole {
                    return Err(DataError::Array);
                }
            }
            Ok(Shape::Array(Box::new(first)))
        }
        Json::Object(members) => {
            if members.len() >= usize::from(u16::MAX) {
                return Err(DataError::TooLarge);
            }
            let mut all = members
                .iter()
                .map(|(name, value)| {
                    if !is_identifier(name) {
                        return Err(DataError::Name(name.clone()));
                    }
                    Ok((name.clone(), shape(value, deeper)?))
                })
                .collect::<Result<Vec<_>, _>>()?;
            all.sort_by(|a, b| a.0.cmp(&b.0));
            Ok(Shape::Struct(all))
        }
    }
}

fn is_identifier(name: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    name.bytes().all(word)
        && name.bytes().next().is_some_and(|b| !b.is_ascii_digit())
}

fn node(shape: &Shape, json: &Json) -> Option<Node<'static>> {
    Some(match shape {
        Shape::Bool => Node::Bool(json.as_bool()?),
        Shape::Int => Node::Int(json.as_i64()?),
        Shape::Float => Node::Float(json.as_f64()?),
        Shape::Text => json.as_str()?.to_owned().into_node()?,
        Shape::Struct(members) => {
            let object = json.as_object()?;
            let member = |m: &(String, Shape)| {
                Some(Some(node(&m.1, object.get(&m.0)?)?))
            };
            Node::Struct(members.iter().map(member).collect::<Option<_>>()?)
        }
        Shape::Array(item) => {
            let all = json.as_array()?.iter();
            let item = |json| Some(Some(node(item, json)?));
            Node::Array(all.map(item).collect::<Option<_>>()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn read(text: &str) -> Result<Data, DataError> {
        Data::from_json(text.as_bytes())
    }

    #[test]
    fn members_lie_in_the_order_of_their_names() {
        let data = read(r#"{"b": [{"y": 1, "x": "t"}], "a": 2.5}"#).unwrap();
        assert_eq!(data.get(&[0, 0], &[]), Some(Value::Float(2.5)));
        assert_eq!(data.len(&[0, 1], &[]), Some(1));
        let at = |at| [Index::Int(at)];
        assert_eq!(data.get(&[0, 1, 1], &at(0)), Some(Value::Int(1)));
        let text = Some(Value::Bytes(Cow::Borrowed(b"t")));
        assert_eq!(data.get(&[0, 1, 0], &at(0)), text);
        for (path, index) in [
            (&[0, 1, 1][..], &at(1)[..]),
            (&[0, 1, 1], &at(-1)),
            (&[0, 2], &[]),
            (&[1], &[]),
            (&[], &[]),
            (&[0, 1], &at(0)),
        ] {
            assert_eq!(data.get(path, index), None, "{path:?}");
        }
        let again = read(data.json()).unwrap();
        assert_eq!(again, data);
        assert_eq!(again.shape(), data.shape());
    }

    #[test]
    fn an_array_may_stand_alone() {
        let data = read("[1.5, 2]").unwrap();
        assert_eq!(data.len(&[0], &[]), Some(2));
        let second = data.get(&[0], &[Index::Int(1)]);
        assert_eq!(second, Some(Value::Float(2.0)));
    }

    #[test]
    fn what_has_no_type_is_refused() {
        for (text, error) in [
            ("1", DataError::Scalar),
            ("[]", DataError::Array),
            ("[1, \"a\"]", DataError::Array),
            ("[1, 2.5]", DataError::Array),
            ("[[1]]", DataError::Array),
            ("[null]", DataError::Array),
            ("[{\"a\": 1}, {\"b\": 1}]", DataError::Array),
            ("{\"a\": null}", DataError::Null),
            ("{\"a\": 18446744073709551615}", DataError::Number),
            ("{\"a b\": 1}", DataError::Name("a b".to_owned())),
            ("{\"\": 1}", DataError::Name(String::new())),
        ] {
            assert_eq!(read(text).err(), Some(error), "{text}");
        }
        assert!(matches!(read("{").err(), Some(DataError::Json(_))));
        let mut deep = "1".to_owned();
        for _ in 0..20 {
            deep = format!("{{\"a\": {deep}}}");
        }
        assert_eq!(read(&deep).err(), Some(DataError::TooLarge));
    }
}
