//! Imported functions, those of the loader and those found at first use.

use std::borrow::Cow;

use super::image::{Image, directory};
use super::ordinals;
use crate::module::cursor::{Reader, View};

/// Both engines stop after so many functions.
const MAX_FUNCTIONS: usize = 16384;
/// Descriptors and slots looked at in all. Tables that overlap can hold no
/// function and yet be read again and again.
const MAX_LOOKED_AT: usize = 16 * MAX_FUNCTIONS;
const MAX_FUNCTION_NAME: u64 = 1024;
const MAX_DLL_NAME: u64 = 512;

/// What is imported from one library.
pub(super) struct Import<'d> {
    pub(super) library: &'d [u8],
    pub(super) functions: Vec<Function<'d>>,
}

/// An imported function.
pub(super) struct Function<'d> {
    pub(super) name: Option<Cow<'d, [u8]>>,
    pub(super) ordinal: Option<u16>,
    /// Where the loader puts its address.
    pub(super) rva: u32,
}

struct Descriptor {
    /// True if the values are addresses in memory, as the oldest linkers
    /// wrote them.
    absolute: bool,
    name: u32,
    name_table: u32,
    address_table: u32,
}

impl<'d> Image<'d> {
    /// What the loader resolves.
    pub(super) fn read_imports(&self) -> Vec<Import<'d>> {
        let table = self.directory_tail(directory::IMPORT);
        self.read_descriptors(table, |read| {
            let name_table = read.u32()?;
            read.skip(8)?;
            Some(Descriptor {
                absolute: false,
                name_table,
                name: read.u32()?,
                address_table: read.u32()?,
            })
        })
    }

    /// What is resolved at first use.
    pub(super) fn read_delayed_imports(&self) -> Vec<Import<'d>> {
        let table = self.directory_data(directory::DELAY_IMPORT);
        self.read_descriptors(table, |read| {
            let attributes = read.u32()?;
            let name = read.u32()?;
            read.skip(4)?;
            let address_table = read.u32()?;
            let name_table = read.u32()?;
            read.skip(12)?;
            let absolute = attributes & 1 == 0;
            Some(Descriptor { absolute, name, name_table, address_table })
        })
    }

    fn read_descriptors(
        &self,
        table: Option<(super::image::Directory, View<'d>)>,
        next: impl Fn(&mut Reader<'d>) -> Option<Descriptor>,
    ) -> Vec<Import<'d>> {
        let mut imports = Vec::new();
        let Some((row, table)) = table else { return imports };
        if row.virtual_address == 0 {
            return imports;
        }
        let mut read = table.reader(0);
        let mut functions = 0;
        let mut budget = MAX_LOOKED_AT;
        while functions < MAX_FUNCTIONS && budget > 0 {
            budget -= 1;
            let Some(mut one) = next(&mut read) else { break };
            if one.name == 0 || one.address_table | one.name_table == 0 {
                break;
            }
            if one.absolute && !one.make_relative(self.optional.image_base) {
                continue;
            }
            let Some(library) = self.dll_name(one.name) else { continue };
            let all = self.read_functions(&one, library, &mut budget);
            if !all.is_empty() {
                functions += all.len();
                imports.push(Import { library, functions: all });
            }
        }
        imports
    }

    fn read_functions(
        &self,
        one: &Descriptor,
        library: &[u8],
        budget: &mut usize,
    ) -> Vec<Function<'d>> {
        let mut functions = Vec::new();
        let names = match one.name_table {
            0 => None,
            rva => self.at_rva(rva),
        };
        let Some(slots) = names.or_else(|| self.at_rva(one.address_table))
        else {
            return functions;
        };
        let named = ordinals::of(library);
        let wide = self.is_wide();
        let (size, by_ordinal) =
            if wide { (8, 1 << 63) } else { (4, 1 << 31) };
        let mut read = slots.reader(0);
        for at in 0..MAX_FUNCTIONS.min(*budget) as u32 {
            *budget -= 1;
            let Some(slot) = read.word(wide).filter(|&slot| slot != 0) else {
                break;
            };
            // The largest ordinal; more is damage.
            if slot > by_ordinal | 0xffff {
                continue;
            }
            let rva = one.address_table.saturating_add(at * size);
            let (name, ordinal) = if slot & by_ordinal != 0 {
                let ordinal = slot as u16;
                (Some(ordinals::name(named, ordinal)), Some(ordinal))
            } else {
                let base = match one.absolute {
                    true => self.optional.image_base,
                    false => 0,
                };
                let at = u32::try_from(slot.saturating_sub(base));
                let name = at.ok().and_then(|rva| self.import_name(rva));
                (name.map(Cow::Borrowed), None)
            };
            if name.is_some() {
                functions.push(Function { name, ordinal, rva });
            }
        }
        functions
    }

    /// The name behind a hint. What is no name is a sign of damage.
    fn import_name(&self, rva: u32) -> Option<&'d [u8]> {
        let text = self.at_rva(rva)?.tail(2)?.cut(0, MAX_FUNCTION_NAME)?;
        let end = memchr::memchr(0, text).unwrap_or(text.len());
        let name = &text[..end];
        let printable = name.iter().all(u8::is_ascii_graphic);
        (printable && !name.is_empty()).then_some(name)
    }

    /// The name of a library, if it can be the name of a file.
    pub(super) fn dll_name(&self, rva: u32) -> Option<&'d [u8]> {
        let name = self.text_at(rva, MAX_DLL_NAME)?;
        let bad = |b: &u8| b.is_ascii_control() || b" \"*<>?|".contains(b);
        let good = !name.iter().any(bad) && std::str::from_utf8(name).is_ok();
        good.then_some(name)
    }
}

impl Descriptor {
    /// Makes addresses relative; false if the image lies too high for it.
    fn make_relative(&mut self, base: u64) -> bool {
        let Ok(base) = u32::try_from(base) else { return false };
        for value in
            [&mut self.name, &mut self.name_table, &mut self.address_table]
        {
            *value = value.saturating_sub(base);
        }
        true
    }
}
