//! Tests on two strings in the tree walk.

use dragnet_engine::cond::StrOp;

pub(super) fn test(op: StrOp, a: &[u8], b: &[u8]) -> bool {
    match op {
        StrOp::Contains => contains(a, b),
        StrOp::StartsWith => a.starts_with(b),
        StrOp::EndsWith => a.ends_with(b),
        StrOp::IContains => contains(&lower(a), &lower(b)),
        StrOp::IStartsWith => lower(a).starts_with(&lower(b)),
        StrOp::IEndsWith => lower(a).ends_with(&lower(b)),
        StrOp::IEquals => lower(a) == lower(b),
    }
}

fn contains<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    b.is_empty() || a.windows(b.len()).any(|part| part == b)
}

/// Code points in lower case; a byte that is no text is a number of its own.
fn lower(mut bytes: &[u8]) -> Vec<u32> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let text = (1..=4.min(bytes.len())).find_map(|length| {
            let text = std::str::from_utf8(&bytes[..length]).ok()?;
            Some((text.chars().next()?, length))
        });
        let length = match text {
            Some((letter, length)) => {
                out.extend(letter.to_lowercase().map(u32::from));
                length
            }
            None => {
                out.push(0x8000_0000 | u32::from(bytes[0]));
                1
            }
        };
        bytes = &bytes[length..];
    }
    out
}
