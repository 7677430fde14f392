//! What a pattern costs every scan, and what it cannot find.

use crate::diag::{Code, Diagnostic};
use crate::source::{FileId, Span};

use super::atoms::{self, Shape};
use super::hir::{ByteSet, Hir};
use super::lower::REACH;
use super::{Pattern, Value, chain, program};

/// Atoms of two bytes that are still bearable, as in YARA-X.
const MANY_SHORT: usize = 2_700;

/// Checks a pattern: `regex_too_large`, `regex_empty_match`,
/// `regex_arbitrary_prefix`, `regex_reach`, `slow_pattern`.
pub fn check(pattern: &Pattern, file: FileId, span: Span) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if let Value::Regex { hir, .. } | Value::Hex(hir) = &pattern.value {
        if !program::fits(hir) {
            let message = "the pattern needs too large a program";
            return vec![
                Diagnostic::new(Code::RegexTooLarge, file, span, message)
                    .label("its repetitions multiply")
                    .help("use smaller bounds, or an unbounded repetition"),
            ];
        }
        if let Value::Regex { .. } = &pattern.value {
            found.extend(shape(hir, file, span));
        }
        for piece in chain::split(hir) {
            let (shortest, _) = piece.hir.length();
            if shortest > u64::from(REACH)
                && matches!(pattern.value, Value::Regex { .. })
            {
                let message = format!(
                    "no match can be shorter than {shortest} bytes, but a \
                     match is followed for {REACH} bytes only"
                );
                found.push(
                    Diagnostic::new(Code::RegexReach, file, span, message)
                        .label("this never matches")
                        .help("use smaller bounds"),
                );
            }
        }
    }
    if pattern.anchored_at.is_none() && is_slow(pattern) {
        let message = "the pattern slows down every scan";
        found.push(
            Diagnostic::new(Code::SlowPattern, file, span, message)
                .label("it has no bytes that are rare in files")
                .help("add bytes that every match has"),
        );
    }
    found
}

/// What the form of a regular expression says about where it matches.
fn shape(hir: &Hir, file: FileId, span: Span) -> Option<Diagnostic> {
    if hir.length().0 == 0 {
        let message = "the regular expression can match nothing";
        let new = Diagnostic::new(Code::RegexEmptyMatch, file, span, message);
        return Some(
            new.label("all of it may be absent")
                .note("only matches that are not empty are reported")
                .help("demand at least one character"),
        );
    }
    if starts_anywhere(hir) {
        let message = "the regular expression may start anywhere";
        let code = Code::RegexArbitraryPrefix;
        return Some(
            Diagnostic::new(code, file, span, message)
                .label("it begins with any number of any bytes")
                .note("YARA-X refuses such a pattern")
                .help("drop the beginning: what follows is found anyway"),
        );
    }
    None
}

/// Does some way through the pattern begin with any number of any bytes?
fn starts_anywhere(hir: &Hir) -> bool {
    match hir {
        Hir::Concat(parts) => {
            let first = parts.iter().find(|p| !matches!(p, Hir::Look(_)));
            first.is_some_and(starts_anywhere)
        }
        Hir::Alternation(parts) => parts.iter().any(starts_anywhere),
        Hir::Repeat { max: None, sub, .. } => {
            matches!(&**sub, Hir::Class(set) if *set == ByteSet::ALL)
        }
        _ => false,
    }
}

fn is_slow(pattern: &Pattern) -> bool {
    match &pattern.value {
        Value::Text(text) => is_flood(text) && !pattern.fullword,
        Value::Xor(text, ..) => text.len() < 2 && !pattern.fullword,
        Value::Base64 { text, .. } => text.len() < 3,
        Value::Regex { hir, .. } | Value::Hex(hir) => {
            if let Hir::Literal(bytes) = hir
                && is_flood(bytes)
                && !pattern.fullword
            {
                return true;
            }
            chain::split(hir)
                .iter()
                .any(|piece| is_slow_hir(&piece.hir, pattern.wide))
        }
    }
}

/// One byte, or a run of one of the bytes with which files are filled.
/// YARA-X warns of these.
fn is_flood(text: &[u8]) -> bool {
    match text {
        [] | [_] => true,
        [first @ (0 | 0x90 | 0xff), rest @ ..] => {
            rest.iter().all(|byte| byte == first)
        }
        _ => false,
    }
}

/// Has every match some bytes in a row? Spares most patterns the search for
/// atoms, which is done once more when they are written.
fn has_plain_bytes(hir: &Hir) -> bool {
    match hir {
        Hir::Literal(bytes) => bytes.len() >= 4,
        Hir::Concat(parts) => parts.iter().any(|part| match part {
            Hir::Literal(bytes) => bytes.len() >= 4,
            _ => false,
        }),
        _ => false,
    }
}

fn is_slow_hir(hir: &Hir, wide: bool) -> bool {
    if has_plain_bytes(hir) {
        return false;
    }
    let Some(cover) = atoms::cover(hir, Shape { length: 8, wide }) else {
        return true;
    };
    let shortest =
        cover.atoms.iter().map(|a| a.bytes.len()).min().unwrap_or(0);
    shortest < 2 || (shortest == 2 && cover.atoms.len() > MANY_SHORT)
}
