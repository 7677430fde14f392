//! Symbols of an image: the table, and what is exported and imported.

use std::collections::HashSet;

use super::image::Image;
use crate::module::cursor::{Reader, Strings, View};

/// Any of these bits: an entry for debuggers.
pub(super) const N_STAB: u8 = 0xe0;
const N_TYPE: u8 = 0x0e;
/// The symbol is external.
pub(super) const N_EXT: u8 = 1;

/// Symbols that are kept.
const MAX_SYMBOLS: usize = 1_000_000;
/// Bytes of exported names, which a file can make far longer than itself.
const MAX_NAMES: usize = 64 << 20;

/// A symbol.
pub(super) struct Symbol<'d> {
    pub(super) name: &'d [u8],
    pub(super) strx: u32,
    pub(super) kind: u8,
    pub(super) sect: u8,
    pub(super) desc: u16,
    pub(super) value: u64,
}

pub(super) type Symbols<'d> = Vec<Symbol<'d>>;

impl Symbol<'_> {
    pub(super) fn is_undefined(&self) -> bool {
        self.kind & (N_TYPE | N_STAB) == 0
    }

    fn is_exported(&self) -> bool {
        // In a section, absolute, or another name.
        let defined = matches!(self.kind & N_TYPE, 0xe | 0x2 | 0xa);
        defined && self.kind & N_EXT != 0 && self.kind & N_STAB == 0
    }
}

/// The symbols that have a name. A name without an end ends the table.
pub(super) fn table<'d>(image: &Image<'d>) -> Symbols<'d> {
    let mut symbols = Vec::new();
    let _ = (|| {
        let [symoff, nsyms, stroff, strsize] = image.commands().symtab?;
        let strings = range(image, [stroff, strsize])?;
        let mut strings = Strings::new(Some(strings));
        let mut reader = image.view.reader(u64::from(symoff));
        for _ in 0..nsyms {
            let mut symbol = Symbol {
                name: &[],
                strx: reader.u32()?,
                kind: reader.u8()?,
                sect: reader.u8()?,
                desc: reader.u16()?,
                value: reader.word(image.wide)?,
            };
            let at = u64::from(symbol.strx);
            if at > u64::from(strsize) {
                continue;
            }
            symbol.name = strings.terminated(at)?;
            if !symbol.name.is_empty() && symbols.len() < MAX_SYMBOLS {
                symbols.push(symbol);
            }
        }
        Some(())
    })();
    symbols
}

fn range<'d>(image: &Image<'d>, [at, size]: [u32; 2]) -> Option<View<'d>> {
    image.view.sub(u64::from(at), u64::from(size))
}

/// Names of exported symbols: from the tries that the linker made, or, where
/// there are none, from the table.
pub(super) fn exports(image: &Image<'_>) -> Vec<Vec<u8>> {
    let commands = image.commands();
    let info = commands.dyld_info.map(|info| [info[8], info[9]]);
    let tries = [commands.exports_trie, info];
    if tries == [None, None] {
        let all = image.symbols().iter().filter(|s| s.is_exported());
        return all.map(|symbol| symbol.name.to_vec()).collect();
    }
    let mut names = Vec::new();
    for place in tries.into_iter().flatten() {
        // What stands in front of damage counts.
        let _ = range(image, place).and_then(|v| trie(v, &mut names));
    }
    names
}

/// Walks a trie of names. A node that was seen is not visited again.
fn trie(view: View<'_>, names: &mut Vec<Vec<u8>>) -> Option<()> {
    let mut stack: Vec<(u64, Vec<u8>)> = vec![(0, Vec::new())];
    let mut seen = HashSet::new();
    let mut budget = MAX_NAMES;
    while let Some((at, prefix)) = stack.pop() {
        if view.len() <= at || !seen.insert(at) {
            continue;
        }
        let mut reader = view.reader(at);
        let is_name = reader.uleb128()? != 0;
        if is_name {
            match reader.uleb128()? {
                // A resolver: two addresses.
                0x10 => {
                    reader.uleb128()?;
                    reader.uleb128()?;
                }
                // From another library: its number and a name.
                0x8 => {
                    reader.uleb128()?;
                    let name = reader.cstr(view.len())?;
                    budget = budget.checked_sub(name.len())?;
                }
                _ => {
                    reader.uleb128()?;
                }
            }
        }
        for _ in 0..reader.u8()? {
            let label = reader.cstr(view.len())?;
            let next = reader.uleb128()?;
            // Nodes may overlap, so that what is no name costs, too.
            budget = budget.checked_sub(label.len())?;
            if std::str::from_utf8(label).is_ok() {
                let name = [&prefix[..], label].concat();
                budget = budget.checked_sub(prefix.len())?;
                stack.push((next, name));
            }
        }
        if is_name {
            names.push(prefix);
        }
    }
    Some(())
}

/// Names of imported symbols: from what the linker has to bind, or, where
/// it says nothing, from the table.
pub(super) fn imports<'d>(image: &Image<'d>) -> Vec<&'d [u8]> {
    let commands = image.commands();
    if commands.chained_fixups.is_none() && commands.dyld_info.is_none() {
        let all = image.symbols().iter().filter(|s| s.is_undefined());
        return all.map(|symbol| symbol.name).collect();
    }
    let mut names = Vec::new();
    if let Some([_, _, b0, b1, w0, w1, l0, l1, _, _]) = commands.dyld_info {
        let mut seen = HashSet::new();
        for place in [[b0, b1], [l0, l1], [w0, w1]] {
            let found = range(image, place);
            let _ = found.and_then(|v| {
                bindings(v.reader(0), v.len(), &mut |name| {
                    let is_text = std::str::from_utf8(name).is_ok();
                    if is_text && seen.insert(name) {
                        names.push(name);
                    }
                })
            });
        }
    }
    let fixups = commands.chained_fixups.and_then(|at| range(image, at));
    let _ = fixups.and_then(|view| chained(view, &mut names));
    names
}

/// Reads the program that binds symbols, for the names in it.
fn bindings<'d>(
    mut reader: Reader<'d>,
    len: u64,
    found: &mut dyn FnMut(&'d [u8]),
) -> Option<()> {
    while !reader.is_empty() {
        match reader.u8()? & 0xf0 {
            0x20 | 0x60 | 0x70 | 0x80 | 0xa0 => {
                reader.uleb128()?;
            }
            0xc0 => {
                reader.uleb128()?;
                reader.uleb128()?;
            }
            0x40 => found(reader.cstr(len)?),
            _ => {}
        }
    }
    Some(())
}

/// Reads the table of imports in front of chains of fixups.
fn chained<'d>(view: View<'d>, names: &mut Vec<&'d [u8]>) -> Option<()> {
    let mut header = view.reader(8);
    let imports_at = u64::from(header.u32()?);
    let symbols_at = header.u32()?;
    let count = u64::from(header.u32()?);
    let format = header.u32()?;
    let _symbols_format = header.u32()?;
    let size = match format {
        2 => 8,
        3 => 16,
        _ => 4,
    };
    let table = view.sub(imports_at, count.checked_mul(size)?)?;
    let mut strings = Strings::new(Some(view));
    for at in 0..count {
        let at = at * size;
        let offset = match format {
            3 => table.u64(at)? >> 32,
            _ => u64::from(table.u32(at)? >> 9),
        };
        let place = u64::from(symbols_at.saturating_add(offset as u32));
        if place > view.len() {
            continue;
        }
        let name = strings.terminated(place)?;
        if std::str::from_utf8(name).is_ok() && names.len() < MAX_SYMBOLS {
            names.push(name);
        }
    }
    Some(())
}
