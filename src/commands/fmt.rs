//! `dragnet fmt`

use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use dragnet::{NotFormatted, display_path, format_rules};
use rayon::prelude::*;

use crate::args::FmtArgs;
use crate::config::Config;
use crate::failure::{DONE, FINDINGS, Failure, UNUSABLE};
use crate::load::use_colours;
use crate::render::Renderer;
use crate::replace;

/// Formats, and gives the exit code.
pub(crate) fn run(args: &FmtArgs) -> Result<u8, Failure> {
    let here = [PathBuf::from(".")];
    let paths = match args.paths.as_slice() {
        [] => &here,
        paths => paths,
    };
    let mut out = io::stdout().lock();
    let mut changed = false;
    let mut refused = false;
    for path in paths {
        if path.as_os_str() == "-" {
            match standard_input(args, &mut out)? {
                Some(differs) => changed |= differs,
                None => refused = true,
            }
            continue;
        }
        let files = dragnet::rule_files(path)
            .map_err(|error| Failure::path(path, error))?;
        // Files are formatted side by side, and spoken of in their order.
        let pages: Vec<Page> =
            files.par_iter().map(|file| Page::of(args, file)).collect();
        for page in pages {
            let _ = io::stderr().write_all(&page.err);
            out.write_all(&page.out)
                .map_err(|error| Failure::output(&error))?;
            match page.result? {
                Some(differs) => changed |= differs,
                None => refused = true,
            }
        }
    }
    out.flush().map_err(|error| Failure::output(&error))?;
    Ok(match (refused, changed && args.check) {
        (true, _) => UNUSABLE,
        (false, true) => FINDINGS,
        (false, false) => DONE,
    })
}

/// What came of a file.
struct Page {
    out: Vec<u8>,
    err: Vec<u8>,
    result: Result<Option<bool>, Failure>,
}

impl Page {
    fn of(args: &FmtArgs, path: &Path) -> Page {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let result = one(args, path, &mut out, &mut err);
        Page { out, err, result }
    }
}

/// Does the file change? `None` if it cannot be formatted.
fn one(
    args: &FmtArgs,
    path: &Path,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<Option<bool>, Failure> {
    let text =
        std::fs::read(path).map_err(|error| Failure::path(path, error))?;
    let style = Config::find(path).map_err(Failure::usage)?.style();
    let name = display_path(path);
    let Some(new) = formatted(&name, &text, &style, err) else {
        return Ok(None);
    };
    if new == text {
        return Ok(Some(false));
    }
    if args.check || args.diff {
        show(args, &name, [&text, &new], out)?;
    } else {
        replace::file(path, &new)
            .map_err(|error| Failure::path(path, error))?;
    }
    Ok(Some(true))
}

/// Says what would change: a check names the file, which costs nothing.
fn show(
    args: &FmtArgs,
    name: &str,
    [text, new]: [&[u8]; 2],
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let written = match args.diff {
        true => replace::write_diff(name, text, new, out),
        false => writeln!(out, "would reformat: {name}"),
    };
    written.map_err(|error| Failure::output(&error))
}

fn standard_input(
    args: &FmtArgs,
    out: &mut dyn Write,
) -> Result<Option<bool>, Failure> {
    let mut text = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut text)
        .map_err(|error| Failure::usage(format!("<stdin>: {error}")))?;
    let style = Config::find(Path::new(".")).map_err(Failure::usage)?.style();
    let err = &mut io::stderr();
    let Some(new) = formatted("<stdin>", &text, &style, err) else {
        return Ok(None);
    };
    let differs = new != text;
    if !args.check && !args.diff {
        out.write_all(&new).map_err(|error| Failure::output(&error))?;
    } else if differs {
        show(args, "<stdin>", [&text, &new], out)?;
    }
    Ok(Some(differs))
}

/// The formatted text; says why there is none.
fn formatted(
    name: &str,
    text: &[u8],
    style: &dragnet::Style,
    err: &mut dyn Write,
) -> Option<Vec<u8>> {
    let errors = match format_rules(text, style) {
        Ok(new) => return Some(new),
        Err(NotFormatted::Syntax(errors)) => errors,
        Err(NotFormatted::Defect) => {
            let _ = writeln!(
                err,
                "error: {name}: defect in dragnet, please report: the \
                 formatted text would mean something else"
            );
            return None;
        }
    };
    let mut sources = dragnet::source::SourceMap::default();
    sources.add(name, text);
    let colours = use_colours(io::stderr().is_terminal());
    // Nobody is there to read if standard error is closed.
    let _ = Renderer::new(&sources, colours).write_all(&errors, err);
    let _ = writeln!(err, "error: {name}: not formatted");
    None
}
