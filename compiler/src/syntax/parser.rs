//! Cuts a file into items, sections and entries and has each parsed by the
//! grammar.
//!
//! The cuts are made at tokens that mean the same everywhere, so a part that
//! does not parse costs nothing but itself: all broken parts of a file are
//! reported in one run, in linear time, whatever stands between them.

use lalrpop_util::ParseError;

use super::ast::{ExprId, ExprKind, File, Item, Name, PatternValue, Rule};
use super::builder::{Builder, Header};
use super::token::Tok;
use super::token_filter::Tokens;
use super::{expected, grammar};
use crate::diag::{Code, Diagnostic};
use crate::source::{FileId, Span};

/// Errors of one file after which the rest is not read: nobody reads more,
/// and a file that is no rule file must not fill the memory.
const MAX_ERRORS: usize = 10_000;

/// Parses a source file. Never fails: what could not be parsed is in the
/// tree as an error, and each error has a diagnostic. Diagnostics are in the
/// order of the text.
pub fn parse(text: &[u8], file: FileId) -> (File, Vec<Diagnostic>) {
    if u32::try_from(text.len()).is_err() {
        let error = Diagnostic::new(
            Code::SourceTooLarge,
            file,
            Span::new(0, 0),
            "the source file is 4 GiB or larger",
        )
        .help("split the file");
        return (File::default(), vec![error]);
    }
    let mut parser = Parser {
        text,
        file,
        tokens: Tokens::new(text, file),
        builder: Builder::new(text, file),
        items: Vec::new(),
        broken: false,
    };
    parser.file();
    parser.finish()
}

struct Parser<'s> {
    text: &'s [u8],
    file: FileId,
    tokens: Tokens<'s>,
    builder: Builder<'s>,
    items: Vec<Item>,
    /// Something of the rule at hand is not valid.
    broken: bool,
}

/// The tokens of one part, as the grammar pulls them.
struct Part<'p, 's, F: FnMut(&mut Tokens<'s>, bool) -> bool> {
    tokens: &'p mut Tokens<'s>,
    ends: F,
    first: bool,
    last: Option<Tok>,
}

impl<'s, F: FnMut(&mut Tokens<'s>, bool) -> bool> Iterator
    for Part<'_, 's, F>
{
    type Item = Result<(u32, Tok, u32), ()>;

    fn next(&mut self) -> Option<Self::Item> {
        if (self.ends)(self.tokens, self.first) {
            return None;
        }
        let token = self.tokens.take()?;
        self.first = false;
        self.last = Some(token.tok);
        Some(Ok((token.span.lo, token.tok, token.span.hi)))
    }
}

type Failure = ParseError<u32, Tok, ()>;

/// Has one part parsed; what is left of it is skipped after an error.
macro_rules! part {
    ($self:ident, $parser:ident, $ends:expr) => {{
        let before = $self.builder.diagnostics.len();
        let mut part = Part {
            tokens: &mut $self.tokens,
            ends: $ends,
            first: true,
            last: None,
        };
        let result =
            grammar::$parser::new().parse(&mut $self.builder, part.by_ref());
        part.by_ref().for_each(drop);
        let last = part.last;
        let result = match result {
            Ok(value) => Some(value),
            Err(failure) => {
                $self.failure(failure);
                None
            }
        };
        $self.broken |= $self.builder.diagnostics.len() > before;
        (result, last)
    }};
}

impl<'s> Parser<'s> {
    fn file(&mut self) {
        while let Some(token) = self.tokens.peek(0) {
            if self.builder.diagnostics.len() >= MAX_ERRORS {
                self.give_up(token.span);
                return;
            }
            match token.tok {
                Tok::Import | Tok::Include => self.statement(),
                Tok::Rule | Tok::Private | Tok::Global => self.rule(),
                _ => self.stray(),
            }
        }
    }

    fn give_up(&mut self, at: Span) {
        let rest = Span::new(at.lo, self.text.len() as u32);
        self.error(
            at,
            format!(
                "more than {MAX_ERRORS} errors; the rest of the file was \
                 not read"
            ),
        );
        self.items.push(Item::Error { span: rest, rules: Vec::new() });
    }

    fn finish(self) -> (File, Vec<Diagnostic>) {
        let (comments, mut diagnostics) = self.tokens.finish();
        let too_deep: Vec<Span> = diagnostics
            .iter()
            .filter(|d| d.code == Code::NestingDepth)
            .map(|d| d.span)
            .collect();
        diagnostics.extend(self.builder.diagnostics);
        if let Err(error) = std::str::from_utf8(self.text) {
            let at = error.valid_up_to() as u32;
            diagnostics.push(
                Diagnostic::new(
                    Code::NonUtf8Source,
                    self.file,
                    Span::new(at, at + 1),
                    "the source is not UTF-8",
                )
                .label("first byte that is not UTF-8")
                .note("bytes that are not UTF-8 stand for themselves")
                .help("save the file as UTF-8, and write bytes as `\\xHH`"),
            );
        }
        diagnostics.sort_by_key(|d| d.span.lo);
        let mut items = self.items;
        for item in &mut items {
            if let Item::Rule(rule) = item {
                let lo = too_deep.partition_point(|s| s.lo < rule.span.lo);
                rule.broken |=
                    too_deep.get(lo).is_some_and(|s| s.hi <= rule.span.hi);
            }
        }
        let file = File { items, exprs: self.builder.exprs, comments };
        (file, diagnostics)
    }

    fn error(&mut self, span: Span, message: impl Into<String>) {
        self.broken = true;
        self.builder.diagnostics.push(Diagnostic::new(
            Code::Syntax,
            self.file,
            span,
            message,
        ));
    }

    fn failure(&mut self, failure: Failure) {
        let (found, expected) = match failure {
            ParseError::UnrecognizedToken { token, expected } => {
                (Some((token.1, Span::new(token.0, token.2))), expected)
            }
            ParseError::UnrecognizedEof { expected, .. } => (
                self.tokens.peek(0).map(|token| (token.tok, token.span)),
                expected,
            ),
            ParseError::ExtraToken { token } => {
                (Some((token.1, Span::new(token.0, token.2))), Vec::new())
            }
            ParseError::InvalidToken { .. } | ParseError::User { .. } => {
                (None, Vec::new())
            }
        };
        let error =
            expected::unexpected(self.text, self.file, found, &expected);
        self.broken = true;
        self.builder.diagnostics.push(error);
    }

    fn statement(&mut self) {
        let start = self.tokens.peek(0).map_or(0, |token| token.span.lo);
        let mut taken = 0;
        let (item, _) = part!(self, StatementParser, |tokens, first| {
            taken += 1;
            taken > 2 || !first && starts_item(tokens)
        });
        let item = item.unwrap_or_else(|| Item::Error {
            span: Span::new(start, self.tokens.last_end()),
            rules: Vec::new(),
        });
        self.items.push(item);
    }

    /// Something at the top level that starts no item.
    fn stray(&mut self) {
        let Some(token) = self.tokens.peek(0) else { return };
        let found = Some((token.tok, token.span));
        let expected = ["\"rule\"", "\"import\"", "\"include\""];
        let expected = expected.map(str::to_owned);
        let error =
            expected::unexpected(self.text, self.file, found, &expected);
        self.builder.diagnostics.push(error);
        self.tokens.take();
        while self.tokens.peek(0).is_some() && !starts_item(&mut self.tokens) {
            self.tokens.take();
        }
        let span = Span::new(token.span.lo, self.tokens.last_end());
        self.items.push(Item::Error { span, rules: Vec::new() });
    }

    fn rule(&mut self) {
        self.broken = false;
        let start = self.tokens.peek(0).map_or(0, |token| token.span.lo);
        let mut name = None;
        let (header, last) = {
            let mut closed = false;
            let mut seen_rule = false;
            let mut after_rule = false;
            part!(self, RuleHeaderParser, |tokens: &mut Tokens<'s>, _| {
                let Some(token) = tokens.peek(0) else { return true };
                let ends = closed
                    || match token.tok {
                        Tok::RBrace | Tok::Import | Tok::Include => true,
                        Tok::Rule | Tok::Private | Tok::Global => seen_rule,
                        _ => starts_section(tokens),
                    };
                if !ends {
                    closed = token.tok == Tok::LBrace;
                    if after_rule && token.tok == Tok::Ident {
                        name = Some(token.span);
                    }
                    after_rule = token.tok == Tok::Rule;
                    seen_rule |= after_rule;
                }
                ends
            })
        };
        if header.is_none()
            && last != Some(Tok::LBrace)
            && !starts_section(&mut self.tokens)
        {
            self.skip_to_item();
            self.broken_rule(start, name);
            return;
        }
        self.body(start, header, name);
    }

    fn broken_rule(&mut self, start: u32, name: Option<Span>) {
        let rules = name.map(|span| self.builder.identifier(span.lo, span.hi));
        self.items.push(Item::Error {
            span: Span::new(start, self.tokens.last_end()),
            rules: rules.into_iter().collect(),
        });
    }

    fn body(
        &mut self,
        start: u32,
        header: Option<Header>,
        name: Option<Span>,
    ) {
        let mut rule = Rule {
            name: Name { text: String::new(), span: Span::default() },
            private: Vec::new(),
            global: Vec::new(),
            tags: Vec::new(),
            meta: Vec::new(),
            patterns: Vec::new(),
            condition: ExprId(0),
            span: Span::default(),
            broken: false,
        };
        let condition = self.sections(&mut rule);
        let Some(header) = header else {
            self.broken_rule(start, name);
            return;
        };
        rule.name = header.name;
        rule.private = header.private;
        rule.global = header.global;
        rule.tags = header.tags;
        rule.span = Span::new(header.start, self.tokens.last_end());
        rule.condition = condition.unwrap_or_else(|| {
            let end = rule.span.hi;
            self.builder.expr(end, end, ExprKind::Error)
        });
        rule.broken = self.broken;
        self.items.push(Item::Rule(rule));
    }

    /// Reads up to the closing brace.
    fn sections(&mut self, rule: &mut Rule) -> Option<ExprId> {
        let mut condition = None;
        let mut done: Option<Tok> = None;
        loop {
            let Some(token) = self.tokens.peek(0) else {
                let end = self.text.len() as u32;
                self.error_end(Span::new(end, end), "the end of the file");
                return condition;
            };
            match token.tok {
                Tok::RBrace => {
                    if done != Some(Tok::Condition) {
                        self.missing_condition(token.span);
                    }
                    self.tokens.take();
                    return condition;
                }
                Tok::Meta | Tok::Strings | Tok::Condition
                    if starts_section(&mut self.tokens) =>
                {
                    if done.is_some_and(|d| d as u8 >= token.tok as u8) {
                        self.order(token.span, done == Some(token.tok));
                    }
                    done = Some(token.tok);
                    self.tokens.take();
                    self.colon();
                    match token.tok {
                        Tok::Meta => self.meta(rule),
                        Tok::Strings => self.patterns(rule),
                        _ => condition = self.condition(),
                    }
                }
                _ if starts_item(&mut self.tokens) => {
                    let what =
                        expected::describe(token.tok, token.span, self.text);
                    self.error_end(token.span, &what);
                    return condition;
                }
                _ => self.not_a_section(),
            }
        }
    }

    fn error_end(&mut self, span: Span, found: &str) {
        self.broken = true;
        // What the last part lacks is said already.
        let last = self.builder.diagnostics.last();
        if last.is_some_and(|last| last.span == span) {
            return;
        }
        self.error(
            span,
            format!("expected `}}` at the end of the rule, found {found}"),
        );
    }

    fn missing_condition(&mut self, span: Span) {
        self.broken = true;
        self.builder.diagnostics.push(
            Diagnostic::new(
                Code::Syntax,
                self.file,
                span,
                "the rule has no condition",
            )
            .label("expected `condition:` before this brace")
            .help("add a section `condition:` with one expression"),
        );
    }

    fn order(&mut self, span: Span, twice: bool) {
        self.broken = true;
        let message = if twice {
            "the section is there twice"
        } else {
            "the section is in the wrong place"
        };
        self.builder.diagnostics.push(
            Diagnostic::new(Code::Syntax, self.file, span, message).help(
                "the sections of a rule are `meta`, `strings` and \
                 `condition`, in this order",
            ),
        );
    }

    fn colon(&mut self) {
        match self.tokens.peek(0) {
            Some(token) if token.tok == Tok::Colon => {
                self.tokens.take();
            }
            token => {
                let found = token.map(|token| (token.tok, token.span));
                let expected = ["\":\"".to_owned()];
                let error = expected::unexpected(
                    self.text, self.file, found, &expected,
                );
                self.broken = true;
                self.builder.diagnostics.push(error);
            }
        }
    }

    fn not_a_section(&mut self) {
        let found = self.tokens.peek(0).map(|token| (token.tok, token.span));
        let expected = ["\"meta\"", "\"strings\"", "\"condition\""];
        let expected = expected.map(str::to_owned);
        let error =
            expected::unexpected(self.text, self.file, found, &expected);
        self.broken = true;
        self.builder.diagnostics.push(error);
        let mut depth = 0;
        while !ends_section(&mut self.tokens, &mut depth) {
            self.tokens.take();
        }
    }

    fn meta(&mut self, rule: &mut Rule) {
        let mut any = false;
        while !ends_section(&mut self.tokens, &mut 0) {
            any = true;
            let mut depth = 0;
            let (entry, _) = part!(self, MetaEntryParser, |tokens, first| {
                ends_entry(tokens, first, &mut depth)
            });
            rule.meta.extend(entry);
            if self.builder.diagnostics.len() >= MAX_ERRORS {
                return self.skip_to_item();
            }
        }
        if !any {
            self.empty_section("meta", "`name = value`");
        }
    }

    fn patterns(&mut self, rule: &mut Rule) {
        let mut any = false;
        while !ends_section(&mut self.tokens, &mut 0) {
            any = true;
            let first = self.tokens.peek(0);
            let mut depth = 0;
            let (pattern, _) =
                part!(self, PatternDeclParser, |tokens, first| {
                    ends_entry(tokens, first, &mut depth)
                });
            match (pattern, first) {
                (Some(pattern), _) => rule.patterns.push(pattern),
                // Its name is known, so that uses of it are no second error.
                (None, Some(token)) if token.tok == Tok::PatternId => {
                    let Span { lo, hi } = token.span;
                    let name = self.builder.pattern_name(lo, hi);
                    let end = self.tokens.last_end();
                    rule.patterns.push(self.builder.pattern(
                        name,
                        PatternValue::Error,
                        hi,
                        end,
                        Vec::new(),
                        end,
                    ));
                }
                (None, _) => {}
            }
            if self.builder.diagnostics.len() >= MAX_ERRORS {
                return self.skip_to_item();
            }
        }
        if !any {
            self.empty_section("strings", "`$name = value`");
        }
    }

    fn empty_section(&mut self, section: &str, expected: &str) {
        let end = self.text.len() as u32;
        let span = self.tokens.peek(0).map_or(Span::new(end, end), |t| t.span);
        self.error(
            span,
            format!("the section `{section}` is empty, expected {expected}"),
        );
    }

    fn condition(&mut self) -> Option<ExprId> {
        let mut depth = 0;
        let (condition, _) = part!(self, ConditionParser, |tokens, _| {
            ends_section(tokens, &mut depth)
        });
        condition
    }

    /// Skips the rest of a rule.
    fn skip_to_item(&mut self) {
        let mut depth = 0u32;
        while let Some(tok) = self.tokens.peek_tok(0) {
            if starts_item(&mut self.tokens) {
                return;
            }
            self.tokens.take();
            match tok {
                Tok::LBrace => depth += 1,
                Tok::RBrace if depth <= 1 => return,
                Tok::RBrace => depth -= 1,
                _ => {}
            }
        }
    }
}

/// Does something begin that can only stand at the top level?
fn starts_item(tokens: &mut Tokens<'_>) -> bool {
    match tokens.peek_tok(0) {
        Some(Tok::Rule | Tok::Global) => {
            tokens.peek_tok(1) != Some(Tok::Assign)
        }
        Some(Tok::Import) => tokens.peek_tok(1) == Some(Tok::Text),
        Some(Tok::Include) => true,
        Some(Tok::Private) => {
            matches!(tokens.peek_tok(1), Some(Tok::Rule | Tok::Global))
        }
        _ => false,
    }
}

fn starts_section(tokens: &mut Tokens<'_>) -> bool {
    matches!(
        tokens.peek_tok(0),
        Some(Tok::Meta | Tok::Strings | Tok::Condition)
    ) && tokens.peek_tok(1) != Some(Tok::Assign)
}

/// Is this the end of a section? Counts braces, so that one that was opened
/// by mistake is closed again.
fn ends_section(tokens: &mut Tokens<'_>, depth: &mut u32) -> bool {
    match tokens.peek_tok(0) {
        None => true,
        Some(Tok::LBrace) => {
            *depth += 1;
            false
        }
        Some(Tok::RBrace) if *depth > 0 => {
            *depth -= 1;
            false
        }
        Some(Tok::RBrace) => true,
        Some(_) => starts_section(tokens) || starts_item(tokens),
    }
}

/// Is this the end of an entry of `meta` or `strings`?
fn ends_entry(tokens: &mut Tokens<'_>, first: bool, depth: &mut u32) -> bool {
    if ends_section(tokens, depth) {
        return true;
    }
    let name = tokens.peek_tok(0).is_some_and(|tok| {
        tok.is_keyword()
            || matches!(tok, Tok::Ident | Tok::PatternId | Tok::PatternWild)
    });
    !first && name && tokens.peek_tok(1) == Some(Tok::Assign)
}
