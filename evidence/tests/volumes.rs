//! Partition tables and volume groups, against the tools that made them.
//!
//! Runs on the images that `fixtures/build.sh` makes, if the variable
//! `DRAGNET_FIXTURES` names their folder.
#![allow(clippy::print_stderr, reason = "says what it skips")]

mod fixtures;

use std::path::Path;
use std::process::Command;

use dragnet_evidence::container::Directory;
use dragnet_evidence::volume::{Table, read};
use dragnet_evidence::{Reason, Shared};

use fixtures::fixtures;

fn table(path: &Path) -> (Shared, Table) {
    let (source, _directory) = Directory::of(path).unwrap();
    let table = read(&source);
    assert_tiled(&source, &table);
    (source, table)
}

/// Volumes and gaps are the disk, without a byte twice.
fn assert_tiled(source: &Shared, table: &Table) {
    let Some("gpt" | "mbr") = table.scheme else { return };
    let mut ranges: Vec<(u64, u64)> = table.gaps.clone();
    let volumes = table.volumes.iter();
    ranges.extend(volumes.map(|v| (v.offset.unwrap(), v.length)));
    ranges.sort_unstable();
    let mut at = 0;
    for (offset, length) in ranges {
        assert_eq!(offset, at);
        at += length;
    }
    assert_eq!(Some(at), source.len());
}

type Row = (u32, u64, u64, String, String);

/// Number, start and size in sectors, type and name, as `sfdisk` tells
/// them; extended partitions, which hold others, are left out.
fn sfdisk(image: &Path) -> Option<Vec<Row>> {
    let path = "/usr/sbin:/sbin:/usr/bin:/bin";
    let output = Command::new("sfdisk")
        .env("PATH", path)
        .arg("--dump")
        .arg(image)
        .output();
    let Ok(output) = output else {
        eprintln!("SKIPPED: there is no sfdisk to compare with");
        return None;
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let prefix = image.to_str().unwrap();
    let mut found = Vec::new();
    for line in text.lines().filter_map(|line| line.strip_prefix(prefix)) {
        let (number, rest) = line.split_once(':').unwrap();
        let value = |key: &str| {
            let fields = rest.split(", ").map(str::trim);
            let mut values = fields.filter_map(|field| {
                let (name, value) = field.split_once('=')?;
                (name.trim() == key).then(|| value.trim().trim_matches('"'))
            });
            values.next().unwrap_or_default().to_owned()
        };
        let kind = value("type");
        if matches!(kind.as_str(), "5" | "f" | "85") {
            continue;
        }
        found.push((
            number.trim().parse().unwrap(),
            value("start").parse().unwrap(),
            value("size").parse().unwrap(),
            kind,
            value("name"),
        ));
    }
    Some(found)
}

#[test]
fn volumes_are_those_of_the_tool() {
    let Some(folder) = fixtures() else { return };
    for (name, scheme) in [
        ("disk.raw", "gpt"),
        ("mbr.raw", "mbr"),
        ("gpt-hybrid.raw", "gpt"),
        ("gpt-backup.raw", "gpt"),
    ] {
        let image = folder.join(name);
        let (_, table) = table(&image);
        assert_eq!(table.scheme, Some(scheme), "{name}");
        let expected_problems = if name == "gpt-backup.raw" { 1 } else { 0 };
        assert_eq!(table.problems.len(), expected_problems, "{name}");
        let Some(expected) = sfdisk(&image) else { return };
        assert!(!expected.is_empty(), "{name}");
        let found: Vec<_> = table
            .volumes
            .iter()
            .map(|volume| {
                let kind = match scheme {
                    "mbr" => volume.kind.trim_start_matches('0'),
                    _ => &volume.kind,
                };
                (
                    volume.index,
                    volume.offset.unwrap() / 512,
                    volume.length / 512,
                    kind.to_owned(),
                    volume.name.clone(),
                )
            })
            .collect();
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn large_sectors_are_noticed() {
    let Some(folder) = fixtures() else { return };
    let (_, table) = table(&folder.join("gpt4k.raw"));
    assert_eq!((table.scheme, table.sector), (Some("gpt"), 4096));
    let found: Vec<_> = table
        .volumes
        .iter()
        .map(|v| (v.offset.unwrap(), v.length, v.name.as_str()))
        .collect();
    let expected = [
        (256 * 4096, 4096 * 4096, "first"),
        (8192 * 4096, 2048 * 4096, "zweite ü"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_unpartitioned_marker_is_in_a_gap() {
    let Some(folder) = fixtures() else { return };
    let (source, table) = table(&folder.join("disk.raw"));
    let mut marker = [0; 13];
    source.read_at(194_560_008, &mut marker).unwrap();
    assert_eq!(&marker, b"WEBSHELL-MARK");
    let inside = |gap: &&(u64, u64)| {
        gap.0 <= 194_560_008 && 194_560_008 < gap.0 + gap.1
    };
    assert_eq!(table.gaps.iter().filter(inside).count(), 1);
}

#[test]
fn an_encrypted_volume_is_told_with_its_size() {
    let Some(folder) = fixtures() else { return };
    let (_, table) = table(&folder.join("luks.raw"));
    let found: Vec<_> =
        table.problems.iter().map(|p| (p.reason, p.bytes)).collect();
    assert_eq!(found, [(Reason::Encrypted, 33_554_432)]);
}

/// The number of the physical extent that each logical one lies in, and
/// that the sectors within are in order; see `fixtures/lvmimage.py`.
fn extents(source: &Shared) -> Vec<u32> {
    let size = source.len().unwrap();
    let mut found = Vec::new();
    for at in (0..size).step_by(4 << 20) {
        let mut name = [0; 6];
        source.read_at(at, &mut name).unwrap();
        let name = std::str::from_utf8(&name).unwrap();
        found.push(name.strip_prefix("PE").unwrap().parse().unwrap());
    }
    found
}

#[test]
fn logical_volumes_are_put_together() {
    let Some(folder) = fixtures() else { return };
    let (_, table) = table(&folder.join("lvm.raw"));
    assert_eq!(table.scheme, Some("lvm"));
    let names: Vec<_> =
        table.volumes.iter().map(|v| (v.name.as_str(), v.length)).collect();
    let expected =
        [("two", 32 << 20), ("stripes", 16 << 20), ("thinly", 8 << 20)];
    assert_eq!(names, expected);
    let expected = [0, 1, 2, 3, 8, 9, 10, 11];
    assert_eq!(extents(&table.volumes[0].source), expected);
    // Stripes of 64 KiB, in turn from the extents 4, 5 and 12, 13.
    let stripes = &table.volumes[1].source;
    for stripe in 0..256u64 {
        let mut name = [0; 19];
        stripes.read_at(stripe * 65536, &mut name).unwrap();
        let row = stripe / 2 * 128;
        let extent = [4, 12][stripe as usize % 2] + row / 8192;
        let expected = format!("PE{extent:04} SECTOR{:06}", row % 8192);
        assert_eq!(std::str::from_utf8(&name).unwrap(), expected);
    }
    let found: Vec<_> =
        table.problems.iter().map(|p| (p.reason, p.bytes)).collect();
    assert_eq!(found, [(Reason::UnsupportedFormat, 8 << 20)]);
    let gaps: u64 = table.gaps.iter().map(|gap| gap.1).sum();
    assert_eq!(gaps, (96 - 32 - 16) << 20);
}
