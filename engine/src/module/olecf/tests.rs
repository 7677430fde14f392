//! A compound file built here as the format's specification lays it out.

use super::compound::Compound;
use crate::module::Value;
use crate::module::hostile::survives;
use crate::module::testing::File;

const END: u32 = 0xffff_fffe;
const FREE: u32 = 0xffff_ffff;

/// A file of sectors of 512 bytes: 0 is the table, 1 the directory, 2 the
/// table of small sectors, 3 the root's stream, 4 and 6 a large stream.
fn image() -> Vec<u8> {
    let mut bytes = vec![0; 512];
    bytes[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    let versions = [0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0];
    bytes[24..34].copy_from_slice(&versions);
    let put = |bytes: &mut [u8], at: usize, number: u32| {
        bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
    };
    put(&mut bytes, 44, 1);
    put(&mut bytes, 48, 1);
    put(&mut bytes, 56, 4096);
    put(&mut bytes, 60, 2);
    put(&mut bytes, 64, 1);
    put(&mut bytes, 68, END);
    bytes[76..].fill(0xff);
    put(&mut bytes, 76, 0);
    let numbers = |numbers: &[u32]| {
        let mut sector = vec![0xff; 512];
        for (at, number) in numbers.iter().enumerate() {
            put(&mut sector, at * 4, *number);
        }
        sector
    };
    let mut chain = vec![FREE, END, END, END, 6, FREE, 7];
    chain.extend([8, 9, 10, 11, 12, 13, END]);
    bytes.extend(numbers(&chain));
    let mut directory = vec![0; 512];
    let entries: [(&str, u8, u32, u32); 4] = [
        ("Root Entry", 5, 3, 192),
        ("\u{5}Small", 2, 0, 70),
        ("Large", 2, 4, 4500),
        ("Storage", 1, 0, 0),
    ];
    for (at, (name, kind, start, size)) in entries.into_iter().enumerate() {
        let entry = &mut directory[at * 128..][..128];
        for (at, unit) in name.encode_utf16().enumerate() {
            entry[at * 2..at * 2 + 2].copy_from_slice(&unit.to_le_bytes());
        }
        entry[64] = 2 * (name.len() as u8 + 1);
        entry[66] = kind;
        put(entry, 116, start);
        put(entry, 120, size);
    }
    bytes.extend(directory);
    bytes.extend(numbers(&[2, FREE, END]));
    // The small stream lies in the first and the third small sector.
    let mut root = vec![b'a'; 64];
    root.extend([b'-'; 64]);
    root.extend([b'b'; 64]);
    root.resize(512, 0);
    bytes.extend(root);
    for sector in 4..14_u8 {
        bytes.extend([sector; 512]);
    }
    bytes
}

/// A file with small streams, in sectors of 512 bytes that follow each other:
/// the table, the directory, the table of small sectors, the root's stream.
pub(in crate::module) fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut root = Vec::new();
    let mut chain: Vec<u32> = Vec::new();
    let mut entries = vec![("Root Entry", 5, 0, 0)];
    for (name, bytes) in streams {
        let start = chain.len() as u32;
        entries.push((*name, 2, start, bytes.len() as u32));
        root.extend_from_slice(bytes);
        root.resize(root.len().next_multiple_of(64), 0);
        let end = (root.len() / 64) as u32;
        chain.extend(start + 1..end);
        chain.push(END);
    }
    let mut directory = Vec::new();
    let sectors = |len: usize| len.div_ceil(512) as u32;
    let small_at = 1 + sectors(entries.len() * 128);
    let root_at = small_at + sectors(chain.len() * 4);
    entries[0].2 = root_at;
    entries[0].3 = root.len() as u32;
    let count = entries.len() as u32;
    for (number, (name, kind, start, size)) in (0..).zip(entries) {
        let mut entry = vec![0; 128];
        for (at, unit) in name.encode_utf16().enumerate() {
            entry[at * 2..at * 2 + 2].copy_from_slice(&unit.to_le_bytes());
        }
        entry[64] = 2 * (name.len() as u8 + 1);
        entry[66] = kind;
        // The root has the first stream, and each stream the next one.
        let next = number + 1;
        let next = if next < count { next } else { FREE };
        let (after, inside) =
            if kind == 5 { (FREE, next) } else { (next, FREE) };
        for (at, number) in [(68, FREE), (72, after), (76, inside)] {
            entry[at..at + 4].copy_from_slice(&number.to_le_bytes());
        }
        entry[116..120].copy_from_slice(&start.to_le_bytes());
        entry[120..124].copy_from_slice(&size.to_le_bytes());
        directory.extend(entry);
    }
    let small: Vec<u8> = chain.iter().flat_map(|n| n.to_le_bytes()).collect();
    let mut bytes = image()[..512].to_vec();
    bytes[60..64].copy_from_slice(&small_at.to_le_bytes());
    let end = root_at + sectors(root.len());
    let mut table = vec![FREE; 128];
    for (from, to) in [(1, small_at), (small_at, root_at), (root_at, end)] {
        for at in from..to {
            table[at as usize] = if at + 1 == to { END } else { at + 1 };
        }
    }
    bytes.extend(table.iter().flat_map(|n| n.to_le_bytes()));
    for part in [directory, small, root] {
        bytes.extend(part);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes
}

#[test]
fn streams_are_listed_in_the_order_of_the_directory() {
    let image = image();
    let file = File::open("olecf", &image);
    assert_eq!(file.get("is_olecf"), Some(Value::Bool(true)));
    assert_eq!(file.len("streams"), Some(4));
    file.has_ints(&[
        ("streams.0.type", 5),
        ("streams.1.type", 2),
        ("streams.1.size", 70),
        ("streams.2.size", 4500),
        ("streams.3.type", 1),
    ]);
    file.has_texts(&[
        ("streams.0.name", b"Root Entry"),
        ("streams.1.name", b"Small"),
        ("streams.3.name", b"Storage"),
    ]);
}

#[test]
fn streams_are_put_together_from_their_sectors() {
    let image = image();
    let file = Compound::open(&image).unwrap();
    let read = |at: usize| file.stream(&file.entries()[at]).unwrap();
    assert_eq!(read(1), [vec![b'a'; 64], vec![b'b'; 6]].concat());
    let large = read(2);
    assert_eq!(large.len(), 4500);
    assert_eq!((large[511], large[512], large[1024]), (4, 6, 7));
}

#[test]
fn a_chain_that_comes_back_to_itself_ends() {
    let mut image = image();
    // Sector 7 follows itself; so does the directory.
    image[512 + 28..512 + 32].copy_from_slice(&[7, 0, 0, 0]);
    image[512 + 4..512 + 8].copy_from_slice(&[1, 0, 0, 0]);
    let file = Compound::open(&image).unwrap();
    assert_eq!(file.entries().len(), 4);
    assert_eq!(file.stream(&file.entries()[2]), None);
}

#[test]
fn other_files_are_none() {
    let image = image();
    for data in [&b""[..], &image[..20], b"\xd0\xcf\x11\xe0 and so on"] {
        let file = File::open("olecf", data);
        assert_eq!(file.get("is_olecf"), Some(Value::Bool(false)));
        assert_eq!(file.len("streams"), Some(0));
    }
}

#[test]
fn no_damage_makes_it_panic() {
    survives("olecf", &image());
}
