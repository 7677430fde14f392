//! Patterns: from what was written to literals and verifier programs.

mod atoms;
mod chain;
mod cost;
pub(crate) mod dfa;
#[cfg(test)]
mod engine_tests;
pub mod hir;
pub(crate) mod lower;
#[cfg(any(test, feature = "oracle"))]
pub mod naive;
pub(crate) mod prepare;
pub(crate) mod program;
pub mod to_regex_syntax;

pub use cost::check;
pub use lower::standard_alphabet;

use dragnet_engine::prefilter::rarity;
use hir::Hir;

/// A checked pattern: modifiers are consistent, the value is parsed.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// Name without `$`; empty if anonymous.
    pub name: String,
    /// Matches are not reported.
    pub private: bool,
    /// What to search for.
    pub value: Value,
    /// Search the bytes as written. At least one of `ascii` and `wide` is
    /// set; hex patterns have `ascii`.
    pub ascii: bool,
    /// Search with a zero after each byte.
    pub wide: bool,
    /// ASCII letters match in both cases (text; for a regular expression the
    /// case is already in its [`Hir`]).
    pub nocase: bool,
    /// Neighbours must not be alphanumeric.
    pub fullword: bool,
    /// If every use is `at` this constant offset, only that place counts.
    pub anchored_at: Option<u64>,
    /// The pattern is never used in the condition (its name starts with
    /// `_`) and need not be searched for if nobody reports it.
    pub unused: bool,
}

/// What a pattern searches for.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Plain text.
    Text(Vec<u8>),
    /// Text under each key of the range, both bounds included.
    Xor(Vec<u8>, u8, u8),
    /// Base64 forms of a text: the alphabets for `base64` and `base64wide`.
    Base64 {
        /// The text.
        text: Vec<u8>,
        /// Alphabet of `base64`, if given.
        plain: Option<Box<[u8; 64]>>,
        /// Alphabet of `base64wide`, if given.
        wide: Option<Box<[u8; 64]>>,
    },
    /// A regular expression.
    Regex {
        /// What it matches.
        hir: Hir,
        /// It has no lazy repetition.
        greedy: bool,
        /// It has greedy repetitions alone: of matches of several forms or
        /// alternatives at one offset the longest counts, else the shortest.
        longest: bool,
    },
    /// A hex pattern.
    Hex(Hir),
}
