//! The logic hash: what a rule looks for, without how it is written.
//!
//! It covers the values and modifiers of the patterns and the condition, and
//! whether the rule is global or private. It does not cover names of the
//! rule, of patterns and of variables, the order of patterns, tags,
//! metadata, comments and layout. Forms with one meaning have one hash, as
//! far as that can be seen without types: `0 of them` and `none of them`,
//! `/a/i` and `/a/ nocase`, `{ 41 42 }` and `"AB"`.
//!
//! The hash begins with the version of its algorithm, so that a better one
//! is never taken for a changed rule.

mod condition;
mod pattern;

pub(crate) use condition::has_prefix;
pub(crate) use pattern::digest as pattern_digest;

use std::fmt;
use std::str::FromStr;

use dragnet_compiler::source::{FileId, Span};
use dragnet_compiler::syntax::ast::{File, Item, MetaValue, Rule};
use sha2::{Digest, Sha256};

/// The version of the algorithm.
const VERSION: &str = "d1:";
/// Bytes of the hash that are kept.
const LENGTH: usize = 20;

/// The hash of the logic of a rule. As text it is `d1:` and 40 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogicHash([u8; LENGTH]);

impl LogicHash {
    /// The hash of a rule of `file`, which was parsed from `text`; `None` if
    /// the rule has errors of syntax.
    pub fn of_rule(
        file: &File,
        text: &[u8],
        rule: &Rule,
    ) -> Option<LogicHash> {
        if rule.broken {
            return None;
        }
        let patterns: Option<Vec<[u8; 32]>> =
            rule.patterns.iter().map(|p| pattern::digest(p, text)).collect();
        let patterns = patterns?;
        let mut sorted = patterns.clone();
        sorted.sort_unstable();
        let mut hash = Sha256::new();
        hash.update([
            u8::from(!rule.global.is_empty()),
            u8::from(!rule.private.is_empty()),
        ]);
        hash.update((sorted.len() as u64).to_le_bytes());
        sorted.iter().for_each(|digest| hash.update(digest));
        hash.update(condition::bytes(file, text, rule, &patterns));
        let whole: [u8; 32] = hash.finalize().into();
        let mut short = [0; LENGTH];
        short.copy_from_slice(&whole[..LENGTH]);
        Some(LogicHash(short))
    }
}

impl fmt::Display for LogicHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(VERSION)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The text is no logic hash of a known version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoLogicHash;

impl fmt::Display for NoLogicHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a logic hash is `d1:` and 40 hexadecimal digits")
    }
}

impl std::error::Error for NoLogicHash {}

impl FromStr for LogicHash {
    type Err = NoLogicHash;

    fn from_str(text: &str) -> Result<LogicHash, NoLogicHash> {
        let digits = text.strip_prefix(VERSION).ok_or(NoLogicHash)?;
        let mut bytes = [0; LENGTH];
        if digits.len() != 2 * LENGTH {
            return Err(NoLogicHash);
        }
        let pairs = digits.as_bytes().chunks_exact(2);
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            let digit = |at: u8| char::from(at).to_digit(16);
            let (high, low) = (digit(pair[0]), digit(pair[1]));
            let (Some(high), Some(low)) = (high, low) else {
                return Err(NoLogicHash);
            };
            *byte = (high << 4 | low) as u8;
        }
        Ok(LogicHash(bytes))
    }
}

/// A rule of a text and the hash of its logic.
#[derive(Clone, Debug, PartialEq)]
pub struct HashedRule {
    /// The name of the rule.
    pub name: String,
    /// Where the rule stands.
    pub span: Span,
    /// Its hash; `None` if it has errors of syntax.
    pub hash: Option<LogicHash>,
    /// Its metadata, in order; keys may repeat.
    pub meta: Vec<(String, MetaValue)>,
}

/// The hashes of all rules of a text, in order. Includes are not followed.
pub fn logic_hashes(text: &[u8]) -> Vec<HashedRule> {
    let (file, _) = dragnet_compiler::syntax::parse(text, FileId::default());
    let rules = file.items.iter().filter_map(|item| match item {
        Item::Rule(rule) => Some(rule),
        _ => None,
    });
    rules
        .map(|rule| HashedRule {
            name: rule.name.text.clone(),
            span: rule.span,
            hash: LogicHash::of_rule(&file, text, rule),
            meta: rule
                .meta
                .iter()
                .map(|meta| (meta.key.text.clone(), meta.value.clone()))
                .collect(),
        })
        .collect()
}
