//! LZX with a window of 32 KiB, as the overlay of Windows has it: every
//! chunk stands alone.

use super::bits::{Bits, Code, repeat};

/// Bytes of a whole chunk, and of a block that says no other size.
const CHUNK: usize = 32_768;
/// Slots of distances for this window.
const SLOTS: usize = 30;
/// Literals, and matches of 8 lengths for each slot.
const MAIN: usize = 256 + 8 * SLOTS;
/// Lengths that do not fit into the main code.
const LENGTHS: usize = 249;
/// What calls are relative to, after the fact.
const CALL_SIZE: i32 = 12_000_000;

/// What blocks of a chunk hand on.
struct State {
    main: [u8; MAIN],
    lengths: [u8; LENGTHS],
    recent: [usize; 3],
}

/// Decodes exactly `size` bytes, a chunk at most; `None` if it is damaged.
pub(super) fn decode(input: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut bits = Bits::new(input);
    let mut output = Vec::with_capacity(size);
    let mut state =
        State { main: [0; MAIN], lengths: [0; LENGTHS], recent: [1; 3] };
    while output.len() < size {
        let kind = bits.take(3)?;
        let length = match bits.take(1)? {
            1 => CHUNK,
            _ => bits.take(16)? as usize,
        };
        let room = size.checked_sub(output.len())?;
        let length = length.min(room);
        if length == 0 {
            return None;
        }
        match kind {
            1 | 2 => {
                block(&mut bits, &mut state, &mut output, length, kind == 2)?
            }
            3 => raw_block(&mut bits, &mut state, &mut output, length)?,
            _ => return None,
        }
    }
    undo_calls(&mut output);
    Some(output)
}

/// A block with codes; with `aligned`, the low bits of distances have one.
fn block(
    bits: &mut Bits<'_>,
    state: &mut State,
    output: &mut Vec<u8>,
    length: usize,
    aligned: bool,
) -> Option<()> {
    let low_code = if aligned {
        let mut lengths = [0; 8];
        for length in &mut lengths {
            *length = u8::try_from(bits.take(3)?).ok()?;
        }
        Some(Code::new(&lengths)?)
    } else {
        None
    };
    let (literals, matches) = state.main.split_at_mut(256);
    read_lengths(bits, literals)?;
    read_lengths(bits, matches)?;
    read_lengths(bits, &mut state.lengths)?;
    let main = Code::new(&state.main)?;
    let long = Code::new(&state.lengths)?;
    let end = output.len().checked_add(length)?;
    while output.len() < end {
        let symbol = main.symbol(bits)?;
        let Some(symbol) = symbol.checked_sub(256) else {
            output.push(u8::try_from(symbol).ok()?);
            continue;
        };
        let mut length = usize::from(symbol & 7);
        if length == 7 {
            length = length.checked_add(long.symbol(bits)?.into())?;
        }
        let slot = usize::from(symbol >> 3);
        let back = distance(bits, state, slot, low_code.as_ref())?;
        let room = end.checked_sub(output.len())?;
        repeat(output, back, length.checked_add(2)?.min(room))?;
    }
    Some(())
}

/// How far back a match lies.
fn distance(
    bits: &mut Bits<'_>,
    state: &mut State,
    slot: usize,
    low_code: Option<&Code>,
) -> Option<usize> {
    if slot < 3 {
        state.recent.swap(0, slot);
        return state.recent.first().copied();
    }
    let extra = u32::try_from(slot >> 1).ok()?.saturating_sub(1);
    let base = (2 | slot & 1).checked_shl(extra)?;
    let low = match low_code {
        Some(code) if extra >= 3 => {
            let high = bits.take(extra.checked_sub(3)?)?;
            high << 3 | u32::from(code.symbol(bits)?)
        }
        _ => bits.take(extra)?,
    };
    let back = base.checked_add(low as usize)?.checked_sub(2)?;
    let [first, second, _] = state.recent;
    state.recent = [back, first, second];
    Some(back)
}

/// Reads the lengths of codes as changes to those before.
fn read_lengths(bits: &mut Bits<'_>, lengths: &mut [u8]) -> Option<()> {
    let mut own = [0; 20];
    for length in &mut own {
        *length = u8::try_from(bits.take(4)?).ok()?;
    }
    let code = Code::new(&own)?;
    let changed = |before: u8, change: u16| {
        let change = u8::try_from(change).ok().filter(|c| *c <= 16)?;
        before.checked_add(17)?.checked_sub(change)?.checked_rem(17)
    };
    let mut at = 0usize;
    while let Some(before) = lengths.get(at).copied() {
        let (times, length) = match code.symbol(bits)? {
            17 => (bits.take(4)?.checked_add(4)?, 0),
            18 => (bits.take(5)?.checked_add(20)?, 0),
            19 => {
                let times = bits.take(1)?.checked_add(4)?;
                (times, changed(before, code.symbol(bits)?)?)
            }
            change => (1, changed(before, change)?),
        };
        let end = at.checked_add(times as usize)?.min(lengths.len());
        lengths.get_mut(at..end)?.fill(length);
        at = end;
    }
    Some(())
}

/// A block of bytes as they are.
fn raw_block(
    bits: &mut Bits<'_>,
    state: &mut State,
    output: &mut Vec<u8>,
    length: usize,
) -> Option<()> {
    bits.align()?;
    for recent in &mut state.recent {
        let value = u32::from_le_bytes(*bits.bytes(4)?.first_chunk()?);
        *recent = usize::try_from(value).ok()?;
    }
    output.extend_from_slice(bits.bytes(length)?);
    if !length.is_multiple_of(2) {
        // Behind the last byte of a chunk nothing need follow.
        let _ = bits.byte();
    }
    Some(())
}

/// The packer makes the targets of calls absolute, for they repeat then.
fn undo_calls(output: &mut [u8]) {
    let end = output.len().saturating_sub(10);
    let mut at = 0usize;
    while at < end {
        let found = output
            .get(at..end)
            .and_then(|rest| rest.iter().position(|byte| *byte == 0xE8));
        let Some(skip) = found else { break };
        at = at.saturating_add(skip);
        let target = output
            .get_mut(at.saturating_add(1)..)
            .and_then(|rest| rest.first_chunk_mut::<4>());
        let (Some(target), Ok(place)) = (target, i32::try_from(at)) else {
            break;
        };
        let absolute = i32::from_le_bytes(*target);
        if (0..CALL_SIZE).contains(&absolute) {
            *target = absolute.wrapping_sub(place).to_le_bytes();
        } else if absolute < 0 && absolute >= place.wrapping_neg() {
            *target = absolute.wrapping_add(CALL_SIZE).to_le_bytes();
        }
        at = at.saturating_add(5);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_relative_again() {
        let mut code = vec![0x90; 3];
        code.push(0xE8);
        code.extend(103i32.to_le_bytes());
        code.extend([0x90; 20]);
        undo_calls(&mut code);
        assert_eq!(code[4..8], 100i32.to_le_bytes());
        // The last ten bytes are left alone.
        let mut short = vec![0xE8, 9, 0, 0, 0, 0, 0, 0, 0, 0];
        undo_calls(&mut short);
        assert_eq!(short[1], 9);
    }

    #[test]
    fn a_raw_block() {
        // Type 3, default size; the rest of the word is padding.
        let mut input = 0b0111_0000_0000_0000u16.to_le_bytes().to_vec();
        input.extend([1u32, 1, 1].iter().flat_map(|n| n.to_le_bytes()));
        input.extend(b"as it is");
        assert_eq!(decode(&input, 8).unwrap(), b"as it is");
        assert_eq!(decode(&input, 9), None);
    }

    #[test]
    fn damage_is_said() {
        assert_eq!(decode(&[], 8), None);
        assert_eq!(decode(&[0xFF; 64], 8), None);
        assert_eq!(decode(&[0x00, 0x00, 0x00, 0x00], 8), None);
    }
}
