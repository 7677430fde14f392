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
    /// Files, and directories that are new or ignored as a whole.
    paths: HashSet<PathBuf>,
}

impl Differences {
    /// Does the file differ, or is it unknown whether it does?
    pub(crate) fn has(&self, path: &Path) -> bool {
        let (Ok(full), Ok(directory)) =
            (path.canonicalize(), parent(path).canonicalize())
        else {
            return true;
        };
        // Of a link git knows the link, and perhaps the file.
        let written = directory.join(path.file_name().unwrap_or_default());
        [full, written].iter().any(|path| {
            !path.starts_with(&self.root)
                || path.ancestors().any(|part| self.paths.contains(part))
        })
    }
}

/// What differs from a revision in the repository around a path; new files
/// and those that git ignores are among it.
pub(crate) fn differences(
    revision: &str,
    path: &Path,
) -> Result<Differences, Failure> {
    check(revision, path)?;
    let failed = || unknown(revision, path);
    let root = git(directory(path), &["rev-parse", "--show-toplevel"], None);
    let root = root.ok_or_else(failed)?;
    let root = dragnet::path_from_bytes(root.trim_ascii_end()).into_owned();
    let root = root.canonicalize().map_err(|e| Failure::path(&root, e))?;
    let others = ["ls-files", "--others", "--directory", "-z"];
    let mut paths = HashSet::new();
    for arguments in [
        &["diff", "--name-only", "-z", "--no-renames", revision, "--"][..],
        &others,
    ] {
        let listed = git(&root, arguments, None).ok_or_else(failed)?;
        let names = listed.split(|byte| *byte == 0).filter(|n| !n.is_empty());
        paths.extend(names.map(|n| root.join(dragnet::path_from_bytes(n))));
    }
    Ok(Differences { root, paths })
}

/// Where the branch left the default one; on that branch itself, the commit
/// before the last.
pub(crate) fn base(path: &Path) -> Result<String, Failure> {
    let ask = |arguments: &[&str]| {
        let id = git(directory(path), arguments, None)?;
        let id = String::from_utf8_lossy(id.trim_ascii_end()).into_owned();
        (!id.is_empty()).then_some(id)
    };
    let branches =
        ["origin/HEAD", "origin/main", "origin/master", "main", "master"];
    let bases = branches.iter();
    let mut bases = bases
        .filter_map(|name| Some((ask(&["merge-base", "HEAD", name])?, name)));
    let found = bases.next().and_then(|(base, default)| {
        let full = ask(&["rev-parse", "--abbrev-ref", default])?;
        let default = full.trim_start_matches("origin/");
        // In CI, no branch at all is what was pushed last.
        let own = ask(&["symbolic-ref", "--quiet", "--short", "HEAD"]);
        let is_own = own.is_some_and(|own| own != default);
        match ask(&["rev-parse", "--verify", "--quiet", "HEAD"]) {
            Some(head) if head == base && !is_own => {
                ask(&["rev-parse", "--verify", "--quiet", "HEAD^"])
            }
            _ => Some(base),
        }
    });
    found.ok_or_else(|| {
        let message = "there is nothing here to compare with: name a \
                       revision, `--changed=REF`";
        Failure::path(path, message)
    })
}

/// Is there such a revision?
pub(crate) fn check(revision: &str, path: &Path) -> Result<(), Failure> {
    let directory = directory(path);
    let object = format!("{revision}^{{commit}}");
    let arguments = ["rev-parse", "--verify", "--quiet", &object];
    // What begins with a dash would be an option.
    let found = !revision.starts_with('-')
        && git(directory, &arguments, None).is_some();
    found.then_some(()).ok_or_else(|| unknown(revision, path))
}

fn unknown(revision: &str, path: &Path) -> Failure {
    let inside = ["rev-parse", "--is-inside-work-tree"];
    let message = match git(directory(path), &inside, None) {
        None => "there is no git repository here".to_owned(),
        Some(_) => format!(
            "there is no revision `{revision}` here; in a shallow clone, \
             `git fetch --unshallow` brings it"
        ),
    };
    Failure::path(path, message)
}

fn directory(path: &Path) -> &Path {
    if path.is_dir() { path } else { parent(path) }
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
