//! The `elf` module: its tables.

mod constants;
mod schema;

pub(crate) use schema::SCHEMA;
