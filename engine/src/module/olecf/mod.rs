//! `olecf`: streams of OLE compound files.

pub(super) mod compound;
mod schema;
#[cfg(test)]
pub(super) mod tests;
pub(super) mod tree;

use super::node::{Node, array, members, record};
use super::parsed::{self, Parser};
use super::schema::Schema;
use super::{Fields, Module, OpenCx};
use compound::Compound;
use schema::{OLECF, STREAM};

pub(crate) use schema::SCHEMA;

/// The module.
pub(super) struct Olecf;

impl Module for Olecf {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        parsed::open(&SCHEMA, cx, Compound::open(cx.data))
    }
}

impl<'d> Parser<'d> for Compound<'d> {
    fn member(&self, at: u16) -> Option<Node<'d>> {
        members!(OLECF, at;
            is_olecf: true,
            streams: array(self.entries().iter().map(|entry| {
                record!(STREAM {
                    name: entry.name.clone(),
                    type: entry.kind,
                    size: entry.size,
                })
            })),
        )
    }
}
