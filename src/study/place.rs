//! What the typed form of a rule does not have: where its strings are
//! written, and the hash of its logic.

use std::collections::HashMap;

use dragnet_compiler::ir::{PatternId, Rule};
use dragnet_compiler::source::{FileId, SourceMap, Span};
use dragnet_compiler::syntax::ast::Item;
use dragnet_compiler::syntax::parse;

use crate::logic_hash::{LogicHash, logic_hashes};

/// The places of the strings of some rules.
#[derive(Debug, Default)]
pub struct Places {
    /// By file and place of the name of the rule.
    strings: HashMap<(FileId, u32), Vec<Span>>,
}

impl Places {
    /// Reads the texts again.
    pub fn new(sources: &SourceMap) -> Places {
        let mut strings = HashMap::new();
        for (id, file) in sources.iter() {
            let (tree, _) = parse(&file.text, id);
            for item in tree.items {
                if let Item::Rule(rule) = item {
                    let spans = rule.patterns.iter().map(|p| p.span);
                    strings.insert((id, rule.name.span.lo), spans.collect());
                }
            }
        }
        Places { strings }
    }

    /// The declaration of a string.
    pub fn string(&self, rule: &Rule, pattern: PatternId) -> Option<Span> {
        let key = (rule.file, rule.span.lo);
        self.strings.get(&key)?.get(pattern.0 as usize).copied()
    }
}

/// The hashes of the logic of some rules.
#[derive(Debug, Default)]
pub struct LogicHashes {
    by_name: HashMap<(FileId, String), LogicHash>,
}

impl LogicHashes {
    /// Reads the texts again.
    pub fn new(sources: &SourceMap) -> LogicHashes {
        let mut by_name = HashMap::new();
        for (id, file) in sources.iter() {
            for rule in logic_hashes(&file.text) {
                if let Some(hash) = rule.hash {
                    by_name.insert((id, rule.name), hash);
                }
            }
        }
        LogicHashes { by_name }
    }

    /// The hash of a rule.
    pub fn of(&self, rule: &Rule) -> Option<LogicHash> {
        self.by_name.get(&(rule.file, rule.name.clone())).copied()
    }
}
