//! Loops that look for an integer find what a walk from place to place finds.

use dragnet_engine::cond::ReadKind;
use dragnet_engine::cond::op::Op;
use proptest::prelude::*;

use super::world::{World, listed, lower, ops};
use crate::ir::{
    ArithOp, CmpOp, Condition, Const, Expr, ExprId, Kind, Quantifier, Ty,
    VarId,
};
use crate::source::Span;

const KINDS: [ReadKind; 12] = {
    use ReadKind::*;
    [I8, U8, U8Be, I16, U16, I16Be, U16Be, I32, U32Be, I64, I64Be, U64]
};

fn add(condition: &mut Condition, ty: Ty, kind: Kind) -> ExprId {
    let span = Span { lo: 0, hi: 0 };
    condition.exprs.push(Expr { kind, ty, span });
    ExprId(condition.exprs.len() as u32 - 1)
}

fn int(condition: &mut Condition, value: i64) -> ExprId {
    add(condition, Ty::Int, Kind::Const(Const::Int(value)))
}

/// `for quantifier i in (lo..hi) : (kind(i + ahead) == value and i % 3 != 0)`,
/// or without the second part.
fn search(
    quantifier: Quantifier,
    (lo, hi): (i64, i64),
    (kind, ahead, value): (ReadKind, i64, i64),
    both: bool,
    condition: &mut Condition,
) -> ExprId {
    condition.vars.push(Ty::Int);
    let var = VarId(condition.vars.len() as u32 - 1);
    let (lo, hi) = (int(condition, lo), int(condition, hi));
    let index = add(condition, Ty::Int, Kind::Var(var));
    let place = match ahead {
        0 => index,
        _ => {
            let ahead = int(condition, ahead);
            let sum = Kind::Arith(ArithOp::Add, ahead, index);
            add(condition, Ty::Int, sum)
        }
    };
    let read = add(condition, Ty::Int, Kind::Read(kind, place));
    let value = int(condition, value);
    let equal = Kind::Cmp(CmpOp::Eq, read, value);
    let mut body = add(condition, Ty::Bool, equal);
    if both {
        let three = int(condition, 3);
        let rest = Kind::Arith(ArithOp::Rem, index, three);
        let rest = add(condition, Ty::Int, rest);
        let zero = int(condition, 0);
        let differ =
            add(condition, Ty::Bool, Kind::Cmp(CmpOp::Ne, rest, zero));
        body = add(condition, Ty::Bool, Kind::And(vec![differ, body]));
    }
    let all = Kind::ForRange(quantifier, var, lo, hi, body);
    add(condition, Ty::Bool, all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn what_is_sought_is_found(
        data in proptest::collection::vec(
            prop_oneof![4 => 0u8..1, 2 => 0u8..3, 1 => 0xfeu8..], 0..40),
        (lo, hi) in (-12i64..44, -12i64..60),
        kind in 0..KINDS.len(),
        ahead in prop_oneof![Just(0i64), 1i64..12],
        value in prop_oneof![
            3 => 0i64..3, 1 => 0i64..600,
            1 => Just(0xffff_ffff), 1 => Just(0xff00_fe01)],
        (count, both) in (0i64..5, any::<bool>()),
    ) {
        let mut condition = Condition::default();
        let count = match count {
            0 => Quantifier::Any,
            1 => Quantifier::None,
            4 => Quantifier::Percent(int(&mut condition, 20)),
            count => Quantifier::Count(int(&mut condition, count)),
        };
        let what = (KINDS[kind], ahead, value);
        let root = search(count, (lo, hi), what, both, &mut condition);
        condition.root = Some(root);
        let filesize = Some(data.len() as u64);
        let world = World { data, filesize, ..World::default() };
        prop_assert!(ops(&condition).contains(&Op::Seek));
        let (code, _) = lower(&condition).unwrap();
        let (walked, ran) = (world.walk(&condition), world.run(&condition));
        prop_assert_eq!(walked.0, ran.0, "{}", listed(&code));
    }
}

/// Only the lowest half of a long integer is looked for: its upper half is
/// no room for more places.
#[test]
fn nothing_is_found_behind_the_range() {
    for (hi, expected) in [(0, false), (2, false), (3, true)] {
        let mut condition = Condition::default();
        let what = (ReadKind::U64, 0, 5);
        let any = Quantifier::Any;
        let root = search(any, (0, hi), what, false, &mut condition);
        condition.root = Some(root);
        let data = [0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0].to_vec();
        let world = World { data, ..World::default() };
        assert_eq!(world.run(&condition).0, Ok(expected), "{hi}");
    }
}

/// All turns have to hold, so none may be passed over.
#[test]
fn all_turns_are_no_search() {
    let mut condition = Condition::default();
    let what = (ReadKind::U8, 0, 1);
    let range = (0, 3);
    let root = search(Quantifier::All, range, what, false, &mut condition);
    condition.root = Some(root);
    assert!(!ops(&condition).contains(&Op::Seek));
    let world = World { data: vec![1; 4], ..World::default() };
    assert_eq!(world.run(&condition).0, Ok(true));
}

/// A search through much data costs little of what a walk would cost.
#[test]
fn a_search_is_cheap() {
    let mut condition = Condition::default();
    let what = (ReadKind::U32, 0, 0x7f3a_91c5);
    let range = (0, i64::MAX);
    let root = search(Quantifier::Any, range, what, false, &mut condition);
    condition.root = Some(root);
    let data = vec![0xc5; 1 << 20];
    let world = World { data, fuel: 1 << 17, ..World::default() };
    assert_eq!(world.run(&condition).0, Ok(false));
}
