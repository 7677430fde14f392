//! Every container of one disk gives the bytes of that disk.
//!
//! Runs on the images that `fixtures/build.sh` makes, if the variable
//! `DRAGNET_FIXTURES` names their folder.
#![allow(clippy::print_stderr, reason = "says what it skips")]

mod fixtures;

use std::path::Path;

use dragnet_engine::source::{ExtentKind, Source};
use dragnet_evidence::container::{Directory, Opened, Siblings, open};
use dragnet_evidence::{Reason, Shared};

use fixtures::fixtures;

fn opened(path: &Path) -> (Opened, Directory) {
    let (source, directory) = Directory::of(path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap();
    let opened = open(source, name, &directory).unwrap();
    (opened.unwrap_or_else(|| panic!("{name} is no container")), directory)
}

/// File, format, and whether there are holes in it by its own metadata.
const CONTAINERS: &[(&str, &str, bool)] = &[
    ("disksplit.001", "split", false),
    ("disk.E01", "ewf", false),
    ("disk-stored.E01", "ewf", false),
    ("disk-sha1.E01", "ewf", false),
    ("disk.qcow2", "qcow2", true),
    ("disk-zlib.qcow2", "qcow2", true),
    ("disk-zstd.qcow2", "qcow2", true),
    ("disk-v2.qcow2", "qcow2", true),
    ("disk-extl2.qcow2", "qcow2", true),
    ("disk-overlay.qcow2", "qcow2", true),
    ("disk-rawback.qcow2", "qcow2", true),
    ("disk-snap.qcow2", "qcow2", true),
    ("disk-ext.qcow2", "qcow2", true),
    ("disk.vmdk", "vmdk", true),
    ("disk-streamOptimized.vmdk", "vmdk", true),
    ("disk-monolithicFlat.vmdk", "vmdk", true),
    ("disk-twoGbMaxExtentSparse.vmdk", "vmdk", true),
    ("disk-twoGbMaxExtentFlat.vmdk", "vmdk", true),
    ("disk-delta.vmdk", "vmdk", true),
    ("disk.vhdx", "vhdx", true),
    ("disk-fixed.vhdx", "vhdx", false),
    ("disk.vdi", "vdi", true),
    ("disk-fixed.vdi", "vdi", false),
    ("disk-dyn.vhd", "vhd", true),
    ("disk-fixed.vhd", "vhd", false),
];

fn assert_same(raw: &Shared, source: &Shared, name: &str) {
    assert_eq!(source.len(), raw.len(), "{name}");
    let size = raw.len().unwrap();
    // An odd size, so that pieces begin and end anywhere.
    let step = (1 << 20) + 4099;
    let (mut ours, mut theirs) = (vec![0; step], vec![0; step]);
    let mut at = 0;
    while at < size {
        let count = source.read_at(at, &mut ours).unwrap();
        assert_eq!(raw.read_at(at, &mut theirs), Ok(count), "{name}");
        assert!(ours[..count] == theirs[..count], "{name} near {at}");
        at += count as u64;
    }
    // One read across everything, in another thread.
    std::thread::scope(|scope| {
        for part in 0..2u64 {
            scope.spawn(move || {
                let at = part * size / 2;
                let length = (size / 2) as usize;
                let (mut ours, mut theirs) =
                    (vec![0; length], vec![1; length]);
                source.read_at(at, &mut ours).unwrap();
                raw.read_at(at, &mut theirs).unwrap();
                assert!(ours == theirs, "{name}, half {part}");
            });
        }
    });
}

/// The holes are true, and what is stored lies where it is said to lie.
/// Returns the bytes in holes.
fn assert_extents(
    raw: &Shared,
    source: &Shared,
    directory: &Directory,
    folder: &Path,
    name: &str,
) -> u64 {
    let (mut at, mut holes) = (0, 0);
    for extent in source.extents(0) {
        assert_eq!(extent.offset, at, "{name}: extents without gaps");
        at += extent.length;
        assert_ne!(extent.kind, ExtentKind::Unreadable, "{name} {extent:?}");
        let mut bytes = vec![1; extent.length as usize];
        raw.read_at(extent.offset, &mut bytes).unwrap();
        if extent.kind == ExtentKind::Data {
            assert_origin(&bytes, source, directory, folder, extent.offset);
        } else {
            let zero = bytes.iter().all(|byte| *byte == 0);
            assert!(zero, "{name} {extent:?} is no hole");
            holes += extent.length;
        }
    }
    assert_eq!(Some(at), raw.len(), "{name}");
    holes
}

fn assert_origin(
    bytes: &[u8],
    source: &Shared,
    directory: &Directory,
    folder: &Path,
    offset: u64,
) {
    let origin = source.origin(offset).unwrap();
    assert_eq!(origin.physical, offset);
    assert!(origin.length > 0);
    let Some(place) = origin.file_offset else { return };
    let files = directory.files();
    let file = files
        .iter()
        .find(|f| place >= f.base && place < f.base + f.length)
        .unwrap();
    let stored = std::fs::File::open(folder.join(&file.name)).unwrap();
    let stored = dragnet_evidence::FileSource::new(stored).unwrap();
    let length = origin.length.min(bytes.len() as u64).min(65536) as usize;
    let mut there = vec![0; length];
    let at = place - file.base;
    assert_eq!(stored.read_at(at, &mut there), Ok(length));
    assert!(there == bytes[..length], "{} at {at}", file.name);
}

#[test]
fn every_container_is_the_disk() {
    let Some(folder) = fixtures() else { return };
    let (raw, _directory) = Directory::of(&folder.join("disk.raw")).unwrap();
    for (name, format, has_holes) in CONTAINERS {
        let (opened, directory) = opened(&folder.join(name));
        assert_eq!(opened.format, *format, "{name}");
        assert_eq!(opened.problems, [], "{name}");
        assert_same(&raw, &opened.source, name);
        let holes =
            assert_extents(&raw, &opened.source, &directory, &folder, name);
        // At least half of the disk was never written.
        let expected = if *has_holes { 100 << 20 } else { 0 };
        assert!(holes >= expected, "{name}: {holes} bytes in holes");
        assert_eq!(opened.late.problems(), [], "{name}");
    }
}

#[test]
fn stored_hashes_are_those_of_the_disk() {
    let Some(folder) = fixtures() else { return };
    let names = ["disk.E01", "disk-stored.E01", "disk-sha1.E01"];
    for name in names {
        let (opened, _directory) = opened(&folder.join(name));
        let md5 = std::process::Command::new("md5sum")
            .arg(folder.join("disk.raw"))
            .output()
            .unwrap();
        let md5 = String::from_utf8(md5.stdout).unwrap();
        let digest = md5.split(' ').next().unwrap().to_owned();
        let stored: Vec<_> =
            opened.hashes.iter().filter(|hash| hash.0 == "md5").collect();
        assert_eq!(stored, [&("md5", digest)], "{name}");
    }
}

/// Where `qemu-img map` says that data are, as offset and length.
fn map(image: &Path, format: &str) -> Option<Vec<(u64, u64)>> {
    let output = std::process::Command::new("qemu-img")
        .args(["map", "--output=json", "-f", format])
        .arg(image)
        .output();
    let Ok(output) = output else {
        eprintln!("SKIPPED: there is no qemu-img to compare with");
        return None;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let number = |line: &str, key: &str| -> u64 {
        let (_, rest) = line.split_once(key).unwrap();
        let rest = rest.trim_start_matches(['"', ':', ' ']);
        let end = rest.find(|c: char| !c.is_ascii_digit());
        rest[..end.unwrap()].parse().unwrap()
    };
    let data = text.lines().filter(|line| line.contains("\"data\": true"));
    let ranges = data.map(|l| (number(l, "\"start"), number(l, "\"length")));
    Some(joined(ranges))
}

fn joined(ranges: impl Iterator<Item = (u64, u64)>) -> Vec<(u64, u64)> {
    let mut joined: Vec<(u64, u64)> = Vec::new();
    for (offset, length) in ranges {
        match joined.last_mut() {
            Some(last) if last.0 + last.1 == offset => last.1 += length,
            _ => joined.push((offset, length)),
        }
    }
    joined
}

#[test]
fn data_are_where_the_tool_sees_them() {
    let Some(folder) = fixtures() else { return };
    // Blocks of the last three are so large that holes of the file itself
    // show in them, which the tool does not look for in all formats.
    for (name, format, is_exact) in [
        ("disk.qcow2", "qcow2", true),
        ("disk-zlib.qcow2", "qcow2", true),
        ("disk-zstd.qcow2", "qcow2", true),
        ("disk-v2.qcow2", "qcow2", true),
        ("disk-extl2.qcow2", "qcow2", true),
        ("disk-overlay.qcow2", "qcow2", true),
        ("disk.vmdk", "vmdk", true),
        ("disk-streamOptimized.vmdk", "vmdk", true),
        ("disk-twoGbMaxExtentSparse.vmdk", "vmdk", true),
        ("disk.vhdx", "vhdx", false),
        ("disk.vdi", "vdi", false),
        ("disk-dyn.vhd", "vpc", false),
    ] {
        let image = folder.join(name);
        let Some(expected) = map(&image, format) else { return };
        let (opened, _directory) = opened(&image);
        let data = opened
            .source
            .extents(0)
            .filter(|extent| extent.kind == ExtentKind::Data)
            .map(|extent| (extent.offset, extent.length));
        let data = joined(data);
        if is_exact {
            assert_eq!(data, expected, "{name}");
        }
        for (offset, length) in data {
            let inside = expected.iter().any(|(start, size)| {
                *start <= offset && offset + length <= start + size
            });
            assert!(inside, "{name}: {offset} {length}");
        }
    }
}

#[test]
fn what_is_beside_the_disk_is_told() {
    let Some(folder) = fixtures() else { return };
    let (with_snapshot, _directory) = opened(&folder.join("disk-snap.qcow2"));
    assert_eq!(with_snapshot.snapshots, 1);
    let path = folder.join("encrypted.qcow2");
    let (source, directory) = Directory::of(&path).unwrap();
    let error = open(source, "encrypted.qcow2", &directory).err().unwrap();
    assert_eq!(error.reason, Reason::Encrypted);
    assert_eq!(error.bytes, Some(1 << 20));
}

#[test]
fn a_disk_in_an_appliance_is_read_where_it_lies() {
    let Some(folder) = fixtures() else { return };
    let (raw, _directory) = Directory::of(&folder.join("disk.raw")).unwrap();
    for name in ["disk.ova", "disk-pax.ova"] {
        let (appliance, directory) = opened(&folder.join(name));
        assert_eq!(appliance.format, "tar");
        let archive = appliance.archive.unwrap();
        let inner = "disk-streamOptimized.vmdk";
        assert!(archive.names().contains(&inner.to_owned()));
        let member = Siblings::open(&archive, inner).unwrap();
        let disk = open(member, inner, &archive).unwrap().unwrap();
        assert_eq!((disk.format, disk.problems), ("vmdk", Vec::new()));
        assert_same(&raw, &disk.source, name);
        assert_eq!(directory.files().len(), 1, "nothing is extracted");
    }
}

#[test]
fn a_set_without_one_of_its_files_is_no_shift() {
    let Some(folder) = fixtures() else { return };
    let (raw, _directory) = Directory::of(&folder.join("disk.raw")).unwrap();
    let set = std::env::temp_dir()
        .join(format!("dragnet-sets-{}", std::process::id()));
    for (missing, files) in [
        (3, ["disk.E01", "disk.E02", "disk.E03", "disk.E04", "disk.E05"]),
        (
            2,
            [
                "disksplit.001",
                "disksplit.002",
                "disksplit.003",
                "disksplit.004",
                "",
            ],
        ),
    ] {
        std::fs::create_dir_all(&set).unwrap();
        for (number, file) in (1..).zip(files) {
            if number != missing && !file.is_empty() {
                std::fs::hard_link(folder.join(file), set.join(file))
                    .or_else(|_| {
                        std::fs::copy(folder.join(file), set.join(file))
                            .map(|_| ())
                    })
                    .unwrap();
            }
        }
        let (opened, _directory) = opened(&set.join(files[0]));
        assert_eq!(opened.source.len(), raw.len());
        let mut lost = 0;
        for extent in opened.source.extents(0) {
            if extent.kind == ExtentKind::Unreadable {
                lost += extent.length;
                continue;
            }
            let length = extent.length as usize;
            let (mut ours, mut theirs) = (vec![0; length], vec![1; length]);
            opened.source.read_at(extent.offset, &mut ours).unwrap();
            raw.read_at(extent.offset, &mut theirs).unwrap();
            assert!(ours == theirs, "{} {extent:?}", files[0]);
        }
        assert!(lost > 0 && lost < raw.len().unwrap());
        let told: u64 = opened.problems.iter().map(|p| p.bytes).sum();
        assert_eq!(told, lost, "{}", files[0]);
        let reason = Reason::MissingSegment;
        assert!(opened.problems.iter().all(|p| p.reason == reason));
        std::fs::remove_dir_all(&set).unwrap();
    }
}
