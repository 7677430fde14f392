//! Decisions drawn from the bytes of a fuzzer.

/// A stream of decisions; after the last byte all decisions are zero.
pub struct Bytes<'a> {
    rest: &'a [u8],
}

impl<'a> Bytes<'a> {
    /// Draws from these bytes.
    pub fn new(bytes: &'a [u8]) -> Bytes<'a> {
        Bytes { rest: bytes }
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        *first
    }

    /// A number below `n`.
    pub fn below(&mut self, n: u8) -> u8 {
        self.byte() % n.max(1)
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: u8) -> bool {
        // The last value, so that an exhausted stream decides for nothing.
        self.below(n) + 1 == n
    }

    /// One of these.
    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.below(choices.len() as u8))]
    }

    /// Has everything been drawn?
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}
