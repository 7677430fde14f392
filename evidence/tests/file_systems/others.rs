//! Images that a developer has, against lists or the Sleuth Kit.

use std::path::{Path, PathBuf};

use dragnet_evidence::ObjectKind;

use crate::common::{Image, Walk, survive_damage_of};

#[test]
fn images_from_elsewhere() {
    let Some(folder) = std::env::var_os("DRAGNET_IMAGES") else {
        eprintln!("SKIPPED: DRAGNET_IMAGES names no folder of images");
        return;
    };
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
        let files = image.path.with_extension("files");
        if files.is_dir() {
            compare_with_folder(&image, &walk, &files);
        } else {
            image.compare_with_icat(&walk);
        }
        let lost = image.check_tiling(&walk);
        eprintln!("{lost} bytes without an owner");
        survive_damage_of(&image);
    }
}

/// Every file of the image is in the folder, and the other way round.
fn compare_with_folder(image: &Image, walk: &Walk, folder: &Path) {
    let mut count = 0;
    for object in &walk.objects {
        if object.kind == ObjectKind::File {
            let path = String::from_utf8(object.path.clone()).expect("UTF-8");
            let file = folder.join(path.trim_start_matches('/'));
            let source = std::fs::read(&file).expect(&path);
            assert!(image.bytes(object) == source, "{path}");
            count += 1 + object.also.len();
        }
    }
    let mut folders = vec![folder.to_owned()];
    let mut expected = 0;
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).expect("a folder") {
            let file = file.expect("a file");
            let kind = file.file_type().expect("a kind");
            if kind.is_dir() {
                folders.push(file.path());
            }
            expected += usize::from(kind.is_file());
        }
    }
    assert_eq!(count, expected);
}
