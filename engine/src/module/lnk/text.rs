//! Texts in shortcuts: of one byte a character, or of two.

use std::borrow::Cow;

use crate::module::cursor::{View, until_zero};

/// The text in front of the first zero. Halves of characters that do not
/// belong together are replaced.
pub(super) fn text(bytes: &[u8], unicode: bool) -> Cow<'_, [u8]> {
    if !unicode {
        return Cow::Borrowed(until_zero(bytes));
    }
    let units = bytes.chunks_exact(2);
    let units = units.map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let units = units.take_while(|unit| *unit != 0);
    let text: String = char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    Cow::Owned(text.into_bytes())
}

/// An identifier of 16 bytes, the usual way to write it.
pub(super) fn guid(view: View<'_>, at: u64) -> Option<String> {
    let (a, b, c) = (view.u32(at)?, view.u16(at + 4)?, view.u16(at + 6)?);
    let rest = u64::from_be_bytes(view.array(at + 8)?);
    let (d, e) = (rest >> 48, rest & 0xffff_ffff_ffff);
    Some(format!("{a:08x}-{b:04x}-{c:04x}-{d:04x}-{e:012x}"))
}
