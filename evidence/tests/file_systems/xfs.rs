//! XFS: files in all forms, and what nobody owns.

use dragnet_evidence::ObjectKind;

use crate::common::{image, survive_damage};

#[test]
fn groups_whose_size_is_no_power_of_two() {
    let Some(image) = image("xfs.raw") else { return };
    let walk = image.walk();
    assert_eq!(walk.system.name(), "xfs");
    for (path, source) in
        [("/web/big.bin", "big.bin"), ("/web/shell.php", "resident.php")]
    {
        let object = walk.get(ObjectKind::File, path);
        let source = image.source(&format!("data/{source}"));
        assert!(image.bytes(object) == source, "{path}");
    }
    let group = 20_480 * 4096;
    let shell = walk.get(ObjectKind::File, "/web/shell.php");
    let place = shell.runs[0].physical.expect("a place");
    assert!(place > group, "{place}");
    assert_eq!(walk.problems, []);
    assert_eq!(image.check_tiling(&walk), 0);
}

#[test]
fn damage_is_survived() {
    survive_damage("xfs.raw");
}
