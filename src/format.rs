//! Lays out rule text: one form for all rules, comments kept.
//!
//! What is written depends on the tokens, and on which comments stand on
//! lines of their own; so formatting twice is formatting once. The result is
//! compared with what came in before anybody gets it.

mod condition;
mod hex;
mod out;
mod rule;
mod tokens;

use dragnet_compiler::diag::Diagnostic;
use dragnet_compiler::source::FileId;
use dragnet_compiler::syntax::ast::{File, Item};
use dragnet_compiler::syntax::{self, pieces};

use crate::logic_hash::LogicHash;
use out::{Out, Sep};
use tokens::Tokens;

/// Where the opening brace of a rule stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Brace {
    /// Behind the name.
    #[default]
    SameLine,
    /// On a line of its own.
    NextLine,
}

/// How rules are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Spaces for each level.
    pub indent: usize,
    /// Lines are broken where they would be longer.
    pub width: usize,
    /// Bytes of a hex pattern on one line, if they do not fit on one.
    pub hex_bytes: usize,
    /// Where the opening brace stands.
    pub brace: Brace,
    /// Align the `=` of a `meta` section.
    pub align_meta: bool,
    /// Align the `=` of a `strings` section.
    pub align_strings: bool,
}

impl Default for Style {
    fn default() -> Style {
        Style {
            indent: 4,
            width: 100,
            hex_bytes: 16,
            brace: Brace::SameLine,
            align_meta: false,
            align_strings: false,
        }
    }
}

/// Why a text is not formatted.
#[derive(Clone, Debug, PartialEq)]
pub enum NotFormatted {
    /// It has errors of syntax: these.
    Syntax(Vec<Diagnostic>),
    /// The result would have meant something else: a defect of ours.
    Defect,
}

/// Lays out a text. A byte-order mark and the kind of line ends are kept.
///
/// # Errors
/// The text has errors of syntax.
///
/// ```
/// use dragnet::{Style, format_rules};
///
/// let text = b"rule a{condition:filesize<1KB and(true)}";
/// let formatted = format_rules(text, &Style::default()).unwrap();
/// assert_eq!(
///     String::from_utf8(formatted).unwrap(),
///     "rule a {\n    condition:\n        filesize < 1KB\n        \
///      and (true)\n}\n"
/// );
/// ```
pub fn format_rules(
    text: &[u8],
    style: &Style,
) -> Result<Vec<u8>, NotFormatted> {
    let (file, diagnostics) = syntax::parse(text, FileId::default());
    if diagnostics.iter().any(Diagnostic::is_error) {
        let errors = diagnostics.into_iter().filter(Diagnostic::is_error);
        return Err(NotFormatted::Syntax(errors.collect()));
    }
    let formatted = lay_out(&file, text, style);
    if is_same(&file, text, &formatted) {
        Ok(formatted)
    } else {
        Err(NotFormatted::Defect)
    }
}

fn lay_out(file: &File, text: &[u8], style: &Style) -> Vec<u8> {
    let tokens = Tokens::new(text);
    let mut out = Out::new(text, style);
    let mut next = 0;
    let mut after_rule = false;
    for (at, item) in file.items.iter().enumerate() {
        let span = match item {
            Item::Import { span, .. }
            | Item::Include { span, .. }
            | Item::Error { span, .. } => *span,
            Item::Rule(rule) => rule.span,
        };
        let end = tokens.index(span.hi);
        let is_rule = matches!(item, Item::Rule(_));
        if at > 0 && (is_rule || after_rule) {
            out.want_blank();
        }
        match item {
            Item::Rule(rule) => {
                rule::write(&mut out, &tokens, next..end, rule, style);
            }
            _ => {
                for index in next..end {
                    let sep =
                        if index == next { Sep::Line } else { Sep::Space };
                    out.put(tokens.get(index), sep, 0);
                }
            }
        }
        next = end;
        after_rule = is_rule;
    }
    out.finish(tokens.last())
}

/// Do both texts mean the same? What a text means depends on its tokens
/// alone, but for two things that are looked at more closely: hex patterns
/// have white space inside, and where one has a comment a byte could end up
/// in it; and tokens that come together can be one, as `$a *` and `$a*`.
fn is_same(file: &File, before: &[u8], after: &[u8]) -> bool {
    let (old, new) = (Essence::of(before), Essence::of(after));
    let is_sure = old.ends == new.ends && !old.has_hidden_comments;
    old.tokens == new.tokens
        && old.comments == new.comments
        && (is_sure || has_same_logic(file, before, after))
}

/// Have all rules the same logic?
fn has_same_logic(file: &File, before: &[u8], after: &[u8]) -> bool {
    let (other, _) = syntax::parse(after, FileId::default());
    if file.items.len() != other.items.len() {
        return false;
    }
    file.items.iter().zip(&other.items).all(|pair| match pair {
        (Item::Rule(a), Item::Rule(b)) => {
            LogicHash::of_rule(file, before, a)
                == LogicHash::of_rule(&other, after, b)
        }
        (Item::Import { module: a, .. }, Item::Import { module: b, .. })
        | (Item::Include { path: a, .. }, Item::Include { path: b, .. }) => {
            a == b
        }
        _ => false,
    })
}

/// What must not change: tokens and comments.
struct Essence<'t> {
    /// All tokens, without white space in hex patterns.
    tokens: Vec<u8>,
    /// Where each of them ends.
    ends: Vec<usize>,
    comments: Vec<&'t [u8]>,
    /// Are there comments inside of hex patterns?
    has_hidden_comments: bool,
}

impl Essence<'_> {
    fn of(text: &[u8]) -> Essence<'_> {
        let mut all = Essence {
            tokens: Vec::with_capacity(text.len()),
            ends: Vec::new(),
            comments: Vec::new(),
            has_hidden_comments: false,
        };
        for piece in pieces(text) {
            let shown = piece.span.of(text);
            if piece.comment {
                all.comments.push(shown.trim_ascii_end());
                continue;
            }
            if shown.len() > 1 && shown.starts_with(b"{") {
                all.has_hidden_comments |= shown.contains(&b'/');
                let bytes = shown.iter().filter(|b| !b.is_ascii_whitespace());
                all.tokens.extend(bytes);
            } else {
                all.tokens.extend(shown);
            }
            all.ends.push(all.tokens.len());
        }
        all
    }
}
