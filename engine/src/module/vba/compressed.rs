//! The compression of the streams of a project: chunks of 4,096 bytes, each
//! with copies of what it has already given.

use crate::module::cursor::View;

const SIGNATURE: u8 = 1;
const CHUNK: usize = 4096;

/// Decompresses a stream. What stands in front of a chunk that is none
/// counts; `None` if there is no chunk, or a copy of nothing, or more than
/// `left` bytes would have to be written. These are taken from it.
pub(super) fn decompress(bytes: &[u8], left: &mut usize) -> Option<Vec<u8>> {
    let view = View::little(bytes);
    if view.u8(0)? != SIGNATURE {
        return None;
    }
    let mut text = Vec::new();
    let mut at = 1;
    while at < view.len() {
        let Some(header) = view.u16(at) else {
            if text.is_empty() {
                return None;
            }
            break;
        };
        if !is_chunk(header) {
            break;
        }
        *left = left.checked_sub(2 * CHUNK)?;
        let size = u64::from(header & 0xfff);
        if header & 0x8000 == 0 {
            let size = if size == 4095 { CHUNK as u64 } else { size };
            let plain = view.cut(at + 2, size)?;
            if plain.is_empty() {
                break;
            }
            text.extend_from_slice(plain);
            at += 2 + plain.len() as u64;
            continue;
        }
        if size + 3 > 4095 {
            if text.is_empty() {
                return None;
            }
            break;
        }
        let tokens = view.cut(at + 2, size + 1)?;
        // A copy may reach two bytes over the end of the chunk.
        chunk(view.tail(at + 2)?, tokens.len() as u64, &mut text)?;
        at += size + 3;
    }
    let end = text.iter().rposition(|byte| *byte != 0);
    text.truncate(end.map_or(0, |last| last + 1));
    Some(text)
}

/// True for the two bytes in front of a chunk.
pub(super) fn is_chunk(header: u16) -> bool {
    matches!(header >> 12 & 7, 3 | 4)
}

fn chunk(view: View<'_>, len: u64, text: &mut Vec<u8>) -> Option<()> {
    let start = text.len();
    let mut r = view.reader(0);
    while r.at() < len && text.len() - start < CHUNK {
        let flags = r.u8()?;
        for bit in 0..8 {
            if r.at() >= len || text.len() - start >= CHUNK {
                break;
            }
            if flags >> bit & 1 == 0 {
                text.push(r.u8()?);
                continue;
            }
            let token = r.u16()?;
            // The more there is to copy from, the more bits say where.
            let given = text.len() - start;
            let bits = given.next_power_of_two().trailing_zeros().max(4);
            let length = usize::from(token & (0xffff >> bits)) + 3;
            let back = usize::from(token >> (16 - bits)) + 1;
            let from = text.len().checked_sub(back)?;
            for at in from..from + length {
                let byte = *text.get(at)?;
                text.push(byte);
            }
        }
    }
    Some(())
}
