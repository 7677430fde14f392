//! Chooses the patterns of a rule that need not be looked for in every
//! object: those that match often, and without which the rule cannot hold
//! unless another pattern matches as well.
//!
//! A few words and code sequences make nearly all hits of a large set. Most
//! of them belong to rules that want several patterns; such a rule is only
//! looked at again, and the rest of its patterns searched for, when its
//! rarer patterns have matched.

use dragnet_engine::prefilter::rarity;
use dragnet_engine::ruleset::Builder;
use dragnet_engine::ruleset::layout::{atom_flags, pattern_flags, rule_flags};

use crate::cond::require::Need;
use crate::ir::PatternId;

/// A pattern that is hit less often than once in 2^this bytes is not worth
/// a second look.
const RARE: f64 = 40.0;

/// Parts of needs that are looked at for one rule.
const WORK: usize = 200_000;

/// Marks the patterns that are put off, and writes what their rules need.
/// `needs` has what each rule needs, in order.
pub(crate) fn defer(builder: &mut Builder, needs: &[Need]) {
    let often = frequencies(builder);
    let mut deferred = vec![false; builder.patterns.len()];
    for (index, need) in needs.iter().enumerate() {
        let rule = &builder.rules[index];
        let start = rule.pattern_start.get() as usize;
        let count = rule.pattern_count.get() as usize;
        let mut order: Vec<usize> = (0..count)
            .filter(|at| {
                let pattern = &builder.patterns[start + at];
                pattern.anchor.get() < 0 && often[start + at] > (-RARE).exp2()
            })
            .collect();
        order.sort_by(|a, b| often[start + b].total_cmp(&often[start + a]));
        order.truncate(WORK / need.size());
        let mut any = false;
        for at in order {
            deferred[start + at] = true;
            let hit = |p: PatternId| deferred[start + p.0 as usize];
            if need.may_hold(&hit) {
                deferred[start + at] = false;
            } else {
                any = true;
            }
        }
        if any {
            let mut code = Vec::new();
            need.encode(&mut code);
            let need = builder.list(&code);
            let rule = &mut builder.rules[index];
            rule.need = need.into();
            let flags = rule.flags.get() | rule_flags::NEEDS_HIT;
            rule.flags = flags.into();
        }
    }
    mark(builder, &deferred);
}

/// About how often each pattern is hit, in hits a byte.
fn frequencies(builder: &Builder) -> Vec<f64> {
    let mut often = vec![0.0; builder.patterns.len()];
    let pattern = |sub: u32| builder.subs[sub as usize].pattern.get() as usize;
    for (literal, atoms) in builder.literals() {
        let cost = rarity::cost(&literal, false);
        for atom in &builder.atoms[atoms] {
            often[pattern(atom.sub.get())] += f64::from(-cost).exp2();
        }
    }
    for sub in &builder.slow {
        often[pattern(sub.get())] += 1.0;
    }
    often
}

fn mark(builder: &mut Builder, deferred: &[bool]) {
    for (pattern, deferred) in builder.patterns.iter_mut().zip(deferred) {
        if *deferred {
            let flags = pattern.flags.get() | pattern_flags::DEFERRED;
            pattern.flags = flags.into();
        }
    }
    let mut literals = vec![Vec::<u32>::new(); builder.rules.len()];
    let atoms: Vec<_> = builder.literals().map(|(_, atoms)| atoms).collect();
    for (id, atoms) in (0_u32..).zip(atoms) {
        for atom in &mut builder.atoms[atoms] {
            let sub = &builder.subs[atom.sub.get() as usize];
            if deferred[sub.pattern.get() as usize] {
                atom.flags = (atom.flags.get() | atom_flags::DEFERRED).into();
                let of_rule = &mut literals[atom.rule.get() as usize];
                if of_rule.last() != Some(&id) {
                    of_rule.push(id);
                }
            }
        }
    }
    for (rule, literals) in literals.into_iter().enumerate() {
        if !literals.is_empty() {
            let list = builder.list(&literals);
            builder.rules[rule].deferred = list.into();
        }
    }
}
