//! The `string` module.

mod schema;

use super::call::{Functions, OnlyFunctions};
use super::schema::Schema;
use super::{Arg, CallCx, Fields, Module, OpenCx, Value};

/// The module.
pub(super) struct Strings;

impl Module for Strings {
    fn schema(&self) -> &'static Schema {
        &schema::SCHEMA
    }

    fn open<'d>(&self, _cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        Box::new(OnlyFunctions(Opened))
    }
}

struct Opened;

impl<'d> Functions<'d> for Opened {
    fn schema(&self) -> &'static Schema {
        &schema::SCHEMA
    }

    fn call(
        &self,
        name: &str,
        args: &[Arg<'_>],
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        match (name, args) {
            ("to_int", &[Arg::Bytes(text)]) => to_int(text, 10, cx),
            ("to_int", &[Arg::Bytes(text), Arg::Int(base)]) => {
                to_int(text, base, cx)
            }
            ("length", &[Arg::Bytes(text)]) => {
                i64::try_from(text.len()).ok().map(Value::Int)
            }
            _ => None,
        }
    }
}

/// Reads the whole text as a number: digits of the base, perhaps a sign, and
/// nothing else.
fn to_int(
    text: &[u8],
    base: i64,
    cx: &mut dyn CallCx,
) -> Option<Value<'static>> {
    let base = u32::try_from(base).ok().filter(|b| (2..=36).contains(b))?;
    if !cx.charge(text.len() as u64) {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    i64::from_str_radix(text, base).ok().map(Value::Int)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::testing::Call;

    fn to_int(text: &[u8], base: Option<i64>) -> Option<i64> {
        let mut args = vec![Arg::Bytes(text)];
        args.extend(base.map(Arg::Int));
        match Call::new("string", b"").call("to_int", &args)? {
            Value::Int(int) => Some(int),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn numbers_are_decimal_unless_a_base_is_given() {
        assert_eq!(to_int(b"1234", None), Some(1234));
        assert_eq!(to_int(b"-10", None), Some(-10));
        assert_eq!(to_int(b"+10", None), Some(10));
        assert_eq!(to_int(b"010", None), Some(10));
        assert_eq!(to_int(b"ff", Some(16)), Some(255));
        assert_eq!(to_int(b"FF", Some(16)), Some(255));
        assert_eq!(to_int(b"-101", Some(2)), Some(-5));
        assert_eq!(to_int(b"zz", Some(36)), Some(35 * 36 + 35));
        assert_eq!(to_int(b"-9223372036854775808", None), Some(i64::MIN));
    }

    #[test]
    fn what_is_not_wholly_a_number_is_undefined() {
        let wrong = [
            &b""[..],
            b"-",
            b"+",
            b" 1",
            b"1 ",
            b"0x10",
            b"1_000",
            b"1.0",
            b"abc",
            b"9223372036854775808",
            b"\xff",
            b"1\0",
        ];
        for text in wrong {
            assert_eq!(to_int(text, None), None, "{text:?}");
        }
        assert_eq!(to_int(b"8", Some(8)), None);
        for base in [i64::MIN, -1, 0, 1, 37, 1 << 32 | 10, i64::MAX] {
            assert_eq!(to_int(b"1", Some(base)), None, "base {base}");
        }
    }

    #[test]
    fn length_counts_bytes() {
        let call = Call::new("string", b"");
        let length = |text| call.call("length", &[Arg::Bytes(text)]);
        assert_eq!(length(b""), Some(Value::Int(0)));
        assert_eq!(length("é\0x".as_bytes()), Some(Value::Int(4)));
    }
}
