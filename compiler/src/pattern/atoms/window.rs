//! The cheapest window of a sequence, and what atoms cost.

use std::ops::Range;

use super::element::{Element, prefix};
use super::{Atom, By, Cover, Plan, Quote, Shape, near};
use crate::pattern::rarity;

/// Atoms that one window may expand to.
const EXPANSION: usize = 256;
/// No window is longer than this, in units.
const LONGEST: usize = 32;
/// Bytes that are enough for the search at every fourth place.
const PLENTY: usize = 7;
/// The start of a very long sequence is as good as any other part of it.
const STARTS: usize = 4096;

/// What an atom costs the search by its mere presence, as a frequency of
/// hits per byte that would be as bad. The prefilter looks up four bytes at
/// every fourth place if a literal has seven or more; shorter ones need more
/// places, and those below four a search of their own.
fn presence(length: usize) -> f32 {
    let bits = match length {
        0 | 1 => 4,
        2 => 12,
        3 => 15,
        4 => 20,
        5 => 22,
        6 => 23,
        _ => 24,
    };
    (-(bits as f32)).exp2()
}

/// What so many atoms of one length cost that are hit so often per byte.
pub(super) fn price(hits: f32, count: usize, length: usize) -> f32 {
    hits + count as f32 * presence(length)
}

/// A window of a sequence.
struct Window {
    start: usize,
    end: usize,
    units: usize,
    /// Of how many byte strings it consists.
    count: usize,
    price: f32,
}

/// A window that is hit less often than once in 2^this bytes costs no more
/// than its presence: no other one can be much cheaper.
const GOOD: f32 = 28.0;

/// The cheapest window.
pub(super) fn best(elements: &[Element<'_>], shape: Shape) -> Option<Plan> {
    let window = plain(elements, shape).or_else(|| any(elements, shape))?;
    let Window { start, end, price, count, .. } = window;
    let quote = Quote { price, atoms: count };
    Some(Plan { by: By::Window(start..end), quote })
}

/// The rarest window of bytes without choice, if it is good: what most
/// sequences have, found in one pass.
fn plain(elements: &[Element<'_>], shape: Shape) -> Option<Window> {
    let most = shape.units().clamp(1, LONGEST);
    let mut run: Vec<u8> = Vec::new();
    let mut costs: Vec<f32> = Vec::new();
    let mut best: Option<(f32, usize, Vec<u8>)> = None;
    for (at, element) in elements.iter().take(STARTS).enumerate() {
        let Element::Byte(byte) = element else {
            run.clear();
            costs.clear();
            continue;
        };
        let before = run.last().zip(costs.last());
        costs.push(
            before.map_or(0.0, |(last, sum)| sum + rarity::step(*last, *byte)),
        );
        run.push(*byte);
        let from = run.len().saturating_sub(most);
        let first = rarity::cost(&run[from..=from], shape.wide);
        let cost = first + costs[run.len() - 1] - costs[from];
        if best.as_ref().is_none_or(|best| cost > best.0) {
            let start = at + 1 - (run.len() - from);
            best = Some((cost, start, run[from..].to_vec()));
        }
    }
    let (_, start, bytes) = best?;
    let units = bytes.len();
    let length = units * if shape.wide { 2 } else { 1 };
    // Zeros between letters are judged by the whole window only.
    let cost = rarity::cost(&bytes, shape.wide);
    let good = cost >= GOOD && length >= PLENTY;
    let price = price((-cost).exp2(), 1, length.min(shape.length));
    let end = start + units;
    good.then_some(Window { start, end, units, count: 1, price })
}

fn any(elements: &[Element<'_>], shape: Shape) -> Option<Window> {
    let mut best: Option<Window> = None;
    for start in 0..elements.len().min(STARTS) {
        for window in at(elements, start, shape) {
            // Of windows that are as cheap the longest is taken, of those
            // the first.
            let better = best.as_ref().is_none_or(|best| {
                let by_price = best.price.total_cmp(&window.price);
                by_price.then(window.units.cmp(&best.units)).is_gt()
            });
            if better {
                best = Some(window);
            }
        }
    }
    best
}

/// The atoms of a window.
pub(super) fn cover(
    elements: &[Element<'_>],
    window: Range<usize>,
    shape: Shape,
) -> Cover {
    let prefix = prefix(&elements[..window.start]);
    let nears = near::nears(elements, window.clone(), shape);
    let atoms = choices(&elements[window])
        .into_iter()
        .map(|mut bytes| {
            if shape.wide {
                bytes = bytes.iter().flat_map(|b| [*b, 0]).collect();
                bytes.truncate(shape.length.max(1));
            }
            Atom { bytes, prefix: prefix.clone(), nears: nears.clone() }
        })
        .collect();
    Cover { atoms }
}

/// The windows that begin at a place. More bytes make a window dearer only
/// by the sets among them, so it ends before a set or where it must.
fn at(elements: &[Element<'_>], start: usize, shape: Shape) -> Vec<Window> {
    let mut windows = Vec::new();
    if matches!(elements[start], Element::Place(_) | Element::Open(_)) {
        return windows;
    }
    let most = shape.units().clamp(1, LONGEST);
    let mut run = Run::default();
    let mut end = start;
    for element in &elements[start..] {
        let set = match element {
            Element::Place(_) => {
                end += 1;
                continue;
            }
            Element::Byte(byte) => std::slice::from_ref(byte),
            Element::Set(set) => set,
            Element::Open(_) => break,
        };
        let count = run.count * set.len();
        if run.units == most || count > EXPANSION {
            break;
        }
        if set.len() != 1 && run.units > 0 {
            windows.push(run.window(start, end, shape));
        }
        // A set without bytes: nothing matches, and no atom is needed, but
        // an empty cover stands for a missing one elsewhere.
        if set.is_empty() {
            return windows;
        }
        run.push(set);
        end += 1;
    }
    if run.units > 0 {
        windows.push(run.window(start, end, shape));
    }
    windows
}

/// The bytes of a window so far, as a chain of likelihoods.
#[derive(Default)]
struct Run {
    units: usize,
    count: usize,
    /// The bytes, as long as there is one choice only.
    fixed: Vec<u8>,
    /// Each last byte and how often the window ends with it.
    last: Vec<(u8, f32)>,
}

impl Run {
    fn push(&mut self, set: &[u8]) {
        let next = |byte: &u8| {
            let odds = if self.units == 0 {
                (-rarity::cost(&[*byte], false)).exp2()
            } else {
                let before = self.last.iter();
                before.map(|b| b.1 * rarity::follows(b.0, *byte)).sum()
            };
            (*byte, odds)
        };
        self.last = set.iter().map(next).collect();
        self.count = self.count.max(1) * set.len();
        if let ([byte], 1) = (set, self.count) {
            self.fixed.push(*byte);
        }
        self.units += 1;
    }

    fn window(&self, start: usize, end: usize, shape: Shape) -> Window {
        // Text with its zeros written out is not judged pair by pair.
        let spread = self.count == 1 && self.fixed.contains(&0);
        let mut hits: f32 = if spread {
            (-rarity::cost(&self.fixed, shape.wide)).exp2()
        } else {
            self.last.iter().map(|last| last.1).sum()
        };
        if shape.wide && !spread {
            hits *= (-rarity::WIDE).exp2();
        }
        let length = self.units * if shape.wide { 2 } else { 1 };
        let price = price(hits, self.count, length.min(shape.length));
        Window { start, end, units: self.units, count: self.count, price }
    }
}

/// All byte strings of a window, without the zeros of the wide form.
fn choices(elements: &[Element<'_>]) -> Vec<Vec<u8>> {
    let mut all = vec![Vec::new()];
    for element in elements {
        let bytes = match element {
            Element::Byte(byte) => std::slice::from_ref(byte),
            Element::Set(bytes) => bytes,
            Element::Place(_) => continue,
            Element::Open(_) => break,
        };
        all = all
            .iter()
            .flat_map(|start: &Vec<u8>| {
                bytes.iter().map(move |byte| {
                    let mut next = start.clone();
                    next.push(*byte);
                    next
                })
            })
            .collect();
    }
    all
}
