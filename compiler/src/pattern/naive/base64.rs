//! Base64 forms of a text, verified bit by bit.

use super::Width;

/// The lengths of the encoded forms of `text` that start at an offset.
///
/// Up to two bytes may stand before the text in the encoded data. A form is
/// what remains of the encoding without the characters that hold bits of
/// neighbours; those characters must be there all the same, decode, and
/// carry the right bits.
pub(super) fn lengths_at(
    text: &[u8],
    alphabet: &[u8; 64],
    width: Width,
    data: &[u8],
    at: usize,
) -> Vec<u32> {
    (0..3)
        .filter_map(|before| form_at(text, before, alphabet, width, data, at))
        .collect()
}

fn form_at(
    text: &[u8],
    before: usize,
    alphabet: &[u8; 64],
    width: Width,
    data: &[u8],
    at: usize,
) -> Option<u32> {
    let step = width.step();
    // Characters 0..needed hold the text; of these first..last hold nothing
    // else.
    let first = (before * 8).div_ceil(6);
    let last = (before + text.len()) * 8 / 6;
    let needed = ((before + text.len()) * 8).div_ceil(6);
    let start = at.checked_sub(first * step)?;
    // What is reported is there to its last byte.
    if start + last * step > data.len() {
        return None;
    }
    // Whole groups of four are decoded, as far as there is data.
    let group = needed.next_multiple_of(4) * step;
    let piece = &data[start..data.len().min(start + group)];
    let mut characters: Vec<u8> = match width {
        Width::Narrow => piece.to_vec(),
        Width::Wide => {
            let zeros = piece.iter().skip(1).step_by(2);
            if zeros.into_iter().any(|b| *b != 0) {
                return None;
            }
            // As in YARA-X, padding behind the form is left out wherever it
            // stands.
            let low = piece.iter().step_by(2).copied().enumerate();
            low.filter(|(place, character)| {
                *place < last || *character != b'='
            })
            .map(|(_, character)| character)
            .collect()
        }
    };
    for _ in 0..2 {
        if characters.last() == Some(&b'=') {
            characters.pop();
        }
    }
    if characters.len() < needed || characters.len() % 4 == 1 {
        return None;
    }
    let mut bits = Vec::new();
    for character in characters {
        let value = alphabet.iter().position(|a| *a == character)?;
        bits.extend((0..6).rev().map(|bit| value >> bit & 1 == 1));
    }
    // An encoder leaves no bits set behind the last whole byte.
    let whole = bits.len() / 8 * 8;
    if bits[whole..].contains(&true) {
        return None;
    }
    let wanted = text
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
    let found = bits[before * 8..].iter().copied();
    let same = found.take(text.len() * 8).eq(wanted);
    (same && last > first).then_some(((last - first) * step) as u32)
}
