//! Conditions: `and` and `or` begin lines; a group in parentheses is broken
//! only where it does not fit.

use std::ops::Range;

use super::Style;
use super::out::{Out, Sep};
use super::rule::ENTRY;
use super::tokens::{Token, Tokens};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// On one line.
    Flat,
    /// `and` and `or` begin lines.
    Broken,
    /// A list: as many items on a line as fit.
    Filled,
}

/// A group that is open.
struct Frame {
    kind: Kind,
    level: usize,
    close: usize,
}

/// What is known about a group before it is written.
#[derive(Clone, Copy, Default)]
struct Group {
    close: usize,
    junction: bool,
    comma: bool,
}

struct Plan<'a, 't> {
    tokens: &'a Tokens<'t>,
    range: Range<usize>,
    /// By token: the group that it opens.
    groups: Vec<Group>,
    /// By token: width of all before it on one line.
    widths: Vec<usize>,
    /// By token: comments before it that break lines.
    hard: Vec<usize>,
    /// `and` or `or` outside of all groups.
    junction: bool,
}

/// Writes the tokens of a condition.
pub(super) fn write(
    out: &mut Out,
    tokens: &Tokens<'_>,
    range: Range<usize>,
    style: &Style,
) {
    let plan = Plan::new(tokens, range.clone());
    let kind = if plan.junction { Kind::Broken } else { Kind::Flat };
    let mut frames = vec![Frame { kind, level: ENTRY, close: range.end }];
    let mut opened = false;
    for at in range.clone() {
        let token = tokens.get(at);
        let Some(frame) = frames.last() else { return };
        let (kind, level) = (frame.kind, frame.level);
        if frame.close == at {
            frames.pop();
            let outer = frames.last().map_or(ENTRY, |frame| frame.level);
            out.notes(token, level, false);
            let sep = match kind {
                Kind::Broken => Sep::Tight,
                _ => Sep::None,
            };
            out.token(token, sep, outer);
            opened = false;
            continue;
        }
        let begins = at == range.start
            || opened
            || kind == Kind::Broken && is_junction(token.text)
            || kind == Kind::Filled
                && tokens.get(at - 1).text == b","
                && out.column() + plan.item_width(at, frame) > style.width;
        let sep = if begins { Sep::Tight } else { plan.sep(at) };
        out.put(token, sep, level);
        opened = false;
        if let Some(group) = plan.group(at) {
            let kind = plan.kind(at, group, out.column(), style);
            let deeper = usize::from(kind != Kind::Flat);
            opened = kind == Kind::Broken;
            let close = group.close;
            frames.push(Frame { kind, level: level + deeper, close });
        }
    }
}

impl<'a, 't> Plan<'a, 't> {
    fn new(tokens: &'a Tokens<'t>, range: Range<usize>) -> Plan<'a, 't> {
        let count = range.len();
        let mut plan = Plan {
            tokens,
            range: range.clone(),
            groups: vec![Group::default(); count],
            widths: Vec::with_capacity(count + 1),
            hard: Vec::with_capacity(count + 1),
            junction: false,
        };
        let mut open: Vec<usize> = Vec::new();
        let (mut width, mut hard) = (0, 0);
        for at in range.clone() {
            plan.widths.push(width);
            plan.hard.push(hard);
            let token = tokens.get(at);
            let sep = plan.sep(at) == Sep::Space;
            let notes = token.notes.iter().map(|note| note.text.len() + 1);
            width += token.text.len() + usize::from(sep);
            width += notes.sum::<usize>();
            hard += token.notes.iter().filter(|n| n.is_hard()).count();
            // A text over several lines fits nowhere.
            hard += usize::from(token.text.contains(&b'\n'));
            let here = at - range.start;
            match token.text {
                b"(" | b"[" => open.push(here),
                b")" | b"]" => {
                    if let Some(start) = open.pop() {
                        plan.groups[start].close = at;
                    }
                }
                b"," => {
                    if let Some(start) = open.last() {
                        plan.groups[*start].comma = true;
                    }
                }
                text if is_junction(text) => match open.last() {
                    Some(start) => plan.groups[*start].junction = true,
                    None => plan.junction = true,
                },
                _ => {}
            }
        }
        plan.widths.push(width);
        plan.hard.push(hard);
        plan
    }

    fn group(&self, at: usize) -> Option<Group> {
        let group = self.groups.get(at - self.range.start)?;
        (group.close > at).then_some(*group)
    }

    fn kind(
        &self,
        at: usize,
        group: Group,
        column: usize,
        style: &Style,
    ) -> Kind {
        let from = at + 1 - self.range.start;
        let to = group.close + 1 - self.range.start;
        let width = self.widths[to] - self.widths[from];
        let hard = self.hard[to] - self.hard[from];
        match (group.junction, group.comma) {
            _ if hard == 0 && column + width <= style.width => Kind::Flat,
            (true, _) => Kind::Broken,
            (false, true) => Kind::Filled,
            (false, false) => Kind::Flat,
        }
    }

    /// The width of an item of a list with what ends it.
    fn item_width(&self, at: usize, frame: &Frame) -> usize {
        let mut end = at;
        while end < frame.close && self.tokens.get(end).text != b"," {
            end = match self.group(end) {
                Some(group) => group.close + 1,
                None => end + 1,
            };
        }
        let from = self.widths[at - self.range.start];
        self.widths[end + 1 - self.range.start] - from
    }

    /// What stands between a token and the one before it on one line.
    fn sep(&self, at: usize) -> Sep {
        let Some(before) = at.checked_sub(1) else { return Sep::Space };
        if before < self.range.start {
            return Sep::Space;
        }
        let text = |at: usize| self.tokens.get(at).text;
        let behind = |at: usize| match at + 1 < self.range.end {
            true => text(at + 1),
            false => &[],
        };
        let glued = match (text(before), text(at)) {
            (_, b")" | b"]" | b"," | b".." | b"." | b"[") => true,
            (b"(" | b"[" | b".." | b"." | b"~", _) => true,
            (_, b"*") => matches!(behind(at), b"," | b")"),
            (_, b"%") => behind(at) == b"of",
            (b"-", _) => self.is_sign(before),
            (word, b"(") => self.is_callee(word, before),
            _ => false,
        };
        if glued { Sep::None } else { Sep::Space }
    }

    /// Is this `-` no subtraction?
    fn is_sign(&self, at: usize) -> bool {
        if at <= self.range.start {
            return true;
        }
        let before = self.tokens.get(at - 1);
        !ends_value(before)
    }

    fn is_callee(&self, word: &[u8], at: usize) -> bool {
        let is_field =
            at > self.range.start && self.tokens.get(at - 1).text == b".";
        let is_word = word
            .first()
            .is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
        is_word && (is_field || !is_keyword(word))
    }
}

fn is_junction(text: &[u8]) -> bool {
    matches!(text, b"and" | b"or")
}

/// Can a value end with this token?
fn ends_value(token: &Token<'_>) -> bool {
    match token.text {
        b")" | b"]" | b"filesize" | b"entrypoint" => true,
        word if is_keyword(word) => false,
        [first, ..] => {
            first.is_ascii_alphanumeric() || b"_\"$#@!/".contains(first)
        }
        [] => false,
    }
}

/// Words that no parenthesis of a call follows.
fn is_keyword(word: &[u8]) -> bool {
    matches!(
        word,
        b"and"
            | b"or"
            | b"not"
            | b"defined"
            | b"of"
            | b"in"
            | b"at"
            | b"for"
            | b"all"
            | b"any"
            | b"none"
            | b"contains"
            | b"icontains"
            | b"startswith"
            | b"istartswith"
            | b"endswith"
            | b"iendswith"
            | b"iequals"
            | b"matches"
    )
}
