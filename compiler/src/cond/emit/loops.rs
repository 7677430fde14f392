//! Loops.

use dragnet_engine::cond::op::{Inst, Op};

use super::asm::Label;
use super::quantity::{Goal, Items, contiguous};
use super::{Emitter, Ways, facts};
use crate::ir::{
    Const, ExprId, Kind, PatternId, Place, Quantifier, Ty, VarId,
};

/// Where the turn of a loop may go on.
#[derive(Clone, Copy)]
struct Turn {
    /// The next turn.
    next: Label,
    /// Behind the last one.
    done: Label,
}

impl Emitter<'_> {
    pub(super) fn for_range(
        &mut self,
        quantifier: &Quantifier,
        var: VarId,
        (lo, hi): (ExprId, ExprId),
        body: ExprId,
        ways: Ways,
    ) {
        if let Some(once) = self.once(quantifier, var, body, ways) {
            return self.scoped(|this| {
                let at = this.number(lo, None, ways.no);
                let end = this.number(hi, None, ways.no);
                let turns = Inst::new(Op::Le).regs(at, end, 0);
                this.asm.put_to(turns, ways.no);
                this.branch(body, once);
            });
        }
        self.looped(body, |this| {
            let (at, end) = (this.numbers.take(), this.numbers.take());
            // Without bounds there are no turns.
            this.scoped(|this| this.number(lo, Some(at), ways.no));
            this.scoped(|this| this.number(hi, Some(end), ways.no));
            let turns = Inst::new(Op::Le).regs(at, end, 0);
            this.asm.put_to(turns, ways.no);
            let items = this.numbers.take();
            if let Quantifier::Percent(_) = quantifier {
                this.asm.put(Inst::new(Op::Span).regs(items, at, end));
            }
            let items = Items::Counted(items);
            let need = this.need(quantifier, items, ways.undefined);
            let goal = this.goal(need, ways);
            this.bind_var(var, at, None);
            let passes = goal.passes_misses();
            let found = passes.then(|| this.sought(var, body)).flatten();
            let seek = |this: &mut Self, turn: Turn| {
                if let Some(sought) = found {
                    let inst = sought.inst(at, end);
                    this.asm.put_to(inst, turn.done);
                }
            };
            this.turns(&goal, (at, end), ways, seek, body);
        });
    }

    /// The ways out of the body of a loop of which one turn decides, as all
    /// are the same.
    fn once(
        &self,
        quantifier: &Quantifier,
        var: VarId,
        body: ExprId,
        ways: Ways,
    ) -> Option<Ways> {
        let ways = match quantifier {
            Quantifier::Any | Quantifier::All => {
                Ways { undefined: ways.no, ..ways }
            }
            Quantifier::None => Ways { undefined: ways.yes, ..ways.not() },
            Quantifier::Count(_) | Quantifier::Percent(_) => return None,
        };
        let changes = facts::reads(self.condition, body, var)
            || facts::calls(self.condition, body);
        (!changes).then_some(ways)
    }

    pub(super) fn for_patterns(
        &mut self,
        quantifier: &Quantifier,
        var: VarId,
        set: &[PatternId],
        body: ExprId,
        ways: Ways,
    ) {
        self.looped(body, |this| {
            let Some(last) = set.len().checked_sub(1) else {
                return this.settle(false, ways);
            };
            let (goal, at, end) = this.counted(quantifier, set.len(), ways);
            if let Some((first, _)) = contiguous(set) {
                this.load(at, first.into());
                this.load(end, u64::from(first) + last as u64);
                this.bind_var(var, at, None);
                this.turns(&goal, (at, end), ways, |_, _| {}, body);
                return;
            }
            let pattern = this.numbers.take();
            let list = this.pattern_list(set);
            this.load(at, 0);
            this.load(end, last as u64);
            this.bind_var(var, pattern, None);
            let advance = |this: &mut Self, _| {
                let inst = Inst::new(Op::ItemPattern).regs(pattern, at, 0);
                this.asm.put(inst.imm(list));
            };
            this.turns(&goal, (at, end), ways, advance, body);
        });
    }

    /// The goal of a loop with so many turns, and registers for the turn it
    /// is in and for the last one.
    fn counted(
        &mut self,
        quantifier: &Quantifier,
        turns: usize,
        ways: Ways,
    ) -> (Goal, u16, u16) {
        let items = Items::Fixed(turns);
        let need = self.need(quantifier, items, ways.undefined);
        let goal = self.goal(need, ways);
        (goal, self.numbers.take(), self.numbers.take())
    }

    pub(super) fn for_list(
        &mut self,
        quantifier: &Quantifier,
        var: VarId,
        items: &[ExprId],
        body: ExprId,
        ways: Ways,
    ) {
        self.looped(body, |this| {
            let Some(last) = items.len().checked_sub(1) else {
                return this.settle(false, ways);
            };
            let (goal, at, end) = this.counted(quantifier, items.len(), ways);
            this.load(at, 0);
            this.load(end, last as u64);
            let text =
                this.condition.vars.get(var.0 as usize) == Some(&Ty::Str);
            let file = if text { &mut this.texts } else { &mut this.numbers };
            let register = file.take();
            if let Some(list) = this.constants(items) {
                let op = if text { Op::ItemText } else { Op::ItemWord };
                this.bind_var(var, register, None);
                let advance = |this: &mut Self, _| {
                    let inst = Inst::new(op).regs(register, at, 0);
                    this.asm.put(inst.imm(list));
                };
                this.turns(&goal, (at, end), ways, advance, body);
                return;
            }
            let fallible = items.iter().any(|item| this.is_fallible(*item));
            let defined = fallible.then(|| this.numbers.take());
            this.bind_var(var, register, defined);
            let advance = |this: &mut Self, _| {
                this.select(items, at, register, defined, text);
            };
            this.turns(&goal, (at, end), ways, advance, body);
        });
    }

    pub(super) fn for_array(
        &mut self,
        quantifier: &Quantifier,
        var: VarId,
        place: &Place,
        body: ExprId,
        ways: Ways,
    ) {
        self.looped(body, |this| {
            let items = this.numbers.take();
            let args = this.scoped(|this| this.indexes(place, ways.undefined));
            this.items(place, &args, items, ways);
            let count = Items::Counted(items);
            let need = this.need(quantifier, count, ways.undefined);
            let goal = this.goal(need, ways);
            let (at, end) = this.positions(items);
            this.bind_var(var, at, None);
            this.turns(&goal, (at, end), ways, |_, _| {}, body);
        });
    }

    pub(super) fn for_map(
        &mut self,
        quantifier: &Quantifier,
        var: VarId,
        place: &Place,
        body: ExprId,
        ways: Ways,
    ) {
        self.looped(body, |this| {
            let items = this.numbers.take();
            // The indexes are wanted again for each key.
            let args = this.indexes(place, ways.undefined);
            this.items(place, &args, items, ways);
            let count = Items::Counted(items);
            let need = this.need(quantifier, count, ways.undefined);
            let goal = this.goal(need, ways);
            let (at, end) = this.positions(items);
            let key = this.texts.take();
            this.bind_var(var, key, None);
            let field = this.cx.field(place.field);
            let advance = |this: &mut Self, turn: Turn| {
                let count = this.pass(&args);
                let inst = Inst::new(Op::Key).regs(key, count, at);
                let miss = this.missed(&goal, turn.next, ways);
                this.asm.put_to(inst.imm(field), miss);
            };
            this.turns(&goal, (at, end), ways, advance, body);
        });
    }

    /// Number of items of an array or map; without any the loop is false.
    fn items(&mut self, place: &Place, args: &[Inst], to: u16, ways: Ways) {
        let count = self.pass(args);
        let field = self.cx.field(place.field);
        let inst = Inst::new(Op::Items).regs(to, count, 0).imm(field);
        self.asm.put_to(inst, ways.no);
        let test = Inst::new(Op::Test).regs(to, 0, 0);
        self.asm.put_to(test, ways.no);
    }

    /// Registers for the first and the last position.
    fn positions(&mut self, items: u16) -> (u16, u16) {
        let (at, end) = (self.numbers.take(), self.numbers.take());
        self.load(at, 0);
        self.asm.put(Inst::new(Op::SubImm).regs(end, items, 0).imm(1));
        (at, end)
    }

    /// The turns of a loop, one at least: `advance` sets its variables.
    fn turns(
        &mut self,
        goal: &Goal,
        (at, end): (u16, u16),
        ways: Ways,
        advance: impl FnOnce(&mut Self, Turn),
        body: ExprId,
    ) {
        let [top, next, done] = std::array::from_fn(|_| self.asm.label());
        self.asm.bind(top);
        advance(self, Turn { next, done });
        self.item(goal, next, ways, |this, ways| this.branch(body, ways));
        self.asm.bind(next);
        self.asm.put_to(Inst::new(Op::Loop).regs(at, end, 0), top);
        self.asm.bind(done);
        self.exhausted(goal, ways);
    }

    /// Around a loop: constants of the body are loaded once, before the
    /// outermost one.
    fn looped(&mut self, body: ExprId, work: impl FnOnce(&mut Self)) {
        self.scoped(|this| {
            if this.loops == 0 {
                for bits in facts::loads(this.condition, body) {
                    let register = this.numbers.take();
                    this.load(register, bits);
                    this.hoisted.insert(bits, register);
                }
            }
            this.loops += 1;
            work(this);
            this.loops -= 1;
            if this.loops == 0 {
                this.hoisted.clear();
            }
        });
    }

    /// The list of items that are all constants.
    fn constants(&mut self, items: &[ExprId]) -> Option<u32> {
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            let Kind::Const(value) = self.kind(*item) else { return None };
            list.push(match value {
                Const::Str(text) => self.cx.text(text),
                value => self.cx.word(facts::bits(value)?),
            });
        }
        Some(self.cx.list(&list))
    }

    /// Sets the variable to the item at a position.
    fn select(
        &mut self,
        items: &[ExprId],
        at: u16,
        register: u16,
        defined: Option<u16>,
        text: bool,
    ) {
        let labels: Vec<_> = items.iter().map(|_| self.asm.label()).collect();
        let done = self.asm.label();
        let switch = Inst::new(Op::Switch).regs(at, 0, 0);
        self.asm.put(switch.imm(items.len() as u32));
        labels.iter().for_each(|label| self.asm.jump(*label));
        for (item, label) in items.iter().zip(labels) {
            self.asm.bind(label);
            let undefined = self.asm.label();
            self.scoped(|this| match text {
                true => this.text(*item, Some(register), undefined),
                false => this.number(*item, Some(register), undefined),
            });
            if let Some(defined) = defined {
                self.load(defined, 1);
                self.asm.jump(done);
                self.asm.bind(undefined);
                self.load(defined, 0);
            } else {
                self.asm.bind(undefined);
            }
            self.asm.jump(done);
        }
        self.asm.bind(done);
    }
}
