//! The tree of resources, flattened.

use std::collections::VecDeque;

use super::image::{Image, directory};
use crate::module::cursor::View;

/// Both engines stop after so many resources.
const MAX_RESOURCES: usize = 65536;
/// Rows looked at in all: a directory may be its own child.
const MAX_ROWS: usize = 8 * MAX_RESOURCES;
/// Longer names are taken for damage.
const MAX_NAME: u16 = 1000;
const MAX_LANGUAGE: u32 = 0xfffff;
const MAX_LENGTH: u32 = 0x3fff_ffff;
/// Types, names, languages.
const LEVELS: usize = 3;
const HIGH: u32 = 1 << 31;

/// The resources of a file.
pub(super) struct Resources<'d> {
    pub(super) timestamp: u32,
    pub(super) version: (u16, u16),
    pub(super) all: Vec<Resource<'d>>,
}

/// A resource.
pub(super) struct Resource<'d> {
    /// Type, name and language.
    pub(super) ids: [Id<'d>; LEVELS],
    pub(super) rva: u32,
    pub(super) offset: Option<u32>,
    pub(super) length: u32,
}

/// How a resource is told from others of its level.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Id<'d> {
    Unknown,
    Number(u32),
    /// In UTF-16.
    Name(&'d [u8]),
}

impl<'d> Id<'d> {
    pub(super) fn number(self) -> Option<u32> {
        match self {
            Id::Number(number) => Some(number),
            _ => None,
        }
    }

    pub(super) fn name(self) -> Option<&'d [u8]> {
        match self {
            Id::Name(name) => Some(name),
            _ => None,
        }
    }
}

struct Table {
    timestamp: u32,
    version: (u16, u16),
    rows: u32,
}

impl Table {
    const SIZE: u64 = 16;

    fn read(view: View<'_>) -> Option<Self> {
        let mut read = view.reader(0);
        let characteristics = read.u32()?;
        let timestamp = read.u32()?;
        let version = (read.u16()?, read.u16()?);
        let (named, numbered) = (read.u16()?, read.u16()?);
        let good = characteristics == 0 && named.max(numbered) <= 1 << 15;
        let rows = u32::from(named) + u32::from(numbered);
        good.then_some(Self { timestamp, version, rows })
    }
}

impl<'d> Image<'d> {
    /// `None` if there are no resources.
    pub(super) fn read_resources(&self) -> Option<Resources<'d>> {
        let (_, section) = self.directory_tail(directory::RESOURCE)?;
        let root = Table::read(section)?;
        let mut all = Vec::new();
        let mut rows_left = MAX_ROWS;
        let mut queue = VecDeque::from([(0, [Id::Unknown; LEVELS], 0)]);
        'tables: while let Some((level, ids, at)) = queue.pop_front() {
            let Some(view) = section.tail(at) else { continue };
            let Some(table) = Table::read(view) else { continue };
            let mut read = view.reader(Table::SIZE);
            for _ in 0..table.rows {
                let (Some(id), Some(to)) = (read.u32(), read.u32()) else {
                    break;
                };
                let Some(left) = rows_left.checked_sub(1) else {
                    break 'tables;
                };
                rows_left = left;
                let offset = u64::from(to & !HIGH);
                if offset == 0 || offset >= section.len() {
                    continue;
                }
                let mut ids = ids;
                ids[level] = resource_id(section, id);
                let language = ids[LEVELS - 1].number();
                if language.is_some_and(|id| id > MAX_LANGUAGE) {
                    continue;
                }
                if to & HIGH != 0 && level + 1 < LEVELS {
                    queue.push_back((level + 1, ids, offset));
                }
                // A row that says it is a table is tried as a leaf too.
                all.extend(self.resource(section, offset, ids));
                if all.len() == MAX_RESOURCES {
                    break 'tables;
                }
            }
        }
        let Table { timestamp, version, .. } = root;
        (!all.is_empty()).then_some(Resources { timestamp, version, all })
    }

    fn resource(
        &self,
        section: View<'d>,
        at: u64,
        ids: [Id<'d>; LEVELS],
    ) -> Option<Resource<'d>> {
        let mut read = section.reader(at);
        let (rva, length) = (read.u32()?, read.u32()?);
        read.skip(8)?;
        let good = rva > 0 && length > 0 && length < MAX_LENGTH;
        let offset = self.rva_to_offset(rva);
        good.then_some(Resource { ids, rva, offset, length })
    }
}

fn resource_id(section: View<'_>, id: u32) -> Id<'_> {
    if id & HIGH == 0 {
        return Id::Number(id);
    }
    let mut read = section.reader(u64::from(id & !HIGH));
    let length = read.u16().filter(|&length| length < MAX_NAME);
    let name = length.and_then(|length| read.take(2 * u64::from(length)));
    name.map_or(Id::Unknown, Id::Name)
}
