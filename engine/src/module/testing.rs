//! Calls functions of modules in tests.

use std::cell::{Cell, RefCell};

use super::registry::find;
use super::schema::Struct;
use super::{Arg, CallCx, OpenCx, Value};

/// A module and what it is opened with.
pub(super) struct Call<'d> {
    module: &'static str,
    data: &'d [u8],
    pub(super) module_data: Option<&'d [u8]>,
    pub(super) now: i64,
    /// What may still be charged.
    pub(super) budget: Cell<u64>,
    lines: RefCell<Vec<String>>,
}

impl<'d> Call<'d> {
    pub(super) fn new(module: &'static str, data: &'d [u8]) -> Self {
        Self {
            module,
            data,
            module_data: None,
            now: 0,
            budget: Cell::new(u64::MAX),
            lines: RefCell::new(Vec::new()),
        }
    }

    /// Opens the module and calls the function of this dotted name.
    pub(super) fn call(
        &self,
        name: &str,
        args: &[Arg<'_>],
    ) -> Option<Value<'static>> {
        self.calls(name, &[args]).pop().unwrap()
    }

    /// Opens the module once and calls the function several times.
    pub(super) fn calls(
        &self,
        name: &str,
        all: &[&[Arg<'_>]],
    ) -> Vec<Option<Value<'static>>> {
        let (_, module) = find(self.module).unwrap();
        let path = path(module.schema().root, name);
        let fields = module.open(OpenCx {
            data: self.data,
            module_data: self.module_data,
            now: self.now,
        });
        let call = |args: &&[Arg<'_>]| {
            let mut cx = self;
            fields.call(&path, 0, &[], args, &mut cx).map(owned)
        };
        all.iter().map(call).collect()
    }

    /// The lines logged so far.
    pub(super) fn lines(&self) -> Vec<String> {
        self.lines.borrow().clone()
    }
}

impl CallCx for &Call<'_> {
    fn console(&mut self, message: String) {
        self.lines.borrow_mut().push(message);
    }

    fn charge(&mut self, units: u64) -> bool {
        let left = self.budget.get().checked_sub(units);
        self.budget.set(left.unwrap_or(0));
        left.is_some()
    }
}

fn path(root: &'static Struct, name: &str) -> Vec<u16> {
    let mut at = root;
    let steps = name.split('.').map(|step| {
        let (index, member) = at.member(step).unwrap();
        at = member.ty.structure().unwrap_or(at);
        index
    });
    steps.collect()
}

fn owned(value: Value<'_>) -> Value<'static> {
    match value {
        Value::Int(int) => Value::Int(int),
        Value::Float(float) => Value::Float(float),
        Value::Bool(bool) => Value::Bool(bool),
        Value::Bytes(bytes) => Value::Bytes(bytes.into_owned().into()),
    }
}
