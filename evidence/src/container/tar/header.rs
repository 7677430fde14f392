//! One header of an archive, in all its dialects.

use crate::container::field::Fields;

/// Everything lies in blocks of this size.
pub(super) const SECTOR: u64 = 512;

/// What a header stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    /// A folder, a link or a device.
    Other,
    /// The name of the next member, as GNU writes it.
    LongName,
    /// The target of a link.
    LongLink,
    /// Records for the next member, as POSIX writes them.
    Extended,
    /// Records for all members.
    Global,
}

/// A header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) path: Vec<u8>,
    pub(super) size: u64,
    /// Nanoseconds since 1970.
    pub(super) modified: Option<i64>,
    /// Does it say that it is a header of an archive?
    pub(super) is_marked: bool,
    /// Only parts of the file are stored.
    pub(super) is_sparse: bool,
}

impl Header {
    /// `None` if it is none.
    pub(super) fn parse(block: &[u8]) -> Option<Header> {
        let fields = Fields(block);
        let own = number(fields.slice(148, 8)?)?;
        let sum = |signed: bool| {
            block.iter().enumerate().fold(0i64, |sum, (at, byte)| {
                let value = match (at, signed) {
                    (148..156, _) => i64::from(b' '),
                    (_, true) => i64::from(*byte as i8),
                    (_, false) => i64::from(*byte),
                };
                sum.saturating_add(value)
            })
        };
        let own = i64::try_from(own).ok()?;
        if own != sum(false) && own != sum(true) {
            return None;
        }
        let is_marked = fields.has(257, b"ustar");
        let mut path = fields.text(0, 100)?.to_vec();
        // GNU keeps other things there.
        if fields.has(257, b"ustar\0") {
            let prefix = fields.text(345, 155)?;
            if !prefix.is_empty() {
                path = [prefix, b"/", &path].concat();
            }
        }
        let flag = fields.u8(156)?;
        let kind = match flag {
            b'0' | 0 | b'7' if path.ends_with(b"/") => Kind::Other,
            b'0' | 0 | b'7' | b'S' => Kind::File,
            b'L' => Kind::LongName,
            b'K' => Kind::LongLink,
            b'x' | b'X' => Kind::Extended,
            b'g' => Kind::Global,
            _ => Kind::Other,
        };
        // Links repeat the size of their target, without its bytes.
        let size = match flag {
            b'1'..=b'6' => 0,
            _ => number(fields.slice(124, 12)?)?,
        };
        let modified = fields.slice(136, 12).and_then(number);
        let modified = modified
            .and_then(|seconds| i64::try_from(seconds).ok())
            .and_then(|seconds| seconds.checked_mul(1_000_000_000));
        let is_sparse = flag == b'S';
        Some(Header { kind, path, size, modified, is_marked, is_sparse })
    }
}

/// Octal digits, or bytes when the first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    let (first, rest) = field.split_first()?;
    if *first == 0x80 {
        return rest.iter().try_fold(0u64, |value, byte| {
            value.checked_mul(256)?.checked_add(u64::from(*byte))
        });
    }
    let is_end = |byte: &u8| matches!(byte, 0 | b' ');
    let digits = field.iter().skip_while(|byte| **byte == b' ');
    digits.take_while(|byte| !is_end(byte)).try_fold(0u64, |value, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 8)?;
        value.checked_mul(8)?.checked_add(u64::from(digit))
    })
}

/// What extensions say about the next member.
#[derive(Default)]
pub(super) struct Names {
    pub(super) path: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
}

impl Names {
    pub(super) fn take(&mut self, kind: Kind, content: &[u8]) {
        match kind {
            Kind::LongName => {
                let name = content.split(|byte| *byte == 0).next();
                self.path = name.map(<[u8]>::to_vec);
            }
            Kind::Extended => self.records(content),
            _ => {}
        }
    }

    /// Records of the form `LENGTH KEY=VALUE` and a line feed.
    fn records(&mut self, mut content: &[u8]) {
        while let Some((key, value, rest)) = record(content) {
            match key {
                b"path" => self.path = Some(value.to_vec()),
                b"size" => {
                    let text = std::str::from_utf8(value).ok();
                    self.size = text.and_then(|text| text.parse().ok());
                }
                _ => {}
            }
            content = rest;
        }
    }
}

fn record(content: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = content.iter().position(|byte| *byte == b' ')?;
    let digits = std::str::from_utf8(content.get(..space)?).ok()?;
    let length: usize = digits.parse().ok()?;
    let body = content.get(space.checked_add(1)?..length)?;
    let body = body.strip_suffix(b"\n")?;
    let equals = body.iter().position(|byte| *byte == b'=')?;
    let (key, value) = body.split_at_checked(equals)?;
    Some((key, value.get(1..)?, content.get(length..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_octal_or_bytes() {
        assert_eq!(number(b"0000644\0"), Some(0o644));
        assert_eq!(number(b"   12 \0\0"), Some(0o12));
        assert_eq!(number(&[0x80, 0, 1, 2]), Some(258));
        assert_eq!(number(b"9\0"), None);
        let mut huge = [0xFF; 12];
        huge[0] = 0x80;
        assert_eq!(number(&huge), None);
        assert_eq!(number(b""), None);
    }

    #[test]
    fn records_end_where_they_say() {
        let mut names = Names::default();
        let content = b"15 path=a/b/cd\n20 size=12345678901\nrest";
        names.take(Kind::Extended, content);
        assert_eq!(names.path.as_deref(), Some(&b"a/b/cd"[..]));
        assert_eq!(names.size, Some(12_345_678_901));
        let mut names = Names::default();
        names.take(Kind::Extended, b"99999999999999999999 path=a\n");
        names.take(Kind::Extended, b"0 path=a\n");
        assert_eq!(names.path, None);
    }
}
