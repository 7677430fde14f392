//! `zip`: entries of ZIP archives.

pub(super) mod archive;
mod schema;
#[cfg(test)]
mod tests;

use super::node::{Node, array, members, record};
use super::parsed::{self, Parser};
use super::schema::Schema;
use super::{Fields, Module, OpenCx};
use archive::{Archive, Entry};
use schema::{ENTRY, ZIP};

pub(crate) use schema::SCHEMA;

/// The module.
pub(super) struct Zip;

impl Module for Zip {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        parsed::open(&SCHEMA, cx, Some(File { data: cx.data }))
    }
}

/// A file; the mark of an archive is at its end, and looked for when asked.
struct File<'d> {
    data: &'d [u8],
}

impl<'d> Parser<'d> for File<'d> {
    fn member(&self, at: u16) -> Option<Node<'d>> {
        let archive = || Archive::open(self.data);
        members!(ZIP, at;
            is_zip: archive().is_some(),
            entries: array(archive()?.entries().map(entry)),
        )
    }
}

/// Methods of compression that have a name; the others are 255.
const METHODS: [u16; 14] = [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 14, 93, 95];

fn entry<'d>(entry: Entry<'d>) -> Node<'d> {
    let is_known = METHODS.contains(&entry.method);
    record!(ENTRY {
        file_path: entry.path,
        compression: if is_known { entry.method } else { 255 },
        uncompressed_size: entry.size,
        compressed_size: entry.stored_size,
    })
}
