//! Expressions whose value is a text.

use dragnet_engine::cond::op::{Inst, Op};

use super::asm::Label;
use super::{Emitter, deep};
use crate::ir::{Const, ExprId, Kind};

impl Emitter<'_> {
    /// Computes a text; leaves by `undefined` if there is none. The register
    /// is `to` if given, else one that must not be written to.
    pub(super) fn text(
        &mut self,
        expr: ExprId,
        to: Option<u16>,
        undefined: Label,
    ) -> u16 {
        deep(|| self.text_step(expr, to, undefined))
    }

    fn text_step(
        &mut self,
        expr: ExprId,
        to: Option<u16>,
        undefined: Label,
    ) -> u16 {
        match self.kind(expr) {
            Kind::Const(Const::Str(text)) => {
                let text = self.cx.text(text);
                let to = self.text_target(to);
                let inst = Inst::new(Op::LoadText).regs(to, 0, 0);
                self.asm.put(inst.imm(text));
                to
            }
            Kind::Var(var) => {
                let from = self.var(*var, undefined);
                match to {
                    Some(to) if to != from => {
                        let inst = Inst::new(Op::MoveText).regs(to, from, 0);
                        self.asm.put(inst);
                        to
                    }
                    _ => from,
                }
            }
            Kind::External(external) => {
                let to = self.text_target(to);
                let inst = Inst::new(Op::ExternalText).imm(external.0);
                self.asm.put(inst.regs(to, 0, 0));
                to
            }
            Kind::Field(place) => {
                self.field(Op::FieldText, place, to, undefined)
            }
            Kind::Call(place, signature, args) => {
                let call = (place, *signature, args.as_slice());
                self.call(Op::CallText, call, to, undefined)
            }
            // Nothing else is a text.
            _ => {
                self.asm.jump(undefined);
                self.text_target(to)
            }
        }
    }

    pub(super) fn text_target(&mut self, to: Option<u16>) -> u16 {
        to.unwrap_or_else(|| self.texts.take())
    }

    /// Both registers; they stay valid until the next one is taken.
    pub(super) fn texts(
        &mut self,
        a: ExprId,
        b: ExprId,
        undefined: Label,
    ) -> (u16, u16) {
        self.scoped(|this| {
            let a = this.text(a, None, undefined);
            (a, this.text(b, None, undefined))
        })
    }
}
