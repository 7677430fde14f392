//! The notes of an ELF core: who the process is, where its threads are, and
//! which files are mapped.
//!
//! Formats: `elf_prpsinfo`, `elf_prstatus` and `fill_files_note` of Linux
//! (`include/linux/elfcore.h`, `fs/binfmt_elf.c`).

use std::sync::Arc;

use super::elf::Shape;
use super::space::{Process, Region, RegionKind, Space, holding};
use crate::container::field::Fields;

const NT_PRSTATUS: u32 = 1;
const NT_PRPSINFO: u32 = 3;
const NT_FILE: u32 = 0x4649_4c45;
const EM_X86_64: u16 = 62;
const EM_AARCH64: u16 = 183;

/// A part of a file in memory.
struct MappedFile {
    start: u64,
    end: u64,
    offset: u64,
    name: Arc<[u8]>,
}

impl MappedFile {
    /// Says of a region in it what is there.
    fn describe(&self, region: &mut Region) {
        let skip = region.start.saturating_sub(self.start);
        region.kind = RegionKind::Mapped;
        region.file = Some(self.name.clone());
        region.file_offset = self.offset.saturating_add(skip);
    }
}

/// What the notes say.
#[derive(Default)]
pub(super) struct Notes {
    process: Process,
    files: Vec<MappedFile>,
    /// Where the stacks of the threads end.
    stacks: Vec<u64>,
    /// It is the memory of a machine.
    pub(super) is_machine: bool,
}

/// Reads all notes of a segment.
pub(super) fn read(shape: Shape, mut bytes: &[u8], notes: &mut Notes) {
    let padded = |length: u32| {
        (length as usize).checked_next_multiple_of(4).unwrap_or(usize::MAX)
    };
    loop {
        let name_size = shape.u32(bytes, 0);
        let size = shape.u32(bytes, 4);
        let kind = shape.u32(bytes, 8);
        let (Some(name_size), Some(size), Some(kind)) =
            (name_size, size, kind)
        else {
            break;
        };
        let fields = Fields(bytes);
        let name = fields.text(12, name_size as usize).unwrap_or_default();
        let at = padded(name_size).saturating_add(12);
        let Some(content) = fields.slice(at, size as usize) else { break };
        note(shape, name, kind, content, notes);
        let next = at.saturating_add(padded(size));
        let Some(rest) = bytes.get(next..) else { break };
        bytes = rest;
    }
}

fn note(
    shape: Shape,
    name: &[u8],
    kind: u32,
    content: &[u8],
    notes: &mut Notes,
) {
    match (name, kind) {
        (b"VMCOREINFO" | b"QEMU", _) => notes.is_machine = true,
        (b"CORE", NT_PRPSINFO) => notes.process = process(shape, content),
        (b"CORE", NT_FILE) => {
            files(shape, content, &mut notes.files);
        }
        (b"CORE", NT_PRSTATUS) => {
            let at = match shape.machine {
                EM_X86_64 => 264,
                EM_AARCH64 => 360,
                _ => return,
            };
            notes.stacks.extend(shape.word(content, at));
        }
        _ => {}
    }
}

fn process(shape: Shape, content: &[u8]) -> Process {
    let fields = Fields(content);
    let number = |at| shape.u32(content, at).map(u64::from);
    let [user, pid, name, command] = match shape.is_wide {
        true => [16, 24, 40, 56],
        false => [8, 12, 28, 44],
    };
    let user = match shape.is_wide {
        true => number(user),
        false => shape.u16(content, user).map(u64::from),
    };
    let text =
        |at, length| fields.text(at, length).unwrap_or_default().to_vec();
    let mut command = text(command, 80);
    while command.last() == Some(&b' ') {
        command.pop();
    }
    let parent = number(pid.saturating_add(4));
    Process { pid: number(pid), parent, user, name: text(name, 16), command }
}

fn files(shape: Shape, content: &[u8], files: &mut Vec<MappedFile>) {
    let width = shape.width();
    let word = |index: usize| shape.word(content, index.checked_mul(width)?);
    let (Some(count), Some(page)) = (word(0), word(1)) else { return };
    let row = width.saturating_mul(3);
    let most = content.len().checked_div(row).unwrap_or(0);
    let count = usize::try_from(count).unwrap_or(most).min(most);
    let names =
        width.saturating_mul(2).saturating_add(row.saturating_mul(count));
    let names = content.get(names..).unwrap_or_default();
    let names = names.split(|byte| *byte == 0);
    for (index, name) in (0..count).zip(names) {
        let at = index.saturating_mul(3).saturating_add(2);
        let field = |skip: usize| word(at.saturating_add(skip));
        let (Some(start), Some(end), Some(pages)) =
            (field(0), field(1), field(2))
        else {
            break;
        };
        let offset = pages.saturating_mul(page);
        let name = Arc::from(name);
        files.push(MappedFile { start, end, offset, name });
    }
}

/// Does the region hold one of these addresses, which are in order?
pub(super) fn has_any(sorted: &[u64], region: &Region) -> bool {
    let first = sorted.partition_point(|at| *at < region.start);
    sorted.get(first).is_some_and(|at| *at < region.end())
}

impl Notes {
    /// Tells the regions what they are.
    pub(super) fn apply(mut self, space: &mut Space) {
        space.process = std::mem::take(&mut self.process);
        self.files.sort_by_key(|file| file.start);
        self.stacks.sort_unstable();
        for region in &mut space.regions {
            if region.kind == RegionKind::Physical {
                continue;
            }
            let range = |file: &MappedFile| (file.start, file.end);
            if let Some(file) = holding(&self.files, region.start, range) {
                file.describe(region);
            } else if has_any(&self.stacks, region) {
                region.kind = RegionKind::Stack;
            }
        }
        self.add_missing(space);
    }

    /// Adds the parts of files that are not in the dump: they are left out
    /// because the files have them.
    fn add_missing(&self, space: &mut Space) {
        let mut known: Vec<(u64, u64)> =
            space.regions.iter().map(|r| (r.start, r.end())).collect();
        known.sort_unstable();
        for file in &self.files {
            let mut at = file.start;
            let first = known.partition_point(|(_, end)| *end <= at);
            let behind = known.get(first..).unwrap_or_default();
            for (start, end) in behind.iter().chain([&(file.end, file.end)]) {
                let to = (*start).min(file.end);
                if at < to {
                    let length = to.saturating_sub(at);
                    let mut region = Region::new(at, length);
                    file.describe(&mut region);
                    space.regions.push(region);
                }
                if *start >= file.end {
                    break;
                }
                at = at.max(*end);
            }
        }
    }
}
