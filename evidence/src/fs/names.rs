//! Names of files that directories hold, and the paths that they make.
//!
//! Hides how many there are: one block of text, one sorted table.

use super::stored::corrupt;
use crate::object::Problem;

/// The longest path that is followed, in bytes.
const LONGEST: usize = 1 << 16;

/// Paths of one file that are looked for.
const MOST: usize = 64;

/// A name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    child: u64,
    /// Names in use come first.
    deleted: bool,
    parent: u64,
    at: usize,
    length: usize,
}

/// All names of a volume.
pub(super) struct Names {
    root: u64,
    text: Vec<u8>,
    entries: Vec<Entry>,
    /// The directory that was asked for last: neighbours have the same.
    last: Option<(u64, Option<Vec<u8>>)>,
    /// Steps that may still be taken.
    fuel: u64,
}

impl Names {
    /// None yet; `root` is the number of the root directory.
    pub(super) fn new(root: u64) -> Names {
        Names {
            root,
            text: Vec::new(),
            entries: Vec::new(),
            last: None,
            fuel: 1 << 20,
        }
    }

    /// Adds the name that a directory has for a file, or had.
    pub(super) fn add(
        &mut self,
        parent: u64,
        child: u64,
        name: &[u8],
        deleted: bool,
    ) {
        let (at, length) = (self.text.len(), name.len());
        self.text.extend_from_slice(name);
        self.entries.push(Entry { child, deleted, parent, at, length });
        // Enough for deep trees; what hostile ones need beyond has no path.
        self.fuel = self.fuel.saturating_add(64);
    }

    /// Must be called when all names are there; tells of the directories
    /// that had damaged entries by their paths.
    pub(super) fn finish(&mut self, damaged: Vec<u64>) -> Vec<Problem> {
        self.entries.sort_by_key(|e| (e.child, e.deleted, e.parent, e.at));
        let problem = |number| {
            let path = self.paths(number, false).0;
            Problem { path, ..corrupt(None, "directory with damaged entries") }
        };
        damaged.into_iter().map(problem).collect()
    }

    /// All paths of a file, in order, the first one apart; with `deleted`,
    /// those that it had before. Without one it gets one in `$Orphan`.
    pub(super) fn paths(
        &mut self,
        child: u64,
        deleted: bool,
    ) -> (Vec<u8>, Vec<Vec<u8>>) {
        if child == self.root {
            return (b"/".to_vec(), Vec::new());
        }
        let of_child = self.of(child);
        let live = of_child.iter().any(|e| !e.deleted);
        let entries: Vec<Entry> = of_child
            .iter()
            .filter(|e| e.deleted == (deleted && !live))
            .take(MOST)
            .copied()
            .collect();
        let mut paths: Vec<Vec<u8>> =
            entries.iter().map(|entry| self.path(entry)).collect();
        paths.sort();
        paths.dedup();
        if paths.is_empty() {
            paths.push(format!("/$Orphan/{child}").into_bytes());
        }
        let also = paths.split_off(1);
        (paths.pop().unwrap_or_default(), also)
    }

    fn of(&self, child: u64) -> &[Entry] {
        let from = self.entries.partition_point(|e| e.child < child);
        let rest = self.entries.get(from..).unwrap_or_default();
        let count = rest.partition_point(|e| e.child == child);
        rest.get(..count).unwrap_or_default()
    }

    fn text(&self, entry: &Entry) -> &[u8] {
        let rest = self.text.get(entry.at..).unwrap_or_default();
        rest.get(..entry.length).unwrap_or_default()
    }

    fn path(&mut self, entry: &Entry) -> Vec<u8> {
        let parent = self.directory(entry.parent);
        let mut path = parent.unwrap_or_else(|| b"/$Orphan".to_vec());
        path.push(b'/');
        path.extend_from_slice(self.text(entry));
        path
    }

    /// The path of a directory, empty for the root.
    fn directory(&mut self, number: u64) -> Option<Vec<u8>> {
        if number == self.root {
            return Some(Vec::new());
        }
        if let Some((last, path)) = &self.last
            && *last == number
        {
            return path.clone();
        }
        let path = self.way_up(number);
        self.last = Some((number, path.clone()));
        path
    }

    fn way_up(&mut self, mut number: u64) -> Option<Vec<u8>> {
        let mut names = Vec::new();
        let mut length = 0usize;
        // A circle comes back to where it was after so many steps.
        let (mut mark, mut until) = (number, 1usize);
        while number != self.root {
            self.fuel = self.fuel.checked_sub(1)?;
            let entry = *self.of(number).first()?;
            length = length.checked_add(entry.length)?.checked_add(1)?;
            names.push(entry);
            number = entry.parent;
            if length > LONGEST || number == mark {
                return None;
            }
            if names.len() == until {
                (mark, until) = (number, until.saturating_mul(2));
            }
        }
        let mut path = Vec::with_capacity(length);
        for entry in names.iter().rev() {
            path.push(b'/');
            path.extend_from_slice(self.text(entry));
        }
        Some(path)
    }
}

/// A UUID as the tools of the file systems write it.
pub(super) fn uuid(bytes: &[u8; 16]) -> String {
    let mut text = String::new();
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(all: &[(u64, u64, &str, bool)]) -> Names {
        let mut names = Names::new(2);
        for (parent, child, name, deleted) in all {
            names.add(*parent, *child, name.as_bytes(), *deleted);
        }
        assert_eq!(names.finish(Vec::new()), []);
        names
    }

    #[test]
    fn first_path_and_the_others() {
        let mut names = names(&[
            (2, 12, "web", false),
            (12, 13, "b", false),
            (2, 13, "x", false),
            (12, 13, "old", true),
            (12, 14, "gone", true),
        ]);
        let also = vec![b"/x".to_vec()];
        assert_eq!(names.paths(13, false), (b"/web/b".to_vec(), also));
        assert_eq!(names.paths(14, true).0, b"/web/gone");
        assert_eq!(names.paths(14, false).0, b"/$Orphan/14");
        assert_eq!(names.paths(99, true).0, b"/$Orphan/99");
        assert_eq!(names.paths(2, false).0, b"/");
    }

    #[test]
    fn circles_and_lost_directories() {
        let mut names = names(&[
            (13, 12, "a", false),
            (12, 13, "b", false),
            (12, 14, "x", false),
            (77, 15, "y", false),
        ]);
        assert_eq!(names.paths(14, false).0, b"/$Orphan/x");
        assert_eq!(names.paths(15, false).0, b"/$Orphan/y");
    }
}
