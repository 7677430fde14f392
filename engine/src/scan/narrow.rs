//! Tables for the deferred patterns of single rules.
//!
//! Most small objects make one or two rules worth a second look. The tables
//! for all deferred patterns would find the commonest words there are, for
//! rules that nobody asked about; those of a few rules find next to nothing.

use std::collections::HashMap;

use super::search::own_tables;
use crate::cond::BitSet;
use crate::prefilter::grid::Parts;
use crate::ruleset::Tables;

/// More rules at once are looked for with the tables of the set,
const APART: usize = 4;
/// and so are rules with more literals.
const LITERALS: usize = 64;
/// So many rules have tables, of some 10 KiB each.
const MOST: usize = 256;
/// What is asked for once may never be asked for again.
const SEEN: u32 = 2;

/// Tables that were made, by rule.
#[derive(Debug, Default)]
pub(super) struct Narrow {
    rules: HashMap<u32, Entry>,
}

#[derive(Debug, Default)]
struct Entry {
    asked: u32,
    tables: Option<(Parts, Vec<u32>)>,
}

impl Narrow {
    /// Are there tables for each of these rules, and is it worth to use
    /// them?
    pub(super) fn prepare(
        &mut self,
        tables: &Tables<'_>,
        rules: &BitSet,
    ) -> bool {
        if rules.iter().take(APART + 1).count() > APART {
            return false;
        }
        // Each is asked for, also behind one that has none.
        let asked = rules.iter().map(|rule| self.ask(tables, rule));
        asked.filter(|has_tables| !has_tables).count() == 0
    }

    fn ask(&mut self, tables: &Tables<'_>, rule: u32) -> bool {
        if self.rules.len() >= MOST && !self.rules.contains_key(&rule) {
            self.rules.clear();
        }
        let entry = self.rules.entry(rule).or_default();
        entry.asked = entry.asked.saturating_add(1);
        if entry.asked == SEEN {
            let ids = tables.deferred(rule);
            if ids.len() <= LITERALS {
                let ids: Vec<u32> = ids.iter().map(|id| id.get()).collect();
                let parts = own_tables(tables, &ids);
                entry.tables = parts.map(|parts| (parts, ids));
            }
        }
        entry.tables.is_some()
    }

    /// The tables for a rule, and their literals.
    pub(super) fn of(&self, rule: u32) -> Option<(&Parts, &[u32])> {
        let (parts, ids) = self.rules.get(&rule)?.tables.as_ref()?;
        Some((parts, ids))
    }
}
