//! `dex`: Dalvik executables of Android.
//!
//! The two engines lay the same tables out in two ways; both are here.

mod code;
mod constants;
mod functions;
mod libyara;
mod nodes;
mod schema;
mod tables;
#[cfg(test)]
mod tests;

use super::node::{Node, array, members, record};
use super::parsed::{self, Parser};
use super::schema::Schema;
use super::{Arg, CallCx, Fields, Index, Module, OpenCx, Value};
use libyara::{CLASS_DATA, FIELD_ID, METHOD_ID, PROTO_ID, STRING_ID, TYPE_ID};
use schema::{DEX, DEX_HEADER, MAP_ITEM, MAP_LIST};
use tables::Tables;

pub(crate) use schema::SCHEMA;

/// The module.
pub(super) struct Dex;

impl Module for Dex {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        // Some of its questions have answers for other objects too.
        parsed::open(&SCHEMA, cx, Some(File(Tables::open(cx.data))))
    }
}

/// A file of this or, without tables, any other kind.
struct File<'d>(Option<Tables<'d>>);

impl<'d> Parser<'d> for File<'d> {
    fn member(&self, at: u16) -> Option<Node<'d>> {
        let dex = self.0.as_ref()?;
        members!(DEX, at;
            is_dex: true,
            header: header(dex),
            strings: array(dex.strings().iter().map(|s| s.value.clone())),
            types: array(dex.types().iter().map(|at| dex.string(*at))),
            protos: array(dex.protos().iter().map(|p| nodes::proto(dex, p))),
            fields: array(dex.fields().iter().map(|f| nodes::field(dex, f))),
            methods: array(
                dex.methods().iter().map(|m| nodes::method(dex, m)),
            ),
            class_defs: array(
                dex.classes().iter().map(|c| nodes::class(dex, c)),
            ),
            map_list: map_list(dex),
            string_ids: array(dex.strings().iter().map(|string| {
                record!(STRING_ID {
                    offset: string.offset,
                    size: string.size,
                    value: string.raw,
                })
            })),
            type_ids: array(dex.types().iter().map(|at| {
                record!(TYPE_ID { descriptor_idx: *at })
            })),
            proto_ids: array(dex.protos().iter().map(|&[shorty, ty, at]| {
                record!(PROTO_ID {
                    shorty_idx: shorty,
                    return_type_idx: ty,
                    parameters_offset: at,
                })
            })),
            field_ids: array(dex.fields().iter().map(|&[class, ty, name]| {
                record!(FIELD_ID {
                    class_idx: class,
                    type_idx: ty,
                    name_idx: name,
                })
            })),
            method_ids: array(dex.methods().iter().map(|&[class, p, name]| {
                record!(METHOD_ID {
                    class_idx: class,
                    proto_idx: p,
                    name_idx: name,
                })
            })),
            class_data_item: array(dex.code().counts.iter().map(|counts| {
                let [fields, instance, direct, methods] = *counts;
                record!(CLASS_DATA {
                    static_fields_size: fields,
                    instance_fields_size: instance,
                    direct_methods_size: direct,
                    virtual_methods_size: methods,
                })
            })),
            number_of_fields: dex.code().fields.len(),
            field: array(
                dex.code().fields.iter().map(|f| nodes::code_field(dex, f)),
            ),
            number_of_methods: dex.code().methods.len(),
            method: array(
                dex.code().methods.iter().map(|m| nodes::code_method(dex, m)),
            ),
        )
    }

    fn call(
        &self,
        name: &str,
        _index: &[Index<'_>],
        args: &[Arg<'_>],
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        functions::call(self.0.as_ref(), name, args, cx)
    }
}

fn header<'d>(dex: &Tables<'d>) -> Node<'d> {
    let view = dex.view;
    let number = |at| view.u32(at);
    // The magic is a number to one engine and eight bytes to the other.
    let magic = view.slice(0, 4).and_then(|m| m.first_chunk().copied());
    let signature = view.slice(12, 20).map(super::call::hex);
    let container = |at| number(at).filter(|_| dex.version >= 41);
    record!(DEX_HEADER {
        magic: magic.map(u32::from_be_bytes),
        magic: view.slice(0, 8),
        version: dex.version,
        checksum: number(8),
        signature: signature,
        file_size: number(32),
        header_size: number(36),
        endian_tag: number(40),
        link_size: number(44),
        link_off: number(48),
        data_size: number(104),
        data_off: number(108),
        container_size: container(112),
        header_offset: container(116),
        link_offset: number(48),
        map_offset: number(52),
        data_offset: number(108),
        string_ids_size: number(56),
        string_ids_offset: number(60),
        type_ids_size: number(64),
        type_ids_offset: number(68),
        proto_ids_size: number(72),
        proto_ids_offset: number(76),
        field_ids_size: number(80),
        field_ids_offset: number(84),
        method_ids_size: number(88),
        method_ids_offset: number(92),
        class_defs_size: number(96),
        class_defs_offset: number(100),
    })
}

fn map_list<'d>(dex: &Tables<'d>) -> Option<Node<'d>> {
    let mut reader = dex.view.reader(u64::from(dex.view.u32(52)?));
    let size = reader.u32()?;
    let items: Vec<(u16, u16, u32, u32)> = (0..size)
        .take(tables::MAX_ENTRIES)
        .map_while(|_| {
            let (kind, unused) = (reader.u16()?, reader.u16()?);
            Some((kind, unused, reader.u32()?, reader.u32()?))
        })
        .collect();
    let nodes = || {
        array(items.iter().map(|&(kind, unused, size, offset)| {
            record!(MAP_ITEM {
                type: kind,
                unused: unused,
                size: size,
                offset: offset,
            })
        }))
    };
    Some(record!(MAP_LIST { size: size, items: nodes(), map_item: nodes() }))
}
