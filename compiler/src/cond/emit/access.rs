//! Access to modules.

use dragnet_engine::cond::MAX_ARGS;
use dragnet_engine::cond::op::{Inst, Op};

use super::Emitter;
use super::asm::Label;
use crate::ir::{Arg, ExprId, Place, Ty};

impl Emitter<'_> {
    /// Reads a field, or the number of items of an array or map.
    pub(super) fn field(
        &mut self,
        op: Op,
        place: &Place,
        to: Option<u16>,
        undefined: Label,
    ) -> u16 {
        let args = self.scoped(|this| this.indexes(place, undefined));
        let to = self.any_target(op, to);
        let count = self.pass(&args);
        let inst = Inst::new(op).regs(to, count, 0);
        let field = self.cx.field(place.field);
        self.asm.put_to(inst.imm(field), undefined);
        to
    }

    /// Calls a function.
    pub(super) fn call(
        &mut self,
        op: Op,
        (place, signature, values): (&Place, u16, &[Arg]),
        to: Option<u16>,
        undefined: Label,
    ) -> u16 {
        let (indexes, args) = self.scoped(|this| {
            let mut args = this.indexes(place, undefined);
            let indexes = args.len();
            for value in values {
                args.push(match value {
                    Arg::Value(value) => this.argument(*value, undefined),
                    Arg::Regex(regex) => {
                        Inst::new(Op::ArgRegex).imm(this.cx.regex(*regex))
                    }
                });
            }
            (indexes, args)
        });
        let to = self.any_target(op, to);
        let total = self.pass(&args);
        let indexes = indexes.min(MAX_ARGS) as u16;
        let packed = indexes | total.saturating_sub(indexes) << 8;
        let inst = Inst::new(op).regs(to, packed, signature);
        let field = self.cx.field(place.field);
        self.asm.put_to(inst.imm(field), undefined);
        to
    }

    /// Computes the indexes of a place; what passes each, the slot left
    /// open.
    pub(super) fn indexes(
        &mut self,
        place: &Place,
        undefined: Label,
    ) -> Vec<Inst> {
        let indexes = place.index.iter();
        indexes.map(|index| self.argument(*index, undefined)).collect()
    }

    /// Passes arguments; returns how many.
    pub(super) fn pass(&mut self, args: &[Inst]) -> u16 {
        self.too_large |= args.len() > MAX_ARGS;
        let mut slot = 0;
        for arg in args.iter().take(MAX_ARGS) {
            self.asm.put(Inst { a: slot.into(), ..*arg });
            slot += 1;
        }
        slot
    }

    fn argument(&mut self, value: ExprId, undefined: Label) -> Inst {
        let op = match self.ty(value) {
            Ty::Str => {
                let from = self.text(value, None, undefined);
                return Inst::new(Op::ArgText).regs(0, from, 0);
            }
            Ty::Float => Op::ArgFloat,
            Ty::Bool => Op::ArgBool,
            Ty::Int | Ty::UInt | Ty::Pattern => Op::ArgInt,
        };
        let from = self.number(value, None, undefined);
        Inst::new(op).regs(0, from, 0)
    }

    fn any_target(&mut self, op: Op, to: Option<u16>) -> u16 {
        match op {
            Op::FieldText | Op::CallText => self.text_target(to),
            _ => self.target(to),
        }
    }
}
