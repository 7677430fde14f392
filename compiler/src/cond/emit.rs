//! Lowers the condition of one rule to jumping code.
//!
//! A bool never becomes a value unless something wants the value: it is
//! code with three ways out, for true, false and undefined, one of which may
//! be the next instruction. Where `and`, `or` or a loop takes undefined for
//! false, two of the ways are the same and it costs nothing.

use std::collections::BTreeMap;

use dragnet_engine::cond::op::{Inst, Op};

use crate::ir::{Condition, ExprId, FieldId, Kind, RegexId, Ty, VarId};

use asm::{Asm, Label};

mod access;
mod asm;
mod branch;
mod compare;
mod facts;
mod loops;
mod number;
mod quantity;
mod seek;
mod text;

/// What the code of a rule refers to is collected here.
pub trait EmitCx {
    /// Number of a constant: the bits of an int, a uint or a float.
    fn word(&mut self, bits: u64) -> u32;
    /// Number of a constant text.
    fn text(&mut self, text: &[u8]) -> u32;
    /// Number of a list.
    fn list(&mut self, items: &[u32]) -> u32;
    /// Number of a field or function.
    fn field(&mut self, field: FieldId) -> u32 {
        field.0
    }
    /// Number of a regular expression.
    fn regex(&mut self, regex: RegexId) -> u32 {
        regex.0
    }
}

/// The code of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code {
    /// Instructions. Patterns are counted within the rule; rules and
    /// external variables over the set.
    pub insts: Vec<Inst>,
    /// Number registers in use.
    pub numbers: u16,
    /// Text registers in use.
    pub texts: u16,
}

/// The condition needs more registers or arguments than there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl std::fmt::Display for TooLarge {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("the condition needs too many values at once")
    }
}

impl std::error::Error for TooLarge {}

/// Lowers a condition. One without a root never holds.
pub fn emit(
    condition: &Condition,
    cx: &mut dyn EmitCx,
) -> Result<Code, TooLarge> {
    let mut emitter = Emitter {
        condition,
        cx,
        asm: Asm::default(),
        numbers: Registers::default(),
        texts: Registers::default(),
        vars: vec![None; condition.vars.len()],
        fallible: facts::fallible(condition),
        hoisted: BTreeMap::new(),
        loops: 0,
        too_large: false,
    };
    emitter.rule();
    let numbers = emitter.numbers.count();
    let texts = emitter.texts.count();
    match (numbers, texts) {
        (Some(numbers), Some(texts)) if !emitter.too_large => {
            Ok(Code { insts: emitter.asm.finish(), numbers, texts })
        }
        _ => Err(TooLarge),
    }
}

/// Bytes of stack that one step of the recursion may use, and how much is
/// added when there are fewer.
const RED_ZONE: usize = 64 << 10;
const SEGMENT: usize = 1 << 20;

/// Runs a step of a recursion over a tree of any depth.
pub(crate) fn deep<R>(step: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(RED_ZONE, SEGMENT, step)
}

/// The ways out of a bool.
#[derive(Clone, Copy, Debug)]
struct Ways {
    yes: Label,
    no: Label,
    undefined: Label,
    /// Outcome for which the next instruction is where its way leads.
    next: bool,
}

impl Ways {
    fn not(self) -> Ways {
        Ways { yes: self.no, no: self.yes, next: !self.next, ..self }
    }

    /// Undefined is the same as false.
    fn lenient(self) -> bool {
        self.undefined == self.no
    }
}

/// A bound variable.
#[derive(Clone, Copy, Debug)]
struct Var {
    register: u16,
    /// Register that is 0 while the variable is undefined.
    defined: Option<u16>,
}

/// Registers of one file, handed out as a stack.
#[derive(Debug, Default)]
struct Registers {
    next: u32,
    peak: u32,
}

impl Registers {
    fn take(&mut self) -> u16 {
        let register = self.next;
        self.next += 1;
        self.peak = self.peak.max(self.next);
        // Past the end the number does not matter: the code is thrown away.
        u16::try_from(register).unwrap_or(u16::MAX)
    }

    fn count(&self) -> Option<u16> {
        u16::try_from(self.peak).ok()
    }
}

struct Emitter<'c> {
    condition: &'c Condition,
    cx: &'c mut dyn EmitCx,
    asm: Asm,
    numbers: Registers,
    texts: Registers,
    vars: Vec<Option<Var>>,
    fallible: Vec<bool>,
    /// Constants that were loaded before the outermost loop.
    hoisted: BTreeMap<u64, u16>,
    loops: u32,
    too_large: bool,
}

impl<'c> Emitter<'c> {
    fn rule(&mut self) {
        let [yes, no] = [self.asm.label(), self.asm.label()];
        if let Some(root) = self.condition.root {
            let ways = Ways { yes, no, undefined: no, next: true };
            self.branch(root, ways);
            self.asm.bind(yes);
            self.asm.put(Inst::new(Op::End).regs(1, 0, 0));
        }
        self.asm.bind(no);
        self.asm.put(Inst::new(Op::End));
    }

    fn kind(&self, expr: ExprId) -> &'c Kind {
        &self.condition.expr(expr).kind
    }

    fn ty(&self, expr: ExprId) -> Ty {
        self.condition.expr(expr).ty
    }

    fn is_fallible(&self, expr: ExprId) -> bool {
        self.fallible[expr.0 as usize]
    }

    fn bind_var(&mut self, var: VarId, register: u16, defined: Option<u16>) {
        self.vars[var.0 as usize] = Some(Var { register, defined });
    }

    /// Register of a variable; leaves by `undefined` if it has no value.
    fn var(&mut self, var: VarId, undefined: Label) -> u16 {
        let var = self.vars.get(var.0 as usize).copied().flatten();
        let Some(Var { register, defined }) = var else {
            // A variable that nothing binds has no value.
            self.asm.jump(undefined);
            return 0;
        };
        if let Some(defined) = defined {
            let test = Inst::new(Op::Test).regs(defined, 0, 0);
            self.asm.put_to(test, undefined);
        }
        register
    }

    /// Frees the registers taken by `work`, whose result must not be one.
    fn scoped<R>(&mut self, work: impl FnOnce(&mut Self) -> R) -> R {
        let (numbers, texts) = (self.numbers.next, self.texts.next);
        let result = work(self);
        (self.numbers.next, self.texts.next) = (numbers, texts);
        result
    }

    fn load(&mut self, register: u16, bits: u64) {
        let inst = match u32::try_from(bits) {
            Ok(small) => Inst::new(Op::LoadImm).imm(small),
            Err(_) => Inst::new(Op::LoadWord).imm(self.cx.word(bits)),
        };
        self.asm.put(inst.regs(register, 0, 0));
    }
}
