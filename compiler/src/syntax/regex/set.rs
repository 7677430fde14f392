//! Sets of bytes, or with flag `u` of code points, and what they match.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};
use regex_syntax::utf8::{Utf8Range, Utf8Sequences};

use crate::pattern::hir::{ByteSet, Hir};

/// Byte sequences that the Unicode classes of one expression may make.
pub(super) const MAX_SEQUENCES: usize = 200_000;

/// A set.
#[derive(Clone, Debug)]
pub(super) enum Set {
    /// Bytes.
    Bytes(ByteSet),
    /// Code points.
    Codes(ClassUnicode),
}

impl Set {
    /// Nothing.
    pub(super) fn empty(unicode: bool) -> Set {
        if unicode {
            Set::Codes(ClassUnicode::empty())
        } else {
            Set::Bytes(ByteSet::EMPTY)
        }
    }

    /// A class by its name in the syntax of `regex-syntax`, for code points.
    pub(super) fn unicode(class: &str) -> Option<Set> {
        let hir = regex_syntax::parse(&format!("[{class}]")).ok()?;
        match hir.into_kind() {
            regex_syntax::hir::HirKind::Class(
                regex_syntax::hir::Class::Unicode(class),
            ) => Some(Set::Codes(class)),
            regex_syntax::hir::HirKind::Literal(literal) => {
                let text = std::str::from_utf8(&literal.0).ok()?;
                let code = text.chars().next()?;
                let mut set = Set::empty(true);
                set.insert_range(code, code);
                Some(set)
            }
            _ => None,
        }
    }

    /// Adds code points; in a set of bytes those up to 255, as bytes.
    pub(super) fn insert_range(&mut self, lo: char, hi: char) {
        match self {
            Set::Bytes(set) => {
                let byte = |c: char| u8::try_from(c).unwrap_or(u8::MAX);
                set.insert_range(byte(lo), byte(hi));
            }
            Set::Codes(set) => set.push(ClassUnicodeRange::new(lo, hi)),
        }
    }

    /// Replaces the set by its complement.
    pub(super) fn negate(&mut self) {
        match self {
            Set::Bytes(set) => *set = set.complement(),
            Set::Codes(set) => set.negate(),
        }
    }

    /// Adds the other cases of all letters.
    pub(super) fn fold_case(&mut self) {
        match self {
            Set::Bytes(set) => *set = set.fold_case(),
            Set::Codes(set) => {
                // Fails only where the tables are not compiled in.
                let _ = set.try_case_fold_simple();
            }
        }
    }

    /// Adds another set of the same kind.
    pub(super) fn union(&mut self, other: &Set) {
        match (self, other) {
            (Set::Bytes(a), Set::Bytes(b)) => *a = a.union(b),
            (Set::Codes(a), Set::Codes(b)) => a.union(b),
            _ => {}
        }
    }

    /// Keeps what is in both.
    pub(super) fn intersect(&mut self, other: &Set) {
        match (self, other) {
            (Set::Bytes(a), Set::Bytes(b)) => *a = a.intersect(b),
            (Set::Codes(a), Set::Codes(b)) => a.intersect(b),
            _ => {}
        }
    }

    /// Takes out what is in `other`.
    pub(super) fn subtract(&mut self, other: &Set) {
        match (self, other) {
            (Set::Bytes(a), Set::Bytes(b)) => {
                *a = a.intersect(&b.complement());
            }
            (Set::Codes(a), Set::Codes(b)) => a.difference(b),
            _ => {}
        }
    }

    /// Keeps what is in one of the two only.
    pub(super) fn exclusive(&mut self, other: &Set) {
        let mut both = self.clone();
        both.intersect(other);
        self.union(other);
        self.subtract(&both);
    }

    /// What the set matches. `None` if that takes more byte sequences than
    /// `budget` has left.
    pub(super) fn into_hir(self, budget: &mut usize) -> Option<Hir> {
        let codes = match self {
            Set::Bytes(set) => return Some(class(set)),
            Set::Codes(codes) => codes,
        };
        let mut single = ByteSet::EMPTY;
        // Sequences that differ in their last byte only are kept together.
        let mut long: Vec<(Vec<Utf8Range>, ByteSet)> = Vec::new();
        for range in codes.ranges() {
            for sequence in Utf8Sequences::new(range.start(), range.end()) {
                let Some((last, prefix)) = sequence.as_slice().split_last()
                else {
                    continue;
                };
                if prefix.is_empty() {
                    single.insert_range(last.start, last.end);
                    continue;
                }
                match long.last_mut() {
                    Some((before, set)) if before == prefix => {
                        set.insert_range(last.start, last.end);
                    }
                    _ => {
                        *budget = budget.checked_sub(1)?;
                        let mut set = ByteSet::EMPTY;
                        set.insert_range(last.start, last.end);
                        long.push((prefix.to_vec(), set));
                    }
                }
            }
        }
        let mut alternatives = Vec::new();
        if !single.is_empty() || long.is_empty() {
            alternatives.push(class(single));
        }
        alternatives.extend(long.into_iter().map(|(prefix, last)| {
            let bytes = prefix.iter().map(|range| {
                let mut set = ByteSet::EMPTY;
                set.insert_range(range.start, range.end);
                Hir::Class(set)
            });
            Hir::Concat(bytes.chain([Hir::Class(last)]).collect())
        }));
        if alternatives.len() == 1 {
            return alternatives.pop();
        }
        Some(Hir::Alternation(alternatives))
    }
}

/// A set of one byte is a literal.
fn class(set: ByteSet) -> Hir {
    match (set.len(), set.iter().next()) {
        (1, Some(byte)) => Hir::Literal(vec![byte]),
        _ => Hir::Class(set),
    }
}
