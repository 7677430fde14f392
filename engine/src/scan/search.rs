//! From the bytes of an object to the matches of all patterns.

use std::collections::HashMap;

use super::chain::{self, Gap, Piece};
use super::deferred::Deferred;
use super::limits::{Clock, Limit, LimitHit, Limits};
use super::matches::{Match, MatchTable};
use crate::cond::BitSet;
use crate::prefilter::grid::Parts;
use crate::prefilter::{self, BLOCK, Engine, Hit, Hits, Isa};
use crate::ruleset::layout::{
    AtomRec, NONE, SubRec, pattern_flags, sub_flags,
};
use crate::ruleset::{RuleSet, Tables};
use crate::verify::vm::OutOfFuel;
use crate::verify::{Context, Found, Verifier};

/// Scratch memory of the search, kept between objects.
#[derive(Debug)]
pub(super) struct Scratch {
    verifier: Verifier,
    /// Occurrences of chain pieces, by form.
    pieces: Vec<Vec<Piece>>,
    /// Forms with occurrences in `pieces`.
    pieced: Vec<u32>,
    /// Patterns whose list of matches is full.
    full: Vec<bool>,
    any_full: bool,
    /// What costly verifications have spent, by pattern.
    spent: HashMap<u32, u64>,
    /// Literals of the first round.
    searched: usize,
    literals: prefilter::Scratch,
    deferred: Deferred,
    /// Forms that are tried at one offset only, and the offset.
    anchored: Vec<(u32, u64)>,
}

impl Scratch {
    pub(super) fn new(tables: &Tables<'_>) -> Scratch {
        let anchored = tables.subs.iter().enumerate().filter_map(|(id, s)| {
            let chained = s.flags.get() & sub_flags::CHAINED != 0;
            let pattern = &tables.patterns[s.pattern.get() as usize];
            let offset = u64::try_from(pattern.anchor.get()).ok()?;
            (!chained).then_some((id as u32, offset))
        });
        Scratch {
            verifier: Verifier::default(),
            pieces: vec![Vec::new(); tables.subs.len()],
            pieced: Vec::new(),
            full: vec![false; tables.patterns.len()],
            any_full: false,
            spent: HashMap::new(),
            searched: tables.searched_at_once(),
            literals: prefilter::Scratch::default(),
            deferred: Deferred::new(tables.rules.len()),
            anchored: anchored.collect(),
        }
    }

    fn clear(&mut self) {
        self.spent.clear();
        for form in self.pieced.drain(..) {
            self.pieces[form as usize].clear();
        }
        if self.any_full {
            self.full.fill(false);
            self.any_full = false;
        }
    }
}

/// What the search may spend.
#[derive(Clone, Copy)]
pub(super) struct Spending<'l> {
    pub(super) limits: &'l Limits,
    pub(super) clock: Clock,
}

/// What is searched for, and how.
pub(super) struct Task<'a> {
    pub(super) rules: &'a RuleSet,
    pub(super) engine: Engine,
    /// Rules whose patterns need not be found.
    pub(super) dead: &'a BitSet,
}

/// Finds all matches in `data`. Returns the fuel that is left.
pub(super) fn search(
    task: &Task<'_>,
    tables: &Tables<'_>,
    data: &[u8],
    spending: Spending<'_>,
    scratch: &mut Scratch,
    table: &mut MatchTable,
    hit_limits: &mut Vec<LimitHit>,
) -> u64 {
    let Spending { limits, clock } = spending;
    scratch.clear();
    let size = data.len() as u64;
    let mut search = Search {
        cx: Context { tables, dfas: task.rules.dfas(), data },
        round: match task.engine {
            Engine::Grid(_) if tables.has_grid() => Round::First,
            _ => Round::Only,
        },
        dead: task.dead,
        limits,
        clock,
        fuel: limits.fuel.saturating_add(size.saturating_mul(64)),
        scratch,
        table,
        hit_limits,
        stopped: false,
    };
    search.anchored();
    let mut literals = std::mem::take(&mut search.scratch.literals);
    if !search.narrowed(task.engine, &mut literals) {
        let (rules, engine) = (task.rules, task.engine);
        rules.find_literals(0, engine, &mut literals, data, &mut search);
    }
    search.slow();
    search.join();
    if search.round == Round::First {
        search.second_round(task, &mut literals);
    }
    search.scratch.literals = literals;
    let fuel = search.fuel;
    table.finish();
    for index in 0..table.touched().len() {
        let pattern = table.touched()[index];
        table.truncate(pattern, limits.matches_per_pattern);
    }
    fuel
}

struct Search<'a> {
    cx: Context<'a>,
    round: Round,
    dead: &'a BitSet,
    limits: &'a Limits,
    clock: Clock,
    fuel: u64,
    scratch: &'a mut Scratch,
    table: &'a mut MatchTable,
    hit_limits: &'a mut Vec<LimitHit>,
    stopped: bool,
}

/// Verifications that spend more are added up.
const COSTLY: u64 = 256;

/// Objects of so many bytes may have tables of their own,
const NARROW: usize = 4 << 20;
/// if they have so many bytes for each literal: about the time to enter it.
const NARROW_BYTES: usize = 4096;

/// The second round of objects of so many bytes has tables of its own: they
/// hold less than those of the set, but take time to make.
const OWN_TABLES: usize = 256 << 10;

/// Which patterns are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// Those that are not deferred.
    First,
    /// Deferred ones, of rules that may hold.
    Second,
    /// All.
    Only,
}

/// Takes hits of a part of the literals.
struct Renumbered<'h, 'a> {
    search: &'h mut Search<'a>,
    literals: &'h [u32],
}

impl Hits for Renumbered<'_, '_> {
    fn hit(&mut self, hit: Hit) -> bool {
        let literal = self.literals[hit.literal as usize];
        self.search.hit(Hit { literal, ..hit })
    }

    fn block(&mut self) -> bool {
        self.search.block()
    }
}

impl Hits for Search<'_> {
    fn hit(&mut self, hit: Hit) -> bool {
        let tables = self.cx.tables;
        let literal = &tables.literals[hit.literal as usize];
        for atom in &tables.atoms[literal.atoms()] {
            if !self.wants(atom.rule.get(), atom.is_deferred()) {
                continue;
            }
            let form = atom.sub.get();
            let sub = &tables.subs[form as usize];
            if self.scratch.full[sub.pattern.get() as usize]
                || !may_match(tables, atom, self.cx.data, hit.offset)
            {
                continue;
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
        if self.clock.is_over() {
            self.stop(Limit::Timeout);
        }
        !self.stopped
    }
}

impl<'a> Search<'a> {
    /// Runs one verification within its limits and keeps what it finds.
    fn verify(
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
        let budget = self.limits.verification_fuel.min(self.fuel);
        let mut fuel = budget;
        let (table, pieces) = (&mut *self.table, &mut self.scratch.pieces);
        let chained = sub.flags.get() & sub_flags::CHAINED != 0;
        let pattern = sub.pattern.get();
        let record = &self.cx.tables.patterns[pattern as usize];
        let longest = record.flags.get() & pattern_flags::LONGEST != 0;
        let anchor = record.anchor.get();
        let mut count = 0;
        let result = run(
            &mut self.scratch.verifier,
            &self.cx,
            &mut fuel,
            &mut |found| {
                if chained {
                    let list = &mut pieces[form as usize];
                    if list.is_empty() {
                        self.scratch.pieced.push(form);
                    }
                    list.push((found.start, found.end));
                    count = list.len();
                } else if anchor < 0 || anchor == found.start as i64 {
                    count = table.add(pattern, as_match(found), longest);
                }
            },
        );
        let spent = budget - fuel;
        self.fuel -= spent;
        if spent > COSTLY && self.clock.is_over() {
            self.stop(Limit::Timeout);
        }
        if spent > COSTLY && self.overspent(pattern, spent) {
            self.scratch.full[pattern as usize] = true;
            self.scratch.any_full = true;
            let value = self.limits.pattern_fuel;
            self.limit(Limit::Verification, Some(pattern), value);
        }
        if count >= self.limits.matches_per_pattern {
            self.full(form, pattern, longest, chained);
        }
        if result.is_err() {
            if self.fuel == 0 {
                self.stop(Limit::Fuel);
            } else {
                let value = self.limits.verification_fuel;
                self.limit(Limit::Verification, Some(pattern), value);
            }
        }
    }

    /// Adds to what the verifications of a pattern have spent; true if that
    /// is more than it may.
    fn overspent(&mut self, pattern: u32, spent: u64) -> bool {
        let size = self.cx.data.len() as u64;
        let limit = self.limits.pattern_fuel.saturating_add(64 * size);
        let sum = self.scratch.spent.entry(pattern).or_default();
        *sum += spent;
        *sum > limit
    }

    /// A list has reached its limit, perhaps with repeated offsets in it.
    fn full(&mut self, form: u32, pattern: u32, longest: bool, piece: bool) {
        let limit = self.limits.matches_per_pattern;
        let count = if piece {
            let list = &mut self.scratch.pieces[form as usize];
            list.sort_unstable();
            list.dedup();
            list.len()
        } else {
            self.table.sort(pattern, longest)
        };
        if count >= limit {
            self.scratch.full[pattern as usize] = true;
            self.scratch.any_full = true;
            self.limit(Limit::Matches, Some(pattern), limit as u64);
        }
    }

    fn limit(&mut self, limit: Limit, pattern: Option<u32>, value: u64) {
        let rule =
            pattern.map(|p| self.cx.tables.patterns[p as usize].rule.get());
        let hit = LimitHit { limit, rule, pattern, value };
        if !self.hit_limits.contains(&hit) {
            self.hit_limits.push(hit);
        }
    }

    fn stop(&mut self, limit: Limit) {
        let value = match limit {
            Limit::Timeout => {
                self.limits.timeout.map_or(0, |t| t.as_millis() as u64)
            }
            _ => self.limits.fuel,
        };
        self.stopped = true;
        self.limit(limit, None, value);
    }

    /// Is a pattern of this rule looked for in this round?
    #[inline]
    fn wants(&self, rule: u32, deferred: bool) -> bool {
        match self.round {
            Round::First => !deferred && !self.dead.contains(rule),
            Round::Second => {
                deferred && self.scratch.deferred.rules.contains(rule)
            }
            Round::Only => !self.dead.contains(rule),
        }
    }

    fn wants_form(&self, sub: &SubRec) -> bool {
        let pattern = &self.cx.tables.patterns[sub.pattern.get() as usize];
        let deferred = pattern.flags.get() & pattern_flags::DEFERRED != 0;
        self.wants(pattern.rule.get(), deferred)
    }

    /// Searches a large object for the literals of the rules that are alive
    /// only, if they are so few that tables of their own pay. True if it
    /// did.
    fn narrowed(
        &mut self,
        engine: Engine,
        literals: &mut prefilter::Scratch,
    ) -> bool {
        let tables = self.cx.tables;
        let data = self.cx.data;
        let Engine::Grid(isa) = engine else { return false };
        let small = data.len() < NARROW;
        if self.round != Round::First || small || self.dead.is_empty() {
            return false;
        }
        let alive = (0..).zip(tables.literals).filter(|(_, literal)| {
            let mut atoms = tables.atoms[literal.atoms()].iter();
            atoms.any(|a| self.wants(a.rule.get(), a.is_deferred()))
        });
        let alive: Vec<u32> = alive.map(|(id, _)| id).collect();
        let few = alive.len() <= self.scratch.searched / 2;
        if !few || data.len() / NARROW_BYTES < alive.len() {
            return false;
        }
        self.find_some(isa, &alive, literals)
    }

    /// Searches for these literals with tables of their own; false if the
    /// grid does not take them.
    fn find_some(
        &mut self,
        isa: Isa,
        wanted: &[u32],
        literals: &mut prefilter::Scratch,
    ) -> bool {
        let (tables, data) = (self.cx.tables, self.cx.data);
        let texts = wanted.iter().map(|id| {
            let literal = tables.literals.get(*id as usize);
            let text = literal.map_or(&[][..], |l| tables.text(l.text.get()));
            (text, [true, false])
        });
        let Some(parts) = Parts::new(texts) else { return false };
        let mut hits = Renumbered { search: self, literals: wanted };
        parts.find(isa, literals, data, &mut hits);
        true
    }

    /// Looks for the deferred patterns of the rules that may hold.
    fn second_round(
        &mut self,
        task: &Task<'_>,
        literals: &mut prefilter::Scratch,
    ) {
        let Engine::Grid(isa) = task.engine else { return };
        let mut deferred = std::mem::take(&mut self.scratch.deferred);
        let any =
            !self.stopped && deferred.collect(self.cx.tables, self.table);
        let wanted = std::mem::take(&mut deferred.literals);
        self.scratch.deferred = deferred;
        if any {
            self.round = Round::Second;
            let data = self.cx.data;
            let own = data.len() >= OWN_TABLES
                && self.find_some(isa, &wanted, literals);
            if !own {
                task.rules.find_literals(1, task.engine, literals, data, self);
            }
            self.slow();
            self.join();
        }
        self.scratch.deferred.literals = wanted;
    }

    /// Tries the forms that count at one offset only.
    fn anchored(&mut self) {
        for index in 0..self.scratch.anchored.len() {
            let (form, offset) = self.scratch.anchored[index];
            let sub = &self.cx.tables.subs[form as usize];
            if offset > self.cx.data.len() as u64 || !self.wants_form(sub) {
                continue;
            }
            let offset = offset as usize;
            self.verify(form, sub, |verifier, cx, fuel, on_found| {
                verifier.at(cx, sub, offset, offset, fuel, on_found)
            });
        }
    }

    /// Tries the forms without a literal at every offset.
    fn slow(&mut self) {
        let tables = self.cx.tables;
        let data = self.cx.data;
        for form in tables.slow {
            let form = form.get();
            let sub = &tables.subs[form as usize];
            let first = tables.sets.get(sub.extra.get() as usize);
            let first = first.filter(|_| sub.extra.get() != NONE);
            if !self.wants_form(sub) {
                continue;
            }
            for (at, byte) in data.iter().enumerate() {
                if at % BLOCK == 0 && !self.block() {
                    return;
                }
                let can_start = first.is_none_or(|set| {
                    set.bits[(byte >> 3) as usize] & (1 << (byte & 7)) != 0
                });
                if !can_start {
                    continue;
                }
                if self.scratch.full[sub.pattern.get() as usize] {
                    break;
                }
                self.verify(form, sub, |verifier, cx, fuel, on_found| {
                    verifier.at(cx, sub, at, at, fuel, on_found)
                });
                if self.stopped {
                    return;
                }
            }
        }
    }

    /// Joins the pieces of chains.
    fn join(&mut self) {
        let tables = self.cx.tables;
        let mut heads: Vec<u32> = self
            .scratch
            .pieced
            .iter()
            .copied()
            .filter(|f| {
                let flags = tables.subs[*f as usize].flags.get();
                flags & sub_flags::HEAD != 0
            })
            .collect();
        heads.sort_unstable();
        for head in heads {
            let head = head as usize;
            let is_tail = |s: &SubRec| s.flags.get() & sub_flags::TAIL != 0;
            let Some(length) = tables.subs[head..].iter().position(is_tail)
            else {
                continue;
            };
            let chain = head..head + length + 1;
            let gaps: Vec<Gap> = tables.subs[chain.clone()]
                .iter()
                .map(|s| Gap {
                    min: s.gap_min.get() as usize,
                    max: Some(s.gap_max.get())
                        .filter(|max| *max != NONE)
                        .map(|max| max as usize),
                })
                .collect();
            let sub = &tables.subs[head];
            let greedy = sub.flags.get() & sub_flags::GREEDY != 0;
            let pattern = sub.pattern.get();
            let anchor = tables.patterns[pattern as usize].anchor.get();
            let pieces = &mut self.scratch.pieces[chain];
            for (start, end) in chain::join(pieces, &gaps, greedy) {
                if anchor < 0 || anchor == start as i64 {
                    let found =
                        Found { start, end, xor_key: None, truncated: false };
                    self.table.add(pattern, as_match(found), greedy);
                }
            }
        }
        for form in self.scratch.pieced.drain(..) {
            self.scratch.pieces[form as usize].clear();
        }
    }
}

/// False if what stands near a hit rules out a match of the atom. A place
/// too close to an end of the data is left to the verification.
#[inline]
fn may_match(
    tables: &Tables<'_>,
    atom: &AtomRec,
    data: &[u8],
    hit: usize,
) -> bool {
    let Some(near) = tables.nears.get(atom.near.get() as usize) else {
        return true;
    };
    let start = hit.checked_add_signed(near.distance.get() as isize);
    let eight = start.and_then(|start| data.get(start..)?.first_chunk());
    eight.is_none_or(|eight| {
        u64::from_le_bytes(*eight) & near.mask.get() == near.bytes.get()
    })
}

fn as_match(found: Found) -> Match {
    Match {
        offset: found.start as u64,
        length: (found.end - found.start).min(u32::MAX as usize) as u32,
        xor_key: found.xor_key,
        truncated: found.truncated,
    }
}
