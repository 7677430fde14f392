//! What modules know of an object, as JSON and in the lines of YARA's `-D`.

use std::io::{self, Write};

use dragnet::{ModuleValue, Tree};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::encode::{escape, escape_yara};

/// A tree as JSON.
pub(crate) struct TreeJson<'t, 'v>(pub(crate) &'t Tree<'v>);

impl Serialize for TreeJson<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Tree::Value(ModuleValue::Int(int)) => to.serialize_i64(*int),
            Tree::Value(ModuleValue::Float(float)) => to.serialize_f64(*float),
            Tree::Value(ModuleValue::Bool(bool)) => to.serialize_bool(*bool),
            Tree::Value(ModuleValue::Bytes(bytes)) => {
                to.serialize_str(&readable_bytes(bytes))
            }
            Tree::Struct(members) => {
                let members = members.iter().map(|(k, v)| (k, TreeJson(v)));
                to.collect_map(members)
            }
            Tree::Array(items) => {
                to.collect_seq(items.iter().map(|i| i.as_ref().map(TreeJson)))
            }
            Tree::Map(items) => {
                let mut map = to.serialize_map(Some(items.len()))?;
                for (key, value) in items {
                    map.serialize_entry(
                        &readable_bytes(key),
                        &TreeJson(value),
                    )?;
                }
                map.end()
            }
        }
    }
}

/// Text as it is; bytes that are no text are escaped.
pub(crate) fn readable_bytes(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => escape(bytes),
    }
}

/// Writes the lines of YARA: a tab for each level, only what is defined.
pub(super) fn write_yara(
    out: &mut impl Write,
    name: &str,
    tree: &Tree<'_>,
    depth: usize,
) -> io::Result<()> {
    write!(out, "{:\t<depth$}{name}", "")?;
    match tree {
        Tree::Value(value) => {
            match value {
                ModuleValue::Int(int) => write!(out, " = {int}"),
                ModuleValue::Float(float) => write!(out, " = {float:.6}"),
                ModuleValue::Bool(bool) => write!(out, " = {}", *bool as u8),
                ModuleValue::Bytes(bytes) => {
                    write!(out, " = \"{}\"", escape_yara(bytes))
                }
            }?;
            writeln!(out)
        }
        Tree::Struct(members) => {
            writeln!(out)?;
            let mut members = members.iter();
            members.try_for_each(|(name, tree)| {
                write_yara(out, name, tree, depth + 1)
            })
        }
        Tree::Array(items) => {
            writeln!(out)?;
            let mut known = items
                .iter()
                .enumerate()
                .filter_map(|(at, item)| Some((at, item.as_ref()?)));
            known.try_for_each(|(at, item)| {
                write_yara(out, &format!("[{at}]"), item, depth + 1)
            })
        }
        Tree::Map(items) => {
            writeln!(out)?;
            let mut items = items.iter();
            items.try_for_each(|(key, item)| {
                write_yara(out, &escape_yara(key), item, depth + 1)
            })
        }
    }
}
