//! Decides what a token is where one token does not tell: contextual
//! keywords, wildcards of rules, fields named like keywords.
//!
//! Also bounds the nesting, so that nothing behind it sees a deep stack.

use std::collections::VecDeque;

use super::lexer::{Lexer, Token};
use super::token::Tok;
use crate::diag::{Code, Diagnostic};
use crate::source::{FileId, Span};

/// How deeply expressions may nest.
pub(super) const MAX_DEPTH: u32 = 10_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    /// `of (`
    Set,
    Other,
}

/// The tokens as the grammar wants them, with look-ahead.
pub(super) struct Tokens<'s> {
    lexer: Lexer<'s>,
    text: &'s [u8],
    file: FileId,
    raw: VecDeque<Token>,
    ready: VecDeque<Token>,
    open: Vec<Open>,
    prev: Option<Tok>,
    prefixes: u32,
    too_deep: bool,
    last_end: u32,
    diagnostics: Vec<Diagnostic>,
}

impl<'s> Tokens<'s> {
    /// All tokens of `text`.
    pub(super) fn new(text: &'s [u8], file: FileId) -> Tokens<'s> {
        Tokens {
            lexer: Lexer::new(text, file),
            text,
            file,
            raw: VecDeque::new(),
            ready: VecDeque::new(),
            open: Vec::new(),
            prev: None,
            prefixes: 0,
            too_deep: false,
            last_end: 0,
            diagnostics: Vec::new(),
        }
    }

    /// The token `ahead` places ahead, 0 being the next.
    pub(super) fn peek(&mut self, ahead: usize) -> Option<Token> {
        while self.ready.len() <= ahead {
            let token = self.filter()?;
            self.ready.push_back(token);
        }
        self.ready.get(ahead).copied()
    }

    /// The kind of the token `ahead` places ahead.
    pub(super) fn peek_tok(&mut self, ahead: usize) -> Option<Tok> {
        self.peek(ahead).map(|token| token.tok)
    }

    /// Takes the next token.
    pub(super) fn take(&mut self) -> Option<Token> {
        let token = self.peek(0)?;
        self.ready.pop_front();
        self.last_end = token.span.hi;
        Some(token)
    }

    /// Where the last token taken ends.
    pub(super) fn last_end(&self) -> u32 {
        self.last_end
    }

    /// Comments and diagnostics of the whole text.
    pub(super) fn finish(mut self) -> (Vec<Span>, Vec<Diagnostic>) {
        self.diagnostics.append(&mut self.lexer.diagnostics);
        (self.lexer.comments, self.diagnostics)
    }

    fn raw(&mut self, ahead: usize) -> Option<Token> {
        while self.raw.len() <= ahead {
            let token = self.lexer.next()?;
            self.raw.push_back(token);
        }
        self.raw.get(ahead).copied()
    }

    fn raw_tok(&mut self, ahead: usize) -> Option<Tok> {
        self.raw(ahead).map(|token| token.tok)
    }

    fn filter(&mut self) -> Option<Token> {
        loop {
            let mut token = self.raw(0)?;
            self.raw.pop_front();
            let in_set = self.open.last() == Some(&Open::Set)
                && matches!(self.prev, Some(Tok::LParen | Tok::Comma));
            token.tok = match token.tok {
                tok if self.prev == Some(Tok::Dot) && tok.is_keyword() => {
                    Tok::Ident
                }
                Tok::Ident => self.word(&mut token, in_set),
                Tok::PatternId if in_set && self.star_ends_item() => {
                    token.span = token.span.to(self.take_raw());
                    Tok::PatternWild
                }
                Tok::Dot if self.raw_tok(0) == Some(Tok::Dot) => {
                    token.span = token.span.to(self.take_raw());
                    Tok::DotDot
                }
                tok => tok,
            };
            if !self.nest(&mut token) {
                continue;
            }
            self.prev = Some(token.tok);
            return Some(token);
        }
    }

    fn take_raw(&mut self) -> Span {
        self.raw.pop_front().map(|token| token.span).unwrap_or_default()
    }

    /// Do `*` and the end of an item follow?
    fn star_ends_item(&mut self) -> bool {
        self.raw_tok(0) == Some(Tok::Star)
            && matches!(self.raw_tok(1), Some(Tok::Comma | Tok::RParen))
    }

    fn word(&mut self, token: &mut Token, in_set: bool) -> Tok {
        if in_set && self.star_ends_item() {
            token.span = token.span.to(self.take_raw());
            return Tok::RuleWild;
        }
        if self.prev == Some(Tok::Dot) {
            return Tok::Ident;
        }
        match token.span.of(self.text) {
            b"include" if self.raw_tok(0) == Some(Tok::Text) => Tok::Include,
            b"with"
                if self.raw_tok(1) == Some(Tok::Assign)
                    && self.raw_tok(0) == Some(Tok::Ident) =>
            {
                Tok::With
            }
            _ => Tok::Ident,
        }
    }

    /// Tracks the nesting; false if the token is to be left out.
    fn nest(&mut self, token: &mut Token) -> bool {
        if let Tok::Minus | Tok::Tilde | Tok::Not | Tok::Defined = token.tok {
            self.prefixes += 1;
            if self.prefixes > MAX_DEPTH {
                self.report_depth(token.span);
                return false;
            }
            return true;
        }
        self.prefixes = 0;
        match token.tok {
            Tok::LParen | Tok::LBracket => {
                if self.open.len() >= MAX_DEPTH as usize {
                    self.report_depth(token.span);
                    self.skip_group(token);
                    return true;
                }
                self.open.push(match (token.tok, self.prev) {
                    (Tok::LParen, Some(Tok::Of)) => Open::Set,
                    _ => Open::Other,
                });
            }
            Tok::RParen | Tok::RBracket => {
                self.open.pop();
            }
            Tok::LBrace | Tok::RBrace | Tok::Rule => {
                self.open.clear();
                self.too_deep = false;
            }
            _ => {}
        }
        true
    }

    /// Replaces a group that is too deep by one token.
    fn skip_group(&mut self, token: &mut Token) {
        token.tok = Tok::Deep;
        let mut depth = 1u64;
        while depth > 0 {
            match self.raw_tok(0) {
                Some(Tok::LParen | Tok::LBracket) => depth += 1,
                Some(Tok::RParen | Tok::RBracket) => depth -= 1,
                Some(Tok::RBrace | Tok::Rule) | None => return,
                _ => {}
            }
            token.span = token.span.to(self.take_raw());
        }
    }

    fn report_depth(&mut self, span: Span) {
        if !std::mem::replace(&mut self.too_deep, true) {
            self.diagnostics.push(depth_error(self.file, span));
        }
    }
}

/// The error for an expression that is nested too deeply.
pub(super) fn depth_error(file: FileId, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::NestingDepth,
        file,
        span,
        format!("the expression is nested more than {MAX_DEPTH} deep"),
    )
    .label("the limit is reached here")
    .help("split the condition into several rules")
}
