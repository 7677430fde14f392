//! Scans objects one after the other with one rule set.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use zerocopy::FromBytes as _;
use zerocopy::little_endian::{U16, U32};

use super::gate::Gates;
use super::limits::{Clock, Limit, LimitHit, Limits, now};
use super::places::placed;
use super::report::{ConsoleLine, Report};
use super::search::{Scratch, Task, search, search_regions};
use super::space::{Held, Recognised, Regions, SpaceOptions, Unread, Views};
use super::split::Helpers;
use super::work::{PatternWork, RuleWork, Work};
use crate::cond::{
    BitSet, Budget, Env, ExternalValue, FieldRef, Frame, Modules, Pools,
    Regexes, RuleCode, Stop, run,
};
use crate::module::{Fields, Layout, OpenCx, data, registry};
use crate::prefilter::Engine;
use crate::ruleset::layout::{RuleRec, rule_flags};
use crate::ruleset::{RuleSet, Tables};
use crate::verify::Verifier;

/// Why an external variable could not be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefineError {
    /// The rules know no variable of this name.
    Unknown,
    /// The variable has another type.
    Type,
}

impl std::fmt::Display for DefineError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            DefineError::Unknown => "the rules know no such variable",
            DefineError::Type => "the rules give the variable another type",
        })
    }
}

impl std::error::Error for DefineError {}

/// Is shown what conditions read; see [`Scanner::examine`].
pub type Look<'l> = dyn FnMut(&mut Env<'_, '_, dyn Pools + '_>) + 'l;

/// What conditions are evaluated about.
#[derive(Clone, Copy)]
struct Object<'o> {
    data: &'o [u8],
    filesize: Option<u64>,
    /// Memory, and what functions over ranges read of it.
    space: Option<&'o dyn Regions>,
    ranges: Option<&'o dyn Regions>,
    /// What each module looks at, where that is not all of it.
    views: Option<&'o dyn Views>,
}

/// Scans objects with a rule set. One scanner is used by one thread; its
/// memory is reused from object to object.
pub struct Scanner {
    rules: RuleSet,
    limits: Limits,
    externals: Vec<ExternalValue>,
    module_data: HashMap<String, Vec<u8>>,
    now: Option<i64>,
    layout: Layout,
    scratch: Scratch,
    frame: Frame,
    results: BitSet,
    /// Rules that are evaluated whatever was found.
    always: BitSet,
    /// Rules to evaluate for this object.
    wanted: BitSet,
    /// Rules that cannot match this object.
    dead: BitSet,
    gates: Gates,
    skip_dead: bool,
    /// Global rules, ascending.
    globals: Vec<u32>,
    /// The place of the module of each field in the registry.
    field_modules: Vec<u32>,
    engine: Engine,
    helpers: Option<Arc<dyn Helpers>>,
    failed_namespaces: BitSet,
    matching: Vec<u32>,
    console: Vec<ConsoleLine>,
    /// Patterns of which more than the first match may be asked.
    placed: OnceCell<BitSet>,
    /// What conditions cost, if that is counted.
    work: Option<Vec<RuleWork>>,
}

impl Scanner {
    /// A scanner for these rules.
    pub fn new(rules: &RuleSet) -> Scanner {
        let tables = rules.tables();
        let count = tables.rules.len();
        let mut always = BitSet::new(count);
        let mut globals = Vec::new();
        for (id, rule) in (0..).zip(tables.rules) {
            let flags = rule.flags.get();
            if flags & rule_flags::NEEDS_HIT == 0 {
                always.insert(id);
            }
            if flags & rule_flags::GLOBAL != 0 {
                globals.push(id);
            }
        }
        let names = tables.externals.iter().map(|e| tables.name(e.name.get()));
        let variables: HashMap<&str, usize> = names.zip(0..).collect();
        let field_modules = tables.fields.iter().map(|field| {
            let name = tables.name(field.module.get());
            if let Some(name) = name.strip_prefix(data::PREFIX) {
                let base = registry::all().len();
                let at = variables.get(name);
                return at.map_or(u32::MAX, |at| (base + at) as u32);
            }
            registry::find(name).map_or(u32::MAX, |(at, _)| at as u32)
        });
        let externals = rules.externals().map(|(_, value)| value);
        Scanner {
            limits: Limits::default(),
            externals: externals.collect(),
            module_data: HashMap::new(),
            now: None,
            layout: Layout::File,
            scratch: Scratch::new(&tables),
            frame: Frame::new(),
            results: BitSet::new(count),
            wanted: BitSet::new(count),
            failed_namespaces: BitSet::new(tables.namespaces.len()),
            always,
            dead: BitSet::new(count),
            gates: Gates::new(&tables),
            skip_dead: true,
            globals,
            field_modules: field_modules.collect(),
            engine: Engine::default(),
            helpers: None,
            matching: Vec::new(),
            console: Vec::new(),
            placed: OnceCell::new(),
            work: None,
            rules: rules.clone(),
        }
    }

    /// The limits of each scan.
    pub fn limits_mut(&mut self) -> &mut Limits {
        &mut self.limits
    }

    /// Sets an external variable for the scans to come. The type is fixed by
    /// the rules; an int also serves as float, and where the rules want an
    /// unsigned one. A structure must have the same members of the same
    /// types.
    ///
    /// # Errors
    ///
    /// [`DefineError`], if there is no such variable or the type differs.
    pub fn define(
        &mut self,
        name: &str,
        value: ExternalValue,
    ) -> Result<(), DefineError> {
        use ExternalValue::*;
        let tables = self.rules.tables();
        let at = tables
            .externals
            .iter()
            .position(|known| tables.name(known.name.get()) == name)
            .ok_or(DefineError::Unknown)?;
        self.externals[at] = match (&self.externals[at], value) {
            (Text(_), Text(value)) => Text(value),
            (Bool(_), Bool(value)) => Bool(value),
            (Int(_), Int(value)) => Int(value),
            (Float(_), Float(value)) => Float(value),
            (Float(_), Int(value)) => Float(value as f64),
            (UInt(_), UInt(value)) => UInt(value),
            (UInt(_), Int(value)) if value >= 0 => UInt(value as u64),
            (Data(old), Data(new)) if old.shape() == new.shape() => Data(new),
            _ => return Err(DefineError::Type),
        };
        Ok(())
    }

    /// Gives a module data of its own (`cuckoo`: a JSON report) for the
    /// scans to come.
    pub fn module_data(&mut self, module: &str, data: Vec<u8>) {
        self.module_data.insert(module.to_owned(), data);
    }

    /// Chooses the search for literals. Verdicts and matches never depend on
    /// it; which limits are reached may.
    pub fn set_engine(&mut self, engine: Engine) {
        self.engine = engine;
    }

    /// Lets other threads help with large objects. What is found does not
    /// depend on it.
    pub fn set_helpers(&mut self, helpers: Arc<dyn Helpers>) {
        self.helpers = Some(helpers);
    }

    /// Looks for the patterns of rules, too, that cannot match the object by
    /// its size or header. Results are the same, only slower: for tests of
    /// just that.
    pub fn search_for_dead_rules(&mut self) {
        self.skip_dead = false;
    }

    /// Says how programs lie in the objects to come.
    pub fn set_layout(&mut self, layout: Layout) {
        self.layout = layout;
    }

    /// Fixes what `time.now` answers; the clock's time if never called.
    pub fn set_now(&mut self, seconds_since_1970: i64) {
        self.now = Some(seconds_since_1970);
    }

    /// Counts from now on what each pattern and condition costs. Objects are
    /// searched by one thread then.
    pub fn count_work(&mut self) {
        let tables = self.rules.tables();
        let patterns = vec![PatternWork::default(); tables.patterns.len()];
        self.scratch.memory.work = Some(patterns);
        self.work = Some(vec![RuleWork::default(); tables.rules.len()]);
    }

    /// What was counted since [`Scanner::count_work`].
    pub fn work(&self) -> Option<Work> {
        let patterns = self.scratch.memory.work.clone()?;
        Some(Work { patterns, rules: self.work.clone()? })
    }

    /// Scans an object. Whatever the bytes are, the scan ends with a report;
    /// limits that were reached are in it.
    pub fn scan<'s>(&'s mut self, data: &'s [u8]) -> Report<'s> {
        self.scan_and(data, None)
    }

    /// Scans an object, and then shows what conditions read to `look`: for
    /// evaluating parts of conditions, or other conditions over the same
    /// matches. Only with [`Scanner::search_for_dead_rules`] and
    /// [`Engine::Automaton`] all matches of all patterns are there.
    pub fn examine<'s>(
        &'s mut self,
        data: &'s [u8],
        look: &mut Look<'_>,
    ) -> Report<'s> {
        self.scan_and(data, Some(look))
    }

    /// Forgets the last object and starts the clock.
    fn begin(&mut self) -> Clock {
        self.matching.clear();
        self.console.clear();
        self.dead.clear();
        Clock::start(self.limits.timeout)
    }

    fn scan_and<'s>(
        &'s mut self,
        data: &'s [u8],
        look: Option<&mut Look<'_>>,
    ) -> Report<'s> {
        let rules = self.rules.clone();
        let tables = rules.tables();
        let clock = self.begin();
        if self.skip_dead {
            self.gates.dead(data, &mut self.dead);
        }
        let task = Task {
            rules: &rules,
            engine: self.engine,
            dead: &self.dead,
            limits: &self.limits,
            clock,
            helpers: self.helpers.as_deref().filter(|_| self.work.is_none()),
        };
        let fuel = search(&task, &tables, data, &mut self.scratch);
        let object = Object {
            data,
            filesize: Some(data.len() as u64),
            space: None,
            ranges: None,
            views: None,
        };
        self.judge(&rules, object, clock, fuel, look);
        self.report(data)
    }

    /// Scans regions of memory as one object: the matches in all of them
    /// count together, offsets are addresses, and there is no file size. The
    /// report has no bytes.
    pub fn scan_space<'s>(
        &'s mut self,
        regions: &dyn Regions,
        options: SpaceOptions,
    ) -> Report<'s> {
        let rules = self.rules.clone();
        let tables = rules.tables();
        // Size and header of one object are those of no region: no rule is
        // dead.
        let clock = self.begin();
        let task = Task {
            rules: &rules,
            engine: self.engine,
            dead: &self.dead,
            limits: &self.limits,
            clock,
            helpers: self.helpers.as_deref().filter(|_| self.work.is_none()),
        };
        let modules = self.field_modules.iter().map(|at| *at as usize);
        let wanted = modules.filter(|_| options.modules);
        let mut known = Recognised::new(wanted);
        let mut look =
            |at, data: &[u8]| known.look(at, data, regions.layout(at));
        let scratch = &mut self.scratch;
        let (fuel, size) =
            search_regions(&task, &tables, regions, &mut look, scratch);
        let fuel = fuel.saturating_add(size.saturating_mul(64));
        let held = Held::new(regions, known);
        let object = Object {
            data: &[],
            filesize: None,
            space: options.reads.then_some(regions),
            ranges: Some(if options.reads { regions } else { &Unread }),
            views: Some(&held),
        };
        self.judge(&rules, object, clock, fuel, None);
        self.report(&[])
    }

    /// Evaluates conditions over what was found.
    fn judge(
        &mut self,
        rules: &RuleSet,
        object: Object<'_>,
        clock: Clock,
        fuel: u64,
        look: Option<&mut Look<'_>>,
    ) {
        let tables = rules.tables();
        if let Some(work) = &mut self.scratch.memory.work {
            let table = &self.scratch.memory.table;
            for pattern in table.touched() {
                let matches = table.of(*pattern).len() as u64;
                work[*pattern as usize].matches += matches;
            }
        }
        self.evaluate(rules, &tables, object, clock, fuel, look);
        if self.limits.first_match_only {
            self.drop_further_matches(&tables);
        }
    }

    fn report<'s>(&'s self, data: &'s [u8]) -> Report<'s> {
        Report {
            rules: &self.rules,
            data,
            table: &self.scratch.memory.table,
            matching: &self.matching,
            console: &self.console,
            limits: &self.scratch.memory.hit_limits,
        }
    }

    /// Only once the conditions have been evaluated: they decide the same.
    fn drop_further_matches(&mut self, tables: &Tables<'_>) {
        let placed = self.placed.get_or_init(|| placed(tables));
        let table = &mut self.scratch.memory.table;
        for at in 0..table.touched().len() {
            let pattern = table.touched()[at];
            if !placed.contains(pattern) {
                table.truncate(pattern, 1);
            }
        }
    }

    fn evaluate(
        &mut self,
        rules: &RuleSet,
        tables: &Tables<'_>,
        object: Object<'_>,
        clock: Clock,
        fuel: u64,
        look: Option<&mut Look<'_>>,
    ) {
        self.results.clear();
        self.failed_namespaces.clear();
        self.wanted.copy_from(&self.always);
        let found = &mut self.scratch.memory;
        for pattern in found.table.touched() {
            let rule = tables.patterns[*pattern as usize].rule.get();
            self.wanted.insert(rule);
        }
        self.wanted.subtract(&self.dead);
        let Object { data, filesize, space, ranges, views } = object;
        let open = OpenCx {
            data,
            module_data: None,
            now: self.now.unwrap_or_else(now),
            layout: self.layout,
            memory: ranges,
        };
        let opened = registry::all().iter().map(|_| OnceCell::new());
        let modules = OpenModules {
            open,
            views,
            data: &self.module_data,
            externals: &self.externals,
            opened: opened.collect(),
        };
        let pools = SetPools { tables: *tables, modules: &self.field_modules };
        let current = Cell::new(0);
        let operands = Operands {
            rules,
            verifier: RefCell::default(),
            fuel: Cell::new(fuel),
            limits: &self.limits,
            rule: &current,
            hit_limits: RefCell::default(),
        };
        let expired = || clock.is_over();
        let mut lines = Vec::new();
        let mut sink = |message| {
            lines.push(ConsoleLine { rule: current.get(), message });
        };
        let mut env = Env {
            data,
            space,
            filesize,
            matches: &found.table,
            externals: &self.externals,
            pools: &pools,
            modules: &modules,
            regexes: &operands,
            console: &mut sink,
            budget: Budget::new(fuel, Some(&expired)),
            entrypoint: None,
        };
        let mut stopped = None;
        let mut evaluate = |id: u32, results: &mut BitSet| {
            current.set(id);
            let code = rule_code(tables, &tables.rules[id as usize]);
            let before = env.budget.left();
            let result = run(&mut self.frame, &code, results, &mut env);
            if let Some(work) = &mut self.work {
                work[id as usize].evaluations += 1;
                work[id as usize].steps += before - env.budget.left();
            }
            match result {
                Ok(true) => results.insert(id),
                Ok(false) => {}
                Err(stop) => stopped = Some((stop, id)),
            }
            stopped.is_none()
        };
        // Global rules that depend on no other rule decide first whether a
        // namespace is worth looking at; the others when it is their turn.
        let failed = &mut self.failed_namespaces;
        let namespace = |id| tables.rules[id as usize].namespace.get();
        let has = |id, flag| tables.rules[id as usize].flags.get() & flag != 0;
        let mut goes_on = true;
        for id in self.globals.iter().copied() {
            let wanted = self.wanted.contains(id);
            if wanted && has(id, rule_flags::DEPENDS) {
                continue;
            }
            self.wanted.remove(id);
            if !failed.contains(namespace(id)) {
                goes_on =
                    goes_on && (!wanted || evaluate(id, &mut self.results));
                if !self.results.contains(id) {
                    failed.insert(namespace(id));
                }
            }
        }
        let mut next = 0;
        while let Some(id) = self.wanted.next(next).filter(|_| goes_on) {
            next = id + 1;
            if failed.contains(namespace(id)) {
                continue;
            }
            goes_on = evaluate(id, &mut self.results);
            if has(id, rule_flags::GLOBAL) && !self.results.contains(id) {
                failed.insert(namespace(id));
            }
        }
        if let Some(look) = look {
            let mut silent = |_| {};
            look(&mut Env {
                data,
                space,
                filesize,
                matches: &found.table,
                externals: &self.externals,
                pools: &pools as &dyn Pools,
                modules: &modules,
                regexes: &operands,
                console: &mut silent,
                budget: Budget::new(fuel, Some(&expired)),
                entrypoint: None,
            });
        }
        self.console.extend(lines);
        found.hit_limits.extend(operands.hit_limits.into_inner());
        if let Some((stop, rule)) = stopped {
            let (limit, value) = match stop {
                Stop::Deadline => (
                    Limit::Timeout,
                    self.limits.timeout.map_or(0, |t| t.as_millis() as u64),
                ),
                Stop::Fuel | Stop::Invalid => (Limit::Fuel, self.limits.fuel),
            };
            found.hit_limits.push(LimitHit {
                limit,
                rule: Some(rule),
                pattern: None,
                value,
            });
        }
        let failed = &self.failed_namespaces;
        let matching = self.results.iter().filter(|id| {
            let rule = &tables.rules[*id as usize];
            !failed.contains(rule.namespace.get())
        });
        self.matching.extend(matching);
    }
}

fn rule_code<'t>(tables: &Tables<'t>, rule: &RuleRec) -> RuleCode<'t> {
    RuleCode {
        insts: tables.condition(rule),
        numbers: rule.numbers.get(),
        texts: rule.strings.get(),
        pattern_base: rule.pattern_start.get(),
        patterns: rule.pattern_count.get(),
    }
}

/// The pools of a rule set, as conditions want them.
struct SetPools<'t> {
    tables: Tables<'t>,
    modules: &'t [u32],
}

impl Pools for SetPools<'_> {
    fn word(&self, id: u32) -> u64 {
        self.tables.word(id)
    }

    fn text(&self, id: u32) -> &[u8] {
        self.tables.text(id)
    }

    fn list(&self, id: u32) -> &[U32] {
        self.tables.list(id)
    }

    fn field(&self, id: u32) -> FieldRef<'_> {
        let path = self
            .tables
            .fields
            .get(id as usize)
            .map_or(&[][..], |f| self.tables.text(f.path.get()));
        FieldRef {
            module: self.modules.get(id as usize).copied().unwrap_or(u32::MAX),
            path: <[U16]>::ref_from_bytes(path).unwrap_or_default(),
        }
    }
}

/// Modules, opened for one object when they are first asked for.
struct OpenModules<'d, 's> {
    open: OpenCx<'d>,
    /// What each looks at, if it is not all the same.
    views: Option<&'d dyn Views>,
    data: &'s HashMap<String, Vec<u8>>,
    externals: &'s [ExternalValue],
    opened: Vec<OnceCell<Box<dyn Fields<'d> + 'd>>>,
}

impl<'d, 's: 'd> Modules<'d> for OpenModules<'d, 's> {
    fn module(&self, module: u32) -> Option<&dyn Fields<'d>> {
        let at = module as usize;
        // Behind the modules stand the external variables.
        let Some(cell) = self.opened.get(at) else {
            let at = at.checked_sub(self.opened.len())?;
            return match self.externals.get(at)? {
                ExternalValue::Data(data) => Some(data),
                _ => None,
            };
        };
        let opened = cell.get_or_init(|| {
            let module = registry::all()[at];
            let name = module.schema().name;
            let module_data = self.data.get(name).map(|d| &d[..]);
            let OpenCx { data, layout, .. } = self.open;
            let (data, layout) =
                self.views.map_or((data, layout), |views| views.view(at));
            module.open(OpenCx { module_data, data, layout, ..self.open })
        });
        Some(&**opened)
    }
}

/// Regular expression operands of the set.
struct Operands<'r> {
    rules: &'r RuleSet,
    verifier: RefCell<Verifier>,
    fuel: Cell<u64>,
    limits: &'r Limits,
    /// The rule that is being evaluated.
    rule: &'r Cell<u32>,
    hit_limits: RefCell<Vec<LimitHit>>,
}

impl Operands<'_> {
    /// Notes that a search was given up; once for a rule and limit.
    fn limit(&self, limit: Limit, value: u64) {
        let rule = Some(self.rule.get());
        let hit = LimitHit { limit, rule, pattern: None, value };
        let mut all = self.hit_limits.borrow_mut();
        if !all.contains(&hit) {
            all.push(hit);
        }
    }
}

impl Regexes for Operands<'_> {
    fn is_match(&self, id: u32, text: &[u8]) -> bool {
        let (all, one) = (self.fuel.get(), self.limits.verification_fuel);
        let size = text.len() as u64;
        let budget = one.saturating_add(size.saturating_mul(64)).min(all);
        let mut fuel = budget;
        let mut verifier = self.verifier.borrow_mut();
        let found = verifier.operand(self.rules, id, text, &mut fuel);
        let left = all - (budget - fuel);
        self.fuel.set(left);
        found.unwrap_or_else(|_| {
            if left == 0 {
                self.limit(Limit::Fuel, self.limits.fuel);
            } else {
                self.limit(Limit::Verification, one);
            }
            false
        })
    }
}
