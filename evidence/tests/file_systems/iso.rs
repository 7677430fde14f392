//! ISO 9660: names of all kinds, no byte owned twice.

use dragnet_evidence::{Object, ObjectKind};

use crate::common::{image, survive_damage};

#[test]
fn files_have_their_long_names() {
    for name in ["iso.iso", "isohfs.iso"] {
        let Some(image) = image(name) else { return };
        let walk = image.walk();
        assert_eq!(walk.system.name(), "iso9660");
        let check = |path: &str, source: &str| {
            let object = walk.get(ObjectKind::File, path);
            let source = image.source(source);
            assert!(image.bytes(object) == source, "{name}: {path}");
        };
        check("/var/www/small.php", "data/resident.php");
        check("/var/www/big.bin", "data/big.bin");
        check("/var/www/frag.bin", "data/frag.bin");
        check("/var/www/sp", "root/var/www/sp");
        for k in 0..=60 {
            check(&format!("/f{k}"), "data/fill.bin");
        }
        assert_eq!(walk.problems, []);
        let files = |o: &&Object| o.kind == ObjectKind::File;
        // Each file once, although there are two trees.
        assert_eq!(walk.objects.iter().filter(files).count(), 65);
        image.check_tiling(&walk);
    }
}

#[test]
fn damage_is_survived() {
    survive_damage("iso.iso");
}
