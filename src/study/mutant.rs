//! Rules with one thing changed. Cases that say the same of a rule and of
//! its mutant do not test what was changed.

use std::collections::BTreeSet;

use dragnet_compiler::ir::{
    Anchor, CmpOp, Condition, Const, Expr, ExprId, Kind, PatternId,
    PatternSel, Quantifier, Rule, Ty,
};
use dragnet_compiler::source::Span;

use super::logic::{self, Atom, Atoms, Difference};
use super::parts::{below, patterns};
use super::{Facts, Sample, Trial, Variant, pattern_name};

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mutation {
    /// A string never matches.
    DropString,
    /// A string loses a modifier.
    DropModifier,
    /// An operand of `and` or `or` is left out.
    DropOperand,
    /// `and` becomes `or`, or the other way.
    SwapOperators,
    /// `N of` wants one more, or one less.
    Quantity,
    /// A bound of `filesize` is doubled or halved.
    Filesize,
    /// `at` or `in` is left out.
    DropPlace,
    /// A comparison is negated.
    NegateComparison,
}

impl Mutation {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Mutation::DropString => "drop_string",
            Mutation::DropModifier => "drop_modifier",
            Mutation::DropOperand => "drop_operand",
            Mutation::SwapOperators => "swap_operators",
            Mutation::Quantity => "quantity",
            Mutation::Filesize => "filesize",
            Mutation::DropPlace => "drop_place",
            Mutation::NegateComparison => "negate_comparison",
        }
    }
}

/// A changed rule.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// The rule, by its number.
    pub rule: u32,
    /// What is changed.
    pub mutation: Mutation,
    /// The same for people.
    pub what: String,
    /// Where in the condition; the string's place is not in it.
    pub span: Option<Span>,
    /// The string that is changed.
    pub pattern: Option<PatternId>,
    condition: Option<Condition>,
    without: Vec<PatternId>,
    variant: Option<(PatternId, Variant)>,
    change: logic::Change,
    effect: Effect,
    /// The sizes between which objects are treated differently.
    sizes: Option<(i64, i64)>,
}

/// What is known about a part that was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// Nothing.
    Any,
    /// It holds wherever it did, and elsewhere.
    Wider,
    /// It holds nowhere else.
    Narrower,
    /// It holds where it did not.
    Opposite,
}

/// The case that would tell a mutant from the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MissingTest {
    /// There is none: the mutant always says the same.
    Equivalent,
    /// A file like this.
    File {
        /// The rule must match it; else it must not.
        matches: bool,
        /// Strings that are in it.
        with: Vec<String>,
        /// Strings that are not in it.
        without: Vec<String>,
        /// Parts of the condition that hold.
        holding: Vec<String>,
        /// Parts of the condition that do not.
        failing: Vec<String>,
    },
    /// The condition is too large to say.
    Unknown,
}

impl Mutant {
    /// All mutants of a rule.
    pub fn all(facts: &Facts, rule: u32) -> Vec<Mutant> {
        let tree = &facts.rules()[rule as usize];
        let mut making = Making { facts, rule, tree, made: Vec::new() };
        making.strings();
        making.condition();
        making.made
    }

    /// Variants of patterns that mutants of a rule need.
    pub fn variants(rule: &Rule) -> Vec<(PatternId, Variant)> {
        let ids = (0..).map(PatternId).zip(&rule.patterns);
        let all = ids.flat_map(|(id, pattern)| {
            [
                Variant::Anywhere,
                Variant::NoFullword,
                Variant::NoNocase,
                Variant::NoWide,
                Variant::NoAscii,
            ]
            .into_iter()
            .filter(|variant| variant.of(pattern).is_some())
            .map(move |variant| (id, variant))
        });
        all.collect()
    }

    /// Does this object tell the mutant from the rule?
    pub fn is_killed(&self, sample: &mut Sample<'_, '_, '_, '_>) -> bool {
        if self.changes_nothing(sample) {
            return false;
        }
        sample.would_differ(self.rule, self.trial())
    }

    /// Would the mutant hold where the object is changed as in `trial`?
    pub fn would_hold(
        &self,
        sample: &mut Sample<'_, '_, '_, '_>,
        trial: Trial<'_>,
    ) -> bool {
        let without = [trial.without, &self.without].concat();
        let Trial { condition, variant, .. } = self.trial();
        let own = Trial { condition, variant, without: &without, ..trial };
        sample.would_hold(self.rule, own)
    }

    fn trial(&self) -> Trial<'_> {
        Trial {
            condition: self.condition.as_ref(),
            without: &self.without,
            variant: self.variant,
            ..Trial::default()
        }
    }

    fn changes_nothing(&self, sample: &Sample<'_, '_, '_, '_>) -> bool {
        let unmatched =
            |id: &PatternId| sample.matches(self.rule, *id).is_empty();
        self.condition.is_none()
            && self.variant.is_none()
            && self.without.iter().all(unmatched)
    }

    /// The smallest case that would tell the mutant from the rule. `seen`
    /// are the strings of objects that the rule matches.
    pub fn missing_test(
        &self,
        facts: &Facts,
        seen: &[BTreeSet<PatternId>],
    ) -> MissingTest {
        let rule = &facts.rules()[self.rule as usize];
        let text = &facts.sources().get(rule.file).text;
        let mut atoms = Atoms::default();
        let own = &rule.condition;
        let unchanged = logic::Change::default();
        let before = atoms.formula(own, text, unchanged);
        let changed = self.condition.as_ref().unwrap_or(own);
        let after = atoms.formula(changed, text, self.change);
        let starts: Vec<Vec<bool>> = seen
            .iter()
            .map(|seen| {
                let holds = |atom: &Atom| match atom {
                    Atom::Pattern(id) | Atom::Variant(id) => seen.contains(id),
                    Atom::Part(_) | Atom::Changed(_) => true,
                };
                atoms.all.iter().map(holds).collect()
            })
            .collect();
        // What a changed part can be beside the one that was written.
        let pairs: Vec<(usize, usize)> = atoms
            .all
            .iter()
            .enumerate()
            .filter_map(|(at, atom)| {
                let Atom::Changed(part) = atom else { return None };
                let mut all = atoms.all.iter().zip(&atoms.exprs);
                let written = all.position(|(atom, exprs)| {
                    matches!(atom, Atom::Part(_)) && exprs.contains(part)
                });
                Some((written?, at))
            })
            .collect();
        let agrees = |truths: &[bool]| {
            pairs.iter().all(|(written, changed)| {
                let (old, new) = (truths[*written], truths[*changed]);
                match self.effect {
                    Effect::Any => true,
                    Effect::Wider => !old || new,
                    Effect::Narrower => !new || old,
                    Effect::Opposite => old != new,
                }
            })
        };
        // A string with fewer modifiers matches no more than with them.
        let possible = |truths: &[bool]| {
            agrees(truths)
                && atoms.all.iter().zip(truths).all(|(atom, truth)| match atom
                {
                    Atom::Variant(id) if *truth => {
                        let whole = Atom::Pattern(*id);
                        let at = atoms.all.iter().position(|a| *a == whole);
                        let wider =
                            self.variant.is_some_and(|(_, variant)| {
                                matches!(
                                    variant,
                                    Variant::NoFullword | Variant::Anywhere
                                )
                            });
                        wider || at.is_none_or(|at| truths[at])
                    }
                    _ => true,
                })
        };
        let count = atoms.all.len();
        match logic::difference(&before, &after, count, &possible, &starts) {
            Difference::Never => MissingTest::Equivalent,
            Difference::Unknown => MissingTest::Unknown,
            Difference::Here(truths) => {
                self.file(facts, &atoms, &truths, before.holds(&truths))
            }
        }
    }

    fn file(
        &self,
        facts: &Facts,
        atoms: &Atoms,
        truths: &[bool],
        matches: bool,
    ) -> MissingTest {
        let rule = &facts.rules()[self.rule as usize];
        let (mut with, mut without) = (Vec::new(), Vec::new());
        let (mut holding, mut failing) = (Vec::new(), Vec::new());
        for (atom, truth) in atoms.all.iter().zip(truths) {
            match atom {
                Atom::Pattern(id) => {
                    let to = if *truth { &mut with } else { &mut without };
                    to.push(pattern_name(rule, *id));
                }
                Atom::Part(part) => {
                    let to = if *truth { &mut holding } else { &mut failing };
                    to.push(facts.written(rule, *part));
                }
                // What was changed says so itself.
                Atom::Changed(_) | Atom::Variant(_) => {}
            }
        }
        if let Some((low, high)) = self.sizes {
            holding = vec![format!("filesize between {low} and {high}")];
            failing.clear();
        }
        MissingTest::File { matches, with, without, holding, failing }
    }
}

struct Making<'m> {
    facts: &'m Facts,
    rule: u32,
    tree: &'m Rule,
    made: Vec<Mutant>,
}

impl Making<'_> {
    /// How often the condition asks for a pattern.
    fn uses(&self, pattern: PatternId) -> usize {
        let condition = &self.tree.condition;
        let Some(root) = condition.root else { return 0 };
        let all = below(condition, root).into_iter();
        let own = all.filter(|expr| {
            let inner = super::parts::parts(&condition.expr(*expr).kind);
            let deeper = inner
                .iter()
                .any(|p| patterns(condition, *p).contains(&pattern));
            !deeper && patterns(condition, *expr).contains(&pattern)
        });
        own.count()
    }

    fn strings(&mut self) {
        for (id, pattern) in (0..).map(PatternId).zip(&self.tree.patterns) {
            if self.uses(id) == 0 {
                continue;
            }
            let name = pattern_name(self.tree, id);
            self.made.push(Mutant {
                rule: self.rule,
                mutation: Mutation::DropString,
                what: format!("without {name}"),
                span: None,
                pattern: Some(id),
                condition: None,
                without: vec![id],
                variant: None,
                change: logic::Change {
                    part: None,
                    pattern: Some((id, false)),
                },
                effect: Effect::Any,
                sizes: None,
            });
            for (variant, modifier) in [
                (Variant::NoFullword, "fullword"),
                (Variant::NoNocase, "nocase"),
                (Variant::NoWide, "wide"),
                (Variant::NoAscii, "ascii"),
            ] {
                if variant.of(pattern).is_none() {
                    continue;
                }
                self.made.push(Mutant {
                    rule: self.rule,
                    mutation: Mutation::DropModifier,
                    what: format!("{name} without `{modifier}`"),
                    span: None,
                    pattern: Some(id),
                    condition: None,
                    without: Vec::new(),
                    variant: Some((id, variant)),
                    change: logic::Change {
                        part: None,
                        pattern: Some((id, true)),
                    },
                    effect: Effect::Any,
                    sizes: None,
                });
            }
        }
    }

    fn condition(&mut self) {
        let condition = &self.tree.condition;
        let Some(root) = condition.root else { return };
        let mut parts = below(condition, root);
        parts.sort_unstable();
        parts.dedup();
        for part in parts {
            match &condition.expr(part).kind {
                Kind::And(items) => self.operands(part, items, true),
                Kind::Or(items) => self.operands(part, items, false),
                Kind::OfPatterns(quantifier, set, anchor) => {
                    self.quantity(part, quantifier, set.len());
                    if anchor.is_some() {
                        self.place(part, None);
                    }
                }
                Kind::OfBools(quantifier, items) => {
                    self.quantity(part, quantifier, items.len());
                }
                Kind::HitAt(PatternSel::Fixed(id), _) => {
                    self.place(part, Some(*id));
                }
                Kind::HitIn(..) => self.place(part, None),
                Kind::Cmp(op, a, b) => self.comparison(part, *op, *a, *b),
                _ => {}
            }
        }
    }

    fn push(
        &mut self,
        part: ExprId,
        mutation: Mutation,
        what: String,
        change: impl FnOnce(&mut Condition),
    ) {
        let mut condition = self.tree.condition.clone();
        change(&mut condition);
        self.made.push(Mutant {
            rule: self.rule,
            mutation,
            what,
            span: Some(self.tree.condition.expr(part).span),
            pattern: None,
            condition: Some(condition),
            without: Vec::new(),
            variant: None,
            change: logic::Change { part: Some(part), pattern: None },
            effect: Effect::Any,
            sizes: None,
        });
    }

    fn operands(&mut self, part: ExprId, items: &[ExprId], and: bool) {
        let (word, other) = if and { ("and", "or") } else { ("or", "and") };
        for (at, item) in items.iter().enumerate() {
            if self.is_a_string(*item, and) {
                continue;
            }
            let mut rest = items.to_vec();
            rest.remove(at);
            let written = self.facts.written(self.tree, *item);
            let what = format!("without the operand `{written}` of `{word}`");
            self.push(part, Mutation::DropOperand, what, |condition| {
                condition.exprs[part.0 as usize].kind =
                    if and { Kind::And(rest) } else { Kind::Or(rest) };
            });
        }
        let swapped = items.to_vec();
        let written = self.facts.written(self.tree, part);
        let what = format!("`{other}` for `{word}` in `{written}`");
        self.push(part, Mutation::SwapOperators, what, |condition| {
            condition.exprs[part.0 as usize].kind =
                if and { Kind::Or(swapped) } else { Kind::And(swapped) };
        });
    }

    /// Is to leave out this operand the same as to leave out a string?
    fn is_a_string(&self, item: ExprId, and: bool) -> bool {
        let condition = &self.tree.condition;
        let hit = |expr: ExprId| match condition.expr(expr).kind {
            Kind::Hit(PatternSel::Fixed(id)) => Some(id),
            _ => None,
        };
        let id = match &condition.expr(item).kind {
            Kind::Not(inner) if and => hit(*inner),
            _ if !and => hit(item),
            _ => None,
        };
        id.is_some_and(|id| self.uses(id) == 1)
    }

    fn quantity(&mut self, part: ExprId, quantifier: &Quantifier, of: usize) {
        let of = of as i64;
        let now = match quantifier {
            Quantifier::All => of,
            Quantifier::Any => 1,
            Quantifier::Count(count) => {
                match self.tree.condition.expr(*count).kind {
                    Kind::Const(Const::Int(value)) => value,
                    _ => return,
                }
            }
            Quantifier::None | Quantifier::Percent(_) => return,
        };
        for count in [now - 1, now + 1] {
            if !(1..=of).contains(&count) {
                continue;
            }
            let written = self.facts.written(self.tree, part);
            let what = format!("{count} instead of {now} in `{written}`");
            self.push(part, Mutation::Quantity, what, |condition| {
                let id = constant(condition, Const::Int(count), Ty::Int);
                let new = Quantifier::Count(id);
                match &mut condition.exprs[part.0 as usize].kind {
                    Kind::OfPatterns(quantifier, ..)
                    | Kind::OfBools(quantifier, _) => *quantifier = new,
                    _ => {}
                }
            });
        }
    }

    fn place(&mut self, part: ExprId, only: Option<PatternId>) {
        let written = self.facts.written(self.tree, part);
        let what = format!("`{written}` anywhere");
        self.push(part, Mutation::DropPlace, what, |condition| {
            let kind = &mut condition.exprs[part.0 as usize].kind;
            match kind {
                Kind::HitAt(sel, _) | Kind::HitIn(sel, ..) => {
                    *kind = Kind::Hit(*sel);
                }
                Kind::OfPatterns(_, _, anchor @ Some(Anchor::At(_)))
                | Kind::OfPatterns(_, _, anchor @ Some(Anchor::In(..))) => {
                    *anchor = None;
                }
                _ => {}
            }
        });
        // Elsewhere it is only found by a search of its own.
        let anchored = only.filter(|id| {
            let pattern = &self.tree.patterns[id.0 as usize];
            pattern.anchored_at.is_some()
        });
        if let (Some(id), Some(made)) = (anchored, self.made.last_mut()) {
            made.variant = Some((id, Variant::Anywhere));
            made.change.pattern = Some((id, true));
        }
    }

    fn comparison(&mut self, part: ExprId, op: CmpOp, a: ExprId, b: ExprId) {
        let condition = &self.tree.condition;
        let kind = |expr: ExprId| &condition.expr(expr).kind;
        let bound = match (kind(a), kind(b)) {
            (Kind::Filesize, Kind::Const(Const::Int(value))) => {
                Some((b, *value))
            }
            (Kind::Const(Const::Int(value)), Kind::Filesize) => {
                Some((a, *value))
            }
            _ => None,
        };
        let written = self.facts.written(self.tree, part);
        if let Some((place, value)) = bound {
            let double = value.checked_mul(2);
            for new in [double, Some(value / 2)].into_iter().flatten() {
                let what = format!("{new} for {value} in `{written}`");
                self.push(part, Mutation::Filesize, what, |condition| {
                    condition.exprs[place.0 as usize].kind =
                        Kind::Const(Const::Int(new));
                });
                // `filesize < N` and `N > filesize` allow more with more.
                let upper =
                    matches!(op, CmpOp::Lt | CmpOp::Le) == (place == b);
                let ordered = !matches!(op, CmpOp::Eq | CmpOp::Ne);
                if let Some(made) = self.made.last_mut().filter(|_| ordered) {
                    made.effect = match upper == (new > value) {
                        true => Effect::Wider,
                        false => Effect::Narrower,
                    };
                    made.sizes = Some((value.min(new), value.max(new)));
                }
            }
        }
        let negated = op.negated();
        let what = format!("not `{written}`");
        self.push(part, Mutation::NegateComparison, what, |condition| {
            condition.exprs[part.0 as usize].kind = Kind::Cmp(negated, a, b);
        });
        if let Some(made) = self.made.last_mut() {
            made.effect = Effect::Opposite;
        }
    }
}

fn constant(condition: &mut Condition, value: Const, ty: Ty) -> ExprId {
    let id = ExprId(condition.exprs.len() as u32);
    let kind = Kind::Const(value);
    condition.exprs.push(Expr { kind, ty, span: Span::default() });
    id
}

impl std::fmt::Display for MissingTest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let MissingTest::File { matches, with, without, holding, failing } =
            self
        else {
            return f.write_str(match self {
                MissingTest::Equivalent => "no file can tell the two apart",
                _ => "the condition is too large to name a file",
            });
        };
        let verb = if *matches { "matches" } else { "does not match" };
        write!(f, "add a file that the rule {verb}")?;
        if !with.is_empty() {
            write!(f, ", with {}", with.join(", "))?;
        }
        if !without.is_empty() {
            let word = if with.is_empty() { ", " } else { " and " };
            write!(f, "{word}without {}", without.join(", "))?;
        }
        if !holding.is_empty() {
            write!(f, ", where `{}` holds", holding.join("`, `"))?;
        }
        if !failing.is_empty() {
            write!(f, ", where `{}` does not hold", failing.join("`, `"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_test_is_a_sentence() {
        let names = |all: &[&str]| all.iter().map(|n| (*n).into()).collect();
        let test = |with: &[&str], without: &[&str]| {
            let (with, without) = (names(with), names(without));
            let (holding, failing) = (Vec::new(), Vec::new());
            let matches = true;
            MissingTest::File { matches, with, without, holding, failing }
                .to_string()
        };
        let start = "add a file that the rule matches";
        for (with, without, end) in [
            (&["$a"][..], &["$b", "$c"][..], ", with $a and without $b, $c"),
            (&["$a"], &[], ", with $a"),
            (&[], &["$a"], ", without $a"),
            (&[], &[], ""),
        ] {
            assert_eq!(test(with, without), format!("{start}{end}"));
        }
    }
}
