//! Chooses the literals by which the prefilter finds a pattern.
//!
//! A *cover* of a pattern is a set of atoms such that every match contains
//! one of them, with a known part of the pattern in front of it. Of all
//! covers that are tried the cheapest is taken: atoms cost by their number,
//! by how short they are and by how often they are hit.

mod element;
mod near;
mod spread;
#[cfg(test)]
mod tests;
mod window;

use std::ops::Range;
use std::sync::Arc;

use dragnet_engine::prefilter::rarity;
use dragnet_engine::ruleset::layout::NearRec;

use super::hir::Hir;
use element::{Element, flatten, prefix};
use spread::Budget;

/// At most so many atoms for one pattern; beyond, it is searched without.
const MAX_ATOMS: usize = 16_384;

/// What stands in front of an atom.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Prefix {
    /// So many units, whatever they are.
    Fixed(u64),
    /// Something of variable length.
    Variable(Arc<Hir>),
}

/// A literal and what stands in front of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Atom {
    /// The literal, letters in lower case, wide form applied.
    pub(crate) bytes: Vec<u8>,
    pub(crate) prefix: Prefix,
    /// What every match has near the literal.
    pub(crate) nears: Vec<NearRec>,
}

/// Atoms of which every match contains at least one.
#[derive(Clone, Debug)]
pub(crate) struct Cover {
    pub(crate) atoms: Vec<Atom>,
}

impl Cover {
    /// About how often the atoms are hit, in hits a byte.
    pub(crate) fn often(&self) -> f64 {
        let atoms = self.atoms.iter();
        let costs = atoms.map(|atom| rarity::cost(&atom.bytes, false));
        costs.map(|cost| f64::from(-cost).exp2()).sum()
    }
}

/// How atoms are cut.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Longest atom in bytes.
    pub(crate) length: usize,
    /// A zero follows each byte.
    pub(crate) wide: bool,
}

impl Shape {
    /// Longest atom in units.
    pub(crate) fn units(self) -> usize {
        if self.wide { self.length.div_ceil(2) } else { self.length }
    }
}

/// The best cover of a pattern; `None` if there is none.
pub(crate) fn cover(hir: &Hir, shape: Shape) -> Option<Cover> {
    whole(hir, shape, 1)
}

/// The cover of one of so many alternatives of a pattern.
fn whole(hir: &Hir, shape: Shape, siblings: usize) -> Option<Cover> {
    stacker::maybe_grow(64 << 10, 1 << 20, || match hir {
        Hir::Alternation(branches) => {
            let siblings = siblings.saturating_mul(branches.len());
            union(branches.iter().map(|b| whole(b, shape, siblings)))
        }
        _ => {
            let mut elements = Vec::new();
            flatten(hir, &mut elements);
            let mut budget = Budget::new(siblings);
            let here = plan(&elements, shape);
            spread::improve(elements, here, shape, &mut budget, 0)
        }
    })
}

/// All atoms of all covers; `None` if one is missing.
fn union(covers: impl Iterator<Item = Option<Cover>>) -> Option<Cover> {
    let mut all = Cover { atoms: Vec::new() };
    for cover in covers {
        all.atoms.extend(cover?.atoms);
        if all.atoms.len() > MAX_ATOMS {
            return None;
        }
    }
    Some(all)
}

/// A cover that looks at each alternation by itself.
fn simple(hir: &Hir, shape: Shape) -> Option<Cover> {
    stacker::maybe_grow(64 << 10, 1 << 20, || match hir {
        Hir::Alternation(branches) => {
            union(branches.iter().map(|b| simple(b, shape)))
        }
        _ => {
            let mut elements = Vec::new();
            flatten(hir, &mut elements);
            let plan = plan(&elements, shape)?;
            plan.carry_out(&elements, shape)
        }
    })
}

/// What [`simple`] will give.
fn quote(hir: &Hir, shape: Shape) -> Option<Quote> {
    stacker::maybe_grow(64 << 10, 1 << 20, || match hir {
        Hir::Alternation(branches) => {
            let mut all = Quote { price: 0.0, atoms: 0 };
            for branch in branches {
                let Quote { price, atoms } = quote(branch, shape)?;
                all.price += price;
                all.atoms += atoms;
                if all.atoms > MAX_ATOMS {
                    return None;
                }
            }
            Some(all)
        }
        _ => {
            let mut elements = Vec::new();
            flatten(hir, &mut elements);
            plan(&elements, shape).map(|plan| plan.quote)
        }
    })
}

/// What a cover costs: known before its atoms are written down.
#[derive(Clone, Copy, Debug)]
struct Quote {
    /// What the atoms cost each byte of data; see [`window::price`].
    price: f32,
    /// Their number.
    atoms: usize,
}

/// How a sequence is to be covered.
struct Plan {
    by: By,
    quote: Quote,
}

enum By {
    /// These elements.
    Window(Range<usize>),
    /// What is inside of an element.
    Element(usize),
}

/// The best window of a sequence, or the best cover inside of an element.
fn plan(elements: &[Element<'_>], shape: Shape) -> Option<Plan> {
    let mut best = window::best(elements, shape);
    for (at, element) in elements.iter().enumerate() {
        let inner = inside(element).and_then(|hir| quote(hir, shape));
        let Some(quote) = inner else { continue };
        if best.as_ref().is_none_or(|best| quote.price < best.quote.price) {
            best = Some(Plan { by: By::Element(at), quote });
        }
    }
    best
}

/// The part of an element that every match goes through, if there is more to
/// it than bytes.
fn inside<'e>(element: &'e Element<'_>) -> Option<&'e Hir> {
    let Element::Open(hir) = element else { return None };
    match &**hir {
        Hir::Repeat { min: 1.., sub, .. } => Some(sub),
        Hir::Alternation(_) => Some(hir),
        _ => None,
    }
}

impl Plan {
    /// Writes down the atoms.
    fn carry_out(
        self,
        elements: &[Element<'_>],
        shape: Shape,
    ) -> Option<Cover> {
        let at = match self.by {
            By::Window(range) => {
                return Some(window::cover(elements, range, shape));
            }
            By::Element(at) => at,
        };
        let mut cover = simple(inside(&elements[at])?, shape)?;
        let before = prefix(&elements[..at]);
        for atom in &mut cover.atoms {
            let own = std::mem::replace(&mut atom.prefix, before.clone());
            atom.prefix = element::join(before.clone(), own);
        }
        Some(cover)
    }
}
