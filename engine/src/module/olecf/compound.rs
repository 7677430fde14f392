//! OLE compound files: a file system in a file.
//!
//! Hides sectors and the chains that they form.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::collections::hash_map::{Entry as Place, HashMap};

use crate::module::cursor::View;

const MAGIC: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/// Numbers from here on are marks, not sectors.
const FIRST_MARK: u32 = 0xffff_fffa;
const ENTRY_SIZE: u64 = 128;
/// Where the header lists sectors of the table of sectors, and how many.
const LIST_AT: u64 = 76;
const LIST_LEN: u64 = 109;
/// Smaller streams lie in sectors of the root's stream.
const SMALL: u64 = 4096;

/// Entries of the directory that are kept.
const MAX_ENTRIES: usize = 1_000_000;
const MAX_STREAM: u64 = 256 << 20;

pub(in crate::module) const STORAGE: u8 = 1;
pub(in crate::module) const STREAM: u8 = 2;
pub(in crate::module) const ROOT: u8 = 5;

/// A compound file.
pub(in crate::module) struct Compound<'d> {
    view: View<'d>,
    sector: u64,
    small_sector: u64,
    /// Sectors with the numbers of the sectors that follow.
    table: Vec<u32>,
    small_table: Vec<u32>,
    /// Sectors of the directory.
    directory: Vec<u32>,
    entries: Vec<Entry>,
    root: Option<(u32, u64)>,
    /// The root's stream, which all small streams lie in.
    root_stream: OnceCell<Option<Vec<u8>>>,
}

/// An entry of the directory. There is one for each name.
pub(in crate::module) struct Entry {
    /// Without a control character in front.
    pub(in crate::module) name: String,
    pub(in crate::module) kind: u8,
    pub(in crate::module) size: u64,
    start: u32,
}

impl<'d> Compound<'d> {
    /// Reads the directory; `None` if this is no compound file or it has
    /// none.
    pub(in crate::module) fn open(data: &'d [u8]) -> Option<Self> {
        let view = View::little(data);
        if view.array(0)? != MAGIC || view.u16(28)? != 0xfffe {
            return None;
        }
        let sector = match view.u16(30)? {
            9 => 512,
            12 => 4096,
            _ => return None,
        };
        let small_sector = match view.u16(32)? {
            shift @ 1..=16 => 1 << shift,
            _ => 64,
        };
        let has_table = view.u32(44)? > 0;
        let directory = view.u32(48)?;
        let (small_at, small_count) = (view.u32(60)?, view.u32(64)?);
        let mut file = Self {
            view,
            sector,
            small_sector,
            table: Vec::new(),
            small_table: Vec::new(),
            directory: Vec::new(),
            entries: Vec::new(),
            root: None,
            root_stream: OnceCell::new(),
        };
        file.read_table()?;
        if directory >= FIRST_MARK || (file.table.is_empty() && has_table) {
            return None;
        }
        if small_count > 0 {
            file.small_table = file.chain(small_at);
        }
        file.directory = file.chain(directory);
        file.read_directory();
        Some(file)
    }

    /// All entries of the directory, in its order.
    pub(in crate::module) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The bytes of a stream, if all of them are there.
    pub(in crate::module) fn stream(&self, entry: &Entry) -> Option<Vec<u8>> {
        self.content(entry.kind, entry.start, entry.size)
    }

    /// The bytes of a stream that starts in a sector.
    pub(super) fn content(
        &self,
        kind: u8,
        start: u32,
        size: u64,
    ) -> Option<Vec<u8>> {
        if size >= SMALL || kind == ROOT {
            return self.large(start, size);
        }
        let read = || {
            let (start, size) = self.root.filter(|(_, size)| *size > 0)?;
            self.large(start, size)
        };
        let root = self.root_stream.get_or_init(read).as_ref()?;
        let root = self.view.with(root);
        let read = |number: u32| {
            let at = u64::from(number).checked_mul(self.small_sector)?;
            root.cut(at, self.small_sector)
        };
        let next = |number| self.next_in(&self.small_table, number);
        gather(start, size, root.len(), read, next)
    }

    /// The entry of the directory with this number, as it is stored.
    pub(super) fn record(&self, number: u32) -> Option<View<'d>> {
        let at = u64::from(number) * ENTRY_SIZE;
        let sector = usize::try_from(at / self.sector).ok()?;
        let start = self.place(*self.directory.get(sector)?);
        self.view.sub(start + at % self.sector, ENTRY_SIZE)
    }

    /// The class of the root.
    pub(in crate::module) fn root_class(&self) -> Option<&'d [u8]> {
        self.record(0)?.slice(80, 16)
    }

    /// Number of bytes of the file.
    pub(super) fn len(&self) -> u64 {
        self.view.len()
    }

    fn large(&self, start: u32, size: u64) -> Option<Vec<u8>> {
        let read = |number| self.view.cut(self.place(number), self.sector);
        let next = |number| self.next_in(&self.table, number);
        gather(start, size, self.view.len(), read, next)
    }

    /// Where a sector is. The header takes the place of one.
    fn place(&self, sector: u32) -> u64 {
        (u64::from(sector) + 1) * self.sector
    }

    /// The sector that follows another one.
    fn next_in(&self, table: &[u32], sector: u32) -> Option<u32> {
        let per_sector = self.sector / 4;
        let at = usize::try_from(u64::from(sector) / per_sector).ok()?;
        let numbers =
            self.view.sub(self.place(*table.get(at)?), self.sector)?;
        let next = numbers.u32(u64::from(sector) % per_sector * 4)?;
        (next < FIRST_MARK).then_some(next)
    }

    /// The sectors of a chain, up to its end or the first that was seen.
    fn chain(&self, start: u32) -> Vec<u32> {
        let mut seen = HashSet::new();
        let first = Some(start).filter(|start| *start < FIRST_MARK);
        std::iter::successors(first, |at| self.next_in(&self.table, *at))
            .take_while(|at| seen.insert(*at))
            .collect()
    }

    /// Collects the sectors of the table: some stand in the header, the
    /// others in a chain of sectors of their own.
    fn read_table(&mut self) -> Option<()> {
        let per_sector = self.sector / 4;
        // As many as a file of this size can need.
        let most = self.view.len() / self.sector / per_sector + 2;
        let most = usize::try_from(most).ok()?;
        let list =
            (0..LIST_LEN).map_while(|at| self.view.u32(LIST_AT + 4 * at));
        let is_sector = |number: &u32| *number < FIRST_MARK;
        self.table = list.filter(is_sector).collect();
        let (mut next, count) = (self.view.u32(68)?, self.view.u32(72)?);
        let mut seen = HashSet::new();
        for _ in 0..count {
            if next >= FIRST_MARK || !seen.insert(next) {
                break;
            }
            let at = self.place(next);
            let Some(numbers) = self.view.sub(at, self.sector) else { break };
            let last = per_sector - 1;
            let listed = (0..last).filter_map(|at| numbers.u32(at * 4));
            let left = most.saturating_sub(self.table.len());
            self.table.extend(listed.filter(is_sector).take(left));
            if self.table.len() >= most {
                break;
            }
            next = numbers.u32(last * 4)?;
        }
        Some(())
    }

    fn read_directory(&mut self) {
        let mut places: HashMap<String, usize> = HashMap::new();
        for sector in &self.directory {
            let start = self.place(*sector);
            for at in (0..self.sector).step_by(ENTRY_SIZE as usize) {
                let entry = self.view.sub(start + at, ENTRY_SIZE);
                let Some(entry) = entry.and_then(entry_of) else { continue };
                if entry.kind == ROOT {
                    self.root = Some((entry.start, entry.size));
                }
                if !matches!(entry.kind, STORAGE | STREAM | ROOT) {
                    continue;
                }
                match places.entry(entry.name.clone()) {
                    Place::Vacant(place) => {
                        if self.entries.len() < MAX_ENTRIES {
                            place.insert(self.entries.len());
                            self.entries.push(entry);
                        }
                    }
                    // Nothing but a stream takes the place of a stream.
                    Place::Occupied(place) => {
                        let old = &mut self.entries[*place.get()];
                        if entry.kind == STREAM || old.kind != STREAM {
                            *old = entry;
                        }
                    }
                }
            }
        }
    }
}

fn entry_of(bytes: View<'_>) -> Option<Entry> {
    // In bytes, with the zero at the end.
    let size = bytes.u16(64)?;
    if !(2..=64).contains(&size) {
        return None;
    }
    let units =
        (0..u64::from(size / 2 - 1)).filter_map(|at| bytes.u16(2 * at));
    let mut name = String::from_utf16(&units.collect::<Vec<u16>>()).ok()?;
    if name.starts_with(|first| first < ' ') {
        name.remove(0);
    }
    Some(Entry {
        name,
        kind: bytes.u8(66)?,
        size: u64::from(bytes.u32(120)?),
        start: bytes.u32(116)?,
    })
}

/// Puts the sectors of a chain together; `None` if they are not enough, or
/// one comes twice.
fn gather<'d>(
    start: u32,
    size: u64,
    most: u64,
    read: impl Fn(u32) -> Option<&'d [u8]>,
    next: impl Fn(u32) -> Option<u32>,
) -> Option<Vec<u8>> {
    if size > MAX_STREAM.min(most) {
        return None;
    }
    let size = usize::try_from(size).ok()?;
    let mut bytes = Vec::new();
    let mut seen = HashSet::new();
    let mut at = start;
    while bytes.len() < size {
        if at >= FIRST_MARK || !seen.insert(at) {
            return None;
        }
        let part = read(at).filter(|part| !part.is_empty())?;
        let part = &part[..part.len().min(size - bytes.len())];
        bytes.extend_from_slice(part);
        if bytes.len() < size {
            at = next(at)?;
        }
    }
    Some(bytes)
}
