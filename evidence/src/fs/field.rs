//! Numbers at fixed places of structures, if the structure is long enough.

macro_rules! readers {
    ($($name:ident $type:ty, $from:ident;)*) => { $(
        /// The number at `at`.
        pub(crate) fn $name(bytes: &[u8], at: usize) -> Option<$type> {
            Some(<$type>::$from(*bytes.get(at..)?.first_chunk()?))
        }
    )* };
}

readers! {
    le16 u16, from_le_bytes;
    le32 u32, from_le_bytes;
    le64 u64, from_le_bytes;
    be16 u16, from_be_bytes;
    be32 u32, from_be_bytes;
    be64 u64, from_be_bytes;
}

/// The bytes from `at` on, as many as `length` says.
pub(crate) fn part(bytes: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    bytes.get(at..)?.get(..length)
}

/// UTF-16 as UTF-8; lone surrogates as three bytes, as WTF-8 has them, so
/// that different names stay different.
pub(crate) fn utf16(units: impl IntoIterator<Item = u16>) -> Vec<u8> {
    let mut text = Vec::new();
    for unit in char::decode_utf16(units) {
        match unit {
            Ok(c) => {
                let mut buffer = [0; 4];
                text.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
            }
            Err(e) => {
                let unit = e.unpaired_surrogate();
                text.push(0xE0 | (unit >> 12) as u8);
                text.push(0x80 | (unit >> 6 & 0x3F) as u8);
                text.push(0x80 | (unit & 0x3F) as u8);
            }
        }
    }
    text
}

/// The units of little-endian UTF-16.
pub(crate) fn le_units(bytes: &[u8]) -> impl Iterator<Item = u16> {
    let (pairs, _) = bytes.as_chunks::<2>();
    pairs.iter().map(|pair| u16::from_le_bytes(*pair))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_with_the_structure() {
        assert_eq!(le16(&[1, 2, 3], 1), Some(0x0302));
        assert_eq!(be32(&[1, 2, 3, 4], 0), Some(0x0102_0304));
        assert_eq!(le16(&[1, 2, 3], 2), None);
        assert_eq!(le64(&[0; 8], usize::MAX), None);
        assert_eq!(part(b"abc", 1, usize::MAX), None);
    }

    #[test]
    fn names_that_are_not_unicode_stay_different() {
        assert_eq!(utf16([0x61, 0xFC]), "aü".as_bytes());
        assert_eq!(utf16([0xD83D, 0xDE00]), "😀".as_bytes());
        assert_eq!(utf16([0xD800, 0x61]), b"\xED\xA0\x80a");
        assert_eq!(le_units(&[0x61, 0, 0x62, 0, 9]).count(), 2);
    }
}
