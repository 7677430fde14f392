//! The tokens of a text, each with the comments in front of it.

use dragnet_compiler::source::Span;
use dragnet_compiler::syntax::{Piece, pieces};

/// A comment and how it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Note<'t> {
    pub(super) text: &'t [u8],
    /// Nothing stands before it on its line.
    pub(super) own_line: bool,
    /// An empty line stands before it.
    pub(super) blank_before: bool,
    /// Nothing stands behind it on its line.
    pub(super) ends_line: bool,
}

impl Note<'_> {
    /// Must what it stands in be broken into lines?
    pub(super) fn is_hard(&self) -> bool {
        self.own_line || self.ends_line || self.text.contains(&b'\n')
    }
}

/// A token.
#[derive(Clone, Debug, Default)]
pub(super) struct Token<'t> {
    pub(super) text: &'t [u8],
    pub(super) span: Span,
    /// The comments between the token before it and this one.
    pub(super) notes: Vec<Note<'t>>,
    /// An empty line stands before it, and behind its comments.
    pub(super) blank_before: bool,
}

/// All tokens; the last one is empty and has the comments at the end.
pub(super) struct Tokens<'t> {
    all: Vec<Token<'t>>,
    last: Token<'t>,
}

impl<'t> Tokens<'t> {
    pub(super) fn new(text: &'t [u8]) -> Tokens<'t> {
        let pieces = pieces(text);
        let mut all = Vec::with_capacity(pieces.len());
        let mut notes = Vec::new();
        for (at, piece) in pieces.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| pieces.get(at));
            let lines = line_ends(text, before, Some(piece));
            let shown = piece.span.of(text);
            if piece.comment {
                let behind = pieces.get(at + 1);
                notes.push(Note {
                    text: trimmed(shown),
                    own_line: lines > 0 || at == 0,
                    blank_before: lines > 1,
                    ends_line: line_ends(text, Some(piece), behind) > 0
                        || behind.is_none()
                        || shown.starts_with(b"//"),
                });
            } else {
                all.push(Token {
                    text: shown,
                    span: piece.span,
                    notes: std::mem::take(&mut notes),
                    blank_before: lines > 1,
                });
            }
        }
        Tokens { all, last: Token { notes, ..Token::default() } }
    }

    pub(super) fn get(&self, index: usize) -> &Token<'t> {
        self.all.get(index).unwrap_or(&self.last)
    }

    pub(super) fn last(&self) -> &Token<'t> {
        &self.last
    }

    /// The index of the first token at or behind an offset.
    pub(super) fn index(&self, offset: u32) -> usize {
        self.all.partition_point(|token| token.span.lo < offset)
    }
}

/// A block comment is kept as it is: what it draws may be aligned.
fn trimmed(comment: &[u8]) -> &[u8] {
    if comment.starts_with(b"/*") && comment.ends_with(b"*/") {
        comment
    } else {
        comment.trim_ascii_end()
    }
}

fn line_ends(
    text: &[u8],
    before: Option<&Piece>,
    after: Option<&Piece>,
) -> usize {
    let lo = before.map_or(0, |piece| piece.span.hi);
    let hi = after.map_or(text.len() as u32, |piece| piece.span.lo);
    let between = Span::new(lo, hi.max(lo)).of(text);
    between.iter().filter(|byte| **byte == b'\n').count()
}
