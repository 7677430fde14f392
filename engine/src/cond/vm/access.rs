//! Access to modules: fields, items, keys and functions.

use super::Vm;
use crate::cond::frame::Slot;
use crate::cond::op::{Inst, Op};
use crate::cond::{Budget, MAX_ARGS, MAX_PATH, Pools, Regexes, Stop};
use crate::module::{Arg, CallCx, Fields, Index, RegexArg, Value};

impl<'e, 'd, P: Pools + ?Sized> Vm<'_, 'e, 'd, P> {
    /// Sets an argument or index of the access that follows.
    pub(super) fn arg(&mut self, place: u16, slot: Slot) {
        if let Some(to) = self.frame.args.get_mut(usize::from(place)) {
            *to = slot;
        }
    }

    /// Reads a field into a register; false if it is undefined.
    pub(super) fn field(&mut self, op: Op, inst: &Inst) -> Result<bool, Stop> {
        self.env.budget.charge(1)?;
        let Some(place) = self.place(inst) else { return Ok(false) };
        let mut buffer = NO_INDEX;
        let index = self.frame.indexes(
            usize::from(inst.b.get()),
            self.env.pools,
            self.env.externals,
            &mut buffer,
        );
        let value = place.fields.get(place.path(), index);
        self.store(op, inst.a.get(), value)
    }

    /// Number of items of an array or map.
    pub(super) fn items(&mut self, inst: &Inst) -> Option<u64> {
        let place = self.place(inst)?;
        let mut buffer = NO_INDEX;
        let index = self.frame.indexes(
            usize::from(inst.b.get()),
            self.env.pools,
            self.env.externals,
            &mut buffer,
        );
        let items = place.fields.len(place.path(), index)?;
        Some(items.min(i64::MAX as u64))
    }

    /// Reads the key at a position; false if there is none.
    pub(super) fn key(&mut self, inst: &Inst) -> Result<bool, Stop> {
        let Some(place) = self.place(inst) else { return Ok(false) };
        let mut buffer = NO_INDEX;
        let index = self.frame.indexes(
            usize::from(inst.b.get()),
            self.env.pools,
            self.env.externals,
            &mut buffer,
        );
        let position = self.num(inst.c.get());
        let key = place.fields.key(place.path(), index, position);
        self.store(Op::FieldText, inst.a.get(), key.map(Value::Bytes))
    }

    /// Calls a function; false if its result is undefined.
    pub(super) fn call(&mut self, op: Op, inst: &Inst) -> Result<bool, Stop> {
        self.env.budget.charge(1)?;
        let Some(place) = self.place(inst) else { return Ok(false) };
        let [from, count] = inst.b.get().to_le_bytes().map(usize::from);
        let (pools, externals) = (self.env.pools, self.env.externals);
        let frame = &*self.frame;
        let slots = frame.args.get(from..from + count);
        let slots = slots.ok_or(Stop::Invalid)?;

        let mut regexes = [const { None }; MAX_ARGS];
        for (regex, slot) in regexes.iter_mut().zip(slots) {
            if let Slot::Regex(id) = *slot {
                *regex = Some(Operand { all: self.env.regexes, id });
            }
        }
        let mut args = [Arg::Int(0); MAX_ARGS];
        for ((arg, slot), regex) in args.iter_mut().zip(slots).zip(&regexes) {
            let num = |register: u16| frame.num(register.into());
            *arg = match (*slot, regex) {
                (Slot::Int(from), _) => Arg::Int(num(from) as i64),
                (Slot::Float(from), _) => {
                    Arg::Float(f64::from_bits(num(from)))
                }
                (Slot::Bool(from), _) => Arg::Bool(num(from) != 0),
                (Slot::Text(from), _) => {
                    Arg::Bytes(frame.text(from, pools, externals))
                }
                (Slot::Regex(_), Some(regex)) => Arg::Regex(regex),
                (Slot::Regex(_) | Slot::Nothing, _) => Arg::Int(0),
            };
        }
        let mut buffer = NO_INDEX;
        let index = frame.indexes(from, pools, externals, &mut buffer);
        let mut cx = Calls {
            console: &mut *self.env.console,
            budget: &mut self.env.budget,
        };
        let value = place.fields.call(
            place.path(),
            inst.c.get(),
            index,
            args.get(..count).unwrap_or(&[]),
            &mut cx,
        );
        if let Some(stop) = self.env.budget.stopped() {
            return Err(stop);
        }
        self.store(op, inst.a.get(), value)
    }

    fn place(&self, inst: &Inst) -> Option<Place<'e, 'd>> {
        let modules = self.env.modules;
        let pools: &'e P = self.env.pools;
        let field = pools.field(inst.imm.get());
        let fields = modules.module(field.module)?;
        let mut place =
            Place { fields, path: [0; MAX_PATH], steps: field.path.len() };
        if place.steps > MAX_PATH {
            return None;
        }
        for (to, step) in place.path.iter_mut().zip(field.path) {
            *to = step.get();
        }
        Some(place)
    }

    fn store(
        &mut self,
        op: Op,
        to: u16,
        value: Option<Value<'_>>,
    ) -> Result<bool, Stop> {
        let bits = match (op, value) {
            (Op::FieldText | Op::CallText, Some(Value::Bytes(bytes))) => {
                self.env.budget.charge(bytes.len() as u64)?;
                if let Some(text) = self.frame.texts.get_mut(usize::from(to)) {
                    text.copy(&bytes);
                }
                return Ok(true);
            }
            (Op::FieldInt | Op::CallInt, Some(Value::Int(value))) => {
                value as u64
            }
            (Op::FieldFloat | Op::CallFloat, Some(Value::Float(value))) => {
                value.to_bits()
            }
            (Op::FieldBool | Op::CallBool, Some(Value::Bool(value))) => {
                u64::from(value)
            }
            // A value of another type than the schema says counts as none.
            _ => return Ok(false),
        };
        self.set(to, bits);
        Ok(true)
    }
}

const NO_INDEX: [Index<'static>; MAX_ARGS] = [Index::Int(0); MAX_ARGS];

/// A member of an opened module.
struct Place<'e, 'd> {
    fields: &'e dyn Fields<'d>,
    path: [u16; MAX_PATH],
    steps: usize,
}

impl Place<'_, '_> {
    fn path(&self) -> &[u16] {
        self.path.get(..self.steps).unwrap_or(&[])
    }
}

/// A regular expression as argument.
struct Operand<'e> {
    all: &'e dyn Regexes,
    id: u32,
}

impl RegexArg for Operand<'_> {
    fn is_match(&self, text: &[u8]) -> bool {
        self.all.is_match(self.id, text)
    }
}

/// What functions may do.
struct Calls<'c, 'b> {
    console: &'c mut dyn FnMut(String),
    budget: &'c mut Budget<'b>,
}

impl CallCx for Calls<'_, '_> {
    fn console(&mut self, message: String) {
        (self.console)(message);
    }

    fn charge(&mut self, units: u64) -> bool {
        self.budget.charge(units).is_ok()
    }
}
