//! Bools as ways through the code.

use dragnet_engine::cond::op::{Inst, Op};

use super::{Emitter, Ways, deep};
use crate::ir::{Cast, Const, ExprId, Kind, Ty, VarId};

impl Emitter<'_> {
    /// Evaluates a bool and leaves by the way of its outcome.
    pub(super) fn branch(&mut self, expr: ExprId, ways: Ways) {
        deep(|| self.scoped(|this| this.branch_step(expr, ways)));
    }

    fn branch_step(&mut self, expr: ExprId, ways: Ways) {
        match self.kind(expr) {
            Kind::Const(Const::Bool(value)) => self.settle(*value, ways),
            Kind::Undefined => self.asm.jump(ways.undefined),
            Kind::Cast(Cast::ToBool, inner) => self.truth(*inner, ways),
            Kind::Not(inner) => self.branch(*inner, ways.not()),
            Kind::Defined(inner) => self.defined(*inner, ways),
            Kind::And(items) => self.and(items, ways),
            Kind::Or(items) => self.or(items, ways),
            Kind::Cmp(op, a, b) => self.compare(*op, *a, *b, ways),
            Kind::Str(op, a, b) => {
                let (a, b) = self.texts(*a, *b, ways.undefined);
                let inst = Inst::new(Op::TextIs).regs(a, b, 0);
                self.test(inst.imm(*op as u32), ways);
            }
            Kind::Matches(text, regex) => {
                let text = self.text(*text, None, ways.undefined);
                let regex = self.cx.regex(*regex);
                let inst = Inst::new(Op::Matches).regs(text, 0, 0);
                self.test(inst.imm(regex), ways);
            }
            Kind::Rule(rule) => {
                self.test(Inst::new(Op::Rule).imm(rule.0), ways);
            }
            Kind::Hit(pattern) => {
                let inst = self.pattern(Op::Hit, Op::HitVar, *pattern);
                self.test(inst, ways);
            }
            Kind::HitAt(pattern, at) => {
                let at = self.number(*at, None, ways.undefined);
                let inst = self.pattern(Op::HitAt, Op::HitAtVar, *pattern);
                self.test(inst.regs(at, 0, 0), ways);
            }
            Kind::HitIn(pattern, lo, hi) => {
                let (lo, hi) = self.pair(*lo, *hi, ways.undefined);
                let inst = self.pattern(Op::HitIn, Op::HitInVar, *pattern);
                self.test(inst.regs(lo, hi, 0), ways);
            }
            Kind::OfPatterns(quantifier, set, anchor) => {
                self.of_patterns(quantifier, set, anchor.as_ref(), ways);
            }
            Kind::OfBools(quantifier, items) => {
                self.of_bools(quantifier, items, ways);
            }
            Kind::ForPatterns(quantifier, var, set, body) => {
                self.for_patterns(quantifier, *var, set, *body, ways);
            }
            Kind::ForRange(quantifier, var, lo, hi, body) => {
                let range = (*lo, *hi);
                self.for_range(quantifier, *var, range, *body, ways);
            }
            Kind::ForList(quantifier, var, items, body) => {
                self.for_list(quantifier, *var, items, *body, ways);
            }
            Kind::ForArray(quantifier, var, place, body) => {
                self.for_array(quantifier, *var, place, *body, ways);
            }
            Kind::ForMap(quantifier, var, place, body) => {
                self.for_map(quantifier, *var, place, *body, ways);
            }
            Kind::With(bindings, body) => self.with(bindings, *body, ways),
            Kind::Var(_)
            | Kind::External(_)
            | Kind::Field(_)
            | Kind::Call(..) => {
                let value = self.number(expr, None, ways.undefined);
                self.test(Inst::new(Op::Test).regs(value, 0, 0), ways);
            }
            // No bools.
            Kind::Const(_)
            | Kind::Filesize
            | Kind::Entrypoint
            | Kind::Len(_)
            | Kind::Cast(..)
            | Kind::StrLen(_)
            | Kind::Neg(_)
            | Kind::BitNot(_)
            | Kind::Arith(..)
            | Kind::Read(..)
            | Kind::Count(_)
            | Kind::CountIn(..)
            | Kind::Offset(..)
            | Kind::Length(..) => self.truth(expr, ways),
        }
    }

    /// Leaves by the way of a test, given with sense 0.
    pub(super) fn test(&mut self, inst: Inst, ways: Ways) {
        let (sense, to) = match ways.next {
            true => (0, ways.no),
            false => (1, ways.yes),
        };
        let c = inst.c.get() | sense;
        self.asm.put_to(Inst { c: c.into(), ..inst }, to);
    }

    /// Leaves by the way of a known outcome.
    pub(super) fn settle(&mut self, outcome: bool, ways: Ways) {
        if outcome != ways.next {
            self.asm.jump(if outcome { ways.yes } else { ways.no });
        }
    }

    /// A value as bool: not 0, not empty.
    fn truth(&mut self, expr: ExprId, ways: Ways) {
        let undefined = ways.undefined;
        let inst = match self.ty(expr) {
            Ty::Bool => return self.branch(expr, ways),
            Ty::Str => {
                let text = self.text(expr, None, undefined);
                Inst::new(Op::TextTest).regs(text, 0, 0)
            }
            Ty::Float => {
                let value = self.number(expr, None, undefined);
                Inst::new(Op::FTest).regs(value, 0, 0)
            }
            Ty::Int | Ty::UInt | Ty::Pattern => {
                let value = self.number(expr, None, undefined);
                Inst::new(Op::Test).regs(value, 0, 0)
            }
        };
        self.test(inst, ways);
    }

    fn defined(&mut self, inner: ExprId, ways: Ways) {
        let undefined = ways.no;
        match self.ty(inner) {
            Ty::Bool => {
                let yes = self.asm.label();
                let both = Ways { yes, no: yes, undefined, next: true };
                self.branch(inner, both);
                self.asm.bind(yes);
            }
            Ty::Str => {
                self.text(inner, None, undefined);
            }
            _ => {
                self.number(inner, None, undefined);
            }
        }
        self.settle(true, ways);
    }

    fn and(&mut self, items: &[ExprId], ways: Ways) {
        let undefined = ways.no;
        let Some((last, first)) = items.split_last() else {
            return self.settle(true, ways);
        };
        for item in first {
            let yes = self.asm.label();
            let item_ways = Ways { yes, no: ways.no, undefined, next: true };
            self.branch(*item, item_ways);
            self.asm.bind(yes);
        }
        self.branch(*last, Ways { undefined, ..ways });
    }

    fn or(&mut self, items: &[ExprId], ways: Ways) {
        let Some((last, first)) = items.split_last() else {
            return self.settle(false, ways);
        };
        for item in first {
            let no = self.asm.label();
            let yes = ways.yes;
            self.branch(*item, Ways { yes, no, undefined: no, next: false });
            self.asm.bind(no);
        }
        self.branch(*last, Ways { undefined: ways.no, ..ways });
    }

    fn with(
        &mut self,
        bindings: &[(VarId, ExprId)],
        body: ExprId,
        ways: Ways,
    ) {
        for (var, value) in bindings {
            if self.is_fallible(*value) {
                let defined = self.numbers.take();
                let end = self.asm.label();
                self.load(defined, 0);
                let register = self.assign(*value, end);
                self.load(defined, 1);
                self.asm.bind(end);
                self.bind_var(*var, register, Some(defined));
            } else {
                // It has a value: the label is never used.
                let register = self.assign(*value, ways.undefined);
                self.bind_var(*var, register, None);
            }
        }
        self.branch(body, ways);
    }

    /// Computes a value into a register of its own.
    fn assign(&mut self, value: ExprId, undefined: super::asm::Label) -> u16 {
        if self.ty(value) == Ty::Str {
            let to = self.texts.take();
            self.scoped(|this| this.text(value, Some(to), undefined))
        } else {
            let to = self.numbers.take();
            self.scoped(|this| this.number(value, Some(to), undefined))
        }
    }
}
