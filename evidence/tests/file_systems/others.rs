use std::path::PathBuf;

use crate::common::{Image, survive_damage_of};

#[test]
fn images_from_elsewhere() {
    let Some(folder) = std::env::var_os("DRAGNET_IMAGES") else { return };
    let folder = PathBuf::from(folder);
    let files = std::fs::read_dir(&folder).expect("a folder");
    let mut paths: Vec<PathBuf> =
        files.map(|file| file.expect("a file").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "raw"));
    paths.sort();
    for path in paths {
        eprintln!("{}", path.display());
        let image = Image::open(path, folder.clone());
        let walk = image.walk();
        eprintln!(
            "{}: {} objects, {:?}",
            walk.system.name(),
            walk.objects.len(),
            walk.problems
        );
        image.compare_with_icat(&walk);
        let lost = image.check_tiling(&walk);
        eprintln!("{lost} bytes without an owner");
        survive_damage_of(&image);
    }
}
