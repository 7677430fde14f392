//! Checks P004 to P007: how a regular expression is written.

use dragnet_compiler::source::Span;
use dragnet_compiler::syntax::ast::{PatternValue, RegexLit};

use super::subject::RuleCx;

/// From here on an upper bound is as good as none.
const LARGE_BOUND: u64 = 1_000;
/// A text on each side of a gap that is worth a string of its own.
const LONG_ENOUGH: usize = 4;
/// In rules with more strings none is taken apart.
const MOST_PATTERNS: usize = 500;

/// One element of an expression and what repeats it.
struct Piece {
    kind: PieceKind,
    /// With its repetition.
    span: Span,
    repeat: Option<(u64, Option<u64>)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum PieceKind {
    Literal,
    Any,
    Class,
    Group,
    Other,
}

pub(super) fn check(cx: &mut RuleCx<'_>) {
    for at in 0..cx.rule.patterns.len() {
        let pattern = &cx.rule.patterns[at];
        let PatternValue::Regex(regex) = &pattern.value else { continue };
        let pieces = pieces(cx.text, regex.body);
        for piece in &pieces {
            bounds(cx, piece);
        }
        leading_class(cx, &pieces);
        order(cx, at, regex, &pieces);
    }
}

fn bounds(cx: &mut RuleCx<'_>, piece: &Piece) {
    match piece.repeat {
        Some((min, None)) if piece.kind == PieceKind::Any || min > 1 => {
            let message = "the repetition has no upper bound";
            cx.say("P004", piece.span, message)
                .help("say how far it may go, as in `{0,100}`");
        }
        Some((_, Some(max))) if max >= LARGE_BOUND => {
            let message = format!("the repetition may take {max} turns");
            cx.say("P005", piece.span, message)
                .help("a smaller bound, or two strings and their offsets");
        }
        _ => {}
    }
}

fn leading_class(cx: &mut RuleCx<'_>, pieces: &[Piece]) {
    let Some(first) = pieces.first() else { return };
    let class = matches!(first.kind, PieceKind::Class | PieceKind::Any);
    let many = first.repeat.is_some_and(|(_, max)| max != Some(1));
    if class && many && pieces.len() > 1 {
        let message = "the expression begins with a repeated class";
        cx.say("P006", first.span, message)
            .label("one text matches from many places")
            .help("begin with what is fixed");
    }
}

/// `/abcd.*efgh/`
fn order(cx: &mut RuleCx<'_>, at: usize, regex: &RegexLit, pieces: &[Piece]) {
    let gap = pieces.iter().position(|p| {
        p.kind == PieceKind::Any
            && p.repeat.is_some_and(|(_, max)| max.is_none_or(|m| m > 1))
    });
    let Some(gap) = gap else { return };
    let literal = |pieces: &[Piece]| {
        pieces.len() >= LONG_ENOUGH
            && pieces
                .iter()
                .all(|p| p.kind == PieceKind::Literal && p.repeat.is_none())
    };
    let (before, after) = (&pieces[..gap], &pieces[gap + 1..]);
    if !literal(before) || !literal(after) {
        return;
    }
    let pattern = &cx.rule.patterns[at];
    let name = pattern.name.text.clone();
    let text = |pieces: &[Piece]| {
        let span = pieces[0].span.to(pieces[pieces.len() - 1].span);
        cx.source(span)
    };
    let (a, b) = (text(before), text(after));
    let is_plain = |text: &str| {
        text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\' && b != b'"')
    };
    let uses: Vec<Span> =
        cx.uses_of(at).iter().map(|u| cx.expr(u.expr).span).collect();
    let alone = match uses.as_slice() {
        [one] => one.of(cx.text) == format!("${name}").as_bytes(),
        _ => false,
    };
    let taken = |suffix: &str| {
        let other = format!("{name}_{suffix}");
        cx.rule.patterns.iter().any(|p| p.name.text == other)
    };
    let fixable = cx.rule.patterns.len() <= MOST_PATTERNS
        && alone
        && is_plain(&a)
        && is_plain(&b)
        && !name.is_empty()
        && !taken("1")
        && !taken("2")
        && !regex.dot_all;
    let mods: String = (pattern.modifiers.iter())
        .map(|m| format!(" {}", cx.source(m.span)))
        .collect();
    let nocase = regex.case_insensitive && !mods.contains("nocase");
    let mods = mods + if nocase { " nocase" } else { "" };
    let span = pattern.span;
    let new = cx.say(
        "P007",
        span,
        "two texts with anything between them are two strings",
    );
    new.help("search for both, and compare their offsets");
    if let (true, [used]) = (fixable, uses.as_slice()) {
        let strings = format!(
            "${name}_1 = \"{a}\"{mods}\n        ${name}_2 = \"{b}\"{mods}"
        );
        let test = format!("@{name}_1 < @{name}_2");
        new.fix(
            "use two strings",
            false,
            vec![(span, strings), (*used, test)],
        );
    }
}

/// The elements of an expression at its top level.
fn pieces(text: &[u8], body: Span) -> Vec<Piece> {
    let bytes = body.of(text);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let start = at;
        let kind = match byte {
            b'\\' => {
                at += 2;
                match bytes.get(start + 1) {
                    Some(b'w' | b'W' | b's' | b'S' | b'd' | b'D') => {
                        PieceKind::Class
                    }
                    Some(b'b' | b'B' | b'A' | b'z') => PieceKind::Other,
                    _ => PieceKind::Literal,
                }
            }
            b'[' => {
                at = class_end(bytes, at);
                PieceKind::Class
            }
            b'(' => {
                at = group_end(bytes, at);
                PieceKind::Group
            }
            b'.' => {
                at += 1;
                PieceKind::Any
            }
            b'^' | b'$' | b'|' => {
                at += 1;
                PieceKind::Other
            }
            _ => {
                at += 1;
                PieceKind::Literal
            }
        };
        let (repeat, length) = repetition(bytes.get(at..).unwrap_or(&[]));
        at = (at + length).min(bytes.len());
        let lo = body.lo + start as u32;
        let span = Span::new(lo, body.lo + at as u32);
        pieces.push(Piece { kind, span, repeat });
    }
    pieces
}

/// What an expression uses that engines do not agree on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Constructs {
    /// The first that YARA 4 does not know.
    pub(super) not_yara4: Option<&'static str>,
    /// A place, such as `^` or `\b`.
    pub(super) place: bool,
}

/// Looks through the text of an expression.
pub(super) fn constructs(bytes: &[u8]) -> Constructs {
    let mut found = Constructs::default();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at + 1..];
        let only = match (byte, rest) {
            (b'\\', [b'A', ..]) => Some("\\A"),
            (b'\\', [b'z', ..]) => Some("\\z"),
            (b'\\', [b'x', b'{', ..]) => Some("\\x{"),
            (b'\\', [b'p' | b'P', b'{', ..]) => Some("\\p{"),
            (b'\\', [b'b', b'{', b'a'..=b'z', ..]) => Some("\\b{"),
            (b'(', [b'?', ..]) => Some("(?"),
            _ => None,
        };
        found.not_yara4 = found.not_yara4.or(only);
        found.place |= matches!(
            (byte, rest),
            (b'\\', [b'b' | b'B', ..]) | (b'^' | b'$', _)
        );
        at = match byte {
            b'\\' => at + 2,
            b'[' => class_end(bytes, at),
            _ => at + 1,
        };
    }
    found
}

fn class_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    if bytes.get(at) == Some(&b'^') {
        at += 1;
    }
    if bytes.get(at) == Some(&b']') {
        at += 1;
    }
    while let Some(byte) = bytes.get(at) {
        match byte {
            b']' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn group_end(bytes: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'[' => at = class_end(bytes, at),
            b'(' => {
                depth += 1;
                at += 1;
            }
            b')' => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}

type Repeat = Option<(u64, Option<u64>)>;

/// A repetition at the start of the bytes, and its length.
fn repetition(bytes: &[u8]) -> (Repeat, usize) {
    let (repeat, length) = match bytes {
        [b'*', ..] => ((0, None), 1),
        [b'+', ..] => ((1, None), 1),
        [b'?', ..] => ((0, Some(1)), 1),
        [b'{', rest @ ..] => {
            let Some(end) = rest.iter().position(|b| *b == b'}') else {
                return (None, 0);
            };
            let Ok(inner) = std::str::from_utf8(&rest[..end]) else {
                return (None, 0);
            };
            let (lo, hi) = inner.split_once(',').unwrap_or((inner, inner));
            let (lo, hi) = (lo.trim(), hi.trim());
            let min = if lo.is_empty() { Ok(0) } else { lo.parse() };
            let max =
                if hi.is_empty() { Ok(None) } else { hi.parse().map(Some) };
            match (min, max) {
                (Ok(min), Ok(max)) if inner != "," => ((min, max), end + 2),
                _ => return (None, 0),
            }
        }
        _ => return (None, 0),
    };
    let lazy = usize::from(bytes.get(length) == Some(&b'?'));
    (Some(repeat), length + lazy)
}

#[cfg(test)]
mod tests {
    use super::constructs;

    #[test]
    fn escapes_and_classes_are_no_constructs() {
        let only = |text: &str| constructs(text.as_bytes()).not_yara4;
        assert_eq!(only(r"a\(?b"), None);
        assert_eq!(only(r"a[(?\A]b"), None);
        assert_eq!(only(r"a\\Ab"), None);
        assert_eq!(only(r"a(?:b)"), Some("(?"));
        assert_eq!(only(r"a\\\Ab"), Some("\\A"));
        assert_eq!(only(r"\b{start}a"), Some("\\b{"));
        let place = |text: &str| constructs(text.as_bytes()).place;
        assert!(place("^a") && place(r"a\b") && place("a$"));
        assert!(!place(r"\^a\\b[^$]"));
    }
}
