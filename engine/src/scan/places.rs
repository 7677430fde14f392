//! Which patterns a rule set asks more of than whether they match.

use crate::cond::BitSet;
use crate::cond::op::Op;
use crate::ruleset::Tables;

/// The patterns whose offsets, lengths or number of matches some condition
/// reads. For all others one match is as good as many.
pub(super) fn placed(tables: &Tables<'_>) -> BitSet {
    let mut placed = BitSet::new(tables.patterns.len());
    for rule in tables.rules {
        let base = rule.pattern_start.get();
        let all = 0..rule.pattern_count.get();
        for inst in tables.condition(rule) {
            let imm = inst.imm.get();
            match Op::from_number(inst.op.get()) {
                Some(
                    Op::HitAt
                    | Op::HitIn
                    | Op::Count
                    | Op::CountIn
                    | Op::Offset
                    | Op::Length,
                ) => placed.insert(base + imm),
                Some(Op::OfAt | Op::OfIn) => {
                    for pattern in tables.list(imm) {
                        placed.insert(base + pattern.get());
                    }
                }
                // Of whichever pattern the loop has come to.
                Some(
                    Op::HitAtVar
                    | Op::HitInVar
                    | Op::CountVar
                    | Op::CountInVar
                    | Op::OffsetVar
                    | Op::LengthVar,
                ) => all.clone().for_each(|at| placed.insert(base + at)),
                _ => {}
            }
        }
    }
    placed
}
