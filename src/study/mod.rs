//! Looks into conditions: what each part is for one object, what a changed
//! rule would say of it, and what the smallest change of a verdict is.
//!
//! A [`Study`] searches an object for everything, once; all questions after
//! that are answered from the matches, by walking the tree of the condition.

mod change;
mod compare;
mod logic;
mod mutant;
mod near;
mod parts;
mod place;
mod tree;
mod variant;

use std::collections::HashMap;
use std::sync::Arc;

use dragnet_compiler::cond::reference::{self, Names};
use dragnet_compiler::ir::{self, Condition, FieldId, RuleId};
use dragnet_compiler::link::link;
use dragnet_compiler::source::SourceMap;
use dragnet_engine::cond::{BitSet, Budget, Env, ExternalValue, Pools};
use dragnet_engine::module::registry;
use dragnet_engine::prefilter::Engine;
use dragnet_engine::ruleset::RuleSet;
use dragnet_engine::ruleset::layout::rule_flags;
use dragnet_engine::scan::{self, DefineError, Match, MatchTable};

pub use change::{Change, Step};
pub(crate) use compare::is_wider;
pub use compare::{Relation, compare, same_pattern};
pub use dragnet_compiler::cond::reference::Val;
pub use dragnet_compiler::ir::{ExprId, MetaValue, PatternId, Rule};
pub use dragnet_compiler::pattern::Value as PatternValue;
pub use mutant::{MissingTest, Mutant, Mutation};
pub use parts::{branches, exclusions};
pub use place::{LogicHashes, Places};
pub use tree::Node;
pub use variant::Variant;

use crate::Compiled;

/// Work for one evaluation. What needs more counts as undefined.
const FUEL: u64 = 50_000_000;

/// Rules with their trees, and a scanner that finds all their matches.
pub struct Study {
    facts: Arc<Facts>,
    scanner: scan::Scanner,
}

/// What is known about the rules before any object is looked at.
pub struct Facts {
    ir: ir::Rules,
    sources: SourceMap,
    /// Rules that were asked for; behind them stand those with variants of
    /// their patterns.
    own: usize,
    /// The first pattern of each rule in the set.
    starts: Vec<u32>,
    fields: Vec<(u32, Vec<u16>)>,
    variants: HashMap<(u32, PatternId, Variant), u32>,
    /// Cannot hold without a match.
    needs_hit: Vec<bool>,
    /// The rules that ask for a rule.
    askers: HashMap<u32, Vec<u32>>,
    globals: Vec<u32>,
    set: RuleSet,
}

impl Study {
    /// Studies these rules; `None` if there are none.
    pub fn new(compiled: Compiled) -> Option<Study> {
        Study::with_variants(compiled, |_, _| Vec::new())
    }

    /// Studies these rules, and finds for each the variants of its patterns
    /// that `wanted` names.
    pub fn with_variants(
        compiled: Compiled,
        wanted: impl Fn(u32, &ir::Rule) -> Vec<(PatternId, Variant)>,
    ) -> Option<Study> {
        let Compiled { rules, mut ir, sources, .. } = compiled;
        let own = ir.rules.len();
        let mut set = rules?.set;
        let mut variants = variant::add(&mut ir, wanted);
        while ir.rules.len() > own {
            let linked = link(&ir);
            let Some(last) = linked.bad_rules.last().copied() else {
                set = RuleSet::from_bytes(linked.bytes).ok()?;
                break;
            };
            if last < own {
                return None;
            }
            for bad in linked.bad_rules.iter().filter(|bad| **bad >= own) {
                ir.rules[*bad].patterns.clear();
                variants.retain(|_, place| place.0 as usize != *bad);
            }
        }
        let counts = ir.rules.iter().map(|rule| rule.patterns.len() as u32);
        let starts: Vec<u32> = counts
            .scan(0, |sum, count| Some(std::mem::replace(sum, *sum + count)))
            .collect();
        let number = |(rule, at): (u32, u32)| starts[rule as usize] + at;
        let variants =
            variants.into_iter().map(|(key, at)| (key, number(at))).collect();
        let fields = ir.fields.iter().map(|field| {
            let module = match field.module.strip_prefix('$') {
                None => registry::find(field.module).map(|(at, _)| at),
                Some(name) => {
                    let mut all = ir.externals.iter();
                    let at = all.position(|external| external.name == name);
                    at.map(|at| registry::all().len() + at)
                }
            };
            (module.map_or(u32::MAX, |at| at as u32), field.path.clone())
        });
        let fields = fields.collect();
        let needs = |rule: &dragnet_engine::ruleset::layout::RuleRec| {
            rule.flags.get() & rule_flags::NEEDS_HIT != 0
        };
        let needs_hit = set.tables().rules.iter().map(needs).collect();
        let mut askers: HashMap<u32, Vec<u32>> = HashMap::new();
        let mut globals = Vec::new();
        for (id, rule) in (0..).zip(&ir.rules[..own]) {
            for expr in &rule.condition.exprs {
                if let ir::Kind::Rule(RuleId(asked)) = expr.kind {
                    askers.entry(asked).or_default().push(id);
                }
            }
            if rule.global {
                globals.push(id);
            }
        }
        let facts = Arc::new(Facts {
            ir,
            sources,
            own,
            starts,
            fields,
            variants,
            needs_hit,
            askers,
            globals,
            set,
        });
        Some(Study { scanner: scanner(&facts.set), facts })
    }

    /// A study of rules that are known: one for each thread.
    pub fn of(facts: &Arc<Facts>) -> Study {
        Study { scanner: scanner(&facts.set), facts: Arc::clone(facts) }
    }

    /// The rules.
    pub fn facts(&self) -> &Arc<Facts> {
        &self.facts
    }

    /// Gives an external variable another value.
    ///
    /// # Errors
    /// The rules declare none of this name and type.
    pub fn define(
        &mut self,
        name: &str,
        value: ExternalValue,
    ) -> Result<(), DefineError> {
        self.scanner.define(name, value)
    }

    /// Gives a module data of its own for the objects to come.
    pub fn module_data(&mut self, module: &str, data: Vec<u8>) {
        self.scanner.module_data(module, data);
    }

    /// Shows an object; false if a limit may have hidden matches.
    pub fn examine(
        &mut self,
        data: &[u8],
        look: &mut dyn FnMut(&mut Sample<'_, '_, '_, '_>),
    ) -> bool {
        let facts = &*self.facts;
        let report = self.scanner.examine(data, &mut |env| {
            let results = BitSet::new(facts.own);
            let mut sample = Sample { facts, env, results };
            sample.evaluate_all();
            look(&mut sample);
        });
        report.is_complete()
    }
}

impl Facts {
    /// The rules, in the order of the set.
    pub fn rules(&self) -> &[ir::Rule] {
        &self.ir.rules[..self.own]
    }

    /// The name of a namespace.
    pub fn namespace(&self, rule: &ir::Rule) -> &str {
        let names = &self.ir.namespaces;
        names.get(rule.namespace as usize).map_or("", String::as_str)
    }

    /// The rule with this name; the first one, if several namespaces have
    /// it. `namespace:name` says which.
    pub fn find(&self, name: &str) -> Option<u32> {
        let by_name =
            |rule: &ir::Rule| rule.name == name || self.is_called(rule, name);
        self.rules().iter().position(by_name).map(|at| at as u32)
    }

    fn is_called(&self, rule: &ir::Rule, full: &str) -> bool {
        full.strip_suffix(rule.name.as_str())
            .and_then(|space| space.strip_suffix(':'))
            .is_some_and(|space| space == self.namespace(rule))
    }

    /// The texts of the rules.
    pub fn sources(&self) -> &SourceMap {
        &self.sources
    }

    /// A part of a condition as it was written, on one line.
    pub fn written(&self, rule: &ir::Rule, part: ExprId) -> String {
        let span = rule.condition.expr(part).span;
        let text = span.of(&self.sources.get(rule.file).text);
        let text = String::from_utf8_lossy(text);
        let words: Vec<&str> = text.split_whitespace().collect();
        words.join(" ")
    }

    /// The numbers of the patterns of a rule, counted over the set.
    pub fn pattern_numbers(&self, rule: u32) -> std::ops::Range<usize> {
        let start = self.starts[rule as usize] as usize;
        start..start + self.rule(rule).patterns.len()
    }

    fn rule(&self, rule: u32) -> &ir::Rule {
        &self.ir.rules[rule as usize]
    }
}

/// The name of a pattern of a rule, with its `$`. Anonymous ones are
/// counted.
pub fn pattern_name(rule: &ir::Rule, pattern: PatternId) -> String {
    let found = rule.patterns.get(pattern.0 as usize);
    match found.map(|found| found.name.as_str()) {
        None | Some("") => format!("$#{}", pattern.0 + 1),
        Some(name) => format!("${name}"),
    }
}

/// One object, and all matches in it.
pub struct Sample<'s, 'e, 'd, 'p> {
    facts: &'s Facts,
    env: &'s mut Env<'e, 'd, dyn Pools + 'p>,
    results: BitSet,
}

/// Which matches a condition is evaluated with.
#[derive(Clone, Copy, Default)]
pub struct Trial<'t> {
    /// Instead of the condition of the rule.
    pub condition: Option<&'t Condition>,
    /// Taken never to match.
    pub without: &'t [PatternId],
    /// Replaced by a variant.
    pub variant: Option<(PatternId, Variant)>,
    /// Rules taken not to hold.
    pub failing: &'t [u32],
    /// The object taken to be of this size.
    pub size: Option<u64>,
}

/// What a tree refers to, for one rule and trial.
struct Lens<'l> {
    facts: &'l Facts,
    rule: u32,
    trial: Trial<'l>,
}

impl Names for Lens<'_> {
    fn field(&self, field: FieldId) -> (u32, Vec<u16>) {
        self.facts
            .fields
            .get(field.0 as usize)
            .cloned()
            .unwrap_or((u32::MAX, Vec::new()))
    }

    fn pattern(&self, pattern: PatternId) -> Option<u32> {
        if self.trial.without.contains(&pattern) {
            return None;
        }
        if let Some((replaced, variant)) = self.trial.variant
            && replaced == pattern
        {
            let key = (self.rule, pattern, variant);
            return self.facts.variants.get(&key).copied();
        }
        Some(self.facts.starts[self.rule as usize] + pattern.0)
    }
}

impl<'s> Sample<'s, '_, '_, '_> {
    /// The rules.
    pub fn facts(&self) -> &'s Facts {
        self.facts
    }

    /// The bytes.
    pub fn data(&self) -> &[u8] {
        self.env.data
    }

    /// Does the condition of the rule hold?
    pub fn holds(&self, rule: u32) -> bool {
        self.results.contains(rule)
    }

    /// Is the rule reported: does it hold, with all global rules of its
    /// namespace?
    pub fn matches_rule(&self, rule: u32) -> bool {
        self.holds(rule) && self.failed_global(rule).is_none()
    }

    /// A global rule that does not hold and so takes this one with it.
    pub fn failed_global(&self, rule: u32) -> Option<u32> {
        failed_global(self.facts, &self.results, rule)
    }

    /// The matches of a pattern.
    pub fn matches(&self, rule: u32, pattern: PatternId) -> &[Match] {
        let start = self.facts.starts[rule as usize];
        self.env.matches.of(start + pattern.0)
    }

    /// The matches of a variant of a pattern.
    pub fn variant(
        &self,
        rule: u32,
        pattern: PatternId,
        variant: Variant,
    ) -> &[Match] {
        let number = self.facts.variants.get(&(rule, pattern, variant));
        number.map_or(&[], |number| self.env.matches.of(*number))
    }

    /// Rules of which a pattern matched, ascending.
    pub fn touched(&self) -> Vec<u32> {
        let starts = &self.facts.starts[..self.facts.own];
        let mut rules: Vec<u32> = Vec::new();
        for pattern in self.env.matches.touched() {
            // A rule without patterns starts where the next one does.
            let after = starts.partition_point(|start| start <= pattern);
            let rule = after.wrapping_sub(1);
            let own = self.facts.rules().get(rule);
            let in_rule = own.is_some_and(|own| {
                pattern - starts[rule] < own.patterns.len() as u32
            });
            if in_rule {
                rules.push(rule as u32);
            }
        }
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    /// Rules worth a look: of which a pattern matched, or that can hold
    /// without. Ascending.
    pub fn candidates(&self) -> Vec<u32> {
        let mut rules = self.touched();
        let needs_hit = self.facts.needs_hit.iter().take(self.facts.own);
        let free = (0..).zip(needs_hit).filter(|(_, needs)| !**needs);
        rules.extend(free.map(|(id, _)| id));
        rules.sort_unstable();
        rules.dedup();
        rules
    }

    /// The value of a part of the condition of a rule.
    pub fn value(&mut self, rule: u32, part: ExprId) -> Option<Val> {
        let condition = &self.facts.rule(rule).condition;
        let trial = Trial::default();
        let lens = Lens { facts: self.facts, rule, trial };
        self.env.budget = Budget::new(FUEL, None);
        let results = &self.results;
        reference::value(condition, part, &lens, results, self.env)
            .ok()
            .flatten()
    }

    /// Would the condition hold in this trial?
    pub fn would_hold(&mut self, rule: u32, trial: Trial<'_>) -> bool {
        let results = std::mem::take(&mut self.results);
        let holds = self.evaluate(rule, trial, &results);
        self.results = results;
        holds
    }

    fn evaluate(
        &mut self,
        rule: u32,
        trial: Trial<'_>,
        results: &BitSet,
    ) -> bool {
        let own = &self.facts.rule(rule).condition;
        let condition = trial.condition.unwrap_or(own);
        let lens = Lens { facts: self.facts, rule, trial };
        self.env.budget = Budget::new(FUEL, None);
        let mut fewer = None;
        if !trial.failing.is_empty() {
            let fewer = fewer.insert(results.clone());
            trial.failing.iter().for_each(|rule| fewer.remove(*rule));
        }
        let results = fewer.as_ref().unwrap_or(results);
        let size = self.env.filesize;
        self.env.filesize = trial.size.or(size);
        let holds = reference::evaluate(condition, &lens, results, self.env);
        self.env.filesize = size;
        holds.unwrap_or(false)
    }

    fn evaluate_all(&mut self) {
        for rule in self.candidates() {
            let results = std::mem::take(&mut self.results);
            let holds = self.evaluate(rule, Trial::default(), &results);
            self.results = results;
            if holds {
                self.results.insert(rule);
            }
        }
    }

    /// Would anything that is reported change in this trial? Rules that ask
    /// for this one are evaluated again.
    pub fn would_differ(&mut self, rule: u32, trial: Trial<'_>) -> bool {
        let before = std::mem::take(&mut self.results);
        let holds = self.evaluate(rule, trial, &before);
        let differs = holds != before.contains(rule) && {
            let mut after = before.clone();
            set(&mut after, rule, holds);
            let mut affected = self.facts.dependents(rule);
            for later in &affected {
                let own = Trial::default();
                let holds = self.evaluate(*later, own, &after);
                set(&mut after, *later, holds);
            }
            affected.push(rule);
            let facts = self.facts;
            if affected.iter().any(|id| facts.rule(*id).global) {
                affected = (0..facts.own as u32).collect();
            }
            let reported = |results: &BitSet, rule: u32| {
                results.contains(rule)
                    && !facts.rule(rule).private
                    && failed_global(facts, results, rule).is_none()
            };
            let changed =
                |id: &u32| reported(&before, *id) != reported(&after, *id);
            affected.iter().any(changed)
        };
        self.results = before;
        differs
    }

    /// The table of all matches.
    pub fn table(&self) -> &MatchTable {
        self.env.matches
    }
}

fn set(results: &mut BitSet, rule: u32, holds: bool) {
    if holds {
        results.insert(rule);
    } else {
        results.remove(rule);
    }
}

fn failed_global(facts: &Facts, results: &BitSet, rule: u32) -> Option<u32> {
    let namespace = facts.rule(rule).namespace;
    let fails = |id: &u32| {
        facts.rule(*id).namespace == namespace && !results.contains(*id)
    };
    facts.globals.iter().copied().find(fails)
}

fn scanner(set: &RuleSet) -> scan::Scanner {
    let mut scanner = scan::Scanner::new(set);
    scanner.set_engine(Engine::Automaton);
    scanner.search_for_dead_rules();
    scanner
}

impl Facts {
    /// Rules that ask for this one, directly or not, ascending.
    fn dependents(&self, rule: u32) -> Vec<u32> {
        let mut found = std::collections::BTreeSet::new();
        let mut open = vec![rule];
        while let Some(asked) = open.pop() {
            for id in self.askers.get(&asked).into_iter().flatten() {
                if found.insert(*id) {
                    open.push(*id);
                }
            }
        }
        found.into_iter().collect()
    }
}
