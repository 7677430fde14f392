//! The Aho-Corasick automaton: exact, any number of literals of any length.

use aho_corasick::nfa::contiguous;
use aho_corasick::{Anchored, dfa};

use super::{BLOCK, Hit, Hits};

/// Above this number of literal bytes the transition table of a DFA leaves
/// the caches and the memory budget; the contiguous NFA takes over.
const DFA_BYTES: usize = 200_000;

/// Literal bytes of one automaton: far below where its 32-bit states would
/// not suffice.
const PART_BYTES: usize = 1 << 25;

/// Aho-Corasick over folded literals.
#[derive(Debug)]
pub struct Automaton {
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    kind: Kind,
    /// Number of its first literal.
    first: u32,
    lengths: Vec<u32>,
}

#[derive(Debug)]
enum Kind {
    Dfa(dfa::DFA),
    Nfa(contiguous::NFA),
}

impl Automaton {
    /// Builds the automaton.
    pub fn new(literals: &[&[u8]]) -> Automaton {
        let mut parts = Vec::new();
        let (mut start, mut bytes) = (0, 0);
        for (at, literal) in literals.iter().enumerate() {
            bytes += literal.len();
            if bytes >= PART_BYTES || at + 1 == literals.len() {
                parts.extend(Part::new(start, &literals[start..=at], bytes));
                (start, bytes) = (at + 1, 0);
            }
        }
        Automaton { parts }
    }

    /// Reports every occurrence of every literal in `data`.
    pub fn find(&self, data: &[u8], hits: &mut dyn Hits) {
        for part in &self.parts {
            match &part.kind {
                Kind::Dfa(dfa) => part.run(dfa, data, hits),
                Kind::Nfa(nfa) => part.run(nfa, data, hits),
            }
        }
    }
}

impl Part {
    fn new(first: usize, literals: &[&[u8]], bytes: usize) -> Option<Part> {
        let kind = if bytes <= DFA_BYTES {
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
        Some(Part { kind, first: first as u32, lengths })
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
                    let literal = self.first + literal;
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
