//! Groups, their flags, and how atoms become concatenations and
//! alternations.

use super::super::join::{append, append_alternative, append_literal, concat};
use super::{MAX_DEPTH, Parser};
use crate::diag::{Code, Diagnostic};
use crate::pattern::hir::Hir;
use crate::source::Span;

/// The inline flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    /// `i`
    pub(super) ignore_case: bool,
    /// `s`
    pub(super) dot_all: bool,
    /// `m`
    pub(super) multi_line: bool,
    /// `x`
    pub(super) extended: bool,
    /// `u`
    pub(super) unicode: bool,
    /// `U`
    pub(super) swap_greed: bool,
    /// `R`
    pub(super) crlf: bool,
}

impl Flags {
    fn get(&mut self, letter: u8) -> Option<&mut bool> {
        Some(match letter {
            b'i' => &mut self.ignore_case,
            b's' => &mut self.dot_all,
            b'm' => &mut self.multi_line,
            b'x' => &mut self.extended,
            b'u' => &mut self.unicode,
            b'U' => &mut self.swap_greed,
            b'R' => &mut self.crlf,
            _ => return None,
        })
    }
}

/// The last thing read, to which a repetition would apply.
#[derive(Debug, Default)]
pub(super) enum Last {
    #[default]
    None,
    /// A character of one to four bytes.
    Bytes([u8; 4], u8),
    Hir(Hir),
}

/// A group while it is read.
#[derive(Debug, Default)]
pub(super) struct Frame {
    /// Its parenthesis.
    pub(super) open: Span,
    /// The flags before it.
    flags: Flags,
    alternatives: Vec<Hir>,
    parts: Vec<Hir>,
    last: Last,
    last_height: usize,
    height: usize,
}

impl Frame {
    /// Adds an atom with `height` groups and repetitions in it.
    pub(super) fn push(&mut self, hir: Hir, height: usize) {
        self.flush();
        self.last = Last::Hir(hir);
        self.last_height = height;
    }

    /// Adds a character.
    pub(super) fn push_bytes(&mut self, bytes: &[u8]) {
        self.flush();
        if bytes.len() > 4 {
            self.last = Last::Hir(Hir::Literal(bytes.to_vec()));
        } else {
            let mut buffer = [0; 4];
            buffer[..bytes.len()].copy_from_slice(bytes);
            self.last = Last::Bytes(buffer, bytes.len() as u8);
        }
        self.last_height = 0;
    }

    /// Takes the last atom and its height, to be repeated.
    pub(super) fn take_last(&mut self) -> Option<(Hir, usize)> {
        let hir = match std::mem::take(&mut self.last) {
            Last::None => return None,
            Last::Bytes(buffer, length) => {
                Hir::Literal(buffer[..usize::from(length)].to_vec())
            }
            Last::Hir(hir) => hir,
        };
        Some((hir, self.last_height))
    }

    /// Nothing that follows can repeat the last atom.
    fn flush(&mut self) {
        self.height = self.height.max(self.last_height);
        self.last_height = 0;
        match std::mem::take(&mut self.last) {
            Last::None => {}
            Last::Bytes(buffer, length) => {
                append_literal(
                    &mut self.parts,
                    &buffer[..usize::from(length)],
                );
            }
            Last::Hir(hir) => append(&mut self.parts, hir),
        }
    }

    /// Ends an alternative.
    pub(super) fn end_alternative(&mut self) {
        self.flush();
        let hir = concat(std::mem::take(&mut self.parts));
        append_alternative(&mut self.alternatives, hir);
    }

    /// All that the group matches, and its height.
    pub(super) fn finish(mut self) -> (Hir, usize) {
        if self.alternatives.is_empty() {
            self.flush();
            let hir = concat(self.parts);
            return (hir, self.height);
        }
        self.end_alternative();
        (Hir::Alternation(self.alternatives), self.height)
    }
}

impl<'s> Parser<'s> {
    /// At `(`.
    pub(super) fn open_group(&mut self) -> Result<(), super::Fail> {
        let start = self.pos;
        self.pos += 1;
        let mut inner = self.flags;
        let before_space = self.pos;
        self.skip_space();
        if self.peek() == Some(b'?') {
            if let Some((length, what)) = unsupported(self.rest()) {
                let span = self.span_at(start, self.pos + length);
                return Err(Box::new(
                    Diagnostic::new(
                        Code::RegexUnsupported,
                        self.file,
                        span,
                        format!("{what} are not supported"),
                    )
                    .label("no engine for rules knows this")
                    .help("test the surroundings with a second pattern"),
                ));
            }
            self.pos += 1;
            if self.rest().starts_with(b"P<") {
                self.pos += 2;
                self.group_name()?;
            } else if self.peek() == Some(b'<') {
                self.pos += 1;
                self.group_name()?;
            } else if !self.flags(start, &mut inner)? {
                // Flags for the rest of the group; nothing to repeat.
                self.top.push(Hir::Empty, 0);
                self.top.flush();
                self.flags = inner;
                return Ok(());
            }
        } else {
            self.pos = before_space;
        }
        let open = self.span(start);
        if self.stack.len() >= MAX_DEPTH {
            return Err(self.too_deep(self.span_at(start, start + 1)));
        }
        let frame = Frame {
            open: Span::new(open.lo, open.lo + 1),
            flags: self.flags,
            ..Frame::default()
        };
        self.stack.push(std::mem::replace(&mut self.top, frame));
        self.flags = inner;
        Ok(())
    }

    /// At `)`.
    pub(super) fn close_group(&mut self) -> Result<(), super::Fail> {
        let Some(below) = self.stack.pop() else {
            return Err(self.error(
                Code::RegexSyntax,
                self.span_at(self.pos, self.pos + 1),
                "no group is open here",
                "unexpected `)`",
            ));
        };
        self.pos += 1;
        let group = std::mem::replace(&mut self.top, below);
        self.flags = group.flags;
        let (hir, height) = group.finish();
        self.top.push(hir, height + 1);
        Ok(())
    }

    /// Behind `<`.
    fn group_name(&mut self) -> Result<(), super::Fail> {
        let start = self.pos;
        let length = self.rest().iter().position(|b| *b == b'>');
        let Some(length) = length else {
            return Err(self.error(
                Code::RegexSyntax,
                self.span_at(start.saturating_sub(1), start),
                "the name of the group is not closed",
                "a `>` is missing",
            ));
        };
        let name = &self.src[start..start + length];
        self.pos += length + 1;
        let span = self.span_at(start, start + length);
        let is_start =
            |b: &u8| b.is_ascii_alphabetic() || *b == b'_' || !b.is_ascii();
        let is_part =
            |b: &u8| is_start(b) || b.is_ascii_digit() || b".[]".contains(b);
        if !name.first().is_some_and(is_start) || !name.iter().all(is_part) {
            return Err(self.error(
                Code::RegexSyntax,
                span,
                "this is no name for a group",
                "letters, digits, `_`, `.`, `[` and `]`",
            ));
        }
        if !self.names.insert(name) {
            return Err(self.error(
                Code::RegexSyntax,
                span,
                "two groups have one name",
                "used before",
            ));
        }
        Ok(())
    }

    /// Behind `(?`: reads flags up to `:` (true) or `)` (false).
    fn flags(
        &mut self,
        start: usize,
        flags: &mut Flags,
    ) -> Result<bool, super::Fail> {
        let mut seen: Vec<u8> = Vec::new();
        let mut value = true;
        loop {
            let Some(letter) = self.peek() else {
                return Err(self.error(
                    Code::RegexSyntax,
                    self.span_at(start, start + 1),
                    "the group is not closed",
                    "opened here",
                ));
            };
            let here = self.span_at(self.pos, self.pos + 1);
            let fail = |message: &str, label: &str| {
                Err(self.error(Code::RegexSyntax, here, message, label))
            };
            let end = matches!(letter, b':' | b')');
            if end && seen.last() == Some(&b'-') {
                return fail("no flag follows `-`", "a flag is missing");
            }
            if letter == b')' && seen.is_empty() {
                return fail("there is nothing to repeat", "no flags");
            }
            if seen.contains(&letter) {
                return fail("the flag is there twice", "used before");
            }
            match letter {
                b':' | b')' => {
                    self.pos += 1;
                    return Ok(letter == b':');
                }
                b'-' => value = false,
                _ => match flags.get(letter) {
                    Some(flag) => *flag = value,
                    None => {
                        return fail(
                            "this is no flag",
                            "the flags are `i`, `s`, `m`, `x`, `u`, `U` and \
                             `R`",
                        );
                    }
                },
            }
            seen.push(letter);
            self.pos += 1;
        }
    }
}

/// What begins with `?` behind a parenthesis and is known elsewhere, but not
/// here; and its length.
fn unsupported(rest: &[u8]) -> Option<(usize, &'static str)> {
    Some(match rest {
        [b'?', b'=' | b'!', ..] => (2, "look-ahead groups"),
        [b'?', b'<', b'=' | b'!', ..] => (3, "look-behind groups"),
        [b'?', b'>', ..] => (2, "atomic groups"),
        [b'?', b'#', ..] => (2, "comments"),
        [b'?', b'|', ..] => (2, "branch reset groups"),
        [b'?', b'(', ..] => (2, "conditional groups"),
        [b'?', b'P', b'=', ..] => (3, "back-references"),
        [b'?', b'P', b'>', ..] | [b'?', b'&' | b'0'..=b'9' | b'+', ..] => {
            (2, "recursive groups")
        }
        _ => return None,
    })
}
