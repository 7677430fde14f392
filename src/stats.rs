//! Figures about compiled rules: what the search of a scan is made of.

use std::collections::{BTreeMap, BTreeSet};

use crate::rules::Rules;

/// How much there is of what in a rule set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Rules.
    pub rules: usize,
    /// Patterns of all rules.
    pub patterns: usize,
    /// Different literals that are searched for.
    pub literals: usize,
    /// Ways from a literal to a pattern that it may belong to.
    pub atoms: usize,
    /// How many literals have which length in bytes.
    pub lengths: BTreeMap<usize, usize>,
    /// Patterns without a literal, or with one of a single byte, which are
    /// tried nearly everywhere: names of rule and pattern.
    pub slow: BTreeSet<(String, String)>,
}

impl Stats {
    /// The figures of these rules.
    pub fn of(rules: &Rules) -> Stats {
        let tables = rules.set.tables();
        let mut lengths = BTreeMap::new();
        for literal in tables.literals {
            let length = usize::from(literal.length);
            *lengths.entry(length).or_default() += 1;
        }
        let short = tables.literals.iter().filter(|l| l.length < 2);
        let short = short.flat_map(|literal| &tables.atoms[literal.atoms()]);
        let forms = tables.slow.iter().map(|form| form.get());
        let forms = forms.chain(short.map(|atom| atom.sub.get()));
        let slow = forms.map(|form| {
            let form = &tables.subs[form as usize];
            let pattern = &tables.patterns[form.pattern.get() as usize];
            let rule = &tables.rules[pattern.rule.get() as usize];
            let name = |id: u32| tables.name(id).to_owned();
            (name(rule.name.get()), name(pattern.name.get()))
        });
        Stats {
            rules: rules.len(),
            patterns: rules.pattern_count(),
            literals: tables.literals.len(),
            atoms: tables.atoms.len(),
            lengths,
            slow: slow.collect(),
        }
    }
}
