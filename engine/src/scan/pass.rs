//! One pass over a part of an object: literals to hits to matches.

use std::collections::HashMap;
use std::ops::Range;

use super::chain::Pieces;
use super::limits::{Clock, Limit, LimitHit, Limits};
use super::matches::{Match, MatchTable};
use super::split::Fuel;
use super::work::PatternWork;
use crate::cond::BitSet;
use crate::prefilter::grid::Parts;
use crate::prefilter::{self, BLOCK, Engine, Hit, Hits, Isa};
use crate::ruleset::layout::{
    AtomRec, NONE, SubRec, pattern_flags, sub_flags,
};
use crate::ruleset::{RuleSet, Tables};
use crate::verify::vm::OutOfFuel;
use crate::verify::{Context, Found, Verifier};

/// Verifications that spend more are added up.
const COSTLY: u64 = 256;

/// Memory of a pass, kept from pass to pass.
#[derive(Debug)]
pub(super) struct Memory {
    verifier: Verifier,
    pub(super) pieces: Pieces,
    /// Patterns of which no more matches are looked for,
    full: Vec<bool>,
    /// and which ones these are.
    pub(super) filled: Vec<u32>,
    /// What costly verifications have spent, by pattern.
    spent: HashMap<u32, u64>,
    literals: prefilter::Scratch,
    pub(super) table: MatchTable,
    pub(super) hit_limits: Vec<LimitHit>,
    /// What patterns cost, if that is counted.
    pub(super) work: Option<Vec<PatternWork>>,
}

impl Memory {
    pub(super) fn new(tables: &Tables<'_>) -> Memory {
        Memory {
            verifier: Verifier::default(),
            pieces: Pieces::new(tables.subs.len()),
            full: vec![false; tables.patterns.len()],
            filled: Vec::new(),
            spent: HashMap::new(),
            literals: prefilter::Scratch::default(),
            table: MatchTable::new(tables.patterns.len()),
            hit_limits: Vec::new(),
            work: None,
        }
    }

    pub(super) fn clear(&mut self) {
        self.spent.clear();
        self.pieces.clear();
        for pattern in self.filled.drain(..) {
            self.full[pattern as usize] = false;
        }
        self.table.clear();
        self.hit_limits.clear();
    }

    /// Puts in order what was found, once all is searched.
    pub(super) fn finish(&mut self, limits: &Limits) {
        let table = &mut self.table;
        table.finish();
        for index in 0..table.touched().len() {
            let pattern = table.touched()[index];
            table.truncate(pattern, limits.matches_per_pattern);
        }
    }

    /// Looks for no more matches of a pattern.
    pub(super) fn fill(&mut self, pattern: u32) {
        if !std::mem::replace(&mut self.full[pattern as usize], true) {
            self.filled.push(pattern);
        }
    }

    pub(super) fn is_full(&self, pattern: u32) -> bool {
        self.full[pattern as usize]
    }

    pub(super) fn spent(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        self.spent.iter().map(|(pattern, spent)| (*pattern, *spent))
    }
}

/// What all passes over an object share.
#[derive(Clone, Copy)]
pub(super) struct Plan<'a> {
    pub(super) cx: Context<'a>,
    /// The address of the first byte, which is that of a region of memory.
    pub(super) base: u64,
    /// Bytes of the object so far: more than there are here, if other
    /// regions came before.
    pub(super) size: u64,
    /// Rules whose patterns need not be found.
    pub(super) dead: &'a BitSet,
    pub(super) limits: &'a Limits,
    pub(super) clock: Clock,
}

/// Which patterns are looked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Round<'a> {
    /// Those that are not deferred.
    First,
    /// Deferred ones, of these rules.
    Second(&'a BitSet),
    /// Deferred ones, of this rule.
    Rule(u32),
    /// All.
    Only,
}

/// Which tables find the literals.
#[derive(Clone, Copy)]
pub(super) enum Literals<'a> {
    /// Those of the rule set for a round.
    Set(&'a RuleSet, usize, Engine),
    /// Tables for some literals only, and which ones these are.
    Own(&'a Parts, &'a [u32], Isa),
}

/// A pass over a part of an object.
pub(super) struct Pass<'p, 'a> {
    pub(super) plan: Plan<'a>,
    pub(super) round: Round<'p>,
    pub(super) fuel: Fuel<'p>,
    pub(super) stopped: bool,
    /// Nothing was there to be verified.
    pub(super) is_quiet: bool,
    pub(super) memory: &'p mut Memory,
}

/// Takes hits of a part of the literals.
struct Renumbered<'h, 'p, 'a> {
    pass: &'h mut Pass<'p, 'a>,
    literals: &'h [u32],
}

impl Hits for Renumbered<'_, '_, '_> {
    fn hit(&mut self, hit: Hit) -> bool {
        let literal = self.literals[hit.literal as usize];
        self.pass.hit(Hit { literal, ..hit })
    }

    fn block(&mut self) -> bool {
        self.pass.block()
    }
}

impl Hits for Pass<'_, '_> {
    fn hit(&mut self, hit: Hit) -> bool {
        let tables = self.plan.cx.tables;
        let literal = &tables.literals[hit.literal as usize];
        self.is_quiet = false;
        for atom in &tables.atoms[literal.atoms()] {
            if !self.wants(atom.rule.get(), atom.is_deferred()) {
                continue;
            }
            let form = atom.sub.get();
            let sub = &tables.subs[form as usize];
            if self.memory.is_full(sub.pattern.get())
                || !may_match(tables, atom, self.plan.cx.data, hit.offset)
            {
                continue;
            }
            if let Some(work) = &mut self.memory.work {
                work[sub.pattern.get() as usize].hits += 1;
            }
            self.verify(form, sub, |verifier, cx, fuel, on_found| {
                verifier.atom(cx, atom, hit.offset, fuel, on_found)
            });
            if self.stopped {
                return false;
            }
        }
        true
    }

    fn block(&mut self) -> bool {
        if !self.fuel.share() {
            self.stop(Limit::Fuel);
        }
        if self.plan.clock.is_over() {
            self.stop(Limit::Timeout);
        }
        !self.stopped
    }
}

impl<'a> Pass<'_, 'a> {
    /// Looks for everything that starts in a range: one of whole chunks of
    /// the filter, or to the end of the data.
    pub(super) fn run(&mut self, literals: Literals<'_>, range: Range<usize>) {
        let mut scratch = std::mem::take(&mut self.memory.literals);
        let data = self.plan.cx.data;
        let part = range.clone();
        match literals {
            Literals::Set(rules, round, engine) => {
                let scratch = &mut scratch;
                rules.find_literals(round, engine, scratch, data, part, self);
            }
            Literals::Own(parts, literals, isa) => {
                let mut hits = Renumbered { pass: self, literals };
                parts.find(isa, &mut scratch, data, part, &mut hits);
            }
        }
        self.memory.literals = scratch;
        self.slow(range);
        // What the last piece of the range has spent.
        if !self.fuel.share() {
            self.stop(Limit::Fuel);
        }
    }

    /// Runs one verification within its limits and keeps what it finds.
    pub(super) fn verify(
        &mut self,
        form: u32,
        sub: &SubRec,
        run: impl FnOnce(
            &mut Verifier,
            &Context<'a>,
            &mut u64,
            &mut dyn FnMut(Found),
        ) -> Result<(), OutOfFuel>,
    ) {
        let limits = self.plan.limits;
        let budget = limits.verification_fuel.min(self.fuel.left());
        let mut fuel = budget;
        let chained = sub.flags.get() & sub_flags::CHAINED != 0;
        let pattern = sub.pattern.get();
        let record = &self.plan.cx.tables.patterns[pattern as usize];
        let longest = record.flags.get() & pattern_flags::LONGEST != 0;
        let anchor = record.anchor.get();
        let mut count = 0;
        let base = self.plan.base;
        let Memory { verifier, pieces, table, .. } = &mut *self.memory;
        let cx = &self.plan.cx;
        let result = run(verifier, cx, &mut fuel, &mut |found| {
            if chained {
                count = pieces.add(form, (found.start, found.end));
            } else {
                let new = as_match(found, base);
                if is_anchored(anchor, new.offset) {
                    count = table.add(pattern, new, longest);
                }
            }
        });
        let spent = budget - fuel;
        self.fuel.spend(spent);
        if let Some(work) = &mut self.memory.work {
            work[pattern as usize].verifications += 1;
            work[pattern as usize].steps += spent;
        }
        if spent > COSTLY && self.plan.clock.is_over() {
            self.stop(Limit::Timeout);
        }
        if spent > COSTLY && self.overspent(pattern, spent) {
            self.memory.fill(pattern);
            let value = self.plan.limits.pattern_fuel;
            self.limit(Limit::Verification, Some(pattern), value);
        }
        if count >= self.plan.limits.matches_per_pattern {
            self.full(form, pattern, longest, chained);
        }
        if result.is_err() {
            if self.fuel.left() == 0 {
                self.stop(Limit::Fuel);
            } else {
                let value = self.plan.limits.verification_fuel;
                self.limit(Limit::Verification, Some(pattern), value);
            }
        }
    }

    /// Adds to what the verifications of a pattern have spent; true if that
    /// is more than it may.
    pub(super) fn overspent(&mut self, pattern: u32, spent: u64) -> bool {
        let size = self.plan.size.saturating_mul(64);
        let limit = self.plan.limits.pattern_fuel.saturating_add(size);
        let sum = self.memory.spent.entry(pattern).or_default();
        *sum += spent;
        *sum > limit
    }

    /// A list has reached its limit, perhaps with repeated offsets in it.
    pub(super) fn full(
        &mut self,
        form: u32,
        pattern: u32,
        longest: bool,
        piece: bool,
    ) {
        let limit = self.plan.limits.matches_per_pattern;
        let count = if piece {
            self.memory.pieces.dedup(form)
        } else {
            self.memory.table.sort(pattern, longest)
        };
        if count >= limit {
            self.memory.fill(pattern);
            self.limit(Limit::Matches, Some(pattern), limit as u64);
        }
    }

    pub(super) fn limit(
        &mut self,
        limit: Limit,
        pattern: Option<u32>,
        value: u64,
    ) {
        let rule = pattern
            .map(|p| self.plan.cx.tables.patterns[p as usize].rule.get());
        self.keep(LimitHit { limit, rule, pattern, value });
    }

    /// Remembers a limit that was reached, once.
    pub(super) fn keep(&mut self, hit: LimitHit) {
        if !self.memory.hit_limits.contains(&hit) {
            self.memory.hit_limits.push(hit);
        }
    }

    pub(super) fn stop(&mut self, limit: Limit) {
        let value = match limit {
            Limit::Timeout => {
                self.plan.limits.timeout.map_or(0, |t| t.as_millis() as u64)
            }
            _ => self.plan.limits.fuel,
        };
        self.stopped = true;
        self.limit(limit, None, value);
    }

    /// Is a pattern of this rule looked for in this round?
    #[inline]
    pub(super) fn wants(&self, rule: u32, deferred: bool) -> bool {
        match self.round {
            Round::First => !deferred && !self.plan.dead.contains(rule),
            Round::Second(rules) => deferred && rules.contains(rule),
            Round::Rule(only) => deferred && rule == only,
            Round::Only => !self.plan.dead.contains(rule),
        }
    }

    pub(super) fn wants_form(&self, sub: &SubRec) -> bool {
        let tables = self.plan.cx.tables;
        let pattern = &tables.patterns[sub.pattern.get() as usize];
        let deferred = pattern.flags.get() & pattern_flags::DEFERRED != 0;
        self.wants(pattern.rule.get(), deferred)
    }

    /// Tries the forms without a literal at every offset of a range.
    fn slow(&mut self, range: Range<usize>) {
        let tables = self.plan.cx.tables;
        let data = self.plan.cx.data;
        for form in tables.slow {
            let form = form.get();
            let sub = &tables.subs[form as usize];
            let first = tables.sets.get(sub.extra.get() as usize);
            let first = first.filter(|_| sub.extra.get() != NONE);
            if !self.wants_form(sub) {
                continue;
            }
            for (at, byte) in range.clone().zip(&data[range.clone()]) {
                if at % BLOCK == 0 && !self.block() {
                    return;
                }
                let can_start = first.is_none_or(|set| {
                    set.bits[(byte >> 3) as usize] & (1 << (byte & 7)) != 0
                });
                if !can_start {
                    continue;
                }
                if self.memory.is_full(sub.pattern.get()) {
                    break;
                }
                self.is_quiet = false;
                self.verify(form, sub, |verifier, cx, fuel, on_found| {
                    verifier.at(cx, sub, at, at, fuel, on_found)
                });
                if self.stopped {
                    return;
                }
            }
        }
    }
}

/// False if what stands near a hit rules out a match of the atom. Where the
/// data end nearby, that is left to the verification.
#[inline]
fn may_match(
    tables: &Tables<'_>,
    atom: &AtomRec,
    data: &[u8],
    hit: usize,
) -> bool {
    tables.nears[atom.nears()].iter().all(|near| {
        let at = |distance: i16| hit.checked_add_signed(distance.into());
        let places = at(near.nearest.get()).zip(at(near.farthest.get()));
        let part = places.and_then(|(first, last)| data.get(first..last + 8));
        let (bytes, mask) = (near.bytes(), near.mask.get());
        part.is_none_or(|part| {
            part.windows(8).any(|eight| {
                let eight = eight.first_chunk().copied().unwrap_or_default();
                u64::from_le_bytes(eight) & mask == bytes
            })
        })
    })
}

/// May a match be there of a pattern that counts at one offset only? A
/// negative number is none.
pub(super) fn is_anchored(anchor: i64, offset: u64) -> bool {
    u64::try_from(anchor).map_or(true, |anchor| anchor == offset)
}

/// A match in bytes whose first one has this offset or address.
pub(super) fn as_match(found: Found, base: u64) -> Match {
    Match {
        offset: base.saturating_add(found.start as u64),
        length: (found.end - found.start).min(u32::MAX as usize) as u32,
        xor_key: found.xor_key,
        truncated: found.truncated,
    }
}
