//! The other files of an image: segments, extents, parents.
//!
//! Hides the folder of the evidence. Names come out of images, so they are
//! taken as plain names of files in that one folder and as nothing else.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::{Mutex, PoisonError};

use dragnet_engine::source::{Extent, Origin, ReadError, Source};

use crate::{FileSource, OpenError, Reason, Shared};

/// Most names that are listed of one folder.
const MAX_NAMES: usize = 1 << 20;

/// Where the other files of an image are found.
pub trait Siblings {
    /// The file with this name.
    ///
    /// # Errors
    /// [`Reason::Gone`] if there is none; whatever else keeps it from being
    /// read.
    fn open(&self, name: &str) -> Result<Shared, OpenError>;

    /// The names of all files, in order.
    fn names(&self) -> Vec<String>;
}

/// An image that stands alone.
#[derive(Clone, Copy, Debug)]
pub struct NoSiblings;

impl Siblings for NoSiblings {
    fn open(&self, name: &str) -> Result<Shared, OpenError> {
        Err(OpenError::new(Reason::Gone, format!("{name}: no other files")))
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// A file of a set, as [`Directory::files`] lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetFile {
    /// Its name.
    pub name: String,
    /// Which [`Origin::file_offset`] its first byte has.
    pub base: u64,
    /// Its size.
    pub length: u64,
}

/// The folder in which an image lies.
///
/// The files that are opened here lie one behind the other for
/// [`Origin::file_offset`], so that a set of files is in one order.
#[derive(Debug)]
pub struct Directory {
    folder: PathBuf,
    files: Mutex<Vec<SetFile>>,
}

impl Directory {
    /// Opens an image, and the folder around it.
    ///
    /// # Errors
    /// It cannot be opened, or is no file with bytes.
    pub fn of(path: &Path) -> Result<(Shared, Directory), OpenError> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.into(),
            _ => PathBuf::from("."),
        };
        let directory = Directory { folder, files: Mutex::default() };
        let name = path.file_name().unwrap_or_default();
        let file = crate::file::open_image(path, true)?;
        let source = directory.add(&name.to_string_lossy(), file)?;
        Ok((source, directory))
    }

    /// All files that were opened, in this order.
    pub fn files(&self) -> Vec<SetFile> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, name: &str, file: File) -> Result<Shared, OpenError> {
        let source =
            FileSource::new(file).map_err(|e| OpenError::from_io(&e))?;
        let length = source.len().unwrap_or(0);
        let mut files =
            self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = files.iter().find(|file| file.name == name) {
            return Ok(Arc::new(Based { source, base: known.base }));
        }
        let base = files
            .last()
            .map_or(0, |last| last.base.saturating_add(last.length));
        files.push(SetFile { name: name.to_owned(), base, length });
        Ok(Arc::new(Based { source, base }))
    }
}

impl Siblings for Directory {
    fn open(&self, name: &str) -> Result<Shared, OpenError> {
        let name = plain_name(name)?;
        let file = crate::file::open_image(&self.folder.join(name), false)?;
        self.add(name, file)
    }

    fn names(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .take(MAX_NAMES)
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        names.sort_unstable();
        names
    }
}

/// The name, if it is that of a file in the same folder.
pub(crate) fn plain_name(name: &str) -> Result<&str, OpenError> {
    let plain = name
        .strip_prefix("./")
        .or_else(|| name.strip_prefix(".\\"))
        .unwrap_or(name);
    let leads_away = plain.is_empty()
        || matches!(plain, "." | "..")
        || plain.contains(['/', '\\', ':', '\0'])
        || plain.len() > 255;
    if leads_away {
        let detail = format!("{name:?} is not the name of a file beside it");
        return Err(OpenError::new(Reason::NoPermission, detail));
    }
    Ok(plain)
}

/// A file whose bytes do not begin at 0 of the set.
struct Based {
    source: FileSource,
    base: u64,
}

impl Source for Based {
    fn len(&self) -> Option<u64> {
        self.source.len()
    }

    fn read_at(
        &self,
        offset: u64,
        buf: &mut [u8],
    ) -> Result<usize, ReadError> {
        self.source.read_at(offset, buf)
    }

    fn extents(&self, from: u64) -> Box<dyn Iterator<Item = Extent> + '_> {
        self.source.extents(from)
    }

    fn origin(&self, offset: u64) -> Option<Origin> {
        let origin = self.source.origin(offset)?;
        let file_offset = origin.file_offset?.checked_add(self.base);
        Some(Origin { file_offset, ..origin })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_away_are_refused() {
        for name in [
            "",
            ".",
            "..",
            "/etc/passwd",
            "../up",
            "a/b",
            "C:\\disk.vmdk",
            "..\\up",
            "a\0b",
            "C:disk",
            ".//etc/passwd",
            "./..",
        ] {
            let error = plain_name(name).unwrap_err();
            assert_eq!(error.reason, Reason::NoPermission, "{name:?}");
        }
        assert_eq!(plain_name("disk.vmdk").unwrap(), "disk.vmdk");
        assert_eq!(plain_name("./a b.vhd").unwrap(), "a b.vhd");
        assert_eq!(plain_name(".\\a.vhdx").unwrap(), "a.vhdx");
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_opens_files_and_no_links() {
        let id = std::process::id();
        let folder = std::env::temp_dir().join(format!("dragnet-sib-{id}"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("one"), b"11").unwrap();
        std::fs::write(folder.join("two"), b"222").unwrap();
        let _ = std::fs::remove_file(folder.join("link"));
        std::os::unix::fs::symlink("/etc/passwd", folder.join("link"))
            .unwrap();
        let (one, directory) = Directory::of(&folder.join("one")).unwrap();
        assert_eq!(one.len(), Some(2));
        let two = directory.open("two").unwrap();
        assert_eq!(two.origin(1).unwrap().file_offset, Some(3));
        // The same file again keeps its place.
        let two = directory.open("two").unwrap();
        assert_eq!(two.origin(0).unwrap().file_offset, Some(2));
        let error = directory.open("link").err().unwrap();
        assert_eq!(error.reason, Reason::SpecialFile);
        let error = directory.open("three").err().unwrap();
        assert_eq!(error.reason, Reason::Gone);
        assert_eq!(directory.names(), ["link", "one", "two"]);
        assert_eq!(directory.files().len(), 2);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
