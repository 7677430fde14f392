//! Escape sequences.

use super::set::Set;
use super::{Char, Fail, Parser};
use crate::diag::{Code, Diagnostic};
use crate::pattern::hir::{ByteSet, Hir, Look};
use crate::source::Span;

/// What an escape sequence stands for.
pub(super) enum Escape {
    /// A byte or a code point.
    Char(Char),
    /// A class; the letter is what libyara takes as the end of a range.
    Set(Set, u8),
    /// A place.
    Look(Look),
}

impl Parser<'_> {
    /// At `\`, outside of classes.
    pub(super) fn escaped(&mut self) -> Result<(), Fail> {
        match self.escape(false)? {
            Escape::Char(char) => self.literal(char),
            Escape::Set(set, _) => self.push_set(set),
            Escape::Look(look) => {
                self.top.push(Hir::Look(look), 0);
                Ok(())
            }
        }
    }

    /// At `\`.
    pub(super) fn escape(&mut self, in_class: bool) -> Result<Escape, Fail> {
        let start = self.pos;
        self.pos += 1;
        if self.peek().is_none() {
            return Err(self.error(
                Code::RegexSyntax,
                self.span(start),
                "the escape sequence is not complete",
                "nothing follows",
            ));
        }
        let char = self.take_char();
        let Char::Byte(letter) = char else {
            self.warn_escape(self.span(start));
            return Ok(Escape::Char(char));
        };
        let byte = |b| Ok(Escape::Char(Char::Byte(b)));
        match letter {
            b'a' => byte(0x07),
            b'f' => byte(0x0c),
            b't' => byte(b'\t'),
            b'n' => byte(b'\n'),
            b'r' => byte(b'\r'),
            b'v' => byte(0x0b),
            b'd' | b'D' | b's' | b'S' | b'w' | b'W' => {
                Ok(Escape::Set(self.perl_class(letter), letter))
            }
            b'x' => self.hex_escape(start),
            b'u' | b'U' => self.code_point(start, letter, in_class),
            b'0'..=b'9' if !in_class => {
                let span = self.span(start);
                Err(Box::new(
                    Diagnostic::new(
                        Code::RegexUnsupported,
                        self.file,
                        span,
                        "back-references are not supported",
                    )
                    .label("no engine for rules knows this")
                    .help("a byte by its value is written `\\xHH`"),
                ))
            }
            b'p' | b'P' if self.flags.unicode => self.property(start, letter),
            b'A' if !in_class => Ok(Escape::Look(Look::Start)),
            b'z' if !in_class => Ok(Escape::Look(Look::End)),
            b'b' | b'B' if !in_class => self.word_boundary(start, letter),
            letter if letter.is_ascii_alphanumeric() || letter >= 0x80 => {
                self.warn_escape(self.span(start));
                byte(letter)
            }
            letter => byte(letter),
        }
    }

    fn perl_class(&self, letter: u8) -> Set {
        if self.flags.unicode {
            let class = ['\\', char::from(letter)].iter().collect::<String>();
            return Set::unicode(&class).unwrap_or(Set::empty(true));
        }
        let set = perl_bytes(letter.to_ascii_lowercase());
        let negated = letter.is_ascii_uppercase();
        Set::Bytes(if negated { set.complement() } else { set })
    }

    fn word_boundary(
        &mut self,
        start: usize,
        letter: u8,
    ) -> Result<Escape, Fail> {
        let special = [
            (&b"{start}"[..], Look::WordStart),
            (b"{end}", Look::WordEnd),
            (b"{start-half}", Look::WordStartHalf),
            (b"{end-half}", Look::WordEndHalf),
        ];
        let rest = self.rest();
        let special = special
            .into_iter()
            .find(|(name, _)| letter == b'b' && rest.starts_with(name));
        let look = match special {
            Some((name, look)) => {
                self.pos += name.len();
                look
            }
            None if letter == b'b' => Look::WordBoundary,
            None => Look::NotWordBoundary,
        };
        if self.flags.unicode {
            return Err(self.error(
                Code::RegexUnsupported,
                self.span(start),
                "word boundaries with flag `u` are not supported",
                "put `(?-u:…)` around it",
            ));
        }
        Ok(Escape::Look(look))
    }

    fn bad_escape(&self, span: Span, message: &str, label: &str) -> Fail {
        self.error(Code::RegexSyntax, span, message, label)
    }

    /// Up to `count` hexadecimal digits; with flag `x` white space may stand
    /// before each.
    fn hex_digits(&mut self, count: usize) -> Vec<u8> {
        let mut digits = Vec::new();
        while digits.len() < count {
            let before = self.pos;
            self.skip_space();
            match self.peek() {
                Some(digit) if digit.is_ascii_hexdigit() => {
                    digits.push(digit);
                    self.pos += 1;
                }
                _ => {
                    self.pos = before;
                    break;
                }
            }
        }
        digits
    }

    /// Behind `\x`.
    fn hex_escape(&mut self, start: usize) -> Result<Escape, Fail> {
        self.skip_space();
        if self.peek() == Some(b'{') {
            return match self.braced_code() {
                Some(Ok(char)) => Ok(Escape::Char(self.by_value(char))),
                _ => Err(self.bad_escape(
                    self.span(start),
                    "this is not a code point",
                    "expected hexadecimal digits of a Unicode character, \
                     and `}`",
                )),
            };
        }
        let digits = self.hex_digits(2);
        match value(&digits) {
            Some(value) if digits.len() == 2 => {
                let byte = value as u8;
                Ok(Escape::Char(if self.flags.unicode {
                    self.by_value(char::from(byte))
                } else {
                    Char::Byte(byte)
                }))
            }
            _ => Err(self.bad_escape(
                self.span(start),
                "`\\x` needs two hexadecimal digits",
                "fewer than two digits",
            )),
        }
    }

    /// At `{`: digits and `}`. `None` if the form is another one; an error
    /// if the number is no character.
    fn braced_code(&mut self) -> Option<Result<char, ()>> {
        self.pos += 1;
        let digits = self.hex_digits(usize::MAX);
        self.skip_space();
        if digits.is_empty() || self.peek() != Some(b'}') {
            return None;
        }
        self.pos += 1;
        Some(value(&digits).and_then(char::from_u32).ok_or(()))
    }

    fn by_value(&self, char: char) -> Char {
        if char.is_ascii() { Char::Byte(char as u8) } else { Char::Code(char) }
    }

    /// Behind `\u` or `\U`. What is no code point is the letter, as in
    /// libyara.
    fn code_point(
        &mut self,
        start: usize,
        letter: u8,
        in_class: bool,
    ) -> Result<Escape, Fail> {
        let behind = self.pos;
        let count = if letter == b'u' { 4 } else { 8 };
        self.skip_space();
        let code = if self.peek() == Some(b'{') {
            match self.braced_code() {
                Some(Err(())) => {
                    return Err(self.bad_escape(
                        self.span(start),
                        "this is not a code point",
                        "no Unicode character has this number",
                    ));
                }
                Some(Ok(char)) => Some(char),
                None => None,
            }
        } else {
            let digits = self.hex_digits(count);
            let value = value(&digits).filter(|_| digits.len() == count);
            value.and_then(char::from_u32)
        };
        // A class of bytes has no room for a character of several.
        let fits = |c: &char| !in_class || self.flags.unicode || c.is_ascii();
        match code.filter(fits) {
            Some(char) => Ok(Escape::Char(self.by_value(char))),
            None => {
                self.pos = behind;
                self.warn_escape(self.span(start));
                Ok(Escape::Char(Char::Byte(letter)))
            }
        }
    }

    /// Behind `\p` or `\P`, with flag `u`.
    fn property(&mut self, start: usize, letter: u8) -> Result<Escape, Fail> {
        if self.peek() == Some(b'{') {
            let length = self.rest().iter().position(|b| *b == b'}');
            self.pos += length.map_or(self.rest().len(), |n| n + 1);
        } else if self.peek().is_some() {
            self.take_char();
        }
        let text = std::str::from_utf8(&self.src[start..self.pos]);
        match text.ok().and_then(Set::unicode) {
            Some(set) => Ok(Escape::Set(set, letter)),
            None => Err(self.bad_escape(
                self.span(start),
                "there is no Unicode class of this name",
                "unknown class",
            )),
        }
    }
}

fn perl_bytes(letter: u8) -> ByteSet {
    ByteSet::from_bytes((0..=255u8).filter(|b| match letter {
        b'd' => b.is_ascii_digit(),
        b's' => matches!(b, b'\t'..=b'\r' | b' '),
        _ => b.is_ascii_alphanumeric() || *b == b'_',
    }))
}

fn value(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |value, digit| {
        value.checked_mul(16)?.checked_add(char::from(*digit).to_digit(16)?)
    })
}
