//! Modules without a parser: undefined, unless the user gives their values.

use super::node::Node;
use super::parsed::{self, Parser};
use super::schema::Schema;
use super::{Arg, Fields, Module, OpenCx, Value};

/// A module that has a schema and no parser.
pub(super) struct Unparsed {
    schema: &'static Schema,
    call: Call,
}

/// A function over data of the user: the structure it belongs to, its name
/// and its arguments.
type Call = fn(&Node<'_>, &str, &[Arg<'_>]) -> Option<Value<'static>>;

impl Unparsed {
    pub(super) const fn with(schema: &'static Schema, call: Call) -> Self {
        Self { schema, call }
    }
}

impl Module for Unparsed {
    fn schema(&self) -> &'static Schema {
        self.schema
    }

    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        parsed::open(self.schema, cx, Some(Nothing { call: self.call }))
    }
}

/// Finds nothing in any object.
struct Nothing {
    call: Call,
}

impl<'d> Parser<'d> for Nothing {
    fn member(&self, _: u16) -> Option<Node<'d>> {
        None
    }

    fn call_given(
        &self,
        given: &Node<'_>,
        name: &str,
        args: &[Arg<'_>],
    ) -> Option<Value<'static>> {
        (self.call)(given, name, args)
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::module::Index;
    use crate::module::registry::find;
    use crate::module::testing::Call;

    fn open(
        name: &str,
        data: Option<&'static [u8]>,
    ) -> Box<dyn Fields<'static>> {
        find(name)
            .unwrap()
            .1
            .open(OpenCx { module_data: data, ..OpenCx::new(b"") })
    }

    fn path(name: &str, steps: &[&str]) -> Vec<u16> {
        let mut at = find(name).unwrap().1.schema().root;
        let mut path = Vec::new();
        for step in steps {
            let (index, member) = at.member(step).unwrap();
            path.push(index);
            at = member.ty.structure().unwrap_or(at);
        }
        path
    }

    #[test]
    fn predicates_are_false_and_the_rest_is_undefined() {
        let predicates = [
            ("pe", "is_pe"),
            ("dotnet", "is_dotnet"),
            ("dex", "is_dex"),
            ("lnk", "is_lnk"),
            ("crx", "is_crx"),
            ("olecf", "is_olecf"),
            ("zip", "is_zip"),
            ("vba", "has_macros"),
        ];
        for (module, name) in predicates {
            let opened = open(module, None);
            let got = opened.get(&path(module, &[name]), &[]);
            assert_eq!(got, Some(Value::Bool(false)), "{module}.{name}");
        }
        for (module, name) in [("pe", "is_signed"), ("pe", "machine")] {
            assert_eq!(
                open(module, None).get(&path(module, &[name]), &[]),
                None
            );
        }
    }

    #[test]
    fn arrays_of_the_module_are_empty() {
        let pe = open("pe", None);
        assert_eq!(pe.len(&path("pe", &["sections"]), &[]), Some(0));
        assert_eq!(pe.len(&path("pe", &["version_info"]), &[]), Some(0));
        let inside = path("pe", &["rich_signature", "tools"]);
        assert_eq!(pe.len(&inside, &[]), None);
        assert_eq!(
            pe.get(&path("pe", &["sections", "name"]), &[Index::Int(0)]),
            None
        );
    }

    #[test]
    fn data_of_the_user_fill_the_fields() {
        let vt = open(
            "vt",
            Some(
                br#"{"metadata": {"sha256": "ab", "new_file": true,
                "tags": ["x", 7, "y"], "exiftool": {"b": "2", "a": "1"},
                "file_size": "no number"}}"#,
            ),
        );
        let at = |steps: &[&str]| {
            let mut all = vec!["metadata"];
            all.extend_from_slice(steps);
            path("vt", &all)
        };
        let bytes = |text: &'static str| {
            Some(Value::Bytes(Cow::Borrowed(text.as_bytes())))
        };
        assert_eq!(vt.get(&at(&["sha256"]), &[]), bytes("ab"));
        assert_eq!(vt.get(&at(&["new_file"]), &[]), Some(Value::Bool(true)));
        assert_eq!(vt.get(&at(&["file_size"]), &[]), None);
        assert_eq!(vt.get(&at(&["md5"]), &[]), None);
        let tags = at(&["tags"]);
        assert_eq!(vt.len(&tags, &[]), Some(3));
        assert_eq!(vt.get(&tags, &[Index::Int(1)]), None);
        assert_eq!(vt.get(&tags, &[Index::Int(2)]), bytes("y"));
        for wrong in [-1, 3, i64::MAX, i64::MIN] {
            assert_eq!(vt.get(&tags, &[Index::Int(wrong)]), None);
        }
        let exif = at(&["exiftool"]);
        assert_eq!(vt.len(&exif, &[]), Some(2));
        assert_eq!(vt.get(&exif, &[Index::Key(b"b")]), bytes("2"));
        assert_eq!(vt.get(&exif, &[Index::Key(b"c")]), None);
        assert_eq!(vt.key(&exif, &[], 0).as_deref(), Some(&b"a"[..]));
        assert_eq!(vt.key(&exif, &[], 2), None);
        assert_eq!(vt.len(&at(&["malware_families"]), &[]), Some(0));
    }

    #[test]
    fn an_address_of_the_user_is_looked_for_in_a_network() {
        let vt = open("vt", Some(br#"{"net": {"ip": {"raw": "10.1.2.3"}}}"#));
        let at = path("vt", &["net", "ip", "in_range"]);
        let in_range = |network| {
            let mut cx = &Call::new("vt", b"");
            vt.call(&at, 0, &[], &[Arg::Bytes(network)], &mut cx)
        };
        assert_eq!(in_range(b"10.0.0.0/8"), Some(Value::Bool(true)));
        assert_eq!(in_range(b"11.0.0.0/8"), Some(Value::Bool(false)));
        assert_eq!(in_range(b"nonsense"), Some(Value::Bool(false)));
        let none = open("vt", None);
        let mut cx = &Call::new("vt", b"");
        let args = [Arg::Bytes(b"10.0.0.0/8")];
        assert_eq!(none.call(&at, 0, &[], &args, &mut cx), None);
    }

    #[test]
    fn data_that_are_no_report_leave_everything_undefined() {
        let texts = [&b""[..], b"{", b"[]", b"7", b"\xff", b"null"];
        for text in texts {
            let pe = open("pe", Some(text));
            let is_pe = pe.get(&path("pe", &["is_pe"]), &[]);
            assert_eq!(is_pe, Some(Value::Bool(false)));
            assert_eq!(pe.get(&path("pe", &["machine"]), &[]), None);
            assert_eq!(pe.len(&path("pe", &["sections"]), &[]), Some(0));
        }
    }

    #[test]
    fn a_field_of_two_types_is_what_the_report_has() {
        let text = br#"{"header": {"magic": "dex"}}"#;
        let dex = open("dex", Some(text));
        let mut at = path("dex", &["header", "magic"]);
        assert_eq!(dex.get(&at, &[]), None);
        *at.last_mut().unwrap() += 1;
        assert_eq!(
            dex.get(&at, &[]),
            Some(Value::Bytes(Cow::Borrowed(&b"dex"[..])))
        );
    }
}
