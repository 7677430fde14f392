//! Finds literals: the one pass over all bytes of an object.
//!
//! A prefilter reports every occurrence of every literal, ASCII letters in
//! either case, overlaps included. What a hit means is decided elsewhere.

mod automaton;

pub use automaton::Automaton;

/// An occurrence of a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Which literal, by its place in the list.
    pub literal: u32,
    /// Offset of its first byte.
    pub offset: usize,
}

/// Takes the hits of a search. Either method stops the search with `false`.
pub trait Hits {
    /// A literal was found.
    fn hit(&mut self, hit: Hit) -> bool;

    /// Called every [`BLOCK`] bytes: the place for a look at the clock.
    fn block(&mut self) -> bool;
}

/// Bytes between two calls of [`Hits::block`].
pub const BLOCK: usize = 1 << 16;

/// A search for many literals at once.
pub trait Prefilter {
    /// Reports every occurrence of every literal in `data`.
    fn find(&self, data: &[u8], hits: &mut dyn Hits);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Default)]
    struct All(Vec<Hit>);

    impl Hits for All {
        fn hit(&mut self, hit: Hit) -> bool {
            self.0.push(hit);
            true
        }
        fn block(&mut self) -> bool {
            true
        }
    }

    fn naive(literals: &[Vec<u8>], data: &[u8]) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (id, literal) in literals.iter().enumerate() {
            for (offset, window) in data.windows(literal.len()).enumerate() {
                if window.eq_ignore_ascii_case(literal) {
                    hits.push(Hit { literal: id as u32, offset });
                }
            }
        }
        hits.sort();
        hits
    }

    proptest! {
        #[test]
        fn the_automaton_finds_what_a_plain_search_finds(
            literals in prop::collection::vec(
                prop::collection::vec(prop::sample::select(&b"abAB\0"[..]), 1..5),
                0..12,
            ),
            data in prop::collection::vec(
                prop::sample::select(&b"abAB\0"[..]), 0..200),
        ) {
            let parts: Vec<&[u8]> =
                literals.iter().map(|l| &l[..]).collect();
            let automaton = Automaton::new(&parts).unwrap();
            let mut found = All::default();
            automaton.find(&data, &mut found);
            found.0.sort();
            prop_assert_eq!(found.0, naive(&literals, &data));
        }
    }
}
