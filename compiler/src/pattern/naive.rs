//! What a pattern matches, found slowly: the twin that tests and fuzz
//! targets compare the real matchers with.
//!
//! Works on the checked [`Pattern`] itself and tries every offset. Nothing
//! here is shared with the lowering or the engine: no literals are
//! extracted, no programs are built. Meant for data of some hundred bytes.

mod base64;
mod hir;

use super::{Pattern, Value};
use hir::Matcher;

/// The matches at one offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Where they start.
    pub offset: u64,
    /// The lengths that may be reported, one for each form of the pattern
    /// (plain, wide, xored …) that matches here, ascending. An engine
    /// reports one of them.
    pub lengths: Vec<u32>,
}

/// How the bytes of a text lie in the data.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    Narrow,
    Wide,
}

impl Width {
    fn step(self) -> usize {
        match self {
            Width::Narrow => 1,
            Width::Wide => 2,
        }
    }

    fn spread(self, text: &[u8]) -> Vec<u8> {
        match self {
            Width::Narrow => text.to_vec(),
            Width::Wide => text.iter().flat_map(|b| [*b, 0]).collect(),
        }
    }
}

/// All matches of a pattern, by offset.
pub fn find(pattern: &Pattern, data: &[u8]) -> Vec<Expected> {
    let mut forms = Vec::new();
    if pattern.ascii {
        forms.push(Width::Narrow);
    }
    if pattern.wide {
        forms.push(Width::Wide);
    }
    let mut matchers: Vec<Matcher<'_>> = match &pattern.value {
        Value::Regex { hir, .. } | Value::Hex(hir) => {
            forms.iter().map(|width| Matcher::new(hir, data, *width)).collect()
        }
        _ => Vec::new(),
    };
    (0..data.len())
        .filter(|at| pattern.anchored_at.is_none_or(|only| only == *at as u64))
        .filter_map(|at| {
            let mut lengths = Vec::new();
            for matcher in &mut matchers {
                lengths.extend(matched(pattern, matcher, at));
            }
            for width in &forms {
                lengths.extend(text_at(pattern, *width, data, at));
            }
            lengths.sort_unstable();
            lengths.dedup();
            let offset = at as u64;
            let any = !lengths.is_empty();
            any.then_some(Expected { offset, lengths })
        })
        .collect()
}

/// The lengths that a text pattern has at an offset in one form.
fn text_at(
    pattern: &Pattern,
    width: Width,
    data: &[u8],
    at: usize,
) -> Vec<u32> {
    let rest = &data[at..];
    let mut lengths = Vec::new();
    match &pattern.value {
        Value::Text(text) => {
            let text = width.spread(text);
            let same = rest.get(..text.len()).is_some_and(|found| {
                if pattern.nocase {
                    found.eq_ignore_ascii_case(&text)
                } else {
                    found == text
                }
            });
            if same && delimited(pattern, width, data, at, text.len(), 0) {
                lengths.push(text.len() as u32);
            }
        }
        Value::Xor(text, lo, hi) => {
            let text = width.spread(text);
            let found = rest.get(..text.len()).unwrap_or_default();
            let key = (*lo..=*hi).find(|key| {
                found.iter().map(|b| b ^ key).eq(text.iter().copied())
            });
            if let Some(key) = key
                && delimited(pattern, width, data, at, text.len(), key)
            {
                lengths.push(text.len() as u32);
            }
        }
        Value::Base64 { text, plain, wide } => {
            let text = width.spread(text);
            for (alphabet, spread) in
                [(plain, Width::Narrow), (wide, Width::Wide)]
            {
                let Some(alphabet) = alphabet else { continue };
                lengths.extend(base64::lengths_at(
                    &text, alphabet, spread, data, at,
                ));
            }
        }
        Value::Regex { .. } | Value::Hex(_) => {}
    }
    lengths
}

/// The length of a regular expression or hex pattern at an offset: the
/// preferred one of those that count.
fn matched(
    pattern: &Pattern,
    matcher: &mut Matcher<'_>,
    at: usize,
) -> Option<u32> {
    let ends = matcher.preferred(at);
    let (data, width) = (matcher.data, matcher.width);
    ends.into_iter()
        .filter_map(|end| end.checked_sub(at).filter(|length| *length > 0))
        .find(|length| delimited(pattern, width, data, at, *length, 0))
        .map(|length| length as u32)
}

/// Does the match satisfy `fullword`, if it has to?
fn delimited(
    pattern: &Pattern,
    width: Width,
    data: &[u8],
    at: usize,
    length: usize,
    key: u8,
) -> bool {
    if !pattern.fullword {
        return true;
    }
    let byte = |at: Option<usize>| {
        at.and_then(|at| data.get(at)).map(|byte| byte ^ key)
    };
    let end = at + length;
    let (before, after) = match width {
        Width::Narrow => (byte(at.checked_sub(1)), byte(Some(end))),
        // A wide neighbour counts only with its zero byte.
        Width::Wide => (
            byte(at.checked_sub(2))
                .filter(|_| byte(at.checked_sub(1)) == Some(0)),
            byte(Some(end)).filter(|_| byte(Some(end + 1)) == Some(0)),
        ),
    };
    let word = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    !word(before) && !word(after)
}

#[cfg(test)]
mod tests;
