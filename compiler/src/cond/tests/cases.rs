//! The edges of each operator, one by one. Expectations are those of the
//! language reference; where it is silent, of YARA-X.

use dragnet_engine::cond::ReadKind;
use dragnet_engine::cond::Stop;
use dragnet_engine::cond::op::Op;

use super::super::require::{FileBounds, Gate, require};
use super::tree::Tree;
use super::world::{World, field, fields, lower, ops};
use crate::ir::{
    Anchor, Arg, ArithOp, Cast, CmpOp, Condition, Const, ExprId, FieldId,
    Kind, PatternId, PatternSel, Place, Quantifier, Ty,
};

/// The outcome of what `build` makes.
fn outcome(build: impl FnOnce(&mut Tree) -> ExprId) -> Option<bool> {
    let mut tree = Tree::default();
    let expr = build(&mut tree);
    tree.outcome(expr)
}

#[test]
fn integers_wrap_and_some_operations_have_no_result() {
    use ArithOp::*;
    let (min, max) = (i64::MIN, i64::MAX);
    let cases = [
        (Add, max, 1, Some(min)),
        (Sub, min, 1, Some(max)),
        (Mul, max, 2, Some(-2)),
        (Div, 7, -2, Some(-3)),
        (Div, 1, 0, None),
        (Div, min, -1, None),
        (Rem, -7, 2, Some(-1)),
        (Rem, 1, 0, None),
        (Rem, min, -1, Some(0)),
        (Shl, 1, 63, Some(min)),
        (Shl, 1, 64, Some(0)),
        (Shl, 1, -1, None),
        (Shr, -8, 1, Some(-4)),
        (Shr, -1, 63, Some(-1)),
        (Shr, -1, 64, Some(0)),
        (Shr, 1, -1, None),
        (BitAnd, -1, 6, Some(6)),
        (BitOr, 4, 1, Some(5)),
        (BitXor, -1, 0, Some(-1)),
    ];
    for (op, a, b, expected) in cases {
        for later in [false, true] {
            let got = outcome(|tree| {
                let a = tree.later(a);
                let b = if later { tree.later(b) } else { tree.int(b) };
                let result = tree.add(Ty::Int, Kind::Arith(op, a, b));
                let expected = tree.int(expected.unwrap_or(0));
                tree.equal(result, expected)
            });
            assert_eq!(got, expected.map(|_| true), "{op:?} {a} {b}");
        }
    }
}

#[test]
fn unsigned_numbers_have_no_sign() {
    use ArithOp::*;
    let cases = [
        (Shr, u64::MAX, 63, Some(1)),
        (Shr, u64::MAX, u64::MAX, Some(0)),
        (Shl, 1, 64, Some(0)),
        (Div, u64::MAX, 2, Some(u64::MAX / 2)),
        (Rem, u64::MAX, 10, Some(5)),
        (Div, 1, 0, None),
        (Sub, 0, 1, Some(u64::MAX)),
    ];
    for (op, a, b, expected) in cases {
        let got = outcome(|tree| {
            let (a, b) = (tree.uint(a), tree.uint(b));
            let result = tree.add(Ty::UInt, Kind::Arith(op, a, b));
            let expected = tree.uint(expected.unwrap_or(0));
            tree.equal(result, expected)
        });
        assert_eq!(got, expected.map(|_| true), "{op:?} {a} {b}");
    }
}

#[test]
fn numbers_compare_by_value_whatever_their_signs() {
    use CmpOp::*;
    let big = 1u64 << 63;
    for (op, int, uint, expected) in [
        (Lt, -1, 0, true),
        (Eq, -1, u64::MAX, false),
        (Ne, i64::MIN, big, true),
        (Gt, 5, 4, true),
        (Ge, 5, 5, true),
        (Le, i64::MAX, big, true),
        (Gt, -1, big, false),
    ] {
        let got = outcome(|tree| {
            let (int, uint) = (tree.later(int), tree.uint(uint));
            tree.bool(Kind::Cmp(op, int, uint))
        });
        assert_eq!(got, Some(expected), "{int} {op:?} {uint}");
    }
}

#[test]
fn nothing_compares_with_nan_but_unequal() {
    use CmpOp::*;
    for op in [Eq, Ne, Lt, Le, Gt, Ge] {
        let got = outcome(|tree| {
            let float = |value| Kind::Const(Const::Float(value));
            let a = tree.add(Ty::Float, float(f64::NAN));
            let b = tree.add(Ty::Float, float(1.0));
            tree.bool(Kind::Cmp(op, a, b))
        });
        assert_eq!(got, Some(op == Ne), "{op:?}");
    }
}

#[test]
fn undefined_spreads_except_where_it_counts_as_false() {
    let undefined = |tree: &mut Tree| {
        let (a, b) = (tree.undefined(), tree.int(0));
        tree.equal(a, b)
    };
    assert_eq!(outcome(undefined), None);
    let not = |tree: &mut Tree| {
        let inner = undefined(tree);
        tree.bool(Kind::Not(inner))
    };
    assert_eq!(outcome(not), None);
    let and = |tree: &mut Tree| {
        let items = vec![tree.yes(), undefined(tree)];
        tree.bool(Kind::And(items))
    };
    assert_eq!(outcome(and), Some(false));
    let or = |tree: &mut Tree| {
        let items = vec![undefined(tree), tree.no()];
        tree.bool(Kind::Or(items))
    };
    assert_eq!(outcome(or), Some(false));
    let defined = |tree: &mut Tree| {
        let inner = undefined(tree);
        tree.bool(Kind::Defined(inner))
    };
    assert_eq!(outcome(defined), Some(false));
    let hit = |tree: &mut Tree| {
        let at = tree.undefined();
        tree.bool(Kind::HitAt(PatternSel::Fixed(PatternId(0)), at))
    };
    assert_eq!(outcome(hit), None);
}

#[test]
fn a_binding_without_a_value_stays_undefined() {
    let build = |tree: &mut Tree, defined: bool| {
        let value = tree.undefined();
        let var = tree.var(Ty::Int);
        let used = tree.add(Ty::Int, Kind::Var(var));
        let body = if defined {
            tree.bool(Kind::Defined(used))
        } else {
            let zero = tree.int(0);
            tree.equal(used, zero)
        };
        tree.bool(Kind::With(vec![(var, value)], body))
    };
    assert_eq!(outcome(|tree| build(tree, true)), Some(false));
    assert_eq!(outcome(|tree| build(tree, false)), None);
}

/// Of the five patterns 0, 1 and 3 match; 0 and 3 not at the same place.
fn of(tree: &mut Tree, quantifier: Quantifier) -> ExprId {
    let set = (0..5).map(PatternId).collect();
    tree.bool(Kind::OfPatterns(quantifier, set, None))
}

#[test]
fn quantifiers_count_their_items() {
    assert_eq!(outcome(|tree| of(tree, Quantifier::Any)), Some(true));
    assert_eq!(outcome(|tree| of(tree, Quantifier::All)), Some(false));
    assert_eq!(outcome(|tree| of(tree, Quantifier::None)), Some(false));
    let counts = [(3, true), (4, false), (0, false), (-1, false), (9, false)];
    // Three of five are 60 %: 41 % to 60 % want three.
    let shares =
        [(60, true), (41, true), (61, false), (0, false), (-1, false)];
    for later in [false, true] {
        for (count, expected) in counts {
            let got = outcome(|tree| {
                let count =
                    if later { tree.later(count) } else { tree.int(count) };
                of(tree, Quantifier::Count(count))
            });
            assert_eq!(got, Some(expected), "{count}");
        }
        for (share, expected) in shares {
            let got = outcome(|tree| {
                let share =
                    if later { tree.later(share) } else { tree.int(share) };
                of(tree, Quantifier::Percent(share))
            });
            assert_eq!(got, Some(expected), "{share} %");
        }
    }
    let undefined = |tree: &mut Tree| {
        let count = tree.undefined();
        of(tree, Quantifier::Count(count))
    };
    assert_eq!(outcome(undefined), None);
}

#[test]
fn zero_of_a_set_without_hits_holds() {
    for later in [false, true] {
        let got = outcome(|tree| {
            let zero = if later { tree.later(0) } else { tree.int(0) };
            let set = vec![PatternId(2), PatternId(4)];
            tree.bool(Kind::OfPatterns(Quantifier::Count(zero), set, None))
        });
        assert_eq!(got, Some(true));
    }
}

#[test]
fn no_pattern_matches_in_an_undefined_place() {
    for (quantifier, expected) in
        [(Quantifier::Any, false), (Quantifier::None, true)]
    {
        let got = outcome(|tree| {
            let at = tree.undefined();
            let anchor = Some(Anchor::At(at));
            let set = vec![PatternId(0)];
            tree.bool(Kind::OfPatterns(quantifier, set, anchor))
        });
        assert_eq!(got, Some(expected));
    }
}

/// `for quantifier i in (lo..hi) : (i == at)`
fn range(quantifier: Quantifier, lo: i64, hi: i64, at: i64) -> Option<bool> {
    outcome(|tree| {
        let (lo, hi, at) = (tree.later(lo), tree.later(hi), tree.int(at));
        let var = tree.var(Ty::Int);
        let used = tree.add(Ty::Int, Kind::Var(var));
        let body = tree.equal(used, at);
        tree.bool(Kind::ForRange(quantifier, var, lo, hi, body))
    })
}

#[test]
fn a_loop_without_turns_is_false() {
    for quantifier in [Quantifier::All, Quantifier::Any, Quantifier::None] {
        assert_eq!(range(quantifier, 1, 0, 0), Some(false));
    }
    // Even if its quantifier is undefined.
    let got = outcome(|tree| {
        let (lo, hi, count) = (tree.int(1), tree.later(0), tree.undefined());
        let var = tree.var(Ty::Int);
        let (body, count) = (tree.yes(), Quantifier::Count(count));
        tree.bool(Kind::ForRange(count, var, lo, hi, body))
    });
    assert_eq!(got, Some(false));
    // An undefined bound gives no turns, nor does a missing array.
    let got = outcome(|tree| {
        let (lo, hi) = (tree.int(0), tree.undefined());
        let (var, body) = (tree.var(Ty::Int), tree.yes());
        tree.bool(Kind::ForRange(Quantifier::All, var, lo, hi, body))
    });
    assert_eq!(got, Some(false));
    let got = outcome(|tree| {
        let place = Place { field: FieldId(field::NO_ARRAY), index: vec![] };
        let (var, body) = (tree.var(Ty::Int), tree.yes());
        tree.bool(Kind::ForArray(Quantifier::All, var, place, body))
    });
    assert_eq!(got, Some(false));
}

#[test]
fn loops_include_both_bounds_and_end_at_the_last_number() {
    assert_eq!(range(Quantifier::Any, 2, 5, 5), Some(true));
    assert_eq!(range(Quantifier::Any, 2, 5, 2), Some(true));
    assert_eq!(range(Quantifier::Any, 2, 5, 6), Some(false));
    assert_eq!(range(Quantifier::None, 2, 5, 6), Some(true));
    assert_eq!(range(Quantifier::All, 5, 5, 5), Some(true));
    let max = i64::MAX;
    assert_eq!(range(Quantifier::Any, max - 1, max, 0), Some(false));
    assert_eq!(range(Quantifier::Any, max - 1, max, max), Some(true));
}

#[test]
fn maps_and_lists_give_their_items() {
    // `for any k in MAP : (MAP[k] == 2)`
    let got = outcome(|tree| {
        let field = FieldId(field::MAP);
        let var = tree.var(Ty::Str);
        let key = tree.add(Ty::Str, Kind::Var(var));
        let place = Place { field, index: vec![key] };
        let value = tree.add(Ty::Int, Kind::Field(place));
        let two = tree.int(2);
        let body = tree.equal(value, two);
        let map = Place { field, index: vec![] };
        tree.bool(Kind::ForMap(Quantifier::Any, var, map, body))
    });
    assert_eq!(got, Some(true));
    // `for 1 v in (uint8(1000), 2) : (not defined v)`
    let got = outcome(|tree| {
        let items = vec![tree.undefined(), tree.later(2)];
        let var = tree.var(Ty::Int);
        let used = tree.add(Ty::Int, Kind::Var(var));
        let defined = tree.bool(Kind::Defined(used));
        let body = tree.bool(Kind::Not(defined));
        let two = tree.int(2);
        let both = tree.bool(Kind::ForList(
            Quantifier::Count(two),
            var,
            items.clone(),
            body,
        ));
        let one = tree.bool(Kind::ForList(Quantifier::Any, var, items, body));
        let not = tree.bool(Kind::Not(both));
        tree.bool(Kind::And(vec![one, not]))
    });
    assert_eq!(got, Some(true));
}

#[test]
fn matches_are_counted_from_one() {
    for (which, expected) in
        [(0, None), (1, Some(1)), (2, Some(4)), (3, None), (-1, None)]
    {
        let got = outcome(|tree| {
            let which = tree.later(which);
            let first = PatternSel::Fixed(PatternId(0));
            let at = tree.add(Ty::Int, Kind::Offset(first, which));
            let expected = tree.int(expected.unwrap_or(0));
            tree.equal(at, expected)
        });
        assert_eq!(got, expected.map(|_| true), "@a[{which}]");
    }
}

/// `TEST.log(text)`
fn log(tree: &mut Tree, text: &[u8]) -> ExprId {
    let text = Kind::Const(Const::Str(text.to_vec()));
    let text = tree.add(Ty::Str, text);
    let place = Place { field: FieldId(field::LOG), index: vec![] };
    tree.bool(Kind::Call(place, 0, vec![Arg::Value(text)]))
}

#[test]
fn what_is_evaluated_writes_to_the_console_in_order() {
    let mut tree = Tree::default();
    let items =
        vec![log(&mut tree, b"a"), tree.no(), log(&mut tree, b"never")];
    let and = tree.bool(Kind::And(items));
    let items = vec![and, log(&mut tree, b"b"), log(&mut tree, b"late")];
    let or = tree.bool(Kind::Or(items));
    let condition = tree.rooted(or);
    let expected = (Ok(true), vec!["a".to_owned(), "b".to_owned()]);
    assert_eq!(World::default().run(&condition), expected);
    assert_eq!(World::default().walk(&condition), expected);
}

#[test]
fn a_rule_that_writes_to_the_console_has_no_gate() {
    let mut tree = Tree::default();
    let hit = tree.bool(Kind::Hit(PatternSel::Fixed(PatternId(0))));
    let plain = tree.rooted(hit);
    assert_eq!(require(&plain, &fields()).gate, Gate::NeedsHit);
    let items = vec![hit, log(&mut tree, b"a")];
    let and = tree.bool(Kind::And(items));
    let talking = tree.rooted(and);
    assert_eq!(require(&talking, &fields()).gate, Gate::Always);
}

/// `filesize < 100 and uint16(0) == 0x5a4d and #a > 0`
fn header_rule() -> (Tree, Condition) {
    let mut tree = Tree::default();
    let size = tree.add(Ty::Int, Kind::Filesize);
    let most = tree.int(100);
    let small = tree.bool(Kind::Cmp(CmpOp::Lt, size, most));
    let zero = tree.int(0);
    let read = tree.add(Ty::Int, Kind::Read(ReadKind::U16, zero));
    let magic = tree.int(0x5a4d);
    let header = tree.equal(read, magic);
    let first = PatternSel::Fixed(PatternId(0));
    let count = tree.add(Ty::Int, Kind::Count(first));
    let some = tree.bool(Kind::Cmp(CmpOp::Gt, count, zero));
    let and = tree.bool(Kind::And(vec![small, header, some]));
    let condition = tree.rooted(and);
    (tree, condition)
}

#[test]
fn size_header_and_hits_are_required() {
    let (_, condition) = header_rule();
    let needs = require(&condition, &fields());
    assert_eq!(needs.gate, Gate::NeedsHit);
    let bounds = FileBounds { min_size: 0, max_size: Some(99) };
    assert_eq!(needs.file, bounds);
    assert!(needs.header[0].holds(b"MZ") && !needs.header[0].holds(b"ELF"));
}

#[test]
fn common_tests_are_one_instruction_each() {
    let (_, condition) = header_rule();
    assert_eq!(
        ops(&condition),
        [Op::FilesizeIs, Op::ReadIs, Op::Count, Op::LeImm, Op::End, Op::End]
    );
}

#[test]
fn a_body_that_does_not_change_is_evaluated_once() {
    let body = |tree: &mut Tree, which: i64| match which {
        2 => {
            let (one, other) = (tree.undefined(), tree.int(1));
            tree.equal(one, other)
        }
        value => {
            let (one, other) = (tree.later(value), tree.int(1));
            tree.equal(one, other)
        }
    };
    for (quantifier, expected) in [
        (Quantifier::Any, [false, true, false]),
        (Quantifier::All, [false, true, false]),
        (Quantifier::None, [true, false, true]),
    ] {
        for (which, expected) in (0..).zip(expected) {
            for hi in [i64::MAX, 0, -1] {
                let mut tree = Tree::default();
                let (lo, hi_expr) = (tree.int(0), tree.later(hi));
                let var = tree.var(Ty::Int);
                let body = body(&mut tree, which);
                let kind = Kind::ForRange(quantifier, var, lo, hi_expr, body);
                let root = tree.bool(kind);
                let condition = tree.rooted(root);
                assert!(!ops(&condition).contains(&Op::Loop));
                let got = World::default().run(&condition).0;
                assert_eq!(got, Ok(expected && hi >= 0), "{quantifier:?}");
            }
        }
    }
}

#[test]
fn endless_loops_run_out_of_fuel() {
    let mut tree = Tree::default();
    let (lo, hi) = (tree.int(0), tree.int(i64::MAX));
    let var = tree.var(Ty::Int);
    let (index, never) = (tree.add(Ty::Int, Kind::Var(var)), tree.int(-1));
    let body = tree.equal(index, never);
    let quantifier = Quantifier::Any;
    let root = tree.bool(Kind::ForRange(quantifier, var, lo, hi, body));
    let outcome = World::default().run(&tree.rooted(root));
    assert_eq!(outcome.0, Err(Stop::Fuel));
}

#[test]
fn deep_trees_are_no_danger() {
    let mut tree = Tree::default();
    let mut sum = tree.later(0);
    for _ in 0..50_000 {
        sum = tree.add(Ty::Int, Kind::Neg(sum));
    }
    let mut root = tree.add(Ty::Bool, Kind::Cast(Cast::ToBool, sum));
    for _ in 0..50_000 {
        root = tree.bool(Kind::Not(root));
    }
    assert_eq!(tree.outcome(root), Some(false));
    // As many values at once as there are registers, and more.
    let mut sum = tree.later(0);
    for _ in 0..70_000 {
        let one = tree.later(1);
        sum = tree.add(Ty::Int, Kind::Arith(ArithOp::Add, one, sum));
    }
    let root = tree.add(Ty::Bool, Kind::Cast(Cast::ToBool, sum));
    assert!(lower(&tree.rooted(root)).is_err());
}
