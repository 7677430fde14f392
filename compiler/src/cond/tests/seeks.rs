//! Loops that look for an integer find what a walk from place to place finds.

use dragnet_engine::cond::ReadKind;
use dragnet_engine::cond::op::Op;
use proptest::prelude::*;

use super::tree::Tree;
use super::world::{World, listed, lower, ops};
use crate::ir::{ArithOp, CmpOp, Condition, Kind, Quantifier, Ty};

const KINDS: [ReadKind; 12] = {
    use ReadKind::*;
    [I8, U8, U8Be, I16, U16, I16Be, U16Be, I32, U32Be, I64, I64Be, U64]
};

/// `for quantifier i in (lo..hi) : (kind(i + ahead) == value and i % 3 != 0)`,
/// or without the second part.
fn search(
    quantifier: Quantifier,
    (lo, hi): (i64, i64),
    (kind, ahead, value): (ReadKind, i64, i64),
    both: bool,
    mut tree: Tree,
) -> Condition {
    let var = tree.var(Ty::Int);
    let (lo, hi) = (tree.int(lo), tree.int(hi));
    let index = tree.add(Ty::Int, Kind::Var(var));
    let place = match ahead {
        0 => index,
        _ => {
            let ahead = tree.int(ahead);
            tree.add(Ty::Int, Kind::Arith(ArithOp::Add, ahead, index))
        }
    };
    let read = tree.add(Ty::Int, Kind::Read(kind, place));
    let value = tree.int(value);
    let mut body = tree.equal(read, value);
    if both {
        let (three, zero) = (tree.int(3), tree.int(0));
        let rest = Kind::Arith(ArithOp::Rem, index, three);
        let rest = tree.add(Ty::Int, rest);
        let differ = tree.bool(Kind::Cmp(CmpOp::Ne, rest, zero));
        body = tree.bool(Kind::And(vec![differ, body]));
    }
    let root = tree.bool(Kind::ForRange(quantifier, var, lo, hi, body));
    tree.rooted(root)
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
        let mut tree = Tree::default();
        let count = match count {
            0 => Quantifier::Any,
            1 => Quantifier::None,
            4 => Quantifier::Percent(tree.int(20)),
            count => Quantifier::Count(tree.int(count)),
        };
        let what = (KINDS[kind], ahead, value);
        let condition = search(count, (lo, hi), what, both, tree);
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
        let what = (ReadKind::U64, 0, 5);
        let any = Quantifier::Any;
        let condition = search(any, (0, hi), what, false, Tree::default());
        let data = [0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0].to_vec();
        let world = World { data, ..World::default() };
        assert_eq!(world.run(&condition).0, Ok(expected), "{hi}");
    }
}

/// All turns have to hold, so none may be passed over.
#[test]
fn all_turns_are_no_search() {
    let what = (ReadKind::U8, 0, 1);
    let range = (0, 3);
    let condition =
        search(Quantifier::All, range, what, false, Tree::default());
    assert!(!ops(&condition).contains(&Op::Seek));
    let world = World { data: vec![1; 4], ..World::default() };
    assert_eq!(world.run(&condition).0, Ok(true));
}

/// A search through much data costs little of what a walk would cost.
#[test]
fn a_search_is_cheap() {
    let what = (ReadKind::U32, 0, 0x7f3a_91c5);
    let range = (0, i64::MAX);
    let condition =
        search(Quantifier::Any, range, what, false, Tree::default());
    let data = vec![0xc5; 1 << 20];
    let world = World { data, fuel: 1 << 17, ..World::default() };
    assert_eq!(world.run(&condition).0, Ok(false));
}
