//! Images made by hand, from the format's specification.

use crate::Reason;
use crate::container::testing::{Folder, open_bytes, open_in, read_all};

const CLUSTER: usize = 512;

/// Header, L1 and one L2 table in clusters 0 to 2; data from cluster 3 on.
fn image(size: u64, l2: &[u64], clusters: &[u8]) -> Vec<u8> {
    let mut image = vec![0; 3 * CLUSTER];
    image[..4].copy_from_slice(b"QFI\xfb");
    let mut be32 = |at: usize, value: u32| {
        image[at..at + 4].copy_from_slice(&value.to_be_bytes());
    };
    be32(4, 3);
    be32(20, 9);
    be32(36, 1);
    be32(96, 4);
    be32(100, 104);
    image[24..32].copy_from_slice(&size.to_be_bytes());
    image[40..48].copy_from_slice(&512u64.to_be_bytes());
    image[512..520].copy_from_slice(&(1024u64 | 1 << 63).to_be_bytes());
    for (at, entry) in l2.iter().enumerate() {
        image[1024 + 8 * at..][..8].copy_from_slice(&entry.to_be_bytes());
    }
    image.extend_from_slice(clusters);
    image
}

#[test]
fn clusters_are_stored_zero_or_nowhere() {
    let clusters = [[1; CLUSTER], [2; CLUSTER]].concat();
    let stored = |n: u64| (n * 512) | 1 << 63;
    let l2 = [stored(4), 0, stored(3), stored(3) | 1];
    let opened = open_bytes(image(2000, &l2, &clusters)).unwrap().unwrap();
    assert_eq!(opened.problems, []);
    let all = read_all(&opened.source);
    let expected =
        [[2; CLUSTER], [0; CLUSTER], [1; CLUSTER], [0; CLUSTER]].concat();
    assert_eq!(all, expected[..2000]);
    let origin = opened.source.origin(1030).unwrap();
    assert_eq!(origin.file_offset, Some(3 * 512 + 6));
    assert_eq!(opened.source.origin(600).unwrap().file_offset, None);
}

#[test]
fn a_backing_file_shows_through_and_may_be_missing() {
    let mut child = image(2000, &[0, (3 * 512) | 1 << 63], &[7; CLUSTER]);
    child[8..16].copy_from_slice(&400u64.to_be_bytes());
    child[16..20].copy_from_slice(&4u32.to_be_bytes());
    child[400..404].copy_from_slice(b"base");
    let mut folder = Folder::default();
    folder.put("child", child.clone());
    let opened = open_in(&folder, "child").unwrap().unwrap();
    let lost: u64 = opened.problems.iter().map(|p| p.bytes).sum();
    assert_eq!(lost, 2000 - 512);
    let reason = Reason::MissingParent;
    assert!(opened.problems.iter().all(|p| p.reason == reason));
    let mut own = [0; 512];
    assert_eq!(opened.source.read_at(512, &mut own), Ok(512));
    assert_eq!(own, [7; 512]);
    assert!(opened.source.read_at(511, &mut own).is_err());
    // A raw one that is shorter than the disk.
    folder.put("base", vec![5; 1100]);
    let opened = open_in(&folder, "child").unwrap().unwrap();
    assert_eq!(opened.problems, []);
    let all = read_all(&opened.source);
    assert_eq!(all[..512], [5; 512]);
    assert_eq!(all[512..1024], [7; 512]);
    assert_eq!(all[1024..1100], [5; 76]);
    assert_eq!(all[1100..], [0; 900]);
    // Itself, and another that leads back.
    for other in ["child", "base"] {
        folder.put("base", child.clone());
        let mut first = child.clone();
        first[16..20].copy_from_slice(&(other.len() as u32).to_be_bytes());
        first[400..400 + other.len()].copy_from_slice(other.as_bytes());
        folder.put("child", first);
        let opened = open_in(&folder, "child").unwrap().unwrap();
        let reason = Reason::CorruptMetadata;
        assert!(opened.problems.iter().any(|p| p.reason == reason));
    }
}

#[test]
fn a_backing_file_elsewhere_is_not_opened() {
    for name in ["/etc/passwd", "../base", "json:{}", "nbd:host"] {
        let mut child = image(512, &[0], &[]);
        child[8..16].copy_from_slice(&400u64.to_be_bytes());
        child[16..20].copy_from_slice(&(name.len() as u32).to_be_bytes());
        child[400..400 + name.len()].copy_from_slice(name.as_bytes());
        let opened = open_bytes(child).unwrap().unwrap();
        let reason = Reason::MissingParent;
        assert!(opened.problems.iter().any(|p| p.reason == reason), "{name}");
        assert!(opened.source.read_at(0, &mut [0; 8]).is_err());
    }
}

#[test]
fn what_lies_outside_of_the_file_is_lost_and_the_rest_is_not() {
    let stored = |n: u64| (n * 512) | 1 << 63;
    let l2 = [stored(3), stored(900), 100 | 1 << 63, stored(3) + 1024];
    let opened = open_bytes(image(2048, &l2, &[1; CLUSTER])).unwrap().unwrap();
    let reasons: Vec<_> =
        opened.problems.iter().map(|p| (p.reason, p.physical)).collect();
    assert!(reasons.contains(&(Reason::Truncated, Some(512))), "{reasons:?}");
    let mut first = [0; 512];
    assert_eq!(opened.source.read_at(0, &mut first), Ok(512));
    assert_eq!(first, [1; 512]);
}

#[test]
fn a_table_for_less_than_the_size_is_no_disk_of_zeros() {
    let opened = open_bytes(image(1 << 40, &[0], &[])).unwrap().unwrap();
    assert_eq!(opened.problems[0].reason, Reason::CorruptMetadata);
    assert_eq!(opened.problems[0].bytes, (1 << 40) - 64 * 512);
}

#[test]
fn encrypted_and_unknown_images_are_refused() {
    let mut locked = image(512, &[0], &[]);
    locked[35] = 2;
    let error = open_bytes(locked).err().unwrap();
    assert_eq!((error.reason, error.bytes), (Reason::Encrypted, Some(512)));
    let mut unknown = image(512, &[0], &[]);
    unknown[72] = 1;
    let error = open_bytes(unknown).err().unwrap();
    assert_eq!(error.reason, Reason::UnsupportedFormat);
    let mut wide = image(512, &[0], &[]);
    wide[23] = 40;
    let error = open_bytes(wide).err().unwrap();
    assert_eq!(error.reason, Reason::CorruptMetadata);
}

#[test]
fn one_table_used_for_everything_is_found_out() {
    // 4 MiB of first-level entries that all lead to one table, whose
    // entries all lead to one cluster: 64 TiB out of a few megabytes.
    let cluster = 64 << 10;
    let count: usize = (4 << 20) / 8;
    let mut image = image(0, &[], &[]);
    let size = (count as u64) * 8192 * cluster as u64;
    image[23] = 16;
    image[24..32].copy_from_slice(&size.to_be_bytes());
    image[36..40].copy_from_slice(&(count as u32).to_be_bytes());
    image[40..48].copy_from_slice(&(3 * cluster as u64).to_be_bytes());
    image.resize(3 * cluster, 0);
    for entry in 0..8192 {
        image[cluster + entry * 8..][..8]
            .copy_from_slice(&(2 * cluster as u64).to_be_bytes());
    }
    for _ in 0..count {
        image.extend_from_slice(&(cluster as u64).to_be_bytes());
    }
    let held = image.len() as u64;
    let opened = open_bytes(image).unwrap().unwrap();
    assert_eq!(opened.problems.len(), 1);
    assert_eq!(opened.problems[0].reason, Reason::ExpansionLimit);
    let from = opened.problems[0].physical.unwrap();
    assert!(from < 16 * held, "{from}");
    assert!(opened.source.read_at(from, &mut [0; 8]).is_err());
    assert!(opened.source.read_at(0, &mut [0; 8]).is_ok());
}
