//! Sources that lie on other sources: a range of one, a file.
//!
//! Hides how many layers there are: an image in a partition in an archive is
//! read like a file.

use std::fs::File;
#[cfg(target_os = "linux")]
use std::os::fd::AsFd;
use std::sync::Arc;

use dragnet_engine::source::{Extent, ExtentKind, Origin, ReadError, Source};

/// A source that several layers and threads read.
pub type Shared = Arc<dyn Source + Send + Sync>;

/// A range of another source: a partition, a member of an archive.
#[derive(Clone)]
pub struct Part {
    whole: Shared,
    offset: u64,
    length: u64,
}

impl Part {
    /// The range, cut where the source ends.
    pub fn new(whole: Shared, offset: u64, length: u64) -> Part {
        let end = whole.len().unwrap_or(u64::MAX);
        let offset = offset.min(end);
        Part { whole, offset, length: length.min(end.saturating_sub(offset)) }
    }

    /// What is left of `length` bytes from `offset` on.
    fn clip(&self, offset: u64, length: u64) -> u64 {
        length.min(self.length.saturating_sub(offset))
    }
}

impl Source for Part {
    fn len(&self) -> Option<u64> {
        Some(self.length)
    }

    fn read_at(
        &self,
        offset: u64,
        buf: &mut [u8],
    ) -> Result<usize, ReadError> {
        let count = self.clip(offset, buf.len() as u64) as usize;
        let buf = buf.get_mut(..count).unwrap_or_default();
        if buf.is_empty() {
            return Ok(0);
        }
        self.whole.read_at(self.offset.saturating_add(offset), buf)
    }

    fn extents(&self, from: u64) -> Box<dyn Iterator<Item = Extent> + '_> {
        if from >= self.length {
            return Box::new(std::iter::empty());
        }
        let inner = self.whole.extents(self.offset.saturating_add(from));
        let part = inner.map_while(move |extent| {
            let offset = extent.offset.saturating_sub(self.offset);
            let length = self.clip(offset, extent.length);
            let inside = Extent { offset, length, kind: extent.kind };
            (length > 0).then_some(inside)
        });
        Box::new(part)
    }

    fn origin(&self, offset: u64) -> Option<Origin> {
        let left = self.length.checked_sub(offset).filter(|left| *left > 0)?;
        let origin = self.whole.origin(self.offset.checked_add(offset)?)?;
        Some(Origin { length: origin.length.min(left), ..origin })
    }
}

/// A source of no bytes, in the place of one that is missing.
pub(crate) struct Nothing;

impl Source for Nothing {
    fn len(&self) -> Option<u64> {
        Some(0)
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> Result<usize, ReadError> {
        Ok(0)
    }

    fn origin(&self, _: u64) -> Option<Origin> {
        None
    }
}

/// A file, read at positions; its size is that at the time of opening.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    length: u64,
}

impl FileSource {
    /// Of an open file.
    ///
    /// # Errors
    /// The system does not tell the size.
    pub fn new(mut file: File) -> std::io::Result<FileSource> {
        use std::io::Seek;
        // Not from the metadata, which say zero for a block device.
        let length = file.seek(std::io::SeekFrom::End(0))?;
        Ok(FileSource { file, length })
    }
}

impl FileSource {
    /// The data or the hole at `at`.
    fn extent(&self, at: u64) -> Option<Extent> {
        let left = self.length.checked_sub(at).filter(|left| *left > 0)?;
        let (length, kind) = match next_data(&self.file, at) {
            Some(data) if data <= at => {
                let hole = next_hole(&self.file, at).unwrap_or(u64::MAX);
                (hole.saturating_sub(at), ExtentKind::Data)
            }
            Some(data) => (data.saturating_sub(at), ExtentKind::Zero),
            None => (left, ExtentKind::Data),
        };
        // A file that changes meanwhile still gives extents that end.
        Some(Extent { offset: at, length: length.clamp(1, left), kind })
    }
}

/// Where data begin at or behind `at`; `None` where nobody knows. Reading
/// is by position, so moving the file's own position is no harm.
#[cfg(target_os = "linux")]
pub(crate) fn next_data(file: impl AsFd, at: u64) -> Option<u64> {
    use rustix::fs::{SeekFrom, seek};
    match seek(file.as_fd(), SeekFrom::Data(at)) {
        Ok(data) => Some(data),
        // No data up to the end.
        Err(rustix::io::Errno::NXIO) => Some(u64::MAX),
        Err(_) => None,
    }
}

#[cfg(target_os = "linux")]
fn next_hole(file: &File, at: u64) -> Option<u64> {
    rustix::fs::seek(file, rustix::fs::SeekFrom::Hole(at)).ok()
}

#[cfg(not(target_os = "linux"))]
fn next_data(_: &File, _: u64) -> Option<u64> {
    None
}

#[cfg(not(target_os = "linux"))]
fn next_hole(_: &File, _: u64) -> Option<u64> {
    None
}

#[cfg(unix)]
fn read(file: &File, buf: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buf, at)
}

#[cfg(windows)]
fn read(file: &File, buf: &mut [u8], at: u64) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buf, at)
}

impl Source for FileSource {
    fn len(&self) -> Option<u64> {
        Some(self.length)
    }

    fn read_at(
        &self,
        offset: u64,
        buf: &mut [u8],
    ) -> Result<usize, ReadError> {
        let mut done = 0;
        while let Some(rest) = buf.get_mut(done..).filter(|b| !b.is_empty()) {
            let at = offset.saturating_add(done as u64);
            match read(&self.file, rest, at) {
                Ok(0) => break,
                Ok(count) => done = done.saturating_add(count),
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => {
                    let message = e.to_string();
                    return Err(ReadError { offset: at, message });
                }
            }
        }
        Ok(done)
    }

    fn extents(&self, from: u64) -> Box<dyn Iterator<Item = Extent> + '_> {
        let mut at = from;
        Box::new(std::iter::from_fn(move || {
            let extent = self.extent(at)?;
            at = at.checked_add(extent.length)?;
            Some(extent)
        }))
    }

    fn origin(&self, offset: u64) -> Option<Origin> {
        let length =
            self.length.checked_sub(offset).filter(|left| *left > 0)?;
        let file_offset = Some(offset);
        Some(Origin { physical: offset, file_offset, length })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Bytes in memory as a source that can be shared.
    pub(crate) struct Bytes(pub(crate) Vec<u8>);

    impl Source for Bytes {
        fn len(&self) -> Option<u64> {
            Some(self.0.len() as u64)
        }

        fn read_at(
            &self,
            at: u64,
            buf: &mut [u8],
        ) -> Result<usize, ReadError> {
            dragnet_engine::source::Buffer::new(&self.0).read_at(at, buf)
        }

        fn origin(&self, offset: u64) -> Option<Origin> {
            dragnet_engine::source::Buffer::new(&self.0).origin(offset)
        }
    }

    #[test]
    fn a_part_ends_where_it_should() {
        let part = Part::new(Arc::new(Bytes(b"abcdefgh".to_vec())), 2, 3);
        let mut buf = [0; 8];
        assert_eq!(part.read_at(1, &mut buf), Ok(2));
        assert_eq!(&buf[..2], b"de");
        assert_eq!(part.read_at(3, &mut buf), Ok(0));
        let extents: Vec<Extent> = part.extents(1).collect();
        let kind = ExtentKind::Data;
        assert_eq!(extents, [Extent { offset: 1, length: 2, kind }]);
        let origin = part.origin(1).unwrap();
        assert_eq!((origin.physical, origin.length), (3, 2));
        assert_eq!(part.origin(3), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn holes_of_a_file_are_known() {
        use std::io::{Seek, SeekFrom, Write};
        let id = std::process::id();
        let path = std::env::temp_dir().join(format!("dragnet-holes-{id}"));
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .unwrap();
        file.seek(SeekFrom::Start(4 << 20)).unwrap();
        file.write_all(b"data").unwrap();
        file.set_len(9 << 20).unwrap();
        let source = FileSource::new(file).unwrap();
        let extents: Vec<Extent> = source.extents(0).collect();
        let mut at = 0;
        for extent in &extents {
            assert_eq!(extent.offset, at);
            at += extent.length;
        }
        assert_eq!(at, 9 << 20);
        let data = extents.iter().filter(|e| e.kind == ExtentKind::Data);
        let covered = data.clone().any(|extent| {
            (extent.offset..extent.offset + extent.length).contains(&(4 << 20))
        });
        assert!(covered, "{extents:?}");
        assert_eq!(source.extents(9 << 20).count(), 0);
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_part_beyond_the_end_is_empty() {
        let whole: Shared = Arc::new(Bytes(b"abc".to_vec()));
        assert_eq!(Part::new(whole.clone(), 9, 3).len(), Some(0));
        assert_eq!(Part::new(whole, 1, u64::MAX).len(), Some(2));
    }
}
