//! The check of a condition's code when a rule set is loaded.
//!
//! What passes has only jumps to instructions of the same rule, goes back
//! only where that costs fuel, and names only registers and constants that
//! exist. The contents of lists are not looked at: the evaluator takes a
//! pattern, word or text that does not exist for an empty one.

use std::fmt;

use super::op::{Imm, Inst, Op, Operand, Target};
use super::{Cmp, MAX_ARGS, ReadKind, StrOp};

/// What the code of a rule may refer to: all numbers are below these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// Number registers.
    pub numbers: u16,
    /// Text registers.
    pub texts: u16,
    /// Patterns of the rule.
    pub patterns: u32,
    /// Rules before this one.
    pub rules: u32,
    /// Constant numbers of the set.
    pub words: u32,
    /// Constant texts of the set.
    pub constants: u32,
    /// Lists of the set.
    pub lists: u32,
    /// Module members of the set.
    pub fields: u32,
    /// Regular expressions of the set.
    pub regexes: u32,
    /// External variables of the set.
    pub externals: u32,
}

/// Why code was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeError {
    /// Place of the instruction.
    pub at: usize,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The code is empty, or its last instruction is no end and no jump.
    RunsOff,
    /// There is no such operation.
    Operation,
    /// A register does not exist.
    Register,
    /// An operand has no meaning for the operation.
    Operand,
    /// A constant, list, pattern, rule, field, regular expression or
    /// external variable does not exist.
    Constant,
    /// The target is outside of the rule or in the wrong direction.
    Target,
    /// The jumps that belong to a switch are missing.
    Switch,
}

impl fmt::Display for CodeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.fault {
            Fault::RunsOff => "code has no end",
            Fault::Operation => "unknown operation",
            Fault::Register => "register out of range",
            Fault::Operand => "meaningless operand",
            Fault::Constant => "reference out of range",
            Fault::Target => "jump target out of range",
            Fault::Switch => "switch without its jumps",
        };
        write!(out, "instruction {}: {what}", self.at)
    }
}

impl std::error::Error for CodeError {}

/// Checks the code of one rule.
pub fn verify(insts: &[Inst], bounds: &Bounds) -> Result<(), CodeError> {
    let last = insts.last().and_then(|inst| Op::from_number(inst.op.get()));
    if !matches!(last, Some(Op::End | Op::Jump)) {
        let at = insts.len().saturating_sub(1);
        return Err(CodeError { at, fault: Fault::RunsOff });
    }
    // Where the jumps of the last switch end: they may not be cut short.
    let mut switch_end = 0;
    for (at, inst) in insts.iter().enumerate() {
        let fault = |fault| CodeError { at, fault };
        let op = Op::from_number(inst.op.get());
        let op = op.ok_or(fault(Fault::Operation))?;
        if at < switch_end && op != Op::Jump {
            return Err(fault(Fault::Switch));
        }
        let shape = op.shape();
        for (kind, value) in shape.operands.iter().zip([
            inst.a.get(),
            inst.b.get(),
            inst.c.get(),
        ]) {
            operand(*kind, value, bounds).map_err(fault)?;
        }
        constant(shape.imm, op, inst, bounds).map_err(fault)?;
        let to = inst.to.get() as usize;
        let fits = match shape.to {
            Target::Zero => to == 0,
            Target::Ahead => to > at && to < insts.len(),
            Target::Back => to <= at,
        };
        if !fits {
            return Err(fault(Fault::Target));
        }
        if op == Op::Switch {
            let jumps = inst.imm.get() as usize;
            if jumps == 0 || jumps > insts.len() - at - 1 {
                return Err(fault(Fault::Switch));
            }
            switch_end = at + 1 + jumps;
        }
    }
    Ok(())
}

fn operand(kind: Operand, value: u16, bounds: &Bounds) -> Result<(), Fault> {
    let args = MAX_ARGS as u16;
    let fits = match kind {
        Operand::Num if value >= bounds.numbers => {
            return Err(Fault::Register);
        }
        Operand::Txt if value >= bounds.texts => return Err(Fault::Register),
        Operand::Num | Operand::Txt | Operand::Any | Operand::Half => true,
        Operand::Zero => value == 0,
        Operand::Sense => value <= 1,
        Operand::Kind => ReadKind::from_number(value).is_some(),
        Operand::KindSense => ReadKind::from_number(value >> 1)
            .is_some_and(|kind| !kind.is_float()),
        Operand::KindAhead => {
            let kind = ReadKind::from_number(Inst::kind_ahead(value).0);
            kind.is_some_and(|kind| !kind.is_float())
        }
        Operand::Slot => value < args,
        Operand::Indexes => value <= args,
        Operand::Packed => {
            let [indexes, values] = value.to_le_bytes();
            u16::from(indexes) + u16::from(values) <= args
        }
        Operand::Compare => usize::from(value) < Cmp::ALL.len(),
    };
    if fits { Ok(()) } else { Err(Fault::Operand) }
}

fn constant(
    kind: Imm,
    op: Op,
    inst: &Inst,
    bounds: &Bounds,
) -> Result<(), Fault> {
    let value = inst.imm.get();
    let below = match kind {
        Imm::Zero => 1,
        Imm::Any | Imm::Jumps => return Ok(()),
        Imm::Pattern => {
            let count = match op {
                Op::Any | Op::All => Inst::wide(inst.a, inst.b),
                Op::Of => Inst::wide(inst.b, inst.c),
                _ => 1,
            };
            let end = value.checked_add(count);
            let fits = end.is_some_and(|end| end <= bounds.patterns);
            return if fits { Ok(()) } else { Err(Fault::Constant) };
        }
        Imm::Num if value >= u32::from(bounds.numbers) => {
            return Err(Fault::Register);
        }
        Imm::Num => return Ok(()),
        Imm::Rule => bounds.rules,
        Imm::Word => bounds.words,
        Imm::Text => bounds.constants,
        Imm::Patterns | Imm::Words | Imm::Texts => bounds.lists,
        Imm::Field => bounds.fields,
        Imm::Regex => bounds.regexes,
        Imm::External => bounds.externals,
        Imm::StrOp => StrOp::ALL.len() as u32,
    };
    if value < below { Ok(()) } else { Err(Fault::Constant) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zerocopy::{FromBytes, IntoBytes};

    use super::*;

    const BOUNDS: Bounds = Bounds {
        numbers: 4,
        texts: 2,
        patterns: 3,
        rules: 1,
        words: 2,
        constants: 2,
        lists: 1,
        fields: 1,
        regexes: 1,
        externals: 1,
    };

    fn fault(insts: &[Inst]) -> Option<Fault> {
        verify(insts, &BOUNDS).err().map(|error| error.fault)
    }

    #[test]
    fn each_kind_of_damage_has_its_error() {
        let end = Inst::new(Op::End);
        let test = Inst::new(Op::Test).to(1);
        assert_eq!(fault(&[end]), None);
        assert_eq!(fault(&[test, end]), None);
        assert_eq!(fault(&[]), Some(Fault::RunsOff));
        assert_eq!(fault(&[Inst::new(Op::LoadImm)]), Some(Fault::RunsOff));
        let unknown = Inst { op: 9999.into(), ..end };
        assert_eq!(fault(&[unknown, end]), Some(Fault::Operation));
        let register = test.regs(4, 0, 0);
        assert_eq!(fault(&[register, end]), Some(Fault::Register));
        let sense = test.regs(0, 0, 2);
        assert_eq!(fault(&[sense, end]), Some(Fault::Operand));
        for to in [0, 2, u32::MAX] {
            assert_eq!(fault(&[test.to(to), end]), Some(Fault::Target));
        }
        let hit = Inst::new(Op::Hit).to(1);
        assert_eq!(fault(&[hit.imm(2), end]), None);
        assert_eq!(fault(&[hit.imm(3), end]), Some(Fault::Constant));
        let any = Inst::new(Op::Any).regs(2, 0, 0).to(1);
        assert_eq!(fault(&[any.imm(1), end]), None);
        assert_eq!(fault(&[any.imm(2), end]), Some(Fault::Constant));
        let wide = any.regs(1, 1, 0);
        assert_eq!(fault(&[wide, end]), Some(Fault::Constant));
    }

    #[test]
    fn only_a_loop_goes_back() {
        let end = Inst::new(Op::End);
        let back = Inst::new(Op::Loop).to(0);
        assert_eq!(fault(&[back, end]), None);
        assert_eq!(fault(&[back.to(1), end]), Some(Fault::Target));
        assert_eq!(
            fault(&[end, Inst::new(Op::Jump).to(0)]),
            Some(Fault::Target)
        );
    }

    #[test]
    fn a_switch_is_followed_by_its_jumps() {
        let end = Inst::new(Op::End);
        let switch = Inst::new(Op::Switch).imm(2);
        let jump = Inst::new(Op::Jump).to(3);
        assert_eq!(fault(&[switch, jump, jump, end]), None);
        assert_eq!(fault(&[switch, jump.to(2), end]), Some(Fault::Switch));
        assert_eq!(fault(&[switch, jump, end, end]), Some(Fault::Switch));
        assert_eq!(fault(&[switch.imm(0), end]), Some(Fault::Switch));
    }

    /// Mostly plausible instructions, so that many programs pass.
    fn insts() -> impl Strategy<Value = Vec<Inst>> {
        let op = 0..Op::ALL.len() as u16;
        let small = 0u16..4;
        let inst = (op, small.clone(), small.clone(), small, 0u32..5, 0u32..9)
            .prop_map(|(op, a, b, c, imm, to)| {
                let shape = Op::ALL[usize::from(op)].shape();
                let mut operands = [a, b, c];
                for (value, kind) in operands.iter_mut().zip(shape.operands) {
                    match kind {
                        Operand::Zero => *value = 0,
                        Operand::Sense | Operand::Txt => *value &= 1,
                        _ => {}
                    }
                }
                let imm = match shape.imm {
                    Imm::Zero => 0,
                    Imm::Any | Imm::StrOp => imm,
                    _ => imm & 1,
                };
                let to = if shape.to == Target::Zero { 0 } else { to };
                let [a, b, c] = operands;
                Inst::new(Op::ALL[usize::from(op)])
                    .regs(a, b, c)
                    .imm(imm)
                    .to(to)
            });
        proptest::collection::vec(inst, 1..10).prop_map(|mut insts| {
            insts.push(Inst::new(Op::End).regs(1, 0, 0));
            // Turn the targets into ones that fit their direction.
            let end = insts.len() as u32 - 1;
            for (at, inst) in insts.iter_mut().enumerate() {
                let at = at as u32;
                let op = Op::from_number(inst.op.get()).unwrap();
                let to = inst.to.get();
                match op.shape().to {
                    Target::Ahead => {
                        *inst = inst.to(at + 1 + to % (end - at).max(1));
                    }
                    Target::Back => *inst = inst.to(to % (at + 1)),
                    Target::Zero => {}
                }
            }
            insts
        })
    }

    proptest! {
        #[test]
        fn accepted_code_runs_to_an_end(insts in insts(), data: Vec<u8>) {
            if verify(&insts, &BOUNDS).is_ok() {
                super::super::testing::run_hostile(&insts, &BOUNDS, &data);
            }
        }

        #[test]
        fn any_bytes_get_an_answer(bytes: Vec<u8>) {
            let whole = bytes.len() / size_of::<Inst>() * size_of::<Inst>();
            let insts = <[Inst]>::ref_from_bytes(&bytes[..whole]).unwrap();
            prop_assert_eq!(insts.as_bytes(), &bytes[..whole]);
            if verify(insts, &BOUNDS).is_ok() {
                super::super::testing::run_hostile(insts, &BOUNDS, &bytes);
            }
        }
    }
}
