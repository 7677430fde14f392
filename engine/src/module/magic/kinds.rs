//! The types of `types.txt`: those that bytes at fixed places tell.

use std::sync::OnceLock;

use super::Found;
use crate::module::cursor::{View, until_zero};

/// A type.
pub(super) struct Kind {
    /// What stands where in a file of it.
    pub(super) pieces: Vec<(usize, Vec<u8>)>,
    pub(super) name: &'static str,
    pub(super) mime: &'static str,
}

/// All types, in the order in which they are tried.
pub(super) fn all() -> &'static [Kind] {
    static KINDS: OnceLock<Vec<Kind>> = OnceLock::new();
    let lines = include_str!("types.txt").lines();
    let is_type = |line: &&str| !line.is_empty() && !line.starts_with("# ");
    KINDS.get_or_init(|| lines.filter(is_type).filter_map(kind).collect())
}

/// The first type that fits.
pub(super) fn find(data: &[u8]) -> Option<Found> {
    let fits = |(at, bytes): &(usize, Vec<u8>)| {
        data.get(*at..).is_some_and(|rest| rest.starts_with(bytes))
    };
    let kind = all().iter().find(|kind| kind.pieces.iter().all(fits))?;
    Some(Found::new(fill(kind.name, data), kind.mime))
}

fn kind(line: &'static str) -> Option<Kind> {
    let mut columns = line.split(" |");
    let pieces = columns.next()?.split(' ').map(|piece| {
        let (at, bytes) = piece.split_once(':')?;
        Some((at.parse().ok()?, unescape(bytes)?))
    });
    let pieces = pieces.collect::<Option<_>>()?;
    let (name, mime) = (columns.next()?.trim(), columns.next()?.trim());
    columns.next().is_none().then_some(Kind { pieces, name, mime })
}

/// Bytes written with `\n`, `\r`, `\\` and `\xHH`.
fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next()? {
            b'n' => b'\n',
            b'r' => b'\r',
            b'\\' => b'\\',
            b'x' => {
                let digits = [rest.next()?, rest.next()?];
                let digits = std::str::from_utf8(&digits).ok()?;
                u8::from_str_radix(digits, 16).ok()?
            }
            _ => return None,
        });
    }
    Some(bytes)
}

/// Replaces what stands in braces by numbers and texts of the file.
pub(super) fn fill(name: &str, data: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((field, behind)) = after.split_once('}') else { break };
        text.push_str(before);
        if let Some((kind, at)) = field.split_once(':') {
            let at = at.parse().unwrap_or(u64::MAX);
            text.push_str(&value(kind, data, at).unwrap_or_default());
        }
        rest = behind;
    }
    text.push_str(rest);
    text
}

fn value(kind: &str, data: &[u8], at: u64) -> Option<String> {
    let (little, big) = (View::little(data), View::big(data));
    let number = match kind {
        "u8" => u64::from(little.u8(at)?),
        "le16" => u64::from(little.u16(at)?),
        "be16" => u64::from(big.u16(at)?),
        "le32" => u64::from(little.u32(at)?),
        "be32" => u64::from(big.u32(at)?),
        "be64" => big.u64(at)?,
        "hex32" => return Some(format!("{:#x}", little.u32(at)?)),
        _ => {
            let size = kind.strip_prefix('s')?.parse().ok()?;
            let text = until_zero(little.cut(at, size)?);
            let is_printed = |byte: &u8| (b' '..0x7f).contains(byte);
            let end = text.iter().position(|byte| !is_printed(byte));
            let text = &text[..end.unwrap_or(text.len())];
            return String::from_utf8(text.to_vec()).ok();
        }
    };
    Some(number.to_string())
}
