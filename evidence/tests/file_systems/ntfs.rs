//! NTFS: everything that the fixture holds, against icat.

use dragnet_evidence::{Form, ObjectKind, Reason};

use crate::common::{image, survive_damage};

#[test]
fn every_object_is_that_of_the_table() {
    let Some(image) = image("ntfs.raw") else { return };
    let walk = image.walk();
    assert_eq!(walk.system.name(), "ntfs");
    assert_eq!(walk.system.cluster(), 4096);
    let same = |kind, path: &str, source: &str| {
        let object = walk.get(kind, path);
        assert!(
            image.bytes(object) == image.source(&format!("data/{source}")),
            "{path}"
        );
        object
    };
    let file = ObjectKind::File;
    let inline = same(file, "/web/resident.php", "resident.php");
    let Form::Inline { physical: Some(place), .. } = inline.form else {
        panic!("not resident: {inline:?}");
    };
    let mut stored = [0; 55];
    image.volume.read_at(place, &mut stored).expect("readable");
    assert_eq!(&stored[..], image.source("data/resident.php"));
    same(file, "/web/ünïcode name.php", "resident.php");
    same(file, "/web/big.bin", "big.bin");
    let frag = same(file, "/web/frag.bin", "frag.bin");
    assert_eq!(frag.runs.len(), 50);
    let zip = same(file, "/web/zip.txt", "zip.txt");
    let unit = Form::Lznt1 { unit: 65_536, raw_end: false };
    assert_eq!(zip.form, unit);
    let ads = same(ObjectKind::Stream, "/web/host.txt:evil.php", "ads.stream");
    assert!(ads.inode.contains("-128-"), "{}", ads.inode);
    let deleted = same(ObjectKind::Deleted, "/web/deleted.php", "deleted.php");
    assert_eq!((deleted.size, deleted.reused), (20_054, 0));
    for k in [0, 2, 4, 6, 8] {
        let path = format!("/filler/f{k}");
        same(ObjectKind::Deleted, &path, "fill.bin");
    }
    let sparse = image.bytes(walk.get(file, "/web/sparse.bin"));
    assert_eq!(sparse.len(), 4_199_357);
    assert!(sparse[..4 << 20].iter().all(|b| *b == 0));
    assert!(sparse[4 << 20..] == image.source("data/sparse.tail"));
    let comb = image.bytes(walk.get(file, "/web/comb.bin"));
    assert_eq!(comb.len(), 6_287_360);
    let big = image.source("data/big.bin");
    for (k, piece) in comb.chunks(8192).enumerate() {
        let (data, hole) = piece.split_at(4096);
        assert!(data == &big[k * 4096..][..4096], "piece {k}");
        assert!(hole.iter().all(|b| *b == 0));
    }
    assert_eq!(walk.get(file, "/web/comb.bin").runs.len(), 768);
    assert_eq!(walk.problems, []);
}

#[test]
fn slack_and_stale_bytes_are_apart_from_the_file() {
    let Some(image) = image("ntfs.raw") else { return };
    let walk = image.walk();
    let file = walk.get(ObjectKind::File, "/web/slack.bin");
    assert_eq!(image.bytes(file), [b'D'; 1500]);
    let slack = image.bytes(walk.get(ObjectKind::Slack, "/web/slack.bin"));
    let marker = b"WEBSHELL-MARK-SLACK";
    let found = slack.windows(marker.len()).position(|w| w == marker);
    assert_eq!(found, Some(3008 - 1500));
    let grown = walk.get(ObjectKind::File, "/web/grown.bin");
    assert_eq!((grown.size, grown.valid), (300_000, 4096));
    let bytes = image.bytes(grown);
    assert!(bytes[..4096] == image.source("data/fill.bin"));
    assert!(bytes[4096..].iter().all(|b| *b == 0));
    let stale = walk.get(ObjectKind::Uninitialised, "/web/grown.bin");
    assert_eq!(stale.size, 295_904);
    assert!(image.bytes(stale).iter().all(|b| *b == b'P'));
}

#[test]
fn the_sleuth_kit_reads_the_same() {
    let Some(image) = image("ntfs.raw") else { return };
    image.compare_with_icat(&image.walk());
}

#[test]
fn every_byte_has_one_owner() {
    let Some(image) = image("ntfs.raw") else { return };
    let walk = image.walk();
    assert!(image.check_tiling(&walk) < 16_384);
    let poison =
        walk.problems.iter().all(|problem| problem.reason == Reason::Reused);
    assert!(poison, "{:?}", walk.problems);
}

#[test]
fn damage_is_survived() {
    survive_damage("ntfs.raw");
}
