//! ext2, ext3 and ext4: files in all forms, deleted ones, stale bytes.

use std::process::Command;

use dragnet_evidence::{Form, ObjectKind, Problem, Reason};

use crate::common::{Image, Walk, image, survive_damage};

/// All files of the folder that the images were made of.
fn compare_with_sources(image: &Image, walk: &Walk, except: &[&str]) {
    let check = |path: &str, source: &str| {
        let object = walk.get(ObjectKind::File, path);
        let bytes = image.source(source);
        assert!(image.bytes(object) == bytes, "{path}");
    };
    check("/var/www/small.php", "data/resident.php");
    check("/var/www/big.bin", "data/big.bin");
    check("/var/www/frag.bin", "data/frag.bin");
    for k in 0..=60 {
        let path = format!("/f{k}");
        if !except.contains(&"/f") || k % 2 == 1 {
            check(&path, "data/fill.bin");
        }
    }
    let sparse = image.bytes(walk.get(ObjectKind::File, "/var/www/sp"));
    // With content in inodes, mke2fs leaves out the hole at the end.
    assert!(sparse.len() >= 4_199_357);
    assert!(image.source("root/var/www/sp").starts_with(&sparse));
    let deleted = |p: &Problem| p.reason == Reason::Reused;
    assert!(walk.problems.iter().all(deleted), "{:?}", walk.problems);
}

#[test]
fn ext4_files_and_what_was_deleted() {
    let Some(image) = image("ext4.raw") else { return };
    let walk = image.walk();
    assert_eq!(walk.system.name(), "ext4");
    compare_with_sources(&image, &walk, &["/f"]);
    let fragments = walk.get(ObjectKind::File, "/var/www/frag2.bin");
    assert!(image.bytes(fragments) == image.source("data/big.bin"));
    assert_eq!(fragments.runs.len(), 28);
    // Its inode had another name before; which came last is not recorded.
    let gone = walk
        .objects
        .iter()
        .find(|o| {
            let named = |path: &Vec<u8>| path == b"/gone.php";
            o.kind == ObjectKind::Deleted
                && (named(&o.path) || o.also.iter().any(named))
        })
        .expect("the deleted file");
    assert_eq!((gone.size, gone.reused), (20_054, 0));
    assert!(image.bytes(gone) == image.source("data/deleted.php"));
    image.compare_with_icat(&walk);
    assert!(image.check_tiling(&walk) < 16_384);
    let slack = walk.get(ObjectKind::Slack, "/var/www/small.php");
    assert_eq!(slack.size, 4096 - 55);
}

#[test]
fn content_inside_of_inodes() {
    let Some(image) = image("ext4-inline.raw") else { return };
    let walk = image.walk();
    compare_with_sources(&image, &walk, &[]);
    let small = walk.get(ObjectKind::File, "/var/www/small.php");
    assert!(matches!(small.form, Form::Inline { .. }), "{small:?}");
    assert!(image.check_tiling(&walk) < 16_384);
    // The Sleuth Kit does not know content in inodes; this does.
    let debugfs = Command::new("/usr/sbin/debugfs")
        .args(["-R", "cat /var/www/small.php"])
        .arg(&image.path)
        .output();
    match debugfs {
        // It gives all of the place for the block map.
        Ok(output) => assert!(output.stdout.starts_with(&image.bytes(small))),
        Err(_) => eprintln!("SKIPPED: debugfs is not installed"),
    }
}

#[test]
fn ext2_and_ext3_with_indirect_blocks() {
    for name in ["ext2.raw", "ext3.raw"] {
        let Some(image) = image(name) else { return };
        let walk = image.walk();
        assert_eq!(walk.system.name(), &name[..4]);
        compare_with_sources(&image, &walk, &[]);
        image.compare_with_icat(&walk);
        assert!(image.check_tiling(&walk) < 16_384);
    }
}

#[test]
fn damage_is_survived() {
    for name in ["ext4.raw", "ext4-inline.raw", "ext2.raw"] {
        survive_damage(name);
    }
}
