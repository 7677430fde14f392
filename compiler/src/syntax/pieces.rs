//! The text as a sequence of tokens and comments: what a formatter needs.

use super::lexer::Lexer;
use crate::source::{FileId, Span};

/// A token or a comment. Between two pieces there is nothing but white
/// space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where it stands.
    pub span: Span,
    /// Is it a comment?
    pub comment: bool,
}

/// The pieces of a text in order. Never fails: what starts no token is one,
/// too. A text of 4 GiB or more has none.
pub fn pieces(text: &[u8]) -> Vec<Piece> {
    if u32::try_from(text.len()).is_err() {
        return Vec::new();
    }
    let mut lexer = Lexer::new(text, FileId::default());
    let mut pieces = Vec::new();
    let mut seen = 0;
    loop {
        let token = lexer.next();
        for comment in &lexer.comments[seen..] {
            pieces.push(Piece { span: *comment, comment: true });
        }
        seen = lexer.comments.len();
        match token {
            Some(token) => {
                pieces.push(Piece { span: token.span, comment: false });
            }
            None => return pieces,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_stand_where_they_were_written() {
        let text = b"/* a */ rule // b\n x { /c/ } // d";
        let shown: Vec<(&[u8], bool)> = pieces(text)
            .iter()
            .map(|piece| (piece.span.of(text), piece.comment))
            .collect();
        let expected: [(&[u8], bool); 8] = [
            (b"/* a */", true),
            (b"rule", false),
            (b"// b", true),
            (b"x", false),
            (b"{", false),
            (b"/c/", false),
            (b"}", false),
            (b"// d", true),
        ];
        assert_eq!(shown, expected);
    }
}
