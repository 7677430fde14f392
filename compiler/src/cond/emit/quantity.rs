//! Quantifiers, and the sets that need no loop.

use dragnet_engine::cond::op::{Inst, Op};

use super::asm::Label;
use super::{Emitter, Ways};
use crate::ir::{
    Anchor, Const, ExprId, Kind, PatternId, PatternSel, Quantifier,
};

/// A quantifier over a known or computed number of items.
#[derive(Clone, Copy, Debug)]
pub(super) enum Need {
    /// All items.
    All,
    /// One or more.
    Any,
    /// None.
    None,
    /// So many or more; 1 at least.
    Fixed(u64),
    /// So many or more, in a register: 0 stands for none, and no number of
    /// items reaches a negative one.
    Register(u16),
    /// More than there can be.
    Never,
}

/// How many items there are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Items {
    Fixed(usize),
    /// In a register.
    Counted(u16),
}

/// A quantifier on its way through its items.
#[derive(Clone, Copy, Debug)]
pub(super) struct Goal {
    pub(super) need: Need,
    count: u16,
    required: u16,
    reached: Label,
}

impl Goal {
    /// Is an item that does not hold as good as none?
    pub(super) fn passes_misses(&self) -> bool {
        !matches!(self.need, Need::All)
    }
}

impl Emitter<'_> {
    /// Evaluates a quantifier; leaves by `undefined` if it is.
    pub(super) fn need(
        &mut self,
        quantifier: &Quantifier,
        items: Items,
        undefined: Label,
    ) -> Need {
        let constant = |expr: &ExprId| match self.kind(*expr) {
            Kind::Const(Const::Int(value)) => Some(*value),
            _ => None,
        };
        match quantifier {
            Quantifier::All => Need::All,
            Quantifier::Any => Need::Any,
            Quantifier::None => Need::None,
            Quantifier::Count(count) => match constant(count) {
                Some(count) => fixed(u64::try_from(count).ok(), items),
                None => Need::Register(self.number(*count, None, undefined)),
            },
            Quantifier::Percent(share) => {
                if let (Some(share), Items::Fixed(items)) =
                    (constant(share), items)
                {
                    let need = u128::try_from(share).ok().map(|share| {
                        let need = (share * items as u128).div_ceil(100);
                        u64::try_from(need).unwrap_or(u64::MAX)
                    });
                    return fixed(need, Items::Fixed(items));
                }
                let to = self.numbers.take();
                self.scoped(|this| {
                    let share = this.number(*share, None, undefined);
                    let items = match items {
                        Items::Counted(register) => register,
                        Items::Fixed(items) => {
                            let register = this.numbers.take();
                            this.load(register, items as u64);
                            register
                        }
                    };
                    let inst = Inst::new(Op::Percent);
                    this.asm.put(inst.regs(to, share, items));
                });
                Need::Register(to)
            }
        }
    }

    /// Prepares for items one after the other.
    pub(super) fn goal(&mut self, need: Need, ways: Ways) -> Goal {
        let mut goal = Goal { need, count: 0, required: 0, reached: ways.yes };
        match need {
            Need::Fixed(required) => {
                goal.count = self.numbers.take();
                goal.required = self.numbers.take();
                self.load(goal.count, 0);
                self.load(goal.required, required);
            }
            Need::Register(required) => {
                goal.count = self.numbers.take();
                goal.required = required;
                goal.reached = self.asm.label();
                self.load(goal.count, 0);
            }
            _ => {}
        }
        goal
    }

    /// One item: `item` gets the ways of its outcomes. What is not settled
    /// goes on at `next`, which the caller binds right behind.
    pub(super) fn item(
        &mut self,
        goal: &Goal,
        next: Label,
        ways: Ways,
        item: impl FnOnce(&mut Self, Ways),
    ) {
        let miss = self.missed(goal, next, ways);
        let hit = match goal.need {
            Need::Any => ways.yes,
            Need::None => ways.no,
            Need::All | Need::Never => next,
            Need::Fixed(_) | Need::Register(_) => self.asm.label(),
        };
        let forward = hit != ways.yes && hit != ways.no;
        let ways = Ways { yes: hit, no: miss, undefined: miss, next: forward };
        item(self, ways);
        if let Need::Fixed(_) | Need::Register(_) = goal.need {
            self.asm.bind(hit);
            let inst = Inst::new(Op::Tally);
            let inst = inst.regs(goal.count, goal.required, 0);
            self.asm.put_to(inst, goal.reached);
        }
    }

    /// Where an item that does not hold leads.
    pub(super) fn missed(
        &self,
        goal: &Goal,
        next: Label,
        ways: Ways,
    ) -> Label {
        match goal.need {
            Need::All => ways.no,
            _ => next,
        }
    }

    /// After the last item.
    pub(super) fn exhausted(&mut self, goal: &Goal, ways: Ways) {
        match goal.need {
            Need::All | Need::None => self.settle(true, ways),
            Need::Any | Need::Never | Need::Fixed(_) => {
                self.settle(false, ways);
            }
            Need::Register(required) => {
                let test = Inst::new(Op::Test).regs(required, 0, 0);
                self.asm.put_to(test, ways.yes);
                self.asm.jump(ways.no);
                self.asm.bind(goal.reached);
                self.test(test, ways);
            }
        }
    }

    pub(super) fn of_bools(
        &mut self,
        quantifier: &Quantifier,
        items: &[ExprId],
        ways: Ways,
    ) {
        let count = Items::Fixed(items.len());
        let need = self.need(quantifier, count, ways.undefined);
        let goal = self.goal(need, ways);
        for item in items {
            let next = self.asm.label();
            self.item(&goal, next, ways, |this, ways| {
                this.branch(*item, ways);
            });
            self.asm.bind(next);
        }
        self.exhausted(&goal, ways);
    }

    pub(super) fn of_patterns(
        &mut self,
        quantifier: &Quantifier,
        set: &[PatternId],
        anchor: Option<&Anchor>,
        ways: Ways,
    ) {
        let items = Items::Fixed(set.len());
        let need = self.need(quantifier, items, ways.undefined);
        if anchor.is_none() {
            match need {
                Need::Any => {
                    let inst = self.set(Op::Any, Op::AnyList, set);
                    return self.test(inst, ways);
                }
                Need::None => {
                    let inst = self.set(Op::Any, Op::AnyList, set);
                    return self.test(inst, ways.not());
                }
                Need::All => {
                    let inst = self.set(Op::All, Op::AllList, set);
                    return self.test(inst, ways);
                }
                Need::Never => return self.settle(false, ways),
                Need::Fixed(_) | Need::Register(_) => {}
            }
        }
        let count = self.numbers.take();
        match anchor {
            None => {
                let inst = match contiguous(set) {
                    Some((first, [low, high])) => {
                        Inst::new(Op::Of).regs(count, low, high).imm(first)
                    }
                    None => Inst::new(Op::OfList)
                        .regs(count, 0, 0)
                        .imm(self.pattern_list(set)),
                };
                self.asm.put(inst);
            }
            Some(anchor) => self.of_anchored(count, set, anchor),
        }
        self.enough(count, need, set.len(), ways);
    }

    /// Counts the patterns that match in a place; none do if the place is
    /// undefined.
    fn of_anchored(&mut self, count: u16, set: &[PatternId], anchor: &Anchor) {
        let list = self.pattern_list(set);
        let nowhere = self.asm.label();
        self.load(count, 0);
        let inst = self.scoped(|this| match anchor {
            Anchor::At(at) => {
                let at = this.number(*at, None, nowhere);
                Inst::new(Op::OfAt).regs(count, at, 0)
            }
            Anchor::In(lo, hi) => {
                let (lo, hi) = this.pair(*lo, *hi, nowhere);
                Inst::new(Op::OfIn).regs(count, lo, hi)
            }
        });
        self.asm.put(inst.imm(list));
        self.asm.bind(nowhere);
    }

    /// Tests a count against what is needed.
    fn enough(&mut self, count: u16, need: Need, items: usize, ways: Ways) {
        let at_least = |least: u64| match u32::try_from(least) {
            Ok(least) => {
                Some(Inst::new(Op::LtImm).regs(count, 0, 0).imm(least))
            }
            Err(_) => None,
        };
        let below = match need {
            Need::Never => None,
            Need::Any => at_least(1),
            Need::None => {
                return self
                    .test(Inst::new(Op::EqImm).regs(count, 0, 0), ways);
            }
            Need::All => at_least(items as u64),
            Need::Fixed(least) => at_least(least),
            Need::Register(need) => {
                let some = self.asm.label();
                let test = Inst::new(Op::Test).regs(need, 0, 1);
                self.asm.put_to(test, some);
                let none = Inst::new(Op::EqImm).regs(count, 0, 1);
                self.asm.put_to(none, ways.yes);
                self.asm.jump(ways.no);
                self.asm.bind(some);
                let inst = Inst::new(Op::ULe).regs(need, count, 0);
                return self.test(inst, ways);
            }
        };
        match below {
            Some(below) => self.test(below, ways.not()),
            None => self.settle(false, ways),
        }
    }

    /// A test of a set of patterns.
    fn set(&mut self, range: Op, list: Op, set: &[PatternId]) -> Inst {
        if let [one] = set {
            return self.pattern(Op::Hit, Op::HitVar, PatternSel::Fixed(*one));
        }
        match contiguous(set) {
            Some((first, [low, high])) => {
                Inst::new(range).regs(low, high, 0).imm(first)
            }
            None => Inst::new(list).imm(self.pattern_list(set)),
        }
    }

    pub(super) fn pattern_list(&mut self, set: &[PatternId]) -> u32 {
        let items: Vec<u32> = set.iter().map(|pattern| pattern.0).collect();
        self.cx.list(&items)
    }
}

fn fixed(need: Option<u64>, items: Items) -> Need {
    match (need, items) {
        (None, _) => Need::Never,
        (Some(0), _) => Need::None,
        (Some(1), _) => Need::Any,
        (Some(need), Items::Fixed(items)) if need > items as u64 => {
            Need::Never
        }
        (Some(need), Items::Fixed(items)) if need == items as u64 => Need::All,
        (Some(need), _) => Need::Fixed(need),
    }
}

/// The first pattern and how many, in two halves, if they follow each other.
pub(super) fn contiguous(set: &[PatternId]) -> Option<(u32, [u16; 2])> {
    let first = set.first()?.0;
    let follow = set.iter().zip(first..).all(|(pattern, at)| pattern.0 == at);
    let count = u32::try_from(set.len()).ok()?;
    follow.then_some((first, [count as u16, (count >> 16) as u16]))
}
