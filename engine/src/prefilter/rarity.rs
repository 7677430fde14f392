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

/// [`cost`] of all windows of a text in lower case, found in one pass.
pub struct Costs<'t> {
    text: &'t [u8],
    /// For each byte, the steps up to it.
    sums: Vec<f32>,
    /// How many of the bytes in front of each are not zero, by every second
    /// byte: one side of the zeros of wide text.
    letters: Vec<[u32; 2]>,
}

impl<'t> Costs<'t> {
    /// Looks at a text.
    pub fn new(text: &'t [u8]) -> Costs<'t> {
        let steps = text.windows(2).scan(0.0, |sum, pair| {
            *sum += step(pair[0], pair[1]);
            Some(*sum)
        });
        let letters = text.iter().zip(0..).scan([0; 2], |sum, (byte, at)| {
            sum[at % 2] += u32::from(*byte != 0);
            Some(*sum)
        });
        Costs {
            text,
            sums: std::iter::once(0.0).chain(steps).collect(),
            letters: std::iter::once([0; 2]).chain(letters).collect(),
        }
    }

    /// The cost of a window, not `wide`; none, where there is no byte.
    pub fn of(&self, window: std::ops::Range<usize>) -> Option<f32> {
        let bytes = self.text.get(window.clone())?;
        let first = bytes.first()?;
        let (from, to) =
            (self.letters[window.start], self.letters[window.end]);
        let is_spread = from[0] == to[0] || from[1] == to[1];
        if bytes.len() >= 3 && is_spread {
            return Some(cost(bytes, false));
        }
        let steps = self.sums[window.end - 1] - self.sums[window.start];
        Some(SINGLES[usize::from(*first)] + steps)
    }
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
    use super::{Costs, cost};

    #[test]
    fn rare_is_dearer_than_common() {
        let cost = |window: &[u8]| cost(window, false);
        assert!(cost(b"zq#7") > cost(b"tion"));
        assert!(cost(b"tion") > cost(b"\0\0\0\0"));
        assert_eq!(cost(b"TION"), cost(b"tion"));
        assert!(cost(b"ation") > cost(b"atio"));
    }

    #[test]
    fn a_pass_over_the_text_costs_each_window_the_same() {
        for text in
            [&b"eval(base64"[..], b"w\0i\0d\0e\0", b"\0x\0\0\0y", b"\0"]
        {
            let costs = Costs::new(text);
            for from in 0..text.len() {
                for to in from + 1..=text.len() {
                    let (a, b) =
                        (costs.of(from..to), cost(&text[from..to], false));
                    assert!((a.unwrap() - b).abs() < 1e-3, "{from}..{to}");
                }
            }
            assert_eq!(costs.of(0..0), None);
            assert_eq!(costs.of(0..text.len() + 1), None);
        }
    }
}
