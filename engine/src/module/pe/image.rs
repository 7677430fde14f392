//! The headers of a PE file, its sections, and where things lie in it.
//!
//! Hides the layout of the headers and the rounding that loaders do when
//! they map a section.

use std::cell::OnceCell;

use crate::module::Layout;
use crate::module::cursor::{Reader, View};

/// What makes an optional header one of a 64-bit image.
const WIDE_MAGIC: u16 = 0x20b;
/// Both engines look at no more sections than Windows does.
const MAX_SECTIONS: u16 = 96;
/// Bytes of a name in the table of strings.
const MAX_LONG_NAME: u64 = 64 << 10;
/// The number of directories that the format defines.
const MAX_DIRECTORIES: u32 = 16;
const DIRECTORY_SIZE: u64 = 8;
const SYMBOL_SIZE: u32 = 18;

/// Indexes of the directories that are read here.
pub(in crate::module) mod directory {
    pub(in crate::module) const EXPORT: u64 = 0;
    pub(in crate::module) const IMPORT: u64 = 1;
    pub(in crate::module) const RESOURCE: u64 = 2;
    pub(in crate::module) const SECURITY: u64 = 4;
    pub(in crate::module) const DEBUG: u64 = 6;
    pub(in crate::module) const DELAY_IMPORT: u64 = 13;
    pub(in crate::module) const COM_DESCRIPTOR: u64 = 14;
}

/// A file that starts as a PE file does.
pub(in crate::module) struct Image<'d> {
    pub(in crate::module) view: View<'d>,
    /// Where the PE header starts.
    pub(super) header_at: u64,
    pub(super) file: FileHeader,
    pub(super) optional: OptionalHeader,
    /// Where the directories start; past the end if there are none.
    pub(super) directories_at: u64,
    layout: Layout,
    sections: OnceCell<Vec<Section<'d>>>,
}

/// The header in front of the optional one.
pub(super) struct FileHeader {
    pub(super) machine: u16,
    pub(super) number_of_sections: u16,
    pub(super) timestamp: u32,
    pub(super) pointer_to_symbol_table: u32,
    pub(super) number_of_symbols: u32,
    pub(super) size_of_optional_header: u16,
    pub(super) characteristics: u16,
}

/// A pair of numbers, the major one first.
pub(super) type Version = (u16, u16);

/// The optional header; zeros if the file ends inside it.
#[derive(Default)]
pub(super) struct OptionalHeader {
    pub(super) magic: u16,
    pub(super) linker_version: Version,
    pub(super) size_of_code: u32,
    pub(super) size_of_initialized_data: u32,
    pub(super) size_of_uninitialized_data: u32,
    pub(super) entry_point: u32,
    pub(super) base_of_code: u32,
    /// Only in 32-bit images.
    pub(super) base_of_data: Option<u32>,
    pub(super) image_base: u64,
    pub(super) section_alignment: u32,
    pub(super) file_alignment: u32,
    pub(super) os_version: Version,
    pub(super) image_version: Version,
    pub(super) subsystem_version: Version,
    pub(super) win32_version: u32,
    pub(super) size_of_image: u32,
    pub(super) size_of_headers: u32,
    pub(super) checksum: u32,
    pub(super) subsystem: u16,
    pub(super) dll_characteristics: u16,
    pub(super) size_of_stack_reserve: u64,
    pub(super) size_of_stack_commit: u64,
    pub(super) size_of_heap_reserve: u64,
    pub(super) size_of_heap_commit: u64,
    pub(super) loader_flags: u32,
    pub(super) number_of_rva_and_sizes: u32,
}

/// A row of the section table.
pub(super) struct Section<'d> {
    /// Without the zeros at its end.
    pub(super) name: &'d [u8],
    /// The name that the string table holds, else `name`.
    pub(super) full_name: &'d [u8],
    pub(super) virtual_size: u32,
    pub(super) virtual_address: u32,
    pub(super) raw_data_size: u32,
    pub(super) raw_data_offset: u32,
    pub(super) pointer_to_relocations: u32,
    pub(super) pointer_to_line_numbers: u32,
    pub(super) number_of_relocations: u16,
    pub(super) number_of_line_numbers: u16,
    pub(super) characteristics: u32,
}

/// A row of the data directory.
#[derive(Clone, Copy)]
pub(in crate::module) struct Directory {
    pub(in crate::module) virtual_address: u32,
    pub(in crate::module) size: u32,
}

impl<'d> Image<'d> {
    /// `None` if the file does not start with the headers of a PE file.
    pub(in crate::module) fn open(
        data: &'d [u8],
        layout: Layout,
    ) -> Option<Self> {
        if !data.starts_with(b"MZ") {
            return None;
        }
        let view = View::little(data);
        let header_at = u64::from(view.u32(0x3c)?);
        let mut read = view.reader(header_at);
        if read.take(4)? != b"PE\0\0" {
            return None;
        }
        let file = FileHeader::read(&mut read)?;
        let optional_at = read;
        let (optional, directories_at) = match OptionalHeader::read(&mut read)
        {
            Some(header) => (header, read.at()),
            None => (OptionalHeader::default(), view.len()),
        };
        debug_assert!(optional_at.at() <= directories_at);
        Some(Self {
            view,
            header_at,
            file,
            optional,
            directories_at,
            layout,
            sections: OnceCell::new(),
        })
    }

    /// True for the headers of a 64-bit image. Anything else is read as a
    /// 32-bit one, as both engines do with damaged files.
    pub(super) fn is_wide(&self) -> bool {
        self.optional.magic == WIDE_MAGIC
    }

    /// The rows of the section table, in its order.
    pub(super) fn sections(&self) -> &[Section<'d>] {
        self.sections.get_or_init(|| {
            let size = u64::from(self.file.size_of_optional_header);
            let mut read = self.view.reader(self.header_at + 24 + size);
            let symbols =
                self.file.number_of_symbols.saturating_mul(SYMBOL_SIZE);
            let strings =
                self.file.pointer_to_symbol_table.saturating_add(symbols);
            let strings = self.view.tail(u64::from(strings));
            let count = self.file.number_of_sections.min(MAX_SECTIONS);
            (0..count)
                .map_while(|_| Section::read(&mut read, strings))
                .collect()
        })
    }

    /// The rows of the data directory, none if the file ends among them.
    pub(super) fn directories(&self) -> Vec<Directory> {
        let count = self.optional.number_of_rva_and_sizes;
        let rows = (0..u64::from(count.min(MAX_DIRECTORIES)))
            .map(|at| self.directory(at))
            .collect::<Option<_>>();
        rows.unwrap_or_default()
    }

    /// A row of the data directory. Rows that the header does not count are
    /// read too: there are files whose count is too low.
    pub(in crate::module) fn directory(&self, at: u64) -> Option<Directory> {
        let mut read =
            self.view.reader(self.directories_at + at * DIRECTORY_SIZE);
        Some(Directory { virtual_address: read.u32()?, size: read.u32()? })
    }

    /// What a row of the data directory points at, up to the end of the file.
    pub(in crate::module) fn directory_tail(
        &self,
        at: u64,
    ) -> Option<(Directory, View<'d>)> {
        let row = self.directory(at)?;
        // This one is an offset, because certificates are never loaded.
        let offset = match at {
            directory::SECURITY if self.layout == Layout::Memory => {
                return None;
            }
            directory::SECURITY => row.virtual_address,
            _ => self.rva_to_offset(row.virtual_address)?,
        };
        Some((row, self.view.tail(u64::from(offset))?))
    }

    /// As [`Image::directory_tail`], cut at the size that the row gives.
    pub(in crate::module) fn directory_data(
        &self,
        at: u64,
    ) -> Option<(Directory, View<'d>)> {
        let (row, tail) = self.directory_tail(at)?;
        let data = tail.cut(0, u64::from(row.size))?;
        Some((row, tail.with(data)))
    }

    /// The file from an address on.
    pub(in crate::module) fn at_rva(&self, rva: u32) -> Option<View<'d>> {
        self.view.tail(u64::from(self.rva_to_offset(rva)?))
    }

    /// The bytes in front of the first zero byte at an address, but at most
    /// `max`.
    pub(super) fn text_at(&self, rva: u32, max: u64) -> Option<&'d [u8]> {
        let text = self.at_rva(rva)?.cut(0, max)?;
        let end = memchr::memchr(0, text).unwrap_or(text.len());
        Some(&text[..end])
    }

    /// Where the file holds what is loaded at an address.
    pub(in crate::module) fn rva_to_offset(&self, rva: u32) -> Option<u32> {
        if self.layout == Layout::Memory {
            return (u64::from(rva) < self.view.len()).then_some(rva);
        }
        let sections = self.sections();
        let lowest = sections.iter().map(|s| s.virtual_address).min();
        if lowest.is_some_and(|lowest| rva < lowest) {
            return Some(rva);
        }
        let (mut start, mut offset, mut size) = (0, 0, 0);
        for section in sections {
            let at = section.virtual_address;
            let end = at.saturating_add(
                section.virtual_size.max(section.raw_data_size),
            );
            if start <= at && (at..end).contains(&rva) {
                start = at;
                offset = self.loaded_from(section);
                size = section.raw_data_size;
            }
        }
        let inside = rva - start;
        (inside < size).then(|| offset.saturating_add(inside))
    }

    /// The address at which the byte at an offset is loaded.
    pub(super) fn offset_to_rva(&self, offset: u32) -> Option<u32> {
        if self.layout == Layout::Memory {
            return (u64::from(offset) < self.view.len()).then_some(offset);
        }
        // Sections without data in the file hold no offset.
        let sections = self.sections().iter();
        let sections = sections.filter(|s| s.raw_data_offset > 0);
        let lowest = sections.clone().map(|s| self.loaded_from(s)).min();
        if lowest.is_some_and(|lowest| offset < lowest) {
            return Some(offset);
        }
        let (mut start, mut rva, mut size) = (0, 0, 0);
        for section in sections {
            let at = self.loaded_from(section);
            let end = at.saturating_add(section.raw_data_size);
            if start <= at && (at..end).contains(&offset) {
                start = at;
                rva = section.virtual_address;
                size = section.raw_data_size;
            }
        }
        let inside = offset - start;
        (inside < size).then(|| rva.saturating_add(inside))
    }

    /// The offset from which a section is mapped: loaders round it down.
    fn loaded_from(&self, section: &Section<'_>) -> u32 {
        let mut offset = section.raw_data_offset;
        // Larger alignments of the file are not heeded.
        let alignment = self.optional.file_alignment.min(0x200);
        offset -= offset.checked_rem(alignment).unwrap_or(0);
        if self.optional.section_alignment >= 0x1000 {
            offset -= offset % 0x200;
        }
        offset
    }
}

impl FileHeader {
    fn read(read: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            machine: read.u16()?,
            number_of_sections: read.u16()?,
            timestamp: read.u32()?,
            pointer_to_symbol_table: read.u32()?,
            number_of_symbols: read.u32()?,
            size_of_optional_header: read.u16()?,
            characteristics: read.u16()?,
        })
    }
}

impl OptionalHeader {
    fn read(read: &mut Reader<'_>) -> Option<Self> {
        let magic = read.u16()?;
        let wide = magic == WIDE_MAGIC;
        Some(Self {
            magic,
            linker_version: (read.u8()?.into(), read.u8()?.into()),
            size_of_code: read.u32()?,
            size_of_initialized_data: read.u32()?,
            size_of_uninitialized_data: read.u32()?,
            entry_point: read.u32()?,
            base_of_code: read.u32()?,
            base_of_data: if wide { None } else { Some(read.u32()?) },
            image_base: read.word(wide)?,
            section_alignment: read.u32()?,
            file_alignment: read.u32()?,
            os_version: (read.u16()?, read.u16()?),
            image_version: (read.u16()?, read.u16()?),
            subsystem_version: (read.u16()?, read.u16()?),
            win32_version: read.u32()?,
            size_of_image: read.u32()?,
            size_of_headers: read.u32()?,
            checksum: read.u32()?,
            subsystem: read.u16()?,
            dll_characteristics: read.u16()?,
            size_of_stack_reserve: read.word(wide)?,
            size_of_stack_commit: read.word(wide)?,
            size_of_heap_reserve: read.word(wide)?,
            size_of_heap_commit: read.word(wide)?,
            loader_flags: read.u32()?,
            number_of_rva_and_sizes: read.u32()?,
        })
    }
}

impl<'d> Section<'d> {
    fn read(read: &mut Reader<'d>, strings: Option<View<'d>>) -> Option<Self> {
        let mut row = View::little(read.take(40)?).reader(0);
        let padded = row.take(8)?;
        let used = padded.iter().rposition(|&byte| byte != 0);
        let name = &padded[..used.map_or(0, |last| last + 1)];
        Some(Self {
            name,
            full_name: long_name(name, strings).unwrap_or(name),
            virtual_size: row.u32()?,
            virtual_address: row.u32()?,
            raw_data_size: row.u32()?,
            raw_data_offset: row.u32()?,
            pointer_to_relocations: row.u32()?,
            pointer_to_line_numbers: row.u32()?,
            number_of_relocations: row.u16()?,
            number_of_line_numbers: row.u16()?,
            characteristics: row.u32()?,
        })
    }
}

/// The name that `/12` stands for: compilers of the GNU family put names
/// that are too long into the string table, at this offset.
fn long_name<'d>(name: &[u8], strings: Option<View<'d>>) -> Option<&'d [u8]> {
    let offset = std::str::from_utf8(name.strip_prefix(b"/")?).ok()?;
    let at = u64::from(offset.parse::<u32>().ok()?);
    let text = strings?.cut(at, MAX_LONG_NAME)?;
    let end = memchr::memchr(0, text).unwrap_or(text.len());
    Some(&text[..end])
}
