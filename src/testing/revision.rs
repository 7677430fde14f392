//! Files as they were at a revision of the repository they lie in.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;

/// The files below some paths at a revision: name and content.
pub(crate) type Files = Vec<(PathBuf, Vec<u8>)>;

/// The rule files below a path at a revision, under their present names.
pub(crate) fn rule_files(
    revision: &str,
    path: &Path,
) -> Result<Files, Failure> {
    check(revision, path)?;
    let (directory, name) = if path.is_dir() {
        (path, Path::new("."))
    } else {
        let name = path.file_name().map_or(path, Path::new);
        (parent(path), name)
    };
    let listed = git(
        directory,
        &["ls-tree", "-r", "--name-only", "-z", revision, "--"],
        Some(name),
    )
    .ok_or_else(|| unknown(revision, path))?;
    let mut files = Vec::new();
    for name in listed.split(|byte| *byte == 0).filter(|n| !n.is_empty()) {
        let name = dragnet::path_from_bytes(name).into_owned();
        let extension = name.extension().unwrap_or_default();
        let is_rule = dragnet::RULE_EXTENSIONS
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known));
        // A file that is named is one whatever its name.
        if !is_rule && path.is_dir() {
            continue;
        }
        let full = directory.join(&name);
        if let Some(text) = file(revision, &full)? {
            files.push((full, text));
        }
    }
    Ok(files)
}

/// A file at a revision; `None` if it was not there.
pub(crate) fn file(
    revision: &str,
    path: &Path,
) -> Result<Option<Vec<u8>>, Failure> {
    let Some(name) = path.file_name() else { return Ok(None) };
    let name = name.to_string_lossy();
    let object = format!("{revision}:./{name}");
    Ok(git(parent(path), &["show", &object], None))
}

/// The files of a repository that differ from a revision.
pub(crate) struct Differences {
    /// Its directory. Nothing is known of files elsewhere.
    root: PathBuf,
    paths: HashSet<PathBuf>,
}

impl Differences {
    /// Does the file differ, or is it unknown whether it does?
    pub(crate) fn has(&self, path: &Path) -> bool {
        match path.canonicalize() {
            Ok(full) => {
                !full.starts_with(&self.root) || self.paths.contains(&full)
            }
            Err(_) => true,
        }
    }
}

/// What differs from a revision in the repository around a path, new files
/// among it.
pub(crate) fn differences(
    revision: &str,
    path: &Path,
) -> Result<Differences, Failure> {
    check(revision, path)?;
    let failed = || unknown(revision, path);
    let directory = if path.is_dir() { path } else { parent(path) };
    let root = git(directory, &["rev-parse", "--show-toplevel"], None);
    let root = root.ok_or_else(failed)?;
    let root = dragnet::path_from_bytes(root.trim_ascii_end()).into_owned();
    let root = root.canonicalize().map_err(|e| Failure::path(&root, e))?;
    let mut paths = HashSet::new();
    for arguments in [
        &["diff", "--name-only", "-z", "--no-renames", revision, "--"][..],
        &["ls-files", "--others", "--exclude-standard", "-z"],
    ] {
        let listed = git(&root, arguments, None).ok_or_else(failed)?;
        let names = listed.split(|byte| *byte == 0).filter(|n| !n.is_empty());
        paths.extend(names.map(|n| root.join(dragnet::path_from_bytes(n))));
    }
    Ok(Differences { root, paths })
}

/// Where the branch left the default one.
pub(crate) fn base(path: &Path) -> Result<String, Failure> {
    let directory = if path.is_dir() { path } else { parent(path) };
    let branches =
        ["origin/HEAD", "origin/main", "origin/master", "main", "master"];
    let found = branches
        .iter()
        .find_map(|name| git(directory, &["merge-base", "HEAD", name], None));
    match found {
        Some(id) => Ok(String::from_utf8_lossy(id.trim_ascii_end()).into()),
        None => Err(Failure::path(
            path,
            "no default branch is known here: name a revision, \
             `--changed=REF`",
        )),
    }
}

/// Is there such a revision?
pub(crate) fn check(revision: &str, path: &Path) -> Result<(), Failure> {
    let directory = if path.is_dir() { path } else { parent(path) };
    let object = format!("{revision}^{{commit}}");
    let arguments = ["rev-parse", "--verify", "--quiet", &object];
    // What begins with a dash would be an option.
    let found = !revision.starts_with('-')
        && git(directory, &arguments, None).is_some();
    found.then_some(()).ok_or_else(|| unknown(revision, path))
}

fn unknown(revision: &str, path: &Path) -> Failure {
    let message = format!(
        "there is no revision `{revision}` here; in a shallow clone, \
         `git fetch --unshallow` brings it"
    );
    Failure::path(path, message)
}

fn parent(path: &Path) -> &Path {
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

fn git(
    directory: &Path,
    arguments: &[&str],
    path: Option<&Path>,
) -> Option<Vec<u8>> {
    let mut command = Command::new("git");
    command.current_dir(directory).args(arguments).args(path);
    let output = command.output().ok()?;
    output.status.success().then_some(output.stdout)
}
