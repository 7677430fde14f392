//! Sets made by hand, from the format's specification.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use std::sync::Arc;

use dragnet_engine::source::{ExtentKind, Origin, ReadError, Source};

use crate::Reason;
use crate::container::testing::{Folder, open_in, read_all};
use crate::container::{NoSiblings, open};

/// Two sectors.
const CHUNK: usize = 1024;

/// A segment file that is being written.
struct Segment(Vec<u8>);

impl Segment {
    fn new(number: u16) -> Segment {
        let mut bytes = super::MAGIC.to_vec();
        bytes.push(1);
        bytes.extend(number.to_le_bytes());
        bytes.extend([0; 2]);
        Segment(bytes)
    }

    fn section(&mut self, kind: &str, content: &[u8]) {
        let at = self.0.len() as u64;
        let size = 76 + content.len() as u64;
        let is_end = matches!(kind, "done" | "next");
        let next = if is_end { at } else { at + size };
        let mut header = vec![0; 72];
        header[..kind.len()].copy_from_slice(kind.as_bytes());
        header[16..24].copy_from_slice(&next.to_le_bytes());
        header[24..32].copy_from_slice(&size.to_le_bytes());
        header.extend(adler2::adler32_slice(&header).to_le_bytes());
        self.0.extend(header);
        self.0.extend(content);
    }

    fn volume(&mut self, chunks: u32, sectors: u64) {
        let mut content = vec![0; 1052];
        content[4..8].copy_from_slice(&chunks.to_le_bytes());
        content[8..12].copy_from_slice(&2u32.to_le_bytes());
        content[12..16].copy_from_slice(&512u32.to_le_bytes());
        content[16..24].copy_from_slice(&sectors.to_le_bytes());
        self.section("volume", &content);
    }

    /// Sectors and both tables; chunks of one byte are deflated.
    fn chunks(&mut self, chunks: &[Vec<u8>]) {
        let base = self.0.len() as u64;
        let (mut data, mut entries) = (Vec::new(), Vec::new());
        for chunk in chunks {
            let at = 76 + data.len() as u32;
            let is_even = chunk.iter().all(|byte| *byte == chunk[0]);
            if is_even {
                entries.push(at | 1 << 31);
                let fast = Compression::fast();
                let mut encoder = ZlibEncoder::new(Vec::new(), fast);
                encoder.write_all(chunk).unwrap();
                data.extend(encoder.finish().unwrap());
            } else {
                entries.push(at);
                data.extend(chunk);
                data.extend(adler2::adler32_slice(chunk).to_le_bytes());
            }
        }
        self.section("sectors", &data);
        let table = table(base, &entries);
        self.section("table", &table);
        self.section("table2", &table);
    }

    fn end(mut self, is_last: bool) -> Vec<u8> {
        self.section(if is_last { "done" } else { "next" }, &[]);
        self.0
    }
}

fn table(base: u64, entries: &[u32]) -> Vec<u8> {
    let mut table = vec![0; 20];
    table[..4].copy_from_slice(&(entries.len() as u32).to_le_bytes());
    table[8..16].copy_from_slice(&base.to_le_bytes());
    table.extend(adler2::adler32_slice(&table).to_le_bytes());
    let list: Vec<u8> = entries.iter().flat_map(|e| e.to_le_bytes()).collect();
    table.extend(&list);
    table.extend(adler2::adler32_slice(&list).to_le_bytes());
    table
}

fn even(byte: u8) -> Vec<u8> {
    vec![byte; CHUNK]
}

fn mixed(byte: u8) -> Vec<u8> {
    (0..CHUNK).map(|at| byte ^ at as u8).collect()
}

/// Nine chunks in four files; the last one has one sector only.
fn folder() -> (Folder, Vec<u8>) {
    let chunks: Vec<Vec<u8>> =
        (1..=9).map(|n| if n % 2 == 0 { mixed(n) } else { even(n) }).collect();
    let mut folder = Folder::default();
    for (number, own) in (1..).zip(chunks.chunks(3)) {
        let mut segment = Segment::new(number);
        if number == 1 {
            segment.volume(9, 17);
        }
        let mut own = own.to_vec();
        if number == 3 {
            own[2].truncate(512);
        }
        segment.chunks(&own);
        folder.put(&format!("d.E{number:02}"), segment.end(number == 3));
    }
    let mut all = chunks.concat();
    all.truncate(17 * 512);
    (folder, all)
}

#[test]
fn chunks_of_all_segments_make_the_disk() {
    let (folder, expected) = folder();
    let opened = open_in(&folder, "d.E01").unwrap().unwrap();
    assert_eq!(opened.problems, []);
    assert!(read_all(&opened.source) == expected);
    assert_eq!(opened.late.problems(), []);
    // A stored chunk has a place in the file, a deflated one has none.
    assert_eq!(opened.source.origin(0).unwrap().file_offset, None);
    let stored = opened.source.origin(CHUNK as u64 + 5).unwrap();
    assert!(stored.file_offset.is_some());
    // Another segment than the first does not stand for the set.
    let error = open_in(&folder, "d.E02").err().unwrap();
    assert_eq!(error.reason, Reason::CorruptMetadata);
}

#[test]
fn a_missing_segment_is_a_gap_and_no_shift() {
    let (whole, expected) = folder();
    for (missing, lost) in [(2, 3..6), (3, 6..9)] {
        let mut folder = Folder::default();
        for number in (1..=3).filter(|number| *number != missing) {
            let name = format!("d.E{number:02}");
            folder.copy(&whole, &name);
        }
        let opened = open_in(&folder, "d.E01").unwrap().unwrap();
        assert_eq!(opened.source.len(), Some(17 * 512));
        for chunk in 0..9 {
            let at = chunk * CHUNK;
            let mut bytes = vec![0; CHUNK];
            let count = opened.source.read_at(at as u64, &mut bytes);
            if lost.contains(&chunk) {
                assert!(count.is_err());
            } else {
                let count = count.unwrap();
                assert_eq!(bytes[..count], expected[at..at + count]);
            }
        }
        let end = (lost.end * CHUNK).min(17 * 512);
        let bytes: u64 = opened.problems.iter().map(|p| p.bytes).sum();
        assert_eq!(bytes, (end - lost.start * CHUNK) as u64);
        let reason = Reason::MissingSegment;
        assert!(opened.problems.iter().all(|p| p.reason == reason));
    }
}

#[test]
fn damage_costs_what_is_damaged_only() {
    let mut segment = Segment::new(1);
    segment.volume(3, 6);
    let data = segment.0.len() + 76;
    segment.chunks(&[mixed(3), mixed(4), mixed(5)]);
    let good = segment.end(true);
    // A byte of a stored chunk: told, and there to be scanned.
    let mut bad = good.clone();
    bad[data + CHUNK + 4 + 100] ^= 0xFF;
    let mut folder = Folder::default();
    folder.put("d.E01", bad);
    let opened = open_in(&folder, "d.E01").unwrap().unwrap();
    let all = read_all(&opened.source);
    assert_eq!(all[CHUNK + 100], mixed(4)[100] ^ 0xFF);
    let late = opened.late.problems();
    assert_eq!(late.len(), 1);
    assert_eq!(late[0].reason, Reason::BadChecksum);
    assert_eq!(late[0].physical, Some(CHUNK as u64));
    // The first table: the second one stands in.
    let table = data + 3 * (CHUNK + 4) + 76;
    let mut bad = good.clone();
    bad[table + 24 + 5] ^= 1;
    folder.put("d.E01", bad.clone());
    let opened = open_in(&folder, "d.E01").unwrap().unwrap();
    assert_eq!(opened.problems, []);
    let expected = [mixed(3), mixed(4), mixed(5)].concat();
    assert!(read_all(&opened.source) == expected);
    // Both: told.
    bad[table + 40 + 76 + 24 + 5] ^= 1;
    folder.put("d.E01", bad);
    let opened = open_in(&folder, "d.E01").unwrap().unwrap();
    let reasons: Vec<_> = opened.problems.iter().map(|p| p.reason).collect();
    assert!(reasons.contains(&Reason::BadChecksum), "{reasons:?}");
    // Both counts: nothing is taken for something else.
    let mut bad = good.clone();
    bad[table] = 2;
    bad[table + 40 + 76] = 1;
    folder.put("d.E01", bad);
    let opened = open_in(&folder, "d.E01").unwrap().unwrap();
    let lost: u64 = opened.problems.iter().map(|p| p.bytes).sum();
    assert_eq!(lost, 3 * CHUNK as u64);
}

#[test]
fn a_segment_that_is_cut_shifts_nothing() {
    let (whole, expected) = folder();
    for cut in [2, 200, 1500] {
        let mut folder = Folder::default();
        for number in [1, 3] {
            folder.copy(&whole, &format!("d.E{number:02}"));
        }
        let second = &whole.bytes("d.E02")[..cut];
        folder.put("d.E02", second.to_vec());
        let opened = open_in(&folder, "d.E01").unwrap().unwrap();
        let lost: u64 = opened.problems.iter().map(|p| p.bytes).sum();
        assert_eq!(lost, 3 * CHUNK as u64, "cut at {cut}");
        let mut bytes = vec![0; 3 * CHUNK];
        assert_eq!(opened.source.read_at(0, &mut bytes), Ok(3 * CHUNK));
        assert!(bytes == expected[..3 * CHUNK]);
        let at = 6 * CHUNK;
        let count = opened.source.read_at(at as u64, &mut bytes).unwrap();
        assert!(bytes[..count] == expected[at..]);
    }
}

#[test]
fn unreadable_sectors_are_marked() {
    let mut segment = Segment::new(1);
    segment.volume(3, 6);
    segment.chunks(&[even(1), even(2), even(3)]);
    let mut list = vec![0; 520];
    list[0] = 3;
    for (first, count) in [(1u32, 2u32), (2, 2), (5, 100)] {
        list.extend(first.to_le_bytes());
        list.extend(count.to_le_bytes());
    }
    list.extend([0; 4]);
    segment.section("error2", &list);
    let mut hash = vec![0xAB; 16];
    hash.extend([0; 20]);
    segment.section("hash", &hash);
    let mut folder = Folder::default();
    folder.put("d.E01", segment.end(true));
    let opened = open_in(&folder, "d.E01").unwrap().unwrap();
    let bad: Vec<_> = opened
        .source
        .extents(0)
        .filter(|extent| extent.kind == ExtentKind::Unreadable)
        .map(|extent| (extent.offset / 512, extent.length / 512))
        .collect();
    assert_eq!(bad, [(1, 3), (5, 1)]);
    assert_eq!(opened.problems.len(), 1);
    assert_eq!(opened.problems[0].reason, Reason::UnreadableSector);
    assert_eq!(opened.problems[0].bytes, 4 * 512);
    assert_eq!(opened.hashes, [("md5", "ab".repeat(16))]);
}

/// Pieces of a file that is otherwise zeros.
struct Placed {
    pieces: Vec<(u64, Vec<u8>)>,
    length: u64,
}

impl Source for Placed {
    fn len(&self) -> Option<u64> {
        Some(self.length)
    }

    fn read_at(&self, at: u64, buf: &mut [u8]) -> Result<usize, ReadError> {
        let left = self.length.saturating_sub(at);
        let count = left.min(buf.len() as u64) as usize;
        for (offset, byte) in (at..).zip(&mut buf[..count]) {
            let piece = self.pieces.iter().find_map(|(start, bytes)| {
                bytes.get(usize::try_from(offset.checked_sub(*start)?).ok()?)
            });
            *byte = piece.copied().unwrap_or(0);
        }
        Ok(count)
    }

    fn origin(&self, _: u64) -> Option<Origin> {
        None
    }
}

#[test]
fn offsets_above_two_gibibytes_overflow_into_the_flag() {
    // As EnCase 6.7 writes it: stored chunks only, whose offsets have 32
    // bits from where the flag would be in the way.
    let mut segment = Segment::new(1);
    segment.volume(3, 6);
    let base = segment.0.len() as u64;
    let entries: [u32; 3] = [76, (1 << 31) - 516, (1 << 31) + 512];
    let data: Vec<u8> = vec![0; 76];
    segment.section("sectors", &data);
    // Make the section as long as it would be.
    let size = (3u64 << 30).to_le_bytes();
    let next = (base + (3 << 30)).to_le_bytes();
    let at = base as usize;
    segment.0[at + 16..at + 24].copy_from_slice(&next);
    segment.0[at + 24..at + 32].copy_from_slice(&size);
    let sum = adler2::adler32_slice(&segment.0[at..at + 72]);
    segment.0[at + 72..at + 76].copy_from_slice(&sum.to_le_bytes());
    let front = segment.0[..at + 76].to_vec();
    let mut behind = Segment(Vec::new());
    behind.section("table", &table(base, &entries));
    let table_length = behind.0.len() as u64;
    behind.section("done", &[]);
    let end = base + (3 << 30);
    for (at, next) in [(0, end + table_length), (table_length, 0)] {
        let at = at as usize;
        behind.0[at + 16..at + 24].copy_from_slice(&next.to_le_bytes());
        let sum = adler2::adler32_slice(&behind.0[at..at + 72]);
        behind.0[at + 72..at + 76].copy_from_slice(&sum.to_le_bytes());
    }
    let length = end + behind.0.len() as u64;
    let mut pieces = vec![(0, front), (end, behind.0)];
    for (entry, byte) in entries.into_iter().zip(3..) {
        let mut chunk = mixed(byte);
        chunk.extend(adler2::adler32_slice(&chunk).to_le_bytes());
        pieces.push((base + u64::from(entry), chunk));
    }
    let source = Arc::new(Placed { pieces, length });
    let opened = open(source, "d.E01", &NoSiblings).unwrap().unwrap();
    assert_eq!(opened.problems, []);
    let mut all = vec![0; 3 * CHUNK];
    assert_eq!(opened.source.read_at(0, &mut all), Ok(3 * CHUNK));
    assert!(all == [mixed(3), mixed(4), mixed(5)].concat());
}

#[test]
fn other_kinds_are_named() {
    for (magic, _) in super::OTHERS {
        let mut bytes = magic.to_vec();
        bytes.resize(600, 0);
        let mut folder = Folder::default();
        folder.put("d", bytes);
        let error = open_in(&folder, "d").err().unwrap();
        assert_eq!(error.reason, Reason::UnsupportedFormat);
    }
}
