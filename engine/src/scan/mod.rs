//! Scanning one object: bytes, or the regions of memory.

mod chain;
mod deferred;
mod gate;
mod limits;
mod matches;
mod narrow;
mod pass;
mod places;
mod report;
mod scanner;
mod search;
mod space;
mod split;
mod work;

pub use limits::{Limit, LimitHit, Limits};
pub use matches::{Match, MatchTable};
pub use report::{ConsoleLine, PatternMatches, Report, RuleMatch};
pub use scanner::{DefineError, Look, Scanner};
pub use space::{RegionBytes, Regions, SpaceOptions};
pub use split::Helpers;
pub use work::{PatternWork, RuleWork, Work};
