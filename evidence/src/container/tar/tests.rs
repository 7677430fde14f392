//! Archives made by hand.

use std::sync::Arc;

use crate::container::testing::open_bytes;
use crate::container::{Siblings, open};
use crate::layer::tests::Bytes;
use crate::{FileSystem, Item, ObjectKind, Reason};

fn member(name: &[u8], flag: u8, size: u64, content: &[u8]) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name);
    let digits = format!("{size:011o}");
    block[124..135].copy_from_slice(digits.as_bytes());
    block[136..147].copy_from_slice(b"00000000012");
    block[148..156].fill(b' ');
    block[156] = flag;
    block[257..265].copy_from_slice(b"ustar  \0");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block.extend_from_slice(content);
    block.resize(block.len().next_multiple_of(512), b'~');
    block
}

type Found = (ObjectKind, String, u64, u64);

/// Kind, path, position and length of all objects.
fn objects(archive: &dyn FileSystem) -> (Vec<Found>, Vec<Reason>) {
    let (mut objects, mut reasons) = (Vec::new(), Vec::new());
    archive.walk(&mut |item| match item {
        Item::Object(object) => {
            let path = String::from_utf8(object.path).unwrap();
            let at = object.runs.first().and_then(|run| run.physical);
            let at = at.unwrap_or(0);
            objects.push((object.kind, path, at, object.size));
        }
        Item::Problem(problem) => reasons.push(problem.reason),
    });
    (objects, reasons)
}

#[test]
fn members_are_ranges_of_the_archive() {
    let mut image = member(b"dir/", b'5', 0, b"");
    let long = "n".repeat(300);
    let named = format!("{long}\0");
    image.extend(member(b"././@LongLink", b'L', 301, named.as_bytes()));
    image.extend(member(b"nnn", b'0', 5, b"hello"));
    image.extend(member(b"x", b'x', 18, b"18 path=./an.vmdk\n"));
    image.extend(member(b"PaxHeaders", b'0', 512, &[7; 512]));
    image.extend([0; 1024]);
    image.extend([9; 100]);
    let opened = open_bytes(image).unwrap().unwrap();
    assert_eq!(opened.format, "tar");
    let archive = opened.archive.unwrap();
    let (objects, reasons) = objects(&archive);
    assert_eq!(reasons, []);
    let object =
        |kind, path: &str, at, length| (kind, path.to_owned(), at, length);
    use ObjectKind::{File, Metadata, Slack};
    let expected = [
        object(Metadata, "dir/", 0, 512),
        object(Metadata, &long, 512, 1536),
        object(File, &long, 2048, 5),
        object(Slack, &long, 2053, 507),
        object(Metadata, "./an.vmdk", 2560, 1536),
        object(File, "./an.vmdk", 4096, 512),
    ];
    assert_eq!(objects, expected);
    assert_eq!(archive.free(), [(4608, 1124)]);
    assert_eq!(archive.names(), ["an.vmdk".to_owned(), long]);
    let part = Siblings::open(&archive, "an.vmdk").unwrap();
    let mut bytes = [0; 600];
    assert_eq!(part.read_at(0, &mut bytes), Ok(512));
    assert_eq!(bytes[..512], [7; 512]);
    assert_eq!(part.origin(3).unwrap().file_offset, Some(4099));
    assert!(Siblings::open(&archive, "other").is_err());
}

#[test]
fn a_member_that_is_cut_and_one_that_lies() {
    let mut image = member(b"a", b'0', 3, b"abc");
    image.extend(member(b"b", b'0', 5000, &[1; 700]));
    image.truncate(512 * 3 + 600);
    let archive = open_bytes(image).unwrap().unwrap().archive.unwrap();
    let (found, reasons) = objects(&archive);
    assert_eq!(reasons, [Reason::Truncated]);
    assert_eq!(found.last().unwrap().3, 600);
    assert_eq!(archive.free(), []);
    let mut image = member(b"a", b'0', 3, b"abc");
    image.extend([5; 2000]);
    let archive = open_bytes(image).unwrap().unwrap().archive.unwrap();
    let (found, reasons) = objects(&archive);
    assert_eq!(reasons, [Reason::CorruptMetadata]);
    assert_eq!(found.len(), 3);
    // What is no archive any more is still there to be scanned.
    assert_eq!(archive.free(), [(1024, 2000)]);
    let image = member(b"a", b'0', 0o77_777_777_777, b"");
    let archive = open_bytes(image).unwrap().unwrap().archive.unwrap();
    assert_eq!(objects(&archive).1, [Reason::Truncated]);
}

#[test]
fn an_old_archive_is_told_by_its_name() {
    let mut image = member(b"a", b'0', 3, b"abc");
    image[257..265].fill(0);
    image[148..156].fill(b' ');
    let sum: u32 = image[..512].iter().map(|byte| u32::from(*byte)).sum();
    image[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let source: crate::Shared = Arc::new(Bytes(image));
    let none = &crate::container::NoSiblings;
    assert!(open(source.clone(), "some", none).unwrap().is_none());
    assert!(open(source, "some.tar", none).unwrap().is_some());
}
