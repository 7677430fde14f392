//! One large object, searched by several threads: each takes the next part
//! and looks for everything that is found from a place in it. Verifications
//! read the whole object, so that parts need not overlap, and the parts are
//! put together in their order: what comes out is what one pass finds.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{
    AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering,
};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::chain::Piece;
use super::limits::{Limit, LimitHit};
use super::matches::Match;
use super::pass::{Literals, Memory, Pass, Plan, Round};
use crate::prefilter::{BLOCK, Engine};
use crate::ruleset::layout::pattern_flags;

/// Threads that help with a large object. The engine starts none itself.
pub trait Helpers: Send + Sync {
    /// Runs the job on several threads at a time, on each of them once, and
    /// returns when all have ended.
    fn run(&self, job: &(dyn Fn() + Sync));

    /// These bytes of a very large object were searched, and all in front of
    /// them: hardly anybody looks at them again. They may be gone from memory
    /// as long as they come back when they are wanted.
    fn searched(&self, _bytes: &[u8]) {}

    /// Are these bytes of the object known to be zeros, without a look at
    /// them?
    fn are_zeros(&self, _bytes: &[u8]) -> bool {
        false
    }
}

/// Smaller objects are not worth the memory of more than one pass.
const LARGE: usize = 16 << 20;
/// Bytes of a part: some dozen for each thread, so that all end together.
const PART: usize = 16 * BLOCK;
/// Of objects that are not larger, all pages may stay in memory.
const HUGE: usize = 256 << 20;
/// Parts of which it is said together that they were searched.
const TOLD: usize = 16;

/// What may be spent, by one pass or by several together.
pub(super) struct Fuel<'f> {
    left: u64,
    /// Not yet taken from what is shared.
    spent: u64,
    shared: Option<&'f AtomicU64>,
}

impl<'f> Fuel<'f> {
    pub(super) fn own(left: u64) -> Fuel<'f> {
        Fuel { left, spent: 0, shared: None }
    }

    fn shared(shared: &'f AtomicU64) -> Fuel<'f> {
        let left = shared.load(Ordering::Relaxed);
        Fuel { left, spent: 0, shared: Some(shared) }
    }

    pub(super) fn left(&self) -> u64 {
        self.left
    }

    pub(super) fn spend(&mut self, fuel: u64) {
        self.left = self.left.saturating_sub(fuel);
        self.spent += fuel;
    }

    /// Takes what was spent from what is shared; false if others have spent
    /// it all.
    pub(super) fn share(&mut self) -> bool {
        let Some(shared) = self.shared else { return true };
        let spent = std::mem::take(&mut self.spent);
        let take = |left: u64| Some(left.saturating_sub(spent));
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        let before = shared.fetch_update(set, fetch, take).unwrap_or(0);
        self.left = before.saturating_sub(spent);
        self.left > 0
    }
}

/// Whether zeros alone make the filter report something.
mod zeros {
    pub(super) const UNKNOWN: u8 = 0;
    pub(super) const QUIET: u8 = 1;
    pub(super) const LOUD: u8 = 2;
}

/// Who searches, and the memory of those that help.
pub(super) struct Split<'s> {
    pub(super) helpers: Option<&'s dyn Helpers>,
    pub(super) spare: &'s mut Vec<Memory>,
}

impl Split<'_> {
    /// Looks for the literals in the whole object.
    pub(super) fn run(
        &mut self,
        pass: &mut Pass<'_, '_>,
        literals: Literals<'_>,
    ) {
        let length = pass.plan.cx.data.len();
        // The automaton is in a state that comes from all bytes before.
        let parts = match literals {
            Literals::Set(_, _, Engine::Automaton) => false,
            Literals::Set(..) | Literals::Own(..) => true,
        };
        match self.helpers {
            Some(helpers) if parts && length >= LARGE => {
                self.parts(helpers, pass, literals);
            }
            _ => pass.run(literals, 0..length),
        }
    }

    fn parts(
        &mut self,
        helpers: &dyn Helpers,
        pass: &mut Pass<'_, '_>,
        literals: Literals<'_>,
    ) {
        let (plan, round) = (pass.plan, pass.round);
        let fuel = AtomicU64::new(pass.fuel.left());
        let work = Work {
            plan,
            round,
            literals,
            fuel: &fuel,
            next: AtomicUsize::new(0),
            stopped: AtomicBool::new(pass.stopped),
            zeros: AtomicU8::new(zeros::UNKNOWN),
            spare: Mutex::new(std::mem::take(self.spare)),
            merge: Mutex::new(Merge {
                pass,
                next: 0,
                waiting: BTreeMap::new(),
            }),
        };
        helpers.run(&|| work.help(helpers));
        let Work { spare, merge, stopped, .. } = work;
        *self.spare =
            spare.into_inner().unwrap_or_else(PoisonError::into_inner);
        let merge = merge.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Merge { pass, waiting, .. } = merge;
        // After a stop there are gaps.
        waiting.into_values().for_each(|outcome| take(pass, outcome));
        pass.stopped |= stopped.into_inner();
        let left = fuel.load(Ordering::Relaxed);
        let spent = pass.fuel.left().saturating_sub(left);
        pass.fuel.spend(spent);
    }
}

/// The parts of an object, and who takes which.
struct Work<'w, 'p, 'a> {
    plan: Plan<'a>,
    round: Round<'p>,
    literals: Literals<'w>,
    fuel: &'w AtomicU64,
    next: AtomicUsize,
    stopped: AtomicBool,
    /// One of [`zeros`].
    zeros: AtomicU8,
    spare: Mutex<Vec<Memory>>,
    merge: Mutex<Merge<'w, 'p, 'a>>,
}

/// What was found, put together part by part.
struct Merge<'m, 'p, 'a> {
    pass: &'m mut Pass<'p, 'a>,
    next: usize,
    waiting: BTreeMap<usize, Outcome>,
}

/// What was found in a part.
struct Outcome {
    matches: Vec<(u32, Match)>,
    pieces: Vec<(u32, Piece)>,
    limits: Vec<LimitHit>,
    spent: Vec<(u32, u64)>,
}

impl Work<'_, '_, '_> {
    /// What one thread does.
    fn help(&self, helpers: &dyn Helpers) {
        let memory = lock(&self.spare).pop();
        let tables = self.plan.cx.tables;
        let mut memory = memory.unwrap_or_else(|| Memory::new(tables));
        while !self.stopped.load(Ordering::Relaxed) {
            let part = self.next.fetch_add(1, Ordering::Relaxed);
            let Some(range) = self.range(part) else { break };
            memory.clear();
            let known = self.zeros.load(Ordering::Relaxed);
            let is_hole =
                known != zeros::LOUD && self.is_hole(&range, helpers);
            if is_hole && known == zeros::QUIET {
                self.done(part, outcome(&memory), helpers);
                continue;
            }
            for pattern in &lock(&self.merge).pass.memory.filled {
                memory.fill(*pattern);
            }
            let mut pass = Pass {
                plan: self.plan,
                round: self.round,
                fuel: Fuel::shared(self.fuel),
                stopped: false,
                is_quiet: true,
                memory: &mut memory,
            };
            pass.run(self.literals, range);
            if pass.stopped {
                self.stopped.store(true, Ordering::Relaxed);
            }
            if is_hole {
                let found =
                    if pass.is_quiet { zeros::QUIET } else { zeros::LOUD };
                self.zeros.store(found, Ordering::Relaxed);
            }
            self.done(part, outcome(&memory), helpers);
        }
        memory.clear();
        lock(&self.spare).push(memory);
    }

    /// Is the part nothing but zeros, as are its neighbours as far as a
    /// literal can reach? The filter then says of it what it says of others.
    fn is_hole(&self, range: &Range<usize>, helpers: &dyn Helpers) -> bool {
        let data = self.plan.cx.data;
        let start = range.start.checked_sub(BLOCK);
        start.is_some_and(|start| {
            data.get(start..range.end + BLOCK)
                .is_some_and(|bytes| helpers.are_zeros(bytes))
        })
    }

    /// Puts what was found in a part where it belongs.
    fn done(&self, part: usize, outcome: Outcome, helpers: &dyn Helpers) {
        let done = {
            let mut merge = lock(&self.merge);
            let before = merge.next / TOLD;
            merge.add(part, outcome);
            before..merge.next / TOLD
        };
        let data = self.plan.cx.data;
        if !done.is_empty() && data.len() > HUGE {
            let [from, to] = [done.start, done.end]
                .map(|parts| data.len().min(parts * TOLD * PART));
            helpers.searched(&data[from..to]);
        }
    }

    fn range(&self, part: usize) -> Option<Range<usize>> {
        let length = self.plan.cx.data.len();
        let start = part.checked_mul(PART).filter(|start| *start < length)?;
        Some(start..length.min(start + PART))
    }
}

impl Merge<'_, '_, '_> {
    fn add(&mut self, part: usize, outcome: Outcome) {
        self.waiting.insert(part, outcome);
        while let Some(outcome) = self.waiting.remove(&self.next) {
            take(self.pass, outcome);
            self.next += 1;
        }
    }
}

fn outcome(memory: &Memory) -> Outcome {
    let table = &memory.table;
    let matches = table.touched().iter().flat_map(|pattern| {
        table.of(*pattern).iter().map(|found| (*pattern, *found))
    });
    Outcome {
        matches: matches.collect(),
        pieces: memory.pieces.iter().collect(),
        limits: memory.hit_limits.clone(),
        spent: memory.spent().collect(),
    }
}

/// Adds what was found in a part to what was found in those before it.
fn take(pass: &mut Pass<'_, '_>, outcome: Outcome) {
    let tables = pass.plan.cx.tables;
    let most = pass.plan.limits.matches_per_pattern;
    let longest = |pattern: u32| {
        let flags = tables.patterns[pattern as usize].flags.get();
        flags & pattern_flags::LONGEST != 0
    };
    for (pattern, found) in outcome.matches {
        if !pass.memory.is_full(pattern) {
            let longest = longest(pattern);
            let count = pass.memory.table.add(pattern, found, longest);
            if count >= most {
                pass.full(0, pattern, longest, false);
            }
        }
    }
    for (form, piece) in outcome.pieces {
        let pattern = tables.subs[form as usize].pattern.get();
        if !pass.memory.is_full(pattern)
            && pass.memory.pieces.add(form, piece) >= most
        {
            pass.full(form, pattern, longest(pattern), true);
        }
    }
    for (pattern, spent) in outcome.spent {
        if pass.overspent(pattern, spent) && !pass.memory.is_full(pattern) {
            pass.memory.fill(pattern);
            let value = pass.plan.limits.pattern_fuel;
            pass.limit(Limit::Verification, Some(pattern), value);
        }
    }
    for limit in outcome.limits {
        pass.keep(limit);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is under these locks is whole between any two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
