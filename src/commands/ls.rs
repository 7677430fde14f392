//! `dragnet ls`

use std::io::{self, BufWriter, Write};
use std::path::Path;

use dragnet::{Object, display_path, path_from_bytes};
use serde_json::json;

use crate::args::LsArgs;
use crate::failure::{DONE, Failure, INCOMPLETE};
use crate::image::Image;

/// Lists what is in an image, and gives the exit code.
pub(crate) fn run(args: &LsArgs) -> Result<u8, Failure> {
    let image = open(&args.image)?;
    let mut out = BufWriter::new(io::stdout().lock());
    for entry in &image.map.entries {
        let name = image.name(entry);
        let Object { kind, size, inode, .. } = &entry.object;
        let written = if args.json {
            let path = path_from_bytes(&entry.object.path);
            let place = image.place(entry);
            let row = json!({
                "kind": kind.name(), "size": size, "inode": inode,
                "path": display_path(&path), "volume": place.volume,
                "fs": place.fs, "name": display_path(&name),
            });
            writeln!(out, "{row}")
        } else {
            let (kind, name) = (kind.name(), display_path(&name));
            writeln!(out, "{kind:13} {size:>12} {inode:>12} {name}")
        };
        written.map_err(|error| Failure::output(&error))?;
    }
    out.flush().map_err(|error| Failure::output(&error))?;
    let mut code = DONE;
    for (name, problem) in image.problems() {
        let (reason, detail) = (problem.reason.name(), &problem.detail);
        let name = display_path(&name);
        let _ = writeln!(io::stderr(), "{reason}: {name}: {detail}");
        if problem.reason.is_incomplete() {
            code = INCOMPLETE;
        }
    }
    Ok(code)
}

/// Opens an image that has to be one.
pub(super) fn open(path: &Path) -> Result<Image, Failure> {
    let opened = Image::open(path).map_err(|e| Failure::path(path, e))?;
    opened
        .ok_or_else(|| Failure::path(path, "this is no image of a known kind"))
}
