//! A disk made by hand, from the format's specification.

use super::crc;
use crate::Reason;
use crate::container::testing::{Folder, open_bytes, open_in, read_all};

const MB: usize = 1 << 20;

fn put(image: &mut [u8], at: usize, bytes: &[u8]) {
    image[at..at + bytes.len()].copy_from_slice(bytes);
}

fn sum(image: &mut [u8], at: usize, length: usize) {
    let value = crc::sum(&image[at..at + length], 4);
    put(image, at + 4, &value.to_le_bytes());
}

/// An identifier as it is written, into the bytes of the file.
fn id(text: &str) -> [u8; 16] {
    let hex: String = text.chars().filter(|c| *c != '-').collect();
    let value = u128::from_str_radix(&hex, 16).unwrap();
    let mut bytes = value.to_be_bytes();
    bytes[..4].reverse();
    bytes[4..6].reverse();
    bytes[6..8].reverse();
    bytes
}

/// Blocks of 1 MiB; log at 1 MiB, metadata at 2, BAT at 3, data from 4 on.
fn image(size: u64, bat: &[u64], flags: u32, blocks: &[u8]) -> Vec<u8> {
    let mut image = vec![0; 4 * MB];
    put(&mut image, 0, b"vhdxfile");
    let head = 64 << 10;
    put(&mut image, head, b"head");
    put(&mut image, head + 8, &7u64.to_le_bytes());
    put(&mut image, head + 68, &(MB as u32).to_le_bytes());
    put(&mut image, head + 72, &(MB as u64).to_le_bytes());
    sum(&mut image, head, 4096);
    let regions = 192 << 10;
    put(&mut image, regions, b"regi");
    put(&mut image, regions + 8, &2u32.to_le_bytes());
    for (n, name, at) in [
        (0, "2DC27766-F623-4200-9D64-115E9BFD4A08", 3 * MB),
        (1, "8B7CA206-4790-4B9A-B8FE-575F050F886E", 2 * MB),
    ] {
        let entry = regions + 16 + 32 * n;
        put(&mut image, entry, &id(name));
        put(&mut image, entry + 16, &(at as u64).to_le_bytes());
        put(&mut image, entry + 24, &(MB as u32).to_le_bytes());
    }
    sum(&mut image, regions, 64 << 10);
    let meta = 2 * MB;
    put(&mut image, meta, b"metadata");
    put(&mut image, meta + 10, &4u16.to_le_bytes());
    let mut parameters = (MB as u32).to_le_bytes().to_vec();
    parameters.extend(flags.to_le_bytes());
    let items = [
        ("CAA16737-FA36-4D43-B3B6-33F0AA44E76B", parameters),
        ("2FA54224-CD1B-4876-B211-5DBED83BF4B8", size.to_le_bytes().into()),
        ("8141BF1D-A96F-4709-BA47-F233A8FAAB5F", 512u32.to_le_bytes().into()),
        ("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C", locator(".\\base.vhdx")),
    ];
    for (n, (name, content)) in items.into_iter().enumerate() {
        let at = 65536 + 4096 * n;
        let entry = meta + 32 + 32 * n;
        put(&mut image, entry, &id(name));
        put(&mut image, entry + 16, &(at as u32).to_le_bytes());
        let length = content.len() as u32;
        put(&mut image, entry + 20, &length.to_le_bytes());
        put(&mut image, meta + at, &content);
    }
    for (n, entry) in bat.iter().enumerate() {
        put(&mut image, 3 * MB + 8 * n, &entry.to_le_bytes());
    }
    image.extend_from_slice(blocks);
    image
}

fn locator(path: &str) -> Vec<u8> {
    let wide = |text: &str| -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    let (key, value) = (wide("relative_path"), wide(path));
    let mut bytes = vec![0; 18];
    bytes.extend(1u16.to_le_bytes());
    bytes.extend(32u32.to_le_bytes());
    bytes.extend((32 + key.len() as u32).to_le_bytes());
    bytes.extend((key.len() as u16).to_le_bytes());
    bytes.extend((value.len() as u16).to_le_bytes());
    bytes.extend(key);
    bytes.extend(value);
    bytes
}

/// An entry of the log that changes one sector and clears others.
fn entry(sequence: u64, at: u64, byte: u8, zeros: (u64, u64)) -> Vec<u8> {
    let mut entry = vec![0; 8192];
    put(&mut entry, 0, b"loge");
    put(&mut entry, 8, &8192u32.to_le_bytes());
    put(&mut entry, 16, &sequence.to_le_bytes());
    put(&mut entry, 24, &2u32.to_le_bytes());
    put(&mut entry, 32, &[9; 16]);
    put(&mut entry, 64, b"desc");
    put(&mut entry, 68, &[byte; 12]);
    put(&mut entry, 80, &at.to_le_bytes());
    put(&mut entry, 88, &sequence.to_le_bytes());
    put(&mut entry, 96, b"zero");
    put(&mut entry, 104, &zeros.1.to_le_bytes());
    put(&mut entry, 112, &zeros.0.to_le_bytes());
    put(&mut entry, 120, &sequence.to_le_bytes());
    put(&mut entry, 4096, &[byte; 4096]);
    put(&mut entry, 4096, b"data");
    put(&mut entry, 4100, &((sequence >> 32) as u32).to_le_bytes());
    put(&mut entry, 8188, &(sequence as u32).to_le_bytes());
    sum(&mut entry, 0, 8192);
    entry
}

#[test]
fn blocks_are_stored_zero_or_nowhere() {
    let at = |mb: u64| mb << 20 | 6;
    let blocks = [vec![1; MB], vec![2; MB]].concat();
    let image = image(4 * MB as u64 - 512, &[at(5), 0, 2, at(4)], 0, &blocks);
    let opened = open_bytes(image).unwrap().unwrap();
    assert_eq!(opened.problems, []);
    let all = read_all(&opened.source);
    let expected =
        [vec![2; MB], vec![0; MB], vec![0; MB], vec![1; MB - 512]].concat();
    assert!(all == expected);
}

#[test]
fn the_log_is_laid_over_the_file() {
    let mut image = image(MB as u64, &[4 << 20 | 6], 0, &vec![1; MB]);
    let head = 64 << 10;
    put(&mut image, head + 48, &[9; 16]);
    sum(&mut image, head, 4096);
    let data = 4 * MB as u64;
    // Round the end of the log, with an older entry left behind.
    let first = entry(10, data + 8192, 5, (data + 65536, 4096));
    put(&mut image, 2 * MB - 4096, &first[..4096]);
    put(&mut image, MB, &first[4096..]);
    let mut second = entry(11, data, 6, (data + 12288, 4096));
    put(&mut second, 12, &(MB as u32 - 4096).to_le_bytes());
    sum(&mut second, 0, 8192);
    put(&mut image, MB + 4096, &second);
    put(&mut image, MB + 65536, &entry(3, data + 40960, 7, (0, 0)));
    let opened = open_bytes(image.clone()).unwrap().unwrap();
    assert_eq!(opened.problems, []);
    let all = read_all(&opened.source);
    let mut expected = vec![1; MB];
    expected[8192..12288].fill(5);
    expected[65536..65536 + 4096].fill(0);
    expected[..4096].fill(6);
    expected[12288..16384].fill(0);
    assert!(all == expected);
    // A torn entry: its checksum is wrong, so the log ends before it; here
    // nothing whole is left that leads to the end.
    image[MB + 4096 + 100] ^= 1;
    let opened = open_bytes(image).unwrap().unwrap();
    assert!(opened.problems.iter().all(|p| p.detail.starts_with("log")));
}

#[test]
fn a_difference_is_told_by_sector() {
    // Of the first chunk: two blocks, then the entry of its bitmap.
    let mut bat = vec![4 << 20 | 7, 0];
    bat.resize(4096, 0);
    bat.push(5 << 20 | 6);
    let mut blocks = vec![1; MB];
    let mut bitmap = vec![0; MB];
    bitmap[0] = 0b0000_0110;
    blocks.extend(bitmap);
    let mut folder = Folder::default();
    let child = image(2 * MB as u64, &bat, 2, &blocks);
    folder.put("child.vhdx", child);
    let opened = open_in(&folder, "child.vhdx").unwrap().unwrap();
    let lost: u64 = opened.problems.iter().map(|p| p.bytes).sum();
    assert_eq!(lost, 2 * MB as u64 - 1024);
    let base = image(2 * MB as u64, &[0, 4 << 20 | 6], 0, &vec![3; MB]);
    folder.put("base.vhdx", base);
    let opened = open_in(&folder, "child.vhdx").unwrap().unwrap();
    assert_eq!(opened.problems, []);
    let all = read_all(&opened.source);
    let mut expected = vec![0; 2 * MB];
    expected[512..1536].fill(1);
    expected[MB..].fill(3);
    assert!(all == expected);
}

#[test]
fn damaged_tables_are_refused_or_told() {
    let good = image(MB as u64, &[4 << 20 | 6], 0, &vec![1; MB]);
    let mut regions = good.clone();
    regions[(192 << 10) + 20] ^= 1;
    let error = open_bytes(regions).err().unwrap();
    assert_eq!(error.reason, Reason::CorruptMetadata);
    let mut header = good.clone();
    header[(64 << 10) + 100] ^= 1;
    let opened = open_bytes(header).unwrap().unwrap();
    assert_eq!(opened.problems[0].reason, Reason::CorruptMetadata);
    assert_eq!(read_all(&opened.source), vec![1; MB]);
    let cut = open_bytes(good[..4 * MB + 512].to_vec()).unwrap().unwrap();
    assert_eq!(cut.problems[0].reason, Reason::Truncated);
    assert_eq!(cut.problems[0].bytes, MB as u64 - 512);
}
