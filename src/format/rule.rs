//! Rules: header, sections and their entries.

use std::ops::Range;

use dragnet_compiler::source::Span;
use dragnet_compiler::syntax::ast::{PatternValue, Rule};

use super::out::{Out, Sep};
use super::tokens::Tokens;
use super::{Brace, Style, condition, hex};

/// The level of section names.
const SECTION: usize = 1;
/// The level of what stands in them.
pub(super) const ENTRY: usize = 2;

/// Writes the tokens of a rule.
pub(super) fn write(
    out: &mut Out,
    tokens: &Tokens<'_>,
    range: Range<usize>,
    rule: &Rule,
    style: &Style,
) {
    let mut at = header(out, tokens, range.clone(), style);
    // The last token is the closing brace.
    let end = range.end.saturating_sub(1);
    let mut level = SECTION;
    while at < end {
        let name = tokens.get(at);
        out.notes(name, level, level == ENTRY);
        let first = level == SECTION;
        out.token(name, if first { Sep::Tight } else { Sep::Line }, SECTION);
        out.put(tokens.get(at + 1), Sep::None, ENTRY);
        at += 2;
        level = ENTRY;
        match name.text {
            b"meta" => {
                let all = rule.meta.iter();
                let entries = all.map(|m| m.key.span.to(m.span)).collect();
                let align = style.align_meta;
                at =
                    section(out, tokens, at, entries, align, |_| false, style);
            }
            b"strings" => {
                let all = rule.patterns.iter();
                let entries = all.map(|p| p.span).collect();
                let align = style.align_strings;
                let is_hex = |lo: u32| {
                    let next = rule
                        .patterns
                        .binary_search_by_key(&lo, |p| p.value_span.lo);
                    next.is_ok_and(|at| {
                        let value = &rule.patterns[at].value;
                        matches!(value, PatternValue::Hex(_))
                    })
                };
                at = section(out, tokens, at, entries, align, is_hex, style);
            }
            _ => {
                condition::write(out, tokens, at..end, style);
                at = end;
            }
        }
    }
    let brace = tokens.get(end);
    out.notes(brace, level, level == ENTRY);
    out.token(brace, Sep::Tight, 0);
}

/// Everything up to the opening brace; gives the index behind it.
fn header(
    out: &mut Out,
    tokens: &Tokens<'_>,
    range: Range<usize>,
    style: &Style,
) -> usize {
    for at in range.clone() {
        let token = tokens.get(at);
        let is_brace = token.text == b"{";
        let sep = match (at == range.start, is_brace, style.brace) {
            (true, ..) => Sep::Line,
            (_, true, Brace::NextLine) => Sep::Tight,
            _ => Sep::Space,
        };
        out.put(token, sep, 0);
        if is_brace {
            return at + 1;
        }
    }
    range.end
}

/// The entries of `meta` or `strings`; gives the index behind them.
fn section(
    out: &mut Out,
    tokens: &Tokens<'_>,
    start: usize,
    entries: Vec<Span>,
    align: bool,
    is_hex: impl Fn(u32) -> bool,
    style: &Style,
) -> usize {
    let name_length = |span: &Span| {
        let name = tokens.get(tokens.index(span.lo));
        name.text.len()
    };
    let widest = match align {
        true => entries.iter().map(name_length).max().unwrap_or(0),
        false => 0,
    };
    let mut at = start;
    for span in entries {
        let end = tokens.index(span.hi);
        let name = tokens.get(at);
        let sep = if at == start { Sep::Tight } else { Sep::Line };
        out.notes(name, ENTRY, at != start);
        out.token(name, sep, ENTRY);
        out.pad(widest.saturating_sub(name.text.len()));
        at += 1;
        while at < end {
            let token = tokens.get(at);
            let before = tokens.get(at - 1).text;
            let glued = matches!(before, b"(" | b"-")
                || matches!(token.text, b"(" | b")")
                || token.text == b"-" && before != b"=";
            let sep = if glued { Sep::None } else { Sep::Space };
            if is_hex(token.span.lo) {
                let body = hex::lay_out(token.text, out, style);
                let shown =
                    super::tokens::Token { text: &body, ..token.clone() };
                out.put(&shown, sep, ENTRY + 1);
            } else {
                out.put(token, sep, ENTRY + 1);
            }
            at += 1;
        }
    }
    at
}
