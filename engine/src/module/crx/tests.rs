//! Extensions built here; the signatures were made for them by another
//! program.

use crate::module::Value;
use crate::module::hostile::survives;
use crate::module::testing::{File, unhex};

const EC_KEY: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200042022ccd2e97e9f2d7b\
     3afe0d9bf25cca6c6f5971682d780b1a79b15651cd800e6f8bc898a93679560de8b22195\
     10d5cdb7a9a1546c7d71c09ae23077292fac2a";
const EC_SIGNATURE: &str = "3046022100a906a836d0d1b197d779d2cfbeebe9f4f648c9c569698ef4ddc549b005b23f\
     fa022100f641f9e0878c0c2d66bda1878e5ed3fdd4a70d012ddba53f75f24abeec3626bb";
/// The first half of the digest of the key.
const EC_ID: &str = "7767628ff9fffe08f7708c6be4a03ef5";
const RSA_KEY: &str = "305c300d06092a864886f70d0101010500034b003048024100b7303398b29e1b070918ea\
     006f1fcc456fb0ef7a0660f32dbd805d8641420ae9d251fa4a06ccdb37375bb0c19a4431\
     1416d891d76cf0a809ebaa8ccb04279fd30203010001";
const RSA_SIGNATURE: &str = "418fbef79d73a4487d7eb6bb13cae003358625c2404d0a8d129a6ac20fb7194866279917\
     6ce4b1ac679dfe5e8430133fe08b6e56968b90f88e3958a0f5a34353";
const MANIFEST: &str = "manifest.json";

/// An archive of files that are not packed.
fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let size = (text.len() as u32).to_le_bytes();
        let name_size = (name.len() as u16).to_le_bytes();
        let facts =
            [&[20, 0][..], &[0; 12], &size, &size, &name_size, &[0; 2]];
        let facts = facts.concat();
        let at = (bytes.len() as u32).to_le_bytes();
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend([&facts[..], &[0; 10], &at].concat());
        directory.extend(name.as_bytes());
        bytes.extend(b"PK\x03\x04");
        bytes.extend([&facts, name.as_bytes(), text.as_bytes()].concat());
    }
    let count = (files.len() as u16).to_le_bytes();
    let at = (bytes.len() as u32).to_le_bytes();
    let size = (directory.len() as u32).to_le_bytes();
    bytes.extend(directory);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([&count[..], &count, &size, &at, &[0; 2]].concat());
    bytes
}

fn varint(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number > 0x7f {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn field(number: usize, bytes: &[u8]) -> Vec<u8> {
    [&varint(number << 3 | 2), &varint(bytes.len()), bytes].concat()
}

/// An extension of the third version with these fields in its header.
fn packed(header: &[Vec<u8>], archive: &[u8]) -> Vec<u8> {
    let header = header.concat();
    let size = (header.len() as u32).to_le_bytes();
    [b"Cr24\x03\0\0\0", &size[..], &header, archive].concat()
}

fn unsigned(files: &[(&str, &str)]) -> Vec<u8> {
    packed(&[field(10_000, &[])], &archive(files))
}

fn proof(number: usize) -> Vec<u8> {
    let key = field(1, &unhex(EC_KEY));
    let signature = field(2, &unhex(EC_SIGNATURE));
    field(number, &[key, signature].concat())
}

fn signed(name: &str) -> Vec<u8> {
    let signed = field(10_000, &field(1, &unhex(EC_ID)));
    // The key does not fit to RSA, which the first number means.
    let header = [proof(2), proof(3), signed];
    packed(&header, &archive(&[(MANIFEST, name)]))
}

#[test]
fn a_signature_covers_the_identifier_and_the_archive() {
    let image = signed(r#"{"name":"A"}"#);
    let file = File::open("crx", &image);
    assert_eq!(file.get("is_crx"), Some(Value::Bool(true)));
    assert_eq!(file.len("signatures"), Some(2));
    let verified = |file: &File<'_>| {
        [0, 1].map(|at| file.get(&format!("signatures.{at}.verified")))
            == [Some(Value::Bool(false)), Some(Value::Bool(true))]
    };
    assert!(verified(&file));
    file.has_ints(&[("crx_version", 3)]);
    let size =
        i64::from(u32::from_le_bytes(*image[8..].first_chunk().unwrap()));
    file.has_ints(&[("header_size", size)]);
    file.has_texts(&[("id", b"hhghgcippjpppoaiphhaimgloekadopf")]);
    let other = signed(r#"{"name":"B"}"#);
    assert!(!verified(&File::open("crx", &other)));
}

#[test]
fn the_second_version_has_one_key() {
    let (key, signature) = (unhex(RSA_KEY), unhex(RSA_SIGNATURE));
    let mut image = b"Cr24\x02\0\0\0".to_vec();
    image.extend((key.len() as u32).to_le_bytes());
    image.extend((signature.len() as u32).to_le_bytes());
    image.extend([key, signature].concat());
    image.extend(archive(&[(MANIFEST, r#"{"name":"A"}"#)]));
    let file = File::open("crx", &image);
    file.has_ints(&[("crx_version", 2), ("header_size", 94 + 64)]);
    file.has_texts(&[
        ("name", b"A"),
        ("id", b"ocdhdaapnfobmjdmjobkjmldkpdcebjb"),
        (
            "signatures.0.key",
            b"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALcwM5iynhsHCRjqAG8fzEVvsO96\
              BmDzLb2AXYZBQgrp0lH6SgbM2zc3W7DBmkQxFBbYkdds8KgJ66qMywQnn9MC\
              AwEAAQ==",
        ),
    ]);
    let verified = file.get("signatures.0.verified");
    assert_eq!(verified, Some(Value::Bool(true)));
}

#[test]
fn names_are_put_in_in_the_default_language() {
    let messages = r#"{"n": {"message": "Name"}, "d": {"description": ""}}"#;
    let manifest = r#"{"name": "__MSG_n__", "description": "__MSG_d__",
        "version": "1.2", "default_locale": "de"}"#;
    let files = [
        ("_locales/en/messages.json", r#"{"n": {"message": "other"}}"#),
        ("_locales/de/messages.json", messages),
        (MANIFEST, manifest),
    ];
    let image = unsigned(&files);
    let file = File::open("crx", &image);
    file.has_texts(&[
        ("name", b"Name"),
        ("raw_name", b"__MSG_n__"),
        // The language has no text for it.
        ("description", b"__MSG_d__"),
        ("version", b"1.2"),
    ]);
    let image = unsigned(&[files[0], (MANIFEST, r#"{"name":"__MSG_n__"}"#)]);
    File::open("crx", &image).has_texts(&[("name", b"other")]);
}

#[test]
fn lists_hold_texts_and_their_digest_is_that_of_all_permissions() {
    let manifest = r#"{"permissions": ["tabs", {"x": []}, "storage"],
        "host_permissions": "none", "optional_permissions": [],
        "homepage_url": 7}"#;
    let image = unsigned(&[(MANIFEST, manifest)]);
    let file = File::open("crx", &image);
    assert_eq!(file.len("permissions"), Some(2));
    file.has_texts(&[("permissions.1", b"storage")]);
    assert_eq!(file.len("host_permissions"), Some(0));
    assert_eq!(file.len("optional_permissions"), Some(0));
    assert_eq!(file.get("homepage_url"), None);
    // SHA-256 of "tabsstorage".
    let digest = "3fa4ea71dc11b9374d4f5997fcabd538\
                  e6e6db1f0225f2f32e92afe3c699b5ba";
    let digest = Some(Value::Bytes(digest.as_bytes().into()));
    assert_eq!(file.call("permhash", &[]), digest);
}

#[test]
fn unknown_fields_are_passed_over_and_damaged_ones_are_not() {
    let signed = field(10_000, &[]);
    let archive = archive(&[]);
    let is_crx = |front: &[u8]| {
        let image = packed(&[front.to_vec(), signed.clone()], &archive);
        File::open("crx", &image).get("is_crx") == Some(Value::Bool(true))
    };
    let group = [&[0x7b][..], &field(2, b"inside"), &[0x7c]].concat();
    let good: [&[u8]; 5] =
        [b"", b"\x78\x07", b"\x7d1234", b"\x7912345678", &group];
    for front in good {
        assert!(is_crx(front), "{front:?}");
    }
    for front in [&b"\x7b"[..], b"\x7c", b"\0\0", b"\x7f", b"\x12\x01\xff"] {
        assert!(!is_crx(front), "{front:?}");
    }
}

#[test]
fn other_files_are_no_extensions() {
    let no_archive = packed(&[field(10_000, &[])], b"");
    let no_fields = packed(&[], &archive(&[]));
    for image in [&b""[..], b"Cr24", &no_archive, &no_fields] {
        let file = File::open("crx", image);
        assert_eq!(file.get("is_crx"), Some(Value::Bool(false)));
        assert_eq!(file.get("crx_version"), None);
        assert_eq!(file.call("permhash", &[]), None);
    }
}

#[test]
fn no_damage_makes_it_panic() {
    survives("crx", &signed(r#"{"name":"A"}"#));
}
