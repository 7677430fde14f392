//! The evaluator: executes the code of one rule.
//!
//! It never panics and reads nothing outside of what it is given, whatever
//! the code; that the code means what the rule says is the compiler's care.

use super::frame::{Slot, Space, Text};
use super::matching::{Patterns, listed};
use super::op::{Inst, Op};
use super::{
    BitSet, Cmp, Env, Frame, Pools, ReadKind, Stop, StrOp, entrypoint,
    entrypoint_in,
};

mod access;
mod memory;

/// Bytes that are searched before the clock is asked.
const SEEK: usize = 1 << 20;

/// The code of a rule and what it needs.
#[derive(Clone, Copy, Debug)]
pub struct RuleCode<'c> {
    /// Instructions.
    pub insts: &'c [Inst],
    /// Number registers.
    pub numbers: u16,
    /// Text registers.
    pub texts: u16,
    /// The rule's first pattern in the table of matches.
    pub pattern_base: u32,
    /// Number of patterns of the rule.
    pub patterns: u32,
}

/// Evaluates the condition of a rule. `results` has the rules before it.
pub fn run<P: Pools + ?Sized>(
    frame: &mut Frame,
    code: &RuleCode<'_>,
    results: &BitSet,
    env: &mut Env<'_, '_, P>,
) -> Result<bool, Stop> {
    frame.fit(code.numbers, code.texts);
    env.budget.charge(1)?;
    let result = Vm { frame, code, results, env }.run();
    frame.trim(code.texts);
    result
}

struct Vm<'v, 'e, 'd, P: ?Sized> {
    frame: &'v mut Frame,
    code: &'v RuleCode<'v>,
    results: &'v BitSet,
    env: &'v mut Env<'e, 'd, P>,
}

impl<'e, P: Pools + ?Sized> Vm<'_, 'e, '_, P> {
    #[inline]
    fn num(&self, register: impl Into<u32>) -> u64 {
        self.frame.num(register.into())
    }

    #[inline]
    fn int(&self, register: impl Into<u32>) -> i64 {
        self.num(register) as i64
    }

    #[inline]
    fn float(&self, register: impl Into<u32>) -> f64 {
        f64::from_bits(self.num(register))
    }

    #[inline]
    fn set(&mut self, register: u16, value: u64) {
        if let Some(to) = self.frame.numbers.get_mut(usize::from(register)) {
            *to = value;
        }
    }

    fn text(&self, register: u16) -> &[u8] {
        self.frame.text(register, self.env.pools, self.env.externals)
    }

    fn text_mut(&mut self, register: u16) -> Option<&mut Text> {
        self.frame.texts.get_mut(usize::from(register))
    }

    /// Pays for looking at two texts.
    fn pay(&mut self, a: u16, b: u16) -> Result<(), Stop> {
        let bytes = self.text(a).len() + self.text(b).len();
        self.env.budget.charge(bytes as u64)
    }

    fn patterns(&self) -> Patterns<'e> {
        Patterns {
            table: self.env.matches,
            base: self.code.pattern_base,
            count: self.code.patterns,
        }
    }

    fn run(&mut self) -> Result<bool, Stop> {
        use Op::*;
        let insts = self.code.insts;
        let mut at = 0usize;
        loop {
            let inst = insts.get(at).ok_or(Stop::Invalid)?;
            at += 1;
            let op = Op::from_number(inst.op.get()).ok_or(Stop::Invalid)?;
            let (a, b, c) = (inst.a.get(), inst.b.get(), inst.c.get());
            let imm = inst.imm.get();
            let wide = u64::from(imm);

            // Leave by the target of a failing instruction.
            macro_rules! some {
                ($value:expr) => {
                    match $value {
                        Some(value) => self.set(a, value),
                        None => at = inst.to.get() as usize,
                    }
                };
            }
            macro_rules! test {
                ($outcome:expr) => {
                    if ($outcome) == (c & 1 == 1) {
                        at = inst.to.get() as usize;
                    }
                };
            }
            macro_rules! ints {
                ($name:ident) => {
                    self.set(a, self.num(b).$name(self.num(c)))
                };
            }
            macro_rules! floats {
                ($op:tt) => {
                    self.set(a, (self.float(b) $op self.float(c)).to_bits())
                };
            }

            match op {
                End => return Ok(a != 0),
                Jump => at = inst.to.get() as usize,
                Loop => {
                    if self.int(a) < self.int(b) {
                        self.set(a, self.num(a).wrapping_add(1));
                        let to = inst.to.get() as usize;
                        self.env
                            .budget
                            .charge((at.saturating_sub(to) as u64).max(1))?;
                        at = to;
                    }
                }
                Seek => some!(self.seek(a, b, c, imm)?),
                Switch => {
                    let skip = self.num(a);
                    if skip < wide {
                        at = at.saturating_add(skip as usize);
                    }
                }
                Tally => {
                    let count = self.num(a).wrapping_add(1);
                    self.set(a, count);
                    if count >= self.num(b) {
                        at = inst.to.get() as usize;
                    }
                }
                Test => test!(self.num(a) != 0),

                LoadImm => self.set(a, wide),
                LoadWord => self.set(a, self.env.pools.word(imm)),
                Move => self.set(a, self.num(b)),
                LoadText => self.refer(a, Space::Pool(imm)),
                MoveText => self.move_text(a, b)?,
                ItemWord => {
                    let word = self.item(imm, b);
                    self.set(a, self.env.pools.word(word));
                }
                ItemText => {
                    let text = self.item(imm, b);
                    self.refer(a, Space::Pool(text));
                }
                ItemPattern => {
                    let pattern = self.item(imm, b);
                    self.set(a, u64::from(pattern));
                }
                External => {
                    let value = self.env.externals.get(imm as usize);
                    let bits = value.map_or(0, |value| value.bits());
                    self.set(a, bits);
                }
                ExternalText => self.refer(a, Space::External(imm)),
                Rule => test!(self.results.contains(imm)),
                Filesize => some!(self.env.filesize),
                FilesizeIs => {
                    let cmp = Cmp::ALL.get(usize::from(a));
                    let cmp = cmp.ok_or(Stop::Invalid)?;
                    let size = self.env.filesize;
                    test!(size.is_some_and(|size| cmp.holds(size, wide)));
                }
                Entrypoint => some!(self.entrypoint()),
                Read => {
                    let kind = kind(c)?;
                    some!(self.read(kind, self.num(b))?)
                }
                ReadAt => some!(self.read(kind(c)?, wide)?),
                ReadIs => {
                    let offset = u64::from(Inst::wide(inst.a, inst.b));
                    let value = self.read(kind(c >> 1)?, offset)?;
                    test!(value == Some(wide));
                }

                Add => ints!(wrapping_add),
                Sub => ints!(wrapping_sub),
                Mul => ints!(wrapping_mul),
                Div => some!(
                    self.int(b).checked_div(self.int(c)).map(|n| n as u64)
                ),
                UDiv => some!(self.num(b).checked_div(self.num(c))),
                Rem => some!(match self.int(c) {
                    0 => None,
                    by => Some(self.int(b).wrapping_rem(by) as u64),
                }),
                URem => some!(self.num(b).checked_rem(self.num(c))),
                Shl => some!(match self.int(c) {
                    by if by < 0 => None,
                    by => Some(shl(self.num(b), by as u64)),
                }),
                Shr => some!(match self.int(c) {
                    by if by < 0 => None,
                    by if by >= 64 => Some(0),
                    by => Some((self.int(b) >> by) as u64),
                }),
                UShl => self.set(a, shl(self.num(b), self.num(c))),
                UShr => {
                    let by = u32::try_from(self.num(c)).unwrap_or(u32::MAX);
                    self.set(a, self.num(b).checked_shr(by).unwrap_or(0));
                }
                And => self.set(a, self.num(b) & self.num(c)),
                Or => self.set(a, self.num(b) | self.num(c)),
                Xor => self.set(a, self.num(b) ^ self.num(c)),
                AddImm => self.set(a, self.num(b).wrapping_add(wide)),
                SubImm => self.set(a, self.num(b).wrapping_sub(wide)),
                MulImm => self.set(a, self.num(b).wrapping_mul(wide)),
                AndImm => self.set(a, self.num(b) & wide),
                OrImm => self.set(a, self.num(b) | wide),
                XorImm => self.set(a, self.num(b) ^ wide),
                Neg => self.set(a, self.num(b).wrapping_neg()),
                BitNot => self.set(a, !self.num(b)),
                FAdd => floats!(+),
                FSub => floats!(-),
                FMul => floats!(*),
                FDiv => floats!(/),
                FNeg => self.set(a, (-self.float(b)).to_bits()),
                IntToFloat => self.set(a, (self.int(b) as f64).to_bits()),
                UIntToFloat => self.set(a, (self.num(b) as f64).to_bits()),
                Span => self.set(a, span(self.int(b), self.int(c))),
                Percent => self.set(a, percent(self.int(b), self.num(c))),

                Eq => test!(self.num(a) == self.num(b)),
                Lt => test!(self.int(a) < self.int(b)),
                Le => test!(self.int(a) <= self.int(b)),
                ULt => test!(self.num(a) < self.num(b)),
                ULe => test!(self.num(a) <= self.num(b)),
                MixEq => test!(self.int(a) >= 0 && self.num(a) == self.num(b)),
                MixLt => test!(self.int(a) < 0 || self.num(a) < self.num(b)),
                MixLe => test!(self.int(a) < 0 || self.num(a) <= self.num(b)),
                FEq => test!(self.float(a) == self.float(b)),
                FLt => test!(self.float(a) < self.float(b)),
                FLe => test!(self.float(a) <= self.float(b)),
                EqImm => test!(self.num(a) == wide),
                LtImm => test!(self.int(a) < i64::from(imm)),
                LeImm => test!(self.int(a) <= i64::from(imm)),
                FTest => test!(self.float(a) != 0.0),

                TextLen => self.set(a, self.text(b).len() as u64),
                TextTest => test!(!self.text(a).is_empty()),
                TextEq => {
                    self.pay(a, b)?;
                    test!(self.text(a) == self.text(b));
                }
                TextLt => {
                    self.pay(a, b)?;
                    test!(self.text(a) < self.text(b));
                }
                TextLe => {
                    self.pay(a, b)?;
                    test!(self.text(a) <= self.text(b));
                }
                TextIs => {
                    let op = StrOp::from_number(imm).ok_or(Stop::Invalid)?;
                    self.pay(a, b)?;
                    test!(self.text_is(op, a, b));
                }
                Matches => {
                    self.pay(a, a)?;
                    let text = self.text(a);
                    test!(self.env.regexes.is_match(imm, text));
                }

                Hit => test!(self.patterns().hit(wide)),
                HitAt => test!(self.patterns().hit_at(wide, self.num(a))),
                HitIn => test!(self.patterns().hit_in(
                    wide,
                    self.num(a),
                    self.num(b)
                )),
                Count => self.set(a, self.patterns().count(wide)),
                CountIn => self.count_in(inst, wide),
                Offset => some!(self.patterns().offset(wide, self.num(b))),
                Length => some!(self.patterns().length(wide, self.num(b))),
                HitVar => test!(self.patterns().hit(self.num(imm))),
                HitAtVar => {
                    test!(self.patterns().hit_at(self.num(imm), self.num(a)))
                }
                HitInVar => test!(self.patterns().hit_in(
                    self.num(imm),
                    self.num(a),
                    self.num(b)
                )),
                CountVar => self.set(a, self.patterns().count(self.num(imm))),
                CountInVar => self.count_in(inst, self.num(imm)),
                OffsetVar => {
                    some!(self.patterns().offset(self.num(imm), self.num(b)))
                }
                LengthVar => {
                    some!(self.patterns().length(self.num(imm), self.num(b)))
                }
                Any => {
                    let set = self.range(imm, Inst::wide(inst.a, inst.b))?;
                    let patterns = self.patterns();
                    test!({ set }.any(|pattern| patterns.hit(pattern)));
                }
                All => {
                    let set = self.range(imm, Inst::wide(inst.a, inst.b))?;
                    let patterns = self.patterns();
                    test!({ set }.all(|pattern| patterns.hit(pattern)));
                }
                Of => {
                    let set = self.range(imm, Inst::wide(inst.b, inst.c))?;
                    let patterns = self.patterns();
                    let hits = set.filter(|pattern| patterns.hit(*pattern));
                    let hits = hits.count() as u64;
                    self.set(a, hits);
                }
                AnyList => {
                    let patterns = self.patterns();
                    let list = self.list(imm)?;
                    test!(listed(list).any(|pattern| patterns.hit(pattern)));
                }
                AllList => {
                    let patterns = self.patterns();
                    let list = self.list(imm)?;
                    test!(listed(list).all(|pattern| patterns.hit(pattern)));
                }
                OfList => {
                    let patterns = self.patterns();
                    self.tally(a, imm, |pattern| patterns.hit(pattern))?;
                }
                OfAt => {
                    let (patterns, offset) = (self.patterns(), self.num(b));
                    self.tally(a, imm, |pattern| {
                        patterns.hit_at(pattern, offset)
                    })?;
                }
                OfIn => {
                    let patterns = self.patterns();
                    let (lo, hi) = (self.num(b), self.num(c));
                    self.tally(a, imm, |pattern| {
                        patterns.hit_in(pattern, lo, hi)
                    })?;
                }

                ArgInt => self.arg(a, Slot::Int(b)),
                ArgFloat => self.arg(a, Slot::Float(b)),
                ArgBool => self.arg(a, Slot::Bool(b)),
                ArgText => self.arg(a, Slot::Text(b)),
                ArgRegex => self.arg(a, Slot::Regex(imm)),
                FieldInt | FieldFloat | FieldBool | FieldText => {
                    if !self.field(op, inst)? {
                        at = inst.to.get() as usize;
                    }
                }
                Items => some!(self.items(inst)),
                Key => {
                    if !self.key(inst)? {
                        at = inst.to.get() as usize;
                    }
                }
                CallInt | CallFloat | CallBool | CallText => {
                    if !self.call(op, inst)? {
                        at = inst.to.get() as usize;
                    }
                }
            }
        }
    }

    /// The next index, from that in `a` to that in `b`, at which an integer
    /// is.
    fn seek(
        &mut self,
        a: u16,
        b: u16,
        operand: u16,
        value: u32,
    ) -> Result<Option<u64>, Stop> {
        let (number, ahead) = Inst::kind_ahead(operand);
        let (kind, ahead) = (kind(number)?, i64::from(ahead));
        let first = self.int(a).saturating_add(ahead).max(0);
        let last = self.int(b).saturating_add(ahead);
        let place = |offset: i64| usize::try_from(offset).ok();
        let (Some(mut from), Some(last)) = (place(first), place(last)) else {
            return Ok(None);
        };
        let data = self.env.data;
        if let Some(space) = self.env.space {
            let range = (from as u64, last as u64);
            let found = self.seek_in(space, kind, range, value)?;
            return Ok(found.map(|at| (at as i64 - ahead) as u64));
        }
        let end = last.saturating_add(1).min(data.len());
        while from < end {
            let part = end.min(from.saturating_add(SEEK));
            let found = kind.find(data, (from, part), value);
            let passed = found.unwrap_or(part).saturating_sub(from);
            // Sixteen bytes at once, at least.
            self.env.budget.charge(1 + passed as u64 / 16)?;
            if let Some(found) = found {
                return Ok(Some((found as i64 - ahead) as u64));
            }
            from = part;
        }
        Ok(None)
    }

    fn refer(&mut self, register: u16, space: Space) {
        if let Some(text) = self.text_mut(register) {
            text.refer(space);
        }
    }

    fn move_text(&mut self, to: u16, from: u16) -> Result<(), Stop> {
        self.pay(from, from)?;
        let (to, from) = (usize::from(to), usize::from(from));
        if let Ok([to, from]) = self.frame.texts.get_disjoint_mut([to, from]) {
            match from.space {
                Space::Own => to.copy(&from.bytes),
                space => to.refer(space),
            }
        }
        Ok(())
    }

    fn text_is(&mut self, op: StrOp, a: u16, b: u16) -> bool {
        let mut scratch = std::mem::take(&mut self.frame.folded);
        let holds = op.holds(self.text(a), self.text(b), &mut scratch);
        self.frame.folded = scratch;
        holds
    }

    fn entrypoint(&mut self) -> Option<u64> {
        let (data, space) = (self.env.data, self.env.space);
        let find = || match space {
            Some(space) => entrypoint_in(space),
            None => entrypoint(data),
        };
        let found = self.env.entrypoint.get_or_insert_with(find);
        found.map(|offset| offset as u64)
    }

    /// Item of a list; 0 past its end.
    fn item(&self, list: u32, position: u16) -> u32 {
        let position = usize::try_from(self.num(position)).ok();
        let list = self.env.pools.list(list);
        position.and_then(|at| list.get(at)).map_or(0, |item| item.get())
    }

    fn list(
        &mut self,
        list: u32,
    ) -> Result<&'e [zerocopy::little_endian::U32], Stop> {
        let pools: &'e P = self.env.pools;
        let list = pools.list(list);
        self.env.budget.charge(list.len() as u64 / 8)?;
        Ok(list)
    }

    fn range(
        &mut self,
        first: u32,
        count: u32,
    ) -> Result<impl Iterator<Item = u64> + use<'e, P>, Stop> {
        let count = count.min(self.code.patterns);
        self.env.budget.charge(u64::from(count) / 8)?;
        Ok(self.patterns().range(first, count))
    }

    fn tally(
        &mut self,
        to: u16,
        list: u32,
        holds: impl Fn(u64) -> bool,
    ) -> Result<(), Stop> {
        let list = self.list(list)?;
        let hits = listed(list).filter(|pattern| holds(*pattern)).count();
        self.set(to, hits as u64);
        Ok(())
    }

    fn count_in(&mut self, inst: &Inst, pattern: u64) {
        let (lo, hi) = (self.num(inst.b.get()), self.num(inst.c.get()));
        let count = self.patterns().count_in(pattern, lo, hi);
        self.set(inst.a.get(), count);
    }
}

fn kind(number: u16) -> Result<ReadKind, Stop> {
    ReadKind::from_number(number).ok_or(Stop::Invalid)
}

fn shl(value: u64, by: u64) -> u64 {
    let by = u32::try_from(by).unwrap_or(u32::MAX);
    value.checked_shl(by).unwrap_or(0)
}

/// Number of ints in `lo..=hi`.
fn span(lo: i64, hi: i64) -> u64 {
    let span = i128::from(hi) - i128::from(lo) + 1;
    span.clamp(0, i128::from(i64::MAX)) as u64
}

/// How many of `count` are `percent` of them; a number that no count reaches
/// if the percentage is negative.
fn percent(percent: i64, count: u64) -> u64 {
    match u128::try_from(percent) {
        Ok(percent) => {
            let need = (percent * u128::from(count)).div_ceil(100);
            u64::try_from(need).unwrap_or(u64::MAX)
        }
        Err(_) => u64::MAX,
    }
}
