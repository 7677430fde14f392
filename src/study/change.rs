//! The smallest change that turns the verdict of a rule: which strings would
//! have to match or not, which comparisons to hold or not.

use dragnet_compiler::ir::{
    Condition, Const, Expr, ExprId, Kind, PatternId, PatternSel, Rule, Ty,
};
use dragnet_compiler::source::Span;

use super::logic::{self, Atom, Atoms, Formula};
use super::{Facts, Sample, Trial, Val, pattern_name};

/// One thing that would have to be different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A string.
    String {
        /// Which.
        pattern: PatternId,
        /// It would have to match; else it must not.
        matches: bool,
    },
    /// A part of the condition.
    Part {
        /// All places where it is written.
        parts: Vec<ExprId>,
        /// It would have to hold; else it must not.
        holds: bool,
    },
}

/// What would turn the verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Everything that would have to be different, together.
    pub steps: Vec<Step>,
}

impl Change {
    /// The smallest change after which the condition of the rule says the
    /// opposite of what it says of this object. Each that is given was
    /// applied to the condition, and the condition evaluated. `None` if the
    /// condition always says the same.
    pub fn smallest(
        sample: &mut Sample<'_, '_, '_, '_>,
        rule: u32,
    ) -> Option<Change> {
        let facts = sample.facts();
        let tree = &facts.rules()[rule as usize];
        let text = &facts.sources().get(tree.file).text;
        let mut atoms = Atoms::default();
        let formula =
            atoms.formula(&tree.condition, text, logic::Change::default());
        let truths: Vec<bool> = (0..atoms.all.len())
            .map(|at| match atoms.all[at] {
                Atom::Pattern(id) | Atom::Variant(id) => {
                    !sample.matches(rule, id).is_empty()
                }
                Atom::Part(part) | Atom::Changed(part) => {
                    sample.value(rule, part) == Some(Val::Bool(true))
                }
            })
            .collect();
        let wanted = !sample.holds(rule);
        let mut found = Self::candidates(&formula, &atoms, &truths, wanted);
        // A string says more than that a size is another one.
        found.sort_by_key(|change| {
            (change.steps.len(), change.parts().count())
        });
        found.into_iter().find(|change| {
            let (condition, without) = change.applied(tree);
            let trial = Trial {
                condition: Some(&condition),
                without: &without,
                ..Trial::default()
            };
            sample.would_hold(rule, trial) == wanted
        })
    }

    fn candidates(
        formula: &Formula,
        atoms: &Atoms,
        truths: &[bool],
        wanted: bool,
    ) -> Vec<Change> {
        let sets = formula.changes(truths, wanted).into_iter();
        let as_change = |set: Vec<usize>| {
            let steps = set.into_iter().map(|at| match atoms.all[at] {
                Atom::Pattern(pattern) | Atom::Variant(pattern) => {
                    Step::String { pattern, matches: !truths[at] }
                }
                Atom::Part(_) | Atom::Changed(_) => Step::Part {
                    parts: atoms.exprs[at].clone(),
                    holds: !truths[at],
                },
            });
            Change { steps: steps.collect() }
        };
        sets.map(as_change).collect()
    }

    /// The condition with the change made, and the strings that must not
    /// match.
    fn applied(&self, rule: &Rule) -> (Condition, Vec<PatternId>) {
        let mut condition = rule.condition.clone();
        let mut without = Vec::new();
        for step in &self.steps {
            match step {
                Step::Part { parts, holds } => {
                    for part in parts {
                        condition.exprs[part.0 as usize].kind =
                            Kind::Const(Const::Bool(*holds));
                    }
                }
                Step::String { pattern, matches: true } => {
                    assume(&mut condition, *pattern);
                }
                Step::String { pattern, matches: false } => {
                    without.push(*pattern);
                }
            }
        }
        (condition, without)
    }

    /// The strings it is about.
    pub fn strings(&self) -> impl Iterator<Item = PatternId> {
        self.steps.iter().filter_map(|step| match step {
            Step::String { pattern, .. } => Some(*pattern),
            Step::Part { .. } => None,
        })
    }

    /// The parts of the condition it is about.
    pub fn parts(&self) -> impl Iterator<Item = ExprId> {
        self.steps
            .iter()
            .flat_map(|step| match step {
                Step::Part { parts, .. } => parts.as_slice(),
                Step::String { .. } => &[],
            })
            .copied()
    }

    /// The change in words.
    pub fn describe(&self, facts: &Facts, rule: &Rule) -> String {
        let (mut with, mut without) = (Vec::new(), Vec::new());
        let (mut holding, mut failing) = (Vec::new(), Vec::new());
        for step in &self.steps {
            match step {
                Step::String { pattern, matches } => {
                    let to = if *matches { &mut with } else { &mut without };
                    to.push(pattern_name(rule, *pattern));
                }
                Step::Part { parts, holds } => {
                    let to = if *holds { &mut holding } else { &mut failing };
                    let first = parts.first();
                    let text = first.map(|part| facts.written(rule, *part));
                    to.extend(text.map(|text| format!("`{text}`")));
                }
            }
        }
        let mut words = Vec::new();
        for (list, before, after) in [
            (with, "with ", ""),
            (without, "without ", ""),
            (holding, "if ", " held"),
            (failing, "if ", " did not hold"),
        ] {
            if !list.is_empty() {
                words.push(format!("{before}{}{after}", list.join(" and ")));
            }
        }
        words.join(", and ")
    }
}

/// Lets a string match wherever only that is asked.
fn assume(condition: &mut Condition, pattern: PatternId) {
    let truth = Kind::Const(Const::Bool(true));
    for at in 0..condition.exprs.len() {
        let kind = condition.exprs[at].kind.clone();
        match kind {
            Kind::Hit(PatternSel::Fixed(id)) if id == pattern => {
                condition.exprs[at].kind = truth.clone();
            }
            Kind::OfPatterns(quantifier, set, None)
                if set.contains(&pattern) =>
            {
                let mut items = Vec::new();
                for id in set {
                    let kind = match id == pattern {
                        true => truth.clone(),
                        false => Kind::Hit(PatternSel::Fixed(id)),
                    };
                    let new = ExprId(condition.exprs.len() as u32);
                    let span = Span::default();
                    condition.exprs.push(Expr { kind, ty: Ty::Bool, span });
                    items.push(new);
                }
                condition.exprs[at].kind = Kind::OfBools(quantifier, items);
            }
            _ => {}
        }
    }
}
