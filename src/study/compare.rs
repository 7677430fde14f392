//! Two rules compared by what they can match, whatever they are called and
//! however they are written.

use dragnet_compiler::ir::{Condition, PatternId, Rule};
use dragnet_compiler::pattern::{Pattern, Value};

use super::Facts;
use super::logic::{self, Atom, Atoms, Difference};

/// How the files that two rules match relate, where that can be proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relation {
    /// They are the same.
    Equal,
    /// The second rule matches all that the first one does, and perhaps
    /// more.
    Wider,
    /// The second rule matches nothing that the first one does not.
    Narrower,
    /// Neither, or it cannot be told.
    Other,
}

/// Do two patterns look for the same? Where a condition wants them is left
/// to the condition.
pub fn same_pattern(a: &Pattern, b: &Pattern) -> bool {
    a.value == b.value
        && a.ascii == b.ascii
        && a.wide == b.wide
        && a.nocase == b.nocase
        && a.fullword == b.fullword
}

/// Is the part somewhere in the text?
fn holds_text(text: &[u8], part: &[u8], nocase: bool) -> bool {
    let mut places = text.windows(part.len().max(1));
    places.any(|place| match nocase {
        true => place.eq_ignore_ascii_case(part),
        false => place == part,
    })
}

/// Does the second pattern match in all that the first one matches in,
/// because it has the same value, or a part of a text, and fewer
/// restrictions?
pub(crate) fn is_wider(a: &Pattern, b: &Pattern) -> bool {
    let same_value = match (&a.value, &b.value) {
        (Value::Text(x), Value::Text(y)) => {
            // Inside of a text nothing is known of words.
            let may_hold = !b.fullword || x.len() == y.len();
            let cased = b.nocase || !a.nocase;
            may_hold && cased && holds_text(x, y, b.nocase)
        }
        (x, y) => x == y && a.nocase == b.nocase,
    };
    same_value
        && (!a.ascii || b.ascii)
        && (!a.wide || b.wide)
        && (a.fullword || !b.fullword)
}

/// What one rule is compared by.
struct Side<'f> {
    facts: &'f Facts,
    rule: &'f Rule,
    formula: logic::Formula,
    atoms: Atoms,
}

impl<'f> Side<'f> {
    fn new(facts: &'f Facts, rule: u32) -> Side<'f> {
        let rule = &facts.rules()[rule as usize];
        let text = &facts.sources().get(rule.file).text;
        let mut atoms = Atoms::default();
        let change = logic::Change::default();
        let formula = atoms.formula(&rule.condition, text, change);
        Side { facts, rule, formula, atoms }
    }

    fn pattern(&self, id: PatternId) -> &'f Pattern {
        &self.rule.patterns[id.0 as usize]
    }
}

/// Compares two rules, of one set or of two.
pub fn compare(
    (a_facts, a): (&Facts, u32),
    (b_facts, b): (&Facts, u32),
) -> Relation {
    let (a, b) = (Side::new(a_facts, a), Side::new(b_facts, b));
    // The atoms of both side by side; those that are the same are tied.
    let first = a.atoms.all.len();
    let count = first + b.atoms.all.len();
    let mut ties = Vec::new();
    for (x, of_a) in a.atoms.all.iter().enumerate() {
        for (y, of_b) in b.atoms.all.iter().enumerate() {
            ties.extend(tie(&a, *of_a, &b, *of_b).map(|t| (x, first + y, t)));
        }
    }
    let mut merge: Vec<usize> = (0..count).collect();
    for (x, y, tie) in &ties {
        if *tie == Relation::Equal {
            merge[*y] = *x;
        }
    }
    let mut numbers = vec![usize::MAX; count];
    let mut next = 0;
    for at in 0..count {
        if merge[at] == at {
            numbers[at] = next;
            next += 1;
        } else {
            numbers[at] = numbers[merge[at]];
        }
    }
    let old = renumbered(&a.formula, &|atom| numbers[atom]);
    let new = renumbered(&b.formula, &|atom| numbers[first + atom]);
    let possible = |truths: &[bool]| {
        ties.iter().all(|(x, y, tie)| {
            let (x, y) = (truths[numbers[*x]], truths[numbers[*y]]);
            match tie {
                Relation::Wider => !x || y,
                Relation::Narrower => !y || x,
                _ => true,
            }
        })
    };
    let mut follows = vec![Vec::new(); next];
    for (x, y, tie) in &ties {
        let (x, y) = (numbers[*x], numbers[*y]);
        match tie {
            Relation::Wider => follows[x].push(y),
            Relation::Narrower => follows[y].push(x),
            _ => {}
        }
    }
    let implies = |p: &logic::Formula, q: &logic::Formula| {
        let mut fuel = 200_000;
        if logic::implies(p, q, &follows, &mut fuel) {
            return Difference::Never;
        }
        let both = logic::Formula::And(vec![p.clone(), q.clone()]);
        // p without q: p and (p and q) differ exactly there.
        logic::difference(p, &both, next, &possible, &[])
    };
    match (implies(&old, &new), implies(&new, &old)) {
        (Difference::Never, Difference::Never) => Relation::Equal,
        (Difference::Never, _) => Relation::Wider,
        (_, Difference::Never) => Relation::Narrower,
        _ => Relation::Other,
    }
}

/// What two atoms have to do with each other.
fn tie(a: &Side<'_>, x: Atom, b: &Side<'_>, y: Atom) -> Option<Relation> {
    match (x, y) {
        (Atom::Pattern(p), Atom::Pattern(q)) => {
            let (p, q) = (a.pattern(p), b.pattern(q));
            match (is_wider(p, q), is_wider(q, p)) {
                (true, true) => Some(Relation::Equal),
                (true, false) => Some(Relation::Wider),
                (false, true) => Some(Relation::Narrower),
                (false, false) => None,
            }
        }
        (Atom::Part(p), Atom::Part(q)) => {
            if let (Some(m), Some(n)) =
                (bound(&a.rule.condition, p), bound(&b.rule.condition, q))
                && m.upper == n.upper
            {
                let (m, n) = (m.size, n.size);
                return Some(match (m == n, (m < n) == is_upper(a, p)) {
                    (true, _) => Relation::Equal,
                    (false, true) => Relation::Wider,
                    (false, false) => Relation::Narrower,
                });
            }
            same_part(a, p, b, q).then_some(Relation::Equal)
        }
        _ => None,
    }
}

fn is_upper(side: &Side<'_>, part: super::ExprId) -> bool {
    bound(&side.rule.condition, part).is_some_and(|bound| bound.upper)
}

/// A bound of `filesize`.
struct Bound {
    /// The size itself is inside.
    size: i128,
    upper: bool,
}

fn bound(condition: &Condition, part: super::ExprId) -> Option<Bound> {
    use dragnet_compiler::ir::{CmpOp, Const, Kind};
    let Kind::Cmp(op, a, b) = &condition.expr(part).kind else { return None };
    let kinds = (&condition.expr(*a).kind, &condition.expr(*b).kind);
    let (op, value) = match kinds {
        (Kind::Filesize, Kind::Const(Const::Int(value))) => (*op, *value),
        (Kind::Const(Const::Int(value)), Kind::Filesize) => {
            (op.mirrored(), *value)
        }
        _ => return None,
    };
    let value = i128::from(value);
    let (size, upper) = match op {
        CmpOp::Lt => (value - 1, true),
        CmpOp::Le => (value, true),
        CmpOp::Gt => (value + 1, false),
        CmpOp::Ge => (value, false),
        _ => return None,
    };
    Some(Bound { size, upper })
}

/// Are two parts written alike, about patterns that look for the same?
fn same_part(
    a: &Side<'_>,
    p: super::ExprId,
    b: &Side<'_>,
    q: super::ExprId,
) -> bool {
    if a.facts.written(a.rule, p) != b.facts.written(b.rule, q) {
        return false;
    }
    let (of_a, of_b) = (
        super::parts::patterns(&a.rule.condition, p),
        super::parts::patterns(&b.rule.condition, q),
    );
    // Names of rules mean what they mean in their set: those are not tied.
    let asks = |condition: &Condition, part| {
        super::parts::below(condition, part).into_iter().any(|expr| {
            let kind = &condition.expr(expr).kind;
            matches!(kind, dragnet_compiler::ir::Kind::Rule(_))
        })
    };
    let same_rules = std::ptr::eq(a.facts, b.facts)
        || !(asks(&a.rule.condition, p) || asks(&b.rule.condition, q));
    same_rules
        && of_a.len() == of_b.len()
        && of_a.iter().zip(&of_b).all(|(x, y)| {
            let (x, y) = (a.pattern(*x), b.pattern(*y));
            x.name == y.name && same_pattern(x, y)
        })
}

fn renumbered(
    formula: &logic::Formula,
    number: &dyn Fn(usize) -> usize,
) -> logic::Formula {
    use logic::Formula::{And, AtLeast, Atom, Is, Not, Or};
    let each = |items: &[logic::Formula]| {
        items.iter().map(|item| renumbered(item, number)).collect()
    };
    match formula {
        Is(value) => Is(*value),
        Atom(atom) => Atom(number(*atom)),
        Not(inner) => Not(Box::new(renumbered(inner, number))),
        And(items) => And(each(items)),
        Or(items) => Or(each(items)),
        AtLeast(need, items) => AtLeast(*need, each(items)),
    }
}
