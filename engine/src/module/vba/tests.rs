//! A project built here as the format's specification lays it out.

use super::compressed::decompress;
use crate::module::Value;
use crate::module::hostile::survives;
use crate::module::olecf::tests::compound;
use crate::module::testing::File;

/// A stream of one chunk without copies.
fn compressed(text: &[u8]) -> Vec<u8> {
    let tokens: Vec<u8> =
        text.chunks(8).flat_map(|c| [&[0], c].concat()).collect();
    let header = 0xb000 | (tokens.len() as u16 - 1);
    [&[1][..], &header.to_le_bytes(), &tokens].concat()
}

fn record(kind: u16, bytes: &[u8]) -> Vec<u8> {
    let size = (bytes.len() as u32).to_le_bytes();
    [&kind.to_le_bytes()[..], &size, bytes].concat()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| unit.to_le_bytes()).collect()
}

const CODE: &[u8] = b"Sub Go()\r\n' \xcf\r\nEnd Sub\r\n";

/// A document with one module, whose code starts at byte 5 of its stream.
fn image() -> Vec<u8> {
    let number = |kind, number: u32| record(kind, &number.to_le_bytes());
    let dir = [
        number(0x01, 3),
        number(0x4a, 1),
        number(0x02, 0x409),
        number(0x14, 0x409),
        // Windows-1251.
        record(0x03, &1251_u16.to_le_bytes()),
        record(0x04, b"\xcf"),
        record(0x05, b"about"),
        record(0x40, &wide("about")),
        record(0x06, b""),
        record(0x3d, b""),
        number(0x07, 0),
        number(0x08, 0),
        number(0x09, 7),
        4_u16.to_le_bytes().to_vec(),
        record(0x0c, b""),
        record(0x3c, b""),
        record(0x16, b"stdole"),
        record(0x3e, &wide("stdole")),
        record(0x0d, &[&[2, 0, 0, 0][..], b"*G", &[0; 6]].concat()),
        record(0x0f, &1_u16.to_le_bytes()),
        record(0x13, &0_u16.to_le_bytes()),
        record(0x19, b"Main"),
        record(0x47, &wide("Main")),
        record(0x1a, b"MAIN"),
        record(0x32, &wide("MAIN")),
        record(0x1c, b""),
        record(0x48, &wide("")),
        number(0x31, 5),
        number(0x1e, 0),
        record(0x2c, &[0xff, 0xff]),
        record(0x21, b""),
        record(0x2b, b""),
        record(0x10, b""),
    ];
    let dir = compressed(&dir.concat());
    let main = [b"12345", &compressed(CODE)[..]].concat();
    compound(&[("dir", &dir), ("Main", &main), ("other", b"x")])
}

#[test]
fn a_project_and_its_modules_are_read() {
    let image = image();
    let file = File::open("vba", &image);
    assert_eq!(file.get("has_macros"), Some(Value::Bool(true)));
    file.has_ints(&[("modules.0.type", 1), ("project_info.module_count", 1)]);
    file.has_texts(&[
        ("project_info.name", "П".as_bytes()),
        ("project_info.version", b"7.4"),
        ("project_info.references.0", b"stdole"),
        ("modules.0.name", b"Main"),
        ("modules.0.code", "Sub Go()\r\n' П\r\nEnd Sub\r\n".as_bytes()),
    ]);
    assert_eq!(file.len("modules"), Some(1));
}

#[test]
fn a_document_may_be_an_archive() {
    let project = image();
    let name = b"word/vbaProject.bin";
    let size = (project.len() as u32).to_le_bytes();
    let sizes = [&[0; 4][..], &size, &size, &[19, 0, 0, 0]].concat();
    let mut bytes = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0".to_vec();
    bytes.extend(&sizes);
    bytes.extend(name);
    bytes.extend(&project);
    let at = bytes.len() as u32;
    bytes.extend(b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0");
    bytes.extend(&sizes);
    bytes.extend([0; 14]);
    bytes.extend(name);
    let directory = bytes.len() as u32 - at;
    bytes.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    bytes.extend(directory.to_le_bytes());
    bytes.extend(at.to_le_bytes());
    bytes.extend([0, 0]);
    let file = File::open("vba", &bytes);
    assert_eq!(file.get("has_macros"), Some(Value::Bool(true)));
    file.has_texts(&[("modules.0.name", b"Main")]);
}

#[test]
fn text_is_decompressed_as_the_specification_shows() {
    let bytes = b"\x01\x2f\xb0\x00#aaabcde\x82f\x00paghij\x018\x08akl\x000\
        mnop\x06q\x02p\x04\x10rstuv\x10wxyz\x00<";
    let text = b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa";
    assert_eq!(decompress(bytes, &mut (1 << 20)).as_deref(), Some(&text[..]));
    // A chunk that is stored as it is.
    let stored = b"\x01\x02\x30ab";
    assert_eq!(
        decompress(stored, &mut (1 << 20)).as_deref(),
        Some(&b"ab"[..])
    );
    for damaged in [&b""[..], b"\x02", b"\x01\x00", b"\x01\x02\xb0\x01\0\0"] {
        assert_eq!(decompress(damaged, &mut (1 << 20)), None, "{damaged:?}");
    }
}

#[test]
fn other_documents_have_no_macros() {
    let document = compound(&[("other", b"x")]);
    for data in [&b""[..], b"PK\x03\x04", &document] {
        let file = File::open("vba", data);
        assert_eq!(file.get("has_macros"), Some(Value::Bool(false)));
        assert_eq!(file.len("modules"), Some(0));
    }
}

#[test]
fn no_damage_makes_it_panic() {
    survives("vba", &image());
}
