//! Containers: files that hold a disk in some other form than byte for byte.
//!
//! Hides formats, segments and parents: what comes out is a source that
//! reads like the disk and knows its holes. A container is recognised by its
//! content; names matter only for the files of a set.

mod avml;
mod cache;
pub(crate) mod disk;
mod ewf;
pub(crate) mod field;
mod foreign;
mod inflate;
pub(crate) mod late;
mod pages;
mod qcow2;
mod siblings;
mod split;
mod survey;
mod tar;
#[cfg(test)]
pub(crate) mod testing;
mod vdi;
mod vhd;
mod vhdx;
mod vmdk;
mod walk;
mod zstd;

use std::sync::Arc;

use crate::{OpenError, Problem, Reason, Shared};

use disk::{Disk, Parent, Parts};
use field::peek;
pub use late::Late;
use late::problem;
pub use siblings::{Directory, NoSiblings, SetFile, Siblings};
pub use tar::Archive;

/// Containers in containers, and file systems in them, up to this depth.
pub const MAX_NESTING: usize = 8;

/// Longest chain of parents.
const MAX_PARENTS: usize = 32;

/// An opened container.
pub struct Opened {
    /// Short name of the format: `ewf`, `qcow2`.
    pub format: &'static str,
    /// The disk inside.
    pub source: Shared,
    /// What is wrong, as far as the tables tell.
    pub problems: Vec<Problem>,
    /// What is wrong as far as it was read.
    pub late: Arc<Late>,
    /// Hashes of the disk that the container stores: name and hex digits.
    pub hashes: Vec<(&'static str, String)>,
    /// How many older states of the disk the container holds besides.
    pub snapshots: u32,
    /// The members, if it is an archive and no disk: then the source is the
    /// archive itself.
    pub archive: Option<Archive>,
}

impl Opened {
    /// A container without anything special.
    fn new(format: &'static str, source: Shared) -> Opened {
        Opened {
            format,
            source,
            problems: Vec::new(),
            late: Arc::default(),
            hashes: Vec::new(),
            snapshots: 0,
            archive: None,
        }
    }

    /// One that is a disk.
    fn of_disk(format: &'static str, parts: Parts) -> Opened {
        let (disk, problems) = Disk::new(parts);
        let late = disk.late();
        Opened { problems, late, ..Opened::new(format, Arc::new(disk)) }
    }
}

/// The beginning of a container, and how it finds its other files.
pub(crate) struct Cx<'a> {
    pub(crate) source: &'a Shared,
    pub(crate) head: &'a [u8],
    pub(crate) name: &'a str,
    pub(crate) siblings: &'a dyn Siblings,
    /// The names of its children, it last.
    names: &'a [String],
}

type Result<T> = std::result::Result<T, OpenError>;

/// Opens the container that begins here; `None` if it is none: then the
/// bytes stand for themselves.
///
/// # Errors
/// It is a container that cannot be opened, with the reason.
pub fn open(
    source: Shared,
    name: &str,
    siblings: &dyn Siblings,
) -> Result<Option<Opened>> {
    open_child(&source, name, siblings, &[name.to_owned()])
}

/// Opens what is in the container too, if that is a container again, and so
/// on; `None` if it is none.
///
/// # Errors
/// The outermost cannot be opened; what is wrong further in is a problem of
/// what is around it.
pub fn open_all(
    source: Shared,
    name: &str,
    siblings: &dyn Siblings,
) -> Result<Option<Vec<Opened>>> {
    let Some(outermost) = open(source, name, siblings)? else {
        return Ok(None);
    };
    let mut layers = vec![outermost];
    loop {
        let is_deep = layers.len() >= MAX_NESTING;
        let Some(last) = layers.last_mut() else { break };
        if last.archive.is_some() {
            break;
        }
        // Names tell about files only, not about what is in them.
        let inner = open(last.source.clone(), "", siblings);
        let whole = last.source.len().unwrap_or(0);
        match inner {
            Ok(None) => break,
            Ok(Some(_)) if is_deep => {
                let detail = "containers in containers in containers";
                let reason = Reason::NestingLimit;
                last.problems.push(problem(reason, 0, whole, detail));
                break;
            }
            Ok(Some(opened)) => layers.push(opened),
            Err(error) => {
                let bytes = error.bytes.unwrap_or(whole);
                let detail = error.detail;
                let problem = problem(error.reason, 0, bytes, detail);
                last.problems.push(problem);
                break;
            }
        }
    }
    Ok(Some(layers))
}

fn open_child(
    source: &Shared,
    name: &str,
    siblings: &dyn Siblings,
    names: &[String],
) -> Result<Option<Opened>> {
    let head = peek(source, 0, 4096);
    let cx = Cx { source, head: &head, name, siblings, names };
    for format in FORMATS {
        if let Some(opened) = format(&cx)? {
            return Ok(Some(opened));
        }
    }
    Ok(None)
}

type Format = fn(&Cx<'_>) -> Result<Option<Opened>>;

/// Asked one after the other: content first, names last.
const FORMATS: &[Format] = &[
    qcow2::open,
    vmdk::open,
    vhdx::open,
    vdi::open,
    ewf::open,
    avml::open,
    vhd::open,
    tar::open,
    foreign::open,
    split::open,
];

impl Cx<'_> {
    /// The disk that this one is a change of. What is wrong with it becomes
    /// problems, as the change can be read without it.
    pub(crate) fn parent(
        &self,
        name: &str,
        is_raw: bool,
        problems: &mut Vec<Problem>,
    ) -> Parent {
        let fail = |reason, detail: String| problem(reason, None, 0, detail);
        let found = siblings::plain_name(name)
            .map_err(|error| fail(Reason::MissingParent, error.detail))
            .and_then(|plain| {
                if self.names.iter().any(|name| name == plain) {
                    let detail = format!("{name:?} is a parent of itself");
                    return Err(fail(Reason::CorruptMetadata, detail));
                }
                if self.names.len() >= MAX_PARENTS {
                    let detail = format!("{name:?} is one parent too many");
                    return Err(fail(Reason::NestingLimit, detail));
                }
                let opened = self.siblings.open(plain).map_err(|error| {
                    let detail = format!("parent {name:?}: {error}");
                    fail(Reason::MissingParent, detail)
                })?;
                Ok((plain, opened))
            });
        let (plain, source) = match found {
            Ok(found) => found,
            Err(problem) => {
                problems.push(problem);
                return Parent::Missing;
            }
        };
        if is_raw {
            return Parent::Found(source);
        }
        let mut names = self.names.to_vec();
        names.push(plain.to_owned());
        match open_child(&source, plain, self.siblings, &names) {
            Ok(None) => Parent::Found(source),
            Ok(Some(opened)) => {
                problems.extend(opened.problems.into_iter().map(|mut one| {
                    one.detail = format!("{plain}: {}", one.detail);
                    one
                }));
                Parent::Found(opened.source)
            }
            Err(error) => {
                let detail = format!("parent {name:?}: {error}");
                problems.push(fail(error.reason, detail));
                Parent::Missing
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::Folder;
    use super::*;

    /// A file that is its own contents: a sparse VMDK with one grain that
    /// begins at the start of the file.
    fn endless() -> Vec<u8> {
        let mut image = vec![0; 4096];
        image[..4].copy_from_slice(b"KDMV");
        image[4] = 1;
        image[12] = 8;
        image[20] = 8;
        image[44] = 4;
        image[56] = 1;
        image[512] = 2;
        // Sector 0 means nothing there, so the table is in sector 2 and the
        // disk is the description of a disk, again and again.
        image[1024] = 3;
        image
    }

    #[test]
    fn nesting_ends() {
        // Each layer is a fixed VDI whose only block is the next layer.
        let mut inner = vec![0x55; 512];
        for _ in 0..MAX_NESTING + 1 {
            let size = inner.len() as u32;
            let mut image = vec![0; 1024];
            let mut put = |at: usize, value: u32| {
                image[at..at + 4].copy_from_slice(&value.to_le_bytes());
            };
            put(0x40, 0xBEDA_107F);
            put(0x44, 0x0001_0001);
            put(0x4C, 2);
            put(0x154, 512);
            put(0x158, 1024);
            put(0x170, size);
            put(0x178, size);
            put(0x180, 1);
            image.extend_from_slice(&inner);
            inner = image;
        }
        let mut folder = Folder::default();
        folder.put("image", inner);
        let source = Siblings::open(&folder, "image").unwrap();
        let layers = open_all(source, "image", &folder).unwrap().unwrap();
        assert_eq!(layers.len(), MAX_NESTING);
        let last = layers.last().unwrap();
        assert_eq!(last.problems[0].reason, Reason::NestingLimit);
        assert_eq!(last.problems[0].bytes, last.source.len().unwrap());
    }

    #[test]
    fn a_container_that_is_nearly_itself_is_read_to_an_end() {
        let mut folder = Folder::default();
        folder.put("image", endless());
        let source = Siblings::open(&folder, "image").unwrap();
        let layers = open_all(source, "image", &folder).unwrap().unwrap();
        assert!(layers.len() <= MAX_NESTING);
    }

    #[test]
    fn other_containers_are_named_and_not_scanned_as_noise() {
        for magic in [&b"QED\0"[..], b"AFF10\r\n\0", b"WithoutFreeSpace"] {
            let mut bytes = magic.to_vec();
            bytes.resize(2048, 0);
            let error = testing::open_bytes(bytes).err().unwrap();
            assert_eq!(error.reason, Reason::UnsupportedFormat);
            assert_eq!(error.bytes, Some(2048));
        }
        assert!(testing::open_bytes(Vec::new()).unwrap().is_none());
        assert!(testing::open_bytes(vec![0; 5000]).unwrap().is_none());
    }
}
