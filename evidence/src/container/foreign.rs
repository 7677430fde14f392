//! Containers that are recognised so that nobody takes them for a disk.

use super::field::{Fields, peek};
use super::{Cx, Opened, Result};
use crate::{OpenError, Reason};

/// Position, magic, name.
const KNOWN: &[(usize, &[u8], &str)] = &[
    (0, b"QED\0", "QED"),
    (0, b"WithoutFreeSpace", "Parallels"),
    (0, b"WithouFreSpacExt", "Parallels"),
    (0, b"AFF10\r\n\0", "AFF"),
    (0, b"shdw", "ASIF"),
    (0, b"Bochs Virtual HD Image", "Bochs"),
    (30, b"container.description", "AFF4"),
];

pub(super) fn open(cx: &Cx<'_>) -> Result<Option<Opened>> {
    let head = Fields(cx.head);
    let known = KNOWN.iter().find(|(at, magic, _)| head.has(*at, magic));
    let name = match known {
        Some((_, _, name)) => *name,
        None if is_dmg(cx) => "DMG",
        None => return Ok(None),
    };
    let mut error = OpenError::new(Reason::UnsupportedFormat, name);
    error.bytes = cx.source.len();
    Err(error)
}

/// Its description is at the end.
fn is_dmg(cx: &Cx<'_>) -> bool {
    let at = cx.source.len().and_then(|length| length.checked_sub(512));
    at.is_some_and(|at| {
        let tail = peek(cx.source, at, 12);
        tail == b"koly\0\0\0\x04\0\0\x02\0"
    })
}
