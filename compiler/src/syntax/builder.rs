//! Makes the syntax tree out of what the grammar reduces.
//!
//! Hides how literals are decoded and how the depth of expressions is kept
//! within its limit.

use super::ast::*;
use super::literal;
use super::token_filter::{MAX_DEPTH, depth_error};
use crate::diag::{Code, Diagnostic};
use crate::source::{FileId, Span};

/// What stands before the body of a rule.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) start: u32,
    pub(super) name: Name,
    pub(super) private: Vec<Span>,
    pub(super) global: Vec<Span>,
    pub(super) tags: Vec<Name>,
}

impl Header {
    /// Sorts the modifiers; `true` marks `private`.
    pub(super) fn new(
        start: u32,
        modifiers: Vec<(bool, Span)>,
        name: Name,
        tags: Option<Vec<Name>>,
    ) -> Header {
        let (private, global): (Vec<_>, Vec<_>) =
            modifiers.into_iter().partition(|(private, _)| *private);
        Header {
            start,
            name,
            private: private.into_iter().map(|(_, span)| span).collect(),
            global: global.into_iter().map(|(_, span)| span).collect(),
            tags: tags.unwrap_or_default(),
        }
    }
}

/// A loop without its quantifier.
#[derive(Debug)]
pub(super) enum ForRest {
    In(Vec<Name>, Iterable, ExprId),
    Of(Set, ExprId),
}

impl ForRest {
    pub(super) fn kind(self, quantifier: Quantifier) -> ExprKind {
        match self {
            ForRest::In(names, iterable, body) => {
                ExprKind::ForIn(quantifier, names, iterable, body)
            }
            ForRest::Of(set, body) => ExprKind::ForOf(quantifier, set, body),
        }
    }
}

/// A literal's place, and whether the lexer found it sound.
type Literal = (Span, bool);

/// Collects expressions and diagnostics while the parser runs.
pub(super) struct Builder<'s> {
    text: &'s [u8],
    file: FileId,
    /// All expressions so far.
    pub(super) exprs: Vec<Expr>,
    /// Height of the tree below each expression.
    heights: Vec<u16>,
    /// Diagnostics so far.
    pub(super) diagnostics: Vec<Diagnostic>,
}

impl<'s> Builder<'s> {
    pub(super) fn new(text: &'s [u8], file: FileId) -> Builder<'s> {
        Builder {
            text,
            file,
            exprs: Vec::new(),
            heights: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    /// Adds an expression.
    pub(super) fn expr(
        &mut self,
        lo: u32,
        hi: u32,
        mut kind: ExprKind,
    ) -> ExprId {
        let mut height = 0;
        kind.for_each_child(|child| {
            height = height.max(self.heights[child.0 as usize] + 1);
        });
        let span = Span::new(lo, hi);
        if u32::from(height) > MAX_DEPTH {
            self.diagnostics.push(depth_error(self.file, span));
            kind = ExprKind::Error;
            height = 0;
        }
        self.exprs.push(Expr { kind, span });
        self.heights.push(height);
        ExprId(self.exprs.len() as u32 - 1)
    }

    pub(super) fn unary(
        &mut self,
        lo: u32,
        hi: u32,
        op: UnaryOp,
        operand: ExprId,
    ) -> ExprId {
        self.expr(lo, hi, ExprKind::Unary(op, operand))
    }

    pub(super) fn binary(
        &mut self,
        lo: u32,
        hi: u32,
        (op, at): (BinaryOp, Span),
        left: ExprId,
        right: ExprId,
    ) -> ExprId {
        self.expr(lo, hi, ExprKind::Binary(op, left, right, at))
    }

    pub(super) fn quantifier(
        &self,
        lo: u32,
        hi: u32,
        kind: QuantifierKind,
    ) -> Quantifier {
        Quantifier { kind, span: Span::new(lo, hi) }
    }

    fn name_of(&self, span: Span, text: Span) -> Name {
        let text = String::from_utf8_lossy(text.of(self.text)).into_owned();
        Name { text, span }
    }

    pub(super) fn identifier(&self, lo: u32, hi: u32) -> Name {
        self.name_of(Span::new(lo, hi), Span::new(lo, hi))
    }

    /// The name of a pattern, without its sigil.
    pub(super) fn pattern_name(&self, lo: u32, hi: u32) -> Name {
        self.name_of(Span::new(lo, hi), Span::new(lo + 1, hi))
    }

    /// `$a*` or `rule_*`; white space may stand before the star.
    pub(super) fn wildcard(&self, lo: u32, hi: u32) -> Name {
        let span = Span::new(lo, hi);
        let text = span.of(self.text);
        let text = text.strip_prefix(b"$").unwrap_or(text);
        let is_word = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_';
        let word = text.iter().take_while(is_word).copied().collect();
        Name { text: String::from_utf8(word).unwrap_or_default(), span }
    }

    pub(super) fn name(&mut self, name: Name) -> ExprId {
        self.expr(name.span.lo, name.span.hi, ExprKind::Name(name.text))
    }

    pub(super) fn import(&mut self, lo: u32, text: Literal, hi: u32) -> Item {
        Item::Import {
            module: self.text(text),
            literal: text.0,
            span: Span::new(lo, hi),
        }
    }

    pub(super) fn include(&mut self, lo: u32, text: Literal, hi: u32) -> Item {
        Item::Include {
            path: self.text(text),
            literal: text.0,
            span: Span::new(lo, hi),
        }
    }

    pub(super) fn pattern(
        &mut self,
        name: Name,
        value: PatternValue,
        lo: u32,
        end: u32,
        modifiers: Vec<Modifier>,
        hi: u32,
    ) -> Pattern {
        let span = Span::new(name.span.lo, hi);
        let value_span = Span::new(lo, end);
        Pattern { name, value, value_span, modifiers, span }
    }

    pub(super) fn text_expr(&mut self, text: Literal) -> ExprId {
        let value = self.text(text);
        self.expr(text.0.lo, text.0.hi, ExprKind::Text(value))
    }

    /// Decodes a text literal.
    pub(super) fn text(&mut self, (span, sound): Literal) -> Vec<u8> {
        if !sound {
            self.diagnostics
                .push(literal::unclosed_text(self.text, self.file, span));
            return Vec::new();
        }
        literal::text(self.text, self.file, span, &mut self.diagnostics)
    }

    /// The value of an integer literal; 0 if it has none.
    pub(super) fn int(&mut self, (span, sound): Literal) -> u64 {
        let value = if sound {
            literal::int(self.text, self.file, span)
        } else {
            Err(literal::bad_int(self.text, self.file, span))
        };
        value.unwrap_or_else(|diagnostic| {
            self.diagnostics.push(*diagnostic);
            0
        })
    }

    /// The value of a float literal; 0 if it has none.
    pub(super) fn float(&mut self, (span, sound): Literal) -> f64 {
        let value = literal::float(self.text, span).filter(|_| sound);
        value.unwrap_or_else(|| {
            let error = literal::bad_float(self.text, self.file, span);
            self.diagnostics.push(error);
            0.0
        })
    }

    pub(super) fn meta_int(
        &mut self,
        negative: bool,
        literal: Literal,
    ) -> MetaValue {
        let value = self.int(literal);
        if !negative {
            return i64::try_from(value)
                .map_or(MetaValue::UInt(value), MetaValue::Int);
        }
        match 0i64.checked_sub_unsigned(value) {
            Some(value) => MetaValue::Int(value),
            None => {
                self.diagnostics.push(
                    Diagnostic::new(
                        Code::IntegerRange,
                        self.file,
                        literal.0,
                        "the integer does not fit into 64 bits",
                    )
                    .label("too small")
                    .help("the smallest integer is -9223372036854775808"),
                );
                MetaValue::Int(0)
            }
        }
    }

    pub(super) fn meta_float(
        &mut self,
        negative: bool,
        literal: Literal,
    ) -> MetaValue {
        let value = self.float(literal);
        MetaValue::Float(if negative { -value } else { value })
    }

    pub(super) fn xor(
        &mut self,
        lo: Literal,
        hi: Option<Literal>,
    ) -> ModifierKind {
        let lo = self.int(lo);
        let hi = hi.map_or(lo, |hi| self.int(hi));
        ModifierKind::Xor(Some((lo, hi)))
    }

    fn regex(&mut self, (span, sound): Literal) -> Option<RegexLit> {
        if !sound {
            self.diagnostics.push(literal::unclosed_regex(self.file, span));
            return None;
        }
        Some(literal::regex(self.text, self.file, span, &mut self.diagnostics))
    }

    pub(super) fn regex_value(&mut self, literal: Literal) -> PatternValue {
        self.regex(literal).map_or(PatternValue::Error, PatternValue::Regex)
    }

    pub(super) fn regex_expr(&mut self, literal: Literal) -> ExprKind {
        self.regex(literal).map_or(ExprKind::Error, ExprKind::Regex)
    }

    pub(super) fn bad_hex(&mut self, lo: u32, hi: u32) -> PatternValue {
        self.diagnostics.push(
            Diagnostic::new(
                Code::Syntax,
                self.file,
                Span::new(lo, lo + 1),
                "the hex pattern is not closed",
            )
            .label("opened here")
            .also(self.file, Span::new(hi, hi), "a `}` is missing here")
            .help("close it with `}`"),
        );
        PatternValue::Error
    }
}
