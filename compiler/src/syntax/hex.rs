//! The bodies of hex patterns.
//!
//! Hides their tokens and their nesting: groups are kept on an explicit
//! stack.

use logos::Logos;

use super::join::{append, append_alternative, append_literal, concat};
use super::literal::hex_digit;
use crate::diag::{Applicability, Code, Diagnostic};
use crate::pattern::hir::{ByteSet, Hir};
use crate::source::{FileId, Span};

/// How deeply groups may nest.
const MAX_DEPTH: usize = 4_096;

/// Errors after which the rest of a pattern is not looked at.
const MAX_ERRORS: usize = 20;

#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
#[logos(utf8 = false)]
#[logos(skip("[ \t\r\n\u{a0}\u{2000}-\u{200a}\u{202f}\u{205f}]+"))]
#[logos(skip("(?-u)//[^\n]*", allow_greedy = true))]
#[logos(skip(r"(?-u)/\*([^*]|\*+[^*/])*\*+/"))]
enum Tok {
    #[regex("~?[0-9a-fA-F?]{2}")]
    Byte,
    #[regex("~?[0-9a-fA-F?]", priority = 1)]
    HalfByte,
    #[token("~")]
    Tilde,
    #[token("[")]
    Jump,
    #[token("(")]
    Open,
    #[token("|")]
    Pipe,
    #[token(")")]
    Close,
}

#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
#[logos(utf8 = false)]
#[logos(skip("[ \t\r\n\u{a0}\u{2000}-\u{200a}\u{202f}\u{205f}]+"))]
#[logos(skip("(?-u)//[^\n]*", allow_greedy = true))]
#[logos(skip(r"(?-u)/\*([^*]|\*+[^*/])*\*+/"))]
enum JumpTok {
    #[regex("[0-9]+|0x[0-9a-fA-F]+|0o[0-7]+")]
    Int,
    #[token("-")]
    Minus,
    #[token("]")]
    Close,
}

/// Bounds of a jump and its place.
#[derive(Clone, Copy, Debug)]
struct Jump {
    min: u64,
    max: Option<u64>,
    span: Span,
}

/// A group, or the whole pattern, while it is read.
#[derive(Default)]
struct Frame {
    open: Span,
    done: Vec<Hir>,
    parts: Vec<Hir>,
    /// The jump before the next byte, already joined.
    jump: Option<Jump>,
    /// More than one jump was joined.
    joined: bool,
    /// Something stood in the alternative at hand.
    any: bool,
}

struct Parser<'s> {
    text: &'s [u8],
    base: u32,
    file: FileId,
    stack: Vec<Frame>,
    top: Frame,
    diagnostics: Vec<Diagnostic>,
}

/// Parses the body of a hex pattern: what stands between the braces. `None`
/// if there is an error.
pub fn parse(
    text: &[u8],
    body: Span,
    file: FileId,
) -> (Option<Hir>, Vec<Diagnostic>) {
    let mut parser = Parser {
        text,
        base: body.lo,
        file,
        stack: Vec::new(),
        top: Frame::default(),
        diagnostics: Vec::new(),
    };
    let hir = parser.run(body);
    let failed = parser.diagnostics.iter().any(Diagnostic::is_error);
    (hir.filter(|_| !failed), parser.diagnostics)
}

/// The text that a hex pattern spells, if it is nothing but printable ASCII,
/// tabs and line breaks, and so would read better as a text pattern.
pub fn as_text(hir: &Hir) -> Option<&str> {
    match hir {
        Hir::Literal(bytes)
            if bytes
                .iter()
                .all(|b| matches!(b, b' '..=b'~' | b'\t' | b'\n' | b'\r')) =>
        {
            std::str::from_utf8(bytes).ok()
        }
        _ => None,
    }
}

impl Parser<'_> {
    fn run(&mut self, body: Span) -> Option<Hir> {
        let mut lexer = Tok::lexer(body.of(self.text));
        while let Some(tok) = lexer.next() {
            if self.diagnostics.len() >= MAX_ERRORS {
                return None;
            }
            let span = self.span(lexer.span());
            match tok {
                Ok(Tok::Byte) => self.byte(span, lexer.slice()),
                Ok(Tok::HalfByte) => self.half_byte(span),
                Ok(Tok::Tilde) => self.invalid(
                    span,
                    "`~` stands right before a byte",
                    "no byte follows",
                ),
                Ok(Tok::Jump) => {
                    let mut inner = lexer.morph::<JumpTok>();
                    let jump = self.jump(span, &mut inner);
                    lexer = inner.morph();
                    if let Some(jump) = jump {
                        self.add_jump(jump);
                    }
                }
                Ok(Tok::Open) => {
                    if self.stack.len() >= MAX_DEPTH {
                        self.too_deep(span);
                        return None;
                    }
                    self.flush_jump();
                    self.top.any = true;
                    let frame = Frame { open: span, ..Frame::default() };
                    self.stack.push(std::mem::replace(&mut self.top, frame));
                }
                Ok(Tok::Pipe) if self.stack.is_empty() => self.invalid(
                    span,
                    "alternatives need parentheses",
                    "outside of a group",
                ),
                Ok(Tok::Pipe) => self.end_alternative(span),
                Ok(Tok::Close) => self.close(span),
                Err(()) => self.unknown(span),
            }
        }
        while !self.stack.is_empty() {
            self.invalid(self.top.open, "the group is not closed", "opened");
            let end = Span::new(body.hi, body.hi);
            self.close(end);
        }
        self.finish(body)
    }

    fn finish(&mut self, body: Span) -> Option<Hir> {
        if !self.top.any && self.diagnostics.is_empty() {
            let braces = Span::new(body.lo.saturating_sub(1), body.hi + 1);
            self.diagnostics.push(
                Diagnostic::new(
                    Code::EmptyPattern,
                    self.file,
                    braces,
                    "the hex pattern is empty",
                )
                .label("no bytes to search for")
                .help("write bytes, as in `{ 4D 5A }`"),
            );
            return None;
        }
        self.trailing_jump();
        Some(concat(std::mem::take(&mut self.top.parts)))
    }

    fn span(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(self.base + range.start as u32, self.base + range.end as u32)
    }

    fn byte(&mut self, span: Span, token: &[u8]) {
        self.flush_jump();
        self.top.any = true;
        let (negated, digits) = match token {
            [b'~', digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        let (mut value, mut mask) = (0, 0);
        for digit in digits {
            let nibble = hex_digit(*digit);
            value = value << 4 | nibble.unwrap_or(0);
            mask = mask << 4 | nibble.map_or(0, |_| 0xf);
        }
        match (negated, mask) {
            (true, 0) => self.invalid(
                span,
                "`~??` matches nothing",
                "no byte is not any byte",
            ),
            (false, 0xff) => {
                append_literal(&mut self.top.parts, &[value]);
            }
            _ => {
                let set = ByteSet::from_mask(value, mask);
                let set = if negated { set.complement() } else { set };
                self.top.parts.push(Hir::Class(set));
            }
        }
    }

    fn half_byte(&mut self, span: Span) {
        self.top.any = true;
        self.invalid(span, "a byte has two digits", "only one digit");
    }

    fn unknown(&mut self, span: Span) {
        let rest = Span::new(span.lo, span.lo.saturating_add(4));
        let rest = String::from_utf8_lossy(rest.of(self.text)).into_owned();
        let first = rest.chars().next().unwrap_or('\u{fffd}');
        self.top.any = true;
        self.invalid(
            span,
            &format!("unexpected `{}` in a hex pattern", first.escape_debug()),
            "not a hexadecimal digit",
        );
    }

    fn invalid(&mut self, span: Span, message: &str, label: &str) {
        self.diagnostics.push(
            Diagnostic::new(Code::InvalidPattern, self.file, span, message)
                .label(label)
                .help(
                    "a hex pattern has bytes (`4D`, `4?`, `~00`), jumps \
                     (`[2-4]`) and alternatives (`( 4D | 5A )`)",
                ),
        );
    }

    fn too_deep(&mut self, span: Span) {
        self.diagnostics.push(
            Diagnostic::new(
                Code::NestingDepth,
                self.file,
                span,
                format!("groups are nested more than {MAX_DEPTH} deep"),
            )
            .label("the limit is reached here")
            .help("use fewer groups"),
        );
    }

    /// Reads a jump behind its `[`.
    fn jump(
        &mut self,
        open: Span,
        lexer: &mut logos::Lexer<'_, JumpTok>,
    ) -> Option<Jump> {
        let mut low = None;
        let mut high = None;
        let mut minus = false;
        let mut sound = true;
        let close = loop {
            let Some(tok) = lexer.next() else {
                self.invalid(open, "the jump is not closed", "opened here");
                return None;
            };
            let span = self.span(lexer.span());
            match tok {
                Ok(JumpTok::Close) => break span,
                Ok(JumpTok::Minus) if !minus => minus = true,
                Ok(JumpTok::Int) if !minus && low.is_none() => {
                    low = self.bound(span);
                    sound &= low.is_some();
                }
                Ok(JumpTok::Int) if minus && high.is_none() => {
                    high = self.bound(span);
                    sound &= high.is_some();
                }
                _ if sound => {
                    sound = false;
                    self.invalid(
                        span,
                        "the jump is not valid",
                        "expected `[n]`, `[a-b]`, `[a-]`, `[-b]` or `[-]`",
                    );
                }
                _ => {}
            }
        };
        let span = open.to(close);
        match (low, minus, high) {
            _ if !sound => None,
            (None, false, _) => {
                self.invalid(span, "the jump has no length", "empty");
                None
            }
            (Some(0), false, _) => {
                self.invalid(span, "a jump of zero bytes", "has no effect");
                None
            }
            (Some(n), false, _) => Some(Jump { min: n, max: Some(n), span }),
            (low, true, max) => {
                let min = low.unwrap_or(0);
                if max.is_some_and(|max| max < min) {
                    self.reversed(span, min, max.unwrap_or(0));
                    return None;
                }
                Some(Jump { min, max, span })
            }
        }
    }

    fn bound(&mut self, span: Span) -> Option<u64> {
        let limit = u64::from(u32::MAX);
        let value = super::literal::int(self.text, self.file, span);
        match value {
            Ok(value) if value <= limit => Some(value),
            _ => {
                self.diagnostics.push(
                    Diagnostic::new(
                        Code::IntegerRange,
                        self.file,
                        span,
                        "the bound of the jump is too large",
                    )
                    .label("too large")
                    .help(format!(
                        "the largest bound is {limit}; `[n-]` has none"
                    )),
                );
                None
            }
        }
    }

    fn reversed(&mut self, span: Span, min: u64, max: u64) {
        self.diagnostics.push(
            Diagnostic::new(
                Code::InvalidRange,
                self.file,
                span,
                "the lower bound of the jump is above the upper bound",
            )
            .label(format!("{min} is more than {max}"))
            .fix(
                "swap the bounds",
                span,
                format!("[{max}-{min}]"),
                Applicability::Unsafe,
            ),
        );
    }

    fn add_jump(&mut self, jump: Jump) {
        if !self.top.any {
            self.edge_jump(jump, "starts");
            // One message for the jump is enough.
            self.top.any = true;
            return;
        }
        if jump.max == Some(0) {
            self.diagnostics.push(
                Diagnostic::new(
                    Code::ZeroJump,
                    self.file,
                    jump.span,
                    "a jump of zero bytes has no effect",
                )
                .label("may be left out")
                .fix(
                    "remove the jump",
                    jump.span.for_removal(self.text),
                    "",
                    Applicability::Safe,
                ),
            );
            return;
        }
        self.top.jump = Some(match self.top.jump {
            None => jump,
            Some(before) => {
                self.top.joined = true;
                Jump {
                    min: before.min + jump.min,
                    max: before.max.zip(jump.max).map(|(a, b)| a + b),
                    span: before.span.to(jump.span),
                }
            }
        });
    }

    /// Puts the jump that is waiting before what follows.
    fn flush_jump(&mut self) {
        let Some(jump) = self.top.jump.take() else { return };
        let bound = |n: u64| u32::try_from(n).ok();
        let max = jump.max.map(bound);
        let (Some(min), Some(_) | None) = (bound(jump.min), max) else {
            self.diagnostics.push(
                Diagnostic::new(
                    Code::IntegerRange,
                    self.file,
                    jump.span,
                    "the jumps are too long together",
                )
                .label("too long")
                .help(format!("the largest bound is {}", u32::MAX)),
            );
            return;
        };
        if std::mem::take(&mut self.top.joined) {
            self.consecutive(jump);
        }
        self.top.parts.push(Hir::Repeat {
            min,
            max: max.flatten(),
            greedy: false,
            sub: Box::new(Hir::Class(ByteSet::ALL)),
        });
    }

    fn consecutive(&mut self, jump: Jump) {
        let joined = match (jump.min, jump.max) {
            (min, Some(max)) if min == max => format!("[{min}]"),
            (min, Some(max)) => format!("[{min}-{max}]"),
            (0, None) => "[-]".to_owned(),
            (min, None) => format!("[{min}-]"),
        };
        // A comment between the jumps would be lost.
        let comment = jump.span.of(self.text).contains(&b'/');
        let applicability =
            if comment { Applicability::Unsafe } else { Applicability::Safe };
        self.diagnostics.push(
            Diagnostic::new(
                Code::ConsecutiveJumps,
                self.file,
                jump.span,
                "jumps next to each other are one jump",
            )
            .label(format!("the same as `{joined}`"))
            .fix(
                format!("write `{joined}`"),
                jump.span,
                joined,
                applicability,
            ),
        );
    }

    /// A jump that nothing stands before or behind.
    fn edge_jump(&mut self, jump: Jump, verb: &str) {
        let what =
            if self.stack.is_empty() { "pattern" } else { "alternative" };
        self.diagnostics.push(
            Diagnostic::new(
                Code::InvalidPattern,
                self.file,
                jump.span,
                format!("the {what} {verb} with a jump"),
            )
            .label("a jump stands between two bytes")
            .help("put `??` for each byte that must be there")
            .fix(
                "remove the jump",
                jump.span.for_removal(self.text),
                "",
                Applicability::Unsafe,
            ),
        );
    }

    fn trailing_jump(&mut self) {
        if let Some(jump) = self.top.jump.take() {
            self.edge_jump(jump, "ends");
        }
        self.top.joined = false;
    }

    fn end_alternative(&mut self, end: Span) {
        self.trailing_jump();
        if !std::mem::take(&mut self.top.any) {
            self.invalid(end, "the alternative is empty", "nothing before");
        }
        let parts = std::mem::take(&mut self.top.parts);
        append_alternative(&mut self.top.done, concat(parts));
    }

    fn close(&mut self, span: Span) {
        if self.stack.is_empty() {
            self.invalid(span, "no group is open here", "unexpected `)`");
            return;
        }
        self.end_alternative(span);
        let below = self.stack.pop().unwrap_or_default();
        let group = std::mem::replace(&mut self.top, below);
        let mut alternatives = group.done;
        match alternatives.pop() {
            Some(only) if alternatives.is_empty() => {
                append(&mut self.top.parts, only);
            }
            Some(last) => {
                alternatives.push(last);
                self.top.parts.push(Hir::Alternation(alternatives));
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests;
