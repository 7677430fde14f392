//! The tables of an image, read when needed.
//!
//! No table is ever held as a whole, so none is too large: a page is read on
//! demand and the last ones are kept.

use super::cache::Cache;
use super::field::Fields;
use crate::{Reason, Shared};

const PAGE: u64 = 16 << 10;
const KEPT: usize = 256;

type Page = Result<Vec<u8>, Reason>;

/// Numbers of a file by their position.
pub(crate) struct Pages {
    file: Shared,
    cache: Cache<Page>,
}

impl Pages {
    pub(crate) fn new(file: Shared) -> Pages {
        Pages { file, cache: Cache::new(KEPT) }
    }

    /// The file that holds the tables.
    pub(crate) fn file(&self) -> &Shared {
        &self.file
    }

    fn load(&self, number: u64) -> Page {
        let mut page = vec![0; PAGE as usize];
        let count = self
            .file
            .read_at(number.saturating_mul(PAGE), &mut page)
            .map_err(|_| Reason::UnreadableSector)?;
        page.truncate(count);
        Ok(page)
    }

    /// Bytes that no entry of a table straddles pages with.
    fn bytes<const N: usize>(&self, at: u64) -> Result<[u8; N], Reason> {
        let number = at / PAGE;
        let inside = (at % PAGE) as usize;
        if inside.saturating_add(N) > PAGE as usize {
            let mut bytes = [0; N];
            return match self.file.read_at(at, &mut bytes) {
                Ok(count) if count == N => Ok(bytes),
                Ok(_) => Err(Reason::Truncated),
                Err(_) => Err(Reason::UnreadableSector),
            };
        }
        match self.cache.get(number, || self.load(number)).as_ref() {
            Ok(page) => Fields(page).array(inside).ok_or(Reason::Truncated),
            Err(reason) => Err(*reason),
        }
    }

    pub(crate) fn le32(&self, at: u64) -> Result<u32, Reason> {
        self.bytes(at).map(u32::from_le_bytes)
    }

    pub(crate) fn be32(&self, at: u64) -> Result<u32, Reason> {
        self.bytes(at).map(u32::from_be_bytes)
    }

    pub(crate) fn le64(&self, at: u64) -> Result<u64, Reason> {
        self.bytes(at).map(u64::from_le_bytes)
    }

    pub(crate) fn be64(&self, at: u64) -> Result<u64, Reason> {
        self.bytes(at).map(u64::from_be_bytes)
    }

    pub(crate) fn u8(&self, at: u64) -> Result<u8, Reason> {
        self.bytes::<1>(at).map(u8::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::layer::tests::Bytes;

    #[test]
    fn entries_are_found_on_and_across_pages() {
        let mut bytes = vec![0; PAGE as usize * 2 + 4];
        bytes[PAGE as usize - 2..][..4].copy_from_slice(&[1, 2, 3, 4]);
        let end = bytes.len() as u64;
        let pages = Pages::new(Arc::new(Bytes(bytes)));
        assert_eq!(pages.le32(PAGE - 2), Ok(0x0403_0201));
        assert_eq!(pages.be32(PAGE - 2), Ok(0x0102_0304));
        assert_eq!(pages.le32(end - 4), Ok(0));
        assert_eq!(pages.le32(end - 3), Err(Reason::Truncated));
        assert_eq!(pages.le64(u64::MAX - 2), Err(Reason::Truncated));
    }
}
