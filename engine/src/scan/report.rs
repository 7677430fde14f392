//! What a scan found.

use super::limits::LimitHit;
use super::matches::{Match, MatchTable};
use crate::ruleset::layout::{
    MetaRec, PatternRec, RuleRec, pattern_flags, rule_flags,
};
use crate::ruleset::{Constant, RuleSet, Tables};

/// A line that a rule wrote with `console.log`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleLine {
    /// The rule, by its number in the set.
    pub rule: u32,
    /// What it wrote.
    pub message: String,
}

/// The result of the scan of one object.
#[derive(Clone, Copy)]
pub struct Report<'s> {
    pub(super) rules: &'s RuleSet,
    pub(super) data: &'s [u8],
    pub(super) table: &'s MatchTable,
    pub(super) matching: &'s [u32],
    pub(super) console: &'s [ConsoleLine],
    pub(super) limits: &'s [LimitHit],
}

impl<'s> Report<'s> {
    /// The rules that match, in declaration order, private ones included.
    pub fn all_rules(&self) -> impl Iterator<Item = RuleMatch<'s>> + use<'s> {
        let tables = self.rules.tables();
        let table = self.table;
        self.matching.iter().map(move |id| RuleMatch {
            record: &tables.rules[*id as usize],
            id: *id,
            tables,
            table,
        })
    }

    /// The rules that match and are not private, in declaration order.
    pub fn rules(&self) -> impl Iterator<Item = RuleMatch<'s>> + use<'s> {
        self.all_rules().filter(|rule| !rule.is_private())
    }

    /// Lines of `console.log`, in order.
    pub fn console(&self) -> &'s [ConsoleLine] {
        self.console
    }

    /// Limits that were reached.
    pub fn limits(&self) -> &'s [LimitHit] {
        self.limits
    }

    /// False if a limit may have hidden a match.
    pub fn is_complete(&self) -> bool {
        !self.limits.iter().any(|hit| hit.limit.is_incomplete())
    }

    /// The scanned bytes.
    pub fn data(&self) -> &'s [u8] {
        self.data
    }
}

/// A rule that matches.
#[derive(Clone, Copy)]
pub struct RuleMatch<'s> {
    id: u32,
    record: &'s RuleRec,
    tables: Tables<'s>,
    table: &'s MatchTable,
}

impl<'s> RuleMatch<'s> {
    /// Its number in the set, in declaration order.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Its name.
    pub fn name(&self) -> &'s str {
        self.tables.name(self.record.name.get())
    }

    /// Its namespace.
    pub fn namespace(&self) -> &'s str {
        let namespace = self.record.namespace.get() as usize;
        self.tables.name(self.tables.namespaces[namespace].name.get())
    }

    /// Is it a private rule?
    pub fn is_private(&self) -> bool {
        self.record.flags.get() & rule_flags::PRIVATE != 0
    }

    /// Is it a global rule?
    pub fn is_global(&self) -> bool {
        self.record.flags.get() & rule_flags::GLOBAL != 0
    }

    /// Its tags.
    pub fn tags(&self) -> impl Iterator<Item = &'s str> + use<'s> {
        let tables = self.tables;
        tables
            .list(self.record.tags.get())
            .iter()
            .map(move |tag| tables.name(tag.get()))
    }

    /// Its metadata, in order.
    pub fn meta(
        &self,
    ) -> impl Iterator<Item = (&'s str, Constant<'s>)> + use<'s> {
        let tables = self.tables;
        let start = self.record.meta_start.get() as usize;
        let count = self.record.meta_count.get() as usize;
        tables.metas[start..start + count].iter().map(move |m: &MetaRec| {
            let value = tables.constant(m.kind.get(), m.value.get());
            (tables.name(m.key.get()), value)
        })
    }

    /// All its patterns, in order, with their matches; private ones and
    /// those without a match included.
    pub fn patterns(
        &self,
    ) -> impl Iterator<Item = PatternMatches<'s>> + use<'s> {
        let start = self.record.pattern_start.get();
        let count = self.record.pattern_count.get();
        let (tables, table) = (self.tables, self.table);
        (start..start + count).map(move |id| PatternMatches {
            id,
            record: &tables.patterns[id as usize],
            tables,
            table,
        })
    }
}

/// A pattern and its matches.
#[derive(Clone, Copy)]
pub struct PatternMatches<'s> {
    id: u32,
    record: &'s PatternRec,
    tables: Tables<'s>,
    table: &'s MatchTable,
}

impl<'s> PatternMatches<'s> {
    /// Its number in the set.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Its name without `$`; empty if it is anonymous.
    pub fn name(&self) -> &'s str {
        self.tables.name(self.record.name.get())
    }

    /// Is it a private pattern?
    pub fn is_private(&self) -> bool {
        self.record.flags.get() & pattern_flags::PRIVATE != 0
    }

    /// Is it a hex pattern?
    pub fn is_hex(&self) -> bool {
        self.record.flags.get() & pattern_flags::HEX != 0
    }

    /// Its matches, by offset.
    pub fn matches(&self) -> &'s [Match] {
        self.table.of(self.id)
    }
}
