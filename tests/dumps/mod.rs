//! Writers of dumps, each from the description of its format, so that the
//! readers are not tested with themselves.
#![allow(dead_code, unreachable_pub)]

/// A stretch of memory: address, bytes, and whether it may be executed.
pub type Range = (u64, Vec<u8>, bool);

fn le16(to: &mut Vec<u8>, number: u16) {
    to.extend(number.to_le_bytes());
}

fn le32(to: &mut Vec<u8>, number: u32) {
    to.extend(number.to_le_bytes());
}

fn le64(to: &mut Vec<u8>, number: u64) {
    to.extend(number.to_le_bytes());
}

fn le32s<const N: usize>(to: &mut Vec<u8>, numbers: [u32; N]) {
    numbers.into_iter().for_each(|number| le32(to, number));
}

fn le64s<const N: usize>(to: &mut Vec<u8>, numbers: [u64; N]) {
    numbers.into_iter().for_each(|number| le64(to, number));
}

fn pad(to: &mut Vec<u8>, unit: usize) {
    to.resize(to.len().next_multiple_of(unit), 0);
}

fn note(to: &mut Vec<u8>, kind: u32, content: &[u8]) {
    le32(to, 5);
    le32(to, content.len() as u32);
    le32(to, kind);
    to.extend(b"CORE\0\0\0\0");
    to.extend(content);
    pad(to, 4);
}

/// An ELF core of Linux for x86-64. A file is its first address, its end,
/// its offset in pages and its name. With `extended` the number of segments
/// stands where that of too many would.
pub fn elf_core(
    ranges: &[Range],
    files: &[(u64, u64, u64, &str)],
    extended: bool,
) -> Vec<u8> {
    let mut info = vec![0; 136];
    info[16..20].copy_from_slice(&1000_u32.to_le_bytes());
    info[24..28].copy_from_slice(&4242_u32.to_le_bytes());
    info[28..32].copy_from_slice(&4000_u32.to_le_bytes());
    info[40..46].copy_from_slice(b"victim");
    info[56..67].copy_from_slice(b"victim --on");
    let mut table = Vec::new();
    le64(&mut table, files.len() as u64);
    le64(&mut table, 4096);
    for (start, end, pages, _) in files {
        le64s(&mut table, [*start, *end, *pages]);
    }
    for (_, _, _, name) in files {
        table.extend(name.as_bytes());
        table.push(0);
    }
    let mut notes = Vec::new();
    note(&mut notes, 3, &info);
    note(&mut notes, 0x4649_4c45, &table);
    let count = ranges.len() + 1;
    let mut core = b"\x7fELF\x02\x01\x01".to_vec();
    core.resize(16, 0);
    le16(&mut core, 4);
    le16(&mut core, 62);
    le32(&mut core, 1);
    le64(&mut core, 0);
    le64(&mut core, 128);
    le64(&mut core, if extended { 64 } else { 0 });
    le32(&mut core, 0);
    le16(&mut core, 64);
    le16(&mut core, 56);
    le16(&mut core, if extended { 0xffff } else { count as u16 });
    core.resize(64 + 44, 0);
    le32(&mut core, count as u32);
    core.resize(128, 0);
    let segment = |to: &mut Vec<u8>, kind: u32, flags: u32, numbers| {
        le32(to, kind);
        le32(to, flags);
        let [place, address, stored, size]: [u64; 4] = numbers;
        le64s(to, [place, address, 0, stored, size, 4096]);
    };
    let mut place = (128 + 56 * count) as u64;
    let length = notes.len() as u64;
    segment(&mut core, 4, 0, [place, 0, length, 0]);
    place = (place + length).next_multiple_of(4096);
    for (address, bytes, runs) in ranges {
        let length = bytes.len() as u64;
        let flags = if *runs { 5 } else { 6 };
        segment(&mut core, 1, flags, [place, *address, length, length]);
        place += length;
    }
    core.extend(notes);
    pad(&mut core, 4096);
    ranges.iter().for_each(|(_, bytes, _)| core.extend(bytes));
    core
}

/// What a minidump has besides memory.
pub struct Minidump<'m> {
    pub ranges: &'m [Range],
    /// Base, size and path.
    pub modules: &'m [(u64, u32, &'m str)],
    /// In the list for large dumps, not in the old one.
    pub is_full: bool,
    /// Bytes of the header of the list of regions; 0: there is no list.
    pub info_header: u32,
    /// Ranges of one allocation have the same base.
    pub allocations: &'m [u64],
}

impl Minidump<'_> {
    /// The bytes of the dump.
    pub fn bytes(&self) -> Vec<u8> {
        self.with_streams(Vec::new())
    }

    /// The bytes of a dump of Linux, with the text of `maps`.
    pub fn with_maps(&self, maps: &str) -> Vec<u8> {
        self.with_streams(vec![(0x4767_0009, maps.as_bytes().to_vec())])
    }

    fn with_streams(&self, mut streams: Vec<(u32, Vec<u8>)>) -> Vec<u8> {
        let count = 4 + streams.len();
        let mut place = 32 + 12 * count;
        let mut names = Vec::new();
        let names_at = place;
        let mut modules = Vec::new();
        le32(&mut modules, self.modules.len() as u32);
        for (base, size, name) in self.modules {
            let start = modules.len();
            le64(&mut modules, *base);
            le32(&mut modules, *size);
            le64(&mut modules, 0);
            le32(&mut modules, (names_at + names.len()) as u32);
            modules.resize(start + 108, 0);
            let units: Vec<u16> = name.encode_utf16().collect();
            le32(&mut names, 2 * units.len() as u32);
            units.into_iter().for_each(|unit| le16(&mut names, unit));
            le16(&mut names, 0);
        }
        place += names.len();
        streams.push((4, modules));
        let mut misc = Vec::new();
        le32s(&mut misc, [24, 1, 4242, 0, 0, 0]);
        streams.push((15, misc));
        let mut info = Vec::new();
        let number = self.ranges.len() as u32;
        le32(&mut info, self.info_header);
        le32(&mut info, 48);
        match self.info_header {
            16 => le64(&mut info, number.into()),
            _ => le32(&mut info, number),
        }
        for ((address, bytes, runs), base) in
            self.ranges.iter().zip(self.allocations)
        {
            le64(&mut info, *address);
            le64(&mut info, *base);
            le64(&mut info, 4);
            le64(&mut info, bytes.len() as u64);
            le32(&mut info, 0x1000);
            le32(&mut info, if *runs { 0x20 } else { 4 });
            le32(&mut info, 0x2_0000);
            le32(&mut info, 0);
        }
        let kind = if self.info_header > 0 { 16 } else { 0 };
        streams.push((kind, info));
        let size = match self.is_full {
            true => 16 + 16 * self.ranges.len(),
            false => 4 + 16 * self.ranges.len(),
        };
        let lists = streams.iter().map(|(_, bytes)| bytes.len());
        let mut at = place + lists.sum::<usize>() + size;
        let mut memory = Vec::new();
        if self.is_full {
            le64(&mut memory, self.ranges.len() as u64);
            le64(&mut memory, at as u64);
        } else {
            le32(&mut memory, self.ranges.len() as u32);
        }
        for (address, bytes, _) in self.ranges {
            le64(&mut memory, *address);
            if self.is_full {
                le64(&mut memory, bytes.len() as u64);
            } else {
                le32(&mut memory, bytes.len() as u32);
                le32(&mut memory, at as u32);
                at += bytes.len();
            }
        }
        streams.push((if self.is_full { 9 } else { 5 }, memory));
        let mut dump = b"MDMP\x93\xa7\0\0".to_vec();
        le32s(&mut dump, [count as u32, 32, 0, 0, 0, 0]);
        for (kind, bytes) in &streams {
            le32(&mut dump, *kind);
            le32(&mut dump, bytes.len() as u32);
            le32(&mut dump, place as u32);
            place += bytes.len();
        }
        dump.extend(names);
        streams.iter().for_each(|(_, bytes)| dump.extend(bytes));
        self.ranges.iter().for_each(|(_, bytes, _)| dump.extend(bytes));
        dump
    }
}

/// LiME: a header in front of each range; its end is inside.
pub fn lime(ranges: &[Range]) -> Vec<u8> {
    let mut dump = Vec::new();
    for (address, bytes, _) in ranges {
        le32(&mut dump, 0x4c69_4d45);
        le32(&mut dump, 1);
        le64(&mut dump, *address);
        le64(&mut dump, address + bytes.len() as u64 - 1);
        le64(&mut dump, 0);
        dump.extend(bytes);
    }
    dump
}

/// A dump of AVML, version 2, with frames that are stored as they are.
pub fn avml(ranges: &[Range]) -> Vec<u8> {
    let mut dump = Vec::new();
    for (address, bytes, _) in ranges {
        dump.extend(b"AVML");
        le32(&mut dump, 2);
        le64s(&mut dump, [*address, address + bytes.len() as u64 - 1, 0]);
        let begin = dump.len();
        dump.extend(b"\xff\x06\0\0sNaPpY");
        for part in bytes.chunks(10_000) {
            le32(&mut dump, (part.len() as u32 + 4) << 8 | 1);
            let sum = crc32c(part).rotate_right(15);
            le32(&mut dump, sum.wrapping_add(0xa282_ead8));
            dump.extend(part);
        }
        let length = (dump.len() - begin) as u64;
        le64(&mut dump, length);
    }
    dump
}

fn crc32c(bytes: &[u8]) -> u32 {
    let turn =
        |sum: u32| (sum >> 1) ^ (0x82f6_3b78 & (sum & 1).wrapping_neg());
    let add = |sum: u32, byte: &u8| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| turn(sum))
    };
    !bytes.iter().fold(u32::MAX, add)
}

/// A full crash dump of Windows.
pub fn pagedu64(ranges: &[Range]) -> Vec<u8> {
    let mut head = b"PAGE".repeat(0x800);
    let mut put = |at: usize, bytes: &[u8]| {
        head[at..at + bytes.len()].copy_from_slice(bytes);
    };
    put(0, b"PAGEDU64");
    put(0x88, &(ranges.len() as u32).to_le_bytes());
    for (index, (address, bytes, _)) in ranges.iter().enumerate() {
        let at = 0x98 + 16 * index;
        put(at, &(address / 4096).to_le_bytes());
        put(at + 8, &(bytes.len() as u64 / 4096).to_le_bytes());
    }
    put(0xf98, &1_u32.to_le_bytes());
    ranges.iter().for_each(|(_, bytes, _)| head.extend(bytes));
    head
}

/// A core of macOS; its data begin at 4,096.
pub fn macho_core(ranges: &[Range]) -> Vec<u8> {
    let mut core = Vec::new();
    let size = 72 * ranges.len() as u32;
    let count = ranges.len() as u32;
    let head = [0xfeed_facf, 0x0100_0007, 3, 4, count, size, 0, 0];
    le32s(&mut core, head);
    let mut place = 4096;
    for (address, bytes, _) in ranges {
        let length = bytes.len() as u64;
        le32(&mut core, 0x19);
        le32(&mut core, 72);
        core.extend([0; 16]);
        le64s(&mut core, [*address, length, place, length]);
        le32s(&mut core, [7, 3, 0, 0]);
        place += length;
    }
    core.resize(4096, 0);
    ranges.iter().for_each(|(_, bytes, _)| core.extend(bytes));
    core
}
