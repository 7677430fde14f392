//! Tests of the module `math`.

use super::*;
use crate::module::testing::Call;

use Arg::{Bool, Bytes, Float, Int};

fn call(name: &str, data: &[u8], args: &[Arg<'_>]) -> Option<Value<'static>> {
    Call::new("math", data).call(name, args)
}

fn float(name: &str, data: &[u8], args: &[Arg<'_>]) -> Option<f64> {
    match call(name, data, args)? {
        Value::Float(float) => Some(float),
        other => panic!("{other:?}"),
    }
}

#[test]
fn numbers() {
    let int = |name, args: &[Arg<'_>]| match call(name, b"", args) {
        Some(Value::Int(int)) => int,
        other => panic!("{other:?}"),
    };
    assert_eq!(int("min", &[Int(-1), Int(1)]), -1);
    assert_eq!(int("max", &[Int(-1), Int(1)]), 1);
    assert_eq!(int("abs", &[Int(-7)]), 7);
    assert_eq!(int("abs", &[Int(i64::MIN)]), i64::MIN);
    assert_eq!(int("to_number", &[Bool(true)]), 1);
    assert_eq!(int("to_number", &[Bool(false)]), 0);
}

#[test]
fn in_range_includes_its_ends() {
    let holds = |args: &[Arg<'_>]| call("in_range", b"", args);
    let yes = Some(Value::Bool(true));
    let no = Some(Value::Bool(false));
    assert_eq!(holds(&[Float(2.0), Float(1.0), Float(2.0)]), yes);
    assert_eq!(holds(&[Float(2.1), Float(1.0), Float(2.0)]), no);
    assert_eq!(holds(&[Float(f64::NAN), Float(1.0), Float(2.0)]), no);
    assert_eq!(holds(&[Int(1), Int(1), Int(2)]), yes);
    assert_eq!(holds(&[Int(0), Int(1), Int(2)]), no);
}

#[test]
fn to_string_knows_three_bases() {
    let string = |args: &[Arg<'_>]| match call("to_string", b"", args)? {
        Value::Bytes(text) => String::from_utf8(text.into_owned()).ok(),
        other => panic!("{other:?}"),
    };
    assert_eq!(string(&[Int(-12)]).as_deref(), Some("-12"));
    assert_eq!(string(&[Int(-12), Int(10)]).as_deref(), Some("-12"));
    assert_eq!(string(&[Int(64), Int(8)]).as_deref(), Some("100"));
    assert_eq!(string(&[Int(255), Int(16)]).as_deref(), Some("ff"));
    let all_ones = string(&[Int(-1), Int(16)]);
    assert_eq!(all_ones.as_deref(), Some("ffffffffffffffff"));
    for base in [0, 2, -16, i64::MAX] {
        assert_eq!(string(&[Int(1), Int(base)]), None);
    }
}

#[test]
fn counts_of_a_byte() {
    let data = b"abcabca";
    let a = Int(97);
    assert_eq!(call("count", data, &[a]), Some(Value::Int(3)));
    let range = [a, Int(1), Int(3)];
    assert_eq!(call("count", data, &range), Some(Value::Int(1)));
    // Cut at the end, empty at the end, undefined past the end.
    let range = [a, Int(6), Int(100)];
    assert_eq!(call("count", data, &range), Some(Value::Int(1)));
    let range = [a, Int(7), Int(1)];
    assert_eq!(call("count", data, &range), Some(Value::Int(0)));
    assert_eq!(call("count", data, &[a, Int(8), Int(1)]), None);
    for byte in [-1, 256, i64::MAX] {
        assert_eq!(call("count", data, &[Int(byte)]), None);
        assert_eq!(call("percentage", data, &[Int(byte)]), None);
    }
    assert_eq!(float("percentage", data, &[a]), Some(3.0 / 7.0));
    let range = [a, Int(0), Int(4)];
    assert_eq!(float("percentage", data, &range), Some(0.5));
    assert_eq!(float("percentage", b"", &[a]), None);
}

#[test]
fn mode_is_the_lowest_of_the_most_frequent() {
    assert_eq!(call("mode", b"ccbba", &[]), Some(Value::Int(98)));
    let range = [Int(0), Int(2)];
    assert_eq!(call("mode", b"ccbba", &range), Some(Value::Int(99)));
    assert_eq!(call("mode", b"", &[]), None);
}

#[test]
fn entropy_mean_and_deviation_by_hand() {
    // Four equal shares: two bits. Three to one: 2 - 0.75 · log2(3).
    let all = [Int(0), Int(4)];
    assert_eq!(float("entropy", b"abcd", &all), Some(2.0));
    assert_eq!(float("entropy", b"", &[Bytes(b"aaaa")]), Some(0.0));
    let uneven = float("entropy", b"aaab", &all).unwrap();
    assert!((uneven - (2.0 - 0.75 * 3_f64.log2())).abs() < 1e-12);
    assert_eq!(float("mean", b"\x01\x02\x03\x06", &all), Some(3.0));
    let args = [Int(0), Int(4), Float(3.0)];
    // Distances 2, 1, 0 and 3.
    assert_eq!(float("deviation", b"\x01\x02\x03\x06", &args), Some(1.5));
    let args = [Bytes(b"\x00\xff"), Float(127.5)];
    assert_eq!(float("deviation", b"", &args), Some(127.5));
    assert_eq!(float("mean", b"", &[Bytes(b"")]), None);
    assert_eq!(float("deviation", b"", &[Bytes(b""), Float(0.0)]), None);
    assert_eq!(float("entropy", b"", &[Int(0), Int(0)]), Some(0.0));
    assert_eq!(float("entropy", b"", &[Int(1), Int(0)]), None);
}

#[test]
fn serial_correlation_by_hand() {
    let correlation =
        |text: &[u8]| float("serial_correlation", b"", &[Bytes(text)]);
    // Two bytes that take turns oppose each other wholly.
    assert_eq!(correlation(b"\x00\xff\x00\xff"), Some(-1.0));
    // 1 2 3: n = 3, products 2 + 6 + 3 = 11, sum 6, squares 14:
    // (33 - 36) / (42 - 36).
    assert_eq!(correlation(b"\x01\x02\x03"), Some(-0.5));
    assert_eq!(correlation(b"aaaa"), Some(-100_000.0));
    assert_eq!(correlation(b""), Some(-100_000.0));
}

#[test]
fn monte_carlo_pi_by_hand() {
    let error = |text: &[u8]| float("monte_carlo_pi", b"", &[Bytes(text)]);
    let pi = std::f64::consts::PI;
    // All points inside: 4 is taken for π. None inside: 0 is.
    assert_eq!(error(&[0; 12]), Some((4.0 - pi) / pi));
    assert_eq!(error(&[255; 12]), Some(1.0));
    // The rest after the last whole point does not count.
    assert_eq!(error(&[0; 17]), Some((4.0 - pi) / pi));
    assert_eq!(error(&[0; 5]), None);
}

#[test]
fn no_argument_is_too_odd() {
    let odd = [i64::MIN, -1, 0, 1, 5, 6, 7, i64::MAX - 1, i64::MAX];
    let names =
        ["mode", "entropy", "mean", "serial_correlation", "monte_carlo_pi"];
    for offset in odd {
        for length in odd {
            let inside = (0..=6).contains(&offset) && length >= 0;
            for name in names {
                let got = call(name, b"abcdef", &[Int(offset), Int(length)]);
                assert!(inside || got.is_none(), "{name} {offset} {length}");
            }
            let args = [Int(97), Int(offset), Int(length)];
            assert_eq!(call("count", b"abcdef", &args).is_some(), inside);
        }
    }
}

#[test]
fn a_range_is_paid_for_once_whatever_is_asked() {
    let math = Call::new("math", b"12345678");
    math.budget.set(20);
    let args = [Int(0), Int(8)];
    let twice = math.calls("entropy", &[&args, &args]);
    assert_eq!(twice[0], twice[1]);
    assert_eq!(math.budget.get(), 12);
    math.budget.set(7);
    assert_eq!(math.call("entropy", &args), None);
    assert_eq!(math.call("entropy", &[Bytes(b"12345678")]), None);
}
