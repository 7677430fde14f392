//! Plain files: read when small, mapped when large.
//!
//! Hides how the bytes get into memory, and everything that a path can be
//! besides a file: nothing here blocks on a FIFO or touches a device.

use std::fmt;
use std::fs::{File, FileType, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use crate::{Mapping, Reason};

/// Files of at least this size are mapped; below it a copy is faster.
pub const MAP_THRESHOLD: u64 = 1 << 20;

/// Most bytes that are read into memory from what has no known size, or
/// cannot be mapped.
pub const DEFAULT_READ_LIMIT: u64 = 1 << 30;

/// Whether the bytes that were given out are those of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integrity {
    /// They are.
    Intact,
    /// The file got shorter meanwhile.
    Truncated,
    /// Parts could not be read and are zeros.
    Unreadable,
}

impl Integrity {
    /// The reason to report; `None` if all is well.
    pub fn reason(self) -> Option<Reason> {
        match self {
            Integrity::Intact => None,
            Integrity::Truncated => Some(Reason::Truncated),
            Integrity::Unreadable => Some(Reason::UnreadableSector),
        }
    }
}

/// Why a path gave no bytes.
#[derive(Debug)]
pub struct OpenError {
    /// The typed reason.
    pub reason: Reason,
    /// What exactly.
    pub detail: String,
    /// The size, where it is known.
    pub bytes: Option<u64>,
}

impl OpenError {
    /// An error with a reason.
    pub fn new(reason: Reason, detail: impl Into<String>) -> OpenError {
        OpenError { reason, detail: detail.into(), bytes: None }
    }

    /// Sorts an error of the system into the list of reasons.
    pub fn from_io(error: &io::Error) -> OpenError {
        let reason = match error.kind() {
            io::ErrorKind::PermissionDenied => Reason::NoPermission,
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                Reason::Gone
            }
            io::ErrorKind::WouldBlock => Reason::SpecialFile,
            io::ErrorKind::InvalidFilename => Reason::CorruptMetadata,
            _ => reason_of_number(error.raw_os_error()),
        };
        OpenError::new(reason, error.to_string())
    }
}

#[cfg(unix)]
fn reason_of_number(number: Option<i32>) -> Reason {
    match number {
        Some(libc::ESRCH | libc::ESTALE) => Reason::Gone,
        Some(libc::ELOOP | libc::ENXIO | libc::ENODEV) => Reason::SpecialFile,
        _ => Reason::UnreadableSector,
    }
}

#[cfg(not(unix))]
fn reason_of_number(_: Option<i32>) -> Reason {
    Reason::UnreadableSector
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for OpenError {}

/// The bytes of a file, kept by the [`Opener`] until the next one.
#[derive(Clone, Copy, Debug)]
pub struct FileData<'a> {
    bytes: Bytes<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Bytes<'a> {
    Read(&'a [u8], Integrity),
    Mapped(&'a Mapping),
}

impl<'a> FileData<'a> {
    /// All bytes.
    pub fn bytes(&self) -> &'a [u8] {
        match self.bytes {
            Bytes::Read(bytes, _) => bytes,
            Bytes::Mapped(map) => map.bytes(),
        }
    }

    /// Are they whole? Ask after the scan: a mapped file may shrink during
    /// it.
    pub fn integrity(&self) -> Integrity {
        match self.bytes {
            Bytes::Read(_, integrity) => integrity,
            Bytes::Mapped(map) => map.integrity(),
        }
    }

    /// Is the file mapped, not copied?
    pub fn is_mapped(&self) -> bool {
        matches!(self.bytes, Bytes::Mapped(_))
    }
}

/// Opens one file after the other and reuses the memory for small ones.
///
/// ```
/// use dragnet_evidence::{Opener, Reason};
///
/// let mut opener = Opener::default();
/// let error = opener.open("/dev/null".as_ref()).unwrap_err();
/// assert_eq!(error.reason, Reason::SpecialFile);
/// ```
#[derive(Debug)]
pub struct Opener {
    buffer: Vec<u8>,
    map: Option<Mapping>,
    /// Map large files?
    pub use_maps: bool,
    /// Follow a symbolic link in the last part of a path?
    pub follow_links: bool,
    /// Larger files are [`Reason::Excluded`].
    pub max_size: Option<u64>,
    /// Most bytes to copy into memory.
    pub read_limit: u64,
}

impl Default for Opener {
    fn default() -> Opener {
        Opener {
            buffer: Vec::new(),
            map: None,
            use_maps: true,
            follow_links: true,
            max_size: None,
            read_limit: DEFAULT_READ_LIMIT,
        }
    }
}

impl Opener {
    /// The bytes of the file at `path`.
    ///
    /// # Errors
    /// Whatever is not a file with bytes, with the reason. Never blocks on
    /// FIFOs, never opens devices.
    pub fn open(&mut self, path: &Path) -> Result<FileData<'_>, OpenError> {
        self.map = None;
        let found = if self.follow_links {
            path.metadata().map_err(|error| self.no_metadata(path, &error))?
        } else {
            path.symlink_metadata().map_err(|e| OpenError::from_io(&e))?
        };
        check_kind(&found)?;
        let file = open_without_blocking(path, self.follow_links)
            .map_err(|error| OpenError::from_io(&error))?;
        // The path may have been exchanged in between.
        let meta =
            file.metadata().map_err(|error| OpenError::from_io(&error))?;
        check_kind(&meta)?;
        let length = meta.len();
        if self.max_size.is_some_and(|max| length > max) {
            let mut error =
                OpenError::new(Reason::Excluded, "larger than the size limit");
            error.bytes = Some(length);
            return Err(error);
        }
        if self.use_maps
            && length >= MAP_THRESHOLD
            && let Ok(copy) = file.try_clone()
            && let Ok(map) = Mapping::new(copy)
        {
            map.advise_sequential();
            let map = self.map.insert(map);
            return Ok(FileData { bytes: Bytes::Mapped(map) });
        }
        self.read(&file, length)
    }

    /// Reads to the end. The size in the metadata is only a hint: procfs
    /// says 0 and sysfs a page, whatever there is.
    fn read(
        &mut self,
        file: &File,
        length: u64,
    ) -> Result<FileData<'_>, OpenError> {
        if length > self.read_limit {
            return Err(too_large(length));
        }
        let count = read_stream(file, &mut self.buffer, self.read_limit)?;
        let shrank = count < length
            && file.metadata().is_ok_and(|now| now.len() < length);
        let integrity =
            if shrank { Integrity::Truncated } else { Integrity::Intact };
        Ok(FileData { bytes: Bytes::Read(&self.buffer, integrity) })
    }

    /// A link that leads nowhere is not a lost file.
    fn no_metadata(&self, path: &Path, error: &io::Error) -> OpenError {
        let is_link = path
            .symlink_metadata()
            .is_ok_and(|meta| meta.file_type().is_symlink());
        let mut found = OpenError::from_io(error);
        if is_link && found.reason == Reason::Gone {
            found.reason = Reason::SpecialFile;
            found.detail = "symbolic link that leads nowhere".to_owned();
        }
        found
    }
}

fn too_large(length: u64) -> OpenError {
    let mut error = OpenError::new(
        Reason::TooLarge,
        "cannot be mapped, and is too large to be copied into memory",
    );
    error.bytes = Some(length);
    error
}

/// Reads until the end of `reader` into `buffer`, which is cleared first.
/// Returns the number of bytes.
///
/// # Errors
/// The reader's, and [`Reason::TooLarge`] above `limit` bytes.
pub fn read_stream(
    reader: impl Read,
    buffer: &mut Vec<u8>,
    limit: u64,
) -> Result<u64, OpenError> {
    buffer.clear();
    let count = reader
        .take(limit.saturating_add(1))
        .read_to_end(buffer)
        .map_err(|error| OpenError::from_io(&error))? as u64;
    if count > limit {
        buffer.clear();
        return Err(OpenError::new(
            Reason::TooLarge,
            format!("gives more than {limit} bytes"),
        ));
    }
    Ok(count)
}

fn check_kind(meta: &Metadata) -> Result<(), OpenError> {
    let kind = meta.file_type();
    if kind.is_file() {
        return Ok(());
    }
    Err(OpenError::new(Reason::SpecialFile, kind_name(kind)))
}

/// Opens an image, or another file of one, for reading at positions.
///
/// # Errors
/// As [`Opener::open`]; without `follow`, also for symbolic links.
pub(crate) fn open_image(
    path: &Path,
    follow: bool,
) -> Result<File, OpenError> {
    let found = if follow { path.metadata() } else { path.symlink_metadata() };
    check_kind(&found.map_err(|error| OpenError::from_io(&error))?)?;
    let file = open_without_blocking(path, follow)
        .map_err(|error| OpenError::from_io(&error))?;
    // The path may have been exchanged in between.
    let meta = file.metadata().map_err(|error| OpenError::from_io(&error))?;
    check_kind(&meta)?;
    Ok(file)
}

#[cfg(unix)]
fn kind_name(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_dir() {
        "directory"
    } else if kind.is_symlink() {
        "symbolic link"
    } else if kind.is_fifo() {
        "FIFO"
    } else if kind.is_socket() {
        "socket"
    } else if kind.is_block_device() {
        "block device"
    } else if kind.is_char_device() {
        "character device"
    } else {
        "special file"
    }
}

#[cfg(not(unix))]
fn kind_name(kind: FileType) -> &'static str {
    if kind.is_dir() { "directory" } else { "special file" }
}

#[cfg(unix)]
fn open_without_blocking(path: &Path, follow: bool) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let nofollow = if follow { 0 } else { libc::O_NOFOLLOW };
    OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY | nofollow)
        .open(path)
}

#[cfg(not(unix))]
fn open_without_blocking(path: &Path, _: bool) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::path::PathBuf;

    struct Dir(PathBuf);

    impl Dir {
        fn new(name: &str) -> Dir {
            let id = std::process::id();
            let path =
                std::env::temp_dir().join(format!("dragnet-{name}-{id}"));
            std::fs::create_dir_all(&path).unwrap();
            Dir(path)
        }
    }

    impl Drop for Dir {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn reason(opener: &mut Opener, path: &Path) -> Reason {
        opener.open(path).unwrap_err().reason
    }

    #[test]
    fn small_files_are_read_and_large_ones_mapped() {
        let dir = Dir::new("sizes");
        let path = dir.0.join("file");
        let mut opener = Opener::default();
        std::fs::write(&path, b"small").unwrap();
        let data = opener.open(&path).unwrap();
        assert_eq!(data.bytes(), b"small");
        assert!(!data.is_mapped());
        std::fs::write(&path, vec![7; MAP_THRESHOLD as usize]).unwrap();
        let data = opener.open(&path).unwrap();
        assert!(data.is_mapped());
        assert_eq!(data.bytes().len() as u64, MAP_THRESHOLD);
        opener.use_maps = false;
        let data = opener.open(&path).unwrap();
        assert!(!data.is_mapped());
        assert_eq!(data.bytes().len() as u64, MAP_THRESHOLD);
        opener.max_size = Some(100);
        assert_eq!(reason(&mut opener, &path), Reason::Excluded);
    }

    #[test]
    fn files_without_a_size_are_read_to_the_end() {
        let mut opener = Opener::default();
        let data = opener.open("/proc/self/status".as_ref()).unwrap();
        assert!(data.bytes().starts_with(b"Name:"));
        assert_eq!(data.integrity(), Integrity::Intact);
    }

    #[test]
    fn more_than_the_limit_is_refused() {
        let dir = Dir::new("limit");
        let path = dir.0.join("file");
        std::fs::write(&path, b"123456").unwrap();
        let mut opener = Opener { read_limit: 5, ..Opener::default() };
        assert_eq!(reason(&mut opener, &path), Reason::TooLarge);
        let mut buffer = Vec::new();
        assert!(read_stream(&b"12345"[..], &mut buffer, 5).is_ok());
        let error = read_stream(&b"123456"[..], &mut buffer, 5).unwrap_err();
        assert_eq!(error.reason, Reason::TooLarge);
    }

    #[test]
    fn special_files_give_a_reason_and_do_not_block() {
        let dir = Dir::new("special");
        let mut opener = Opener::default();
        let fifo = dir.0.join("fifo");
        let made =
            std::process::Command::new("mkfifo").arg(&fifo).status().unwrap();
        assert!(made.success());
        assert_eq!(reason(&mut opener, &fifo), Reason::SpecialFile);
        let socket = dir.0.join("socket");
        let _listener =
            std::os::unix::net::UnixListener::bind(&socket).unwrap();
        assert_eq!(reason(&mut opener, &socket), Reason::SpecialFile);
        assert_eq!(reason(&mut opener, &dir.0), Reason::SpecialFile);
        let zero = Path::new("/dev/zero");
        assert_eq!(reason(&mut opener, zero), Reason::SpecialFile);
        let nowhere = dir.0.join("nowhere");
        std::os::unix::fs::symlink("missing", &nowhere).unwrap();
        assert_eq!(reason(&mut opener, &nowhere), Reason::SpecialFile);
        let circle = dir.0.join("circle");
        std::os::unix::fs::symlink("circle", &circle).unwrap();
        assert_eq!(reason(&mut opener, &circle), Reason::SpecialFile);
        let missing = dir.0.join("missing");
        assert_eq!(reason(&mut opener, &missing), Reason::Gone);
    }

    #[test]
    fn links_are_followed_only_when_asked() {
        let dir = Dir::new("links");
        std::fs::write(dir.0.join("file"), b"target").unwrap();
        let link = dir.0.join("link");
        std::os::unix::fs::symlink("file", &link).unwrap();
        let mut opener = Opener::default();
        assert_eq!(opener.open(&link).unwrap().bytes(), b"target");
        opener.follow_links = false;
        assert_eq!(reason(&mut opener, &link), Reason::SpecialFile);
    }

    #[test]
    fn a_mapped_file_that_shrinks_says_truncated() {
        let dir = Dir::new("shrink");
        let path = dir.0.join("file");
        std::fs::write(&path, vec![7; 4 << 20]).unwrap();
        let mut opener = Opener::default();
        let data = opener.open(&path).unwrap();
        assert_eq!(data.integrity(), Integrity::Intact);
        let writer = OpenOptions::new().write(true).open(&path).unwrap();
        writer.set_len(10).unwrap();
        let sevens = data.bytes().iter().filter(|b| **b == 7).count();
        assert_eq!(sevens, 10);
        assert_eq!(data.integrity().reason(), Some(Reason::Truncated));
    }
}
