//! `dragnet cat`

use std::io::{self, Write};
use std::path::Path;

use dragnet::{Source, path_bytes, path_from_bytes};

use crate::args::CatArgs;
use crate::failure::{DONE, Failure};
use crate::image::Image;

/// Bytes that are read at a time.
const STEP: usize = 1 << 20;

/// Writes an object, and gives the exit code.
pub(crate) fn run(args: &CatArgs) -> Result<u8, Failure> {
    let wanted = Path::new(&args.object);
    let image = super::ls::open(&image_of(wanted)?)?;
    let entries = &image.map.entries;
    let entry = entries.iter().find(|entry| image.name(entry) == wanted);
    let Some(entry) = entry else {
        let help = "there is no such object; `dragnet ls` lists all";
        return Err(Failure::path(wanted, help));
    };
    let Some(content) = image.content(entry) else { return Ok(DONE) };
    let mut out = io::stdout().lock();
    let mut buf = vec![0; STEP];
    let mut at = 0;
    loop {
        let count = content
            .read_at(at, &mut buf)
            .map_err(|error| Failure::path(wanted, error))?;
        if count == 0 {
            break;
        }
        out.write_all(&buf[..count])
            .map_err(|error| Failure::output(&error))?;
        at += count as u64;
    }
    out.flush().map_err(|error| Failure::output(&error))?;
    Ok(DONE)
}

/// The part of a name that is the path of a file. Names of files may hold
/// the separator themselves.
fn image_of(name: &Path) -> Result<std::path::PathBuf, Failure> {
    let bytes = path_bytes(name);
    let mut ends: Vec<usize> = (0..bytes.len())
        .filter(|at| bytes[*at..].starts_with(Image::SEPARATOR))
        .collect();
    ends.push(bytes.len());
    let paths = ends.iter().map(|end| path_from_bytes(&bytes[..*end]));
    let found = paths.into_iter().find(|path| path.is_file());
    let found = found.map(|path| path.into_owned());
    found.ok_or_else(|| Failure::path(name, "there is no such image"))
}
