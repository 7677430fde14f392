//! Puts parts of patterns together.
//!
//! Neighbouring literals become one, and groups that change nothing vanish.
//! A long part is not copied into a short one: nested groups would make that
//! quadratic.

use crate::pattern::hir::Hir;

/// Parts that are moved whatever stands before them.
const FEW: usize = 8;

/// Appends bytes to a concatenation.
pub(super) fn append_literal(parts: &mut Vec<Hir>, bytes: &[u8]) {
    if let Some(Hir::Literal(last)) = parts.last_mut() {
        last.extend(bytes);
    } else {
        parts.push(Hir::Literal(bytes.to_vec()));
    }
}

/// Appends what follows to a concatenation.
pub(super) fn append(parts: &mut Vec<Hir>, hir: Hir) {
    let room = parts.len() + FEW;
    match hir {
        Hir::Empty => {}
        Hir::Literal(bytes) => match parts.last_mut() {
            Some(Hir::Literal(last)) => last.extend(bytes),
            _ => parts.push(Hir::Literal(bytes)),
        },
        Hir::Concat(inner) if parts.is_empty() => *parts = inner,
        Hir::Concat(inner) if inner.len() <= room => {
            inner.into_iter().for_each(|part| append(parts, part));
        }
        hir => parts.push(hir),
    }
}

/// Appends an alternative. The order of choice stays what it is.
pub(super) fn append_alternative(alternatives: &mut Vec<Hir>, hir: Hir) {
    match hir {
        Hir::Alternation(inner) if alternatives.is_empty() => {
            *alternatives = inner;
        }
        Hir::Alternation(inner) if inner.len() <= alternatives.len() + FEW => {
            alternatives.extend(inner);
        }
        hir => alternatives.push(hir),
    }
}

/// The concatenation of the parts.
pub(super) fn concat(mut parts: Vec<Hir>) -> Hir {
    match parts.pop() {
        None => Hir::Empty,
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            Hir::Concat(parts)
        }
    }
}
