//! From the name of an object to its bytes.

use std::path::{Path, PathBuf};

use dragnet::{Content, Unit, path_bytes, path_from_bytes};

use crate::failure::Failure;
use crate::image::Image;

/// The object of an image that `scan` and `ls` call so.
pub(crate) fn find(wanted: &Path) -> Result<Content, Failure> {
    let path = image_of(wanted)?;
    // Of memory, the name says what the object is, but not of which kind.
    for unit in [Unit::Mapping, Unit::Module] {
        let image = super::ls::open(&path, unit)?;
        let entries = &image.map.entries;
        let entry = entries.iter().find(|entry| image.name(entry) == wanted);
        if let Some(content) = entry.and_then(|entry| image.content(entry)) {
            return Ok(content);
        }
        if image.medium.spaces().next().is_none() {
            break;
        }
    }
    let help = "there is no such object; `dragnet ls` lists all";
    Err(Failure::path(wanted, help))
}

/// The part of a name that is the path of a file. Names of files may hold
/// the separator themselves.
fn image_of(name: &Path) -> Result<PathBuf, Failure> {
    let bytes = path_bytes(name);
    let mut ends: Vec<usize> = (0..bytes.len())
        .filter(|at| bytes[*at..].starts_with(Image::SEPARATOR))
        .collect();
    ends.push(bytes.len());
    let paths = ends.iter().map(|end| path_from_bytes(&bytes[..*end]));
    let is_image =
        |path: &Path| path.is_file() || Image::pid_of(path).is_some();
    let found = paths.into_iter().find(|path| is_image(path));
    let found = found.map(|path| path.into_owned());
    found.ok_or_else(|| Failure::path(name, "there is no such image"))
}
