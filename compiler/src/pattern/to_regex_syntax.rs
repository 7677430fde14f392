//! Our form of regular expressions as that of the `regex-syntax` crate, from
//! which `regex-automata` builds its automata.

use regex_syntax::hir::{
    self as theirs, Class, ClassBytes, ClassBytesRange, Repetition,
};

use super::hir::{ByteSet, Hir, Look};

/// Converts, or `None` if a [`Look`] is in it that the crate does not know
/// (lines that end with CR or CR LF).
pub fn convert(hir: &Hir) -> Option<theirs::Hir> {
    stacker::maybe_grow(64 << 10, 1 << 20, || match hir {
        Hir::Empty => Some(theirs::Hir::empty()),
        Hir::Literal(bytes) => Some(theirs::Hir::literal(bytes.as_slice())),
        Hir::Class(set) => Some(theirs::Hir::class(class(set))),
        Hir::Look(place) => look(*place).map(theirs::Hir::look),
        Hir::Concat(parts) => {
            let parts = parts.iter().map(convert).collect::<Option<_>>()?;
            Some(theirs::Hir::concat(parts))
        }
        Hir::Alternation(parts) => {
            let parts = parts.iter().map(convert).collect::<Option<_>>()?;
            Some(theirs::Hir::alternation(parts))
        }
        Hir::Repeat { min, max, greedy, sub } => {
            Some(theirs::Hir::repetition(Repetition {
                min: *min,
                max: *max,
                greedy: *greedy,
                sub: Box::new(convert(sub)?),
            }))
        }
    })
}

fn class(set: &ByteSet) -> Class {
    let ranges = set.iter().map(|byte| ClassBytesRange::new(byte, byte));
    Class::Bytes(ClassBytes::new(ranges))
}

fn look(look: Look) -> Option<theirs::Look> {
    Some(match look {
        Look::Start => theirs::Look::Start,
        Look::End => theirs::Look::End,
        Look::LineStart | Look::LineEnd => return None,
        Look::LineStartLf => theirs::Look::StartLF,
        Look::LineEndLf => theirs::Look::EndLF,
        Look::WordBoundary => theirs::Look::WordAscii,
        Look::NotWordBoundary => theirs::Look::WordAsciiNegate,
        Look::WordStart => theirs::Look::WordStartAscii,
        Look::WordEnd => theirs::Look::WordEndAscii,
        Look::WordStartHalf => theirs::Look::WordStartHalfAscii,
        Look::WordEndHalf => theirs::Look::WordEndHalfAscii,
    })
}
