//! Paths: every directory with its parent, and the way up.

use std::collections::HashMap;

use super::file::Name;
use super::record::{Record, Reference};

/// The root directory.
pub(super) const ROOT: u64 = 5;

/// The longest path that the system makes, in bytes.
const LONGEST: usize = 3 * 32_767;

/// A directory.
struct Directory {
    sequence: u16,
    in_use: bool,
    name: Name,
}

/// All directories.
#[derive(Default)]
pub(super) struct Tree {
    directories: HashMap<u64, Directory>,
    /// The directory that was asked for last: neighbours have the same.
    last: Option<(u64, Option<Vec<u8>>)>,
    /// Steps that may still be taken.
    fuel: u64,
}

impl Tree {
    /// Adds a directory.
    pub(super) fn add(&mut self, record: &Record, name: Name) {
        let Record { number, sequence, in_use, .. } = *record;
        let directory = Directory { sequence, in_use, name };
        self.directories.insert(number, directory);
        // Enough for deep trees; what hostile ones need beyond has no path.
        self.fuel = self.fuel.saturating_add(256);
    }

    /// Allows for one more file.
    pub(super) fn refuel(&mut self) {
        self.fuel = self.fuel.saturating_add(64);
    }

    /// The path of a name; if its directory is gone, one in `$Orphan`.
    pub(super) fn path(&mut self, name: &Name) -> Vec<u8> {
        let mut path = match self.directory(name.parent) {
            Some(path) => path,
            None => b"/$Orphan".to_vec(),
        };
        path.push(b'/');
        path.extend_from_slice(&name.text);
        path
    }

    /// The path of a directory, empty for the root.
    fn directory(&mut self, reference: Reference) -> Option<Vec<u8>> {
        if reference.number == ROOT {
            return Some(Vec::new());
        }
        let found = self.directories.get(&reference.number)?;
        if !reference.means(found.sequence, found.in_use) {
            return None;
        }
        if let Some((number, path)) = &self.last
            && *number == reference.number
        {
            return path.clone();
        }
        let path = self.way_up(reference);
        self.last = Some((reference.number, path.clone()));
        path
    }

    fn way_up(&mut self, mut reference: Reference) -> Option<Vec<u8>> {
        let mut names = Vec::new();
        let mut length = 0usize;
        // A circle comes back to where it was after so many steps.
        let (mut mark, mut until) = (reference.number, 1usize);
        while reference.number != ROOT {
            self.fuel = self.fuel.checked_sub(1)?;
            let found = self.directories.get(&reference.number)?;
            if !reference.means(found.sequence, found.in_use) {
                return None;
            }
            let name = &found.name.text;
            length = length.checked_add(name.len())?.checked_add(1)?;
            names.push(name);
            reference = found.name.parent;
            if length > LONGEST || reference.number == mark {
                return None;
            }
            if names.len() == until {
                (mark, until) = (reference.number, until.saturating_mul(2));
            }
        }
        let mut path = Vec::with_capacity(length);
        for name in names.iter().rev() {
            path.push(b'/');
            path.extend_from_slice(name);
        }
        Some(path)
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::record;
    use super::*;

    fn name(parent: u64, text: &str) -> Name {
        let parent = Reference::new(7 << 48 | parent);
        Name { parent, text: text.as_bytes().to_vec(), short: false }
    }

    fn tree(directories: &[(u64, u64, &str)]) -> Tree {
        let mut tree = Tree::default();
        for (number, parent, text) in directories {
            let record = Record::parse(*number, record(3, &[]));
            tree.add(&record.unwrap().unwrap(), name(*parent, text));
        }
        tree
    }

    #[test]
    fn paths_lead_to_the_root() {
        let mut tree = tree(&[(30, 5, "web"), (31, 30, "deep")]);
        assert_eq!(tree.path(&name(5, "x")), b"/x");
        assert_eq!(tree.path(&name(31, "x")), b"/web/deep/x");
        assert_eq!(tree.path(&name(31, "y")), b"/web/deep/y");
    }

    #[test]
    fn orphans_circles_and_reused_directories() {
        let mut tree = tree(&[(30, 31, "a"), (31, 30, "b"), (32, 5, "c")]);
        assert_eq!(tree.path(&name(99, "x")), b"/$Orphan/x");
        assert_eq!(tree.path(&name(30, "x")), b"/$Orphan/x");
        let mut stale = name(32, "x");
        stale.parent.sequence = 6;
        assert_eq!(tree.path(&stale), b"/$Orphan/x");
    }
}
