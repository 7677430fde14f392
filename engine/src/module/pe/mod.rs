//! The `pe` module.
//!
//! Hides which parts of a file have been read already.

mod authenticode;
mod constants;
mod debug;
mod exports;
mod functions;
mod hash;
pub(super) mod image;
mod imports;
mod ordinal_names;
mod ordinals;
mod resources;
mod rich;
mod schema;
mod signatures;
#[cfg(test)]
pub(super) mod tests;
mod version;

use std::borrow::Cow;
use std::cell::OnceCell;

use super::authenticode::{Signature, signature};
use super::node::{IntoNode, Node, array, members, record};
use super::parsed::{self, Parser};
use super::schema::Schema;
use super::{Arg, CallCx, Fields, Index, Layout, Module, OpenCx, Value};
use exports::Exports;
use image::{Image, Section, Version};
use imports::{Function, Import};
use resources::{Resource, Resources};
use rich::Rich;
use schema::{
    DIR_ENTRY, EXPORT, FUNCTION, IMPORT, KEY_VALUE, OVERLAY, PE, RESOURCE,
    RICH_SIGNATURE, RICH_TOOL, SECTION, VERSION,
};

pub(super) use signatures::{
    CERTIFICATE, COUNTER_SIGNATURE, SIGNATURE, SIGNER_INFO,
};

/// The module.
pub(super) struct Pe;

impl Module for Pe {
    fn schema(&self) -> &'static Schema {
        &schema::SCHEMA
    }

    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        let (data, layout) = (cx.data, cx.layout);
        let file = File { data, layout, ..File::default() };
        parsed::open(&schema::SCHEMA, cx, Some(file))
    }
}

/// An object that may be a PE file. Each part is read when first asked for.
#[derive(Default)]
struct File<'d> {
    data: &'d [u8],
    layout: Layout,
    image: OnceCell<Option<Image<'d>>>,
    imports: OnceCell<Vec<Import<'d>>>,
    delayed_imports: OnceCell<Vec<Import<'d>>>,
    exports: OnceCell<Option<Exports<'d>>>,
    resources: OnceCell<Option<Resources<'d>>>,
    version_info: OnceCell<Vec<(String, String)>>,
    rich: OnceCell<Option<Rich<'d>>>,
    signatures: OnceCell<Vec<Signature<'d>>>,
    imphash: OnceCell<String>,
    checksum: OnceCell<u32>,
}

impl<'d> File<'d> {
    fn image(&self) -> Option<&Image<'d>> {
        let open = || Image::open(self.data, self.layout);
        self.image.get_or_init(open).as_ref()
    }

    fn imports(&self) -> &[Import<'d>] {
        let read = || self.image().map(Image::read_imports);
        self.imports.get_or_init(|| read().unwrap_or_default())
    }

    fn delayed_imports(&self) -> &[Import<'d>] {
        let read = || self.image().map(Image::read_delayed_imports);
        self.delayed_imports.get_or_init(|| read().unwrap_or_default())
    }

    fn exports(&self) -> Option<&Exports<'d>> {
        let read = || self.image()?.read_exports();
        self.exports.get_or_init(read).as_ref()
    }

    fn resources(&self) -> Option<&Resources<'d>> {
        let read = || self.image()?.read_resources();
        self.resources.get_or_init(read).as_ref()
    }

    fn all_resources(&self) -> &[Resource<'d>] {
        self.resources().map_or(&[], |resources| &resources.all)
    }

    fn version_info(&self) -> &[(String, String)] {
        self.version_info.get_or_init(|| match self.image() {
            Some(image) => image.read_version_info(self.all_resources()),
            None => Vec::new(),
        })
    }

    fn rich(&self) -> Option<&Rich<'d>> {
        let read = || self.image()?.read_rich();
        self.rich.get_or_init(read).as_ref()
    }

    fn signatures(&self) -> &[Signature<'d>] {
        let read = || self.image().map(Image::read_signatures);
        self.signatures.get_or_init(|| read().unwrap_or_default())
    }

    /// What lies behind all sections; zeros if there is nothing.
    fn overlay(&self, image: &Image<'d>) -> Node<'d> {
        let end = |section: &Section<'_>| {
            u64::from(section.raw_data_offset)
                + u64::from(section.raw_data_size)
        };
        let offset = image.sections().iter().map(end).max();
        let all = self.data.len() as u64;
        let (offset, size) = match offset {
            Some(offset) if offset < all => (offset, all - offset),
            _ => (0, 0),
        };
        record!(OVERLAY { offset: offset, size: size })
    }
}

impl<'d> Parser<'d> for File<'d> {
    fn member(&self, at: u16) -> Option<Node<'d>> {
        let Some(image) = self.image() else {
            let (is_pe, _) = PE.member("is_pe")?;
            return (at == is_pe).then_some(Node::Bool(false));
        };
        let (file, header) = (&image.file, &image.optional);
        members!(PE, at;
            is_pe: true,
            machine: file.machine,
            subsystem: header.subsystem,
            os_version: version(header.os_version),
            subsystem_version: version(header.subsystem_version),
            image_version: version(header.image_version),
            linker_version: version(header.linker_version),
            opthdr_magic: header.magic,
            characteristics: file.characteristics,
            dll_characteristics: header.dll_characteristics,
            timestamp: file.timestamp,
            image_base: header.image_base,
            checksum: header.checksum,
            base_of_code: header.base_of_code,
            base_of_data: header.base_of_data,
            entry_point: image.rva_to_offset(header.entry_point),
            entry_point_raw: header.entry_point,
            dll_name: self.exports()?.dll_name,
            export_timestamp: self.exports()?.timestamp,
            section_alignment: header.section_alignment,
            file_alignment: header.file_alignment,
            loader_flags: header.loader_flags,
            size_of_optional_header: file.size_of_optional_header,
            size_of_code: header.size_of_code,
            size_of_initialized_data: header.size_of_initialized_data,
            size_of_uninitialized_data: header.size_of_uninitialized_data,
            size_of_image: header.size_of_image,
            size_of_headers: header.size_of_headers,
            size_of_stack_reserve: header.size_of_stack_reserve,
            size_of_stack_commit: header.size_of_stack_commit,
            size_of_heap_reserve: header.size_of_heap_reserve,
            size_of_heap_commit: header.size_of_heap_commit,
            pointer_to_symbol_table: file.pointer_to_symbol_table,
            win32_version_value: header.win32_version,
            number_of_symbols: file.number_of_symbols,
            number_of_rva_and_sizes: header.number_of_rva_and_sizes,
            number_of_sections: image.sections().len(),
            number_of_imported_functions: count(self.imports()),
            number_of_delayed_imported_functions:
                count(self.delayed_imports()),
            number_of_resources: self.all_resources().len(),
            number_of_version_infos: self.version_info().len(),
            number_of_imports: self.imports().len(),
            number_of_delayed_imports: self.delayed_imports().len(),
            number_of_exports:
                self.exports().map_or(0, |all| all.functions.len()),
            number_of_signatures: self.signatures().len(),
            version_info: Node::map(
                self.version_info()
                    .iter()
                    .filter_map(|(key, value)| {
                        let key = Cow::Owned(key.clone().into_bytes());
                        Some((key, value.clone().into_node()?))
                    })
                    .collect(),
            ),
            version_info_list: array(self.version_info().iter().map(
                |(key, value)| record!(KEY_VALUE {
                    key: key.clone(),
                    value: value.clone(),
                }),
            )),
            rich_signature: self.rich().map(rich_signature),
            pdb_path: image.read_pdb_path(),
            sections: array(image.sections().iter().map(section)),
            data_directories: array(image.directories().iter().map(
                |row| record!(DIR_ENTRY {
                    virtual_address: row.virtual_address,
                    size: row.size,
                }),
            )),
            resource_timestamp: self.resources()?.timestamp,
            resource_version: version(self.resources()?.version),
            resources: array(self.all_resources().iter().map(resource)),
            import_details: array(self.imports().iter().map(import)),
            delayed_import_details:
                array(self.delayed_imports().iter().map(import)),
            export_details: self.exports().map(export_details),
            is_signed: self.signatures().iter().any(|one| one.verified),
            signatures: array(self.signatures().iter().map(signature)),
            overlay: self.overlay(image),
        )
    }

    fn call(
        &self,
        name: &str,
        index: &[Index<'_>],
        args: &[Arg<'_>],
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        functions::call(self, name, index, args, cx)
    }
}

/// The number of functions imported from all libraries.
fn count(imports: &[Import<'_>]) -> usize {
    imports.iter().map(|import| import.functions.len()).sum()
}

fn version<'d>((major, minor): Version) -> Node<'d> {
    record!(VERSION { major: major, minor: minor })
}

fn section<'d>(section: &Section<'d>) -> Node<'d> {
    record!(SECTION {
        name: section.name,
        full_name: section.full_name,
        characteristics: section.characteristics,
        raw_data_size: section.raw_data_size,
        raw_data_offset: section.raw_data_offset,
        virtual_address: section.virtual_address,
        virtual_size: section.virtual_size,
        pointer_to_relocations: section.pointer_to_relocations,
        pointer_to_line_numbers: section.pointer_to_line_numbers,
        number_of_relocations: section.number_of_relocations,
        number_of_line_numbers: section.number_of_line_numbers,
    })
}

fn import<'d>(import: &Import<'d>) -> Node<'d> {
    let function = |function: &Function<'d>| {
        record!(FUNCTION {
            name: function.name.clone(),
            ordinal: function.ordinal,
            rva: function.rva,
        })
    };
    record!(IMPORT {
        library_name: import.library,
        number_of_functions: import.functions.len(),
        functions: array(import.functions.iter().map(function)),
    })
}

fn export_details<'d>(exports: &Exports<'d>) -> Node<'d> {
    array(exports.functions.iter().map(|function| {
        record!(EXPORT {
            name: function.name,
            ordinal: function.ordinal,
            rva: function.rva,
            offset: function.offset,
            forward_name: function.forward_name,
        })
    }))
}

fn resource<'d>(resource: &Resource<'d>) -> Node<'d> {
    let [kind, name, language] = resource.ids;
    record!(RESOURCE {
        length: resource.length,
        rva: resource.rva,
        offset: resource.offset,
        type: kind.number(),
        id: name.number(),
        language: language.number(),
        type_string: kind.name(),
        name_string: name.name(),
        language_string: language.name(),
    })
}

fn rich_signature<'d>(rich: &Rich<'d>) -> Node<'d> {
    let tool = |tool: &rich::Tool| {
        record!(RICH_TOOL {
            toolid: tool.id,
            version: tool.version,
            times: tool.times,
        })
    };
    record!(RICH_SIGNATURE {
        offset: rich.offset,
        length: rich.raw_data.len(),
        key: rich.key,
        raw_data: rich.raw_data,
        clear_data: rich.clear_data.clone(),
        version_data: rich.version_data(),
        tools: array(rich.tools.iter().map(tool)),
    })
}
