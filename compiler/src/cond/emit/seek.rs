//! Loops that are searches: `for any i in (0..filesize) : (uint32(i) == X)`
//! looks for four bytes, and no turn in between can hold.

use dragnet_engine::cond::ReadKind;
use dragnet_engine::cond::op::{Inst, Op};

use super::{Emitter, facts};
use crate::ir::{ArithOp, CmpOp, ExprId, Kind, VarId};

/// An integer without which a turn does not hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sought {
    kind: ReadKind,
    /// Bytes from the loop's index to it.
    ahead: u16,
    value: u32,
}

impl Sought {
    /// Moves the index on to the next such integer.
    pub(super) fn inst(self, at: u16, end: u16) -> Inst {
        let operand = self.kind.number() * Inst::AHEAD + self.ahead;
        Inst::new(Op::Seek).regs(at, end, operand).imm(self.value)
    }
}

impl Emitter<'_> {
    /// The integer without which the body of a loop does not hold.
    pub(super) fn sought(&self, var: VarId, body: ExprId) -> Option<Sought> {
        let items = match self.kind(body) {
            Kind::And(items) => items.as_slice(),
            _ => &[body],
        };
        let mut best: Option<Sought> = None;
        for item in items {
            // The wider, the rarer.
            if let Some(found) = self.integer(var, *item)
                && best.is_none_or(|b| b.kind.width() < found.kind.width())
            {
                best = Some(found);
            }
            // Functions may print: what comes behind one does not decide
            // whether it is called.
            if facts::calls(self.condition, *item) {
                break;
            }
        }
        best
    }

    fn integer(&self, var: VarId, item: ExprId) -> Option<Sought> {
        let Kind::Cmp(CmpOp::Eq, a, b) = self.kind(item) else { return None };
        let (read, value) = match self.small(*b) {
            Some(value) => (a, value),
            None => (b, self.small(*a)?),
        };
        let Kind::Read(kind, place) = self.kind(*read) else { return None };
        let is_var = |expr: &ExprId| matches!(self.kind(*expr), Kind::Var(other) if *other == var);
        let ahead = match self.kind(*place) {
            _ if is_var(place) => 0,
            Kind::Arith(ArithOp::Add, a, b) if is_var(a) => self.small(*b)?,
            Kind::Arith(ArithOp::Add, a, b) if is_var(b) => self.small(*a)?,
            _ => return None,
        };
        let ahead = u16::try_from(ahead).ok()?;
        let fits = !kind.is_float() && ahead < Inst::AHEAD;
        fits.then_some(Sought { kind: *kind, ahead, value })
    }
}
