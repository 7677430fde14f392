//! Comparisons.

use dragnet_engine::cond::op::{Inst, Op};
use dragnet_engine::cond::{Cmp, ReadKind};

use super::{Emitter, Ways};
use crate::ir::{CmpOp, ExprId, Kind, Ty};

impl Emitter<'_> {
    pub(super) fn compare(
        &mut self,
        op: CmpOp,
        a: ExprId,
        b: ExprId,
        ways: Ways,
    ) {
        let types = (self.ty(a), self.ty(b));
        match types {
            (Ty::Str, _) => {
                let ops = [Op::TextEq, Op::TextLt, Op::TextLe];
                let (a, b) = self.texts(a, b, ways.undefined);
                self.ordered(op, ops, a, b, ways);
            }
            (Ty::Float, _) => {
                let ops = [Op::FEq, Op::FLt, Op::FLe];
                let (a, b) = self.pair(a, b, ways.undefined);
                self.ordered(op, ops, a, b, ways);
            }
            (Ty::Int, Ty::UInt) => self.mixed(op, a, b, ways),
            (Ty::UInt, Ty::Int) => self.mixed(op.mirrored(), b, a, ways),
            _ => {
                if self.fused(op, a, b, ways)
                    || self.fused(op.mirrored(), b, a, ways)
                    || self.immediate(op, a, b, ways)
                    || self.immediate(op.mirrored(), b, a, ways)
                {
                    return;
                }
                let ops = match types.0 {
                    Ty::UInt => [Op::Eq, Op::ULt, Op::ULe],
                    _ => [Op::Eq, Op::Lt, Op::Le],
                };
                let (a, b) = self.pair(a, b, ways.undefined);
                self.ordered(op, ops, a, b, ways);
            }
        }
    }

    /// A comparison where `not (a < b)` need not be `a >= b`.
    fn ordered(
        &mut self,
        op: CmpOp,
        [eq, lt, le]: [Op; 3],
        a: u16,
        b: u16,
        ways: Ways,
    ) {
        let (op, a, b, ways) = match op {
            CmpOp::Eq => (eq, a, b, ways),
            CmpOp::Ne => (eq, a, b, ways.not()),
            CmpOp::Lt => (lt, a, b, ways),
            CmpOp::Le => (le, a, b, ways),
            CmpOp::Gt => (lt, b, a, ways),
            CmpOp::Ge => (le, b, a, ways),
        };
        self.test(Inst::new(op).regs(a, b, 0), ways);
    }

    /// An int with a uint.
    fn mixed(&mut self, op: CmpOp, int: ExprId, uint: ExprId, ways: Ways) {
        let (int, uint) = self.pair(int, uint, ways.undefined);
        let (op, ways) = positive(op, ways, [Op::MixEq, Op::MixLt, Op::MixLe]);
        self.test(Inst::new(op).regs(int, uint, 0), ways);
    }

    /// With a constant in the instruction.
    fn immediate(
        &mut self,
        op: CmpOp,
        a: ExprId,
        b: ExprId,
        ways: Ways,
    ) -> bool {
        let Some(imm) = self.small(b) else { return false };
        let equality = matches!(op, CmpOp::Eq | CmpOp::Ne);
        if self.ty(a) == Ty::UInt && !equality {
            return false;
        }
        let a = self.number(a, None, ways.undefined);
        let (op, ways) = positive(op, ways, [Op::EqImm, Op::LtImm, Op::LeImm]);
        self.test(Inst::new(op).regs(a, 0, 0).imm(imm), ways);
        true
    }

    /// `filesize < 10KB` and `uint16(0) == 0x5a4d` as one instruction, where
    /// undefined and false lead to the same place.
    fn fused(&mut self, op: CmpOp, a: ExprId, b: ExprId, ways: Ways) -> bool {
        let Some(imm) = self.small(b) else { return false };
        if !ways.lenient() {
            return false;
        }
        let inst = match self.kind(a) {
            Kind::Filesize => {
                let cmp = match op {
                    CmpOp::Eq => Cmp::Eq,
                    CmpOp::Ne => Cmp::Ne,
                    CmpOp::Lt => Cmp::Lt,
                    CmpOp::Le => Cmp::Le,
                    CmpOp::Gt => Cmp::Gt,
                    CmpOp::Ge => Cmp::Ge,
                };
                Inst::new(Op::FilesizeIs).regs(cmp as u16, 0, 0)
            }
            Kind::Read(kind, offset) if op == CmpOp::Eq => {
                let Some(offset) = self.small(*offset) else { return false };
                let kind: ReadKind = *kind;
                let [low, high] = [offset as u16, (offset >> 16) as u16];
                let inst = Inst::new(Op::ReadIs);
                inst.regs(low, high, (kind as u16) << 1)
            }
            _ => return false,
        };
        self.test(inst.imm(imm), ways);
        true
    }
}

/// A comparison of integers by one of three operations, the ways swapped if
/// it has to be the opposite.
fn positive(op: CmpOp, ways: Ways, [eq, lt, le]: [Op; 3]) -> (Op, Ways) {
    match op {
        CmpOp::Eq => (eq, ways),
        CmpOp::Ne => (eq, ways.not()),
        CmpOp::Lt => (lt, ways),
        CmpOp::Ge => (lt, ways.not()),
        CmpOp::Le => (le, ways),
        CmpOp::Gt => (le, ways.not()),
    }
}
