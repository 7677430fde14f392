//! XPRESS with Huffman codes, as the overlay of Windows has it.

use super::bits::{Bits, Code, repeat};

/// Literals, and matches of 16 lengths and 16 magnitudes of distance.
const SYMBOLS: usize = 512;

/// Decodes exactly `size` bytes, 64 KiB at most; `None` if it is damaged.
pub(super) fn decode(input: &[u8], size: usize) -> Option<Vec<u8>> {
    let (table, packed) = input.split_at_checked(SYMBOLS / 2)?;
    let lengths: Vec<u8> =
        table.iter().flat_map(|byte| [byte & 15, byte >> 4]).collect();
    let code = Code::new(&lengths)?;
    let mut bits = Bits::new(packed);
    let mut output = Vec::with_capacity(size);
    // Two words are read at once, and later one as soon as there is room
    // for it: that decides where single bytes lie.
    bits.ensure(32)?;
    while output.len() < size {
        let symbol = code.symbol(&mut bits)?;
        bits.ensure(16)?;
        if let Ok(literal) = u8::try_from(symbol) {
            output.push(literal);
            continue;
        }
        let mut length = usize::from(symbol & 15);
        if length == 15 {
            length = long_length(&mut bits)?;
        }
        let magnitude = u32::from(symbol >> 4 & 15);
        let low = bits.take(magnitude)?;
        bits.ensure(16)?;
        let back = 1usize.checked_shl(magnitude)?.checked_add(low as usize)?;
        let room = size.checked_sub(output.len())?;
        repeat(&mut output, back, length.checked_add(3)?.min(room))?;
    }
    Some(output)
}

/// A length that does not fit into the symbol.
fn long_length(bits: &mut Bits<'_>) -> Option<usize> {
    let byte = bits.byte()?;
    if byte < 255 {
        return usize::from(byte).checked_add(15);
    }
    let word = u16::from_le_bytes(*bits.bytes(2)?.first_chunk()?);
    let length = match word {
        0 => u32::from_le_bytes(*bits.bytes(4)?.first_chunk()?),
        word => u32::from(word),
    };
    usize::try_from(length).ok().filter(|length| *length >= 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second example of MS-XCA: 26 letters a hundred times.
    #[test]
    fn matches_reach_into_themselves() {
        // Code: each letter 5 bits or so is not needed; two symbols do.
        // 'a' has code 0, the match of length 15+ at distance 1 code 1.
        let mut input = vec![0u8; 256];
        input[usize::from(b'a') / 2] |= 1 << 4;
        input[(256 + 15) / 2] |= 1 << 4;
        // Bits 0 1, then the length byte behind the first two words.
        input.extend([0x00, 0x40, 0, 0, 5]);
        assert_eq!(decode(&input, 24).unwrap(), [b'a'; 24]);
        assert_eq!(decode(&input, 3).unwrap(), [b'a'; 3]);
    }

    #[test]
    fn damage_is_said() {
        assert_eq!(decode(&[], 10), None);
        assert_eq!(decode(&[0x11; 256], 10), None);
        let mut input = vec![0u8; 256];
        input[(256 + 15) / 2] |= 1 << 4;
        input.extend([0, 0, 0, 0, 5]);
        assert_eq!(decode(&input, 10), None);
    }
}
