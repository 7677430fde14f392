//! Containers: files that hold a disk in some other form than byte for byte.
//!
//! Hides formats, segments and parents: what comes out is a source that
//! reads like the disk and knows its holes. A container is recognised by its
//! content; names matter only for the files of a set.

mod cache;
pub(crate) mod disk;
mod ewf;
pub(crate) mod field;
mod inflate;
pub(crate) mod late;
mod pages;
mod qcow2;
mod siblings;
mod split;
mod survey;
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

/// Asked one after the other: content first, names last.
const FORMATS: &[fn(&Cx<'_>) -> Result<Option<Opened>>] = &[
    qcow2::open,
    vmdk::open,
    vhdx::open,
    vdi::open,
    ewf::open,
    vhd::open,
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
