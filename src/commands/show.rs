//! `dragnet show`

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::ops::Range;
use std::path::Path;

use dragnet::{FileSource, Origin, Source};

use crate::args::ShowArgs;
use crate::failure::{DONE, Failure};
use crate::load::use_colours;

/// Bytes in a line.
const LINE: usize = 16;
/// Most bytes that are shown.
const MOST: u64 = 1 << 20;

/// Prints bytes of an object, and gives the exit code.
pub(crate) fn run(args: &ShowArgs) -> Result<u8, Failure> {
    let name = Path::new(&args.object);
    let (source, base): (Box<dyn Source>, _) = if name.is_file() {
        let open = File::open(name).and_then(FileSource::new);
        (Box::new(open.map_err(|error| Failure::path(name, error))?), None)
    } else {
        let content = super::object::find(name)?;
        let base = content.object().address;
        (Box::new(content), base)
    };
    let size = source.len().unwrap_or(0);
    // In memory, places are addresses.
    let offset = match base {
        Some(base) if args.offset >= base => args.offset - base,
        _ => args.offset,
    };
    if offset >= size {
        let message = format!("it has no byte {:#x}, but {size}", args.offset);
        return Err(Failure::path(name, message));
    }
    let end = offset.saturating_add(args.length).min(size);
    let hit = offset..end.min(offset.saturating_add(MOST));
    if hit.end < end {
        let _ = writeln!(io::stderr(), "only {MOST} bytes of it are shown");
    }
    let line = LINE as u64;
    let context = args.context.min(MOST);
    let from = hit.start.saturating_sub(context) / line * line;
    let to = hit.end.saturating_add(context);
    let to = to.checked_next_multiple_of(line).unwrap_or(size).min(size);
    let mut bytes = vec![0; to.saturating_sub(from) as usize];
    let count = source
        .read_at(from, &mut bytes)
        .map_err(|error| Failure::path(name, error))?;
    bytes.truncate(count);
    let stdout = io::stdout();
    let colours = use_colours(stdout.is_terminal());
    let mut out = BufWriter::new(stdout.lock());
    let mut last = None;
    let mut print = || {
        for (number, part) in bytes.chunks(LINE).enumerate() {
            let at = from.saturating_add((number * LINE) as u64);
            // Where the line lies is said when it does not follow the last.
            let origin = source.origin(at);
            if last.is_none_or(|last| !follows(last, at, origin)) {
                writeln!(out, "{}", place(origin.as_ref()))?;
            }
            last = Some((at, origin));
            dump(&mut out, at, part, &hit, colours)?;
        }
        out.flush()
    };
    print().map_err(|error| Failure::output(&error))?;
    Ok(DONE)
}

/// Does a line lie behind the last one, or in the same compressed unit?
fn follows(
    (before, last): (u64, Option<Origin>),
    at: u64,
    origin: Option<Origin>,
) -> bool {
    let (Some(last), Some(origin)) = (last, origin) else {
        return last.is_none() && origin.is_none();
    };
    let distance = at.saturating_sub(before);
    let moved = |place: u64| place.saturating_add(distance);
    let is_next = moved(last.physical) == origin.physical;
    match (last.file_offset, origin.file_offset) {
        (Some(last), Some(offset)) => is_next && moved(last) == offset,
        (None, None) => is_next || last.physical == origin.physical,
        _ => false,
    }
}

fn place(origin: Option<&Origin>) -> String {
    let Some(Origin { physical, file_offset, .. }) = origin else {
        return "not stored".to_owned();
    };
    match file_offset {
        Some(offset) => {
            format!("on the disk {physical:#x}, in the file {offset:#x}")
        }
        None => format!("on the disk {physical:#x}, compressed in the file"),
    }
}

/// One line; bytes of the hit are in brackets, or in colour.
fn dump(
    out: &mut impl Write,
    at: u64,
    bytes: &[u8],
    hit: &Range<u64>,
    colours: bool,
) -> io::Result<()> {
    let marks = |index: usize| {
        let is_hit = hit.contains(&at.saturating_add(index as u64));
        match (is_hit, colours) {
            (true, true) => ["\x1b[1;31m", "\x1b[0m", " ", " "],
            (true, false) => ["", "", "[", "]"],
            (false, _) => ["", "", " ", " "],
        }
    };
    write!(out, "{at:08x} ")?;
    for (index, byte) in bytes.iter().enumerate() {
        let [on, off, left, right] = marks(index);
        write!(out, "{left}{on}{byte:02x}{off}{right}")?;
    }
    write!(out, "{:1$} ", "", 4 * (LINE - bytes.len()))?;
    for (index, byte) in bytes.iter().enumerate() {
        let [on, off, ..] = marks(index);
        let is_text = (0x20..0x7f).contains(byte);
        let shown = if is_text { char::from(*byte) } else { '.' };
        write!(out, "{on}{shown}{off}")?;
    }
    writeln!(out)
}
