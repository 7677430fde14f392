//! The `pe` module: its tables.

mod constants;
mod schema;

pub(super) use schema::{SCHEMA, SIGNATURE};
