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

/// The ids under which `dragnet lint` reports warnings of the compiler.
pub const LINT_IDS: &[(&str, Code)] = &[
    ("S003", Code::UnsupportedModule),
    ("S004", Code::IgnoredRule),
    ("S005", Code::DuplicateImport),
    ("S007", Code::NonBoolExpr),
    ("S008", Code::BoolIntComparison),
    ("S009", Code::AmbiguousExpr),
    ("S010", Code::SignConversion),
    ("S011", Code::UnsignedUnaryOp),
    ("S012", Code::RedundantModifier),
    ("S013", Code::ConsecutiveJumps),
    ("S014", Code::NonUtf8Source),
    ("S016", Code::EntrypointDeprecated),
    ("S017", Code::UnusedIdentifier),
    ("L001", Code::InvariantExpr),
    ("L002", Code::UnsatisfiableExpr),
    ("L005", Code::DuplicatePatternValue),
    ("L007", Code::UnintendedPatternInSet),
    ("L008", Code::GlobalRuleMisuse),
    ("P002", Code::SlowPattern),
    ("P019", Code::SlowLoop),
    ("P020", Code::TooManyIterations),
    ("N005", Code::TextAsHex),
];

/// A suppression comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The comment.
    pub span: Span,
    /// What it refers to.
    pub place: Span,
    /// What is suppressed: names of codes or ids of lints, as written.
    pub names: Vec<(Span, String)>,
    /// It says why, behind ` -- `.
    pub reason: bool,
}

/// The suppression comments of a file, in order.
pub fn comments(text: &[u8], ast: &File) -> Vec<Comment> {
    let mut all = Vec::new();
    let mut targets = None;
    let head = head_end(text, ast);
    let mut next = Next { head, ..Next::default() };
    // Backwards, so that a run of comments is walked once.
    for comment in ast.comments.iter().rev() {
        next.step(text, *comment);
        let Some((names, reason)) = codes(comment.of(text)) else { continue };
        let targets = targets.get_or_insert_with(|| starts(ast));
        let place = place(text, *comment, &mut next, targets);
        let names = names.into_iter().map(|(offset, name)| {
            let lo = comment.lo + offset as u32;
            (Span::new(lo, lo + name.len() as u32), name.to_owned())
        });
        let names = names.collect();
        all.push(Comment { span: *comment, place, names, reason });
    }
    all.reverse();
    all
}

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
        for comment in comments(text, ast) {
            for (span, name) in &comment.names {
                match find(name) {
                    Some(Some(code)) => {
                        places.entry(code).or_default().push(comment.place);
                    }
                    Some(None) => {}
                    None => diagnostics.push(unknown(file, *span, name)),
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
    match super::closest(name, names) {
        Some(other) => new.help(format!("did you mean `{other}`?")),
        None => new.help("`dragnet check --explain list` names all codes"),
    }
}

fn find(name: &str) -> Option<Option<Code>> {
    let code = Code::ALL.iter().find(|code| code.name() == name);
    let id = LINT_IDS.iter().find(|(id, _)| *id == name);
    let code = code.or(id.map(|(_, code)| code));
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    code.map(|code| Some(*code))
        .or(alias.map(|(_, code)| *code))
        .or(is_lint_id(name).then_some(None))
}

/// Does it look like the id of a lint? Whether there is such a one is not
/// known here.
fn is_lint_id(name: &str) -> bool {
    matches!(name.as_bytes(), [b'A'..=b'Z', digits @ ..]
        if digits.len() == 3 && digits.iter().all(u8::is_ascii_digit))
}

/// The codes of a comment and their offsets in it; is there a reason?
fn codes(comment: &[u8]) -> Option<(Vec<(usize, &str)>, bool)> {
    let comment = std::str::from_utf8(comment).ok()?;
    let body = comment.strip_prefix("//")?.trim_start();
    let list = body.strip_prefix("suppress:")?;
    let (list, reason) = match list.split_once(" -- ") {
        Some((list, reason)) => (list, !reason.trim().is_empty()),
        None => (list, false),
    };
    let parts = list.split(',').map(str::trim).filter(|p| !p.is_empty());
    let offset = |p: &str| p.as_ptr() as usize - comment.as_ptr() as usize;
    Some((parts.map(|p| (offset(p), p)).collect(), reason))
}

/// What follows a comment: the first byte that is neither white space nor
/// comment, and the end of its line.
#[derive(Default)]
struct Next {
    comment: Option<u32>,
    token: u32,
    line_end: Option<u32>,
    /// What ends before this stands apart at the head of the file.
    head: u32,
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
        // Set apart at the head of the file it is about all of it.
        _ if comment.hi <= next.head => Span::new(0, text.len() as u32),
        Some(target) => *target,
        None => Span::new(comment.lo, next.line_end(text)),
    }
}

/// Where the last empty line before the first item begins: comments before
/// it are about the file.
fn head_end(text: &[u8], ast: &File) -> u32 {
    let first = ast.items.first().map_or(u32::MAX, item_start);
    let head = &text[..text.len().min(first as usize)];
    let mut at = head.len();
    // The line on which the item begins is not empty.
    let lines = head.rsplit(|byte| *byte == b'\n');
    for (back, line) in lines.enumerate() {
        at -= line.len();
        if back > 0 && line.trim_ascii().is_empty() {
            return at as u32;
        }
        at = at.saturating_sub(1);
    }
    0
}

fn item_start(item: &Item) -> u32 {
    match item {
        Item::Import { span, .. }
        | Item::Include { span, .. }
        | Item::Error { span, .. } => span.lo,
        Item::Rule(rule) => rule.span.lo,
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
