//! Cuts rule text into tokens; never fails.
//!
//! Hides the lexer's modes: a `{` behind `=` opens a hex pattern, and the
//! flags of a regular expression, like the digits of a number, end where a
//! word of the language begins.

use logos::Logos;

use super::token::Tok;
use crate::diag::{Applicability, Code, Diagnostic};
use crate::source::{FileId, Span};

/// A token and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    /// Kind.
    pub(super) tok: Tok,
    /// Place.
    pub(super) span: Span,
}

/// The stream of tokens of one file, trivia left out.
pub(super) struct Lexer<'s> {
    inner: logos::Lexer<'s, Tok>,
    text: &'s [u8],
    file: FileId,
    prev: Option<Tok>,
    /// The comments seen so far.
    pub(super) comments: Vec<Span>,
    /// What the lexer itself has to say.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The byte-order mark of UTF-8.
const BOM: &[u8] = b"\xef\xbb\xbf";

impl<'s> Lexer<'s> {
    /// Starts at the first byte behind a byte-order mark. The text must be
    /// shorter than 4 GiB.
    pub(super) fn new(text: &'s [u8], file: FileId) -> Lexer<'s> {
        let mut inner = Tok::lexer(text);
        if text.starts_with(BOM) {
            inner.bump(BOM.len());
        }
        Lexer {
            inner,
            text,
            file,
            prev: None,
            comments: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    fn span(&self) -> Span {
        let range = self.inner.span();
        Span::new(range.start as u32, range.end as u32)
    }

    fn unclosed_comment(&mut self) {
        let start = self.span();
        self.inner.bump(self.inner.remainder().len());
        self.comments.push(self.span());
        let end = Span::new(self.span().hi, self.span().hi);
        self.diagnostics.push(
            Diagnostic::new(
                Code::UnclosedComment,
                self.file,
                start,
                "the comment is not closed",
            )
            .label("everything from here on is left out")
            .fix(
                "close the comment with `*/`",
                end,
                " */",
                Applicability::Unsafe,
            ),
        );
    }

    /// Bytes that start no token, as one token for a run of them.
    fn unknown(&mut self) -> Tok {
        let run = |b: &u8| *b >= 0x80 || (*b < 0x20 && !b"\t\n\r".contains(b));
        let more = self.inner.remainder().iter().take_while(|b| run(b));
        // A Unicode space ends the run: it is trivia.
        let more = more.count();
        let rest = &self.inner.remainder()[..more];
        let space = (0..more).find(|at| is_unicode_space(&rest[*at..]));
        self.inner.bump(space.unwrap_or(more));
        Tok::Unknown
    }

    fn hex(&mut self) -> Tok {
        let (length, closed) = hex_extent(self.inner.remainder());
        self.inner.bump(length);
        if closed { Tok::Hex } else { Tok::BadHex }
    }

    /// libyara reads `/x/wide` as flags and a keyword, YARA-X knows `si`:
    /// flags are the letters `i` and `s`, unless a keyword follows at once.
    fn regex_flags(&mut self) {
        let rest = self.inner.remainder();
        let is_word = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_';
        let word = &rest[..rest.iter().take_while(is_word).count()];
        let flags = [0, 1, 2].into_iter().find(|n| {
            word.get(*n..).is_some_and(is_word_behind_regex)
                && word[..*n].iter().all(|b| b"is".contains(b))
        });
        self.inner.bump(flags.unwrap_or(word.len()));
    }

    /// A number ends where a keyword follows at once, as in `1of them`; goes
    /// back to its end.
    fn number(&mut self) -> Option<Token> {
        let span = self.inner.span();
        let slice = self.inner.slice();
        let shortest = slice.len().saturating_sub(LONGEST_KEYWORD).max(1);
        let end = (shortest..slice.len()).rev().find(|at| {
            let (number, word) = slice.split_at(*at);
            matches!(only(number), Some(Tok::Int | Tok::Float))
                && only(word).is_some_and(Tok::is_keyword)
        })?;
        let tok = only(&slice[..end])?;
        let end = span.start + end;
        self.inner = Tok::lexer(self.text);
        self.inner.bump(end);
        let span = Span::new(span.start as u32, end as u32);
        Some(Token { tok, span })
    }
}

/// The length of `istartswith`.
const LONGEST_KEYWORD: usize = 11;

/// The one token that a piece of text is.
fn only(text: &[u8]) -> Option<Tok> {
    let mut tokens = Tok::lexer(text);
    let first = tokens.next()?.ok()?;
    tokens.next().is_none().then_some(first)
}

impl Iterator for Lexer<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            let tok = match self.inner.next()? {
                Ok(Tok::Comment) => {
                    self.comments.push(self.span());
                    continue;
                }
                Ok(Tok::UnclosedComment) => {
                    self.unclosed_comment();
                    continue;
                }
                Ok(Tok::LBrace) if self.prev == Some(Tok::Assign) => {
                    self.hex()
                }
                Ok(Tok::Regex) => {
                    self.regex_flags();
                    Tok::Regex
                }
                Ok(tok @ (Tok::BadInt | Tok::BadFloat)) => {
                    if let Some(token) = self.number() {
                        self.prev = Some(token.tok);
                        return Some(token);
                    }
                    tok
                }
                Ok(tok) => tok,
                Err(()) => self.unknown(),
            };
            self.prev = Some(tok);
            debug_assert!(self.span().hi as usize <= self.text.len());
            return Some(Token { tok, span: self.span() });
        }
    }
}

fn is_word_behind_regex(word: &[u8]) -> bool {
    matches!(
        word,
        b"ascii"
            | b"wide"
            | b"nocase"
            | b"fullword"
            | b"private"
            | b"and"
            | b"or"
            | b"condition"
    )
}

fn is_unicode_space(rest: &[u8]) -> bool {
    matches!(
        rest,
        [0xc2, 0xa0, ..]
            | [0xe2, 0x80, 0x80..=0x8a | 0xaf, ..]
            | [0xe2, 0x81, 0x9f, ..]
    )
}

/// How far a hex pattern goes whose `{` was just read, and whether it is
/// closed. One that is not closed ends with the last line before a byte that
/// no hex pattern holds and that says that something else has begun.
fn hex_extent(rest: &[u8]) -> (usize, bool) {
    let mut at = 0;
    let mut line = None;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'}' => return (at + 1, true),
            b'\n' => {
                line = Some(at);
                at += 1;
            }
            b'/' if rest.get(at + 1) == Some(&b'/') => {
                at += find(&rest[at..], b"\n").unwrap_or(rest.len() - at);
            }
            b'/' if rest.get(at + 1) == Some(&b'*') => {
                match find(&rest[at + 2..], b"*/") {
                    Some(length) => at += length + 4,
                    None => break,
                }
            }
            b'$' | b'"' | b'=' | b'{' | b':' => {
                return (line.unwrap_or(at), false);
            }
            _ => at += 1,
        }
    }
    (at, false)
}

fn find(rest: &[u8], what: &[u8]) -> Option<usize> {
    rest.windows(what.len()).position(|window| window == what)
}
