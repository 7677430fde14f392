//! The `vt` module: its tables.

mod behaviour;
mod common;
mod enums;
mod metadata;
mod net;
mod schema;

pub(crate) use schema::SCHEMA;
