//! The `dotnet` module.

mod classes;
mod metadata;
mod schema;
mod tables;
#[cfg(test)]
mod tests;
mod types;

use std::cell::OnceCell;

use super::node::{Node, array, members, record};
use super::parsed::{self, Parser};
use super::schema::Schema;
use super::{Fields, Layout, Module, OpenCx};
use metadata::{Metadata, compressed};
use schema::{
    ASSEMBLY as ASSEMBLY_SCHEMA, ASSEMBLY_REF as REF_SCHEMA, DOTNET, RESOURCE,
    STREAM, VERSION,
};
use tables::{
    ASSEMBLY, ASSEMBLY_REF, CONSTANT, CUSTOM_ATTRIBUTE, FIELD_RVA, FILE,
    MANIFEST_RESOURCE, MEMBER_REF, MODULE, MODULE_REF, TYPE_REF,
};

const STRING_CONSTANT: u32 = 0x0e;
const MAX_USER_STRINGS: usize = 1_000_000;
const MAX_GUIDS: usize = 16;

/// The module.
pub(super) struct Dotnet;

impl Module for Dotnet {
    fn schema(&self) -> &'static Schema {
        &schema::SCHEMA
    }

    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        let (data, layout) = (cx.data, cx.layout);
        let file = File { data, layout, ..File::default() };
        parsed::open(&schema::SCHEMA, cx, Some(file))
    }
}

/// An object that may be an assembly.
#[derive(Default)]
struct File<'d> {
    data: &'d [u8],
    layout: Layout,
    metadata: OnceCell<Option<Metadata<'d>>>,
}

impl<'d> File<'d> {
    fn metadata(&self) -> Option<&Metadata<'d>> {
        let open = || Metadata::open(self.data, self.layout);
        self.metadata.get_or_init(open).as_ref()
    }
}

impl<'d> Parser<'d> for File<'d> {
    fn member(&self, at: u16) -> Option<Node<'d>> {
        let all = self.metadata()?;
        members!(DOTNET, at;
            is_dotnet: true,
            module_name: all.text(MODULE, 0, 1),
            version: all.version,
            number_of_streams: all.streams.len(),
            number_of_guids: guids(all).len(),
            number_of_resources: all.rows(MANIFEST_RESOURCE),
            number_of_generic_parameters: None::<u32>,
            number_of_classes: classes::classes(all).len(),
            number_of_assembly_refs: all.rows(ASSEMBLY_REF),
            number_of_modulerefs: module_refs(all).count(),
            number_of_user_strings: user_strings(all).len(),
            number_of_constants: constants(all).count(),
            number_of_field_offsets: field_offsets(all).count(),
            typelib: typelib(all),
            streams: array(all.streams.iter().map(|stream| record!(STREAM {
                name: std::str::from_utf8(stream.name).ok(),
                offset: stream.offset,
                size: stream.size,
            }))),
            guids: array(guids(all)),
            constants: array(constants(all)),
            assembly: assembly(all),
            assembly_refs: array(
                (0..all.rows(ASSEMBLY_REF)).map(|row| assembly_ref(all, row)),
            ),
            resources: array(
                (0..all.rows(MANIFEST_RESOURCE)).map(|row| resource(all, row)),
            ),
            classes: array(classes::classes(all)),
            field_offsets: array(field_offsets(all)),
            user_strings: array(user_strings(all)),
            modulerefs: array(module_refs(all)),
        )
    }
}

fn module_refs<'d>(all: &Metadata<'d>) -> impl Iterator<Item = &'d str> {
    (0..all.rows(MODULE_REF)).filter_map(|row| all.text(MODULE_REF, row, 0))
}

fn constants<'d>(all: &Metadata<'d>) -> impl Iterator<Item = &'d [u8]> {
    (0..all.rows(CONSTANT))
        .filter(|&row| all.number(CONSTANT, row, 0) == Some(STRING_CONSTANT))
        .filter_map(|row| all.blob(CONSTANT, row, 3))
}

fn field_offsets(all: &Metadata<'_>) -> impl Iterator<Item = u32> {
    (0..all.rows(FIELD_RVA)).filter_map(|row| {
        all.image.rva_to_offset(all.number(FIELD_RVA, row, 0)?)
    })
}

fn guids(all: &Metadata<'_>) -> Vec<String> {
    let Some(heap) = all.stream(&[b"#GUID"]) else { return Vec::new() };
    let (guids, _) = heap.bytes().as_chunks::<16>();
    guids.iter().take(MAX_GUIDS).map(guid).collect()
}

fn guid(bytes: &[u8; 16]) -> String {
    let view = super::cursor::View::little(bytes);
    let (a, b, c) = (view.u32(0), view.u16(4), view.u16(6));
    let (a, b, c) = (a.unwrap_or(0), b.unwrap_or(0), c.unwrap_or(0));
    let (d, e) = bytes[8..].split_at(2);
    let (d, e) = (super::call::hex(d), super::call::hex(e));
    format!("{a:08x}-{b:04x}-{c:04x}-{d}-{e}")
}

/// The strings of the program, without the byte that says whether there are
/// unusual characters.
fn user_strings<'d>(all: &Metadata<'d>) -> Vec<&'d [u8]> {
    let mut strings = Vec::new();
    let Some(heap) = all.stream(&[b"#US"]) else { return strings };
    let mut rest = heap.bytes();
    while let Some(length) = compressed(&mut rest)
        && strings.len() < MAX_USER_STRINGS
    {
        let Some(string) = rest.split_off(..length as usize) else { break };
        if let [string @ .., _] = string
            && string.len() >= 2
        {
            strings.push(string);
        }
    }
    strings
}

/// The identifier that the assembly's attribute gives.
fn typelib<'d>(all: &Metadata<'d>) -> Option<&'d str> {
    let tables = all.tables()?;
    let row = (0..all.rows(CUSTOM_ATTRIBUTE)).find(|&row| {
        let place = |column| tables.place(CUSTOM_ATTRIBUTE, row, column);
        place(0).is_some_and(|parent| parent.table == ASSEMBLY)
            && place(1)
                .filter(|kind| kind.table == MEMBER_REF)
                .and_then(|kind| tables.place(MEMBER_REF, kind.row, 0))
                .filter(|class| class.table == TYPE_REF)
                .and_then(|class| all.text(TYPE_REF, class.row, 1))
                == Some("GuidAttribute")
    })?;
    let value = all.blob(CUSTOM_ATTRIBUTE, row, 2)?.get(2..)?;
    let (&length, rest) = value.split_first()?;
    std::str::from_utf8(rest.get(..usize::from(length))?).ok()
}

fn version<'d>(all: &Metadata<'d>, table: u8, row: usize) -> Node<'d> {
    // An assembly starts with the algorithm of its hash.
    let first = if table == ASSEMBLY { 1 } else { 0 };
    record!(VERSION {
        major: all.number(table, row, first),
        minor: all.number(table, row, first + 1),
        build_number: all.number(table, row, first + 2),
        revision_number: all.number(table, row, first + 3),
    })
}

fn assembly<'d>(all: &Metadata<'d>) -> Option<Node<'d>> {
    let culture = all.text(ASSEMBLY, 0, 8);
    (all.rows(ASSEMBLY) > 0).then(|| {
        record!(ASSEMBLY_SCHEMA {
            name: all.text(ASSEMBLY, 0, 7),
            culture: culture.filter(|culture| !culture.is_empty()),
            version: version(all, ASSEMBLY, 0),
        })
    })
}

fn assembly_ref<'d>(all: &Metadata<'d>, row: usize) -> Node<'d> {
    let key = all.blob(ASSEMBLY_REF, row, 5);
    record!(REF_SCHEMA {
        name: all.text(ASSEMBLY_REF, row, 6),
        public_key_or_token: key.filter(|key| !key.is_empty()),
        version: version(all, ASSEMBLY_REF, row),
    })
}

fn resource<'d>(all: &Metadata<'d>, row: usize) -> Node<'d> {
    // The others lie in other files.
    let own = all
        .tables()
        .and_then(|tables| tables.place(MANIFEST_RESOURCE, row, 3))
        .is_some_and(|place| place.table == FILE && place.row == 0);
    let found = all.resources.filter(|_| own).and_then(|(base, data)| {
        let at = all.number(MANIFEST_RESOURCE, row, 0)?;
        let length = data.u32(u64::from(at))?;
        let at = at.saturating_add(4);
        let inside = data.slice(u64::from(at), u64::from(length)).is_some();
        Some((base.saturating_add(at), inside.then_some(length)))
    });
    record!(RESOURCE {
        offset: found.map(|(offset, _)| offset),
        length: found.and_then(|(_, length)| length),
        name: all.text(MANIFEST_RESOURCE, row, 2),
    })
}
