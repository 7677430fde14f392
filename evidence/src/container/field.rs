//! Numbers out of bytes, and bytes out of a source, with every end checked.

use crate::{OpenError, Reason, Shared};

/// A structure of an image; a field beyond its end is `None`.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a>(pub(crate) &'a [u8]);

macro_rules! number {
    ($($name:ident $type:ident $from:ident;)*) => {
        $(
            pub(crate) fn $name(self, at: usize) -> Option<$type> {
                self.array(at).map($type::$from)
            }
        )*
    };
}

impl<'a> Fields<'a> {
    number! {
        le16 u16 from_le_bytes;
        le32 u32 from_le_bytes;
        le64 u64 from_le_bytes;
        be32 u32 from_be_bytes;
        be64 u64 from_be_bytes;
    }

    pub(crate) fn u8(self, at: usize) -> Option<u8> {
        self.0.get(at).copied()
    }

    pub(crate) fn array<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        self.slice(at, N)?.try_into().ok()
    }

    pub(crate) fn slice(self, at: usize, length: usize) -> Option<&'a [u8]> {
        self.0.get(at..at.checked_add(length)?)
    }

    /// Do the bytes at `at` begin like this?
    pub(crate) fn has(self, at: usize, magic: &[u8]) -> bool {
        self.slice(at, magic.len()) == Some(magic)
    }

    /// Text that ends at a zero, or with the slice.
    pub(crate) fn text(self, at: usize, length: usize) -> Option<&'a [u8]> {
        let all = self.slice(at, length)?;
        all.split(|byte| *byte == 0).next()
    }
}

/// Structures that contradict themselves.
pub(crate) fn corrupt(detail: impl Into<String>) -> OpenError {
    OpenError::new(Reason::CorruptMetadata, detail)
}

/// Exactly these bytes. Allocates nothing that the source does not hold.
pub(crate) fn read_vec(
    source: &Shared,
    at: u64,
    length: u64,
    what: &str,
) -> Result<Vec<u8>, OpenError> {
    let end = at.checked_add(length);
    let held = source.len().unwrap_or(0);
    let cut =
        || OpenError::new(Reason::Truncated, format!("{what} is cut off"));
    if end.is_none_or(|end| end > held) {
        return Err(cut());
    }
    let mut bytes = vec![0; usize::try_from(length).map_err(|_| cut())?];
    let count = source.read_at(at, &mut bytes).map_err(|error| {
        OpenError::new(Reason::UnreadableSector, format!("{what}: {error}"))
    })?;
    if count < bytes.len() { Err(cut()) } else { Ok(bytes) }
}

/// At most these bytes: what there is, up to the end or to the first error.
pub(crate) fn peek(source: &Shared, at: u64, length: usize) -> Vec<u8> {
    let held = source.len().unwrap_or(0).saturating_sub(at);
    let count = usize::try_from(held).unwrap_or(length).min(length);
    let mut bytes = vec![0; count];
    let count = source.read_at(at, &mut bytes).unwrap_or(0);
    bytes.truncate(count);
    bytes
}

/// UTF-16 without its padding of zeros; what is none becomes U+FFFD.
pub(crate) fn utf16(bytes: &[u8], big: bool) -> String {
    let units = bytes.as_chunks::<2>().0.iter().map(|pair| {
        if big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) }
    });
    let units = units.take_while(|unit| *unit != 0);
    char::decode_utf16(units)
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::layer::tests::Bytes;

    #[test]
    fn fields_end_where_the_bytes_end() {
        let fields = Fields(&[1, 2, 3, 4, 5]);
        assert_eq!(fields.le32(1), Some(0x0504_0302));
        assert_eq!(fields.be32(0), Some(0x0102_0304));
        assert_eq!(fields.le32(2), None);
        assert_eq!(fields.le32(usize::MAX), None);
        assert!(fields.has(3, &[4, 5]));
        assert!(!fields.has(3, &[4, 5, 6]));
        assert_eq!(Fields(b"ab\0c").text(0, 4), Some(&b"ab"[..]));
        assert_eq!(utf16(b"\0a\0b\0\0", true), "ab");
        assert_eq!(utf16(b"a\0\x00\xd8", false), "a\u{fffd}");
    }

    #[test]
    fn a_length_that_is_not_there_is_no_allocation() {
        let source: Shared = Arc::new(Bytes(vec![7; 10]));
        assert_eq!(read_vec(&source, 2, 8, "it").unwrap(), [7; 8]);
        for (at, length) in [(3, 8), (0, u64::MAX), (u64::MAX, 2)] {
            let error = read_vec(&source, at, length, "it").unwrap_err();
            assert_eq!(error.reason, Reason::Truncated);
        }
        assert_eq!(peek(&source, 8, 100), [7, 7]);
        assert_eq!(peek(&source, 80, 100), [0; 0]);
    }
}
