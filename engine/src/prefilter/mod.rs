//! Finds literals: the one pass over all bytes of an object.
//!
//! A prefilter reports every occurrence of every literal, ASCII letters in
//! either case, overlaps included. What a hit means is decided elsewhere.

mod automaton;
pub mod grid;
pub mod rarity;

pub use automaton::Automaton;
pub use grid::{Isa, Scratch};

/// Which search finds the literals. All find the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The grid, with these instructions; the automaton for sets whose
    /// literals it does not take.
    Grid(Isa),
    /// The Aho-Corasick automaton, built when it is first needed.
    Automaton,
}

impl Default for Engine {
    fn default() -> Engine {
        Engine::Grid(Isa::best())
    }
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
