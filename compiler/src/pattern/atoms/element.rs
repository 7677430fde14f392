//! A pattern as a sequence of bytes, sets of bytes and parts of unknown
//! content: what windows are cut from.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use super::Prefix;
use crate::pattern::hir::{ByteSet, Hir};

/// A step of a sequence.
#[derive(Clone)]
pub(super) enum Element<'h> {
    /// A byte, in lower case.
    Byte(u8),
    /// The bytes of a set, in lower case, each once.
    Set(Rc<[u8]>),
    /// A place between two bytes.
    Place(&'h Hir),
    /// Anything else.
    Open(Cow<'h, Hir>),
}

/// A set of more bytes is not worth its atoms.
const CHOICE: usize = 64;
/// Turns of a repeated byte or text that are unrolled.
const UNROLL: u32 = 32;
/// Turns of a repeated group that are unrolled.
const UNROLL_GROUP: u32 = 4;
/// A sequence that is longer than this is not unrolled any further.
const UNROLLED: usize = 1024;

/// Appends the elements of a pattern.
pub(super) fn flatten<'h>(hir: &'h Hir, out: &mut Vec<Element<'h>>) {
    match hir {
        Hir::Empty => {}
        Hir::Literal(bytes) => out.extend(
            bytes.iter().map(|b| Element::Byte(b.to_ascii_lowercase())),
        ),
        Hir::Class(set) if set.len() > CHOICE => {
            out.push(Element::Open(Cow::Borrowed(hir)));
        }
        Hir::Class(set) => out.push(class(set)),
        Hir::Look(_) => out.push(Element::Place(hir)),
        Hir::Concat(parts) => stacker::maybe_grow(64 << 10, 1 << 20, || {
            parts.iter().for_each(|part| flatten(part, out));
        }),
        Hir::Repeat { min, max, greedy, sub } => {
            stacker::maybe_grow(64 << 10, 1 << 20, || {
                let simple = matches!(**sub, Hir::Class(_) | Hir::Literal(_));
                let most = if simple { UNROLL } else { UNROLL_GROUP };
                let mut turns = 0;
                while turns < most.min(*min) && out.len() < UNROLLED {
                    flatten(sub, out);
                    turns += 1;
                }
                let rest = Hir::Repeat {
                    min: min - turns,
                    max: max.map(|max| max - turns),
                    greedy: *greedy,
                    sub: sub.clone(),
                };
                match turns {
                    0 => out.push(Element::Open(Cow::Borrowed(hir))),
                    _ if *max == Some(turns) => {}
                    _ => out.push(Element::Open(Cow::Owned(rest))),
                }
            });
        }
        Hir::Alternation(_) => out.push(Element::Open(Cow::Borrowed(hir))),
    }
}

/// As [`flatten`], for a pattern that does not live long enough.
pub(super) fn flatten_owned<'h>(hir: &Hir) -> Vec<Element<'h>> {
    let mut elements = Vec::new();
    flatten(hir, &mut elements);
    elements
        .into_iter()
        .map(|element| match element {
            Element::Byte(byte) => Element::Byte(byte),
            Element::Set(set) => Element::Set(set),
            Element::Place(hir) => Element::Open(Cow::Owned(hir.clone())),
            Element::Open(hir) => Element::Open(Cow::Owned(hir.into_owned())),
        })
        .collect()
}

fn class<'h>(set: &ByteSet) -> Element<'h> {
    let bytes: Rc<[u8]> = set
        .iter()
        .filter(|b| {
            !b.is_ascii_uppercase() || !set.contains(b.to_ascii_lowercase())
        })
        .map(|b| b.to_ascii_lowercase())
        .collect();
    match *bytes {
        [byte] => Element::Byte(byte),
        _ => Element::Set(bytes),
    }
}

/// What stands in front of an atom. The verifier matches the whole pattern
/// from each start, so a front of fixed length needs no content. Where its
/// length varies, the content keeps the starts few; letters of both cases
/// may stand in it.
pub(super) fn prefix(elements: &[Element<'_>]) -> Prefix {
    let fixed = elements.iter().try_fold(0_u64, |sum, element| {
        let length = match element {
            Element::Byte(_) | Element::Set(_) => 1,
            Element::Place(_) => 0,
            Element::Open(hir) => match hir.length() {
                (lo, Some(hi)) if lo == hi => lo,
                _ => return None,
            },
        };
        Some(sum.saturating_add(length))
    });
    if let Some(length) = fixed {
        return Prefix::Fixed(length);
    }
    let parts = elements.iter().map(|element| match element {
        Element::Byte(byte) => {
            Hir::Class(ByteSet::from_bytes([*byte]).fold_case())
        }
        Element::Set(bytes) => {
            let set = ByteSet::from_bytes(bytes.iter().copied());
            Hir::Class(set.fold_case())
        }
        Element::Place(hir) => (*hir).clone(),
        Element::Open(hir) => (**hir).clone(),
    });
    Prefix::Variable(Arc::new(Hir::Concat(parts.collect())))
}

/// One prefix behind another.
pub(super) fn join(a: Prefix, b: Prefix) -> Prefix {
    match (a, b) {
        (Prefix::Fixed(a), Prefix::Fixed(b)) => {
            Prefix::Fixed(a.saturating_add(b))
        }
        (Prefix::Fixed(0), b) => b,
        (a, Prefix::Fixed(0)) => a,
        (a, b) => {
            let parts = [a, b].map(|part| match part {
                Prefix::Fixed(count) => any(count),
                Prefix::Variable(hir) => (*hir).clone(),
            });
            Prefix::Variable(Arc::new(Hir::Concat(parts.into())))
        }
    }
}

fn any(count: u64) -> Hir {
    let count = u32::try_from(count).unwrap_or(u32::MAX - 1);
    Hir::Repeat {
        min: count,
        max: Some(count),
        greedy: true,
        sub: Box::new(Hir::Class(ByteSet::ALL)),
    }
}
