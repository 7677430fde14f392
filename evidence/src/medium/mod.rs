//! An image opened to the ground: containers, volumes, file systems, and the
//! objects that together own every byte of it.

mod map;
mod read;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::container::{
    self, Archive, Directory, Late, MAX_NESTING, Opened, Siblings,
};
use crate::memory::{self, Space, Unit};
use crate::{
    Content, FileSystem, Integrity, Item, Mapping, ObjectKind, OpenError,
    Part, Problem, Reason, Shared, fs, volume,
};

pub use map::{Claim, Entry, Map};
pub use read::{ReadReport, read_whole, spool};

/// Formats that store bytes as they are, without sums to be checked.
const AS_IS: &[&str] = &["tar"];
/// Members of an archive that are looked into.
const MAX_MEMBERS: usize = 10_000;

/// An opened image.
pub struct Medium {
    /// The disk inside of all containers.
    pub source: Shared,
    /// From the outside in: `qcow2`, or `tar`; empty if it is raw.
    pub formats: Vec<&'static str>,
    /// Hashes that a container stores: name and hexadecimal digits.
    pub hashes: Vec<(&'static str, String)>,
    /// What holds objects, in the order of the medium's tables.
    pub volumes: Vec<Mounted>,
    /// What is wrong with containers and tables.
    pub problems: Vec<Problem>,
    /// What is wrong, as far as it was read.
    late: Vec<Arc<Late>>,
    /// Members of an archive that are images themselves.
    opened: BTreeSet<Vec<u8>>,
    /// Is that which is mounted in such a member?
    nested: bool,
    /// What of memory becomes one object.
    pub unit: Unit,
    /// The file, where it holds the medium as it is.
    file: Option<Mapping>,
    /// Bytes that were given out of it lately.
    given: AtomicU64,
}

/// As much of a mapped file may stay in memory.
const KEPT: u64 = 64 << 20;

/// A volume, or what lies between them.
pub struct Mounted {
    /// How one gets there: `gpt/1`, `gpt/3/lvm/1`; empty for the whole
    /// medium.
    pub label: String,
    /// Its name, if it has one.
    pub name: String,
    /// Its bytes.
    pub source: Shared,
    /// What it is.
    pub what: What,
    /// It lies in a member of an archive, whose bytes are counted there.
    pub nested: bool,
}

/// What a volume holds.
pub enum What {
    /// A file system.
    System(Box<dyn FileSystem>),
    /// Nothing that is known: it is one object.
    Raw,
    /// Space outside of all volumes.
    Gap,
    /// Encrypted: a problem says so, and nothing in it is scanned.
    Encrypted,
    /// Memory.
    Memory(Box<Space>),
}

impl Medium {
    /// Opens an image; `None` if the file is none, but stands for itself.
    ///
    /// # Errors
    /// The file cannot be opened, or is an image that cannot be read.
    pub fn open(path: &Path) -> Result<Option<Medium>, OpenError> {
        let (source, directory) = Directory::of(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut medium = Medium::of(source, &name, &directory)?;
        if let Some(medium) = &mut medium
            && medium.formats.iter().all(|format| AS_IS.contains(format))
            && let Ok(file) = crate::file::open_image(path, true)
        {
            medium.file = Mapping::new(file).ok();
        }
        Ok(medium)
    }

    /// The bytes of an object, where they lie in the file as they are.
    pub fn mapped(&self, entry: &Entry, content: &Content) -> Option<&[u8]> {
        let file = self.file.as_ref()?;
        if self.volumes.get(entry.volume).is_none_or(|v| v.nested) {
            return None;
        }
        if file.integrity() != Integrity::Intact {
            return None;
        }
        let start = usize::try_from(content.file_offset()?).ok()?;
        let length = usize::try_from(content.object().size).ok()?;
        let bytes = file.bytes().get(start..start.checked_add(length)?)?;
        let given = self.given.fetch_add(length as u64, Relaxed);
        if given > KEPT {
            self.given.store(0, Relaxed);
            file.forget();
        }
        Some(bytes)
    }

    /// Were the bytes that [`Medium::mapped`] gave those of the file?
    pub fn is_intact(&self) -> bool {
        let file = self.file.as_ref();
        file.is_none_or(|file| file.integrity() == Integrity::Intact)
    }

    /// The image that begins in a source.
    ///
    /// # Errors
    /// As [`Medium::open`].
    pub fn of(
        source: Shared,
        name: &str,
        siblings: &dyn Siblings,
    ) -> Result<Option<Medium>, OpenError> {
        let layers = container::open_all(source.clone(), name, siblings)?;
        let mut medium = Medium::empty(source);
        let mut archive = None;
        for layer in layers.unwrap_or_default() {
            let Opened { format, source, problems, late, hashes, .. } = layer;
            medium.formats.push(format);
            medium.source = source;
            medium.problems.extend(problems);
            medium.late.push(late);
            medium.hashes.extend(hashes);
            archive = layer.archive;
        }
        let source = medium.source.clone();
        match archive {
            Some(archive) => medium.archive(source, archive),
            None => medium.mount(source, String::new(), 0),
        }
        let plain = medium.formats.is_empty()
            && medium.problems.is_empty()
            && matches!(
                medium.volumes.as_slice(),
                [Mounted { what: What::Raw, .. }]
            );
        Ok((!plain).then_some(medium))
    }

    /// One that holds nothing yet.
    fn empty(source: Shared) -> Medium {
        Medium {
            source,
            formats: Vec::new(),
            hashes: Vec::new(),
            volumes: Vec::new(),
            problems: Vec::new(),
            late: Vec::new(),
            opened: BTreeSet::new(),
            nested: false,
            unit: Unit::default(),
            file: None,
            given: AtomicU64::new(0),
        }
    }

    /// Adds an archive, and the images among its members.
    fn archive(&mut self, source: Shared, archive: Archive) {
        let mut members = Vec::new();
        archive.walk(&mut |item| {
            if let Item::Object(object) = item
                && object.kind == ObjectKind::File
                && members.len() < MAX_MEMBERS
            {
                members.push(object);
            }
        });
        self.nested = true;
        for object in members {
            let path = object.path.clone();
            let name = String::from_utf8_lossy(&path).into_owned();
            let content = Arc::new(Content::new(source.clone(), object));
            // What is wrong with one leaves it a file like others.
            let opened = container::open_all(content, &name, &archive);
            let Ok(Some(layers)) = opened else { continue };
            let Some(last) = layers.last().filter(|l| l.archive.is_none())
            else {
                continue;
            };
            let disk = last.source.clone();
            for layer in layers {
                self.problems.extend(layer.problems);
                self.late.push(layer.late);
            }
            self.mount(disk, name, 1);
            self.opened.insert(path);
        }
        self.nested = false;
        self.put(String::new(), source, What::System(Box::new(archive)));
    }

    /// Adds what a source holds.
    fn mount(&mut self, source: Shared, label: String, depth: usize) {
        match memory::open(&source) {
            Ok(Some(space)) => {
                let label = within(&label, &space);
                return self.put(label, source, What::Memory(Box::new(space)));
            }
            Ok(None) => {}
            Err(error) => self.problems.push(problem(&label, error)),
        }
        match fs::open(source.clone()) {
            Ok(Some(system)) => {
                return self.put(label, source, What::System(system));
            }
            Ok(None) => {}
            // Its bytes are scanned as they are.
            Err(problem) => self.problems.push(problem),
        }
        let table = volume::read(&source);
        let Some(scheme) = table.scheme.filter(|_| depth < MAX_NESTING) else {
            // Without a table there is one problem at most: encryption.
            let what = match table.problems.is_empty() {
                true => What::Raw,
                false => What::Encrypted,
            };
            self.problems.extend(table.problems);
            return self.put(label, source, what);
        };
        self.problems.extend(table.problems);
        let within = |index: String| match label.as_str() {
            "" => format!("{scheme}/{index}"),
            label => format!("{label}/{scheme}/{index}"),
        };
        for volume in table.volumes {
            let label = within(volume.index.to_string());
            let first = self.volumes.len();
            if volume.encryption.is_some() {
                self.put(label, volume.source, What::Encrypted);
            } else {
                self.mount(volume.source, label, depth.saturating_add(1));
            }
            if let Some(mounted) = self.volumes.get_mut(first) {
                mounted.name = volume.name;
            }
        }
        for (offset, length) in table.gaps {
            let part = Part::new(source.clone(), offset, length);
            let label = within(format!("gap-{offset:#x}"));
            self.put(label, Arc::new(part), What::Gap);
        }
    }

    /// Adds one without a name.
    fn put(&mut self, label: String, source: Shared, what: What) {
        let (name, nested) = (String::new(), self.nested);
        self.volumes.push(Mounted { label, name, source, what, nested });
    }

    /// A process that runs.
    ///
    /// # Errors
    /// There is none of this number, or it must not be looked at.
    pub fn process(pid: u64, unit: Unit) -> Result<Medium, OpenError> {
        let (source, space) = memory::open_process(pid)?;
        let mut medium = Medium::empty(source.clone());
        medium.unit = unit;
        medium.put(String::new(), source, What::Memory(Box::new(space)));
        Ok(medium)
    }

    /// Size of the medium in bytes.
    pub fn size(&self) -> u64 {
        self.source.len().unwrap_or_else(|| {
            let stored = self.spaces().map(Space::stored_bytes);
            stored.fold(0, u64::saturating_add)
        })
    }

    /// Why bytes of an object could not be read.
    pub fn reason_of_loss(&self, entry: &Entry, at: u64) -> Reason {
        match self.space(entry) {
            Some(space) if space.is_live => {
                let address = entry.object.address.unwrap_or(0);
                let pid = space.process.pid.unwrap_or(0);
                memory::reason_of_loss(pid, address.saturating_add(at))
            }
            _ => Reason::UnreadableSector,
        }
    }

    /// The memory that an object belongs to.
    pub fn space(&self, entry: &Entry) -> Option<&Space> {
        match &self.volumes.get(entry.volume)?.what {
            What::Memory(space) => Some(space),
            _ => None,
        }
    }

    /// The memory in it.
    pub fn spaces(&self) -> impl Iterator<Item = &Space> {
        self.volumes.iter().filter_map(|mounted| match &mounted.what {
            What::Memory(space) => Some(&**space),
            _ => None,
        })
    }

    /// What turned out to be wrong while it was read, so far.
    pub fn late_problems(&self) -> Vec<Problem> {
        self.late.iter().flat_map(|late| late.problems()).collect()
    }
}

/// How one gets to memory: by the number of the process, if that is known.
fn within(label: &str, space: &Space) -> String {
    let pid = space.process.pid.map(|pid| format!("pid/{pid}"));
    match (label, pid) {
        (label, None) => label.to_owned(),
        ("", Some(pid)) => pid,
        (label, Some(pid)) => format!("{label}/{pid}"),
    }
}

/// A dump that cannot be read; its bytes are scanned as they are.
fn problem(label: &str, error: OpenError) -> Problem {
    let OpenError { reason, detail, bytes } = error;
    let path = label.as_bytes().to_vec();
    Problem { reason, path, physical: None, bytes: bytes.unwrap_or(0), detail }
}
