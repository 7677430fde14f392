//! Listings of code, for people.

use std::fmt;

use super::op::{Imm, Inst, Op, Operand, Target};
use super::{Cmp, ReadKind, StrOp};

/// Writes the code of one rule, an instruction a line.
///
/// Number registers are `n0`, text registers `t0`. Tests show which outcome
/// makes them jump: `HitAt n0 pattern 2 if false -> 7`.
pub fn listing(insts: &[Inst]) -> Listing<'_> {
    Listing { insts }
}

/// See [`listing`].
#[derive(Clone, Copy, Debug)]
pub struct Listing<'c> {
    insts: &'c [Inst],
}

impl fmt::Display for Listing<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, inst) in self.insts.iter().enumerate() {
            write!(out, "{at:4}  ")?;
            line(inst, out)?;
            writeln!(out)?;
        }
        Ok(())
    }
}

fn line(inst: &Inst, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some(op) = Op::from_number(inst.op.get()) else {
        return write!(out, "? {}", inst.op);
    };
    let shape = op.shape();
    out.write_str(shape.name)?;
    let values = [inst.a.get(), inst.b.get(), inst.c.get()];
    let mut sense = None;
    for (kind, value) in shape.operands.iter().zip(values) {
        match kind {
            Operand::Zero | Operand::Half => {}
            Operand::Num => write!(out, " n{value}")?,
            Operand::Txt => write!(out, " t{value}")?,
            Operand::Sense => sense = Some(value & 1 == 1),
            Operand::Kind => read_kind(value, out)?,
            Operand::KindSense => {
                read_kind(value >> 1, out)?;
                sense = Some(value & 1 == 1);
            }
            Operand::KindAhead => {
                let (kind, ahead) = Inst::kind_ahead(value);
                read_kind(kind, out)?;
                write!(out, " +{ahead}")?;
            }
            Operand::Any => write!(out, " {value}")?,
            Operand::Slot => write!(out, " arg {value}")?,
            Operand::Indexes => write!(out, " [{value}]")?,
            Operand::Packed => {
                let [indexes, args] = value.to_le_bytes();
                write!(out, " [{indexes}] ({args})")?;
            }
            Operand::Compare => match Cmp::ALL.get(usize::from(value)) {
                Some(cmp) => write!(out, " {cmp:?}")?,
                None => write!(out, " ?{value}")?,
            },
        }
    }
    match op {
        Op::Any | Op::All => {
            write!(out, " {} of", Inst::wide(inst.a, inst.b))?;
        }
        Op::Of => write!(out, " {} of", Inst::wide(inst.b, inst.c))?,
        _ => {}
    }
    constant(shape.imm, inst.imm.get(), out)?;
    if let Some(sense) = sense {
        write!(out, " if {sense}")?;
    }
    if shape.to != Target::Zero {
        write!(out, " -> {}", inst.to)?;
    }
    Ok(())
}

fn read_kind(number: u16, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    match ReadKind::from_number(number) {
        Some(kind) => write!(out, " {kind:?}"),
        None => write!(out, " ?{number}"),
    }
}

fn constant(
    kind: Imm,
    value: u32,
    out: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let what = match kind {
        Imm::Zero => return Ok(()),
        Imm::Any => return write!(out, " {value:#x}"),
        Imm::Num => return write!(out, " pattern n{value}"),
        Imm::StrOp => match StrOp::from_number(value) {
            Some(op) => return write!(out, " {op:?}"),
            None => "?",
        },
        Imm::Pattern => "pattern",
        Imm::Rule => "rule",
        Imm::Word => "word",
        Imm::Text => "text",
        Imm::Patterns | Imm::Words | Imm::Texts => "list",
        Imm::Field => "field",
        Imm::Regex => "regex",
        Imm::External => "external",
        Imm::Jumps => "jumps",
    };
    write!(out, " {what} {value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_names_everything() {
        let code = [
            Inst::new(Op::ReadAt).regs(0, 0, 5).imm(60).to(4),
            Inst::new(Op::HitAt).regs(0, 0, 0).imm(2).to(4),
            Inst::new(Op::Any).regs(3, 0, 1).imm(1).to(3),
            Inst::new(Op::End).regs(1, 0, 0),
            Inst { op: 700.into(), ..Inst::new(Op::End) },
        ];
        assert_eq!(
            listing(&code).to_string(),
            "   0  ReadAt n0 U16 0x3c -> 4\n   \
             1  HitAt n0 pattern 2 if false -> 4\n   \
             2  Any 3 of pattern 1 if true -> 3\n   \
             3  End 1\n   \
             4  ? 700\n"
        );
    }
}
