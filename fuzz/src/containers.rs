//! Containers, partition tables and volume groups with damage in them.

use std::sync::{Arc, LazyLock};

use dragnet_engine::source::{Buffer, ExtentKind, Origin, ReadError, Source};
use dragnet_evidence::container::{Siblings, open_all};
use dragnet_evidence::{
    FileSystem, Item, OpenError, Part, Reason, Shared, volume,
};

use super::bytes::Bytes;
use super::images::{Image, all};

static IMAGES: LazyLock<Vec<Image>> = LazyLock::new(all);

/// Extents that are looked at; a disk may have many more.
const LOOKED_AT: usize = 5000;

/// An image in memory.
pub struct Memory(pub Vec<u8>);

impl Source for Memory {
    fn len(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<usize, ReadError> {
        Buffer::new(&self.0).read_at(at, buf)
    }

    fn origin(&self, offset: u64) -> Option<Origin> {
        Buffer::new(&self.0).origin(offset)
    }
}

/// A folder in which every file is the same, or a part of it.
struct Mirrors(Shared);

impl Siblings for Mirrors {
    fn open(&self, name: &str) -> Result<Shared, OpenError> {
        match name.len() % 4 {
            0 => Err(OpenError::new(Reason::Gone, "no such file")),
            1 => Ok(Arc::new(Part::new(self.0.clone(), 0, 1000))),
            _ => Ok(self.0.clone()),
        }
    }

    fn names(&self) -> Vec<String> {
        ["d.001", "d.003", "d.E01", "d.E02", "d.E04", "a.vdi", "image"]
            .map(str::to_owned)
            .to_vec()
    }
}

/// Whatever an image says: it is refused with a reason, or every byte of
/// the disk is data, a hole that reads as zeros, or unreadable, and every
/// byte of a divided disk is in a volume or in a gap.
///
/// The first byte chooses an image, the next ones where its tables are
/// changed; after the last image they are an image themselves.
pub fn containers(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let choice = usize::from(*first) % (IMAGES.len() + 1);
    let (name, image) = match IMAGES.get(choice) {
        Some(image) => (image.name, damaged(image, &mut Bytes::new(rest))),
        None => ("d.001", rest.to_vec()),
    };
    let source: Shared = Arc::new(Memory(image));
    let siblings = Mirrors(source.clone());
    let disk = match open_all(source.clone(), name, &siblings) {
        Ok(Some(layers)) => {
            let last = layers.last().expect("at least one layer");
            if let Some(archive) = &last.archive {
                return check_archive(archive, &source);
            }
            last.source.clone()
        }
        Ok(None) => source,
        Err(error) => return assert!(!error.detail.is_empty()),
    };
    check_extents(&disk);
    check_volumes(&disk);
}

fn damaged(image: &Image, bytes: &mut Bytes<'_>) -> Vec<u8> {
    let mut damaged = image.bytes.clone();
    while !bytes.is_empty() {
        let area = usize::from(bytes.byte()) % image.areas.len();
        let area = image.areas[area].clone();
        let place = usize::from(bytes.byte()) << 8 | usize::from(bytes.byte());
        let at = area.start + place % area.len();
        let value = bytes.byte();
        match bytes.below(4) {
            0 => damaged[at] ^= 1 << (value % 8),
            1 => damaged[at..(at + 8).min(area.end)].fill(value),
            2 => {
                let end = damaged.len().saturating_sub(usize::from(value));
                damaged[end..].fill(0);
            }
            _ => damaged[at] = value,
        }
    }
    (image.repair)(&mut damaged);
    damaged
}

fn check_archive(archive: &dyn FileSystem, source: &Shared) {
    let size = source.len().unwrap_or(0);
    archive.walk(&mut |item| {
        let Item::Object(object) = item else { return };
        for run in &object.runs {
            let at = run.physical.expect("nothing is sparse in an archive");
            let end = at.checked_add(run.length);
            assert!(end.is_some_and(|end| end <= size), "{run:?}");
        }
    });
    for (at, length) in archive.free() {
        assert_eq!(at + length, size);
    }
}

fn check_extents(disk: &Shared) {
    let size = disk.len().expect("a disk has a size");
    let mut buf = [0x5A; 700];
    let mut at = 0;
    let mut extents = disk.extents(0);
    for extent in extents.by_ref().take(LOOKED_AT) {
        assert_eq!(extent.offset, at);
        assert!(extent.length > 0);
        at = at.checked_add(extent.length).expect("an end");
        let want = extent.length.min(700) as usize;
        for start in [extent.offset, at - want as u64] {
            buf.fill(0x5A);
            let read = disk.read_at(start, &mut buf[..want]);
            if let Ok(count) = read {
                assert_eq!(count, want);
            }
            let origin = disk.origin(start).expect("a place");
            assert!(origin.length > 0);
            if matches!(
                extent.kind,
                ExtentKind::Zero | ExtentKind::Unallocated
            ) {
                assert!(read.is_ok(), "{extent:?} {read:?}");
                assert!(buf[..want].iter().all(|byte| *byte == 0));
            }
        }
    }
    assert!(at == size || extents.next().is_some());
    for start in [0, size / 2, size.saturating_sub(1), size, u64::MAX] {
        let _ = disk.read_at(start, &mut buf);
        let _ = disk.extents(start).next();
        let _ = disk.origin(start);
    }
}

fn check_volumes(disk: &Shared) {
    let table = volume::read(disk);
    for volume in &table.volumes {
        if volume.offset.is_none() {
            check_extents(&volume.source);
        }
        assert_eq!(volume.source.len(), Some(volume.length));
    }
    if !matches!(table.scheme, Some("gpt" | "mbr")) {
        return;
    }
    let volumes = table.volumes.iter();
    let mut ranges: Vec<(u64, u64)> = volumes
        .filter_map(|volume| Some((volume.offset?, volume.length)))
        .chain(table.gaps.iter().copied())
        .filter(|range| range.1 > 0)
        .collect();
    ranges.sort_unstable();
    let mut end = 0;
    for (at, length) in ranges {
        assert!(at <= end, "nobody has what is before {at}");
        end = end.max(at + length);
    }
    assert_eq!(Some(end), disk.len());
}
