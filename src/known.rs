//! Hashes of content that is known to be good.
//!
//! Hides which digests the lists hold: only those are computed. A list is
//! text; each run of 32, 40 or 64 hexadecimal digits in it is an MD5, SHA-1
//! or SHA-256, so that `sha256sum`'s output and the tables of NSRL are lists.

use std::io::{self, BufRead};

use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;

/// Sorted hashes, each with the number of its list.
type Table<const N: usize> = Vec<([u8; N], u16)>;

/// All lists of a run.
#[derive(Debug, Default)]
pub(crate) struct Known {
    names: Vec<String>,
    md5: Table<16>,
    sha1: Table<20>,
    sha256: Table<32>,
}

impl Known {
    /// Adds a list; returns how many hashes it has.
    pub(crate) fn add(
        &mut self,
        name: String,
        mut text: impl BufRead,
    ) -> io::Result<usize> {
        let list = u16::try_from(self.names.len())
            .map_err(|_| io::Error::other("too many lists"))?;
        self.names.push(name);
        let mut count = 0;
        let mut line = Vec::new();
        while text.read_until(b'\n', &mut line)? > 0 {
            for word in line.split(|byte| !byte.is_ascii_alphanumeric()) {
                let found = push(&mut self.md5, word, list)
                    || push(&mut self.sha1, word, list)
                    || push(&mut self.sha256, word, list);
                count += usize::from(found);
            }
            line.clear();
        }
        self.md5.sort_unstable();
        self.sha1.sort_unstable();
        self.sha256.sort_unstable();
        Ok(count)
    }

    /// Is there no list?
    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The list that the content is in.
    pub(crate) fn list_of(&self, data: &[u8]) -> Option<&str> {
        let list = find(&self.sha256, || Sha256::digest(data).into())
            .or_else(|| find(&self.sha1, || Sha1::digest(data).into()))
            .or_else(|| find(&self.md5, || Md5::digest(data).into()))?;
        self.names.get(usize::from(list)).map(String::as_str)
    }
}

fn find<const N: usize>(
    table: &Table<N>,
    digest: impl FnOnce() -> [u8; N],
) -> Option<u16> {
    if table.is_empty() {
        return None;
    }
    let wanted = digest();
    let at = table.binary_search_by(|known| known.0.cmp(&wanted)).ok()?;
    table.get(at).map(|known| known.1)
}

/// Adds a word if it has as many hexadecimal digits as the hash.
fn push<const N: usize>(table: &mut Table<N>, word: &[u8], list: u16) -> bool {
    if word.len() != 2 * N {
        return false;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|d| d as u8);
    let mut hash = [0; N];
    for (to, pair) in hash.iter_mut().zip(word.chunks(2)) {
        let &[high, low] = pair else { return false };
        let (Some(high), Some(low)) = (digit(high), digit(low)) else {
            return false;
        };
        *to = high << 4 | low;
    }
    table.push((hash, list));
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_of_all_kinds_and_shapes() {
        // Of "", "a" and "b", as md5sum, the tables of NSRL and sha256sum
        // write them.
        let text = "d41d8cd98f00b204e9800998ecf8427e  empty\n\
            \"86F7E437FAA5A7FCE15D1DDCB9EAEAEA377667B8\",\"x\",\"00000000\"\n\
            3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d *b\n";
        let mut known = Known::default();
        assert_eq!(known.add("list".to_owned(), text.as_bytes()).unwrap(), 3);
        for content in ["", "a", "b"] {
            assert_eq!(known.list_of(content.as_bytes()), Some("list"));
        }
        assert_eq!(known.list_of(b"c"), None);
        assert_eq!(known.add("none".to_owned(), &b"zz\n"[..]).unwrap(), 0);
    }
}
