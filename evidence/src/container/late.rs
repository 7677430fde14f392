//! What is found to be wrong only when the bytes are read.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::{Problem, Reason};

/// More are counted, not kept.
const KEPT: usize = 10_000;

/// Problems that came up while an image was read, each once.
#[derive(Debug, Default)]
pub struct Late {
    found: Mutex<BTreeMap<(u64, Reason), Problem>>,
}

impl Late {
    /// All so far, in the order of the medium: what was read decides, not
    /// when.
    pub fn problems(&self) -> Vec<Problem> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.values().cloned().collect()
    }

    pub(crate) fn add(
        &self,
        reason: Reason,
        physical: u64,
        bytes: u64,
        detail: &str,
    ) {
        let mut found =
            self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if found.len() >= KEPT {
            return;
        }
        found
            .entry((physical, reason))
            .or_insert_with(|| problem(reason, physical, bytes, detail));
    }
}

/// A problem of a medium, which has no path.
pub(crate) fn problem(
    reason: Reason,
    physical: impl Into<Option<u64>>,
    bytes: u64,
    detail: impl Into<String>,
) -> Problem {
    let (path, physical) = (Vec::new(), physical.into());
    Problem { reason, path, physical, bytes, detail: detail.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_kept_once_and_in_order() {
        let late = Late::default();
        for at in [9, 3, 9] {
            late.add(Reason::BadChecksum, at, 1, "chunk");
        }
        let at: Vec<_> = late.problems().iter().map(|p| p.physical).collect();
        assert_eq!(at, [Some(3), Some(9)]);
    }
}
