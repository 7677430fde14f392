//! `elf`: ELF executables.

mod constants;
mod imports;
mod layout;
mod schema;
mod symbols;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;

use super::node::{Node, array, members, record};
use super::parsed::{self, Parser};
use super::schema::Schema;
use super::{Arg, CallCx, Fields, Index, Layout, Module, OpenCx, Value};
use layout::{Header, Section, Segment};
use schema::{DYN, ELF, SECTION, SEGMENT, SYM};
use symbols::Symbol;

pub(crate) use schema::SCHEMA;

/// The module.
pub(super) struct Elf;

impl Module for Elf {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        parsed::open(&SCHEMA, cx, File::open(cx.data, cx.layout))
    }
}

const PT_DYNAMIC: u32 = 2;
const SHT_SYMTAB: u32 = 2;
const SHT_DYNSYM: u32 = 11;
/// More sections than this are a sign of a damaged header.
const SHN_LORESERVE: u16 = 0xff00;
/// Symbols, and entries of dynamic segments, that are kept.
const MAX_ENTRIES: usize = 1_000_000;

/// An ELF file. What more than one member needs is read once.
struct File<'d> {
    header: Header<'d>,
    sections: OnceCell<Option<Vec<Section>>>,
    segments: OnceCell<Option<Vec<Segment>>>,
    dynamic: OnceCell<Vec<(u64, u64)>>,
    symtab: OnceCell<Vec<Symbol<'d>>>,
    dynsym: OnceCell<Vec<Symbol<'d>>>,
    import_md5: OnceCell<String>,
    telfhash: OnceCell<Option<Vec<u8>>>,
}

impl<'d> File<'d> {
    fn open(data: &'d [u8], layout: Layout) -> Option<Self> {
        Some(Self {
            header: Header::read(data, layout)?,
            sections: OnceCell::new(),
            segments: OnceCell::new(),
            dynamic: OnceCell::new(),
            symtab: OnceCell::new(),
            dynsym: OnceCell::new(),
            import_md5: OnceCell::new(),
            telfhash: OnceCell::new(),
        })
    }

    /// The sections; `None` if the table is not wholly in the file.
    fn sections(&self) -> Option<&[Section]> {
        let read = || {
            let header = &self.header;
            let count = header.section_count;
            let all = header.sections();
            (count < SHN_LORESERVE).then_some(all).flatten()
        };
        self.sections.get_or_init(read).as_deref()
    }

    /// The segments; none if the table is not wholly in the file.
    fn segments(&self) -> &[Segment] {
        let read = || self.header.segments();
        self.segments.get_or_init(read).as_deref().unwrap_or_default()
    }

    fn dynamic(&self) -> &[(u64, u64)] {
        self.dynamic.get_or_init(|| {
            let all = self.segments().iter();
            all.filter(|segment| segment.kind == PT_DYNAMIC)
                .flat_map(|segment| {
                    self.header.dynamic(segment, self.segments())
                })
                .take(MAX_ENTRIES)
                .collect()
        })
    }

    fn symtab(&self) -> &[Symbol<'d>] {
        self.symtab.get_or_init(|| self.symbols(SHT_SYMTAB))
    }

    fn dynsym(&self) -> &[Symbol<'d>] {
        self.dynsym.get_or_init(|| self.symbols(SHT_DYNSYM))
    }

    /// The symbols of the first section of this type.
    fn symbols(&self, kind: u32) -> Vec<Symbol<'d>> {
        let sections = self.sections().unwrap_or_default();
        let table = sections.iter().find(|section| section.kind == kind);
        table.map_or_else(Vec::new, |table| {
            symbols::read(&self.header, sections, table)
        })
    }

    /// The symbols that hashes are made of.
    fn linked(&self) -> &[Symbol<'d>] {
        let dynamic = self.dynsym();
        if dynamic.is_empty() { self.symtab() } else { dynamic }
    }

    /// Where the code starts, as an offset in the file.
    fn entry_point(&self) -> Option<u64> {
        let header = &self.header;
        let is_sane = header.section_count < SHN_LORESERVE;
        if header.entry_point == 0 || !is_sane {
            return None;
        }
        let sections = self.sections().unwrap_or_default();
        header.offset_of(header.entry_point, self.segments(), sections)
    }
}

impl<'d> Parser<'d> for File<'d> {
    fn member(&self, at: u16) -> Option<Node<'d>> {
        let header = &self.header;
        members!(ELF, at;
            type: header.kind,
            machine: header.machine,
            osabi: header.osabi,
            entry_point: self.entry_point(),
            sh_offset: header.section_offset,
            sh_entry_size: header.section_size,
            ph_offset: header.segment_offset,
            ph_entry_size: header.segment_size,
            number_of_sections: header.section_count,
            number_of_segments: header.segment_count,
            symtab_entries: self.sections().map(|_| self.symtab().len()),
            dynsym_entries: self.sections().map(|_| self.dynsym().len()),
            dynamic_section_entries: self.dynamic().len(),
            sections: self.section_nodes(),
            segments: array(self.segments().iter().map(segment_node)),
            symtab: array(self.symtab().iter().map(symbol_node)),
            dynsym: array(self.dynsym().iter().map(symbol_node)),
            dynamic: array(self.dynamic().iter().map(|&(tag, value)| {
                // Both engines keep the low half of the tag.
                record!(DYN { type: tag as i32, val: value })
            })),
        )
    }

    fn call(
        &self,
        name: &str,
        _index: &[Index<'_>],
        _args: &[Arg<'_>],
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        let symbols = self.linked();
        let size = size_of_val(symbols) as u64;
        if !cx.charge(size) {
            return None;
        }
        let text = match name {
            "import_md5" => {
                let hash = || imports::md5(symbols);
                self.import_md5.get_or_init(hash).as_bytes()
            }
            "telfhash" => {
                let hash = || imports::telfhash(symbols);
                self.telfhash.get_or_init(hash).as_deref()?
            }
            _ => return None,
        };
        Some(Value::Bytes(text.into()))
    }
}

impl<'d> File<'d> {
    fn section_nodes(&self) -> Node<'d> {
        let sections = self.sections().unwrap_or_default();
        let names = sections.get(usize::from(self.header.names_at));
        let mut strings = symbols::strings(&self.header, names);
        array(sections.iter().map(|section| {
            record!(SECTION {
                type: section.kind as i32,
                flags: section.flags,
                address: section.address,
                size: section.size,
                offset: section.offset,
                name: strings.get(u64::from(section.name)),
            })
        }))
    }
}

fn segment_node<'d>(segment: &Segment) -> Node<'d> {
    record!(SEGMENT {
        type: segment.kind as i32,
        flags: segment.flags,
        offset: segment.offset,
        virtual_address: segment.address,
        physical_address: segment.physical,
        file_size: segment.file_size,
        memory_size: segment.memory_size,
        alignment: segment.alignment,
    })
}

fn symbol_node<'d>(symbol: &Symbol<'d>) -> Node<'d> {
    record!(SYM {
        name: symbol.name,
        value: symbol.value,
        size: symbol.size,
        type: symbol.info & 15,
        bind: symbol.info >> 4,
        shndx: symbol.section,
        visibility: symbol.other & 3,
    })
}
