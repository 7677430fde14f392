//! Instructions under construction: labels, and what can be left out once
//! all of them are known.

use dragnet_engine::cond::op::{Inst, Op, Operand, Target};

/// A place in the code that may not be known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Label(u32);

/// Code under construction; targets hold numbers of labels.
#[derive(Debug, Default)]
pub(super) struct Asm {
    insts: Vec<Inst>,
    labels: Vec<usize>,
}

impl Asm {
    pub(super) fn label(&mut self) -> Label {
        self.labels.push(usize::MAX);
        Label(self.labels.len() as u32 - 1)
    }

    /// The label stands for the next instruction.
    pub(super) fn bind(&mut self, label: Label) {
        self.labels[label.0 as usize] = self.insts.len();
    }

    pub(super) fn put(&mut self, inst: Inst) {
        self.insts.push(inst);
    }

    pub(super) fn put_to(&mut self, inst: Inst, to: Label) {
        self.insts.push(inst.to(to.0));
    }

    pub(super) fn jump(&mut self, to: Label) {
        self.put_to(Inst::new(Op::Jump), to);
    }

    /// The code, with targets as places: jumps to jumps are shortened, what
    /// can't be reached or has no effect is gone.
    pub(super) fn finish(self) -> Vec<Inst> {
        let Asm { insts, labels } = self;
        let code: Vec<Step> = insts
            .iter()
            .map(|inst| {
                let op = Op::from_number(inst.op.get()).unwrap_or(Op::End);
                let to = match op.shape().to {
                    Target::Zero => None,
                    _ => labels.get(inst.to.get() as usize).copied(),
                };
                Step { inst: *inst, op, to }
            })
            .collect();
        let code = shorten(code);
        let keep = kept(&code);
        renumber(&code, &keep)
    }
}

struct Step {
    inst: Inst,
    op: Op,
    to: Option<usize>,
}

/// Replaces targets that are jumps by where these lead in the end.
fn shorten(mut code: Vec<Step>) -> Vec<Step> {
    let mut ends: Vec<usize> = (0..code.len()).collect();
    // Jumps only lead ahead: those behind are done already.
    for at in (0..code.len()).rev() {
        if let (Op::Jump, Some(to)) = (code[at].op, code[at].to) {
            ends[at] = ends[to];
        }
    }
    for step in &mut code {
        // A loop must stay before its own end.
        if step.op != Op::Loop {
            step.to = step.to.map(|to| ends[to]);
        }
    }
    code
}

/// Which instructions matter.
fn kept(code: &[Step]) -> Vec<bool> {
    let mut reached = vec![false; code.len()];
    let mut pinned = vec![false; code.len()];
    let mut todo = vec![0];
    while let Some(at) = todo.pop() {
        if std::mem::replace(&mut reached[at], true) {
            continue;
        }
        let step = &code[at];
        todo.extend(step.to);
        match step.op {
            Op::End | Op::Jump => {}
            Op::Switch => {
                let jumps = at + 1..=at + step.inst.imm.get() as usize;
                pinned[jumps.clone()].fill(true);
                todo.extend(jumps);
            }
            _ => todo.push(at + 1),
        }
    }
    let mut keep = reached;
    let mut next = code.len();
    for at in (0..code.len()).rev() {
        let step = &code[at];
        if keep[at] && !pinned[at] && step.to == Some(next) && pure(step.op) {
            keep[at] = false;
        }
        if keep[at] {
            next = at;
        }
    }
    keep
}

/// Nothing but its target depends on it.
fn pure(op: Op) -> bool {
    let [_, _, last] = op.shape().operands;
    op == Op::Jump || matches!(last, Operand::Sense | Operand::KindSense)
}

fn renumber(code: &[Step], keep: &[bool]) -> Vec<Inst> {
    let mut places = Vec::with_capacity(code.len());
    let mut place = 0;
    for keep in keep {
        places.push(place);
        place += u32::from(*keep);
    }
    let kept = code.iter().zip(keep).filter(|(_, keep)| **keep);
    kept.map(|(step, _)| match step.to {
        Some(to) => step.inst.to(places[to]),
        None => step.inst,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jumps_to_jumps_and_dead_code_disappear() {
        let mut asm = Asm::default();
        let [far, near, end] = [asm.label(), asm.label(), asm.label()];
        asm.put_to(Inst::new(Op::Test), near);
        asm.jump(end);
        asm.put(Inst::new(Op::LoadImm));
        asm.bind(near);
        asm.jump(far);
        asm.bind(far);
        asm.put(Inst::new(Op::End).regs(1, 0, 0));
        asm.bind(end);
        asm.put(Inst::new(Op::End));
        let code = asm.finish();
        assert_eq!(
            code,
            [
                Inst::new(Op::Test).to(2),
                Inst::new(Op::Jump).to(3),
                Inst::new(Op::End).regs(1, 0, 0),
                Inst::new(Op::End),
            ]
        );
    }

    #[test]
    fn tests_that_decide_nothing_disappear() {
        let mut asm = Asm::default();
        let next = asm.label();
        asm.put_to(Inst::new(Op::Hit), next);
        asm.bind(next);
        asm.put(Inst::new(Op::End));
        assert_eq!(asm.finish(), [Inst::new(Op::End)]);
    }
}
