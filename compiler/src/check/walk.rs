//! Walks over conditions in the typed form.

use std::collections::{BTreeMap, HashSet};

use crate::ir::{
    Arg, Condition, ExprId, FieldId, Kind, RegexId, RuleId, Rules,
};

/// Drops the expressions that folding left behind.
pub(super) fn compact(condition: &mut Condition) {
    let Some(root) = condition.root else { return };
    let mut live = vec![false; condition.exprs.len()];
    live[root.0 as usize] = true;
    // Children stand before their parents.
    for at in (0..condition.exprs.len()).rev() {
        if live[at] {
            condition.exprs[at].kind.children(|child| {
                live[child.0 as usize] = true;
            });
        }
    }
    let mut new = vec![ExprId(0); live.len()];
    let mut count = 0;
    for (id, live) in new.iter_mut().zip(&live) {
        *id = ExprId(count);
        count += u32::from(*live);
    }
    let old = std::mem::take(&mut condition.exprs);
    for (mut expr, live) in old.into_iter().zip(live) {
        if live {
            expr.kind.children_mut(|child| {
                *child = new[child.0 as usize];
            });
            condition.exprs.push(expr);
        }
    }
    condition.root = Some(new[root.0 as usize]);
}

/// The rules that depend on bad ones, each with one that it names.
pub(crate) fn dependents(
    rules: &Rules,
    bad: &HashSet<usize>,
) -> BTreeMap<usize, usize> {
    let mut found = BTreeMap::new();
    for (at, rule) in rules.rules.iter().enumerate() {
        if bad.contains(&at) {
            continue;
        }
        let needs = rule.condition.exprs.iter().find_map(|e| match e.kind {
            Kind::Rule(RuleId(id)) => {
                let id = id as usize;
                let gone = bad.contains(&id) || found.contains_key(&id);
                gone.then_some(id)
            }
            _ => None,
        });
        if let Some(needs) = needs {
            found.insert(at, needs);
        }
    }
    found
}

/// Removes rules; no other rule may name them.
pub(crate) fn remove_rules(rules: &mut Rules, gone: &HashSet<usize>) {
    let mut new = Vec::with_capacity(rules.rules.len());
    let mut count = 0;
    for at in 0..rules.rules.len() {
        new.push(RuleId(count));
        count += u32::from(!gone.contains(&at));
    }
    let mut at = 0;
    rules.rules.retain(|_| {
        at += 1;
        !gone.contains(&(at - 1))
    });
    for rule in &mut rules.rules {
        for expr in &mut rule.condition.exprs {
            if let Kind::Rule(id) = &mut expr.kind {
                *id = new[id.0 as usize];
            }
        }
    }
    prune(rules);
}

/// Drops the fields and regular expressions that no rule reads.
fn prune(rules: &mut Rules) {
    let mut fields = vec![false; rules.fields.len()];
    let mut regexes = vec![false; rules.regexes.len()];
    each_link(rules, &mut |link| match link {
        Link::Field(id) => fields[id.0 as usize] = true,
        Link::Regex(id) => regexes[id.0 as usize] = true,
    });
    let new_fields = renumber(&mut rules.fields, &fields);
    let new_regexes = renumber(&mut rules.regexes, &regexes);
    each_link(rules, &mut |link| match link {
        Link::Field(id) => id.0 = new_fields[id.0 as usize],
        Link::Regex(id) => id.0 = new_regexes[id.0 as usize],
    });
}

/// What an expression reads from the tables of a set.
enum Link<'e> {
    Field(&'e mut FieldId),
    Regex(&'e mut RegexId),
}

fn each_link(rules: &mut Rules, f: &mut impl FnMut(Link<'_>)) {
    let conditions = rules.rules.iter_mut().map(|rule| &mut rule.condition);
    for expr in conditions.flat_map(|c| &mut c.exprs) {
        match &mut expr.kind {
            Kind::Field(place)
            | Kind::Len(place)
            | Kind::ForArray(_, _, place, _)
            | Kind::ForMap(_, _, place, _) => {
                f(Link::Field(&mut place.field));
            }
            Kind::Call(place, _, args) => {
                f(Link::Field(&mut place.field));
                for arg in args {
                    if let Arg::Regex(id) = arg {
                        f(Link::Regex(id));
                    }
                }
            }
            Kind::Matches(_, id) => f(Link::Regex(id)),
            _ => {}
        }
    }
}

/// Keeps the items that are wanted; returns the new number of each.
fn renumber<T>(items: &mut Vec<T>, wanted: &[bool]) -> Vec<u32> {
    let mut count = 0;
    let new = wanted.iter().map(|wanted| {
        count += u32::from(*wanted);
        count.saturating_sub(1)
    });
    let new = new.collect();
    let mut wanted = wanted.iter();
    items.retain(|_| wanted.next() == Some(&true));
    new
}
