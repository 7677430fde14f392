//! Exported functions.

use super::image::{Image, directory};

/// Both engines stop after so many functions.
const MAX_FUNCTIONS: u32 = 16384;
const MAX_NAME: u64 = 1024;

/// The export directory.
pub(super) struct Exports<'d> {
    pub(super) dll_name: Option<&'d [u8]>,
    pub(super) timestamp: u32,
    pub(super) functions: Vec<Export<'d>>,
}

/// An exported function.
pub(super) struct Export<'d> {
    pub(super) name: Option<&'d [u8]>,
    pub(super) ordinal: u32,
    pub(super) rva: u32,
    /// `None` for a function of another library.
    pub(super) offset: Option<u32>,
    /// The library and the function that this stands for.
    pub(super) forward_name: Option<&'d [u8]>,
}

impl<'d> Image<'d> {
    pub(super) fn read_exports(&self) -> Option<Exports<'d>> {
        let (row, data) = self.directory_data(directory::EXPORT)?;
        if row.virtual_address == 0 {
            return None;
        }
        let mut read = data.reader(4);
        let timestamp = read.u32()?;
        read.skip(4)?;
        let dll_name = read.u32()?;
        let base = read.u32()?;
        let count = read.u32()?.min(MAX_FUNCTIONS);
        let names = read.u32()?.min(MAX_FUNCTIONS);
        let functions_at = read.u32()?;
        let names_at = read.u32()?;
        let ordinals_at = read.u32()?;
        let dll_name = self.dll_name(dll_name);
        let mut functions = Vec::new();
        if functions_at == 0 {
            return Some(Exports { dll_name, timestamp, functions });
        }
        let names = self.export_names(names_at, ordinals_at, names, count);
        let start = row.virtual_address;
        let section = start..start.saturating_add(row.size);
        let mut rvas = self.at_rva(functions_at).map(|view| view.reader(0));
        for at in 0..count {
            let rva = rvas.as_mut().and_then(|read| read.u32());
            let (Some(rva), Some(ordinal)) = (rva, base.checked_add(at))
            else {
                break;
            };
            // What points into the directory itself is a name.
            let forwarded = section.contains(&rva);
            let text = |rva| {
                let text = self.text_at(rva, MAX_NAME)?;
                std::str::from_utf8(text).ok().map(str::as_bytes)
            };
            let name = names.get(at as usize).copied().flatten();
            functions.push(Export {
                name: name.and_then(text),
                ordinal,
                rva,
                offset: match forwarded {
                    true => None,
                    false => self.rva_to_offset(rva),
                },
                forward_name: forwarded.then(|| text(rva)).flatten(),
            });
        }
        Some(Exports { dll_name, timestamp, functions })
    }

    /// The addresses of the names of the first `count` functions; of
    /// several names for one function, the first.
    fn export_names(
        &self,
        names_at: u32,
        ordinals_at: u32,
        names: u32,
        count: u32,
    ) -> Vec<Option<u32>> {
        let mut found = vec![None; count as usize];
        let tables = self.at_rva(names_at).zip(self.at_rva(ordinals_at));
        let Some((rvas, ordinals)) = tables else { return found };
        // A table of names that is cut off counts for nothing.
        if rvas.len() < u64::from(names) * 4 {
            return found;
        }
        let (mut rvas, mut ordinals) = (rvas.reader(0), ordinals.reader(0));
        for _ in 0..names {
            let (Some(rva), Some(at)) = (rvas.u32(), ordinals.u16()) else {
                break;
            };
            if let Some(first @ None) = found.get_mut(usize::from(at)) {
                *first = Some(rva);
            }
        }
        found
    }
}
