//! New content for files: shown as a difference, or written.

use std::io::{self, Write};
use std::path::Path;

use similar::{Algorithm, TextDiff};

/// Writes the difference in the unified form.
pub(crate) fn write_diff(
    name: &str,
    old: &[u8],
    new: &[u8],
    out: &mut dyn Write,
) -> io::Result<()> {
    // The usual algorithm is slow where very much changed.
    let diff = TextDiff::configure()
        .algorithm(Algorithm::Patience)
        .diff_lines(old, new);
    let mut diff = diff.unified_diff();
    diff.context_radius(3).header(name, name).to_writer(out)
}

/// Puts new content into the place of a file, all of it or nothing.
pub(crate) fn file(path: &Path, new: &[u8]) -> io::Result<()> {
    // A link stays a link.
    let path = path.canonicalize()?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut other = tempfile::NamedTempFile::new_in(folder)?;
    other.write_all(new)?;
    let permissions = path.metadata()?.permissions();
    other.as_file().set_permissions(permissions)?;
    other.persist(&path)?;
    Ok(())
}
