//! The `macho` module: its tables.

mod constants;
mod schema;

pub(crate) use schema::SCHEMA;
