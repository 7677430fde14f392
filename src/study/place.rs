//! Where the strings of rules are written: the typed form of a rule has only
//! the places of its condition.

use std::collections::HashMap;

use dragnet_compiler::ir::{PatternId, Rule};
use dragnet_compiler::source::{FileId, SourceMap, Span};
use dragnet_compiler::syntax::ast::Item;
use dragnet_compiler::syntax::parse;

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
