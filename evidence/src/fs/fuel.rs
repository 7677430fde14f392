//! A bound on work that no honest volume reaches.

use std::cell::Cell;

/// Steps that may still be taken.
pub(super) struct Fuel(Cell<u64>);

impl Fuel {
    /// So many.
    pub(super) fn new(steps: u64) -> Fuel {
        Fuel(Cell::new(steps))
    }

    /// Takes some; false if there are not so many left.
    pub(super) fn take(&self, steps: u64) -> bool {
        let left = self.0.get().checked_sub(steps);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_it_is_gone_it_stays_gone() {
        let fuel = Fuel::new(3);
        assert!(fuel.take(2) && fuel.take(1));
        assert!(!fuel.take(1));
        let fuel = Fuel::new(3);
        assert!(!fuel.take(4) && !fuel.take(1));
    }
}
