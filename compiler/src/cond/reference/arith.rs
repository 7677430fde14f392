//! Numbers in the tree walk.

use dragnet_engine::cond::ReadKind;

use super::Val;
use crate::ir::{ArithOp, Cast, CmpOp, Ty};

pub(super) fn cast(cast: Cast, value: Val) -> Val {
    match (cast, value) {
        (Cast::ToBool, Val::Int(value)) => Val::Bool(value != 0),
        (Cast::ToBool, Val::UInt(value)) => Val::Bool(value != 0),
        (Cast::ToBool, Val::Float(value)) => Val::Bool(value != 0.0),
        (Cast::ToBool, Val::Str(value)) => Val::Bool(!value.is_empty()),
        (Cast::BoolToInt, Val::Bool(value)) => Val::Int(value.into()),
        (Cast::IntToFloat, Val::Int(value)) => Val::Float(value as f64),
        (Cast::UIntToFloat, Val::UInt(value)) => Val::Float(value as f64),
        (Cast::IntToUInt, Val::Int(value)) => Val::UInt(value as u64),
        (Cast::UIntToInt, Val::UInt(value)) => Val::Int(value as i64),
        (_, value) => value,
    }
}

pub(super) fn arith(op: ArithOp, a: Val, b: Val) -> Option<Val> {
    Some(match (a, b) {
        (Val::Int(a), Val::Int(b)) => Val::Int(int(op, a, b)?),
        (Val::UInt(a), Val::UInt(b)) => Val::UInt(uint(op, a, b)?),
        (Val::Float(a), Val::Float(b)) => Val::Float(match op {
            ArithOp::Add => a + b,
            ArithOp::Sub => a - b,
            ArithOp::Mul => a * b,
            ArithOp::Div => a / b,
            _ => return None,
        }),
        _ => return None,
    })
}

/// Wide enough that nothing overflows but the final cut to 64 bits.
fn int(op: ArithOp, a: i64, b: i64) -> Option<i64> {
    let (wide_a, wide_b) = (i128::from(a), i128::from(b));
    Some(match op {
        ArithOp::Add => (wide_a + wide_b) as i64,
        ArithOp::Sub => (wide_a - wide_b) as i64,
        ArithOp::Mul => (wide_a * wide_b) as i64,
        ArithOp::Div if b == 0 => return None,
        ArithOp::Div => i64::try_from(wide_a / wide_b).ok()?,
        ArithOp::Rem if b == 0 => return None,
        ArithOp::Rem => (wide_a % wide_b) as i64,
        ArithOp::Shl | ArithOp::Shr if b < 0 => return None,
        ArithOp::Shl | ArithOp::Shr if b > 63 => 0,
        ArithOp::Shl => (wide_a << b) as i64,
        ArithOp::Shr => (wide_a >> b) as i64,
        ArithOp::BitAnd => a & b,
        ArithOp::BitXor => a ^ b,
        ArithOp::BitOr => a | b,
    })
}

fn uint(op: ArithOp, a: u64, b: u64) -> Option<u64> {
    let (wide_a, wide_b) = (u128::from(a), u128::from(b));
    Some(match op {
        ArithOp::Add => (wide_a + wide_b) as u64,
        ArithOp::Sub => (wide_a + (1 << 64) - wide_b) as u64,
        ArithOp::Mul => (wide_a * wide_b) as u64,
        ArithOp::Div if b == 0 => return None,
        ArithOp::Div => a / b,
        ArithOp::Rem if b == 0 => return None,
        ArithOp::Rem => a % b,
        ArithOp::Shl | ArithOp::Shr if b > 63 => 0,
        ArithOp::Shl => (wide_a << b) as u64,
        ArithOp::Shr => a >> b,
        ArithOp::BitAnd => a & b,
        ArithOp::BitXor => a ^ b,
        ArithOp::BitOr => a | b,
    })
}

pub(super) fn compare(op: CmpOp, a: &Val, b: &Val) -> bool {
    let order = match (a, b) {
        (Val::Int(a), Val::Int(b)) => a.partial_cmp(b),
        (Val::UInt(a), Val::UInt(b)) => a.partial_cmp(b),
        (Val::Int(a), Val::UInt(b)) => {
            i128::from(*a).partial_cmp(&i128::from(*b))
        }
        (Val::UInt(a), Val::Int(b)) => {
            i128::from(*a).partial_cmp(&i128::from(*b))
        }
        (Val::Float(a), Val::Float(b)) => a.partial_cmp(b),
        (Val::Bool(a), Val::Bool(b)) => a.partial_cmp(b),
        (Val::Str(a), Val::Str(b)) => a.partial_cmp(b),
        _ => None,
    };
    match op {
        CmpOp::Eq => order.is_some_and(|order| order.is_eq()),
        CmpOp::Ne => order.is_none_or(|order| order.is_ne()),
        CmpOp::Lt => order.is_some_and(|order| order.is_lt()),
        CmpOp::Le => order.is_some_and(|order| order.is_le()),
        CmpOp::Gt => order.is_some_and(|order| order.is_gt()),
        CmpOp::Ge => order.is_some_and(|order| order.is_ge()),
    }
}

pub(super) fn read(
    kind: ReadKind,
    data: &[u8],
    offset: i64,
    ty: Ty,
) -> Option<Val> {
    let name = format!("{kind:?}");
    let big = name.ends_with("Be");
    let digits = name.trim_end_matches("Be").get(1..)?;
    let width: usize = digits.parse().ok()?;
    let from = usize::try_from(offset).ok()?;
    let bytes = data.get(from..from.checked_add(width / 8)?)?;
    let mut value: u64 = 0;
    for at in 0..bytes.len() {
        let at = if big { at } else { bytes.len() - 1 - at };
        value = value << 8 | u64::from(bytes[at]);
    }
    Some(match name.as_bytes().first()? {
        b'F' if width == 32 => {
            Val::Float(f64::from(f32::from_bits(value as u32)))
        }
        b'F' => Val::Float(f64::from_bits(value)),
        b'I' => {
            let unused = 64 - width as u32;
            Val::Int((value << unused) as i64 >> unused)
        }
        _ if ty == Ty::UInt => Val::UInt(value),
        _ => Val::Int(value as i64),
    })
}
