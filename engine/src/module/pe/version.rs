//! The strings of version resources.
//!
//! Hides the tree of blocks that a version resource is. Its lengths of
//! values are wrong in so many files that they are not trusted: a value is
//! what stands in front of its terminator.

use super::image::Image;
use super::resources::Resource;
use crate::module::cursor::View;

/// Resources that are read: all may lie in one place.
const MAX_VERSIONS: usize = 100;
/// The type of a resource that holds version information.
const VERSION: u32 = 16;
/// Signature, versions, flags and dates of the root block.
const FIXED_SIZE: u64 = 52;

/// A block: its key, and what follows the padding behind the key.
struct Block<'d> {
    key: String,
    has_value: bool,
    rest: View<'d>,
}

impl<'d> Image<'d> {
    /// Keys and values, in the order of the file.
    pub(super) fn read_version_info(
        &self,
        resources: &[Resource<'d>],
    ) -> Vec<(String, String)> {
        let mut strings = Vec::new();
        let is_version =
            |one: &&Resource<'d>| one.ids[0].number() == Some(VERSION);
        let found = resources.iter().filter(is_version);
        for resource in found.take(MAX_VERSIONS) {
            if let Some(offset) = resource.offset
                && let Some(data) = self.view.tail(u64::from(offset))
            {
                strings.extend(version_strings(data).unwrap_or_default());
            }
        }
        strings
    }
}

fn version_strings(data: View<'_>) -> Option<Vec<(String, String)>> {
    let (root, _) = Block::read(data)?;
    if root.key != "VS_VERSION_INFO" {
        return None;
    }
    let mut rest = root.rest;
    if root.has_value
        && let Some(children) = rest.tail(FIXED_SIZE)
    {
        rest = children;
    }
    let (mut block, next) = Block::read(rest)?;
    if block.key == "VarFileInfo" {
        (block, _) = Block::read(next)?;
    }
    if block.key != "StringFileInfo" {
        return None;
    }
    let mut strings = Vec::new();
    let mut tables = block.rest;
    while let Some((table, next)) = Block::read(tables) {
        let before = strings.len();
        let mut rows = table.rest;
        while let Some((row, next)) = Block::read(rows) {
            let value = row.has_value.then(|| text(row.rest));
            let value = value.flatten().map(|(value, _)| value);
            strings.push((row.key, value.unwrap_or_default()));
            rows = next;
        }
        if strings.len() == before {
            break;
        }
        tables = next;
    }
    Some(strings)
}

impl<'d> Block<'d> {
    /// The block at the start, and what follows it.
    fn read(data: View<'d>) -> Option<(Self, View<'d>)> {
        let length = u64::from(data.u16(0)?).next_multiple_of(4);
        let block = data.sub(0, length)?;
        let value_length = block.u16(2)?;
        let (key, key_size) = text(block.tail(6)?)?;
        let rest = block.tail((6 + key_size).next_multiple_of(4))?;
        let has_value = value_length > 0;
        Some((Self { key, has_value, rest }, data.tail(length)?))
    }
}

/// The text in UTF-16 at the start and the number of its bytes, terminator
/// included. Text that reaches the end of the data needs none.
fn text(data: View<'_>) -> Option<(String, u64)> {
    let (units, odd) = data.bytes().as_chunks::<2>();
    let units = units.iter().map(|&unit| u16::from_le_bytes(unit));
    let text: Vec<u16> = units.take_while(|&unit| unit != 0).collect();
    let mut size = 2 * text.len() as u64;
    if size < data.len() {
        // Half of a unit terminates nothing.
        if size + 1 == data.len() && !odd.is_empty() {
            return None;
        }
        size += 2;
    }
    Some((String::from_utf16_lossy(&text), size))
}
