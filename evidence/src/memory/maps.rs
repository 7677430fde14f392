//! The text of `/proc/PID/maps`.
//!
//! Format: `Documentation/filesystems/proc.rst` of Linux.

use std::sync::Arc;

use super::space::{Protection, Region, RegionKind};

/// A line.
pub(super) struct Line {
    pub(super) region: Region,
    /// The numbers of the device, the greater first.
    pub(super) device: (u64, u64),
    /// The number of the file on it; 0: there is none.
    pub(super) inode: u64,
}

/// Reads all lines that are ones.
pub(super) fn read(text: &[u8]) -> impl Iterator<Item = Line> {
    text.split(|byte| *byte == b'\n').filter_map(line)
}

fn line(line: &[u8]) -> Option<Line> {
    let mut fields = line.splitn(6, |byte| *byte == b' ');
    let mut field = || fields.next();
    let (range, flags) = (field()?, field()?);
    let (offset, device, inode) = (field()?, field()?, field()?);
    let name = field().unwrap_or_default().trim_ascii_start();
    let mut ends = range.split(|byte| *byte == b'-');
    let (start, end) = (hex(ends.next()?)?, hex(ends.next()?)?);
    let mut region = Region::new(start, end.checked_sub(start)?);
    let has = |letter| flags.contains(&letter);
    region.protection =
        Protection { read: has(b'r'), write: has(b'w'), execute: has(b'x') };
    region.kind = match name {
        b"[heap]" => RegionKind::Heap,
        name if name.starts_with(b"[stack") => RegionKind::Stack,
        name if name.starts_with(b"/") => RegionKind::Mapped,
        _ => RegionKind::Private,
    };
    region.file_offset = hex(offset)?;
    region.file = (!name.is_empty()).then(|| Arc::from(name));
    let mut numbers = device.split(|byte| *byte == b':');
    let device = (hex(numbers.next()?)?, hex(numbers.next()?)?);
    let inode = str::from_utf8(inode).ok()?.parse().ok()?;
    Some(Line { region, device, inode })
}

fn hex(digits: &[u8]) -> Option<u64> {
    u64::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_process() {
        let text = b"55d0c000-55d0d000 r-xp 00001000 08:01 131 \
            /usr/bin/a b (deleted)\n\
            7ffd0000-7ffd3000 rw-p 00000000 00:00 0    [stack]\n\
            7f000000-7f001000 rw-s 00000000 00:05 9\n\
            garbage\n";
        let lines: Vec<Line> = read(text).collect();
        let [program, stack, shared] = lines.as_slice() else { panic!() };
        let name = program.region.file.as_deref();
        assert_eq!(name, Some(&b"/usr/bin/a b (deleted)"[..]));
        assert_eq!(program.region.file_offset, 0x1000);
        assert_eq!(program.region.protection.letters(), "r-x");
        assert_eq!((program.device, program.inode), ((8, 1), 131));
        assert_eq!(stack.region.kind, RegionKind::Stack);
        assert!(shared.region.file.is_none());
    }
}
