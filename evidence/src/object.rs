//! What a file system gives: objects, each with the runs that hold it.
//!
//! All numbers are bytes. Positions called physical count from the start of
//! the volume; [`crate::Part`] and [`Source::origin`] lead from there to the
//! medium and to the file.
//!
//! [`Source::origin`]: dragnet_engine::source::Source::origin

use crate::Reason;

/// What kind of object it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectKind {
    /// A file in use.
    File,
    /// A named data stream of a file.
    Stream,
    /// A file that was deleted; not all of it need be left.
    Deleted,
    /// A stretch that starts like a known kind of file, in free space.
    Carved,
    /// Behind the end of a file up to the end of its last cluster.
    Slack,
    /// Inside of a file, but never written by it: reads as zeros there.
    Uninitialised,
    /// Space that belongs to no object.
    Unallocated,
    /// Space of the medium outside of all partitions.
    Unpartitioned,
    /// Structures of the file system.
    Metadata,
    /// A source without a known file system.
    Raw,
}

impl ObjectKind {
    /// The name in output rows.
    pub fn name(self) -> &'static str {
        match self {
            ObjectKind::File => "file",
            ObjectKind::Stream => "ads",
            ObjectKind::Deleted => "deleted",
            ObjectKind::Carved => "carved",
            ObjectKind::Slack => "slack",
            ObjectKind::Uninitialised => "uninitialised",
            ObjectKind::Unallocated => "unallocated",
            ObjectKind::Unpartitioned => "unpartitioned",
            ObjectKind::Metadata => "metadata",
            ObjectKind::Raw => "raw",
        }
    }
}

/// A stretch of an object that lies in one piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    /// Where in the object.
    pub logical: u64,
    /// Where in the volume; `None` for a hole, which reads as zeros.
    pub physical: Option<u64>,
    /// Number of bytes.
    pub length: u64,
}

/// How the runs become the bytes of the object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// They are the bytes.
    Plain,
    /// The bytes lie inside of metadata; here they are, with the place of
    /// the first one in the volume, where they lie in one piece there.
    Inline {
        /// The bytes.
        bytes: Vec<u8>,
        /// Where they lie in the volume.
        physical: Option<u64>,
    },
    /// LZNT1 (NTFS): every `unit` bytes are a hole, raw or compressed. The
    /// runs are those of the stored clusters, at their logical places.
    Lznt1 {
        /// Bytes of a compression unit.
        unit: u32,
    },
}

/// Times as nanoseconds since 1970; `None` if not stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Content changed.
    pub modified: Option<i64>,
    /// Content read.
    pub accessed: Option<i64>,
    /// Metadata changed.
    pub changed: Option<i64>,
    /// Created.
    pub born: Option<i64>,
}

/// An object of a file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// What it is.
    pub kind: ObjectKind,
    /// From the root of the file system, with `/`; not always UTF-8.
    pub path: Vec<u8>,
    /// As the Sleuth Kit writes it: `67-128-4`, or only a number.
    pub inode: String,
    /// Logical size.
    pub size: u64,
    /// From here on it reads as zeros, whatever the runs hold.
    pub valid: u64,
    /// Where it lies; in logical order, without overlap, and what is between
    /// them is a hole.
    pub runs: Vec<Run>,
    /// How the runs become bytes.
    pub form: Form,
    /// When it was touched.
    pub times: Times,
}

/// Something that is not readable as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The typed reason.
    pub reason: Reason,
    /// The object, as far as it is known.
    pub path: Vec<u8>,
    /// Where in the volume, where there is one place.
    pub physical: Option<u64>,
    /// How many bytes cannot be scanned as what they are.
    pub bytes: u64,
    /// What exactly.
    pub detail: String,
}

/// What the walk through a file system meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// An object.
    Object(Object),
    /// Something wrong; the walk goes on.
    Problem(Problem),
}

/// A file system on a volume.
///
/// What no [`Item`] owns and [`FileSystem::free`] does not name belongs to
/// the file system itself (its metadata).
pub trait FileSystem: Send + Sync {
    /// Short name: `ntfs`, `ext4`, `fat32`.
    fn name(&self) -> &'static str;

    /// Smallest unit of allocation in bytes.
    fn cluster(&self) -> u64;

    /// Serial number or UUID, as the tools of the system write it.
    fn id(&self) -> Option<String> {
        None
    }

    /// Meets every object and every problem once, in an order that depends
    /// on the volume only. Reads metadata, no content.
    fn walk(&self, sink: &mut dyn FnMut(Item));

    /// Free space as `(physical, length)`, ascending, without overlap.
    fn free(&self) -> Vec<(u64, u64)>;
}
