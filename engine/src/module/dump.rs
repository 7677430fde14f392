//! Everything that a module knows about an object.
//!
//! Walks a schema and asks for each field, so that the modules themselves
//! know nothing about being dumped.

use std::borrow::Cow;

use super::schema::{Func, Member, Schema, Struct, Type};
use super::{CallCx, Fields, Index, Module, OpenCx, Value};

/// A module, opened for one object.
pub struct Opened<'d> {
    schema: &'static Schema,
    fields: Box<dyn Fields<'d> + 'd>,
}

/// What a module knows: only what is defined, in the order of the schema.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree<'v> {
    /// A scalar.
    Value(Value<'v>),
    /// Names of members and their values.
    Struct(Vec<(&'static str, Tree<'v>)>),
    /// Items; `None` is undefined.
    Array(Vec<Option<Tree<'v>>>),
    /// Keys and their values.
    Map(Vec<(Cow<'v, [u8]>, Tree<'v>)>),
}

const NO: Tree<'_> = Tree::Value(Value::Bool(false));

impl<'d> Opened<'d> {
    /// Opens a module.
    pub fn open(module: &'static dyn Module, cx: OpenCx<'d>) -> Opened<'d> {
        Opened { schema: module.schema(), fields: module.open(cx) }
    }

    /// All fields that are defined, and the results of all functions that
    /// need no argument. Arrays and maps without items are left out.
    pub fn tree(&self) -> Tree<'_> {
        let tree = self.structure(self.schema.root, &[], &[]);
        tree.unwrap_or(Tree::Struct(Vec::new()))
    }

    /// True if the object is of the kind that the module is about: it says
    /// so itself, or, where there is no such field, some field is defined and
    /// not false.
    pub fn recognises(&self) -> bool {
        let members = self.schema.root.members;
        let mut numbered = (0u16..).zip(members);
        match numbered.clone().find(|(_, m)| m.is_predicate()) {
            Some((at, _)) => {
                self.fields.get(&[at], &[]) == Some(Value::Bool(true))
            }
            None => numbered.any(|(at, member)| {
                !matches!(member.ty, Type::Func(_))
                    && self
                        .member(member, &[at], &[])
                        .is_some_and(|tree| tree != NO)
            }),
        }
    }

    fn structure(
        &self,
        structure: &Struct,
        path: &[u16],
        index: &[Index<'_>],
    ) -> Option<Tree<'_>> {
        let mut known: Vec<(&'static str, Tree<'_>)> = Vec::new();
        for (at, member) in (0u16..).zip(structure.members) {
            // Of the two types of a field, the first that is there counts.
            if known.last().is_some_and(|(name, _)| *name == member.name) {
                continue;
            }
            let path = [path, &[at]].concat();
            if let Some(tree) = self.member(member, &path, index) {
                known.push((member.name, tree));
            }
        }
        (!known.is_empty()).then_some(Tree::Struct(known))
    }

    fn member(
        &self,
        member: &Member,
        path: &[u16],
        index: &[Index<'_>],
    ) -> Option<Tree<'_>> {
        match member.ty {
            Type::Array(item) => {
                let items: Vec<_> = (0..self.fields.len(path, index)?)
                    .map(|at| {
                        let at = i64::try_from(at).ok()?;
                        self.value(item, path, &with(index, Index::Int(at)))
                    })
                    .collect();
                (!items.is_empty()).then_some(Tree::Array(items))
            }
            Type::Map(item) => {
                let items: Vec<_> = (0..self.fields.len(path, index)?)
                    .filter_map(|at| {
                        let key = self.fields.key(path, index, at)?;
                        let index = with(index, Index::Key(&key));
                        let value = self.value(item, path, &index)?;
                        drop(index);
                        Some((key, value))
                    })
                    .collect();
                (!items.is_empty()).then_some(Tree::Map(items))
            }
            Type::Func(function) => self.call(function, path, index),
            ref other => self.value(other, path, index),
        }
    }

    fn value(
        &self,
        ty: &Type,
        path: &[u16],
        index: &[Index<'_>],
    ) -> Option<Tree<'_>> {
        match ty {
            Type::Struct(inside) => self.structure(inside, path, index),
            _ => self.fields.get(path, index).map(Tree::Value),
        }
    }

    fn call(
        &self,
        function: &Func,
        path: &[u16],
        index: &[Index<'_>],
    ) -> Option<Tree<'_>> {
        let (at, _) = (0u16..)
            .zip(function.signatures)
            .find(|(_, signature)| signature.args.is_empty())?;
        let result = self.fields.call(path, at, index, &[], &mut Alone)?;
        Some(Tree::Value(result))
    }
}

fn with<'k>(index: &[Index<'k>], last: Index<'k>) -> Vec<Index<'k>> {
    [index, &[last]].concat()
}

/// Nobody listens, and the budget is endless: functions without arguments
/// look at the object once.
struct Alone;

impl CallCx for Alone {
    fn console(&mut self, _message: String) {}

    fn charge(&mut self, _units: u64) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::registry::find;

    fn vt(report: &[u8]) -> Opened<'_> {
        let (_, module) = find("vt").unwrap();
        let module_data = Some(report);
        Opened::open(module, OpenCx { module_data, ..OpenCx::new(b"") })
    }

    fn text(text: &str) -> Tree<'_> {
        Tree::Value(Value::Bytes(Cow::Borrowed(text.as_bytes())))
    }

    #[test]
    fn what_is_defined_is_there_in_the_order_of_the_schema() {
        let opened = vt(br#"{"metadata": {
            "exiftool": {"b": "2", "a": "1"},
            "file_size": 7, "tags": ["x", 1], "md5": "m", "nothing": 1
        }}"#);
        let exif = vec![
            (Cow::Borrowed(&b"a"[..]), text("1")),
            (Cow::Borrowed(&b"b"[..]), text("2")),
        ];
        let mut expected = vec![
            ("md5", text("m")),
            ("file_size", Tree::Value(Value::Int(7))),
            ("tags", Tree::Array(vec![Some(text("x")), None])),
            ("exiftool", Tree::Map(exif)),
        ];
        let Tree::Struct(root) = opened.tree() else { panic!() };
        let [("metadata", Tree::Struct(found))] = &root[..] else {
            panic!("{root:?}")
        };
        let (_, vt) = find("vt").unwrap();
        let (_, metadata) = vt.schema().root.member("metadata").unwrap();
        let metadata = metadata.ty.structure().unwrap();
        expected.sort_by_key(|(name, _)| metadata.member(name).unwrap().0);
        assert_eq!(*found, expected);
        assert!(opened.recognises());
    }

    #[test]
    fn what_is_not_known_is_not_there() {
        let opened = vt(b"{}");
        assert_eq!(opened.tree(), Tree::Struct(Vec::new()));
        assert!(!opened.recognises());
        let (_, hash) = find("hash").unwrap();
        let cx = OpenCx::new(b"x");
        assert!(!Opened::open(hash, cx).recognises());
    }

    #[test]
    fn functions_without_arguments_are_called() {
        let (_, time) = find("time").unwrap();
        let cx = OpenCx { now: 5, ..OpenCx::new(b"") };
        let opened = Opened::open(time, cx);
        let now = ("now", Tree::Value(Value::Int(5)));
        assert_eq!(opened.tree(), Tree::Struct(vec![now]));
    }

    #[test]
    fn the_module_says_itself_what_the_object_is() {
        let (_, pe) = find("pe").unwrap();
        let open = |report| {
            let module_data = Some(report);
            Opened::open(pe, OpenCx { module_data, ..OpenCx::new(b"") })
        };
        assert!(open(br#"{"is_pe": true}"#).recognises());
        assert!(!open(br#"{"is_pe": false, "machine": 3}"#).recognises());
    }
}
