//! `entrypoint`: the file offset of the entry point of a PE or ELF file, by
//! the rules of libyara, which differ from those of the loaders. In memory it
//! is an address.

use crate::scan::Regions;

/// Machines whose PE files have an entry point for libyara.
const PE_MACHINES: [u16; 23] = [
    0x0000, 0x014c, 0x0166, 0x0169, 0x01a2, 0x01a3, 0x01a6, 0x01a8, 0x01c0,
    0x01c2, 0x01c4, 0x01d3, 0x01f0, 0x01f1, 0x0200, 0x0266, 0x0366, 0x0466,
    0x0ebc, 0x8664, 0x9041, 0xaa64, 0x0162,
];

/// Sections of a PE file that are looked at.
const MAX_PE_SECTIONS: u64 = 96;

/// The bit of a PE file that is a library.
const PE_LIBRARY: u64 = 0x2000;

const ELF_EXECUTABLE: u64 = 2;
const SECTION_NULL: u64 = 0;
const SECTION_NOBITS: u64 = 8;

/// File offset of the entry point; 0 if it lies in no part of the file,
/// `None` if the object is neither PE nor ELF.
pub fn entrypoint(data: &[u8]) -> Option<i64> {
    pe(data).or_else(|| elf(data)).map(|offset| offset as i64)
}

/// Address of the entry point of the first program in memory. Libraries, and
/// programs that may be loaded anywhere, have none.
pub fn entrypoint_in(space: &dyn Regions) -> Option<i64> {
    let all = 0..space.count();
    let mut found = all.filter_map(|at| loaded(space, space.address(at)));
    found.next().and_then(|address| i64::try_from(address).ok())
}

fn loaded(space: &dyn Regions, base: u64) -> Option<u64> {
    let mut head = [0; 64];
    if !space.read_all(base, &mut head) {
        return None;
    }
    if let Some(at) = pe_header(&head) {
        let mut header = [0; 44];
        let is_there = space.read_all(base.checked_add(at)?, &mut header);
        let is_program = is_there
            && header.starts_with(b"PE\0\0")
            && le::<2>(&header, 22)? & PE_LIBRARY == 0;
        return is_program
            .then_some(())
            .and_then(|()| base.checked_add(le::<4>(&header, 40)?));
    }
    let is_elf = head.starts_with(b"\x7fELF");
    let executable = is_elf && le::<2>(&head, 16)? == ELF_EXECUTABLE;
    match head[4] {
        1 if executable => le::<4>(&head, ELF32.entry),
        2 if executable => le::<8>(&head, ELF64.entry),
        _ => None,
    }
}

/// Where the header of a PE file is.
fn pe_header(data: &[u8]) -> Option<u64> {
    let header = le::<4>(data, 60)?;
    (data.starts_with(b"MZ") && header <= i32::MAX as u64).then_some(header)
}

/// Is it a PE file that other programs load?
pub(crate) fn is_library(data: &[u8]) -> bool {
    let flags = pe_header(data).and_then(|at| le::<2>(data, at + 22));
    flags.is_some_and(|flags| flags & PE_LIBRARY != 0)
}

/// A little-endian number of `N` bytes.
fn le<const N: usize>(data: &[u8], offset: u64) -> Option<u64> {
    let rest = data.get(usize::try_from(offset).ok()?..)?;
    let mut bytes = [0; 8];
    bytes.get_mut(..N)?.copy_from_slice(rest.get(..N)?);
    Some(u64::from_le_bytes(bytes))
}

fn pe(data: &[u8]) -> Option<u64> {
    const SECTION: u64 = 40;
    if le::<2>(data, 0)? != 0x5a4d || data.len() < 64 {
        return None;
    }
    let header = le::<4>(data, 60)?;
    if header > i32::MAX as u64 || le::<4>(data, header)? != 0x4550 {
        return None;
    }
    let machine = le::<2>(data, header + 4)? as u16;
    if !PE_MACHINES.contains(&machine) {
        return None;
    }
    let rva = le::<4>(data, header + 40)?;
    let sections = le::<2>(data, header + 6)?.min(MAX_PE_SECTIONS);
    let first = header + 24 + le::<2>(data, header + 20)?;
    // The section with the highest address at or below the entry point.
    let mut best = (0, 0);
    for place in 0..sections {
        let section = first + place * SECTION;
        if section + SECTION >= data.len() as u64 {
            return Some(0);
        }
        let address = le::<4>(data, section + 12)?;
        if rva >= address && best.0 <= address {
            best = (address, le::<4>(data, section + 20)?);
        }
    }
    Some(best.1 + (rva - best.0))
}

/// Where the parts of an ELF header and of its tables are.
struct ElfLayout {
    word: fn(&[u8], u64) -> Option<u64>,
    entry: u64,
    segments: u64,
    sections: u64,
    segment_count: u64,
    section_count: u64,
    segment: ElfTable,
    section: ElfTable,
}

/// Size of an entry and the places of its address, size and file offset.
struct ElfTable {
    size: u64,
    address: u64,
    length: u64,
    offset: u64,
}

const ELF32: ElfLayout = ElfLayout {
    word: le::<4>,
    entry: 24,
    segments: 28,
    sections: 32,
    segment_count: 44,
    section_count: 48,
    segment: ElfTable { size: 32, address: 8, length: 20, offset: 4 },
    section: ElfTable { size: 40, address: 12, length: 20, offset: 16 },
};

const ELF64: ElfLayout = ElfLayout {
    word: le::<8>,
    entry: 24,
    segments: 32,
    sections: 40,
    segment_count: 56,
    section_count: 60,
    segment: ElfTable { size: 56, address: 16, length: 40, offset: 8 },
    section: ElfTable { size: 64, address: 16, length: 32, offset: 24 },
};

fn elf(data: &[u8]) -> Option<u64> {
    if !data.starts_with(b"\x7fELF") {
        return None;
    }
    let layout = match *data.get(4)? {
        1 => ELF32,
        2 => ELF64,
        _ => return None,
    };
    let word = layout.word;
    let entry = word(data, layout.entry)?;
    let executable = le::<2>(data, 16)? == ELF_EXECUTABLE;
    let (table, start, count) = if executable {
        (&layout.segment, layout.segments, layout.segment_count)
    } else {
        (&layout.section, layout.sections, layout.section_count)
    };
    let count = le::<2>(data, count)?;
    let start = word(data, start)?;
    let end = start.checked_add(count * table.size);
    if start == 0 || end.is_none_or(|end| end > data.len() as u64) {
        return Some(0);
    }
    for place in 0..count {
        let at = start + place * table.size;
        if !executable {
            let kind = le::<4>(data, at + 4)?;
            if kind == SECTION_NULL || kind == SECTION_NOBITS {
                continue;
            }
        }
        let address = word(data, at + table.address)?;
        let end = address.wrapping_add(word(data, at + table.length)?);
        if (address..end).contains(&entry) {
            let offset = word(data, at + table.offset)?;
            return Some(offset.wrapping_add(entry - address));
        }
    }
    Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PE file with sections (address, file offset) and this entry point.
    fn pe_file(entry: u32, sections: &[(u32, u32)]) -> Vec<u8> {
        let mut file = vec![0; 64];
        file[..2].copy_from_slice(b"MZ");
        file[60] = 64;
        file.extend(b"PE\0\0\x4c\x01");
        file.extend((sections.len() as u16).to_le_bytes());
        file.extend([0; 12]);
        file.extend(224u16.to_le_bytes());
        file.extend([0; 18]);
        file.extend(entry.to_le_bytes());
        file.resize(64 + 24 + 224, 0);
        for (address, offset) in sections {
            file.extend([0; 12]);
            file.extend(address.to_le_bytes());
            file.extend([0; 4]);
            file.extend(offset.to_le_bytes());
            file.extend([0; 16]);
        }
        file.resize(file.len() + 64, 0);
        file
    }

    #[test]
    fn pe_entry_points_count_from_the_nearest_section_below() {
        let sections = [(0x1000, 0x400), (0x2000, 0x600)];
        assert_eq!(entrypoint(&pe_file(0x1010, &sections)), Some(0x410));
        assert_eq!(entrypoint(&pe_file(0x2020, &sections)), Some(0x620));
        // Below all sections the address itself counts.
        assert_eq!(entrypoint(&pe_file(0x10, &sections)), Some(0x10));
        let mut cut = pe_file(0x1010, &sections);
        cut.truncate(64 + 24 + 224 + 40);
        assert_eq!(entrypoint(&cut), Some(0));
        let mut machine = pe_file(0x1010, &sections);
        machine[68] = 0xff;
        assert_eq!(entrypoint(&machine), None);
    }

    /// A 64-bit executable with one segment.
    fn elf_file(entry: u64) -> Vec<u8> {
        let mut file = vec![0u8; 64 + 56];
        file[..6].copy_from_slice(b"\x7fELF\x02\x01");
        file[16] = 2;
        file[24..32].copy_from_slice(&entry.to_le_bytes());
        file[32] = 64;
        file[56] = 1;
        let segment = &mut file[64..];
        segment[8..16].copy_from_slice(&0x100u64.to_le_bytes());
        segment[16..24].copy_from_slice(&0x40_0000u64.to_le_bytes());
        segment[40..48].copy_from_slice(&0x1000u64.to_le_bytes());
        file
    }

    #[test]
    fn elf_entry_points_count_from_their_segment() {
        assert_eq!(entrypoint(&elf_file(0x40_0010)), Some(0x110));
        assert_eq!(entrypoint(&elf_file(0x50_0000)), Some(0));
        assert_eq!(entrypoint(&elf_file(0x40_0010)[..100]), Some(0));
        assert_eq!(entrypoint(&elf_file(0x40_0010)[..4]), None);
    }

    #[test]
    fn other_objects_have_none() {
        assert_eq!(entrypoint(b""), None);
        assert_eq!(entrypoint(b"MZ"), None);
        assert_eq!(entrypoint(&[0x41; 500]), None);
    }
}
