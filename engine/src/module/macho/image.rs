//! One image: its header, and what is read from it at most once.

use std::cell::OnceCell;

use super::commands::Commands;
use super::signature;
use super::symbols::{self, Symbols};
use crate::module::cursor::View;

/// The header of an image.
pub(super) struct Header {
    pub(super) magic: u32,
    pub(super) cputype: u32,
    pub(super) cpusubtype: u32,
    pub(super) filetype: u32,
    pub(super) ncmds: u32,
    pub(super) sizeofcmds: u32,
    pub(super) flags: u32,
    /// Only there in images of 64 bits.
    pub(super) reserved: Option<u32>,
}

/// An image.
pub(super) struct Image<'d> {
    pub(super) header: Header,
    pub(super) view: View<'d>,
    /// True for images of 64 bits.
    pub(super) wide: bool,
    commands: OnceCell<Commands<'d>>,
    symbols: OnceCell<Symbols<'d>>,
    exports: OnceCell<Vec<Vec<u8>>>,
    imports: OnceCell<Vec<&'d [u8]>>,
    entitlements: OnceCell<Vec<String>>,
}

/// True for the first number of an image.
pub(super) fn is_magic(magic: u32) -> bool {
    matches!(magic, 0xfeed_face | 0xcefa_edfe | 0xfeed_facf | 0xcffa_edfe)
}

impl<'d> Image<'d> {
    /// Reads the header; `None` if this is no image.
    pub(super) fn open(data: &'d [u8]) -> Option<Self> {
        let magic = View::big(data).u32(0)?;
        if !is_magic(magic) {
            return None;
        }
        let big = matches!(magic, 0xfeed_face | 0xfeed_facf);
        let wide = matches!(magic, 0xfeed_facf | 0xcffa_edfe);
        let view = if big { View::big(data) } else { View::little(data) };
        let mut reader = view.reader(4);
        let header = Header {
            magic,
            cputype: reader.u32()?,
            cpusubtype: reader.u32()?,
            filetype: reader.u32()?,
            ncmds: reader.u32()?,
            sizeofcmds: reader.u32()?,
            flags: reader.u32()?,
            reserved: if wide { Some(reader.u32()?) } else { None },
        };
        Some(Self {
            header,
            view,
            wide,
            commands: OnceCell::new(),
            symbols: OnceCell::new(),
            exports: OnceCell::new(),
            imports: OnceCell::new(),
            entitlements: OnceCell::new(),
        })
    }

    /// The load commands.
    pub(super) fn commands(&self) -> &Commands<'d> {
        self.commands.get_or_init(|| Commands::read(self))
    }

    /// The table of symbols, without symbols that have no name.
    pub(super) fn symbols(&self) -> &Symbols<'d> {
        self.symbols.get_or_init(|| symbols::table(self))
    }

    /// The names of exported symbols.
    pub(super) fn exports(&self) -> &[Vec<u8>] {
        self.exports.get_or_init(|| symbols::exports(self))
    }

    /// The names of imported symbols.
    pub(super) fn imports(&self) -> &[&'d [u8]] {
        self.imports.get_or_init(|| symbols::imports(self))
    }

    /// What the signature asks for.
    pub(super) fn entitlements(&self) -> &[String] {
        let read = || signature::entitlements(self).unwrap_or_default();
        self.entitlements.get_or_init(read)
    }

    /// Where the code starts, as an offset in the image.
    pub(super) fn entry_point(&self) -> Option<u64> {
        let commands = self.commands();
        match commands.entry_address {
            Some(address) => commands.offset_of(address),
            None => commands.entry_offset,
        }
    }
}
