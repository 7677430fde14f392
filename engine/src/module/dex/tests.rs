//! An executable built here as the format's specification lays it out.

use crate::module::hostile::survives;
use crate::module::testing::File;
use crate::module::{Arg, Value};

const TEXTS: [&[u8]; 6] = [
    b"(I)V",
    b"I",
    b"LMain;",
    b"V",
    b"a\xc0\x80\xed\xa0\xbd\xed\xb8\x80",
    b"run",
];

/// One class with one static field and one direct method.
fn image() -> Vec<u8> {
    let mut bytes = b"dex\n035\0".to_vec();
    bytes.resize(0x70, 0);
    let quads = |bytes: &mut Vec<u8>, numbers: &[u32]| {
        for number in numbers {
            bytes.extend(number.to_le_bytes());
        }
    };
    // Tables: strings, types, prototypes, fields, methods, classes.
    let mut text_at = 0x200;
    for text in TEXTS {
        quads(&mut bytes, &[text_at]);
        text_at += text.len() as u32 + 2;
    }
    let types = bytes.len() as u32;
    quads(&mut bytes, &[1, 2, 3]);
    let protos = bytes.len() as u32;
    quads(&mut bytes, &[0, 2, 0x180]);
    let fields = bytes.len() as u32;
    bytes.extend([1, 0, 0, 0, 4, 0, 0, 0]);
    let methods = bytes.len() as u32;
    bytes.extend([1, 0, 0, 0, 5, 0, 0, 0]);
    let classes = bytes.len() as u32;
    quads(&mut bytes, &[1, 9, u32::MAX, 0, 5, 0, 0x190, 0]);
    bytes.resize(0x170, 0);
    quads(&mut bytes, &[1]);
    bytes.extend([1, 0, 0, 0, 6, 0, 0, 0, 0, 2, 0, 0]);
    bytes.truncate(0x180);
    quads(&mut bytes, &[1]);
    bytes.extend([0, 0]);
    bytes.resize(0x190, 0);
    bytes.extend([1, 0, 1, 0, 0, 10, 0, 0x81, 0x80, 4, 0xa0, 3]);
    bytes.resize(0x1a0, 0);
    for number in [2_u16, 1, 0, 0] {
        bytes.extend(number.to_le_bytes());
    }
    quads(&mut bytes, &[0, 1]);
    bytes.extend([0x0e, 0]);
    bytes.resize(0x200, 0);
    for text in TEXTS {
        let units = String::from_utf8_lossy(text).chars().count();
        bytes.push(if units > 4 { 4 } else { units as u8 });
        bytes.extend(text);
        bytes.push(0);
    }
    let size = bytes.len() as u32;
    let mut header = Vec::new();
    quads(&mut header, &[size, 0x70, 0x1234_5678, 0, 0, 0x170]);
    quads(&mut header, &[6, 0x70, 3, types, 1, protos, 1, fields]);
    quads(&mut header, &[1, methods, 1, classes, 0x10, 0x200]);
    bytes[32..0x70].copy_from_slice(&header[..0x70 - 32]);
    bytes
}

#[test]
fn tables_are_read_in_the_forms_of_both_engines() {
    let image = image();
    let file = File::open("dex", &image);
    assert_eq!(file.get("is_dex"), Some(Value::Bool(true)));
    file.has_ints(&[
        ("header.magic", 0x6465_780a),
        ("header.version", 35),
        ("header.header_size", 0x70),
        ("header.link_off", 0),
        ("header.map_offset", 0x170),
        ("header.string_ids_size", 6),
        ("header.string_ids_offset", 0x70),
        ("header.class_defs_size", 1),
        ("protos.0.parameters_count", 1),
        ("class_defs.0.access_flags", 9),
        ("class_defs.0.class_idx", 1),
        ("class_defs.0.class_data_offset", 0x190),
        ("map_list.size", 1),
        ("map_list.items.0.type", 1),
        ("map_list.map_item.0.size", 6),
        ("string_ids.0.offset", 0x200),
        ("string_ids.0.size", 4),
        ("type_ids.2.descriptor_idx", 3),
        ("proto_ids.0.parameters_offset", 0x180),
        ("field_ids.0.name_idx", 4),
        ("method_ids.0.name_idx", 5),
        ("class_data_item.0.direct_methods_size", 1),
        ("number_of_fields", 1),
        ("field.0.static", 1),
        ("field.0.instance", 0),
        ("field.0.access_flags", 10),
        ("number_of_methods", 1),
        ("method.0.direct", 1),
        ("method.0.access_flags", 0x1_0001),
        ("method.0.code_off", 0x1a0),
        ("method.0.code_item.registers_size", 2),
        ("method.0.code_item.insns_size", 1),
    ]);
    file.has_texts(&[
        ("strings.0", b"(I)V"),
        ("strings.4", "a\0\u{1f600}".as_bytes()),
        ("types.1", b"LMain;"),
        ("protos.0.shorty", b"(I)V"),
        ("protos.0.return_type", b"V"),
        ("protos.0.parameters.0", b"I"),
        ("fields.0.class", b"LMain;"),
        ("fields.0.type", b"I"),
        ("methods.0.name", b"run"),
        ("methods.0.proto.return_type", b"V"),
        ("class_defs.0.class", b"LMain;"),
        ("class_defs.0.source_file", b"run"),
        ("string_ids.4.value", TEXTS[4]),
        ("method.0.name", b"run"),
        ("method.0.class_name", b"LMain;"),
        ("method.0.proto", b"(I)V"),
        ("method.0.code_item.insns", &[0x0e, 0]),
        ("field.0.class_name", b"LMain;"),
    ]);
    assert_eq!(file.get("class_defs.0.superclass"), None);
    assert_eq!(file.get("header.container_size"), None);
}

#[test]
fn names_are_found() {
    let image = image();
    let file = File::open("dex", &image);
    let call = |name: &str, args: &[&str]| {
        let args: Vec<_> =
            args.iter().map(|arg| Arg::Bytes(arg.as_bytes())).collect();
        file.call(name, &args)
    };
    let (yes, no) = (Some(Value::Bool(true)), Some(Value::Bool(false)));
    assert_eq!(call("contains_string", &["LMain;"]), yes);
    assert_eq!(call("contains_string", &["LMain"]), no);
    assert_eq!(call("contains_method", &["run"]), yes);
    assert_eq!(call("contains_method", &["LMain;"]), no);
    assert_eq!(call("contains_class", &["LMain;"]), yes);
    assert_eq!(call("has_method", &["run"]), Some(Value::Int(1)));
    assert_eq!(call("has_method", &["LMain;", "run"]), Some(Value::Int(1)));
    assert_eq!(call("has_method", &["run", "run"]), Some(Value::Int(0)));
    assert_eq!(call("has_class", &["LMain;"]), Some(Value::Int(1)));
}

#[test]
fn other_files_have_no_tables() {
    let mut image = image();
    image[4..7].copy_from_slice(b"034");
    for data in [&b""[..], b"dex\n035\0", &image] {
        let file = File::open("dex", data);
        assert_eq!(file.get("is_dex"), Some(Value::Bool(false)));
        assert_eq!(file.len("strings"), Some(0));
        assert_eq!(file.call("checksum", &[]), None);
        let found = file.call("contains_string", &[Arg::Bytes(b"")]);
        assert_eq!(found, Some(Value::Bool(false)));
    }
}

#[test]
fn no_damage_makes_it_panic() {
    survives("dex", &image());
}
