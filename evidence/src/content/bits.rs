//! Bits and Huffman codes as XPRESS and LZX have them.
//!
//! Hides words of 16 bits, their top bit first, and canonical codes. Behind
//! the end of the input there are zeros, but not without end.

/// Longest code of all alphabets.
const LONGEST: usize = 16;

/// How many bits the first table looks at.
const QUICK: u32 = 9;

/// Words that may be read behind the end: readers look ahead.
const AHEAD: usize = 8;

/// Reads bits and bytes.
pub(super) struct Bits<'a> {
    input: &'a [u8],
    position: usize,
    buffer: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(input: &'a [u8]) -> Bits<'a> {
        Bits { input, position: 0, buffer: 0, count: 0 }
    }

    /// Reads words until `count` bits are there, which is 32 at most.
    pub(super) fn ensure(&mut self, count: u32) -> Option<()> {
        while self.count < count {
            let end = self.input.len().saturating_add(AHEAD);
            if self.position > end {
                return None;
            }
            let word = u16::from_le_bytes([
                self.byte_at(self.position),
                self.byte_at(self.position.saturating_add(1)),
            ]);
            self.position = self.position.saturating_add(2);
            self.buffer = self.buffer << 16 | u64::from(word);
            self.count = self.count.saturating_add(16);
        }
        Some(())
    }

    fn byte_at(&self, position: usize) -> u8 {
        self.input.get(position).copied().unwrap_or(0)
    }

    /// The next bits, which stay; 16 at most.
    fn peek(&mut self, count: u32) -> Option<u32> {
        self.ensure(count)?;
        let shifted =
            self.buffer.checked_shr(self.count.checked_sub(count)?)?;
        let mask = 1u64.checked_shl(count)?.checked_sub(1)?;
        u32::try_from(shifted & mask).ok()
    }

    fn skip(&mut self, count: u32) -> Option<()> {
        self.count = self.count.checked_sub(count)?;
        Some(())
    }

    /// The next bits; 16 at most.
    pub(super) fn take(&mut self, count: u32) -> Option<u32> {
        let bits = self.peek(count)?;
        self.skip(count)?;
        Some(bits)
    }

    /// The next byte behind the words that were read so far.
    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = *self.input.get(self.position)?;
        self.position = self.position.checked_add(1)?;
        Some(byte)
    }

    /// As many bytes, behind the words that were read so far.
    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let rest = self.input.get(self.position..)?;
        let bytes = rest.get(..count)?;
        self.position = self.position.checked_add(count)?;
        Some(bytes)
    }

    /// Goes on with the next word; where a word begins right here, with the
    /// one behind it.
    pub(super) fn align(&mut self) -> Option<()> {
        if self.count.is_multiple_of(16) {
            self.ensure(16)?;
            self.skip(16)?;
        }
        let whole = usize::try_from(self.count >> 4).ok()?;
        self.count = 0;
        self.position = self.position.checked_sub(whole.checked_mul(2)?)?;
        Some(())
    }
}

/// A canonical code.
pub(super) struct Code {
    /// Symbol and length for the codes of up to [`QUICK`] bits; length 0
    /// for longer ones.
    quick: Vec<(u16, u8)>,
    /// Number of codes of each length.
    counts: [u16; LONGEST + 1],
    /// All symbols, ordered by their codes.
    symbols: Vec<u16>,
}

impl Code {
    /// Of the lengths of all symbols, 16 at most; `None` if there are more
    /// codes than fit. A code that leaves something out is accepted.
    pub(super) fn new(lengths: &[u8]) -> Option<Code> {
        let mut counts = [0u16; LONGEST + 1];
        for length in lengths {
            let count = counts.get_mut(usize::from(*length))?;
            *count = count.checked_add(1)?;
        }
        if let Some(unused) = counts.first_mut() {
            *unused = 0;
        }
        let mut room = 1i32;
        for count in counts.iter().skip(1) {
            room = room.checked_mul(2)?.checked_sub(i32::from(*count))?;
            if room < 0 {
                return None;
            }
        }
        let mut symbols: Vec<(u8, u16)> = lengths
            .iter()
            .zip(0u16..)
            .filter(|(length, _)| **length > 0)
            .map(|(length, symbol)| (*length, symbol))
            .collect();
        symbols.sort_unstable();
        let mut quick = Vec::with_capacity(1 << QUICK);
        for (length, symbol) in &symbols {
            let Some(free) = QUICK.checked_sub(u32::from(*length)) else {
                break;
            };
            let times = 1usize.checked_shl(free)?;
            quick.extend(std::iter::repeat_n((*symbol, *length), times));
        }
        quick.resize(1 << QUICK, (0, 0));
        let symbols = symbols.into_iter().map(|(_, symbol)| symbol).collect();
        Some(Code { quick, counts, symbols })
    }

    /// The next symbol; `None` if no code fits.
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> Option<u16> {
        let look = bits.peek(LONGEST as u32)?;
        let index = look >> (LONGEST as u32).checked_sub(QUICK)?;
        let (symbol, length) = *self.quick.get(index as usize)?;
        if length > 0 {
            bits.skip(u32::from(length))?;
            return Some(symbol);
        }
        let (mut first, mut index) = (0u32, 0usize);
        for (length, count) in (1u32..).zip(self.counts.iter().skip(1)) {
            let shift = (LONGEST as u32).checked_sub(length)?;
            let code = look.checked_shr(shift)?;
            let inside = code.checked_sub(first)?;
            if inside < u32::from(*count) {
                bits.skip(length)?;
                let at = index.checked_add(inside as usize)?;
                return self.symbols.get(at).copied();
            }
            index = index.checked_add(usize::from(*count))?;
            first = first.checked_add(u32::from(*count))?.checked_mul(2)?;
        }
        None
    }
}

/// Appends what lies `back` bytes before the end, `length` bytes, which may
/// reach into what is appended; `None` if it lies before the start.
pub(super) fn repeat(
    output: &mut Vec<u8>,
    back: usize,
    length: usize,
) -> Option<()> {
    let start = output.len().checked_sub(back).filter(|_| back > 0)?;
    for from in start..start.checked_add(length)? {
        output.push(*output.get(from)?);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_short_and_long() {
        // Symbol n has length n + 1, the last two the same.
        let lengths: Vec<u8> = (1..=12).chain([12]).collect();
        let code = Code::new(&lengths).unwrap();
        // 0 | 10 | 1111_1111_1110 | 1111_1111_1111 | 0...
        let word = |n: u16| n.to_le_bytes();
        let input = [word(0b0101_1111_1111_1101), word(0b1111_1111_1110_0000)]
            .concat();
        let mut bits = Bits::new(&input);
        let found: Vec<u16> =
            (0..5).map(|_| code.symbol(&mut bits).unwrap()).collect();
        assert_eq!(found, [0, 1, 11, 12, 0]);
    }

    #[test]
    fn too_many_codes_are_refused_and_the_input_ends() {
        assert!(Code::new(&[1, 1, 1]).is_none());
        let code = Code::new(&[1, 0, 0]).unwrap();
        let mut bits = Bits::new(&[]);
        assert!((0..1000).any(|_| code.symbol(&mut bits).is_none()));
        assert_eq!(code.symbol(&mut Bits::new(&[0, 0x80])), None);
    }
}
