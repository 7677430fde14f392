//! Files as they were at a revision of the repository they lie in.

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
