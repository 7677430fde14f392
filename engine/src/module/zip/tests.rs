//! A ZIP archive built here as the format's specification lays it out.

use crate::module::Value;
use crate::module::hostile::survives;
use crate::module::testing::File;

/// An archive with a deflated and a large entry, without their contents.
fn image(front: &[u8], comment: &[u8]) -> Vec<u8> {
    let mut bytes = front.to_vec();
    let start = bytes.len();
    let entry =
        |bytes: &mut Vec<u8>, name: &[u8], method: u16, large: bool| {
            let narrow: u32 = if large { u32::MAX } else { 7 };
            let extra: &[u8] = &if large {
                let wide = 5_000_000_000_u64.to_le_bytes();
                [&[1, 0, 16, 0][..], &wide, &wide].concat()
            } else {
                vec![]
            };
            bytes.extend(b"PK\x01\x02\x14\0\x14\0\0\0");
            bytes.extend(method.to_le_bytes());
            bytes.extend([0; 8]);
            bytes.extend(narrow.to_le_bytes());
            bytes.extend(narrow.to_le_bytes());
            bytes.extend((name.len() as u16).to_le_bytes());
            bytes.extend((extra.len() as u16).to_le_bytes());
            bytes.extend([0; 14]);
            bytes.extend(name);
            bytes.extend(extra);
        };
    entry(&mut bytes, b"a/b.txt", 8, false);
    entry(&mut bytes, b"large", 77, true);
    let size = (bytes.len() - start) as u32;
    bytes.extend(b"PK\x05\x06\0\0\0\0\x02\0\x02\0");
    bytes.extend(size.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend((comment.len() as u16).to_le_bytes());
    bytes.extend(comment);
    bytes
}

#[test]
fn entries_are_read_from_the_central_directory() {
    for (front, comment) in
        [(&b""[..], &b""[..]), (b"", b"PK\x05\x06"), (b"self-extracting", b"")]
    {
        let image = image(front, comment);
        let file = File::open("zip", &image);
        assert_eq!(file.get("is_zip"), Some(Value::Bool(true)));
        assert_eq!(file.len("entries"), Some(2));
        file.has_ints(&[
            ("entries.0.compression", 8),
            ("entries.0.compressed_size", 7),
            ("entries.0.uncompressed_size", 7),
            ("entries.1.compression", 255),
            ("entries.1.compressed_size", 5_000_000_000),
            ("entries.1.uncompressed_size", 5_000_000_000),
        ]);
        file.has_texts(&[
            ("entries.0.file_path", b"a/b.txt"),
            ("entries.1.file_path", b"large"),
        ]);
    }
}

#[test]
fn other_files_have_no_entries() {
    for data in [&b""[..], b"PK\x03\x04", b"PK\x05\x06"] {
        let file = File::open("zip", data);
        assert_eq!(file.get("is_zip"), Some(Value::Bool(false)));
        assert_eq!(file.len("entries"), Some(0));
    }
    // An archive without entries is one all the same.
    let mut empty = b"PK\x05\x06".to_vec();
    empty.resize(22, 0);
    let file = File::open("zip", &empty);
    assert_eq!(file.get("is_zip"), Some(Value::Bool(true)));
    assert_eq!(file.len("entries"), Some(0));
}

#[test]
fn a_directory_that_cannot_be_is_none() {
    let good = image(b"", b"");
    let end = good.len() - 22;
    let known = |at: usize, byte: u8| {
        let mut image = good.clone();
        image[end + at] = byte;
        let file = File::open("zip", &image);
        (file.get("is_zip") == Some(Value::Bool(true)), file.len("entries"))
    };
    // The numbers of the disk, and of the one with the directory.
    assert_eq!(known(4, 1), (false, Some(0)));
    assert_eq!(known(6, 1), (false, Some(0)));
    // It ends behind its end.
    assert_eq!(known(12, good[end + 12] + 1), (false, Some(0)));
    assert_eq!(known(16, 1), (false, Some(0)));
    // It begins where it says, if there is an entry.
    assert_eq!(known(12, good[end + 12] - 1), (true, Some(2)));
    // Without entries it lies nowhere.
    let mut empty = b"front".to_vec();
    empty.extend(b"PK\x05\x06");
    empty.resize(5 + 22, 0);
    let file = File::open("zip", &empty);
    assert_eq!(file.get("is_zip"), Some(Value::Bool(false)));
}

#[test]
fn no_damage_makes_it_panic() {
    survives("zip", &image(b"xx", b"comment"));
}
