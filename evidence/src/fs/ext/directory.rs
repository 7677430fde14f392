//! Directory blocks: names, and names that were there before.

use super::super::field::{le16, le32, part};

/// A name in a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    pub(super) inode: u64,
    pub(super) name: &'a [u8],
    pub(super) deleted: bool,
}

/// The entries of a block, of a volume with so many inodes; false if the
/// block is damaged. Entries that were deleted lie in what the one before
/// them takes up too much.
pub(super) fn entries<'a>(
    block: &'a [u8],
    inodes: u64,
    mut meet: impl FnMut(Entry<'a>),
) -> bool {
    let mut at = 0usize;
    while at < block.len() {
        let Some((entry, length)) = raw(block, at) else { return false };
        let end = at.saturating_add(length);
        let mut used = at.saturating_add(8);
        if entry.inode > 0 {
            used = used.saturating_add(entry.name.len().next_multiple_of(4));
            if !is_dot(entry.name) && entry.inode <= inodes {
                meet(entry);
            }
        } else if is_checksum(block, at) {
            break;
        } else if is_name(entry.name) && length < block.len() {
            // Of the first one of a block only the inode is taken away.
            used = used.saturating_add(entry.name.len().next_multiple_of(4));
        }
        // Behind the entry for the parent, the root of an index has numbers.
        if entry.name != b".." {
            gap(block, used, end, inodes, &mut meet);
        }
        at = end;
    }
    true
}

/// Entries between `at` and `end`.
fn gap<'a>(
    block: &'a [u8],
    mut at: usize,
    end: usize,
    inodes: u64,
    meet: &mut impl FnMut(Entry<'a>),
) {
    let inside = block.get(..end).unwrap_or_default();
    while at.saturating_add(12) <= end {
        at = match raw(inside, at) {
            Some((entry, _))
                if (1..=inodes).contains(&entry.inode)
                    && is_name(entry.name)
                    && !is_dot(entry.name) =>
            {
                meet(Entry { deleted: true, ..entry });
                let length = entry.name.len().next_multiple_of(4);
                at.saturating_add(8).saturating_add(length)
            }
            _ => at.saturating_add(4),
        };
    }
}

/// The entry at a place and how much it takes up.
fn raw(block: &[u8], at: usize) -> Option<(Entry<'_>, usize)> {
    let rest = block.get(at..)?;
    let length = match le16(rest, 4)? {
        // The largest blocks are too large for the field.
        0 | 0xFFFF if block.len() >= 65_536 => 65_536,
        length => usize::from(length),
    };
    let name_length = usize::from(*rest.get(6)?);
    let fits = length >= 8
        && length.is_multiple_of(4)
        && length <= rest.len()
        && name_length.checked_add(8)? <= length;
    if !fits {
        return None;
    }
    let name = part(rest, 8, name_length)?;
    let inode = u64::from(le32(rest, 0)?);
    Some((Entry { inode, name, deleted: false }, length))
}

/// Is it the entry at the end of a block that holds its checksum?
fn is_checksum(block: &[u8], at: usize) -> bool {
    let rest = block.get(at..).unwrap_or_default();
    rest.len() == 12 && rest.get(4..8) == Some(&[12, 0, 0, 0xDE])
}

fn is_dot(name: &[u8]) -> bool {
    name == b"." || name == b".."
}

fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && !name.iter().any(|byte| matches!(byte, 0 | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(inode: u32, length: u16, name: &str) -> Vec<u8> {
        let mut bytes = inode.to_le_bytes().to_vec();
        bytes.extend(length.to_le_bytes());
        bytes.extend([name.len() as u8, 1]);
        bytes.extend(name.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn found(block: &[u8]) -> (Vec<(u64, String, bool)>, bool) {
        let mut all = Vec::new();
        let whole = entries(block, 100, |e| {
            let name = String::from_utf8(e.name.to_vec()).unwrap();
            all.push((e.inode, name, e.deleted));
        });
        (all, whole)
    }

    #[test]
    fn names_and_those_before_them() {
        let mut block = entry(12, 12, ".");
        block.extend(entry(2, 12, ".."));
        block.extend(entry(13, 12 + 16 + 12, "kept"));
        block.extend(entry(14, 16, "gone.php"));
        block.extend(entry(15, 12, "too"));
        block.extend(entry(0, 12, "abc"));
        let expected = [
            (13, "kept".to_owned(), false),
            (14, "gone.php".to_owned(), true),
            (15, "too".to_owned(), true),
        ];
        assert_eq!(found(&block), (expected.to_vec(), true));
    }

    #[test]
    fn checksums_are_no_names_and_damage_is_said() {
        let mut block = entry(13, 12, "kept");
        block.extend([0, 0, 0, 0, 12, 0, 0, 0xDE, 13, 0, 0, 0]);
        assert_eq!(found(&block).0.len(), 1);
        for (at, value) in [(4, 0), (4, 11), (4, 200), (6, 5)] {
            let mut bad = entry(13, 12, "kept");
            bad[at] = value;
            assert!(!found(&bad).1, "{at}");
        }
    }
}
