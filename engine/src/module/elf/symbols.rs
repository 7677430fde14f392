//! Tables of symbols and the strings they name.

use super::MAX_ENTRIES;
use super::layout::{Header, Section};
use crate::module::cursor::Strings;

/// An entry of a table of symbols.
pub(super) struct Symbol<'d> {
    pub(super) name: Option<&'d [u8]>,
    pub(super) value: u64,
    pub(super) size: u64,
    /// Type and binding.
    pub(super) info: u8,
    pub(super) other: u8,
    pub(super) section: u16,
}

/// The symbols of a table.
pub(super) fn read<'d>(
    header: &Header<'d>,
    sections: &[Section],
    table: &Section,
) -> Vec<Symbol<'d>> {
    let Some(view) = header.view.sub(table.offset, table.size) else {
        return Vec::new();
    };
    let link = usize::try_from(table.link).ok();
    let linked = link.and_then(|link| sections.get(link));
    let mut strings = strings(header, linked);
    let wide = header.wide;
    let mut reader = view.reader(0);
    let one = || {
        let name = reader.u32()?;
        let mut symbol = Symbol {
            name: None,
            value: 0,
            size: 0,
            info: 0,
            other: 0,
            section: 0,
        };
        if !wide {
            symbol.value = reader.word(wide)?;
            symbol.size = reader.word(wide)?;
        }
        symbol.info = reader.u8()?;
        symbol.other = reader.u8()?;
        symbol.section = reader.u16()?;
        if wide {
            symbol.value = reader.word(wide)?;
            symbol.size = reader.word(wide)?;
        }
        symbol.name = strings.get(u64::from(name));
        Some(symbol)
    };
    std::iter::from_fn(one).take(MAX_ENTRIES).collect()
}

/// The strings of a section. They reach to the end of the file: there are
/// files whose strings are fine though the size of the section is not.
pub(super) fn strings<'d>(
    header: &Header<'d>,
    table: Option<&Section>,
) -> Strings<'d> {
    Strings::new(table.and_then(|table| header.view.tail(table.offset)))
}
