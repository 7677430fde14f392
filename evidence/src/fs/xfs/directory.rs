//! Directories of XFS: names in the inode, or in blocks.

use super::super::field::{be16, be32, be64, part};

/// Directory blocks from here on hold hashes instead of names.
pub(super) const NAMES_END: u64 = 32 << 30;

/// The names of a directory that fits into its inode.
pub(super) fn short(
    fork: &[u8],
    types: bool,
    mut meet: impl FnMut(u64, &[u8]),
) {
    let count = fork.first().copied().unwrap_or(0);
    let wide = fork.get(1).copied().unwrap_or(0) > 0;
    let number = |at| match wide {
        true => be64(fork, at),
        false => be32(fork, at).map(u64::from),
    };
    let width = if wide { 8usize } else { 4 };
    let mut at = width.saturating_add(2);
    for _ in 0..count {
        let Some(length) = fork.get(at).copied() else { break };
        let name = at.saturating_add(3);
        let Some(name) = part(fork, name, length.into()) else { break };
        let behind = at
            .saturating_add(3)
            .saturating_add(name.len())
            .saturating_add(usize::from(types));
        let Some(inode) = number(behind) else { break };
        meet(inode, name);
        at = behind.saturating_add(width);
    }
}

/// The names of a block; false if it is damaged.
pub(super) fn block(
    bytes: &[u8],
    types: bool,
    mut meet: impl FnMut(u64, &[u8]),
) -> bool {
    let (head, single) = match bytes.get(..4) {
        Some(b"XD2B") => (16usize, true),
        Some(b"XDB3") => (64, true),
        Some(b"XD2D") => (16, false),
        Some(b"XDD3") => (64, false),
        _ => return false,
    };
    let mut end = bytes.len();
    if single {
        // Behind the names are their hashes, and how many they are.
        let tail = end.saturating_sub(8);
        let count = be32(bytes, tail).unwrap_or(0) as usize;
        let Some(start) = tail.checked_sub(count.saturating_mul(8)) else {
            return false;
        };
        end = start;
    }
    let mut at = head;
    while at.saturating_add(8) <= end {
        if be16(bytes, at) == Some(0xFFFF) {
            let length = be16(bytes, at.saturating_add(2)).unwrap_or(0);
            if length < 8 {
                return false;
            }
            at = at.saturating_add(length.into());
            continue;
        }
        let entry = bytes.get(at..end).unwrap_or_default();
        let length = usize::from(entry.get(8).copied().unwrap_or(0));
        let (Some(inode), Some(name)) =
            (be64(entry, 0), part(entry, 9, length))
        else {
            return false;
        };
        if name.is_empty() {
            return false;
        }
        if name != b"." && name != b".." {
            meet(inode, name);
        }
        let used = length.saturating_add(11).saturating_add(types.into());
        at = at.saturating_add(used.next_multiple_of(8));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_the_inode() {
        let mut fork = vec![2, 0, 0, 0, 0, 9];
        for (name, inode) in [(&b"ab"[..], 7), (b"c", 8)] {
            fork.extend([name.len() as u8, 0, 0]);
            fork.extend(name);
            fork.push(1);
            fork.extend([0, 0, 0, inode]);
        }
        let mut found = Vec::new();
        short(&fork, true, |inode, name| found.push((inode, name.to_vec())));
        assert_eq!(found, [(7, b"ab".to_vec()), (8, b"c".to_vec())]);
        let mut count = 0;
        short(&fork[..fork.len() - 1], true, |_, _| count += 1);
        assert_eq!(count, 1);
    }

    #[test]
    fn names_in_blocks() {
        let mut bytes = vec![0; 128];
        bytes[..4].copy_from_slice(b"XD2D");
        bytes[23] = 7;
        bytes[24] = 2;
        bytes[25..27].copy_from_slice(b"ab");
        // 8 + 1 + 2 + 1 + 2 bytes, then unused space to the end.
        bytes[32..34].fill(0xFF);
        bytes[35] = 96;
        let mut found = Vec::new();
        let mut meet = |inode, name: &[u8]| found.push((inode, name.to_vec()));
        assert!(block(&bytes, true, &mut meet));
        assert_eq!(found, [(7, b"ab".to_vec())]);
        bytes[35] = 0;
        assert!(!block(&bytes, true, |_, _| {}));
        bytes[..4].copy_from_slice(b"XD2B");
        bytes[120] = 0xFF;
        assert!(!block(&bytes, true, |_, _| {}));
    }
}
