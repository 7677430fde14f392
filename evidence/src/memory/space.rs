//! What is known of an address space.

use std::sync::Arc;

use crate::Reason;
use crate::container::late::problem;
use crate::object::{Problem, Run};

/// What a region may be used for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Protection {
    /// It may be read.
    pub read: bool,
    /// It may be written.
    pub write: bool,
    /// It may be executed.
    pub execute: bool,
}

impl Protection {
    /// As `rwx`, with `-` for what is not allowed.
    pub fn letters(self) -> String {
        let letter = |is, letter| if is { letter } else { '-' };
        [
            letter(self.read, 'r'),
            letter(self.write, 'w'),
            letter(self.execute, 'x'),
        ]
        .into_iter()
        .collect()
    }

    /// Of the flags that ELF and Mach-O use, where one bit says each:
    /// `read`, `write` and `execute` are the bits.
    pub(crate) fn of(flags: u32, [read, write, execute]: [u32; 3]) -> Self {
        let has = |bit: u32| flags & bit != 0;
        Protection {
            read: has(read),
            write: has(write),
            execute: has(execute),
        }
    }

    /// Nothing is allowed: a guard.
    pub(crate) fn is_none(self) -> bool {
        self == Protection::default()
    }
}

/// What a region holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RegionKind {
    /// Memory of the process alone.
    Private,
    /// A file.
    Mapped,
    /// A program or library.
    Image,
    /// The stack of a thread.
    Stack,
    /// The heap that the system manages.
    Heap,
    /// Memory of the machine.
    Physical,
}

impl RegionKind {
    /// The name in output rows.
    pub fn name(self) -> &'static str {
        match self {
            RegionKind::Private => "private",
            RegionKind::Mapped => "mapped",
            RegionKind::Image => "image",
            RegionKind::Stack => "stack",
            RegionKind::Heap => "heap",
            RegionKind::Physical => "physical",
        }
    }
}

/// Neighbouring addresses of which the same holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// The first address.
    pub start: u64,
    /// Number of bytes.
    pub length: u64,
    /// What may be done there.
    pub protection: Protection,
    /// What is there.
    pub kind: RegionKind,
    /// The file that is mapped.
    pub file: Option<Arc<[u8]>>,
    /// Where in that file it begins.
    pub file_offset: u64,
    /// Regions of one allocation have the same number, where the format
    /// says so.
    pub allocation: Option<u64>,
}

impl Region {
    /// Private memory of which nothing else is known.
    pub(crate) fn new(start: u64, length: u64) -> Region {
        Region {
            start,
            length,
            protection: Protection::default(),
            kind: RegionKind::Private,
            file: None,
            file_offset: 0,
            allocation: None,
        }
    }

    /// The address behind it.
    pub fn end(&self) -> u64 {
        self.start.saturating_add(self.length)
    }

    /// Does the next region belong to the same mapping?
    pub(crate) fn continues(&self, next: &Region) -> bool {
        if self.end() != next.start {
            return false;
        }
        if self.kind == RegionKind::Physical {
            return next.kind == RegionKind::Physical;
        }
        if self.allocation.is_some() || next.allocation.is_some() {
            return self.allocation == next.allocation;
        }
        if self.file != next.file {
            return false;
        }
        if self.path().is_some() {
            let follows = self.file_offset.checked_add(self.length);
            return follows == Some(next.file_offset);
        }
        // Of private memory the system makes one region where it can: the
        // border is one of protection, set later.
        self.kind == next.kind
            && !self.protection.is_none()
            && !next.protection.is_none()
    }

    /// The path of the file that is mapped; other names, like `[heap]`, are
    /// those of private memory.
    pub(super) fn path(&self) -> Option<&Arc<[u8]>> {
        self.file.as_ref().filter(|name| name.starts_with(b"/"))
    }
}

/// A program or library in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its path, as the process knows it.
    pub name: Arc<[u8]>,
    /// Its first address.
    pub base: u64,
    /// Bytes from there on.
    pub size: u64,
}

impl Module {
    /// The first address, and the one behind it.
    pub(super) fn range(&self) -> (u64, u64) {
        (self.base, self.base.saturating_add(self.size))
    }
}

/// A process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: Option<u64>,
    /// Its parent.
    pub parent: Option<u64>,
    /// Who it runs as.
    pub user: Option<u64>,
    /// Its short name.
    pub name: Vec<u8>,
    /// Its command line, with spaces between the arguments.
    pub command: Vec<u8>,
}

/// Which addresses these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Those of a process.
    Process,
    /// Those of the machine.
    Physical,
}

impl View {
    /// The name in output rows.
    pub fn name(self) -> &'static str {
        match self {
            View::Process => "process",
            View::Physical => "physical",
        }
    }
}

/// An address space, and where its bytes are.
#[derive(Clone, Debug)]
pub struct Space {
    /// Short name of the format: `elf_core`, `minidump`.
    pub format: &'static str,
    /// Which addresses.
    pub view: View,
    /// Whose memory it is.
    pub process: Process,
    /// What is known of the addresses; ascending, without overlap.
    pub regions: Vec<Region>,
    /// Programs and libraries, by their first address.
    pub modules: Vec<Module>,
    /// What the dump has: [`Run::logical`] is an address, and
    /// [`Run::physical`] a place in the dump. Ascending, without overlap.
    pub(crate) stored: Vec<Run>,
    /// What is wrong.
    pub(crate) problems: Vec<Problem>,
    /// Bytes of memory behind the end of the dump.
    pub(crate) cut_off: u64,
    /// It changes while it is read.
    pub is_live: bool,
}

impl Space {
    /// Of what a parser found, in any order.
    pub(crate) fn new(format: &'static str, view: View) -> Space {
        Space {
            format,
            view,
            process: Process::default(),
            regions: Vec::new(),
            modules: Vec::new(),
            stored: Vec::new(),
            problems: Vec::new(),
            cut_off: 0,
            is_live: false,
        }
    }

    /// Something is wrong with so many bytes.
    pub(crate) fn problem(
        &mut self,
        reason: Reason,
        bytes: u64,
        detail: impl Into<String>,
    ) {
        self.problems.push(problem(reason, None, bytes, detail));
    }

    /// Bytes of the dump that hold memory. What lies behind the end of the
    /// dump is cut off.
    pub(crate) fn store(
        &mut self,
        address: u64,
        place: u64,
        length: u64,
        held: u64,
    ) {
        let there = length.min(held.saturating_sub(place));
        // Nothing lies behind the last address.
        let there = there.min(u64::MAX.saturating_sub(address));
        if there > 0 {
            self.stored.push(Run::new(address, place, there));
        }
        let lost = length.saturating_sub(there);
        self.cut_off = self.cut_off.saturating_add(lost);
    }

    /// Sorts what was found, cuts overlaps, and adds regions for bytes of
    /// which nothing else is known.
    pub(crate) fn finish(mut self) -> Space {
        self.stored.sort_by_key(|run| run.logical);
        let runs = std::mem::take(&mut self.stored);
        let mut cut = 0_u64;
        for run in runs {
            cut = cut.saturating_add(push(&mut self.stored, run));
        }
        if cut > 0 {
            let detail = "parts of the memory are in the dump twice";
            self.problem(Reason::CorruptMetadata, cut, detail);
        }
        if self.cut_off > 0 {
            let detail = "the dump ends before memory that it should have";
            self.problem(Reason::Truncated, self.cut_off, detail);
        }
        self.regions.retain(|region| region.length > 0);
        self.regions.sort_by_key(|region| region.start);
        self.regions = whole(std::mem::take(&mut self.regions), &self.stored);
        self.modules.sort_by_key(|module| module.base);
        self
    }

    /// The region that holds an address.
    pub fn region_at(&self, address: u64) -> Option<&Region> {
        holding(&self.regions, address, |r| (r.start, r.end()))
    }

    /// The module that holds an address.
    pub fn module_at(&self, address: u64) -> Option<&Module> {
        holding(&self.modules, address, Module::range)
    }

    /// Bytes of memory that the dump has.
    pub(crate) fn stored_bytes(&self) -> u64 {
        sum(self.stored.iter().map(|run| run.length))
    }
}

/// Of stretches in the order of their starts the last one that begins at or
/// in front of an address, if that is in it. `range` gives first address and
/// end.
pub(super) fn holding<T>(
    all: &[T],
    address: u64,
    range: impl Fn(&T) -> (u64, u64),
) -> Option<&T> {
    let behind = all.partition_point(|one| range(one).0 <= address);
    let one = all.get(behind.checked_sub(1)?)?;
    (address < range(one).1).then_some(one)
}

/// All of them together.
pub(super) fn sum(lengths: impl IntoIterator<Item = u64>) -> u64 {
    lengths.into_iter().fold(0, u64::saturating_add)
}

/// Appends a run behind the others; gives how much of it they have already.
fn push(runs: &mut Vec<Run>, run: Run) -> u64 {
    let end = runs.last().map_or(0, Run::end);
    let cut = end.saturating_sub(run.logical).min(run.length);
    let length = run.length.saturating_sub(cut);
    let Some(physical) = run.physical.filter(|_| length > 0) else {
        return cut;
    };
    let logical = run.logical.saturating_add(cut);
    let physical = physical.saturating_add(cut);
    match runs.last_mut() {
        Some(last)
            if last.end() == logical
                && last
                    .physical
                    .and_then(|at| at.checked_add(last.length))
                    == Some(physical) =>
        {
            last.length = last.length.saturating_add(length);
        }
        _ => runs.push(Run::new(logical, physical, length)),
    }
    cut
}

/// Regions without overlap, with others where bytes lie outside of all.
fn whole(known: Vec<Region>, stored: &[Run]) -> Vec<Region> {
    let mut all: Vec<Region> = Vec::new();
    let mut runs = stored.iter().peekable();
    let last = Region::new(u64::MAX, 0);
    for mut region in known.into_iter().chain([last]) {
        let mut at = all.last().map_or(0, Region::end);
        // What lies in front of it and belongs to nobody.
        while let Some(run) = runs.peek() {
            let from = run.logical.max(at);
            let to = run.end().min(region.start);
            if from < to {
                all.push(Region::new(from, to.saturating_sub(from)));
                at = to;
            }
            if run.end() > region.end() || run.logical >= region.start {
                break;
            }
            runs.next();
        }
        let cut = at.saturating_sub(region.start).min(region.length);
        region.start = region.start.saturating_add(cut);
        region.length = region.length.saturating_sub(cut);
        region.file_offset = region.file_offset.saturating_add(cut);
        let end = region.end();
        if region.length > 0 {
            all.push(region);
        }
        while runs.peek().is_some_and(|run| run.end() <= end) {
            runs.next();
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_outside_of_all_regions_get_their_own() {
        let mut space = Space::new("test", View::Process);
        space.regions = vec![Region::new(0x2000, 0x1000)];
        space.store(0x1000, 0, 0x3000, u64::MAX);
        space.store(0x8000, 0x3000, 0x1000, u64::MAX);
        let space = space.finish();
        let found: Vec<(u64, u64)> =
            space.regions.iter().map(|r| (r.start, r.length)).collect();
        let expected = [
            (0x1000, 0x1000),
            (0x2000, 0x1000),
            (0x3000, 0x1000),
            (0x8000, 0x1000),
        ];
        assert_eq!(found, expected);
        assert!(space.problems.is_empty());
        assert_eq!(space.region_at(0x2fff).unwrap().start, 0x2000);
        assert!(space.region_at(0x4000).is_none());
    }

    #[test]
    fn memory_that_is_there_twice_is_counted() {
        let mut space = Space::new("test", View::Process);
        space.store(0x1000, 0, 0x2000, u64::MAX);
        space.store(0x2000, 0x2000, 0x2000, u64::MAX);
        space.store(u64::MAX - 0xfff, 0x9000, 0x1000, u64::MAX);
        let space = space.finish();
        let [doubled, beyond] = space.problems.as_slice() else {
            panic!("{:?}", space.problems)
        };
        assert_eq!(doubled.bytes, 0x1000);
        assert_eq!(beyond.bytes, 1);
    }
}
