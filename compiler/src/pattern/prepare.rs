//! The pieces of patterns and the atoms that find them: the part of lowering
//! that takes time and looks at one pattern alone, so that many are done at
//! once.

use rayon::prelude::*;

use super::atoms::{self, Cover, Shape};
use super::chain::{self, Piece};
use super::hir::Hir;
use super::{Pattern, Value};

/// So many patterns are prepared together; it bounds the memory for what is
/// not written yet.
pub(crate) const BATCH: usize = 1024;

/// Fewer are not worth to wake other threads.
const FEW: usize = 64;

/// The pieces of a form, each with its atoms, if it has any.
pub(super) type Pieces = Vec<(Piece, Option<Cover>)>;

/// The pieces of the forms of a pattern, and nothing for a literal.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    narrow: Pieces,
    wide: Pieces,
}

impl Prepared {
    /// Prepares a pattern for atoms of at most so many bytes.
    pub(crate) fn new(pattern: &Pattern, length: usize) -> Prepared {
        let (Value::Regex { hir, .. } | Value::Hex(hir)) = &pattern.value
        else {
            return Prepared::default();
        };
        let form = |wide: bool, wanted: bool| match wanted {
            true => pieces(hir, Shape { length, wide }),
            false => Vec::new(),
        };
        Prepared {
            narrow: form(false, pattern.ascii),
            wide: form(true, pattern.wide),
        }
    }

    pub(super) fn take(&mut self, wide: bool) -> Pieces {
        let form = if wide { &mut self.wide } else { &mut self.narrow };
        std::mem::take(form)
    }
}

/// Prepares patterns, in their order.
pub(crate) fn all(patterns: &[&Pattern], length: usize) -> Vec<Prepared> {
    let one = |pattern: &&Pattern| Prepared::new(pattern, length);
    if patterns.len() < FEW {
        return patterns.iter().map(one).collect();
    }
    patterns.par_iter().map(one).collect()
}

fn pieces(hir: &Hir, shape: Shape) -> Pieces {
    // The wide form keeps its jumps: the zeros inside them count.
    let pieces = match shape.wide {
        true => vec![chain::whole(hir)],
        false => chain::split(hir),
    };
    let cover = |piece: Piece| {
        let cover = atoms::cover(&piece.hir, shape);
        (piece, cover)
    };
    pieces.into_iter().map(cover).collect()
}
