//! Classes in brackets.
//!
//! Read as YARA-X does, with nested classes and set operations; where that
//! finds no end, as libyara does, to which an inner bracket is a character.

use super::escape::Escape;
use super::set::Set;
use super::{Char, Fail, MAX_DEPTH, Parser};
use crate::diag::{Applicability, Code, Diagnostic};
use crate::pattern::hir::ByteSet;
use crate::source::Span;

/// Classes of one expression that may be read in the second way: each costs
/// a pass over the rest of the expression.
pub(super) const MAX_RETRIES: u32 = 64;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// With nested classes and operations.
    Sets,
    /// An inner bracket stands for itself.
    Flat,
}

#[derive(Clone, Copy)]
enum Operation {
    Intersect,
    Subtract,
    Exclusive,
}

/// A class while it is read.
struct Level {
    negated: bool,
    /// Left side and operation before what is read now.
    before: Option<(Set, Operation)>,
    items: Set,
}

impl Level {
    fn fold(&mut self, unicode: bool) {
        let items = std::mem::replace(&mut self.items, Set::empty(unicode));
        self.items = match self.before.take() {
            None => items,
            Some((mut left, operation)) => {
                match operation {
                    Operation::Intersect => left.intersect(&items),
                    Operation::Subtract => left.subtract(&items),
                    Operation::Exclusive => left.exclusive(&items),
                }
                left
            }
        };
    }
}

/// One end of a range.
struct Item {
    kind: Escape,
    span: Span,
}

impl Parser<'_> {
    /// At `[`.
    pub(super) fn class(&mut self) -> Result<Set, Fail> {
        let start = self.pos;
        let warnings = self.warnings.len();
        let error = match self.bracketed(Reading::Sets) {
            Ok(Some(set)) => return Ok(set),
            Ok(None) => self.error(
                Code::RegexSyntax,
                self.span_at(start, start + 1),
                "the class is not closed",
                "a `]` is missing",
            ),
            Err(error) => error,
        };
        if self.retries > 0 && error.code == Code::RegexSyntax {
            self.retries -= 1;
            self.pos = start;
            self.warnings.truncate(warnings);
            if let Ok(Some(set)) = self.bracketed(Reading::Flat) {
                return Ok(set);
            }
        }
        Err(error)
    }

    /// Reads a class; `None` if it has no end.
    fn bracketed(&mut self, reading: Reading) -> Result<Option<Set>, Fail> {
        let unicode = self.flags.unicode;
        let mut levels: Vec<Level> = Vec::new();
        let mut warned = false;
        let mut top = self.open_class(reading, &mut warned)?;
        loop {
            self.skip_space();
            let start = self.pos;
            match self.rest() {
                [] => return Ok(None),
                [b']', ..] => {
                    self.pos += 1;
                    top.fold(unicode);
                    if top.negated {
                        top.items.negate();
                    }
                    match levels.pop() {
                        None => return Ok(Some(top.items)),
                        Some(mut outer) => {
                            outer.items.union(&top.items);
                            top = outer;
                        }
                    }
                }
                [b'[', ..] if reading == Reading::Sets => {
                    if let Some(set) = self.posix_class() {
                        let span = self.span(start);
                        self.warn_set(&mut warned, span);
                        top.items.union(&set);
                        continue;
                    }
                    let here = self.span_at(start, start + 1);
                    if self.stack.len() + levels.len() >= MAX_DEPTH {
                        return Err(self.too_deep(here));
                    }
                    self.warn_set(&mut warned, here);
                    let inner = self.open_class(reading, &mut warned)?;
                    levels.push(std::mem::replace(&mut top, inner));
                }
                [a, b, ..] if reading == Reading::Sets && a == b => {
                    let operation = match a {
                        b'&' => Operation::Intersect,
                        b'-' => Operation::Subtract,
                        b'~' => Operation::Exclusive,
                        _ => {
                            self.range(reading, &mut top.items)?;
                            continue;
                        }
                    };
                    self.pos += 2;
                    let span = self.span(start);
                    self.warn_set(&mut warned, span);
                    top.fold(unicode);
                    let left =
                        std::mem::replace(&mut top.items, Set::empty(unicode));
                    top.before = Some((left, operation));
                }
                [b'[', ..] => {
                    if !std::mem::replace(&mut warned, true) {
                        self.warn_bracket();
                    }
                    self.range(reading, &mut top.items)?;
                }
                _ => self.range(reading, &mut top.items)?,
            }
        }
    }

    /// At `[`: what stands before the first item.
    fn open_class(
        &mut self,
        reading: Reading,
        warned: &mut bool,
    ) -> Result<Level, Fail> {
        self.pos += 1;
        self.skip_space();
        let negated = self.peek() == Some(b'^');
        self.pos += usize::from(negated);
        self.skip_space();
        let mut items = Set::empty(self.flags.unicode);
        let start = self.pos;
        if reading == Reading::Sets {
            while self.peek() == Some(b'-') {
                items.insert_range('-', '-');
                self.pos += 1;
                self.skip_space();
            }
            // libyara sees a range from `-` here.
            let dashes = self.pos - start;
            if dashes > 1 && self.peek().is_some_and(|b| b != b']') {
                self.warn_set(warned, self.span(start));
            }
        }
        if self.pos == start && self.peek() == Some(b']') {
            if reading == Reading::Sets {
                items.insert_range(']', ']');
                self.pos += 1;
            } else {
                self.range(reading, &mut items)?;
            }
        }
        Ok(Level { negated, before: None, items })
    }

    /// An item, or a range of two.
    fn range(
        &mut self,
        reading: Reading,
        items: &mut Set,
    ) -> Result<(), Fail> {
        let start = self.pos;
        let first = self.class_item()?;
        self.skip_space();
        let mut ahead = self
            .rest()
            .iter()
            .filter(|b| !self.flags.extended || !b.is_ascii_whitespace());
        let is_range = ahead.next() == Some(&b'-')
            && match ahead.next() {
                None | Some(b']') => false,
                Some(b'-') => reading == Reading::Flat,
                Some(_) => true,
            };
        let mut set = Set::empty(self.flags.unicode);
        if is_range {
            self.pos += 1;
            self.skip_space();
            let last = self.class_item()?;
            let (lo, hi) = (self.range_end(first)?, self.range_end(last)?);
            if lo > hi {
                return Err(self.error(
                    Code::RegexSyntax,
                    self.span(start),
                    "the range ends before it starts",
                    "holds no character",
                ));
            }
            set.insert_range(lo, hi);
        } else {
            match first.kind {
                Escape::Set(class, _) => set = class,
                Escape::Char(_) | Escape::Look(_) => {
                    let char = self.range_end(first)?;
                    set.insert_range(char, char);
                }
            }
        }
        if self.flags.ignore_case {
            set.fold_case();
        }
        items.union(&set);
        Ok(())
    }

    fn class_item(&mut self) -> Result<Item, Fail> {
        let start = self.pos;
        let kind = if self.peek() == Some(b'\\') {
            self.escape(true)?
        } else {
            Escape::Char(self.take_char())
        };
        Ok(Item { kind, span: self.span(start) })
    }

    /// The character at an end of a range.
    fn range_end(&mut self, item: Item) -> Result<char, Fail> {
        let raw = self.source(item.span);
        match item.kind {
            Escape::Char(Char::Code(code)) if self.flags.unicode => Ok(code),
            // A byte that stands in the source as it is, or behind `\`,
            // belongs to a character that libyara refuses, too.
            Escape::Char(Char::Byte(byte))
                if byte < 0x80 || raw.starts_with(b"\\x") =>
            {
                Ok(char::from(byte))
            }
            // libyara takes the letter, YARA-X refuses.
            Escape::Set(_, letter) if raw.len() == 2 => {
                self.warn_escape(item.span);
                Ok(char::from(letter))
            }
            Escape::Char(_) | Escape::Set(..) | Escape::Look(_) => {
                Err(Box::new(
                    Diagnostic::new(
                        Code::RegexSyntax,
                        self.file,
                        item.span,
                        "a class holds single bytes",
                    )
                    .label("this is no single byte")
                    .help("use a group, as in `(a|é)`, or flag `(?u)`"),
                ))
            }
        }
    }

    fn source(&self, span: Span) -> &[u8] {
        let at = |offset: u32| (offset - self.base) as usize;
        self.src.get(at(span.lo)..at(span.hi)).unwrap_or_default()
    }

    /// `[:name:]` at the current place; nothing is taken if there is none.
    fn posix_class(&mut self) -> Option<Set> {
        let rest = self.rest().strip_prefix(b"[:")?;
        let (negated, rest) = match rest {
            [b'^', rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let length = rest.iter().take(8).position(|b| *b == b':')?;
        let (name, rest) = rest.split_at(length);
        if !rest.starts_with(b":]") {
            return None;
        }
        let bytes = posix_bytes(name)?;
        self.pos += 2 + usize::from(negated) + length + 2;
        let mut set = Set::empty(self.flags.unicode);
        for byte in bytes.iter() {
            set.insert_range(char::from(byte), char::from(byte));
        }
        if self.flags.ignore_case {
            set.fold_case();
        }
        if negated {
            set.negate();
        }
        Some(set)
    }

    fn warn_set(&mut self, warned: &mut bool, span: Span) {
        if std::mem::replace(warned, true) {
            return;
        }
        self.warn(
            Diagnostic::new(
                Code::RegexClassSetOp,
                self.file,
                span,
                "libyara reads this class differently",
            )
            .label("a set operation or a nested class; libyara sees letters")
            .help("escape the characters if they stand for themselves"),
        );
    }

    fn warn_bracket(&mut self) {
        let span = self.span_at(self.pos, self.pos + 1);
        self.warn(
            Diagnostic::new(
                Code::RegexClassBracket,
                self.file,
                span,
                "the bracket in the class stands for itself",
            )
            .label("opens no class of its own")
            .fix(
                "escape the bracket",
                span,
                "\\[",
                Applicability::Safe,
            ),
        );
    }
}

fn posix_bytes(name: &[u8]) -> Option<ByteSet> {
    let test: fn(&u8) -> bool = match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"ascii" => u8::is_ascii,
        b"blank" => |b| matches!(b, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |b| matches!(b, b' '..=b'~'),
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |b| matches!(b, b'\t'..=b'\r' | b' '),
        b"upper" => u8::is_ascii_uppercase,
        b"word" => |b| b.is_ascii_alphanumeric() || *b == b'_',
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    };
    Some(ByteSet::from_bytes((0..=255).filter(test)))
}
