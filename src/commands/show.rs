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
    let source: Box<dyn Source> = if name.is_file() {
        let open = File::open(name).and_then(FileSource::new);
        Box::new(open.map_err(|error| Failure::path(name, error))?)
    } else {
        Box::new(super::object::find(name)?)
    };
    let size = source.len().unwrap_or(0);
    if args.offset >= size {
        let message = format!("it has no byte {:#x}, but {size}", args.offset);
        return Err(Failure::path(name, message));
    }
    let hit = args.offset..args.offset.saturating_add(args.length).min(size);
    let line = LINE as u64;
    let from = hit.start.saturating_sub(args.context) / line * line;
    let to = hit.end.saturating_add(args.context).next_multiple_of(line);
    let to = to.min(size).min(from.saturating_add(MOST));
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
        for (at, part) in (from..).step_by(LINE).zip(bytes.chunks(LINE)) {
            // Where the line lies is said when it does not follow the last.
            let origin = source.origin(at);
            if last.is_none_or(|last| !follows(last, at, origin.as_ref())) {
                writeln!(out, "{}", place(origin.as_ref()))?;
            }
            last = Some((at, origin.map(|origin| origin.physical)));
            dump(&mut out, at, part, &hit, colours)?;
        }
        out.flush()
    };
    print().map_err(|error| Failure::output(&error))?;
    Ok(DONE)
}

/// Does a line lie behind the last one?
fn follows(
    (last, physical): (u64, Option<u64>),
    at: u64,
    origin: Option<&Origin>,
) -> bool {
    let distance = at.saturating_sub(last);
    let expected = physical.map(|place| place.saturating_add(distance));
    expected == origin.map(|origin| origin.physical)
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
