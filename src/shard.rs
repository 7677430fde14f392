//! One part of the work of a run, for many machines.

use crate::walk::Work;

/// Gives every part its turn.
pub(crate) struct Turns {
    /// From 1 on.
    part: u64,
    parts: u64,
    next: u64,
}

impl Turns {
    /// For the given part of so many.
    pub(crate) fn new((part, parts): (u64, u64)) -> Turns {
        Turns { part, parts, next: 0 }
    }

    /// Is this piece of work in the part? The order of the work is the same
    /// in each run, so each piece is in one part.
    pub(crate) fn take(&mut self, work: &Work) -> bool {
        let ours = self.next % self.parts + 1 == self.part;
        self.next += 1;
        match work {
            Work::Object(image, at) if !ours => {
                image.leave_to_others(&image.map.entries[*at]);
            }
            Work::Space(image, volume) if !ours => {
                let parts = image.parts_of_space(*volume);
                parts.for_each(|entry| image.leave_to_others(entry));
            }
            _ => {}
        }
        ours
    }
}
