//! How rare a window of bytes is in the data that gets scanned.

use std::sync::LazyLock;

/// −8·log2 of the frequency of each pair of bytes (upper case folded to
/// lower), counted over 240 MB of programs, libraries, source text and
/// documents. `benches/pair_costs.py` makes it.
static PAIRS: &[u8; 65536] = include_bytes!("pair_costs.bin");

/// −log2 of the frequency of each byte, from the pairs.
static SINGLES: LazyLock<[f32; 256]> = LazyLock::new(|| {
    std::array::from_fn(|first| {
        let sum: f32 = PAIRS[first << 8..][..256]
            .iter()
            .map(|cost| (-f32::from(*cost) / 8.0).exp2())
            .sum();
        -sum.log2()
    })
});

/// How often each byte stands behind each other one: the pairs again, ready
/// for products.
static FOLLOWS: LazyLock<Box<[f32]>> = LazyLock::new(|| {
    let pairs = (0..=u16::MAX).map(u16::to_be_bytes);
    pairs.map(|[last, byte]| (-step(last, byte)).exp2()).collect()
});

/// Bits that the zeros of a wide window add, whatever its letters are.
pub const WIDE: f32 = 5.0;

/// Bits of surprise of a byte, in lower case, behind another one: the cost
/// of a window is that of its first byte and these.
pub fn step(last: u8, byte: u8) -> f32 {
    let pair = usize::from(last) << 8 | usize::from(byte);
    f32::from(PAIRS[pair]) / 8.0 - SINGLES[usize::from(last)]
}

/// How often a byte, in lower case, stands behind another one.
pub fn follows(last: u8, byte: u8) -> f32 {
    FOLLOWS[usize::from(last) << 8 | usize::from(byte)]
}

/// Bits of surprise of a window: it occurs about once in 2^cost bytes.
/// Letters are taken in lower case. `wide`: a zero follows each byte. Pairs
/// with a zero say little about wide text, so its letters are judged as if
/// they stood side by side, also where the zeros are written out.
pub fn cost(window: &[u8], wide: bool) -> f32 {
    let zeros =
        |from: usize| window.iter().skip(from).step_by(2).all(|b| *b == 0);
    if wide || window.len() < 3 || !(zeros(0) || zeros(1)) {
        let zeros = if wide { WIDE } else { 0.0 };
        return pairs(window.iter().copied()) + zeros;
    }
    let from = usize::from(zeros(0));
    pairs(window.iter().copied().skip(from).step_by(2)) + WIDE
}

fn pairs(window: impl IntoIterator<Item = u8>) -> f32 {
    let mut bytes = window.into_iter().map(|b| b.to_ascii_lowercase());
    let Some(first) = bytes.next() else { return 0.0 };
    let mut cost = SINGLES[usize::from(first)];
    let mut last = first;
    for byte in bytes {
        cost += step(last, byte);
        last = byte;
    }
    cost
}

#[cfg(test)]
mod tests {
    use super::cost;

    #[test]
    fn rare_is_dearer_than_common() {
        let cost = |window: &[u8]| cost(window, false);
        assert!(cost(b"zq#7") > cost(b"tion"));
        assert!(cost(b"tion") > cost(b"\0\0\0\0"));
        assert_eq!(cost(b"TION"), cost(b"tion"));
        assert!(cost(b"ation") > cost(b"atio"));
    }
}
