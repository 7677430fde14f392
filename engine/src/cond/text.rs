//! Tests on two strings: `contains` and its family.

use memchr::memmem;

use super::StrOp;

/// Stands before a byte that is not part of UTF-8 text; occurs nowhere in
/// UTF-8, so that such a byte never matches part of a character.
const INVALID: u8 = 0xff;

impl StrOp {
    /// The test. `scratch` keeps its memory between calls.
    pub(super) fn holds(
        self,
        left: &[u8],
        right: &[u8],
        scratch: &mut [Vec<u8>; 2],
    ) -> bool {
        match self {
            StrOp::Contains => contains(left, right),
            StrOp::StartsWith => left.starts_with(right),
            StrOp::EndsWith => left.ends_with(right),
            StrOp::IContains
            | StrOp::IStartsWith
            | StrOp::IEndsWith
            | StrOp::IEquals => self.holds_folded(left, right, scratch),
        }
    }

    fn holds_folded(
        self,
        left: &[u8],
        right: &[u8],
        scratch: &mut [Vec<u8>; 2],
    ) -> bool {
        let ascii = left.is_ascii() && right.is_ascii();
        if ascii && self != StrOp::IContains {
            let (long, short) = (left.len(), right.len());
            let part = match self {
                StrOp::IEquals => Some(left),
                StrOp::IStartsWith => left.get(..short),
                _ => long.checked_sub(short).and_then(|at| left.get(at..)),
            };
            return part.is_some_and(|part| part.eq_ignore_ascii_case(right));
        }
        let [a, b] = scratch;
        for (bytes, folded) in [(left, &mut *a), (right, &mut *b)] {
            folded.clear();
            if ascii {
                folded.extend(bytes.iter().map(u8::to_ascii_lowercase));
            } else {
                fold(bytes, folded);
            }
        }
        match self {
            StrOp::IContains => contains(a, b),
            StrOp::IStartsWith => a.starts_with(b),
            StrOp::IEndsWith => a.ends_with(b),
            _ => a == b,
        }
    }
}

fn contains(left: &[u8], right: &[u8]) -> bool {
    memmem::find(left, right).is_some()
}

/// Lower case as UTF-8; bytes that are no UTF-8 stay, marked.
fn fold(bytes: &[u8], out: &mut Vec<u8>) {
    let mut buffer = [0; 4];
    for chunk in bytes.utf8_chunks() {
        for lower in chunk.valid().chars().flat_map(char::to_lowercase) {
            out.extend_from_slice(lower.encode_utf8(&mut buffer).as_bytes());
        }
        for byte in chunk.invalid() {
            out.extend([INVALID, *byte]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(op: StrOp, left: &[u8], right: &[u8]) -> bool {
        op.holds(left, right, &mut Default::default())
    }

    #[test]
    fn an_empty_right_side_is_everywhere() {
        for op in StrOp::ALL {
            let equal = op == StrOp::IEquals;
            assert_eq!(holds(op, b"abc", b""), !equal, "{op:?}");
            assert!(holds(op, b"", b""), "{op:?}");
            assert!(!holds(op, b"", b"a"), "{op:?}");
        }
    }

    #[test]
    fn case_counts_only_where_the_operator_says_so() {
        assert!(holds(StrOp::Contains, b"xAbcx", b"Abc"));
        assert!(!holds(StrOp::Contains, b"xAbcx", b"abc"));
        assert!(holds(StrOp::IContains, b"xAbcx", b"aBC"));
        assert!(!holds(StrOp::StartsWith, b"Abc", b"ab"));
        assert!(holds(StrOp::IStartsWith, b"Abc", b"aB"));
        assert!(!holds(StrOp::IStartsWith, b"Abc", b"bc"));
        assert!(!holds(StrOp::EndsWith, b"abC", b"bc"));
        assert!(holds(StrOp::IEndsWith, b"abC", b"Bc"));
        assert!(!holds(StrOp::IEndsWith, b"bc", b"abc"));
        assert!(holds(StrOp::IEquals, b"ABC", b"abc"));
        assert!(!holds(StrOp::IEquals, b"ABC", b"abcd"));
    }

    /// Expectations taken from runs of YARA-X.
    #[test]
    fn other_than_ascii_folds_as_utf8() {
        let upper = "Ä".as_bytes();
        let lower = "ä".as_bytes();
        assert!(holds(StrOp::IEquals, upper, lower));
        assert!(holds(StrOp::IContains, "xÄx".as_bytes(), lower));
        assert!(holds(StrOp::IEndsWith, "xÄ".as_bytes(), lower));
        // The Kelvin sign folds to an ASCII letter.
        assert!(holds(StrOp::IEquals, "\u{212a}".as_bytes(), b"k"));
        // One letter, two after folding: parts of it match.
        assert!(holds(StrOp::IStartsWith, "\u{130}".as_bytes(), b"I"));
    }

    #[test]
    fn bytes_that_are_no_text_match_only_themselves() {
        assert!(holds(StrOp::IEquals, b"A\xc3", b"a\xc3"));
        assert!(!holds(StrOp::IEquals, b"\xc3", b"\xe3"));
        // The first byte of a letter is not found inside the letter.
        assert!(!holds(StrOp::IContains, "Ä".as_bytes(), b"\xc3"));
        assert!(!holds(StrOp::IEndsWith, "Ä".as_bytes(), b"\xa4"));
        assert!(holds(StrOp::IContains, b"x\xc3x", b"X\xc3"));
    }
}
