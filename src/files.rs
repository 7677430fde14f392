//! Paths: how they are shown, and which of them are rule files.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

/// Extensions of the files that are taken from a directory of rules.
pub const RULE_EXTENSIONS: [&str; 2] = ["yar", "yara"];

/// The rule files at `path`: the path itself, or, for a directory, all files
/// below it with one of [`RULE_EXTENSIONS`], sorted.
///
/// # Errors
/// The path or a directory below it cannot be read.
pub fn rule_files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.metadata()?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let walk = walkdir::WalkDir::new(path)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter();
    let mut files = Vec::new();
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            // The directory is read through its other name.
            Err(error) if error.loop_ancestor().is_some() => continue,
            Err(error) => return Err(error.into()),
        };
        if entry.file_type().is_file() && is_rule_file(entry.path()) {
            files.push(entry.into_path());
        }
    }
    Ok(files)
}

/// Reads rules, source or compiled, from whatever the user names: a pipe is
/// as good as a file.
pub(crate) fn read_rules(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    // No source file is larger than this.
    let limit = u64::from(u32::MAX);
    dragnet_evidence::read_stream(file, &mut bytes, limit)
        .map_err(io::Error::other)?;
    Ok(bytes)
}

fn is_rule_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| {
        RULE_EXTENSIONS.iter().any(|e| extension.eq_ignore_ascii_case(e))
    })
}

/// A path for people: bytes that are not UTF-8 and control characters are
/// escaped, so that a line stays a line.
pub fn display_path(path: &Path) -> String {
    let mut shown = String::new();
    for chunk in path_bytes(path).utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_control() {
                shown.extend(c.escape_default());
            } else {
                shown.push(c);
            }
        }
        for byte in chunk.invalid() {
            shown.push_str(&format!("\\x{byte:02x}"));
        }
    }
    shown
}

#[cfg(unix)]
/// A path of these bytes, where the system allows it.
pub fn path_from_bytes(bytes: &[u8]) -> Cow<'_, Path> {
    use std::os::unix::ffi::OsStrExt;
    Cow::Borrowed(Path::new(OsStr::from_bytes(bytes)))
}

#[cfg(not(unix))]
/// A path of these bytes, where the system allows it.
pub fn path_from_bytes(bytes: &[u8]) -> Cow<'_, Path> {
    match String::from_utf8_lossy(bytes) {
        Cow::Borrowed(text) => Cow::Borrowed(Path::new(text)),
        Cow::Owned(text) => Cow::Owned(PathBuf::from(text)),
    }
}

/// The bytes of a path.
pub fn path_bytes(path: &Path) -> &[u8] {
    let text: &OsStr = path.as_os_str();
    text.as_encoded_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_one_line() {
        let path = path_from_bytes(b"a\nb\xff\x1b[0m\xc3\xa9");
        assert_eq!(display_path(&path), "a\\nb\\xff\\u{1b}[0mé");
    }

    #[test]
    fn rule_files_are_known_by_extension() {
        assert!(is_rule_file(Path::new("a.yar")));
        assert!(is_rule_file(Path::new("a.YARA")));
        assert!(!is_rule_file(Path::new("a.txt")));
        assert!(!is_rule_file(Path::new("yar")));
    }
}
