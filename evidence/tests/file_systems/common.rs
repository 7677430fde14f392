//! What the tests of all file systems share.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use dragnet_engine::source::{Origin, ReadError, Source};
use dragnet_evidence::{
    Content, FileSource, FileSystem, Form, Item, Object, ObjectKind, Problem,
    Shared, fs,
};

pub(crate) use super::fixtures::fixtures;

/// An image, if there are fixtures.
pub(crate) fn image(name: &str) -> Option<Image> {
    let folder = fixtures()?;
    let path = folder.join(name);
    if !path.exists() {
        eprintln!("SKIPPED: there is no {name}");
        return None;
    }
    Some(Image::open(path, folder))
}

pub(crate) struct Image {
    pub(crate) path: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) volume: Shared,
}

/// What a walk gave.
pub(crate) struct Walk {
    pub(crate) system: Box<dyn FileSystem>,
    pub(crate) objects: Vec<Object>,
    pub(crate) problems: Vec<Problem>,
}

impl Walk {
    /// `None` if no file system is recognised.
    pub(crate) fn of(volume: &Shared) -> Option<Walk> {
        let system = fs::open(volume.clone()).ok()??;
        let (mut objects, mut problems) = (Vec::new(), Vec::new());
        system.walk(&mut |item| match item {
            Item::Object(object) => objects.push(object),
            Item::Problem(problem) => problems.push(problem),
        });
        Some(Walk { system, objects, problems })
    }

    /// The object of this kind and path.
    pub(crate) fn get(&self, kind: ObjectKind, path: &str) -> &Object {
        let fits = |o: &&Object| o.kind == kind && o.path == path.as_bytes();
        self.objects.iter().find(fits).unwrap_or_else(|| {
            panic!("no {} {path}: {:?}", kind.name(), self.paths())
        })
    }

    /// Kinds and paths of all objects.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.objects
            .iter()
            .map(|o| {
                let path = String::from_utf8_lossy(&o.path);
                format!("{} {path} {}", o.kind.name(), o.inode)
            })
            .collect()
    }
}

impl Image {
    pub(crate) fn open(path: PathBuf, folder: PathBuf) -> Image {
        let file = File::open(&path).expect("an image");
        let volume: Shared = Arc::new(FileSource::new(file).expect("a size"));
        Image { path, folder, volume }
    }

    pub(crate) fn walk(&self) -> Walk {
        Walk::of(&self.volume).expect("a file system")
    }

    pub(crate) fn bytes(&self, object: &Object) -> Vec<u8> {
        let content = Content::new(self.volume.clone(), object.clone());
        let mut bytes = vec![0xEE; object.size as usize];
        let count = content.read_at(0, &mut bytes);
        assert_eq!(count, Ok(bytes.len()), "{:?}", object.path);
        bytes
    }

    /// A file of the fixtures.
    pub(crate) fn source(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.join(name)).expect("a source file")
    }

    /// Compares every file, and every deleted one of which all is left, with
    /// what the Sleuth Kit reads, if that is installed.
    pub(crate) fn compare_with_icat(&self, walk: &Walk) {
        let kinds =
            [ObjectKind::File, ObjectKind::Stream, ObjectKind::Deleted];
        let mut compared = 0;
        for object in &walk.objects {
            let path = String::from_utf8_lossy(&object.path).into_owned();
            if !kinds.contains(&object.kind)
                || object.reused > 0
                // It gives the stale bytes behind.
                || object.valid < object.size
                // It gives the empty stream that stands for the content.
                || matches!(object.form, Form::Wof { .. })
            {
                continue;
            }
            let output = Command::new("icat")
                .arg(&self.path)
                .arg(&object.inode)
                .output();
            let Ok(mut output) = output else {
                eprintln!("SKIPPED: icat is not installed");
                return;
            };
            if !output.status.success() {
                // A feature that it does not know.
                let inode = format!("cat <{}>", object.inode);
                output = Command::new("/usr/sbin/debugfs")
                    .args(["-R", &inode])
                    .arg(&self.path)
                    .output()
                    .expect("debugfs runs");
            }
            let bytes = self.bytes(object);
            let same = match object.kind {
                // It does not find all pieces of what was deleted.
                ObjectKind::Deleted => bytes.starts_with(&output.stdout),
                _ => bytes == output.stdout,
            };
            assert!(same, "{path} ({}) differs", object.inode);
            compared += 1;
        }
        assert!(compared > 0);
    }

    /// No byte has two owners, and nothing in use is free.
    /// Gives back how many bytes have no owner at all.
    pub(crate) fn check_tiling(&self, walk: &Walk) -> u64 {
        let mut owned: BTreeMap<u64, (u64, String)> = BTreeMap::new();
        let mut own = |start: u64, length: u64, who: String| {
            let end = start + length;
            let before = owned.range(..end).next_back();
            if let Some((other, (other_end, other_who))) = before {
                assert!(
                    *other_end <= start,
                    "{who} at {start}..{end} and {other_who} at \
                     {other}..{other_end}"
                );
            }
            owned.insert(start, (end, who));
        };
        for object in &walk.objects {
            if object.kind == ObjectKind::Deleted {
                continue;
            }
            let path = String::from_utf8_lossy(&object.path);
            let who = format!("{} {path}", object.kind.name());
            for run in &object.runs {
                let physical = run.physical.expect("a place");
                own(physical, run.length, who.clone());
            }
        }
        for (start, length) in walk.system.free() {
            own(start, length, "free space".to_owned());
        }
        let known: u64 = owned.iter().map(|(s, (e, _))| e - s).sum();
        let all = self.volume.len().expect("a length");
        all - known
    }

    /// Stretches of metadata.
    pub(crate) fn metadata(&self, walk: &Walk) -> Vec<(u64, u64)> {
        walk.objects
            .iter()
            .filter(|o| o.kind == ObjectKind::Metadata)
            .flat_map(|o| &o.runs)
            .filter_map(|run| Some((run.physical?, run.length)))
            .collect()
    }
}

/// What must hold of everything that a walk gives, however damaged the
/// volume is.
pub(crate) fn check_sanity(volume: &Shared, walk: &Walk) {
    for object in &walk.objects {
        let mut end = 0;
        for run in &object.runs {
            assert!(run.logical >= end, "{object:?}");
            assert!(run.length > 0, "{object:?}");
            assert!(run.logical.checked_add(run.length).is_some());
            let physical = run.physical.expect("a place");
            assert!(physical.checked_add(run.length).is_some());
            end = run.end();
        }
        if matches!(object.form, Form::Plain) {
            assert!(end <= object.size, "{object:?}");
        }
        assert!(object.valid <= object.size, "{object:?}");
        let content = Content::new(volume.clone(), object.clone());
        let mut next = 0;
        for extent in content.extents(0).take(1000) {
            assert_eq!(extent.offset, next);
            assert!(extent.length > 0);
            next = extent.offset + extent.length;
        }
        let mut buffer = [0; 4096];
        for at in [0, object.size / 2, object.size.saturating_sub(100)] {
            let _ = content.read_at(at, &mut buffer);
            let _ = content.origin(at);
        }
    }
}

/// A volume in memory, some bytes of which are different.
pub(crate) struct Damaged {
    pub(crate) bytes: Arc<Vec<u8>>,
    pub(crate) flips: Vec<(u64, u8)>,
    pub(crate) length: u64,
}

impl Source for Damaged {
    fn len(&self) -> Option<u64> {
        Some(self.length)
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<usize, ReadError> {
        let left = self.length.saturating_sub(at);
        let count = left.min(buf.len() as u64) as usize;
        if count == 0 {
            return Ok(0);
        }
        let from = at as usize;
        buf[..count].copy_from_slice(&self.bytes[from..from + count]);
        for (place, value) in &self.flips {
            if (at..at + count as u64).contains(place) {
                buf[(place - at) as usize] ^= value;
            }
        }
        Ok(count)
    }

    fn origin(&self, offset: u64) -> Option<Origin> {
        let length = self.length.checked_sub(offset).filter(|n| *n > 0)?;
        let file_offset = Some(offset);
        Some(Origin { physical: offset, file_offset, length })
    }
}

/// A small generator of numbers: the same damage on every run.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below.max(1)
    }
}

/// Cuts and flips of one image: nothing panics, nothing hangs.
pub(crate) fn survive_damage(name: &str) {
    if let Some(image) = image(name) {
        survive_damage_of(&image);
    }
}

/// As above, of any image.
pub(crate) fn survive_damage_of(image: &Image) {
    let name = image.path.display();
    let walk = image.walk();
    let areas = image.metadata(&walk);
    let bytes = Arc::new(read(&image.path));
    let length = bytes.len() as u64;
    let start = std::time::Instant::now();
    let check = |flips: Vec<(u64, u8)>, length: u64| {
        let bytes = bytes.clone();
        let volume: Shared = Arc::new(Damaged { bytes, flips, length });
        if let Some(walk) = Walk::of(&volume) {
            check_sanity(&volume, &walk);
        }
    };
    let mut cut = 0;
    while cut < length {
        check(Vec::new(), cut);
        cut += 65_537 * (1 + length / (64 << 20));
    }
    let cuts = start.elapsed();
    let mut numbers = Numbers(0x5EED_0005);
    for _ in 0..2_000 {
        let count = 1 + numbers.next(12);
        let flips = (0..count)
            .map(|_| {
                let area = numbers.next(areas.len() as u64) as usize;
                let (place, length) = areas[area];
                // Structures start at the start of areas.
                let length = match numbers.next(3) {
                    0 => length,
                    1 => length.min(65_536),
                    _ => length.min(1024),
                };
                let value = match numbers.next(2) {
                    0 => 1 << numbers.next(8),
                    _ => numbers.next(255) as u8 + 1,
                };
                (place + numbers.next(length), value)
            })
            .collect();
        check(flips, length);
    }
    let all = start.elapsed();
    eprintln!("{name}: cuts {cuts:?}, with flips {all:?}");
    assert!(all.as_secs() < 300, "{name} took {all:?}");
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("an image")
}
