//! Includes from the file system.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dragnet_compiler::source::{IncludeError, Included, Loader};
use dragnet_evidence::Opener;

use crate::files::{display_path, path_from_bytes};

/// Finds an included file beside the file that includes it, then in the
/// given directories, in order; without directories, in the current one.
#[derive(Clone, Debug, Default)]
pub struct FileLoader {
    /// Where to look after the directory of the including file.
    pub directories: Vec<PathBuf>,
}

impl FileLoader {
    fn candidates(&self, path: &Path, from: Option<&str>) -> Vec<PathBuf> {
        let beside = from
            .and_then(|key| Path::new(key).parent())
            .map(|parent| parent.join(path));
        let mut all: Vec<PathBuf> = beside.into_iter().collect();
        if self.directories.is_empty() {
            all.push(path.to_owned());
        }
        all.extend(self.directories.iter().map(|dir| dir.join(path)));
        // Two ways to one place are one place.
        let mut seen = HashSet::new();
        all.retain(|path| match std::path::absolute(path) {
            Ok(full) => seen.insert(full),
            Err(_) => true,
        });
        all
    }
}

impl Loader for FileLoader {
    fn load(
        &self,
        path: &[u8],
        from: Option<&str>,
    ) -> Result<Included, IncludeError> {
        let candidates = self.candidates(&path_from_bytes(path), from);
        let mut opener = Opener::default();
        let found = candidates.iter().find(|path| path.exists());
        if let Some(found) = found {
            let data = opener
                .open(found)
                .map_err(|error| IncludeError::Unreadable(error.detail))?;
            let text = Arc::from(data.bytes());
            return Ok(Included {
                key: key_of(found),
                name: display_path(found),
                text,
            });
        }
        let tried = candidates.iter().map(|path| display_path(path));
        Err(IncludeError::NotFound(tried.collect()))
    }
}

/// The name by which a file is known, however it was reached.
pub(crate) fn key_of(path: &Path) -> String {
    let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    // A path that is not UTF-8 still has a parent to look in.
    full.into_os_string()
        .into_string()
        .unwrap_or_else(|other| other.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_directory_of_the_including_file_comes_first() {
        let loader = FileLoader { directories: vec!["lib".into()] };
        let found =
            loader.candidates(Path::new("a.yar"), Some("/rules/main.yar"));
        let expected = ["/rules/a.yar", "lib/a.yar"].map(PathBuf::from);
        assert_eq!(found, expected);
    }

    #[test]
    fn without_directories_the_current_one_is_tried() {
        let loader = FileLoader::default();
        let found = loader.candidates(Path::new("a.yar"), None);
        assert_eq!(found, [PathBuf::from("a.yar")]);
    }

    #[test]
    fn a_place_is_looked_at_once() {
        let here = std::path::absolute("main.yar").unwrap();
        let loader = FileLoader { directories: vec![".".into()] };
        let found = loader.candidates(Path::new("a.yar"), here.to_str());
        assert_eq!(found, [here.with_file_name("a.yar")]);
    }

    #[test]
    fn a_missing_file_names_the_places() {
        let loader = FileLoader { directories: vec!["/nowhere".into()] };
        let error = loader.load(b"x.yar", None).unwrap_err();
        let places = vec!["/nowhere/x.yar".to_owned()];
        assert_eq!(error, IncludeError::NotFound(places));
    }
}
