//! A package built here; the signatures were made for it by another program.

use crate::module::hostile::survives;
use crate::module::olecf::tests::compound;
use crate::module::testing::File;
use crate::module::{Arg, Value};

const PLAIN: &[u8] = include_bytes!("../authenticode/samples/p384.der");
const EXTENDED: &[u8] = include_bytes!("../authenticode/samples/extended.der");
const NESTED: &[u8] = include_bytes!("../authenticode/samples/nested.der");

fn image(stripes: &[u8], signature: &[u8], extended: bool) -> Vec<u8> {
    let mut streams = vec![
        ("Zebra", stripes),
        ("Ape", &[7; 700]),
        ("\u{5}DigitalSignature", signature),
    ];
    if extended {
        streams.push(("\u{5}MsiDigitalSignatureEx", &[0; 32]));
    }
    compound(&streams)
}

#[test]
fn a_signature_covers_the_streams_in_the_order_of_their_names() {
    let good = Some(Value::Bool(true));
    for (signature, extended) in
        [(PLAIN, false), (EXTENDED, true), (NESTED, false)]
    {
        let image = image(b"stripes", signature, extended);
        let file = File::open("msi", &image);
        assert_eq!(file.get("is_signed"), good);
        assert_eq!(file.get("signatures.0.verified"), good);
        let digest = file.get("signatures.0.digest");
        assert_eq!(file.get("signatures.0.file_digest"), digest);
    }
    let wrong =
        [(PLAIN, &b"Stripes"[..], false), (EXTENDED, b"stripes", false)];
    for (signature, stripes, extended) in wrong {
        let image = image(stripes, signature, extended);
        let file = File::open("msi", &image);
        assert_eq!(file.get("is_signed"), good);
        let verified = file.get("signatures.0.verified");
        assert_eq!(verified, Some(Value::Bool(false)));
    }
}

#[test]
fn the_parts_of_a_signature_are_those_of_pe() {
    let image = image(b"stripes", PLAIN, false);
    let file = File::open("msi", &image);
    assert_eq!(file.len("signatures"), Some(1));
    file.has_ints(&[
        ("signatures.0.version", 3),
        ("signatures.0.number_of_certificates", 1),
    ]);
    file.has_texts(&[
        ("signatures.0.subject", b"/CN=Elliptic"),
        ("signatures.0.digest_alg", b"sha256"),
        ("signatures.0.signer_info.program_name", b"An app"),
        ("signatures.0.signer_info.more_info", b"http://example.org/"),
    ]);
    let Some(Value::Int(start)) = file.get("signatures.0.not_before") else {
        panic!("no start");
    };
    let valid_on = |name: &str, when: i64| file.call(name, &[Arg::Int(when)]);
    let first = "signatures.0.valid_on";
    assert_eq!(valid_on(first, start), Some(Value::Bool(true)));
    assert_eq!(valid_on(first, start - 1), Some(Value::Bool(false)));
    assert_eq!(valid_on("signatures.1.valid_on", start), None);
}

#[test]
fn what_has_no_signature_is_not_signed() {
    let not = Some(Value::Bool(false));
    let unsigned = compound(&[("Ape", b"x")]);
    for image in [&b""[..], b"MZ", &unsigned, &image(b"", b"\x30\0", false)] {
        let file = File::open("msi", image);
        assert_eq!(file.get("is_signed"), not);
        assert_eq!(file.len("signatures"), Some(0));
    }
}

#[test]
fn entries_that_form_circles_are_no_tree() {
    let mut image = image(b"stripes", PLAIN, false);
    // The second entry of the directory names the first one as next.
    let at = 1024 + 2 * 128 + 72;
    image[at] = 1;
    let file = File::open("msi", &image);
    let verified = file.get("signatures.0.verified");
    assert_eq!(verified, Some(Value::Bool(false)));
}

#[test]
fn no_damage_makes_it_panic() {
    survives("msi", &image(b"stripes", PLAIN, true));
}
