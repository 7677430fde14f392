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
        (Const::Int(a), Const::Int(b)) => {
            integers(op, (*a).into(), (*b).into(), false)
        }
        (Const::UInt(a), Const::UInt(b)) => {
            integers(op, (*a).into(), (*b).into(), true)
        }
        _ => return None,
    })
}

/// Folds integers of either kind, in a type that holds both.
fn integers(op: ArithOp, a: i128, b: i128, unsigned: bool) -> Folded {
    let wrapped = |value: i128| match unsigned {
        true => Const::UInt(value as u64),
        false => Const::Int(value as i64),
    };
    let fits = |value: i128| match unsigned {
        true => u64::try_from(value).is_ok(),
        false => i64::try_from(value).is_ok(),
    };
    let value = |value| Folded::Value(wrapped(value));
    let noted = |value| match fits(value) {
        true => Folded::Value(wrapped(value)),
        false => Folded::Wrapped(wrapped(value)),
    };
    match op {
        ArithOp::Add => noted(a + b),
        ArithOp::Sub => noted(a - b),
        ArithOp::Mul => match a.checked_mul(b) {
            Some(product) => noted(product),
            None => Folded::Wrapped(wrapped(a.wrapping_mul(b))),
        },
        ArithOp::Div | ArithOp::Rem if b == 0 => Folded::Undefined,
        ArithOp::Div if !fits(a / b) => Folded::Undefined,
        ArithOp::Div => value(a / b),
        ArithOp::Rem => value(a % b),
        ArithOp::Shl | ArithOp::Shr if b < 0 => Folded::Undefined,
        ArithOp::Shl | ArithOp::Shr if b >= 64 => value(0),
        ArithOp::Shl => value(a << b),
        ArithOp::Shr => value(a >> b),
        ArithOp::BitAnd => value(a & b),
        ArithOp::BitXor => value(a ^ b),
        ArithOp::BitOr => value(a | b),
    }
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
