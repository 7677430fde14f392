//! The `console` module: a line for each call, handed to the caller of the
//! scan.

mod schema;

use std::borrow::Cow;

use super::call::{Functions, OnlyFunctions, range_whole};
use super::schema::Schema;
use super::{Arg, CallCx, Fields, Module, OpenCx, Value};

/// The module.
pub(super) struct Console;

impl Module for Console {
    fn schema(&self) -> &'static Schema {
        &schema::SCHEMA
    }

    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        Box::new(OnlyFunctions(Opened { data: cx.data }))
    }
}

/// The most bytes of the object that one line shows: a line of the whole of
/// a large object would fill the memory.
const MAX_SHOWN: usize = 1 << 20;

struct Opened<'d> {
    data: &'d [u8],
}

impl<'d> Functions<'d> for Opened<'d> {
    fn schema(&self) -> &'static Schema {
        &schema::SCHEMA
    }

    fn call(
        &self,
        name: &str,
        args: &[Arg<'_>],
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        let (label, rest) = match args {
            [Arg::Bytes(label), rest @ ..] if !rest.is_empty() => {
                (String::from_utf8_lossy(label), rest)
            }
            _ => (Cow::Borrowed(""), args),
        };
        let text = match (name, rest) {
            ("log", [Arg::Bytes(text)]) => {
                String::from_utf8_lossy(text).into_owned()
            }
            ("log", [Arg::Int(int)]) => int.to_string(),
            ("log", [Arg::Float(float)]) => float.to_string(),
            ("log", [Arg::Bool(bool)]) => bool.to_string(),
            ("hex", [Arg::Int(int)]) => format!("0x{int:x}"),
            ("log", &[Arg::Int(offset), Arg::Int(length)]) => {
                match range_whole(self.data, offset, length) {
                    Some(range) => shown(&self.data[range]),
                    // Still true, as in YARA-X: a condition must not change
                    // because of what is logged.
                    None => return Some(Value::Bool(true)),
                }
            }
            _ => return None,
        };
        let line = format!("{label}{text}");
        if !cx.charge(line.len() as u64) {
            return None;
        }
        cx.console(line);
        Some(Value::Bool(true))
    }
}

/// Bytes as text: as they are if they are printable UTF-8, else escaped.
fn shown(bytes: &[u8]) -> String {
    let cut = &bytes[..bytes.len().min(MAX_SHOWN)];
    let plain = |c: char| !c.is_control() && c != '"' && c != '\\';
    let mut text = match std::str::from_utf8(cut) {
        Ok(text) if text.chars().all(plain) => text.to_owned(),
        _ => cut.escape_ascii().to_string(),
    };
    if cut.len() < bytes.len() {
        text += &format!("… ({} more bytes)", bytes.len() - cut.len());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::testing::Call;

    fn line(name: &str, data: &[u8], args: &[Arg<'_>]) -> Vec<String> {
        let call = Call::new("console", data);
        assert_eq!(call.call(name, args), Some(Value::Bool(true)));
        call.lines()
    }

    #[test]
    fn each_type_has_its_form() {
        use Arg::{Bool, Bytes, Float, Int};
        let log = |args: &[Arg<'_>]| line("log", b"", args);
        assert_eq!(log(&[Bytes(b"hi")]), ["hi"]);
        assert_eq!(log(&[Bytes(b"a: "), Bytes(b"b")]), ["a: b"]);
        assert_eq!(log(&[Int(-1)]), ["-1"]);
        assert_eq!(log(&[Bytes(b"n "), Int(7)]), ["n 7"]);
        assert_eq!(log(&[Float(0.5)]), ["0.5"]);
        assert_eq!(log(&[Bytes(b"f "), Float(2.25)]), ["f 2.25"]);
        assert_eq!(log(&[Bool(true)]), ["true"]);
        assert_eq!(log(&[Bytes(b"b "), Bool(false)]), ["b false"]);
        assert_eq!(line("hex", b"", &[Int(255)]), ["0xff"]);
        let negative = [Bytes(b"h "), Int(-1)];
        assert_eq!(line("hex", b"", &negative), ["h 0xffffffffffffffff"]);
        assert_eq!(log(&[Bytes(b"\xff")]), ["\u{fffd}"]);
    }

    #[test]
    fn bytes_of_the_object_are_shown_or_escaped() {
        use Arg::{Bytes, Int};
        let log = |data, args: &[Arg<'_>]| line("log", data, args);
        assert_eq!(log(b"plain", &[Int(1), Int(3)]), ["lai"]);
        assert_eq!(log(b"a\n", &[Bytes(b"> "), Int(0), Int(2)]), ["> a\\n"]);
        assert_eq!(log(b"\x00\xff", &[Int(0), Int(2)]), [r"\x00\xff"]);
        assert_eq!(log("é".as_bytes(), &[Int(0), Int(2)]), ["é"]);
    }

    #[test]
    fn a_range_outside_the_object_logs_nothing() {
        use Arg::Int;
        for (offset, length) in
            [(0, 6), (-1, 1), (0, -1), (6, 0), (i64::MAX, 1)]
        {
            let args = [Int(offset), Int(length)];
            assert!(line("log", b"12345", &args).is_empty());
        }
    }

    #[test]
    fn a_huge_range_is_cut_and_says_so() {
        let data = vec![b'a'; MAX_SHOWN + 5];
        let args = [Arg::Int(0), Arg::Int(data.len() as i64)];
        let lines = line("log", &data, &args);
        assert!(lines[0].ends_with("a… (5 more bytes)"));
    }

    #[test]
    fn without_budget_nothing_is_logged() {
        let call = Call::new("console", b"");
        call.budget.set(3);
        assert_eq!(call.call("log", &[Arg::Bytes(b"four")]), None);
        assert!(call.lines().is_empty());
    }
}
