//! The `magic` module: its tables.

mod schema;

pub(crate) use schema::SCHEMA;
