//! Finds literals: the one pass over all bytes of an object.
//!
//! A prefilter reports every occurrence of every literal, ASCII letters in
//! either case, overlaps included. What a hit means is decided elsewhere.

mod automaton;
mod hashed;

pub use automaton::Automaton;
pub use hashed::Hashed;

/// Up to this many literals the automaton stays in the caches and is the
/// faster search; beyond, the hash filter is.
const FEW: usize = 1_000;

/// Chooses the search that is the fastest for these literals; `None` if
/// there are too many.
pub fn choose(literals: &[&[u8]]) -> Option<Box<dyn Prefilter + Send + Sync>> {
    if literals.len() > FEW {
        return Some(Box::new(Hashed::new(literals)));
    }
    Some(Box::new(Automaton::new(literals)?))
}

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
        fn every_search_finds_what_a_plain_search_finds(
            literals in prop::collection::vec(
                prop::collection::vec(prop::sample::select(&b"abAB\0"[..]), 1..8),
                0..12,
            ),
            data in prop::collection::vec(
                prop::sample::select(&b"abAB\0"[..]), 0..200),
        ) {
            let parts: Vec<&[u8]> =
                literals.iter().map(|l| &l[..]).collect();
            let automaton = Automaton::new(&parts).unwrap();
            let hashed = Hashed::new(&parts);
            let searches: [&dyn Prefilter; 2] = [&automaton, &hashed];
            for search in searches {
                let mut found = All::default();
                search.find(&data, &mut found);
                found.0.sort();
                prop_assert_eq!(found.0, naive(&literals, &data));
            }
        }
    }

    #[test]
    fn hits_lie_on_both_sides_of_a_block() {
        let mut data = vec![b'.'; 3 * BLOCK];
        for at in [0, 4093, 4095, BLOCK - 2, 2 * BLOCK, 3 * BLOCK - 5] {
            data[at..at + 5].copy_from_slice(b"Token");
        }
        let literals: [&[u8]; 4] = [b"token", b"tok", b"n", b"to"];
        let automaton = Automaton::new(&literals).unwrap();
        let (mut left, mut right) = (All::default(), All::default());
        automaton.find(&data, &mut left);
        Hashed::new(&literals).find(&data, &mut right);
        left.0.sort();
        right.0.sort();
        assert_eq!(left.0.len(), 6 * 4 - 3);
        assert_eq!(left.0, right.0);
    }
}
