//! New content for files: shown as a difference, or written.

use std::io::{self, Write};
#[cfg(unix)]
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use similar::{Algorithm, TextDiff};
use tempfile::NamedTempFile;

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
    let other = beside(&path, new)?;
    let permissions = path.metadata()?.permissions();
    other.as_file().set_permissions(permissions)?;
    other.persist(&path)?;
    Ok(())
}

/// Writes a file that is not there yet, all of it or nothing.
pub(crate) fn new_file(path: &Path, content: &[u8]) -> io::Result<()> {
    beside(path, content)?.persist_noclobber(path)?;
    Ok(())
}

/// Writes a result to where the user wants it: nobody ever sees half of a
/// file, and a device or a pipe is written to, not replaced.
pub(crate) fn output(path: &Path, content: &[u8]) -> io::Result<()> {
    match path.metadata() {
        Ok(meta) if meta.is_file() => file(path, content),
        Ok(_) => std::fs::write(path, content),
        Err(_) => new_file(path, content),
    }
}

fn beside(path: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|path| !path.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    // Readable for those who may read what this user writes.
    #[cfg(unix)]
    builder.permissions(PermissionsExt::from_mode(0o666));
    let mut other = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    other.write_all(content)?;
    other.as_file().sync_data()?;
    Ok(other)
}
