//! AVML, version 2: the memory of a Linux machine, each range compressed.
//!
//! Format: <https://github.com/microsoft/avml>, and the framing of Snappy. A
//! range has the header of LiME with another magic, a stream of frames, and
//! the length of that stream. What is inside is shown as the LiME image that
//! holds the same ranges.

use std::sync::{Mutex, PoisonError};

use dragnet_engine::source::{Extent, ExtentKind, Origin, ReadError, Source};

use super::disk::{Map, Packed, Parts, Place, Stretch, Unpacked};
use super::field::{Fields, peek};
use super::late::problem;
use super::{Cx, Opened, Result};
use crate::{Problem, Reason, Shared};

mod crc;

const MAGIC: &[u8] = b"AVML";
const LIME: &[u8] = b"EMiL";
const HEADER: u64 = 32;
/// The frame that a stream begins with.
const BEGIN: &[u8] = b"\xff\x06\0\0sNaPpY";
/// Most bytes that a frame holds unpacked,
const MOST: u64 = 64 << 10;
/// and packed, with its head: what does not become smaller is stored.
const MOST_PACKED: u64 = 80 << 10;
/// Most ranges.
const MAX_RANGES: usize = 1 << 20;
/// Frames between two places that are remembered.
const STEP: u64 = 64;
/// Frames are so large on average, but for some.
const MEAN: u64 = 1024;
const SOME: u64 = 1 << 16;

/// A dump, as the image of LiME that it could have been.
pub(super) fn open(cx: &Cx<'_>) -> Result<Option<Opened>> {
    let head = Fields(cx.head);
    if !head.has(0, MAGIC) || head.le32(4) != Some(2) {
        return Ok(None);
    }
    let mut reader = Reader::new(cx.source.clone());
    reader.all();
    let Reader { source, size, headers, ranges, marks, problems, .. } = reader;
    let last = Mutex::new((0, 0));
    let map = Ranges { source: source.clone(), size, ranges, marks, last };
    let files: Vec<Shared> =
        vec![source, std::sync::Arc::new(Headers(headers))];
    let mut parts = Parts::new(map, files, size);
    parts.chunk = MOST;
    let mut opened = Opened::of_disk("avml", parts);
    opened.problems.extend(problems);
    Ok(Some(opened))
}

/// A frame of a stream.
#[derive(Clone, Copy)]
struct Frame {
    /// Where its body begins.
    at: u64,
    /// Bytes of the body.
    length: u64,
    /// Bytes of memory in it.
    size: u64,
    is_packed: bool,
}

impl Frame {
    /// The frame at a place; `None` if there is none that makes sense.
    fn read(source: &Shared, place: u64) -> Option<Frame> {
        let head = peek(source, place, 16);
        let fields = Fields(&head);
        let kind = fields.u8(0)?;
        let length = u64::from(fields.le32(0)? >> 8);
        let at = place.checked_add(4)?;
        let body = length.checked_sub(4);
        let (size, is_packed) = match kind {
            0 => (unpacked_size(head.get(8..)?)?, true),
            1 => (body?, false),
            // Padding, and what may be left out.
            0x80..=0xff => (0, false),
            _ => return None,
        };
        let is_held = at.checked_add(length)? <= source.len()?;
        let fits = size <= MOST && (size == 0 || length <= MOST_PACKED);
        (is_held && fits).then_some(Frame { at, length, size, is_packed })
    }

    fn end(self) -> u64 {
        self.at.saturating_add(self.length)
    }
}

/// The number that a block of Snappy begins with: its size unpacked.
fn unpacked_size(block: &[u8]) -> Option<u64> {
    let mut size = 0_u64;
    for (at, byte) in block.iter().take(5).enumerate() {
        let shift = u32::try_from(at).ok()?.checked_mul(7)?;
        size |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(size);
        }
    }
    None
}

/// Goes through a dump once.
struct Reader {
    source: Shared,
    /// Where it is in the file, and on the disk.
    at: u64,
    size: u64,
    frames: u64,
    headers: Vec<u8>,
    ranges: Vec<u64>,
    marks: Vec<(u64, u64)>,
    problems: Vec<Problem>,
}

impl Reader {
    fn new(source: Shared) -> Reader {
        Reader {
            source,
            at: 0,
            size: 0,
            frames: 0,
            headers: Vec::new(),
            ranges: Vec::new(),
            marks: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn all(&mut self) {
        let held = self.source.len().unwrap_or(0);
        for _ in 0..MAX_RANGES {
            if self.at >= held {
                return;
            }
            if let Err(detail) = self.range() {
                let left = held.saturating_sub(self.at);
                let reason = match left {
                    0..=MOST_PACKED => Reason::Truncated,
                    _ => Reason::CorruptMetadata,
                };
                let detail = format!("{detail} at {:#x}", self.at);
                self.problems.push(problem(reason, None, left, detail));
                return;
            }
        }
        let left = held.saturating_sub(self.at);
        let detail = "there are more ranges than machines have";
        self.problems.push(problem(
            Reason::CorruptMetadata,
            None,
            left,
            detail,
        ));
    }

    /// One range; what is whole of it is kept.
    fn range(&mut self) -> std::result::Result<(), &'static str> {
        let head = peek(&self.source, self.at, HEADER as usize);
        let fields = Fields(&head);
        let (first, last) = (fields.le64(8), fields.le64(16));
        let length = first
            .zip(last)
            .and_then(|(first, last)| last.checked_sub(first)?.checked_add(1));
        let length = length
            .filter(|_| fields.has(0, MAGIC) && fields.le32(4) == Some(2))
            .ok_or("no header of a range")?;
        let begin = self.at.saturating_add(HEADER);
        if peek(&self.source, begin, BEGIN.len()) != BEGIN {
            return Err("no stream of frames");
        }
        self.headers.extend(LIME);
        self.headers.extend(1_u32.to_le_bytes());
        self.headers.extend(head.get(8..24).unwrap_or_default());
        self.headers.extend([0; 8]);
        self.ranges.push(self.size);
        self.size = self.size.saturating_add(HEADER);
        self.at = begin;
        let held = self.source.len().unwrap_or(0);
        let most = (held / MEAN).saturating_add(SOME);
        let (mut done, mut count) = (0_u64, 0_u64);
        while done < length {
            let frame = Frame::read(&self.source, self.at)
                .filter(|_| self.frames < most)
                .filter(|frame| frame.size <= length.saturating_sub(done))
                .ok_or("no frame")?;
            if count.is_multiple_of(STEP) {
                self.marks.push((self.size, self.at));
            }
            self.at = frame.end();
            self.size = self.size.saturating_add(frame.size);
            done = done.saturating_add(frame.size);
            self.frames = self.frames.saturating_add(1);
            count = count.saturating_add(1);
        }
        let end = Fields(&peek(&self.source, self.at, 8)).le64(0);
        if end != self.at.checked_sub(begin) {
            return Err("the stream has another length than it says");
        }
        self.at = self.at.saturating_add(8);
        Ok(())
    }
}

/// Which frame holds what.
struct Ranges {
    source: Shared,
    size: u64,
    /// Where on the disk the header of each range is.
    ranges: Vec<u64>,
    /// Places on the disk, and frames in the file: every so often.
    marks: Vec<(u64, u64)>,
    /// A frame that was found lately.
    last: Mutex<(u64, u64)>,
}

impl Map for Ranges {
    fn find(&self, offset: u64) -> Stretch {
        let behind = self.ranges.partition_point(|at| *at <= offset);
        let next = self.ranges.get(behind).copied().unwrap_or(self.size);
        let lost = Stretch {
            place: Place::Lost(Reason::CorruptMetadata),
            length: next.saturating_sub(offset).max(1),
        };
        let Some((range, start)) = behind
            .checked_sub(1)
            .and_then(|at| Some((at as u64, *self.ranges.get(at)?)))
        else {
            return lost;
        };
        let inside = offset.saturating_sub(start);
        if inside < HEADER {
            let at = range.saturating_mul(HEADER).saturating_add(inside);
            let place = Place::Stored { file: 1, at };
            return Stretch { place, length: HEADER.saturating_sub(inside) };
        }
        self.frame(offset).unwrap_or(lost)
    }

    fn unpack(
        &self,
        file: &Shared,
        packed: &Packed,
        out: &mut [u8],
    ) -> Unpacked {
        // The sum stands in front of what is summed.
        let Some(at) = packed.at.checked_sub(4) else {
            return Unpacked::NOTHING;
        };
        let length = packed.length.saturating_add(4).min(MOST_PACKED);
        let body = peek(file, at, length as usize);
        let Some((sum, bytes)) = body.split_at_checked(4) else {
            return Unpacked::NOTHING;
        };
        let good = if packed.plain {
            let good = bytes.len().min(out.len());
            let (to, from) = (out.get_mut(..good), bytes.get(..good));
            if let (Some(to), Some(from)) = (to, from) {
                to.copy_from_slice(from);
            }
            good
        } else {
            let mut decoder = snap::raw::Decoder::new();
            decoder.decompress(bytes, out).unwrap_or(0)
        };
        let whole = out.get(..good).unwrap_or_default();
        let checked = Fields(sum).le32(0) == Some(crc::masked(whole));
        Unpacked { good, checked }
    }
}

impl Ranges {
    /// The frame that holds a place on the disk.
    fn frame(&self, offset: u64) -> Option<Stretch> {
        let behind = self.marks.partition_point(|mark| mark.0 <= offset);
        let mark = *self.marks.get(behind.checked_sub(1)?)?;
        let mut last =
            self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut disk, mut at) = match *last {
            last if last.0 <= offset && last.0 > mark.0 => last,
            _ => mark,
        };
        for _ in 0..STEP {
            let frame = Frame::read(&self.source, at)?;
            let inside = offset.saturating_sub(disk);
            if inside < frame.size {
                *last = (disk, at);
                let packed = Packed {
                    file: 0,
                    at: frame.at.checked_add(4)?,
                    length: frame.length.checked_sub(4)?,
                    start: disk,
                    size: frame.size,
                    plain: !frame.is_packed,
                };
                let place = Place::Packed(packed);
                let length = frame.size.saturating_sub(inside);
                return Some(Stretch { place, length });
            }
            disk = disk.saturating_add(frame.size);
            at = frame.end();
        }
        None
    }
}

/// The headers of all ranges.
struct Headers(Vec<u8>);

impl Source for Headers {
    fn len(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }

    fn read_at(
        &self,
        offset: u64,
        buf: &mut [u8],
    ) -> std::result::Result<usize, ReadError> {
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = self.0.get(from..).unwrap_or_default();
        let count = rest.len().min(buf.len());
        for (to, from) in buf.iter_mut().zip(rest) {
            *to = *from;
        }
        Ok(count)
    }

    fn extents(&self, from: u64) -> Box<dyn Iterator<Item = Extent> + '_> {
        let length = (self.0.len() as u64).saturating_sub(from);
        let all = Extent { offset: from, length, kind: ExtentKind::Data };
        Box::new((length > 0).then_some(all).into_iter())
    }

    // They are in no file.
    fn origin(&self, _: u64) -> Option<Origin> {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Arc;

    use super::*;
    use crate::container::{NoSiblings, open};
    use crate::layer::tests::Bytes;

    /// A range as the tool writes it.
    fn range(first: u64, bytes: &[u8]) -> Vec<u8> {
        let last = first + bytes.len() as u64 - 1;
        let mut encoder = snap::write::FrameEncoder::new(Vec::new());
        encoder.write_all(bytes).unwrap();
        let stream = encoder.into_inner().unwrap();
        let mut all = Vec::from(MAGIC);
        all.extend(2_u32.to_le_bytes());
        all.extend(first.to_le_bytes());
        all.extend(last.to_le_bytes());
        all.extend([0; 8]);
        all.extend(&stream);
        all.extend((stream.len() as u64).to_le_bytes());
        all
    }

    /// The same range in an image of LiME.
    fn plain(first: u64, bytes: &[u8]) -> Vec<u8> {
        let last = first + bytes.len() as u64 - 1;
        let mut all = Vec::from(LIME);
        all.extend(1_u32.to_le_bytes());
        all.extend(first.to_le_bytes());
        all.extend(last.to_le_bytes());
        all.extend([0; 8]);
        all.extend(bytes);
        all
    }

    /// Pages, some of which become smaller.
    fn pages(count: usize) -> Vec<u8> {
        let mut state = 7_u64;
        let noise = std::iter::repeat_with(move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005) + 1;
            (state >> 56) as u8
        });
        let page = |n: usize| noise.skip(n).take(4096);
        (0..count)
            .flat_map(|n| match n / 16 % 3 {
                0 => page(n).collect::<Vec<u8>>(),
                1 => vec![n as u8; 4096],
                _ => vec![0; 4096],
            })
            .collect()
    }

    fn opened(bytes: Vec<u8>) -> Option<Opened> {
        let source: Shared = Arc::new(Bytes(bytes));
        open(source, "dump", &NoSiblings).unwrap()
    }

    fn all(source: &Shared) -> Vec<u8> {
        let mut bytes = vec![0; source.len().unwrap() as usize];
        assert_eq!(source.read_at(0, &mut bytes).unwrap(), bytes.len());
        bytes
    }

    #[test]
    fn ranges_come_out_as_they_were() {
        let parts = [(0x1000, pages(1)), (0x10_0000, pages(3_000))];
        let packed = parts.iter().map(|(at, bytes)| range(*at, bytes));
        let opened = opened(packed.collect::<Vec<_>>().concat()).unwrap();
        assert_eq!(opened.format, "avml");
        assert!(opened.problems.is_empty(), "{:?}", opened.problems);
        let wanted = parts.iter().map(|(at, bytes)| plain(*at, bytes));
        let wanted = wanted.collect::<Vec<_>>().concat();
        assert!(all(&opened.source) == wanted);
        // In any order, and across the borders of frames.
        for at in (0..wanted.len() - 9_000).rev().step_by(70_001) {
            let mut part = vec![0; 9_000];
            opened.source.read_at(at as u64, &mut part).unwrap();
            assert!(part == wanted[at..at + 9_000], "{at}");
        }
        assert!(opened.late.problems().is_empty());
    }

    #[test]
    fn a_dump_that_ends_early_gives_what_it_has() {
        let whole = range(0x1000, &pages(200));
        let wanted = plain(0x1000, &pages(200));
        for end in [33, 42, 60, 1000, whole.len() / 2, whole.len() - 1] {
            let opened = opened(whole[..end].to_vec()).unwrap();
            assert_eq!(opened.problems.len(), 1, "{end}");
            let bytes = all(&opened.source);
            assert!(wanted.starts_with(&bytes), "{end}");
        }
    }

    #[test]
    fn a_wrong_sum_is_told() {
        let mut bytes = range(0x1000, &pages(64));
        // A frame that is stored as it is: noise does not become smaller.
        bytes[32 + 10 + 8 + 500] ^= 1;
        let opened = opened(bytes).unwrap();
        let _ = all(&opened.source);
        let [problem] = &opened.late.problems()[..] else { panic!() };
        assert_eq!(problem.reason, Reason::BadChecksum);
    }

    #[test]
    fn nothing_else_is_taken_for_one() {
        assert!(opened(b"AVML\x01\0\0\0 and more".to_vec()).is_none());
        let empty = opened(b"AVML\x02\0\0\0".to_vec()).unwrap();
        assert_eq!(empty.source.len(), Some(0));
        // Frames that never end, and hold nothing.
        let mut endless = range(0x1000, &[0; 4096])[..42].to_vec();
        endless.extend([0xfe, 0, 0, 0].repeat(1 << 18));
        let opened = opened(endless).unwrap();
        assert_eq!(opened.problems.len(), 1);
    }
}
