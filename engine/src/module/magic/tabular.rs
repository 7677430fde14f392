//! Texts with a grammar for the whole of them: JSON and CSV.

use serde::de::IgnoredAny;

use super::Found;

/// Lines of a table that are looked at.
const MAX_LINES: u32 = 10;

/// A value, or several that stand on lines of their own.
pub(super) fn json(text: &[u8], is_cut: bool) -> Option<Found> {
    let start = text.trim_ascii_start();
    if !matches!(start.first()?, b'{' | b'[') {
        return None;
    }
    let mut values =
        serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    let mut count = 0;
    for value in values.by_ref() {
        match value {
            Ok(_) => count += 1,
            Err(error) if is_cut && error.is_eof() => count += 1,
            Err(_) => return None,
        }
    }
    match count {
        0 => None,
        1 => Some(Found::new("JSON text data", "application/json")),
        _ => Some(Found::new(
            "New Line Delimited JSON text data",
            "application/x-ndjson",
        )),
    }
}

/// Lines with the same number of commas.
pub(super) fn csv(text: &[u8]) -> Option<Found> {
    let found = || Some(Found::new("CSV text", "text/csv"));
    let (mut fields, mut first, mut lines) = (0, 0, 0);
    let mut at = 0;
    while at < text.len() {
        let byte = text[at];
        at += 1;
        match byte {
            b'"' => at = behind_quote(text, at),
            b',' => fields += 1,
            b'\n' => {
                lines += 1;
                if lines == MAX_LINES {
                    return (first != 0 && first == fields)
                        .then(found)
                        .flatten();
                }
                if fields == 0 || (first != 0 && first != fields) {
                    return None;
                }
                first = fields;
                fields = 0;
            }
            _ => {}
        }
    }
    (first != 0 && lines > 2).then(found).flatten()
}

/// Behind the quote that ends a text; two of them are a part of it.
fn behind_quote(text: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(quote) =
        text.get(at..).and_then(|t| memchr::memchr(b'"', t))
    {
        at += quote + 1;
        if text.get(at) != Some(&b'"') {
            return at;
        }
        at += 1;
    }
    text.len()
}
