//! The Aho-Corasick automaton: exact, any number of literals.

use aho_corasick::nfa::contiguous;
use aho_corasick::{Anchored, dfa};

use super::{BLOCK, Hit, Hits, Prefilter};

/// Above this number of literal bytes the transition table of a DFA leaves
/// the caches and the memory budget; the contiguous NFA takes over.
const DFA_BYTES: usize = 200_000;

/// Aho-Corasick over folded literals.
pub struct Automaton {
    kind: Kind,
    lengths: Vec<u32>,
}

enum Kind {
    Empty,
    Dfa(dfa::DFA),
    Nfa(contiguous::NFA),
}

impl Automaton {
    /// The automaton that finds nothing.
    pub fn empty() -> Automaton {
        Automaton { kind: Kind::Empty, lengths: Vec::new() }
    }

    /// Builds the automaton; `None` if there are too many literals for the
    /// automaton's 32-bit states.
    pub fn new(literals: &[&[u8]]) -> Option<Automaton> {
        if literals.is_empty() {
            return Some(Automaton::empty());
        }
        let total: usize = literals.iter().map(|l| l.len()).sum();
        let kind = if total <= DFA_BYTES {
            let dfa = dfa::Builder::new()
                .ascii_case_insensitive(true)
                .prefilter(false)
                .build(literals);
            Kind::Dfa(dfa.ok()?)
        } else {
            let nfa = contiguous::Builder::new()
                .ascii_case_insensitive(true)
                .prefilter(false)
                .build(literals);
            Kind::Nfa(nfa.ok()?)
        };
        let lengths = literals.iter().map(|l| l.len() as u32).collect();
        Some(Automaton { kind, lengths })
    }

    fn run<A: aho_corasick::automaton::Automaton>(
        &self,
        automaton: &A,
        data: &[u8],
        hits: &mut dyn Hits,
    ) {
        let Ok(mut state) = automaton.start_state(Anchored::No) else {
            return;
        };
        for (block, bytes) in data.chunks(BLOCK).enumerate() {
            for (at, byte) in bytes.iter().enumerate() {
                state = automaton.next_state(Anchored::No, state, *byte);
                if !automaton.is_special(state) || !automaton.is_match(state) {
                    continue;
                }
                let end = block * BLOCK + at + 1;
                for index in 0..automaton.match_len(state) {
                    let literal =
                        automaton.match_pattern(state, index).as_u32();
                    let length = self.lengths[literal as usize] as usize;
                    if !hits.hit(Hit { literal, offset: end - length }) {
                        return;
                    }
                }
            }
            if !hits.block() {
                return;
            }
        }
    }
}

impl Prefilter for Automaton {
    fn find(&self, data: &[u8], hits: &mut dyn Hits) {
        match &self.kind {
            Kind::Empty => {}
            Kind::Dfa(dfa) => self.run(dfa, data, hits),
            Kind::Nfa(nfa) => self.run(nfa, data, hits),
        }
    }
}
