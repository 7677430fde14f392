//! Writes tokens and their comments; knows lines, columns and levels.

use super::Style;
use super::tokens::{Note, Token};

/// Levels beyond this are not indented further: the text must not grow with
/// the square of the nesting.
const DEEPEST: usize = 24;

/// What stands in front of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sep {
    /// Nothing.
    None,
    /// One space.
    Space,
    /// It begins a line; an empty line before it is kept.
    Line,
    /// It begins a line, without an empty line before it.
    Tight,
}

/// The text that is written.
pub(super) struct Out {
    bytes: Vec<u8>,
    line_end: &'static [u8],
    indent: usize,
    /// Where the line at hand begins.
    line: usize,
    /// A comment ended the line.
    must_break: bool,
    want_blank: bool,
}

const BOM: &[u8] = b"\xef\xbb\xbf";

impl Out {
    pub(super) fn new(source: &[u8], style: &Style) -> Out {
        let first = source.iter().position(|byte| *byte == b'\n');
        let before = first.and_then(|at| at.checked_sub(1));
        let crlf = before.is_some_and(|at| source.get(at) == Some(&b'\r'));
        let bom = source.starts_with(BOM);
        let bytes = if bom { BOM.to_vec() } else { Vec::new() };
        Out {
            line: bytes.len(),
            bytes,
            line_end: if crlf { b"\r\n" } else { b"\n" },
            indent: style.indent,
            must_break: false,
            want_blank: false,
        }
    }

    /// An empty line comes before what is next on a line of its own.
    pub(super) fn want_blank(&mut self) {
        self.want_blank = true;
    }

    pub(super) fn column(&self) -> usize {
        self.bytes.len() - self.line
    }

    fn at_line_start(&self) -> bool {
        self.column() == 0
    }

    fn break_line(&mut self, level: usize, blank: bool) {
        let blank = std::mem::take(&mut self.want_blank) || blank;
        let is_first = self.line == self.bytes.len()
            && (self.bytes.is_empty() || self.bytes == BOM);
        if !is_first {
            self.bytes.extend(self.line_end);
            if blank {
                self.bytes.extend(self.line_end);
            }
        }
        self.line = self.bytes.len();
        let spaces = level.min(DEEPEST) * self.indent;
        self.bytes.resize(self.bytes.len() + spaces, b' ');
        self.must_break = false;
    }

    /// Writes text that may hold line ends.
    pub(super) fn raw(&mut self, text: &[u8]) {
        self.bytes.extend(text);
        if let Some(at) = text.iter().rposition(|byte| *byte == b'\n') {
            self.line = self.bytes.len() - (text.len() - at - 1);
        }
    }

    /// So many spaces.
    pub(super) fn pad(&mut self, count: usize) {
        self.bytes.resize(self.bytes.len() + count, b' ');
    }

    fn note(&mut self, note: &Note<'_>, level: usize, blanks: bool) {
        if note.own_line || self.must_break {
            self.break_line(level, note.blank_before && blanks);
        } else if !self.at_line_start() {
            self.bytes.push(b' ');
        }
        self.raw(note.text);
        self.must_break = note.ends_line;
    }

    /// The comments in front of a token, those on lines of their own at a
    /// level.
    pub(super) fn notes(
        &mut self,
        token: &Token<'_>,
        level: usize,
        blanks: bool,
    ) {
        for note in &token.notes {
            self.note(note, level, blanks);
        }
    }

    /// A token behind its comments.
    pub(super) fn put(&mut self, token: &Token<'_>, sep: Sep, level: usize) {
        self.notes(token, level, sep == Sep::Line);
        self.token(token, sep, level);
    }

    /// A token whose comments are written.
    pub(super) fn token(&mut self, token: &Token<'_>, sep: Sep, level: usize) {
        let noted = !token.notes.is_empty();
        match sep {
            Sep::Line => self.break_line(level, token.blank_before),
            Sep::Tight => self.break_line(level, false),
            _ if self.must_break => self.break_line(level, false),
            Sep::None if !noted => {}
            Sep::None | Sep::Space => self.bytes.push(b' '),
        }
        self.raw(token.text);
    }

    /// The text, with the comments at the end.
    pub(super) fn finish(mut self, last: &Token<'_>) -> Vec<u8> {
        self.want_blank = false;
        self.notes(last, 0, true);
        if !self.bytes.is_empty() && self.bytes != BOM {
            self.bytes.extend(self.line_end);
        }
        self.bytes
    }
}
