//! Base64 forms of a text.
//!
//! A text inside a longer encoded string takes one of three forms, one for
//! each number of bytes in front of it modulo 3. The characters at the edges
//! depend on the neighbours; what is searched is the part in the middle. A
//! hit counts only if the surrounding groups of four decode to the text.

use std::ops::Range;

use crate::ruleset::Veiled;

/// The standard alphabet (RFC 4648, section 4).
pub const STANDARD: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Geometry of the form of a text of `len` bytes with `pad` bytes in front,
/// in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Form {
    /// Characters that depend on what stands in front.
    left: usize,
    /// Characters that depend on the text alone.
    fixed: usize,
    /// Characters of the groups that hold the text.
    groups: usize,
}

fn form(len: usize, pad: usize) -> Form {
    let bytes = len + pad;
    let encoded = (bytes * 8).div_ceil(6);
    let left = [0, 2, 3][pad];
    let right = usize::from(!bytes.is_multiple_of(3));
    Form {
        left,
        fixed: encoded.saturating_sub(left + right),
        groups: encoded.next_multiple_of(4),
    }
}

/// The characters of the form with `pad` bytes (0, 1 or 2) in front that
/// depend on the text alone. Empty for very short texts.
pub fn fixed_part(text: &[u8], pad: usize, alphabet: &[u8; 64]) -> Vec<u8> {
    let mut bytes = vec![0; pad];
    bytes.extend_from_slice(text);
    let form = form(text.len(), pad);
    (form.left..form.left + form.fixed)
        .map(|at| {
            let bit = at * 6;
            let hi = u16::from(bytes[bit / 8]) << 8;
            let lo = bytes.get(bit / 8 + 1).copied().map_or(0, u16::from);
            let six = (hi | lo) >> (10 - bit % 8) & 63;
            alphabet[six as usize]
        })
        .collect()
}

/// Verifies the form of `text` whose fixed part starts at `start`, and
/// returns the range of the fixed part.
pub(super) fn verify(
    data: &[u8],
    start: usize,
    text: Veiled<'_>,
    pad: usize,
    alphabet: &[u8],
    wide: bool,
) -> Option<Range<usize>> {
    let form = form(text.len(), pad);
    let unit = if wide { 2 } else { 1 };
    let first = start.checked_sub(form.left * unit)?;
    let fixed = start..start + form.fixed * unit;
    // Of a wide character at the end the zero may be missing.
    data.get(fixed.clone())?;
    let end = (first + form.groups * unit).min(data.len());
    let encoded = data.get(first..end)?;
    let mut values = Vec::with_capacity(form.groups);
    let mut padding = 0;
    for (at, pair) in encoded.chunks(unit).enumerate() {
        if pair.len() == 2 && pair[1] != 0 {
            return None;
        }
        let behind = at >= form.left + form.fixed;
        if pair[0] == b'=' && behind && (wide || at + 2 >= encoded.len()) {
            padding += 1;
            continue;
        }
        if padding > 0 && !wide {
            return None;
        }
        let value = alphabet.iter().position(|c| *c == pair[0])?;
        values.push(value as u8);
    }
    let decoded = decode(&values)?;
    let found = decoded.get(pad..pad + text.len())?;
    text.is(found).then_some(fixed)
}

/// Decodes 6-bit values; `None` if the last group is cut off within a byte
/// or has bits left over, as an encoder never writes it.
fn decode(values: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(values.len() * 3 / 4);
    for group in values.chunks(4) {
        let bits = group
            .iter()
            .chain([0; 4].iter())
            .take(4)
            .fold(0_u32, |bits, v| bits << 6 | u32::from(*v));
        let [_, a, b, c] = bits.to_be_bytes();
        match group.len() {
            4 => bytes.extend([a, b, c]),
            3 if c == 0 => bytes.extend([a, b]),
            2 if b == 0 && c == 0 => bytes.push(a),
            _ => return None,
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ruleset::veil;

    fn found(
        data: &[u8],
        start: usize,
        text: &[u8],
        pad: usize,
        wide: bool,
    ) -> Option<Range<usize>> {
        verify(data, start, Veiled(&veil(text)), pad, STANDARD, wide)
    }

    fn forms(text: &str) -> Vec<String> {
        (0..3)
            .map(|pad| fixed_part(text.as_bytes(), pad, STANDARD))
            .map(|f| String::from_utf8(f).unwrap())
            .collect()
    }

    /// base64("ipsum") is aXBzdW0=, base64("Xipsum") is WGlwc3Vt,
    /// base64("XXipsum") is WFhpcHN1bQ==.
    #[test]
    fn the_fixed_parts_lie_inside_the_encodings() {
        assert_eq!(forms("ipsum"), ["aXBzdW", "lwc3Vt", "pcHN1b"]);
    }

    #[test]
    fn an_encoding_is_found_in_its_context() {
        // base64("xfoobar") is eGZvb2Jhcg==
        let data = b"..eGZvb2Jhcg==";
        assert_eq!(found(data, 4, b"foobar", 1, false), Some(4..11));
    }

    #[test]
    fn another_text_with_the_same_fixed_part_is_refused() {
        // base64("Dhis") and base64("This") share their tail.
        let data = b"RGhpcyBw";
        assert_eq!(&fixed_part(b"This p", 0, STANDARD)[..], b"VGhpcyBw");
        assert_eq!(found(data, 0, b"This p", 0, false), None);
    }

    #[test]
    fn half_a_wide_character_is_none() {
        // base64("abcdefghijkl") is YWJjZGVmZ2hpamts.
        let wide: Vec<u8> =
            b"YWJjZGVmZ2hpamts".iter().flat_map(|c| [*c, 0]).collect();
        let text = b"abcdefghijkl";
        assert_eq!(found(&wide, 0, text, 0, true), Some(0..32));
        assert_eq!(found(&wide[..31], 0, text, 0, true), None);
    }

    #[test]
    fn a_cut_encoding_is_refused() {
        let text = b"This program cannot";
        let cut = b"VGhpcyBwcm9ncmFtIGNhbm5vd";
        assert_eq!(found(cut, 0, text, 0, false), None);
        let whole = b"VGhpcyBwcm9ncmFtIGNhbm5vdA==";
        assert!(found(whole, 0, text, 0, false).is_some());
    }
}
