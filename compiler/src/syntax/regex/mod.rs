//! Regular expressions: the union of the dialects of libyara and YARA-X.
//!
//! Hides flags, groups and repetitions; what comes out is a [`Hir`] over
//! bytes in which all flags are applied. Groups are kept on an explicit
//! stack.

mod class;
mod escape;
mod group;
mod repeat;
mod set;

use std::collections::HashSet;

use self::group::{Flags, Frame};
use self::set::Set;
use super::ast::RegexLit;
use crate::diag::{Applicability, Code, Diagnostic};
use crate::pattern::hir::{Hir, Look, ParsedRegex};
use crate::source::{FileId, Span};

/// How deeply groups, and repetitions of repetitions, may nest.
const MAX_DEPTH: usize = 4_096;

/// Warnings of one expression after which no more are added.
const MAX_WARNINGS: usize = 100;

/// Where the expression stands; it decides what ends a line for `(?m)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The value of a pattern: LF, CR and CR LF end a line.
    Pattern,
    /// An operand of `matches` or of a function: LF ends a line.
    Operand,
}

/// An error; parsing stops at the first.
type Fail = Box<Diagnostic>;

struct Parser<'s> {
    /// The text between the slashes.
    src: &'s [u8],
    base: u32,
    file: FileId,
    mode: Mode,
    pos: usize,
    flags: Flags,
    /// The groups around the one at hand.
    stack: Vec<Frame>,
    top: Frame,
    names: HashSet<&'s [u8]>,
    warnings: Vec<Diagnostic>,
    first_greedy: Option<Span>,
    first_lazy: Option<Span>,
    /// How many byte sequences Unicode classes may still make.
    sequences: usize,
    /// How many classes may still turn out to be not closed.
    retries: u32,
}

/// Parses the content of a regular expression. `None` if there is an error.
pub fn parse(
    text: &[u8],
    lit: &RegexLit,
    file: FileId,
    mode: Mode,
) -> (Option<ParsedRegex>, Vec<Diagnostic>) {
    let flags = Flags {
        ignore_case: lit.case_insensitive,
        dot_all: lit.dot_all,
        ..Flags::default()
    };
    let mut parser = Parser {
        src: lit.body.of(text),
        base: lit.body.lo,
        file,
        mode,
        pos: 0,
        flags,
        stack: Vec::new(),
        top: Frame::default(),
        names: HashSet::new(),
        warnings: Vec::new(),
        first_greedy: None,
        first_lazy: None,
        sequences: set::MAX_SEQUENCES,
        retries: class::MAX_RETRIES,
    };
    let result = parser.run();
    let mut diagnostics = parser.warnings;
    match result {
        Ok(hir) => {
            let parsed = ParsedRegex {
                hir,
                first_greedy: parser.first_greedy,
                first_lazy: parser.first_lazy,
            };
            (Some(parsed), diagnostics)
        }
        Err(error) => {
            diagnostics.push(*error);
            (None, diagnostics)
        }
    }
}

impl<'s> Parser<'s> {
    fn run(&mut self) -> Result<Hir, Fail> {
        loop {
            self.skip_space();
            let Some(byte) = self.peek() else { break };
            match byte {
                b'(' => self.open_group()?,
                b')' => self.close_group()?,
                b'|' => {
                    self.pos += 1;
                    self.top.end_alternative();
                }
                b'[' => {
                    let set = self.class()?;
                    self.push_set(set)?;
                }
                b'*' | b'+' | b'?' | b'{' => self.repetition()?,
                b'^' => self.anchor(true),
                b'$' => self.anchor(false),
                b'.' => {
                    self.pos += 1;
                    let set = self.dot();
                    self.push_set(set)?;
                }
                b'\\' => self.escaped()?,
                _ => {
                    let char = self.take_char();
                    self.literal(char)?;
                }
            }
        }
        if !self.stack.is_empty() {
            return Err(self.error(
                Code::RegexSyntax,
                self.top.open,
                "the group is not closed",
                "opened here",
            ));
        }
        Ok(std::mem::take(&mut self.top).finish().0)
    }

    fn peek(&self) -> Option<u8> {
        self.src.get(self.pos).copied()
    }

    fn rest(&self) -> &'s [u8] {
        self.src.get(self.pos..).unwrap_or_default()
    }

    /// The place of the bytes from `start` to the current one.
    fn span(&self, start: usize) -> Span {
        self.span_at(start, self.pos)
    }

    fn span_at(&self, start: usize, end: usize) -> Span {
        Span::new(self.base + start as u32, self.base + end as u32)
    }

    /// With flag `x`, white space and comments mean nothing.
    fn skip_space(&mut self) {
        if !self.flags.extended {
            return;
        }
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => self.pos += 1,
                b'#' => {
                    let end = self.rest().iter().position(|b| *b == b'\n');
                    self.pos += end.unwrap_or(self.rest().len());
                }
                _ => return,
            }
        }
    }

    /// Takes a character: one that is valid UTF-8, or a byte.
    fn take_char(&mut self) -> Char {
        let char = Char::first(self.rest());
        self.pos += char.len();
        char
    }

    /// A character that stands for itself.
    fn literal(&mut self, char: Char) -> Result<(), Fail> {
        if self.flags.ignore_case {
            let code = match char {
                Char::Byte(byte) if byte.is_ascii_alphabetic() => {
                    Some(char::from(byte))
                }
                Char::Code(code) if self.flags.unicode => Some(code),
                Char::Byte(_) | Char::Code(_) => None,
            };
            if let Some(code) = code {
                let mut set = Set::empty(self.flags.unicode);
                set.insert_range(code, code);
                set.fold_case();
                return self.push_set(set);
            }
        }
        match char {
            Char::Byte(byte) => self.top.push_bytes(&[byte]),
            Char::Code(code) => {
                let mut buffer = [0; 4];
                let bytes = code.encode_utf8(&mut buffer).as_bytes();
                self.top.push_bytes(bytes);
            }
        }
        Ok(())
    }

    fn push_set(&mut self, set: Set) -> Result<(), Fail> {
        match set.into_hir(&mut self.sequences) {
            Some(Hir::Literal(bytes)) => self.top.push_bytes(&bytes),
            Some(hir) => self.top.push(hir, 0),
            None => {
                return Err(self.error(
                    Code::RegexTooLarge,
                    self.span_at(self.pos.saturating_sub(1), self.pos),
                    "the Unicode classes need too many byte sequences",
                    "no room for this one",
                ));
            }
        }
        Ok(())
    }

    fn dot(&self) -> Set {
        let mut set = Set::empty(self.flags.unicode);
        if !self.flags.dot_all {
            set.insert_range('\n', '\n');
            if self.flags.crlf {
                set.insert_range('\r', '\r');
            }
        }
        set.negate();
        set
    }

    fn anchor(&mut self, start: bool) {
        self.pos += 1;
        let lf = self.mode == Mode::Operand && !self.flags.crlf;
        let look = match (start, self.flags.multi_line) {
            (true, false) => Look::Start,
            (false, false) => Look::End,
            (true, true) if lf => Look::LineStartLf,
            (false, true) if lf => Look::LineEndLf,
            (true, true) => Look::LineStart,
            (false, true) => Look::LineEnd,
        };
        self.top.push(Hir::Look(look), 0);
    }

    fn error(
        &self,
        code: Code,
        span: Span,
        message: impl Into<String>,
        label: impl Into<String>,
    ) -> Fail {
        let help = match code {
            Code::RegexSyntax => {
                "a character that stands for itself is escaped: `\\(`"
            }
            Code::RegexTooLarge => "name fewer characters",
            Code::NestingDepth => "use fewer groups",
            _ => "write it without this",
        };
        Box::new(
            Diagnostic::new(code, self.file, span, message)
                .label(label)
                .help(help),
        )
    }

    fn too_deep(&self, span: Span) -> Fail {
        self.error(
            Code::NestingDepth,
            span,
            format!("the expression is nested more than {MAX_DEPTH} deep"),
            "the limit is reached here",
        )
    }

    fn warn(&mut self, warning: Diagnostic) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings.push(warning);
        }
    }

    /// An escape that has no meaning and so stands for its character.
    fn warn_escape(&mut self, span: Span) {
        let start = (span.lo - self.base) as usize + 1;
        let rest = self.src.get(start..).unwrap_or_default();
        let end = start + Char::first(rest).len();
        let letter = self.src.get(start..end).unwrap_or_default();
        let letter = String::from_utf8_lossy(letter);
        self.warn(
            Diagnostic::new(
                Code::RegexUnknownEscape,
                self.file,
                span,
                format!("`\\{letter}` is not an escape sequence here"),
            )
            .label(format!("stands for `{letter}`"))
            .fix(
                "escape the backslash if a backslash is meant",
                Span::new(span.lo, span.lo + 1),
                "\\\\",
                Applicability::Unsafe,
            ),
        );
    }
}

/// A character of the expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Char {
    /// A byte: ASCII, or not UTF-8.
    Byte(u8),
    /// A code point above ASCII.
    Code(char),
}

impl Char {
    /// The first character of `bytes`, which must not be empty.
    fn first(bytes: &[u8]) -> Char {
        let byte = bytes.first().copied().unwrap_or_default();
        if byte < 0x80 {
            return Char::Byte(byte);
        }
        let head = &bytes[..bytes.len().min(4)];
        let valid = match std::str::from_utf8(head) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&head[..error.valid_up_to()])
                .unwrap_or_default(),
        };
        valid.chars().next().map_or(Char::Byte(byte), Char::Code)
    }

    /// Length in the source.
    fn len(self) -> usize {
        match self {
            Char::Byte(_) => 1,
            Char::Code(code) => code.len_utf8(),
        }
    }
}

#[cfg(test)]
mod tests;
