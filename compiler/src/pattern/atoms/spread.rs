//! Covers across alternations: `a(b|cd?)e` is found by `abe`, `ace`, `acde`.
//!
//! An alternation, or a repetition that may be absent, is replaced by each of
//! its ways in turn, which gives several sequences without it, each with its
//! own best window. That is done as long as it makes the cover cheaper.

use std::borrow::Cow;

use super::element::{Element, flatten, flatten_owned};
use super::{Atom, Cover, Plan, Shape, plan, union};
use crate::pattern::hir::Hir;

/// Atoms that a pattern may have after its alternations were spread.
const MOST_ATOMS: usize = 384;
/// Ways of one alternation that are spread.
const MOST_WAYS: usize = 64;
/// Elements that are looked at for one pattern.
const WORK: usize = 1 << 14;
/// A longer sequence is not spread.
const LONGEST: usize = 512;
/// One alternation within another's ways, and so on.
const DEPTH: usize = 24;
/// A cover at this price is good enough: a hit in 32 KiB.
const GOOD: f32 = 1.0 / (1 << 15) as f32;
/// A cover at this price is worth a longer search: atoms of three bytes.
const BAD: f32 = 1.0 / (1 << 14) as f32;
/// A step must save this much of the price.
const GAIN: f32 = 0.9;

/// What may be spent on one pattern.
pub(super) struct Budget {
    work: usize,
    atoms: usize,
}

impl Budget {
    /// The share of one of so many alternatives.
    pub(super) fn new(siblings: usize) -> Budget {
        let share = siblings.max(1);
        Budget { work: WORK / share, atoms: MOST_ATOMS / share }
    }
}

/// One way through a sequence, and how it is best covered.
struct Way<'h> {
    elements: Vec<Element<'h>>,
    plan: Plan,
}

/// Makes the cover of a sequence cheaper, if that is possible.
pub(super) fn improve<'h>(
    elements: Vec<Element<'h>>,
    here: Option<Plan>,
    shape: Shape,
    budget: &mut Budget,
    depth: usize,
) -> Option<Cover> {
    let price = here.as_ref().map_or(f32::INFINITY, |here| here.quote.price);
    if price <= GOOD || depth == DEPTH || elements.len() > LONGEST {
        return here?.carry_out(&elements, shape);
    }
    let now = here.as_ref().map_or(0, |here| here.quote.atoms);
    let bound = price * GAIN;
    let best = step(&elements, bound, shape, budget, now)
        .or_else(|| two_steps(&elements, bound, shape, budget, now));
    let Some(Step { ways, .. }) = best else {
        return here?.carry_out(&elements, shape);
    };
    let count: usize = ways.iter().map(|way| way.plan.quote.atoms).sum();
    budget.atoms = (budget.atoms + now).saturating_sub(count);
    let mut all = union(ways.into_iter().map(|way| {
        stacker::maybe_grow(64 << 10, 1 << 20, || {
            let Way { elements, plan } = way;
            improve(elements, Some(plan), shape, budget, depth + 1)
        })
    }))?;
    distinct(&mut all.atoms);
    Some(all)
}

/// An element that is replaced by its ways, and the price of that.
struct Step<'h> {
    price: f32,
    ways: Vec<Way<'h>>,
}

/// The best element to replace, if that is cheaper than the bound. `now` is
/// the number of atoms that it saves.
fn step<'h>(
    elements: &[Element<'h>],
    bound: f32,
    shape: Shape,
    budget: &mut Budget,
    now: usize,
) -> Option<Step<'h>> {
    best_step(elements, bound, shape, budget, now, |way, _| {
        way.plan.quote.price
    })
}

/// As [`step`], for an element that is worth it only if another is replaced
/// too: in `$_?\s?(` neither gap alone leads from `$` to `(`.
fn two_steps<'h>(
    elements: &[Element<'h>],
    bound: f32,
    shape: Shape,
    budget: &mut Budget,
    now: usize,
) -> Option<Step<'h>> {
    if bound < BAD {
        return None;
    }
    best_step(elements, bound, shape, budget, now, |way, budget| {
        let own = way.plan.quote.price;
        let next = step(&way.elements, own, shape, budget, now);
        next.map_or(own, |next| next.price)
    })
}

/// The element that is replaced at the lowest price below the bound, by the
/// price that each of its ways is given.
fn best_step<'h>(
    elements: &[Element<'h>],
    bound: f32,
    shape: Shape,
    budget: &mut Budget,
    now: usize,
    price: impl Fn(&Way<'h>, &mut Budget) -> f32,
) -> Option<Step<'h>> {
    let mut best: Option<Step<'h>> = None;
    for at in 0..elements.len() {
        let Some(ways) = spread(elements, at, shape, budget) else {
            continue;
        };
        let count: usize = ways.iter().map(|way| way.plan.quote.atoms).sum();
        let price = ways.iter().map(|way| price(way, budget)).sum();
        let bound = best.as_ref().map_or(bound, |best| best.price);
        if price < bound && count <= budget.atoms + now {
            best = Some(Step { price, ways });
        }
    }
    best
}

/// The sequences that result if the element at a place is replaced by each
/// of its ways; `None` if one of them has no cover.
fn spread<'h>(
    elements: &[Element<'h>],
    at: usize,
    shape: Shape,
    budget: &mut Budget,
) -> Option<Vec<Way<'h>>> {
    let Element::Open(hir) = &elements[at] else { return None };
    if budget.work == 0 {
        return None;
    }
    let ways = match hir {
        Cow::Borrowed(hir) => ways(hir, |part| {
            let mut way = Vec::new();
            flatten(part, &mut way);
            way
        })?,
        Cow::Owned(hir) => ways(hir, flatten_owned)?,
    };
    ways.into_iter()
        .map(|way| {
            let mut all = elements[..at].to_vec();
            all.extend(way);
            all.extend_from_slice(&elements[at + 1..]);
            budget.work = budget.work.checked_sub(weight(&all))?;
            let plan = plan(&all, shape)?;
            Some(Way { elements: all, plan })
        })
        .collect()
}

/// About how much work the cover of a sequence is.
fn weight(elements: &[Element<'_>]) -> usize {
    fn size(hir: &Hir) -> usize {
        stacker::maybe_grow(64 << 10, 1 << 20, || match hir {
            Hir::Literal(bytes) => bytes.len(),
            Hir::Concat(parts) | Hir::Alternation(parts) => {
                parts.iter().map(size).sum::<usize>() + 1
            }
            Hir::Repeat { sub, .. } => size(sub) + 1,
            Hir::Empty | Hir::Class(_) | Hir::Look(_) => 1,
        })
    }
    let of = |element: &Element<'_>| match element {
        Element::Open(hir) => size(hir),
        _ => 1,
    };
    elements.iter().map(of).sum::<usize>() + 1
}

/// The ways through an alternation, or through a repetition that may be
/// absent: without it, or with one turn in front of the rest. `flat` makes a
/// sequence of a part.
fn ways<'a, 'h>(
    hir: &'a Hir,
    flat: impl Fn(&'a Hir) -> Vec<Element<'h>>,
) -> Option<Vec<Vec<Element<'h>>>> {
    match hir {
        Hir::Alternation(branches) if branches.len() <= MOST_WAYS => {
            Some(branches.iter().map(flat).collect())
        }
        Hir::Repeat { min: 0, max, greedy, sub } => {
            let mut way = Vec::new();
            if *max != Some(0) {
                way = flat(sub);
            }
            way.extend(rest(*max, *greedy, sub));
            Some(vec![Vec::new(), way])
        }
        _ => None,
    }
}

/// What is left of a repetition after one turn.
fn rest<'h>(max: Option<u32>, greedy: bool, sub: &Hir) -> Option<Element<'h>> {
    let max = max.map(|max| max.saturating_sub(1));
    (max != Some(0)).then(|| {
        Element::Open(Cow::Owned(Hir::Repeat {
            min: 0,
            max,
            greedy,
            sub: Box::new(sub.clone()),
        }))
    })
}

/// Drops atoms that are there twice.
fn distinct(atoms: &mut Vec<Atom>) {
    if atoms.len() > 2 * MOST_ATOMS {
        return;
    }
    let mut kept: Vec<Atom> = Vec::new();
    for atom in atoms.drain(..) {
        if !kept.contains(&atom) {
            kept.push(atom);
        }
    }
    *atoms = kept;
}
