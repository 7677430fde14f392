//! Values of literals, and what can be wrong with them.

use super::ast::RegexLit;
use crate::diag::{Applicability, Code, Diagnostic};
use crate::source::{FileId, Span};

/// Decodes a text literal, quotes included in `span`. Escapes that are not
/// valid are reported and stand for themselves.
pub(super) fn text(
    source: &[u8],
    file: FileId,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<u8> {
    let literal = span.of(source);
    let quotes = if literal.len() >= 6 && literal.starts_with(b"\"\"\"") {
        3
    } else {
        1
    };
    let body = &literal[quotes..literal.len() - quotes];
    let start = span.lo + quotes as u32;
    let mut value = Vec::with_capacity(body.len());
    let mut at = 0;
    while let Some(byte) = body.get(at) {
        if *byte != b'\\' {
            value.push(*byte);
            at += 1;
            continue;
        }
        let (decoded, length) = match &body[at + 1..] {
            [b'\\', ..] => (Some(b'\\'), 2),
            [b'"', ..] => (Some(b'"'), 2),
            [b'n', ..] => (Some(b'\n'), 2),
            [b'r', ..] => (Some(b'\r'), 2),
            [b't', ..] => (Some(b'\t'), 2),
            [b'0', ..] => (Some(0), 2),
            [b'x', hi, lo, ..] => match (hex_digit(*hi), hex_digit(*lo)) {
                (Some(hi), Some(lo)) => (Some(hi << 4 | lo), 4),
                _ => (None, 2),
            },
            _ => (None, 2),
        };
        match decoded {
            Some(byte) => value.push(byte),
            None => {
                let escape =
                    Span::new(start + at as u32, start + (at + 2) as u32);
                diagnostics.push(bad_escape(source, file, escape));
                value.extend(&body[at..(at + 2).min(body.len())]);
            }
        }
        at += length;
    }
    value
}

fn bad_escape(source: &[u8], file: FileId, span: Span) -> Diagnostic {
    let hex = span.of(source) == b"\\x";
    // A multi-byte character is named whole.
    let rest = Span::new(span.lo, span.lo.saturating_add(8)).of(source);
    let rest = String::from_utf8_lossy(rest);
    let escape: String = rest.chars().take(2).collect();
    let message = if hex {
        "`\\x` needs two hexadecimal digits".to_owned()
    } else {
        format!("`{escape}` is not an escape sequence")
    };
    let mut diagnostic =
        Diagnostic::new(Code::TextEscape, file, span, message).note(
            "the escape sequences are `\\\\` `\\\"` `\\n` `\\r` `\\t` `\\0` \
             and `\\xHH`",
        );
    diagnostic = diagnostic.label(if hex {
        "not followed by two digits"
    } else {
        "unknown escape sequence"
    });
    diagnostic.fix(
        "write the backslash as `\\\\`",
        Span::new(span.lo, span.lo + 1),
        "\\\\",
        if hex { Applicability::Unsafe } else { Applicability::Safe },
    )
}

/// A text literal without its closing quotes.
pub(super) fn unclosed_text(
    source: &[u8],
    file: FileId,
    span: Span,
) -> Diagnostic {
    let quotes = if span.of(source).starts_with(b"\"\"\"") { 3 } else { 1 };
    let message = if quotes == 3 {
        "the multi-line text literal is not closed"
    } else {
        "the text literal is not closed on its line"
    };
    Diagnostic::new(
        Code::Syntax,
        file,
        Span::new(span.lo, span.lo + quotes),
        message,
    )
    .label("opened here")
    .also(file, Span::new(span.hi, span.hi), "closing quotes are missing")
    .help("close it with the quotes it was opened with")
}

/// A regular expression without its closing slash.
pub(super) fn unclosed_regex(file: FileId, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::Syntax,
        file,
        Span::new(span.lo, span.lo + 1),
        "the regular expression is not closed on its line",
    )
    .label("opened here")
    .also(file, Span::new(span.hi, span.hi), "a `/` is missing")
    .help("close it with `/`")
}

/// Splits a regular expression into body and flags.
pub(super) fn regex(
    source: &[u8],
    file: FileId,
    span: Span,
    diagnostics: &mut Vec<Diagnostic>,
) -> RegexLit {
    let literal = span.of(source);
    let slash = literal.iter().rposition(|b| *b == b'/').unwrap_or(0);
    let slash = span.lo + slash as u32;
    let flags = Span::new(slash + 1, span.hi).of(source);
    for (at, flag) in (slash + 1..).zip(flags) {
        if !matches!(flag, b'i' | b's') {
            let name = char::from(*flag);
            diagnostics.push(
                Diagnostic::new(
                    Code::RegexFlag,
                    file,
                    Span::new(at, at + 1),
                    format!("`{name}` is not a flag"),
                )
                .label("unknown flag")
                .help(
                    "the flags are `i` (ignore case) and `s` (`.` matches \
                       line feeds, too)",
                ),
            );
            break;
        }
    }
    RegexLit {
        body: Span::new(span.lo + 1, slash),
        case_insensitive: flags.contains(&b'i'),
        dot_all: flags.contains(&b's'),
    }
}

/// The value of an integer literal.
pub(super) fn int(
    source: &[u8],
    file: FileId,
    span: Span,
) -> Result<u64, Box<Diagnostic>> {
    let literal = span.of(source);
    let (digits, base, factor) = match literal {
        [b'0', b'x', digits @ ..] => (digits, 16, 1),
        [b'0', b'o', digits @ ..] => (digits, 8, 1),
        [digits @ .., b'K', b'B'] => (digits, 10, 1 << 10),
        [digits @ .., b'M', b'B'] => (digits, 10, 1 << 20),
        digits => (digits, 10, 1),
    };
    let value = digits
        .iter()
        .filter(|b| **b != b'_')
        .try_fold(0u64, |value, byte| {
            let digit = char::from(*byte).to_digit(base)?;
            value.checked_mul(u64::from(base))?.checked_add(digit.into())
        })
        .and_then(|value| value.checked_mul(factor));
    value.ok_or_else(|| {
        Box::new(
            Diagnostic::new(
                Code::IntegerRange,
                file,
                span,
                "the integer does not fit into 64 bits",
            )
            .label("too large")
            .help("the largest integer is 18446744073709551615"),
        )
    })
}

/// What is wrong with a number that runs into letters.
pub(super) fn bad_int(
    source: &[u8],
    file: FileId,
    span: Span,
) -> Box<Diagnostic> {
    let literal = span.of(source);
    let diagnostic =
        Diagnostic::new(Code::Syntax, file, span, "the integer is not valid")
            .label("letters right behind the digits");
    let lower = literal.to_ascii_lowercase();
    let digits = |prefix: &[u8], base: u32| {
        lower.strip_prefix(prefix).is_some_and(|digits| {
            !digits.is_empty()
                && digits.iter().all(|b| char::from(*b).is_digit(base))
        })
    };
    let size = literal.len() - 2.min(literal.len());
    let suffix = lower.ends_with(b"kb") || lower.ends_with(b"mb");
    let fixed = if digits(b"0x", 16) || digits(b"0o", 8) {
        Some(lower.clone())
    } else if suffix && lower[..size].iter().all(u8::is_ascii_digit) {
        Some(lower.to_ascii_uppercase())
    } else {
        None
    };
    let help = "integers are decimal, `0x…` or `0o…`; `KB` and `MB` may \
                follow decimal ones";
    let diagnostic = diagnostic.help(help);
    Box::new(match fixed.and_then(|f| String::from_utf8(f).ok()) {
        Some(fixed) => diagnostic.fix(
            format!("write `{fixed}`"),
            span,
            fixed,
            Applicability::Safe,
        ),
        None => diagnostic,
    })
}

/// The value of a float literal.
pub(super) fn float(source: &[u8], span: Span) -> Option<f64> {
    let digits = span.of(source).iter().filter(|b| **b != b'_');
    let digits = String::from_utf8(digits.copied().collect()).ok()?;
    digits.parse().ok().filter(|value: &f64| value.is_finite())
}

/// What is wrong with a float.
pub(super) fn bad_float(
    source: &[u8],
    file: FileId,
    span: Span,
) -> Diagnostic {
    let letters = span.of(source).iter().any(u8::is_ascii_alphabetic);
    let (label, help) = if letters {
        (
            "letters right behind the digits",
            "floats are written as digits, a dot and digits, without an \
             exponent",
        )
    } else {
        ("too large", "the largest float is about 1.8 × 10^308")
    };
    Diagnostic::new(Code::FloatSyntax, file, span, "the float is not valid")
        .label(label)
        .help(help)
}

/// The value of a hexadecimal digit.
pub(super) fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}
