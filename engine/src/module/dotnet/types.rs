//! Names of types, as programmers write them.
//!
//! Hides signatures: types nest in each other and refer to rows of tables,
//! which may refer back. A budget ends what does not end by itself.

use std::cell::Cell;
use std::collections::HashMap;

use super::metadata::{Metadata, compressed, compressed_signed};
use super::tables::{
    GENERIC_PARAM, NESTED_CLASS, Place, TYPE_DEF, TYPE_DEF_OR_REF, TYPE_REF,
    TYPE_SPEC,
};

/// Types inside types.
const DEEPEST: usize = 16;
const MAX_PARAMETERS: u32 = 1000;
const MAX_DIMENSIONS: u32 = 50;
/// Characters of names and steps for all types of a file.
const BUDGET: usize = 1 << 24;

/// Names the types of a file.
pub(super) struct Types<'m, 'd> {
    metadata: &'m Metadata<'d>,
    /// The types in which others are nested.
    enclosing: HashMap<usize, usize>,
    generic: HashMap<Place, Vec<&'d str>>,
    left: Cell<usize>,
}

/// The names that stand for types in a signature.
#[derive(Clone, Copy)]
pub(super) struct Generic<'g, 'd> {
    pub(super) of_class: &'g [&'d str],
    pub(super) of_method: &'g [&'d str],
}

impl<'m, 'd> Types<'m, 'd> {
    pub(super) fn new(metadata: &'m Metadata<'d>) -> Self {
        let mut enclosing = HashMap::new();
        for row in 0..metadata.rows(NESTED_CLASS) {
            let place =
                |column| metadata.tables()?.place(NESTED_CLASS, row, column);
            if let (Some(inner), Some(outer)) = (place(0), place(1))
                && inner != outer
            {
                enclosing.entry(inner.row).or_insert(outer.row);
            }
        }
        let mut generic: HashMap<Place, Vec<&'d str>> = HashMap::new();
        for row in 0..metadata.rows(GENERIC_PARAM) {
            let tables = metadata.tables();
            let owner = tables.and_then(|t| t.place(GENERIC_PARAM, row, 2));
            let name = metadata.text(GENERIC_PARAM, row, 3);
            if let (Some(owner), Some(name)) = (owner, name) {
                generic.entry(owner).or_default().push(name);
            }
        }
        Self { metadata, enclosing, generic, left: Cell::new(BUDGET) }
    }

    /// The type parameters of a class or a method.
    pub(super) fn parameters(&self, table: u8, row: usize) -> &[&'d str] {
        self.generic.get(&Place { table, row }).map_or(&[], Vec::as_slice)
    }

    /// Takes from the budget.
    pub(super) fn pay(&self, units: usize) -> Option<()> {
        self.left.set(self.left.get().checked_sub(units)?);
        Some(())
    }

    /// The name of a class with those around it.
    pub(super) fn full_name(&self, row: usize) -> Option<String> {
        let mut parts = Vec::new();
        let mut next = Some(row);
        while let Some(row) = next {
            if parts.len() >= DEEPEST {
                return None;
            }
            let flags = self.metadata.number(TYPE_DEF, row, 0)?;
            let text = |column| {
                let text = self.metadata.text(TYPE_DEF, row, column)?;
                (!text.is_empty()).then_some(text)
            };
            let name = text(1)?;
            self.pay(name.len())?;
            parts.push(plain(name));
            parts.extend(text(2));
            let nested = flags & 7 >= 2;
            next = self.enclosing.get(&row).copied().filter(|_| nested);
        }
        parts.reverse();
        let name = parts.join(".");
        self.pay(name.len())?;
        Some(name)
    }

    /// The name of a type that a table refers to.
    pub(super) fn name(
        &self,
        place: Place,
        depth: &mut usize,
        generic: Generic<'_, 'd>,
    ) -> Option<String> {
        let row = place.row;
        match place.table {
            TYPE_DEF => self.full_name(row),
            TYPE_REF => {
                let name = plain(self.metadata.text(TYPE_REF, row, 1)?);
                self.pay(name.len())?;
                Some(match self.metadata.text(TYPE_REF, row, 2) {
                    Some(namespace) => {
                        self.pay(namespace.len())?;
                        format!("{namespace}.{name}")
                    }
                    None => name.to_owned(),
                })
            }
            TYPE_SPEC => {
                let mut signature = self.metadata.blob(TYPE_SPEC, row, 0)?;
                let mut name = String::new();
                self.read(&mut signature, &mut name, depth, generic)?;
                Some(name)
            }
            _ => None,
        }
    }

    /// Reads a type and appends its name.
    pub(super) fn read(
        &self,
        signature: &mut &[u8],
        name: &mut String,
        depth: &mut usize,
        generic: Generic<'_, 'd>,
    ) -> Option<()> {
        if *depth == DEEPEST {
            return None;
        }
        self.pay(16)?;
        let kind = *signature.split_off_first()?;
        *depth += 1;
        let simple = match kind {
            0x01 => "void",
            0x02 => "bool",
            0x03 => "char",
            0x04 => "sbyte",
            0x05 => "byte",
            0x06 => "short",
            0x07 => "ushort",
            0x08 => "int",
            0x09 => "uint",
            0x0a => "long",
            0x0b => "ulong",
            0x0c => "float",
            0x0d => "double",
            0x0e => "string",
            0x16 => "TypedReference",
            0x18 => "IntPtr",
            0x19 => "UintPtr",
            0x1c => "object",
            _ => "",
        };
        name.push_str(simple);
        match kind {
            _ if !simple.is_empty() => {}
            0x0f => {
                name.push_str("Ptr<");
                self.read(signature, name, depth, generic)?;
                name.push('>');
            }
            0x10 => {
                name.push_str("ref ");
                self.read(signature, name, depth, generic)?;
            }
            0x11 | 0x12 => {
                let coded = compressed(signature)?;
                let place = Place::decode(&TYPE_DEF_OR_REF, coded)?;
                let inner = self.name(place, depth, generic)?;
                self.pay(inner.len())?;
                name.push_str(&inner);
            }
            0x13 | 0x1e => {
                let of = match kind {
                    0x13 => generic.of_class,
                    _ => generic.of_method,
                };
                let parameter = of.get(compressed(signature)? as usize)?;
                self.pay(parameter.len())?;
                name.push_str(parameter);
            }
            0x14 => {
                self.read(signature, name, depth, generic)?;
                read_bounds(signature, name)?;
            }
            0x15 => {
                self.read(signature, name, depth, generic)?;
                let count = compressed(signature)?;
                name.push('<');
                self.read_list(signature, name, depth, generic, count, ",")?;
                name.push('>');
            }
            0x1b => {
                signature.split_off_first()?;
                let count = compressed(signature)?;
                name.push_str("FnPtr<");
                self.read(signature, name, depth, generic)?;
                name.push('(');
                self.read_list(signature, name, depth, generic, count, ", ")?;
                name.push_str(")>");
            }
            0x1d => {
                self.read(signature, name, depth, generic)?;
                name.push_str("[]");
            }
            0x1f | 0x20 => {
                compressed(signature)?;
                self.read(signature, name, depth, generic)?;
            }
            _ => return None,
        }
        *depth -= 1;
        Some(())
    }

    fn read_list(
        &self,
        signature: &mut &[u8],
        name: &mut String,
        depth: &mut usize,
        generic: Generic<'_, 'd>,
        count: u32,
        between: &str,
    ) -> Option<()> {
        if count >= MAX_PARAMETERS {
            return None;
        }
        for at in 0..count {
            if at > 0 {
                name.push_str(between);
            }
            self.read(signature, name, depth, generic)?;
        }
        Some(())
    }
}

/// Leaves out the number of type parameters.
fn plain(name: &str) -> &str {
    name.rsplit_once('`').map_or(name, |(name, _)| name)
}

/// Reads the dimensions of an array.
fn read_bounds(signature: &mut &[u8], name: &mut String) -> Option<()> {
    let few = |count: Option<u32>| count.filter(|&n| n <= MAX_DIMENSIONS);
    let dimensions = few(compressed(signature))? as usize;
    let count = few(compressed(signature))?;
    let sizes: Vec<i64> = (0..count)
        .map(|_| compressed(signature).map(i64::from))
        .collect::<Option<_>>()?;
    let count = few(compressed(signature))?;
    let lower: Vec<i64> = (0..count)
        .map(|_| compressed_signed(signature).map(i64::from))
        .collect::<Option<_>>()?;
    let bounds: Vec<String> = (0..dimensions)
        .map(|at| match (lower.get(at), sizes.get(at)) {
            (Some(0) | None, Some(size)) => size.to_string(),
            (Some(low), Some(&size @ 1..)) => {
                format!("{low}...{}", low + size - 1)
            }
            (Some(low), None) => format!("{low}..."),
            _ => String::new(),
        })
        .collect();
    name.push('[');
    name.push_str(&bounds.join(","));
    name.push(']');
    Some(())
}
