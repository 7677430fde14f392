//! Constant folding of arithmetic.

use crate::ir::{ArithOp, Const};

/// What an operation on two constants gives.
#[derive(Debug, PartialEq)]
pub(super) enum Folded {
    /// A value.
    Value(Const),
    /// A value that left 64 bits and wrapped.
    Wrapped(Const),
    /// No value: division by zero or the like.
    Undefined,
}

/// Folds an operation on two constants of one type. `None`: the operation
/// does not exist for the type.
pub(super) fn arith(op: ArithOp, a: &Const, b: &Const) -> Option<Folded> {
    Some(match (a, b) {
        (Const::Float(a), Const::Float(b)) => {
            let value = match op {
                ArithOp::Add => a + b,
                ArithOp::Sub => a - b,
                ArithOp::Mul => a * b,
                ArithOp::Div => a / b,
                _ => return None,
            };
            Folded::Value(Const::Float(value))
        }
        (Const::Int(a), Const::Int(b)) => signed(op, *a, *b),
        (Const::UInt(a), Const::UInt(b)) => unsigned(op, *a, *b),
        _ => return None,
    })
}

fn signed(op: ArithOp, a: i64, b: i64) -> Folded {
    let wrapping = |(value, wrapped): (i64, bool)| {
        let value = Const::Int(value);
        if wrapped { Folded::Wrapped(value) } else { Folded::Value(value) }
    };
    let count = u32::try_from(b).ok().filter(|count| *count < 64);
    let value = match op {
        ArithOp::Add => return wrapping(a.overflowing_add(b)),
        ArithOp::Sub => return wrapping(a.overflowing_sub(b)),
        ArithOp::Mul => return wrapping(a.overflowing_mul(b)),
        ArithOp::Div => a.checked_div(b),
        ArithOp::Rem if b == 0 => None,
        ArithOp::Rem => Some(a.wrapping_rem(b)),
        ArithOp::Shl | ArithOp::Shr if b < 0 => None,
        ArithOp::Shl => Some(count.map_or(0, |count| a << count)),
        ArithOp::Shr => Some(count.map_or(0, |count| a >> count)),
        ArithOp::BitAnd => Some(a & b),
        ArithOp::BitXor => Some(a ^ b),
        ArithOp::BitOr => Some(a | b),
    };
    value.map_or(Folded::Undefined, |v| Folded::Value(Const::Int(v)))
}

fn unsigned(op: ArithOp, a: u64, b: u64) -> Folded {
    let wrapping = |(value, wrapped): (u64, bool)| {
        let value = Const::UInt(value);
        if wrapped { Folded::Wrapped(value) } else { Folded::Value(value) }
    };
    let count = u32::try_from(b).ok().filter(|count| *count < 64);
    let value = match op {
        ArithOp::Add => return wrapping(a.overflowing_add(b)),
        ArithOp::Sub => return wrapping(a.overflowing_sub(b)),
        ArithOp::Mul => return wrapping(a.overflowing_mul(b)),
        ArithOp::Div => a.checked_div(b),
        ArithOp::Rem => a.checked_rem(b),
        ArithOp::Shl => Some(count.map_or(0, |count| a << count)),
        ArithOp::Shr => Some(count.map_or(0, |count| a >> count)),
        ArithOp::BitAnd => Some(a & b),
        ArithOp::BitXor => Some(a ^ b),
        ArithOp::BitOr => Some(a | b),
    };
    value.map_or(Folded::Undefined, |v| Folded::Value(Const::UInt(v)))
}

/// Adds, subtracts or multiplies from left to right without wrapping;
/// `None` if the end does not fit into the type.
pub(super) fn exact(
    op: ArithOp,
    values: impl Iterator<Item = i128>,
    unsigned: bool,
) -> Option<Const> {
    let mut sum: Option<i128> = None;
    for value in values {
        sum = Some(match (sum, op) {
            (None, _) => value,
            (Some(sum), ArithOp::Add) => sum.checked_add(value)?,
            (Some(sum), ArithOp::Sub) => sum.checked_sub(value)?,
            (Some(sum), _) => sum.checked_mul(value)?,
        });
    }
    let sum = sum?;
    if unsigned {
        u64::try_from(sum).ok().map(Const::UInt)
    } else {
        i64::try_from(sum).ok().map(Const::Int)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corners_of_integers() {
        let int = |op, a, b| arith(op, &Const::Int(a), &Const::Int(b));
        let value = |v| Some(Folded::Value(Const::Int(v)));
        // Both manuals: the remainder has the sign of the dividend, counts
        // of 64 and more give 0, and so on.
        assert_eq!(int(ArithOp::Rem, -7, 3), value(-1));
        assert_eq!(int(ArithOp::Div, -7, 2), value(-3));
        assert_eq!(int(ArithOp::Rem, i64::MIN, -1), value(0));
        assert_eq!(int(ArithOp::Div, i64::MIN, -1), Some(Folded::Undefined));
        assert_eq!(int(ArithOp::Div, 1, 0), Some(Folded::Undefined));
        assert_eq!(int(ArithOp::Shl, 1, 64), value(0));
        assert_eq!(int(ArithOp::Shr, -1, 64), value(0));
        assert_eq!(int(ArithOp::Shr, -4, 1), value(-2));
        assert_eq!(
            int(ArithOp::Add, i64::MAX, 1),
            Some(Folded::Wrapped(Const::Int(i64::MIN)))
        );
    }

    #[test]
    fn exact_sums_look_at_the_end_only() {
        let max = i128::from(i64::MAX);
        let fits = exact(ArithOp::Add, [max, 1, -1].into_iter(), false);
        assert_eq!(fits, Some(Const::Int(i64::MAX)));
        assert_eq!(exact(ArithOp::Add, [max, 1].into_iter(), false), None);
    }
}
