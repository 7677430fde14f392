//! Which rules are worth a second search, for their deferred patterns.

use crate::cond::BitSet;
use crate::ruleset::Tables;
use crate::ruleset::layout::{NONE, RuleRec, need};
use crate::scan::MatchTable;

/// Collects the rules that may hold with what has matched so far.
#[derive(Debug, Default)]
pub(super) struct Deferred {
    pub(super) rules: BitSet,
    stack: Vec<bool>,
}

impl Deferred {
    pub(super) fn new(rules: usize) -> Deferred {
        Deferred { rules: BitSet::new(rules), ..Deferred::default() }
    }

    /// Are there any? The matches must be complete, but for deferred
    /// patterns.
    pub(super) fn collect(
        &mut self,
        tables: &Tables<'_>,
        matches: &MatchTable,
    ) -> bool {
        self.rules.clear();
        let mut any = false;
        for pattern in matches.touched() {
            let id = tables.patterns[*pattern as usize].rule.get();
            let rule = &tables.rules[id as usize];
            if rule.need.get() == NONE || self.rules.contains(id) {
                continue;
            }
            if self.may_hold(tables, rule, matches) {
                any = true;
                self.rules.insert(id);
            }
        }
        any
    }

    /// The literals of the deferred patterns of the rules, ascending, each
    /// once.
    pub(super) fn literals(&self, tables: &Tables<'_>) -> Vec<u32> {
        let lists = self.rules.iter().map(|rule| tables.deferred(rule));
        let mut literals: Vec<u32> =
            lists.flatten().map(|l| l.get()).collect();
        literals.sort_unstable();
        literals.dedup();
        literals
    }

    fn may_hold(
        &mut self,
        tables: &Tables<'_>,
        rule: &RuleRec,
        matches: &MatchTable,
    ) -> bool {
        let start = rule.pattern_start.get();
        let mut code = tables.list(rule.need.get()).iter().map(|w| w.get());
        self.stack.clear();
        while let Some(op) = code.next() {
            let Some(first) = code.next() else { return true };
            if op == need::HIT {
                let id = start.saturating_add(first);
                self.stack.push(tables.is_deferred(id) || matches.is_hit(id));
                continue;
            }
            // What makes no sense rules nothing out.
            let Some(of) = code.next() else { return true };
            let Some(rest) = self.stack.len().checked_sub(of as usize) else {
                return true;
            };
            let items = self.stack.drain(rest..);
            let holding = items.filter(|holds| *holds).count();
            self.stack.push(holding >= first as usize);
        }
        self.stack.pop().unwrap_or(true)
    }
}
