//! Suppression comments: `// suppress: code, code`.
//!
//! Hides what such a comment refers to: the rule or pattern that follows,
//! the line it ends, or the next line.

use std::collections::HashMap;

use super::{Code, Diagnostic};
use crate::source::{FileId, Span};
use crate::syntax::ast::{File, Item};

/// Names that mean the same code, or a check that is made elsewhere.
const ALIASES: &[(&str, Option<Code>)] = &[
    ("potentially_slow_loop", Some(Code::SlowLoop)),
    ("deprecated_field", None),
    ("invalid_metadata", None),
    ("missing_metadata", None),
    ("invalid_rule_name", None),
    ("invalid_tag", None),
    ("unknown_tag", None),
    ("meta_invalid", None),
    ("meta_missing", None),
    ("rule_name_style", None),
    ("tag_style", None),
    ("tag_unknown", None),
];

/// The suppressions of one file.
#[derive(Clone, Debug, Default)]
pub struct Suppressions {
    /// By code: the places where warnings are dropped, sorted by start;
    /// `hi` grows along with `lo`.
    places: HashMap<Code, Vec<Span>>,
}

impl Suppressions {
    /// Does a comment suppress this warning?
    pub fn covers(&self, code: Code, at: Span) -> bool {
        self.places.get(&code).is_some_and(|places| {
            let end = places.partition_point(|p| p.lo <= at.lo);
            end > 0 && at.lo < places[end - 1].hi
        })
    }

    /// Reads the comments of a file. Codes that do not exist give
    /// `unknown_code`.
    pub fn of(
        text: &[u8],
        ast: &File,
        file: FileId,
    ) -> (Suppressions, Vec<Diagnostic>) {
        let mut places: HashMap<Code, Vec<Span>> = HashMap::new();
        let mut diagnostics = Vec::new();
        let mut targets = None;
        let mut next = Next::default();
        // Backwards, so that a run of comments is walked once.
        for comment in ast.comments.iter().rev() {
            next.step(text, *comment);
            let Some(codes) = codes(comment.of(text)) else { continue };
            let targets = targets.get_or_insert_with(|| starts(ast));
            let place = place(text, *comment, &mut next, targets);
            for (offset, name) in codes {
                match find(name) {
                    Some(Some(code)) => {
                        places.entry(code).or_default().push(place);
                    }
                    Some(None) => {}
                    None => {
                        let lo = comment.lo + offset as u32;
                        let span = Span::new(lo, lo + name.len() as u32);
                        diagnostics.push(unknown(file, span, name));
                    }
                }
            }
        }
        for list in places.values_mut() {
            list.sort();
            // A later, shorter place must not hide an earlier, longer one.
            let mut reach = 0;
            for place in list {
                reach = reach.max(place.hi);
                place.hi = reach;
            }
        }
        (Suppressions { places }, diagnostics)
    }
}

fn unknown(file: FileId, span: Span, name: &str) -> Diagnostic {
    let message = format!("there is no diagnostic `{name}`");
    let new = Diagnostic::new(Code::UnknownCode, file, span, message)
        .label("suppresses nothing");
    let names = Code::ALL.iter().map(|code| code.name());
    match crate::check::closest(name, names) {
        Some(other) => new.help(format!("did you mean `{other}`?")),
        None => new.help("`dragnet check --explain list` names all codes"),
    }
}

fn find(name: &str) -> Option<Option<Code>> {
    let code = Code::ALL.iter().find(|code| code.name() == name);
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    code.map(|code| Some(*code)).or(alias.map(|(_, code)| *code))
}

/// The codes of a comment and their offsets in it.
fn codes(comment: &[u8]) -> Option<Vec<(usize, &str)>> {
    let comment = std::str::from_utf8(comment).ok()?;
    let body = comment.strip_prefix("//")?.trim_start();
    let list = body.strip_prefix("suppress:")?;
    let parts = list.split(',').map(str::trim).filter(|p| !p.is_empty());
    Some(
        parts
            .map(|p| (p.as_ptr() as usize - comment.as_ptr() as usize, p))
            .collect(),
    )
}

/// What follows a comment: the first byte that is neither white space nor
/// comment, and the end of its line.
#[derive(Default)]
struct Next {
    comment: Option<u32>,
    token: u32,
    line_end: Option<u32>,
}

impl Next {
    /// Goes back to an earlier comment.
    fn step(&mut self, text: &[u8], comment: Span) {
        let after = text.get(comment.hi as usize..).unwrap_or_default();
        let space = after.iter().take_while(|b| b.is_ascii_whitespace());
        let token = comment.hi + space.count() as u32;
        if self.comment != Some(token) {
            self.token = token;
            self.line_end = None;
        }
        self.comment = Some(comment.lo);
    }

    fn line_end(&mut self, text: &[u8]) -> u32 {
        let token = self.token as usize;
        *self.line_end.get_or_insert_with(|| {
            let after = text.get(token..).unwrap_or_default();
            let line = after.iter().take_while(|b| **b != b'\n');
            (token + line.count()) as u32
        })
    }
}

/// What a comment refers to.
fn place(
    text: &[u8],
    comment: Span,
    next: &mut Next,
    targets: &HashMap<u32, Span>,
) -> Span {
    let before = &text[..comment.lo as usize];
    let start = before.iter().rposition(|b| *b == b'\n');
    let start = start.map_or(0, |newline| newline + 1);
    if before[start..].iter().any(|b| !b.is_ascii_whitespace()) {
        return Span::new(start as u32, comment.lo);
    }
    match targets.get(&next.token) {
        Some(target) => *target,
        None => Span::new(comment.lo, next.line_end(text)),
    }
}

/// Rules and patterns by their first byte.
fn starts(ast: &File) -> HashMap<u32, Span> {
    let rules = ast.items.iter().filter_map(|item| match item {
        Item::Rule(rule) => Some(rule),
        _ => None,
    });
    let spans = rules.flat_map(|rule| {
        let patterns = rule.patterns.iter().map(|pattern| pattern.span);
        std::iter::once(rule.span).chain(patterns)
    });
    spans.map(|span| (span.lo, span)).collect()
}
