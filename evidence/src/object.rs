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
    /// A mapping of a process.
    Mapping,
    /// A program or library in memory.
    Module,
    /// A stretch of the memory of a machine.
    Physical,
    /// All mappings of a process.
    Process,
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
            ObjectKind::Mapping => "mapping",
            ObjectKind::Module => "module",
            ObjectKind::Physical => "physical",
            ObjectKind::Process => "process",
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

impl Run {
    /// A stretch that is stored.
    pub(crate) fn new(logical: u64, physical: u64, length: u64) -> Run {
        Run { logical, physical: Some(physical), length }
    }

    /// The first byte of the object behind it.
    pub fn end(&self) -> u64 {
        self.logical.saturating_add(self.length)
    }
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
    /// LZNT1 (NTFS): every `unit` bytes are a hole, raw (as many bytes are
    /// stored) or compressed. The runs are those of the stored clusters, at
    /// the logical places of their units; those of a compressed last unit
    /// may reach beyond the size.
    Lznt1 {
        /// Bytes of a compression unit.
        unit: u32,
        /// The last unit is raw, and its runs end with the object.
        raw_end: bool,
    },
    /// The overlay of Windows (WOF): a table of chunks, then the chunks, each
    /// raw or compressed. The places of the runs are those in this stored
    /// stream.
    Wof {
        /// How the chunks are compressed.
        method: WofMethod,
        /// Size of the stored stream.
        stored: u64,
        /// The stored stream, where it lies inside of metadata.
        bytes: Option<Vec<u8>>,
    },
    /// They do not: what the runs hold cannot be decoded. The object says
    /// who owns the space; a [`Problem`] says why.
    Opaque,
}

/// How chunks of the overlay of Windows are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WofMethod {
    /// XPRESS with Huffman codes, in chunks of 4, 8 or 16 KiB.
    Xpress {
        /// Bytes of a chunk.
        chunk: u32,
    },
    /// LZX, in chunks of 32 KiB.
    Lzx,
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
    /// Other paths of the same content (hard links), in order.
    pub also: Vec<Vec<u8>>,
    /// As the Sleuth Kit writes it: `67-128-4`, or only a number.
    pub inode: String,
    /// How often the inode was used anew, where the system counts it.
    pub sequence: Option<u32>,
    /// Logical size.
    pub size: u64,
    /// From here on it reads as zeros, whatever the runs hold.
    pub valid: u64,
    /// Bytes that are given as a hole because their space belongs to another
    /// object by now; only of deleted files.
    pub reused: u64,
    /// Where it lies; in logical order, without overlap, and what is between
    /// them is a hole.
    pub runs: Vec<Run>,
    /// How the runs become bytes.
    pub form: Form,
    /// When it was touched.
    pub times: Times,
    /// The address of the first byte; only of memory.
    pub address: Option<u64>,
}

impl Object {
    /// An empty object; the fields say the rest.
    pub fn new(kind: ObjectKind, path: Vec<u8>, inode: String) -> Object {
        Object {
            kind,
            path,
            also: Vec::new(),
            inode,
            sequence: None,
            size: 0,
            valid: 0,
            reused: 0,
            runs: Vec::new(),
            form: Form::Plain,
            times: Times::default(),
            address: None,
        }
    }

    /// Gives it plain content that was written to its end.
    pub(crate) fn with_runs(mut self, runs: Vec<Run>) -> Object {
        self.size = runs.last().map_or(0, Run::end);
        self.valid = self.size;
        self.runs = runs;
        self
    }
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
/// Structures of the file system are objects too ([`ObjectKind::Metadata`]).
/// What no object owns is unallocated, whether [`FileSystem::free`] names it
/// or not: damaged structures must not hide bytes.
///
/// Slack and uninitialised stretches are objects of their own, with the path
/// of the file they belong to; the first byte of the stretch is at 0, and
/// what it leaves out is a hole. Deleted objects lie in free space, and
/// several may claim the same of it.
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
