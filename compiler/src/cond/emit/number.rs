//! Expressions whose value is a number.

use dragnet_engine::cond::op::{Inst, Op};

use super::asm::Label;
use super::{Emitter, Ways, deep, facts};
use crate::ir::{ArithOp, Cast, ExprId, Kind, PatternSel, Ty};

impl Emitter<'_> {
    /// Computes a number, or a bool as 0 or 1; leaves by `undefined` if
    /// there is none. The register is `to` if given, else one that must not
    /// be written to.
    pub(super) fn number(
        &mut self,
        expr: ExprId,
        to: Option<u16>,
        undefined: Label,
    ) -> u16 {
        deep(|| self.number_step(expr, to, undefined))
    }

    fn number_step(
        &mut self,
        expr: ExprId,
        to: Option<u16>,
        undefined: Label,
    ) -> u16 {
        match self.kind(expr) {
            Kind::Const(value) => {
                let bits = facts::bits(value).unwrap_or(0);
                if let (Some(register), None) = (self.hoisted.get(&bits), to) {
                    return *register;
                }
                let to = self.target(to);
                self.load(to, bits);
                to
            }
            Kind::Undefined => {
                self.asm.jump(undefined);
                self.target(to)
            }
            Kind::Var(var) => {
                let from = self.var(*var, undefined);
                self.moved(from, to)
            }
            Kind::Filesize => {
                let to = self.target(to);
                let inst = Inst::new(Op::Filesize).regs(to, 0, 0);
                self.asm.put_to(inst, undefined);
                to
            }
            Kind::Entrypoint => {
                let to = self.target(to);
                let inst = Inst::new(Op::Entrypoint).regs(to, 0, 0);
                self.asm.put_to(inst, undefined);
                to
            }
            Kind::External(external) => {
                let to = self.target(to);
                let inst = Inst::new(Op::External).imm(external.0);
                self.asm.put(inst.regs(to, 0, 0));
                to
            }
            Kind::Field(place) => {
                let op = match self.ty(expr) {
                    Ty::Float => Op::FieldFloat,
                    Ty::Bool => Op::FieldBool,
                    _ => Op::FieldInt,
                };
                self.field(op, place, to, undefined)
            }
            Kind::Len(place) => self.field(Op::Items, place, to, undefined),
            Kind::Call(place, signature, args) => {
                let op = match self.ty(expr) {
                    Ty::Float => Op::CallFloat,
                    Ty::Bool => Op::CallBool,
                    _ => Op::CallInt,
                };
                self.call(op, (place, *signature, args), to, undefined)
            }
            Kind::Cast(cast, inner) => match cast {
                Cast::ToBool => self.materialise(expr, to, undefined),
                Cast::BoolToInt | Cast::IntToUInt | Cast::UIntToInt => {
                    self.number(*inner, to, undefined)
                }
                Cast::IntToFloat => {
                    self.unary(Op::IntToFloat, *inner, to, undefined)
                }
                Cast::UIntToFloat => {
                    self.unary(Op::UIntToFloat, *inner, to, undefined)
                }
            },
            Kind::StrLen(text) => {
                let from =
                    self.scoped(|this| this.text(*text, None, undefined));
                let to = self.target(to);
                self.asm.put(Inst::new(Op::TextLen).regs(to, from, 0));
                to
            }
            Kind::Neg(inner) => {
                let float = self.ty(expr) == Ty::Float;
                let op = if float { Op::FNeg } else { Op::Neg };
                self.unary(op, *inner, to, undefined)
            }
            Kind::BitNot(inner) => {
                self.unary(Op::BitNot, *inner, to, undefined)
            }
            Kind::Arith(op, a, b) => {
                self.arith((*op, self.ty(expr)), *a, *b, to, undefined)
            }
            Kind::Read(kind, offset) => {
                let kind = *kind as u16;
                if let Some(at) = self.small(*offset) {
                    let to = self.target(to);
                    let inst = Inst::new(Op::ReadAt).regs(to, 0, kind);
                    self.asm.put_to(inst.imm(at), undefined);
                    return to;
                }
                let from =
                    self.scoped(|this| this.number(*offset, None, undefined));
                let to = self.target(to);
                let inst = Inst::new(Op::Read).regs(to, from, kind);
                self.asm.put_to(inst, undefined);
                to
            }
            Kind::Count(pattern) => {
                let inst = self.pattern(Op::Count, Op::CountVar, *pattern);
                let to = self.target(to);
                self.asm.put(inst.regs(to, 0, 0));
                to
            }
            Kind::CountIn(pattern, lo, hi) => {
                let (lo, hi) = self.pair(*lo, *hi, undefined);
                let inst = self.pattern(Op::CountIn, Op::CountInVar, *pattern);
                let to = self.target(to);
                self.asm.put(inst.regs(to, lo, hi));
                to
            }
            Kind::Offset(pattern, which) => {
                let ops = (Op::Offset, Op::OffsetVar);
                self.nth(ops, *pattern, *which, to, undefined)
            }
            Kind::Length(pattern, which) => {
                let ops = (Op::Length, Op::LengthVar);
                self.nth(ops, *pattern, *which, to, undefined)
            }
            _ => self.materialise(expr, to, undefined),
        }
    }

    /// Both registers; they stay valid until the next one is taken.
    pub(super) fn pair(
        &mut self,
        a: ExprId,
        b: ExprId,
        undefined: Label,
    ) -> (u16, u16) {
        self.scoped(|this| {
            let a = this.number(a, None, undefined);
            (a, this.number(b, None, undefined))
        })
    }

    /// The value, if it is a constant that fits an instruction.
    pub(super) fn small(&self, expr: ExprId) -> Option<u32> {
        match self.kind(expr) {
            Kind::Const(value) if self.ty(expr) != Ty::Float => {
                facts::bits(value).and_then(|bits| u32::try_from(bits).ok())
            }
            _ => None,
        }
    }

    /// An instruction on a pattern.
    pub(super) fn pattern(
        &self,
        fixed: Op,
        var: Op,
        which: PatternSel,
    ) -> Inst {
        match which {
            PatternSel::Fixed(pattern) => Inst::new(fixed).imm(pattern.0),
            PatternSel::Var(of) => {
                let bound = self.vars.get(of.0 as usize).copied().flatten();
                let register = bound.map_or(0, |var| var.register);
                Inst::new(var).imm(register.into())
            }
        }
    }

    pub(super) fn target(&mut self, to: Option<u16>) -> u16 {
        to.unwrap_or_else(|| self.numbers.take())
    }

    fn moved(&mut self, from: u16, to: Option<u16>) -> u16 {
        if let Some(to) = to
            && to != from
        {
            self.asm.put(Inst::new(Op::Move).regs(to, from, 0));
        }
        to.unwrap_or(from)
    }

    fn unary(
        &mut self,
        op: Op,
        inner: ExprId,
        to: Option<u16>,
        undefined: Label,
    ) -> u16 {
        let from = self.scoped(|this| this.number(inner, None, undefined));
        let to = self.target(to);
        self.asm.put(Inst::new(op).regs(to, from, 0));
        to
    }

    fn nth(
        &mut self,
        (fixed, var): (Op, Op),
        pattern: PatternSel,
        which: ExprId,
        to: Option<u16>,
        undefined: Label,
    ) -> u16 {
        let which = self.scoped(|this| this.number(which, None, undefined));
        let inst = self.pattern(fixed, var, pattern);
        let to = self.target(to);
        self.asm.put_to(inst.regs(to, which, 0), undefined);
        to
    }

    /// The value of a bool.
    fn materialise(
        &mut self,
        expr: ExprId,
        to: Option<u16>,
        undefined: Label,
    ) -> u16 {
        let to = self.target(to);
        let [yes, no] = [self.asm.label(), self.asm.label()];
        let ways = Ways { yes, no, undefined, next: true };
        self.scoped(|this| this.branch(expr, ways));
        let end = self.asm.label();
        self.asm.bind(yes);
        self.load(to, 1);
        self.asm.jump(end);
        self.asm.bind(no);
        self.load(to, 0);
        self.asm.bind(end);
        to
    }

    fn arith(
        &mut self,
        (op, ty): (ArithOp, Ty),
        a: ExprId,
        b: ExprId,
        to: Option<u16>,
        undefined: Label,
    ) -> u16 {
        if let Some((op, inner, imm)) = self.with_constant(op, ty, a, b) {
            let from = self.scoped(|this| this.number(inner, None, undefined));
            let to = self.target(to);
            self.asm.put(Inst::new(op).regs(to, from, 0).imm(imm));
            return to;
        }
        let (op, partial) = match (op, ty) {
            (ArithOp::Add, Ty::Float) => (Op::FAdd, false),
            (ArithOp::Sub, Ty::Float) => (Op::FSub, false),
            (ArithOp::Mul, Ty::Float) => (Op::FMul, false),
            (ArithOp::Div, Ty::Float) => (Op::FDiv, false),
            (ArithOp::Add, _) => (Op::Add, false),
            (ArithOp::Sub, _) => (Op::Sub, false),
            (ArithOp::Mul, _) => (Op::Mul, false),
            (ArithOp::Div, Ty::UInt) => (Op::UDiv, true),
            (ArithOp::Div, _) => (Op::Div, true),
            (ArithOp::Rem, Ty::UInt) => (Op::URem, true),
            (ArithOp::Rem, _) => (Op::Rem, true),
            (ArithOp::Shl, Ty::UInt) => (Op::UShl, false),
            (ArithOp::Shl, _) => (Op::Shl, true),
            (ArithOp::Shr, Ty::UInt) => (Op::UShr, false),
            (ArithOp::Shr, _) => (Op::Shr, true),
            (ArithOp::BitAnd, _) => (Op::And, false),
            (ArithOp::BitXor, _) => (Op::Xor, false),
            (ArithOp::BitOr, _) => (Op::Or, false),
        };
        let (a, b) = self.pair(a, b, undefined);
        let to = self.target(to);
        let inst = Inst::new(op).regs(to, a, b);
        match partial {
            true => self.asm.put_to(inst, undefined),
            false => self.asm.put(inst),
        }
        to
    }

    /// The operation with a constant in the instruction, and the other
    /// operand.
    fn with_constant(
        &self,
        op: ArithOp,
        ty: Ty,
        a: ExprId,
        b: ExprId,
    ) -> Option<(Op, ExprId, u32)> {
        if ty == Ty::Float {
            return None;
        }
        let (op, swaps) = match op {
            ArithOp::Add => (Op::AddImm, true),
            ArithOp::Sub => (Op::SubImm, false),
            ArithOp::Mul => (Op::MulImm, true),
            ArithOp::BitAnd => (Op::AndImm, true),
            ArithOp::BitOr => (Op::OrImm, true),
            ArithOp::BitXor => (Op::XorImm, true),
            _ => return None,
        };
        if let Some(imm) = self.small(b) {
            return Some((op, a, imm));
        }
        let imm = self.small(a).filter(|_| swaps)?;
        Some((op, b, imm))
    }
}
