//! Modules: what a rule can read about an object beyond its bytes.
//!
//! A module is a static [`schema`] plus an implementation that is opened for
//! one object and computes values only when asked.

mod authenticode;
mod call;
mod console;
mod crx;
mod cuckoo;
#[allow(dead_code)]
mod cursor;
pub mod data;
mod dex;
pub mod docs;
mod dotnet;
pub mod dump;
mod elf;
pub mod given;
mod hash;
#[cfg(test)]
mod hostile;
mod lnk;
mod macho;
mod magic;
mod math;
mod msi;
mod node;
mod olecf;
mod parsed;
mod pe;
pub mod registry;
pub mod schema;
mod string;
mod table;
#[cfg(test)]
mod testing;
mod time;
mod unparsed;
mod vba;
mod vt;
mod zip;

use std::borrow::Cow;

use crate::scan::Regions;
use schema::Schema;

/// A value of a field, or a result of a function.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Value<'a> {
    Int(i64),
    Float(f64),
    Bool(bool),
    Bytes(Cow<'a, [u8]>),
}

/// An index on the way to a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Index<'a> {
    /// Position in an array, from 0; may be negative or too large.
    Int(i64),
    /// Key of a map.
    Key(&'a [u8]),
}

/// Searches for a regular expression argument.
pub trait RegexArg {
    /// True if the expression matches somewhere in `text`.
    fn is_match(&self, text: &[u8]) -> bool;
}

/// An argument of a function.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub enum Arg<'a> {
    Int(i64),
    Float(f64),
    Bool(bool),
    Bytes(&'a [u8]),
    Regex(&'a dyn RegexArg),
}

/// What a module may look at when it is opened.
#[derive(Clone, Copy)]
pub struct OpenCx<'d> {
    /// The object's bytes.
    pub data: &'d [u8],
    /// Data given for this module by the user (`--module-data`).
    pub module_data: Option<&'d [u8]>,
    /// Seconds since 1970, as the caller of the scan says.
    pub now: i64,
    /// How a program in the object lies there.
    pub layout: Layout,
    /// Memory: functions over ranges read it by its addresses, in place of
    /// the bytes.
    pub memory: Option<&'d dyn Regions>,
}

impl<'d> OpenCx<'d> {
    /// A file with these bytes, in 1970.
    pub fn new(data: &'d [u8]) -> OpenCx<'d> {
        let layout = Layout::File;
        OpenCx { data, module_data: None, now: 0, layout, memory: None }
    }
}

/// How the parts of a program lie in an object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Layout {
    /// As in its file.
    #[default]
    File,
    /// As it was loaded: where something is is how far its address is from
    /// that of the object.
    Memory,
}

/// What a function may do besides computing.
pub trait CallCx {
    /// A line for `console.log`.
    fn console(&mut self, message: String);
    /// Charges work; one unit is about one byte looked at. Returns false
    /// when the scan's budget is used up: the function then returns `None`.
    fn charge(&mut self, units: u64) -> bool;
}

/// A module: its schema, and how to open it for one object.
pub trait Module: Sync {
    /// Names, types, functions and their documentation.
    fn schema(&self) -> &'static Schema;

    /// Opens the module for one object. Cheap: looks at magic numbers only.
    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd>;
}

/// An opened module. Paths are the numeric paths of [`schema`]: one member
/// index for each step; `index` has one entry for each array or map on the
/// way, in order. `None` is undefined.
pub trait Fields<'d> {
    /// A scalar field.
    fn get(&self, path: &[u16], index: &[Index<'_>]) -> Option<Value<'_>>;

    /// Number of items of an array or a map.
    fn len(&self, path: &[u16], index: &[Index<'_>]) -> Option<u64>;

    /// The key at a position of a map. There are no maps by default.
    fn key(
        &self,
        _path: &[u16],
        _index: &[Index<'_>],
        _position: u64,
    ) -> Option<Cow<'_, [u8]>> {
        None
    }

    /// A function: `signature` is its place in [`schema::Func::signatures`].
    /// There are no functions by default.
    fn call(
        &self,
        _path: &[u16],
        _signature: u16,
        _index: &[Index<'_>],
        _args: &[Arg<'_>],
        _cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        None
    }
}
