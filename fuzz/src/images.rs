//! Small images of every kind, and how their checksums are put right again.
//!
//! Damage that a checksum gives away tests the checksum only; so after the
//! damage the checksums are made to fit.

use std::ops::Range;

/// An image to be damaged.
pub struct Image {
    /// A name that fits its kind.
    pub name: &'static str,
    /// All of it.
    pub bytes: Vec<u8>,
    /// Where its tables are.
    pub areas: Vec<Range<usize>>,
    /// Makes the checksums fit.
    pub repair: fn(&mut [u8]),
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

fn le32(bytes: &[u8], at: usize) -> Option<usize> {
    let field = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(field.try_into().ok()?) as usize)
}

fn le64(bytes: &[u8], at: usize) -> Option<usize> {
    let field = bytes.get(at..at.checked_add(8)?)?;
    usize::try_from(u64::from_le_bytes(field.try_into().ok()?)).ok()
}

fn none(_: &mut [u8]) {}

/// All kinds.
pub fn all() -> Vec<Image> {
    vec![
        qcow2(9, false),
        qcow2(14, true),
        ewf(),
        vmdk(),
        vmdk_text(),
        vhd(),
        vdi(),
        vhdx(),
        tar(),
        gpt(),
        mbr(),
        lvm(),
    ]
}

fn qcow2(bits: u32, extended: bool) -> Image {
    let cluster = 1usize << bits;
    let mut bytes = vec![0x5A; 6 * cluster];
    bytes[..3 * cluster].fill(0);
    put(&mut bytes, 0, b"QFI\xfb\0\0\0\x03");
    put(&mut bytes, 8, &200u64.to_be_bytes());
    put(&mut bytes, 16, &5u32.to_be_bytes());
    put(&mut bytes, 20, &bits.to_be_bytes());
    put(&mut bytes, 24, &(cluster as u64 * 8 - 100).to_be_bytes());
    put(&mut bytes, 36, &1u32.to_be_bytes());
    put(&mut bytes, 40, &(cluster as u64).to_be_bytes());
    put(&mut bytes, 72, &(if extended { 16u64 } else { 0 }).to_be_bytes());
    put(&mut bytes, 100, &104u32.to_be_bytes());
    put(&mut bytes, 200, b"image");
    put(&mut bytes, cluster, &(cluster as u64 * 2).to_be_bytes());
    let step = if extended { 16 } else { 8 };
    for (number, place) in [3u64, 0, 4, 5].into_iter().enumerate() {
        let at = 2 * cluster + step * number;
        let entry = (place * cluster as u64) | 1 << 63;
        put(&mut bytes, at, &entry.to_be_bytes());
    }
    let areas =
        vec![0..208, cluster..cluster + 16, 2 * cluster..2 * cluster + 64];
    Image { name: "image", bytes, areas, repair: none }
}

fn adler(bytes: &[u8]) -> u32 {
    let (mut a, mut b) = (1u32, 0u32);
    for byte in bytes {
        a = (a + u32::from(*byte)) % 65521;
        b = (b + a) % 65521;
    }
    b << 16 | a
}

fn ewf() -> Image {
    let mut bytes = b"EVF\x09\x0d\x0a\xff\0\x01\x01\0\0\0".to_vec();
    let mut section = |kind: &str, content: &[u8]| {
        let at = bytes.len();
        let size = 76 + content.len();
        bytes.resize(at + 76, 0);
        put(&mut bytes, at, kind.as_bytes());
        put(&mut bytes, at + 16, &((at + size) as u64).to_le_bytes());
        put(&mut bytes, at + 24, &(size as u64).to_le_bytes());
        bytes.extend_from_slice(content);
    };
    let mut volume = vec![0; 1052];
    put(&mut volume, 4, &[4, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 4]);
    section("volume", &volume);
    // Three stored chunks, and one that is deflated, more or less.
    section("sectors", &[0x78; 3 * 516 + 40]);
    let mut table = vec![0; 24 + 16 + 4];
    table[0] = 4;
    table[8..10].copy_from_slice(&1141u16.to_le_bytes());
    for (number, offset) in
        [76u32, 592, 1108, 1624 | 1 << 31].into_iter().enumerate()
    {
        put(&mut table, 24 + 4 * number, &offset.to_le_bytes());
    }
    section("table", &table);
    section("table2", &table);
    let mut bad = vec![0; 540];
    bad[0] = 2;
    bad[520] = 1;
    bad[524] = 1;
    section("error2", &bad);
    section("hash", &[7; 36]);
    section("done", &[]);
    let end = bytes.len();
    repair_ewf(&mut bytes);
    let areas = vec![8..1141 + 76, 1141 + 1588 + 76..end];
    Image { name: "d.E01", bytes, areas, repair: repair_ewf }
}

fn repair_ewf(bytes: &mut [u8]) {
    let mut at = 13;
    while at + 76 <= bytes.len() {
        let is_table = bytes[at..].starts_with(b"table");
        let table = at + 76;
        if is_table && table + 24 <= bytes.len() {
            let sum = adler(&bytes[table..table + 20]);
            put(bytes, table + 20, &sum.to_le_bytes());
            let count = le32(bytes, table).unwrap_or(0);
            let end = count.saturating_mul(4).saturating_add(table + 24);
            if end.saturating_add(4) <= bytes.len() {
                let sum = adler(&bytes[table + 24..end]);
                put(bytes, end, &sum.to_le_bytes());
            }
        }
        let sum = adler(&bytes[at..at + 72]);
        put(bytes, at + 72, &sum.to_le_bytes());
        match le64(bytes, at + 16) {
            Some(next) if next > at => at = next,
            _ => return,
        }
    }
}

fn vmdk() -> Image {
    let mut bytes = vec![0x5A; 16 * 512];
    bytes[..8 * 512].fill(0);
    put(&mut bytes, 0, b"KDMV\x01\0\0\0\x07\0\0\0\x30");
    put(&mut bytes, 20, &[8]);
    put(&mut bytes, 28, &[3, 0, 0, 0, 0, 0, 0, 0, 1]);
    put(&mut bytes, 44, &[4]);
    put(&mut bytes, 56, &[1]);
    put(&mut bytes, 512, &[2, 0, 0, 0, 2]);
    put(&mut bytes, 1024, &[8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9]);
    let text = b"parentCID=1\nparentFileNameHint=\"image\"\n";
    put(&mut bytes, 1536, text);
    let areas = vec![4..79, 512..528, 1024..1040, 1536..1580];
    Image { name: "image", bytes, areas, repair: none }
}

fn vmdk_text() -> Image {
    let bytes = b"# Disk DescriptorFile\nparentCID=ffffffff\n\
        RW 4 FLAT \"one\" 1\nRW 8 SPARSE \"two\"\nRW 9 ZERO\n\
        RW 9000000000000000 FLAT \"one\" 0\n"
        .to_vec();
    let (half, end) = (bytes.len() / 2, bytes.len());
    let areas = vec![22..half, half..end];
    Image { name: "image", bytes, areas, repair: none }
}

fn vhd() -> Image {
    let mut bytes = vec![0xFF; 2048];
    bytes[..1536].fill(0);
    put(&mut bytes, 0, b"conectix");
    put(&mut bytes, 16, &512u64.to_be_bytes());
    put(&mut bytes, 48, &16000u64.to_be_bytes());
    put(&mut bytes, 60, &[0, 0, 0, 4]);
    put(&mut bytes, 512, b"cxsparse");
    put(&mut bytes, 512 + 16, &1536u64.to_be_bytes());
    put(&mut bytes, 512 + 28, &[0, 0, 0, 4, 0, 0, 16, 0]);
    put(&mut bytes, 512 + 64, b"\0i\0m\0a\0g\0e");
    put(&mut bytes, 1536, &[0, 0, 0, 4, 255, 255, 255, 255, 0, 0, 0, 5]);
    let mut block = vec![0x5A; 512 + 4096];
    block[0] = 0xA0;
    bytes.extend_from_slice(&block);
    repair_vhd(&mut bytes);
    let areas = vec![8..72, 520..600, 1088..1160, 1536..1552, 2048..2050];
    Image { name: "image", bytes, areas, repair: repair_vhd }
}

fn repair_vhd(bytes: &mut [u8]) {
    let last = bytes.len().saturating_sub(512);
    for (at, length, place) in [(0, 512, 64), (512, 1024, 36), (last, 512, 64)]
    {
        let Some(part) = bytes.get_mut(at..at + length) else { continue };
        if part.starts_with(b"conectix") || part.starts_with(b"cxsparse") {
            part[place..place + 4].fill(0);
            let sum: u32 = part.iter().map(|byte| u32::from(*byte)).sum();
            put(part, place, &(!sum).to_be_bytes());
        }
    }
}

fn vdi() -> Image {
    let mut bytes = vec![0x5A; 2048];
    bytes[..1024].fill(0);
    put(&mut bytes, 0x40, &[0x7F, 0x10, 0xDA, 0xBE, 1, 0, 1, 0]);
    put(&mut bytes, 0x4C, &[4]);
    put(&mut bytes, 0x154, &[0, 2, 0, 0, 0, 4]);
    put(&mut bytes, 0x170, &[0, 8]);
    put(&mut bytes, 0x178, &[0, 2]);
    put(&mut bytes, 0x180, &[4]);
    put(&mut bytes, 512, &[1, 0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 0]);
    let areas = vec![0x44..0x50, 0x154..0x1B8, 512..528];
    Image { name: "d.vdi", bytes, areas, repair: none }
}

fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |mut crc, byte| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ if crc & 1 != 0 { 0x82F6_3B78 } else { 0 };
        }
        crc
    })
}

const VHDX_LOG: usize = 400 << 10;

fn vhdx() -> Image {
    let mut bytes = vec![0; (1 << 20) + 8192];
    put(&mut bytes, 0, b"vhdxfile");
    let head = 64 << 10;
    put(&mut bytes, head, b"head");
    put(&mut bytes, head + 8, &[7]);
    put(&mut bytes, head + 48, &[9; 16]);
    put(&mut bytes, head + 68, &16384u32.to_le_bytes());
    put(&mut bytes, head + 72, &(VHDX_LOG as u64).to_le_bytes());
    let regions = 192 << 10;
    put(&mut bytes, regions, b"regi");
    put(&mut bytes, regions + 8, &[2]);
    let bat =
        b"\x66\x77\xc2\x2d\x23\xf6\x00\x42\x9d\x64\x11\x5e\x9b\xfd\x4a\x08";
    let meta =
        b"\x06\xa2\x7c\x8b\x90\x47\x9a\x4b\xb8\xfe\x57\x5f\x05\x0f\x88\x6e";
    for (number, id, at) in [(0, bat, 384u32 << 10), (1, meta, 320 << 10)] {
        let entry = regions + 16 + 32 * number;
        put(&mut bytes, entry, id);
        put(&mut bytes, entry + 16, &at.to_le_bytes());
        put(&mut bytes, entry + 24, &4096u32.to_le_bytes());
    }
    let meta = 320 << 10;
    put(&mut bytes, meta, b"metadata\0\0\x02");
    let parameters =
        b"\x37\x67\xa1\xca\x36\xfa\x43\x4d\xb3\xb6\x33\xf0\xaa\x44\xe7\x6b";
    let size =
        b"\x24\x42\xa5\x2f\x1b\xcd\x76\x48\xb2\x11\x5d\xbe\xd8\x3b\xf4\xb8";
    for (number, id) in [parameters, size].into_iter().enumerate() {
        let entry = meta + 32 + 32 * number;
        put(&mut bytes, entry, id);
        let at = 4096 + 64 * number as u32;
        put(&mut bytes, entry + 16, &at.to_le_bytes());
        put(&mut bytes, entry + 20, &[8]);
    }
    put(&mut bytes, meta + 4096, &[0, 0, 0x10, 0]);
    put(&mut bytes, meta + 4160, &[0, 0, 0x20, 0]);
    put(&mut bytes, 384 << 10, &[6, 0, 0x10, 0]);
    let log = VHDX_LOG;
    put(&mut bytes, log, b"loge\0\0\0\0\0\x20");
    put(&mut bytes, log + 16, &[1]);
    put(&mut bytes, log + 24, &[2]);
    put(&mut bytes, log + 32, &[9; 16]);
    put(&mut bytes, log + 64, b"desc");
    put(&mut bytes, log + 80, &(384u32 << 10).to_le_bytes());
    put(&mut bytes, log + 88, &[1]);
    put(&mut bytes, log + 72, &[6, 0, 0x10, 0, 0, 0, 0, 0]);
    put(&mut bytes, log + 96, b"zero");
    put(&mut bytes, log + 104, &[0, 0x10]);
    put(&mut bytes, log + 112, &(1u32 << 20).to_le_bytes());
    put(&mut bytes, log + 120, &[1]);
    put(&mut bytes, log + 4096, b"data");
    put(&mut bytes, log + 8188, &[1]);
    repair_vhdx(&mut bytes);
    let areas = vec![
        head + 8..head + 80,
        regions + 8..regions + 80,
        meta + 8..meta + 96,
        meta + 4096..meta + 4168,
        384 << 10..(384 << 10) + 32,
        log + 8..log + 128,
        log + 4096..log + 4110,
    ];
    Image { name: "image", bytes, areas, repair: repair_vhdx }
}

fn repair_vhdx(bytes: &mut [u8]) {
    let entry = le32(bytes, VHDX_LOG + 8).unwrap_or(0).min(16384);
    for (at, length) in
        [(64 << 10, 4096), (192 << 10, 64 << 10), (VHDX_LOG, entry)]
    {
        let Some(part) = bytes.get_mut(at..at + length) else { continue };
        if part.len() >= 8 {
            part[4..8].fill(0);
            let sum = crc32c(part);
            put(part, 4, &sum.to_le_bytes());
        }
    }
}

fn tar() -> Image {
    let mut bytes = vec![0; 6 * 512];
    for (at, flag, size) in [
        (0, b'L', b"00000000100"),
        (1024, b'0', b"00000000777"),
        (2048, b'x', b"00000000030"),
    ] {
        put(&mut bytes, at, b"name");
        put(&mut bytes, at + 124, size);
        put(&mut bytes, at + 136, b"00000000012");
        bytes[at + 156] = flag;
        put(&mut bytes, at + 257, b"ustar  ");
    }
    put(&mut bytes, 512, b"a long name");
    put(&mut bytes, 2560, b"15 path=a/b/cd\n9 size=5\n");
    repair_tar(&mut bytes);
    let areas = vec![0..160, 512..530, 1024..1180, 2048..2204, 2560..2600];
    Image { name: "d.tar", bytes, areas, repair: repair_tar }
}

fn repair_tar(bytes: &mut [u8]) {
    for block in bytes.chunks_exact_mut(512) {
        if block[257..].starts_with(b"ustar") {
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
            put(block, 148, format!("{sum:06o}\0 ").as_bytes());
        }
    }
}

fn gpt() -> Image {
    let mut bytes = vec![0; 64 * 512];
    for (at, own, other, table) in
        [(512, 1u8, 63u8, 2u8), (63 * 512, 63, 1, 61)]
    {
        put(&mut bytes, at, b"EFI PART\0\0\x01\0\x5c");
        bytes[at + 24] = own;
        bytes[at + 32] = other;
        bytes[at + 72] = table;
        bytes[at + 80] = 4;
        bytes[at + 84] = 128;
        for (number, (first, last)) in
            [(5u8, 20u8), (18, 30), (40, 40)].into_iter().enumerate()
        {
            let entry = usize::from(table) * 512 + 128 * number;
            bytes[entry..entry + 32].fill(3);
            bytes[entry + 32] = first;
            bytes[entry + 40] = last;
        }
    }
    repair_gpt(&mut bytes);
    let areas = vec![520..604, 1024..1536, 61 * 512..62 * 512];
    Image { name: "image", bytes, areas, repair: repair_gpt }
}

fn repair_gpt(bytes: &mut [u8]) {
    for at in [512, 63 * 512] {
        let Some(table) = le64(bytes, at + 72) else { continue };
        let count = le32(bytes, at + 80).unwrap_or(0);
        let length = count.saturating_mul(le32(bytes, at + 84).unwrap_or(0));
        let start = table.saturating_mul(512).min(bytes.len());
        let end = start.saturating_add(length).min(bytes.len());
        let sum = crc32fast::hash(&bytes[start..end]);
        put(bytes, at + 88, &sum.to_le_bytes());
        put(bytes, at + 16, &[0; 4]);
        let sum = crc32fast::hash(&bytes[at..at + 92]);
        put(bytes, at + 16, &sum.to_le_bytes());
    }
}

fn mbr() -> Image {
    let mut bytes = vec![0; 64 * 512];
    type Slots<'a> = &'a [(u8, u8, u8)];
    let tables: [(usize, Slots<'_>); 3] = [
        (0, &[(7, 2, 10), (5, 20, 40)]),
        (20, &[(0x83, 1, 9), (5, 20, 10)]),
        (40, &[(0x83, 1, 5), (5, 0, 5)]),
    ];
    for (sector, slots) in tables {
        put(&mut bytes, sector * 512 + 510, b"\x55\xaa");
        for (number, (kind, start, size)) in slots.iter().enumerate() {
            let slot = sector * 512 + 446 + 16 * number;
            bytes[slot + 4] = *kind;
            bytes[slot + 8] = *start;
            bytes[slot + 12] = *size;
        }
    }
    let areas = vec![446..510, 20 * 512 + 446..20 * 512 + 510];
    Image { name: "image", bytes, areas, repair: none }
}

fn lvm() -> Image {
    let text = b"vg { id = \"G\" seqno = 1 extent_size = 1\n\
        physical_volumes { pv0 { id = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\" \
        pe_start = 8 } }\nlogical_volumes { a { id = \"a\" \
        segment1 { start_extent = 0 extent_count = 4 type = \"striped\" \
        stripe_count = 2 stripe_size = 1 stripes = [\"pv0\", 1, \"pv0\", 9] } \
        segment2 { start_extent = 4 extent_count = 2 type = \"thin\" } } \
        b { segment1 { start_extent = 0 extent_count = 3 \
        type = \"striped\" stripe_count = 1 stripes = [\"pv0\", 3] } } } }\n";
    let mut bytes = vec![0x5A; 40 * 512];
    bytes[..4096].fill(0);
    put(&mut bytes, 512, b"LABELONE");
    bytes[532] = 32;
    put(&mut bytes, 536, b"LVM2 001");
    put(&mut bytes, 544, &[b'A'; 32]);
    put(&mut bytes, 584, &[0, 16]);
    put(&mut bytes, 616, &1024u64.to_le_bytes());
    put(&mut bytes, 624, &3072u64.to_le_bytes());
    put(&mut bytes, 1028, b" LVM2 x[5A%r0N*>");
    put(&mut bytes, 1064, &512u64.to_le_bytes());
    put(&mut bytes, 1072, &(text.len() as u64).to_le_bytes());
    put(&mut bytes, 1536, text);
    repair_lvm(&mut bytes);
    let areas = vec![532..680, 1064..1080, 1536..1536 + text.len()];
    Image { name: "image", bytes, areas, repair: repair_lvm }
}

fn lvm_crc(bytes: &[u8]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new_with_initial(!0xF597_A6CF);
    hasher.update(bytes);
    (!hasher.finalize()).to_le_bytes()
}

fn repair_lvm(bytes: &mut [u8]) {
    let start = le64(bytes, 1064).unwrap_or(0).saturating_add(1024);
    let start = start.min(4096);
    let length = le64(bytes, 1072).unwrap_or(0);
    let end = start.saturating_add(length).min(4096);
    let sum = lvm_crc(&bytes[start..end]);
    put(bytes, 1080, &sum);
    let sum = lvm_crc(&bytes[1028..1536]);
    put(bytes, 1024, &sum);
    let sum = lvm_crc(&bytes[532..1024]);
    put(bytes, 528, &sum);
}
