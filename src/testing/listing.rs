//! `NAME.files`: the files of a corpus, one a line, as `PATH [SHA256] [SIZE]`
//! or as `sha256sum` writes them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// What a list says of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) sha256: Option<String>,
    pub(super) size: Option<u64>,
}

/// The files to look at, each with all that lists say of it.
pub(super) type Files = BTreeMap<PathBuf, Vec<Expected>>;

/// Adds the files of a list. Names are relative to it.
pub(super) fn read(path: &Path, files: &mut Files) -> Result<(), Failure> {
    let text =
        std::fs::read(path).map_err(|error| Failure::path(path, error))?;
    let directory = path.parent().unwrap_or(Path::new(""));
    for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        let is_there = |name: &[u8]| {
            directory.join(dragnet::path_from_bytes(name)).exists()
        };
        let (name, expected) = entry(line, is_there);
        if is_uri(name) {
            let name = String::from_utf8_lossy(name);
            let message = format!(
                "line {number}: `{name}` is a URI; nothing is fetched, so \
                 name a file"
            );
            return Err(Failure::path(path, message));
        }
        let name = directory.join(dragnet::path_from_bytes(name));
        files.entry(name).or_default().push(expected);
    }
    Ok(())
}

/// Reads a line from its end, for names hold blanks. A number at the end is
/// a size, unless a file is called so.
fn entry(line: &[u8], is_there: impl Fn(&[u8]) -> bool) -> (&[u8], Expected) {
    let (before, last) = last_word(line);
    if is_digest(last) && !before.is_empty() {
        return (before, Expected { sha256: digest(last), size: None });
    }
    let size = number(last).filter(|_| !before.is_empty());
    if size.is_some() {
        let (name, word) = last_word(before);
        if is_digest(word) && !name.is_empty() {
            return (name, Expected { sha256: digest(word), size });
        }
    }
    // `sha256sum` puts the digest first, and a star before some names.
    if let Some((first, name)) = line.split_at_checked(64)
        && is_digest(first)
        && name.first().is_some_and(u8::is_ascii_whitespace)
    {
        let name = name.trim_ascii_start();
        let name = name.strip_prefix(b"*").unwrap_or(name);
        return (name, Expected { sha256: digest(first), size: None });
    }
    match size {
        Some(_) if !is_there(line) => {
            (before, Expected { sha256: None, size })
        }
        _ => (line, Expected::default()),
    }
}

/// The last word, and what is before it.
fn last_word(line: &[u8]) -> (&[u8], &[u8]) {
    match line.iter().rposition(u8::is_ascii_whitespace) {
        Some(at) => (line[..at].trim_ascii_end(), &line[at + 1..]),
        None => (b"", line),
    }
}

fn is_digest(word: &[u8]) -> bool {
    word.len() == 64 && word.iter().all(u8::is_ascii_hexdigit)
}

fn digest(word: &[u8]) -> Option<String> {
    Some(String::from_utf8_lossy(word).to_ascii_lowercase())
}

fn number(word: &[u8]) -> Option<u64> {
    let digits = word.iter().all(u8::is_ascii_digit);
    digits.then(|| std::str::from_utf8(word).ok()?.parse().ok()).flatten()
}

/// `scheme://...`
fn is_uri(name: &[u8]) -> bool {
    let end = name.iter().position(|byte| *byte == b':').unwrap_or(0);
    end > 0
        && name[end..].starts_with(b"://")
        && name[..end]
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_from_their_end() {
        let sha =
            "8ED3F6AD685B959EAD7022518E1AF76CD816F8E8EC7CCDDA1ED4018E8F2223F8";
        let (is, none) = (Some(sha.to_ascii_lowercase()), None);
        for (line, name, sha256, size) in [
            ("a b.php".to_owned(), "a b.php", &none, None),
            (format!("a  b.php {sha}"), "a  b.php", &is, None),
            (format!("a b.php {sha} 12"), "a b.php", &is, Some(12)),
            ("a b.php 12".to_owned(), "a b.php", &none, Some(12)),
            // There is a file of this name.
            ("part 7".to_owned(), "part 7", &none, None),
            (format!("part 7 {sha}"), "part 7", &is, None),
            (format!("{sha}  part 9"), "part 9", &is, None),
            (format!("{sha} *a.php"), "a.php", &is, None),
            (sha.to_owned(), sha, &none, None),
            ("12".to_owned(), "12", &none, None),
        ] {
            let (found, expected) =
                entry(line.as_bytes(), |name| name == b"part 7");
            assert_eq!(found, name.as_bytes(), "{line}");
            let sha256 = sha256.clone();
            assert_eq!(expected, Expected { sha256, size }, "{line}");
        }
    }

    #[test]
    fn uris_are_known() {
        for uri in ["https://a/b", "file:///a", "git+ssh://x"] {
            assert!(is_uri(uri.as_bytes()), "{uri}");
        }
        for path in ["a/b", "C:/a", "a b://c", "://", "a:b"] {
            assert!(!is_uri(path.as_bytes()), "{path}");
        }
    }
}
