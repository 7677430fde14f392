//! Containers that are cut or damaged anywhere: no panic, no hang, no
//! growth, and what is read is told from what is not.
//!
//! Runs on the images that `fixtures/build.sh` makes, if the variable
//! `DRAGNET_FIXTURES` names their folder.
#![allow(clippy::print_stderr, reason = "says what it skips")]

mod fixtures;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use dragnet_engine::source::{ExtentKind, Origin, ReadError, Source};
use dragnet_evidence::container::{Directory, open_all};
use dragnet_evidence::{FileSystem, Part, Shared, volume};

use fixtures::fixtures;

const CONTAINERS: &[&str] = &[
    "disk.E01",
    "disk-stored.E01",
    "disk.qcow2",
    "disk-zlib.qcow2",
    "disk-zstd.qcow2",
    "disk-extl2.qcow2",
    "disk-overlay.qcow2",
    "disk.vmdk",
    "disk-streamOptimized.vmdk",
    "disk-monolithicFlat.vmdk",
    "disk-twoGbMaxExtentSparse.vmdk",
    "disk.vhdx",
    "disk.vdi",
    "disk-dyn.vhd",
    "disk-fixed.vhd",
    "disk-pax.ova",
    "disksplit.001",
    // No containers, but tables all the same.
    "mbr.raw",
    "gpt4k.raw",
    "lvm.raw",
];

/// Slowest acceptable answer, on a busy machine and without optimisation.
const SLOWEST: Duration = Duration::from_secs(10);
/// Most memory that the whole run may need.
const MOST_MEMORY_KB: u64 = 512 << 10;

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below.max(1)
    }
}

/// A source with one bit turned.
struct Flipped {
    source: Shared,
    at: u64,
    bit: u8,
}

impl Source for Flipped {
    fn len(&self) -> Option<u64> {
        self.source.len()
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<usize, ReadError> {
        let count = self.source.read_at(at, buf)?;
        if let Some(place) = self.at.checked_sub(at)
            && place < count as u64
        {
            buf[place as usize] ^= 1 << self.bit;
        }
        Ok(count)
    }

    fn origin(&self, offset: u64) -> Option<Origin> {
        self.source.origin(offset)
    }
}

/// Opens whatever it is and goes through all that can be asked.
fn exercise(source: Shared, name: &str, directory: &Directory, what: &str) {
    let start = Instant::now();
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let outside = source.clone();
    let inside = match open_all(source, name, directory) {
        Ok(Some(layers)) => {
            let last = layers.last().unwrap();
            if let Some(archive) = &last.archive {
                archive.walk(&mut |_| {});
                archive.free();
            }
            last.source.clone()
        }
        Ok(None) | Err(_) => outside,
    };
    let size = inside.len().unwrap();
    let mut at = 0;
    let mut readable = Vec::new();
    for extent in inside.extents(0) {
        assert_eq!(extent.offset, at, "{name} {what}");
        assert!(extent.length > 0, "{name} {what}");
        at += extent.length;
        if extent.kind != ExtentKind::Unreadable && readable.len() < 1000 {
            readable.push(extent);
        }
    }
    assert_eq!(at, size, "{name} {what}");
    let mut buf = vec![0; 40_000];
    for _ in 0..8 {
        let place = numbers.next(readable.len() as u64) as usize;
        let Some(extent) = readable.get(place) else { break };
        let at = extent.offset + numbers.next(extent.length);
        let left = (extent.offset + extent.length - at).min(40_000);
        let read = inside.read_at(at, &mut buf[..left as usize]);
        // Only what is packed or checked by reading can still fail.
        if extent.kind != ExtentKind::Data {
            assert_eq!(read, Ok(left as usize), "{name} {what} at {at}");
            let zero = buf[..left as usize].iter().all(|byte| *byte == 0);
            assert!(zero, "{name} {what}: no hole at {at}");
        }
        let origin = inside.origin(at).unwrap();
        assert!(origin.length > 0);
        let anywhere = numbers.next(size);
        let _ = inside.read_at(anywhere, &mut buf);
    }
    for volume in volume::read(&inside).volumes {
        let _ = volume.source.read_at(0, &mut buf);
        assert!(
            volume.source.extents(0).take(10).count() > 0
                || volume.length == 0
        );
    }
    let took = start.elapsed();
    assert!(took < SLOWEST, "{name} {what} took {took:?}");
}

fn memory_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM"));
    let digits = line.unwrap().split_whitespace().nth(1).unwrap();
    digits.parse().unwrap()
}

fn opened(folder: &Path, name: &str) -> (Shared, Directory) {
    Directory::of(&folder.join(name)).unwrap()
}

#[test]
fn every_cut_is_survived() {
    let Some(folder) = fixtures() else { return };
    for name in CONTAINERS {
        let (source, directory) = opened(&folder, name);
        let end = source.len().unwrap().min(1 << 20);
        for cut in (0..end).step_by(4099) {
            let part = Arc::new(Part::new(source.clone(), 0, cut));
            exercise(part, name, &directory, &format!("cut at {cut}"));
        }
    }
    assert!(memory_kb() < MOST_MEMORY_KB, "{} KB", memory_kb());
}

#[test]
fn every_turned_bit_is_survived() {
    let Some(folder) = fixtures() else { return };
    let mut numbers = Numbers(42);
    for number in 0..2000u64 {
        let name = CONTAINERS[number as usize % CONTAINERS.len()];
        let (source, directory) = opened(&folder, name);
        let size = source.len().unwrap();
        // Where the tables are: at both ends and, for some, behind.
        let at = match numbers.next(8) {
            0..=2 => numbers.next(size.min(4096)),
            3 | 4 => numbers.next(size.min(512 << 10)),
            5 => size - 1 - numbers.next(size.min(2048)),
            6 => (3 << 20) + numbers.next(4 << 10),
            _ => numbers.next(size),
        };
        let bit = numbers.next(8) as u8;
        let flipped = Arc::new(Flipped { source, at, bit });
        exercise(flipped, name, &directory, &format!("bit {bit} of {at}"));
    }
    assert!(memory_kb() < MOST_MEMORY_KB, "{} KB", memory_kb());
}
