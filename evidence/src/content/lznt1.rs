//! LZNT1, the compression of NTFS.
//!
//! Hides its chunks of 4 KiB and the tuples whose shape depends on the
//! place. Never gives more bytes than asked for.

/// What one chunk stands for.
const CHUNK: usize = 4096;

/// Decodes what `input` holds, up to `limit` bytes; `None` if it is damaged.
///
/// A chunk that ends early is filled with zeros if another one follows.
pub(super) fn decode(input: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut output = Vec::with_capacity(limit);
    let mut rest = input;
    while output.len() < limit {
        let Some((header, behind)) = rest.split_first_chunk() else { break };
        let header = u16::from_le_bytes(*header);
        if header == 0 {
            break;
        }
        let stored = usize::from(header & 0x0FFF).saturating_add(1);
        let (chunk, behind) = behind.split_at_checked(stored)?;
        rest = behind;
        // Chunks start at multiples of their size.
        let start = output.len().next_multiple_of(CHUNK).min(limit);
        output.resize(start, 0);
        let end = start.saturating_add(CHUNK).min(limit);
        if header & 0x8000 == 0 {
            output.extend(chunk.iter().take(end.saturating_sub(start)));
        } else {
            decode_chunk(chunk, &mut output, start, end)?;
        }
    }
    Some(output)
}

/// Decodes a compressed chunk behind `output`, whose part of it starts at
/// `start` and ends at `end` at the latest.
fn decode_chunk(
    mut input: &[u8],
    output: &mut Vec<u8>,
    start: usize,
    end: usize,
) -> Option<()> {
    while let Some((flags, behind)) = input.split_first() {
        input = behind;
        for bit in 0..8 {
            if input.is_empty() || output.len() >= end {
                break;
            }
            if flags >> bit & 1 == 0 {
                let (literal, behind) = input.split_first()?;
                output.push(*literal);
                input = behind;
                continue;
            }
            let (tuple, behind) = input.split_first_chunk()?;
            input = behind;
            let tuple = u16::from_le_bytes(*tuple);
            let done = output.len().checked_sub(start)?;
            let shift = length_bits(done)?;
            let back = usize::from(tuple >> shift).saturating_add(1);
            let mask = (1u16 << shift).saturating_sub(1);
            let length = usize::from(tuple & mask).saturating_add(3);
            if back > done {
                return None;
            }
            let room = end.saturating_sub(output.len());
            for _ in 0..length.min(room) {
                let from = output.len().checked_sub(back)?;
                output.push(*output.get(from)?);
            }
        }
    }
    Some(())
}

/// How many bits of a tuple are its length, after `done` bytes of the chunk:
/// the other bits suffice to reach back to its start.
fn length_bits(done: usize) -> Option<u32> {
    let reach = done.checked_sub(1)?;
    let needed = usize::BITS.saturating_sub(reach.leading_zeros()).max(4);
    16u32.checked_sub(needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification() {
        // "F# F# G A A G F# E D D E F# F# E E" with a NUL at the end, as
        // published in MS-XCA.
        let packed: &[u8] = &[
            0x38, 0xb0, 0x88, 0x46, 0x23, 0x20, 0x00, 0x20, 0x47, 0x20, 0x41,
            0x00, 0x10, 0xa2, 0x47, 0x01, 0xa0, 0x45, 0x20, 0x44, 0x00, 0x08,
            0x45, 0x01, 0x50, 0x79, 0x00, 0xc0, 0x45, 0x20, 0x05, 0x24, 0x13,
            0x88, 0x05, 0xb4, 0x02, 0x4a, 0x44, 0xef, 0x03, 0x58, 0x02, 0x8c,
            0x09, 0x16, 0x01, 0x48, 0x45, 0x00, 0xbe, 0x00, 0x9e, 0x00, 0x04,
            0x01, 0x18, 0x90, 0x00,
        ];
        let text = "F# F# G A A G F# E D D E F# F# E E \
                    F# F# G A A G F# E D D E F# E D D \
                    E E F# D E F# G F# D E F# G F# E D E A \
                    F# F# G A A G F# E D D E F# E D D\0";
        let decoded = decode(packed, 65_536).unwrap();
        assert_eq!(String::from_utf8(decoded).unwrap(), text);
    }

    #[test]
    fn raw_chunks_and_short_chunks() {
        let mut packed = vec![0xFF, 0x3F];
        packed.extend([7; 4096]);
        packed.extend([0x01, 0xB0, 0x00, b'x']);
        packed.extend([0x01, 0xB0, 0x00, b'y', 0, 0]);
        let decoded = decode(&packed, 65_536).unwrap();
        assert_eq!(decoded.len(), 8193);
        assert_eq!(decoded[4095..4098], [7, b'x', 0]);
        assert_eq!(decoded[8191..], [0, b'y']);
    }

    #[test]
    fn never_more_than_asked_for() {
        // One literal, then a tuple of the greatest length.
        let packed = [0x03, 0xB0, 0x02, b'a', 0xFF, 0x0F];
        assert_eq!(decode(&packed, 5000).unwrap(), [b'a'; 4096]);
        assert_eq!(decode(&packed, 10).unwrap(), [b'a'; 10]);
        // Back to before the start, and a chunk that is cut.
        assert_eq!(decode(&[0x03, 0xB0, 0x02, b'a', 0xFF, 0xFF], 99), None);
        assert_eq!(decode(&[0x03, 0xB0, 0x02], 99), None);
    }
}
