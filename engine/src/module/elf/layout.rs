//! The header of an ELF file and the two tables that it leads to.

use crate::module::Layout;
use crate::module::cursor::View;

const PT_LOAD: u32 = 1;
const ET_EXEC: u16 = 2;
const ET_DYN: u16 = 3;
const SHT_NULL: u32 = 0;
const SHT_NOBITS: u32 = 8;

/// The header, and the file it was found in.
pub(super) struct Header<'d> {
    pub(super) view: View<'d>,
    layout: Layout,
    /// True for files of 64 bits.
    pub(super) wide: bool,
    pub(super) osabi: u8,
    pub(super) kind: u16,
    pub(super) machine: u16,
    pub(super) entry_point: u64,
    pub(super) segment_offset: u64,
    pub(super) segment_size: u16,
    pub(super) segment_count: u16,
    pub(super) section_offset: u64,
    pub(super) section_size: u16,
    pub(super) section_count: u16,
    /// The section with the names of sections.
    pub(super) names_at: u16,
}

/// An entry of the table of sections.
pub(super) struct Section {
    pub(super) name: u32,
    pub(super) kind: u32,
    pub(super) flags: u64,
    pub(super) address: u64,
    pub(super) offset: u64,
    pub(super) size: u64,
    pub(super) link: u32,
}

/// An entry of the table of segments.
pub(super) struct Segment {
    pub(super) kind: u32,
    pub(super) flags: u32,
    pub(super) offset: u64,
    pub(super) address: u64,
    pub(super) physical: u64,
    pub(super) file_size: u64,
    pub(super) memory_size: u64,
    pub(super) alignment: u64,
}

/// The address of the first byte that is loaded, without where it went.
fn base(segments: &[Segment]) -> u64 {
    let loaded = segments.iter().filter(|segment| segment.kind == PT_LOAD);
    // A segment begins on a page.
    loaded.map(|segment| segment.address & !0xfff).min().unwrap_or(0)
}

impl<'d> Header<'d> {
    /// Reads it; `None` if this is no ELF file.
    pub(super) fn read(data: &'d [u8], layout: Layout) -> Option<Self> {
        let ident: [u8; 16] = *data.first_chunk()?;
        let view = match ident {
            [0x7f, b'E', b'L', b'F', 1 | 2, 1, ..] => View::little(data),
            [0x7f, b'E', b'L', b'F', 1 | 2, 2, ..] => View::big(data),
            _ => return None,
        };
        let wide = ident[4] == 2;
        let mut reader = view.reader(16);
        let kind = reader.u16()?;
        let machine = reader.u16()?;
        let _version = reader.u32()?;
        let entry_point = reader.word(wide)?;
        let segment_offset = reader.word(wide)?;
        let section_offset = reader.word(wide)?;
        let _flags = reader.u32()?;
        let _header_size = reader.u16()?;
        Some(Self {
            view,
            layout,
            wide,
            osabi: ident[7],
            kind,
            machine,
            entry_point,
            segment_offset,
            section_offset,
            segment_size: reader.u16()?,
            segment_count: reader.u16()?,
            section_size: reader.u16()?,
            section_count: reader.u16()?,
            names_at: reader.u16()?,
        })
    }

    /// All sections, or `None` if one of them is not in the file.
    pub(super) fn sections(&self) -> Option<Vec<Section>> {
        // They are not loaded.
        if self.layout == Layout::Memory {
            return None;
        }
        let wide = self.wide;
        let mut reader = self.view.reader(self.section_offset);
        let one = |_| {
            let section = Section {
                name: reader.u32()?,
                kind: reader.u32()?,
                flags: reader.word(wide)?,
                address: reader.word(wide)?,
                offset: reader.word(wide)?,
                size: reader.word(wide)?,
                link: reader.u32()?,
            };
            let _info = reader.u32()?;
            let _alignment = reader.word(wide)?;
            let _entry_size = reader.word(wide)?;
            Some(section)
        };
        (0..self.section_count).map(one).collect()
    }

    /// All segments, or `None` if one of them is not in the file.
    pub(super) fn segments(&self) -> Option<Vec<Segment>> {
        let wide = self.wide;
        let mut reader = self.view.reader(self.segment_offset);
        let one = |_| {
            let kind = reader.u32()?;
            let early = if wide { reader.u32()? } else { 0 };
            let offset = reader.word(wide)?;
            let address = reader.word(wide)?;
            let physical = reader.word(wide)?;
            let file_size = reader.word(wide)?;
            let memory_size = reader.word(wide)?;
            let flags = if wide { early } else { reader.u32()? };
            let alignment = reader.word(wide)?;
            Some(Segment {
                kind,
                flags,
                offset,
                address,
                physical,
                file_size,
                memory_size,
                alignment,
            })
        };
        (0..self.segment_count).map(one).collect()
    }

    /// The pairs of a dynamic segment in front of the one that ends them.
    pub(super) fn dynamic(
        &self,
        segment: &Segment,
        segments: &[Segment],
    ) -> impl Iterator<Item = (u64, u64)> + use<'d> {
        let wide = self.wide;
        let at = match self.layout {
            Layout::File => segment.offset,
            Layout::Memory => segment.address.saturating_sub(base(segments)),
        };
        let data = self.view.slice(at, segment.file_size);
        let view = self.view.with(data.unwrap_or_default());
        let mut reader = view.reader(0);
        std::iter::from_fn(move || {
            Some((reader.word(wide)?, reader.word(wide)?))
        })
        .take_while(|(tag, _)| *tag != 0)
    }

    /// Where in the file an address is: in a segment of what can be run, in
    /// a section of anything else. A range that wraps around ends the search.
    pub(super) fn offset_of(
        &self,
        address: u64,
        segments: &[Segment],
        sections: &[Section],
    ) -> Option<u64> {
        if self.layout == Layout::Memory {
            return address.checked_sub(base(segments));
        }
        let within = |start: u64, size: u64, offset: u64| {
            let end = start.checked_add(size)?;
            let inside = (start..end).contains(&address);
            Some(inside.then(|| offset.checked_add(address - start)))
        };
        if matches!(self.kind, ET_EXEC | ET_DYN) {
            for s in segments {
                if let Some(at) = within(s.address, s.memory_size, s.offset)? {
                    return at;
                }
            }
            return None;
        }
        for s in sections {
            if s.kind == SHT_NULL || s.kind == SHT_NOBITS {
                continue;
            }
            if let Some(at) = within(s.address, s.size, s.offset)? {
                return at;
            }
        }
        None
    }
}
