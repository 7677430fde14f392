//! What a scan may spend, and what it says when that is not enough.

use std::time::{Duration, Instant, SystemTime};

/// Limits of the scan of one object.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Matches kept for one pattern. Further ones are not looked for.
    pub matches_per_pattern: usize,
    /// Time for one object.
    pub timeout: Option<Duration>,
    /// Work for verifying hits and evaluating conditions: about one unit a
    /// byte looked at. The size of the object is added to it, sixty-four
    /// units a byte.
    pub fuel: u64,
    /// Keeps only the first match of each pattern of which no condition asks
    /// more than whether it matches. The same rules match.
    pub first_match_only: bool,
    /// Work for one verification. A text that the expression of `matches` is
    /// looked for in adds sixty-four units a byte.
    pub verification_fuel: u64,
    /// Work for the costly verifications of one pattern; the size of the
    /// object is added to it, sixty-four units a byte.
    pub pattern_fuel: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            matches_per_pattern: 1_000_000,
            timeout: None,
            first_match_only: false,
            fuel: 20_000_000_000,
            verification_fuel: 4_000_000,
            pattern_fuel: 200_000_000,
        }
    }
}

/// Which limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// [`Limits::matches_per_pattern`]
    Matches,
    /// [`Limits::timeout`]
    Timeout,
    /// [`Limits::fuel`]
    Fuel,
    /// [`Limits::verification_fuel`], [`Limits::pattern_fuel`]
    Verification,
}

impl Limit {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Limit::Matches => "match_limit",
            Limit::Timeout => "timeout",
            Limit::Fuel => "fuel",
            Limit::Verification => "verification",
        }
    }

    /// True if something may have been missed that the rules ask for. A cut
    /// list of matches only makes counts "at least".
    pub fn is_incomplete(self) -> bool {
        self != Limit::Matches
    }
}

/// A limit that was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LimitHit {
    /// Which.
    pub limit: Limit,
    /// The rule at work, if it was one rule.
    pub rule: Option<u32>,
    /// The pattern at work, counted over the whole set.
    pub pattern: Option<u32>,
    /// The limit's value: matches, milliseconds or units of work.
    pub value: u64,
}

/// The clock of one scan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    end: Option<Instant>,
}

impl Clock {
    pub(super) fn start(timeout: Option<Duration>) -> Clock {
        let end = timeout.and_then(|t| Instant::now().checked_add(t));
        Clock { end }
    }

    pub(super) fn is_over(&self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |d| d.as_secs() as i64)
}
