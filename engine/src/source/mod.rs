//! Where the bytes of an object come from.
//!
//! Hides whether they lie in memory, in a file or in an image: the engine
//! asks by position and is told which parts hold data at all.

use std::fmt;

/// What a part of a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExtentKind {
    /// Stored bytes.
    Data,
    /// A hole that reads as zeros.
    Zero,
    /// Space that belongs to nothing.
    Unallocated,
    /// Bytes that the medium does not give back.
    Unreadable,
}

/// A part of a source that is of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Extent {
    /// First byte.
    pub offset: u64,
    /// Number of bytes.
    pub length: u64,
    /// What it is.
    pub kind: ExtentKind,
}

/// Where a byte of a source lies on the medium.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// Position on the medium.
    pub physical: u64,
    /// Position in the file that holds the medium; `None` if the file holds
    /// the byte compressed.
    pub file_offset: Option<u64>,
    /// Number of bytes for which this holds.
    pub length: u64,
}

/// Why bytes could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Where.
    pub offset: u64,
    /// What the system said.
    pub message: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at offset {}: {}", self.offset, self.message)
    }
}

impl std::error::Error for ReadError {}

/// Bytes that can be read at any position, from several threads at a time.
pub trait Source: Sync {
    /// Size in bytes; `None` for an address space.
    fn len(&self) -> Option<u64>;

    /// True if there is nothing to read.
    fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// Reads into `buf`, as much as there is: short only at the end.
    ///
    /// # Errors
    /// The medium does not give the bytes.
    fn read_at(&self, offset: u64, buf: &mut [u8])
    -> Result<usize, ReadError>;

    /// The extents from `from` on, in order, without gaps. They are known
    /// from metadata, not from a look at the bytes.
    fn extents(&self, from: u64) -> Box<dyn Iterator<Item = Extent> + '_> {
        let length = self.len().unwrap_or(0).saturating_sub(from);
        let all = Extent { offset: from, length, kind: ExtentKind::Data };
        Box::new((length > 0).then_some(all).into_iter())
    }

    /// Where the byte at `offset` lies on the medium; `None` if it is not
    /// stored on one.
    fn origin(&self, offset: u64) -> Option<Origin>;
}

/// A source in memory.
///
/// ```
/// use dragnet_engine::source::{Buffer, Source};
///
/// let source = Buffer::new(b"evidence");
/// let mut four = [0; 4];
/// assert_eq!(source.read_at(4, &mut four), Ok(4));
/// assert_eq!(&four, b"ence");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Buffer<'a> {
    bytes: &'a [u8],
}

impl<'a> Buffer<'a> {
    /// A source of these bytes.
    pub fn new(bytes: &'a [u8]) -> Buffer<'a> {
        Buffer { bytes }
    }

    /// All bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

impl Source for Buffer<'_> {
    fn len(&self) -> Option<u64> {
        Some(self.bytes.len() as u64)
    }

    fn read_at(
        &self,
        offset: u64,
        buf: &mut [u8],
    ) -> Result<usize, ReadError> {
        let rest = usize::try_from(offset)
            .ok()
            .and_then(|offset| self.bytes.get(offset..))
            .unwrap_or_default();
        let count = rest.len().min(buf.len());
        buf[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn origin(&self, offset: u64) -> Option<Origin> {
        let length = self.len()?.checked_sub(offset).filter(|n| *n > 0)?;
        let file_offset = Some(offset);
        Some(Origin { physical: offset, file_offset, length })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_read_is_short_only_at_the_end() {
        let source = Buffer::new(b"abcdef");
        let mut buf = [0; 4];
        assert_eq!(source.read_at(0, &mut buf), Ok(4));
        assert_eq!(source.read_at(4, &mut buf), Ok(2));
        assert_eq!(&buf[..2], b"ef");
        assert_eq!(source.read_at(6, &mut buf), Ok(0));
        assert_eq!(source.read_at(u64::MAX, &mut buf), Ok(0));
    }

    #[test]
    fn extents_cover_what_is_left() {
        let source = Buffer::new(b"abcdef");
        let rest: Vec<Extent> = source.extents(2).collect();
        let kind = ExtentKind::Data;
        assert_eq!(rest, [Extent { offset: 2, length: 4, kind }]);
        assert_eq!(source.extents(6).count(), 0);
        assert_eq!(source.origin(6), None);
        assert_eq!(source.origin(5).map(|o| o.length), Some(1));
    }
}
