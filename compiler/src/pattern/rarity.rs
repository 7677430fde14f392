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

/// Bits of surprise of a window: it occurs about once in 2^cost bytes.
/// Letters are taken in lower case.
pub(crate) fn cost(window: &[u8]) -> f32 {
    let Some(first) = window.first() else { return 0.0 };
    let single = |b: u8| SINGLES[usize::from(b.to_ascii_lowercase())];
    let mut cost = single(*first);
    for pair in window.windows(2) {
        let index = usize::from(pair[0].to_ascii_lowercase()) << 8
            | usize::from(pair[1].to_ascii_lowercase());
        cost += f32::from(PAIRS[index]) / 8.0 - single(pair[0]);
    }
    cost
}

#[cfg(test)]
mod tests {
    use super::cost;

    #[test]
    fn rare_is_dearer_than_common() {
        assert!(cost(b"zq#7") > cost(b"tion"));
        assert!(cost(b"tion") > cost(b"\0\0\0\0"));
        assert_eq!(cost(b"TION"), cost(b"tion"));
        assert!(cost(b"ation") > cost(b"atio"));
    }
}
