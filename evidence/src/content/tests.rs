//! Tests of contents: any way of reading gives the same bytes.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::layer::tests::Bytes;
use crate::object::{ObjectKind, WofMethod};

fn object(size: u64, valid: u64, runs: Vec<Run>, form: Form) -> Object {
    let path = b"/file".to_vec();
    let object = Object::new(ObjectKind::File, path, "1".to_owned());
    Object { size, valid, runs, form, ..object }
}

fn content(volume: &[u8], object: Object) -> Content {
    Content::new(Arc::new(Bytes(volume.to_vec())), object)
}

fn whole(content: &Content) -> Vec<u8> {
    let mut bytes = vec![0xEE; content.object().size as usize];
    assert_eq!(content.read_at(0, &mut bytes), Ok(bytes.len()));
    bytes
}

fn extents(content: &Content, from: u64) -> Vec<(u64, u64, ExtentKind)> {
    let each = content.extents(from);
    each.map(|e| (e.offset, e.length, e.kind)).collect()
}

#[test]
fn runs_holes_and_what_was_never_written() {
    let runs = vec![Run::new(2, 4, 3), Run::new(7, 0, 5)];
    let content = content(b"abcdefgh", object(14, 9, runs, Form::Plain));
    assert_eq!(whole(&content), b"\0\0efg\0\0ab\0\0\0\0\0");
    let expected = [
        (1, 1, ExtentKind::Zero),
        (2, 3, ExtentKind::Data),
        (5, 2, ExtentKind::Zero),
        (7, 2, ExtentKind::Data),
        (9, 5, ExtentKind::Zero),
    ];
    assert_eq!(extents(&content, 1), expected);
    let origin = content.origin(3).unwrap();
    assert_eq!((origin.physical, origin.length), (5, 2));
    assert_eq!(
        content.origin(8).map(|o| (o.physical, o.length)),
        Some((1, 1))
    );
    assert_eq!(content.origin(5), None);
    assert_eq!(content.origin(9), None);
}

#[test]
fn behind_the_end_of_the_volume_nothing_is_readable() {
    let runs = vec![Run::new(0, 4, 8)];
    let content = content(b"abcdefgh", object(8, 8, runs, Form::Plain));
    let expected = [(0, 4, ExtentKind::Data), (4, 4, ExtentKind::Unreadable)];
    assert_eq!(extents(&content, 0), expected);
    let mut buf = [0; 8];
    assert_eq!(content.read_at(0, &mut buf).unwrap_err().offset, 4);
    assert_eq!(content.read_at(0, &mut buf[..4]), Ok(4));
}

#[test]
fn inline_bytes_say_where_they_lie() {
    let form = Form::Inline { bytes: b"inline".to_vec(), physical: Some(2) };
    let content = content(b"..inline", object(6, 4, Vec::new(), form));
    assert_eq!(whole(&content), b"inli\0\0");
    let origin = content.origin(1).unwrap();
    assert_eq!((origin.physical, origin.length), (3, 3));
}

#[test]
fn opaque_content_is_not_readable() {
    let runs = vec![Run::new(0, 0, 8)];
    let content = content(b"abcdefgh", object(8, 8, runs, Form::Opaque));
    assert_eq!(extents(&content, 0), [(0, 8, ExtentKind::Unreadable)]);
    assert!(content.read_at(0, &mut [0; 4]).is_err());
}

/// Three units of 8 KiB with clusters of 4 KiB: packed, a hole, raw.
fn packed() -> (Vec<u8>, Object) {
    let mut volume = vec![0; 16_384];
    // Two chunks: 'a' 4096 times, then one 'b'.
    let chunks = [0x03, 0xB0, 0x02, b'a', 0xFC, 0x0F, 0x01, 0xB0, 0, b'b'];
    volume[4096..4106].copy_from_slice(&chunks);
    volume[8192..].fill(b'r');
    // The runs of the raw unit end with the object.
    let runs = vec![Run::new(0, 4096, 4096), Run::new(16_384, 8192, 3616)];
    let form = Form::Lznt1 { unit: 8192, raw_end: true };
    (volume, object(20_000, 20_000, runs, form))
}

#[test]
fn units_are_packed_holes_or_raw() {
    let (volume, object) = packed();
    let content = content(&volume, object);
    let mut expected = vec![b'a'; 4096];
    expected.push(b'b');
    expected.resize(16_384, 0);
    expected.resize(20_000, b'r');
    assert_eq!(whole(&content), expected);
    let expected = [
        (0, 8192, ExtentKind::Data),
        (8192, 8192, ExtentKind::Zero),
        (16_384, 3616, ExtentKind::Data),
    ];
    assert_eq!(extents(&content, 0), expected);
    let origin = content.origin(4096).unwrap();
    assert_eq!((origin.physical, origin.file_offset), (4096, None));
    assert_eq!(origin.length, 4096);
    assert_eq!(content.origin(10_000), None);
    let raw = content.origin(16_390).unwrap();
    assert_eq!((raw.physical, raw.file_offset), (8198, Some(8198)));
}

#[test]
fn chunks_of_the_overlay() {
    // Two raw chunks: the table has one entry.
    let mut stream = 4096u32.to_le_bytes().to_vec();
    stream.extend([b'x'; 4096]);
    stream.extend([b'y'; 100]);
    let method = WofMethod::Xpress { chunk: 4096 };
    let stored = stream.len() as u64;
    let runs = vec![Run::new(0, 0, stored)];
    let form = Form::Wof { method, stored, bytes: None };
    let first = content(&stream, object(4196, 4196, runs, form));
    let mut expected = vec![b'x'; 4096];
    expected.extend([b'y'; 100]);
    assert_eq!(whole(&first), expected);
    // The same inside of metadata, and with a table that lies.
    let form = Form::Wof { method, stored, bytes: Some(stream.clone()) };
    let second = content(&[], object(4196, 4196, Vec::new(), form));
    assert_eq!(whole(&second), expected);
    stream[1] = 0xFF;
    let form = Form::Wof { method, stored, bytes: Some(stream) };
    let third = content(&[], object(4196, 4196, Vec::new(), form));
    assert!(third.read_at(0, &mut [0; 4196]).is_err());
}

/// Text, then calls of functions; the packed forms of it in `testdata` were
/// made by another program (wimlib), whose resources have the same form.
fn packed_elsewhere() -> Vec<u8> {
    let text: String = (0..600)
        .map(|n| {
            format!("{n}: The quick brown fox jumps over the lazy dog.\n")
        })
        .collect();
    let mut bytes = text.into_bytes();
    for n in 0..900i32 {
        bytes.push(0xE8);
        bytes.extend((5_000_000 - 37 * n).to_le_bytes());
        bytes.push(n as u8);
    }
    bytes
}

#[test]
fn chunks_that_another_program_packed() {
    let expected = packed_elsewhere();
    let size = expected.len() as u64;
    let packed: [(WofMethod, &[u8]); 3] = [
        (
            WofMethod::Xpress { chunk: 4096 },
            include_bytes!("testdata/xpress4k.bin"),
        ),
        (
            WofMethod::Xpress { chunk: 16_384 },
            include_bytes!("testdata/xpress16k.bin"),
        ),
        (WofMethod::Lzx, include_bytes!("testdata/lzx.bin")),
    ];
    for (method, stream) in packed {
        let stored = stream.len() as u64;
        assert!(stored < size / 4);
        let bytes = Some(stream.to_vec());
        let form = Form::Wof { method, stored, bytes };
        let content = content(&[], object(size, size, Vec::new(), form));
        assert!(whole(&content) == expected, "{method:?}");
    }
}

fn any_object() -> impl Strategy<Value = Object> {
    let pieces = prop::collection::vec((0u64..9, 0u64..40, 1u64..9), 0..9);
    (pieces, 0u64..60, 0u64..60).prop_map(|(pieces, size, valid)| {
        let mut runs = Vec::new();
        let mut logical = 0;
        for (gap, physical, length) in pieces {
            logical += gap;
            runs.push(Run::new(logical, physical, length));
            logical += length;
        }
        object(size, valid, runs, Form::Plain)
    })
}

proptest! {
    /// Piecewise reads equal one read, and extents and origins agree with
    /// the bytes.
    #[test]
    fn any_pieces_give_the_same(
        object in any_object(),
        cuts in prop::collection::vec(1usize..20, 1..20),
    ) {
        let volume: Vec<u8> = (1..=50).collect();
        let content = content(&volume, object);
        let all = whole(&content);
        let mut pieces: Vec<u8> = Vec::new();
        for cut in cuts.iter().cycle() {
            let mut piece = vec![0xEE; *cut];
            let at = pieces.len() as u64;
            let count = content.read_at(at, &mut piece).unwrap();
            pieces.extend(&piece[..count]);
            if count < *cut {
                break;
            }
        }
        prop_assert_eq!(&pieces, &all);
        let mut at = 0;
        for extent in content.extents(0) {
            prop_assert_eq!(extent.offset, at);
            at += extent.length;
            for offset in extent.offset..at {
                let byte = all[offset as usize];
                let origin = content.origin(offset);
                let stored = origin.map(|o| volume[o.physical as usize]);
                prop_assert_eq!(stored.unwrap_or(0), byte);
                let data = extent.kind == ExtentKind::Data;
                prop_assert_eq!(data, origin.is_some());
            }
        }
        prop_assert_eq!(at, all.len() as u64);
    }

    #[test]
    fn any_pieces_of_packed_bytes_give_the_same(
        offset in 0u64..21_000,
        length in 0usize..10_000,
    ) {
        let (volume, object) = packed();
        let content = content(&volume, object);
        let all = whole(&content);
        let mut piece = vec![0xEE; length];
        let count = content.read_at(offset, &mut piece).unwrap();
        let from = (offset as usize).min(all.len());
        let to = (from + length).min(all.len());
        prop_assert_eq!(&piece[..count], &all[from..to]);
    }

    #[test]
    fn decoders_survive_anything(bytes: Vec<u8>, size in 0usize..40_000) {
        for decoded in [
            lznt1::decode(&bytes, size),
            lzx::decode(&bytes, size.min(32_768)),
            xpress::decode(&bytes, size),
        ] {
            prop_assert!(decoded.is_none_or(|d| d.len() <= size));
        }
    }
}
