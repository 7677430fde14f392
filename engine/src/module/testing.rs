//! Calls functions of modules in tests.

use std::cell::{Cell, RefCell};

use super::registry::find;
use super::schema::{Schema, Struct};
use super::{Arg, CallCx, Fields, Index, OpenCx, Value};

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
            module_data: self.module_data,
            now: self.now,
            ..OpenCx::new(self.data)
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

/// A module opened for the bytes of a file, asked by dotted names: numbers
/// in them are places in arrays, as in `sections.0.name`.
pub(super) struct File<'d> {
    schema: &'static Schema,
    fields: Box<dyn Fields<'d> + 'd>,
}

impl<'d> File<'d> {
    pub(super) fn open(module: &str, data: &'d [u8]) -> Self {
        let (_, module) = find(module).unwrap();
        let cx = OpenCx::new(data);
        Self { schema: module.schema(), fields: module.open(cx) }
    }

    pub(super) fn get(&self, name: &str) -> Option<Value<'_>> {
        let (path, index) = self.split(name);
        self.fields.get(&path, &index)
    }

    pub(super) fn len(&self, name: &str) -> Option<u64> {
        let (path, index) = self.split(name);
        self.fields.len(&path, &index)
    }

    pub(super) fn call(
        &self,
        name: &str,
        args: &[Arg<'_>],
    ) -> Option<Value<'_>> {
        let (path, index) = self.split(name);
        let mut cx = &Call::new(self.schema.name, b"");
        self.fields.call(&path, 0, &index, args, &mut cx)
    }

    pub(super) fn has_ints(&self, expected: &[(&str, i64)]) {
        for (name, value) in expected {
            assert_eq!(self.get(name), Some(Value::Int(*value)), "{name}");
        }
    }

    pub(super) fn has_texts(&self, expected: &[(&str, &[u8])]) {
        for (name, value) in expected {
            let value = Value::Bytes((*value).into());
            assert_eq!(self.get(name), Some(value), "{name}");
        }
    }

    fn split(&self, name: &str) -> (Vec<u16>, Vec<Index<'static>>) {
        let is_number = |step: &&str| step.parse::<i64>().is_ok();
        let (numbers, names): (Vec<&str>, Vec<&str>) =
            name.split('.').partition(is_number);
        let index = numbers.iter().map(|n| Index::Int(n.parse().unwrap()));
        (path(self.schema.root, &names.join(".")), index.collect())
    }
}

/// Writes numbers in the order and width of an image that a test makes.
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
    pub(super) wide: bool,
    pub(super) big: bool,
}

impl Writer {
    pub(super) fn put(&mut self, value: u64, size: usize) {
        let mut bytes = value.to_le_bytes()[..size].to_vec();
        if self.big {
            bytes.reverse();
        }
        self.bytes.extend(bytes);
    }

    pub(super) fn halves(&mut self, values: &[u64]) {
        values.iter().for_each(|value| self.put(*value, 2));
    }

    pub(super) fn quads(&mut self, values: &[u64]) {
        values.iter().for_each(|value| self.put(*value, 4));
    }

    pub(super) fn words(&mut self, values: &[u64]) {
        let size = if self.wide { 8 } else { 4 };
        values.iter().for_each(|value| self.put(*value, size));
    }
}

/// The bytes that hexadecimal digits stand for.
pub(super) fn unhex(digits: &str) -> Vec<u8> {
    let (pairs, odd) = digits.as_bytes().as_chunks::<2>();
    assert!(odd.is_empty());
    let byte = |pair: &[u8; 2]| {
        let pair = std::str::from_utf8(pair).unwrap();
        u8::from_str_radix(pair, 16).unwrap()
    };
    pairs.iter().map(byte).collect()
}
