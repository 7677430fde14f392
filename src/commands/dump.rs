//! `dragnet dump`

use std::io::{self, BufWriter, Write};
use std::path::Path;

use dragnet::{FileData, ModuleValue, OpenCx, Opened, Opener, Tree};

use crate::args::{DumpArgs, DumpFormat};
use crate::commands::scan::module_data;
use crate::failure::{DONE, Failure, UNUSABLE};
use crate::report::{TreeJson, readable_bytes};
use crate::worker::open_module;

/// Prints what the modules know, and gives the exit code.
pub(crate) fn run(args: &DumpArgs) -> Result<u8, Failure> {
    let wanted = wanted(&args.modules)?;
    let given = module_data(&args.module_data)?;
    let mut opener = Opener::default();
    let mut stream = Vec::new();
    let file;
    let data = match args.file.as_deref().filter(|f| *f != Path::new("-")) {
        Some(path) => {
            file = opener
                .open(path)
                .map_err(|error| Failure::path(path, error))?;
            FileData::bytes(&file)
        }
        None => {
            let limit = dragnet::DEFAULT_READ_LIMIT;
            dragnet::read_stream(io::stdin().lock(), &mut stream, limit)
                .map_err(Failure::usage)?;
            &stream
        }
    };
    let open = |name: &'static str| {
        let opened = open_module(name, &given, OpenCx::new(data));
        opened.map(|opened| (name, opened))
    };
    let opened: Vec<(&str, Opened<'_>)> = match wanted {
        Some(names) => names.into_iter().filter_map(open).collect(),
        None => {
            let all = dragnet::module_names().into_iter().filter_map(open);
            all.filter(|(_, module)| module.recognises()).collect()
        }
    };
    let trees = opened.iter().map(|(name, module)| (*name, module.tree()));
    let tree = Tree::Struct(trees.collect());
    write(&tree, args.format)
        .map_err(|error| Failure::output(&error))
        .map(|()| DONE)
}

/// The modules that were asked for, each once, in the order of the command
/// line; `None` if none was.
fn wanted(names: &[String]) -> Result<Option<Vec<&'static str>>, Failure> {
    let all = dragnet::module_names();
    let mut wanted = Vec::new();
    for name in names {
        let known = all.iter().find(|known| *known == name);
        let Some(known) = known else {
            let message = format!(
                "there is no module `{name}`; there are {}",
                all.join(", ")
            );
            return Err(Failure { message, code: UNUSABLE });
        };
        if !wanted.contains(known) {
            wanted.push(*known);
        }
    }
    Ok((!wanted.is_empty()).then_some(wanted))
}

fn write(tree: &Tree<'_>, format: DumpFormat) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    match format {
        DumpFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &TreeJson(tree))?;
            writeln!(out)?;
        }
        DumpFormat::Yaml => {
            let is_empty = matches!(tree, Tree::Struct(m) if m.is_empty());
            if !is_empty {
                yaml(&mut out, tree, 0)?;
            }
        }
    }
    out.flush()
}

/// The lines of a tree. The first one is not indented: what it belongs to
/// stands in front of it.
fn yaml(
    out: &mut impl Write,
    tree: &Tree<'_>,
    depth: usize,
) -> io::Result<()> {
    match tree {
        Tree::Value(ModuleValue::Float(float)) => writeln!(out, "{float:?}"),
        Tree::Value(_) => {
            serde_json::to_writer(&mut *out, &TreeJson(tree))?;
            writeln!(out)
        }
        Tree::Struct(members) => {
            for (at, (name, value)) in members.iter().enumerate() {
                entry(out, name, value, depth, at == 0)?;
            }
            Ok(())
        }
        Tree::Map(items) => {
            for (at, (key, value)) in items.iter().enumerate() {
                let key = serde_json::to_string(&readable_bytes(key))?;
                entry(out, &key, value, depth, at == 0)?;
            }
            Ok(())
        }
        Tree::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                indent(out, depth, at == 0)?;
                write!(out, "- ")?;
                match item {
                    Some(item) => yaml(out, item, depth + 1)?,
                    None => writeln!(out, "null")?,
                }
            }
            Ok(())
        }
    }
}

fn entry(
    out: &mut impl Write,
    key: &str,
    value: &Tree<'_>,
    depth: usize,
    is_first: bool,
) -> io::Result<()> {
    indent(out, depth, is_first)?;
    write!(out, "{key}:")?;
    if matches!(value, Tree::Value(_)) {
        write!(out, " ")?;
    } else {
        writeln!(out)?;
        indent(out, depth + 1, false)?;
    }
    yaml(out, value, depth + 1)
}

fn indent(
    out: &mut impl Write,
    depth: usize,
    is_done: bool,
) -> io::Result<()> {
    let spaces = if is_done { 0 } else { 2 * depth };
    write!(out, "{:spaces$}", "")
}
