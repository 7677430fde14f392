//! From targets to the files to scan, in a fixed order.
//!
//! A directory is walked in the order of its names. Nothing is left out
//! without a word: what a filter, a link or an error keeps from being
//! scanned becomes a [`Work::Skip`].

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dragnet::{OpenError, Reason};
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use walkdir::{DirEntry, WalkDir};

use crate::args::Symlinks;
use crate::image::Image;

/// One thing to do.
#[derive(Clone)]
pub(crate) enum Work {
    /// Scan this file.
    File(PathBuf),
    /// Scan this object of an image.
    Object(Arc<Image>, usize),
    /// Scan all memory of a process, or of a machine, that is in a volume of
    /// an image, as one object.
    Space(Arc<Image>, usize),
    /// Scan standard input.
    Stdin,
    /// Report that this is not scanned.
    Skip(Skip),
}

impl Work {
    /// What it is about.
    pub(crate) fn name(&self) -> PathBuf {
        match self {
            Work::File(path) => path.clone(),
            Work::Stdin => "-".into(),
            Work::Object(image, at) => image.name(&image.map.entries[*at]),
            Work::Space(image, volume) => image.name_of_space(*volume),
            Work::Skip(skip) => skip.path.clone(),
        }
    }
}

/// Why something is not scanned.
#[derive(Clone, Debug)]
pub(crate) struct Skip {
    pub(crate) path: PathBuf,
    pub(crate) reason: Reason,
    pub(crate) detail: String,
    /// How many bytes it has, where that is known.
    pub(crate) bytes: Option<u64>,
}

impl Skip {
    /// Of what could not be opened.
    pub(crate) fn of(path: PathBuf, error: OpenError) -> Skip {
        let OpenError { reason, detail, bytes } = error;
        Skip { path, reason, detail, bytes }
    }
}

/// What is scanned below a directory.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) depth: usize,
    pub(crate) symlinks: Symlinks,
    pub(crate) one_file_system: bool,
    pub(crate) exclude: Globs,
    /// Empty: everything.
    pub(crate) include: Globs,
}

/// Patterns for paths. One without a slash is compared with the name, one
/// with a slash with the path, whole or from the target on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Globs {
    names: GlobSet,
    paths: GlobSet,
}

impl Globs {
    /// Compiles the patterns.
    pub(crate) fn new(patterns: &[String]) -> Result<Globs, String> {
        let mut names = GlobSetBuilder::new();
        let mut paths = GlobSetBuilder::new();
        for pattern in patterns {
            let glob = GlobBuilder::new(pattern.trim_end_matches('/'))
                .literal_separator(true)
                .build()
                .map_err(|error| error.to_string())?;
            if pattern.contains('/') {
                paths.add(glob);
            } else {
                names.add(glob);
            }
        }
        let build = |builder: GlobSetBuilder| {
            builder.build().map_err(|error| error.to_string())
        };
        Ok(Globs { names: build(names)?, paths: build(paths)? })
    }

    fn is_empty(&self) -> bool {
        self.names.is_empty() && self.paths.is_empty()
    }

    fn is_match(&self, root: &Path, path: &Path) -> bool {
        let name = path.file_name().map(Path::new).unwrap_or(path);
        let inner = path.strip_prefix(root).unwrap_or(path);
        self.names.is_match(name)
            || self.paths.is_match(path)
            || self.paths.is_match(inner)
    }
}

/// Walks targets.
pub(crate) struct Walker<'p> {
    policy: &'p Policy,
    /// Directories that were entered through a link.
    linked: HashSet<(u64, u64)>,
    procfs: Option<u64>,
}

/// Returns false when there is no need for more.
pub(crate) type Sink<'s> = dyn FnMut(Work) -> bool + 's;

impl<'p> Walker<'p> {
    /// A walker that keeps to the policy.
    pub(crate) fn new(policy: &'p Policy) -> Walker<'p> {
        let procfs = identity(Path::new("/proc/self")).map(|id| id.0);
        Walker { policy, linked: HashSet::new(), procfs }
    }

    /// Gives all that is to do for a target. Returns false if the sink did.
    pub(crate) fn target(
        &mut self,
        target: &OsString,
        sink: &mut Sink<'_>,
    ) -> bool {
        let path = Path::new(target);
        if target == "-" || path == Path::new("/dev/stdin") {
            return sink(Work::Stdin);
        }
        if path.is_dir() {
            self.directory(path, sink)
        } else {
            sink(Work::File(path.to_owned()))
        }
    }

    /// Gives all that is to do for the paths in a list, one on each line.
    pub(crate) fn list(
        &mut self,
        mut list: impl BufRead,
        sink: &mut Sink<'_>,
    ) -> std::io::Result<bool> {
        let mut line = Vec::new();
        while list.read_until(b'\n', &mut line)? > 0 {
            while line.last().is_some_and(|b| matches!(b, b'\n' | b'\r')) {
                line.pop();
            }
            let path = dragnet::path_from_bytes(&line).into_owned();
            let target = path.into_os_string();
            // In a list, `-` is a file of this name.
            let goes_on = line.is_empty()
                || if target == "-" {
                    sink(Work::File(target.into()))
                } else {
                    self.target(&target, sink)
                };
            if !goes_on {
                return Ok(false);
            }
            line.clear();
        }
        Ok(true)
    }

    fn directory(&mut self, root: &Path, sink: &mut Sink<'_>) -> bool {
        let mut entries = WalkDir::new(root)
            .follow_links(self.policy.symlinks == Symlinks::Follow)
            .max_depth(self.policy.depth)
            .same_file_system(self.policy.one_file_system)
            .sort_by_file_name()
            .into_iter();
        let device = identity(root).map(|id| id.0);
        while let Some(entry) = entries.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    if !sink(Work::Skip(skip_error(root, &error))) {
                        return false;
                    }
                    continue;
                }
            };
            if entry.depth() == 0 {
                continue;
            }
            let is_dir = entry.file_type().is_dir();
            match self.judge(root, &entry, device) {
                Verdict::Take if is_dir => {}
                Verdict::Take => {
                    if !sink(Work::File(entry.into_path())) {
                        return false;
                    }
                }
                Verdict::Skip(detail) => {
                    if is_dir && self.is_entered(&entry, device) {
                        entries.skip_current_dir();
                    }
                    let path = entry.into_path();
                    let reason = Reason::Excluded;
                    let detail = detail.to_owned();
                    let bytes = None;
                    let skip = Skip { path, reason, detail, bytes };
                    if !sink(Work::Skip(skip)) {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// Would the walk go into this directory by itself?
    fn is_entered(&self, entry: &DirEntry, device: Option<u64>) -> bool {
        entry.depth() < self.policy.depth
            && !self.is_foreign(entry.path(), device)
    }

    fn is_foreign(&self, path: &Path, device: Option<u64>) -> bool {
        self.policy.one_file_system && identity(path).map(|id| id.0) != device
    }

    fn judge(
        &mut self,
        root: &Path,
        entry: &DirEntry,
        device: Option<u64>,
    ) -> Verdict {
        let path = entry.path();
        if self.policy.exclude.is_match(root, path) {
            return Verdict::Skip("excluded by --exclude");
        }
        if entry.path_is_symlink() {
            let is_dir = path.is_dir();
            match self.policy.symlinks {
                Symlinks::Skip => return Verdict::Skip("symbolic link"),
                Symlinks::Files if is_dir => {
                    return Verdict::Skip("symbolic link to a directory");
                }
                Symlinks::Follow if is_dir => {
                    if let Some(detail) = self.refuse_link(path) {
                        return Verdict::Skip(detail);
                    }
                }
                _ => {}
            }
        }
        if entry.file_type().is_dir() {
            if self.is_foreign(path, device) {
                return Verdict::Skip("on another file system");
            }
            if entry.depth() == self.policy.depth {
                return Verdict::Skip("below the depth to scan");
            }
            return Verdict::Take;
        }
        let include = &self.policy.include;
        if !include.is_empty() && !include.is_match(root, path) {
            return Verdict::Skip("not named by --include");
        }
        Verdict::Take
    }

    /// Links to directories can lead everywhere, and there again. Each
    /// directory is entered through links once, and the links of procfs,
    /// which stand for what processes have open, are not entered at all.
    fn refuse_link(&mut self, path: &Path) -> Option<&'static str> {
        let parent = path.parent().and_then(identity);
        if parent.is_some() && parent.map(|id| id.0) == self.procfs {
            return Some("link of a process to a directory");
        }
        match identity(path) {
            Some(id) if !self.linked.insert(id) => {
                Some("symbolic link to a directory that was entered before")
            }
            _ => None,
        }
    }
}

enum Verdict {
    Take,
    Skip(&'static str),
}

fn skip_error(root: &Path, error: &walkdir::Error) -> Skip {
    let path = error.path().unwrap_or(root).to_owned();
    if error.loop_ancestor().is_some() {
        return Skip {
            path,
            reason: Reason::Excluded,
            detail: "symbolic link to a directory above it".to_owned(),
            bytes: None,
        };
    }
    let OpenError { mut reason, mut detail, .. } = match error.io_error() {
        Some(error) => OpenError::from_io(error),
        None => OpenError::new(Reason::CorruptMetadata, error.to_string()),
    };
    let is_link = path.symlink_metadata().is_ok_and(|m| m.is_symlink());
    if is_link && matches!(reason, Reason::Gone | Reason::SpecialFile) {
        reason = Reason::SpecialFile;
        detail = "symbolic link that leads nowhere".to_owned();
    }
    Skip { path, reason, detail, bytes: None }
}

/// What tells a file from all others.
#[cfg(unix)]
fn identity(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().ok().map(|meta| (meta.dev(), meta.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> Option<(u64, u64)> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn globs(patterns: &[&str]) -> Globs {
        let patterns: Vec<String> =
            patterns.iter().map(|p| (*p).to_owned()).collect();
        Globs::new(&patterns).unwrap()
    }

    #[test]
    fn a_glob_without_a_slash_is_about_the_name() {
        let globs = globs(&["*.log"]);
        let root = Path::new("/var");
        assert!(globs.is_match(root, Path::new("/var/a/b.log")));
        assert!(!globs.is_match(root, Path::new("/var/b.log/a")));
    }

    #[test]
    fn a_glob_with_a_slash_is_about_the_path() {
        let globs = globs(&["cache/*", "/var/www/**/tmp"]);
        let root = Path::new("/var");
        assert!(globs.is_match(root, Path::new("/var/cache/x")));
        assert!(!globs.is_match(root, Path::new("/var/a/cache/x")));
        assert!(globs.is_match(root, Path::new("/var/www/a/b/tmp")));
    }

    #[test]
    fn a_wrong_glob_is_an_error() {
        assert!(Globs::new(&["a[".to_owned()]).is_err());
    }
}
