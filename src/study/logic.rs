//! A condition as a formula of true and false: its atoms are patterns that
//! match and comparisons that hold, whatever stands behind them.

use std::collections::HashMap;

use dragnet_compiler::ir::{
    Condition, Const, ExprId, Kind, PatternId, PatternSel, Quantifier,
};

use super::parts::{DEEPEST, patterns};

/// Atoms up to this number are tried in all ways.
const ALL_WAYS: usize = 14;

/// A formula over numbered atoms.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Formula {
    Is(bool),
    Atom(usize),
    Not(Box<Formula>),
    And(Vec<Formula>),
    Or(Vec<Formula>),
    /// At least so many of these; one or more.
    AtLeast(usize, Vec<Formula>),
}

/// What an atom stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Atom {
    /// The pattern matches somewhere.
    Pattern(PatternId),
    /// This part holds; the first of those that are written alike.
    Part(ExprId),
    /// This part of a changed condition holds.
    Changed(ExprId),
    /// The changed pattern matches somewhere.
    Variant(PatternId),
}

/// The atoms of one or more formulas.
#[derive(Debug, Default)]
pub(super) struct Atoms {
    pub(super) all: Vec<Atom>,
    /// The expressions that each atom stands for.
    pub(super) exprs: Vec<Vec<ExprId>>,
    known: HashMap<Atom, usize>,
    written: HashMap<Vec<u8>, ExprId>,
}

/// What is different about a condition that was changed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Change {
    /// This part.
    pub(super) part: Option<ExprId>,
    /// This pattern; false: it never matches.
    pub(super) pattern: Option<(PatternId, bool)>,
}

impl Atoms {
    fn number(&mut self, atom: Atom, expr: ExprId) -> usize {
        let next = self.all.len();
        let number = *self.known.entry(atom).or_insert(next);
        if number == next {
            self.all.push(atom);
            self.exprs.push(Vec::new());
        }
        if !self.exprs[number].contains(&expr) {
            self.exprs[number].push(expr);
        }
        number
    }

    /// The formula of a condition. `text` is what its spans point into.
    pub(super) fn formula(
        &mut self,
        condition: &Condition,
        text: &[u8],
        change: Change,
    ) -> Formula {
        let Some(root) = condition.root else { return Formula::Is(false) };
        Reading { atoms: self, condition, text, change }.read(root, 0)
    }
}

struct Reading<'r> {
    atoms: &'r mut Atoms,
    condition: &'r Condition,
    text: &'r [u8],
    change: Change,
}

impl Reading<'_> {
    fn read(&mut self, expr: ExprId, depth: usize) -> Formula {
        if depth > DEEPEST {
            return self.part(expr);
        }
        let condition = self.condition;
        let mut each = |items: &[ExprId]| -> Vec<Formula> {
            items.iter().map(|item| self.read(*item, depth + 1)).collect()
        };
        match &condition.expr(expr).kind {
            Kind::Const(Const::Bool(value)) => Formula::Is(*value),
            Kind::And(items) => Formula::And(each(items)),
            Kind::Or(items) => Formula::Or(each(items)),
            Kind::Not(inner) => {
                let inner = each(std::slice::from_ref(inner));
                Formula::Not(Box::new(Formula::And(inner)))
            }
            Kind::Hit(PatternSel::Fixed(pattern)) => {
                self.pattern(*pattern, expr)
            }
            Kind::OfPatterns(quantifier, set, None) => {
                let Some(need) = self.need(quantifier, set.len()) else {
                    return self.part(expr);
                };
                let items = set.iter().map(|p| self.pattern(*p, expr));
                at_least(need, items.collect())
            }
            Kind::OfBools(quantifier, items) => {
                let Some(need) = self.need(quantifier, items.len()) else {
                    return self.part(expr);
                };
                let items =
                    items.iter().map(|item| self.read(*item, depth + 1));
                at_least(need, items.collect())
            }
            _ => self.part(expr),
        }
    }

    fn pattern(&mut self, pattern: PatternId, expr: ExprId) -> Formula {
        match self.change.pattern {
            Some((changed, false)) if changed == pattern => Formula::Is(false),
            Some((changed, true)) if changed == pattern => {
                let atom = Atom::Variant(pattern);
                Formula::Atom(self.atoms.number(atom, expr))
            }
            _ => {
                let atom = Atom::Pattern(pattern);
                Formula::Atom(self.atoms.number(atom, expr))
            }
        }
    }

    fn part(&mut self, expr: ExprId) -> Formula {
        let all = super::parts::below(self.condition, expr);
        let mut changed =
            self.change.part.is_some_and(|part| all.contains(&part));
        if let Some((pattern, _)) = self.change.pattern {
            let asked = patterns(self.condition, expr);
            changed |= asked.contains(&pattern);
        }
        let atom = if changed {
            Atom::Changed(expr)
        } else {
            let text = self.condition.expr(expr).span.of(self.text);
            let words = text.split(u8::is_ascii_whitespace);
            let words: Vec<&[u8]> =
                words.filter(|word| !word.is_empty()).collect();
            let first = self.atoms.written.entry(words.join(&b' '));
            Atom::Part(*first.or_insert(expr))
        };
        Formula::Atom(self.atoms.number(atom, expr))
    }

    /// How many must hold: 0 for exactly none.
    fn need(&self, quantifier: &Quantifier, items: usize) -> Option<i64> {
        let constant = |expr: &ExprId| {
            // A changed number is not the one that others have.
            match self.condition.expr(*expr).kind {
                Kind::Const(Const::Int(value)) => Some(value),
                _ => None,
            }
        };
        match quantifier {
            Quantifier::All => Some(items as i64),
            Quantifier::Any => Some(1),
            Quantifier::None => Some(0),
            Quantifier::Count(count) => constant(count),
            Quantifier::Percent(share) => {
                let share = constant(share).filter(|s| *s <= 1_000_000)?;
                let hundredths = share.checked_mul(items as i64)?;
                Some(match share {
                    ..0 => -1,
                    _ => (hundredths + 99) / 100,
                })
            }
        }
    }
}

fn at_least(need: i64, items: Vec<Formula>) -> Formula {
    match usize::try_from(need) {
        Err(_) => Formula::Is(false),
        Ok(0) => Formula::Not(Box::new(Formula::Or(items))),
        Ok(need) if need > items.len() => Formula::Is(false),
        Ok(need) => Formula::AtLeast(need, items),
    }
}

impl Formula {
    /// Its truth, given that of the atoms.
    pub(super) fn holds(&self, atoms: &[bool]) -> bool {
        match self {
            Formula::Is(value) => *value,
            Formula::Atom(atom) => atoms[*atom],
            Formula::Not(inner) => !inner.holds(atoms),
            Formula::And(items) => items.iter().all(|i| i.holds(atoms)),
            Formula::Or(items) => items.iter().any(|i| i.holds(atoms)),
            Formula::AtLeast(need, items) => {
                let holding = items.iter().filter(|i| i.holds(atoms));
                holding.take(*need).count() == *need
            }
        }
    }

    /// Atoms whose change gives the wanted truth: few, and the fewest if
    /// none stands in several places. `None` if nothing helps.
    fn flips(&self, now: &[bool], wanted: bool) -> Option<Vec<usize>> {
        match self {
            Formula::Is(value) => (*value == wanted).then(Vec::new),
            Formula::Atom(atom) if now[*atom] == wanted => Some(Vec::new()),
            Formula::Atom(atom) => Some(vec![*atom]),
            Formula::Not(inner) => inner.flips(now, !wanted),
            Formula::And(items) if wanted => {
                pick(items, now, true, items.len())
            }
            Formula::And(items) => pick(items, now, false, 1),
            Formula::Or(items) if wanted => pick(items, now, true, 1),
            Formula::Or(items) => pick(items, now, false, items.len()),
            Formula::AtLeast(need, items) if wanted => {
                pick(items, now, true, *need)
            }
            Formula::AtLeast(need, items) => {
                pick(items, now, false, items.len() + 1 - need)
            }
        }
    }

    /// Sets of atoms whose change gives the wanted truth, the smallest
    /// first.
    pub(super) fn changes(
        &self,
        now: &[bool],
        wanted: bool,
    ) -> Vec<Vec<usize>> {
        let mut found = Vec::new();
        let mut guess = self.flips(now, wanted).unwrap_or_default();
        guess.sort_unstable();
        guess.dedup();
        let works = |atoms: &[usize]| {
            let mut then = now.to_vec();
            atoms.iter().for_each(|atom| then[*atom] = !then[*atom]);
            self.holds(&then) == wanted
        };
        let guessed = !guess.is_empty() && works(&guess);
        // Of single atoms all are of interest, not just the first.
        let most = match guessed {
            true => (guess.len() - 1).max(1),
            false => 3,
        };
        let count = now.len();
        // What takes long to try is left to the guess.
        let tried: &[usize] = match count {
            0..=40 => &[1, 2, 3],
            41..=400 => &[1, 2],
            _ => &[1],
        };
        for size in tried.iter().filter(|size| **size <= most) {
            combinations(count, *size, &mut |atoms| {
                if found.len() < 64 && works(atoms) {
                    found.push(atoms.to_vec());
                }
            });
            if !found.is_empty() {
                break;
            }
        }
        if guessed {
            found.push(guess);
        }
        found
    }
}

/// The cheapest `need` of these items to be as wanted.
fn pick(
    items: &[Formula],
    now: &[bool],
    wanted: bool,
    need: usize,
) -> Option<Vec<usize>> {
    let flips = items.iter().filter_map(|item| item.flips(now, wanted));
    let mut flips: Vec<Vec<usize>> = flips.collect();
    flips.sort_by_key(Vec::len);
    let chosen = flips.get(..need)?;
    Some(chosen.concat())
}

/// All sets of `size` numbers below `count`.
fn combinations(count: usize, size: usize, each: &mut dyn FnMut(&[usize])) {
    let mut set: Vec<usize> = (0..size).collect();
    if size == 0 || size > count {
        return;
    }
    loop {
        each(&set);
        let Some(at) = (0..size).rfind(|at| set[*at] < count - size + at)
        else {
            return;
        };
        set[at] += 1;
        for next in at + 1..size {
            set[next] = set[next - 1] + 1;
        }
    }
}

/// Can it be seen from how they are built that one formula never holds
/// without the other? `follows` has the atoms that hold whenever another one
/// does. No answer is no proof of the opposite.
pub(super) fn implies(
    p: &Formula,
    q: &Formula,
    follows: &[Vec<usize>],
    fuel: &mut u32,
) -> bool {
    use Formula::{And, AtLeast, Atom, Is, Not, Or};
    let Some(left) = fuel.checked_sub(1) else { return false };
    *fuel = left;
    if p == q {
        return true;
    }
    match (p, q) {
        (Is(false), _) | (_, Is(true)) => return true,
        (Atom(x), Atom(y)) => return follows[*x].contains(y),
        (Not(p), Not(q)) if implies(q, p, follows, fuel) => return true,
        _ => {}
    }
    match p {
        Or(items) | AtLeast(1, items) => {
            return items.iter().all(|item| implies(item, q, follows, fuel));
        }
        _ => {}
    }
    match q {
        And(items) => {
            return items.iter().all(|item| implies(p, item, follows, fuel));
        }
        AtLeast(need, items) if *need == items.len() => {
            return items.iter().all(|item| implies(p, item, follows, fuel));
        }
        _ => {}
    }
    if let (AtLeast(least, few), AtLeast(need, many)) = (p, q) {
        // Each that holds makes one of its own hold, but for the missing.
        let mut free: Vec<&Formula> = many.iter().collect();
        let missing = few.iter().filter(|item| {
            let found =
                free.iter().position(|f| implies(item, f, follows, fuel));
            found.map(|at| free.swap_remove(at)).is_none()
        });
        if least.saturating_sub(missing.count()) >= *need {
            return true;
        }
    }
    let any_of_q = match q {
        Or(items) | AtLeast(1, items) => items.as_slice(),
        _ => &[],
    };
    if any_of_q.iter().any(|item| implies(p, item, follows, fuel)) {
        return true;
    }
    match p {
        And(items) => items.iter().any(|item| implies(item, q, follows, fuel)),
        AtLeast(need, items) if *need == items.len() => {
            items.iter().any(|item| implies(item, q, follows, fuel))
        }
        _ => false,
    }
}

/// How two formulas over the same atoms relate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Difference {
    /// They always say the same.
    Never,
    /// They differ here; with the fewest true atoms.
    Here(Vec<bool>),
    /// There are too many atoms to try all, and none was found.
    Unknown,
}

/// Where two formulas differ. `starts` are truths to begin with, where there
/// are too many atoms to try all.
pub(super) fn difference(
    a: &Formula,
    b: &Formula,
    count: usize,
    possible: &dyn Fn(&[bool]) -> bool,
    starts: &[Vec<bool>],
) -> Difference {
    let differs =
        |atoms: &[bool]| possible(atoms) && a.holds(atoms) != b.holds(atoms);
    let mut atoms = vec![false; count];
    if count <= ALL_WAYS {
        let mut best: Option<Vec<bool>> = None;
        let trues = |atoms: &[bool]| atoms.iter().filter(|t| **t).count();
        for bits in 0..1_usize << count {
            for (at, atom) in atoms.iter_mut().enumerate() {
                *atom = bits >> at & 1 == 1;
            }
            let better =
                best.as_ref().is_none_or(|best| trues(&atoms) < trues(best));
            if better && differs(&atoms) {
                best = Some(atoms.clone());
            }
        }
        return best.map_or(Difference::Never, Difference::Here);
    }
    let none = vec![false; count];
    let all = vec![true; count];
    for start in starts.iter().chain([&none, &all]).take(24) {
        atoms.clone_from(start);
        atoms.resize(count, false);
        if let Some(found) = nearby(&mut atoms, &differs) {
            return Difference::Here(found);
        }
    }
    Difference::Unknown
}

/// Changes up to two atoms until the formulas differ, then makes as many
/// false as they still differ with.
fn nearby(
    atoms: &mut [bool],
    differs: &dyn Fn(&[bool]) -> bool,
) -> Option<Vec<bool>> {
    let count = atoms.len();
    let sizes: &[usize] = if count <= 80 { &[1, 2] } else { &[1] };
    let mut found = differs(atoms).then(|| atoms.to_vec());
    for size in sizes {
        if found.is_some() {
            break;
        }
        combinations(count, *size, &mut |set| {
            if found.is_some() {
                return;
            }
            set.iter().for_each(|at| atoms[*at] = !atoms[*at]);
            if differs(atoms) {
                found = Some(atoms.to_vec());
            }
            set.iter().for_each(|at| atoms[*at] = !atoms[*at]);
        });
    }
    let mut found = found?;
    for at in 0..count {
        if std::mem::replace(&mut found[at], false) && !differs(&found) {
            found[at] = true;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atom(number: usize) -> Formula {
        Formula::Atom(number)
    }

    #[test]
    fn the_smallest_change_is_found_first() {
        // a and 2 of (b, c, d) and not e
        let formula = Formula::And(vec![
            atom(0),
            Formula::AtLeast(2, vec![atom(1), atom(2), atom(3)]),
            Formula::Not(Box::new(atom(4))),
        ]);
        let now = [true, false, true, false, true];
        let changes = formula.changes(&now, true);
        assert_eq!(changes.first().map(Vec::len), Some(2));
        for change in changes {
            let mut then = now;
            change.iter().for_each(|at| then[*at] = !then[*at]);
            assert!(formula.holds(&then));
        }
        let now = [true, true, true, true, false];
        assert_eq!(formula.changes(&now, false)[0].len(), 1);
    }

    #[test]
    fn an_atom_in_several_places_counts_once() {
        // (a and b) or (not a and c): with b, `a` alone is enough.
        let formula = Formula::Or(vec![
            Formula::And(vec![atom(0), atom(1)]),
            Formula::And(vec![Formula::Not(Box::new(atom(0))), atom(2)]),
        ]);
        let now = [false, true, false];
        assert_eq!(formula.changes(&now, true)[0].len(), 1);
        let never =
            Formula::And(vec![atom(0), Formula::Not(Box::new(atom(0)))]);
        assert!(never.changes(&[true], true).is_empty());
    }

    #[test]
    fn differences_are_the_smallest_ones() {
        let any = Formula::Or((0..3).map(atom).collect());
        let two = Formula::Or((0..2).map(atom).collect());
        let all = |_: &[bool]| true;
        assert_eq!(
            difference(&any, &two, 3, &all, &[]),
            Difference::Here(vec![false, false, true])
        );
        let same = Formula::AtLeast(1, (0..3).map(atom).collect());
        assert_eq!(difference(&any, &same, 3, &all, &[]), Difference::Never);
        // With many atoms only some ways are tried.
        let many = Formula::Or((0..30).map(atom).collect());
        let less = Formula::Or((0..29).map(atom).collect());
        let Difference::Here(found) = difference(&many, &less, 30, &all, &[])
        else {
            panic!("they differ");
        };
        assert_eq!(found.iter().position(|truth| *truth), Some(29));
        assert_eq!(found.iter().filter(|truth| **truth).count(), 1);
    }

    #[test]
    fn combinations_are_all_and_different() {
        let mut seen = std::collections::BTreeSet::new();
        combinations(6, 3, &mut |set| {
            assert!(seen.insert(set.to_vec()));
        });
        assert_eq!(seen.len(), 20);
        combinations(2, 3, &mut |_| panic!("there are none"));
    }
}
