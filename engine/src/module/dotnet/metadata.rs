//! The metadata of an assembly: its streams, heaps and tables.

use std::cell::OnceCell;

use super::tables::Tables;
use crate::module::Layout;
use crate::module::cursor::View;
use crate::module::pe::image::{Image, directory};

const CLI_HEADER_SIZE: u32 = 72;
const MAX_STREAMS: u16 = 256;
/// Bytes of a text.
const MAX_TEXT: u64 = 64 << 10;
const MAX_VERSION: u32 = 255;

/// The metadata.
pub(super) struct Metadata<'d> {
    pub(super) image: Image<'d>,
    /// Of the runtime.
    pub(super) version: &'d [u8],
    pub(super) streams: Vec<Stream<'d>>,
    /// What the header says of resources: where in the file, and the bytes.
    pub(super) resources: Option<(u32, View<'d>)>,
    tables: OnceCell<Option<Tables<'d>>>,
}

/// A stream.
pub(super) struct Stream<'d> {
    pub(super) name: &'d [u8],
    /// In the file.
    pub(super) offset: u32,
    pub(super) size: u32,
}

impl<'d> Metadata<'d> {
    /// `None` if the file is no assembly.
    pub(super) fn open(data: &'d [u8], layout: Layout) -> Option<Self> {
        let image = Image::open(data, layout)?;
        let (_, header) = image.directory_tail(directory::COM_DESCRIPTOR)?;
        let mut read = header.reader(0);
        if read.u32()? != CLI_HEADER_SIZE {
            return None;
        }
        read.skip(4)?;
        let (at, size) = (read.u32()?, read.u32()?);
        read.skip(8)?;
        let (resources_at, resources_size) = (read.u32()?, read.u32()?);
        header.slice(0, 40)?;
        let offset = image.rva_to_offset(at)?;
        let view = image.at_rva(at)?;
        let root = view.with(view.cut(0, u64::from(size))?);
        let resources = image.rva_to_offset(resources_at).and_then(|offset| {
            let tail = image.at_rva(resources_at)?;
            let data = tail.cut(0, u64::from(resources_size))?;
            Some((offset, tail.with(data)))
        });
        let mut read = root.reader(0);
        if read.take(4)? != b"BSJB" {
            return None;
        }
        read.skip(8)?;
        let length = read.u32().filter(|&length| length <= MAX_VERSION)?;
        let version = until_zero(read.take(u64::from(length))?);
        std::str::from_utf8(version).ok()?;
        read.skip(2)?;
        let count = read.u16().filter(|&count| count <= MAX_STREAMS)?;
        let mut streams = Vec::new();
        for _ in 0..count {
            let at = read.u32()?;
            let size = read.u32()?;
            let name = until_zero(read.rest()?.bytes());
            read.skip((name.len() as u64 + 1).next_multiple_of(4))?;
            let offset = at.saturating_add(offset);
            streams.push(Stream { name, offset, size });
        }
        let tables = OnceCell::new();
        Some(Self { image, version, streams, resources, tables })
    }

    /// The last stream with one of these names.
    pub(super) fn stream(&self, names: &[&[u8]]) -> Option<View<'d>> {
        let mut streams = self.streams.iter().rev();
        let stream = streams.find(|stream| names.contains(&stream.name))?;
        self.image.view.sub(u64::from(stream.offset), u64::from(stream.size))
    }

    pub(super) fn tables(&self) -> Option<&Tables<'d>> {
        let read = || Tables::new(self.stream(&[b"#~", b"#-"])?);
        self.tables.get_or_init(read).as_ref()
    }

    pub(super) fn rows(&self, table: u8) -> usize {
        self.tables().map_or(0, |tables| tables.rows(table))
    }

    /// The number in a column of a row.
    pub(super) fn number(
        &self,
        table: u8,
        row: usize,
        column: usize,
    ) -> Option<u32> {
        self.tables()?.number(table, row, column)
    }

    /// The text that a column of a row means.
    pub(super) fn text(
        &self,
        table: u8,
        row: usize,
        column: usize,
    ) -> Option<&'d str> {
        let at = self.number(table, row, column)?;
        let rest = self.stream(&[b"#Strings"])?.tail(u64::from(at))?;
        let text = rest.cstr(0, MAX_TEXT)?;
        std::str::from_utf8(text).ok()
    }

    /// The bytes that a column of a row means.
    pub(super) fn blob(
        &self,
        table: u8,
        row: usize,
        column: usize,
    ) -> Option<&'d [u8]> {
        let at = self.number(table, row, column)?;
        let heap = self.stream(&[b"#Blob"])?;
        let mut rest = heap.tail(u64::from(at))?.bytes();
        let length = compressed(&mut rest)?;
        rest.get(..length as usize)
    }
}

fn until_zero(bytes: &[u8]) -> &[u8] {
    &bytes[..memchr::memchr(0, bytes).unwrap_or(bytes.len())]
}

/// Reads a number whose first bits tell how many bytes it has.
pub(super) fn compressed(bytes: &mut &[u8]) -> Option<u32> {
    let (value, size) = match **bytes {
        [a @ 0..=0x7f, ..] => (u32::from(a), 1),
        [a @ 0x80..=0xbf, b, ..] => {
            (u32::from_be_bytes([0, 0, a & 0x3f, b]), 2)
        }
        [a @ 0xc0..=0xdf, b, c, d, ..] => {
            (u32::from_be_bytes([a & 0x1f, b, c, d]), 4)
        }
        _ => return None,
    };
    *bytes = &bytes[size..];
    Some(value)
}

/// Reads a number with a sign, which is its last bit.
pub(super) fn compressed_signed(bytes: &mut &[u8]) -> Option<i32> {
    let before = bytes.len();
    let value = compressed(bytes)? as i32;
    let offset = match before - bytes.len() {
        1 => 0x40,
        2 => 0x2000,
        _ => 0x1000_0000,
    };
    Some((value >> 1) - if value & 1 != 0 { offset } else { 0 })
}
