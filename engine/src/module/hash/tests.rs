//! Tests of the module `hash`.

use super::*;
use crate::module::testing::Call;

fn of_text(name: &str, text: &[u8]) -> Value<'static> {
    Call::new("hash", b"").call(name, &[Arg::Bytes(text)]).unwrap()
}

fn text(text: &str) -> Value<'static> {
    Value::Bytes(Cow::Owned(text.as_bytes().to_vec()))
}

#[test]
fn published_vectors() {
    // RFC 1321, FIPS 180-4 and the check value of CRC-32/ISO-HDLC.
    let md5 = [
        (&b""[..], "d41d8cd98f00b204e9800998ecf8427e"),
        (b"abc", "900150983cd24fb0d6963f7d28e17f72"),
        (b"message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ];
    for (input, digest) in md5 {
        assert_eq!(of_text("md5", input), text(digest));
    }
    let sha1 = "a9993e364706816aba3e25717850c26c9cd0d89d";
    assert_eq!(of_text("sha1", b"abc"), text(sha1));
    let sha256 =
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(of_text("sha256", b"abc"), text(sha256));
    assert_eq!(of_text("crc32", b"123456789"), Value::Int(0xcbf4_3926));
    assert_eq!(of_text("checksum32", b"\xff\x01"), Value::Int(0x100));
}

#[test]
fn a_range_must_lie_inside_the_object() {
    let call = Call::new("hash", b"xabcx");
    let md5 = |offset, length| {
        call.call("md5", &[Arg::Int(offset), Arg::Int(length)])
    };
    assert_eq!(md5(1, 3), Some(text("900150983cd24fb0d6963f7d28e17f72")));
    let empty = Some(text("d41d8cd98f00b204e9800998ecf8427e"));
    assert_eq!(md5(0, 0), empty);
    assert_eq!(md5(5, 0), empty);
    for (offset, length) in [
        (0, 6),
        (6, 0),
        (-1, 1),
        (1, -1),
        (i64::MAX, i64::MAX),
        (i64::MIN, i64::MIN),
        (1, i64::MAX),
    ] {
        for name in ["md5", "sha1", "sha256", "crc32", "checksum32"] {
            let args = [Arg::Int(offset), Arg::Int(length)];
            assert_eq!(call.call(name, &args), None, "{offset} {length}");
        }
    }
}

#[test]
fn a_range_is_paid_for_once() {
    let call = Call::new("hash", b"12345678");
    call.budget.set(10);
    let args = [Arg::Int(0), Arg::Int(8)];
    let twice = call.calls("crc32", &[&args, &args]);
    assert_eq!(twice[0], twice[1]);
    assert_eq!(call.budget.get(), 2);
    assert_eq!(call.call("crc32", &args), None);
}
