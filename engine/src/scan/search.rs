//! From the bytes of an object to the matches of all patterns.

use super::chain::{self, Gap};
use super::deferred::Deferred;
use super::limits::{Clock, Limit, Limits};
use super::narrow::Narrow;
use super::pass::{
    Literals, Memory, Pass, Plan, Round, as_match, is_anchored,
};
use super::space::Regions;
use super::split::{Fuel, Helpers, Split};
use crate::cond::BitSet;
use crate::prefilter::Engine;
use crate::prefilter::grid::Parts;
use crate::ruleset::layout::{Literal, NONE, SubRec, sub_flags};
use crate::ruleset::{RuleSet, Tables};
use crate::verify::{Context, Found};

/// Scratch memory of the search, kept between objects.
#[derive(Debug)]
pub(super) struct Scratch {
    /// Of the whole search: what was found is in it.
    pub(super) memory: Memory,
    /// Of threads that helped.
    spare: Vec<Memory>,
    /// Literals of the first round.
    searched: usize,
    deferred: Deferred,
    narrow: Narrow,
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
            memory: Memory::new(tables),
            spare: Vec::new(),
            searched: tables.searched_at_once(),
            deferred: Deferred::new(tables.rules.len()),
            narrow: Narrow::default(),
            anchored: anchored.collect(),
        }
    }
}

/// What is searched for, and how.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) rules: &'a RuleSet,
    pub(super) engine: Engine,
    /// Rules whose patterns need not be found.
    pub(super) dead: &'a BitSet,
    pub(super) limits: &'a Limits,
    pub(super) clock: Clock,
    /// Threads for large objects.
    pub(super) helpers: Option<&'a dyn Helpers>,
}

/// Objects of so many bytes may have tables of their own,
const NARROW: usize = 4 << 20;
/// if they have so many bytes for each literal: about the time to enter it.
const NARROW_BYTES: usize = 4096;

/// The second round of objects of so many bytes has tables of its own: they
/// hold less than those of the set, but take time to make.
const OWN_TABLES: usize = 256 << 10;

/// Finds all matches in `data`: they and the limits that were reached are in
/// the memory of the scratch then. Returns the fuel that is left.
pub(super) fn search(
    task: &Task<'_>,
    tables: &Tables<'_>,
    data: &[u8],
    scratch: &mut Scratch,
) -> u64 {
    let Task { rules, engine, dead, limits, clock, .. } = *task;
    let Scratch { memory, spare, searched, deferred, narrow, anchored } =
        scratch;
    memory.clear();
    let cx = Context { tables, dfas: rules.dfas(), data };
    let fuel = limits.fuel.saturating_add((data.len() as u64) * 64);
    let isa = match engine {
        Engine::Grid(isa) => Some(isa),
        Engine::Automaton => None,
    };
    let mut split = Split { helpers: task.helpers, spare };
    let mut pass = Pass {
        plan: Plan {
            cx,
            base: 0,
            size: data.len() as u64,
            dead,
            limits,
            clock,
        },
        round: if isa.is_some() { Round::First } else { Round::Only },
        fuel: Fuel::own(fuel),
        stopped: false,
        is_quiet: true,
        memory,
    };
    pass.anchored(anchored);
    let own = isa.and_then(|isa| Some((isa, pass.narrowed(*searched)?)));
    let literals = match &own {
        Some((isa, (parts, ids))) => Literals::Own(parts, ids, *isa),
        None => Literals::Set(rules, 0, engine),
    };
    split.run(&mut pass, literals);
    pass.join();
    if let Some(isa) = isa
        && !pass.stopped
        && deferred.collect(tables, &pass.memory.table)
    {
        if data.len() >= OWN_TABLES {
            pass.round = Round::Second(&deferred.rules);
            let wanted = deferred.literals(tables);
            let own = own_tables(tables, &wanted);
            let literals = match &own {
                Some(parts) => Literals::Own(parts, &wanted, isa),
                None => Literals::Set(rules, 1, engine),
            };
            split.run(&mut pass, literals);
        } else if narrow.prepare(tables, &deferred.rules) {
            for rule in deferred.rules.iter() {
                let Some((parts, ids)) = narrow.of(rule) else { continue };
                pass.round = Round::Rule(rule);
                split.run(&mut pass, Literals::Own(parts, ids, isa));
                if pass.stopped {
                    break;
                }
            }
        } else {
            pass.round = Round::Second(&deferred.rules);
            split.run(&mut pass, Literals::Set(rules, 1, engine));
        }
        pass.join();
    }
    let fuel = pass.fuel.left();
    memory.finish(limits);
    fuel
}

/// Finds all matches in all regions, as if they were one object; `look` is
/// shown each region. Returns the fuel that is left, and the size of what was
/// searched. Deferred patterns are looked for once it is known what else
/// matched anywhere, for which regions are opened again.
pub(super) fn search_regions(
    task: &Task<'_>,
    tables: &Tables<'_>,
    regions: &dyn Regions,
    look: &mut dyn FnMut(usize, &[u8]),
    scratch: &mut Scratch,
) -> (u64, u64) {
    let Task { rules, engine, limits, .. } = *task;
    let Scratch { memory, spare, deferred, anchored, .. } = scratch;
    memory.clear();
    let mut sweep = Sweep {
        task,
        tables,
        regions,
        anchored,
        spare,
        fuel: limits.fuel,
        size: 0,
        stopped: false,
    };
    let all = Literals::Set(rules, 0, engine);
    let Engine::Grid(isa) = engine else {
        sweep.run(memory, Round::Only, all, look);
        memory.finish(limits);
        return (sweep.fuel, sweep.size);
    };
    sweep.run(memory, Round::First, all, look);
    if !sweep.stopped && deferred.collect(tables, &memory.table) {
        let wanted = deferred.literals(tables);
        let own = own_tables(tables, &wanted);
        let literals = match &own {
            Some(parts) => Literals::Own(parts, &wanted, isa),
            None => Literals::Set(rules, 1, engine),
        };
        let round = Round::Second(&deferred.rules);
        sweep.run(memory, round, literals, &mut |_, _| {});
    }
    memory.finish(limits);
    (sweep.fuel, sweep.size)
}

/// Goes through all regions, once for each round.
struct Sweep<'s> {
    task: &'s Task<'s>,
    tables: &'s Tables<'s>,
    regions: &'s dyn Regions,
    anchored: &'s [(u32, u64)],
    spare: &'s mut Vec<Memory>,
    fuel: u64,
    /// Bytes of the regions of the first round so far.
    size: u64,
    stopped: bool,
}

impl Sweep<'_> {
    fn run(
        &mut self,
        memory: &mut Memory,
        round: Round<'_>,
        literals: Literals<'_>,
        look: &mut dyn FnMut(usize, &[u8]),
    ) {
        let Task { rules, dead, limits, clock, .. } = *self.task;
        let is_again = matches!(round, Round::Second(_));
        for at in 0..self.regions.count() {
            let Some(held) = self.regions.open(at) else { continue };
            let data = (*held).as_ref();
            if !is_again {
                let size = data.len() as u64;
                self.size = self.size.saturating_add(size);
                self.fuel = self.fuel.saturating_add(size.saturating_mul(64));
            }
            look(at, data);
            let tables = self.tables;
            let cx = Context { tables, dfas: rules.dfas(), data };
            let base = self.regions.address(at);
            let size = self.size;
            let mut pass = Pass {
                plan: Plan { cx, base, size, dead, limits, clock },
                round,
                fuel: Fuel::own(self.fuel),
                stopped: false,
                is_quiet: true,
                memory,
            };
            let helpers = self.task.helpers;
            let mut split = Split { helpers, spare: self.spare };
            pass.anchored(self.anchored);
            if !pass.stopped {
                split.run(&mut pass, literals);
            }
            pass.join();
            if !pass.stopped && clock.is_over() {
                pass.stop(Limit::Timeout);
            }
            self.fuel = pass.fuel.left();
            self.stopped = pass.stopped;
            if self.stopped {
                break;
            }
        }
    }
}

/// Tables for these literals only; `None` if the grid does not take them.
pub(super) fn own_tables(
    tables: &Tables<'_>,
    literals: &[u32],
) -> Option<Parts> {
    let texts: Vec<Literal> =
        literals.iter().map(|id| tables.literal(*id)).collect();
    Parts::new(texts.iter().map(|text| (&**text, [true, false])))
}

impl Pass<'_, '_> {
    /// Tables for the literals of the rules that are alive, if the object is
    /// large and they are so few that tables of their own pay.
    fn narrowed(&self, searched: usize) -> Option<(Parts, Vec<u32>)> {
        let Context { tables, data, .. } = self.plan.cx;
        if data.len() < NARROW || self.plan.dead.is_empty() {
            return None;
        }
        let alive = (0..).zip(tables.literals).filter(|(_, literal)| {
            let mut atoms = tables.atoms[literal.atoms()].iter();
            atoms.any(|a| self.wants(a.rule.get(), a.is_deferred()))
        });
        let alive: Vec<u32> = alive.map(|(id, _)| id).collect();
        let few = alive.len() <= searched / 2;
        if !few || data.len() / NARROW_BYTES < alive.len() {
            return None;
        }
        Some((own_tables(tables, &alive)?, alive))
    }

    /// Tries the forms that count at one offset only.
    fn anchored(&mut self, anchored: &[(u32, u64)]) {
        for (form, offset) in anchored.iter().copied() {
            let sub = &self.plan.cx.tables.subs[form as usize];
            let end = self.plan.cx.data.len() as u64;
            let place = offset.checked_sub(self.plan.base);
            let Some(offset) = place.filter(|place| *place <= end) else {
                continue;
            };
            if !self.wants_form(sub) {
                continue;
            }
            let offset = offset as usize;
            self.verify(form, sub, |verifier, cx, fuel, on_found| {
                verifier.at(cx, sub, offset, offset, fuel, on_found)
            });
        }
    }

    /// Joins the pieces of chains.
    fn join(&mut self) {
        let tables = self.plan.cx.tables;
        let mut heads: Vec<u32> = self
            .memory
            .pieces
            .forms()
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
            let pieces = self.memory.pieces.of(chain);
            let mut count = 0;
            for (start, end) in chain::join(pieces, &gaps, greedy) {
                let found =
                    Found { start, end, xor_key: None, truncated: false };
                let new = as_match(found, self.plan.base);
                if is_anchored(anchor, new.offset) {
                    count = self.memory.table.add(pattern, new, greedy);
                }
            }
            if count >= self.plan.limits.matches_per_pattern {
                self.full(head as u32, pattern, greedy, false);
            }
        }
        self.memory.pieces.clear();
    }
}
