//! FAT and exFAT: long names, deleted files.

use dragnet_evidence::ObjectKind;

use crate::common::{image, survive_damage};

#[test]
fn long_names_and_what_was_deleted() {
    for name in ["fat.raw", "fat16.raw", "fat12.raw"] {
        let Some(image) = image(name) else { return };
        let walk = image.walk();
        let check = |kind, path: &str, source: &str| {
            let object = walk.get(kind, path);
            let source = image.source(&format!("data/{source}"));
            assert!(image.bytes(object) == source, "{name}: {path}");
            object
        };
        let long = "/web/a long name with spaces.php";
        check(ObjectKind::File, long, "resident.php");
        check(ObjectKind::File, "/web/big.bin", "big.bin");
        let kind = ObjectKind::Deleted;
        let deleted = check(kind, "/web/_eleted.php", "deleted.php");
        assert_eq!((deleted.size, deleted.reused), (20_054, 0));
        assert_eq!(walk.problems, []);
        image.compare_with_icat(&walk);
        // Behind the last cluster there may be less than a cluster.
        assert!(image.check_tiling(&walk) < walk.system.cluster());
    }
}

#[test]
fn the_number_of_clusters_decides() {
    for (name, expected) in [
        ("fat.raw", "fat32"),
        ("fat16.raw", "fat16"),
        ("fat12.raw", "fat12"),
        ("exfat-empty.raw", "exfat"),
    ] {
        let Some(image) = image(name) else { continue };
        assert_eq!(image.walk().system.name(), expected);
    }
}

#[test]
fn damage_is_survived() {
    for name in ["fat.raw", "fat16.raw", "fat12.raw"] {
        survive_damage(name);
    }
}
