//! One walk through the map of a disk before anybody reads it.
//!
//! Finds what is lost, and where an image begins to promise more than its
//! files can hold.

use super::disk::{Disk, Place};
use super::late::problem;
use crate::{Problem, Reason};

/// Problems that are told one by one; more are summed up.
const TOLD: usize = 1000;

/// What an honest image of some size may ask for.
#[derive(Clone, Copy)]
pub(super) struct Budget {
    /// Bytes of the files that the map leads to.
    bytes: u64,
    /// Entries of tables that the map goes through.
    steps: u64,
}

impl Budget {
    /// For files that hold this many bytes: each byte may be meant eight
    /// times, and hold two entries.
    pub(super) fn of(held: u64) -> Budget {
        let spare = 1 << 20;
        Budget {
            bytes: held.saturating_mul(8).saturating_add(spare),
            steps: held.saturating_mul(2).saturating_add(spare),
        }
    }
}

/// What a survey found.
pub(super) struct Found {
    /// The first byte that is too much, or the maximum.
    pub(super) limit: u64,
    /// What is lost.
    pub(super) problems: Vec<Problem>,
}

/// Goes through the whole map of a disk.
pub(super) fn survey(disk: &Disk, budget: Budget) -> Found {
    let mut lost = Lost::default();
    let Budget { mut bytes, mut steps } = budget;
    let mut limit = u64::MAX;
    let mut at = 0;
    while at < disk.size {
        let stretch = disk.locate(at);
        let cost = match stretch.place {
            Place::Stored { .. } => stretch.length,
            Place::Packed(packed) => packed.length,
            _ => 0,
        };
        let left = bytes.checked_sub(cost).zip(steps.checked_sub(1));
        let Some(left) = left else {
            limit = at;
            let rest = disk.size.saturating_sub(at);
            lost.add(Reason::ExpansionLimit, at, rest);
            break;
        };
        (bytes, steps) = left;
        if let Place::Lost(reason) = stretch.place {
            lost.add(reason, at, stretch.length);
        }
        at = at.saturating_add(stretch.length);
    }
    Found { limit, problems: lost.into_problems() }
}

#[derive(Default)]
struct Lost {
    told: Vec<Problem>,
    /// Reason, first place, bytes.
    more: Vec<(Reason, u64, u64)>,
}

impl Lost {
    fn add(&mut self, reason: Reason, at: u64, length: u64) {
        if let Some(last) = self.told.last_mut()
            && last.reason == reason
            && last.physical.map(|start| start.saturating_add(last.bytes))
                == Some(at)
        {
            last.bytes = last.bytes.saturating_add(length);
        } else if self.told.len() < TOLD {
            let detail = match reason {
                Reason::ExpansionLimit => {
                    "the image promises more than its files hold"
                }
                Reason::Truncated => "lies behind the end of the file",
                Reason::CorruptMetadata => "the map of the image is wrong",
                other => other.summary(),
            };
            self.told.push(problem(reason, at, length, detail));
        } else if let Some(sum) = self.more.iter_mut().find(|m| m.0 == reason)
        {
            sum.2 = sum.2.saturating_add(length);
        } else {
            self.more.push((reason, at, length));
        }
    }

    fn into_problems(mut self) -> Vec<Problem> {
        for (reason, at, length) in self.more {
            let detail = "further ranges, summed up";
            self.told.push(problem(reason, at, length, detail));
        }
        self.told
    }
}
