//! Small volumes made by hand, for what no tool makes on demand.

use std::sync::Arc;

use super::boot::tests::boot;
use super::record::FILE_NAME;
use super::record::tests::{record, resident};
use super::*;
use crate::Reason;
use crate::layer::tests::Bytes;
use crate::object::Form;

const CLUSTER: usize = 4096;
const IN_USE: u16 = 1;
const DIRECTORY: u16 = 3;

/// A volume of 100 clusters whose file table starts at cluster 4.
struct Volume(Vec<u8>);

impl Volume {
    fn new() -> Volume {
        let mut bytes = vec![0; 100 * CLUSTER];
        bytes[..512].copy_from_slice(&boot(800));
        let mut volume = Volume(bytes);
        volume.put(4, 0, 0, &record(IN_USE, &mapped(0x80, 0, &[0x11, 8, 4])));
        let root = name(5, ".");
        volume.put(4, 5, 0, &record(DIRECTORY, &root));
        // Everything from cluster 40 on is free.
        let mut map = vec![0xFF; 5];
        map.resize(13, 0);
        volume.put(4, 6, 0, &record(IN_USE, &resident(0x80, &map)));
        volume
    }

    /// Puts a record to the file table that starts at this cluster.
    fn put(&mut self, cluster: usize, number: usize, base: u64, bytes: &[u8]) {
        let at = cluster * CLUSTER + number * 1024;
        self.0[at..at + 1024].copy_from_slice(bytes);
        self.0[at + 0x20..at + 0x28].copy_from_slice(&base.to_le_bytes());
    }

    fn walk(self) -> (Vec<Object>, Vec<Problem>) {
        let (mut objects, mut problems) = (Vec::new(), Vec::new());
        let system = crate::fs::open(Arc::new(Bytes(self.0)));
        system.unwrap().unwrap().walk(&mut |item| match item {
            Item::Object(object) => objects.push(object),
            Item::Problem(problem) => problems.push(problem),
        });
        objects.retain(|o| o.kind != ObjectKind::Metadata);
        (objects, problems)
    }
}

/// An attribute with these mapping pairs, 1,000 bytes short of its clusters.
fn mapped(kind: u32, first: u64, pairs: &[u8]) -> Vec<u8> {
    let clusters = u64::from(pairs[1]);
    let mut bytes = resident(kind, &[0; 0x40]);
    bytes[8] = 1;
    bytes[0x10..0x18].copy_from_slice(&first.to_le_bytes());
    let last = first + clusters - 1;
    bytes[0x18..0x20].copy_from_slice(&last.to_le_bytes());
    bytes[0x20] = 0x40;
    let size = clusters * CLUSTER as u64;
    for at in [0x28, 0x30, 0x38] {
        bytes[at..at + 8].copy_from_slice(&size.to_le_bytes());
    }
    bytes[0x40..0x40 + pairs.len()].copy_from_slice(pairs);
    bytes
}

/// A name in a directory; all records have the sequence number 7.
fn name(parent: u64, text: &str) -> Vec<u8> {
    let mut value = (parent | 7 << 48).to_le_bytes().to_vec();
    value.resize(0x40, 0);
    value.extend([text.len() as u8, 1]);
    value.extend(text.encode_utf16().flat_map(|unit| unit.to_le_bytes()));
    resident(FILE_NAME, &value)
}

/// An attribute list, of kinds, first clusters and records.
fn list(entries: &[(u32, u64, u64)]) -> Vec<u8> {
    let mut value = Vec::new();
    for (kind, first, number) in entries {
        value.extend(kind.to_le_bytes());
        value.extend([0x20, 0, 0, 0x1A]);
        value.extend(first.to_le_bytes());
        value.extend((number | 7 << 48).to_le_bytes());
        value.extend([0; 8]);
    }
    resident(0x20, &value)
}

fn paths(objects: &[Object]) -> Vec<(ObjectKind, String)> {
    let path = |o: &Object| String::from_utf8(o.path.clone()).unwrap();
    objects.iter().map(|o| (o.kind, path(o))).collect()
}

#[test]
fn hard_links_orphans_and_the_deleted() {
    let mut volume = Volume::new();
    let content = resident(0x80, b"content");
    let links = [name(5, "b"), name(5, "a"), content.clone()].concat();
    volume.put(4, 16, 0, &record(IN_USE, &links));
    let lost = [name(99, "lost"), content.clone()].concat();
    volume.put(4, 17, 0, &record(IN_USE, &lost));
    let gone = [name(5, "gone"), content.clone()].concat();
    volume.put(4, 18, 0, &record(0, &gone));
    volume.put(4, 19, 0, &record(IN_USE, &content));
    let (objects, problems) = volume.walk();
    let expected = [
        (ObjectKind::File, "/a"),
        (ObjectKind::File, "/$Orphan/lost"),
        (ObjectKind::Deleted, "/gone"),
        (ObjectKind::File, "/$Orphan/19"),
    ];
    let expected = expected.map(|(kind, path)| (kind, path.to_owned()));
    assert_eq!(paths(&objects), expected);
    assert_eq!(objects[0].also, [b"/b".to_vec()]);
    assert_eq!(problems, []);
}

#[test]
fn the_file_table_has_an_attribute_list_itself() {
    let mut volume = Volume::new();
    // Its first two clusters hold records 0 to 7; where the others are says
    // record 7.
    let head = [
        list(&[(0x80, 0, 0), (0x80, 2, 7), (0x80, 2, 7), (0x80, 0, 0)]),
        mapped(0x80, 0, &[0x11, 2, 4]),
    ]
    .concat();
    let mut first = record(IN_USE, &head);
    // The size is that of all of it.
    let at = 0x38 + list(&[(0, 0, 0); 4]).len() + 0x30;
    for place in [at, at + 8] {
        let size = 5 * CLUSTER as u64;
        first[place..place + 8].copy_from_slice(&size.to_le_bytes());
    }
    volume.put(4, 0, 0, &first);
    let rest = mapped(0x80, 2, &[0x11, 3, 30]);
    volume.put(4, 7, 7 << 48, &record(IN_USE, &rest));
    let file = [name(5, "far"), resident(0x80, b"content")].concat();
    volume.put(30, 16 - 8, 0, &record(IN_USE, &file));
    let (objects, problems) = volume.walk();
    assert_eq!(paths(&objects), [(ObjectKind::File, "/far".to_owned())]);
    assert!(objects[0].inode.starts_with("16-128-"), "{objects:?}");
    assert_eq!(problems, []);
}

#[test]
fn lists_that_lead_astray() {
    let mut volume = Volume::new();
    let attributes = [
        // Itself, a record of another file, and none at all.
        list(&[(0x80, 0, 16), (0x80, 1, 17), (0x80, 2, 1 << 40)]),
        name(5, "file"),
        mapped(0x80, 0, &[0x11, 1, 50]),
    ]
    .concat();
    volume.put(4, 16, 0, &record(IN_USE, &attributes));
    let other = [name(5, "other"), mapped(0x80, 0, &[0x11, 1, 51])].concat();
    volume.put(4, 17, 0, &record(IN_USE, &other));
    let (objects, problems) = volume.walk();
    assert_eq!(objects[0].runs, [crate::Run::new(0, 50 * 4096, 4096)]);
    assert_eq!(objects[1].runs, [crate::Run::new(0, 51 * 4096, 4096)]);
    let reasons: Vec<Reason> = problems.iter().map(|p| p.reason).collect();
    assert_eq!(reasons, [Reason::CorruptMetadata, Reason::Truncated]);
    assert!(problems.iter().all(|p| p.path == b"/file"));
}

#[test]
fn encrypted_files_own_their_space() {
    let mut volume = Volume::new();
    let mut secret = mapped(0x80, 0, &[0x11, 2, 50]);
    secret[13] = 0x40;
    let attributes = [name(5, "secret"), secret].concat();
    volume.put(4, 16, 0, &record(IN_USE, &attributes));
    let (objects, problems) = volume.walk();
    assert_eq!(objects[0].form, Form::Opaque);
    assert_eq!(objects[0].runs, [crate::Run::new(0, 50 * 4096, 8192)]);
    let found = (problems[0].reason, problems[0].bytes);
    assert_eq!(found, (Reason::Encrypted, 8192));
}

#[test]
fn runs_of_deleted_files_that_are_in_use_again() {
    let mut volume = Volume::new();
    // Clusters 39 to 41, of which the first one is in use.
    let gone = [name(5, "gone"), mapped(0x80, 0, &[0x11, 3, 39])].concat();
    volume.put(4, 16, 0, &record(0, &gone));
    let (objects, problems) = volume.walk();
    assert_eq!(objects[0].kind, ObjectKind::Deleted);
    assert_eq!(objects[0].runs, [crate::Run::new(4096, 40 * 4096, 8192)]);
    assert_eq!((objects[0].size, objects[0].reused), (12_288, 4096));
    assert_eq!(problems[0].reason, Reason::Reused);
}

#[test]
fn the_copy_of_the_boot_sector_and_of_the_first_records() {
    let mut volume = Volume::new();
    let file = [name(5, "file"), resident(0x80, b"content")].concat();
    volume.put(4, 16, 0, &record(IN_USE, &file));
    // The copy of record 0 is in cluster 2.
    let first = volume.0[4 * CLUSTER..][..1024].to_vec();
    volume.0[2 * CLUSTER..][..1024].copy_from_slice(&first);
    volume.0[4 * CLUSTER..][..1024].fill(0xEE);
    volume.0[..512].fill(0);
    volume.0.extend(boot(800));
    let (objects, problems) = volume.walk();
    assert_eq!(paths(&objects), [(ObjectKind::File, "/file".to_owned())]);
    assert_eq!(problems, []);
}

#[test]
fn sizes_that_lie() {
    for size in [1u64 << 63, u64::MAX, 1 << 40] {
        let mut volume = Volume::new();
        let mut data = mapped(0x80, 0, &[0x11, 1, 50]);
        for at in [0x28, 0x30, 0x38] {
            data[at..at + 8].copy_from_slice(&size.to_le_bytes());
        }
        let attributes = [name(5, "file"), data].concat();
        volume.put(4, 16, 0, &record(IN_USE, &attributes));
        let (objects, problems) = volume.walk();
        assert_eq!((objects[0].size, objects[0].valid), (4096, 4096));
        assert_eq!(problems[0].reason, Reason::CorruptMetadata);
    }
}
