//! What a function is called that is imported by number.

use std::borrow::Cow;

use super::ordinal_names::{OLEAUT32, Run, WS2_32};

/// The functions of a library whose numbers are known.
pub(super) fn of(library: &[u8]) -> &'static [Run] {
    let is = |name: &[u8]| library.eq_ignore_ascii_case(name);
    if is(b"ws2_32.dll") || is(b"wsock32.dll") {
        WS2_32
    } else if is(b"oleaut32.dll") {
        OLEAUT32
    } else {
        &[]
    }
}

/// The name of a function, or `ord` and its number.
pub(super) fn name(known: &[Run], ordinal: u16) -> Cow<'static, [u8]> {
    let name = known.iter().rfind(|run| run.0 <= ordinal).and_then(|run| {
        run.1.split_ascii_whitespace().nth(usize::from(ordinal - run.0))
    });
    match name {
        Some(name) => Cow::Borrowed(name.as_bytes()),
        None => Cow::Owned(format!("ord{ordinal}").into_bytes()),
    }
}
