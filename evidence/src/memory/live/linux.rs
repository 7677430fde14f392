//! Reads `/proc`.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, FileTypeExt, MetadataExt};
use std::path::PathBuf;
use std::sync::Arc;

use dragnet_engine::source::{Extent, ExtentKind, Origin, ReadError, Source};

use super::super::maps::{self, Line};
use super::super::space::{Process, RegionKind, View, holding};
use super::mounts::Mounts;
use super::{OpenError, Reason, Shared, Space};

const PAGE: u64 = 4096;
/// Pages of which the state is asked at a time.
const BATCH: usize = 1 << 16;
/// Larger mappings are reservations of tools that nobody can fill.
const MAX_REGION: u64 = 1 << 42;

/// Where the bytes of a page are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Present,
    Swapped,
    /// Nowhere, or in the file that is mapped.
    Absent,
}

impl Page {
    fn of(entry: u64) -> Page {
        if entry >> 63 & 1 != 0 {
            Page::Present
        } else if entry >> 62 & 1 != 0 {
            Page::Swapped
        } else {
            Page::Absent
        }
    }
}

/// A part of a file in memory, for pages that the process has not read.
/// It is opened when one is wanted: there are hundreds in a process.
struct Backed {
    start: u64,
    end: u64,
    offset: u64,
    path: PathBuf,
    inode: u64,
}

impl Backed {
    /// The file, if it is still the one that was mapped.
    fn open(&self) -> io::Result<File> {
        let meta = std::fs::metadata(&self.path)?;
        if !meta.is_file() || meta.ino() != self.inode {
            let message = "another file has the path of a mapped one";
            return Err(io::Error::other(message));
        }
        File::open(&self.path)
    }
}

/// The addresses of a process as a source: a place is an address.
struct Memory {
    mem: File,
    pages: File,
    files: Vec<Backed>,
    mounts: Mounts,
}

fn failed(error: &io::Error) -> OpenError {
    OpenError::from_io(error)
}

pub(super) fn open(pid: u64) -> Result<(Shared, Space), OpenError> {
    if pid == u64::from(std::process::id()) {
        let detail = "this is the process that scans";
        return Err(OpenError::new(Reason::Excluded, detail));
    }
    let root = root(pid)?;
    let file = |name: &str| {
        File::open(format!("{root}/{name}")).map_err(|e| failed(&e))
    };
    // Whoever becomes another program meanwhile keeps these.
    let (mem, pages) = (file("mem")?, file("pagemap")?);
    let text = std::fs::read(format!("{root}/maps"))
        .map_err(|error| failed(&error))?;
    let mut mounts = Mounts::default();
    // In a container the files of the process may lie on disks that are not
    // mounted there. Without these texts no file is looked at.
    for of in [root.as_str(), "/proc/self"] {
        let text = std::fs::read(format!("{of}/mountinfo"));
        mounts.add(&text.unwrap_or_default());
    }
    let mut memory = Memory { mem, pages, files: Vec::new(), mounts };
    let mut space = Space::new("process", View::Process);
    space.is_live = true;
    space.process = process(pid);
    for line in maps::read(&text) {
        if line.region.length > MAX_REGION {
            let bytes = line.region.length;
            let detail = "a reservation of more than 4 TiB";
            space.problem(Reason::TooLarge, bytes, detail);
            space.regions.push(line.region);
        } else if is_device(pid, &line, &memory.mounts) {
            let bytes = line.region.length;
            let name = line.region.file.clone().unwrap_or_default();
            let name = String::from_utf8_lossy(&name).into_owned();
            space.problem(Reason::DeviceMemory, bytes, name);
            space.regions.push(line.region);
        } else {
            memory.survey(pid, line, &mut space)?;
        }
    }
    let mut space = space.finish();
    space.find_modules(&|_| false);
    Ok((Arc::new(memory), space))
}

/// Where the memory of a process is: its first thread may have ended
/// while others go on.
fn root(pid: u64) -> Result<String, OpenError> {
    let own = format!("/proc/{pid}");
    let maps = std::fs::read(format!("{own}/maps"));
    if !maps.map_err(|error| failed(&error))?.is_empty() {
        return Ok(own);
    }
    let threads = std::fs::read_dir(format!("{own}/task"));
    let threads = threads.map_err(|error| failed(&error))?;
    let roots = threads.filter_map(|entry| {
        Some(entry.ok()?.path().to_string_lossy().into_owned())
    });
    let has_memory = |root: &String| {
        let maps = std::fs::read(format!("{root}/maps"));
        maps.is_ok_and(|text| !text.is_empty())
    };
    let gone = || OpenError::new(Reason::Gone, "it has no memory");
    roots.into_iter().find(has_memory).ok_or_else(gone)
}

pub(super) fn is_swapped(pid: u64, address: u64) -> bool {
    let mut entry = [0; 8];
    let place = (address / PAGE).saturating_mul(8);
    let read = File::open(format!("/proc/{pid}/pagemap"))
        .and_then(|pages| pages.read_exact_at(&mut entry, place));
    read.is_ok() && Page::of(u64::from_le_bytes(entry)) == Page::Swapped
}

fn process(pid: u64) -> Process {
    let read = |name: &str| {
        std::fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default()
    };
    let status = read("status");
    let number = |field: &[u8]| {
        let mut lines = status.split(|byte| *byte == b'\n');
        let rest = lines.find_map(|line| line.strip_prefix(field))?;
        let text = str::from_utf8(rest).ok()?;
        text.split_whitespace().next()?.parse().ok()
    };
    let mut command = read("cmdline");
    while command.last() == Some(&0) {
        command.pop();
    }
    for byte in command.iter_mut().filter(|byte| **byte == 0) {
        *byte = b' ';
    }
    Process {
        pid: Some(pid),
        parent: number(b"PPid:"),
        user: number(b"Uid:"),
        name: read("comm").trim_ascii_end().to_vec(),
        command,
    }
}

/// Reading these may act on a machine, or never end.
fn is_device(pid: u64, line: &Line, mounts: &Mounts) -> bool {
    let name = line.region.file.as_deref().unwrap_or_default();
    let names: [&[u8]; 6] = [
        b"[vvar",
        b"[vsyscall]",
        b"anon_inode:",
        b"/dmabuf",
        b"/sys/",
        b"/proc/",
    ];
    if names.iter().any(|device| name.starts_with(device)) {
        return true;
    }
    // A file in a folder of devices is none.
    let may_look = mounts.may_look(line.device, name);
    let name = String::from_utf8_lossy(name);
    name.starts_with("/dev/") && may_look && {
        let meta = std::fs::metadata(format!("/proc/{pid}/root{name}"));
        meta.is_ok_and(|meta| {
            let kind = meta.file_type();
            kind.is_char_device() || kind.is_block_device()
        })
    }
}

/// The file behind a mapping; not any other that has its path by now.
fn backed(pid: u64, line: &Line) -> Option<Backed> {
    let (start, end) = (line.region.start, line.region.end());
    let link = format!("/proc/{pid}/map_files/{start:x}-{end:x}");
    let name = line.region.file.as_deref().unwrap_or_default();
    let name = String::from_utf8_lossy(name);
    let offset = line.region.file_offset;
    let inode = line.inode;
    let paths = [link, format!("/proc/{pid}/root{name}")].into_iter();
    let backed = paths.map(|path| {
        let path = PathBuf::from(path);
        Backed { start, end, offset, path, inode }
    });
    backed.into_iter().find(|backed| backed.open().is_ok())
}

impl Memory {
    /// Adds a region, and what of it can be read.
    fn survey(
        &mut self,
        pid: u64,
        line: Line,
        space: &mut Space,
    ) -> Result<(), OpenError> {
        let (start, end) = (line.region.start, line.region.end());
        let has_file = line.inode != 0;
        let name = line.region.file.as_deref().unwrap_or_default();
        let is_near = has_file && self.mounts.may_look(line.device, name);
        let file = is_near.then(|| backed(pid, &line)).flatten();
        let is_backed = file.is_some();
        self.files.extend(file);
        let (mut swapped, mut unknown) = (0_u64, 0_u64);
        let mut at = start;
        while at < end {
            let states = match self.states(at, end) {
                Ok(states) if !states.is_empty() => states,
                // It ended, or became another program.
                Ok(_) => {
                    let left = end.saturating_sub(at);
                    space.problem(Reason::Gone, left, "it ended");
                    break;
                }
                Err(error) => return Err(failed(&error)),
            };
            for state in states {
                let length = PAGE.min(end.saturating_sub(at));
                let is_there = match state {
                    Page::Present => true,
                    Page::Swapped => {
                        swapped = swapped.saturating_add(length);
                        false
                    }
                    Page::Absent => {
                        if has_file && !is_backed {
                            unknown = unknown.saturating_add(length);
                        }
                        is_backed
                    }
                };
                if is_there {
                    store(space, at, length);
                }
                at = at.saturating_add(length);
            }
        }
        let name = format!("the mapping at {start:#x}");
        if swapped > 0 {
            space.problem(Reason::Swapped, swapped, name.clone());
        }
        if unknown > 0 {
            let detail = match is_near {
                true => format!("{name}: its file cannot be opened"),
                false => format!("{name}: its file may be a program's"),
            };
            space.problem(Reason::NotCaptured, unknown, detail);
        }
        let mut region = line.region;
        if region.kind == RegionKind::Mapped && region.protection.execute {
            region.kind = RegionKind::Image;
        }
        space.regions.push(region);
        Ok(())
    }

    /// The states of the pages from `at` on, as many as are asked at a
    /// time.
    fn states(&self, at: u64, end: u64) -> io::Result<Vec<Page>> {
        let left = end.saturating_sub(at).div_ceil(PAGE);
        let count = usize::try_from(left).unwrap_or(BATCH).min(BATCH);
        let mut entries = vec![0; count.saturating_mul(8)];
        let place = (at / PAGE).saturating_mul(8);
        let read = self.pages.read_at(&mut entries, place)?;
        entries.truncate(read);
        let entries = entries.as_chunks::<8>().0.iter();
        let states = entries.map(|raw| Page::of(u64::from_le_bytes(*raw)));
        Ok(states.collect())
    }

    /// Reads pages that are alike.
    fn pages(&self, state: Page, at: u64, buf: &mut [u8]) -> io::Result<()> {
        if state == Page::Present {
            return self.mem.read_exact_at(buf, at);
        }
        if state == Page::Swapped {
            return Err(io::Error::other("the page went to swap"));
        }
        let range = |backed: &Backed| (backed.start, backed.end);
        let backed = holding(&self.files, at, range);
        buf.fill(0);
        let Some(backed) = backed else {
            return Ok(());
        };
        let file = backed.open()?;
        let skip = at.saturating_sub(backed.start);
        let mut place = backed.offset.saturating_add(skip);
        let mut rest = buf;
        while !rest.is_empty() {
            match file.read_at(rest, place)? {
                // Behind the end of the file are zeros.
                0 => break,
                count => {
                    rest = rest.get_mut(count..).unwrap_or_default();
                    place = place.saturating_add(count as u64);
                }
            }
        }
        Ok(())
    }
}

/// Appends to the last run where it goes on: there is one for each page.
fn store(space: &mut Space, at: u64, length: u64) {
    match space.stored.last_mut() {
        Some(last) if last.end() == at => {
            last.length = last.length.saturating_add(length);
        }
        _ => space.store(at, at, length, u64::MAX),
    }
}

impl Source for Memory {
    fn len(&self) -> Option<u64> {
        None
    }

    fn read_at(
        &self,
        offset: u64,
        buf: &mut [u8],
    ) -> Result<usize, ReadError> {
        let failed = |offset, error: io::Error| {
            let message = error.to_string();
            ReadError { offset, message }
        };
        let end = offset.saturating_add(buf.len() as u64);
        let mut done = 0_usize;
        while done < buf.len() {
            let at = offset.saturating_add(done as u64);
            let states = self.states(at, end).map_err(|e| failed(at, e))?;
            if states.is_empty() {
                break;
            }
            for alike in states.chunk_by(|one, next| one == next) {
                let at = offset.saturating_add(done as u64);
                let skip = at.checked_rem(PAGE).unwrap_or(0);
                let length = (alike.len() as u64).saturating_mul(PAGE);
                let length = length.saturating_sub(skip);
                let left = buf.len().saturating_sub(done);
                let count = usize::try_from(length).unwrap_or(left);
                let to = done.saturating_add(count.min(left));
                let state = alike.first().copied().unwrap_or(Page::Absent);
                let part = buf.get_mut(done..to).unwrap_or_default();
                let read = self.pages(state, at, part);
                read.map_err(|error| failed(at, error))?;
                done = to;
            }
        }
        Ok(done)
    }

    fn extents(&self, from: u64) -> Box<dyn Iterator<Item = Extent> + '_> {
        let length = u64::MAX.saturating_sub(from);
        let kind = ExtentKind::Data;
        let all = Extent { offset: from, length, kind };
        Box::new(std::iter::once(all))
    }

    fn origin(&self, offset: u64) -> Option<Origin> {
        let length = u64::MAX.checked_sub(offset).filter(|n| *n > 0)?;
        Some(Origin { physical: offset, file_offset: None, length })
    }
}
