//! A backtracking matcher over [`Hir`] that remembers what it has seen.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::Width;
use crate::pattern::hir::{Hir, Look};

/// The ends of all ways to match, the preferred one first.
type Ends = Rc<[usize]>;

/// Matches one expression in one form on one piece of data.
pub(super) struct Matcher<'a> {
    hir: &'a Hir,
    pub(super) data: &'a [u8],
    pub(super) width: Width,
    /// By node, offset and number of repetitions done.
    seen: HashMap<(*const Hir, usize, u32), Ends>,
}

/// Is it one text, however it is put together?
fn is_word(hir: &Hir) -> bool {
    match hir {
        Hir::Literal(_) => true,
        Hir::Class(set) => set.len() == 1,
        Hir::Concat(parts) => parts.iter().all(is_word),
        _ => false,
    }
}

/// Are there several of them, and nothing else?
fn are_words(hir: &Hir) -> bool {
    let Hir::Alternation(parts) = hir else { return false };
    parts.iter().all(|part| is_word(part) || are_words(part))
}

impl<'a> Matcher<'a> {
    pub(super) fn new(
        hir: &'a Hir,
        data: &'a [u8],
        width: Width,
    ) -> Matcher<'a> {
        Matcher { hir, data, width, seen: HashMap::new() }
    }

    /// The ends of all matches at an offset, the preferred one first. An
    /// alternation of words is a set of texts, of which the shortest counts,
    /// grouped or not.
    pub(super) fn preferred(&mut self, at: usize) -> Vec<usize> {
        let mut ends = self.ends(self.hir, at).to_vec();
        if are_words(self.hir) {
            ends.sort_unstable();
        }
        ends
    }

    fn ends(&mut self, node: &'a Hir, at: usize) -> Ends {
        let key = (std::ptr::from_ref(node), at, 0);
        if let Some(known) = self.seen.get(&key) {
            return known.clone();
        }
        let ends: Vec<usize> = match node {
            Hir::Empty => vec![at],
            Hir::Literal(bytes) => {
                let text = self.width.spread(bytes);
                let found = self.data[at..].starts_with(&text);
                found.then_some(at + text.len()).into_iter().collect()
            }
            Hir::Class(set) => {
                let byte = self.unit(at).filter(|b| set.contains(*b));
                byte.map(|_| at + self.width.step()).into_iter().collect()
            }
            Hir::Look(look) => {
                self.holds(*look, at).then_some(at).into_iter().collect()
            }
            Hir::Concat(parts) => {
                let mut ends = vec![at];
                for part in parts {
                    let next = ends
                        .iter()
                        .flat_map(|end| self.ends(part, *end).to_vec())
                        .collect();
                    ends = distinct(next);
                }
                ends
            }
            Hir::Alternation(parts) => parts
                .iter()
                .flat_map(|part| self.ends(part, at).to_vec())
                .collect(),
            Hir::Repeat { .. } => self.repeated(node, at, 0).to_vec(),
        };
        let ends: Ends = distinct(ends).into();
        self.seen.insert(key, ends.clone());
        ends
    }

    /// The ends of a repetition of which `done` rounds lie before `at`.
    fn repeated(&mut self, node: &'a Hir, at: usize, done: u32) -> Ends {
        let Hir::Repeat { min, max, greedy, sub } = node else {
            unreachable!("only called for repetitions")
        };
        // Beyond the minimum, the count matters only below a maximum.
        let done = if max.is_none() { done.min(*min) } else { done };
        let key = (std::ptr::from_ref(node), at, done + 1);
        if let Some(known) = self.seen.get(&key) {
            return known.clone();
        }
        let mut ends = Vec::new();
        if done < *min {
            for end in self.ends(sub, at).iter() {
                // An empty round can be repeated until there are enough.
                let done = if *end == at { *min } else { done + 1 };
                ends.extend_from_slice(&self.repeated(node, *end, done));
            }
        } else {
            let mut longer = Vec::new();
            if max.is_none_or(|max| done < max) {
                for end in self.ends(sub, at).iter() {
                    // An empty round leads nowhere.
                    if *end != at {
                        longer.extend_from_slice(&self.repeated(
                            node,
                            *end,
                            done + 1,
                        ));
                    }
                }
            }
            if *greedy {
                ends.extend(longer);
                ends.push(at);
            } else {
                ends.push(at);
                ends.extend(longer);
            }
        }
        let ends: Ends = distinct(ends).into();
        self.seen.insert(key, ends.clone());
        ends
    }

    /// The character at an offset: a byte, in wide form one with its zero.
    fn unit(&self, at: usize) -> Option<u8> {
        match self.width {
            Width::Narrow => self.data.get(at).copied(),
            Width::Wide => {
                (*self.data.get(at + 1)? == 0).then_some(self.data[at])
            }
        }
    }

    fn holds(&self, look: Look, at: usize) -> bool {
        // In wide form a neighbour is the low byte of a complete pair,
        // whatever its high byte is.
        let (before, after) = match self.width {
            Width::Narrow => (
                at.checked_sub(1).map(|at| self.data[at]),
                self.data.get(at).copied(),
            ),
            Width::Wide => (
                at.checked_sub(2).map(|at| self.data[at]),
                self.data.get(at..at + 2).map(|pair| pair[0]),
            ),
        };
        let word = |b: Option<u8>| {
            b.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        let (left, right) = (word(before), word(after));
        let (lf, cr) = (Some(b'\n'), Some(b'\r'));
        match look {
            Look::Start => before.is_none(),
            Look::End => after.is_none(),
            Look::LineStart => {
                before.is_none() || before == lf || before == cr && after != lf
            }
            Look::LineEnd => {
                after.is_none() || after == cr || after == lf && before != cr
            }
            Look::LineStartLf => before.is_none() || before == lf,
            Look::LineEndLf => after.is_none() || after == lf,
            Look::WordBoundary => left != right,
            Look::NotWordBoundary => left == right,
            Look::WordStart => !left && right,
            Look::WordEnd => left && !right,
            Look::WordStartHalf => !left,
            Look::WordEndHalf => !right,
        }
    }
}

/// Without later copies.
fn distinct(mut ends: Vec<usize>) -> Vec<usize> {
    if ends.len() <= 16 {
        let mut kept = 0;
        for at in 0..ends.len() {
            if !ends[..kept].contains(&ends[at]) {
                ends[kept] = ends[at];
                kept += 1;
            }
        }
        ends.truncate(kept);
    } else {
        let mut seen = HashSet::new();
        ends.retain(|end| seen.insert(*end));
    }
    ends
}
