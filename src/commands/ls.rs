//! `dragnet ls`

use std::io::{self, BufWriter, Write};
use std::path::Path;

use dragnet::{Entry, Object, Space, Unit, display_path, path_from_bytes};
use serde_json::{Value as Json, json};

use crate::args::LsArgs;
use crate::failure::{DONE, Failure, INCOMPLETE};
use crate::image::Image;
use crate::report::memory;

/// Lists what is in an image, and gives the exit code.
pub(crate) fn run(args: &LsArgs) -> Result<u8, Failure> {
    let image = open(&args.image, Unit::default())?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut list = || {
        for space in image.medium.spaces() {
            memory(&mut out, space, args.json)?;
        }
        for entry in &image.map.entries {
            object(&mut out, &image, entry, args.json)?;
        }
        out.flush()
    };
    list().map_err(|error| Failure::output(&error))?;
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

fn object(
    out: &mut impl Write,
    image: &Image,
    entry: &Entry,
    is_json: bool,
) -> io::Result<()> {
    let name = image.name(entry);
    let Object { kind, size, inode, .. } = &entry.object;
    if !is_json {
        let (kind, name) = (kind.name(), display_path(&name));
        return writeln!(out, "{kind:13} {size:>12} {inode:>12} {name}");
    }
    let path = path_from_bytes(&entry.object.path);
    let place = image.place(entry);
    let row = json!({
        "kind": kind.name(), "size": size, "inode": inode,
        "path": display_path(&path), "volume": place.volume,
        "fs": place.fs, "name": display_path(&name),
    });
    writeln!(out, "{row}")
}

/// The process, its modules and its regions.
fn memory(
    out: &mut impl Write,
    space: &Space,
    is_json: bool,
) -> io::Result<()> {
    let text = |bytes: &[u8]| display_path(&path_from_bytes(bytes));
    if is_json {
        let mut row = |kind: &str, mut fields: Json| {
            fields["kind"] = kind.into();
            writeln!(out, "{fields}")
        };
        row("process", memory::process(&space.process))?;
        for module in &space.modules {
            let (base, size) = (module.base, module.size);
            let base = format!("{base:#x}");
            let name = text(&module.name);
            let fields = json!({"base": base, "size": size, "name": name});
            row("module", fields)?;
        }
        for region in &space.regions {
            row("region", memory::region(region))?;
        }
        return Ok(());
    }
    let process = &space.process;
    if let Some(pid) = process.pid {
        let (name, line) = (text(&process.name), text(&process.command));
        writeln!(out, "process       {pid:>12} {name} {line}")?;
    }
    for module in &space.modules {
        let (base, size) = (module.base, module.size);
        let name = text(&module.name);
        writeln!(out, "module        {size:>12} {base:#x} {name}")?;
    }
    for region in &space.regions {
        let (start, length) = (region.start, region.length);
        let (kind, letters) =
            (region.kind.name(), region.protection.letters());
        let name = region.file.as_deref().map_or(String::new(), text);
        let line = format!("{start:#x} {letters} {kind} {name}");
        writeln!(out, "region        {length:>12} {}", line.trim_end())?;
    }
    Ok(())
}

/// Opens an image that has to be one.
pub(super) fn open(path: &Path, unit: Unit) -> Result<Image, Failure> {
    let opened = Image::open(path, unit);
    let opened = opened.map_err(|e| Failure::path(path, e))?;
    opened
        .ok_or_else(|| Failure::path(path, "this is no image of a known kind"))
}
