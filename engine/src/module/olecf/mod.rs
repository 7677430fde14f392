//! The `olecf` module: its tables.

mod schema;

pub(crate) use schema::SCHEMA;
